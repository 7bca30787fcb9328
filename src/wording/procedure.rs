//! Refusals about procedures, and the words of their states, forms and members.
use domain::{
    french,
    purchasing::{
        award::LotOutcome,
        procedure::{Lack, ProcedureError, ProcedureEvent, ProcedureForm, ProcedureState},
        thresholds::{Duty, PurchaseNature},
    },
};

/// The word of a state.
#[must_use]
pub fn state(state: ProcedureState) -> &'static str {
    match state {
        ProcedureState::Preparing => "En préparation",
        ProcedureState::Published => "Lancée",
        ProcedureState::Done => "Terminée",
    }
}

/// The name of a form.
#[must_use]
pub fn form(form: ProcedureForm) -> &'static str {
    match form {
        ProcedureForm::None => "Sans publicité ni mise en concurrence",
        ProcedureForm::Adapted => "Procédure adaptée (MAPA)",
        ProcedureForm::OpenTender => "Appel d’offres ouvert",
        ProcedureForm::RestrictedTender => "Appel d’offres restreint",
        ProcedureForm::Negotiated => "Procédure avec négociation",
        ProcedureForm::CompetitiveDialogue => "Dialogue compétitif",
    }
}

/// The name of a nature.
#[must_use]
pub fn nature(nature: PurchaseNature) -> &'static str {
    match nature {
        PurchaseNature::SuppliesServices => "Fournitures et services",
        PurchaseNature::Works => "Travaux",
    }
}

/// What a threshold calls for, in a word.
#[must_use]
pub fn duty(duty: Duty) -> &'static str {
    match duty {
        Duty::Adapted => "mise en concurrence",
        Duty::Publicity => "publicité",
        Duty::Formal => "procédure formalisée",
    }
}

/// The word of a lot's outcome.
#[must_use]
pub fn outcome(outcome: LotOutcome) -> &'static str {
    match outcome {
        LotOutcome::Awarded => "Attribué",
        LotOutcome::NoTender => "Infructueux",
        LotOutcome::Dropped => "Sans suite",
    }
}

/// What a member lacks.
#[must_use]
pub fn lack(lack: Lack) -> &'static str {
    match lack {
        Lack::Membership => "n’est pas membre du groupement",
        Lack::Decision => "décision d’adhésion absente ou pas encore exécutoire",
        Lack::Signature => "convention non signée",
    }
}

pub(super) fn procedure(error: &ProcedureError) -> String {
    match error {
        ProcedureError::NotAllowed { from, event } => not_allowed(*from, *event),
        ProcedureError::NoRound => {
            "Une consultation part d’au moins une campagne close. Choisissez-en une.".to_owned()
        }
        ProcedureError::RoundNotClosed => {
            "Une campagne de cette consultation n’est pas close\u{a0}: ses quantités peuvent \
             encore changer."
                .to_owned()
        }
        ProcedureError::SeveralGroupings => {
            "Les campagnes choisies sont de plusieurs groupements. Une consultation sert un seul \
             groupement."
                .to_owned()
        }
        ProcedureError::RoundTaken => {
            "Une des campagnes choisies a déjà donné une consultation.".to_owned()
        }
        ProcedureError::MembersNotReady { members: 1 } => {
            "Un membre n’a pas de décision exécutoire ou n’a pas signé la convention. Attendez-le, \
             ou mettez-le de côté."
                .to_owned()
        }
        ProcedureError::MembersNotReady { members } => format!(
            "{members}\u{a0}membres n’ont pas de décision exécutoire ou n’ont pas signé la \
             convention. Attendez-les, ou mettez-les de côté."
        ),
        ProcedureError::NobodyLeft => {
            "Aucun membre ne reste dans cette consultation\u{a0}: il n’y a rien à acheter."
                .to_owned()
        }
        ProcedureError::NoNeed => {
            "Ce membre n’a déclaré aucun besoin dans les campagnes de cette consultation."
                .to_owned()
        }
        ProcedureError::LotsDecided { .. } => {
            "Un lot de cette consultation est déjà décidé\u{a0}: les offres répondaient aux \
             quantités du lancement, qui ne changent plus."
                .to_owned()
        }
        ProcedureError::MembersAnswering { members: 1 } => {
            "Une campagne est rouverte pour un membre, qui n’a pas encore transmis ses besoins\u{a0}: \
             attendez sa réponse, ou saisissez-la pour son compte."
                .to_owned()
        }
        ProcedureError::MembersAnswering { members } => format!(
            "Une campagne est rouverte pour {members}\u{a0}membres, qui n’ont pas encore transmis \
             leurs besoins\u{a0}: attendez leurs réponses, ou saisissez-les pour leur compte."
        ),
        ProcedureError::NothingLeft => {
            "Les membres retenus au lancement ne déclarent plus rien\u{a0}: déclarez plutôt les \
             lots sans suite."
                .to_owned()
        }
        ProcedureError::OffersDueTooEarly { from, due } => format!(
            "La remise des offres, le {}, précède la publication ou le lancement, le {}.",
            french::date(*due),
            french::date(*from)
        ),
        ProcedureError::BoardBeforeLaunch { launched, cao } => format!(
            "La commission d’appel d’offres du {} précède le lancement du {}.",
            french::date(*cao),
            french::date(*launched)
        ),
    }
}

fn not_allowed(from: ProcedureState, event: ProcedureEvent) -> String {
    let is = match from {
        ProcedureState::Preparing => "n’est pas encore lancée",
        ProcedureState::Published => "est lancée",
        ProcedureState::Done => "est terminée",
    };
    let cannot = match event {
        ProcedureEvent::ChooseMembers => "la liste de ses membres ne change plus",
        ProcedureEvent::Launch => "elle ne peut pas l’être de nouveau",
        ProcedureEvent::DecideLot | ProcedureEvent::DecideLastLot => {
            "un lot ne peut pas être attribué"
        }
        ProcedureEvent::CorrectLot => "aucune attribution ne peut être corrigée",
        ProcedureEvent::RefreshDemand => "ses quantités ne peuvent pas être reprises",
        ProcedureEvent::Edit => "elle ne peut pas être modifiée",
    };
    format!("Cette consultation {is}\u{a0}: {cannot}.")
}

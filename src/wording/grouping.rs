//! Words and refusals about groupings, agreements and memberships.
use domain::{
    french,
    purchasing::{
        agreement::{AgreementError, VatPolicy},
        grouping::{
            GroupingError, GroupingEvent, GroupingKind, GroupingState, LegalBasis, Phase, Regime,
        },
        membership::{DecisionKind, MembershipError, MembershipState},
    },
};

pub(super) fn grouping(error: &GroupingError) -> String {
    match error {
        GroupingError::NotAllowed { event, .. } => match event {
            GroupingEvent::Archive => "Ce groupement est déjà archivé.".to_owned(),
            GroupingEvent::Restore => "Ce groupement n’est pas archivé.".to_owned(),
        },
        GroupingError::Archived => {
            "Ce groupement est archivé\u{a0}: remettez-le en service avant de le modifier."
                .to_owned()
        }
        GroupingError::OpenRounds { rounds: 1 } => {
            "Une campagne de ce groupement est encore ouverte. Clôturez-la avant d’archiver."
                .to_owned()
        }
        GroupingError::OpenRounds { rounds } => format!(
            "{rounds} campagnes de ce groupement sont encore ouvertes. Clôturez-les avant \
             d’archiver."
        ),
        GroupingError::CoordinatorNotEpci => {
            "Seule une intercommunalité peut acheter pour ses communes au titre de l’article \
             L5211-4-4 du CGCT. Choisissez un groupement de commandes (L2113-6)."
                .to_owned()
        }
        GroupingError::RegimeMismatch {
            regime: Regime::Intermediary,
        } => "Le régime «\u{a0}centrale d’achat intermédiaire\u{a0}» suppose une centrale d’achat \
              (L2113-2)."
            .to_owned(),
        GroupingError::RegimeMismatch { .. } => {
            "Une centrale d’achat (L2113-2) n’a ici qu’un régime\u{a0}: intermédiaire.".to_owned()
        }
        GroupingError::PhaseWithoutCoordinator { phase: named } => format!(
            "La phase «\u{a0}{}\u{a0}» n’aurait plus de coordonnateur. Désignez-en un autre d’abord.",
            phase(*named)
        ),
        GroupingError::CoordinatorNotMember => {
            "Un coordonnateur est membre du groupement. Ajoutez d’abord cet organisme.".to_owned()
        }
    }
}

pub(super) fn agreement(error: &AgreementError) -> String {
    match error {
        AgreementError::EndsBeforeStart { starts_on, ends_on } => format!(
            "La convention finirait le {} alors qu’elle commence le {}.",
            french::date(*ends_on),
            french::date(*starts_on)
        ),
        AgreementError::FeeNotAllowed => {
            "Au titre de l’article L5211-4-4 du CGCT, l’intercommunalité agit à titre gratuit pour \
             ses communes\u{a0}: aucuns frais ne peuvent être demandés. Videz le champ des frais."
                .to_owned()
        }
        AgreementError::Signed { number } => format!(
            "La version {number} de la convention est signée\u{a0}: elle ne change plus. Rédigez une \
             nouvelle version."
        ),
        AgreementError::PreviousUnsigned { number } => format!(
            "La version {number} de la convention n’est pas encore signée\u{a0}: modifiez-la plutôt \
             que d’en rédiger une autre."
        ),
    }
}

pub(super) fn membership(error: &MembershipError) -> String {
    match error {
        MembershipError::AlreadyMember { name } => {
            format!("{name} fait déjà partie du groupement.")
        }
        MembershipError::NotOfEpci { name } => format!(
            "{name} n’est pas une commune de l’intercommunalité qui coordonne\u{a0}: l’article \
             L5211-4-4 du CGCT ne permet d’acheter que pour celles-ci."
        ),
        MembershipError::Frozen => {
            "La consultation est lancée\u{a0}: la composition d’un groupement ponctuel ne change plus."
                .to_owned()
        }
        MembershipError::Left => "Cet organisme a quitté le groupement.".to_owned(),
        MembershipError::Coordinates => {
            "Cet organisme coordonne une phase du groupement. Désignez d’abord un autre \
             coordonnateur."
                .to_owned()
        }
        MembershipError::TransmittedBeforeDecided {
            decided_on,
            transmitted_on,
        } => format!(
            "La décision du {} ne peut pas avoir été transmise à la préfecture le {}.",
            french::date(*decided_on),
            french::date(*transmitted_on)
        ),
        MembershipError::InTheFuture { date } => {
            format!("La date du {} n’est pas encore passée.", french::date(*date))
        }
        MembershipError::UnknownLot => {
            "L’un de ces lots n’appartient pas à une campagne de ce groupement.".to_owned()
        }
    }
}

/// Permanent or one-off.
#[must_use]
pub fn kind(kind: GroupingKind) -> &'static str {
    match kind {
        GroupingKind::Permanent => "Permanent",
        GroupingKind::OneOff => "Ponctuel",
    }
}

/// The legal basis with its article.
#[must_use]
pub fn legal_basis(basis: &LegalBasis) -> &'static str {
    match basis {
        LegalBasis::Grouping => "Groupement de commandes (L2113-6)",
        LegalBasis::EpciForItsCommunes { .. } => {
            "Intercommunalité pour ses communes, à titre gratuit (L5211-4-4 CGCT)"
        }
        LegalBasis::CentralPurchasing => "Centrale d’achat (L2113-2)",
    }
}

/// Who signs and who pays.
#[must_use]
pub fn regime(regime: Regime) -> &'static str {
    match regime {
        Regime::EachSigns => "a. Chaque membre signe et paie",
        Regime::CoordinatorSigns => "b. Le coordonnateur signe, chaque membre paie",
        Regime::CoordinatorPays => {
            "c. Le coordonnateur signe et paie, puis demande sa part à chacun"
        }
        Regime::Intermediary => "Centrale d’achat intermédiaire",
    }
}

/// Active or archived.
#[must_use]
pub fn state(state: GroupingState) -> &'static str {
    match state {
        GroupingState::Active => "En service",
        GroupingState::Archived => "Archivé",
    }
}

/// A part of the coordinator's work.
#[must_use]
pub fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Preparation => "Préparation",
        Phase::Procedure => "Passation",
        Phase::Execution => "Exécution",
    }
}

/// Where a membership stands.
#[must_use]
pub fn membership_state(state: MembershipState) -> &'static str {
    match state {
        MembershipState::Invited => "Invité",
        MembershipState::Joined => "Membre",
        MembershipState::Left => "Parti",
    }
}

/// Who decided for the member.
#[must_use]
pub fn decision_kind(kind: DecisionKind) -> &'static str {
    match kind {
        DecisionKind::Deliberation => "Délibération",
        DecisionKind::BureauDecision => "Décision du bureau",
        DecisionKind::ByDelegation => "Décision du maire ou du président, par délégation",
        DecisionKind::Board => "Décision du conseil d’administration",
    }
}

/// On what amount members are asked.
#[must_use]
pub fn vat_policy(policy: VatPolicy) -> &'static str {
    match policy {
        VatPolicy::Gross => "Chaque membre supporte sa part TTC",
        VatPolicy::Net => "Le coordonnateur récupère la TVA et demande le HT",
    }
}

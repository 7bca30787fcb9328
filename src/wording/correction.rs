//! Corrections in words: what goes back, by which piece, and what is refused.
use domain::{
    french,
    purchasing::correction::{
        CitedTitre, Correction, CorrectionError, CorrectionEvent, CorrectionKind, CorrectionState,
    },
};

use crate::actions::purchasing::statements::Next;

pub(super) fn correction(error: &CorrectionError) -> String {
    match error {
        CorrectionError::NotAllowed { state, event } => {
            let verb = match event {
                CorrectionEvent::Record => "être enregistrée",
                CorrectionEvent::Undo => "être reprise",
                CorrectionEvent::Withdraw => "être retirée",
            };
            format!(
                "Une régularisation «\u{a0}{}\u{a0}» ne peut pas {verb}.",
                state_name(*state)
            )
        }
        CorrectionError::ExerciceMismatch {
            issued_on,
            exercice,
        } => format!(
            "Une pièce datée du {} ne peut pas être de l’exercice {exercice}.",
            french::date(*issued_on)
        ),
        CorrectionError::OtherExercice { titre, piece } => format!(
            "Le titre cité est de l’exercice {titre}, encore ouvert\u{a0}: la réduction ou \
             l’annulation est du même exercice, non de {piece}."
        ),
        CorrectionError::InFuture { issued_on, today } => format!(
            "La date de la pièce, le {}, est après aujourd’hui, le {}. Relisez l’année.",
            french::date(*issued_on),
            french::date(*today)
        ),
        CorrectionError::OnlyPayout => {
            "Seul un mandat enregistré par erreur peut être repris. Pour demander à nouveau ce \
             qu’une réduction a ôté, répartissez la facture à nouveau."
                .to_owned()
        }
        CorrectionError::VoucherTaken { number, correction } => format!(
            "La pièce {number} est déjà celle de la régularisation {correction}, au même exercice. \
             Relisez son numéro dans votre logiciel financier."
        ),
    }
}

/// « à faire », « faite », « retirée ».
#[must_use]
pub fn state_name(state: CorrectionState) -> &'static str {
    match state {
        CorrectionState::Proposed => "à faire",
        CorrectionState::Done => "faite",
        CorrectionState::Withdrawn => "retirée",
    }
}

/// « Réduction de titre », « Annulation de titre », « Mandat de remboursement ».
#[must_use]
pub fn kind_name(kind: CorrectionKind) -> &'static str {
    match kind {
        CorrectionKind::Reduction => "Réduction de titre",
        CorrectionKind::Cancellation => "Annulation de titre",
        CorrectionKind::Payout => "Mandat de remboursement",
    }
}

/// « Titre n° 1208, exercice 2026 »; nothing when no titre is cited.
#[must_use]
pub fn cited(cited: Option<&CitedTitre>) -> String {
    cited.map_or_else(String::new, |cited| {
        format!(
            "Titre n°\u{a0}{}, exercice {}",
            cited.number, cited.exercice
        )
    })
}

/// What to do in the finance software, and why by that piece.
#[must_use]
pub fn to_do(kind: CorrectionKind, one: &Correction) -> String {
    let (sum, titre) = (french::euros(one.cents), one.cited.as_ref());
    match (kind, titre) {
        (CorrectionKind::Reduction, Some(titre)) => format!(
            "Réduisez de {sum} le titre n°\u{a0}{}, dans son exercice {}.",
            titre.number, titre.exercice
        ),
        (CorrectionKind::Cancellation, Some(titre)) => format!(
            "Annulez le titre n°\u{a0}{}, dans son exercice {}\u{a0}: rien n’en est plus dû.",
            titre.number, titre.exercice
        ),
        (CorrectionKind::Payout, Some(titre)) => format!(
            "Remboursez {sum} par un mandat qui cite le titre n°\u{a0}{}\u{a0}: son exercice {} est \
             clos, il ne se réduit plus.",
            titre.number, titre.exercice
        ),
        (_, None) => format!(
            "Reversez {sum} par un mandat\u{a0}: aucun titre n’avait demandé cette somme, elle ne se \
             retranche d’aucun autre."
        ),
    }
}

/// The same to the member that gets it back.
#[must_use]
pub fn to_member(kind: CorrectionKind, one: &Correction) -> String {
    let sum = french::euros(one.cents);
    let titre = one.cited.as_ref().map_or("", |titre| titre.number.as_str());
    if let Some(piece) = &one.voucher {
        let piece = format!(
            "n°\u{a0}{} du {}",
            piece.number,
            french::date(piece.issued_on)
        );
        return match kind {
            CorrectionKind::Reduction => {
                format!("Le titre n°\u{a0}{titre} a été réduit de {sum} (pièce {piece}).")
            }
            CorrectionKind::Cancellation => {
                format!("Le titre n°\u{a0}{titre}, de {sum}, a été annulé (pièce {piece}).")
            }
            CorrectionKind::Payout => {
                format!("Le mandat {piece}, de {sum}, a été émis en votre faveur.")
            }
        };
    }
    match kind {
        CorrectionKind::Reduction => {
            format!("Une réduction du titre n°\u{a0}{titre} de {sum} sera émise.")
        }
        CorrectionKind::Cancellation => {
            format!("Le titre n°\u{a0}{titre} sera annulé\u{a0}: les {sum} ne sont plus dus.")
        }
        CorrectionKind::Payout => {
            format!("Un mandat de {sum} sera émis en votre faveur{}.", of(one))
        }
    }
}

/// « , en remboursement du titre n° 1208 de l’exercice 2025 ».
fn of(one: &Correction) -> String {
    one.cited.as_ref().map_or_else(String::new, |titre| {
        format!(
            ", en remboursement sur le titre n°\u{a0}{} de l’exercice {}",
            titre.number, titre.exercice
        )
    })
}

/// What follows from a statement, to the member that reads it.
#[must_use]
pub fn next(next: &Next) -> String {
    match next {
        Next::GivenBack(kind, one) => to_member(*kind, one),
        Next::Complement(cents) => {
            let sum = french::euros(*cents);
            format!("Un complément de {sum} vous sera demandé.")
        }
        Next::AskedAgain(cents) => format!(
            "La demande précédente, pas encore émise, est refaite\u{a0}: une somme de {} vous sera \
             demandée.",
            french::euros(*cents)
        ),
        Next::Later(cents) => format!(
            "Rien n’est encore demandé\u{a0}: votre part de {} le sera avec la prochaine demande.",
            french::euros(*cents)
        ),
        Next::Unchanged => "Rien de plus ne vous sera demandé.".to_owned(),
    }
}

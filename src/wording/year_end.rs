//! The list of a year's end in words.
use domain::purchasing::year_end::Pending;

use crate::actions::purchasing::year_end::Side;

/// « Coordonnateur », « Membre ».
#[must_use]
pub fn side(side: Side) -> &'static str {
    match side {
        Side::Coordinator => "Coordonnateur",
        Side::Member => "Membre",
    }
}

/// « Produit à recevoir », « Charge à rattacher ».
#[must_use]
pub fn direction(is_income: bool) -> &'static str {
    if is_income {
        "Produit à recevoir"
    } else {
        "Charge à rattacher"
    }
}

/// Why a sum stands in the list, seen from one side.
#[must_use]
pub fn pending(pending: Pending, side: Side) -> &'static str {
    match (pending, side) {
        (Pending::Unasked, Side::Coordinator) => "Quote-part sans titre de l’exercice",
        (Pending::Unasked, Side::Member) => "Quote-part pas encore demandée",
        (Pending::Unpaid, _) => "Facture reçue, non payée",
        (Pending::GiveBack, Side::Coordinator) => "À rendre au membre",
        (Pending::GiveBack, Side::Member) => "À recevoir du coordonnateur",
    }
}

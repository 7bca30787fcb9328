//! The French sentence of every refusal: one wording for the page, the API and the terminal.
//!
//! Every match is exhaustive, so that a new refusal stops the build here and shows the way.
use domain::Refusal;

use crate::actions::Error;

pub mod allocation;
pub mod attachment;
mod award;
pub mod clocks;
pub mod contract;
pub mod correction;
pub mod explanation;
pub mod field;
pub mod grouping;
pub mod invoice;
pub mod journal;
pub mod need;
pub mod payment;
mod people;
pub mod procedure;
pub mod round;
pub mod rule;
pub mod sharing_rule;
pub mod sheet;
mod supplier;
pub mod year_end;

pub use people::{import_outcome, role, role_meaning};

/// The sentence of a refusal, with the figures that help.
#[must_use]
pub fn refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Agreement(error) => grouping::agreement(error),
        Refusal::Allocation(error) => allocation::allocation(error),
        Refusal::Attachment(error) => attachment::attachment(error),
        Refusal::Award(error) => award::award(error),
        Refusal::Budget(error) => people::budget(error),
        Refusal::Contract(error) => contract::contract(error),
        Refusal::Correction(error) => correction::correction(error),
        Refusal::Declaration(error) => need::declaration(error),
        Refusal::Grouping(error) => grouping::grouping(error),
        Refusal::Invoice(error) => invoice::invoice(error),
        Refusal::Key(error) => invoice::key(error),
        Refusal::Membership(error) => grouping::membership(error),
        Refusal::Money(error) => field::money(error),
        Refusal::Need(error) => need::need(error),
        Refusal::Organisation(error) => people::organisation(error),
        Refusal::Payment(error) => payment::payment_refused(error),
        Refusal::Procedure(error) => procedure::procedure(error),
        Refusal::Quantity(error) => field::quantity(error),
        Refusal::Recovery(error) => invoice::recovery(error),
        Refusal::Round(error) => round::round(error),
        Refusal::SharingRule(error) => sharing_rule::sharing_rule(error),
        Refusal::Site(error) => people::site(error),
        Refusal::Supplier(error) => supplier::supplier(error),
        Refusal::User(error) => people::user(error),
    }
}

/// What an error says to the person who meets it: a title and a sentence.
#[must_use]
pub fn error(error: &Error) -> (&'static str, String) {
    match error {
        Error::Unauthenticated => (
            "Connexion nécessaire",
            "Connectez-vous pour continuer.".to_owned(),
        ),
        Error::Forbidden => (
            "Action réservée",
            "Votre rôle ne permet pas cette action. Demandez-la à l’administrateur de votre \
             organisme."
                .to_owned(),
        ),
        Error::NotFound => (
            "Page introuvable",
            "Cette page n’existe pas, ou elle ne concerne pas votre organisme.".to_owned(),
        ),
        Error::Stale => (
            "Modifié entre-temps",
            "Quelqu’un d’autre a modifié ces informations depuis que vous les avez ouvertes. \
             Relisez-les, puis recommencez."
                .to_owned(),
        ),
        Error::Invalid(fields) => {
            let cases = if fields.len() == 1 {
                "1 champ"
            } else {
                &format!("{} champs", fields.len())
            };
            ("Saisie à corriger", format!("{cases} à corriger."))
        }
        Error::Refused(refused) => ("Action refusée", refusal(refused)),
        Error::OperationReused => (
            "Opération déjà utilisée",
            "Cette opération a déjà servi pour une autre demande. Rouvrez la page et \
             recommencez."
                .to_owned(),
        ),
        Error::Busy => (
            "Service momentanément occupé",
            "La demande n’a pas été enregistrée. Réessayez dans quelques secondes.".to_owned(),
        ),
        Error::TimedOut => (
            "Délai dépassé",
            "Le service n’a pas répondu à temps. La demande a pu aboutir\u{a0}: vérifiez-le avant \
             de la renvoyer."
                .to_owned(),
        ),
        Error::Internal(_) => (
            "Erreur interne",
            "La demande n’a pas été enregistrée. L’exploitant du service en trouvera la trace \
             dans les journaux techniques."
                .to_owned(),
        ),
    }
}

//! Refusals about awards.
use domain::{french, purchasing::award::AwardError};

pub(super) fn award(error: &AwardError) -> String {
    match error {
        AwardError::PricesMissing { items: 1 } => {
            "Il manque le prix d’un article. Saisissez un prix pour chaque article du lot."
                .to_owned()
        }
        AwardError::PricesMissing { items } => format!(
            "Il manque le prix de {items}\u{a0}articles. Saisissez un prix pour chaque article du \
             lot."
        ),
        AwardError::ForeignItem => "Un prix concerne un article qui n’est pas dans ce lot.".into(),
        AwardError::DecidedBeforeLaunch {
            launched_on,
            decided_on,
        } => format!(
            "La décision est datée du {}, avant le lancement de la consultation le {}.",
            french::date(*decided_on),
            french::date(*launched_on)
        ),
        AwardError::DecidedInFuture { decided_on, today } => format!(
            "La décision est datée du {}, après aujourd’hui, le {}. Relisez l’année.",
            french::date(*decided_on),
            french::date(*today)
        ),
        AwardError::ContractSigned { number } => {
            format!("Le marché {number} est issu de cette attribution\u{a0}: elle ne change plus.")
        }
    }
}

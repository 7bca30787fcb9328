//! What is wrong with a typed value, quoted back.
use domain::{
    field::FieldProblem,
    french,
    identity::{EmailError, InseeError, PhoneError, SirenError, SiretError},
    money::MoneyError,
    number::NumberError,
    quantity::QuantityError,
    site::SiteNumberError,
};

use super::rule;

/// The sentence about one typed value.
#[must_use]
pub fn problem(problem: &FieldProblem) -> String {
    match problem {
        FieldProblem::Missing => "Renseignez ce champ.".to_owned(),
        FieldProblem::TooLong { max } => format!("Au plus {max} caractères."),
        FieldProblem::ControlCharacter => {
            "Ce texte contient un caractère invisible qui n’est pas accepté. Retapez-le.".to_owned()
        }
        FieldProblem::Number(error) => number(error),
        FieldProblem::Date { typed } => {
            format!("«\u{a0}{typed}\u{a0}» n’est pas une date. Exemple\u{a0}: 22/05/2027.")
        }
        FieldProblem::Siren(error) => siren(*error),
        FieldProblem::Siret(error) => siret(*error),
        FieldProblem::Insee(error) => insee(*error),
        FieldProblem::Email(error) => email(*error),
        FieldProblem::Phone(error) => phone(*error),
        FieldProblem::SiteNumber(error) => site_number(*error),
        FieldProblem::NotOneOf { typed } => {
            format!("«\u{a0}{typed}\u{a0}» ne fait pas partie des choix proposés.")
        }
        FieldProblem::OutOfRange { min, max } => {
            format!("La valeur doit être comprise entre {min} et {max}.")
        }
        FieldProblem::File(problem) => rule::file(problem),
        FieldProblem::Unknown { known } if known.is_empty() => {
            "Ce paramètre n’existe pas ici. Cette adresse n’en lit aucun.".to_owned()
        }
        FieldProblem::Unknown { known } => format!(
            "Ce paramètre n’existe pas ici. Paramètres possibles\u{a0}: {}.",
            known.join(", ")
        ),
    }
}

/// The sentence about a number.
#[must_use]
pub fn number(error: &NumberError) -> String {
    match error {
        NumberError::NotANumber { typed } => {
            format!("«\u{a0}{typed}\u{a0}» n’est pas un nombre. Exemple\u{a0}: 1\u{202f}234,56.")
        }
        NumberError::TooManyDecimals { typed, allowed: 0 } => {
            format!("«\u{a0}{typed}\u{a0}» n’est pas un nombre entier.")
        }
        NumberError::TooManyDecimals { typed, allowed } => {
            format!("«\u{a0}{typed}\u{a0}» a trop de décimales\u{a0}: {allowed} au plus.")
        }
        NumberError::BadGrouping { typed } => format!(
            "«\u{a0}{typed}\u{a0}» se lit de deux façons. Écrivez les milliers avec une espace et \
             les décimales avec une virgule\u{a0}: 1\u{202f}234,5."
        ),
        NumberError::Negative { typed } => {
            format!("«\u{a0}{typed}\u{a0}» est négatif. Saisissez un nombre positif.")
        }
        NumberError::TooLarge { typed } => {
            format!("«\u{a0}{typed}\u{a0}» dépasse ce qui peut être enregistré.")
        }
    }
}

/// The sentence about an amount or a rate.
#[must_use]
pub fn money(error: &MoneyError) -> String {
    match error {
        MoneyError::Overflow => "Le montant dépasse ce qui peut être enregistré.".to_owned(),
        MoneyError::RateOutOfRange { .. } => {
            "Un taux de taxe est compris entre 0 et 100\u{202f}%.".to_owned()
        }
    }
}

/// The sentence about a quantity.
#[must_use]
pub fn quantity(error: &QuantityError) -> String {
    match error {
        QuantityError::Overflow => "La quantité dépasse ce qui peut être enregistré.".to_owned(),
        QuantityError::NotAMultiple { quantity, step } => format!(
            "«\u{a0}{}\u{a0}» n’est pas un multiple de {}.",
            french::quantity(*quantity),
            french::quantity(*step)
        ),
    }
}

fn siren(error: SirenError) -> String {
    match error {
        SirenError::Characters => "Un SIREN ne contient que des chiffres.".to_owned(),
        SirenError::Length { digits } => {
            format!("Un SIREN a 9 chiffres, celui-ci en a {digits}.")
        }
        SirenError::Checksum => {
            "Ce SIREN n’existe pas\u{a0}: sa clé de contrôle est fausse. Vérifiez chaque chiffre."
                .to_owned()
        }
    }
}

fn siret(error: SiretError) -> String {
    match error {
        SiretError::Characters => "Un SIRET ne contient que des chiffres.".to_owned(),
        SiretError::Length { digits } => {
            format!("Un SIRET a 14 chiffres, celui-ci en a {digits}.")
        }
        SiretError::Checksum => {
            "Ce SIRET n’existe pas\u{a0}: sa clé de contrôle est fausse. Vérifiez chaque chiffre."
                .to_owned()
        }
    }
}

fn site_number(error: SiteNumberError) -> String {
    match error {
        SiteNumberError::Prm { digits } => {
            format!("Un point de livraison (PRM) a 14 chiffres, celui-ci en a {digits}.")
        }
        SiteNumberError::Pce { digits } => format!(
            "Un point de comptage (PCE) a 14 chiffres, ou GI suivi de 6 chiffres\u{a0}; celui-ci \
             a {digits} chiffres."
        ),
        SiteNumberError::Own(error) => problem(&error.into()),
        SiteNumberError::Plate => {
            "Une plaque d’immatriculation a de 5 à 9 lettres et chiffres, par exemple AB-123-CD."
                .to_owned()
        }
    }
}

fn insee(error: InseeError) -> String {
    match error {
        InseeError::Length { characters } => {
            format!("Un code INSEE de commune a 5 caractères, celui-ci en a {characters}.")
        }
        InseeError::Characters => {
            "Un code INSEE de commune est fait du département et de trois chiffres. Ce n’est pas \
             le code postal."
                .to_owned()
        }
        InseeError::Department => {
            "Aucun département ne porte ce numéro. Le code INSEE n’est pas le code postal."
                .to_owned()
        }
    }
}

fn email(error: EmailError) -> String {
    match error {
        EmailError::Shape => {
            "Une adresse électronique s’écrit nom@domaine, par exemple mairie@commune.fr."
        }
        EmailError::TooLong => "Une adresse électronique a au plus 254 caractères.",
        EmailError::Characters => {
            "Une adresse électronique ne contient ni espace, ni accent, ni caractère spécial."
        }
        EmailError::Domain => {
            "Ce qui suit @ n’est pas un nom de domaine. Exemple\u{a0}: mairie@commune.fr."
        }
    }
    .to_owned()
}

fn phone(error: PhoneError) -> String {
    match error {
        PhoneError::Characters => {
            "Un numéro de téléphone contient des chiffres, des espaces, des points, et peut \
             commencer par +."
        }
        PhoneError::Length => {
            "Un numéro français a 10 chiffres et commence par 0\u{a0}; un numéro étranger commence \
             par +."
        }
    }
    .to_owned()
}

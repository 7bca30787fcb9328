//! Refusals of rules, tariffs and case files: each states the gap or names the culprit.
use domain::{
    allocation::{FileProblem, RuleError},
    french,
};

use super::field;

pub(super) fn rule(error: &RuleError) -> String {
    match error {
        RuleError::PercentSum { sum } => {
            format!("les pourcentages font {} et non 100", decimal(sum))
        }
        RuleError::BadBands => {
            "les tranches doivent se suivre par bornes croissantes, et seule la dernière être \
             ouverte"
                .to_owned()
        }
        RuleError::ZeroInverse { member, key } => {
            format!("la clé «\u{a0}{key}\u{a0}» de {member} est nulle, et la règle divise par elle")
        }
        RuleError::TooManyInverses { members, most } => format!(
            "l’inverse d’une clé est exact jusqu’à {most} membres, et il y en a {members}. Figez \
             les poids dans une clé"
        ),
        RuleError::NotAWeightRule => {
            "des coefficients multiplient des poids, et cette règle donne des montants".to_owned()
        }
        RuleError::NegativeFigure { figure } => {
            format!("la valeur {} est négative", decimal(&figure.to_string()))
        }
        RuleError::NegativeAmount { amount } => {
            format!("le montant {} est négatif", french::euros(*amount))
        }
        RuleError::NoSuchMember { member } => format!("{member} n’est pas membre"),
        RuleError::Stranger { member } => {
            format!("{member} a un montant mais ne participe pas à la ligne")
        }
        RuleError::FixedTooHigh { fixed, over } => format!(
            "les parts fixes font {}, soit {} de trop",
            french::euros(*fixed),
            french::euros(*over)
        ),
        RuleError::FloorAboveCap { member } => {
            format!("le plancher de {member} dépasse son plafond")
        }
        RuleError::MinAboveCap => "le minimum du tarif dépasse son maximum".to_owned(),
        RuleError::FloorsTooHigh { over } => format!(
            "les planchers dépassent de {} le montant à répartir",
            french::euros(*over)
        ),
        RuleError::CapsTooLow { missing } => format!(
            "les plafonds laissent {} que personne ne paie",
            french::euros(*missing)
        ),
        RuleError::DirectGap { sum, gap } => format!(
            "les montants font {}, et il manque {} pour faire le montant à répartir",
            french::euros(*sum),
            french::euros(*gap)
        ),
        RuleError::NoSuchLine { line } => format!("aucune ligne ne s’appelle {line}"),
        RuleError::Circular => "le tarif dépend de son propre résultat".to_owned(),
    }
}

/// What is wrong with a file between machines.
#[must_use]
pub fn file(problem: &FileProblem) -> String {
    match problem {
        FileProblem::Missing { field } => {
            format!("Il manque le champ «\u{a0}{field}\u{a0}».")
        }
        FileProblem::Unknown { field } => {
            format!("Le champ «\u{a0}{field}\u{a0}» est inconnu ici.")
        }
        FileProblem::Twice { key } => format!("«\u{a0}{key}\u{a0}» figure deux fois."),
        FileProblem::NotAnObject => "Un objet JSON est attendu ici.".to_owned(),
        FileProblem::NotAList => "Une liste JSON est attendue ici.".to_owned(),
        FileProblem::NotAText => "Un texte est attendu ici.".to_owned(),
        FileProblem::NotAFlag => "Vrai (true) ou faux (false) est attendu ici.".to_owned(),
        FileProblem::NotANumber => "Un nombre entier est attendu ici.".to_owned(),
        FileProblem::NumberNotText => {
            "Un nombre s’écrit ici entre guillemets, par exemple \"1234.56\".".to_owned()
        }
        FileProblem::UnknownWord { typed, expected } => {
            format!("«\u{a0}{typed}\u{a0}» est inconnu\u{202f}; au choix\u{a0}: {expected}.")
        }
        FileProblem::Both { one, other } => {
            format!("«\u{a0}{one}\u{a0}» et «\u{a0}{other}\u{a0}» s’excluent.")
        }
        FileProblem::NoRule => {
            "Cette ligne n’a pas de règle, et le cas n’a pas de règle par défaut.".to_owned()
        }
        FileProblem::Number(error) => field::number(error),
    }
}

fn decimal(text: &str) -> String {
    text.replace('.', ",")
}

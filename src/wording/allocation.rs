//! Refusals of the allocation: each states the gap or names the culprit.
use domain::{
    allocation::{AllocationError, TaxGroup},
    french,
    money::TaxCategory,
};

pub(super) fn allocation(error: &AllocationError) -> String {
    match error {
        AllocationError::NoMembers => "Aucun membre ne participe à cette répartition.".to_owned(),
        AllocationError::BadId { id } => {
            format!("L’identifiant «\u{a0}{id}\u{a0}» doit avoir de 1 à 64 caractères.")
        }
        AllocationError::DuplicateMember { member } => {
            format!("Le membre {member} figure deux fois.")
        }
        AllocationError::DuplicateLine { line } => format!("La ligne {line} figure deux fois."),
        AllocationError::DuplicateTax { group } => {
            format!("La taxe «\u{a0}{}\u{a0}» figure deux fois.", tax(*group))
        }
        AllocationError::EmptyLine { line, net } => format!(
            "Personne ne participe à la ligne {line}, d’un montant de {}.",
            french::euros(*net)
        ),
        AllocationError::UnknownLine { line } => format!("Aucune ligne ne s’appelle {line}."),
        AllocationError::UnknownMember { line, member } => {
            format!("La ligne {line} cite {member}, qui n’est pas membre.")
        }
        AllocationError::MissingKey { line, member, key } => format!(
            "Le membre {member} n’a pas de valeur dans la clé «\u{a0}{key}\u{a0}», que lit la \
             ligne {line}."
        ),
        AllocationError::NegativeWeight {
            line,
            member,
            weight,
        } => format!("Le membre {member} a un poids négatif ({weight}) dans la ligne {line}."),
        AllocationError::NoWeight { line, net } => format!(
            "Tous les poids de la ligne {line} sont nuls\u{a0}: il reste {} à répartir.",
            french::euros(*net)
        ),
        AllocationError::MissingTax { group, net } => format!(
            "Des lignes pour {} hors taxes portent la taxe «\u{a0}{}\u{a0}», dont le total n’est \
             pas renseigné.",
            french::euros(*net),
            tax(*group)
        ),
        AllocationError::TaxOnZeroBase { group, amount } => format!(
            "{} de taxe «\u{a0}{}\u{a0}» sont imprimés, mais personne n’a rien à payer à ce taux.",
            french::euros(*amount),
            tax(*group)
        ),
        AllocationError::Overflow => "Un montant dépasse ce qui peut être enregistré.".to_owned(),
    }
}

/// « TVA 20 % », « TSCA 9 % », « exonéré ».
#[must_use]
pub fn tax(group: TaxGroup) -> String {
    let rate = french::rate(group.rate);
    match group.category {
        TaxCategory::Vat => format!("TVA {rate}"),
        TaxCategory::InsuranceTax => format!("TSCA {rate}"),
        TaxCategory::Exempt => "exonéré".to_owned(),
    }
}

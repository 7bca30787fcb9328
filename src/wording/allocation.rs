//! Refusals of the allocation: each states the gap or names the culprit.
use domain::{
    allocation::{AllocationError, Broken, TaxGroup},
    french,
    money::TaxCategory,
};

use super::rule;

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
        AllocationError::Rule { line, error, .. } => {
            format!("Ligne {line}\u{a0}: {}.", rule::rule(error))
        }
        AllocationError::UnknownDue { member } => {
            format!("Le report des centimes cite {member}, qui n’est pas membre.")
        }
        AllocationError::Unsupported { algorithm } => {
            format!("L’algorithme {algorithm} ne connaît pas tout ce que ce cas demande.")
        }
        AllocationError::Unsettled => {
            "Les frais proportionnels et les centimes qu’ils lisent ne se stabilisent pas. \
             Choisissez la politique de TVA «\u{a0}printed\u{a0}»."
                .to_owned()
        }
        AllocationError::Unmatched { total, parts } => format!(
            "{} sont à répartir, et les parts font {}.",
            french::euros(*total),
            french::euros(*parts)
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

/// The clause that a published allocation breaks.
#[must_use]
pub fn broken(broken: &Broken) -> String {
    match broken {
        Broken::Case(error) => format!("Le cas lui-même est refusé\u{a0}: {}", allocation(error)),
        Broken::Algorithm { name } => format!("Aucun algorithme ne s’appelle {name}."),
        Broken::LineSum {
            line,
            printed,
            shares,
        } => format!(
            "Les parts de la ligne {line} font {}, et la ligne {}.",
            french::euros(*shares),
            french::euros(*printed)
        ),
        Broken::TaxSum {
            group,
            printed,
            shares,
        } => format!(
            "Les parts de la taxe «\u{a0}{}\u{a0}» font {}, et {} sont imprimés.",
            tax(*group),
            french::euros(*shares),
            french::euros(*printed)
        ),
        Broken::Share {
            line,
            member,
            share,
        } => format!(
            "Dans la ligne {line}, la part de {member} ({}) s’écarte d’un centime ou plus de sa \
             valeur exacte.",
            french::euros(*share)
        ),
        Broken::TaxShare {
            group,
            member,
            share,
        } => format!(
            "La part de {member} ({}) dans la taxe «\u{a0}{}\u{a0}» s’écarte d’un centime ou \
             plus de sa valeur exacte.",
            french::euros(*share),
            tax(*group)
        ),
        Broken::NoExactValue { line } => {
            format!("La règle de la ligne {line} ne donne pas de valeur exacte.")
        }
        Broken::Subtotal { member, .. } => {
            format!("Un sous-total de {member} s’écarte d’un centime ou plus de sa valeur exacte.")
        }
        Broken::Deviation { stated, found } => {
            format!("L’écart annoncé est de {stated} centime, et l’écart réel de {found}.")
        }
        Broken::StrangeShare => {
            "Une part est nulle, ou ne correspond à aucune ligne, taxe ou membre.".to_owned()
        }
        Broken::MemberTotal { member } => {
            format!("Les totaux de {member} ne sont pas la somme de ses parts.")
        }
        Broken::Total => "Le total n’est pas celui de la facture.".to_owned(),
        Broken::Hash { of: "case" } => "L’empreinte du cas ne correspond pas.".to_owned(),
        Broken::Hash { .. } => "L’empreinte des parts ne correspond pas.".to_owned(),
        Broken::Order => {
            "Le même cas, recalculé dans un autre ordre, donne un autre résultat.".to_owned()
        }
        Broken::Symmetry => "L’avoir de cette facture ne donne pas les parts opposées.".to_owned(),
    }
}

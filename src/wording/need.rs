//! Refusals about declarations and needs: the line, what was typed, and how to correct it.
use domain::{
    french,
    purchasing::{
        declaration::{DeclarationError, DeclarationEvent, DeclarationState},
        need::{BadCell, CellFault, Conflict, NeedColumn, NeedError},
    },
    quantity::Quantity,
};

use super::{field, refusal, round};
use crate::actions::purchasing::imports::ImportCause;

/// How many cells a sentence names before it counts the others.
const NAMED_MAX: usize = 5;

/// The sentence about a declaration.
#[must_use]
pub fn declaration(error: &DeclarationError) -> String {
    match error {
        DeclarationError::NotAllowed { from, event } => not_allowed(*from, *event).to_owned(),
        DeclarationError::Round(error) => round::round(error),
        DeclarationError::Empty => {
            "Aucune quantité n’est saisie. Saisissez-en une, ou indiquez que vous n’avez rien à \
             déclarer."
                .to_owned()
        }
        DeclarationError::NoPrevious => {
            "Aucune campagne précédente n’est indiquée\u{a0}: il n’y a pas de quantités à \
             reprendre."
                .to_owned()
        }
    }
}

fn not_allowed(from: DeclarationState, event: DeclarationEvent) -> &'static str {
    use DeclarationState as S;
    match (from, event) {
        (S::Submitted, DeclarationEvent::Type | DeclarationEvent::SayNothing) => {
            "Ces besoins sont déjà transmis. Reprenez la réponse pour la modifier."
        }
        (S::Submitted, _) => "Ces besoins sont déjà transmis.",
        (S::Nothing, DeclarationEvent::Type | DeclarationEvent::Submit) => {
            "La réponse «\u{a0}rien à déclarer\u{a0}» est déjà transmise. Reprenez-la pour la \
             modifier."
        }
        (S::Nothing, _) => "La réponse «\u{a0}rien à déclarer\u{a0}» est déjà transmise.",
        (S::NotStarted | S::Started, _) => "Aucune réponse n’est encore transmise.",
    }
}

/// The sentence about needs.
#[must_use]
pub fn need(error: &NeedError) -> String {
    match error {
        NeedError::Cells(cells) => several(cells.iter().map(bad_cell)),
        NeedError::Conflicts(conflicts) => several(conflicts.iter().map(conflict)),
        NeedError::UnknownItem { item } => format!(
            "L’article {item} ne fait pas partie de cette campagne, ou votre collectivité n’a pas \
             rejoint son lot."
        ),
        NeedError::UnknownSite { .. } => {
            "Cet article ne se déclare pas pour ce site\u{a0}: la campagne ne demande pas les \
             sites, ou celui-ci n’appartient pas à votre collectivité."
                .to_owned()
        }
        NeedError::UnknownBudget { budget } => {
            format!("«\u{a0}{budget}\u{a0}» n’est pas un budget en service de cette collectivité.")
        }
    }
}

fn several(sentences: impl ExactSizeIterator<Item = String>) -> String {
    let more = sentences.len().saturating_sub(NAMED_MAX);
    let mut text = sentences.take(NAMED_MAX).collect::<Vec<_>>().join(" ");
    if more > 0 {
        text.push_str(&format!(" Et {more} autres cases."));
    }
    text
}

/// « Ligne 2.1, quantité : « 4,5 » n’est pas un nombre entier d’appareils. Saisissez 4 ou 5. »
#[must_use]
pub fn bad_cell(cell: &BadCell) -> String {
    let place = place(&cell.reference, cell.column);
    format!("{place}\u{a0}: {}", fault(&cell.typed, &cell.fault))
}

/// « Ligne 2.1, quantité : Pérenchies a saisi 4 à 14 h 32, vous avez saisi 5. »
#[must_use]
pub fn conflict(conflict: &Conflict) -> String {
    let shown = |text: &str| match (conflict.column, text) {
        (NeedColumn::Budget, "") => "le budget principal".to_owned(),
        (_, "") => "rien".to_owned(),
        (NeedColumn::Commitment, code) => commitment_code(code).to_owned(),
        (
            NeedColumn::Quantity | NeedColumn::Most | NeedColumn::Budget | NeedColumn::Comment,
            text,
        ) => {
            format!("«\u{a0}{text}\u{a0}»")
        }
    };
    format!(
        "{}\u{a0}: une autre personne vient d’enregistrer {}, vous avez saisi {}. Choisissez la \
         valeur à garder.",
        place(&conflict.reference, conflict.column),
        shown(&conflict.theirs),
        shown(&conflict.yours)
    )
}

fn place(reference: &str, column: NeedColumn) -> String {
    format!("Ligne {reference}, {}", self::column(column))
}

/// The name of a column inside a sentence.
#[must_use]
pub fn column(column: NeedColumn) -> &'static str {
    match column {
        NeedColumn::Quantity => "quantité",
        NeedColumn::Most => "possible jusqu’à",
        NeedColumn::Commitment => "engagement",
        NeedColumn::Budget => "budget",
        NeedColumn::Comment => "commentaire",
    }
}

/// The word of a kind of commitment, by its code.
#[must_use]
pub fn commitment_code(code: &str) -> &'static str {
    match code {
        "up_to" => "possible",
        "intention" => "intention",
        _ => "ferme",
    }
}

/// What is wrong with a cell, without its place.
#[must_use]
pub fn fault(typed: &str, fault: &CellFault) -> String {
    match fault {
        CellFault::Number(error) => field::number(error),
        CellFault::Step {
            unit,
            step,
            below,
            above,
        } => format!(
            "«\u{a0}{typed}\u{a0}» n’est pas {}. Saisissez {}{}.",
            multiple(*step, unit),
            or_above(*below),
            french::quantity(*above)
        ),
        CellFault::MostBelowQuantity { quantity } => format!(
            "«\u{a0}{typed}\u{a0}» est inférieur à la quantité ferme, {}. Saisissez au moins \
             cette quantité, ou laissez la case vide.",
            french::quantity(*quantity)
        ),
    }
}

/// Why a cell of a file was left aside, without its address.
#[must_use]
pub fn left_aside(typed: &str, cause: &ImportCause) -> String {
    let typed_is = |rest: &str| format!("«\u{a0}{typed}\u{a0}» {rest}");
    match cause {
        ImportCause::UnknownMember => {
            typed_is("n’est le SIREN d’aucun membre pour lequel vous pouvez saisir.")
        }
        ImportCause::UnknownItem => {
            typed_is("n’est la référence d’aucun article de cette campagne pour ce membre.")
        }
        ImportCause::UnknownSite if typed.is_empty() => {
            "Cette campagne se remplit site par site\u{a0}: indiquez le site de cette ligne."
                .to_owned()
        }
        ImportCause::UnknownSite => {
            typed_is("n’est le nom ni le numéro d’aucun site de ce membre dans cette campagne.")
        }
        ImportCause::SeveralSites => typed_is(
            "désigne plusieurs sites de ce membre\u{a0}: donnez le numéro du compteur ou \
             repartez du fichier exporté.",
        ),
        ImportCause::UnknownBudget => typed_is(
            "n’est ni le nom ni le SIRET d’un budget de ce membre. Laissez vide pour le budget \
             principal.",
        ),
        ImportCause::Cell(fault) => self::fault(typed, fault),
        ImportCause::Refused(error) => format!("{typed}, toutes les lignes. {}", refusal(error)),
    }
}

/// « 4 ou », or nothing when the only smaller quantity is none at all.
fn or_above(below: Quantity) -> String {
    if below.is_zero() {
        String::new()
    } else {
        format!("{} ou ", french::quantity(below))
    }
}

fn multiple(step: Quantity, unit: &str) -> String {
    let counted = plural(unit);
    match (step == Quantity::ONE, counted) {
        (true, Some(units)) => format!("un nombre entier {}", of(&units)),
        (true, None) => format!("un nombre entier (unité\u{a0}: {unit})"),
        (false, Some(units)) => format!("un multiple de {} {units}", french::quantity(step)),
        (false, None) => format!("un multiple de {} {unit}", french::quantity(step)),
    }
}

/// The plural of a unit that is an ordinary word; `kWh` and `m²` have none.
fn plural(unit: &str) -> Option<String> {
    let (first, rest) = unit.split_once(' ').unwrap_or((unit, ""));
    let ordinary = first.chars().count() > 2 && first.chars().all(char::is_lowercase);
    if !ordinary {
        return None;
    }
    let ending = if first.ends_with(['s', 'x', 'z']) {
        ""
    } else {
        "s"
    };
    let space = if rest.is_empty() { "" } else { " " };
    Some(format!("{first}{ending}{space}{rest}"))
}

fn of(units: &str) -> String {
    let elided = units.starts_with(['a', 'e', 'i', 'o', 'u', 'é', 'è', 'ê', 'h', 'œ']);
    if elided {
        format!("d’{units}")
    } else {
        format!("de {units}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(typed: &str, step: i64, unit: &str) -> String {
        let below = 4_500 / step * step;
        let fault = CellFault::Step {
            unit: unit.to_owned(),
            step: Quantity(step),
            below: Quantity(below),
            above: Quantity(below + step),
        };
        self::fault(typed, &fault)
    }

    #[test]
    fn a_refused_quantity_says_what_to_type_instead() {
        for (step, unit, said) in [
            (
                1_000,
                "appareil",
                "«\u{a0}4,5\u{a0}» n’est pas un nombre entier d’appareils. Saisissez 4 ou 5.",
            ),
            (
                1_000,
                "boîte de 10",
                "«\u{a0}4,5\u{a0}» n’est pas un nombre entier de boîtes de 10. Saisissez 4 ou 5.",
            ),
            (
                1_000,
                "kWh",
                "«\u{a0}4,5\u{a0}» n’est pas un nombre entier (unité\u{a0}: kWh). Saisissez 4 ou 5.",
            ),
            (
                6_000,
                "colis",
                "«\u{a0}4,5\u{a0}» n’est pas un multiple de 6 colis. Saisissez 6.",
            ),
        ] {
            assert_eq!(sentence("4,5", step, unit), said);
        }
    }
}

//! One amount of one member told from end to end, in plain sentences.
use domain::{
    allocation::{ALGORITHM, Fraction, Why},
    french::{self, NBSP},
};

use super::{basis, cause, rule};

/// « 150,337557 € → 150,34 € ».
fn share_of(why: &Why) -> String {
    let exact = french::decimal(&why.exact.as_euros());
    format!("{exact}\u{202f}€ → {}", french::euros(why.share))
}

/// The rule, the figures, the exact part, the cent and the gap: one sentence each.
#[must_use]
pub fn sentences(why: &Why, rank: Option<usize>) -> Vec<String> {
    vec![
        format!("Règle{NBSP}: {}.", rule(&why.origin)),
        format!("Chiffres{NBSP}: {}.", basis(&why.origin)),
        format!(
            "À{NBSP}répartir{NBSP}: {}. Part exacte{NBSP}: {}.",
            french::euros(why.total),
            share_of(why)
        ),
        french::capital(&cause(why, rank)),
        format!("Écart avec la part exacte{NBSP}: {}.", gap(&why.deviation)),
    ]
}

/// What an algorithm does, in a few words.
#[must_use]
pub fn algorithm(name: &str) -> String {
    let cents = "Chaque membre reçoit d’abord les centimes entiers de sa part exacte. Les centimes qui \
         restent sur une ligne ou une taxe vont, un par un, aux membres auxquels il est dû le \
         plus\u{202f}; à égalité, au numéro SIREN le plus petit.";
    if name == ALGORITHM {
        return format!(
            "{cents} Ce qui est dû tient compte de toute la facture et des factures précédentes \
             du groupement\u{202f}; chaque sous-total d’un membre (lot, taux, HT, TVA, TTC) reste \
             à moins d’un centime de sa valeur exacte."
        );
    }
    cents.to_owned()
}

/// « +0,24 centime ».
fn gap(deviation: &Fraction) -> String {
    let text = deviation.as_hundredths_of_cent();
    let plus = if text.starts_with('-') || text == "0.00" {
        ""
    } else {
        "+"
    };
    format!("{plus}{} centime", french::decimal(&text))
}

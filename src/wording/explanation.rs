//! « Pourquoi ce centime ? » in words: the rule, the figures, the exact part, the cent.
use domain::{
    allocation::{
        BandFigure, BandMode, Bound, Cause, Exchange, FactorFigure, Fraction, Origin, Step, StepBy,
        TariffBy, Tariffed, TaxPolicy, Taxed, Weighing, Weight, Why,
    },
    french::{self, NBSP},
};

use super::invoice::case_key;

mod account;
mod figures;

pub use account::{algorithm, sentences};
pub use figures::{Figure, figures};

/// The rule without any figure: « 30 % à parts égales, 70 % selon la population municipale 2026 ».
#[must_use]
pub fn rule(origin: &Origin) -> String {
    match origin {
        Origin::Rule(step) => rule_of(step),
        Origin::Charge(tariffed) => match &tariffed.by {
            TariffBy::PerUnit { key, .. } => format!("au tarif, par unité ({})", case_key(key)),
            TariffBy::Flat => "au forfait".to_owned(),
            TariffBy::Bands(bands) => format!("au tarif, par tranches ({})", case_key(&bands.key)),
            TariffBy::PercentOf { percent, .. } => {
                format!("{} de ce que coûtent d’autres lignes", percents(*percent))
            }
        },
        Origin::Tax(taxed) => match taxed.policy {
            TaxPolicy::Exact => "selon la part HT exacte".to_owned(),
            TaxPolicy::Printed => "selon la part HT arrondie".to_owned(),
        },
    }
}

fn rule_of(step: &Step) -> String {
    match &step.by {
        StepBy::Weight { weighing, .. } => weighed(weighing),
        StepBy::Mix { parts } => {
            let parts = parts.iter().map(|part| {
                let rule = rule_of(&part.step);
                format!("{} {rule}", percents(part.percent))
            });
            parts.collect::<Vec<_>>().join(", ")
        }
        StepBy::First { rest, .. } => {
            format!("des montants fixés, puis le reste {}", rule_of(rest))
        }
        StepBy::Clamp {
            free, floor, cap, ..
        } => {
            let bounds = match (floor, cap) {
                (Some(_), Some(_)) => "avec plancher et plafond",
                (Some(_), None) => "avec plancher",
                (None, Some(_)) => "avec plafond",
                (None, None) => "sans borne pour ce membre",
            };
            format!("{}, {bounds}", rule_of(free))
        }
        StepBy::Direct => "par montants relevés".to_owned(),
    }
}

fn weighed(weighing: &Weighing) -> String {
    match weighing {
        Weighing::Equal => "à parts égales".to_owned(),
        Weighing::Key { key, .. } => format!("selon {}", the_key(key)),
        Weighing::Product { factors } => {
            format!("selon {}", product(factors, |f| the_key(&f.key)))
        }
        Weighing::Percent { .. } => "par pourcentages".to_owned(),
        Weighing::Bands(bands) => format!("par tranches ({})", case_key(&bands.key)),
        Weighing::Coefficient { of, .. } => format!("{}, avec un coefficient", weighed(of)),
    }
}

/// What the exact part rests on: « 1 643 sur 1 194 040 (population municipale 2026) ».
#[must_use]
pub fn basis(origin: &Origin) -> String {
    match origin {
        Origin::Rule(step) => step_basis(step),
        Origin::Charge(tariffed) => charged(tariffed),
        Origin::Tax(taxed) => tax_basis(taxed),
    }
}

fn step_basis(step: &Step) -> String {
    match &step.by {
        StepBy::Weight {
            weighing,
            weight,
            sum,
        } => weight_text(weighing, weight, sum),
        StepBy::Mix { parts } => {
            let parts = parts.iter().map(|part| {
                let figures = step_basis(&part.step);
                format!("{}{NBSP}: {figures}", percents(part.percent))
            });
            parts.collect::<Vec<_>>().join("\u{202f}; ")
        }
        StepBy::First { fixed, rest } if fixed.is_zero() => step_basis(rest),
        StepBy::First { fixed, rest } => {
            format!("{} fixés, puis {}", french::euros(*fixed), step_basis(rest))
        }
        StepBy::Clamp {
            free,
            floor,
            cap,
            held,
        } => {
            let bound = match held {
                Some(Bound::Floor) => floor.map(|at| format!("plancher de {}", french::euros(at))),
                Some(Bound::Cap) => cap.map(|at| format!("plafond de {}", french::euros(at))),
                None => None,
            };
            let free = step_basis(free);
            bound.map_or(free.clone(), |bound| format!("{free}, {bound}"))
        }
        StepBy::Direct => "montant relevé".to_owned(),
    }
}

fn weight_text(weighing: &Weighing, weight: &Fraction, sum: &Fraction) -> String {
    let of_all = format!("{} sur {}", number(weight), number(sum));
    match weighing {
        Weighing::Equal => format!("1 part sur {}", number(sum)),
        Weighing::Key { key, .. } => format!("{of_all} ({})", case_key(key)),
        Weighing::Product { factors } => {
            let product = product(factors, |f| weight_number(f.figure));
            format!("{product} = {of_all}")
        }
        Weighing::Percent {
            percent,
            normalise: false,
        } => percents(*percent),
        Weighing::Percent { percent, .. } => {
            format!("{} sur {}{NBSP}%", percents(*percent), number(sum))
        }
        Weighing::Bands(bands) => format!("{}, soit {of_all}", band_text(bands)),
        Weighing::Coefficient {
            of,
            weight: own,
            coefficient,
        } => {
            let own = match of.as_ref() {
                Weighing::Equal => "1 part".to_owned(),
                Weighing::Key { key, .. } => format!("{} ({})", number(own), case_key(key)),
                Weighing::Product { .. }
                | Weighing::Percent { .. }
                | Weighing::Bands(_)
                | Weighing::Coefficient { .. } => number(own),
            };
            let coefficient = weight_number(*coefficient);
            format!("{own} × {coefficient}, soit {of_all}")
        }
    }
}

/// The key with its article: « la population municipale 2026 », « la clé Surfaces ».
fn the_key(key: &str) -> String {
    let name = case_key(key);
    if key.starts_with("delivered ") {
        format!("les {name}")
    } else if key.starts_with("key ") || key.starts_with("population ") {
        format!("la {name}")
    } else {
        format!("«{NBSP}{name}{NBSP}»")
    }
}

fn product(factors: &[FactorFigure], word: impl Fn(&FactorFigure) -> String) -> String {
    let mut text = String::new();
    for (place, factor) in factors.iter().enumerate() {
        let sign = match (place, factor.inverse) {
            (0, false) => "",
            (0, true) => "1 ÷ ",
            (_, false) => " × ",
            (_, true) => " ÷ ",
        };
        text.push_str(sign);
        text.push_str(&word(factor));
    }
    text
}

fn band_text(bands: &BandFigure) -> String {
    let figure = weight_number(bands.figure);
    let key = case_key(&bands.key);
    let reached = bands.reached.iter().map(|band| {
        let value = weight_number(band.value);
        let end = band.up_to.map(weight_number);
        let span = match end {
            Some(end) => format!("de {} à {end}", number(&band.from)),
            None => format!("au-delà de {}", number(&band.from)),
        };
        match bands.mode {
            BandMode::Marginal | BandMode::Slab => {
                format!("{} × {value} ({span})", number(&band.times))
            }
            BandMode::Flat => format!("{value} ({span})"),
        }
    });
    let reached: Vec<String> = reached.collect();
    format!("{figure} ({key}){NBSP}: {}", reached.join(" + "))
}

fn charged(tariffed: &Tariffed) -> String {
    match &tariffed.by {
        TariffBy::PerUnit { key, figure, rate } => format!(
            "{} ({}) × {}{NBSP}€",
            weight_number(*figure),
            case_key(key),
            weight_number(*rate)
        ),
        TariffBy::Flat => "forfait".to_owned(),
        TariffBy::Bands(bands) => band_text(bands),
        TariffBy::PercentOf {
            base,
            percent,
            min,
            cap,
            held,
        } => {
            let text = format!("{} de {}", percents(*percent), french::euros(*base));
            let bound = match held {
                Some(Bound::Floor) => min.map(|at| format!("minimum de {}", french::euros(at))),
                Some(Bound::Cap) => cap.map(|at| format!("plafond de {}", french::euros(at))),
                None => None,
            };
            bound.map_or(text.clone(), |bound| format!("{text}, {bound}"))
        }
    }
}

fn tax_basis(taxed: &Taxed) -> String {
    let kind = match taxed.policy {
        TaxPolicy::Exact => "exacte",
        TaxPolicy::Printed => "arrondie",
    };
    format!(
        "part HT {kind} de {}\u{202f}€ sur {}",
        french::decimal(&taxed.net.as_euros()),
        french::euros(taxed.net_of_all)
    )
}

/// What decided of the cent, after the name of the line.
#[must_use]
pub fn cause(why: &Why, rank: Option<usize>) -> String {
    let given = cents(why.leftover);
    let place = rank.map(ordinal).unwrap_or_default();
    let owed = french::decimal(&why.priority.as_cents());
    let they = if why.leftover > 1 {
        "Ils vont aux membres"
    } else {
        "Il va au membre"
    };
    let whom = if why.leftover > 1 {
        "auxquels"
    } else {
        "auquel"
    };
    let carried = if why.carried.is_zero() {
        String::new()
    } else {
        let carried = french::decimal(&why.carried.as_cents());
        format!(", dont {carried} des factures précédentes")
    };
    let left = format!(
        "il restait {given} après les parts entières. {they} {whom} il est dû le plus{NBSP}: \
         celui-ci arrive {place} ({owed} centime dû{carried})"
    );
    match why.cause {
        Cause::Exact => "la part est un nombre entier de centimes.".to_owned(),
        Cause::Ranked => format!("{left} et en reçoit un."),
        Cause::Below => format!("{left} et n’en reçoit pas."),
        Cause::Tied => {
            format!("{left}. À égalité, c’est le numéro SIREN le plus petit qui passe d’abord.")
        }
        Cause::Repaired => format!("{left}. {}", repaired(&why.exchanges)),
        Cause::Floor => "la règle tient ce membre à son plancher.".to_owned(),
        Cause::Cap => "la règle tient ce membre à son plafond.".to_owned(),
        Cause::Credit => {
            "c’est l’opposé, au centime près, de la part de la facture rectifiée.".to_owned()
        }
    }
}

/// Why cents changed hands after the first pass.
fn repaired(exchanges: &[Exchange]) -> String {
    let who = exchanges.first().map(|one| one.member.clone());
    let who = who.unwrap_or_default();
    format!(
        "Un centime a ensuite changé de main sur cette ligne, pour qu’un sous-total de {who} reste \
         à moins d’un centime de sa valeur exacte\u{202f}; la somme de la ligne n’a pas changé."
    )
}

/// « 3 centimes ».
#[must_use]
pub fn cents(count: usize) -> String {
    let plural = if count > 1 { "s" } else { "" };
    format!("{count}{NBSP}centime{plural}")
}

/// « 1er », « 22e ».
#[must_use]
pub fn ordinal(rank: usize) -> String {
    if rank == 1 {
        "1er".to_owned()
    } else {
        format!("{rank}e")
    }
}

fn number(value: &Fraction) -> String {
    french::decimal(&value.as_decimal(6))
}

fn weight_number(weight: Weight) -> String {
    french::decimal(&weight.to_string())
}

fn percents(percent: Weight) -> String {
    format!("{}\u{202f}%", weight_number(percent))
}

#[cfg(test)]
mod tests {
    use domain::allocation::{ALGORITHM, Case, Cell, Reckoning, replay};
    use serde_json::{Value, json};

    use super::*;

    /// How the rule of one line of 100.00 is told to the first of three members.
    fn told(rule_json: &Value) -> (String, String) {
        let member = |id: &str, people: &str, area: &str| json!({"id": id, "keys": {"population": people, "key Surface v2": area}});
        let case = json!({
            "members": [member("a", "1643", "12.5"), member("b", "800", "40"), member("c", "57", "3")],
            "lines": [{"id": "1", "net": "100.00", "rule": rule_json}],
            "vat": [],
        });
        let case: Case = serde_json::from_value(case).unwrap();
        let outcome = replay(ALGORITHM, &case).unwrap().unwrap();
        let reckoning = Reckoning::of(&case, &outcome, None).unwrap().unwrap();
        let why = reckoning
            .why(&Cell::Line("1".into()), "a")
            .unwrap()
            .unwrap();
        let plain = |text: String| text.replace(['\u{a0}', '\u{202f}'], " ");
        (plain(rule(&why.origin)), plain(basis(&why.origin)))
    }

    #[test]
    fn each_rule_is_told_without_figures_and_then_with_them() {
        let by_key = json!({"kind": "proportional", "key": "population"});
        let by_area = json!({"kind": "proportional", "key": "key Surface v2"});
        for (rule, words, figures) in [
            (json!({"kind": "equal"}), "à parts égales", "1 part sur 3"),
            (
                by_key.clone(),
                "selon « population »",
                "1 643 sur 2 500 (population)",
            ),
            (
                json!({"kind": "mix", "parts": [
                    {"percent": "30", "rule": {"kind": "equal"}},
                    {"percent": "70", "rule": by_area},
                ]}),
                "30 % à parts égales, 70 % selon la clé Surface, version 2",
                "30 % : 1 part sur 3 ; 70 % : 12,5 sur 55,5 (clé Surface, version 2)",
            ),
        ] {
            assert_eq!(told(&rule), (words.to_owned(), figures.to_owned()));
        }
    }
}

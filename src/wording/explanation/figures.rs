//! The figures that a share rests on, each once, with the total, the source and the date.
use domain::{
    allocation::{
        Fraction, KeySource, MixedStep, Origin, Sources, Step, StepBy, TariffBy, Weighing, Weight,
    },
    french::{self, NBSP},
};

use super::{super::invoice::case_key, number, weight_number};

/// One figure of a member (« chiffre »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// « Population municipale 2026 ».
    pub label: String,
    /// « 1 643 habitants sur 1 194 040 ».
    pub text: String,
    /// « INSEE, 2026 »; empty when it is not known.
    pub source: String,
}

impl Figure {
    /// The figure and its source in one line.
    #[must_use]
    pub fn sourced(&self) -> String {
        if self.source.is_empty() {
            return self.text.clone();
        }
        format!("{} ({})", self.text, self.source)
    }
}

/// The figures that these shares rest on, in the order of the lines.
#[must_use]
pub fn figures<'a>(origins: impl Iterator<Item = &'a Origin>, sources: &Sources) -> Vec<Figure> {
    let mut found = Vec::new();
    for origin in origins {
        match origin {
            Origin::Rule(step) => of_step(step, sources, &mut found),
            Origin::Charge(tariffed) => match &tariffed.by {
                TariffBy::PerUnit { key, figure, .. } => {
                    found.push(of_key(key, *figure, None, sources));
                }
                TariffBy::Bands(bands) => {
                    found.push(of_key(&bands.key, bands.figure, None, sources));
                }
                TariffBy::Flat | TariffBy::PercentOf { .. } => {}
            },
            Origin::Tax(_) => {}
        }
    }
    let mut kept: Vec<Figure> = Vec::with_capacity(found.len());
    for figure in found {
        if !kept.contains(&figure) {
            kept.push(figure);
        }
    }
    kept
}

fn of_step(step: &Step, sources: &Sources, found: &mut Vec<Figure>) {
    match &step.by {
        StepBy::Weight { weighing, sum, .. } => of_weighing(weighing, Some(sum), sources, found),
        StepBy::Mix { parts } => {
            for MixedStep { step, .. } in parts {
                of_step(step, sources, found);
            }
        }
        StepBy::First { rest, .. } => of_step(rest, sources, found),
        StepBy::Clamp { free, .. } => of_step(free, sources, found),
        StepBy::Direct => {}
    }
}

fn of_weighing(
    weighing: &Weighing,
    sum: Option<&Fraction>,
    sources: &Sources,
    found: &mut Vec<Figure>,
) {
    match weighing {
        Weighing::Equal => found.extend(sum.map(|sum| Figure {
            label: "Parts égales".to_owned(),
            text: format!("1 part sur {}", number(sum)),
            source: String::new(),
        })),
        Weighing::Key { key, figure } => found.push(of_key(key, *figure, sum, sources)),
        Weighing::Product { factors } => {
            let factors = factors.iter();
            found.extend(factors.map(|factor| of_key(&factor.key, factor.figure, None, sources)));
        }
        Weighing::Percent { percent, .. } => found.push(Figure {
            label: "Pourcentage convenu".to_owned(),
            text: format!("{}\u{202f}%", weight_number(*percent)),
            source: String::new(),
        }),
        Weighing::Bands(bands) => found.push(of_key(&bands.key, bands.figure, None, sources)),
        // The sum is of weights times coefficients: it is not that of the key.
        Weighing::Coefficient { of, .. } => of_weighing(of, None, sources, found),
    }
}

fn of_key(key: &str, figure: Weight, sum: Option<&Fraction>, sources: &Sources) -> Figure {
    let known = sources.get(key);
    let unit = unit(key, known).map_or_else(String::new, |unit| format!(" {unit}"));
    let of_all = sum.map_or_else(String::new, |sum| format!(" sur {}", number(sum)));
    Figure {
        label: label(key, known),
        text: format!("{}{unit}{of_all}", weight_number(figure)),
        source: source(key, known),
    }
}

fn label(key: &str, known: Option<&KeySource>) -> String {
    match known.filter(|_| key.starts_with("delivered ")) {
        Some(line) => format!("Quantités livrées, {}", line.label),
        None => french::capital(&case_key(key)),
    }
}

fn unit<'a>(key: &str, known: Option<&'a KeySource>) -> Option<&'a str> {
    if key.starts_with("population ") {
        return Some("habitants");
    }
    known?.unit.as_deref()
}

/// « Relevé Enedis, 1er janvier 2026 ».
fn source(key: &str, known: Option<&KeySource>) -> String {
    if key.starts_with("delivered ") {
        return "service fait constaté".to_owned();
    }
    let Some(known) = known else {
        return String::new();
    };
    let date = known
        .date
        .map(|day| format!("du{NBSP}{}", french::date(day)));
    let parts = [known.source.clone(), date];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

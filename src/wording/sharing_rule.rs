//! Sharing rules in French: what is refused about them, and what they say.
use domain::{
    allocation::{AllocationRule, BandMode, Bands, Bounds, FixedAmounts, TaxPolicy, Weight},
    french::{self, NBSP},
    money::Cents,
    purchasing::rule::{FigureSource, RuleEvent, RuleState, SharingRuleError},
};
use std::collections::BTreeMap;

pub(super) fn sharing_rule(error: &SharingRuleError) -> String {
    match error {
        SharingRuleError::NotAllowed { state, event } => {
            let verb = match event {
                RuleEvent::Edit => {
                    "être modifiée\u{a0}: préparez une nouvelle version, à faire voter"
                }
                RuleEvent::Adopt => "être mise en vigueur",
                RuleEvent::Withdraw => "être retirée",
                RuleEvent::Restore => "être remise en vigueur",
            };
            format!(
                "Une règle «\u{a0}{}\u{a0}» ne peut pas {verb}.",
                rule_state(*state)
            )
        }
        SharingRuleError::NotVoted => {
            "Une règle s’applique une fois votée. Choisissez la version de la convention qui la \
             contient, ou citez les délibérations."
                .to_owned()
        }
        SharingRuleError::Draft { name } => format!(
            "La règle «\u{a0}{name}\u{a0}» est encore un projet\u{a0}: mettez-la en vigueur avant \
             de répartir une facture."
        ),
        SharingRuleError::TooEarly {
            name,
            applies_from,
            issued_on,
        } => format!(
            "La règle «\u{a0}{name}\u{a0}» s’applique aux factures émises à partir du {}\u{a0}; \
             celle-ci est du {}.",
            french::date(*applies_from),
            french::date(*issued_on)
        ),
        SharingRuleError::NameTaken { name } => {
            format!("Une autre règle de ce groupement s’appelle déjà «\u{a0}{name}\u{a0}».")
        }
        SharingRuleError::UnknownSource { typed } => format!(
            "«\u{a0}{typed}\u{a0}» n’est ni une clé, ni une population, ni les quantités livrées."
        ),
        SharingRuleError::UnknownKey => {
            "La règle lit une clé qui n’est pas de ce groupement.".to_owned()
        }
        SharingRuleError::UnknownRule => "Cette règle n’est pas de ce groupement.".to_owned(),
        SharingRuleError::NotAMember => {
            "La règle nomme un organisme qui n’est pas membre du groupement.".to_owned()
        }
        SharingRuleError::UnknownAgreement => {
            "Cette version de la convention n’est pas celle de ce groupement.".to_owned()
        }
        SharingRuleError::DraftPending { number } => format!(
            "La version {number} de cette règle est déjà en projet. Modifiez-la, ou abandonnez-la \
             d’abord."
        ),
        SharingRuleError::TaxPolicies { .. } => {
            "Les règles de cette facture ne calculent pas la TVA de la même façon. Choisissez des \
             règles qui s’accordent."
                .to_owned()
        }
        SharingRuleError::PeriodNeeded { name } => format!(
            "La règle «\u{a0}{name}\u{a0}» compte les jours de présence de chaque membre. \
             Renseignez la période facturée."
        ),
    }
}

/// « projet », « en vigueur », « retirée ».
#[must_use]
pub fn rule_state(state: RuleState) -> &'static str {
    match state {
        RuleState::Draft => "projet",
        RuleState::Adopted => "en vigueur",
        RuleState::Withdrawn => "retirée",
    }
}

/// From which net the tax of a member is computed.
#[must_use]
pub fn tax_policy(policy: TaxPolicy) -> &'static str {
    match policy {
        TaxPolicy::Exact => "Sur la part HT exacte",
        TaxPolicy::Printed => "Sur la part HT arrondie au centime",
    }
}

/// « quantités livrées », « population municipale 2026 »; a key says its name.
#[must_use]
pub fn figure_source(source: &FigureSource, key: Option<&str>) -> String {
    match source {
        FigureSource::Delivered => "quantités livrées".to_owned(),
        FigureSource::Population { series, year } => match year {
            Some(year) => format!("population {series} {year}"),
            None => format!("population {series} la plus récente"),
        },
        FigureSource::Key(_) => format!("clé «\u{a0}{}\u{a0}»", key.unwrap_or("du groupement")),
    }
}

/// How a sentence names the keys and the members of a formula.
pub struct Names<'a> {
    pub key: &'a dyn Fn(&str) -> String,
    pub member: &'a dyn Fn(&str) -> String,
}

/// How many members a sentence names before it counts the others.
const NAMED_MAX: usize = 4;

/// What a formula does: « 30 % à parts égales, 70 % selon la population municipale 2026 ».
#[must_use]
pub fn formula(rule: &AllocationRule, names: &Names<'_>) -> String {
    match rule {
        AllocationRule::Equal => "à parts égales".to_owned(),
        AllocationRule::Proportional { key } => format!("selon {}", the((names.key)(key))),
        AllocationRule::Product { factors } => {
            let mut text = String::from("selon ");
            for (place, factor) in factors.iter().enumerate() {
                let sign = match (place, factor.inverse) {
                    (0, false) => "",
                    (0, true) => "1 ÷ ",
                    (_, false) => " × ",
                    (_, true) => " ÷ ",
                };
                text.push_str(sign);
                text.push_str(&(names.key)(&factor.key));
            }
            text
        }
        AllocationRule::Percent {
            percents,
            normalise,
        } => {
            let told = members(percents, names, |p| percent(*p));
            let told = format!("par pourcentages fixés ({told})");
            if *normalise {
                format!("{told}, ramenés à 100\u{202f}%")
            } else {
                told
            }
        }
        AllocationRule::Bands(bands) => by_bands(bands, names),
        AllocationRule::Coefficient { rule, coefficients } => {
            let told = members(coefficients, names, |c| french::decimal(&c.to_string()));
            format!("{}, avec des coefficients ({told})", formula(rule, names))
        }
        AllocationRule::Mix { parts } => {
            let parts = parts
                .iter()
                .map(|part| format!("{} {}", percent(part.percent), formula(&part.rule, names)));
            parts.collect::<Vec<_>>().join(", ")
        }
        AllocationRule::First { fixed, then } => {
            let fixed = match fixed {
                FixedAmounts::Each(amount) => format!("{} chacun", french::euros(*amount)),
                FixedAmounts::Of(amounts) => members(amounts, names, |a| french::euros(*a)),
            };
            format!("d’abord {fixed}, puis le reste {}", formula(then, names))
        }
        AllocationRule::Clamp { rule, bounds } => {
            format!("{}, {}", formula(rule, names), bounded(bounds, names))
        }
        AllocationRule::Direct { amounts } => {
            let told = members(amounts, names, |a| french::euros(*a));
            format!("par montants constatés ({told})")
        }
    }
}

/// « la population municipale », « les quantités livrées », « la clé … ».
fn the(source: String) -> String {
    match source.split(' ').next() {
        Some("quantités") => format!("les {source}"),
        Some("population" | "clé") => format!("la {source}"),
        Some(_) | None => source,
    }
}

fn percent(percent: Weight) -> String {
    format!("{}\u{202f}%", french::decimal(&percent.to_string()))
}

/// « Anstaing 1,25, Lille 2 et 3 autres ».
fn members<T>(
    named: &BTreeMap<String, T>,
    names: &Names<'_>,
    figure: impl Fn(&T) -> String,
) -> String {
    let mut told: Vec<String> = named
        .iter()
        .map(|(id, value)| format!("{} {}", (names.member)(id), figure(value)))
        .collect();
    told.sort();
    let others = told.len().saturating_sub(NAMED_MAX);
    told.truncate(NAMED_MAX);
    let told = told.join(", ");
    match others {
        0 => told,
        1 => format!("{told} et 1 autre"),
        more => format!("{told} et {more} autres"),
    }
}

fn by_bands(bands: &Bands, names: &Names<'_>) -> String {
    let told = bands.bands.iter().map(|band| {
        let value = french::decimal(&band.value.to_string());
        match band.up_to {
            Some(end) => format!("{value} jusqu’à {}", french::decimal(&end.to_string())),
            None => format!("{value} au-delà"),
        }
    });
    let told = told.collect::<Vec<_>>().join(", ");
    let mode = match bands.mode {
        BandMode::Flat => "valeur de la tranche",
        BandMode::Slab => "taux de la tranche sur le tout",
        BandMode::Marginal => "taux tranche par tranche",
    };
    let key = (names.key)(&bands.key);
    format!("par tranches de {key} ({mode}{NBSP}: {told})")
}

fn bounded(bounds: &Bounds, names: &Names<'_>) -> String {
    let mut told = Vec::new();
    let euros = |amount: &Cents| french::euros(*amount);
    if let Some(floor) = bounds.floor {
        told.push(format!("au moins {}", french::euros(floor)));
    }
    if !bounds.floors.is_empty() {
        told.push(format!(
            "planchers de {}",
            members(&bounds.floors, names, euros)
        ));
    }
    if let Some(cap) = bounds.cap {
        told.push(format!("au plus {}", french::euros(cap)));
    }
    if !bounds.caps.is_empty() {
        told.push(format!(
            "plafonds de {}",
            members(&bounds.caps, names, euros)
        ));
    }
    told.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(json: &str) -> String {
        let rule: AllocationRule = serde_json::from_str(json).unwrap();
        let key =
            |key: &str| figure_source(&FigureSource::parse(key).unwrap(), Some("Surfaces")).clone();
        let member = |id: &str| id.to_uppercase();
        let said = formula(
            &rule,
            &Names {
                key: &key,
                member: &member,
            },
        );
        said.replace(['\u{a0}', '\u{202f}'], " ")
    }

    #[test]
    fn a_rule_is_said_as_a_convention_writes_it() {
        let population = r#"{"kind": "proportional", "key": "population:municipale:latest"}"#;
        assert_eq!(
            said(&format!(
                r#"{{"kind": "mix", "parts": [{{"percent": "30", "rule": {{"kind": "equal"}}}},
                    {{"percent": "70", "rule": {population}}}]}}"#
            )),
            "30 % à parts égales, 70 % selon la population municipale la plus récente"
        );
        assert_eq!(
            said(&format!(
                r#"{{"kind": "clamp", "rule": {population}, "floor": "50.00", "cap": "5000.00"}}"#
            )),
            "selon la population municipale la plus récente, au moins 50,00 €, au plus 5 000,00 €"
        );
        assert_eq!(
            said(
                r#"{"kind": "first", "amounts": {"a": "1200.00"},
                    "then": {"kind": "proportional", "key": "delivered"}}"#
            ),
            "d’abord A 1 200,00 €, puis le reste selon les quantités livrées"
        );
        assert_eq!(
            said(
                r#"{"kind": "percent", "percents":
                    {"a": "10", "b": "20", "c": "30", "d": "15", "e": "25"}}"#
            ),
            "par pourcentages fixés (A 10 %, B 20 %, C 30 %, D 15 % et 1 autre)"
        );
    }
}

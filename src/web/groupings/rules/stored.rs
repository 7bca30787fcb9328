//! The fields of a formula that is kept, to type it again.
use std::collections::BTreeMap;

use domain::{
    allocation::{AllocationRule, Bounds, FixedAmounts, MixPart, Weight},
    french,
    money::Cents,
};

use super::typed::{BANDS, FACTORS, PARTS, Shape};
use crate::web::components::Typed;

/// The fields of a formula; none when it is composed in a way that no field says.
pub(super) fn fields(rule: &AllocationRule, typed: Typed) -> Option<Typed> {
    let (rule, typed) = if let AllocationRule::Clamp { rule, bounds } = rule {
        (rule.as_ref(), with_bounds(bounds, typed))
    } else {
        (rule, typed)
    };
    let (rule, typed) = if let AllocationRule::First { fixed, then } = rule {
        (then.as_ref(), with_fixed(fixed, typed))
    } else {
        (rule, typed)
    };
    let (rule, typed) = if let AllocationRule::Coefficient { rule, coefficients } = rule {
        let typed = typed.with("avec_coefficients", "oui");
        (
            rule.as_ref(),
            with_figures("coefficient", coefficients, typed),
        )
    } else {
        (rule, typed)
    };
    based(rule, typed)
}

fn based(rule: &AllocationRule, typed: Typed) -> Option<Typed> {
    let shaped = |shape: Shape| typed.clone().with("forme", shape.code());
    Some(match rule {
        AllocationRule::Equal => shaped(Shape::Equal),
        AllocationRule::Proportional { key } => shaped(Shape::Proportional).with("donnee", key),
        AllocationRule::Percent {
            percents,
            normalise,
        } => {
            let typed = with_figures("pourcentage", percents, shaped(Shape::Percent));
            if *normalise {
                typed.with("ramener", "oui")
            } else {
                typed
            }
        }
        AllocationRule::Product { factors } if factors.len() <= FACTORS => {
            let mut typed = shaped(Shape::Product);
            for (place, factor) in (1..).zip(factors) {
                typed = typed.with(&format!("facteur_{place}"), &factor.key);
                if factor.inverse {
                    typed = typed.with(&format!("inverse_{place}"), "oui");
                }
            }
            typed
        }
        AllocationRule::Bands(bands) if bands.bands.len() <= BANDS => {
            let mut typed = shaped(Shape::Bands)
                .with("donnee_tranches", &bands.key)
                .with("mode", bands.mode.word());
            for (place, band) in (1..).zip(&bands.bands) {
                let end = band.up_to.map(weight).unwrap_or_default();
                typed = typed
                    .with(&format!("borne_{place}"), end)
                    .with(&format!("valeur_{place}"), weight(band.value));
            }
            typed
        }
        AllocationRule::Mix { parts } if parts.len() <= PARTS => mixed(parts, shaped(Shape::Mix))?,
        AllocationRule::Product { .. }
        | AllocationRule::Bands(_)
        | AllocationRule::Mix { .. }
        | AllocationRule::Coefficient { .. }
        | AllocationRule::First { .. }
        | AllocationRule::Clamp { .. }
        | AllocationRule::Direct { .. } => return None,
    })
}

/// Parts that all bear the same coefficients, or none.
fn mixed(parts: &[MixPart], mut typed: Typed) -> Option<Typed> {
    let shared = parts.iter().map(|part| {
        if let AllocationRule::Coefficient { rule, coefficients } = &part.rule {
            (rule.as_ref(), Some(coefficients))
        } else {
            (&part.rule, None)
        }
    });
    let shared: Vec<_> = shared.collect();
    let coefficients = shared.first().and_then(|(_, own)| *own);
    for (place, (part, (rule, own))) in (1..).zip(parts.iter().zip(&shared)) {
        if *own != coefficients {
            return None;
        }
        let by = if matches!(rule, AllocationRule::Equal) {
            "equal"
        } else {
            rule.key()?
        };
        typed = typed
            .with(&format!("part_{place}"), weight(part.percent))
            .with(&format!("selon_{place}"), by);
    }
    Some(match coefficients {
        Some(own) => with_figures("coefficient", own, typed.with("avec_coefficients", "oui")),
        None => typed,
    })
}

fn weight(weight: Weight) -> String {
    french::decimal(&weight.to_string())
}

fn with_figures(of: &str, figures: &BTreeMap<String, Weight>, mut typed: Typed) -> Typed {
    for (member, figure) in figures {
        typed = typed.with(&format!("{of}-{member}"), weight(*figure));
    }
    typed
}

fn with_amounts(of: &str, amounts: &BTreeMap<String, Cents>, mut typed: Typed) -> Typed {
    for (member, amount) in amounts {
        typed = typed.with(&format!("{of}-{member}"), french::amount(*amount));
    }
    typed
}

fn with_bounds(bounds: &Bounds, typed: Typed) -> Typed {
    let amount = |amount: Option<Cents>| amount.map(french::amount).unwrap_or_default();
    let typed = typed
        .with("avec_bornes", "oui")
        .with("plancher", amount(bounds.floor))
        .with("plafond", amount(bounds.cap));
    let typed = with_amounts("plancher", &bounds.floors, typed);
    with_amounts("plafond", &bounds.caps, typed)
}

fn with_fixed(fixed: &FixedAmounts, typed: Typed) -> Typed {
    let typed = typed.with("avec_fixes", "oui");
    match fixed {
        FixedAmounts::Each(each) => typed.with("fixe_chacun", french::amount(*each)),
        FixedAmounts::Of(amounts) => with_amounts("fixe", amounts, typed),
    }
}

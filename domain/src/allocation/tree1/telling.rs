//! Tells how a rule or a tariff comes to one member's exact part, step by step.

use num_bigint::BigInt;

use super::amounts::{amounts, first, limits};
use super::desk::Desk;
use super::weighing::weights;
use super::weighing_told::{band_figure, raw};
use super::weights::Weights;
use crate::allocation::{
    AllocationError, AllocationRule, Bound, Bounds, Charge, Fraction, MixPart, MixedStep,
    PercentOf, Step, StepBy, TariffBy, Tariffed,
};
use crate::money::Cents;

/// What a rule gives the taker at a position of `total`; `at` is where the rule is in its line.
///
/// `known` are the weights of the rule, when they have been computed already.
pub(in crate::allocation) fn step(
    rule: &AllocationRule,
    total: &Fraction,
    desk: Desk<'_>,
    (at, position): (&str, usize),
    known: Option<&Weights>,
) -> Result<Step, AllocationError> {
    match rule {
        AllocationRule::Equal
        | AllocationRule::Proportional { .. }
        | AllocationRule::Product { .. }
        | AllocationRule::Percent { .. }
        | AllocationRule::Bands(_)
        | AllocationRule::Coefficient { .. } => {
            let found;
            let weights = match known {
                Some(weights) => weights,
                None => {
                    found = weights(rule, desk, at)?;
                    &found
                }
            };
            weighed(rule, total, desk, position, weights)
        }
        AllocationRule::Mix { parts } => mixed(parts, total, desk, (at, position)),
        AllocationRule::First { fixed, then } => {
            let (fixed, rest) = first(fixed, total, desk, at)?;
            let fixed = Cents(fixed.get(position).copied().unwrap_or(0));
            let rest = step(then, &rest, desk, (&format!("{at}/then"), position), None)?;
            Ok(Step {
                total: total.clone(),
                part: rest.part.plus(&Fraction::whole(fixed.0)),
                by: StepBy::First {
                    fixed,
                    rest: Box::new(rest),
                },
            })
        }
        AllocationRule::Clamp {
            rule: inner,
            bounds,
        } => clamped((rule, inner, bounds), total, desk, (at, position)),
        AllocationRule::Direct { amounts } => {
            let id = desk.member(position).map(|member| &member.id);
            let amount = id.and_then(|id| amounts.get(id)).copied();
            Ok(Step {
                total: total.clone(),
                part: Fraction::whole(amount.unwrap_or_default().0),
                by: StepBy::Direct,
            })
        }
    }
}

fn weighed(
    rule: &AllocationRule,
    total: &Fraction,
    desk: Desk<'_>,
    position: usize,
    weights: &Weights,
) -> Result<Step, AllocationError> {
    let (weighing, weight) = raw(rule, desk, position)?;
    let own = weights.integer(position).unwrap_or_default();
    let all = weights.denominator();
    // What the figures have in common was divided out: someone who weighs gives it back.
    let sum = match weights.heavy() {
        None => Fraction::zero(),
        Some(heavy) => {
            let (_, figure) = raw(rule, desk, heavy)?;
            let unit = weights.integer(heavy).unwrap_or_else(|| BigInt::from(1));
            figure.times(&Fraction::new(all.clone(), &unit))
        }
    };
    Ok(Step {
        total: total.clone(),
        part: total.times(&Fraction::new(own, &all)),
        by: StepBy::Weight {
            weighing,
            weight,
            sum,
        },
    })
}

fn mixed(
    parts: &[MixPart],
    total: &Fraction,
    desk: Desk<'_>,
    (at, position): (&str, usize),
) -> Result<Step, AllocationError> {
    let mut told = Vec::with_capacity(parts.len());
    let mut sum = Fraction::zero();
    for (index, part) in parts.iter().enumerate() {
        let own = total.times(&part.percent.as_fraction()).times(&hundredth());
        let at = format!("{at}/parts/{index}/rule");
        let step = step(&part.rule, &own, desk, (&at, position), None)?;
        sum = sum.plus(&step.part);
        told.push(MixedStep {
            percent: part.percent,
            step,
        });
    }
    Ok(Step {
        total: total.clone(),
        part: sum,
        by: StepBy::Mix { parts: told },
    })
}

fn clamped(
    (rule, inner, bounds): (&AllocationRule, &AllocationRule, &Bounds),
    total: &Fraction,
    desk: Desk<'_>,
    (at, position): (&str, usize),
) -> Result<Step, AllocationError> {
    let filled = amounts(rule, total, desk, at)?;
    let numerator = filled.numerators.get(position).cloned();
    let part = Fraction::new(numerator.unwrap_or_default(), &filled.denominator);
    let limits = limits(bounds, desk, at)?;
    let own = limits.get(position);
    let id = desk.member(position).map(|member| member.id.as_str());
    let floored = bounds.floor.is_some() || id.is_some_and(|id| bounds.floors.contains_key(id));
    let signed = |cents: i64| Cents(if total.is_negative() { -cents } else { cents });
    let floor = own.filter(|_| floored).map(|own| signed(own.floor));
    let cap = own.and_then(|own| own.cap).map(signed);
    let free = step(inner, total, desk, (&format!("{at}/rule"), position), None)?;
    let stands = |bound: Option<Cents>| bound.is_some_and(|b| part == Fraction::whole(b.0));
    let raised = free.part.magnitude() < part.magnitude();
    let held = match (stands(floor), stands(cap)) {
        (true, true) if raised => Some(Bound::Floor),
        // A floor of nothing holds nobody: who weighs nothing pays nothing.
        (true, false) if !part.is_zero() => Some(Bound::Floor),
        (_, true) => Some(Bound::Cap),
        (_, false) => None,
    };
    Ok(Step {
        total: total.clone(),
        part,
        by: StepBy::Clamp {
            free: Box::new(free),
            floor,
            cap,
            held,
        },
    })
}

/// What a tariff charges the taker at a position; `base` is what it reads in cents, if any.
pub(super) fn tariffed(
    charge: &Charge,
    desk: Desk<'_>,
    position: usize,
    (base, charged): (i128, i64),
) -> Result<Tariffed, AllocationError> {
    let euro = Fraction::whole(100);
    let (computed, by) = match charge {
        Charge::Flat { amount } => (Fraction::whole(amount.0), TariffBy::Flat),
        Charge::PerUnit { key, rate } => {
            let figure = desk.figure(key, position)?;
            let euros = figure.as_fraction().times(&rate.as_fraction());
            let (key, rate) = (key.clone(), *rate);
            (euros.times(&euro), TariffBy::PerUnit { key, figure, rate })
        }
        Charge::Bands(bands) => {
            let (told, euros) = band_figure(bands, desk, position)?;
            (euros.times(&euro), TariffBy::Bands(told))
        }
        Charge::PercentOf(percent) => percentage(percent, base, charged),
    };
    Ok(Tariffed {
        computed,
        charged: Cents(charged),
        by,
    })
}

fn percentage(of: &PercentOf, base: i128, charged: i64) -> (Fraction, TariffBy) {
    let percent = of.percent.as_fraction();
    let computed = Fraction::whole(base).times(&percent).times(&hundredth());
    let magnitude = charged.saturating_abs();
    let stands = |bound: Option<Cents>| bound.is_some_and(|bound| bound.0 == magnitude);
    let held = match computed.rounded() == Some(charged) {
        true => None,
        false if stands(of.cap) => Some(Bound::Cap),
        false if stands(of.min) => Some(Bound::Floor),
        false => None,
    };
    let by = TariffBy::PercentOf {
        base: Cents(i64::try_from(base).unwrap_or(i64::MAX)),
        percent: of.percent,
        min: of.min,
        cap: of.cap,
        held,
    };
    (computed, by)
}

fn hundredth() -> Fraction {
    Fraction::new(BigInt::from(1), &BigInt::from(100))
}

//! Rules that give amounts: what each taker owes exactly, over one denominator.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};

use super::desk::Desk;
use super::parts::Parts;
use super::water::{self, Limits, Misfit};
use super::weighing::weights;
use crate::allocation::{
    AllocationError, AllocationRule, Bounds, FixedAmounts, Fraction, MixPart, RuleError,
    pointer_part, weight,
};
use crate::money::Cents;

/// Exact amounts in cents, in the order of the takers.
#[derive(Clone, Debug)]
pub(super) struct Amounts {
    pub numerators: Vec<BigInt>,
    pub denominator: BigInt,
}

impl Amounts {
    /// The same in lowest terms, in 128 bits when they fit.
    pub fn into_parts(mut self) -> Parts {
        let mut divisor = self.denominator.clone();
        for numerator in &self.numerators {
            divisor = divisor.gcd(numerator);
        }
        for numerator in &mut self.numerators {
            *numerator /= &divisor;
        }
        self.denominator /= &divisor;
        let numerators: Option<Vec<i128>> =
            self.numerators.iter().map(ToPrimitive::to_i128).collect();
        match (numerators, self.denominator.to_i128()) {
            (Some(numerators), Some(denominator)) => Parts::Narrow {
                numerators,
                denominator,
            },
            (None, _) | (_, None) => Parts::Big {
                numerators: self.numerators,
                denominator: self.denominator,
            },
        }
    }

    fn add(&mut self, other: &Self) {
        let common = self.denominator.lcm(&other.denominator);
        let (own, its) = (&common / &self.denominator, &common / &other.denominator);
        for (sum, part) in self.numerators.iter_mut().zip(&other.numerators) {
            *sum = &*sum * &own + part * &its;
        }
        self.denominator = common;
    }

    fn of_cents(cents: Vec<i64>) -> Self {
        Self {
            numerators: cents.into_iter().map(BigInt::from).collect(),
            denominator: BigInt::from(1),
        }
    }
}

/// What each taker owes of `total`; `at` is where the rule is in the rule of its line.
pub(super) fn amounts(
    rule: &AllocationRule,
    total: &Fraction,
    desk: Desk<'_>,
    at: &str,
) -> Result<Amounts, AllocationError> {
    match rule {
        AllocationRule::Equal
        | AllocationRule::Proportional { .. }
        | AllocationRule::Product { .. }
        | AllocationRule::Percent { .. }
        | AllocationRule::Bands(_)
        | AllocationRule::Coefficient { .. } => weighed(rule, total, desk, at),
        AllocationRule::Mix { parts } => mixed(parts, total, desk, at),
        AllocationRule::First { fixed, then } => {
            let (fixed, rest) = first(fixed, total, desk, at)?;
            let mut amounts = amounts(then, &rest, desk, &format!("{at}/then"))?;
            amounts.add(&Amounts::of_cents(fixed));
            Ok(amounts)
        }
        AllocationRule::Clamp { rule, bounds } => clamped(rule, bounds, total, desk, at),
        AllocationRule::Direct { amounts } => {
            direct(amounts, total, desk, at).map(Amounts::of_cents)
        }
    }
}

/// Amounts that are known already; they make the total.
pub(super) fn direct(
    amounts: &BTreeMap<String, Cents>,
    total: &Fraction,
    desk: Desk<'_>,
    at: &str,
) -> Result<Vec<i64>, AllocationError> {
    let at = format!("{at}/amounts");
    desk.check_taking(&at, amounts.keys())?;
    let sum = Cents::checked_sum(amounts.values().copied())?;
    let gap = total.minus(&Fraction::whole(sum.0));
    if !gap.is_zero() {
        let gap = cents_up(&gap);
        return Err(desk.refuse(&at, RuleError::DirectGap { sum, gap }));
    }
    let amount = |id: &String| amounts.get(id).map_or(0, |amount| amount.0);
    Ok(desk.takers().map(|member| amount(&member.id)).collect())
}

fn weighed(
    rule: &AllocationRule,
    total: &Fraction,
    desk: Desk<'_>,
    at: &str,
) -> Result<Amounts, AllocationError> {
    let weights = weights(rule, desk, at)?;
    if weights.is_zero() && !total.is_zero() {
        return Err(no_weight(total, desk));
    }
    let numerators = weights.integers().into_iter();
    Ok(Amounts {
        numerators: numerators
            .map(|weight| weight * total.numerator())
            .collect(),
        denominator: weights.denominator() * total.denominator(),
    })
}

fn mixed(
    parts: &[MixPart],
    total: &Fraction,
    desk: Desk<'_>,
    at: &str,
) -> Result<Amounts, AllocationError> {
    for (index, part) in parts.iter().enumerate() {
        if part.percent.is_negative() {
            let at = format!("{at}/parts/{index}/percent");
            let figure = part.percent;
            return Err(desk.refuse(&at, RuleError::NegativeFigure { figure }));
        }
    }
    let sum = weight::sum_text(parts.iter().map(|part| part.percent));
    if sum != "100" {
        return Err(desk.refuse(&format!("{at}/parts"), RuleError::PercentSum { sum }));
    }
    let hundredth = Fraction::new(BigInt::from(1), &BigInt::from(100));
    let mut all = Amounts::of_cents(vec![0; desk.takers.len()]);
    for (index, part) in parts.iter().enumerate() {
        let own = total.times(&part.percent.as_fraction()).times(&hundredth);
        let at = format!("{at}/parts/{index}/rule");
        all.add(&amounts(&part.rule, &own, desk, &at)?);
    }
    Ok(all)
}

/// The fixed amounts of the takers, with the sign of the total, and what they leave.
pub(super) fn first(
    fixed: &FixedAmounts,
    total: &Fraction,
    desk: Desk<'_>,
    at: &str,
) -> Result<(Vec<i64>, Fraction), AllocationError> {
    let cents: Vec<i64> = match fixed {
        FixedAmounts::Each(each) => {
            refuse_negative(*each, desk, &format!("{at}/each"))?;
            vec![each.0; desk.takers.len()]
        }
        FixedAmounts::Of(amounts) => {
            let at = format!("{at}/amounts");
            desk.check_taking(&at, amounts.keys())?;
            refuse_negatives(amounts, desk, &at)?;
            let amount = |id: &String| amounts.get(id).map_or(0, |amount| amount.0);
            desk.takers().map(|member| amount(&member.id)).collect()
        }
    };
    let sum = Cents::checked_sum(cents.iter().map(|cents| Cents(*cents)))?;
    let rest = total.magnitude().minus(&Fraction::whole(sum.0));
    if rest.is_negative() {
        let (fixed, over) = (sum, cents_up(&rest.negated()));
        return Err(desk.refuse(at, RuleError::FixedTooHigh { fixed, over }));
    }
    if total.is_negative() {
        let cents = cents.into_iter().map(|cents| -cents).collect();
        return Ok((cents, rest.negated()));
    }
    Ok((cents, rest))
}

fn clamped(
    rule: &AllocationRule,
    bounds: &Bounds,
    total: &Fraction,
    desk: Desk<'_>,
    at: &str,
) -> Result<Amounts, AllocationError> {
    let limits = limits(bounds, desk, at)?;
    let inner = format!("{at}/rule");
    let sign = if total.is_negative() { -1 } else { 1 };
    let weights = if rule.weighs() {
        weights(rule, desk, &inner)?.integers()
    } else {
        let amounts = amounts(rule, total, desk, &inner)?.numerators.into_iter();
        amounts.map(|numerator| numerator * sign).collect()
    };
    if weights.iter().any(Signed::is_negative) {
        return Err(desk.refuse(&inner, RuleError::NotAWeightRule));
    }
    let nobody_weighs = weights.iter().all(Zero::is_zero);
    let filled = water::fill(&total.magnitude(), &weights, &limits);
    let mut amounts = filled.map_err(|misfit| match misfit {
        Misfit::Caps(rest) if nobody_weighs => no_weight(&rest, desk),
        Misfit::Caps(missing) => {
            let missing = cents_up(&missing);
            desk.refuse(at, RuleError::CapsTooLow { missing })
        }
        Misfit::Floors(over) => {
            let over = cents_up(&over);
            desk.refuse(at, RuleError::FloorsTooHigh { over })
        }
    })?;
    for numerator in &mut amounts.numerators {
        *numerator *= sign;
    }
    Ok(amounts)
}

pub(super) fn limits(
    bounds: &Bounds,
    desk: Desk<'_>,
    at: &str,
) -> Result<Vec<Limits>, AllocationError> {
    for (name, bound) in [("floor", bounds.floor), ("cap", bounds.cap)] {
        refuse_negative(bound.unwrap_or_default(), desk, &format!("{at}/{name}"))?;
    }
    for (name, bounds) in [("floors", &bounds.floors), ("caps", &bounds.caps)] {
        let at = format!("{at}/{name}");
        desk.check_taking(&at, bounds.keys())?;
        refuse_negatives(bounds, desk, &at)?;
    }
    let limits = desk.takers().map(|member| {
        let floor = bounds.floors.get(&member.id).copied().or(bounds.floor);
        let cap = bounds.caps.get(&member.id).copied().or(bounds.cap);
        let floor = floor.unwrap_or_default();
        if cap.is_some_and(|cap| cap < floor) {
            let member = member.id.clone();
            return Err(desk.refuse(at, RuleError::FloorAboveCap { member }));
        }
        Ok(Limits {
            floor: floor.0,
            cap: cap.map(|cap| cap.0),
        })
    });
    limits.collect()
}

fn refuse_negatives(
    amounts: &BTreeMap<String, Cents>,
    desk: Desk<'_>,
    at: &str,
) -> Result<(), AllocationError> {
    for (id, amount) in amounts {
        refuse_negative(*amount, desk, &format!("{at}/{}", pointer_part(id)))?;
    }
    Ok(())
}

fn refuse_negative(amount: Cents, desk: Desk<'_>, at: &str) -> Result<(), AllocationError> {
    if amount.is_negative() {
        return Err(desk.refuse(at, RuleError::NegativeAmount { amount }));
    }
    Ok(())
}

fn no_weight(total: &Fraction, desk: Desk<'_>) -> AllocationError {
    AllocationError::NoWeight {
        line: desk.line.to_owned(),
        net: cents_up(total),
    }
}

/// A gap in cents, away from zero: a part of a cent is a gap too.
fn cents_up(gap: &Fraction) -> Cents {
    let magnitude = gap.magnitude();
    let up = magnitude.numerator().div_ceil(magnitude.denominator());
    let up = up.to_i64().unwrap_or(i64::MAX);
    Cents(if gap.is_negative() { -up } else { up })
}

//! The exact values again, by plain fractions and by other ways than the kernel's.

use num_bigint::BigInt;
use num_integer::Integer;

use crate::allocation::{
    AllocationRule, Bounds, Charge, FixedAmounts, Fraction, Member, PercentOf, TaxGroup,
};
use crate::money::Cents;

/// What each taker owes of `total`, in cents; `None` when the rule cannot say.
pub(super) fn exact(
    rule: &AllocationRule,
    total: &Fraction,
    takers: &[&Member],
) -> Option<Vec<Fraction>> {
    match rule {
        AllocationRule::Equal
        | AllocationRule::Proportional { .. }
        | AllocationRule::Product { .. }
        | AllocationRule::Percent { .. }
        | AllocationRule::Bands(_)
        | AllocationRule::Coefficient { .. } => {
            let weights = weights(rule, takers)?;
            let sum = sum(&weights);
            if sum.is_zero() {
                return total.is_zero().then_some(weights);
            }
            let each = total.over(&sum)?;
            Some(weights.iter().map(|weight| weight.times(&each)).collect())
        }
        AllocationRule::Mix { parts } => {
            let mut all = vec![Fraction::zero(); takers.len()];
            for part in parts {
                let percent = part.percent.as_fraction().over(&Fraction::whole(100))?;
                let own = exact(&part.rule, &total.times(&percent), takers)?;
                all = all.iter().zip(&own).map(|(a, b)| a.plus(b)).collect();
            }
            Some(all)
        }
        AllocationRule::First { fixed, then } => {
            let sign = sign(total);
            let amount = |member: &&Member| match fixed {
                FixedAmounts::Each(each) => Fraction::whole(each.0),
                FixedAmounts::Of(of) => Fraction::whole(of.get(&member.id).map_or(0, |c| c.0)),
            };
            let fixed: Vec<Fraction> = takers
                .iter()
                .map(|member| amount(member).times(&sign))
                .collect();
            let rest = exact(then, &total.minus(&sum(&fixed)), takers)?;
            Some(rest.iter().zip(&fixed).map(|(a, b)| a.plus(b)).collect())
        }
        AllocationRule::Clamp { rule, bounds } => clamped(rule, bounds, total, takers),
        AllocationRule::Direct { amounts } => {
            let amount = |member: &&Member| amounts.get(&member.id).map_or(0, |c| c.0);
            let amounts = takers.iter().map(|member| Fraction::whole(amount(member)));
            Some(amounts.collect())
        }
    }
}

fn weights(rule: &AllocationRule, takers: &[&Member]) -> Option<Vec<Fraction>> {
    let figure = |member: &Member, key: &str| Some(member.keys.get(key)?.as_fraction());
    let each: &dyn Fn(&&Member) -> Option<Fraction> = match rule {
        AllocationRule::Equal => &|_| Some(Fraction::whole(1)),
        AllocationRule::Proportional { key } => &|member| figure(member, key),
        AllocationRule::Product { factors } => &|member| {
            factors
                .iter()
                .try_fold(Fraction::whole(1), |product, factor| {
                    let own = figure(member, &factor.key)?;
                    if factor.inverse {
                        product.over(&own)
                    } else {
                        Some(product.times(&own))
                    }
                })
        },
        AllocationRule::Percent { percents, .. } => &|member| {
            let percent = percents.get(&member.id);
            Some(percent.map_or_else(Fraction::zero, |percent| percent.as_fraction()))
        },
        AllocationRule::Bands(bands) => &|member| Some(bands.figure(*member.keys.get(&bands.key)?)),
        AllocationRule::Coefficient { rule, coefficients } => {
            let inner = weights(rule, takers)?;
            let scaled = inner.iter().zip(takers).map(|(weight, member)| {
                let coefficient = coefficients.get(&member.id);
                coefficient.map_or_else(|| weight.clone(), |c| weight.times(&c.as_fraction()))
            });
            return Some(scaled.collect());
        }
        AllocationRule::Mix { .. }
        | AllocationRule::First { .. }
        | AllocationRule::Clamp { .. }
        | AllocationRule::Direct { .. } => return None,
    };
    takers.iter().map(each).collect()
}

/// `clamp(λ·w, floor, cap)`: λ is found by halving the list of the levels where someone bends.
fn clamped(
    rule: &AllocationRule,
    bounds: &Bounds,
    total: &Fraction,
    takers: &[&Member],
) -> Option<Vec<Fraction>> {
    let sign = sign(total);
    let weights = match weights(rule, takers) {
        Some(weights) => weights,
        None => {
            let inner = exact(rule, total, takers)?;
            inner.iter().map(|amount| amount.times(&sign)).collect()
        }
    };
    let cents = |amount: Option<&Cents>| amount.map(|cents| Fraction::whole(cents.0));
    let limits: Vec<(Fraction, Option<Fraction>)> = takers
        .iter()
        .map(|member| {
            let floor = cents(bounds.floors.get(&member.id).or(bounds.floor.as_ref()));
            let cap = cents(bounds.caps.get(&member.id).or(bounds.cap.as_ref()));
            (floor.unwrap_or_else(Fraction::zero), cap)
        })
        .collect();
    let at = |level: &Fraction| -> Vec<Fraction> {
        let stands = weights.iter().zip(&limits).map(|(weight, (floor, cap))| {
            let free = level.times(weight).max(floor.clone());
            cap.as_ref()
                .map_or(free.clone(), |cap| free.min(cap.clone()))
        });
        stands.collect()
    };
    let target = total.magnitude();
    let mut levels = vec![Fraction::zero()];
    for (weight, (floor, cap)) in weights.iter().zip(&limits) {
        levels.extend(floor.over(weight));
        levels.extend(cap.as_ref().and_then(|cap| cap.over(weight)));
    }
    levels.sort();
    let under = levels.partition_point(|level| sum(&at(level)) < target);
    let start = levels.get(under.saturating_sub(1))?;
    let (low, high) = match levels.get(under) {
        Some(end) if under > 0 => (at(start), at(end)),
        Some(end) => (at(end), at(end)),
        None => (at(start), at(&start.plus(&Fraction::whole(1)))),
    };
    // Between two bends everything grows straight: the target lies at one place between them.
    let (from, to) = (sum(&low), sum(&high));
    let along = target.minus(&from);
    let way = if along.is_zero() {
        Fraction::zero()
    } else {
        along.over(&to.minus(&from))?
    };
    let between = low.iter().zip(&high);
    let filled = between.map(|(low, high)| low.plus(&high.minus(low).times(&way)).times(&sign));
    Some(filled.collect())
}

/// What a tariff charges each taker; `base` gives what other lines are allocated to it.
pub(super) fn charged(
    charge: &Charge,
    takers: &[&Member],
    base: impl Fn(&PercentOf, &str) -> i128,
) -> Option<Vec<i64>> {
    let hundred = Fraction::whole(100);
    let each = |member: &&Member| match charge {
        Charge::Flat { amount } => Some(amount.0),
        Charge::PerUnit { key, rate } => {
            let figure = member.keys.get(key)?.as_fraction();
            figure.times(&rate.as_fraction()).times(&hundred).rounded()
        }
        Charge::Bands(bands) => {
            let figure = bands.figure(*member.keys.get(&bands.key)?);
            figure.times(&hundred).rounded()
        }
        Charge::PercentOf(percent) => percent.of(base(percent, &member.id)),
    };
    takers.iter().map(each).collect()
}

/// The exact tax of each net: the nominal tax and a part of the gap to what is printed.
pub(super) fn taxes(group: TaxGroup, printed: Cents, nets: &[Fraction]) -> Option<Vec<Fraction>> {
    let rate = Fraction::new(
        BigInt::from(group.rate.basis_points()),
        &BigInt::from(10_000),
    );
    let magnitudes: Vec<Fraction> = nets.iter().map(Fraction::magnitude).collect();
    let base = sum(&magnitudes);
    if base.is_zero() {
        return printed.is_zero().then(|| nets.to_vec());
    }
    let gap = Fraction::whole(printed.0).minus(&rate.times(&sum(nets)));
    let part = gap.over(&base)?;
    let each = nets.iter().zip(&magnitudes);
    Some(
        each.map(|(net, size)| rate.times(net).plus(&part.times(size)))
            .collect(),
    )
}

/// Adds over the common denominator: reducing at each step would cost more than the sum.
pub(super) fn sum(parts: &[Fraction]) -> Fraction {
    let mut common = BigInt::from(1);
    for part in parts {
        common = common.lcm(part.denominator());
    }
    let whole = |part: &Fraction| part.numerator() * (&common / part.denominator());
    Fraction::new(parts.iter().map(whole).sum(), &common)
}

fn sign(total: &Fraction) -> Fraction {
    Fraction::whole(if total.is_negative() { -1 } else { 1 })
}

//! What a tariff charges each taker, in whole cents.

use super::desk::Desk;
use crate::allocation::{AllocationError, Bands, Charge, Fraction, PercentOf, RuleError};
use crate::money::Cents;

/// The charges of the takers; `None` for a percentage, which waits for allocated cents.
pub(super) fn charges(
    charge: &Charge,
    desk: Desk<'_>,
) -> Result<Option<Vec<i64>>, AllocationError> {
    match charge {
        Charge::Flat { amount } => Ok(Some(vec![amount.0; desk.takers.len()])),
        Charge::PerUnit { key, rate } => {
            let rate = rate.as_fraction();
            let figures = desk.figures(key)?.into_iter();
            let euros = figures.map(|figure| figure.as_fraction().times(&rate));
            euros
                .map(|euros| in_cents(&euros))
                .collect::<Result<_, _>>()
                .map(Some)
        }
        Charge::Bands(bands) => read(bands, desk).map(Some),
        Charge::PercentOf(percent) => check(percent, desk).map(|()| None),
    }
}

fn read(bands: &Bands, desk: Desk<'_>) -> Result<Vec<i64>, AllocationError> {
    if !bands.is_whole() {
        return Err(desk.refuse("/bands", RuleError::BadBands));
    }
    let figures = desk.weights(&bands.key)?.into_iter();
    figures
        .map(|figure| in_cents(&bands.figure(figure)))
        .collect()
}

fn check(percent: &PercentOf, desk: Desk<'_>) -> Result<(), AllocationError> {
    for (name, bound) in [("min", percent.min), ("cap", percent.cap)] {
        let amount = bound.unwrap_or_default();
        if amount.is_negative() {
            let at = format!("/{name}");
            return Err(desk.refuse(&at, RuleError::NegativeAmount { amount }));
        }
    }
    match (percent.min, percent.cap) {
        (Some(min), Some(cap)) if min > cap => Err(desk.refuse("/cap", RuleError::MinAboveCap)),
        (_, _) => Ok(()),
    }
}

/// Euros in cents, half away from zero.
fn in_cents(euros: &Fraction) -> Result<i64, AllocationError> {
    let cents = euros.times(&Fraction::whole(100)).rounded();
    cents.ok_or(AllocationError::Overflow)
}

/// What a percentage charges a taker whose lines cost `base`.
pub(super) fn percentage(percent: &PercentOf, base: i128) -> Result<Cents, AllocationError> {
    percent.of(base).map(Cents).ok_or(AllocationError::Overflow)
}

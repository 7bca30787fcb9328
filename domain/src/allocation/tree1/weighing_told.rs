//! Tells where one member's weight comes from: its figures, and what the rule makes of them.

use super::desk::Desk;
use crate::allocation::{
    AllocationError, AllocationRule, BandFigure, Bands, FactorFigure, Fraction, RuleError,
    Weighing, Weight,
};

/// The weight of the taker at a position under a rule that weighs, before it is put to scale.
pub(super) fn raw(
    rule: &AllocationRule,
    desk: Desk<'_>,
    position: usize,
) -> Result<(Weighing, Fraction), AllocationError> {
    let id = desk.member(position).map(|member| &member.id);
    match rule {
        AllocationRule::Equal => Ok((Weighing::Equal, Fraction::whole(1))),
        AllocationRule::Proportional { key } => {
            let figure = desk.figure(key, position)?;
            let key = key.clone();
            Ok((Weighing::Key { key, figure }, figure.as_fraction()))
        }
        AllocationRule::Product { factors } => {
            let mut told = Vec::with_capacity(factors.len());
            let mut product = Fraction::whole(1);
            for factor in factors {
                let figure = desk.figure(&factor.key, position)?;
                let (key, inverse) = (factor.key.clone(), factor.inverse);
                let own = figure.as_fraction();
                // An inverse of zero was refused before.
                product = match inverse {
                    true => product.over(&own).unwrap_or_else(Fraction::zero),
                    false => product.times(&own),
                };
                told.push(FactorFigure {
                    key,
                    figure,
                    inverse,
                });
            }
            Ok((Weighing::Product { factors: told }, product))
        }
        AllocationRule::Percent {
            percents,
            normalise,
        } => {
            let percent = id.and_then(|id| percents.get(id)).copied();
            let percent = percent.unwrap_or(Weight::ZERO);
            let normalise = *normalise;
            let told = Weighing::Percent { percent, normalise };
            Ok((told, percent.as_fraction()))
        }
        AllocationRule::Bands(bands) => {
            let (told, weight) = band_figure(bands, desk, position)?;
            Ok((Weighing::Bands(told), weight))
        }
        AllocationRule::Coefficient { rule, coefficients } => {
            let (of, weight) = raw(rule, desk, position)?;
            let coefficient = id.and_then(|id| coefficients.get(id)).copied();
            let coefficient = coefficient.unwrap_or(Weight::ONE);
            let product = weight.times(&coefficient.as_fraction());
            let of = Box::new(of);
            let told = Weighing::Coefficient {
                of,
                weight,
                coefficient,
            };
            Ok((told, product))
        }
        AllocationRule::Mix { .. }
        | AllocationRule::First { .. }
        | AllocationRule::Clamp { .. }
        | AllocationRule::Direct { .. } => Err(desk.refuse("", RuleError::NotAWeightRule)),
    }
}

/// The bands that the taker at a position reaches, and what they make.
pub(super) fn band_figure(
    bands: &Bands,
    desk: Desk<'_>,
    position: usize,
) -> Result<(BandFigure, Fraction), AllocationError> {
    let figure = desk.figure(&bands.key, position)?;
    let told = BandFigure {
        key: bands.key.clone(),
        figure,
        mode: bands.mode,
        reached: bands.reached(figure),
    };
    Ok((told, bands.figure(figure)))
}

//! Rules that weigh: what each taker weighs, exactly.

use std::collections::BTreeMap;

use super::desk::Desk;
use super::weights::Weights;
use crate::allocation::{
    AllocationError, AllocationRule, Bands, Factor, Fraction, RuleError, Weight, pointer_part,
    weight,
};

/// Beyond, the common denominator of inverses is too large: weights must be frozen decimals.
const INVERSES_MAX: usize = 3_000;

impl AllocationRule {
    /// Whether the rule gives weights; the others give amounts.
    pub(super) fn weighs(&self) -> bool {
        match self {
            Self::Equal
            | Self::Proportional { .. }
            | Self::Product { .. }
            | Self::Percent { .. }
            | Self::Bands(_)
            | Self::Coefficient { .. } => true,
            Self::Mix { .. } | Self::First { .. } | Self::Clamp { .. } | Self::Direct { .. } => {
                false
            }
        }
    }
}

/// The weights of the takers; `at` is where the rule is in the rule of its line.
pub(super) fn weights(
    rule: &AllocationRule,
    desk: Desk<'_>,
    at: &str,
) -> Result<Weights, AllocationError> {
    match rule {
        AllocationRule::Equal => Ok(Weights::equal(desk.takers.len())),
        AllocationRule::Proportional { key } => Ok(Weights::of_decimals(&desk.weights(key)?)),
        AllocationRule::Percent {
            percents,
            normalise,
        } => Ok(Weights::of_decimals(&shares_of_100(
            percents, *normalise, desk, at,
        )?)),
        AllocationRule::Product { .. }
        | AllocationRule::Bands(_)
        | AllocationRule::Coefficient { .. }
        | AllocationRule::Mix { .. }
        | AllocationRule::First { .. }
        | AllocationRule::Clamp { .. }
        | AllocationRule::Direct { .. } => Ok(Weights::of_fractions(&fractions(rule, desk, at)?)),
    }
}

fn fractions(
    rule: &AllocationRule,
    desk: Desk<'_>,
    at: &str,
) -> Result<Vec<Fraction>, AllocationError> {
    let exactly = |weights: Vec<Weight>| weights.into_iter().map(Weight::as_fraction).collect();
    match rule {
        AllocationRule::Equal => Ok(vec![Fraction::whole(1); desk.takers.len()]),
        AllocationRule::Proportional { key } => Ok(exactly(desk.weights(key)?)),
        AllocationRule::Percent {
            percents,
            normalise,
        } => Ok(exactly(shares_of_100(percents, *normalise, desk, at)?)),
        AllocationRule::Product { factors } => product(factors, desk),
        AllocationRule::Bands(bands) => {
            check_bands(bands, desk, at)?;
            let figures = desk.weights(&bands.key)?.into_iter();
            Ok(figures.map(|figure| bands.figure(figure)).collect())
        }
        AllocationRule::Coefficient { rule, coefficients } => {
            let inner = fractions(rule, desk, &format!("{at}/rule"))?;
            scaled(inner, coefficients, desk, &format!("{at}/coefficients"))
        }
        AllocationRule::Mix { .. }
        | AllocationRule::First { .. }
        | AllocationRule::Clamp { .. }
        | AllocationRule::Direct { .. } => Err(desk.refuse(at, RuleError::NotAWeightRule)),
    }
}

/// Percentages that make 100 among the takers, unless they are to be normalised.
fn shares_of_100(
    percents: &BTreeMap<String, Weight>,
    normalise: bool,
    desk: Desk<'_>,
    at: &str,
) -> Result<Vec<Weight>, AllocationError> {
    let at = format!("{at}/percents");
    desk.check_known(&at, percents.keys())?;
    refuse_negatives(percents, desk, &at)?;
    let percent = |id: &String| percents.get(id).copied().unwrap_or(Weight::ZERO);
    let taken: Vec<Weight> = desk.takers().map(|member| percent(&member.id)).collect();
    let sum = weight::sum_text(taken.iter().copied());
    if normalise || sum == "100" {
        Ok(taken)
    } else {
        Err(desk.refuse(&at, RuleError::PercentSum { sum }))
    }
}

fn product(factors: &[Factor], desk: Desk<'_>) -> Result<Vec<Fraction>, AllocationError> {
    let mut products = vec![Fraction::whole(1); desk.takers.len()];
    for (index, factor) in factors.iter().enumerate() {
        let at = format!("/factors/{index}");
        if factor.inverse && desk.takers.len() > INVERSES_MAX {
            let (members, most) = (desk.takers.len(), INVERSES_MAX);
            return Err(desk.refuse(&at, RuleError::TooManyInverses { members, most }));
        }
        let weights = desk.weights(&factor.key)?;
        for ((product, weight), member) in products.iter_mut().zip(weights).zip(desk.takers()) {
            let weight = weight.as_fraction();
            let next = if factor.inverse {
                product.over(&weight)
            } else {
                Some(product.times(&weight))
            };
            *product = next.ok_or_else(|| {
                let (member, key) = (member.id.clone(), factor.key.clone());
                desk.refuse(&at, RuleError::ZeroInverse { member, key })
            })?;
        }
    }
    Ok(products)
}

fn scaled(
    mut weights: Vec<Fraction>,
    coefficients: &BTreeMap<String, Weight>,
    desk: Desk<'_>,
    at: &str,
) -> Result<Vec<Fraction>, AllocationError> {
    desk.check_known(at, coefficients.keys())?;
    refuse_negatives(coefficients, desk, at)?;
    for (weight, member) in weights.iter_mut().zip(desk.takers()) {
        if let Some(coefficient) = coefficients.get(&member.id) {
            *weight = weight.times(&coefficient.as_fraction());
        }
    }
    Ok(weights)
}

fn refuse_negatives(
    figures: &BTreeMap<String, Weight>,
    desk: Desk<'_>,
    at: &str,
) -> Result<(), AllocationError> {
    let negative = figures.iter().find(|(_, figure)| figure.is_negative());
    let Some((id, figure)) = negative else {
        return Ok(());
    };
    let at = format!("{at}/{}", pointer_part(id));
    let figure = *figure;
    Err(desk.refuse(&at, RuleError::NegativeFigure { figure }))
}

/// Bands that weigh: whole, and nothing negative.
fn check_bands(bands: &Bands, desk: Desk<'_>, at: &str) -> Result<(), AllocationError> {
    if !bands.is_whole() {
        return Err(desk.refuse(&format!("{at}/bands"), RuleError::BadBands));
    }
    let mut values = bands.bands.iter().map(|band| band.value).enumerate();
    match values.find(|(_, value)| value.is_negative()) {
        None => Ok(()),
        Some((index, figure)) => {
            let at = format!("{at}/bands/{index}/value");
            Err(desk.refuse(&at, RuleError::NegativeFigure { figure }))
        }
    }
}

//! The exact values of one row, as whole cents and fractions of a common unit.

use std::ops::{AddAssign, SubAssign};
use std::sync::Arc;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{ToPrimitive, Zero};

use super::divisor::{Divisor, WideDivisor};
use super::weights::Weights;
use crate::allocation::AllocationError;

/// What is owed, in units of a fraction of a cent: 64, 128 or 256 bits, or any size.
///
/// The unit decides which, once for an invoice; all give the same shares.
pub(super) trait Due:
    Clone + Ord + Zero + for<'a> AddAssign<&'a Self> + for<'a> SubAssign<&'a Self>
{
    /// The caller has checked that it fits.
    fn of(value: &BigInt) -> Self;
    fn to_big(&self) -> BigInt;
    fn times(&self, factor: &Self) -> Self;
    /// A remainder under 2⁶⁴ times a factor.
    fn of_small(remainder: u64, factor: &Self) -> Self;
    /// A remainder that is not negative times a factor.
    fn of_rest(rest: i128, factor: &Self) -> Self;
}

impl Due for i64 {
    fn of(value: &BigInt) -> Self {
        value.to_i64().unwrap_or(0)
    }

    fn to_big(&self) -> BigInt {
        BigInt::from(*self)
    }

    #[inline]
    fn times(&self, factor: &Self) -> Self {
        self * factor
    }

    #[inline]
    fn of_small(remainder: u64, factor: &Self) -> Self {
        Self::try_from(remainder).unwrap_or(0) * factor
    }

    #[inline]
    fn of_rest(rest: i128, factor: &Self) -> Self {
        Self::try_from(rest).unwrap_or(0) * factor
    }
}

impl Due for i128 {
    fn of(value: &BigInt) -> Self {
        value.to_i128().unwrap_or(0)
    }

    fn to_big(&self) -> BigInt {
        BigInt::from(*self)
    }

    #[inline]
    fn times(&self, factor: &Self) -> Self {
        self * factor
    }

    #[inline]
    fn of_small(remainder: u64, factor: &Self) -> Self {
        Self::from(remainder) * factor
    }

    #[inline]
    fn of_rest(rest: i128, factor: &Self) -> Self {
        rest * factor
    }
}

impl Due for BigInt {
    fn of(value: &BigInt) -> Self {
        value.clone()
    }

    fn to_big(&self) -> BigInt {
        self.clone()
    }

    fn times(&self, factor: &Self) -> Self {
        self * factor
    }

    fn of_small(remainder: u64, factor: &Self) -> Self {
        factor * remainder
    }

    fn of_rest(rest: i128, factor: &Self) -> Self {
        factor * rest
    }
}

/// How what is above a floor is counted: a remainder over the denominator of its row.
pub(super) trait Measure {
    type Part;

    fn small(&self, rest: u64) -> Self::Part;
    fn wide(&self, rest: i128) -> Self::Part;
    fn big(&self, rest: &BigInt) -> Self::Part;
}

/// How many units of an invoice the smallest part of a row makes.
pub(super) struct Factor<D>(pub D);

impl<D: Due> Measure for Factor<D> {
    type Part = D;

    #[inline]
    fn small(&self, rest: u64) -> D {
        D::of_small(rest, &self.0)
    }

    #[inline]
    fn wide(&self, rest: i128) -> D {
        D::of_rest(rest, &self.0)
    }

    fn big(&self, rest: &BigInt) -> D {
        D::of(rest).times(&self.0)
    }
}

/// The exact value of each taker of a row; their sum is whole.
#[derive(Clone, Debug)]
pub(super) enum Parts {
    /// `total × weight / sum of the weights`.
    Weighed { total: i64, weights: Arc<Weights> },
    Narrow {
        numerators: Vec<i128>,
        denominator: i128,
    },
    Big {
        numerators: Vec<BigInt>,
        denominator: BigInt,
    },
    /// Whole cents: nothing to round.
    Whole(Vec<i64>),
}

impl Parts {
    pub fn denominator(&self) -> BigInt {
        match self {
            Self::Weighed { weights, .. } => weights.denominator(),
            Self::Narrow { denominator, .. } => BigInt::from(*denominator),
            Self::Big { denominator, .. } => denominator.clone(),
            Self::Whole(_) => BigInt::from(1),
        }
    }

    pub fn negated(self) -> Self {
        match self {
            Self::Weighed { total, weights } => Self::Weighed {
                total: total.saturating_neg(),
                weights,
            },
            Self::Narrow {
                numerators,
                denominator,
            } => Self::Narrow {
                numerators: numerators.iter().map(|numerator| -numerator).collect(),
                denominator,
            },
            Self::Big {
                numerators,
                denominator,
            } => Self::Big {
                numerators: numerators.iter().map(|numerator| -numerator).collect(),
                denominator,
            },
            Self::Whole(cents) => Self::Whole(cents.iter().map(|c| c.saturating_neg()).collect()),
        }
    }

    /// The numerators over `denominator`, as integers of any size.
    pub fn numerators(&self) -> Vec<BigInt> {
        match self {
            Self::Weighed { total, weights } => {
                let weights = weights.integers().into_iter();
                weights.map(|weight| weight * *total).collect()
            }
            Self::Narrow { numerators, .. } => numerators
                .iter()
                .map(|numerator| BigInt::from(*numerator))
                .collect(),
            Self::Big { numerators, .. } => numerators.clone(),
            Self::Whole(cents) => cents.iter().map(|cents| BigInt::from(*cents)).collect(),
        }
    }

    /// One of the numerators over `denominator`.
    pub fn numerator(&self, position: usize) -> Option<BigInt> {
        match self {
            Self::Weighed { total, weights } => Some(weights.integer(position)? * *total),
            Self::Narrow { numerators, .. } => numerators.get(position).copied().map(BigInt::from),
            Self::Big { numerators, .. } => numerators.get(position).cloned(),
            Self::Whole(cents) => cents.get(position).copied().map(BigInt::from),
        }
    }

    /// Whether no value is negative.
    pub fn is_positive(&self) -> bool {
        match self {
            Self::Weighed { total, .. } => *total >= 0,
            Self::Narrow { numerators, .. } => numerators.iter().all(|n| *n >= 0),
            Self::Big { numerators, .. } => numerators.iter().all(|n| *n >= BigInt::ZERO),
            Self::Whole(cents) => cents.iter().all(|cents| *cents >= 0),
        }
    }

    /// −1, 0 or 1 as the first value that is not zero.
    pub fn sign(&self) -> i64 {
        let first = self.numerators().into_iter().find(|n| !n.is_zero());
        first.map_or(0, |n| if n < BigInt::ZERO { -1 } else { 1 })
    }

    /// Gives each value as its floor and what is above it, in units of which `unit` make a cent.
    pub fn floors<D: Due>(
        &self,
        unit: &D,
        floors: &mut Vec<(i64, D)>,
    ) -> Result<(), AllocationError> {
        floors.clear();
        let factor = D::of(&(unit.to_big() / self.denominator()));
        self.measured(&Factor(factor), |floor, rest| floors.push((floor, rest)))
    }

    /// One value as its floor and the measure of what is above it.
    pub fn part<M: Measure>(
        &self,
        position: usize,
        measure: &M,
    ) -> Result<Option<(i64, M::Part)>, AllocationError> {
        if let Self::Weighed { total, weights } = self
            && let Weights::Narrow { of, sum } = weights.as_ref()
        {
            let Some(weight) = of.get(position).copied() else {
                return Ok(None);
            };
            let mut part = None;
            let take = |floor, rest| part = Some((floor, rest));
            weighed_floors(*total, &[weight], (*sum).max(1), measure, take);
            return Ok(part);
        }
        let Some(numerator) = self.numerator(position) else {
            return Ok(None);
        };
        let (floor, rest) = numerator.div_mod_floor(&self.denominator());
        let floor = floor.to_i64().ok_or(AllocationError::Overflow)?;
        Ok(Some((floor, measure.big(&rest))))
    }

    /// Gives each value as its floor and the measure of what is above it.
    pub fn measured<M: Measure>(
        &self,
        measure: &M,
        mut take: impl FnMut(i64, M::Part),
    ) -> Result<(), AllocationError> {
        match self {
            Self::Weighed { total, weights } => match weights.as_ref() {
                Weights::Narrow { of, sum } => {
                    weighed_floors(*total, of, (*sum).max(1), measure, take);
                    Ok(())
                }
                Weights::Wide { of, sum } => match WideDivisor::new(*sum) {
                    Some(divisor) => {
                        wide_floors(*total, of, (divisor, *sum), measure, take);
                        Ok(())
                    }
                    None => big_floors(&self.numerators(), &self.denominator(), measure, take),
                },
                Weights::Big { .. } => {
                    big_floors(&self.numerators(), &self.denominator(), measure, take)
                }
            },
            Self::Narrow {
                numerators,
                denominator,
            } => {
                for numerator in numerators {
                    let (floor, rest) = numerator.div_mod_floor(denominator);
                    let floor = i64::try_from(floor).or(Err(AllocationError::Overflow))?;
                    take(floor, measure.wide(rest));
                }
                Ok(())
            }
            Self::Big {
                numerators,
                denominator,
            } => big_floors(numerators, denominator, measure, take),
            Self::Whole(cents) => {
                for cents in cents {
                    take(*cents, measure.small(0));
                }
                Ok(())
            }
        }
    }
}

fn weighed_floors<M: Measure>(
    total: i64,
    weights: &[u64],
    sum: u64,
    measure: &M,
    mut take: impl FnMut(i64, M::Part),
) {
    let magnitude = total.unsigned_abs();
    let divisor = Divisor::new(sum);
    for weight in weights {
        let (part, rest) = divisor.share(magnitude, *weight);
        let rest = if total < 0 && rest > 0 {
            sum - rest
        } else {
            rest
        };
        take(floor(total, part, rest == 0), measure.small(rest));
    }
}

fn wide_floors<M: Measure>(
    total: i64,
    weights: &[u128],
    (divisor, sum): (WideDivisor, u128),
    measure: &M,
    mut take: impl FnMut(i64, M::Part),
) {
    let magnitude = total.unsigned_abs();
    for weight in weights {
        let (part, rest) = divisor.share(magnitude, *weight);
        let rest = if total < 0 && rest > 0 {
            sum - rest
        } else {
            rest
        };
        let floor = floor(total, part, rest == 0);
        take(floor, measure.wide(i128::try_from(rest).unwrap_or(0)));
    }
}

/// The floor of a part of a total, from that of its magnitude.
#[inline]
fn floor(total: i64, part: u64, whole: bool) -> i64 {
    let part = i64::try_from(part).unwrap_or(i64::MAX);
    match (total < 0, whole) {
        (true, true) => -part,
        (true, false) => -part - 1,
        (false, _) => part,
    }
}

fn big_floors<M: Measure>(
    numerators: &[BigInt],
    denominator: &BigInt,
    measure: &M,
    mut take: impl FnMut(i64, M::Part),
) -> Result<(), AllocationError> {
    for numerator in numerators {
        let (floor, rest) = numerator.div_mod_floor(denominator);
        let floor = floor.to_i64().ok_or(AllocationError::Overflow)?;
        take(floor, measure.big(&rest));
    }
    Ok(())
}

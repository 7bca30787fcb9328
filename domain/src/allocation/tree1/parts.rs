//! The exact values of one row, as whole cents and fractions of a common unit.

use std::ops::{AddAssign, SubAssign};
use std::sync::Arc;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{ToPrimitive, Zero};

use super::divisor::Divisor;
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
        match self {
            Self::Weighed { total, weights } => match weights.as_ref() {
                Weights::Narrow { of, sum } => {
                    weighed_floors(*total, of, (*sum).max(1), &factor, floors);
                    Ok(())
                }
                Weights::Wide { .. } | Weights::Big { .. } => {
                    big_floors(&self.numerators(), &self.denominator(), &factor, floors)
                }
            },
            Self::Narrow {
                numerators,
                denominator,
            } => {
                for numerator in numerators {
                    let (floor, rest) = numerator.div_mod_floor(denominator);
                    let floor = i64::try_from(floor).or(Err(AllocationError::Overflow))?;
                    floors.push((floor, D::of_rest(rest, &factor)));
                }
                Ok(())
            }
            Self::Big {
                numerators,
                denominator,
            } => big_floors(numerators, denominator, &factor, floors),
            Self::Whole(cents) => {
                floors.extend(cents.iter().map(|cents| (*cents, D::zero())));
                Ok(())
            }
        }
    }
}

fn weighed_floors<D: Due>(
    total: i64,
    weights: &[u64],
    sum: u64,
    factor: &D,
    floors: &mut Vec<(i64, D)>,
) {
    let magnitude = total.unsigned_abs();
    let divisor = Divisor::new(sum);
    let cents = |part: u64| i64::try_from(part).unwrap_or(i64::MAX);
    for weight in weights {
        let (part, rest) = divisor.share(magnitude, *weight);
        let (floor, rest) = match (total < 0, rest) {
            (true, 0) => (-cents(part), 0),
            (true, _) => (-cents(part) - 1, sum - rest),
            (false, _) => (cents(part), rest),
        };
        floors.push((floor, D::of_small(rest, factor)));
    }
}

fn big_floors<D: Due>(
    numerators: &[BigInt],
    denominator: &BigInt,
    factor: &D,
    floors: &mut Vec<(i64, D)>,
) -> Result<(), AllocationError> {
    for numerator in numerators {
        let (floor, rest) = numerator.div_mod_floor(denominator);
        let floor = floor.to_i64().ok_or(AllocationError::Overflow)?;
        floors.push((floor, D::of(&rest).times(factor)));
    }
    Ok(())
}

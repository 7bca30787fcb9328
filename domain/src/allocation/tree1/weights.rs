//! Weights as whole numbers of one common scale, in the narrowest integers that hold them.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{ToPrimitive, Zero};

use crate::allocation::{Fraction, Weight};

/// Weights that are not negative, in lowest terms, with their sum.
///
/// The tier only changes the speed: the same weights give the same shares in each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::allocation) enum Weights {
    Narrow { of: Vec<u64>, sum: u64 },
    Wide { of: Vec<u128>, sum: u128 },
    Big { of: Vec<BigInt>, sum: BigInt },
}

const POWERS: [u64; 20] = [
    1,
    10,
    100,
    1_000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    100_000_000,
    1_000_000_000,
    10_000_000_000,
    100_000_000_000,
    1_000_000_000_000,
    10_000_000_000_000,
    100_000_000_000_000,
    1_000_000_000_000_000,
    10_000_000_000_000_000,
    100_000_000_000_000_000,
    1_000_000_000_000_000_000,
    10_000_000_000_000_000_000,
];

impl Weights {
    /// Brings decimals that are not negative to their common scale, exactly.
    ///
    /// | decimals     | whole numbers | sum |
    /// |--------------|---------------|----:|
    /// | 0.1, 0.2     | 1, 2          |   3 |
    /// | 1.25, 0, 0.5 | 5, 0, 2       |   7 |
    /// | 0, 0         | 0, 0          |   0 |
    pub fn of_decimals(decimals: &[Weight]) -> Self {
        let scale = decimals
            .iter()
            .map(|weight| weight.scale())
            .max()
            .unwrap_or(0);
        if let Some(narrow) = Self::narrow(decimals, scale) {
            return narrow;
        }
        if let Some(wide) = Self::wide(decimals, scale) {
            return wide;
        }
        Self::of_integers(
            decimals
                .iter()
                .map(|weight| weight.at_scale(scale))
                .collect(),
        )
    }

    /// Brings fractions that are not negative to their common denominator.
    pub fn of_fractions(fractions: &[Fraction]) -> Self {
        let mut common = BigInt::from(1);
        for fraction in fractions {
            // Most denominators are there already: a remainder is cheaper than a new multiple.
            if !(&common % fraction.denominator()).is_zero() {
                common = common.lcm(fraction.denominator());
            }
        }
        let integers = fractions
            .iter()
            .map(|fraction| fraction.numerator() * (&common / fraction.denominator()));
        Self::of_integers(integers.collect())
    }

    /// The same weight for each of `count`.
    pub fn equal(count: usize) -> Self {
        let sum = u64::try_from(count).unwrap_or(u64::MAX);
        Self::Narrow {
            of: vec![1; count],
            sum,
        }
    }

    pub fn is_zero(&self) -> bool {
        match self {
            Self::Narrow { sum, .. } => *sum == 0,
            Self::Wide { sum, .. } => *sum == 0,
            Self::Big { sum, .. } => sum.is_zero(),
        }
    }

    /// The sum of the weights; 1 when they are all zero, so that it divides.
    pub fn denominator(&self) -> BigInt {
        match self {
            Self::Narrow { sum, .. } => BigInt::from((*sum).max(1)),
            Self::Wide { sum, .. } => BigInt::from((*sum).max(1)),
            Self::Big { sum, .. } if sum.is_zero() => BigInt::from(1),
            Self::Big { sum, .. } => sum.clone(),
        }
    }

    pub fn integer(&self, position: usize) -> Option<BigInt> {
        match self {
            Self::Narrow { of, .. } => of.get(position).copied().map(BigInt::from),
            Self::Wide { of, .. } => of.get(position).copied().map(BigInt::from),
            Self::Big { of, .. } => of.get(position).cloned(),
        }
    }

    /// The first taker who weighs something.
    pub fn heavy(&self) -> Option<usize> {
        match self {
            Self::Narrow { of, .. } => of.iter().position(|weight| *weight != 0),
            Self::Wide { of, .. } => of.iter().position(|weight| *weight != 0),
            Self::Big { of, .. } => of.iter().position(|weight| !weight.is_zero()),
        }
    }

    pub fn integers(&self) -> Vec<BigInt> {
        match self {
            Self::Narrow { of, .. } => of.iter().map(|weight| BigInt::from(*weight)).collect(),
            Self::Wide { of, .. } => of.iter().map(|weight| BigInt::from(*weight)).collect(),
            Self::Big { of, .. } => of.clone(),
        }
    }

    fn narrow(decimals: &[Weight], scale: u32) -> Option<Self> {
        let mut of = Vec::with_capacity(decimals.len());
        let (mut sum, mut divisor) = (0_u64, 0_u64);
        for weight in decimals {
            let mantissa = u64::try_from(weight.mantissa()).ok()?;
            let shift = usize::try_from(scale - weight.scale()).ok()?;
            let whole = mantissa.checked_mul(*POWERS.get(shift)?)?;
            sum = sum.checked_add(whole)?;
            if divisor != 1 {
                divisor = divisor.gcd(&whole);
            }
            of.push(whole);
        }
        if divisor > 1 {
            of.iter_mut().for_each(|weight| *weight /= divisor);
            sum /= divisor;
        }
        Some(Self::Narrow { of, sum })
    }

    fn wide(decimals: &[Weight], scale: u32) -> Option<Self> {
        let mut of = Vec::with_capacity(decimals.len());
        let (mut sum, mut divisor) = (0_u128, 0_u128);
        for weight in decimals {
            let mantissa = u128::try_from(weight.mantissa()).ok()?;
            let power = 10_u128.checked_pow(scale - weight.scale())?;
            let whole = mantissa.checked_mul(power)?;
            sum = sum.checked_add(whole)?;
            if divisor != 1 {
                divisor = divisor.gcd(&whole);
            }
            of.push(whole);
        }
        Some(Self::lowest(of, sum, divisor))
    }

    /// Whole numbers in lowest terms; `None` when their sum takes more than 128 bits.
    pub fn of_whole(of: Vec<u128>) -> Option<Self> {
        let (mut sum, mut divisor) = (0_u128, 0_u128);
        for whole in &of {
            sum = sum.checked_add(*whole)?;
            // Most are divided already: a remainder is cheaper than a new divisor.
            if divisor != 1 && (divisor == 0 || whole % divisor != 0) {
                divisor = divisor.gcd(whole);
            }
        }
        Some(Self::lowest(of, sum, divisor))
    }

    /// Divided by what they have in common, and in 64 bits when they fit.
    fn lowest(mut of: Vec<u128>, mut sum: u128, divisor: u128) -> Self {
        if divisor > 1 {
            of.iter_mut().for_each(|weight| *weight /= divisor);
            sum /= divisor;
        }
        let narrow = |sum| {
            let of: Option<Vec<u64>> = of
                .iter()
                .map(|weight| u64::try_from(*weight).ok())
                .collect();
            Some(Self::Narrow { of: of?, sum })
        };
        u64::try_from(sum)
            .ok()
            .and_then(narrow)
            .unwrap_or(Self::Wide { of, sum })
    }

    fn of_integers(mut of: Vec<BigInt>) -> Self {
        let mut divisor = BigInt::ZERO;
        for weight in &of {
            if divisor == BigInt::from(1) {
                break;
            }
            divisor = divisor.gcd(weight);
        }
        if divisor > BigInt::from(1) {
            of.iter_mut().for_each(|weight| *weight /= &divisor);
        }
        let sum: BigInt = of.iter().sum();
        if let Some(sum) = sum.to_u64() {
            let of = of.iter().filter_map(ToPrimitive::to_u64).collect();
            return Self::Narrow { of, sum };
        }
        if let Some(sum) = sum.to_u128() {
            let of = of.iter().filter_map(ToPrimitive::to_u128).collect();
            return Self::Wide { of, sum };
        }
        Self::Big { of, sum }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimals(texts: &[&str]) -> Vec<Weight> {
        texts
            .iter()
            .map(|text| Weight::parse(text).unwrap())
            .collect()
    }

    #[test]
    fn decimals_come_to_whole_numbers_in_lowest_terms() {
        for (texts, whole, sum) in [
            (&["0.1", "0.2"][..], vec![1, 2], 3),
            (&["1.25", "0", "0.5"], vec![5, 0, 2], 7),
            (&["0", "0"], vec![0, 0], 0),
            (&[], vec![], 0),
            // Too wide before its divisor is out.
            (&["9999999999999999", "0.000000000000"], vec![1, 0], 1),
        ] {
            let weights = Weights::of_decimals(&decimals(texts));
            assert_eq!(weights, Weights::Narrow { of: whole, sum });
        }
    }

    #[test]
    fn each_tier_holds_what_the_narrower_one_cannot() {
        let wide = Weights::of_decimals(&decimals(&["9999999999999999.7", "0.000001"]));
        assert!(matches!(wide, Weights::Wide { .. }), "{wide:?}");
        let big = decimals(&["9999999999999999.7", "0.000000000000001"]);
        let fractions: Vec<Fraction> = big
            .iter()
            .flat_map(|weight| [weight.as_fraction(), Fraction::parse("1/1000003").unwrap()])
            .collect();
        let squared: Vec<Fraction> = fractions.iter().map(|f| f.times(f).times(f)).collect();
        let big = Weights::of_fractions(&squared);
        assert!(matches!(big, Weights::Big { .. }), "{big:?}");
    }

    #[test]
    fn fractions_come_to_one_denominator() {
        let fractions = ["1/3", "2/7", "0/1"].map(|text| Fraction::parse(text).unwrap());
        let weights = Weights::of_fractions(&fractions);
        let of = vec![7, 6, 0];
        assert_eq!(weights, Weights::Narrow { of, sum: 13 });
    }
}

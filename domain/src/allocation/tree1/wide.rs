//! Whole numbers of 256 bits: the dues of an invoice of a few keys and several taxes.

use std::ops::{Add, AddAssign, SubAssign};

use num_bigint::BigInt;
use num_traits::Zero;

use super::parts::Due;

/// A signed number in two's complement; the caller keeps it under 2²⁵⁴.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wide {
    high: i128,
    low: u128,
}

/// The bits that a `Wide` may use, its sign apart.
pub(super) const BITS: u64 = 254;

const BYTES: usize = 16;

impl Wide {
    /// This number times 2⁶⁴; it must fit.
    fn shifted(self) -> Self {
        let carried = i128::try_from(self.low >> 64).unwrap_or(0);
        Self {
            high: (self.high << 64) | carried,
            low: self.low << 64,
        }
    }
}

impl Add for Wide {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self += &other;
        self
    }
}

impl AddAssign<&Self> for Wide {
    #[inline]
    fn add_assign(&mut self, other: &Self) {
        let (low, carry) = self.low.overflowing_add(other.low);
        self.low = low;
        self.high = self
            .high
            .wrapping_add(other.high)
            .wrapping_add(i128::from(carry));
    }
}

impl SubAssign<&Self> for Wide {
    #[inline]
    fn sub_assign(&mut self, other: &Self) {
        let (low, borrow) = self.low.overflowing_sub(other.low);
        self.low = low;
        self.high = self
            .high
            .wrapping_sub(other.high)
            .wrapping_sub(i128::from(borrow));
    }
}

impl Zero for Wide {
    fn zero() -> Self {
        Self::default()
    }

    fn is_zero(&self) -> bool {
        self.high == 0 && self.low == 0
    }
}

impl Due for Wide {
    fn of(value: &BigInt) -> Self {
        let bytes = value.to_signed_bytes_le();
        let sign = if *value < BigInt::ZERO { u8::MAX } else { 0 };
        let (mut low, mut high) = ([sign; BYTES], [sign; BYTES]);
        for (place, byte) in low.iter_mut().chain(&mut high).zip(bytes) {
            *place = byte;
        }
        Self {
            high: i128::from_le_bytes(high),
            low: u128::from_le_bytes(low),
        }
    }

    fn to_big(&self) -> BigInt {
        (BigInt::from(self.high) << 128) + self.low
    }

    fn times(&self, factor: &Self) -> Self {
        Self::of(&(self.to_big() * factor.to_big()))
    }

    #[inline]
    fn of_small(remainder: u64, factor: &Self) -> Self {
        let mask = u128::from(u64::MAX);
        let times = u128::from(remainder);
        let first = (factor.low & mask) * times;
        let second = (factor.low >> 64) * times + (first >> 64);
        let carried = i128::try_from(second >> 64).unwrap_or(0);
        Self {
            high: factor.high * i128::from(remainder) + carried,
            low: (second << 64) | (first & mask),
        }
    }

    fn of_rest(rest: i128, factor: &Self) -> Self {
        let half = |bits: i128| u64::try_from(bits).unwrap_or(0);
        let low = Self::of_small(half(rest & i128::from(u64::MAX)), factor);
        let high = half(rest >> 64);
        if high == 0 {
            return low;
        }
        low + Self::of_small(high, factor).shifted()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples() -> Vec<BigInt> {
        let mut all = Vec::new();
        for bits in [0, 1, 63, 64, 65, 127, 128, 129, 190, 250] {
            for off in [-3, 0, 5] {
                let value: BigInt = (BigInt::from(1) << bits) + off;
                all.extend([value.clone(), -value]);
            }
        }
        all
    }

    #[test]
    fn sums_and_order_are_those_of_big_integers() {
        for a in &samples() {
            assert_eq!(Wide::of(a).to_big(), *a);
            assert_eq!(Wide::of(a).is_zero(), a.is_zero());
            for b in &samples() {
                let (mut sum, mut gap) = (Wide::of(a), Wide::of(a));
                sum += &Wide::of(b);
                gap -= &Wide::of(b);
                assert_eq!((sum.to_big(), gap.to_big()), (a + b, a - b));
                assert_eq!(Wide::of(a).cmp(&Wide::of(b)), a.cmp(b));
            }
        }
    }

    #[test]
    fn products_that_fit_are_those_of_big_integers() {
        for factor in samples()
            .iter()
            .filter(|f| **f > BigInt::ZERO && f.bits() <= 190)
        {
            let wide = Wide::of(factor);
            for small in [0, 1, 2, 1_u64 << 40, (1 << 60) + 7] {
                assert_eq!(Wide::of_small(small, &wide).to_big(), factor * small);
            }
            for rest in [0_i128, 1, 1 << 59, (1 << 63) + 9] {
                assert_eq!(Wide::of_rest(rest, &wide).to_big(), factor * rest);
            }
        }
        let (rest, factor) = ((1_i128 << 125) + 77, (BigInt::from(1) << 120) + 3);
        assert_eq!(
            Wide::of_rest(rest, &Wide::of(&factor)).to_big(),
            factor * rest
        );
    }
}

//! Parts of a cent in fixed point: quick numbers, wrong by a few units at most.

use num_bigint::BigInt;
use num_traits::{ToPrimitive, Zero};

use super::parts::Measure;

/// How many parts of a cent there are, as a power of two.
const BITS: u32 = 44;
/// A cent.
pub(super) const CENT: i64 = 1 << BITS;
/// No part is further than this from its exact value.
pub(super) const SLIP: i64 = 4;

/// A denominator with its inverse: a remainder over it becomes parts of a cent by one product.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    /// The low bits that are left out, of remainders as of the denominator.
    dropped: u64,
    shift: u32,
    /// ⌊2¹⁰⁸ / denominator⌋, the denominator shifted to fill 64 bits.
    inverse: u64,
}

impl Scale {
    pub fn new(denominator: &BigInt) -> Self {
        let dropped = denominator.bits().saturating_sub(u64::from(u64::BITS));
        let top = (denominator >> dropped).to_u64().unwrap_or(1).max(1);
        let shift = top.leading_zeros();
        let inverse = (1_u128 << (u64::BITS + BITS)) / u128::from(top << shift);
        Self {
            dropped,
            shift,
            inverse: u64::try_from(inverse).unwrap_or(u64::MAX),
        }
    }

    #[inline]
    fn part(self, top: u64) -> i64 {
        let part = (u128::from(top << self.shift) * u128::from(self.inverse)) >> u64::BITS;
        i64::try_from(part).unwrap_or(CENT)
    }
}

/// Zero is the only remainder that makes nothing.
impl Measure for Scale {
    type Part = i64;

    #[inline]
    fn small(&self, rest: u64) -> i64 {
        self.part(rest).max(i64::from(rest != 0))
    }

    fn wide(&self, rest: i128) -> i64 {
        let top = u64::try_from(rest >> self.dropped).unwrap_or(u64::MAX);
        self.part(top).max(i64::from(rest != 0))
    }

    fn big(&self, rest: &BigInt) -> i64 {
        let top = (rest >> self.dropped).to_u64().unwrap_or(u64::MAX);
        self.part(top).max(i64::from(!rest.is_zero()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_near_its_exact_value_whatever_the_denominator() {
        for bits in [0_u64, 1, 5, 31, 43, 44, 45, 62, 63, 64, 65, 90, 126, 190] {
            for off in [0, 1, 3] {
                let denominator = (BigInt::from(1) << bits) + off;
                let scale = Scale::new(&denominator);
                for rest in [
                    BigInt::from(0),
                    BigInt::from(1),
                    &denominator / 3,
                    &denominator / 2,
                    &denominator - 1,
                ] {
                    if rest >= denominator {
                        continue;
                    }
                    let part = scale.big(&rest);
                    let slip = BigInt::from(part) * &denominator - &rest * CENT;
                    assert!(
                        slip.magnitude() < (&denominator * (SLIP - 1)).magnitude(),
                        "{rest}/{denominator}: {part}"
                    );
                    assert_eq!(part == 0, rest.is_zero());
                    if let Some(rest) = rest.to_i128() {
                        assert_eq!(scale.wide(rest), part);
                    }
                    if let (Some(rest), true) = (rest.to_u64(), bits < 64) {
                        assert_eq!(scale.small(rest), part);
                    }
                }
            }
        }
    }
}

//! Division by one number many times: a product and a correction instead of a division.

/// A divisor with its inverse.
#[derive(Clone, Copy, Debug)]
pub(super) struct Divisor {
    by: u64,
    /// ⌊(2⁶⁴ − 1) / by⌋.
    inverse: u64,
}

impl Divisor {
    /// Division by zero counts as by one.
    pub fn new(by: u64) -> Self {
        let by = by.max(1);
        let inverse = u64::MAX / by;
        Self { by, inverse }
    }

    /// `total × weight / by`, cut, and what is left; the quotient must fit in 64 bits.
    #[inline]
    pub fn share(self, total: u64, weight: u64) -> (u64, u64) {
        match total.checked_mul(weight) {
            Some(product) => self.divide(product),
            None => self.divide_wide(u128::from(total) * u128::from(weight)),
        }
    }

    /// The estimate is the quotient, or one or two less.
    #[inline]
    fn divide(self, number: u64) -> (u64, u64) {
        let high = (u128::from(number) * u128::from(self.inverse)) >> 64;
        let mut quotient = narrow(high);
        let mut rest = number - quotient * self.by;
        while rest >= self.by {
            rest -= self.by;
            quotient += 1;
        }
        (quotient, rest)
    }

    #[cold]
    fn divide_wide(self, number: u128) -> (u64, u64) {
        let by = u128::from(self.by);
        (narrow(number / by), narrow(number % by))
    }
}

/// A divisor of more than 64 bits with the inverse of its top.
#[derive(Clone, Copy, Debug)]
pub(super) struct WideDivisor {
    by: u128,
    shift: u32,
    /// ⌊(2¹²⁷ − 1) / (top + 1)⌋ for the top 64 bits of the divisor.
    inverse: u64,
}

impl WideDivisor {
    /// So that a few divisors more still fit.
    pub const BITS: u32 = 124;

    /// `None` when the divisor is too wide; division by zero counts as by one.
    pub fn new(by: u128) -> Option<Self> {
        let by = by.max(1);
        if by >> Self::BITS != 0 {
            return None;
        }
        let shift = by.leading_zeros();
        let top = (by << shift) >> u64::BITS;
        Some(Self {
            by,
            shift,
            inverse: narrow((u128::MAX >> 1) / (top + 1)),
        })
    }

    /// `total × weight / by`, cut, and what is left, for a weight that is not above the divisor.
    ///
    /// The estimate is the quotient or a few less, so that what is left is right modulo 2¹²⁸.
    #[inline]
    pub fn share(self, total: u64, weight: u128) -> (u64, u128) {
        let top = (weight << self.shift) >> u64::BITS;
        let ratio = ((top * u128::from(self.inverse)) >> (u64::BITS - 1)).min(u64::MAX.into());
        let mut quotient = narrow((u128::from(total) * ratio) >> u64::BITS);
        let whole = self.by.wrapping_mul(u128::from(quotient));
        let mut rest = weight.wrapping_mul(u128::from(total)).wrapping_sub(whole);
        while rest >= self.by {
            rest -= self.by;
            quotient += 1;
        }
        (quotient, rest)
    }
}

#[inline]
fn narrow(value: u128) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use num_bigint::BigInt;

    use super::*;

    #[test]
    fn a_share_is_the_quotient_and_the_rest() {
        let numbers = [
            0,
            1,
            2,
            3,
            7,
            1 << 31,
            (1 << 32) + 1,
            (1 << 63) - 1,
            u64::MAX,
        ];
        for by in numbers.into_iter().filter(|by| *by > 0) {
            let divisor = Divisor::new(by);
            for total in numbers {
                for weight in numbers.into_iter().filter(|weight| *weight <= by) {
                    let product = u128::from(total) * u128::from(weight);
                    let exact = (product / u128::from(by), product % u128::from(by));
                    let (quotient, rest) = divisor.share(total, weight);
                    assert_eq!((u128::from(quotient), u128::from(rest)), exact);
                }
            }
        }
    }

    #[test]
    fn a_wide_share_is_the_quotient_and_the_rest() {
        let small = [0, 1, 3, 1 << 31, (1 << 62) + 1, i64::MAX.unsigned_abs()];
        for bits in [0, 3, 30, 62, 63, 64, 65, 80, 103, 123] {
            for by in [1_u128 << bits, (1 << bits) + 1, (2 << bits) - 1] {
                let divisor = WideDivisor::new(by).unwrap();
                for weight in [0, 1, by / 3, by / 2, by - 1, by] {
                    for total in small {
                        let product = BigInt::from(weight) * total;
                        let (quotient, rest) = divisor.share(total, weight);
                        assert_eq!(BigInt::from(quotient), &product / by, "{weight}/{by}");
                        assert_eq!(BigInt::from(rest), product % by, "{weight}/{by}");
                    }
                }
            }
        }
        assert!(WideDivisor::new(1 << 124).is_none());
    }
}

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

#[inline]
fn narrow(value: u128) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
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
}

//! Weights: exact decimals of up to 28 digits, never rounded.

use std::fmt;

use num_bigint::BigInt;

use super::Fraction;
use crate::number::{NumberError, all_digits};
use crate::quantity::Quantity;
use crate::text_form::text_form;

/// One member's figure in a key (« poids »): a population, a surface, a quantity.
///
/// Its text form is a strict decimal without useless zeros. It may be negative; a rule that
/// reads a negative weight is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Weight {
    mantissa: i128,
    scale: u32,
}

const DIGITS_MAX: usize = 28;
const INTEGER_DIGITS_MAX: usize = 16;
const DECIMALS_MAX: u32 = 15;

impl Weight {
    pub const ZERO: Self = Self {
        mantissa: 0,
        scale: 0,
    };
    pub const ONE: Self = Self {
        mantissa: 1,
        scale: 0,
    };

    /// Reads the strict form: at most 16 digits, 15 decimals, 28 in all.
    ///
    /// | text              | weight or refusal  |
    /// |-------------------|--------------------|
    /// | 21790             | 21790              |
    /// | 1.2500            | 1.25               |
    /// | 1.1818583143661   | 1.1818583143661    |
    /// | -1                | -1, refused later  |
    /// | 1e3               | not a number       |
    /// | 0.0000000000000001 | too many decimals |
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        let not_a_number = || NumberError::NotANumber {
            typed: text.to_owned(),
        };
        let too_large = || NumberError::TooLarge {
            typed: text.to_owned(),
        };
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (integer, decimals) = match digits.split_once('.') {
            Some((_, "")) => return Err(not_a_number()),
            Some((integer, decimals)) => (integer, decimals),
            None => (digits, ""),
        };
        let zero_led = integer.len() > 1 && integer.starts_with('0');
        if integer.is_empty() || zero_led || !all_digits(integer) || !all_digits(decimals) {
            return Err(not_a_number());
        }
        let scale = u32::try_from(decimals.len()).or(Err(too_large()))?;
        if scale > DECIMALS_MAX {
            let typed = text.to_owned();
            return Err(NumberError::TooManyDecimals {
                typed,
                allowed: DECIMALS_MAX,
            });
        }
        if integer.len() > INTEGER_DIGITS_MAX || integer.len() + decimals.len() > DIGITS_MAX {
            return Err(too_large());
        }
        let magnitude: i128 = format!("{integer}{decimals}")
            .parse()
            .or(Err(not_a_number()))?;
        Ok(Self::canonical(
            if negative { -magnitude } else { magnitude },
            scale,
        ))
    }

    /// A whole number: inhabitants, sites, units.
    pub fn whole(value: i64) -> Self {
        Self {
            mantissa: i128::from(value),
            scale: 0,
        }
    }

    pub fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    pub fn is_negative(self) -> bool {
        self.mantissa < 0
    }

    pub(super) fn scale(self) -> u32 {
        self.scale
    }

    pub(super) fn mantissa(self) -> i128 {
        self.mantissa
    }

    pub(super) fn as_fraction(self) -> Fraction {
        let denominator = BigInt::from(10).pow(self.scale);
        Fraction::new(BigInt::from(self.mantissa), &denominator)
    }

    pub(super) fn negated(self) -> Self {
        Self {
            mantissa: -self.mantissa,
            scale: self.scale,
        }
    }

    /// The weight as a whole number of 10^−`scale`; `scale` is at least its own.
    pub(super) fn at_scale(self, scale: u32) -> BigInt {
        let power = BigInt::from(10).pow(scale.saturating_sub(self.scale));
        BigInt::from(self.mantissa) * power
    }

    fn canonical(mut mantissa: i128, mut scale: u32) -> Self {
        while scale > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        Self { mantissa, scale }
    }
}

/// Adds weights exactly, as a strict decimal text.
pub fn sum_text(weights: impl Iterator<Item = Weight> + Clone) -> String {
    let scale = weights.clone().map(Weight::scale).max().unwrap_or(0);
    let sum: BigInt = weights.map(|weight| weight.at_scale(scale)).sum();
    super::fraction::decimal_text(&sum, scale, 0)
}

impl From<Quantity> for Weight {
    fn from(quantity: Quantity) -> Self {
        Self::canonical(i128::from(quantity.0), 3)
    }
}

impl From<i64> for Weight {
    fn from(value: i64) -> Self {
        Self::whole(value)
    }
}

impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&super::fraction::decimal_text(
            &BigInt::from(self.mantissa),
            self.scale,
            0,
        ))
    }
}

text_form!(
    Weight,
    NumberError,
    "a weight as a decimal string of at most 28 digits"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_keeps_every_digit_and_no_useless_zero() {
        for (text, kept) in [
            ("21790", "21790"),
            ("1.2500", "1.25"),
            ("1.1818583143661", "1.1818583143661"),
            ("-1", "-1"),
            ("-0.0", "0"),
            ("0.000000000000001", "0.000000000000001"),
            (
                "9999999999999999.999999999999",
                "9999999999999999.999999999999",
            ),
        ] {
            assert_eq!(Weight::parse(text).unwrap().to_string(), kept);
        }
    }

    #[test]
    fn a_weight_has_at_most_28_digits() {
        for text in [
            "1e3", "1_000", "", "-", ".5", "5.", "1,5", "01", " 1", "1/3",
        ] {
            assert!(
                matches!(Weight::parse(text), Err(NumberError::NotANumber { .. })),
                "{text}"
            );
        }
        assert!(matches!(
            Weight::parse("0.0000000000000001"),
            Err(NumberError::TooManyDecimals { allowed: 15, .. })
        ));
        for text in ["12345678901234567", "1234567890123456.1234567890123"] {
            assert!(
                matches!(Weight::parse(text), Err(NumberError::TooLarge { .. })),
                "{text}"
            );
        }
    }

    #[test]
    fn sums_are_exact() {
        let weights = ["0.1", "0.25", "3"].map(|text| Weight::parse(text).unwrap());
        assert_eq!(sum_text(weights.into_iter()), "3.35");
        assert_eq!(sum_text([].into_iter()), "0");
        assert_eq!(Weight::from(Quantity(12_500)).to_string(), "12.5");
    }
}

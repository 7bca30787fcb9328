//! Quantities are counted in whole thousandths, whatever the unit.

use std::fmt;

use crate::number::{self, NumberError};
use crate::text_form::text_form;

/// How much of an item (« quantité »), in thousandths of its unit.
///
/// Its text form is a decimal string of up to three decimals, never negative: `12.5`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(pub i64);

/// What a quantity refuses (« quantité refusée »).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    #[error("the total quantity does not fit in 64 bits")]
    Overflow,
    #[error("{quantity} is not a multiple of {step}")]
    NotAMultiple { quantity: Quantity, step: Quantity },
}

impl QuantityError {
    /// Stable name used in problem types, logs and the documentation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Overflow => "quantity.overflow",
            Self::NotAMultiple { .. } => "quantity.not-a-multiple",
        }
    }
}

impl Quantity {
    pub const ZERO: Self = Self(0);
    pub const ONE: Self = Self(1_000);
    pub const SCALE: u32 = 3;

    /// Reads the strict form: at most three decimals, not negative.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        Self::from_mantissa(number::parse_strict(text, Self::SCALE)?, text)
    }

    /// A mantissa of three decimals read from `typed`, which refusals quote.
    pub(crate) fn from_mantissa(mantissa: i64, typed: &str) -> Result<Self, NumberError> {
        number::not_negative(mantissa, typed).map(Self)
    }

    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Whether packs of `step` make this quantity; a step of zero accepts everything.
    pub fn is_multiple_of(self, step: Self) -> bool {
        step.0 == 0 || self.0.checked_rem(step.0) == Some(0)
    }

    /// Refuses a quantity that packs of `step` cannot make.
    pub fn check_step(self, step: Self) -> Result<(), QuantityError> {
        if self.is_multiple_of(step) {
            Ok(())
        } else {
            Err(QuantityError::NotAMultiple {
                quantity: self,
                step,
            })
        }
    }

    pub fn checked_add(self, other: Self) -> Result<Self, QuantityError> {
        self.0
            .checked_add(other.0)
            .map(Self)
            .ok_or(QuantityError::Overflow)
    }

    /// Adds them all; only the result must fit, whatever the order.
    pub fn checked_sum(quantities: impl IntoIterator<Item = Self>) -> Result<Self, QuantityError> {
        let sum: i128 = quantities
            .into_iter()
            .map(|quantity| i128::from(quantity.0))
            .sum();
        i64::try_from(sum)
            .map(Self)
            .or(Err(QuantityError::Overflow))
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        number::print_strict(f, self.0, 3, 0)
    }
}

text_form!(
    Quantity,
    NumberError,
    "a quantity as a decimal string with at most 3 decimals"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantity_has_at_most_three_decimals_and_no_sign() {
        assert_eq!(Quantity::parse("12.5"), Ok(Quantity(12_500)));
        assert_eq!(Quantity(12_500).to_string(), "12.5");
        assert!(matches!(
            Quantity::parse("-1"),
            Err(NumberError::Negative { .. })
        ));
        assert!(matches!(
            Quantity::parse("0.0001"),
            Err(NumberError::TooManyDecimals { .. })
        ));
    }

    #[test]
    fn packs_accept_only_their_multiples() {
        for (quantity, step, fits) in [
            (12_000, 6_000, true),
            (13_000, 6_000, false),
            (1, 0, true),
            (0, 6_000, true),
        ] {
            assert_eq!(Quantity(quantity).is_multiple_of(Quantity(step)), fits);
        }
        assert_eq!(
            Quantity(13_000)
                .check_step(Quantity(6_000))
                .unwrap_err()
                .to_string(),
            "13 is not a multiple of 6"
        );
    }
}

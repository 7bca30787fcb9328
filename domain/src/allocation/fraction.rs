//! Exact parts: a fraction of cents, and how it is written.

use std::cmp::Ordering;
use std::fmt;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};

use crate::number::{NumberError, all_digits};
use crate::text_form::text_form;

/// The most characters of a fraction in a file: dues of many keys have long denominators.
const LENGTH_MAX: usize = 20_000;

/// An exact number of cents (« part exacte »), in lowest terms.
///
/// Its text form is `numerator/denominator`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fraction {
    numerator: BigInt,
    denominator: BigInt,
}

impl Fraction {
    /// `numerator / denominator`; a denominator that is not positive counts as zero parts.
    pub(super) fn new(numerator: BigInt, denominator: &BigInt) -> Self {
        if !denominator.is_positive() {
            return Self::zero();
        }
        let divisor = numerator.gcd(denominator);
        Self {
            numerator: numerator / &divisor,
            denominator: denominator / divisor,
        }
    }

    /// Reads the strict form `^-?(0|[1-9][0-9]*)/[1-9][0-9]*$`.
    ///
    /// | text  | fraction or refusal |
    /// |-------|---------------------|
    /// | -3/6  | −1/2                |
    /// | 0/1   | 0                   |
    /// | 1/0   | not a number        |
    /// | 1.5/2 | not a number        |
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        let typed = || text.chars().take(64).collect::<String>();
        if text.len() > LENGTH_MAX {
            return Err(NumberError::TooLarge { typed: typed() });
        }
        let refused = || NumberError::NotANumber { typed: typed() };
        let (numerator, denominator) = text.split_once('/').ok_or_else(refused)?;
        let plain = |digits: &str| {
            let zero_led = digits.len() > 1 && digits.starts_with('0');
            !digits.is_empty() && !zero_led && all_digits(digits)
        };
        if !plain(numerator.strip_prefix('-').unwrap_or(numerator)) || !plain(denominator) {
            return Err(refused());
        }
        let read = |digits: &str| digits.parse::<BigInt>().or(Err(refused()));
        let denominator = read(denominator)?;
        if denominator.is_zero() {
            return Err(refused());
        }
        Ok(Self::new(read(numerator)?, &denominator))
    }

    pub(super) fn whole(value: impl Into<BigInt>) -> Self {
        Self {
            numerator: value.into(),
            denominator: BigInt::from(1),
        }
    }

    pub(super) fn numerator(&self) -> &BigInt {
        &self.numerator
    }

    pub(super) fn denominator(&self) -> &BigInt {
        &self.denominator
    }

    pub(super) fn is_negative(&self) -> bool {
        self.numerator.is_negative()
    }

    pub(super) fn minus(&self, other: &Self) -> Self {
        self.plus(&other.negated())
    }

    pub(super) fn times(&self, other: &Self) -> Self {
        let denominator = &self.denominator * &other.denominator;
        Self::new(&self.numerator * &other.numerator, &denominator)
    }

    /// The quotient; `None` when `other` is zero.
    pub(super) fn over(&self, other: &Self) -> Option<Self> {
        if other.is_zero() {
            return None;
        }
        let sign = other.numerator.signum();
        let numerator = &self.numerator * &other.denominator * &sign;
        Some(Self::new(
            numerator,
            &(&self.denominator * &other.numerator * sign),
        ))
    }

    pub(super) fn negated(&self) -> Self {
        Self {
            numerator: -&self.numerator,
            denominator: self.denominator.clone(),
        }
    }

    pub(super) fn magnitude(&self) -> Self {
        Self {
            numerator: self.numerator.abs(),
            denominator: self.denominator.clone(),
        }
    }

    /// The nearest whole number, halves away from zero; `None` beyond 64 bits.
    pub(super) fn rounded(&self) -> Option<i64> {
        let doubled: BigInt = self.numerator.abs() * 2 + &self.denominator;
        let magnitude: BigInt = doubled / (&self.denominator * 2);
        (magnitude * self.numerator.signum()).to_i64()
    }

    /// In millionths, cut towards zero.
    pub(super) fn cut_to_millionths(&self) -> Self {
        let million = BigInt::from(1_000_000);
        Self::new(&self.numerator * &million / &self.denominator, &million)
    }

    pub fn zero() -> Self {
        Self {
            numerator: BigInt::ZERO,
            denominator: BigInt::from(1),
        }
    }

    pub fn is_zero(&self) -> bool {
        self.numerator.is_zero()
    }

    /// In euros with six decimals, cut and not rounded, so that a part never looks whole.
    ///
    /// 10 000 cents between three: `33.333333`.
    pub fn as_euros(&self) -> String {
        self.cut(6, 100, 6)
    }

    /// In euros with four decimals, cut: what one page shows of a part.
    pub fn as_short_euros(&self) -> String {
        self.cut(4, 100, 4)
    }

    /// In ten-thousandths of a euro, cut and not rounded; `None` beyond 128 bits.
    pub fn as_ten_thousandths(&self) -> Option<i128> {
        // Division of big integers cuts towards zero.
        (&self.numerator * BigInt::from(100) / &self.denominator).to_i128()
    }

    /// In cents with two to six decimals, cut and not rounded: `0.66`, `0.666666`.
    pub fn as_cents(&self) -> String {
        self.cut(6, 1, 2)
    }

    /// In cents with two decimals, cut and not rounded: `0.66`, `-0.05`, `0.00`.
    pub fn as_hundredths_of_cent(&self) -> String {
        self.cut(2, 1, 2)
    }

    /// A plain number with at most so many decimals, cut and not rounded: `1.3333`, `12`.
    pub fn as_decimal(&self, decimals: u32) -> String {
        self.cut(decimals, 1, 0)
    }

    /// The sum of two parts, exactly.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        let numerator = &self.numerator * &other.denominator + &other.numerator * &self.denominator;
        Self::new(numerator, &(&self.denominator * &other.denominator))
    }

    fn cut(&self, decimals: u32, divisor: u32, decimals_min: usize) -> String {
        let scaled = &self.numerator * BigInt::from(10).pow(decimals);
        // Division of big integers cuts towards zero.
        let mantissa = scaled / (&self.denominator * divisor);
        decimal_text(&mantissa, decimals, decimals_min)
    }
}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Fraction {
    fn cmp(&self, other: &Self) -> Ordering {
        (&self.numerator * &other.denominator).cmp(&(&other.numerator * &self.denominator))
    }
}

impl fmt::Display for Fraction {
    /// `numerator/denominator`, in cents.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}

text_form!(
    Fraction,
    NumberError,
    "a fraction as `numerator/denominator`"
);

/// A whole number of 10^−`scale` as a strict decimal text.
pub(super) fn decimal_text(mantissa: &BigInt, scale: u32, decimals_min: usize) -> String {
    let scale = usize::try_from(scale).unwrap_or(0);
    let digits = format!(
        "{:0>width$}",
        mantissa.magnitude().to_string(),
        width = scale + 1
    );
    let (integer, decimals) = digits.split_at(digits.len().saturating_sub(scale));
    let mut decimals = decimals.to_owned();
    while decimals.len() > decimals_min && decimals.ends_with('0') {
        decimals.pop();
    }
    let sign = if mantissa.is_negative() { "-" } else { "" };
    let point = if decimals.is_empty() { "" } else { "." };
    format!("{sign}{integer}{point}{decimals}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fraction(numerator: i64, denominator: i64) -> Fraction {
        Fraction::new(BigInt::from(numerator), &BigInt::from(denominator))
    }

    #[test]
    fn a_part_is_cut_and_never_looks_whole() {
        for (numerator, denominator, euros, cents) in [
            (10_000, 3, "33.333333", "3333.333333"),
            (-10_000, 3, "-33.333333", "-3333.333333"),
            (2, 3, "0.006666", "0.666666"),
            (999_999_999, 1_000_000_000, "0.009999", "0.999999"),
            (5, 1, "0.050000", "5.00"),
            (0, 7, "0.000000", "0.00"),
        ] {
            let part = fraction(numerator, denominator);
            assert_eq!(
                (part.as_euros().as_str(), part.as_cents().as_str()),
                (euros, cents)
            );
        }
        assert_eq!(fraction(-10_000, 3).as_ten_thousandths(), Some(-333_333));
    }

    #[test]
    fn gaps_add_up_exactly_and_are_read_in_hundredths_of_a_cent() {
        let third = fraction(1, 3);
        let all = third.plus(&third).plus(&fraction(-2, 3));
        assert!(all.is_zero());
        for (part, read) in [
            (third.plus(&fraction(1, 6)), "0.50"),
            (fraction(-1, 3), "-0.33"),
            (fraction(-1, 1_000), "0.00"),
            (fraction(0, 7), "0.00"),
        ] {
            assert_eq!(part.as_hundredths_of_cent(), read);
        }
    }

    #[test]
    fn a_fraction_is_read_strictly_and_printed_in_lowest_terms() {
        for (text, printed) in [("-3/6", "-1/2"), ("0/7", "0/1"), ("12/1", "12/1")] {
            assert_eq!(Fraction::parse(text).unwrap().to_string(), printed);
        }
        for text in [
            "1/0", "1.5/2", "1", "/2", "1/", "1/-2", "01/2", "--1/2", "1/02",
        ] {
            assert!(Fraction::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn fractions_are_computed_exactly() {
        let (third, half) = (fraction(1, 3), fraction(-1, 2));
        assert_eq!(third.plus(&half), fraction(-1, 6));
        assert_eq!(third.minus(&half), fraction(5, 6));
        assert_eq!(third.times(&half), fraction(-1, 6));
        assert_eq!(third.over(&half), Some(fraction(-2, 3)));
        assert_eq!(third.over(&Fraction::zero()), None);
        for (numerator, denominator, rounded) in
            [(5, 2, 3), (-5, 2, -3), (7, 3, 2), (-7, 3, -2), (0, 1, 0)]
        {
            assert_eq!(fraction(numerator, denominator).rounded(), Some(rounded));
        }
    }

    #[test]
    fn parts_compare_exactly_and_are_in_lowest_terms() {
        assert_eq!(fraction(2, 6), fraction(1, 3));
        assert!(fraction(1, 3) < fraction(34, 100));
        assert!(fraction(-1, 2) < fraction(-1, 3));
        assert_eq!(fraction(6, 4).to_string(), "3/2");
    }
}

//! Money is counted in whole cents; a float never touches an amount.

use std::fmt;

use crate::number::{self, NumberError};
use crate::quantity::Quantity;
use crate::text_form::text_form;

/// An amount in euro cents (« montant »); negative amounts are credits.
///
/// Its text form, in JSON too, is a decimal string: `-1234.56`. Amounts of 10¹⁶ € and more can
/// be computed and printed but not typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cents(pub i64);

/// A price for one unit (« prix unitaire »), in millionths of a euro.
///
/// Its text form is a decimal string with two to six decimals: `0.1234`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitPrice(pub i64);

/// A tax rate (« taux de taxe ») in hundredths of a percent, from 0 to 100 %.
///
/// Its text form is the percentage, without sign nor useless zero: `5.5`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaxRate(i32);

/// The kind of tax on a line (« nature de taxe »); groups of tax never mix two of them.
///
/// Its text form is the code: `S` (VAT), `TSCA` (insurance tax), `E` (exempt).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaxCategory {
    /// Value added tax (« TVA »), whatever its rate.
    #[default]
    Vat,
    /// The tax on insurance contracts (« TSCA »): a buyer never deducts it.
    InsuranceTax,
    /// No tax is due (« exonéré »).
    Exempt,
}

/// What money refuses (« montant refusé »).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    #[error("the amount does not fit in 64 bits")]
    Overflow,
    #[error("a tax rate lies between 0 and 100 %, this is {basis_points} hundredths of a percent")]
    RateOutOfRange { basis_points: i32 },
}

impl MoneyError {
    /// Stable name used in problem types, logs and the documentation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Overflow => "money.overflow",
            Self::RateOutOfRange { .. } => "money.rate-out-of-range",
        }
    }
}

impl Cents {
    pub const ZERO: Self = Self(0);
    pub const SCALE: u32 = 2;

    /// Reads the strict form: `^-?(0|[1-9][0-9]{0,15})(\.[0-9]{1,2})?$`.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        number::parse_strict(text, Self::SCALE).map(Self)
    }

    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.0
            .checked_add(other.0)
            .map(Self)
            .ok_or(MoneyError::Overflow)
    }

    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.0
            .checked_sub(other.0)
            .map(Self)
            .ok_or(MoneyError::Overflow)
    }

    pub fn checked_neg(self) -> Result<Self, MoneyError> {
        self.0.checked_neg().map(Self).ok_or(MoneyError::Overflow)
    }

    /// Adds them all; only the result must fit, whatever the order.
    pub fn checked_sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        let sum: i128 = amounts.into_iter().map(|amount| i128::from(amount.0)).sum();
        Self::from_wide(sum)
    }

    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    pub fn is_negative(self) -> bool {
        self.0 < 0
    }

    fn from_wide(cents: i128) -> Result<Self, MoneyError> {
        i64::try_from(cents).map(Self).or(Err(MoneyError::Overflow))
    }
}

impl UnitPrice {
    pub const ZERO: Self = Self(0);
    pub const SCALE: u32 = 6;

    /// Reads the strict form, with at most six decimals.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        number::parse_strict(text, Self::SCALE).map(Self)
    }
}

/// The amount of a line: quantity × unit price, rounded once, half away from zero.
///
/// | quantity | unit price | amount |
/// |---------:|-----------:|-------:|
/// |        3 |      12.50 |  37.50 |
/// |      0.5 |       0.01 |   0.01 |
/// |      0.5 |      -0.01 |  -0.01 |
/// |    1.333 |       2.99 |   3.99 |
/// |     1000 |   0.123456 | 123.46 |
pub fn amount(quantity: Quantity, unit_price: UnitPrice) -> Result<Cents, MoneyError> {
    // Thousandths × millionths of a euro = 10⁻⁹ €; a cent is 10⁷ of them.
    let exact = i128::from(quantity.0) * i128::from(unit_price.0);
    Cents::from_wide(half_away_from_zero(exact, 10_000_000))
}

impl TaxRate {
    pub const ZERO: Self = Self(0);
    const SCALE: u32 = 2;
    const MAX: i32 = 10_000;

    /// A rate given in hundredths of a percent: 550 is 5.5 %.
    pub fn from_basis_points(basis_points: i32) -> Result<Self, MoneyError> {
        if (0..=Self::MAX).contains(&basis_points) {
            Ok(Self(basis_points))
        } else {
            Err(MoneyError::RateOutOfRange { basis_points })
        }
    }

    /// The rate in hundredths of a percent.
    pub const fn basis_points(self) -> i32 {
        self.0
    }

    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Reads the strict form of a percentage: `5.5` is 5.5 %.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        Self::from_mantissa(number::parse_strict(text, Self::SCALE)?, text)
    }

    /// A mantissa of two decimals read from `typed`, which refusals quote.
    pub(crate) fn from_mantissa(mantissa: i64, typed: &str) -> Result<Self, NumberError> {
        number::not_negative(mantissa, typed)?;
        let rate = i32::try_from(mantissa).ok().map(Self::from_basis_points);
        match rate {
            Some(Ok(rate)) => Ok(rate),
            Some(Err(_)) | None => Err(NumberError::TooLarge {
                typed: typed.to_owned(),
            }),
        }
    }

    /// The nominal tax on `net`, rounded half away from zero.
    ///
    /// | net    | rate | tax   |
    /// |-------:|-----:|------:|
    /// | 100.00 |  5.5 |  5.50 |
    /// |   0.50 |    5 |  0.03 |
    /// |  -0.50 |    5 | -0.03 |
    pub fn tax_on(self, net: Cents) -> Result<Cents, MoneyError> {
        let exact = i128::from(net.0) * i128::from(self.0);
        Cents::from_wide(half_away_from_zero(exact, 10_000))
    }
}

impl TaxCategory {
    pub const ALL: [Self; 3] = [Self::Vat, Self::InsuranceTax, Self::Exempt];

    /// The code written in files, in the API and in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Vat => "S",
            Self::InsuranceTax => "TSCA",
            Self::Exempt => "E",
        }
    }

    pub fn parse(code: &str) -> Result<Self, UnknownTaxCategory> {
        let category = Self::ALL
            .into_iter()
            .find(|category| category.code() == code);
        category.ok_or_else(|| UnknownTaxCategory {
            typed: code.to_owned(),
        })
    }
}

/// No tax has this code (« nature de taxe inconnue »).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{typed}` is not a tax category: S, TSCA or E")]
pub struct UnknownTaxCategory {
    pub typed: String,
}

/// `exact / unit` rounded to the nearest, halves away from zero; `unit` is positive.
fn half_away_from_zero(exact: i128, unit: i128) -> i128 {
    let (quotient, rest) = (exact / unit, exact % unit);
    if rest.abs() * 2 >= unit {
        quotient + exact.signum()
    } else {
        quotient
    }
}

impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        number::print_strict(f, self.0, 2, 2)
    }
}

impl fmt::Display for UnitPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        number::print_strict(f, self.0, 6, 2)
    }
}

impl fmt::Display for TaxRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        number::print_strict(f, i64::from(self.0), 2, 0)
    }
}

impl fmt::Display for TaxCategory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

text_form!(
    Cents,
    NumberError,
    "a decimal string with at most 2 decimals"
);
text_form!(
    UnitPrice,
    NumberError,
    "a decimal string with at most 6 decimals"
);
text_form!(TaxRate, NumberError, "a percentage as a decimal string");
text_form!(
    TaxCategory,
    UnknownTaxCategory,
    "a tax category: S, TSCA or E"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_rounded_once_half_away_from_zero() {
        for (quantity, price, expected) in [
            ("3", "12.50", "37.50"),
            ("0.5", "0.01", "0.01"),
            ("0.5", "-0.01", "-0.01"),
            ("1.333", "2.99", "3.99"),
            ("1000", "0.123456", "123.46"),
            ("0", "12", "0.00"),
        ] {
            let quantity = Quantity::parse(quantity).unwrap();
            let price = UnitPrice::parse(price).unwrap();
            assert_eq!(amount(quantity, price).unwrap().to_string(), expected);
        }
        assert_eq!(
            amount(Quantity(i64::MAX), UnitPrice(i64::MAX)),
            Err(MoneyError::Overflow)
        );
    }

    #[test]
    fn nominal_tax_is_rounded_half_away_from_zero() {
        for (net, rate, tax) in [
            ("100.00", "5.5", "5.50"),
            ("0.50", "5", "0.03"),
            ("-0.50", "5", "-0.03"),
        ] {
            let net = Cents::parse(net).unwrap();
            let rate = TaxRate::parse(rate).unwrap();
            assert_eq!(rate.tax_on(net).unwrap().to_string(), tax);
        }
    }

    #[test]
    fn arithmetic_refuses_what_does_not_fit() {
        assert_eq!(
            Cents(i64::MAX).checked_add(Cents(1)),
            Err(MoneyError::Overflow)
        );
        assert_eq!(
            Cents(i64::MIN).checked_sub(Cents(1)),
            Err(MoneyError::Overflow)
        );
        assert_eq!(Cents(i64::MIN).checked_neg(), Err(MoneyError::Overflow));
        assert_eq!(
            Cents::checked_sum([Cents(i64::MAX), Cents(1), Cents(-1)]),
            Ok(Cents(i64::MAX)),
            "a sum that fits does not depend on the order"
        );
    }

    #[test]
    fn a_rate_is_a_percentage_between_0_and_100() {
        assert_eq!(TaxRate::parse("5.5").unwrap().basis_points(), 550);
        assert_eq!(
            TaxRate::parse("20.00").unwrap(),
            TaxRate::parse("20").unwrap()
        );
        assert_eq!(TaxRate::parse("100").unwrap().to_string(), "100");
        assert!(matches!(
            TaxRate::parse("100.01"),
            Err(NumberError::TooLarge { .. })
        ));
        assert!(matches!(
            TaxRate::parse("-1"),
            Err(NumberError::Negative { .. })
        ));
        assert!(matches!(
            TaxRate::parse("5.555"),
            Err(NumberError::TooManyDecimals { .. })
        ));
        assert_eq!(
            TaxRate::from_basis_points(10_001),
            Err(MoneyError::RateOutOfRange {
                basis_points: 10_001
            })
        );
    }

    #[test]
    fn json_holds_decimal_strings_and_never_numbers() {
        assert_eq!(
            serde_json::to_string(&Cents(-123_456)).unwrap(),
            "\"-1234.56\""
        );
        assert_eq!(
            serde_json::from_str::<Cents>("\"-1234.56\"").unwrap(),
            Cents(-123_456)
        );
        assert_eq!(
            serde_json::to_string(&UnitPrice(123_400)).unwrap(),
            "\"0.1234\""
        );
        assert_eq!(
            serde_json::to_string(&TaxCategory::InsuranceTax).unwrap(),
            "\"TSCA\""
        );
        assert!(serde_json::from_str::<Cents>("12.5").is_err());
        assert!(serde_json::from_str::<TaxCategory>("\"VAT\"").is_err());
    }
}

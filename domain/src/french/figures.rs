//! Figures: `1 234,56 €` in, `1 234,56 €` out.

use super::{MINUS, THIN};
use crate::allocation::Weight;
use crate::money::{Cents, TaxRate, UnitPrice};
use crate::number::{self, NumberError};
use crate::quantity::Quantity;

/// Reads a figure as typed or pasted, as a mantissa at `max_scale` decimals.
///
/// Groups of three may be separated by a space, U+00A0, U+202F or U+2009; the decimal sign is a
/// comma or a dot; € or EUR may follow; the minus may be U+2212. Dots never separate groups: in
/// `1.234,5` one reader in two would guess wrong.
///
/// | typed        | decimals | mantissa or refusal |
/// |--------------|---------:|---------------------|
/// | `1 234,56 €` |        2 | 123456              |
/// | `1030.30EUR` |        2 | 103030              |
/// | `0,34`       |        2 | 34                  |
/// | `,5`         |        2 | 50                  |
/// | `−12`        |        2 | -1200               |
/// | `1,234`      |        2 | too many decimals   |
/// | `1,234`      |        3 | 1234                |
/// | `1.234,5`    |        2 | bad grouping        |
/// | `12 34`      |        2 | bad grouping        |
/// | `1 234 5`    |        2 | bad grouping        |
/// | `1e3`        |        2 | not a number        |
/// | `12,`        |        2 | not a number        |
pub fn parse_decimal(typed: &str, max_scale: u32) -> Result<i64, NumberError> {
    let (negative, integer, decimals) = digits(typed)?;
    number::mantissa(typed, negative, &integer, &decimals, max_scale)
}

/// The sign, the integer digits and the decimals of a figure as typed.
fn digits(typed: &str) -> Result<(bool, String, String), NumberError> {
    let text = typed.trim();
    let (negative, text) = match text.strip_prefix(['-', MINUS]) {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text),
    };
    let text = without_currency(text);
    let not_a_number = || NumberError::NotANumber {
        typed: typed.to_owned(),
    };
    let bad_grouping = || NumberError::BadGrouping {
        typed: typed.to_owned(),
    };
    let known = |c: char| c.is_ascii_digit() || is_group_separator(c) || is_decimal_sign(c);
    if !text.chars().all(known) || !text.chars().any(|c| c.is_ascii_digit()) {
        return Err(not_a_number());
    }
    let (integer, decimals) = match text.split_once(is_decimal_sign) {
        Some((_, "")) => return Err(not_a_number()),
        Some((integer, decimals)) => (integer, decimals),
        None => (text, ""),
    };
    if !number::all_digits(decimals) {
        return Err(bad_grouping());
    }
    let integer = ungrouped(integer).ok_or_else(bad_grouping)?;
    Ok((negative, integer, decimals.to_owned()))
}

/// Reads a weight of a key (« poids »), exact, with at most fifteen decimals.
pub fn parse_weight(typed: &str) -> Result<Weight, NumberError> {
    let (negative, integer, decimals) = digits(typed)?;
    let sign = if negative { "-" } else { "" };
    let point = if decimals.is_empty() { "" } else { "." };
    let integer = match integer.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    };
    let strict = format!("{sign}{integer}{point}{decimals}");
    Weight::parse(&strict).map_err(|error| quoting(error, typed))
}

/// Reads an amount (« montant »), with at most two decimals.
pub fn parse_amount(typed: &str) -> Result<Cents, NumberError> {
    parse_decimal(typed, Cents::SCALE).map(Cents)
}

/// Reads a quantity (« quantité »), with at most three decimals, not negative.
pub fn parse_quantity(typed: &str) -> Result<Quantity, NumberError> {
    Quantity::from_mantissa(parse_decimal(typed, Quantity::SCALE)?, typed)
}

/// Reads a unit price (« prix unitaire »), with at most six decimals.
pub fn parse_unit_price(typed: &str) -> Result<UnitPrice, NumberError> {
    parse_decimal(typed, UnitPrice::SCALE).map(UnitPrice)
}

/// Reads a tax rate (« taux »): `5,5 %`, `20`.
pub fn parse_rate(typed: &str) -> Result<TaxRate, NumberError> {
    let text = typed.trim().trim_end_matches('%');
    let mantissa = parse_decimal(text, 2).map_err(|error| quoting(error, typed))?;
    TaxRate::from_mantissa(mantissa, typed)
}

/// An amount with its unit: `1 234,56 €`.
pub fn euros(amount: Cents) -> String {
    format!("{}{THIN}€", self::amount(amount))
}

/// An amount alone, for a column whose head says the unit: `−1 234,56`.
pub fn amount(amount: Cents) -> String {
    printed(amount.0, 2, 2)
}

/// A quantity, without useless zeros: `1 234,5`.
pub fn quantity(quantity: Quantity) -> String {
    printed(quantity.0, 3, 0)
}

/// A unit price, with two to six decimals: `0,1234`.
pub fn unit_price(price: UnitPrice) -> String {
    printed(price.0, 6, 2)
}

/// A tax rate: `5,5 %`.
pub fn rate(rate: TaxRate) -> String {
    format!("{}{THIN}%", printed(i64::from(rate.basis_points()), 2, 0))
}

/// A share of a whole, in hundredths of a percent: `12,34 %`.
pub fn percent(hundredths: i64) -> String {
    format!("{}{THIN}%", printed(hundredths, 2, 0))
}

/// A whole number: `21 790`.
pub fn integer(value: i64) -> String {
    printed(value, 0, 0)
}

/// A strict decimal text in French: an exact part, a weight, a sum of weights.
///
/// | strict        | French         |
/// |---------------|----------------|
/// | `21790`       | `21 790`       |
/// | `-57.072609`  | `−57,072609`   |
pub fn decimal(strict: &str) -> String {
    let (negative, digits) = match strict.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, strict),
    };
    let (integer, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    grouped(negative, integer, decimals)
}

/// A gap in cents, always signed unless zero: `+3 c`, `−1 c`, `0 c`.
pub fn cents(gap: Cents) -> String {
    let plus = if gap.0 > 0 { "+" } else { "" };
    format!("{plus}{}{THIN}c", printed(gap.0, 0, 0))
}

fn without_currency(text: &str) -> &str {
    let bare = text.strip_suffix('€').or_else(|| {
        let start = text.len().checked_sub(3)?;
        let unit = text.get(start..)?;
        unit.eq_ignore_ascii_case("EUR")
            .then(|| text.get(..start))?
    });
    bare.map_or(text, str::trim_end)
}

fn is_group_separator(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | THIN | '\u{2009}')
}

fn is_decimal_sign(c: char) -> bool {
    matches!(c, ',' | '.')
}

/// Joins groups of three; `None` when a group has another length.
fn ungrouped(text: &str) -> Option<String> {
    let mut groups = text.split(is_group_separator);
    let first = groups.next()?;
    let grouped = first.len() < text.len();
    if grouped && !(1..=3).contains(&first.len()) {
        return None;
    }
    let mut digits = first.to_owned();
    for group in groups {
        if group.len() != 3 {
            return None;
        }
        digits.push_str(group);
    }
    Some(digits)
}

fn printed(mantissa: i64, scale: usize, decimals_min: usize) -> String {
    let (integer, decimals) = number::parts(mantissa, scale, decimals_min);
    grouped(mantissa < 0, &integer, &decimals)
}

fn grouped(negative: bool, integer: &str, decimals: &str) -> String {
    let mut text = String::with_capacity(integer.len() * 2 + decimals.len() + 4);
    if negative {
        text.push(MINUS);
    }
    for (index, digit) in integer.chars().enumerate() {
        if index > 0 && (integer.len() - index).is_multiple_of(3) {
            text.push(THIN);
        }
        text.push(digit);
    }
    if !decimals.is_empty() {
        text.push(',');
        text.push_str(decimals);
    }
    text
}

/// The same refusal, quoting the whole of what was typed.
fn quoting(error: NumberError, typed: &str) -> NumberError {
    let typed = typed.to_owned();
    match error {
        NumberError::NotANumber { .. } => NumberError::NotANumber { typed },
        NumberError::TooManyDecimals { allowed, .. } => {
            NumberError::TooManyDecimals { typed, allowed }
        }
        NumberError::BadGrouping { .. } => NumberError::BadGrouping { typed },
        NumberError::Negative { .. } => NumberError::Negative { typed },
        NumberError::TooLarge { .. } => NumberError::TooLarge { typed },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_as_people_and_spreadsheets_write_them() {
        for (typed, scale, mantissa) in [
            ("1 234,56 €", 2, 123_456),
            ("1\u{202f}234,56\u{202f}€", 2, 123_456),
            ("1\u{a0}234,56\u{a0}€", 2, 123_456),
            ("1\u{2009}234\u{2009}567", 0, 1_234_567),
            ("1030.30EUR", 2, 103_030),
            ("1 030,30 eur ", 2, 103_030),
            ("0,34", 2, 34),
            (",5", 2, 50),
            ("007", 0, 7),
            ("−12", 2, -1_200),
            ("- 12", 2, -1_200),
            ("1,234", 3, 1_234),
            ("123456", 2, 12_345_600),
        ] {
            assert_eq!(parse_decimal(typed, scale), Ok(mantissa), "{typed}");
        }
    }

    #[test]
    fn a_weight_is_read_exactly_and_never_rounded() {
        for (typed, strict) in [
            ("21 790", "21790"),
            ("1,1818583143661", "1.1818583143661"),
            ("0,50", "0.5"),
            (",5", "0.5"),
            ("007", "7"),
            ("−1", "-1"),
        ] {
            assert_eq!(parse_weight(typed).unwrap().to_string(), strict, "{typed}");
        }
        for typed in ["1.234,5", "douze", "", "0,0000000000000001"] {
            assert!(parse_weight(typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn a_doubtful_figure_is_refused_and_quoted() {
        for typed in [
            "1.234,5",
            "1,234.5",
            "1.234.567",
            "12 34",
            "1 234 5",
            "1234 567",
            "1  234",
        ] {
            let refused = NumberError::BadGrouping {
                typed: typed.into(),
            };
            assert_eq!(parse_decimal(typed, 2), Err(refused), "{typed}");
        }
        for typed in [
            "", " ", "-", "€", "1e3", "12,", ",", "1_000", "$5", "€5", "(5)", "+5", "٣",
        ] {
            let refused = NumberError::NotANumber {
                typed: typed.into(),
            };
            assert_eq!(parse_decimal(typed, 2), Err(refused), "{typed}");
        }
        for typed in ["1,234", "0,340 €"] {
            let refused = NumberError::TooManyDecimals {
                typed: typed.into(),
                allowed: 2,
            };
            assert_eq!(parse_decimal(typed, 2), Err(refused), "{typed}");
        }
        let refused = NumberError::Negative {
            typed: "−4".into()
        };
        assert_eq!(parse_quantity("−4"), Err(refused));
        let refused = NumberError::TooLarge {
            typed: "12 345 678 901 234 567".into(),
        };
        assert_eq!(parse_amount("12 345 678 901 234 567"), Err(refused));
        let refused = NumberError::TooLarge {
            typed: "120 %".into(),
        };
        assert_eq!(parse_rate("120 %"), Err(refused));
    }

    #[test]
    fn figures_are_printed_in_french() {
        assert_eq!(euros(Cents(123_456)), "1\u{202f}234,56\u{202f}€");
        assert_eq!(euros(Cents(-5)), "\u{2212}0,05\u{202f}€");
        assert_eq!(amount(Cents(100_000_000)), "1\u{202f}000\u{202f}000,00");
        assert_eq!(quantity(Quantity(1_234_500)), "1\u{202f}234,5");
        assert_eq!(unit_price(UnitPrice(123_400)), "0,1234");
        assert_eq!(unit_price(UnitPrice(12_000_000)), "12,00");
        assert_eq!(rate(TaxRate::parse("5.5").unwrap()), "5,5\u{202f}%");
        assert_eq!(integer(21_790), "21\u{202f}790");
        assert_eq!(integer(999), "999");
        assert_eq!(decimal("21790"), "21\u{202f}790");
        assert_eq!(decimal("-57.072609"), "\u{2212}57,072609");
        assert_eq!(cents(Cents(3)), "+3\u{202f}c");
        assert_eq!(cents(Cents(-1)), "\u{2212}1\u{202f}c");
    }

    #[test]
    fn a_rate_is_read_with_or_without_its_sign() {
        for typed in ["5,5", "5.5 %", "5,50%", "5,5\u{202f}%"] {
            assert_eq!(parse_rate(typed).unwrap().basis_points(), 550, "{typed}");
        }
    }
}

//! Decimal numbers as whole mantissas: the strict text form, and what is wrong with a text.
//!
//! The strict form is the one of the API and of files between machines:
//! `^-?(0|[1-9][0-9]{0,15})(\.[0-9]{1,n})?$`. What people type goes through `french`.

use std::fmt;

/// The most digits before the decimal point, in every face.
pub const INTEGER_DIGITS_MAX: usize = 16;

/// Why a text is not the number that was asked for (« nombre refusé »).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    #[error("`{typed}` is not a number")]
    NotANumber { typed: String },
    #[error("`{typed}` has more than {allowed} decimals")]
    TooManyDecimals { typed: String, allowed: u32 },
    #[error("`{typed}` mixes separators, or its groups are not of three digits")]
    BadGrouping { typed: String },
    #[error("`{typed}` is negative")]
    Negative { typed: String },
    #[error("`{typed}` is too large")]
    TooLarge { typed: String },
}

impl NumberError {
    /// Stable name used in problem types, logs and the documentation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotANumber { .. } => "number.not-a-number",
            Self::TooManyDecimals { .. } => "number.too-many-decimals",
            Self::BadGrouping { .. } => "number.bad-grouping",
            Self::Negative { .. } => "number.negative",
            Self::TooLarge { .. } => "number.too-large",
        }
    }

    /// The text that was refused, to quote it back.
    pub fn typed(&self) -> &str {
        match self {
            Self::NotANumber { typed }
            | Self::TooManyDecimals { typed, .. }
            | Self::BadGrouping { typed }
            | Self::Negative { typed }
            | Self::TooLarge { typed } => typed,
        }
    }
}

/// Refuses a value under zero, which was read from `typed`.
///
/// # Errors
/// [`NumberError::Negative`].
pub fn not_negative<T: Default + PartialOrd>(value: T, typed: &str) -> Result<T, NumberError> {
    if value < T::default() {
        return Err(NumberError::Negative {
            typed: typed.to_owned(),
        });
    }
    Ok(value)
}

/// Reads the strict form as a mantissa at `scale` decimals.
///
/// | text     | scale | mantissa or refusal |
/// |----------|------:|---------------------|
/// | 1234.5   |     2 | 123450              |
/// | -0.07    |     2 | -7                  |
/// | 12       |     3 | 12000               |
/// | 1.234    |     2 | too many decimals   |
/// | 01       |     2 | not a number        |
/// | 1,5      |     2 | not a number        |
/// | +1       |     2 | not a number        |
/// | 1e3      |     2 | not a number        |
/// | .5       |     2 | not a number        |
/// | 5.       |     2 | not a number        |
pub fn parse_strict(text: &str, scale: u32) -> Result<i64, NumberError> {
    let not_a_number = || NumberError::NotANumber {
        typed: text.to_owned(),
    };
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (integer, decimals) = match digits.split_once('.') {
        Some((integer, decimals)) if !decimals.is_empty() => (integer, decimals),
        Some(_) => return Err(not_a_number()),
        None => (digits, ""),
    };
    let zero_led = integer.len() > 1 && integer.starts_with('0');
    if integer.is_empty() || zero_led || !all_digits(integer) || !all_digits(decimals) {
        return Err(not_a_number());
    }
    mantissa(text, negative, integer, decimals, scale)
}

/// Puts digits together at `scale` decimals; `typed` is quoted in refusals.
///
/// `integer` and `decimals` hold ASCII digits only, as their reader has checked.
pub(crate) fn mantissa(
    typed: &str,
    negative: bool,
    integer: &str,
    decimals: &str,
    scale: u32,
) -> Result<i64, NumberError> {
    let missing = usize::try_from(scale)
        .ok()
        .and_then(|s| s.checked_sub(decimals.len()));
    let Some(missing) = missing else {
        return Err(NumberError::TooManyDecimals {
            typed: typed.to_owned(),
            allowed: scale,
        });
    };
    let too_large = || NumberError::TooLarge {
        typed: typed.to_owned(),
    };
    let integer = integer.trim_start_matches('0');
    if integer.len() > INTEGER_DIGITS_MAX {
        return Err(too_large());
    }
    let padding = std::iter::repeat_n(0, missing);
    let digits = integer
        .chars()
        .chain(decimals.chars())
        .filter_map(|c| c.to_digit(10));
    let mut value: i64 = 0;
    for digit in digits.chain(padding) {
        let shifted = value.checked_mul(10).ok_or_else(too_large)?;
        value = shifted
            .checked_add(i64::from(digit))
            .ok_or_else(too_large)?;
    }
    Ok(if negative { -value } else { value })
}

/// Prints a mantissa with at least `decimals_min` decimals and no other useless zero.
///
/// | mantissa | scale | at least | text    |
/// |---------:|------:|---------:|---------|
/// |   123450 |     2 |        2 | 1234.50 |
/// |       -7 |     2 |        2 | -0.07   |
/// |    12500 |     3 |        0 | 12.5    |
/// |    12000 |     3 |        0 | 12      |
/// |  1200000 |     6 |        2 | 1.20    |
pub fn print_strict(
    f: &mut impl fmt::Write,
    mantissa: i64,
    scale: usize,
    decimals_min: usize,
) -> fmt::Result {
    let (integer, decimals) = parts(mantissa, scale, decimals_min);
    let sign = if mantissa < 0 { "-" } else { "" };
    let point = if decimals.is_empty() { "" } else { "." };
    write!(f, "{sign}{integer}{point}{decimals}")
}

/// The digits before and after the decimal point, without sign.
pub(crate) fn parts(mantissa: i64, scale: usize, decimals_min: usize) -> (String, String) {
    let digits = format!("{:0>width$}", mantissa.unsigned_abs(), width = scale + 1);
    let (integer, decimals) = digits.split_at(digits.len() - scale);
    let mut decimals = decimals.to_owned();
    while decimals.len() > decimals_min && decimals.ends_with('0') {
        decimals.pop();
    }
    (integer.to_owned(), decimals)
}

pub(crate) fn all_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strict_form_is_read_exactly() {
        for (text, scale, mantissa) in [
            ("1234.5", 2, 123_450),
            ("-0.07", 2, -7),
            ("12", 3, 12_000),
            ("-0", 2, 0),
            ("9999999999999999.99", 2, 999_999_999_999_999_999),
        ] {
            assert_eq!(parse_strict(text, scale), Ok(mantissa), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_what_was_typed() {
        for text in [
            "", "-", "01", "1,5", "+1", "1e3", ".5", "5.", "1_000", " 1", "1 ", "1 000", "--1",
            "1.2.3", "1.-2", "١", "NaN", "0x10",
        ] {
            let refused = NumberError::NotANumber {
                typed: text.to_owned(),
            };
            assert_eq!(parse_strict(text, 2), Err(refused), "{text}");
        }
        assert_eq!(
            parse_strict("1.234", 2),
            Err(NumberError::TooManyDecimals {
                typed: "1.234".into(),
                allowed: 2
            })
        );
        for (text, scale) in [("12345678901234567", 2), ("9999999999999999", 6)] {
            let refused = NumberError::TooLarge {
                typed: text.to_owned(),
            };
            assert_eq!(parse_strict(text, scale), Err(refused), "{text}");
        }
    }

    #[test]
    fn the_strict_form_is_printed_without_useless_zeros() {
        for (mantissa, scale, at_least, text) in [
            (123_450, 2, 2, "1234.50"),
            (-7, 2, 2, "-0.07"),
            (12_500, 3, 0, "12.5"),
            (12_000, 3, 0, "12"),
            (1_200_000, 6, 2, "1.20"),
            (0, 2, 2, "0.00"),
            (0, 3, 0, "0"),
            (i64::MIN, 2, 2, "-92233720368547758.08"),
        ] {
            let mut printed = String::new();
            print_strict(&mut printed, mantissa, scale, at_least).unwrap();
            assert_eq!(printed, text);
        }
    }
}

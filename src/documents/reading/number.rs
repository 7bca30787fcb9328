//! Numbers of spreadsheets, as plain decimal text.
//!
//! Spreadsheets store binary fractions and show at most 15 digits: 0.1 + 0.2 is stored as
//! 0.30000000000000004 and everybody sees 0.3. We keep what people see.

/// The significant digits that a spreadsheet shows.
const DIGITS_MAX: usize = 15;
/// The decimals beyond which a number only drifts.
const DECIMALS_MAX: usize = 9;
/// Beyond these powers of ten, no quantity and no amount: the text is left as it came.
const EXPONENT_MAX: i32 = 24;

/// A number as people see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plain {
    /// Plain digits, a point before the decimals, `-` in front: `-1030.3`.
    pub(super) text: String,
    /// True if more than 15 digits were cut.
    pub(super) rounded: bool,
}

/// The shortest decimal that is this binary number, at 15 digits.
///
/// `None` for what is not a number, or is out of all proportion.
pub(super) fn from_binary(value: f64) -> Option<Plain> {
    // `{:e}` writes the shortest decimal that reads back the same: no arithmetic on floats.
    from_text(&format!("{value:e}"))
}

/// The same, from a text such as `1030.3`, `1.0303E3` or `-.5`.
pub(super) fn from_text(text: &str) -> Option<Plain> {
    read(text, DIGITS_MAX)
}

/// The number at so many significant digits.
fn read(text: &str, digits_max: usize) -> Option<Plain> {
    let text = text.trim();
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (unsigned, 0),
    };
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all: Vec<u8> = whole.bytes().chain(decimals.bytes()).collect();
    if all.is_empty() || !all.iter().all(u8::is_ascii_digit) || all.len() > 400 {
        return None;
    }
    let leading_zeros = all.iter().take_while(|digit| **digit == b'0').count();
    let mut digits: Vec<u8> = all
        .into_iter()
        .skip(leading_zeros)
        .map(|digit| digit - b'0')
        .collect();
    // The value is 0.d₁d₂d₃… × 10^power.
    let mut power = i32::try_from(whole.len()).ok()?.checked_add(exponent)?;
    power = power.checked_sub(i32::try_from(leading_zeros).ok()?)?;
    let rounded = round(&mut digits, &mut power, digits_max);
    while digits.last() == Some(&0) {
        digits.pop();
    }
    if digits.is_empty() {
        return Some(Plain {
            text: "0".to_owned(),
            rounded: false,
        });
    }
    if power.abs() > EXPONENT_MAX {
        return None;
    }
    Some(Plain {
        text: plain_text(negative, &digits, power),
        rounded,
    })
}

/// Drops what follows the ninth decimal, half away from zero: `12.4999999999998` is 12.5.
///
/// Sums of binary fractions drift by some 10⁻¹², which the spreadsheet does not show; nothing
/// that we count has more than six decimals.
pub(super) fn without_drift(text: &str) -> String {
    let Some((whole, decimals)) = text.split_once('.') else {
        return text.to_owned();
    };
    if decimals.len() <= DECIMALS_MAX {
        return text.to_owned();
    }
    // Digits are counted from the first one that is not zero, decimals from the point.
    let unsigned = whole.trim_start_matches('-').trim_start_matches('0');
    let zeros = if unsigned.is_empty() {
        leading_zeros(decimals)
    } else {
        0
    };
    let kept = (unsigned.len() + DECIMALS_MAX).saturating_sub(zeros);
    if zeros > DECIMALS_MAX {
        return "0".to_owned();
    }
    read(text, kept).map_or_else(|| text.to_owned(), |plain| plain.text)
}

fn leading_zeros(digits: &str) -> usize {
    digits.bytes().take_while(|digit| *digit == b'0').count()
}

/// Keeps so many digits, half away from zero; says whether any was lost.
fn round(digits: &mut Vec<u8>, power: &mut i32, digits_max: usize) -> bool {
    let Some(next) = digits.get(digits_max).copied() else {
        return false;
    };
    let lost = digits.iter().skip(digits_max).any(|digit| *digit != 0);
    digits.truncate(digits_max);
    if next < 5 {
        return lost;
    }
    for digit in digits.iter_mut().rev() {
        if *digit < 9 {
            *digit += 1;
            return lost;
        }
        *digit = 0;
    }
    // 999… became 1000…: one more digit before the point.
    digits.insert(0, 1);
    *power += 1;
    lost
}

fn plain_text(negative: bool, digits: &[u8], power: i32) -> String {
    let mut text = String::with_capacity(digits.len() + 8);
    if negative {
        text.push('-');
    }
    if power <= 0 {
        text.push_str("0.");
        for _ in power..0 {
            text.push('0');
        }
    }
    let mut before_point = power;
    for digit in digits {
        if before_point == 0 && power > 0 {
            text.push('.');
        }
        text.push(char::from(b'0' + digit));
        before_point -= 1;
    }
    for _ in 0..before_point {
        text.push('0');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binary_number_reads_as_it_is_shown() {
        for (value, text, rounded) in [
            (1030.3, "1030.3", false),
            (0.1 + 0.2, "0.3", true),
            (-0.07, "-0.07", false),
            (1e-7, "0.0000001", false),
            (1e15, "1000000000000000", false),
            (12_345_678_901_234_567.0, "12345678901234600", true),
            (999_999_999_999_999.9, "1000000000000000", true),
            (0.0, "0", false),
            (-0.0, "0", false),
            (123_456_789_012_345.0, "123456789012345", false),
            (1.0, "1", false),
            (10.0, "10", false),
        ] {
            let plain = from_binary(value).expect("a number");
            assert_eq!(
                (plain.text.as_str(), plain.rounded),
                (text, rounded),
                "{value:e}"
            );
        }
    }

    #[test]
    fn what_is_not_a_number_is_not_guessed() {
        assert_eq!(from_binary(f64::NAN), None);
        assert_eq!(from_binary(f64::INFINITY), None);
        assert_eq!(from_binary(1e300), None);
        for text in ["", "-", ".", "1,5", "1e", "abc", "1.2.3"] {
            assert_eq!(from_text(text), None, "{text}");
        }
    }

    #[test]
    fn what_drifts_after_the_ninth_decimal_is_dropped() {
        for (text, kept) in [
            ("12.4999999999998", "12.5"),
            ("-0.00000000049", "0"),
            ("-0.00000000051", "-0.000000001"),
            ("0.9999999999", "1"),
            ("0.000000000001", "0"),
            ("1030.3", "1030.3"),
            ("3.1234567891", "3.123456789"),
            ("1000", "1000"),
        ] {
            assert_eq!(without_drift(text), kept, "{text}");
        }
    }

    #[test]
    fn exponents_are_unfolded() {
        for (text, plain) in [
            ("1.0303E3", "1030.3"),
            ("5E-3", "0.005"),
            (".5", "0.5"),
            ("1e2", "100"),
            ("12e0", "12"),
        ] {
            assert_eq!(
                from_text(text).map(|number| number.text).as_deref(),
                Some(plain)
            );
        }
    }
}

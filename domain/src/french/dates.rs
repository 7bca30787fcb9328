//! Dates: « vendredi 22 mai 2026 » to read, `22/05/2026` to type.

use chrono::{Datelike, NaiveDate, NaiveTime, Timelike, Weekday};

use super::NBSP;

/// The text is not a date (« date refusée »).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{typed}` is not a date")]
pub struct DateError {
    pub typed: String,
}

/// Reads `22/05/2026`, `22-05-2026`, `22.05.2026` or ISO `2026-05-22`.
///
/// A year always has four digits: `22/05/26` may as well be 1926.
///
/// | typed        | date       |
/// |--------------|------------|
/// | `22/05/2026` | 2026-05-22 |
/// | `1/5/2026`   | 2026-05-01 |
/// | `2026-05-22` | 2026-05-22 |
/// | `22/05/26`   | refused    |
/// | `31/02/2026` | refused    |
/// | `05/22/2026` | refused    |
pub fn parse_date(typed: &str) -> Result<NaiveDate, DateError> {
    read(typed.trim()).ok_or_else(|| DateError {
        typed: typed.to_owned(),
    })
}

/// A date for a field or an export: `22/05/2026`.
pub fn date(date: NaiveDate) -> String {
    format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year())
}

/// A date in full: `vendredi 22 mai 2026`.
pub fn long_date_year(date: NaiveDate) -> String {
    format!("{} {}", long_date(date), date.year())
}

/// A date of the current year: `vendredi 22 mai`.
pub fn long_date(date: NaiveDate) -> String {
    format!("{} {}", weekday(date.weekday()), day_month(date))
}

/// A day without its year: `22 mai`, `1er mai`.
pub fn day_month(date: NaiveDate) -> String {
    let ordinal = if date.day() == 1 { "er" } else { "" };
    format!("{}{ordinal}{NBSP}{}", date.day(), month(date.month0()))
}

/// A time of day: `17 h 00`.
pub fn time(time: NaiveTime) -> String {
    format!("{}{NBSP}h{NBSP}{:02}", time.hour(), time.minute())
}

/// How far a day lies from today: `dans 3 jours`, `demain`, `il y a 4 jours`.
pub fn relative_days(today: NaiveDate, day: NaiveDate) -> String {
    match day.signed_duration_since(today).num_days() {
        0 => "aujourd’hui".to_owned(),
        1 => "demain".to_owned(),
        -1 => "hier".to_owned(),
        days if days > 0 => format!("dans {}{NBSP}jours", super::integer(days)),
        days => format!("il y a {}{NBSP}jours", super::integer(-days)),
    }
}

fn read(text: &str) -> Option<NaiveDate> {
    let separator = text.chars().find(|c| !c.is_ascii_digit())?;
    let mut parts = text.split(separator);
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (year, month, day) = match (separator, first.len(), third.len()) {
        ('-', 4, 2) => (first, second, third),
        ('/' | '-' | '.', 1..=2, 4) => (third, second, first),
        (_, _, _) => return None,
    };
    if !(1..=2).contains(&month.len()) {
        return None;
    }
    NaiveDate::from_ymd_opt(digits(year)?, digits(month)?, digits(day)?)
}

fn digits<T: std::str::FromStr>(text: &str) -> Option<T> {
    // `parse` alone would accept a sign.
    text.bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| text.parse().ok())?
}

fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "lundi",
        Weekday::Tue => "mardi",
        Weekday::Wed => "mercredi",
        Weekday::Thu => "jeudi",
        Weekday::Fri => "vendredi",
        Weekday::Sat => "samedi",
        Weekday::Sun => "dimanche",
    }
}

fn month(month0: u32) -> &'static str {
    const MONTHS: [&str; 12] = [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ];
    usize::try_from(month0)
        .ok()
        .and_then(|i| MONTHS.get(i))
        .copied()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn dates_are_read_in_french_order_or_iso() {
        for (typed, expected) in [
            ("22/05/2026", "2026-05-22"),
            ("1/5/2026", "2026-05-01"),
            ("22-05-2026", "2026-05-22"),
            ("22.05.2026", "2026-05-22"),
            (" 2026-05-22 ", "2026-05-22"),
        ] {
            assert_eq!(parse_date(typed), Ok(day(expected)), "{typed}");
        }
        for typed in [
            "",
            "22/05/26",
            "31/02/2026",
            "05/22/2026",
            "2026/05/22",
            "22/05",
            "22/05-2026",
            "+2/05/2026",
            "22/05/2026/1",
            "2026-5-2",
            "aujourd’hui",
            "22 05 2026",
        ] {
            assert_eq!(
                parse_date(typed),
                Err(DateError {
                    typed: typed.into()
                }),
                "{typed}"
            );
        }
    }

    #[test]
    fn dates_and_times_are_printed_in_french() {
        assert_eq!(
            long_date_year(day("2026-05-22")),
            "vendredi 22\u{a0}mai 2026"
        );
        assert_eq!(long_date(day("2026-05-01")), "vendredi 1er\u{a0}mai");
        assert_eq!(day_month(day("2026-08-15")), "15\u{a0}août");
        assert_eq!(date(day("2026-05-02")), "02/05/2026");
        assert_eq!(
            time(NaiveTime::from_hms_opt(17, 0, 59).unwrap()),
            "17\u{a0}h\u{a0}00"
        );
    }

    #[test]
    fn nearness_is_said_in_words() {
        let today = day("2026-05-22");
        for (other, words) in [
            ("2026-05-22", "aujourd’hui"),
            ("2026-05-23", "demain"),
            ("2026-05-21", "hier"),
            ("2026-05-25", "dans 3\u{a0}jours"),
            ("2026-05-18", "il y a 4\u{a0}jours"),
        ] {
            assert_eq!(relative_days(today, day(other)), words);
        }
    }
}

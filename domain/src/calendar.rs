//! Days that count: payment limits, holidays, open days.
//!
//! Days are local days: the caller turns an instant into a day in the organisation's time zone.

mod holidays;

use chrono::{Datelike, Days, NaiveDate, Weekday};

pub use holidays::{Holiday, LocalHolidays, holidays};

/// How long a public buyer has to pay (« délai de paiement »): R2192-10.
pub const PAYMENT_DAYS: u64 = 30;

/// The furthest that a search for an open day goes: no holidays last so long.
const CLOSED_DAYS_MAX: u64 = 15;

/// The last day to pay an invoice (« à payer avant le »), counted from its reception.
///
/// Every day counts, and a limit that falls on a holiday stays there: interest runs from the
/// day after, whatever the day.
///
/// | received   | to pay by  |
/// |------------|------------|
/// | 2026-06-01 | 2026-07-01 |
/// | 2026-01-31 | 2026-03-02 |
/// | 2028-01-31 | 2028-03-01 |
pub fn payment_limit(received: NaiveDate) -> NaiveDate {
    received
        .checked_add_days(Days::new(PAYMENT_DAYS))
        .unwrap_or(NaiveDate::MAX)
}

/// Days from today to a day: 0 today, negative once it is past.
pub fn days_until(today: NaiveDate, day: NaiveDate) -> i64 {
    day.signed_duration_since(today).num_days()
}

/// Whether offices are open (« jour ouvré »): Monday to Friday, but for holidays.
pub fn is_open(day: NaiveDate, local: LocalHolidays) -> bool {
    let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    !weekend && holiday(day, local).is_none()
}

/// The holiday of a day (« jour férié »), if it is one.
pub fn holiday(day: NaiveDate, local: LocalHolidays) -> Option<Holiday> {
    holidays(day.year(), local)
        .into_iter()
        .find(|(date, _)| *date == day)
        .map(|(_, name)| name)
}

/// The day itself when offices are open, else the next open day.
pub fn open_day_from(day: NaiveDate, local: LocalHolidays) -> NaiveDate {
    let days = day.iter_days().take(closed_days_max());
    days.into_iter()
        .find(|day| is_open(*day, local))
        .unwrap_or(day)
}

/// The day itself when offices are open, else the last open day before it.
pub fn open_day_until(day: NaiveDate, local: LocalHolidays) -> NaiveDate {
    let back = (0..CLOSED_DAYS_MAX).filter_map(|days| day.checked_sub_days(Days::new(days)));
    back.into_iter()
        .find(|day| is_open(*day, local))
        .unwrap_or(day)
}

/// When to remind of a deadline (« relance »): an open day, at least `days_before` it.
///
/// | deadline             | before | reminded on          |
/// |----------------------|-------:|----------------------|
/// | Friday 2026-05-22    |      3 | Tuesday 2026-05-19   |
/// | Wednesday 2026-05-27 |      2 | Friday 2026-05-22    |
pub fn reminder_day(deadline: NaiveDate, days_before: u32, local: LocalHolidays) -> NaiveDate {
    let day = deadline.checked_sub_days(Days::new(u64::from(days_before)));
    open_day_until(day.unwrap_or(deadline), local)
}

/// How many open days lie after `from`, up to `to` included.
pub fn open_days_between(from: NaiveDate, to: NaiveDate, local: LocalHolidays) -> usize {
    let days = from.iter_days().skip(1).take_while(|day| *day <= to);
    days.filter(|day| is_open(*day, local)).count()
}

fn closed_days_max() -> usize {
    usize::try_from(CLOSED_DAYS_MAX).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    const FRANCE: LocalHolidays = LocalHolidays::NONE;

    #[test]
    fn an_invoice_is_paid_within_thirty_days_of_its_reception() {
        for (received, limit) in [
            ("2026-06-01", "2026-07-01"),
            ("2026-01-31", "2026-03-02"),
            ("2028-01-31", "2028-03-01"),
        ] {
            assert_eq!(payment_limit(day(received)), day(limit));
        }
        assert_eq!(days_until(day("2026-06-28"), day("2026-07-01")), 3);
        assert_eq!(days_until(day("2026-07-02"), day("2026-07-01")), -1);
    }

    #[test]
    fn offices_are_closed_on_weekends_and_holidays() {
        for (date, open) in [
            ("2026-05-22", true),
            ("2026-05-23", false),
            ("2026-05-24", false),
            ("2026-05-25", false),
            ("2026-05-26", true),
        ] {
            assert_eq!(is_open(day(date), FRANCE), open, "{date}");
        }
        assert_eq!(
            holiday(day("2026-05-25"), FRANCE),
            Some(Holiday::WhitMonday)
        );
    }

    #[test]
    fn local_holidays_close_offices_only_where_they_are_kept() {
        let moselle = LocalHolidays {
            good_friday: true,
            saint_stephen: true,
        };
        for date in ["2026-04-03", "2025-12-26"] {
            assert!(is_open(day(date), FRANCE), "{date}");
            assert!(!is_open(day(date), moselle), "{date}");
        }
    }

    #[test]
    fn reminders_fall_on_open_days() {
        for (deadline, before, on) in [
            ("2026-05-22", 3, "2026-05-19"),
            ("2026-05-27", 2, "2026-05-22"),
        ] {
            assert_eq!(reminder_day(day(deadline), before, FRANCE), day(on));
        }
        assert_eq!(open_day_from(day("2026-05-23"), FRANCE), day("2026-05-26"));
        assert_eq!(open_day_from(day("2026-05-26"), FRANCE), day("2026-05-26"));
        assert_eq!(
            open_days_between(day("2026-05-21"), day("2026-05-26"), FRANCE),
            2
        );
        assert_eq!(
            open_days_between(day("2026-05-26"), day("2026-05-21"), FRANCE),
            0
        );
    }
}

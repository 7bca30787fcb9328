//! Figures, dates and plurals as pages show them.
//!
//! A module with templates writes `use crate::web::format::filters;` and its templates
//! `{{ total|euros }}`, `{{ round.deadline|moment }}`, `{{ late|count("commune") }}`. Rust code
//! calls `domain::french` for figures and the functions below for instants and plurals.
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::{Europe::Paris, Tz};
use domain::french;
pub use domain::french::capital;

/// What is not known, in a cell.
pub const UNKNOWN: &str = "—";

/// An instant with its weekday on the clocks of a body, then on those of Paris where they differ.
///
/// « vendredi 22 mai à 19 h 00 (heure de La Réunion), 17 h 00 à Paris ».
pub fn moment_in(instant: DateTime<Utc>, zone: Tz) -> String {
    in_zone(instant, zone, french::long_date)
}

/// [`day_time`] on the clocks of a body, then on those of Paris where they differ.
pub fn day_time_in(instant: DateTime<Utc>, zone: Tz) -> String {
    in_zone(instant, zone, french::day_month)
}

fn in_zone(instant: DateTime<Utc>, zone: Tz, day: fn(NaiveDate) -> String) -> String {
    let said = |at: NaiveDateTime| format!("{} à {}", day(at.date()), french::time(at.time()));
    let (there, paris) = (local(instant, zone), local(instant, Paris));
    if there == paris {
        return said(there);
    }
    let again = if there.date() == paris.date() {
        french::time(paris.time())
    } else {
        said(paris)
    };
    format!("{} (heure {}), {again} à Paris", said(there), whose(zone))
}

/// Whose clock it is, as its people say.
pub fn whose(zone: Tz) -> &'static str {
    match zone.name() {
        "Europe/Paris" => "de Paris",
        "Indian/Reunion" => "de La Réunion",
        "Indian/Mayotte" => "de Mayotte",
        "America/Guadeloupe" => "de la Guadeloupe",
        "America/Martinique" => "de la Martinique",
        "America/Cayenne" => "de la Guyane",
        "America/Miquelon" => "de Saint-Pierre-et-Miquelon",
        "America/St_Barthelemy" => "de Saint-Barthélemy",
        "America/Marigot" => "de Saint-Martin",
        "Pacific/Noumea" => "de la Nouvelle-Calédonie",
        "Pacific/Tahiti" => "de Tahiti",
        "Pacific/Marquesas" => "des Marquises",
        "Pacific/Gambier" => "des Gambier",
        "Pacific/Wallis" => "de Wallis-et-Futuna",
        _ => "locale",
    }
}

/// « 22 mai à 17 h 00 » on the clocks of a body.
pub fn day_time(instant: DateTime<Utc>, zone: Tz) -> String {
    let local = local(instant, zone);
    format!(
        "{} à {}",
        french::day_month(local.date()),
        french::time(local.time())
    )
}

/// « 14 h 32 » on the clocks of a body.
pub fn clock(instant: DateTime<Utc>, zone: Tz) -> String {
    french::time(local(instant, zone).time())
}

/// « 22 mai 2026 à 17 h 00 » on the clocks of a body: for journals, and for another year.
pub fn day_time_year(instant: DateTime<Utc>, zone: Tz) -> String {
    let local = local(instant, zone);
    format!(
        "{} à {}",
        day_year(local.date()),
        french::time(local.time())
    )
}

/// « 22 mai 2026 ».
pub fn day_year(date: chrono::NaiveDate) -> String {
    format!("{}{}{}", french::day_month(date), french::NBSP, date.year())
}

/// `22/05/2026 17:00` on the clocks of a body: what a field holds.
pub fn field_moment(instant: DateTime<Utc>, zone: Tz) -> String {
    let local = local(instant, zone);
    format!(
        "{} {}",
        french::date(local.date()),
        local.time().format("%H:%M")
    )
}

/// The wall clock of a zone at an instant.
pub fn local(instant: DateTime<Utc>, zone: Tz) -> NaiveDateTime {
    zone.from_utc_datetime(&instant.naive_utc()).naive_local()
}

/// « 18 communes », « 1 commune », « 0 commune »: nothing and one are singular in French.
///
/// An empty `plural` adds an s to each word.
pub fn count(number: i64, singular: &str, plural: &str) -> String {
    let figure = french::integer(number);
    let noun = if (-1..=1).contains(&number) {
        singular.to_owned()
    } else if plural.is_empty() {
        singular
            .split(' ')
            .map(|word| format!("{word}s"))
            .collect::<Vec<_>>()
            .join(" ")
    } else {
        plural.to_owned()
    };
    format!("{figure}{}{noun}", french::NBSP)
}

/// A value that a filter prints, through the references that templates add around it.
///
/// `None` is what is not known: it prints as a dash.
pub trait Figure<T> {
    /// The value itself.
    fn figure(&self) -> Option<T>;
}

impl<T, F: Figure<T> + ?Sized> Figure<T> for &F {
    fn figure(&self) -> Option<T> {
        (**self).figure()
    }
}

impl<T, F: Figure<T>> Figure<T> for Option<F> {
    fn figure(&self) -> Option<T> {
        self.as_ref().and_then(Figure::figure)
    }
}

macro_rules! figures {
    ($($kind:ty),+) => {$(
        impl Figure<$kind> for $kind {
            fn figure(&self) -> Option<$kind> {
                Some(*self)
            }
        }
    )+};
}

figures!(
    i64,
    domain::money::Cents,
    domain::money::UnitPrice,
    domain::money::TaxRate,
    domain::quantity::Quantity,
    chrono::NaiveDate,
    DateTime<Utc>
);

macro_rules! whole_numbers {
    ($($kind:ty),+) => {$(
        impl Figure<i64> for $kind {
            fn figure(&self) -> Option<i64> {
                i64::try_from(*self).ok()
            }
        }
    )+};
}

whole_numbers!(i32, u8, u16, u32, u64, usize);

/// The filters of templates; see the top of [`crate::web::format`].
pub mod filters {
    use askama::{Result, Values, filter_fn};
    use chrono::{DateTime, NaiveDate, Utc};
    use chrono_tz::Tz;
    use domain::{
        french,
        money::{Cents, TaxRate, UnitPrice},
        quantity::Quantity,
    };

    use super::{Figure, UNKNOWN};

    fn shown<T>(value: &impl Figure<T>, print: impl Fn(T) -> String) -> Result<String> {
        Ok(value.figure().map_or_else(|| UNKNOWN.to_owned(), print))
    }

    /// `1 234,56 €`.
    #[filter_fn]
    pub fn euros(value: impl Figure<Cents>, _: &dyn Values) -> Result<String> {
        shown(&value, french::euros)
    }

    /// `1 234,56`, where the head of the column says euros.
    #[filter_fn]
    pub fn amount(value: impl Figure<Cents>, _: &dyn Values) -> Result<String> {
        shown(&value, french::amount)
    }

    /// `+3 c`: a gap in cents.
    #[filter_fn]
    pub fn gap(value: impl Figure<Cents>, _: &dyn Values) -> Result<String> {
        shown(&value, french::cents)
    }

    /// `1 234,5`.
    #[filter_fn]
    pub fn quantity(value: impl Figure<Quantity>, _: &dyn Values) -> Result<String> {
        shown(&value, french::quantity)
    }

    /// `0,1234`: two to six decimals.
    #[filter_fn]
    pub fn unit_price(value: impl Figure<UnitPrice>, _: &dyn Values) -> Result<String> {
        shown(&value, french::unit_price)
    }

    /// `5,5 %`.
    #[filter_fn]
    pub fn rate(value: impl Figure<TaxRate>, _: &dyn Values) -> Result<String> {
        shown(&value, french::rate)
    }

    /// `21 790`.
    #[filter_fn]
    pub fn integer(value: impl Figure<i64>, _: &dyn Values) -> Result<String> {
        shown(&value, french::integer)
    }

    /// `22/05/2026`: in fields and exports only.
    #[filter_fn]
    pub fn date(value: impl Figure<NaiveDate>, _: &dyn Values) -> Result<String> {
        shown(&value, french::date)
    }

    /// « vendredi 22 mai ».
    #[filter_fn]
    pub fn long_date(value: impl Figure<NaiveDate>, _: &dyn Values) -> Result<String> {
        shown(&value, french::long_date)
    }

    /// « 22 mai ».
    #[filter_fn]
    pub fn day_month(value: impl Figure<NaiveDate>, _: &dyn Values) -> Result<String> {
        shown(&value, french::day_month)
    }

    /// « 22 mai 2026 ».
    #[filter_fn]
    pub fn day_year(value: impl Figure<NaiveDate>, _: &dyn Values) -> Result<String> {
        shown(&value, super::day_year)
    }

    /// « dans 3 jours », seen from `today`.
    #[filter_fn]
    pub fn relative(
        value: impl Figure<NaiveDate>,
        _: &dyn Values,
        today: NaiveDate,
    ) -> Result<String> {
        shown(&value, |day| french::relative_days(today, day))
    }

    /// « vendredi 22 mai à 17 h 00 » on the clocks of `zone`, and of Paris where they differ.
    #[filter_fn]
    pub fn moment(value: impl Figure<DateTime<Utc>>, _: &dyn Values, zone: &Tz) -> Result<String> {
        shown(&value, |instant| super::moment_in(instant, *zone))
    }

    /// « 22 mai 2026 à 17 h 00 » on the clocks of `zone`.
    #[filter_fn]
    pub fn day_time_year(
        value: impl Figure<DateTime<Utc>>,
        _: &dyn Values,
        zone: &Tz,
    ) -> Result<String> {
        shown(&value, |instant| super::day_time_year(instant, *zone))
    }

    /// « 18 communes »: `{{ n|count("commune") }}`, `{{ n|count("cheval", "chevaux") }}`.
    #[filter_fn]
    pub fn count(
        value: impl Figure<i64>,
        _: &dyn Values,
        singular: &str,
        #[optional("")] plural: &str,
    ) -> Result<String> {
        shown(&value, |number| super::count(number, singular, plural))
    }
}

#[cfg(test)]
mod tests {
    use askama::Template;
    use domain::money::Cents;

    use super::*;

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_deadline_is_read_on_the_clocks_of_those_who_meet_it() {
        use chrono_tz::{America::Cayenne, Indian::Reunion, Pacific::Noumea};
        let at = instant("2026-05-22T15:00:00Z");
        assert!(!moment_in(at, Paris).contains("Paris"));
        assert_eq!(
            moment_in(at, Reunion),
            "vendredi 22\u{a0}mai à 19\u{a0}h\u{a0}00 (heure de La Réunion), 17\u{a0}h\u{a0}00 à Paris"
        );
        assert_eq!(
            day_time_in(at, Noumea),
            "23\u{a0}mai à 2\u{a0}h\u{a0}00 (heure de la Nouvelle-Calédonie), 22\u{a0}mai à 17\u{a0}h\u{a0}00 à Paris"
        );
        assert!(day_time_in(at, Cayenne).contains("12\u{a0}h\u{a0}00 (heure de la Guyane)"));
    }

    #[test]
    fn instants_are_told_in_summer_and_in_winter() {
        assert_eq!(
            moment_in(instant("2026-05-22T15:00:00Z"), Paris),
            "vendredi 22\u{a0}mai à 17\u{a0}h\u{a0}00"
        );
        assert_eq!(
            day_time_year(instant("2026-12-31T23:30:00Z"), Paris),
            "1er\u{a0}janvier\u{a0}2027 à 0\u{a0}h\u{a0}30"
        );
        assert_eq!(
            field_moment(instant("2026-05-22T15:00:00Z"), Paris),
            "22/05/2026 17:00"
        );
    }

    #[test]
    fn nothing_and_one_are_singular() {
        assert_eq!(count(0, "commune", ""), "0\u{a0}commune");
        assert_eq!(count(1, "commune", ""), "1\u{a0}commune");
        assert_eq!(
            count(1234, "facture reçue", ""),
            "1\u{202f}234\u{a0}factures reçues"
        );
        assert_eq!(count(2, "cheval", "chevaux"), "2\u{a0}chevaux");
    }

    #[derive(Template)]
    #[template(
        source = "{{ sum|euros }} {{ none|euros }} {{ late|count(\"commune\") }}{% for s in sums %} {{ s|amount }}{% endfor %}",
        ext = "html"
    )]
    struct Sample {
        sum: Cents,
        none: Option<Cents>,
        late: usize,
        sums: Vec<Cents>,
    }

    #[test]
    fn filters_see_through_references_and_show_the_unknown_as_a_dash() {
        let sample = Sample {
            sum: Cents(123_456),
            none: None,
            late: 18,
            sums: vec![Cents(5)],
        };
        assert_eq!(
            sample.render().unwrap(),
            "1\u{202f}234,56\u{202f}€ — 18\u{a0}communes 0,05"
        );
    }
}

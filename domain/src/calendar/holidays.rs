//! French public holidays: eight fixed days, and three that follow Easter.

use chrono::{Days, NaiveDate};

/// A public holiday (« jour férié », code du travail L3133-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holiday {
    /// « Jour de l’an ».
    NewYear,
    /// « Vendredi saint », in Alsace and Moselle, where there is a Protestant church.
    GoodFriday,
    /// « Lundi de Pâques ».
    EasterMonday,
    /// « Fête du travail ».
    LabourDay,
    /// « Victoire de 1945 ».
    Victory,
    /// « Ascension ».
    Ascension,
    /// « Lundi de Pentecôte ».
    WhitMonday,
    /// « Fête nationale ».
    NationalDay,
    /// « Assomption ».
    Assumption,
    /// « Toussaint ».
    AllSaints,
    /// « Armistice de 1918 ».
    Armistice,
    /// « Noël ».
    Christmas,
    /// « Saint-Étienne », in Alsace and Moselle.
    SaintStephen,
}

/// Holidays kept in some places only (« jours fériés locaux »).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(default, deny_unknown_fields)]
pub struct LocalHolidays {
    pub good_friday: bool,
    pub saint_stephen: bool,
}

impl LocalHolidays {
    pub const NONE: Self = Self {
        good_friday: false,
        saint_stephen: false,
    };
}

/// The holidays of a year, in order of date; Ascension may share the first of May.
pub fn holidays(year: i32, local: LocalHolidays) -> Vec<(NaiveDate, Holiday)> {
    use Holiday as H;
    let fixed = [
        (1, 1, H::NewYear),
        (5, 1, H::LabourDay),
        (5, 8, H::Victory),
        (7, 14, H::NationalDay),
        (8, 15, H::Assumption),
        (11, 1, H::AllSaints),
        (11, 11, H::Armistice),
        (12, 25, H::Christmas),
    ];
    let saint_stephen = local.saint_stephen.then_some((12, 26, H::SaintStephen));
    let fixed = fixed
        .into_iter()
        .chain(saint_stephen)
        .filter_map(|(month, day, holiday)| {
            Some((NaiveDate::from_ymd_opt(year, month, day)?, holiday))
        });
    // Days after Good Friday, which is two days before Easter.
    let moving = [
        (3, H::EasterMonday),
        (41, H::Ascension),
        (52, H::WhitMonday),
    ];
    let good_friday = local.good_friday.then_some((0, H::GoodFriday));
    let friday = easter(year).and_then(|easter| easter.checked_sub_days(Days::new(2)));
    let moving = good_friday
        .into_iter()
        .chain(moving)
        .filter_map(|(after, holiday)| {
            Some((friday?.checked_add_days(Days::new(after))?, holiday))
        });
    let mut days: Vec<(NaiveDate, Holiday)> = fixed.chain(moving).collect();
    days.sort_unstable();
    days
}

/// Easter Sunday in the Gregorian calendar, by Butcher's method.
fn easter(year: i32) -> Option<NaiveDate> {
    let golden = year % 19;
    let (century, in_century) = (year / 100, year % 100);
    let skipped = century - century / 4 - (8 * century + 13) / 25;
    let epact = (19 * golden + skipped + 15) % 30;
    let correction = (golden + 11 * epact) / 319;
    let weekday =
        (2 * (century % 4) + 2 * (in_century / 4) - epact + correction - in_century % 4 + 32) % 7;
    let sum = epact - correction + weekday;
    let (month, day) = ((sum + 90) / 25, (sum + (sum + 90) / 25 + 19) % 32);
    NaiveDate::from_ymd_opt(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(year: i32, local: LocalHolidays) -> Vec<String> {
        holidays(year, local)
            .into_iter()
            .map(|(date, _)| date.to_string())
            .collect()
    }

    #[test]
    fn easter_falls_where_the_church_says() {
        for date in [
            "1583-04-10",
            "1818-03-22",
            "1954-04-18",
            "1981-04-19",
            "2000-04-23",
            "2008-03-23",
            "2024-03-31",
            "2025-04-20",
            "2026-04-05",
            "2027-03-28",
            "2038-04-25",
            "2049-04-18",
            "2076-04-19",
            "2285-03-22",
            "2299-04-16",
        ] {
            let date: NaiveDate = date.parse().unwrap();
            assert_eq!(easter(chrono::Datelike::year(&date)), Some(date));
        }
    }

    #[test]
    fn france_has_eleven_holidays() {
        assert_eq!(
            dates(2026, LocalHolidays::NONE),
            [
                "2026-01-01",
                "2026-04-06",
                "2026-05-01",
                "2026-05-08",
                "2026-05-14",
                "2026-05-25",
                "2026-07-14",
                "2026-08-15",
                "2026-11-01",
                "2026-11-11",
                "2026-12-25",
            ]
        );
    }

    #[test]
    fn alsace_and_moselle_have_two_more() {
        let local = LocalHolidays {
            good_friday: true,
            saint_stephen: true,
        };
        let days = dates(2026, local);
        assert_eq!(days.len(), 13);
        assert!(days.contains(&"2026-04-03".into()) && days.contains(&"2026-12-26".into()));
    }

    #[test]
    fn two_holidays_may_share_a_day() {
        let first_of_may: Vec<Holiday> = holidays(2008, LocalHolidays::NONE)
            .into_iter()
            .filter(|(date, _)| date.to_string() == "2008-05-01")
            .map(|(_, holiday)| holiday)
            .collect();
        assert_eq!(first_of_may, [Holiday::LabourDay, Holiday::Ascension]);
    }
}

//! « À faire »: what has a deadline, in one line and one gesture.
use chrono::NaiveDate;
use domain::french;

/// One thing to do.
#[derive(Clone, Debug)]
pub struct Todo {
    /// Until when; nothing when no date is known.
    pub date: Option<DateBlock>,
    /// What, as a verb: « Relancer 18 communes sur 95 ».
    pub title: String,
    /// Where it is done.
    pub href: String,
    /// Why, in a sentence.
    pub detail: String,
    /// How much, or nothing.
    pub sum: String,
    /// What the sum is: « HT déclarés ».
    pub sum_note: String,
    /// The one gesture: « Relancer ».
    pub action: String,
    /// At most one per page.
    pub primary: bool,
}

/// A day as a leaf of a calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateBlock {
    /// Day of the month.
    pub day: String,
    /// Name of the month.
    pub month: String,
    /// How far: « dans 2 jours »; for a date behind, how late.
    pub distance: String,
    /// `"late"`, `"soon"` (three days or less) or `""`.
    pub tone: &'static str,
}

impl DateBlock {
    /// Places a day against today, both where the organisation lives.
    pub fn new(date: NaiveDate, today: NaiveDate) -> Self {
        let days = date.signed_duration_since(today).num_days();
        let relative = french::relative_days(today, date);
        // The colour and the group already say "late": the block only says by how much.
        let distance = relative.trim_start_matches("il y a ").to_owned();
        let tone = match days {
            ..0 => "late",
            0..=3 => "soon",
            4.. => "",
        };
        let leaf = french::day_month(date);
        let (day, month) = leaf.split_once(french::NBSP).unwrap_or((&leaf, ""));
        Self {
            day: day.to_owned(),
            month: month.to_owned(),
            distance,
            tone,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_says_how_far_it_is_and_how_much_it_presses() {
        let today = NaiveDate::from_ymd_opt(2026, 5, 19).unwrap();
        let block = |day, month| {
            let block = DateBlock::new(NaiveDate::from_ymd_opt(2026, month, day).unwrap(), today);
            (block.day, block.month, block.distance, block.tone)
        };
        assert_eq!(
            block(15, 5),
            ("15".into(), "mai".into(), "4\u{a0}jours".into(), "late")
        );
        assert_eq!(
            block(19, 5),
            ("19".into(), "mai".into(), "aujourd’hui".into(), "soon")
        );
        assert_eq!(
            block(1, 6),
            ("1er".into(), "juin".into(), "dans 13\u{a0}jours".into(), "")
        );
    }
}

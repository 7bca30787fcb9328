//! A part of a whole, as drawings need it.
use std::fmt;

/// A share of a drawing, in hundredths of a percent, between 0 and 100 %.
///
/// Printed as SVG wants it (`71.60%`). For a text, use [`Percent::text`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(i32);

impl Percent {
    /// The whole.
    pub const FULL: Self = Self(10_000);

    /// What `part` is of `whole`, rounded down; nothing when the whole is nothing.
    ///
    /// | part | whole | share   |
    /// |-----:|------:|---------|
    /// |    1 |     3 | 33.33%  |
    /// |   -5 |    10 | 0.00%   |
    /// |   15 |    10 | 100.00% |
    pub fn of(part: i64, whole: i64) -> Self {
        if whole <= 0 {
            return Self(0);
        }
        let hundredths = i128::from(part) * 10_000 / i128::from(whole);
        Self(i32::try_from(hundredths.clamp(0, 10_000)).unwrap_or(0))
    }

    /// Exactly this many hundredths of a percent, kept within the drawing.
    pub fn of_hundredths(hundredths: i32) -> Self {
        Self(hundredths.clamp(0, 10_000))
    }

    /// Hundredths of a percent.
    pub fn hundredths(self) -> i32 {
        self.0
    }

    /// The sum, never beyond the whole.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self::of_hundredths(self.0.saturating_add(other.0))
    }

    /// The difference, never under nothing.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self::of_hundredths(self.0.saturating_sub(other.0))
    }

    /// For people, to one decimal: `71,6 %`.
    pub fn text(self) -> String {
        let tenths = (self.0 + 5) / 10;
        format!("{},{}\u{202f}%", tenths / 10, tenths % 10)
    }

    /// For people, to the unit: `72 %`.
    pub fn whole_text(self) -> String {
        format!("{}\u{202f}%", (self.0 + 50) / 100)
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}%", self.0 / 100, self.0 % 100)
    }
}

impl askama::filters::HtmlSafe for Percent {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_stays_within_its_drawing() {
        assert_eq!(Percent::of(1, 3).to_string(), "33.33%");
        assert_eq!(Percent::of(-5, 10).to_string(), "0.00%");
        assert_eq!(Percent::of(15, 10).to_string(), "100.00%");
        assert_eq!(Percent::of(1, 0).to_string(), "0.00%");
        assert_eq!(Percent::of(i64::MAX, i64::MAX), Percent::FULL);
    }

    #[test]
    fn a_share_is_read_the_french_way() {
        assert_eq!(Percent::of(716, 1000).text(), "71,6\u{202f}%");
        assert_eq!(Percent::of(671, 1000).whole_text(), "67\u{202f}%");
    }
}

//! Charts drawn by the server: shapes in percent, text in pixels, a table twin for each.
use super::{life::Slice, percent::Percent};

/// The figures of a chart as a table: the first column names, the others count.
#[derive(Clone, Debug)]
pub struct Twin {
    /// The heads.
    pub heads: Vec<String>,
    /// The rows, cell by cell.
    pub rows: Vec<Vec<String>>,
}

/// Horizontal bars, label and value above each; zero is always in view.
///
/// At most twelve bars: sum up the rest yourself (« Les 87 autres, en moyenne »).
#[derive(Clone, Debug)]
pub struct BarChart {
    /// Unique on the page.
    pub id: &'static str,
    /// What it shows, in a sentence.
    pub title: String,
    /// What to see in it.
    pub description: String,
    /// Names of the series, empty when there is one.
    pub key: Vec<String>,
    /// The bars, placed.
    pub bars: Vec<PlacedBar>,
    /// In pixels.
    pub height: usize,
    /// The same figures as a table.
    pub twin: Twin,
}

/// One bar to draw.
#[derive(Clone, Debug)]
pub struct Bar {
    /// Whose.
    pub label: String,
    /// How much, as read.
    pub value: String,
    /// Its parts, one for each series, in any common unit.
    pub parts: Vec<i64>,
}

/// One bar, placed.
#[derive(Clone, Debug)]
pub struct PlacedBar {
    /// See [`Bar::label`].
    pub label: String,
    /// See [`Bar::value`].
    pub value: String,
    /// Its parts, from the left.
    pub slices: Vec<Slice>,
    /// Baseline of the text, in pixels.
    pub text_y: usize,
    /// Top of the bar, in pixels.
    pub bar_y: usize,
}

const ROW: usize = 38;
/// Air between two parts of a bar, in hundredths of a percent.
const AIR: i32 = 20;

impl BarChart {
    /// Draws bars on one scale, the longest filling the width.
    pub fn new(id: &'static str, title: impl Into<String>, bars: Vec<Bar>, twin: Twin) -> Self {
        let longest = bars
            .iter()
            .map(|bar| bar.parts.iter().sum::<i64>())
            .max()
            .unwrap_or(0);
        let height = bars.len() * ROW;
        let place = |(row, bar): (usize, Bar)| PlacedBar {
            slices: slice(&bar.parts, longest),
            label: bar.label,
            value: bar.value,
            text_y: row * ROW + 13,
            bar_y: row * ROW + 19,
        };
        let bars = bars.into_iter().enumerate().map(place).collect();
        let (title, description, key) = (title.into(), String::new(), Vec::new());
        Self {
            id,
            title,
            description,
            key,
            bars,
            height,
            twin,
        }
    }

    /// Says what to see in it.
    #[must_use]
    pub fn described(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// Names its series, in order.
    #[must_use]
    pub fn keyed<T: Into<String>>(mut self, key: impl IntoIterator<Item = T>) -> Self {
        self.key = key.into_iter().map(Into::into).collect();
        self
    }
}

fn slice(parts: &[i64], longest: i64) -> Vec<Slice> {
    let mut from = Percent::default();
    let mut slices = Vec::new();
    for (place, part) in parts.iter().enumerate() {
        let width = Percent::of(*part, longest);
        let air = if place == 0 {
            0
        } else {
            AIR.min(width.hundredths())
        };
        let air = Percent::of_hundredths(air);
        slices.push(Slice {
            from: from.plus(air),
            width: width.minus(air),
            series: place + 1,
        });
        from = from.plus(width);
    }
    slices
}

/// Vertical bars along time, value above each, label under.
#[derive(Clone, Debug)]
pub struct ColumnChart {
    /// Unique on the page.
    pub id: &'static str,
    /// What it shows, in a sentence.
    pub title: String,
    /// What to see in it.
    pub description: String,
    /// The columns, placed.
    pub columns: Vec<PlacedColumn>,
    /// The same figures as a table.
    pub twin: Twin,
}

/// One column, placed.
#[derive(Clone, Debug)]
pub struct PlacedColumn {
    /// Left edge.
    pub x: Percent,
    /// Width.
    pub width: Percent,
    /// Where its texts are centred.
    pub middle: Percent,
    /// Top, in pixels.
    pub y: i64,
    /// Height, in pixels.
    pub height: i64,
    /// The figure above; empty when columns are too many to name each.
    pub value: String,
    /// The word under; empty when columns are too many to name each.
    pub label: String,
}

/// Height of the tallest column, in pixels, and where columns stand.
const TALLEST: i64 = 72;
const GROUND: i64 = 96;
/// Fewer columns than this keep their width, and leave room on the right.
const SLOTS_MIN: i32 = 6;

impl ColumnChart {
    /// Draws columns (label, count) in order.
    pub fn new(
        id: &'static str,
        title: impl Into<String>,
        columns: &[(String, i64)],
        twin: Twin,
    ) -> Self {
        let most = columns
            .iter()
            .map(|column| column.1)
            .max()
            .unwrap_or(0)
            .max(1);
        let count = i32::try_from(columns.len()).unwrap_or(i32::MAX);
        // One day alone is a column too, not a wall.
        let slot = 10_000 / count.max(SLOTS_MIN);
        let step = columns.len().div_ceil(12).max(1);
        let place = |(index, column): (usize, &(String, i64))| {
            let left = i32::try_from(index).unwrap_or(0).saturating_mul(slot);
            let height = column.1.saturating_mul(TALLEST) / most;
            let named = index % step == 0;
            let text = |text: String| if named { text } else { String::new() };
            PlacedColumn {
                x: Percent::of_hundredths(left + slot * 13 / 100),
                width: Percent::of_hundredths(slot * 74 / 100),
                middle: Percent::of_hundredths(left + slot / 2),
                y: GROUND - height,
                height,
                value: text(column.1.to_string()),
                label: text(column.0.clone()),
            }
        };
        let placed = columns.iter().enumerate().map(place).collect();
        let (title, description) = (title.into(), String::new());
        Self {
            id,
            title,
            description,
            columns: placed,
            twin,
        }
    }

    /// Says what to see in it.
    #[must_use]
    pub fn described(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn twin() -> Twin {
        Twin {
            heads: Vec::new(),
            rows: Vec::new(),
        }
    }

    #[test]
    fn the_longest_bar_fills_the_width_and_the_others_follow() {
        let bar = |parts: &[i64]| Bar {
            label: "x".into(),
            value: "1".into(),
            parts: parts.into(),
        };
        let chart = BarChart::new("c", "Prêts", vec![bar(&[20, 80]), bar(&[50, 0])], twin());
        let ends: Vec<_> = chart
            .bars
            .iter()
            .map(|bar| bar.slices.last().unwrap().to().to_string())
            .collect();
        assert_eq!(ends, ["100.00%", "50.00%"]);
        assert_eq!(chart.height, 76);
    }

    #[test]
    fn many_columns_are_not_all_named() {
        let days: Vec<_> = (1..=40).map(|day| (day.to_string(), day)).collect();
        let chart = ColumnChart::new("c", "Réponses", &days, twin());
        assert_eq!(
            chart
                .columns
                .iter()
                .filter(|column| !column.label.is_empty())
                .count(),
            10
        );
        assert_eq!(chart.columns.last().unwrap().height, TALLEST);
    }
}

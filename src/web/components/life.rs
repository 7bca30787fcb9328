//! The life of a thing: its steps, how far it is, what it is measured against, and its proof.
use super::percent::Percent;

/// One moment in the life of a round, a procedure or an invoice.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it is called, from the thing's side (« Close »).
    pub label: String,
    /// When, or what is expected.
    pub detail: String,
    /// Behind us.
    pub done: bool,
    /// Where we are.
    pub current: bool,
}

impl Step {
    /// A step behind us.
    pub fn done(label: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            detail: detail.into(),
            done: true,
            current: false,
        }
    }

    /// The step where we are.
    pub fn current(label: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            detail: detail.into(),
            done: false,
            current: true,
        }
    }

    /// A step to come.
    pub fn ahead(label: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            detail: detail.into(),
            done: false,
            current: false,
        }
    }
}

/// A bar of parts in a known whole: plain, then pale, then hatched; the rest stays empty.
#[derive(Clone, Debug, Default)]
pub struct Track {
    /// The parts, from the left.
    pub slices: Vec<Slice>,
}

/// One part of a [`Track`] or of a bar.
#[derive(Clone, Debug)]
pub struct Slice {
    /// Where it starts.
    pub from: Percent,
    /// How long it is.
    pub width: Percent,
    /// Its place in the series, from 1.
    pub series: usize,
}

impl Slice {
    /// Where it ends.
    pub fn to(&self) -> Percent {
        self.from.plus(self.width)
    }
}

impl Track {
    /// Lays the parts end to end; parts of nothing are not drawn but keep their place in the key.
    pub fn of(parts: &[i64], whole: i64) -> Self {
        let mut from = Percent::default();
        let mut slices = Vec::new();
        for (place, part) in parts.iter().enumerate() {
            let width = Percent::of(*part, whole);
            if width > Percent::default() {
                slices.push(Slice {
                    from,
                    width,
                    series: place + 1,
                });
            }
            from = from.plus(width);
        }
        Self { slices }
    }
}

/// An amount against dated limits; what is only expected is hatched. It warns, it never blocks.
#[derive(Clone, Debug)]
pub struct Gauge {
    /// How far the declared amount goes.
    pub now: Percent,
    /// How far the expected amount adds.
    pub more: Percent,
    /// The limits, lowest first.
    pub marks: Vec<Mark>,
    /// Of the drawing, in pixels.
    pub height: usize,
    /// The same thing in one sentence, for who does not see the drawing.
    pub sentence: String,
}

/// A limit to draw on a [`Gauge`].
#[derive(Clone, Debug)]
pub struct Threshold {
    /// In cents.
    pub cents: i64,
    /// As read under its mark: « 90 000 € publicité ».
    pub text: String,
    /// The one that matters here: drawn in red, above.
    pub limit: bool,
}

/// A limit, placed.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Where.
    pub at: Percent,
    /// What is read.
    pub text: String,
    /// `start` or `end`: on which side of the mark the text goes, towards the wider room.
    pub anchor: &'static str,
    /// See [`Threshold::limit`].
    pub limit: bool,
    /// Where its line ends, in pixels: one row each, the lowest limit on the lowest row, so that
    /// no line crosses a text at any width.
    pub tail: usize,
    /// Where its text stands.
    pub baseline: usize,
}

/// The bar and the text above it, in pixels.
const GAUGE_HEIGHT: usize = 56;
/// One text under the bar.
const ROW_HEIGHT: usize = 16;
/// Where the line of a mark on the first row ends.
const TAIL: usize = 46;
/// Where the text of the first row stands.
const BASELINE: usize = 60;

impl Gauge {
    /// Places amounts (in cents) and limits on one scale, with some room on the right.
    pub fn new(declared: i64, expected: i64, limits: &[Threshold], sentence: String) -> Self {
        let highest = limits.iter().map(|limit| limit.cents).max().unwrap_or(0);
        let scale = highest.max(expected).max(declared).saturating_mul(6) / 5;
        let now = Percent::of(declared, scale);
        let mut sorted: Vec<&Threshold> = limits.iter().collect();
        sorted.sort_by_key(|limit| limit.cents);
        let mut rows = sorted.iter().filter(|limit| !limit.limit).count();
        let height = GAUGE_HEIGHT + ROW_HEIGHT * rows.max(1);
        let marks = sorted.iter().map(|limit| {
            let at = Percent::of(limit.cents, scale);
            rows = rows.saturating_sub(usize::from(!limit.limit));
            Mark {
                at,
                text: limit.text.clone(),
                anchor: if at.hundredths() > 5_500 {
                    "end"
                } else {
                    "start"
                },
                limit: limit.limit,
                tail: TAIL + ROW_HEIGHT * rows,
                baseline: BASELINE + ROW_HEIGHT * rows,
            }
        });
        let marks = marks.collect();
        Self {
            now,
            more: Percent::of(expected, scale).minus(now),
            marks,
            height,
            sentence,
        }
    }
}

/// « Ligne de preuve »: what was printed, what the shares sum to, and the gap between them.
#[derive(Clone, Debug)]
pub struct Proof {
    /// What is split: « Abonnement HT ».
    pub label: String,
    /// Name of the printed side: « Facture ».
    pub printed_name: String,
    /// The printed amount.
    pub printed: String,
    /// Name of the split side: « 95 quotes-parts ».
    pub shares_name: String,
    /// The sum of the shares.
    pub shares: String,
    /// The gap, signed.
    pub gap: String,
    /// Whether the gap is exactly nothing.
    pub exact: bool,
}

/// « Pourquoi ce centime ? »: the way from the voted rule to one member's amount.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// Whose, and how much: « Anstaing · 333,88 € TTC ».
    pub subject: String,
    /// Where closing leads; empty when it is a page of its own.
    pub close: String,
    /// The reasons, in order.
    pub reasons: Vec<Reason>,
}

/// One numbered reason of an [`Explanation`].
#[derive(Clone, Debug, Default)]
pub struct Reason {
    /// « La règle votée ».
    pub title: String,
    /// A paragraph, or nothing.
    pub text: String,
    /// Its source, in small.
    pub source: String,
    /// A sum, line by line.
    pub lines: Vec<SumLine>,
    /// What follows the sum.
    pub after: String,
}

/// One line of a sum.
#[derive(Clone, Debug)]
pub struct SumLine {
    /// What it counts.
    pub label: String,
    /// In small beside it: « exact 127,8947 ».
    pub hint: String,
    /// The figure.
    pub value: String,
    /// `""`, `"total"` (ruled above) or `"final"` (ruled above, double-ruled below).
    pub rule: &'static str,
}

impl SumLine {
    /// A plain line.
    pub fn new(
        label: impl Into<String>,
        hint: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        Self {
            label: label.into(),
            hint: hint.into(),
            value: value.into(),
            rule: "",
        }
    }

    /// Rules it as a total (`"total"`) or as the end of the account (`"final"`).
    #[must_use]
    pub fn ruled(mut self, rule: &'static str) -> Self {
        self.rule = rule;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_track_lays_its_parts_end_to_end() {
        let track = Track::of(&[68, 0, 7], 95);
        let drawn: Vec<_> = track
            .slices
            .iter()
            .map(|s| (s.series, s.from.to_string(), s.width.to_string()))
            .collect();
        assert_eq!(
            drawn,
            [
                (1, "0.00%".into(), "71.57%".into()),
                (3, "71.57%".into(), "7.36%".into())
            ]
        );
    }

    #[test]
    fn a_gauge_names_every_limit_and_none_over_another() {
        let limit = |cents, limit| Threshold {
            cents,
            text: "x".into(),
            limit,
        };
        let limits = [
            limit(21_600_000, true),
            limit(6_000_000, false),
            limit(6_200_000, false),
        ];
        let gauge = Gauge::new(19_682_375, 22_472_535, &limits, String::new());
        let rows: Vec<usize> = gauge.marks.iter().map(|m| m.baseline).collect();
        assert_eq!(rows[..2], [76, 60], "two close limits never share a row");
        assert!(gauge.marks[2].limit && gauge.marks[2].anchor == "end");
        assert!(gauge.now.plus(gauge.more) < Percent::FULL);
    }
}

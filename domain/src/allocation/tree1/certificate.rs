//! What is owed exactly, found again on demand where fixed point cannot tell.
//!
//! A due is the exact value of some rows less whole cents. Its part of a cent follows from the
//! rows alone, whatever was given out: rows of one key are one product. Its whole cents are
//! those that bring it next to its fixed point, which is wrong by far less than half a cent.

use std::collections::BTreeMap;

use num_integer::Integer;

use super::divisor::Divisor;
use super::grid::Row;
use super::levels::Levels;
use super::parts::{Due, Factor, Measure, Parts};
use super::scale::{CENT, Scale};
use super::weights::Weights;

/// The exact dues of a rounding in fixed point (« certificat »).
pub(super) struct Certificate<'a, D> {
    /// How many units make a cent.
    pub unit: D,
    /// What is owed from before, in units and in fixed point; empty when nothing is.
    carry: Vec<(D, i64)>,
    members: usize,
    sources: Vec<Source<'a, D>>,
    /// By level, what its rows so far are made of.
    levels: Vec<Terms>,
    /// How many terms were read, the slow ones for several.
    pub effort: usize,
}

/// Rows of the same weights, or one row of another kind.
struct Source<'a, D> {
    row: &'a Row,
    factor: Factor<D>,
    scale: Scale,
}

/// By source, how many times it counts: cents to share by its weights, or its whole row.
pub(super) type Terms = BTreeMap<usize, i128>;

/// What a term of big integers costs beside one of 64 bits.
const SLOW: usize = 16;

impl<'a, D: Due> Certificate<'a, D> {
    pub fn new(unit: D, carry: Vec<(D, i64)>, members: usize, levels: &Levels) -> Self {
        Self {
            unit,
            carry,
            members,
            sources: Vec::new(),
            levels: vec![Terms::new(); levels.count()],
            effort: 0,
        }
    }

    /// Adds the next row to the levels that it counts in.
    pub fn open(&mut self, row: &'a Row, chain: &[usize]) {
        let Some(source) = self.source(row) else {
            return;
        };
        let times = match &row.parts {
            Parts::Weighed { total, .. } => i128::from(*total),
            Parts::Narrow { .. } | Parts::Big { .. } | Parts::Whole(_) => 1,
        };
        for level in chain {
            if let Some(terms) = self.levels.get_mut(*level) {
                *terms.entry(source).or_default() += times;
            }
        }
    }

    /// What all the levels of a chain are made of, together.
    pub fn terms(&self, chain: &[usize]) -> Terms {
        let mut all = Terms::new();
        let levels = chain.iter().filter_map(|level| self.levels.get(*level));
        for (source, times) in levels.flatten() {
            *all.entry(*source).or_default() += times;
        }
        all
    }

    /// The exact due whose fixed point is given, with as many times what is owed from before.
    pub fn due(&mut self, terms: &Terms, member: usize, fixed: i64, carried: usize) -> D {
        let (mut exact, mut near) = (D::zero(), 0);
        for (source, times) in terms {
            if let Some((part, fixed)) = self.part(*source, *times, member) {
                exact += &part;
                near += fixed;
            }
        }
        if let Some((owed, fixed)) = self.carry.get(member) {
            for _ in 0..carried {
                exact += owed;
                near += fixed;
            }
        }
        self.effort += 1;
        let whole = (fixed - near + CENT / 2).div_euclid(CENT);
        let cents = D::of_small(whole.unsigned_abs(), &self.unit);
        if whole < 0 {
            exact -= &cents;
        } else {
            exact += &cents;
        }
        exact
    }

    /// The part of a cent that a source owes to a member, exactly and in fixed point.
    fn part(&mut self, source: usize, times: i128, member: usize) -> Option<(D, i64)> {
        let source = self.sources.get(source)?;
        let takers = &source.row.takers;
        let position = if takers.len() == self.members {
            member
        } else {
            takers.binary_search(&member).ok()?
        };
        if let Parts::Weighed { weights, .. } = &source.row.parts
            && let Weights::Narrow { of, sum } = weights.as_ref()
        {
            let sum = (*sum).max(1);
            let times = times.rem_euclid(i128::from(sum));
            let times = u64::try_from(times).unwrap_or(0);
            let (_, rest) = Divisor::new(sum).share(times, *of.get(position)?);
            self.effort += 1;
            return Some((source.factor.small(rest), source.scale.small(rest)));
        }
        self.effort += SLOW;
        let own = match &source.row.parts {
            Parts::Weighed { weights, .. } => weights.integer(position)?,
            Parts::Narrow { .. } | Parts::Big { .. } | Parts::Whole(_) => {
                source.row.parts.numerator(position)?
            }
        };
        let rest = (own * times).mod_floor(&source.row.parts.denominator());
        Some((source.factor.big(&rest), source.scale.big(&rest)))
    }

    /// Where rows like this one are; none for whole cents, which owe nothing.
    fn source(&mut self, row: &'a Row) -> Option<usize> {
        if matches!(row.parts, Parts::Whole(_)) {
            return None;
        }
        let known = self.sources.iter().position(|own| own.row.is_like(row));
        Some(known.unwrap_or_else(|| {
            let denominator = row.parts.denominator();
            self.sources.push(Source {
                row,
                factor: Factor(D::of(&(self.unit.to_big() / &denominator))),
                scale: Scale::new(&denominator),
            });
            self.sources.len() - 1
        }))
    }

    /// How many units the smallest part of a row makes.
    pub fn factor(&self, row: &Row) -> Factor<D> {
        Factor(D::of(&(self.unit.to_big() / row.parts.denominator())))
    }
}

//! Rounding in fixed point, with a certificate: exact numbers only where they decide.
//!
//! Most members are far apart in the queue for a cent. Their dues are kept in parts of a cent,
//! a few of which are lost in each row; whoever is within what can have been lost is compared
//! exactly. The cells are those of exact numbers, and so is all that is told of them.

use std::cmp::Ordering;

use num_bigint::BigInt;

use super::certificate::{Certificate, Terms};
use super::grid::{Grid, Held, Rounded, Row, Stand, first_served, magnitude};
use super::levels::Levels;
use super::parts::Due;
use super::queue::{ABSENT, Queue};
use super::scale::{CENT, SLIP, Scale};
use crate::allocation::record::{Given, Last, Trace};
use crate::allocation::{AllocationError, Fraction};

/// A rounding whose dues are in fixed point.
struct Fixed<'a, D> {
    grid: Grid<'a, i64>,
    proof: Certificate<'a, D>,
    carry: Vec<i64>,
    given: Vec<Given>,
    /// No due is further than this from its exact value.
    slip: i64,
    /// No sum of dues along a chain is further than this from its exact value.
    rank_slip: i64,
    /// The terms that may be read before exact numbers would have been quicker.
    effort_max: usize,
}

/// What a row is worked out on, kept from one to the next.
#[derive(Default)]
struct Bench {
    rests: Vec<i64>,
    ranks: Vec<i64>,
    /// By position, a cent or nothing.
    lifts: Vec<i64>,
    queue: Queue,
}

/// Whether sums of dues fit, so many cents at most.
pub(super) fn fits(most: &BigInt) -> bool {
    most.bits() < 17
}

/// The effort after which a rounding in fixed point gives up, so many cells being rounded.
pub(super) fn effort_max(cells: usize) -> usize {
    cells.saturating_mul(4).saturating_add(1 << 16)
}

/// Rounds rows; `None` when so many members are tied that exact numbers are quicker.
pub(super) fn rounded<D: Due>(
    (rows, levels, held): (&[Row], &Levels, &Held),
    members: usize,
    unit: &BigInt,
    carry: &[Fraction],
    effort_max: usize,
) -> Result<Option<Rounded>, AllocationError> {
    let units = |due: &Fraction| D::of(&(due.numerator() * (unit / due.denominator())));
    let parts = |due: &Fraction| {
        let parts = (due.numerator() * CENT) / due.denominator();
        i64::try_from(parts).unwrap_or(0)
    };
    let owed: Vec<(D, i64)> = carry.iter().map(|due| (units(due), parts(due))).collect();
    let deepest = (0..rows.len()).map(|row| levels.chain(row).len()).max();
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let slip = SLIP.saturating_mul(count(rows.len()).saturating_add(2));
    let fixed = Fixed {
        carry: owed.iter().map(|(_, parts)| *parts).collect(),
        proof: Certificate::new(D::of(unit), owed, members, levels),
        grid: Grid::new(rows, levels, held, members, CENT),
        given: Vec::with_capacity(rows.len()),
        slip,
        rank_slip: slip.saturating_mul(count(deepest.unwrap_or(1))),
        effort_max,
    };
    fixed.rounded()
}

impl<D: Due> Fixed<'_, D> {
    fn rounded(mut self) -> Result<Option<Rounded>, AllocationError> {
        let mut bench = Bench::default();
        for (index, row) in self.grid.rows.iter().enumerate() {
            if index == self.grid.held.first && index > 0 {
                self.repair()?;
            }
            let chain = self.grid.levels.chain(index);
            self.proof.open(row, &chain);
            self.open(row, &chain, &mut bench)?;
            self.serve(row, &chain, &mut bench)?;
            if self.proof.effort > self.effort_max {
                return Ok(None);
            }
        }
        self.repair()?;
        let Some(deviation) = self.max_deviation()? else {
            return Ok(None);
        };
        Ok(Some(Rounded {
            trace: Trace {
                rows: self.given,
                mends: self.grid.mends,
            },
            repairs: self.grid.repairs,
            cells: self.grid.cells,
            max_deviation: Fraction::new(deviation.to_big(), &self.proof.unit.to_big()),
        }))
    }

    /// Adds the next row to the dues, its floors to the cells, and ranks those who compete.
    fn open(
        &mut self,
        row: &Row,
        chain: &[usize],
        bench: &mut Bench,
    ) -> Result<(), AllocationError> {
        let Bench { rests, ranks, .. } = bench;
        let mut cells = Vec::with_capacity(row.takers.len());
        rests.clear();
        row.parts
            .measured(&Scale::new(&row.parts.denominator()), |floor, rest| {
                cells.push(floor);
                rests.push(rest);
            })?;
        self.grid.cells.push(cells);
        ranks.clear();
        ranks.resize(rests.len(), 0);
        let all = row.takers.len() == self.grid.members;
        for level in chain {
            let Some(dues) = self.grid.dues.get_mut(*level) else {
                continue;
            };
            let owed = rests.iter().zip(ranks.iter_mut());
            if all {
                for (due, (rest, rank)) in dues.iter_mut().zip(owed) {
                    *due += rest;
                    *rank += *due;
                }
            } else {
                for (member, (rest, rank)) in row.takers.iter().zip(owed) {
                    if let Some(due) = dues.get_mut(*member) {
                        *due += rest;
                        *rank += *due;
                    }
                }
            }
        }
        let depth = i64::try_from(chain.len()).unwrap_or(0);
        for (member, rank) in row.takers.iter().zip(ranks.iter_mut()) {
            let Some(owed) = self.carry.get(*member) else {
                break;
            };
            *rank += owed * depth;
        }
        for (rest, rank) in rests.iter().zip(ranks) {
            if *rest == 0 {
                *rank = ABSENT;
            }
        }
        Ok(())
    }

    /// A cent for each of those who are owed the most, ties to the lower id.
    fn serve(
        &mut self,
        row: &Row,
        chain: &[usize],
        bench: &mut Bench,
    ) -> Result<(), AllocationError> {
        let floors = self.grid.cells.last().into_iter().flatten();
        let given: i128 = floors.map(|floor| i128::from(*floor)).sum();
        let left = usize::try_from(i128::from(row.total) - given);
        let left = left.or(Err(AllocationError::Unsettled))?;
        let candidates = bench.queue.measure(&bench.ranks);
        if left > candidates {
            return Err(AllocationError::Unsettled);
        }
        bench.lifts.clear();
        bench.lifts.resize(bench.ranks.len(), 0);
        let last = if left == 0 {
            None
        } else {
            self.lift(row, chain, left, bench)
        };
        self.given.push(Given {
            left,
            candidates,
            last,
        });
        self.settle(row, chain, bench);
        Ok(())
    }

    /// Marks those who are served; those near the last one are compared exactly.
    fn lift(&mut self, row: &Row, chain: &[usize], left: usize, bench: &mut Bench) -> Option<Last> {
        let edge = bench.queue.edge(&bench.ranks, left);
        let band = self.rank_slip.saturating_mul(2);
        let (low, high) = (edge - band, edge + band);
        let mut surely = 0;
        for (lift, rank) in bench.lifts.iter_mut().zip(&bench.ranks) {
            let above = i64::from(*rank > high);
            *lift = above * CENT;
            surely += above;
        }
        let surely = usize::try_from(surely).unwrap_or(0);
        let terms = self.proof.terms(chain);
        let mut near: Vec<(D, u32)> = Vec::new();
        for (position, rank) in (0..).zip(&bench.ranks) {
            if (low..=high).contains(rank) {
                let member = row.takers.get(usize::try_from(position).ok()?)?;
                let due = self.proof.due(&terms, *member, *rank, chain.len());
                near.push((due, position));
            }
        }
        let (served, last) = first_served(&mut near, left.saturating_sub(surely));
        for (_, position) in served {
            if let Some(lift) = bench.lifts.get_mut(usize::try_from(*position).ok()?) {
                *lift = CENT;
            }
        }
        let (rank, position, tied) = last?;
        Some(Last {
            due: Fraction::new(rank.to_big(), &(self.proof.unit.to_big() * chain.len())),
            member: *row.takers.get(usize::try_from(position).ok()?)?,
            tied,
        })
    }

    /// Gives the cents that were marked.
    fn settle(&mut self, row: &Row, chain: &[usize], bench: &Bench) {
        let Bench { rests, lifts, .. } = bench;
        let mut gap = 0;
        let stands = rests.iter().zip(lifts).map(|(rest, lift)| {
            gap = gap.max((rest - lift).abs());
            if *rest == 0 {
                Stand::Whole
            } else if *lift == 0 {
                Stand::Floor
            } else {
                Stand::Ceiling
            }
        });
        self.grid.stands.push(stands.collect());
        self.grid.gaps.push(Some(gap));
        let cells = self.grid.cells.last_mut().into_iter().flatten();
        for (cell, lift) in cells.zip(lifts) {
            *cell += lift / CENT;
        }
        let all = row.takers.len() == self.grid.members;
        for level in chain {
            let Some(dues) = self.grid.dues.get_mut(*level) else {
                continue;
            };
            if all {
                for (due, lift) in dues.iter_mut().zip(lifts) {
                    *due -= lift;
                }
            } else {
                for (member, lift) in row.takers.iter().zip(lifts) {
                    if let Some(due) = dues.get_mut(*member) {
                        *due -= lift;
                    }
                }
            }
        }
    }

    /// Repairs as exact dues would be: those near a whole number of cents are made sure first.
    fn repair(&mut self) -> Result<(), AllocationError> {
        let limit = CENT - self.slip;
        let mut dues = self.grid.dues.iter().flatten();
        if dues.all(|due| (-limit..limit).contains(due)) {
            return Ok(());
        }
        for level in 0..self.grid.levels.count() {
            let terms = self.proof.terms(&[level]);
            for member in 0..self.grid.members {
                self.make_sure(&terms, level, member);
            }
        }
        self.grid.repair()
    }

    /// Puts a due that is near whole cents on the side of them where it is exactly.
    fn make_sure(&mut self, terms: &Terms, level: usize, member: usize) {
        let due = *self.grid.due(level, member);
        let whole = (due + CENT / 2).div_euclid(CENT);
        let near = whole * CENT;
        if (due - near).abs() > self.slip {
            return;
        }
        let mut exact = self.proof.due(terms, member, due, 0);
        let cents = D::of_small(whole.unsigned_abs(), &self.proof.unit);
        if whole < 0 {
            exact += &cents;
        } else {
            exact -= &cents;
        }
        let sure = match exact.cmp(&D::zero()) {
            Ordering::Less => due.min(near - 1),
            Ordering::Equal => near,
            Ordering::Greater => due.max(near + 1),
        };
        *self.grid.due_mut(level, member) = sure;
    }

    /// The largest gap, exactly: among those that fixed point cannot tell from the largest.
    fn max_deviation(&mut self) -> Result<Option<D>, AllocationError> {
        let mut gaps = Vec::with_capacity(self.grid.rows.len());
        for index in 0..self.grid.rows.len() {
            gaps.push(self.gap(index)?);
        }
        let dues = self.grid.dues.iter().flatten().map(magnitude);
        let most = gaps.iter().copied().chain(dues).max().unwrap_or(0);
        let near = most - 2 * self.slip;
        let mut exact = D::zero();
        for level in 0..self.grid.levels.count() {
            let terms = self.proof.terms(&[level]);
            for member in 0..self.grid.members {
                let due = *self.grid.due(level, member);
                if magnitude(&due) >= near {
                    exact = exact.max(magnitude(&self.proof.due(&terms, member, due, 0)));
                }
            }
            if self.proof.effort > self.effort_max {
                return Ok(None);
            }
        }
        for ((row, stands), gap) in self.grid.rows.iter().zip(&self.grid.stands).zip(gaps) {
            if gap >= near {
                let mut stands = stands.iter();
                row.parts.measured(&self.proof.factor(row), |_, rest| {
                    let mut gap = rest;
                    if stands.next() == Some(&Stand::Ceiling) {
                        let rest = gap;
                        gap = self.proof.unit.clone();
                        gap -= &rest;
                    }
                    if gap > exact {
                        exact = gap;
                    }
                })?;
            }
        }
        Ok(Some(exact))
    }

    /// The largest gap of a row in fixed point.
    fn gap(&self, index: usize) -> Result<i64, AllocationError> {
        let (Some(row), Some(stands)) = (self.grid.rows.get(index), self.grid.stands.get(index))
        else {
            return Ok(0);
        };
        if let Some(Some(gap)) = self.grid.gaps.get(index) {
            return Ok(*gap);
        }
        let (mut most, mut stands) = (0, stands.iter());
        row.parts
            .measured(&Scale::new(&row.parts.denominator()), |_, rest| {
                let raised = stands.next() == Some(&Stand::Ceiling);
                most = most.max(if raised { CENT - rest } else { rest });
            })?;
        Ok(most)
    }
}

//! Controlled rounding: rows of members to whole cents, every row and every subtotal at once.
//!
//! Each row gives its leftover cents to those who are owed the most so far; `repair` then
//! brings every subtotal of every member within a cent of its exact value.

use std::sync::Arc;

use super::levels::Levels;
use super::parts::{Due, Parts};
use crate::allocation::record::{Given, Last, Mend, Trace};
use crate::allocation::{AllocationError, Fraction};

/// One amount to give out among its takers.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub total: i64,
    /// Member indices, ascending.
    pub takers: Arc<[usize]>,
    pub parts: Parts,
}

impl Row {
    /// Whether two rows share by the very same weights.
    pub fn is_like(&self, other: &Self) -> bool {
        match (&self.parts, &other.parts) {
            (Parts::Weighed { weights: own, .. }, Parts::Weighed { weights: its, .. }) => {
                Arc::ptr_eq(own, its) && Arc::ptr_eq(&self.takers, &other.takers)
            }
            (_, _) => false,
        }
    }
}

/// Rows in whole cents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rounded {
    /// By row, then by taker.
    pub cells: Vec<Vec<i64>>,
    /// The largest gap of a cell or a subtotal to its exact value, in cents.
    pub max_deviation: Fraction,
    /// Subtotals that had to be brought back within a cent.
    pub repairs: usize,
    /// What one member's column is replayed from.
    pub trace: Trace,
}

/// Where a cell stands: a whole value has one place, another has two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stand {
    Whole,
    Floor,
    Ceiling,
}

/// Rows that a repair leaves alone while it can: a tariff has read their cells.
#[derive(Clone, Debug, Default)]
pub(super) struct Held {
    /// The rows before this one are repaired on their own first.
    pub first: usize,
    /// By row; none is held where this is short.
    pub rows: Vec<bool>,
}

pub(super) struct Grid<'a, D> {
    pub rows: &'a [Row],
    pub levels: &'a Levels,
    pub held: &'a Held,
    pub members: usize,
    /// How many units make a cent.
    pub unit: D,
    /// Exact less allocated so far, by level and then by member.
    pub dues: Vec<Vec<D>>,
    pub cells: Vec<Vec<i64>>,
    pub stands: Vec<Vec<Stand>>,
    /// The largest gap of each row; none when a repair has changed it.
    pub gaps: Vec<Option<D>>,
    served: Vec<Served<D>>,
    pub mends: Vec<Mend>,
    pub repairs: usize,
}

/// What a row is worked out on, kept from one to the next.
pub(super) struct Desk<D> {
    pub floors: Vec<(i64, D)>,
    ranks: Vec<D>,
    /// Those who compete for the leftover: their rank and their position in the row.
    pub ranked: Vec<(D, u32)>,
}

impl<D> Desk<D> {
    pub fn new() -> Self {
        Self {
            floors: Vec::new(),
            ranks: Vec::new(),
            ranked: Vec::new(),
        }
    }
}

/// Whom a row gave its leftover cents.
struct Served<D> {
    left: usize,
    candidates: usize,
    /// The rank and the index of the last one, and whether another had the same rank.
    last: Option<(D, usize, bool)>,
}

impl<'a, D: Due> Grid<'a, D> {
    pub fn new(
        rows: &'a [Row],
        levels: &'a Levels,
        held: &'a Held,
        members: usize,
        unit: D,
    ) -> Self {
        Self {
            rows,
            levels,
            held,
            members,
            unit,
            dues: vec![vec![D::zero(); members]; levels.count()],
            cells: Vec::with_capacity(rows.len()),
            stands: Vec::with_capacity(rows.len()),
            gaps: Vec::with_capacity(rows.len()),
            served: Vec::with_capacity(rows.len()),
            mends: Vec::new(),
            repairs: 0,
        }
    }

    pub fn rounded(mut self, carry: &[D]) -> Result<Rounded, AllocationError> {
        let mut desk = Desk::new();
        for (index, row) in self.rows.iter().enumerate() {
            self.open(index, row, carry, &mut desk)?;
            self.serve(index, row, &mut desk)?;
        }
        self.repair()?;
        let deviation = self.max_deviation(&mut desk.floors)?;
        let rows = (0..self.rows.len()).filter_map(|row| self.given(row));
        Ok(Rounded {
            trace: Trace {
                rows: rows.collect(),
                mends: std::mem::take(&mut self.mends),
            },
            repairs: self.repairs,
            cells: self.cells,
            max_deviation: Fraction::new(deviation.to_big(), &self.unit.to_big()),
        })
    }

    /// What a row gave out, the rank of the last one served as a mean over its subtotals.
    fn given(&self, row: usize) -> Option<Given> {
        let served = self.served.get(row)?;
        let depth = self.levels.chain(row).len();
        let last = served.last.as_ref().map(|(rank, member, tied)| Last {
            due: Fraction::new(rank.to_big(), &(self.unit.to_big() * depth)),
            member: *member,
            tied: *tied,
        });
        Some(Given {
            left: served.left,
            candidates: served.candidates,
            last,
        })
    }

    /// Adds the next row to the dues, its floors to the cells, and ranks those who compete.
    pub fn open(
        &mut self,
        index: usize,
        row: &Row,
        carry: &[D],
        desk: &mut Desk<D>,
    ) -> Result<(), AllocationError> {
        if index == self.held.first && index > 0 {
            self.repair()?;
        }
        row.parts.floors(&self.unit, &mut desk.floors)?;
        desk.ranks.clear();
        desk.ranks.resize(desk.floors.len(), D::zero());
        for level in self.levels.chain(index) {
            let dues = self
                .dues
                .get_mut(level)
                .map_or(&mut [][..], Vec::as_mut_slice);
            let owed = desk.floors.iter().zip(&mut desk.ranks);
            if row.takers.len() == self.members {
                for (due, ((_, rest), rank)) in dues.iter_mut().zip(owed) {
                    *due += rest;
                    *rank += &*due;
                }
            } else {
                for (member, ((_, rest), rank)) in row.takers.iter().zip(owed) {
                    if let Some(due) = dues.get_mut(*member) {
                        *due += rest;
                        *rank += &*due;
                    }
                }
            }
            for (member, rank) in row.takers.iter().zip(&mut desk.ranks) {
                let Some(owed) = carry.get(*member) else {
                    break;
                };
                *rank += owed;
            }
        }
        desk.ranked.clear();
        let mut cells = Vec::with_capacity(desk.floors.len());
        let mut stands = Vec::with_capacity(desk.floors.len());
        let ranks = desk.floors.iter().zip(desk.ranks.drain(..));
        for (position, ((floor, rest), rank)) in (0..).zip(ranks) {
            cells.push(*floor);
            if rest.is_zero() {
                stands.push(Stand::Whole);
            } else {
                stands.push(Stand::Floor);
                desk.ranked.push((rank, position));
            }
        }
        self.cells.push(cells);
        self.stands.push(stands);
        Ok(())
    }

    /// A cent for each of those who are owed the most, ties to the lower id.
    pub fn serve(
        &mut self,
        index: usize,
        row: &Row,
        desk: &mut Desk<D>,
    ) -> Result<(), AllocationError> {
        let given = desk.floors.iter().map(|(floor, _)| i128::from(*floor));
        let left = i128::from(row.total) - given.sum::<i128>();
        let left = usize::try_from(left).or(Err(AllocationError::Unsettled))?;
        let ranked = &mut desk.ranked;
        if left > ranked.len() {
            return Err(AllocationError::Unsettled);
        }
        let candidates = ranked.len();
        let (served, last) = first_served(ranked, left);
        let member = |position: u32| {
            let position = usize::try_from(position).ok()?;
            Some((position, *row.takers.get(position)?))
        };
        let last = last.and_then(|(rank, position, tied)| Some((rank, member(position)?.1, tied)));
        self.served.push(Served {
            left,
            candidates,
            last,
        });
        let chain = self.levels.chain(index);
        let unit = self.unit.clone();
        for (position, member) in served.iter().filter_map(|(_, position)| member(*position)) {
            self.raise(index, position);
            for level in &chain {
                *self.due_mut(*level, member) -= &unit;
            }
        }
        let stands = self.stands(index).iter();
        let gaps = desk.floors.iter().zip(stands);
        let gap = gaps.map(|((_, rest), stand)| self.gap(rest, *stand)).max();
        self.gaps.push(gap);
        Ok(())
    }

    fn raise(&mut self, row: usize, position: usize) {
        if let (Some(cells), Some(stands)) = (self.cells.get_mut(row), self.stands.get_mut(row)) {
            raise(cells, stands, position);
        }
    }

    fn gap(&self, rest: &D, stand: Stand) -> D {
        match stand {
            Stand::Whole | Stand::Floor => rest.clone(),
            Stand::Ceiling => {
                let mut gap = self.unit.clone();
                gap -= rest;
                gap
            }
        }
    }

    fn max_deviation(&self, floors: &mut Vec<(i64, D)>) -> Result<D, AllocationError> {
        let mut most = D::zero();
        for due in self.dues.iter().flatten() {
            most = most.max(magnitude(due));
        }
        for ((row, stands), gap) in self.rows.iter().zip(&self.stands).zip(&self.gaps) {
            if let Some(gap) = gap {
                most = most.max(gap.clone());
                continue;
            }
            row.parts.floors(&self.unit, floors)?;
            for ((_, rest), stand) in floors.iter().zip(stands) {
                most = most.max(self.gap(rest, *stand));
            }
        }
        Ok(most)
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "levels and members come from the plan that sized the dues"
    )]
    #[inline]
    pub fn due(&self, level: usize, member: usize) -> &D {
        &self.dues[level][member]
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "levels and members come from the plan that sized the dues"
    )]
    #[inline]
    pub fn due_mut(&mut self, level: usize, member: usize) -> &mut D {
        &mut self.dues[level][member]
    }

    pub fn rounded_rows(&self) -> usize {
        self.cells.len()
    }

    /// How a member stands in a row; none when it takes no part.
    pub fn stand(&self, row: usize, member: usize) -> Option<Stand> {
        let position = self.position(row, member)?;
        self.stands.get(row)?.get(position).copied()
    }

    pub fn stands(&self, row: usize) -> &[Stand] {
        self.stands.get(row).map_or(&[], Vec::as_slice)
    }

    /// Moves a cell to the other of its two places.
    pub fn flip(&mut self, row: usize, member: usize) {
        let position = self.position(row, member);
        let cells = self.cells.get_mut(row);
        let stands = self.stands.get_mut(row);
        if let (Some(position), Some(cells), Some(stands)) = (position, cells, stands) {
            match stands.get(position) {
                Some(Stand::Floor) => raise(cells, stands, position),
                Some(Stand::Ceiling) => {
                    if let (Some(cell), Some(stand)) =
                        (cells.get_mut(position), stands.get_mut(position))
                    {
                        *cell -= 1;
                        *stand = Stand::Floor;
                    }
                }
                Some(Stand::Whole) | None => {}
            }
        }
        if let Some(gap) = self.gaps.get_mut(row) {
            *gap = None;
        }
    }

    fn position(&self, row: usize, member: usize) -> Option<usize> {
        let takers = &self.rows.get(row)?.takers;
        if takers.len() == self.members {
            return Some(member);
        }
        takers.binary_search(&member).ok()
    }
}

/// The rank and the position of the last one served, and whether another had the same rank.
pub(super) type LastServed<D> = (D, u32, bool);

/// Those who are owed the most, ties to the lower position.
pub(super) fn first_served<D: Due>(
    ranked: &mut [(D, u32)],
    left: usize,
) -> (&[(D, u32)], Option<LastServed<D>>) {
    if (1..ranked.len()).contains(&left) {
        ranked.select_nth_unstable_by(left, |a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    }
    let (served, others) = ranked.split_at(left.min(ranked.len()));
    let next = others.first().map(|(rank, _)| rank);
    let last = served
        .iter()
        .min_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
    let last = last.map(|(rank, position)| (rank.clone(), *position, next == Some(rank)));
    (served, last)
}

fn raise(cells: &mut [i64], stands: &mut [Stand], position: usize) {
    if let (Some(cell), Some(stand)) = (cells.get_mut(position), stands.get_mut(position)) {
        *cell += 1;
        *stand = Stand::Ceiling;
    }
}

pub(super) fn magnitude<D: Due>(due: &D) -> D {
    let mut opposite = D::zero();
    opposite -= due;
    opposite.max(due.clone())
}

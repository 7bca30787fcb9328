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
    dues: Vec<Vec<D>>,
    cells: Vec<Vec<i64>>,
    stands: Vec<Vec<Stand>>,
    /// The largest gap of each row; none when a repair has changed it.
    gaps: Vec<Option<D>>,
    served: Vec<Served<D>>,
    pub mends: Vec<Mend>,
}

/// Someone with a part of a cent: its rank, its position in the row, its index.
pub(super) type Competitor<D> = (D, usize, usize);

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
        }
    }

    pub fn rounded(mut self, carry: &[D]) -> Result<Rounded, AllocationError> {
        let mut floors = Vec::new();
        for index in 0..self.rows.len() {
            self.pass(index, &mut floors, carry)?;
        }
        self.repair()?;
        let deviation = self.max_deviation(&mut floors)?;
        let rows = (0..self.rows.len()).filter_map(|row| self.given(row));
        Ok(Rounded {
            trace: Trace {
                rows: rows.collect(),
                mends: self.mends.clone(),
            },
            cells: self.cells,
            max_deviation: Fraction::new(deviation.to_big(), &self.unit.to_big()),
            repairs: self.mends.len(),
        })
    }

    /// Shares the next row.
    pub fn pass(
        &mut self,
        index: usize,
        floors: &mut Vec<(i64, D)>,
        carry: &[D],
    ) -> Result<(), AllocationError> {
        let ranked = self.competitors(index, floors, carry)?;
        let total = self.rows.get(index).map_or(0, |row| row.total);
        self.serve(index, total, floors, ranked)
    }

    /// Adds the next row to the dues; gives those who compete for its leftover, in no order.
    pub fn competitors(
        &mut self,
        index: usize,
        floors: &mut Vec<(i64, D)>,
        carry: &[D],
    ) -> Result<Vec<Competitor<D>>, AllocationError> {
        if index == self.held.first && index > 0 {
            self.repair()?;
        }
        let Some(row) = self.rows.get(index) else {
            return Ok(Vec::new());
        };
        row.parts.floors(&self.unit, floors)?;
        Ok(self.owed(index, row, floors, carry))
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

    fn owed(
        &mut self,
        index: usize,
        row: &Row,
        floors: &[(i64, D)],
        carry: &[D],
    ) -> Vec<Competitor<D>> {
        let chain = self.levels.chain(index);
        let mut ranked = Vec::new();
        for (position, ((_, rest), member)) in floors.iter().zip(row.takers.iter()).enumerate() {
            if rest.is_zero() {
                continue;
            }
            let mut rank = D::zero();
            for level in &chain {
                let due = self.due_mut(*level, *member);
                *due += rest;
                rank += &*due;
                if let Some(owed) = carry.get(*member) {
                    rank += owed;
                }
            }
            ranked.push((rank, position, *member));
        }
        ranked
    }

    /// Floors for all, and a cent for those who are owed the most, ties to the lower id.
    fn serve(
        &mut self,
        index: usize,
        total: i64,
        floors: &[(i64, D)],
        mut ranked: Vec<Competitor<D>>,
    ) -> Result<(), AllocationError> {
        let mut cells: Vec<i64> = floors.iter().map(|(floor, _)| *floor).collect();
        let stand = |(_, rest): &(i64, D)| match rest.is_zero() {
            true => Stand::Whole,
            false => Stand::Floor,
        };
        let mut stands: Vec<Stand> = floors.iter().map(stand).collect();
        let given: i128 = cells.iter().map(|floor| i128::from(*floor)).sum();
        let left = i128::from(total) - given;
        let left = usize::try_from(left).or(Err(AllocationError::Unsettled))?;
        if left > ranked.len() {
            return Err(AllocationError::Unsettled);
        }
        if (1..ranked.len()).contains(&left) {
            ranked.select_nth_unstable_by(left, |a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        }
        let candidates = ranked.len();
        let next = ranked.get(left).map(|(rank, _, _)| rank.clone());
        ranked.truncate(left);
        let last = ranked
            .iter()
            .min_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
        let last =
            last.map(|(rank, _, member)| (rank.clone(), *member, next.as_ref() == Some(rank)));
        self.served.push(Served {
            left,
            candidates,
            last,
        });
        let chain = self.levels.chain(index);
        for (_, position, member) in ranked {
            raise(&mut cells, &mut stands, position);
            for level in &chain {
                let unit = self.unit.clone();
                *self.due_mut(*level, member) -= &unit;
            }
        }
        let gaps = floors.iter().zip(&stands);
        let gap = gaps.map(|((_, rest), stand)| self.gap(rest, *stand)).max();
        self.gaps.push(gap);
        self.cells.push(cells);
        self.stands.push(stands);
        Ok(())
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

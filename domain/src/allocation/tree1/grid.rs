//! Controlled rounding: rows of members to whole cents, every row and every subtotal at once.
//!
//! Each row gives its leftover cents to those who are owed the most so far; `repair` then
//! brings every subtotal of every member within a cent of its exact value.

use std::sync::Arc;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::Zero;

use super::levels::Levels;
use super::parts::{Due, Parts};
use super::wide::{self, Wide};
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
    pub repairs: usize,
}

/// Rounds rows, in their order; `carry` is what each member is owed from before, or empty.
///
/// | rows             | cells                  | why                                    |
/// |------------------|------------------------|----------------------------------------|
/// | 1 between 2      | 1, 0                   | the lower id                           |
/// | 1, then 1        | 1, 0 then 0, 1         | the second is owed half a cent         |
/// | 1, carry 0, ½    | 0, 1                   | the second was owed half a cent before |
pub(super) fn round(
    rows: &[Row],
    levels: &Levels,
    members: usize,
    carry: &[Fraction],
    held: &Held,
) -> Result<Rounded, AllocationError> {
    let unit = common_unit(rows, carry);
    let deepest = (0..rows.len()).map(|row| levels.chain(row).len()).max();
    let depth = BigInt::from(deepest.unwrap_or(1));
    let owed = carry.iter().map(Fraction::magnitude).max();
    let owed = owed.map_or(BigInt::ZERO, |due| due.numerator() / due.denominator() + 1);
    // A rank adds the dues of a chain: each is under a cent for every row, and what is owed.
    let most: BigInt = &unit * depth * (owed + rows.len() + 2);
    if most.bits() < 126 {
        rounded_in::<i128>(rows, levels, held, members, &unit, carry)
    } else if most.bits() < wide::BITS {
        rounded_in::<Wide>(rows, levels, held, members, &unit, carry)
    } else {
        rounded_in::<BigInt>(rows, levels, held, members, &unit, carry)
    }
}

/// The rounding in one tier, whose numbers hold every sum of dues.
pub(super) fn rounded_in<D: Due>(
    rows: &[Row],
    levels: &Levels,
    held: &Held,
    members: usize,
    unit: &BigInt,
    carry: &[Fraction],
) -> Result<Rounded, AllocationError> {
    let units = |due: &Fraction| D::of(&(due.numerator() * (unit / due.denominator())));
    let carry: Vec<D> = carry.iter().map(units).collect();
    Grid::new(rows, levels, held, members, D::of(unit)).rounded(&carry)
}

/// The least number of parts of a cent in which every value is whole.
pub(super) fn common_unit(rows: &[Row], carry: &[Fraction]) -> BigInt {
    let rows = rows.iter().map(|row| row.parts.denominator());
    let carry = carry.iter().map(|due| due.denominator().clone());
    rows.chain(carry)
        .fold(BigInt::from(1), |unit, denominator| {
            if (&unit % &denominator).is_zero() {
                unit
            } else {
                unit.lcm(&denominator)
            }
        })
}

impl<'a, D: Due> Grid<'a, D> {
    fn new(rows: &'a [Row], levels: &'a Levels, held: &'a Held, members: usize, unit: D) -> Self {
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
            repairs: 0,
        }
    }

    fn rounded(mut self, carry: &[D]) -> Result<Rounded, AllocationError> {
        let mut floors = Vec::new();
        for (index, row) in self.rows.iter().enumerate() {
            if index == self.held.first && index > 0 {
                self.repair()?;
            }
            row.parts.floors(&self.unit, &mut floors)?;
            self.give_out(index, row, &floors, carry)?;
        }
        self.repair()?;
        let deviation = self.max_deviation(&mut floors)?;
        Ok(Rounded {
            cells: self.cells,
            max_deviation: Fraction::new(deviation.to_big(), &self.unit.to_big()),
            repairs: self.repairs,
        })
    }

    /// Floors for all, and a cent for those who are owed the most, ties to the lower id.
    fn give_out(
        &mut self,
        index: usize,
        row: &Row,
        floors: &[(i64, D)],
        carry: &[D],
    ) -> Result<(), AllocationError> {
        let chain = self.levels.chain(index);
        let mut cells = Vec::with_capacity(floors.len());
        let mut stands = Vec::with_capacity(floors.len());
        let mut ranked: Vec<(D, usize, usize)> = Vec::new();
        let mut gap = D::zero();
        let mut left = i128::from(row.total);
        for (position, ((floor, rest), member)) in floors.iter().zip(row.takers.iter()).enumerate()
        {
            left -= i128::from(*floor);
            cells.push(*floor);
            if rest.is_zero() {
                stands.push(Stand::Whole);
                continue;
            }
            stands.push(Stand::Floor);
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
        let left = usize::try_from(left).or(Err(AllocationError::Unsettled))?;
        if left > ranked.len() {
            return Err(AllocationError::Unsettled);
        }
        if (1..ranked.len()).contains(&left) {
            ranked.select_nth_unstable_by(left, |a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        }
        ranked.truncate(left);
        for (_, position, member) in ranked {
            raise(&mut cells, &mut stands, position);
            for level in &chain {
                let unit = self.unit.clone();
                *self.due_mut(*level, member) -= &unit;
            }
        }
        for ((_, rest), stand) in floors.iter().zip(&stands) {
            gap = gap.max(self.gap(rest, *stand));
        }
        self.cells.push(cells);
        self.stands.push(stands);
        self.gaps.push(Some(gap));
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

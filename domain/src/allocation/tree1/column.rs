//! One member's column replayed from what a rounding kept, without the others.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{ToPrimitive, Zero};

use super::stage::Stage;
use super::tier::common_unit;
use crate::allocation::record::{Given, Trace};
use crate::allocation::{AllocationError, Fraction};

/// Rows that were rounded at once, with what the rounding kept.
pub(super) struct Staged {
    pub stage: Stage,
    pub trace: Trace,
    /// How many units make a cent.
    pub unit: BigInt,
}

/// What one member has in each row of a stage; none where it takes no part.
pub(super) struct Column {
    pub cells: Vec<Option<Replayed>>,
    /// Exact less allocated in the end, by level, in units.
    pub dues: Vec<BigInt>,
}

/// One amount of one member, as it was rounded; dues are in units.
pub(super) struct Replayed {
    pub exact: Fraction,
    pub floor: i64,
    /// What is above the floor.
    pub rest: BigInt,
    /// By level, the lowest first: the dues before the row, and once it was shared.
    pub dues: Vec<(usize, BigInt, BigInt)>,
    /// What is owed in all: the sum over the levels.
    pub rank: BigInt,
    pub raised: bool,
    /// In the end, repairs included.
    pub cents: i64,
    /// The repairs that moved it.
    pub mends: Vec<usize>,
}

impl Staged {
    pub fn new(stage: Stage, trace: Trace, carry: &[Fraction]) -> Self {
        let unit = common_unit(&stage.rows, carry);
        Self { stage, trace, unit }
    }

    /// Replays a member to whom `carry` is owed from before.
    pub fn column(&self, member: usize, carry: &Fraction) -> Result<Column, AllocationError> {
        let mut column = Column {
            cells: Vec::with_capacity(self.stage.rows.len()),
            dues: vec![BigInt::ZERO; self.stage.levels.count()],
        };
        let carry = self.units(carry);
        for row in 0..self.stage.rows.len() {
            if row == self.stage.held.first && row > 0 {
                self.mend(&mut column, row, member);
            }
            let cell = self.replayed(&mut column.dues, row, member, &carry)?;
            column.cells.push(cell);
        }
        self.mend(&mut column, self.stage.rows.len(), member);
        Ok(column)
    }

    pub fn cents(&self, units: &BigInt) -> Fraction {
        Fraction::new(units.clone(), &self.unit)
    }

    /// The mean over the subtotals of a row.
    pub fn mean(&self, units: &BigInt, levels: usize) -> Fraction {
        Fraction::new(units.clone(), &(&self.unit * levels.max(1)))
    }

    fn units(&self, cents: &Fraction) -> BigInt {
        cents.numerator() * (&self.unit / cents.denominator())
    }

    fn replayed(
        &self,
        dues: &mut [BigInt],
        row: usize,
        member: usize,
        carry: &BigInt,
    ) -> Result<Option<Replayed>, AllocationError> {
        let Some(own) = self.stage.rows.get(row) else {
            return Ok(None);
        };
        let position = own.takers.binary_search(&member).ok();
        let Some(numerator) = position.and_then(|at| own.parts.numerator(at)) else {
            return Ok(None);
        };
        let denominator = own.parts.denominator();
        let (floor, rest) = numerator.div_mod_floor(&denominator);
        let rest = rest * (&self.unit / &denominator);
        let chain = self.stage.levels.chain(row);
        let mut rank = BigInt::ZERO;
        let mut known = Vec::with_capacity(chain.len());
        for level in &chain {
            let before = dues.get(*level).cloned().unwrap_or_default();
            rank += &before + &rest + carry;
            known.push((*level, before));
        }
        let given = self.trace.rows.get(row);
        let raised = !rest.is_zero() && self.is_served(given, &rank, chain.len(), member);
        let mut after = Vec::with_capacity(known.len());
        for (level, before) in known {
            let mut due = &before + &rest;
            if raised {
                due -= &self.unit;
            }
            if let Some(own) = dues.get_mut(level) {
                own.clone_from(&due);
            }
            after.push((level, before, due));
        }
        let floor = floor.to_i64().ok_or(AllocationError::Overflow)?;
        Ok(Some(Replayed {
            exact: Fraction::new(numerator, &denominator),
            floor,
            rest,
            dues: after,
            rank,
            raised,
            cents: floor + i64::from(raised),
            mends: Vec::new(),
        }))
    }

    /// Whether a member comes before the last one served, or is that one.
    fn is_served(
        &self,
        given: Option<&Given>,
        rank: &BigInt,
        levels: usize,
        member: usize,
    ) -> bool {
        let Some(last) = given.and_then(|given| given.last.as_ref()) else {
            return false;
        };
        let due = rank * last.due.denominator();
        let threshold = last.due.numerator() * &self.unit * levels;
        due > threshold || (due == threshold && member <= last.member)
    }

    /// The repairs that were made when so many rows were rounded.
    fn mend(&self, column: &mut Column, rows: usize, member: usize) {
        let mends = self.trace.mends.iter().enumerate();
        for (index, mend) in mends.filter(|(_, mend)| mend.after == rows) {
            for one in mend.moves.iter().filter(|one| one.member == member) {
                let Some(Some(cell)) = column.cells.get_mut(one.row) else {
                    continue;
                };
                cell.cents += if one.gains { 1 } else { -1 };
                cell.mends.push(index);
                for level in self.stage.levels.chain(one.row) {
                    if let Some(due) = column.dues.get_mut(level) {
                        if one.gains {
                            *due -= &self.unit;
                        } else {
                            *due += &self.unit;
                        }
                    }
                }
            }
        }
    }
}

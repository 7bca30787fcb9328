//! One member's column replayed from what a rounding kept, without the others.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{ToPrimitive, Zero};

use super::stage::Stage;
use super::tier::common_unit;
use crate::allocation::record::Trace;
use crate::allocation::{AllocationError, Fraction};

/// Rows that were rounded at once, with what the rounding kept.
pub(super) struct Staged {
    pub stage: Stage,
    pub trace: Trace,
    /// How many units make a cent.
    pub unit: BigInt,
    /// What all columns have in common, by row.
    known: Vec<Known>,
}

/// What a row needs to replay any of its cells.
struct Known {
    denominator: BigInt,
    /// How many units its smallest part makes.
    factor: BigInt,
    /// The levels that it counts in, the lowest first.
    chain: Vec<usize>,
    /// The rank and the index of the last one served.
    last: Option<(BigInt, usize)>,
}

/// What one member has in each row of a stage; none where it takes no part.
pub(super) struct Column {
    pub cells: Vec<Option<Replayed>>,
    /// Exact less allocated in the end, by level, in units.
    pub dues: Vec<BigInt>,
}

/// One amount of one member, as it was rounded; dues are in units.
pub(super) struct Replayed {
    /// Over the denominator of its row.
    numerator: BigInt,
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
        let known = stage.rows.iter().enumerate().map(|(row, own)| {
            let denominator = own.parts.denominator();
            let chain = stage.levels.chain(row);
            let last = trace.rows.get(row).and_then(|given| given.last.as_ref());
            let last = last.map(|last| {
                // A record of other figures may not be whole in these units: it serves nobody.
                let rank = last.due.numerator() * &unit * chain.len();
                (rank / last.due.denominator(), last.member)
            });
            Known {
                factor: &unit / &denominator,
                denominator,
                chain,
                last,
            }
        });
        Self {
            known: known.collect(),
            stage,
            trace,
            unit,
        }
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
        let (Some(own), Some(known)) = (self.stage.rows.get(row), self.known.get(row)) else {
            return Ok(None);
        };
        let position = own.takers.binary_search(&member).ok();
        let Some(numerator) = position.and_then(|at| own.parts.numerator(at)) else {
            return Ok(None);
        };
        let (floor, rest) = numerator.div_mod_floor(&known.denominator);
        let rest = rest * &known.factor;
        let mut rank = (&rest + carry) * known.chain.len();
        for level in &known.chain {
            if let Some(before) = dues.get(*level) {
                rank += before;
            }
        }
        let raised = !rest.is_zero() && known.serves(&rank, member);
        let mut after = Vec::with_capacity(known.chain.len());
        for level in &known.chain {
            let Some(due) = dues.get_mut(*level) else {
                continue;
            };
            let before = due.clone();
            *due += &rest;
            if raised {
                *due -= &self.unit;
            }
            after.push((*level, before, due.clone()));
        }
        let floor = floor.to_i64().ok_or(AllocationError::Overflow)?;
        Ok(Some(Replayed {
            numerator,
            floor,
            rest,
            dues: after,
            rank,
            raised,
            cents: floor + i64::from(raised),
            mends: Vec::new(),
        }))
    }

    /// The exact value of a cell.
    pub fn exact(&self, row: usize, cell: &Replayed) -> Fraction {
        let known = self.known.get(row);
        known.map_or_else(Fraction::zero, |known| {
            Fraction::new(cell.numerator.clone(), &known.denominator)
        })
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
                let known = self.known.get(one.row);
                for level in known.into_iter().flat_map(|known| &known.chain) {
                    if let Some(due) = column.dues.get_mut(*level) {
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

impl Known {
    /// Whether a member comes before the last one served, or is that one.
    fn serves(&self, rank: &BigInt, member: usize) -> bool {
        let last = self.last.as_ref();
        last.is_some_and(|(threshold, last)| {
            rank > threshold || (rank == threshold && member <= *last)
        })
    }
}

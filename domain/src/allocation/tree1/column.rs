//! One member's column replayed from what a rounding kept, without the others.

use num_bigint::BigInt;

use super::parts::{Due, Factor};
use super::stage::Stage;
use super::tier::{Tier, common_unit};
use super::wide::Wide;
use crate::allocation::record::Trace;
use crate::allocation::{AllocationError, Fraction};

/// Rows that were rounded at once, with what the rounding kept.
pub(super) struct Staged {
    pub stage: Stage,
    pub trace: Trace,
    /// How many units make a cent.
    pub unit: BigInt,
    known: Tiered,
}

/// What all columns have in common, by row, in the numbers that hold the dues.
enum Tiered {
    Narrow(Vec<Known<i128>>),
    Wide(Vec<Known<Wide>>),
    Big(Vec<Known<BigInt>>),
}

/// What a row needs to replay any of its cells.
struct Known<D> {
    /// How many units its smallest part makes.
    factor: Factor<D>,
    /// The levels that it counts in, the lowest first.
    chain: Vec<usize>,
    /// The rank and the index of the last one served.
    last: Option<(D, usize)>,
}

/// What one member has in each row of a stage; none where it takes no part.
pub(super) struct Column {
    pub cells: Vec<Option<Replayed>>,
    /// What was owed around the row that was asked for.
    pub owed: Option<Owed>,
}

/// One amount of one member, as it was rounded.
pub(super) struct Replayed {
    pub floor: i64,
    pub raised: bool,
    /// In the end, repairs included.
    pub cents: i64,
    /// The repairs that moved it.
    pub mends: Vec<usize>,
}

/// What decided one amount, in units.
pub(super) struct Owed {
    /// What is above the floor.
    pub rest: BigInt,
    /// By level, the lowest first: the dues before the row, and once it was shared.
    pub dues: Vec<(usize, BigInt, BigInt)>,
    /// What is owed in all: the sum over the levels.
    pub rank: BigInt,
}

/// A replay on its way.
struct Walk<D> {
    member: usize,
    unit: D,
    carry: D,
    /// Exact less allocated so far, by level.
    dues: Vec<D>,
    column: Column,
}

impl Staged {
    pub fn new(stage: Stage, trace: Trace, carry: &[Fraction]) -> Self {
        let unit = common_unit(&stage.rows, carry);
        let known = match Tier::of(&stage.rows, &stage.levels, carry, &unit) {
            Tier::Short | Tier::Narrow => Tiered::Narrow(known(&stage, &trace, &unit)),
            Tier::Wide => Tiered::Wide(known(&stage, &trace, &unit)),
            Tier::Big => Tiered::Big(known(&stage, &trace, &unit)),
        };
        Self {
            known,
            stage,
            trace,
            unit,
        }
    }

    /// Replays a member to whom `carry` is owed from before; tells what was owed around a row.
    pub fn column(
        &self,
        member: usize,
        carry: &Fraction,
        asked: Option<usize>,
    ) -> Result<Column, AllocationError> {
        match &self.known {
            Tiered::Narrow(known) => self.replay(known, member, carry, asked),
            Tiered::Wide(known) => self.replay(known, member, carry, asked),
            Tiered::Big(known) => self.replay(known, member, carry, asked),
        }
    }

    /// The exact value of a cell.
    pub fn exact(&self, row: usize, member: usize) -> Fraction {
        let exact = self.stage.rows.get(row).and_then(|own| {
            let position = own.takers.binary_search(&member).ok()?;
            let numerator = own.parts.numerator(position)?;
            Some(Fraction::new(numerator, &own.parts.denominator()))
        });
        exact.unwrap_or_else(Fraction::zero)
    }

    pub fn cents(&self, units: &BigInt) -> Fraction {
        Fraction::new(units.clone(), &self.unit)
    }

    /// The mean over the subtotals of a row.
    pub fn mean(&self, units: &BigInt, levels: usize) -> Fraction {
        Fraction::new(units.clone(), &(&self.unit * levels.max(1)))
    }

    fn replay<D: Due>(
        &self,
        known: &[Known<D>],
        member: usize,
        carry: &Fraction,
        asked: Option<usize>,
    ) -> Result<Column, AllocationError> {
        let mut walk = Walk {
            member,
            unit: D::of(&self.unit),
            carry: D::of(&(carry.numerator() * (&self.unit / carry.denominator()))),
            dues: vec![D::zero(); self.stage.levels.count()],
            column: Column {
                cells: Vec::with_capacity(known.len()),
                owed: None,
            },
        };
        for (row, own) in known.iter().enumerate() {
            if row == self.stage.held.first && row > 0 {
                self.mend(known, &mut walk, row);
            }
            let (cell, owed) = self.cell(own, &mut walk, row, asked == Some(row))?;
            walk.column.cells.push(cell);
            walk.column.owed = walk.column.owed.or(owed);
        }
        self.mend(known, &mut walk, known.len());
        Ok(walk.column)
    }

    fn cell<D: Due>(
        &self,
        known: &Known<D>,
        walk: &mut Walk<D>,
        row: usize,
        asked: bool,
    ) -> Result<(Option<Replayed>, Option<Owed>), AllocationError> {
        let Some(own) = self.stage.rows.get(row) else {
            return Ok((None, None));
        };
        let position = own.takers.binary_search(&walk.member).ok();
        let part = position.map(|at| own.parts.part(at, &known.factor));
        let Some((floor, rest)) = part.transpose()?.flatten() else {
            return Ok((None, None));
        };
        let mut rank = D::zero();
        for level in &known.chain {
            rank += &rest;
            rank += &walk.carry;
            if let Some(before) = walk.dues.get(*level) {
                rank += before;
            }
        }
        let raised = !rest.is_zero() && known.serves(&rank, walk.member);
        let mut told = Vec::new();
        for level in &known.chain {
            let Some(due) = walk.dues.get_mut(*level) else {
                continue;
            };
            let before = asked.then(|| due.to_big());
            *due += &rest;
            if raised {
                *due -= &walk.unit;
            }
            told.extend(before.map(|before| (*level, before, due.to_big())));
        }
        let owed = asked.then(|| Owed {
            rest: rest.to_big(),
            dues: told,
            rank: rank.to_big(),
        });
        let replayed = Replayed {
            floor,
            raised,
            cents: floor + i64::from(raised),
            mends: Vec::new(),
        };
        Ok((Some(replayed), owed))
    }

    /// The repairs that were made when so many rows were rounded.
    fn mend<D: Due>(&self, known: &[Known<D>], walk: &mut Walk<D>, rows: usize) {
        let mends = self.trace.mends.iter().enumerate();
        for (index, mend) in mends.filter(|(_, mend)| mend.after == rows) {
            for one in mend.moves.iter().filter(|one| one.member == walk.member) {
                let Some(Some(cell)) = walk.column.cells.get_mut(one.row) else {
                    continue;
                };
                cell.cents += if one.gains { 1 } else { -1 };
                cell.mends.push(index);
                let known = known.get(one.row);
                for level in known.into_iter().flat_map(|known| &known.chain) {
                    if let Some(due) = walk.dues.get_mut(*level) {
                        if one.gains {
                            *due -= &walk.unit;
                        } else {
                            *due += &walk.unit;
                        }
                    }
                }
            }
        }
    }
}

fn known<D: Due>(stage: &Stage, trace: &Trace, unit: &BigInt) -> Vec<Known<D>> {
    let known = stage.rows.iter().enumerate().map(|(row, own)| {
        let chain = stage.levels.chain(row);
        let last = trace.rows.get(row).and_then(|given| given.last.as_ref());
        let last = last.map(|last| {
            // A record of other figures may not be whole in these units: it serves nobody.
            let rank = last.due.numerator() * unit * chain.len();
            (D::of(&(rank / last.due.denominator())), last.member)
        });
        Known {
            factor: Factor(D::of(&(unit / own.parts.denominator()))),
            chain,
            last,
        }
    });
    known.collect()
}

impl<D: Due> Known<D> {
    /// Whether a member comes before the last one served, or is that one.
    fn serves(&self, rank: &D, member: usize) -> bool {
        let last = self.last.as_ref();
        last.is_some_and(|(threshold, last)| {
            rank > threshold || (rank == threshold && member <= *last)
        })
    }
}

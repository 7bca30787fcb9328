//! Why each cent of `tree-1`: one member's column is replayed, and its rules are told.

use std::collections::BTreeMap;

use num_traits::Zero;

use super::column::{Column, Owed, Replayed, Staged};
use super::faced::{Faced, deviations};
use super::plan::{Plan, PlannedLine};
use super::stage::{Stage, carry};
use super::tier::ranks;
use crate::allocation::{
    AllocationError, Bound, Case, Cause, Cell, Exchange, ExchangeStep, Fraction, LastServed,
    LevelDue, Outcome, Record, Subtotal, TaxGroup, Why, WhyPart, WhyTotal,
};
use crate::money::Cents;

/// A run of `tree-1`, ready to explain.
pub(in crate::allocation) struct TreeReckoning<'a> {
    pub(super) case: &'a Case,
    pub(super) plan: Plan<'a>,
    /// Net and taxes at once, or one after the other.
    pub(super) stages: Vec<Staged>,
    groups: Vec<TaxGroup>,
    /// The sum of the magnitudes of the nets of each tax group.
    pub(super) bases: BTreeMap<TaxGroup, Fraction>,
    /// What is owed from before, as the invoice faces; empty when nothing is.
    carry: Vec<Fraction>,
    deviations: BTreeMap<String, Fraction>,
}

/// Where a row is.
#[derive(Clone, Copy)]
struct At {
    stage: usize,
    row: usize,
}

impl<'a> TreeReckoning<'a> {
    /// Takes up a run again; it is run once more when nothing was kept of it.
    pub fn of(
        case: &'a Case,
        outcome: &Outcome,
        record: Option<&Record>,
    ) -> Result<Self, AllocationError> {
        let plan = Plan::of(case)?;
        let Faced {
            stages,
            groups,
            bases,
        } = Faced::of(case, &plan, outcome)?;
        let carry = carry(&plan);
        let record = fitting(case, record, &stages)?;
        let deviations = deviations(&plan, &stages, outcome);
        let stages = stages.into_iter().zip(record.stages);
        let stages = stages.map(|(stage, trace)| Staged::new(stage, trace, &carry));
        Ok(Self {
            case,
            stages: stages.collect(),
            groups,
            bases,
            carry,
            deviations,
            plan,
        })
    }

    /// The amounts that were rounded, in their order.
    pub fn cells(&self) -> Vec<Cell> {
        let lines = self.plan.lines.iter();
        let lines = lines.map(|line| Cell::Line(line.id.to_owned()));
        lines
            .chain(self.groups.iter().copied().map(Cell::Tax))
            .collect()
    }

    /// Why a member has this amount; `None` when it takes no part in it.
    pub fn why(&self, cell: &Cell, member: &str) -> Result<Option<Why>, AllocationError> {
        let member = self.member(cell, member)?;
        let Some(at) = self.at(cell)? else {
            return Ok(None);
        };
        let columns = self.columns(member, Some(at))?;
        let (Some(column), Some(staged)) = (columns.get(at.stage), self.stages.get(at.stage))
        else {
            return Ok(None);
        };
        let (Some(Some(replayed)), Some(owed)) = (column.cells.get(at.row), &column.owed) else {
            return Ok(None);
        };
        let origin = self.origin(cell, member, &columns)?;
        let sign = self.plan.orientation();
        let (mirrored, facing) = (sign < 0, |cents: i64| Cents(cents.saturating_mul(sign)));
        let exact = signed(&staged.exact(at.row, member), sign);
        let share = facing(replayed.cents);
        let given = staged.trace.rows.get(at.row);
        let last = given.and_then(|given| given.last.as_ref());
        let exchanges = replayed.mends.iter();
        let exchanges = exchanges.filter_map(|mend| self.exchange(at.stage, *mend));
        Ok(Some(Why {
            total: facing(staged.stage.rows.get(at.row).map_or(0, |row| row.total)),
            cause: cause(replayed, owed, at, staged, origin.held()),
            origin,
            base: facing(replayed.floor),
            leftover: given.map_or(0, |given| given.left),
            candidates: given.map_or(0, |given| given.candidates),
            carried: self.carried(member),
            dues: dues(owed, staged),
            priority: staged.mean(&owed.rank, owed.dues.len()),
            last_served: last.map(|last| LastServed {
                member: self.name(last.member),
                priority: last.due.clone(),
            }),
            share,
            deviation: Fraction::whole(share.0).minus(&exact),
            exact,
            exchanges: exchanges.collect(),
            mirrored,
            cell: cell.clone(),
        }))
    }

    /// The rank of a member for the leftover of a row; none when its exact part is whole.
    pub fn rank(&self, cell: &Cell, member: &str) -> Result<Option<usize>, AllocationError> {
        let member = self.member(cell, member)?;
        let Some(at) = self.at(cell)? else {
            return Ok(None);
        };
        let Some(staged) = self.stages.get(at.stage) else {
            return Ok(None);
        };
        let members = self.plan.members.len();
        ranks(&staged.stage, members, &self.carry, at.row).map(|ranks| ranks.get(&member).copied())
    }

    /// A subtotal of a member with what it is the sum of; `None` when there is nothing in it.
    pub fn total(
        &self,
        subtotal: &Subtotal,
        member: &str,
    ) -> Result<Option<WhyTotal>, AllocationError> {
        let member = self.member(&Cell::Line(String::new()), member)?;
        let columns = self.columns(member, None)?;
        let sign = self.plan.orientation();
        let mut cells = self.cells().into_iter();
        let mut parts = Vec::new();
        for (staged, column) in self.stages.iter().zip(&columns) {
            let rows = column.cells.iter().enumerate();
            for ((row, replayed), cell) in rows.zip(cells.by_ref()) {
                let (true, Some(replayed)) = (self.is_in(subtotal, &cell), replayed) else {
                    continue;
                };
                parts.push(WhyPart {
                    cell,
                    exact: signed(&staged.exact(row, member), sign),
                    share: Cents(replayed.cents.saturating_mul(sign)),
                });
            }
        }
        if parts.is_empty() {
            return Ok(None);
        }
        Ok(Some(WhyTotal::of(subtotal.clone(), parts)?))
    }

    /// How far each member's gross is from its exact value, in cents.
    pub fn deviations(&self) -> &BTreeMap<String, Fraction> {
        &self.deviations
    }

    /// What a member has in each stage, and what was owed to it around one amount.
    fn columns(&self, member: usize, asked: Option<At>) -> Result<Vec<Column>, AllocationError> {
        let carried = self.carried(member);
        let stages = self.stages.iter().enumerate();
        let row = |stage| asked.filter(|at| at.stage == stage).map(|at| at.row);
        stages
            .map(|(stage, staged)| staged.column(member, &carried, row(stage)))
            .collect()
    }

    fn carried(&self, member: usize) -> Fraction {
        self.carry
            .get(member)
            .cloned()
            .unwrap_or_else(Fraction::zero)
    }

    fn name(&self, member: usize) -> String {
        let member = self.plan.members.get(member);
        member.map_or_else(String::new, |member| member.id.clone())
    }

    pub(super) fn line(&self, id: &str) -> Option<(usize, &PlannedLine<'a>)> {
        let found = self
            .plan
            .lines
            .binary_search_by(|line| line.id.cmp(id))
            .ok()?;
        Some((found, self.plan.lines.get(found)?))
    }

    /// The row of an amount, in its stage; none for a tax that is not printed.
    fn at(&self, cell: &Cell) -> Result<Option<At>, AllocationError> {
        let first = self
            .stages
            .first()
            .map_or(0, |first| first.stage.rows.len());
        let row = match cell {
            Cell::Line(id) => {
                let line = || id.clone();
                let found = self.line(id).map(|(row, _)| row);
                found.ok_or_else(|| AllocationError::UnknownLine { line: line() })?
            }
            Cell::Tax(group) => match self.groups.binary_search(group) {
                Ok(found) => self.plan.lines.len() + found,
                Err(_) => return Ok(None),
            },
        };
        let stage = usize::from(row >= first);
        let row = if stage > 0 { row - first } else { row };
        Ok(Some(At { stage, row }))
    }

    fn cell(&self, stage: usize, row: usize) -> Option<Cell> {
        let lines = self.plan.lines.len();
        let tax = match (stage, self.plan.lines.get(row)) {
            (0, Some(line)) => return Some(Cell::Line(line.id.to_owned())),
            (0, None) => row.checked_sub(lines)?,
            (_, _) => row,
        };
        self.groups.get(tax).copied().map(Cell::Tax)
    }

    fn is_in(&self, subtotal: &Subtotal, cell: &Cell) -> bool {
        subtotal.holds(match cell {
            Cell::Line(id) => self.line(id).map(|(_, line)| (line.tax, line.lot)),
            Cell::Tax(_) => None,
        })
    }

    fn exchange(&self, stage: usize, mend: usize) -> Option<Exchange> {
        let staged = self.stages.get(stage)?;
        let mend = staged.trace.mends.get(mend)?;
        let steps = mend.moves.iter().filter_map(|one| {
            Some(ExchangeStep {
                cell: self.cell(stage, one.row)?,
                member: self.name(one.member),
                gains: one.gains,
            })
        });
        Some(Exchange {
            subtotal: staged.stage.levels.level(mend.level)?.name.clone(),
            member: self.name(mend.member),
            steps: steps.collect(),
        })
    }

    fn member(&self, cell: &Cell, id: &str) -> Result<usize, AllocationError> {
        let found = self
            .plan
            .members
            .binary_search_by(|member| member.id.as_str().cmp(id));
        let line = || match cell {
            Cell::Line(line) => line.clone(),
            Cell::Tax(_) => String::new(),
        };
        found.ok().ok_or_else(|| AllocationError::UnknownMember {
            line: line(),
            member: id.to_owned(),
        })
    }
}

/// What was kept of the run, or what it gives when it is run again.
fn fitting(
    case: &Case,
    record: Option<&Record>,
    stages: &[Stage],
) -> Result<Record, AllocationError> {
    let fits = |record: &&Record| {
        let rows = |stage: &Stage| stage.rows.len();
        let kept = record.stages.iter().map(|trace| trace.rows.len());
        kept.eq(stages.iter().map(rows))
    };
    match record.filter(fits) {
        Some(record) => Ok(record.clone()),
        None => super::allocate_recorded(case).map(|(_, record)| record),
    }
}

fn dues(owed: &Owed, staged: &Staged) -> Vec<LevelDue> {
    let dues = owed.dues.iter().filter_map(|(level, before, after)| {
        Some(LevelDue {
            subtotal: staged.stage.levels.level(*level)?.name.clone(),
            before: staged.cents(before),
            after: staged.cents(after),
        })
    });
    dues.collect()
}

fn cause(replayed: &Replayed, owed: &Owed, at: At, staged: &Staged, held: Option<Bound>) -> Cause {
    let first = replayed.floor + i64::from(replayed.raised);
    if replayed.cents != first {
        return Cause::Repaired;
    }
    if owed.rest.is_zero() {
        return match held {
            Some(Bound::Floor) => Cause::Floor,
            Some(Bound::Cap) => Cause::Cap,
            None => Cause::Exact,
        };
    }
    let last = staged
        .trace
        .rows
        .get(at.row)
        .and_then(|given| given.last.as_ref());
    let priority = staged.mean(&owed.rank, owed.dues.len());
    let tied = last.is_some_and(|last| last.tied && last.due == priority);
    match (tied, replayed.raised) {
        (true, _) => Cause::Tied,
        (false, true) => Cause::Ranked,
        (false, false) => Cause::Below,
    }
}

pub(super) fn signed(fraction: &Fraction, sign: i64) -> Fraction {
    if sign < 0 {
        fraction.negated()
    } else {
        fraction.clone()
    }
}

//! The algorithm `tree-1`: every line, lot, rate, net, tax and gross exact at once.
//!
//! Do not change what it computes once it is released: stored allocations replay through it.
//! Each cell is the floor or the ceiling of its exact value, and each subtotal of a member is
//! less than a cent from its exact value. Lines come in the order of their ids, taxes last;
//! each gives its leftover cents to those who are owed the most so far.

mod amounts;
mod certificate;
mod column;
pub(super) mod desk;
mod divisor;
mod faced;
mod fixed;
#[cfg(test)]
mod fixed_laws;
mod grid;
#[cfg(test)]
mod grid_laws;
mod levels;
mod network;
mod origin_told;
mod parts;
mod plan;
mod queue;
pub(super) mod reckoning;
mod repair;
mod scale;
mod share;
mod stage;
mod tariff;
mod tax;
pub(super) mod telling;
mod tier;
mod water;
mod weighing;
mod weighing_told;
mod weights;
mod wide;

pub(super) mod instalments;

use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) use faced::of_outcome as deviations;
use grid::{Rounded, Row};
use plan::{Content, Plan};
pub use share::share;
use stage::{Groups, Stage};

use super::record::{Record, Trace};
use super::{
    AllocationError, Case, Fraction, Outcome, Shares, TaxGroup, TaxPolicy, Totals, printed,
};
use crate::money::Cents;

pub(super) const NAME: &str = "tree-1";

/// Percentages of allocated cents nearly always settle at the second round.
const ROUNDS_MAX: usize = 16;

/// Lines and taxes in whole cents, by the order of the plan.
struct Sheet {
    rows: Vec<Row>,
    cells: Vec<Vec<i64>>,
    taxes: Vec<(TaxGroup, Arc<[usize]>, Vec<i64>)>,
    max_deviation: Fraction,
    repairs: usize,
    record: Record,
}

pub(super) fn allocate(case: &Case) -> Result<Outcome, AllocationError> {
    allocate_recorded(case).map(|(outcome, _)| outcome)
}

/// The shares, with what explains them later.
pub(super) fn allocate_recorded(case: &Case) -> Result<(Outcome, Record), AllocationError> {
    let plan = Plan::of(case)?;
    let mut sheet = settle(&plan, case.tax_policy)?;
    let record = std::mem::take(&mut sheet.record);
    Ok((outcome(case, &plan, sheet)?, record))
}

/// Rounds until the percentages of allocated cents are those of the cents that they read.
fn settle(plan: &Plan<'_>, policy: TaxPolicy) -> Result<Sheet, AllocationError> {
    let mut charges = BTreeMap::new();
    if !plan.percentages.is_empty() {
        let rows = oriented(plan.rows(&charges)?, plan.orientation());
        let stage = match policy {
            TaxPolicy::Exact => Stage::untaxed(plan, &rows),
            TaxPolicy::Printed => Stage::net(plan, &rows),
        };
        let cells = stage.round(plan)?.cells;
        charges = percentages(plan, &signed(cells, plan.orientation()))?;
    }
    for _ in 0..ROUNDS_MAX {
        let sheet = round_all(plan, plan.rows(&charges)?, policy)?;
        let settled = percentages(plan, &sheet.cells)?;
        if settled == charges {
            return Ok(sheet);
        }
        charges = settled;
    }
    Err(AllocationError::Unsettled)
}

/// What each percentage charges, from the cells of the lines that it reads.
fn percentages(
    plan: &Plan<'_>,
    cells: &[Vec<i64>],
) -> Result<BTreeMap<usize, Vec<i64>>, AllocationError> {
    let mut charges: BTreeMap<usize, Vec<i64>> = BTreeMap::new();
    for &index in &plan.percentages {
        let Some(line) = plan.lines.get(index) else {
            continue;
        };
        let Content::Percentage { of, lines } = &line.content else {
            continue;
        };
        let mut bases = vec![0_i128; plan.members.len()];
        for read in lines {
            let takers = plan.lines.get(*read).map(|line| &line.takers);
            let own = charges.get(read).or_else(|| cells.get(*read));
            for (member, cents) in takers
                .into_iter()
                .flat_map(|t| t.iter())
                .zip(own.into_iter().flatten())
            {
                if let Some(base) = bases.get_mut(*member) {
                    *base += i128::from(*cents);
                }
            }
        }
        let base = |member: &usize| bases.get(*member).copied().unwrap_or(0);
        let charged = line
            .takers
            .iter()
            .map(|member| tariff::percentage(of, base(member)));
        let charged = charged
            .map(|cents| Ok(cents?.0))
            .collect::<Result<_, AllocationError>>()?;
        charges.insert(index, charged);
    }
    Ok(charges)
}

fn round_all(plan: &Plan<'_>, rows: Vec<Row>, policy: TaxPolicy) -> Result<Sheet, AllocationError> {
    let orientation = plan.orientation();
    let facing = oriented(rows.clone(), orientation);
    let (rounded, groups, stages) = match policy {
        TaxPolicy::Exact => jointly(plan, &facing)?,
        TaxPolicy::Printed => in_two_stages(plan, &facing)?,
    };
    let mut cells = signed(rounded.cells, orientation);
    let taxed = cells.split_off(rows.len());
    let taxes = groups.into_iter().zip(taxed);
    Ok(Sheet {
        rows,
        cells,
        taxes: taxes
            .map(|((group, takers), cells)| (group, takers, cells))
            .collect(),
        max_deviation: rounded.max_deviation,
        repairs: rounded.repairs,
        record: Record { stages },
    })
}

type Staged = (Rounded, Groups, Vec<Trace>);

/// Net and taxes at once: net, tax and gross are each within a cent.
fn jointly(plan: &Plan<'_>, rows: &[Row]) -> Result<Staged, AllocationError> {
    let (stage, groups) = Stage::joint(plan, rows)?;
    let mut rounded = stage.round(plan)?;
    let trace = std::mem::take(&mut rounded.trace);
    Ok((rounded, groups, vec![trace]))
}

/// Net first, and taxes from the net in whole cents, as a clerk would compute them again.
fn in_two_stages(plan: &Plan<'_>, rows: &[Row]) -> Result<Staged, AllocationError> {
    let mut net = Stage::net(plan, rows).round(plan)?;
    let (stage, groups) = Stage::printed_taxes(plan, rows, &net.cells)?;
    let tax = stage.round(plan)?;
    let traces = vec![std::mem::take(&mut net.trace), tax.trace];
    net.cells.extend(tax.cells);
    net.repairs += tax.repairs;
    net.max_deviation = net.max_deviation.max(tax.max_deviation);
    Ok((net, groups, traces))
}

fn oriented(rows: Vec<Row>, orientation: i64) -> Vec<Row> {
    if orientation >= 0 {
        return rows;
    }
    let negated = rows.into_iter().map(|row| Row {
        total: row.total.saturating_neg(),
        takers: row.takers,
        parts: row.parts.negated(),
    });
    negated.collect()
}

fn signed(mut cells: Vec<Vec<i64>>, orientation: i64) -> Vec<Vec<i64>> {
    if orientation < 0 {
        cells
            .iter_mut()
            .flatten()
            .for_each(|cents| *cents = cents.saturating_neg());
    }
    cells
}

/// What each member owes, without the shares that make it.
pub(super) fn totals(case: &Case) -> Result<BTreeMap<String, Totals>, AllocationError> {
    let plan = Plan::of(case)?;
    let sheet = settle(&plan, case.tax_policy)?;
    sheet.totals(&plan)
}

impl Sheet {
    fn totals(&self, plan: &Plan<'_>) -> Result<BTreeMap<String, Totals>, AllocationError> {
        let mut sums = vec![(0_i128, 0_i128); plan.members.len()];
        for (row, cells) in self.rows.iter().zip(&self.cells) {
            for (member, cents) in row.takers.iter().zip(cells) {
                if let Some((net, _)) = sums.get_mut(*member) {
                    *net += i128::from(*cents);
                }
            }
        }
        for (_, takers, cells) in &self.taxes {
            for (member, cents) in takers.iter().zip(cells) {
                if let Some((_, tax)) = sums.get_mut(*member) {
                    *tax += i128::from(*cents);
                }
            }
        }
        let narrow = |sum: i128| {
            i64::try_from(sum)
                .map(Cents)
                .or(Err(AllocationError::Overflow))
        };
        let members = plan.members.iter().zip(sums);
        let members = members.map(|(member, (net, tax))| {
            Ok((member.id.clone(), Totals::new(narrow(net)?, narrow(tax)?)?))
        });
        members.collect()
    }
}

fn outcome(case: &Case, plan: &Plan<'_>, sheet: Sheet) -> Result<Outcome, AllocationError> {
    let members: Arc<[String]> = plan
        .members
        .iter()
        .map(|member| member.id.clone())
        .collect();
    let lines = plan.lines.iter().map(|line| line.id.to_owned());
    let mut shares = Shares::among(lines.collect(), Arc::clone(&members));
    shares.reserve(sheet.cells.iter().map(Vec::len).sum());
    for (line, (row, cells)) in sheet.rows.iter().zip(&sheet.cells).enumerate() {
        for (member, cents) in row.takers.iter().zip(cells) {
            shares.push(line, *member, Cents(*cents));
        }
    }
    let groups = sheet.taxes.iter().map(|(group, _, _)| *group);
    let mut tax_shares = Shares::among(groups.collect(), members);
    for (group, (_, takers, cells)) in sheet.taxes.iter().enumerate() {
        for (member, cents) in takers.iter().zip(cells) {
            tax_shares.push(group, *member, Cents(*cents));
        }
    }
    let net = Cents::checked_sum(sheet.rows.iter().map(|row| Cents(row.total)))?;
    let tax = Cents::checked_sum(plan.taxes.values().copied())?;
    let mut outcome = Outcome {
        algorithm: NAME.to_owned(),
        shares,
        tax_shares,
        members: sheet.totals(plan)?,
        total: Totals::new(net, tax)?,
        max_deviation: sheet.max_deviation,
        repairs: sheet.repairs,
        input_sha256: case.sha256(),
        output_sha256: String::new(),
    };
    outcome.output_sha256 = printed::outcome_sha256(&outcome);
    Ok(outcome)
}

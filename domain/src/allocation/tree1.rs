//! The algorithm `tree-1`: every line, lot, rate, net, tax and gross exact at once.
//!
//! Do not change what it computes once it is released: stored allocations replay through it.
//! Each cell is the floor or the ceiling of its exact value, and each subtotal of a member is
//! less than a cent from its exact value. Lines come in the order of their ids, taxes last;
//! each gives its leftover cents to those who are owed the most so far.

mod amounts;
mod desk;
mod grid;
#[cfg(test)]
mod grid_laws;
mod levels;
mod parts;
mod plan;
mod repair;
mod share;
mod tariff;
mod tax;
mod water;
mod weighing;
mod weights;
mod wide;

pub(super) mod instalments;

use std::collections::BTreeMap;
use std::sync::Arc;

use grid::{Held, Rounded, Row, round};
use levels::{Levels, Place};
use plan::{Content, Plan};
pub use share::share;

use super::{AllocationError, Case, Fraction, Outcome, TaxGroup, TaxPolicy, Totals, canonical};
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
}

pub(super) fn allocate(case: &Case) -> Result<Outcome, AllocationError> {
    let plan = Plan::of(case)?;
    let sheet = settle(&plan, case.tax_policy)?;
    outcome(case, &plan, sheet)
}

/// Rounds until the percentages of allocated cents are those of the cents that they read.
fn settle(plan: &Plan<'_>, policy: TaxPolicy) -> Result<Sheet, AllocationError> {
    let mut charges = BTreeMap::new();
    if !plan.percentages.is_empty() {
        let rows = oriented(plan.rows(&charges)?, plan.orientation());
        let cells = match policy {
            TaxPolicy::Exact => untaxed(plan, &rows)?.cells,
            TaxPolicy::Printed => round_net(plan, &rows)?.cells,
        };
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
    let (rounded, groups) = match policy {
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
    })
}

type Groups = Vec<(TaxGroup, Arc<[usize]>)>;

/// Net and taxes at once: net, tax and gross are each within a cent.
fn jointly(plan: &Plan<'_>, rows: &[Row]) -> Result<(Rounded, Groups), AllocationError> {
    let (mut all, mut groups) = (rows.to_vec(), Groups::new());
    for (&group, &printed) in &plan.taxes {
        let own: Vec<&Row> = rows_of(plan, rows, group).collect();
        let printed = facing(printed, plan.orientation());
        let row = tax::tax_row(group, printed, &own, plan.members.len())?;
        groups.push((group, Arc::clone(&row.takers)));
        all.push(row);
    }
    let held = held(plan);
    let rounded = round(
        &all,
        &all_levels(plan),
        plan.members.len(),
        &carry(plan),
        &held,
    )?;
    Ok((rounded, groups))
}

/// The lines as they stand before the taxes, under the same subtotals.
fn untaxed(plan: &Plan<'_>, rows: &[Row]) -> Result<Rounded, AllocationError> {
    let held = held(plan);
    round(
        rows,
        &all_levels(plan),
        plan.members.len(),
        &carry(plan),
        &held,
    )
}

/// The lines that percentages read keep their cents while others can move.
fn held(plan: &Plan<'_>) -> Held {
    if plan.percentages.is_empty() {
        return Held::default();
    }
    let mut rows = vec![false; plan.lines.len()];
    for line in &plan.lines {
        if let Content::Percentage { lines, .. } = &line.content {
            for read in lines {
                if let Some(held) = rows.get_mut(*read) {
                    *held = true;
                }
            }
        }
    }
    let first = plan.lines.len();
    Held { first, rows }
}

/// Net first, and taxes from the net in whole cents, as a clerk would compute them again.
fn in_two_stages(plan: &Plan<'_>, rows: &[Row]) -> Result<(Rounded, Groups), AllocationError> {
    let mut net = round_net(plan, rows)?;
    let (mut taxes, mut groups) = (Vec::new(), Groups::new());
    for (&group, &printed) in &plan.taxes {
        let mut sums = vec![0_i128; plan.members.len()];
        for ((line, row), cells) in plan.lines.iter().zip(rows).zip(&net.cells) {
            if line.tax == group {
                for (member, cents) in row.takers.iter().zip(cells) {
                    if let Some(sum) = sums.get_mut(*member) {
                        *sum += i128::from(*cents);
                    }
                }
            }
        }
        let printed = facing(printed, plan.orientation());
        let row = tax::printed_row(group, printed, sums)?;
        groups.push((group, Arc::clone(&row.takers)));
        taxes.push(row);
    }
    let levels = Levels::of(&vec![Place::Tax; taxes.len()]);
    let held = Held::default();
    let tax = round(&taxes, &levels, plan.members.len(), &carry(plan), &held)?;
    net.cells.extend(tax.cells);
    net.repairs += tax.repairs;
    net.max_deviation = net.max_deviation.max(tax.max_deviation);
    Ok((net, groups))
}

fn round_net(plan: &Plan<'_>, rows: &[Row]) -> Result<Rounded, AllocationError> {
    let levels = Levels::of(&places(plan));
    round(
        rows,
        &levels,
        plan.members.len(),
        &carry(plan),
        &Held::default(),
    )
}

fn all_levels(plan: &Plan<'_>) -> Levels {
    let mut places = places(plan);
    places.extend(plan.taxes.iter().map(|_| Place::Tax));
    Levels::of(&places)
}

fn places<'a>(plan: &Plan<'a>) -> Vec<Place<'a>> {
    let lines = plan.lines.iter();
    lines
        .map(|line| Place::Net {
            group: line.tax,
            lot: line.lot,
        })
        .collect()
}

fn rows_of<'r>(
    plan: &'r Plan<'_>,
    rows: &'r [Row],
    group: TaxGroup,
) -> impl Iterator<Item = &'r Row> {
    let lines = plan.lines.iter().zip(rows);
    lines
        .filter(move |(line, _)| line.tax == group)
        .map(|(_, row)| row)
}

/// What is owed from before, the way the invoice faces.
fn carry(plan: &Plan<'_>) -> Vec<Fraction> {
    if plan.orientation() < 0 {
        plan.carry.iter().map(Fraction::negated).collect()
    } else {
        plan.carry.clone()
    }
}

fn facing(amount: Cents, orientation: i64) -> i64 {
    if orientation < 0 {
        amount.0.saturating_neg()
    } else {
        amount.0
    }
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

fn outcome(case: &Case, plan: &Plan<'_>, sheet: Sheet) -> Result<Outcome, AllocationError> {
    let mut sums = vec![(0_i128, 0_i128); plan.members.len()];
    let mut shares = BTreeMap::new();
    for ((line, row), cells) in plan.lines.iter().zip(&sheet.rows).zip(&sheet.cells) {
        for (member, cents) in row
            .takers
            .iter()
            .zip(cells)
            .filter(|(_, cents)| **cents != 0)
        {
            if let (Some(who), Some(sum)) = (plan.members.get(*member), sums.get_mut(*member)) {
                sum.0 += i128::from(*cents);
                shares.insert((line.id.to_owned(), who.id.clone()), Cents(*cents));
            }
        }
    }
    let mut tax_shares = BTreeMap::new();
    for (group, takers, cells) in &sheet.taxes {
        for (member, cents) in takers.iter().zip(cells).filter(|(_, cents)| **cents != 0) {
            if let (Some(who), Some(sum)) = (plan.members.get(*member), sums.get_mut(*member)) {
                sum.1 += i128::from(*cents);
                tax_shares.insert((*group, who.id.clone()), Cents(*cents));
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
    let net = Cents::checked_sum(sheet.rows.iter().map(|row| Cents(row.total)))?;
    let tax = Cents::checked_sum(plan.taxes.values().copied())?;
    let mut outcome = Outcome {
        algorithm: NAME.to_owned(),
        shares,
        tax_shares,
        members: members.collect::<Result<_, AllocationError>>()?,
        total: Totals::new(net, tax)?,
        max_deviation: sheet.max_deviation,
        repairs: sheet.repairs,
        input_sha256: case.sha256(),
        output_sha256: String::new(),
    };
    outcome.output_sha256 = canonical::sha256_hex(&canonical::outcome_json(&outcome));
    Ok(outcome)
}

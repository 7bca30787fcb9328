//! What is rounded together: the rows, their subtotals and the dues from before.

use std::sync::Arc;

use super::grid::{Held, Rounded, Row};
use super::levels::{Levels, Place};
use super::plan::{Content, Plan};
use super::tax;
use super::tier::round;
use crate::allocation::{AllocationError, Fraction, Subtotal, TaxGroup};
use crate::money::Cents;

/// Rows that are rounded at once, as the invoice faces.
pub(super) struct Stage {
    pub rows: Vec<Row>,
    pub levels: Levels,
    pub held: Held,
}

/// The tax groups, each with those who have something to pay under it.
pub(super) type Groups = Vec<(TaxGroup, Arc<[usize]>)>;

impl Stage {
    /// Net and taxes, the taxes from the exact net.
    pub fn joint(plan: &Plan<'_>, rows: &[Row]) -> Result<(Self, Groups), AllocationError> {
        let (mut all, mut groups) = (rows.to_vec(), Groups::new());
        for (&group, &printed) in &plan.taxes {
            let own: Vec<&Row> = rows_of(plan, rows, group).collect();
            let printed = facing(printed, plan.orientation());
            let row = tax::tax_row(group, printed, &own, plan.members.len())?;
            groups.push((group, Arc::clone(&row.takers)));
            all.push(row);
        }
        let stage = Self {
            rows: all,
            levels: all_levels(plan),
            held: held(plan),
        };
        Ok((stage, groups))
    }

    /// The lines as they stand before the taxes, under the same subtotals.
    pub fn untaxed(plan: &Plan<'_>, rows: &[Row]) -> Self {
        Self {
            rows: rows.to_vec(),
            levels: all_levels(plan),
            held: held(plan),
        }
    }

    /// The lines alone.
    pub fn net(plan: &Plan<'_>, rows: &[Row]) -> Self {
        Self {
            rows: rows.to_vec(),
            levels: Levels::of(&places(plan)).rooted(Subtotal::Net),
            held: Held::default(),
        }
    }

    /// The taxes alone, from the net in whole cents.
    pub fn printed_taxes(
        plan: &Plan<'_>,
        rows: &[Row],
        cells: &[Vec<i64>],
    ) -> Result<(Self, Groups), AllocationError> {
        let (mut taxes, mut groups) = (Vec::new(), Groups::new());
        for (&group, &printed) in &plan.taxes {
            let printed = facing(printed, plan.orientation());
            let row = tax::printed_row(group, printed, nets(plan, rows, cells, group))?;
            groups.push((group, Arc::clone(&row.takers)));
            taxes.push(row);
        }
        let stage = Self {
            levels: Levels::of(&vec![Place::Tax; taxes.len()]).rooted(Subtotal::Tax),
            held: Held::default(),
            rows: taxes,
        };
        Ok((stage, groups))
    }

    pub fn round(&self, plan: &Plan<'_>) -> Result<Rounded, AllocationError> {
        let (members, carry) = (plan.members.len(), carry(plan));
        round(&self.rows, &self.levels, members, &carry, &self.held)
    }
}

/// What each member has in whole cents under a tax.
pub(super) fn nets(
    plan: &Plan<'_>,
    rows: &[Row],
    cells: &[Vec<i64>],
    group: TaxGroup,
) -> Vec<i128> {
    let mut sums = vec![0_i128; plan.members.len()];
    for ((line, row), cells) in plan.lines.iter().zip(rows).zip(cells) {
        if line.tax == group {
            for (member, cents) in row.takers.iter().zip(cells) {
                if let Some(sum) = sums.get_mut(*member) {
                    *sum += i128::from(*cents);
                }
            }
        }
    }
    sums
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

pub(super) fn rows_of<'r>(
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
pub(super) fn carry(plan: &Plan<'_>) -> Vec<Fraction> {
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

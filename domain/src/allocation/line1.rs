//! The algorithm `line-1`, frozen: largest remainder, line by line and tax by tax.
//!
//! Do not change what it computes: stored allocations replay through it. Each cell is the floor
//! or the ceiling of its exact value; a member's total over many lines may stray further, which
//! the next algorithm corrects.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use super::exact::{Plan, Row};
use super::rounding::{self, Part};
use super::{AllocationError, Case, Fraction, Outcome, Totals, printed};
use crate::money::Cents;

pub(super) const NAME: &str = "line-1";

/// A row in whole cents, beside its exact values.
pub(super) struct RoundedRow {
    pub row: Row,
    /// In the order of the row, of the oriented values.
    pub parts: Vec<Part>,
    /// 1, or −1 when the row was negated before rounding.
    pub orientation: i64,
}

pub(super) fn allocate(case: &Case) -> Result<Outcome, AllocationError> {
    let plan = Plan::of(case)?;
    let mut sheet = Sheet::new(&plan);
    let mut shares = BTreeMap::new();
    for planned in &plan.lines {
        let rounded = round(planned.row(), sign(planned.line.net));
        for (member, cents) in sheet.enter(&rounded, Kind::Net)? {
            shares.insert((planned.line.id.clone(), member), cents);
        }
    }
    let mut tax_shares = BTreeMap::new();
    for (&group, &printed) in &plan.taxes {
        let rounded = round(plan.tax_row(group, printed)?, plan.orientation());
        for (member, cents) in sheet.enter(&rounded, Kind::Tax)? {
            tax_shares.insert((group, member), cents);
        }
    }
    let net = Cents::checked_sum(plan.lines.iter().map(|planned| planned.line.net))?;
    let tax = Cents::checked_sum(plan.taxes.values().copied())?;
    let mut outcome = Outcome {
        algorithm: NAME.to_owned(),
        shares: shares.into(),
        tax_shares: tax_shares.into(),
        members: sheet.totals()?,
        total: Totals::new(net, tax)?,
        max_deviation: sheet.max_deviation,
        // Each line is rounded on its own: there is nothing to repair.
        repairs: 0,
        input_sha256: case.sha256(),
        output_sha256: String::new(),
    };
    outcome.output_sha256 = printed::outcome_sha256(&outcome);
    Ok(outcome)
}

/// Rounds a row, negated first and back when `orientation` is −1.
pub(super) fn round(row: Row, orientation: i64) -> RoundedRow {
    let parts = if orientation < 0 {
        let negated: Vec<BigInt> = row.numerators.iter().map(|numerator| -numerator).collect();
        rounding::round(&negated, &row.denominator)
    } else {
        rounding::round(&row.numerators, &row.denominator)
    };
    RoundedRow {
        row,
        parts,
        orientation,
    }
}

pub(super) fn sign(net: Cents) -> i64 {
    if net.is_negative() { -1 } else { 1 }
}

#[derive(Clone, Copy)]
enum Kind {
    Net,
    Tax,
}

/// The sums of members while rows come in.
struct Sheet<'a> {
    plan: &'a Plan<'a>,
    net: Vec<i128>,
    tax: Vec<i128>,
    max_deviation: Fraction,
}

impl<'a> Sheet<'a> {
    fn new(plan: &'a Plan<'a>) -> Self {
        let zeros = vec![0; plan.members.len()];
        Self {
            plan,
            net: zeros.clone(),
            tax: zeros,
            max_deviation: Fraction::zero(),
        }
    }

    /// Adds a row to the totals; gives its shares that are not zero.
    fn enter(
        &mut self,
        rounded: &RoundedRow,
        kind: Kind,
    ) -> Result<Vec<(String, Cents)>, AllocationError> {
        let mut shares = Vec::new();
        for (index, part) in rounded.row.takers.iter().zip(&rounded.parts) {
            let cents = part.rounded() * rounded.orientation;
            let cents = Cents(cents.to_i64().ok_or(AllocationError::Overflow)?);
            let sums = match kind {
                Kind::Net => &mut self.net,
                Kind::Tax => &mut self.tax,
            };
            if let (Some(sum), Some(member)) = (sums.get_mut(*index), self.plan.members.get(*index))
                && !cents.is_zero()
            {
                *sum += i128::from(cents.0);
                shares.push((member.id.clone(), cents));
            }
        }
        let deviation = max_deviation(rounded);
        if deviation > self.max_deviation {
            self.max_deviation = deviation;
        }
        Ok(shares)
    }

    fn totals(&self) -> Result<BTreeMap<String, Totals>, AllocationError> {
        let sums = self.net.iter().zip(&self.tax);
        let rows = self
            .plan
            .members
            .iter()
            .zip(sums)
            .map(|(member, (net, tax))| {
                Ok((
                    member.id.clone(),
                    Totals::new(narrow(*net)?, narrow(*tax)?)?,
                ))
            });
        rows.collect()
    }
}

/// The largest gap of a row between a share and its exact value.
fn max_deviation(rounded: &RoundedRow) -> Fraction {
    let denominator = &rounded.row.denominator;
    let gaps = rounded.parts.iter().map(|part| {
        if part.raised {
            denominator - &part.remainder
        } else {
            part.remainder.clone()
        }
    });
    gaps.max()
        .map_or_else(Fraction::zero, |gap| Fraction::new(gap, denominator))
}

fn narrow(cents: i128) -> Result<Cents, AllocationError> {
    i64::try_from(cents)
        .map(Cents)
        .or(Err(AllocationError::Overflow))
}

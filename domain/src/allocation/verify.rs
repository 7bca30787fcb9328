//! Proves an outcome again, from the case alone and by other arithmetic than the rounding's.

mod proof;
mod reference;

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_traits::Signed;

use super::exact::{Plan, Row};
use super::{
    AllocationError, Case, ChargedLine, Member, Outcome, TaxGroup, Totals, line1, printed, replay,
};
use crate::money::Cents;

/// The clause that an outcome breaks (« preuve en échec »): a bug or a changed byte.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    #[error("the case itself is refused")]
    Case(#[from] AllocationError),
    #[error("no algorithm is named {name}")]
    Algorithm { name: String },
    #[error("the shares of line {line} make {shares}, and the line is {printed}")]
    LineSum {
        line: String,
        printed: Cents,
        shares: Cents,
    },
    #[error("the shares of tax {group} make {shares}, and {printed} is printed")]
    TaxSum {
        group: TaxGroup,
        printed: Cents,
        shares: Cents,
    },
    #[error("in line {line}, the share {share} of {member} is a cent or more from its exact value")]
    Share {
        line: String,
        member: String,
        share: Cents,
    },
    #[error("the share {share} of {member} in tax {group} is a cent or more from its exact value")]
    TaxShare {
        group: TaxGroup,
        member: String,
        share: Cents,
    },
    #[error("the rule or the tariff of line {line} gives no exact value")]
    NoExactValue { line: String },
    #[error("{subtotal} of {member} is a cent or more from its exact value")]
    Subtotal { subtotal: String, member: String },
    #[error("the largest deviation is {found} cents, and {stated} is stated")]
    Deviation { stated: String, found: String },
    #[error("a share is zero, or of a line, tax or member that has none")]
    StrangeShare,
    #[error("the totals of {member} are not the sum of its shares")]
    MemberTotal { member: String },
    #[error("the total is not the sum of the invoice")]
    Total,
    #[error("the hash of the {of} does not match")]
    Hash { of: &'static str },
    #[error("the same case in another order, or run again, gives another result")]
    Order,
    #[error("the case negated does not give the result negated")]
    Symmetry,
}

/// Checks every clause of the contract on an outcome, before it is saved or when it is audited.
pub fn verify(case: &Case, outcome: &Outcome) -> Result<(), Broken> {
    if outcome.algorithm == line1::NAME {
        let plan = Plan::of(case)?;
        verify_lines(&plan, outcome)?;
        verify_taxes(&plan, outcome)?;
    } else {
        proof::prove(case, outcome)?;
    }
    verify_totals(case, outcome)?;
    verify_input_hash(case, outcome)?;
    verify_order(case, outcome)?;
    verify_symmetry(case, outcome)
}

fn verify_lines(plan: &Plan<'_>, outcome: &Outcome) -> Result<(), Broken> {
    let mut cells = 0;
    for planned in &plan.lines {
        let line = &planned.line.id;
        let row = planned.row();
        let shares = shares_of(plan, &row, |member| outcome.share(line, member));
        cells += shares.iter().filter(|(_, share)| !share.is_zero()).count();
        if let Some((member, share)) = strayed(&row, &shares) {
            return Err(Broken::Share {
                line: line.clone(),
                member,
                share,
            });
        }
        let (printed, shares) = (planned.line.net, sum(&shares)?);
        if shares != printed {
            return Err(Broken::LineSum {
                line: line.clone(),
                printed,
                shares,
            });
        }
    }
    if cells == outcome.shares.len() {
        Ok(())
    } else {
        Err(Broken::StrangeShare)
    }
}

fn verify_taxes(plan: &Plan<'_>, outcome: &Outcome) -> Result<(), Broken> {
    let mut cells = 0;
    for (&group, &printed) in &plan.taxes {
        let row = plan.tax_row(group, printed)?;
        let shares = shares_of(plan, &row, |member| outcome.tax_share(group, member));
        cells += shares.iter().filter(|(_, share)| !share.is_zero()).count();
        if let Some((member, share)) = strayed(&row, &shares) {
            return Err(Broken::TaxShare {
                group,
                member,
                share,
            });
        }
        let shares = sum(&shares)?;
        if shares != printed {
            return Err(Broken::TaxSum {
                group,
                printed,
                shares,
            });
        }
    }
    if cells == outcome.tax_shares.len() {
        Ok(())
    } else {
        Err(Broken::StrangeShare)
    }
}

/// Checks what can be checked without the case: the sums of the shares, and their hash.
pub fn verify_sums(outcome: &Outcome) -> Result<(), Broken> {
    let mut sums = BTreeMap::<&str, (i128, i128)>::new();
    for ((_, member), share) in &outcome.shares {
        sums.entry(member).or_default().0 += i128::from(share.0);
    }
    for ((_, member), share) in &outcome.tax_shares {
        sums.entry(member).or_default().1 += i128::from(share.0);
    }
    let mut all = [0, 0];
    for (id, stated) in &outcome.members {
        let (net, tax) = sums.remove(id.as_str()).unwrap_or_default();
        if wide(stated) != [net, tax, net + tax] {
            let member = id.clone();
            return Err(Broken::MemberTotal { member });
        }
        all = [all[0] + net, all[1] + tax];
    }
    if !sums.is_empty() {
        return Err(Broken::StrangeShare);
    }
    if wide(&outcome.total) != [all[0], all[1], all[0] + all[1]] {
        return Err(Broken::Total);
    }
    verify_output_hash(outcome)
}

/// What each member owes is the sum of its shares, and all of it is the invoice.
fn verify_totals(case: &Case, outcome: &Outcome) -> Result<(), Broken> {
    let known = |member: &Member| outcome.members.contains_key(&member.id);
    if outcome.members.len() != case.members.len() || !case.members.iter().all(known) {
        return Err(Broken::Total);
    }
    verify_sums(outcome)?;
    let taxes: i128 = case.taxes.iter().map(|tax| i128::from(tax.amount.0)).sum();
    let lines: i128 = case.lines.iter().map(|line| i128::from(line.net.0)).sum();
    // A tariff makes its own total.
    let charged = |line: &ChargedLine| {
        let own = outcome.shares.iter().filter(|((id, _), _)| **id == line.id);
        own.map(|(_, share)| i128::from(share.0)).sum::<i128>()
    };
    let lines = lines + case.charges.iter().map(charged).sum::<i128>();
    if wide(&outcome.total) == [lines, taxes, lines + taxes] {
        Ok(())
    } else {
        Err(Broken::Total)
    }
}

fn wide(totals: &Totals) -> [i128; 3] {
    [totals.net, totals.tax, totals.gross].map(|amount| i128::from(amount.0))
}

fn verify_input_hash(case: &Case, outcome: &Outcome) -> Result<(), Broken> {
    if case.sha256() != outcome.input_sha256 {
        return Err(Broken::Hash { of: "case" });
    }
    Ok(())
}

fn verify_output_hash(outcome: &Outcome) -> Result<(), Broken> {
    if printed::outcome_sha256(outcome) != outcome.output_sha256 {
        return Err(Broken::Hash { of: "shares" });
    }
    Ok(())
}

/// Members, lines and taxes the other way round give the same bytes.
fn verify_order(case: &Case, outcome: &Outcome) -> Result<(), Broken> {
    let mut reversed = case.clone();
    reversed.members.reverse();
    reversed.lines.reverse();
    reversed.charges.reverse();
    reversed.taxes.reverse();
    if run(outcome, &reversed)? == *outcome {
        Ok(())
    } else {
        Err(Broken::Order)
    }
}

fn verify_symmetry(case: &Case, outcome: &Outcome) -> Result<(), Broken> {
    let credit = run(outcome, &case.negated()?)?;
    let opposite = |a: &Cents, b: &Cents| i128::from(a.0) == -i128::from(b.0);
    let lines = credit.shares.len() == outcome.shares.len()
        && credit
            .shares
            .iter()
            .zip(&outcome.shares)
            .all(|(a, b)| a.0 == b.0 && opposite(a.1, b.1));
    let taxes = credit.tax_shares.len() == outcome.tax_shares.len()
        && credit
            .tax_shares
            .iter()
            .zip(&outcome.tax_shares)
            .all(|(a, b)| a.0 == b.0 && opposite(a.1, b.1));
    if lines && taxes {
        Ok(())
    } else {
        Err(Broken::Symmetry)
    }
}

fn run(outcome: &Outcome, case: &Case) -> Result<Outcome, Broken> {
    let unknown = || Broken::Algorithm {
        name: outcome.algorithm.clone(),
    };
    Ok(replay(&outcome.algorithm, case).ok_or_else(unknown)??)
}

fn shares_of(plan: &Plan<'_>, row: &Row, share: impl Fn(&str) -> Cents) -> Vec<(String, Cents)> {
    let members = row
        .takers
        .iter()
        .filter_map(|index| plan.members.get(*index));
    members
        .map(|member| (member.id.clone(), share(&member.id)))
        .collect()
}

/// The first share that is a cent or more from its exact value.
fn strayed(row: &Row, shares: &[(String, Cents)]) -> Option<(String, Cents)> {
    let mut cells = shares.iter().zip(&row.numerators);
    let far = cells.find(|((_, share), exact)| {
        let gap: BigInt = &row.denominator * share.0 - *exact;
        gap.abs() >= row.denominator
    });
    far.map(|(cell, _)| cell.clone())
}

fn sum(shares: &[(String, Cents)]) -> Result<Cents, AllocationError> {
    Ok(Cents::checked_sum(shares.iter().map(|(_, share)| *share))?)
}

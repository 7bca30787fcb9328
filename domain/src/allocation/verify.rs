//! Proves an outcome again, from the case alone and by other arithmetic than the rounding's.

use num_bigint::BigInt;
use num_traits::Signed;

use super::exact::{Plan, Row};
use super::{AllocationError, Case, Outcome, TaxGroup, Totals, canonical, replay};
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
    let plan = Plan::of(case)?;
    verify_lines(&plan, outcome)?;
    verify_taxes(&plan, outcome)?;
    verify_totals(&plan, outcome)?;
    verify_hashes(case, outcome)?;
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

fn verify_totals(plan: &Plan<'_>, outcome: &Outcome) -> Result<(), Broken> {
    if outcome.members.len() != plan.members.len() {
        return Err(Broken::Total);
    }
    let mut sums = std::collections::BTreeMap::<&str, (i128, i128)>::new();
    for ((_, member), share) in &outcome.shares {
        sums.entry(member).or_default().0 += i128::from(share.0);
    }
    for ((_, member), share) in &outcome.tax_shares {
        sums.entry(member).or_default().1 += i128::from(share.0);
    }
    let wide =
        |totals: &Totals| [totals.net, totals.tax, totals.gross].map(|amount| i128::from(amount.0));
    let mut all = [0, 0];
    for member in &plan.members {
        let (net, tax) = sums.get(member.id.as_str()).copied().unwrap_or_default();
        let stated = outcome.members.get(&member.id).map(wide);
        if stated != Some([net, tax, net + tax]) {
            return Err(Broken::MemberTotal {
                member: member.id.clone(),
            });
        }
        all = [all[0] + net, all[1] + tax];
    }
    let lines = plan
        .lines
        .iter()
        .map(|planned| i128::from(planned.line.net.0))
        .sum::<i128>();
    let taxes = plan
        .taxes
        .values()
        .map(|amount| i128::from(amount.0))
        .sum::<i128>();
    let invoice = [lines, taxes, lines + taxes];
    if wide(&outcome.total) == invoice && all == [lines, taxes] {
        Ok(())
    } else {
        Err(Broken::Total)
    }
}

fn verify_hashes(case: &Case, outcome: &Outcome) -> Result<(), Broken> {
    if case.sha256() != outcome.input_sha256 {
        return Err(Broken::Hash { of: "case" });
    }
    if canonical::sha256_hex(&canonical::outcome_json(outcome)) != outcome.output_sha256 {
        return Err(Broken::Hash { of: "shares" });
    }
    Ok(())
}

/// Members, lines and taxes the other way round give the same bytes.
fn verify_order(case: &Case, outcome: &Outcome) -> Result<(), Broken> {
    let mut reversed = case.clone();
    reversed.members.reverse();
    reversed.lines.reverse();
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

//! Every line, tax and subtotal of `tree-1`, held to its exact value.

use std::collections::BTreeMap;

use super::Broken;
use super::reference::{charged, exact, sum, taxes};
use crate::allocation::{Case, Fraction, Member, Outcome, PercentOf, TaxGroup, TaxPolicy};
use crate::money::Cents;

/// A subtotal of a member.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subtotal<'a> {
    Lot(TaxGroup, &'a str),
    Group(TaxGroup),
    Net,
    Tax,
    Gross,
}

/// A member's exact values and cents in one subtotal.
#[derive(Default)]
struct Sum {
    exact: Vec<Fraction>,
    cents: i128,
}

/// What the shares are held to while lines and taxes come in.
struct Proof<'a> {
    case: &'a Case,
    outcome: &'a Outcome,
    members: BTreeMap<&'a str, &'a Member>,
    /// Net shares by line and then by member.
    shares: BTreeMap<&'a str, BTreeMap<&'a str, i64>>,
    sums: BTreeMap<(Subtotal<'a>, &'a str), Sum>,
    deviation: Fraction,
    cells: usize,
}

/// Checks clauses 1 to 4 on what `tree-1` answers.
pub(super) fn prove(case: &Case, outcome: &Outcome) -> Result<(), Broken> {
    let mut shares = BTreeMap::<&str, BTreeMap<&str, i64>>::new();
    for ((line, member), share) in &outcome.shares {
        shares.entry(line).or_default().insert(member, share.0);
    }
    let members = case
        .members
        .iter()
        .map(|member| (member.id.as_str(), member));
    let mut proof = Proof {
        case,
        outcome,
        members: members.collect(),
        shares,
        sums: BTreeMap::new(),
        deviation: Fraction::zero(),
        cells: 0,
    };
    proof.lines()?;
    proof.charges()?;
    if proof.cells != outcome.shares.len() {
        return Err(Broken::StrangeShare);
    }
    proof.taxes()?;
    proof.subtotals()?;
    let (stated, found) = (&outcome.max_deviation, &proof.deviation);
    if stated == found {
        return Ok(());
    }
    Err(Broken::Deviation {
        stated: stated.as_cents(),
        found: found.as_cents(),
    })
}

impl<'a> Proof<'a> {
    fn takers(&self, subset: Option<&std::collections::BTreeSet<String>>) -> Vec<&'a Member> {
        let members = self.members.values();
        let taking = members.filter(|member| subset.is_none_or(|ids| ids.contains(&member.id)));
        taking.copied().collect()
    }

    fn lines(&mut self) -> Result<(), Broken> {
        let case = self.case;
        for line in &case.lines {
            let takers = self.takers(line.members.as_ref());
            let values = exact(&line.rule, &Fraction::whole(line.net.0), &takers);
            let values = values.ok_or_else(|| no_value(&line.id))?;
            let lot = line.lot.as_deref();
            let shares = self.line(&line.id, (line.tax, lot), &takers, values)?;
            if shares != i128::from(line.net.0) {
                return Err(Broken::LineSum {
                    line: line.id.clone(),
                    printed: line.net,
                    shares: Cents(i64::try_from(shares).unwrap_or(i64::MAX)),
                });
            }
        }
        Ok(())
    }

    fn charges(&mut self) -> Result<(), Broken> {
        let case = self.case;
        for line in &case.charges {
            let takers = self.takers(line.members.as_ref());
            let base = |percent: &PercentOf, member: &str| {
                let read = percent
                    .lines
                    .iter()
                    .filter_map(|id| self.shares.get(id.as_str()));
                let cents = read.filter_map(|shares| shares.get(member));
                cents.map(|cents| i128::from(*cents)).sum()
            };
            let cents = charged(&line.charge, &takers, base);
            let cents = cents.ok_or_else(|| no_value(&line.id))?;
            let values = cents.into_iter().map(Fraction::whole).collect();
            let lot = line.lot.as_deref();
            self.line(&line.id, (line.tax, lot), &takers, values)?;
        }
        Ok(())
    }

    /// Holds the shares of a line to their exact values; gives their sum.
    fn line(
        &mut self,
        id: &'a str,
        (group, lot): (TaxGroup, Option<&'a str>),
        takers: &[&'a Member],
        values: Vec<Fraction>,
    ) -> Result<i128, Broken> {
        let shares = self.shares.get(id).cloned().unwrap_or_default();
        let mut total = 0;
        for (member, value) in takers.iter().zip(values) {
            let member = member.id.as_str();
            let cents = shares.get(member).copied().unwrap_or(0);
            self.cells += usize::from(cents != 0);
            total += i128::from(cents);
            let share = Cents(cents);
            self.cell(&value, share).ok_or_else(|| Broken::Share {
                line: id.to_owned(),
                member: member.to_owned(),
                share,
            })?;
            let lot = lot.map(|lot| Subtotal::Lot(group, lot));
            let above = [Subtotal::Group(group), Subtotal::Net, Subtotal::Gross];
            self.add(lot.into_iter().chain(above), member, &value, cents);
        }
        Ok(total)
    }

    fn taxes(&mut self) -> Result<(), Broken> {
        let (case, mut cells) = (self.case, 0);
        for tax in &case.taxes {
            let (group, mut total) = (tax.group, 0);
            let payers: Vec<&str> = self.members.keys().copied().collect();
            let nets: Vec<Fraction> = payers.iter().map(|id| self.net(group, id)).collect();
            let values = taxes(group, tax.amount, &nets);
            let amount = tax.amount;
            let strange = || Broken::TaxSum {
                group,
                printed: amount,
                shares: Cents::ZERO,
            };
            for (member, value) in payers.into_iter().zip(values.ok_or_else(strange)?) {
                let share = self.outcome.tax_share(group, member);
                cells += usize::from(!share.is_zero());
                total += i128::from(share.0);
                self.cell(&value, share).ok_or_else(|| Broken::TaxShare {
                    group,
                    member: member.to_owned(),
                    share,
                })?;
                let above = [Subtotal::Tax, Subtotal::Gross];
                self.add(above.into_iter(), member, &value, share.0);
            }
            if total != i128::from(amount.0) {
                return Err(Broken::TaxSum {
                    group,
                    printed: amount,
                    shares: Cents(i64::try_from(total).unwrap_or(i64::MAX)),
                });
            }
        }
        if cells == self.outcome.tax_shares.len() {
            Ok(())
        } else {
            Err(Broken::StrangeShare)
        }
    }

    /// The net that a member's tax is computed from.
    fn net(&self, group: TaxGroup, member: &'a str) -> Fraction {
        let Some(own) = self.sums.get(&(Subtotal::Group(group), member)) else {
            return Fraction::zero();
        };
        match self.case.tax_policy {
            TaxPolicy::Exact => sum(&own.exact),
            TaxPolicy::Printed => Fraction::whole(own.cents),
        }
    }

    /// A share is the floor or the ceiling of its exact value.
    fn cell(&mut self, value: &Fraction, share: Cents) -> Option<()> {
        let gap = value.minus(&Fraction::whole(share.0)).magnitude();
        if gap >= Fraction::whole(1) {
            return None;
        }
        if gap > self.deviation {
            self.deviation = gap;
        }
        Some(())
    }

    fn add(
        &mut self,
        above: impl Iterator<Item = Subtotal<'a>>,
        member: &'a str,
        value: &Fraction,
        cents: i64,
    ) {
        for subtotal in above {
            let sum = self.sums.entry((subtotal, member)).or_default();
            sum.exact.push(value.clone());
            sum.cents += i128::from(cents);
        }
    }

    /// Each subtotal is less than a cent away; under `printed`, the gross less than two.
    fn subtotals(&mut self) -> Result<(), Broken> {
        for ((subtotal, member), own) in &self.sums {
            let gap = sum(&own.exact)
                .minus(&Fraction::whole(own.cents))
                .magnitude();
            let loose = *subtotal == Subtotal::Gross && self.case.tax_policy == TaxPolicy::Printed;
            if gap >= Fraction::whole(if loose { 2 } else { 1 }) {
                return Err(Broken::Subtotal {
                    subtotal: format!("{subtotal:?}"),
                    member: (*member).to_owned(),
                });
            }
            if !loose && gap > self.deviation {
                self.deviation = gap;
            }
        }
        Ok(())
    }
}

fn no_value(line: &str) -> Broken {
    Broken::NoExactValue {
        line: line.to_owned(),
    }
}

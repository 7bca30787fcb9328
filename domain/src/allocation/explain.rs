//! Why this cent (« D’où viennent ces chiffres »): one share, taken apart.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_traits::{ToPrimitive, Zero};

use super::exact::{self, Plan, PlannedLine};
use super::line1::{self, RoundedRow};
use super::{AllocationError, Case, Fraction, TaxGroup, Weight, rounding, weight};
use crate::money::Cents;

/// A case ready to explain its shares (« pourquoi ce centime ? »).
pub struct Replay<'a> {
    pub(super) plan: Plan<'a>,
}

/// One share with everything that made it (« explication »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What is split: the net of the line, or the tax of the group as printed.
    pub total: Cents,
    pub basis: Basis,
    pub exact: Fraction,
    /// The whole cents of the exact part, before the leftover is given out.
    pub base: Cents,
    /// Cents that the whole parts of all members leave on this line.
    pub leftover: usize,
    /// Members with a part of a cent, who compete for the leftover.
    pub candidates: usize,
    /// The last one who received a leftover cent, and its part of a cent.
    pub last_served: Option<(String, Fraction)>,
    /// 1 for the largest part of a cent; nothing to rank when the exact part is whole.
    pub rank: Option<usize>,
    pub reason: Reason,
    pub share: Cents,
    /// The share less its exact part, in cents: between −1 and 1.
    pub deviation: Fraction,
}

/// What the exact part is computed from (« base de calcul »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Basis {
    /// `weight` of `sum`, in the key that the rule reads; no key for equal shares.
    Weight {
        key: Option<String>,
        weight: Weight,
        sum: String,
    },
    /// The exact net of the member, and of all, in a group of tax.
    Tax {
        group: TaxGroup,
        net: Fraction,
        net_of_all: Cents,
    },
}

/// Why a share is its floor or its ceiling (« motif »).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The exact part is a whole number of cents.
    Exact,
    /// Its part of a cent was among the largest: one cent more.
    Ranked,
    /// The same part of a cent as the last one served: the lower id decided.
    Tied,
    /// Others had a larger part of a cent.
    Below,
}

impl<'a> Replay<'a> {
    pub fn of(case: &'a Case) -> Result<Self, AllocationError> {
        Ok(Self {
            plan: Plan::of(case)?,
        })
    }

    /// Explains a net share; `None` when the member takes no part in the line.
    pub fn share(&self, line: &str, member: &str) -> Result<Option<Explanation>, AllocationError> {
        let index = self.member(line, member)?;
        let planned = self.line(line)?;
        let weights = exact::weights(planned.line, &self.plan.members)?;
        let Some((_, own)) = weights.iter().find(|(taker, _)| *taker == index) else {
            return Ok(None);
        };
        let basis = Basis::Weight {
            key: planned.line.rule.key().map(str::to_owned),
            weight: *own,
            sum: weight::sum_text(weights.iter().map(|(_, weight)| *weight)),
        };
        let rounded = line1::round(planned.row(), line1::sign(planned.line.net));
        self.explanation(&rounded, index, planned.line.net, basis)
            .map(Some)
    }

    /// Explains a tax share; `None` when the member has nothing under this tax.
    pub fn tax_share(
        &self,
        group: TaxGroup,
        member: &str,
    ) -> Result<Option<Explanation>, AllocationError> {
        let index = self.member("", member)?;
        let Some(printed) = self.plan.taxes.get(&group).copied() else {
            return Ok(None);
        };
        let net = self.plan.exact_net(group);
        let Some(own) = net.takers.iter().position(|taker| *taker == index) else {
            return Ok(None);
        };
        let own = net.numerators.get(own).cloned().unwrap_or_default();
        let lines = self
            .plan
            .lines
            .iter()
            .filter(|planned| planned.line.tax == group);
        let basis = Basis::Tax {
            group,
            net: Fraction::new(own, &net.denominator),
            net_of_all: Cents::checked_sum(lines.map(|planned| planned.line.net))?,
        };
        let row = self.plan.tax_row(group, printed)?;
        let rounded = line1::round(row, self.plan.orientation());
        self.explanation(&rounded, index, printed, basis).map(Some)
    }

    /// How far each member's total is from its exact part, in cents (« écart »).
    ///
    /// Their sum is zero: what one pays more, others pay less.
    pub fn deviations(&self) -> Result<BTreeMap<String, Fraction>, AllocationError> {
        let mut sums: BTreeMap<usize, Fraction> = BTreeMap::new();
        let mut add = |rounded: RoundedRow| {
            let takers = rounded.row.takers.iter().zip(&rounded.row.numerators);
            for ((taker, numerator), part) in takers.zip(&rounded.parts) {
                let share = part.rounded() * rounded.orientation;
                let gap = share * &rounded.row.denominator - numerator;
                let gap = Fraction::new(gap, &rounded.row.denominator);
                let sum = sums.entry(*taker).or_insert_with(Fraction::zero);
                *sum = sum.plus(&gap);
            }
        };
        for planned in &self.plan.lines {
            add(line1::round(planned.row(), line1::sign(planned.line.net)));
        }
        for (group, printed) in &self.plan.taxes {
            let row = self.plan.tax_row(*group, *printed)?;
            add(line1::round(row, self.plan.orientation()));
        }
        let named = sums.into_iter().filter_map(|(member, gap)| {
            let member = self.plan.members.get(member)?;
            Some((member.id.clone(), gap))
        });
        Ok(named.collect())
    }

    fn line(&self, id: &str) -> Result<&PlannedLine<'a>, AllocationError> {
        let found = self.plan.lines.iter().find(|planned| planned.line.id == id);
        found.ok_or_else(|| AllocationError::UnknownLine {
            line: id.to_owned(),
        })
    }

    fn member(&self, line: &str, id: &str) -> Result<usize, AllocationError> {
        let found = self
            .plan
            .members
            .binary_search_by(|member| member.id.as_str().cmp(id));
        let Ok(index) = found else {
            let (line, member) = (line.to_owned(), id.to_owned());
            return Err(AllocationError::UnknownMember { line, member });
        };
        Ok(index)
    }
}

impl Replay<'_> {
    fn explanation(
        &self,
        rounded: &RoundedRow,
        member: usize,
        total: Cents,
        basis: Basis,
    ) -> Result<Explanation, AllocationError> {
        let RoundedRow {
            row,
            parts,
            orientation,
        } = rounded;
        let candidates = parts
            .iter()
            .filter(|part| !part.remainder.is_zero())
            .count();
        let leftover = rounding::leftover(parts, &row.denominator);
        let last_served = self.last_served(rounded);
        let position = row.takers.iter().position(|taker| *taker == member);
        let found = position.and_then(|at| Some((at, parts.get(at)?, row.numerators.get(at)?)));
        let Some((at, part, numerator)) = found else {
            // No weight, no share: exactly nothing.
            return Ok(Explanation {
                total,
                basis,
                exact: Fraction::zero(),
                base: Cents::ZERO,
                leftover,
                candidates,
                last_served,
                rank: None,
                reason: Reason::Exact,
                share: Cents::ZERO,
                deviation: Fraction::zero(),
            });
        };
        let before = parts.iter().enumerate().filter(|(other, rival)| {
            rival.remainder > part.remainder || (rival.remainder == part.remainder && *other < at)
        });
        let tied = parts
            .iter()
            .any(|rival| rival.remainder == part.remainder && rival.raised != part.raised);
        let whole = part.remainder.is_zero();
        let share = part.rounded() * orientation;
        let deviation = &share * &row.denominator - numerator;
        Ok(Explanation {
            total,
            basis,
            exact: Fraction::new(numerator.clone(), &row.denominator),
            base: cents(&part.floor * orientation)?,
            leftover,
            candidates,
            last_served,
            rank: if whole {
                None
            } else {
                before.count().checked_add(1)
            },
            reason: match (whole, tied, part.raised) {
                (true, _, _) => Reason::Exact,
                (false, true, _) => Reason::Tied,
                (false, false, true) => Reason::Ranked,
                (false, false, false) => Reason::Below,
            },
            share: cents(share)?,
            deviation: Fraction::new(deviation, &row.denominator),
        })
    }

    fn last_served(&self, rounded: &RoundedRow) -> Option<(String, Fraction)> {
        let parts = rounded.row.takers.iter().zip(&rounded.parts);
        let raised = parts.filter(|(_, part)| part.raised);
        let (index, part) =
            raised.min_by(|a, b| a.1.remainder.cmp(&b.1.remainder).then(b.0.cmp(a.0)))?;
        let member = self.plan.members.get(*index)?;
        let part = Fraction::new(part.remainder.clone(), &rounded.row.denominator);
        Some((member.id.clone(), part))
    }
}

fn cents(value: BigInt) -> Result<Cents, AllocationError> {
    value.to_i64().map(Cents).ok_or(AllocationError::Overflow)
}

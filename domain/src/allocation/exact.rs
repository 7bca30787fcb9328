//! What each member owes exactly, before any rounding: the definition that results are held to.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, Zero};

use super::{AllocationError, Case, Fraction, Line, Member, TaxGroup, TaxPolicy, Weight};
use crate::money::Cents;

/// A checked case, its members and lines in the order of their ids.
pub(super) struct Plan<'a> {
    pub members: Vec<&'a Member>,
    pub lines: Vec<PlannedLine<'a>>,
    pub taxes: BTreeMap<TaxGroup, Cents>,
}

/// A line with those who weigh something in it.
pub(super) struct PlannedLine<'a> {
    pub line: &'a Line,
    /// Member indices, in order, with weights in lowest terms.
    takers: Vec<(usize, BigInt)>,
    weight_sum: BigInt,
}

/// Exact values of some members, over one denominator.
pub(super) struct Row {
    /// Member indices, in order; the others have exactly nothing.
    pub takers: Vec<usize>,
    pub numerators: Vec<BigInt>,
    pub denominator: BigInt,
}

impl<'a> Plan<'a> {
    /// Checks a case and puts it in canonical order.
    pub fn of(case: &'a Case) -> Result<Self, AllocationError> {
        let plain = case.lines.iter().all(|line| line.rule.is_plain());
        let exact = case.tax_policy == TaxPolicy::Exact;
        if !plain || !exact || !case.charges.is_empty() || !case.carry.is_empty() {
            let algorithm = super::line1::NAME;
            return Err(AllocationError::Unsupported { algorithm });
        }
        let members = sorted_members(case)?;
        let mut sorted: Vec<&Line> = case.lines.iter().collect();
        sorted.sort_by(|a, b| a.id.cmp(&b.id));
        let mut lines = Vec::with_capacity(sorted.len());
        let mut previous = None;
        for line in sorted {
            check_id(&line.id)?;
            if previous.replace(&line.id) == Some(&line.id) {
                return Err(AllocationError::DuplicateLine {
                    line: line.id.clone(),
                });
            }
            lines.push(PlannedLine::of(line, &members)?);
        }
        let taxes = printed_taxes(case)?;
        Ok(Self {
            members,
            lines,
            taxes,
        })
    }

    /// −1 when the first line that is not zero is a credit: then everything is negated before
    /// rounding and back after, without which ties by id would break the symmetry of signs.
    pub fn orientation(&self) -> i64 {
        let first = self
            .lines
            .iter()
            .map(|planned| planned.line.net.0.signum())
            .find(|&s| s != 0);
        first.unwrap_or(1)
    }

    /// The exact tax of each member in a group.
    ///
    /// With a net h and a rate t: `t·h + (V − t·Σh)·|h| / Σ|h|`, the nominal tax plus a part of
    /// the supplier's rounding gap. It is V·h/Σh when all signs agree, and stays sane when a
    /// line is a discount for someone.
    pub fn tax_row(&self, group: TaxGroup, printed: Cents) -> Result<Row, AllocationError> {
        let net = self.exact_net(group);
        let base: BigInt = net.numerators.iter().map(Signed::abs).sum();
        if base.is_zero() {
            if !printed.is_zero() {
                return Err(AllocationError::TaxOnZeroBase {
                    group,
                    amount: printed,
                });
            }
            return Ok(Row::empty());
        }
        let rate = group.rate.basis_points();
        let signed: BigInt = net.numerators.iter().sum();
        // 10 000 × (V − t·Σh), in units of the net's denominator.
        let gap = BigInt::from(printed.0) * 10_000 * &net.denominator - rate * signed;
        let numerators = net
            .numerators
            .iter()
            .map(|h| h * rate * &base + &gap * h.abs())
            .collect();
        let denominator = base * &net.denominator * 10_000;
        Ok(Row {
            takers: net.takers,
            numerators,
            denominator,
        })
    }

    /// The exact net of each member in a group, over the least common denominator.
    pub fn exact_net(&self, group: TaxGroup) -> Row {
        // Lines of one key have one sum of weights: adding them first keeps numbers small.
        let mut by_sum: BTreeMap<&BigInt, BTreeMap<usize, BigInt>> = BTreeMap::new();
        for planned in self
            .lines
            .iter()
            .filter(|planned| planned.line.tax == group)
        {
            let parts = by_sum.entry(&planned.weight_sum).or_default();
            for (member, weight) in &planned.takers {
                *parts.entry(*member).or_default() += weight * planned.line.net.0;
            }
        }
        let one = BigInt::from(1);
        let denominator = by_sum.keys().fold(one, |lcm, sum| lcm.lcm(sum));
        let mut net: BTreeMap<usize, BigInt> = BTreeMap::new();
        for (sum, parts) in by_sum {
            let factor = &denominator / sum;
            for (member, part) in parts {
                *net.entry(member).or_default() += part * &factor;
            }
        }
        let (takers, numerators) = net.into_iter().unzip();
        Row {
            takers,
            numerators,
            denominator,
        }
    }
}

impl<'a> PlannedLine<'a> {
    fn of(line: &'a Line, members: &[&Member]) -> Result<Self, AllocationError> {
        let weights = weights(line, members)?;
        if weights.is_empty() {
            return Err(AllocationError::EmptyLine {
                line: line.id.clone(),
                net: line.net,
            });
        }
        let scale = weights
            .iter()
            .map(|(_, weight)| weight.scale())
            .max()
            .unwrap_or(0);
        let mut takers: Vec<(usize, BigInt)> = weights
            .into_iter()
            .filter(|(_, weight)| !weight.is_zero())
            .map(|(member, weight)| (member, weight.at_scale(scale)))
            .collect();
        let divisor = takers
            .iter()
            .fold(BigInt::ZERO, |gcd, (_, weight)| gcd.gcd(weight));
        if divisor.is_zero() {
            if !line.net.is_zero() {
                return Err(AllocationError::NoWeight {
                    line: line.id.clone(),
                    net: line.net,
                });
            }
            return Ok(Self {
                line,
                takers,
                weight_sum: BigInt::from(1),
            });
        }
        for (_, weight) in &mut takers {
            *weight /= &divisor;
        }
        let weight_sum = takers.iter().map(|(_, weight)| weight).sum();
        Ok(Self {
            line,
            takers,
            weight_sum,
        })
    }

    /// The exact share of each member in this line.
    pub fn row(&self) -> Row {
        let net = self.line.net.0;
        Row {
            takers: self.takers.iter().map(|(member, _)| *member).collect(),
            numerators: self.takers.iter().map(|(_, weight)| weight * net).collect(),
            denominator: self.weight_sum.clone(),
        }
    }
}

impl Row {
    /// The sum of the magnitudes of all.
    pub fn magnitude(&self) -> Fraction {
        let sum = self.numerators.iter().map(Signed::abs).sum();
        Fraction::new(sum, &self.denominator)
    }

    fn empty() -> Self {
        Self {
            takers: Vec::new(),
            numerators: Vec::new(),
            denominator: BigInt::from(1),
        }
    }
}

/// The weight of each participant of a line, by member index.
pub(super) fn weights(
    line: &Line,
    members: &[&Member],
) -> Result<Vec<(usize, Weight)>, AllocationError> {
    let Some(subset) = &line.members else {
        let all = members.iter().enumerate();
        return all
            .map(|(index, member)| Ok((index, weight(line, member)?)))
            .collect();
    };
    let found = subset.iter().map(|id| {
        let index = members.binary_search_by(|member| member.id.cmp(id)).ok();
        let Some((index, member)) = index.and_then(|index| Some((index, members.get(index)?)))
        else {
            let (line, member) = (line.id.clone(), id.clone());
            return Err(AllocationError::UnknownMember { line, member });
        };
        Ok((index, weight(line, member)?))
    });
    found.collect()
}

fn weight(line: &Line, member: &Member) -> Result<Weight, AllocationError> {
    let Some(weight) = line.rule.weight(member) else {
        return Err(AllocationError::MissingKey {
            line: line.id.clone(),
            member: member.id.clone(),
            key: line.rule.key().unwrap_or_default().to_owned(),
        });
    };
    if weight.is_negative() {
        let (line, member) = (line.id.clone(), member.id.clone());
        return Err(AllocationError::NegativeWeight {
            line,
            member,
            weight,
        });
    }
    Ok(weight)
}

pub(super) fn sorted_members(case: &Case) -> Result<Vec<&Member>, AllocationError> {
    if case.members.is_empty() {
        return Err(AllocationError::NoMembers);
    }
    let mut members: Vec<&Member> = case.members.iter().collect();
    members.sort_by(|a, b| a.id.cmp(&b.id));
    let mut previous = None;
    for member in &members {
        check_id(&member.id)?;
        if previous.replace(&member.id) == Some(&member.id) {
            return Err(AllocationError::DuplicateMember {
                member: member.id.clone(),
            });
        }
    }
    Ok(members)
}

/// The printed taxes by group; every rate that lines bear must be there, but for zero.
pub(super) fn printed_taxes(case: &Case) -> Result<BTreeMap<TaxGroup, Cents>, AllocationError> {
    let mut taxes = BTreeMap::new();
    for tax in &case.taxes {
        if taxes.insert(tax.group, tax.amount).is_some() {
            return Err(AllocationError::DuplicateTax { group: tax.group });
        }
    }
    let groups = case.lines.iter().map(|line| line.tax);
    let groups = groups.chain(case.charges.iter().map(|line| line.tax));
    let unprinted = |group: &TaxGroup| !group.rate.is_zero() && !taxes.contains_key(group);
    if let Some(group) = groups.filter(unprinted).min() {
        let lines = case.lines.iter().filter(|line| line.tax == group);
        let net = Cents::checked_sum(lines.map(|line| line.net))?;
        return Err(AllocationError::MissingTax { group, net });
    }
    Ok(taxes)
}

pub(super) fn check_id(id: &str) -> Result<(), AllocationError> {
    if (1..=64).contains(&id.len()) {
        Ok(())
    } else {
        Err(AllocationError::BadId {
            id: id.chars().take(64).collect(),
        })
    }
}

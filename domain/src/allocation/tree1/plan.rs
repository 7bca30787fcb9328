//! A checked case in canonical order, with the exact value of every cell that is known at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use num_traits::ToPrimitive;

use super::amounts::{amounts, direct};
use super::desk::Desk;
use super::grid::Row;
use super::parts::Parts;
use super::tariff;
use super::weighing;
use super::weights::Weights;
use crate::allocation::{
    AllocationError, AllocationRule, Case, Charge, Fraction, Line, Member, PercentOf, RuleError,
    TaxGroup, exact,
};
use crate::money::Cents;

/// A case, its members and lines in the order of their ids.
pub(super) struct Plan<'a> {
    pub members: Vec<&'a Member>,
    pub lines: Vec<PlannedLine<'a>>,
    pub taxes: BTreeMap<TaxGroup, Cents>,
    /// What each member is owed from before; empty when nobody is owed anything.
    pub carry: Vec<Fraction>,
    /// The lines that are a percentage of others, each after those that it reads.
    pub percentages: Vec<usize>,
}

/// A line, split or charged.
pub(super) struct PlannedLine<'a> {
    pub id: &'a str,
    pub lot: Option<&'a str>,
    pub tax: TaxGroup,
    pub takers: Arc<[usize]>,
    pub content: Content<'a>,
}

/// What a line is made of.
pub(super) enum Content<'a> {
    Known {
        total: i64,
        parts: Parts,
    },
    /// A percentage of what the lines of these indices are allocated.
    Percentage {
        of: &'a PercentOf,
        lines: Vec<usize>,
    },
}

/// Lines as the file has them, split or charged, until they are in order.
enum Entry<'a> {
    Split(&'a Line),
    Charged(&'a crate::allocation::ChargedLine),
}

impl<'a> Plan<'a> {
    pub fn of(case: &'a Case) -> Result<Self, AllocationError> {
        let members = exact::sorted_members(case)?;
        let entries = sorted_entries(case)?;
        let ids: Vec<&str> = entries.iter().map(Entry::id).collect();
        let mut memory = Memory::default();
        let mut lines = Vec::with_capacity(entries.len());
        for entry in &entries {
            lines.push(planned(entry, &members, &ids, &mut memory)?);
        }
        let percentages = in_reading_order(&lines)?;
        Ok(Self {
            taxes: exact::printed_taxes(case)?,
            carry: carried(case, &members)?,
            members,
            lines,
            percentages,
        })
    }

    /// The rows of the lines; a percentage has the charges that are given for it.
    pub fn rows(&self, charges: &BTreeMap<usize, Vec<i64>>) -> Result<Vec<Row>, AllocationError> {
        let rows = self.lines.iter().enumerate().map(|(index, line)| {
            let (total, parts) = match &line.content {
                Content::Known { total, parts } => (*total, parts.clone()),
                Content::Percentage { .. } => {
                    let cents = charges.get(&index).cloned();
                    let cents = cents.unwrap_or_else(|| vec![0; line.takers.len()]);
                    (sum(&cents)?, Parts::Whole(cents))
                }
            };
            let takers = Arc::clone(&line.takers);
            Ok(Row {
                total,
                takers,
                parts,
            })
        });
        rows.collect()
    }

    /// −1 when the first line that is not zero is a credit: then everything is negated before
    /// rounding and back after, without which ties by id would break the symmetry of signs.
    pub fn orientation(&self) -> i64 {
        let known = self.lines.iter().filter_map(|line| match &line.content {
            Content::Known { total, parts } => Some((*total, parts)),
            Content::Percentage { .. } => None,
        });
        let mut totals = known.clone().map(|(total, _)| total.signum());
        if let Some(sign) = totals.find(|sign| *sign != 0) {
            return sign;
        }
        // Lines of zero may still owe something to some and by others.
        let mut signs = known.map(|(_, parts)| parts.sign());
        signs.find(|sign| *sign != 0).unwrap_or(1)
    }
}

impl<'a> Entry<'a> {
    fn id(&self) -> &'a str {
        match self {
            Self::Split(line) => &line.id,
            Self::Charged(line) => &line.id,
        }
    }

    fn members(&self) -> Option<&'a BTreeSet<String>> {
        match self {
            Self::Split(line) => line.members.as_ref(),
            Self::Charged(line) => line.members.as_ref(),
        }
    }

    fn net(&self) -> Cents {
        match self {
            Self::Split(line) => line.net,
            Self::Charged(_) => Cents::ZERO,
        }
    }
}

/// What lines have in common is computed once.
#[derive(Default)]
struct Memory<'a> {
    takers: Vec<(Option<&'a BTreeSet<String>>, Takers)>,
    weights: Vec<(&'a AllocationRule, Takers, Arc<Weights>)>,
}

/// Member indices, ascending.
type Takers = Arc<[usize]>;

fn sorted_entries(case: &Case) -> Result<Vec<Entry<'_>>, AllocationError> {
    let split = case.lines.iter().map(Entry::Split);
    let mut entries: Vec<Entry<'_>> = split
        .chain(case.charges.iter().map(Entry::Charged))
        .collect();
    entries.sort_by(|a, b| a.id().cmp(b.id()));
    let mut previous = None;
    for entry in &entries {
        exact::check_id(entry.id())?;
        if previous.replace(entry.id()) == Some(entry.id()) {
            let line = entry.id().to_owned();
            return Err(AllocationError::DuplicateLine { line });
        }
    }
    Ok(entries)
}

fn planned<'a>(
    entry: &Entry<'a>,
    members: &[&'a Member],
    ids: &[&str],
    memory: &mut Memory<'a>,
) -> Result<PlannedLine<'a>, AllocationError> {
    let takers = memory.takers(entry, members)?;
    let desk = Desk {
        line: entry.id(),
        members,
        takers: &takers,
    };
    let content = match entry {
        Entry::Split(line) => Content::Known {
            total: line.net.0,
            parts: memory.parts(line, desk, &takers)?,
        },
        Entry::Charged(line) => charged(&line.charge, desk, ids)?,
    };
    let (lot, tax) = match entry {
        Entry::Split(line) => (line.lot.as_deref(), line.tax),
        Entry::Charged(line) => (line.lot.as_deref(), line.tax),
    };
    let id = entry.id();
    Ok(PlannedLine {
        id,
        lot,
        tax,
        takers,
        content,
    })
}

fn charged<'a>(
    charge: &'a Charge,
    desk: Desk<'_>,
    ids: &[&str],
) -> Result<Content<'a>, AllocationError> {
    match (tariff::charges(charge, desk)?, charge) {
        (None, Charge::PercentOf(of)) => {
            let index = |line: &String| {
                let found = ids.binary_search(&line.as_str()).ok();
                let line = line.clone();
                found.ok_or_else(|| desk.refuse("/lines", RuleError::NoSuchLine { line }))
            };
            let lines = of.lines.iter().map(index).collect::<Result<_, _>>()?;
            Ok(Content::Percentage { of, lines })
        }
        (cents, _) => {
            let cents = cents.unwrap_or_default();
            Ok(Content::Known {
                total: sum(&cents)?,
                parts: Parts::Whole(cents),
            })
        }
    }
}

impl<'a> Memory<'a> {
    /// The indices of those who take part.
    fn takers(
        &mut self,
        entry: &Entry<'a>,
        members: &[&Member],
    ) -> Result<Arc<[usize]>, AllocationError> {
        let subset = entry.members();
        if let Some((_, takers)) = self.takers.iter().find(|(known, _)| *known == subset) {
            return Ok(Arc::clone(takers));
        }
        let takers: Arc<[usize]> = match subset {
            None => (0..members.len()).collect(),
            Some(ids) => {
                let index = |id: &String| {
                    let found = members.binary_search_by(|member| member.id.cmp(id));
                    found.ok().ok_or_else(|| AllocationError::UnknownMember {
                        line: entry.id().to_owned(),
                        member: id.clone(),
                    })
                };
                ids.iter().map(index).collect::<Result<_, _>>()?
            }
        };
        if takers.is_empty() {
            let (line, net) = (entry.id().to_owned(), entry.net());
            return Err(AllocationError::EmptyLine { line, net });
        }
        self.takers.push((subset, Arc::clone(&takers)));
        Ok(takers)
    }

    fn parts(
        &mut self,
        line: &'a Line,
        desk: Desk<'_>,
        takers: &Arc<[usize]>,
    ) -> Result<Parts, AllocationError> {
        let total = Fraction::whole(line.net.0);
        if let AllocationRule::Direct { amounts } = &line.rule {
            return direct(amounts, &total, desk, "").map(Parts::Whole);
        }
        if !line.rule.weighs() {
            return Ok(amounts(&line.rule, &total, desk, "")?.into_parts());
        }
        let same = self
            .weights
            .iter()
            .find(|(rule, known, _)| Arc::ptr_eq(known, takers) && **rule == line.rule);
        let weights = match same {
            Some((_, _, weights)) => Arc::clone(weights),
            None => {
                let weights = Arc::new(weighing::weights(&line.rule, desk, "")?);
                let entry = (&line.rule, Arc::clone(takers), Arc::clone(&weights));
                self.weights.push(entry);
                weights
            }
        };
        if weights.is_zero() && !line.net.is_zero() {
            let (line, net) = (line.id.clone(), line.net);
            return Err(AllocationError::NoWeight { line, net });
        }
        let total = line.net.0;
        Ok(Parts::Weighed { total, weights })
    }
}

/// The percentages, each after those that it reads.
fn in_reading_order(lines: &[PlannedLine<'_>]) -> Result<Vec<usize>, AllocationError> {
    let mut waiting: BTreeMap<usize, &[usize]> = BTreeMap::new();
    for (index, line) in lines.iter().enumerate() {
        if let Content::Percentage { lines, .. } = &line.content {
            waiting.insert(index, lines);
        }
    }
    let mut order = Vec::with_capacity(waiting.len());
    while let Some((&first, _)) = waiting.first_key_value() {
        let ready =
            |(_, reads): &(&usize, &&[usize])| reads.iter().all(|line| !waiting.contains_key(line));
        let Some((&next, _)) = waiting.iter().find(ready) else {
            let line = lines.get(first).map_or("", |line| line.id).to_owned();
            let (at, error) = ("/lines".to_owned(), RuleError::Circular);
            return Err(AllocationError::Rule { line, at, error });
        };
        waiting.remove(&next);
        order.push(next);
    }
    Ok(order)
}

fn carried(case: &Case, members: &[&Member]) -> Result<Vec<Fraction>, AllocationError> {
    let mut carry = vec![Fraction::zero(); members.len()];
    for (id, due) in &case.carry {
        let found = members.binary_search_by(|member| member.id.cmp(id)).ok();
        match found.and_then(|index| carry.get_mut(index)) {
            Some(own) => *own = due.clone(),
            None => return Err(AllocationError::UnknownDue { member: id.clone() }),
        }
    }
    if carry.iter().all(Fraction::is_zero) {
        carry.clear();
    }
    Ok(carry)
}

fn sum(cents: &[i64]) -> Result<i64, AllocationError> {
    let sum: i128 = cents.iter().map(|cents| i128::from(*cents)).sum();
    sum.to_i64().ok_or(AllocationError::Overflow)
}

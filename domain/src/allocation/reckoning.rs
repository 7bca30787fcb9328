//! A run taken up again, by whichever algorithm made it, to explain each of its amounts.

use std::collections::BTreeMap;

use super::exact;
use super::tree1::desk::Desk;
use super::tree1::reckoning::TreeReckoning;
use super::tree1::telling;
use super::{
    AllocationError, Basis, Case, Cause, Cell, Explanation, Fraction, LastServed, Origin, Outcome,
    Reason, Record, Replay, Step, Subtotal, TaxGroup, TaxPolicy, Taxed, Why, WhyPart, WhyTotal,
    line1, tree1,
};

/// A run ready to explain its amounts (« calcul repris »).
pub struct Reckoning<'a> {
    by: By<'a>,
}

enum By<'a> {
    Lines(Replay<'a>),
    Tree(Box<TreeReckoning<'a>>),
}

impl<'a> Reckoning<'a> {
    /// Takes up a run from its case, what it answered and what it kept.
    ///
    /// `None` when no algorithm has the name that the outcome bears. Without a record, or with
    /// that of another run, the case is run again: slower, and it says the same.
    pub fn of(
        case: &'a Case,
        outcome: &Outcome,
        record: Option<&Record>,
    ) -> Option<Result<Self, AllocationError>> {
        let by = match outcome.algorithm.as_str() {
            line1::NAME => Replay::of(case).map(By::Lines),
            tree1::NAME => {
                let tree = TreeReckoning::of(case, outcome, record);
                tree.map(|tree| By::Tree(Box::new(tree)))
            }
            _ => return None,
        };
        Some(by.map(|by| Self { by }))
    }

    /// The amounts that were rounded: lines by id, then taxes by group.
    pub fn cells(&self) -> Vec<Cell> {
        match &self.by {
            By::Lines(replay) => replay.cells(),
            By::Tree(tree) => tree.cells(),
        }
    }

    /// Why a member has this amount; `None` when it takes no part in it.
    pub fn why(&self, cell: &Cell, member: &str) -> Result<Option<Why>, AllocationError> {
        match &self.by {
            By::Lines(replay) => replay.why(cell, member),
            By::Tree(tree) => tree.why(cell, member),
        }
    }

    /// The rank of a member for the cents left on a row (« rang »), which the whole row decides.
    ///
    /// `None` for who takes no part, or has a whole number of cents.
    pub fn rank(&self, cell: &Cell, member: &str) -> Result<Option<usize>, AllocationError> {
        match &self.by {
            By::Lines(replay) => {
                let explanation = replay.explanation_of(cell, member)?;
                Ok(explanation.and_then(|explanation| explanation.rank))
            }
            By::Tree(tree) => tree.rank(cell, member),
        }
    }

    /// A subtotal of a member with what it is the sum of; `None` when there is nothing in it.
    pub fn total(
        &self,
        subtotal: &Subtotal,
        member: &str,
    ) -> Result<Option<WhyTotal>, AllocationError> {
        match &self.by {
            By::Lines(replay) => replay.total(subtotal, member),
            By::Tree(tree) => tree.total(subtotal, member),
        }
    }

    /// How far each member's gross is from its exact value, in cents (« écart »).
    pub fn deviations(&self) -> Result<BTreeMap<String, Fraction>, AllocationError> {
        match &self.by {
            By::Lines(replay) => replay.deviations(),
            By::Tree(tree) => Ok(tree.deviations().clone()),
        }
    }
}

impl Replay<'_> {
    fn cells(&self) -> Vec<Cell> {
        let lines = self.plan.lines.iter();
        let lines = lines.map(|planned| Cell::Line(planned.line.id.clone()));
        let taxes = self.plan.taxes.keys().copied().map(Cell::Tax);
        lines.chain(taxes).collect()
    }

    fn explanation_of(
        &self,
        cell: &Cell,
        member: &str,
    ) -> Result<Option<Explanation>, AllocationError> {
        match cell {
            Cell::Line(line) => self.share(line, member),
            Cell::Tax(group) => self.tax_share(*group, member),
        }
    }

    fn why(&self, cell: &Cell, member: &str) -> Result<Option<Why>, AllocationError> {
        let Some(found) = self.explanation_of(cell, member)? else {
            return Ok(None);
        };
        let (origin, mirrored) = match (cell, &found.basis) {
            (Cell::Tax(group), Basis::Tax { net, .. }) => {
                let origin = self.taxed(*group, &found, net.clone())?;
                (Origin::Tax(origin), self.plan.orientation() < 0)
            }
            (Cell::Line(line), _) => {
                let origin = self.told(line, member)?;
                (Origin::Rule(origin), found.total.is_negative())
            }
            (Cell::Tax(_), Basis::Weight { .. }) => return Ok(None),
        };
        let whole = Fraction::whole(found.base.0);
        let last = found.last_served;
        Ok(Some(Why {
            cell: cell.clone(),
            total: found.total,
            origin,
            priority: found.exact.minus(&whole).magnitude(),
            exact: found.exact,
            base: found.base,
            leftover: found.leftover,
            candidates: found.candidates,
            carried: Fraction::zero(),
            dues: Vec::new(),
            last_served: last.map(|(member, priority)| LastServed { member, priority }),
            cause: match found.reason {
                Reason::Exact => Cause::Exact,
                Reason::Ranked => Cause::Ranked,
                Reason::Tied => Cause::Tied,
                Reason::Below => Cause::Below,
            },
            share: found.share,
            deviation: found.deviation,
            exchanges: Vec::new(),
            mirrored,
        }))
    }

    fn told(&self, id: &str, member: &str) -> Result<Step, AllocationError> {
        let found = self.plan.lines.iter().find(|planned| planned.line.id == id);
        let line = found.ok_or_else(|| AllocationError::UnknownLine {
            line: id.to_owned(),
        })?;
        let takers = exact::weights(line.line, &self.plan.members)?;
        let takers: Vec<usize> = takers.into_iter().map(|(index, _)| index).collect();
        let desk = Desk {
            line: id,
            members: &self.plan.members,
            takers: &takers,
        };
        let position = desk.takers().position(|taker| taker.id == member);
        let position = position.unwrap_or(usize::MAX);
        let total = Fraction::whole(line.line.net.0);
        telling::step(&line.line.rule, &total, desk, ("", position), None)
    }

    fn taxed(
        &self,
        group: TaxGroup,
        found: &Explanation,
        net: Fraction,
    ) -> Result<Taxed, AllocationError> {
        let all = self.plan.exact_net(group);
        let lines = self.plan.lines.iter();
        let lines = lines.filter(|planned| planned.line.tax == group);
        let net_of_all = crate::money::Cents::checked_sum(lines.map(|planned| planned.line.net))?;
        let nets = (net, net_of_all, all.magnitude());
        Ok(Taxed::of((group, TaxPolicy::Exact), found.total, nets))
    }

    fn total(
        &self,
        subtotal: &Subtotal,
        member: &str,
    ) -> Result<Option<WhyTotal>, AllocationError> {
        let mut parts = Vec::new();
        for cell in self.cells() {
            if !self.is_in(subtotal, &cell) {
                continue;
            }
            if let Some(found) = self.explanation_of(&cell, member)? {
                parts.push(WhyPart {
                    cell,
                    exact: found.exact,
                    share: found.share,
                });
            }
        }
        if parts.is_empty() {
            return Ok(None);
        }
        Ok(Some(WhyTotal::of(subtotal.clone(), parts)?))
    }

    fn is_in(&self, subtotal: &Subtotal, cell: &Cell) -> bool {
        let mut lines = self.plan.lines.iter().map(|planned| planned.line);
        subtotal.holds(match cell {
            Cell::Line(id) => {
                let line = lines.find(|line| line.id == *id);
                line.map(|line| (line.tax, line.lot.as_deref()))
            }
            Cell::Tax(_) => None,
        })
    }
}

//! Tells where the exact part of a row comes from, for one member.

use num_bigint::BigInt;

use super::column::Column;
use super::desk::Desk;
use super::parts::Parts;
use super::plan::Content;
use super::reckoning::{TreeReckoning, signed};
use super::telling;
use crate::allocation::{AllocationError, Cell, Fraction, Origin, TaxGroup, TaxPolicy, Taxed};
use crate::money::Cents;

impl TreeReckoning<'_> {
    pub(super) fn origin(
        &self,
        cell: &Cell,
        member: usize,
        columns: &[Column],
    ) -> Result<Origin, AllocationError> {
        match cell {
            Cell::Line(id) => self.line_origin(id, member, columns),
            Cell::Tax(group) => self.tax_origin(*group, member, columns).map(Origin::Tax),
        }
    }

    fn line_origin(
        &self,
        id: &str,
        member: usize,
        columns: &[Column],
    ) -> Result<Origin, AllocationError> {
        let unknown = || AllocationError::UnknownLine {
            line: id.to_owned(),
        };
        let (_, line) = self.line(id).ok_or_else(unknown)?;
        let desk = Desk {
            line: line.id,
            members: &self.plan.members,
            takers: &line.takers,
        };
        let position = line.takers.binary_search(&member).unwrap_or(usize::MAX);
        if let Some(split) = self.case.lines.iter().find(|line| line.id == id) {
            let total = Fraction::whole(split.net.0);
            let known = match &line.content {
                Content::Known {
                    parts: Parts::Weighed { weights, .. },
                    ..
                } => Some(weights.as_ref()),
                Content::Known { .. } | Content::Percentage { .. } => None,
            };
            let step = telling::step(&split.rule, &total, desk, ("", position), known)?;
            return Ok(Origin::Rule(step));
        }
        let charged = self.case.charges.iter().find(|line| line.id == id);
        let charge = &charged.ok_or_else(unknown)?.charge;
        let base = match &line.content {
            Content::Percentage { lines, .. } => {
                lines.iter().map(|line| self.cents(columns, *line)).sum()
            }
            Content::Known { .. } => 0,
        };
        let own = self.line(id).map_or(0, |(row, _)| self.cents(columns, row));
        let own = i64::try_from(own).or(Err(AllocationError::Overflow))?;
        telling::tariffed(charge, desk, position, (base, own)).map(Origin::Charge)
    }

    /// What a member has of a line in the end.
    fn cents(&self, columns: &[Column], line: usize) -> i128 {
        let cell = columns.first().and_then(|column| column.cells.get(line));
        let cents = cell.and_then(Option::as_ref).map_or(0, |cell| cell.cents);
        i128::from(cents) * i128::from(self.plan.orientation())
    }

    fn tax_origin(
        &self,
        group: TaxGroup,
        member: usize,
        columns: &[Column],
    ) -> Result<Taxed, AllocationError> {
        let sign = self.plan.orientation();
        let (mut net, mut all) = (BigInt::ZERO, 0_i128);
        let first = self.stages.first();
        let rows = first.map_or(&[][..], |first| &first.stage.rows);
        let unit = first.map_or_else(|| BigInt::from(1), |first| first.unit.clone());
        let cells = columns.first().map_or(&[][..], |column| &column.cells);
        for ((line, row), cell) in self.plan.lines.iter().zip(rows).zip(cells) {
            if line.tax != group {
                continue;
            }
            all += i128::from(row.total) * i128::from(sign);
            let Some(cell) = cell else { continue };
            net += match self.case.tax_policy {
                TaxPolicy::Exact => {
                    let factor = &unit / row.parts.denominator();
                    let position = row.takers.binary_search(&member).ok();
                    let own = position.and_then(|position| row.parts.numerator(position));
                    own.unwrap_or_default() * factor
                }
                TaxPolicy::Printed => &unit * cell.cents,
            };
        }
        let printed = self.plan.taxes.get(&group).copied().unwrap_or_default();
        let net_of_all = i64::try_from(all).or(Err(AllocationError::Overflow))?;
        let base = self.bases.get(&group).cloned();
        let net = signed(&Fraction::new(net, &unit), sign);
        let nets = (net, Cents(net_of_all), base.unwrap_or_else(Fraction::zero));
        Ok(Taxed::of((group, self.case.tax_policy), printed, nets))
    }
}

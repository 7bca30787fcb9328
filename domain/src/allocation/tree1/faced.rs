//! The rows of a run found again from its case and its shares, without rounding.

use std::collections::BTreeMap;

use num_bigint::BigInt;

use super::oriented;
use super::plan::{Plan, PlannedLine};
use super::reckoning::signed;
use super::stage::{Groups, Stage, nets, rows_of};
use super::tax;
use super::tier::common_unit;
use crate::allocation::{AllocationError, Case, Fraction, Outcome, TaxGroup, TaxPolicy};

/// What was rounded, as the invoice faces.
pub(super) struct Faced {
    /// Net and taxes at once, or one after the other.
    pub stages: Vec<Stage>,
    pub groups: Vec<TaxGroup>,
    /// The sum of the magnitudes of the nets of each tax group.
    pub bases: BTreeMap<TaxGroup, Fraction>,
}

/// How far each member's gross is from its exact value, in cents.
pub(in crate::allocation) fn of_outcome(
    case: &Case,
    outcome: &Outcome,
) -> Result<BTreeMap<String, Fraction>, AllocationError> {
    let plan = Plan::of(case)?;
    let faced = Faced::of(case, &plan, outcome)?;
    Ok(deviations(&plan, &faced.stages, outcome))
}

impl Faced {
    pub fn of(case: &Case, plan: &Plan<'_>, outcome: &Outcome) -> Result<Self, AllocationError> {
        let charges = plan.percentages.iter().filter_map(|line| {
            let own = plan.lines.get(*line)?;
            Some((*line, shares(plan, outcome, own)))
        });
        let rows = oriented(plan.rows(&charges.collect())?, plan.orientation());
        let mut bases = BTreeMap::new();
        let (stages, groups): (Vec<Stage>, Groups) = match case.tax_policy {
            TaxPolicy::Exact => {
                let (stage, groups) = Stage::joint(plan, &rows)?;
                for (group, _) in &groups {
                    let own: Vec<_> = rows_of(plan, &rows, *group).collect();
                    bases.insert(*group, tax::base(&own, plan.members.len()));
                }
                (vec![stage], groups)
            }
            TaxPolicy::Printed => {
                let facing = |cents: i64| cents.saturating_mul(plan.orientation());
                let cells = plan.lines.iter().map(|line| {
                    let own = shares(plan, outcome, line).into_iter();
                    own.map(facing).collect()
                });
                let cells: Vec<Vec<i64>> = cells.collect();
                let (stage, groups) = Stage::printed_taxes(plan, &rows, &cells)?;
                for (group, _) in &groups {
                    let nets = nets(plan, &rows, &cells, *group).into_iter();
                    let base: BigInt = nets.map(|net| BigInt::from(net.abs())).sum();
                    bases.insert(*group, Fraction::whole(base));
                }
                (vec![Stage::net(plan, &rows), stage], groups)
            }
        };
        Ok(Self {
            stages,
            groups: groups.into_iter().map(|(group, _)| group).collect(),
            bases,
        })
    }
}

pub(super) fn deviations(
    plan: &Plan<'_>,
    stages: &[Stage],
    outcome: &Outcome,
) -> BTreeMap<String, Fraction> {
    let mut exact = vec![Fraction::zero(); plan.members.len()];
    for stage in stages {
        let unit = common_unit(&stage.rows, &[]);
        let mut sums = vec![BigInt::ZERO; plan.members.len()];
        for row in &stage.rows {
            let factor = &unit / row.parts.denominator();
            for (member, numerator) in row.takers.iter().zip(row.parts.numerators()) {
                if let Some(sum) = sums.get_mut(*member) {
                    *sum += numerator * &factor;
                }
            }
        }
        for (exact, sum) in exact.iter_mut().zip(sums) {
            *exact = exact.plus(&Fraction::new(sum, &unit));
        }
    }
    let members = plan.members.iter().zip(exact);
    let gaps = members.map(|(member, exact)| {
        let gross = outcome.members.get(&member.id).map_or(0, |own| own.gross.0);
        let exact = signed(&exact, plan.orientation());
        (member.id.clone(), Fraction::whole(gross).minus(&exact))
    });
    gaps.collect()
}

fn shares(plan: &Plan<'_>, outcome: &Outcome, line: &PlannedLine<'_>) -> Vec<i64> {
    let takers = line.takers.iter().filter_map(|at| plan.members.get(*at));
    takers
        .map(|member| outcome.share(line.id, &member.id).0)
        .collect()
}

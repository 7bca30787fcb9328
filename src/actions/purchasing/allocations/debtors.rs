//! Who takes part in a run: members, their other budgets, and those who pay nothing.
use std::collections::{BTreeMap, BTreeSet};

use domain::{
    allocation::{Case, Totals},
    budget::Budget,
    identity::{AllocationId, StatementId},
    organisation::Organisation,
    purchasing::{
        payer::{Payer, case_id, payer_name},
        run::AllocationRun,
        statement::Statement,
    },
    text,
};

use super::Payers;
use crate::{
    actions::Error,
    store::{
        View, budgets, organisations,
        purchasing::{memberships, statements},
    },
};

/// One who takes part in a run: a member, or one of its budgets besides the main one.
#[derive(Clone, Debug)]
pub struct Debtor {
    pub payer: Payer,
    /// Its name in the case.
    pub case_id: String,
    /// Its name for people: « La Madeleine », « La Madeleine · Eau ».
    pub name: String,
    pub organisation: Organisation,
    /// None for the main one.
    pub budget: Option<Budget>,
    pub total: Totals,
    /// None for who pays nothing.
    pub statement: Option<StatementId>,
}

impl Debtor {
    /// The SIRET of the budget, else the SIREN of the organisation, as the finance software asks.
    #[must_use]
    pub fn siret_or_siren(&self) -> Option<String> {
        let siret = self
            .budget
            .as_ref()
            .and_then(|budget| budget.siret.as_ref());
        let siren = self.organisation.siren.as_ref();
        siret
            .map(ToString::to_string)
            .or_else(|| siren.map(ToString::to_string))
    }
}

/// Everyone among whom a run was split, by name.
///
/// Those who pay are known by their statements, whatever became of their SIREN since; those who
/// pay nothing have none, and are looked for among the members of the grouping.
pub(super) async fn of_run(
    view: &View,
    run: &AllocationRun,
    case: &Case,
    made: &[Statement],
) -> Result<Vec<Debtor>, Error> {
    let members = memberships::list(view, run.grouping).await?;
    let ids: BTreeSet<_> = members
        .iter()
        .map(|membership| membership.member)
        .chain(made.iter().map(|statement| statement.member))
        .collect();
    let known = organisations::find_all(view, ids.iter().copied()).await?;
    let annexes = budgets::annexes_of(view, ids).await?;
    let taking: BTreeSet<&str> = case
        .members
        .iter()
        .map(|member| member.id.as_str())
        .collect();
    let owing: BTreeMap<Payer, &Statement> = made.iter().map(|one| (one.payer(), one)).collect();
    let mut debtors = Vec::with_capacity(taking.len());
    for organisation in &known {
        let mine = annexes.iter().filter(|b| b.owner == organisation.id);
        for budget in std::iter::once(None).chain(mine.map(Some)) {
            let payer = Payer {
                member: organisation.id,
                budget: budget.map(|budget| budget.id),
            };
            let statement = owing.get(&payer).copied();
            let id = case_id(organisation, budget);
            if statement.is_none() && !taking.contains(id.as_str()) {
                continue;
            }
            debtors.push(Debtor {
                payer,
                case_id: statement.map_or(id, |statement| statement.case_id.clone()),
                name: payer_name(organisation, budget),
                organisation: organisation.clone(),
                budget: budget.cloned(),
                total: statement
                    .map(|statement| statement.total)
                    .unwrap_or_default(),
                statement: statement.map(|statement| statement.id),
            });
        }
    }
    debtors.sort_by_cached_key(|debtor| (text::sort_key(&debtor.name), debtor.payer));
    Ok(debtors)
}

/// Who is behind each name of a stored case: those who pay.
pub(super) async fn payers_of(view: &View, run: AllocationId) -> Result<Payers, Error> {
    let made = statements::of_run(view, run).await?;
    let known = organisations::find_all(view, made.iter().map(|one| one.member)).await?;
    let annexes = budgets::annexes_of(view, known.iter().map(|o| o.id)).await?;
    let name = |payer: Payer| {
        let member = known.iter().find(|o| o.id == payer.member);
        let budget = annexes.iter().find(|b| Some(b.id) == payer.budget);
        member.map_or_else(String::new, |member| payer_name(member, budget))
    };
    Ok(made
        .into_iter()
        .map(|one| {
            let sorted = text::sort_key(&name(one.payer()));
            let payer = one.payer();
            (one.case_id, (payer, sorted))
        })
        .collect())
}

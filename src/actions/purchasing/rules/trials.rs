//! A rule tried on an amount: nothing is written.
use chrono::NaiveDate;
use domain::{
    allocation::{self, AllocationRule, Totals},
    identity::GroupingId,
    money::Cents,
    organisation::Organisation,
    purchasing::run::{RunData, trial},
};
use std::collections::BTreeMap;

use super::{run_data, splitter};
use crate::{
    actions::{Actor, App, Error},
    store::organisations,
};

/// What a rule would ask of each member for an amount (« essai »).
#[derive(Clone, Debug)]
pub struct Trial {
    pub amount: Cents,
    /// By name; those who would pay nothing included.
    pub shares: Vec<TrialShare>,
}

/// One member of a trial.
#[derive(Clone, Debug)]
pub struct TrialShare {
    pub organisation: Organisation,
    /// The latest population that is known, of the usual series.
    pub inhabitants: Option<i64>,
    pub share: Cents,
}

/// The series that euros per inhabitant are counted with.
pub(super) const USUAL_SERIES: &str = "municipale";

/// Tries a formula on an amount, with the figures of today.
///
/// # Errors
/// What the same rule would be refused for on an invoice.
pub async fn try_out(
    app: &App,
    actor: &Actor,
    grouping: GroupingId,
    formula: &AllocationRule,
    amount: Cents,
) -> Result<Trial, Error> {
    splitter(app, actor, grouping).await?;
    let view = app.store.view().await?;
    let owner = crate::store::purchasing::groupings::find(&view, grouping)
        .await?
        .owner;
    let day = app.today_of(&organisations::find(&view, owner).await?);
    let data = run_data::of_grouping(&view, grouping, formula).await?;
    let people: Vec<_> = data
        .participants
        .iter()
        .filter(|participant| participant.left_on.is_none())
        .map(|participant| participant.organisation.clone())
        .collect();
    let latest = |organisation: &Organisation| {
        let known = data.populations.iter();
        let known = known.filter(|p| p.organisation == organisation.id && p.series == USUAL_SERIES);
        known.max_by_key(|p| p.year).map(|p| p.inhabitants)
    };
    let inhabitants: Vec<Option<i64>> = people.iter().map(latest).collect();
    let shares = totals(formula, amount, day, data)?;
    let mut shares: Vec<TrialShare> = people
        .into_iter()
        .zip(inhabitants)
        .map(|(organisation, inhabitants)| {
            let id = domain::purchasing::payer::case_id(&organisation, None);
            let share = shares.get(&id).map_or(Cents::ZERO, |total| total.net);
            TrialShare {
                organisation,
                inhabitants,
                share,
            }
        })
        .collect();
    shares.sort_by_cached_key(|one| (one.organisation.sort_key(), one.organisation.id));
    Ok(Trial { amount, shares })
}

/// What each member would owe, by its name in the case.
pub(super) fn totals(
    formula: &AllocationRule,
    amount: Cents,
    day: NaiveDate,
    mut data: RunData,
) -> Result<BTreeMap<String, Totals>, Error> {
    data.participants
        .retain(|participant| participant.left_on.is_none());
    let case = trial(formula, amount, day, data)?;
    Ok(allocation::totals(&case)?)
}

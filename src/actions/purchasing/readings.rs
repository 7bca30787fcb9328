//! Keys summed from what was read on the members' sites: meters, surfaces, points of delivery.
use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::{
    allocation::Weight,
    identity::{GroupingId, OrganisationId},
    permission::Right,
    purchasing::key::{AllocationKey, KeyError},
    quantity::Quantity,
    site::bare_number,
};

use super::keys::{self, KeyInput};
use crate::{
    actions::{Actor, App, Error},
    store::{
        purchasing::{allocations, groupings},
        sites,
    },
};

/// A key to sum, as someone types it.
#[derive(Clone, Debug)]
pub struct SummedKey {
    pub name: String,
    pub unit: String,
    pub source: String,
    pub dated_on: NaiveDate,
    /// What was read on each site, by the number that it bears.
    pub readings: BTreeMap<String, Quantity>,
}

/// Creates a key whose weights are sums over the sites of each member.
///
/// A member whose sites were not read weighs nothing, and is in the key all the same: the split
/// then says that it pays nothing, rather than that its figure is missing.
///
/// # Errors
/// [`KeyError::UnknownSites`] naming every number that no member's site bears; else as
/// [`keys::create`].
pub async fn create_key(
    app: &App,
    actor: &Actor,
    grouping: GroupingId,
    summed: SummedKey,
) -> Result<AllocationKey, Error> {
    let values = sums(app, actor, grouping, &summed.readings).await?;
    let input = KeyInput {
        name: summed.name,
        unit: summed.unit,
        source: summed.source,
        dated_on: summed.dated_on,
        values,
    };
    keys::create(app, actor, grouping, input).await
}

/// What was read, by member.
async fn sums(
    app: &App,
    actor: &Actor,
    grouping: GroupingId,
    readings: &BTreeMap<String, Quantity>,
) -> Result<BTreeMap<OrganisationId, Weight>, Error> {
    let view = app.store.view().await?;
    let owner = groupings::find(&view, grouping).await?.owner;
    actor.require(Right::RunAllocations, owner)?;
    let members = allocations::participants(&view, owner, grouping).await?;
    let mut sums: BTreeMap<OrganisationId, Quantity> = members
        .iter()
        .map(|participant| (participant.organisation.id, Quantity::ZERO))
        .collect();
    let owners: Vec<OrganisationId> = sums.keys().copied().collect();
    let mut unknown = readings.clone();
    // « 1234 5678 9012 34 » is how people write the number that the meter bears.
    let mut meant: BTreeMap<String, &String> = BTreeMap::new();
    for typed in readings.keys() {
        meant.entry(typed.clone()).or_insert(typed);
        meant.entry(bare_number(typed)).or_insert(typed);
    }
    for site in sites::bearing(&view, &owners, meant.keys()).await? {
        let Some(typed) = site.reference.as_ref().and_then(|bears| meant.get(bears)) else {
            continue;
        };
        // A number that two sites bear is counted for the first one met, once.
        if let Some(read) = unknown.remove(*typed) {
            let sum = sums.entry(site.owner).or_default();
            *sum = sum.checked_add(read)?;
        }
    }
    if !unknown.is_empty() {
        let numbers = unknown.into_keys().collect();
        return Err(KeyError::UnknownSites { numbers }.into());
    }
    Ok(sums
        .into_iter()
        .map(|(member, sum)| (member, Weight::from(sum)))
        .collect())
}

//! Groupings as they are read: listed, found, seen whole.
use std::collections::BTreeSet;

use domain::{
    identity::{GroupingId, OrganisationId},
    organisation::Organisation,
    permission::Right,
    purchasing::{
        agreement::GroupingAgreement,
        grouping::{Grouping, GroupingCoordinator, GroupingState},
        membership::Membership,
    },
    text,
};

use crate::{
    actions::{Actor, App, Error},
    store::{
        View, organisations,
        purchasing::{
            agreements,
            groupings::{self as rows, Start, Wanted},
            memberships,
        },
    },
};

/// Which groupings are listed.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// One organisation of the actor alone; else all of them.
    pub organisation: Option<OrganisationId>,
    pub state: Option<GroupingState>,
    pub words: String,
}

/// A grouping in a list.
#[derive(Clone, Debug)]
pub struct Listed {
    pub grouping: Grouping,
    pub coordinator: String,
    pub members: u64,
}

/// A grouping with everything that its pages show.
#[derive(Clone, Debug)]
pub struct Overview {
    pub grouping: Grouping,
    pub coordinator: Organisation,
    pub coordinators: Vec<(GroupingCoordinator, Organisation)>,
    /// Every membership with its organisation, by name; past ones too.
    pub members: Vec<(Membership, Organisation)>,
    /// Newest first.
    pub agreements: Vec<GroupingAgreement>,
    /// A procedure was launched: a one-off grouping no longer changes its members.
    pub launched: bool,
    /// Whether the actor may change it.
    pub may_run: bool,
    /// Whether the actor may change its allocation keys and split its invoices.
    pub may_split: bool,
    /// Whether the actor belongs to its coordinator.
    pub coordinates: bool,
}

/// Finds a grouping that the actor may read.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn find(app: &App, actor: &Actor, id: GroupingId) -> Result<Grouping, Error> {
    let view = app.store.view().await?;
    readable(&view, actor, id).await
}

/// A grouping with everything that its pages show.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn overview(app: &App, actor: &Actor, id: GroupingId) -> Result<Overview, Error> {
    let view = app.store.view().await?;
    let grouping = readable(&view, actor, id).await?;
    let coordinators = rows::coordinators(&view, id).await?;
    let members = memberships::list(&view, id).await?;
    let ids: BTreeSet<OrganisationId> = members
        .iter()
        .map(|m| m.member)
        .chain(coordinators.iter().map(|c| c.organisation))
        .chain([grouping.owner])
        .collect();
    let known = organisations::find_all(&view, ids).await?;
    let named = |id: OrganisationId| known.iter().find(|o| o.id == id).cloned();
    let mut members: Vec<_> = members
        .into_iter()
        .filter_map(|m| named(m.member).map(|o| (m, o)))
        .collect();
    members.sort_by_cached_key(|(m, o)| (!m.takes_part(), o.sort_key(), o.id));
    Ok(Overview {
        coordinator: named(grouping.owner).ok_or(Error::NotFound)?,
        coordinators: coordinators
            .into_iter()
            .filter_map(|c| named(c.organisation).map(|o| (c, o)))
            .collect(),
        members,
        agreements: agreements::list(&view, id).await?,
        launched: rows::has_launched(&view, id).await?,
        may_run: actor.may(Right::RunGroupings, grouping.owner),
        may_split: actor.may(Right::RunAllocations, grouping.owner),
        coordinates: actor.belongs_to(grouping.owner),
        grouping,
    })
}

/// A page of the groupings that concern the actor, by title, with how many there are.
///
/// # Errors
/// [`Error::NotFound`] for an organisation that is not theirs.
pub async fn list(
    app: &App,
    actor: &Actor,
    listing: &Listing,
    start: Start,
    limit: u64,
) -> Result<(Vec<Listed>, u64), Error> {
    let seen_by = match listing.organisation {
        Some(id) => {
            actor.require(Right::See, id)?;
            Some(vec![id])
        }
        None if actor.user().is_none() => None,
        None => Some(actor.organisations_with(Right::See).collect()),
    };
    let wanted = Wanted {
        seen_by,
        words: text::search_text(&listing.words),
        state: listing.state,
    };
    let view = app.store.view().await?;
    let found = rows::search(&view, &wanted, start, limit).await?;
    let counts = memberships::counts(&view, found.iter().map(|g| g.id)).await?;
    let owners: BTreeSet<_> = found.iter().map(|g| g.owner).collect();
    let owners = organisations::find_all(&view, owners).await?;
    let listed = found.into_iter().map(|grouping| Listed {
        coordinator: owners
            .iter()
            .find(|o| o.id == grouping.owner)
            .map_or_else(String::new, |o| o.name.clone()),
        members: counts.get(&grouping.id).copied().unwrap_or(0),
        grouping,
    });
    Ok((listed.collect(), rows::count(&view, &wanted).await?))
}

/// A grouping that the actor's organisation coordinates or has, or had, a membership in.
pub(in crate::actions) async fn readable(
    view: &View,
    actor: &Actor,
    id: GroupingId,
) -> Result<Grouping, Error> {
    let grouping = rows::find(view, id).await?;
    if actor.belongs_to(grouping.owner) || is_member(view, actor, id).await? {
        Ok(grouping)
    } else {
        Err(Error::NotFound)
    }
}

/// Whether one of the actor's organisations has, or had, a membership.
pub(in crate::actions) async fn is_member(
    view: &View,
    actor: &Actor,
    id: GroupingId,
) -> Result<bool, Error> {
    for organisation in actor.organisations_with(Right::See) {
        if memberships::find_of(view, id, organisation)
            .await?
            .is_some()
        {
            return Ok(true);
        }
    }
    Ok(false)
}

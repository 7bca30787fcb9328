//! Organisations: found, listed, created from the reference of communes and EPCI.
use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::{
    identity::OrganisationId,
    organisation::{Organisation, OrganisationKind},
    permission::{Right, Role},
    user::UserState,
};

use super::{Actor, App, Error};
use crate::store::{Tx, View, organisations as rows, purchasing::groupings, users};

mod creation;
mod details;
mod listing;

pub use creation::{
    Created, NewOrganisation, Wanted, create, create_from_reference, may_create, reference,
};
pub use details::{Changes, Details, Private, add_population, populations, show, update};
pub use listing::{Candidate, candidates, list, list_numbered, managed};

/// The organisations in which the actor has a role, by name.
///
/// # Errors
/// Whatever the database says.
pub async fn of_actor(app: &App, actor: &Actor) -> Result<Vec<Organisation>, Error> {
    let view = app.store.view().await?;
    Ok(rows::find_all(&view, actor.roles.keys().copied()).await?)
}

/// Whether the actor runs purchases for this organisation, and so sees a coordinator's pages.
///
/// A commune's administrator may create groupings too, but sees a member's pages until then.
///
/// # Errors
/// Whatever the database says.
pub async fn coordinates(
    app: &App,
    actor: &Actor,
    organisation: OrganisationId,
) -> Result<bool, Error> {
    if actor.may(Right::RunRounds, organisation) {
        return Ok(true);
    }
    if !actor.may(Right::RunGroupings, organisation) {
        return Ok(false);
    }
    let view = app.store.view().await?;
    Ok(groupings::any_of(&view, organisation).await?)
}

/// Public facts about an organisation; anyone signed in may read them.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn find(app: &App, _actor: &Actor, id: OrganisationId) -> Result<Organisation, Error> {
    let view = app.store.view().await?;
    Ok(rows::find(&view, id).await?)
}

/// Finds by SIREN: how the command line and imports name an organisation.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn find_by_siren(
    app: &App,
    _actor: &Actor,
    siren: &domain::identity::Siren,
) -> Result<Organisation, Error> {
    let view = app.store.view().await?;
    let found = rows::find_by_siren(&view, siren).await?;
    found.ok_or(Error::NotFound)
}

/// The zone in which an organisation types and reads its hours.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn zone(app: &App, id: OrganisationId) -> Result<Tz, Error> {
    let view = app.store.view().await?;
    Ok(zone_of(&rows::find(&view, id).await?))
}

/// The zone of the organisation for which the installation was made; Paris before there is one.
///
/// # Errors
/// Whatever the database says.
pub async fn home_zone(app: &App) -> Result<Tz, Error> {
    let view = app.store.view().await?;
    let first = rows::first(&view).await?;
    Ok(first.as_ref().map_or(chrono_tz::Europe::Paris, zone_of))
}

/// The zone of an organisation; one that is not known any more reads as Paris.
#[must_use]
pub fn zone_of(organisation: &Organisation) -> Tz {
    let known = organisation.time_zone.parse();
    known.unwrap_or(chrono_tz::Europe::Paris)
}

/// What day it is where an organisation lives, « 22 mai » at half past midnight.
#[must_use]
pub fn day_at(instant: DateTime<Utc>, organisation: &Organisation) -> NaiveDate {
    instant.with_timezone(&zone_of(organisation)).date_naive()
}

/// The same for the instant of a transaction: everything in it is of one day.
///
/// # Errors
/// Whatever the database says.
pub(super) async fn today_of(tx: &Tx, id: OrganisationId) -> Result<NaiveDate, Error> {
    Ok(day_at(tx.now(), &rows::find(tx, id).await?))
}

/// Refuses who may neither do this for the organisation nor look after it; to those who may read
/// its contacts, budgets and sites it is forbidden.
///
/// An EPCI looks after those of its communes that nobody administers yet: on day one it invites
/// their people and fills in their details. As soon as a commune has an administrator who signed
/// in, the commune decides alone.
pub(super) async fn require_over(
    view: &View,
    actor: &Actor,
    right: Right,
    id: OrganisationId,
) -> Result<(), Error> {
    if actor.may(right, id) || looks_after(view, actor, right, id).await? {
        return Ok(());
    }
    match actor.require(right, id) {
        Err(Error::NotFound) if reads(view, actor, id).await? => Err(Error::Forbidden),
        other => other,
    }
}

/// Refuses who has nothing to do with the organisation.
///
/// Its people, its EPCI and those who run a grouping that it joined may read its contacts,
/// budgets and sites.
pub(super) async fn require_reader(
    view: &View,
    actor: &Actor,
    id: OrganisationId,
) -> Result<(), Error> {
    if reads(view, actor, id).await? {
        Ok(())
    } else {
        Err(Error::NotFound)
    }
}

async fn reads(view: &View, actor: &Actor, id: OrganisationId) -> Result<bool, Error> {
    if actor.operator || actor.belongs_to(id) {
        return Ok(true);
    }
    let own: Vec<OrganisationId> = actor.organisations_with(Right::See).collect();
    if epci_of(view, id)
        .await?
        .is_some_and(|epci| own.contains(&epci))
    {
        return Ok(true);
    }
    Ok(rows::is_member_under(view, id, own).await?)
}

async fn looks_after(
    view: &View,
    actor: &Actor,
    right: Right,
    id: OrganisationId,
) -> Result<bool, Error> {
    let Some(epci) = epci_of(view, id).await? else {
        return Ok(false);
    };
    Ok(actor.may(right, epci) && !is_administered(view, id).await?)
}

async fn epci_of(view: &View, id: OrganisationId) -> Result<Option<OrganisationId>, Error> {
    let organisation = rows::find(view, id).await?;
    let epci = match (organisation.kind, &organisation.epci_siren) {
        (OrganisationKind::Commune, Some(siren)) => rows::find_by_siren(view, siren).await?,
        _ => None,
    };
    Ok(epci.map(|epci| epci.id))
}

async fn is_administered(view: &View, id: OrganisationId) -> Result<bool, Error> {
    Ok(!administered(view, [id]).await?.is_empty())
}

/// Those of the organisations that have an administrator who signed in.
async fn administered(
    view: &View,
    ids: impl IntoIterator<Item = OrganisationId>,
) -> Result<BTreeSet<OrganisationId>, Error> {
    let people = users::list_of(view, ids).await?;
    let administrators = people
        .iter()
        .filter(|(user, _, role)| *role == Role::Administrator && user.state == UserState::Active);
    Ok(administrators.map(|(_, id, _)| *id).collect())
}

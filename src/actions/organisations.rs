//! Organisations: found, listed, created from the reference of communes and EPCI.
use domain::{identity::OrganisationId, organisation::Organisation, permission::Right};

use super::{Actor, App, Error};
use crate::store::{organisations as rows, purchasing::groupings};

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

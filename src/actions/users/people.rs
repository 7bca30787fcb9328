//! Everybody of the organisations that someone manages, as a list to take away.
use std::collections::{BTreeMap, BTreeSet};

use domain::{
    contact::Contact,
    identity::OrganisationId,
    organisation::Organisation,
    permission::Role,
    user::{User, UserState},
};

use crate::{
    actions::{Actor, App, Error, organisations},
    store::{contacts, users},
};

/// The people of an organisation: accounts with their roles there, and contacts.
#[derive(Clone, Debug)]
pub struct People {
    pub organisation: Organisation,
    pub users: Vec<(User, BTreeSet<Role>)>,
    pub contacts: Vec<Contact>,
}

/// The people of the organisations that the actor manages, without closed accounts and contacts
/// put aside.
///
/// # Errors
/// [`Error::Forbidden`] to those who manage nobody's users.
pub async fn people(app: &App, actor: &Actor) -> Result<Vec<People>, Error> {
    let managed = organisations::managed(app, actor).await?;
    if managed.is_empty() {
        return Err(Error::Forbidden);
    }
    let view = app.store.view().await?;
    let mut of: BTreeMap<OrganisationId, Vec<(User, BTreeSet<Role>)>> = BTreeMap::new();
    let roles = users::list_of(&view, managed.iter().map(|o| o.id)).await?;
    for (user, organisation, role) in roles {
        if user.state == UserState::Disabled {
            continue;
        }
        let list = of.entry(organisation).or_default();
        match list.iter_mut().find(|(known, _)| known.id == user.id) {
            Some((_, held)) => {
                held.insert(role);
            }
            None => list.push((user, BTreeSet::from([role]))),
        }
    }
    let max = u64::try_from(app.settings.limits.import_rows_max).unwrap_or(u64::MAX);
    let mut people = Vec::with_capacity(managed.len());
    for organisation in managed {
        let mut contacts = contacts::list(&view, organisation.id, max).await?;
        contacts.retain(|contact| contact.active);
        people.push(People {
            users: of.remove(&organisation.id).unwrap_or_default(),
            contacts,
            organisation,
        });
    }
    Ok(people)
}

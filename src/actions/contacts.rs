//! Contacts of an organisation: listed, added, changed, put aside.
use domain::{
    contact::Contact,
    identity::{ContactId, Email, OrganisationId, Phone},
    permission::Right,
};

use super::{
    Actor, App, Error,
    organisations::{require_over, require_reader},
};
use crate::store::{Begun, InUseFirst, Line, Scope, Start, contacts as rows};

/// What a person types about a contact.
#[derive(Clone, Debug)]
pub struct Details {
    pub name: String,
    pub role: String,
    pub email: Option<Email>,
    pub phone: Option<Phone>,
}

/// A page of an organisation's contacts that answer the words, those no longer used last.
///
/// # Errors
/// [`Error::NotFound`] to those who have nothing to do with the organisation.
pub async fn list(
    app: &App,
    actor: &Actor,
    owner: OrganisationId,
    words: &str,
    start: Start<InUseFirst>,
    limit: u64,
) -> Result<Vec<Contact>, Error> {
    let view = app.store.view().await?;
    require_reader(&view, actor, owner).await?;
    Ok(rows::page(&view, owner, words, start, limit).await?)
}

/// How many of them answer the words.
///
/// # Errors
/// As [`list`].
pub async fn count(
    app: &App,
    actor: &Actor,
    owner: OrganisationId,
    words: &str,
) -> Result<u64, Error> {
    let view = app.store.view().await?;
    require_reader(&view, actor, owner).await?;
    Ok(rows::count(&view, owner, words).await?)
}

/// One of them.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn find(
    app: &App,
    actor: &Actor,
    owner: OrganisationId,
    id: ContactId,
) -> Result<Contact, Error> {
    let view = app.store.view().await?;
    require_reader(&view, actor, owner).await?;
    Ok(rows::find(&view, owner, id).await?)
}

/// Adds a contact.
///
/// # Errors
/// [`Error::Forbidden`] without [`Right::EditOrganisation`].
pub async fn create(
    app: &App,
    actor: &Actor,
    owner: OrganisationId,
    details: Details,
) -> Result<Contact, Error> {
    let tx = match app.begin(actor, "contact.create").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(done) => {
            return find(
                app,
                actor,
                owner,
                ContactId(done.subject_id.unwrap_or_default()),
            )
            .await;
        }
    };
    require_over(&tx, actor, Right::EditOrganisation, owner).await?;
    let contact = details.fill(ContactId(app.clock.new_id()), owner, true, 0);
    rows::insert(&tx, std::slice::from_ref(&contact)).await?;
    tx.commit(about(&contact)).await?;
    Ok(contact)
}

/// Changes a contact; `active` puts it aside or takes it back.
///
/// # Errors
/// [`Error::Stale`] if it changed since `version` was read.
pub async fn update(
    app: &App,
    actor: &Actor,
    owner: OrganisationId,
    id: ContactId,
    details: Details,
    active: bool,
    version: Option<i32>,
) -> Result<Contact, Error> {
    let tx = match app.begin(actor, "contact.update").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(_) => return find(app, actor, owner, id).await,
    };
    require_over(&tx, actor, Right::EditOrganisation, owner).await?;
    let known = rows::lock(&tx, owner, id).await?;
    if version.is_some_and(|read| read != known.version) {
        return Err(Error::Stale);
    }
    let mut contact = details.fill(id, owner, active, known.version);
    rows::save(&tx, &contact).await?;
    contact.version += 1;
    tx.commit(about(&contact)).await?;
    Ok(contact)
}

fn about(contact: &Contact) -> Line {
    Line::about(Scope::Organisation(contact.owner), "contact", contact.id.0)
        .saying(serde_json::json!({ "active": contact.active }))
}

impl Details {
    fn fill(self, id: ContactId, owner: OrganisationId, active: bool, version: i32) -> Contact {
        Contact {
            id,
            owner,
            name: self.name,
            role: self.role,
            email: self.email,
            phone: self.phone,
            active,
            version,
        }
    }
}

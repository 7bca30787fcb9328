//! Contacts as rows.
use domain::{
    contact::Contact,
    identity::{ContactId, Email, OrganisationId, Phone},
    text,
};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    Select,
    sea_query::{Expr, Func},
};

use super::{
    InUseFirst, Start, StoreError, Tx, View, organisations::read_optional, paging::in_use_first,
    rows::contact as row,
};

/// The contacts of an organisation, those no longer used included.
///
/// # Errors
/// Whatever the database says.
pub async fn list(
    view: &View,
    owner: OrganisationId,
    limit: u64,
) -> Result<Vec<Contact>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::OwnerId.eq(owner.0))
        .order_by_desc(row::Column::Active)
        .order_by_asc(row::Column::SortKey)
        .order_by_asc(row::Column::Id)
        .limit(limit)
        .all(&view.0)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// A page of an organisation's contacts whose name or address contains every word.
///
/// # Errors
/// Whatever the database says.
pub async fn page(
    view: &View,
    owner: OrganisationId,
    words: &str,
    start: Start<InUseFirst>,
    limit: u64,
) -> Result<Vec<Contact>, StoreError> {
    let columns = (row::Column::Active, row::Column::SortKey, row::Column::Id);
    let rows = in_use_first(answering(owner, words), columns, start, limit);
    let rows = rows.all(&view.0).await?;
    rows.into_iter().map(from_row).collect()
}

/// How many contacts answer the words.
///
/// # Errors
/// Whatever the database says.
pub async fn count(view: &View, owner: OrganisationId, words: &str) -> Result<u64, StoreError> {
    Ok(answering(owner, words).count(&view.0).await?)
}

/// Addresses are kept as typed, and hold no accents: only their capitals are folded.
fn answering(owner: OrganisationId, words: &str) -> Select<row::Entity> {
    let mut query = row::Entity::find().filter(row::Column::OwnerId.eq(owner.0));
    for word in text::search_words(&text::search_text(words)) {
        let address = Expr::from(Func::lower(Expr::col(row::Column::Email)));
        let in_address = address.like(format!("%{word}%"));
        query = query.filter(row::Column::SortKey.contains(word).or(in_address));
    }
    query
}

/// Finds one of an organisation's contacts.
///
/// # Errors
/// [`StoreError::NotFound`], also for somebody else's.
pub async fn find(
    view: &View,
    owner: OrganisationId,
    id: ContactId,
) -> Result<Contact, StoreError> {
    let found = row::Entity::find_by_id(id.0)
        .filter(row::Column::OwnerId.eq(owner.0))
        .one(&view.0)
        .await?;
    from_row(found.ok_or(StoreError::NotFound)?)
}

/// The same, kept from others until the transaction ends.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn lock(tx: &Tx, owner: OrganisationId, id: ContactId) -> Result<Contact, StoreError> {
    let found = row::Entity::find_by_id(id.0)
        .filter(row::Column::OwnerId.eq(owner.0))
        .lock_exclusive()
        .one(&tx.view.0)
        .await?;
    from_row(found.ok_or(StoreError::NotFound)?)
}

/// Adds contacts.
///
/// # Errors
/// [`StoreError::Taken`] for a value that must be unique.
pub async fn insert(tx: &Tx, contacts: &[Contact]) -> Result<(), StoreError> {
    tx.insert_all(contacts.iter().map(to_row).collect()).await
}

/// Writes changes over the version that was read.
///
/// # Errors
/// [`StoreError::Stale`] if it changed meanwhile.
pub async fn save(tx: &Tx, contact: &Contact) -> Result<(), StoreError> {
    let mut row = to_row(contact);
    row.version += 1;
    tx.update(row).await
}

fn to_row(c: &Contact) -> row::Model {
    row::Model {
        id: c.id.0,
        owner_id: c.owner.0,
        name: c.name.clone(),
        role: c.role.clone(),
        email: c.email.as_ref().map(|e| e.as_str().to_owned()),
        phone: c.phone.as_ref().map(|p| p.as_str().to_owned()),
        sort_key: c.sort_key(),
        active: c.active,
        version: c.version,
    }
}

fn from_row(row: row::Model) -> Result<Contact, StoreError> {
    Ok(Contact {
        id: ContactId(row.id),
        owner: OrganisationId(row.owner_id),
        name: row.name,
        role: row.role,
        email: read_optional("contact.email", row.email, |t| Email::parse(t).ok())?,
        phone: read_optional("contact.phone", row.phone, |t| Phone::parse(t).ok())?,
        active: row.active,
        version: row.version,
    })
}

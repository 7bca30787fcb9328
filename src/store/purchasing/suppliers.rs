//! Suppliers as rows.
use domain::{
    identity::{Email, OrganisationId, Phone, Siren, Siret, SupplierId},
    purchasing::supplier::Supplier,
    text,
};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    Select,
};
use std::collections::BTreeMap;
use uuid::Uuid;

use crate::store::{
    StoreError, Tx, View,
    organisations::{read, read_optional},
    rows::supplier as row,
};

/// Finds one supplier.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn find(view: &View, id: SupplierId) -> Result<Supplier, StoreError> {
    let found = row::Entity::find_by_id(id.0).one(&view.0).await?;
    from_row(found.ok_or(StoreError::NotFound)?)
}

/// Finds several at once.
///
/// # Errors
/// Whatever the database says.
pub async fn find_all(
    view: &View,
    ids: impl IntoIterator<Item = SupplierId>,
) -> Result<BTreeMap<SupplierId, Supplier>, StoreError> {
    let ids: Vec<Uuid> = ids.into_iter().map(|id| id.0).collect();
    let mut found = BTreeMap::new();
    for some in ids.chunks(500) {
        let rows = row::Entity::find().filter(row::Column::Id.is_in(some.iter().copied()));
        for row in rows.all(&view.0).await? {
            let supplier = from_row(row)?;
            found.insert(supplier.id, supplier);
        }
    }
    Ok(found)
}

/// Finds an owner's supplier by SIREN, if there is one.
///
/// # Errors
/// Whatever the database says.
pub async fn find_by_siren(
    view: &View,
    owner: OrganisationId,
    siren: &Siren,
) -> Result<Option<Supplier>, StoreError> {
    let found = row::Entity::find()
        .filter(row::Column::OwnerId.eq(owner.0))
        .filter(row::Column::Siren.eq(siren.as_str()))
        .one(&view.0)
        .await?;
    found.map(from_row).transpose()
}

/// A page of some owners' suppliers whose search text contains every word, after a sort key.
///
/// # Errors
/// Whatever the database says.
pub async fn list(
    view: &View,
    owners: &[OrganisationId],
    words: &str,
    after: Option<(String, SupplierId)>,
    limit: u64,
) -> Result<Vec<Supplier>, StoreError> {
    let mut query = filtered(owners, words);
    if let Some((key, id)) = after {
        query = query.filter(
            row::Column::SortKey
                .gt(key.clone())
                .or(row::Column::SortKey.eq(key).and(row::Column::Id.gt(id.0))),
        );
    }
    let rows = query
        .order_by_asc(row::Column::SortKey)
        .order_by_asc(row::Column::Id)
        .limit(limit)
        .all(&view.0)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// The same, from the `skip`th: what a page with numbers shows.
///
/// # Errors
/// Whatever the database says.
pub async fn page(
    view: &View,
    owners: &[OrganisationId],
    words: &str,
    skip: u64,
    limit: u64,
) -> Result<Vec<Supplier>, StoreError> {
    let rows = filtered(owners, words)
        .order_by_asc(row::Column::SortKey)
        .order_by_asc(row::Column::Id)
        .offset(skip)
        .limit(limit)
        .all(&view.0)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// How many suppliers of some owners contain every word.
///
/// # Errors
/// Whatever the database says.
pub async fn count(view: &View, owners: &[OrganisationId], words: &str) -> Result<u64, StoreError> {
    Ok(filtered(owners, words).count(&view.0).await?)
}

fn filtered(owners: &[OrganisationId], words: &str) -> Select<row::Entity> {
    let owners = owners.iter().map(|owner| owner.0);
    let mut query = row::Entity::find().filter(row::Column::OwnerId.is_in(owners));
    for word in text::search_words(words) {
        query = query.filter(row::Column::SearchText.contains(word));
    }
    query
}

/// Adds a supplier.
///
/// # Errors
/// [`StoreError::Taken`] when the owner has one with that SIREN.
pub async fn insert(tx: &Tx, supplier: &Supplier) -> Result<(), StoreError> {
    tx.insert(to_row(supplier)).await
}

/// Writes changes over the version that was read.
///
/// # Errors
/// [`StoreError::Stale`] if it changed meanwhile.
pub async fn save(tx: &Tx, supplier: &Supplier) -> Result<(), StoreError> {
    let mut row = to_row(supplier);
    row.version += 1;
    tx.update(row).await
}

fn to_row(s: &Supplier) -> row::Model {
    row::Model {
        id: s.id.0,
        owner_id: s.owner.0,
        siren: s.siren.as_str().to_owned(),
        siret: s.siret.as_ref().map(|t| t.as_str().to_owned()),
        name: s.name.clone(),
        email: s.email.as_ref().map(|e| e.as_str().to_owned()),
        phone: s.phone.as_ref().map(|p| p.as_str().to_owned()),
        sort_key: s.sort_key(),
        search_text: s.search_text(),
        version: s.version,
    }
}

fn from_row(row: row::Model) -> Result<Supplier, StoreError> {
    Ok(Supplier {
        id: SupplierId(row.id),
        owner: OrganisationId(row.owner_id),
        siren: read("supplier.siren", &row.siren, |t| Siren::parse(t).ok())?,
        siret: read_optional("supplier.siret", row.siret, |t| Siret::parse(t).ok())?,
        name: row.name,
        email: read_optional("supplier.email", row.email, |t| Email::parse(t).ok())?,
        phone: read_optional("supplier.phone", row.phone, |t| Phone::parse(t).ok())?,
        version: row.version,
    })
}

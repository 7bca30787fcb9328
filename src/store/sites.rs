//! Sites as rows.
use domain::{
    identity::{BudgetId, OrganisationId, SiteId},
    quantity::Quantity,
    site::{Site, SiteKind},
    text,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{StoreError, Tx, View, organisations::read, rows::site as row};

/// The sites of an organisation, those no longer used included.
///
/// # Errors
/// Whatever the database says.
pub async fn list(view: &View, owner: OrganisationId, limit: u64) -> Result<Vec<Site>, StoreError> {
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

/// Finds one of an organisation's sites.
///
/// # Errors
/// [`StoreError::NotFound`], also for somebody else's.
pub async fn find(view: &View, owner: OrganisationId, id: SiteId) -> Result<Site, StoreError> {
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
pub async fn lock(tx: &Tx, owner: OrganisationId, id: SiteId) -> Result<Site, StoreError> {
    let found = row::Entity::find_by_id(id.0)
        .filter(row::Column::OwnerId.eq(owner.0))
        .lock_exclusive()
        .one(&tx.view.0)
        .await?;
    from_row(found.ok_or(StoreError::NotFound)?)
}

/// Adds sites.
///
/// # Errors
/// [`StoreError::Taken`] for a value that must be unique.
pub async fn insert(tx: &Tx, sites: &[Site]) -> Result<(), StoreError> {
    tx.insert_all(sites.iter().map(to_row).collect()).await
}

/// Writes changes over the version that was read.
///
/// # Errors
/// [`StoreError::Stale`] if it changed meanwhile.
pub async fn save(tx: &Tx, site: &Site) -> Result<(), StoreError> {
    let mut row = to_row(site);
    row.version += 1;
    tx.update(row).await
}

/// A page of an organisation's sites whose search text contains every word, and how many there are.
///
/// # Errors
/// Whatever the database says.
pub async fn search(
    view: &View,
    owner: OrganisationId,
    words: &str,
    offset: u64,
    limit: u64,
) -> Result<(Vec<Site>, u64), StoreError> {
    use sea_orm::PaginatorTrait;
    let mut query = row::Entity::find().filter(row::Column::OwnerId.eq(owner.0));
    for word in text::search_words(&text::search_text(words)) {
        query = query.filter(row::Column::SearchText.contains(word));
    }
    let total = query.clone().count(&view.0).await?;
    let rows = query
        .order_by_desc(row::Column::Active)
        .order_by_asc(row::Column::SortKey)
        .order_by_asc(row::Column::Id)
        .offset(offset)
        .limit(limit)
        .all(&view.0)
        .await?;
    let sites: Result<Vec<Site>, _> = rows.into_iter().map(from_row).collect();
    Ok((sites?, total))
}

/// The sites of some organisations that bear one of these numbers, oldest first.
///
/// # Errors
/// Whatever the database says.
pub async fn bearing(
    view: &View,
    owners: &[OrganisationId],
    numbers: impl Iterator<Item = &String>,
) -> Result<Vec<Site>, StoreError> {
    let owners: std::collections::BTreeSet<_> = owners.iter().map(|id| id.0).collect();
    let numbers: Vec<&String> = numbers.collect();
    let mut found = Vec::new();
    for some in numbers.chunks(500) {
        let rows = row::Entity::find()
            .filter(row::Column::Reference.is_in(some.iter().map(|number| number.as_str())))
            .order_by_asc(row::Column::Id);
        for row in rows.all(&view.0).await? {
            if owners.contains(&row.owner_id) {
                found.push(from_row(row)?);
            }
        }
    }
    Ok(found)
}

/// Finds by the number that a meter or vehicle bears.
///
/// # Errors
/// Whatever the database says.
pub async fn find_by_reference(
    view: &View,
    owner: OrganisationId,
    kind: SiteKind,
    reference: &str,
) -> Result<Option<Site>, StoreError> {
    let found = row::Entity::find()
        .filter(row::Column::OwnerId.eq(owner.0))
        .filter(row::Column::Kind.eq(kind.code()))
        .filter(row::Column::Reference.eq(reference))
        .one(&view.0)
        .await?;
    found.map(from_row).transpose()
}

fn to_row(s: &Site) -> row::Model {
    row::Model {
        id: s.id.0,
        owner_id: s.owner.0,
        kind: s.kind.code().to_owned(),
        name: s.name.clone(),
        reference: s.reference.clone(),
        address: s.address.clone(),
        area_milli: s.area.map(|area| area.0),
        category: s.category.clone(),
        budget_id: s.budget.map(|budget| budget.0),
        sort_key: s.sort_key(),
        search_text: s.search_text(),
        active: s.active,
        version: s.version,
    }
}

fn from_row(row: row::Model) -> Result<Site, StoreError> {
    Ok(Site {
        id: SiteId(row.id),
        owner: OrganisationId(row.owner_id),
        kind: read("site.kind", &row.kind, SiteKind::from_code)?,
        name: row.name,
        reference: row.reference,
        address: row.address,
        area: row.area_milli.map(Quantity),
        category: row.category,
        budget: row.budget_id.map(BudgetId),
        active: row.active,
        version: row.version,
    })
}

//! Budgets as rows.
use domain::{
    budget::{Budget, BudgetKind},
    identity::{BudgetId, OrganisationId, Siret},
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    InUseFirst, Start, StoreError, Tx, View,
    organisations::{read, read_optional},
    paging::in_use_first,
    rows::budget as row,
};

/// The budgets of an organisation, those no longer used included.
///
/// # Errors
/// Whatever the database says.
pub async fn list(
    view: &View,
    owner: OrganisationId,
    limit: u64,
) -> Result<Vec<Budget>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::OwnerId.eq(owner.0))
        .order_by_desc(row::Column::Active)
        .order_by_asc(row::Column::Name)
        .order_by_asc(row::Column::Id)
        .limit(limit)
        .all(&view.0)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// A page of an organisation's budgets.
///
/// # Errors
/// Whatever the database says.
pub async fn page(
    view: &View,
    owner: OrganisationId,
    start: Start<InUseFirst>,
    limit: u64,
) -> Result<Vec<Budget>, StoreError> {
    let query = row::Entity::find().filter(row::Column::OwnerId.eq(owner.0));
    let columns = (row::Column::Active, row::Column::Name, row::Column::Id);
    let rows = in_use_first(query, columns, start, limit);
    let rows = rows.all(&view.0).await?;
    rows.into_iter().map(from_row).collect()
}

/// How many budgets an organisation has.
///
/// # Errors
/// Whatever the database says.
pub async fn count(view: &View, owner: OrganisationId) -> Result<u64, StoreError> {
    let query = row::Entity::find().filter(row::Column::OwnerId.eq(owner.0));
    Ok(query.count(&view.0).await?)
}

/// The budgets of some organisations besides their main ones, by name.
///
/// # Errors
/// Whatever the database says.
pub async fn annexes_of(
    view: &View,
    owners: impl IntoIterator<Item = OrganisationId>,
) -> Result<Vec<Budget>, StoreError> {
    let owners: Vec<_> = owners.into_iter().map(|id| id.0).collect();
    let mut found = Vec::new();
    for some in owners.chunks(500) {
        let rows = row::Entity::find()
            .filter(row::Column::OwnerId.is_in(some.iter().copied()))
            .filter(row::Column::Kind.eq(BudgetKind::Annexe.code()));
        for row in rows.all(&view.0).await? {
            found.push(from_row(row)?);
        }
    }
    found.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    Ok(found)
}

/// Finds one of an organisation's budgets.
///
/// # Errors
/// [`StoreError::NotFound`], also for somebody else's.
pub async fn find(view: &View, owner: OrganisationId, id: BudgetId) -> Result<Budget, StoreError> {
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
pub async fn lock(tx: &Tx, owner: OrganisationId, id: BudgetId) -> Result<Budget, StoreError> {
    let found = row::Entity::find_by_id(id.0)
        .filter(row::Column::OwnerId.eq(owner.0))
        .lock_exclusive()
        .one(&tx.view.0)
        .await?;
    from_row(found.ok_or(StoreError::NotFound)?)
}

/// Adds budgets.
///
/// # Errors
/// [`StoreError::Taken`] for a value that must be unique.
pub async fn insert(tx: &Tx, budgets: &[Budget]) -> Result<(), StoreError> {
    tx.insert_all(budgets.iter().map(to_row).collect()).await
}

/// Writes changes over the version that was read.
///
/// # Errors
/// [`StoreError::Stale`] if it changed meanwhile.
pub async fn save(tx: &Tx, budget: &Budget) -> Result<(), StoreError> {
    let mut row = to_row(budget);
    row.version += 1;
    tx.update(row).await
}

/// Finds several at once, whoever owns them.
///
/// # Errors
/// Whatever the database says.
pub async fn find_all(
    view: &View,
    ids: impl IntoIterator<Item = BudgetId>,
) -> Result<Vec<Budget>, StoreError> {
    let ids: Vec<_> = ids.into_iter().map(|id| id.0).collect();
    let mut found = Vec::with_capacity(ids.len());
    for some in ids.chunks(500) {
        let rows = row::Entity::find().filter(row::Column::Id.is_in(some.iter().copied()));
        for row in rows.all(&view.0).await? {
            found.push(from_row(row)?);
        }
    }
    Ok(found)
}

fn to_row(b: &Budget) -> row::Model {
    row::Model {
        id: b.id.0,
        owner_id: b.owner.0,
        kind: b.kind.code().to_owned(),
        name: b.name.clone(),
        siret: b.siret.as_ref().map(|s| s.as_str().to_owned()),
        vat_liable: b.vat_liable,
        chorus_service: b.chorus_service.clone(),
        chorus_engagement: b.chorus_engagement.clone(),
        active: b.active,
        version: b.version,
    }
}

fn from_row(row: row::Model) -> Result<Budget, StoreError> {
    Ok(Budget {
        id: BudgetId(row.id),
        owner: OrganisationId(row.owner_id),
        kind: read("budget.kind", &row.kind, BudgetKind::from_code)?,
        name: row.name,
        siret: read_optional("budget.siret", row.siret, |t| Siret::parse(t).ok())?,
        vat_liable: row.vat_liable,
        chorus_service: row.chorus_service,
        chorus_engagement: row.chorus_engagement,
        active: row.active,
        version: row.version,
    })
}

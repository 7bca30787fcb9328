//! Allocation keys as rows.
use std::collections::BTreeMap;

use domain::{
    allocation::Weight,
    identity::{GroupingId, KeyId, OrganisationId},
    purchasing::key::AllocationKey,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::store::{
    Start, StoreError, Tx, View,
    organisations::read,
    paging::by_name,
    rows::{allocation_key as row, allocation_key_value as value_row},
};

/// Finds one key with its values.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn find(view: &View, id: KeyId) -> Result<AllocationKey, StoreError> {
    let found = row::Entity::find_by_id(id.0).all(&view.0).await?;
    let key = with_values(view, found).await?.into_values().next();
    key.ok_or(StoreError::NotFound)
}

/// The keys of a grouping, by name.
///
/// # Errors
/// Whatever the database says.
pub async fn list_of_grouping(
    view: &View,
    owner: OrganisationId,
    grouping: GroupingId,
) -> Result<Vec<AllocationKey>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::OwnerId.eq(owner.0))
        .filter(row::Column::GroupingId.eq(grouping.0))
        .order_by_asc(row::Column::Name)
        .all(&view.0)
        .await?;
    let mut keys: Vec<_> = with_values(view, rows).await?.into_values().collect();
    keys.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    Ok(keys)
}

/// A page of the keys of a grouping, by name.
///
/// # Errors
/// Whatever the database says.
pub async fn page(
    view: &View,
    owner: OrganisationId,
    grouping: GroupingId,
    start: Start<(String, Uuid)>,
    limit: u64,
) -> Result<Vec<AllocationKey>, StoreError> {
    let query = row::Entity::find()
        .filter(row::Column::OwnerId.eq(owner.0))
        .filter(row::Column::GroupingId.eq(grouping.0));
    let rows = by_name(query, (row::Column::Name, row::Column::Id), start, limit);
    let rows = rows.all(&view.0).await?;
    // The order of names is the database's: another would lose rows between two pages.
    let order: Vec<KeyId> = rows.iter().map(|row| KeyId(row.id)).collect();
    let mut keys = with_values(view, rows).await?;
    Ok(order.iter().filter_map(|id| keys.remove(id)).collect())
}

/// Finds several keys at once.
///
/// # Errors
/// Whatever the database says.
pub async fn find_all(
    view: &View,
    ids: &[KeyId],
) -> Result<BTreeMap<KeyId, AllocationKey>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .all(&view.0)
        .await?;
    with_values(view, rows).await
}

/// Adds a key with its values.
///
/// # Errors
/// [`StoreError::Taken`] when the grouping has a key of that name.
pub async fn insert(
    tx: &Tx,
    key: &AllocationKey,
    new_id: impl FnMut() -> Uuid,
) -> Result<(), StoreError> {
    tx.insert(to_row(key)).await?;
    insert_values(tx, key, new_id).await
}

/// Writes a key and its values over the version that was read.
///
/// # Errors
/// [`StoreError::Stale`] if it changed meanwhile.
pub async fn save(
    tx: &Tx,
    key: &AllocationKey,
    new_id: impl FnMut() -> Uuid,
) -> Result<(), StoreError> {
    let mut row = to_row(key);
    row.version += 1;
    tx.update(row).await?;
    let old = value_row::Entity::find().filter(value_row::Column::KeyId.eq(key.id.0));
    for value in old.all(&tx.0).await? {
        tx.delete(&value).await?;
    }
    insert_values(tx, key, new_id).await
}

async fn insert_values(
    tx: &Tx,
    key: &AllocationKey,
    mut new_id: impl FnMut() -> Uuid,
) -> Result<(), StoreError> {
    let rows = key.values.iter().map(|(member, weight)| value_row::Model {
        id: new_id(),
        owner_id: key.owner.0,
        key_id: key.id.0,
        member_id: member.0,
        value: weight.to_string(),
    });
    tx.insert_all(rows.collect()).await
}

async fn with_values(
    view: &View,
    rows: Vec<row::Model>,
) -> Result<BTreeMap<KeyId, AllocationKey>, StoreError> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut keys: BTreeMap<KeyId, AllocationKey> = rows.into_iter().map(from_row).collect();
    let values = value_row::Entity::find()
        .filter(value_row::Column::KeyId.is_in(ids))
        .all(&view.0)
        .await?;
    for row in values {
        let weight = read("allocation_key_value.value", &row.value, |text| {
            Weight::parse(text).ok()
        })?;
        if let Some(key) = keys.get_mut(&KeyId(row.key_id)) {
            key.values.insert(OrganisationId(row.member_id), weight);
        }
    }
    Ok(keys)
}

fn to_row(key: &AllocationKey) -> row::Model {
    row::Model {
        id: key.id.0,
        owner_id: key.owner.0,
        grouping_id: key.grouping.0,
        name: key.name.clone(),
        unit: key.unit.clone(),
        source: key.source.clone(),
        dated_on: key.dated_on,
        version: key.version,
    }
}

fn from_row(row: row::Model) -> (KeyId, AllocationKey) {
    let id = KeyId(row.id);
    let key = AllocationKey {
        id,
        owner: OrganisationId(row.owner_id),
        grouping: GroupingId(row.grouping_id),
        name: row.name,
        unit: row.unit,
        source: row.source,
        dated_on: row.dated_on,
        values: BTreeMap::new(),
        version: row.version,
    };
    (id, key)
}

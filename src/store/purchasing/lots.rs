//! Lots of rounds as rows.
use domain::{
    identity::{LotId, OrganisationId, RoundId},
    purchasing::lot::Lot,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::store::{StoreError, Tx, View, rows::lot as row};

/// Finds one lot.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn find(view: &View, id: LotId) -> Result<Lot, StoreError> {
    let found = row::Entity::find_by_id(id.0).one(&view.0).await?;
    Ok(from_row(found.ok_or(StoreError::NotFound)?))
}

/// The lots of a round, by number.
///
/// # Errors
/// Whatever the database says.
pub async fn list_of_round(view: &View, round: RoundId) -> Result<Vec<Lot>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::RoundId.eq(round.0))
        .order_by_asc(row::Column::Number)
        .all(&view.0)
        .await?;
    Ok(rows.into_iter().map(from_row).collect())
}

/// A page of the lots of a round, by number, above one.
///
/// # Errors
/// Whatever the database says.
pub async fn page(
    view: &View,
    round: RoundId,
    above: Option<i32>,
    limit: u64,
) -> Result<Vec<Lot>, StoreError> {
    let mut query = row::Entity::find().filter(row::Column::RoundId.eq(round.0));
    if let Some(number) = above {
        query = query.filter(row::Column::Number.gt(number));
    }
    let rows = query.order_by_asc(row::Column::Number).limit(limit);
    let rows = rows.all(&view.0).await?;
    Ok(rows.into_iter().map(from_row).collect())
}

/// Adds lots.
///
/// # Errors
/// [`StoreError::Taken`] when the round has that number already.
pub async fn insert(tx: &Tx, lots: &[Lot]) -> Result<(), StoreError> {
    tx.insert_all(lots.iter().map(to_row).collect()).await
}

/// Writes changes over the version that was read.
///
/// # Errors
/// [`StoreError::Stale`] if it changed meanwhile.
pub async fn save(tx: &Tx, lot: &Lot) -> Result<(), StoreError> {
    let mut row = to_row(lot);
    row.version += 1;
    tx.update(row).await
}

/// Removes a lot to which nothing refers any more.
///
/// # Errors
/// Whatever the database says.
pub async fn remove(tx: &Tx, lot: &Lot) -> Result<(), StoreError> {
    tx.delete(&to_row(lot)).await
}

fn to_row(lot: &Lot) -> row::Model {
    row::Model {
        id: lot.id.0,
        owner_id: lot.owner.0,
        round_id: lot.round.0,
        number: lot.number,
        title: lot.title.clone(),
        version: lot.version,
    }
}

fn from_row(row: row::Model) -> Lot {
    Lot {
        id: LotId(row.id),
        owner: OrganisationId(row.owner_id),
        round: RoundId(row.round_id),
        number: row.number,
        title: row.title,
        version: row.version,
    }
}

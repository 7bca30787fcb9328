//! Items of lots as rows.
use domain::{
    identity::{ItemId, LotId, OrganisationId, RoundId},
    money::{TaxCategory, TaxRate, UnitPrice},
    purchasing::lot::Item,
    quantity::Quantity,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::store::{StoreError, Tx, View, organisations::read, rows::item as row};

/// Finds one item.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn find(view: &View, id: ItemId) -> Result<Item, StoreError> {
    let found = row::Entity::find_by_id(id.0).one(&view.0).await?;
    from_row(found.ok_or(StoreError::NotFound)?)
}

/// Every item of a round, removed ones too, by lot and number.
///
/// # Errors
/// Whatever the database says.
pub async fn list_of_round(view: &View, round: RoundId) -> Result<Vec<Item>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::RoundId.eq(round.0))
        .order_by_asc(row::Column::LotId)
        .order_by_asc(row::Column::Number)
        .all(&view.0)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// Every item of some lots, removed ones too, by lot and number.
///
/// # Errors
/// Whatever the database says.
pub async fn list_of_lots(
    view: &View,
    lots: impl IntoIterator<Item = LotId>,
) -> Result<Vec<Item>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::LotId.is_in(lots.into_iter().map(|id| id.0)))
        .order_by_asc(row::Column::LotId)
        .order_by_asc(row::Column::Number)
        .all(&view.0)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// Adds items.
///
/// # Errors
/// [`StoreError::Taken`] when the lot has that number already.
pub async fn insert(tx: &Tx, items: &[Item]) -> Result<(), StoreError> {
    tx.insert_all(items.iter().map(to_row).collect()).await
}

/// Writes changes over the version that was read.
///
/// # Errors
/// [`StoreError::Stale`] if it changed meanwhile.
pub async fn save(tx: &Tx, item: &Item) -> Result<(), StoreError> {
    let mut row = to_row(item);
    row.version += 1;
    tx.update(row).await
}

/// Removes an item to which nothing refers any more.
///
/// # Errors
/// Whatever the database says.
pub async fn remove(tx: &Tx, item: &Item) -> Result<(), StoreError> {
    tx.delete(&to_row(item)).await
}

fn to_row(item: &Item) -> row::Model {
    row::Model {
        id: item.id.0,
        owner_id: item.owner.0,
        round_id: item.round.0,
        lot_id: item.lot.0,
        number: item.number,
        title: item.title.clone(),
        unit: item.unit.clone(),
        tax_category: item.tax_category.code().to_owned(),
        tax_rate_bp: item.tax_rate.basis_points(),
        unit_price_micro: item.unit_price.map(|price| price.0),
        step_milli: item.step.0,
        conditions_version: item.conditions_version,
        removed: item.removed,
        version: item.version,
    }
}

fn from_row(row: row::Model) -> Result<Item, StoreError> {
    let category = read("item.tax_category", &row.tax_category, |code| {
        TaxCategory::parse(code).ok()
    })?;
    let rate = TaxRate::from_basis_points(row.tax_rate_bp).map_err(|e| StoreError::Corrupt {
        column: "item.tax_rate_bp",
        value: e.to_string(),
    })?;
    Ok(Item {
        id: ItemId(row.id),
        owner: OrganisationId(row.owner_id),
        round: RoundId(row.round_id),
        lot: LotId(row.lot_id),
        number: row.number,
        title: row.title,
        unit: row.unit,
        tax_category: category,
        tax_rate: rate,
        unit_price: row.unit_price_micro.map(UnitPrice),
        step: Quantity(row.step_milli),
        conditions_version: row.conditions_version,
        removed: row.removed,
        version: row.version,
    })
}

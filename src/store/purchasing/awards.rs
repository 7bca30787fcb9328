//! Awards and their prices as rows.
use std::collections::BTreeMap;

use domain::{
    identity::{AwardId, ItemId, LotId, OrganisationId, ProcedureId, SupplierId},
    money::{Cents, TaxCategory, TaxRate, UnitPrice},
    purchasing::award::{Award, AwardPrice, Decision, LotOutcome},
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::store::{
    StoreError, Tx, View,
    organisations::read,
    rows::{award as row, award_price as price_row},
};

/// Finds one award.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn find(view: &View, id: AwardId) -> Result<Award, StoreError> {
    let found = row::Entity::find_by_id(id.0).one(&view.0).await?;
    let found = complete(view, vec![found.ok_or(StoreError::NotFound)?]).await?;
    found.into_iter().next().ok_or(StoreError::NotFound)
}

/// Finds one award and keeps others from changing it while a contract is made of it.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn lock(tx: &Tx, id: AwardId) -> Result<Award, StoreError> {
    let found = row::Entity::find_by_id(id.0).lock_exclusive();
    let found = found.one(&tx.0).await?.ok_or(StoreError::NotFound)?;
    let found = complete(tx, vec![found]).await?;
    found.into_iter().next().ok_or(StoreError::NotFound)
}

/// The outcomes known so far of a procedure's lots.
///
/// # Errors
/// Whatever the database says.
pub async fn of_procedure(
    view: &View,
    procedure: ProcedureId,
) -> Result<BTreeMap<LotId, Award>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::ProcedureId.eq(procedure.0))
        .all(&view.0)
        .await?;
    let awards = complete(view, rows).await?;
    Ok(awards.into_iter().map(|award| (award.lot, award)).collect())
}

/// Whether another procedure awarded this lot.
///
/// # Errors
/// Whatever the database says.
pub async fn awarded_elsewhere(
    view: &View,
    lot: LotId,
    procedure: ProcedureId,
) -> Result<bool, StoreError> {
    let elsewhere = row::Entity::find()
        .filter(row::Column::LotId.eq(lot.0))
        .filter(row::Column::ProcedureId.ne(procedure.0))
        .filter(row::Column::Outcome.eq(LotOutcome::Awarded.code()));
    Ok(elsewhere.count(&view.0).await? > 0)
}

/// Adds an award, with a fresh identifier for each of its prices.
///
/// # Errors
/// [`StoreError::Taken`] when the lot has an outcome already.
pub async fn insert(
    tx: &Tx,
    award: &Award,
    new_id: impl FnMut() -> Uuid,
) -> Result<(), StoreError> {
    tx.insert(to_row(award)).await?;
    insert_prices(tx, award, new_id).await
}

/// Writes a corrected award, all its prices anew, over the version that was read.
///
/// # Errors
/// [`StoreError::Stale`] if it changed meanwhile.
pub async fn save(tx: &Tx, award: &Award, new_id: impl FnMut() -> Uuid) -> Result<(), StoreError> {
    let mut row = to_row(award);
    row.version += 1;
    tx.update(row).await?;
    let old = price_row::Entity::find()
        .filter(price_row::Column::AwardId.eq(award.id.0))
        .all(&tx.0)
        .await?;
    for price in old {
        tx.delete(&price).await?;
    }
    insert_prices(tx, award, new_id).await
}

async fn insert_prices(
    tx: &Tx,
    award: &Award,
    mut new_id: impl FnMut() -> Uuid,
) -> Result<(), StoreError> {
    let prices = award
        .decision
        .prices()
        .iter()
        .map(|price| price_row::Model {
            id: new_id(),
            owner_id: award.owner.0,
            award_id: award.id.0,
            item_id: price.item.0,
            unit_price_micro: price.unit_price.0,
            individual_price_micro: price.individual_price.map(|price| price.0),
            tax_category: price.tax_category.code().to_owned(),
            tax_rate_bp: price.tax_rate.basis_points(),
        });
    tx.insert_all(prices.collect()).await
}

async fn complete(view: &View, rows: Vec<row::Model>) -> Result<Vec<Award>, StoreError> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut prices: BTreeMap<Uuid, Vec<AwardPrice>> = BTreeMap::new();
    for some in ids.chunks(500) {
        let found = price_row::Entity::find()
            .filter(price_row::Column::AwardId.is_in(some.iter().copied()))
            .order_by_asc(price_row::Column::Id)
            .all(&view.0)
            .await?;
        for row in found {
            prices.entry(row.award_id).or_default().push(price(row)?);
        }
    }
    rows.into_iter()
        .map(|row| {
            let prices = prices.remove(&row.id).unwrap_or_default();
            from_row(row, prices)
        })
        .collect()
}

fn price(row: price_row::Model) -> Result<AwardPrice, StoreError> {
    let rate = row.tax_rate_bp;
    Ok(AwardPrice {
        item: ItemId(row.item_id),
        unit_price: UnitPrice(row.unit_price_micro),
        individual_price: row.individual_price_micro.map(UnitPrice),
        tax_category: read("award_price.tax_category", &row.tax_category, |code| {
            TaxCategory::parse(code).ok()
        })?,
        tax_rate: read("award_price.tax_rate_bp", &rate.to_string(), |_| {
            TaxRate::from_basis_points(rate).ok()
        })?,
    })
}

fn to_row(a: &Award) -> row::Model {
    row::Model {
        id: a.id.0,
        owner_id: a.owner.0,
        procedure_id: a.procedure.0,
        lot_id: a.lot.0,
        outcome: a.decision.outcome().code().to_owned(),
        supplier_id: a.decision.supplier().map(|id| id.0),
        decided_on: a.decided_on,
        motive: a.decision.motive().map(str::to_owned),
        estimate_cents: a.estimate.map(|amount| amount.0),
        amount_cents: a.decision.amount().map(|amount| amount.0),
        version: a.version,
    }
}

fn from_row(row: row::Model, prices: Vec<AwardPrice>) -> Result<Award, StoreError> {
    let outcome = read("award.outcome", &row.outcome, LotOutcome::from_code)?;
    let missing = |column| StoreError::Corrupt {
        column,
        value: row.outcome.clone(),
    };
    let decision = match outcome {
        LotOutcome::Awarded => Decision::Awarded {
            supplier: SupplierId(
                row.supplier_id
                    .ok_or_else(|| missing("award.supplier_id"))?,
            ),
            amount: Cents(
                row.amount_cents
                    .ok_or_else(|| missing("award.amount_cents"))?,
            ),
            prices,
        },
        LotOutcome::NoTender => Decision::NoTender { note: row.motive },
        LotOutcome::Dropped => Decision::Dropped {
            motive: row.motive.ok_or_else(|| missing("award.motive"))?,
        },
    };
    Ok(Award {
        id: AwardId(row.id),
        owner: OrganisationId(row.owner_id),
        procedure: ProcedureId(row.procedure_id),
        lot: LotId(row.lot_id),
        decided_on: row.decided_on,
        estimate: row.estimate_cents.map(Cents),
        decision,
        version: row.version,
    })
}

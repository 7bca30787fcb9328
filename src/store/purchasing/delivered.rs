//! What each member received of an invoice, as rows.
use std::collections::BTreeMap;

use domain::{
    identity::{InvoiceId, InvoiceLineId, ItemId, OrganisationId},
    purchasing::{invoice::Invoice, run::Delivered},
    quantity::Quantity,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::store::{
    StoreError, Tx, View,
    rows::{declaration, delivered as row, need},
};

/// Where a quantity comes from.
pub const FROM_NEEDS: &str = "needs";
/// Typed by the officer.
pub const TYPED: &str = "typed";

/// What was received of an invoice, by line and member.
///
/// # Errors
/// Whatever the database says.
pub async fn of(view: &View, invoice: InvoiceId) -> Result<Delivered, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::InvoiceId.eq(invoice.0))
        .all(&view.0)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let place = (InvoiceLineId(row.line_id), OrganisationId(row.member_id));
            (place, Quantity(row.quantity_milli))
        })
        .collect())
}

/// Replaces what was received: quantities of zero are kept, they were read by someone.
///
/// # Errors
/// Whatever the database says.
pub async fn replace(
    tx: &Tx,
    invoice: &Invoice,
    delivered: &Delivered,
    source: &str,
    mut new_id: impl FnMut() -> Uuid,
) -> Result<(), StoreError> {
    let rows = row::Entity::find().filter(row::Column::InvoiceId.eq(invoice.id.0));
    let mut before: BTreeMap<(Uuid, Uuid), row::Model> = BTreeMap::new();
    for row in rows.all(&tx.0).await? {
        before.insert((row.line_id, row.member_id), row);
    }
    let mut fresh = Vec::new();
    for ((line, member), quantity) in delivered {
        match before.remove(&(line.0, member.0)) {
            Some(row) if row.quantity_milli == quantity.0 => {}
            Some(row) => {
                tx.replace(row::Model {
                    quantity_milli: quantity.0,
                    source: source.to_owned(),
                    ..row
                })
                .await?;
            }
            None => fresh.push(row::Model {
                id: new_id(),
                owner_id: invoice.owner.0,
                invoice_id: invoice.id.0,
                line_id: line.0,
                member_id: member.0,
                quantity_milli: quantity.0,
                source: source.to_owned(),
            }),
        }
    }
    for row in before.into_values() {
        tx.delete(&row).await?;
    }
    tx.insert_all(fresh).await
}

/// The quantities of some items that members transmitted: what is delivered unless corrected.
///
/// # Errors
/// Whatever the database says.
pub async fn transmitted(
    view: &View,
    items: &[ItemId],
) -> Result<BTreeMap<(ItemId, OrganisationId), Quantity>, StoreError> {
    let ids = items.iter().map(|id| id.0);
    let needs = need::Entity::find()
        .filter(need::Column::ItemId.is_in(ids))
        .all(&view.0)
        .await?;
    let mut rounds: Vec<Uuid> = needs.iter().map(|need| need.round_id).collect();
    rounds.sort_unstable();
    rounds.dedup();
    let answers = declaration::Entity::find()
        .filter(declaration::Column::RoundId.is_in(rounds))
        .filter(declaration::Column::State.eq("submitted"))
        .all(&view.0)
        .await?;
    let answered: std::collections::BTreeSet<(Uuid, Uuid)> = answers
        .into_iter()
        .map(|answer| (answer.round_id, answer.member_id))
        .collect();
    let mut sums: BTreeMap<(ItemId, OrganisationId), Quantity> = BTreeMap::new();
    for need in needs {
        if answered.contains(&(need.round_id, need.member_id)) {
            let place = (ItemId(need.item_id), OrganisationId(need.member_id));
            let sum = sums.entry(place).or_default();
            sum.0 = sum.0.saturating_add(need.quantity_milli);
        }
    }
    Ok(sums)
}

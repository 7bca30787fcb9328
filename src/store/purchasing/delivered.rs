//! What each member received of an invoice, as rows.
use std::collections::BTreeMap;

use domain::{
    identity::{BudgetId, InvoiceId, InvoiceLineId, ItemId, OrganisationId},
    purchasing::{invoice::Invoice, payer::Payer, run::Delivered},
    quantity::Quantity,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::store::{
    StoreError, Tx, View,
    organisations::read,
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
    rows.into_iter()
        .map(|row| {
            let payer = Payer {
                member: OrganisationId(row.member_id),
                budget: budget_of(&row.budget_key)?,
            };
            let place = (InvoiceLineId(row.line_id), payer);
            Ok((place, Quantity(row.quantity_milli)))
        })
        .collect()
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
    let mut before: BTreeMap<(Uuid, Uuid, String), row::Model> = BTreeMap::new();
    for row in rows.all(&tx.0).await? {
        before.insert((row.line_id, row.member_id, row.budget_key.clone()), row);
    }
    let mut fresh = Vec::new();
    for ((line, payer), quantity) in delivered {
        let key = budget_key(payer.budget);
        match before.remove(&(line.0, payer.member.0, key.clone())) {
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
                member_id: payer.member.0,
                budget_key: key,
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

/// How a budget is named in a unique index; nothing for the main one.
fn budget_key(budget: Option<BudgetId>) -> String {
    budget.map(|id| id.to_string()).unwrap_or_default()
}

fn budget_of(key: &str) -> Result<Option<BudgetId>, StoreError> {
    if key.is_empty() {
        return Ok(None);
    }
    read("delivered.budget_key", key, |key| key.parse().ok()).map(Some)
}

/// The quantities of some items that members transmitted: what is delivered unless corrected.
///
/// # Errors
/// Whatever the database says.
pub async fn transmitted(
    view: &View,
    items: &[ItemId],
) -> Result<BTreeMap<(ItemId, Payer), Quantity>, StoreError> {
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
    let mut sums: BTreeMap<(ItemId, Payer), Quantity> = BTreeMap::new();
    for need in needs {
        if answered.contains(&(need.round_id, need.member_id)) {
            let payer = Payer {
                member: OrganisationId(need.member_id),
                budget: need.budget_id.map(BudgetId),
            };
            let place = (ItemId(need.item_id), payer);
            let sum = sums.entry(place).or_default();
            sum.0 = sum.0.saturating_add(need.quantity_milli);
        }
    }
    Ok(sums)
}

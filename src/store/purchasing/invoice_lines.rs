//! Lines and printed taxes of invoices as rows.
use std::collections::BTreeMap;

use domain::{
    allocation::{TaxGroup, TaxTotal},
    identity::{InvoiceId, InvoiceLineId, ItemId, KeyId, LotId, RuleId},
    money::{Cents, TaxCategory, TaxRate, UnitPrice},
    purchasing::invoice::{Invoice, InvoiceLine, LineRule},
    quantity::Quantity,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::store::{
    StoreError, Tx, View,
    organisations::read,
    rows::{invoice_line as row, invoice_tax as tax_row},
};

/// Lines and taxes by invoice.
pub(super) type Parts = BTreeMap<InvoiceId, (Vec<InvoiceLine>, Vec<TaxTotal>)>;

/// The lines and taxes of some invoices, in their order.
pub(super) async fn of(view: &View, invoices: &[Uuid]) -> Result<Parts, StoreError> {
    let mut parts = Parts::new();
    for some in invoices.chunks(500) {
        let rows = row::Entity::find()
            .filter(row::Column::InvoiceId.is_in(some.iter().copied()))
            .order_by_asc(row::Column::Position)
            .all(&view.0)
            .await?;
        for row in rows {
            let invoice = InvoiceId(row.invoice_id);
            parts.entry(invoice).or_default().0.push(from_row(row)?);
        }
        let rows = tax_row::Entity::find()
            .filter(tax_row::Column::InvoiceId.is_in(some.iter().copied()))
            .order_by_asc(tax_row::Column::TaxCategory)
            .order_by_asc(tax_row::Column::TaxRateBp)
            .all(&view.0)
            .await?;
        for row in rows {
            let tax = TaxTotal {
                group: tax_group(&row.tax_category, row.tax_rate_bp)?,
                amount: Cents(row.tax_cents),
            };
            parts
                .entry(InvoiceId(row.invoice_id))
                .or_default()
                .1
                .push(tax);
        }
    }
    Ok(parts)
}

/// Adds the lines and taxes of an invoice; taxes take the identifiers given.
pub(super) async fn insert(
    tx: &Tx,
    invoice: &Invoice,
    mut new_id: impl FnMut() -> Uuid,
) -> Result<(), StoreError> {
    let lines = invoice.lines.iter().map(|line| to_row(invoice, line));
    tx.insert_all(lines.collect()).await?;
    let taxes = invoice.taxes.iter().map(|tax| tax_row::Model {
        id: new_id(),
        owner_id: invoice.owner.0,
        invoice_id: invoice.id.0,
        tax_category: tax.group.category.code().to_owned(),
        tax_rate_bp: tax.group.rate.basis_points(),
        tax_cents: tax.amount.0,
    });
    tx.insert_all(taxes.collect()).await
}

/// Removes the lines and taxes of an invoice that is typed again.
pub(super) async fn remove(tx: &Tx, invoice: InvoiceId) -> Result<(), StoreError> {
    let lines = row::Entity::find().filter(row::Column::InvoiceId.eq(invoice.0));
    for line in lines.all(&tx.0).await? {
        tx.delete(&line).await?;
    }
    let taxes = tax_row::Entity::find().filter(tax_row::Column::InvoiceId.eq(invoice.0));
    for tax in taxes.all(&tx.0).await? {
        tx.delete(&tax).await?;
    }
    Ok(())
}

/// Reads a category and a rate as one group.
pub(super) fn tax_group(category: &str, rate: i32) -> Result<TaxGroup, StoreError> {
    let category = read("tax_category", category, |code| {
        TaxCategory::ALL.into_iter().find(|c| c.code() == code)
    })?;
    let rate = TaxRate::from_basis_points(rate).or(Err(StoreError::Corrupt {
        column: "tax_rate_bp",
        value: rate.to_string(),
    }))?;
    Ok(TaxGroup::new(category, rate))
}

fn to_row(invoice: &Invoice, line: &InvoiceLine) -> row::Model {
    row::Model {
        id: line.id.0,
        owner_id: invoice.owner.0,
        invoice_id: invoice.id.0,
        position: line.position,
        lot_id: line.lot.map(|id| id.0),
        item_id: line.item.map(|id| id.0),
        label: line.label.clone(),
        quantity_milli: line.quantity.map(|quantity| quantity.0),
        unit_price_micro: line.unit_price.map(|price| price.0),
        net_cents: line.net.0,
        tax_category: line.tax.category.code().to_owned(),
        tax_rate_bp: line.tax.rate.basis_points(),
        rule: line.rule.code(),
        key_id: line.rule.key().map(|id| id.0),
        rule_id: line.rule.voted().map(|id| id.0),
    }
}

fn from_row(row: row::Model) -> Result<InvoiceLine, StoreError> {
    let (key, voted) = (row.key_id.map(KeyId), row.rule_id.map(RuleId));
    Ok(InvoiceLine {
        id: InvoiceLineId(row.id),
        position: row.position,
        lot: row.lot_id.map(LotId),
        item: row.item_id.map(ItemId),
        label: row.label,
        quantity: row.quantity_milli.map(Quantity),
        unit_price: row.unit_price_micro.map(UnitPrice),
        net: Cents(row.net_cents),
        tax: tax_group(&row.tax_category, row.tax_rate_bp)?,
        rule: read("invoice_line.rule", &row.rule, |code| {
            LineRule::from_code(code, key, voted)
        })?,
    })
}

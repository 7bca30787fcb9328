//! Payments of invoices: the day the coordinator paid, told and taken back.
use chrono::NaiveDate;
use domain::{identity::InvoiceId, purchasing::invoice::Invoice};
use serde_json::json;

use super::invoices::{again, line, owner_of};
use crate::{
    actions::{Actor, App, Error, organisations::today_of, same_version},
    store::{
        Begun,
        purchasing::{invoices as rows, suppliers},
    },
};

/// Tells the day an invoice was paid; the same day again changes nothing.
///
/// # Errors
/// Refused before it is split, before it was received, or for a day to come; [`Error::Stale`] when
/// `version` is not the present one.
pub async fn pay(
    app: &App,
    actor: &Actor,
    id: InvoiceId,
    version: Option<i32>,
    paid_on: NaiveDate,
) -> Result<Invoice, Error> {
    change(app, actor, id, version, Some(paid_on)).await
}

/// Takes a payment back, told by mistake; one that was not told stays so.
///
/// # Errors
/// [`Error::Stale`] when `version` is not the present one.
pub async fn unpay(
    app: &App,
    actor: &Actor,
    id: InvoiceId,
    version: Option<i32>,
) -> Result<Invoice, Error> {
    change(app, actor, id, version, None).await
}

/// Refuses who may not tell payments, whatever they typed.
///
/// # Errors
/// [`Error::Forbidden`], or [`Error::NotFound`] to those who may not see the invoice.
pub async fn check_payer(app: &App, actor: &Actor, id: InvoiceId) -> Result<(), Error> {
    owner_of(app, actor, id).await.map(|_| ())
}

async fn change(
    app: &App,
    actor: &Actor,
    id: InvoiceId,
    version: Option<i32>,
    paid_on: Option<NaiveDate>,
) -> Result<Invoice, Error> {
    owner_of(app, actor, id).await?;
    let action = match paid_on {
        Some(_) => "invoice.pay",
        None => "invoice.unpay",
    };
    let tx = match app.begin(actor, action).await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(done) => return again(app, done.subject_id).await,
    };
    let mut invoice = rows::lock(&tx, id).await?;
    same_version(version, invoice.version)?;
    let before = invoice.paid_on;
    match paid_on {
        Some(day) => {
            invoice.pay(day, today_of(&tx, invoice.owner).await?)?;
        }
        None => invoice.take_payment_back(),
    }
    if invoice.paid_on == before {
        return Ok(invoice);
    }
    let supplier = suppliers::find(&tx, invoice.supplier).await?;
    rows::save(&tx, &invoice, &supplier.name).await?;
    let facts = json!({ "number": invoice.number, "paid_on": invoice.paid_on, "before": before });
    tx.commit(line(&invoice).saying(facts)).await?;
    invoice.version += 1;
    Ok(invoice)
}

//! What each member received of an invoice: first what it asked for, then what was typed.
use domain::{
    identity::{InvoiceId, InvoiceLineId, ItemId, OrganisationId},
    purchasing::{
        invoice::{Invoice, InvoiceLine, LineRule},
        run::Delivered,
    },
};
use serde_json::json;

use super::invoices::{again, line, owner_of};
use crate::{
    actions::{Actor, App, Error},
    store::{
        Begun, Tx,
        purchasing::{allocations, delivered, invoices as rows},
    },
};

/// Records what each member received, line by line: what the split reads.
///
/// # Errors
/// [`Error::NotFound`] for a line or a member that is not there.
pub async fn replace(
    app: &App,
    actor: &Actor,
    id: InvoiceId,
    quantities: Delivered,
) -> Result<Invoice, Error> {
    owner_of(app, actor, id).await?;
    let tx = match app.begin(actor, "invoice.set-delivered").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(done) => return again(app, done.subject_id).await,
    };
    let invoice = rows::lock(&tx, id).await?;
    let members = allocations::participants(&tx, invoice.owner, invoice.grouping).await?;
    let known = |line: InvoiceLineId, member: OrganisationId| {
        invoice.lines.iter().any(|l| l.id == line)
            && members.iter().any(|p| p.organisation.id == member)
    };
    if !quantities
        .keys()
        .all(|(line, member)| known(*line, *member))
    {
        return Err(Error::NotFound);
    }
    delivered::replace(&tx, &invoice, &quantities, delivered::TYPED, || {
        app.clock.new_id()
    })
    .await?;
    tx.commit(line(&invoice).saying(json!({ "cells": quantities.len() })))
        .await?;
    Ok(invoice)
}

/// What members transmitted for the items of the invoice is what they received, until corrected.
pub(super) async fn prefill(app: &App, tx: &Tx, invoice: &Invoice) -> Result<(), Error> {
    let by_delivery = |line: &&InvoiceLine| line.rule == LineRule::Delivered;
    let wanted: Vec<(InvoiceLineId, ItemId)> = invoice
        .lines
        .iter()
        .filter(by_delivery)
        .filter_map(|line| Some((line.id, line.item?)))
        .collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let items: Vec<ItemId> = wanted.iter().map(|(_, item)| *item).collect();
    let transmitted = delivered::transmitted(tx, &items).await?;
    let mut quantities = Delivered::new();
    for (line, item) in wanted {
        for ((of, member), quantity) in &transmitted {
            if *of == item && !quantity.is_zero() {
                quantities.insert((line, *member), *quantity);
            }
        }
    }
    let new_id = || app.clock.new_id();
    Ok(delivered::replace(tx, invoice, &quantities, delivered::FROM_NEEDS, new_id).await?)
}

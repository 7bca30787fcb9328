//! What each member received of an invoice: first what it asked for, then what was typed.
use std::collections::{BTreeMap, BTreeSet};

use chrono::{Months, NaiveDate};
use domain::{
    identity::{InvoiceId, InvoiceLineId, ItemId, OrganisationId, RoundId},
    purchasing::{
        invoice::{Invoice, InvoiceLine, LineRule},
        payer::Payer,
        round::RoundState,
        run::{Delivered, Participant},
    },
};
use serde_json::json;

use super::invoices::{again, line, owner_of};
use crate::{
    actions::{Actor, App, Error},
    store::{
        Begun, Tx, View,
        purchasing::{
            allocations, awards, contracts, declarations, delivered, invoices as rows, items,
            procedures, rounds,
        },
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
    let members = receivers(&tx, &invoice).await?;
    let seats: BTreeSet<Payer> = members
        .iter()
        .flat_map(Participant::seats)
        .map(|seat| seat.payer())
        .collect();
    let known = |line: InvoiceLineId, payer: &Payer| {
        invoice.lines.iter().any(|l| l.id == line) && seats.contains(payer)
    };
    if !quantities.keys().all(|(line, payer)| known(*line, payer)) {
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

/// Without a contract, deliveries are at most a year older than their invoice.
const OLDEST: Months = Months::new(12);

/// Who may have received something of an invoice: its members, and who left since it ran.
pub(super) async fn receivers(view: &View, invoice: &Invoice) -> Result<Vec<Participant>, Error> {
    let since: Option<NaiveDate> = match invoice.contract {
        Some(id) => {
            let terms = contracts::find(view, id).await?.terms;
            Some(terms.starts_on.unwrap_or(terms.notified_on))
        }
        None => invoice.issued_on.checked_sub_months(OLDEST),
    };
    let known = delivered::of(view, invoice.id).await?;
    let received: BTreeSet<OrganisationId> = known.keys().map(|(_, payer)| payer.member).collect();
    let mut all = allocations::participants_ever(view, invoice.owner, invoice.grouping).await?;
    all.retain(|participant| {
        since.is_none_or(|since| participant.was_member_on(since))
            || received.contains(&participant.organisation.id)
    });
    Ok(all)
}

/// The lines whose item is of a round whose answers are all given.
async fn of_closed_rounds(
    tx: &Tx,
    wanted: Vec<(InvoiceLineId, ItemId)>,
) -> Result<Vec<(InvoiceLineId, ItemId)>, Error> {
    let mut open: BTreeMap<RoundId, bool> = BTreeMap::new();
    let mut kept = Vec::with_capacity(wanted.len());
    for (line, item) in wanted {
        let round = items::find(tx, item).await?.round;
        let is_open = match open.get(&round) {
            Some(known) => *known,
            None => {
                rounds::find(tx, round).await?.state == RoundState::Open
                    || declarations::awaited(tx, [round], tx.now()).await? > 0
            }
        };
        open.insert(round, is_open);
        if !is_open {
            kept.push((line, item));
        }
    }
    Ok(kept)
}

/// The members set aside when the contract of the invoice was prepared: nothing was bought for
/// them.
async fn left_out(tx: &Tx, invoice: &Invoice) -> Result<Vec<OrganisationId>, Error> {
    let Some(contract) = invoice.contract else {
        return Ok(Vec::new());
    };
    let Some(award) = contracts::find(tx, contract).await?.award else {
        return Ok(Vec::new());
    };
    let procedure = awards::find(tx, award).await?.procedure;
    let aside = procedures::find(tx, procedure).await?.aside;
    Ok(aside.into_iter().map(|aside| aside.member).collect())
}

/// What members transmitted for the items of the invoice is what they received, until corrected.
///
/// A round opened again says nothing yet: its quantities still move, and are typed by hand.
pub(super) async fn prefill(app: &App, tx: &Tx, invoice: &Invoice) -> Result<(), Error> {
    let by_delivery = |line: &&InvoiceLine| line.rule == LineRule::Delivered;
    let wanted: Vec<(InvoiceLineId, ItemId)> = invoice
        .lines
        .iter()
        .filter(by_delivery)
        .filter_map(|line| Some((line.id, line.item?)))
        .collect();
    let wanted = of_closed_rounds(tx, wanted).await?;
    if wanted.is_empty() {
        return Ok(());
    }
    let items: Vec<ItemId> = wanted.iter().map(|(_, item)| *item).collect();
    let transmitted = delivered::transmitted(tx, &items).await?;
    let mut members: BTreeSet<OrganisationId> = receivers(tx, invoice)
        .await?
        .into_iter()
        .map(|participant| participant.organisation.id)
        .collect();
    for member in left_out(tx, invoice).await? {
        members.remove(&member);
    }
    let mut quantities = Delivered::new();
    for (line, item) in wanted {
        for ((of, payer), quantity) in &transmitted {
            if *of == item && !quantity.is_zero() && members.contains(&payer.member) {
                quantities.insert((line, *payer), *quantity);
            }
        }
    }
    let new_id = || app.clock.new_id();
    Ok(delivered::replace(tx, invoice, &quantities, delivered::FROM_NEEDS, new_id).await?)
}

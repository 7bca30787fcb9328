//! The book of money: what a split makes each member owe, and what is asked of them.
use std::collections::{BTreeMap, BTreeSet};

use chrono::Datelike;
use domain::{
    identity::{AllocationId, InvoiceId, RecoveryOrderId},
    money::Cents,
    purchasing::{
        entry::{self, Balance, Entry, EntryKind, EntrySource},
        grouping::{Grouping, Regime},
        invoice::Invoice,
        payer::Payer,
        recovery::{RecoveryOrder, RecoveryState, Settlement, order_number, settle},
        run::AllocationRun,
        statement::Statement,
    },
};

use super::corrections::propose;
use crate::{
    actions::{App, Error, organisations::today_of},
    store::{
        Tx, View, entries,
        purchasing::{allocations, corrections, invoices, recovery as rows, statements},
    },
};

/// Whether a split of this invoice leads to recovery orders.
pub(super) fn recovers(grouping: &Grouping, invoice: &Invoice) -> bool {
    let pays_all = match grouping.regime {
        Regime::CoordinatorPays => true,
        Regime::EachSigns | Regime::CoordinatorSigns | Regime::Intermediary => false,
    };
    pays_all || invoice.contract.is_none()
}

/// Books what a split makes each member owe, asks what reaches the collection floor, and proposes
/// to give back what was asked too much.
pub(super) async fn book(
    app: &App,
    tx: &Tx,
    grouping: &Grouping,
    invoice: &Invoice,
    run: &AllocationRun,
    previous: Option<&AllocationRun>,
    made: &[Statement],
) -> Result<(), Error> {
    if !recovers(grouping, invoice) {
        return Ok(());
    }
    let mut book = Vec::new();
    let mut touched: BTreeSet<Payer> = made.iter().map(Statement::payer).collect();
    if let Some(previous) = previous {
        for statement in statements::of_run(tx, previous.id).await? {
            touched.insert(statement.payer());
            let back = statement.total.gross.checked_neg()?;
            let source = EntrySource::Allocation(previous.id);
            let kind = EntryKind::Reversal;
            book.push(line_of_book(
                app,
                tx,
                grouping,
                statement.payer(),
                kind,
                back,
                source,
            ));
        }
    }
    for statement in made {
        let (payer, gross) = (statement.payer(), statement.total.gross);
        let source = EntrySource::Allocation(run.id);
        book.push(line_of_book(
            app,
            tx,
            grouping,
            payer,
            EntryKind::Due,
            gross,
            source,
        ));
    }
    entries::append(tx, &book).await?;
    // A credit note lowers what is asked but not issued yet, as a new split does.
    if previous.is_some() || invoice.credited.is_some() {
        withdraw(app, tx, grouping, &touched).await?;
    }
    ask(app, tx, grouping, &touched).await?;
    propose(app, tx, grouping, &touched, Some(run.id)).await
}

/// Orders that the finance software has not taken yet are made again from the new figures.
async fn withdraw(
    app: &App,
    tx: &Tx,
    grouping: &Grouping,
    touched: &BTreeSet<Payer>,
) -> Result<(), Error> {
    let today = today_of(tx, grouping.owner).await?;
    let mut book = Vec::new();
    for mut order in rows::lock_to_issue(tx, grouping.owner, grouping.id).await? {
        if touched.contains(&order.payer()) {
            let left = order.cancel(today)?;
            rows::save(tx, &order).await?;
            let source = EntrySource::RecoveryOrder(order.id);
            let (payer, kind) = (order.payer(), EntryKind::Released);
            book.push(line_of_book(app, tx, grouping, payer, kind, left, source));
        }
    }
    Ok(entries::append(tx, &book).await?)
}

/// One order for each member whose balance reaches the floor; smaller ones wait for the next.
async fn ask(
    app: &App,
    tx: &Tx,
    grouping: &Grouping,
    touched: &BTreeSet<Payer>,
) -> Result<(), Error> {
    let floor = Cents(app.settings.money.collection_floor_cents);
    let balances = balances(tx, grouping).await?;
    let pending = pending_sources(tx, grouping).await?;
    let waiting = pending.values().flatten().copied();
    let credited = invoices::credited(tx, waiting).await?;
    let mut count = statements::orders_this_year(tx, grouping.owner).await?;
    let (mut orders, mut book) = (Vec::new(), Vec::new());
    for payer in touched
        .iter()
        .filter(|payer| payer.member != grouping.owner)
    {
        let balance = balances.get(payer).cloned().unwrap_or_default();
        let Settlement::Ask(cents) = settle(balance.askable()?, floor) else {
            continue;
        };
        let asked = balance.invoices()?;
        let mut sources = pending.get(payer).cloned().unwrap_or_default();
        sources.retain(|invoice| asked.contains(credited.get(invoice).unwrap_or(invoice)));
        count = count.saturating_add(1);
        let order = RecoveryOrder {
            id: RecoveryOrderId(app.clock.new_id()),
            owner: grouping.owner,
            grouping: grouping.id,
            member: payer.member,
            budget: payer.budget,
            number: order_number(tx.now().year(), count),
            state: RecoveryState::ToIssue,
            cents,
            sources,
            titre: None,
            reduced: Cents::ZERO,
            created_at: tx.now(),
            version: 0,
        };
        let source = EntrySource::RecoveryOrder(order.id);
        let asked = cents.checked_neg()?;
        book.push(line_of_book(
            app,
            tx,
            grouping,
            *payer,
            EntryKind::Asked,
            asked,
            source,
        ));
        orders.push(order);
    }
    rows::insert(tx, &orders).await?;
    Ok(entries::append(tx, &book).await?)
}

/// What each payer of a grouping owes, what is not asked again and what is to be given back.
pub(super) async fn balances(
    view: &View,
    grouping: &Grouping,
) -> Result<BTreeMap<Payer, Balance>, Error> {
    let book = entries::list_of_grouping(view, grouping.owner, grouping.id).await?;
    balances_of(view, grouping, &book).await
}

/// The same, from some lines of the book of a grouping, oldest first.
pub(super) async fn balances_of(
    view: &View,
    grouping: &Grouping,
    book: &[Entry],
) -> Result<BTreeMap<Payer, Balance>, Error> {
    let issued = issued(view, book).await?;
    let families = families(view, book, None).await?;
    let paid = corrections::list_of_grouping(view, grouping.owner, grouping.id).await?;
    let paid: BTreeMap<_, _> = paid.into_iter().map(|one| (one.id, one.parts)).collect();
    Ok(entry::balances(
        book,
        |order| issued.contains(&order),
        |run| families.get(&run).copied(),
        |correction| paid.get(&correction).cloned().unwrap_or_default(),
    )?)
}

/// The invoice of each run, or the one that it credits: what is owed and given back together.
pub(super) async fn families(
    view: &View,
    book: &[Entry],
    run: Option<AllocationId>,
) -> Result<BTreeMap<AllocationId, InvoiceId>, Error> {
    let runs = book.iter().filter_map(|entry| match entry.source {
        EntrySource::Allocation(run) => Some(run),
        EntrySource::RecoveryOrder(_) | EntrySource::Correction(_) => None,
    });
    let runs: BTreeSet<AllocationId> = runs.chain(run).collect();
    let runs = allocations::find_all(view, runs).await?;
    let credited = invoices::credited(view, runs.values().map(|run| run.invoice)).await?;
    let family = |run: &AllocationRun| *credited.get(&run.invoice).unwrap_or(&run.invoice);
    Ok(runs.iter().map(|(id, run)| (*id, family(run))).collect())
}

/// The orders of a book that became a titre.
async fn issued(view: &View, book: &[Entry]) -> Result<BTreeSet<RecoveryOrderId>, Error> {
    let released = book.iter().filter_map(|entry| match entry.source {
        EntrySource::RecoveryOrder(order) if entry.kind == EntryKind::Released => Some(order),
        EntrySource::RecoveryOrder(_) | EntrySource::Allocation(_) | EntrySource::Correction(_) => {
            None
        }
    });
    let orders = rows::find_all(view, released).await?.into_iter();
    Ok(orders
        .filter(|order| order.titre.is_some())
        .map(|order| order.id)
        .collect())
}

/// The invoices whose shares each payer was not asked for yet, oldest first.
async fn pending_sources(
    view: &View,
    grouping: &Grouping,
) -> Result<BTreeMap<Payer, Vec<InvoiceId>>, Error> {
    let mut runs: BTreeMap<Payer, Vec<AllocationId>> = BTreeMap::new();
    let mut asked: BTreeMap<RecoveryOrderId, Vec<AllocationId>> = BTreeMap::new();
    let book = entries::list_of_grouping(view, grouping.owner, grouping.id).await?;
    let issued = issued(view, &book).await?;
    for entry in book {
        let waiting = runs.entry(entry.payer()).or_default();
        match (entry.kind, entry.source) {
            (EntryKind::Due, EntrySource::Allocation(run)) => waiting.push(run),
            (EntryKind::Reversal, EntrySource::Allocation(run)) => waiting.retain(|r| *r != run),
            (EntryKind::Asked, EntrySource::RecoveryOrder(order)) => {
                asked.insert(order, std::mem::take(waiting));
            }
            // What was taken off a titre is not asked again by the next order.
            (EntryKind::Released, EntrySource::RecoveryOrder(order)) if issued.contains(&order) => {
            }
            (EntryKind::Released, EntrySource::RecoveryOrder(order)) => {
                // What a withdrawn order asked for waits again, unless reversed meanwhile.
                let back = asked.remove(&order).unwrap_or_default();
                waiting.splice(0..0, back);
            }
            // Nor is what was paid back.
            (EntryKind::PaidBack, _) | (_, EntrySource::Correction(_)) => {}
            (EntryKind::Due | EntryKind::Reversal, EntrySource::RecoveryOrder(_))
            | (EntryKind::Asked | EntryKind::Released, EntrySource::Allocation(_)) => {}
        }
    }
    let known = allocations::find_all(view, runs.values().flatten().copied()).await?;
    let latest = allocations::latest_runs(view, known.values().map(|run| run.invoice)).await?;
    let invoices_of = |runs: Vec<AllocationId>| {
        let mut seen = Vec::new();
        for run in runs.iter().filter_map(|id| known.get(id)) {
            let counts = latest.get(&run.invoice) == Some(&run.run);
            if counts && !seen.contains(&run.invoice) {
                seen.push(run.invoice);
            }
        }
        seen
    };
    let lists = runs
        .into_iter()
        .map(|(payer, runs)| (payer, invoices_of(runs)));
    Ok(lists.collect())
}

pub(super) fn line_of_book(
    app: &App,
    tx: &Tx,
    grouping: &Grouping,
    payer: Payer,
    kind: EntryKind,
    cents: Cents,
    source: EntrySource,
) -> Entry {
    Entry {
        id: app.clock.new_id(),
        owner: grouping.owner,
        grouping: grouping.id,
        member: payer.member,
        budget: payer.budget,
        kind,
        cents,
        source,
        at: tx.now(),
    }
}

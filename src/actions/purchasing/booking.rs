//! The book of money: what a split makes each member owe, and what is asked of them.
use std::collections::{BTreeMap, BTreeSet};

use chrono::Datelike;
use chrono_tz::Europe::Paris;
use domain::{
    identity::{AllocationId, InvoiceId, OrganisationId, RecoveryOrderId},
    money::Cents,
    purchasing::{
        entry::{Entry, EntryKind, EntrySource},
        grouping::{Grouping, Regime},
        invoice::Invoice,
        recovery::{RecoveryOrder, RecoveryState, Settlement, order_number, settle},
        run::AllocationRun,
        statement::Statement,
    },
};

use crate::{
    actions::{App, Error},
    store::{
        Tx, View, entries,
        purchasing::{allocations, recovery as rows, statements},
    },
};

/// Whether a split of this invoice leads to recovery orders.
fn recovers(grouping: &Grouping, invoice: &Invoice) -> bool {
    let pays_all = match grouping.regime {
        Regime::CoordinatorPays => true,
        Regime::EachSigns | Regime::CoordinatorSigns | Regime::Intermediary => false,
    };
    pays_all || invoice.contract.is_none()
}

/// Books what a split makes each member owe, and asks what reaches the collection floor.
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
    let mut touched: BTreeSet<OrganisationId> = made.iter().map(|s| s.member).collect();
    if let Some(previous) = previous {
        for statement in statements::of_run(tx, previous.id).await? {
            touched.insert(statement.member);
            let back = statement.total.gross.checked_neg()?;
            let source = EntrySource::Allocation(previous.id);
            let kind = EntryKind::Reversal;
            book.push(entry(
                app,
                tx,
                grouping,
                statement.member,
                kind,
                back,
                source,
            ));
        }
    }
    for statement in made {
        let (member, gross) = (statement.member, statement.total.gross);
        let source = EntrySource::Allocation(run.id);
        book.push(entry(
            app,
            tx,
            grouping,
            member,
            EntryKind::Due,
            gross,
            source,
        ));
    }
    entries::append(tx, &book).await?;
    if previous.is_some() {
        withdraw(app, tx, grouping, &touched).await?;
    }
    ask(app, tx, grouping, &touched).await
}

/// Orders that the finance software has not taken yet are made again from the new figures.
async fn withdraw(
    app: &App,
    tx: &Tx,
    grouping: &Grouping,
    touched: &BTreeSet<OrganisationId>,
) -> Result<(), Error> {
    let today = tx.now().with_timezone(&Paris).date_naive();
    let mut book = Vec::new();
    for mut order in rows::lock_to_issue(tx, grouping.owner, grouping.id).await? {
        if touched.contains(&order.member) {
            let left = order.cancel(today)?;
            rows::save(tx, &order).await?;
            let source = EntrySource::RecoveryOrder(order.id);
            let (member, kind) = (order.member, EntryKind::Released);
            book.push(entry(app, tx, grouping, member, kind, left, source));
        }
    }
    Ok(entries::append(tx, &book).await?)
}

/// One order for each member whose balance reaches the floor; smaller ones wait for the next.
async fn ask(
    app: &App,
    tx: &Tx,
    grouping: &Grouping,
    touched: &BTreeSet<OrganisationId>,
) -> Result<(), Error> {
    let floor = Cents(app.settings.money.collection_floor_cents);
    let balances = entries::balances(tx, grouping.owner, grouping.id).await?;
    let pending = pending_sources(tx, grouping).await?;
    let mut count = statements::orders_this_year(tx, grouping.owner).await?;
    let (mut orders, mut book) = (Vec::new(), Vec::new());
    for member in touched.iter().filter(|member| **member != grouping.owner) {
        let balance = balances.get(member).copied().unwrap_or_default();
        let Settlement::Ask(cents) = settle(balance, floor) else {
            continue;
        };
        count = count.saturating_add(1);
        let order = RecoveryOrder {
            id: RecoveryOrderId(app.clock.new_id()),
            owner: grouping.owner,
            grouping: grouping.id,
            member: *member,
            budget: None,
            number: order_number(tx.now().year(), count),
            state: RecoveryState::ToIssue,
            cents,
            sources: pending.get(member).cloned().unwrap_or_default(),
            titre: None,
            reduced: Cents::ZERO,
            created_at: tx.now(),
            version: 0,
        };
        let source = EntrySource::RecoveryOrder(order.id);
        let asked = cents.checked_neg()?;
        book.push(entry(
            app,
            tx,
            grouping,
            *member,
            EntryKind::Asked,
            asked,
            source,
        ));
        orders.push(order);
    }
    rows::insert(tx, &orders).await?;
    Ok(entries::append(tx, &book).await?)
}

/// The invoices whose shares each member was not asked for yet, oldest first.
async fn pending_sources(
    view: &View,
    grouping: &Grouping,
) -> Result<BTreeMap<OrganisationId, Vec<InvoiceId>>, Error> {
    let mut runs: BTreeMap<OrganisationId, Vec<AllocationId>> = BTreeMap::new();
    let mut asked: BTreeMap<RecoveryOrderId, Vec<AllocationId>> = BTreeMap::new();
    for entry in entries::list_of_grouping(view, grouping.owner, grouping.id).await? {
        let waiting = runs.entry(entry.member).or_default();
        match (entry.kind, entry.source) {
            (EntryKind::Due, EntrySource::Allocation(run)) => waiting.push(run),
            (EntryKind::Reversal, EntrySource::Allocation(run)) => waiting.retain(|r| *r != run),
            (EntryKind::Asked, EntrySource::RecoveryOrder(order)) => {
                asked.insert(order, std::mem::take(waiting));
            }
            (EntryKind::Released, EntrySource::RecoveryOrder(order)) => {
                // What a withdrawn order asked for waits again, unless reversed meanwhile.
                let back = asked.remove(&order).unwrap_or_default();
                waiting.splice(0..0, back);
            }
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
        .map(|(member, runs)| (member, invoices_of(runs)));
    Ok(lists.collect())
}

pub(super) fn entry(
    app: &App,
    tx: &Tx,
    grouping: &Grouping,
    member: OrganisationId,
    kind: EntryKind,
    cents: Cents,
    source: EntrySource,
) -> Entry {
    Entry {
        id: app.clock.new_id(),
        owner: grouping.owner,
        grouping: grouping.id,
        member,
        budget: None,
        kind,
        cents,
        source,
        at: tx.now(),
    }
}

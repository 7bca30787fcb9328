//! Recovery orders: booked with each split, handed to the finance software, corrected.
use std::collections::BTreeMap;

use domain::{
    identity::{GroupingId, OrganisationId, RecoveryOrderId},
    money::Cents,
    notice::{Notice, NoticeKind, Recipient},
    permission::Right,
    purchasing::{
        correction::CorrectionState,
        entry::{EntryKind, EntrySource},
        grouping::Grouping,
        payer::Payer,
        recovery::{RecoveryError, RecoveryOrder, RecoveryState, Settlement, Titre, settle},
    },
};
use serde_json::json;
use uuid::Uuid;

use super::{
    booking::{self, line_of_book},
    corrections::propose,
    payers,
};
use crate::{
    actions::{Actor, App, Error, organisations::today_of},
    store::{
        Begun, Line, Scope, Tx, View, entries, outbox,
        purchasing::{corrections, groupings, invoices, recovery as rows, statements},
    },
};

/// One order of a list, with the names people read.
#[derive(Clone, Debug)]
pub struct Listed {
    pub order: RecoveryOrder,
    pub member: String,
    /// The SIREN; the SIRET of a budget besides the main one.
    pub member_siren: Option<String>,
    pub grouping: String,
    /// The numbers of the invoices asked for.
    pub invoices: Vec<String>,
}

/// What is kept for later, or to be given back.
#[derive(Clone, Debug)]
pub struct Kept {
    pub member: String,
    pub grouping: String,
    pub settlement: Settlement,
}

/// Records the numbers that the finance software gave.
///
/// # Errors
/// Refused unless the order is to issue; [`Error::Stale`] when `version` is not the present one.
pub async fn issue(
    app: &App,
    actor: &Actor,
    id: RecoveryOrderId,
    version: Option<i32>,
    titre: Titre,
) -> Result<RecoveryOrder, Error> {
    change(app, actor, id, version, "recovery.issue", |order, _| {
        order.issue(titre)?;
        Ok(Cents::ZERO)
    })
    .await
}

/// Asks less, in the same budget year.
///
/// # Errors
/// Refused in another year or beyond what is asked.
pub async fn reduce(
    app: &App,
    actor: &Actor,
    id: RecoveryOrderId,
    version: Option<i32>,
    by: Cents,
) -> Result<RecoveryOrder, Error> {
    let rule = |order: &mut RecoveryOrder, today| Ok(order.reduce(by, today)?);
    change(app, actor, id, version, "recovery.reduce", rule).await
}

/// Asks nothing any more.
///
/// # Errors
/// Refused in another year.
pub async fn cancel(
    app: &App,
    actor: &Actor,
    id: RecoveryOrderId,
    version: Option<i32>,
) -> Result<RecoveryOrder, Error> {
    let rule = |order: &mut RecoveryOrder, today| Ok(order.cancel(today)?);
    change(app, actor, id, version, "recovery.cancel", rule).await
}

async fn change(
    app: &App,
    actor: &Actor,
    id: RecoveryOrderId,
    version: Option<i32>,
    action: &'static str,
    rule: impl FnOnce(&mut RecoveryOrder, chrono::NaiveDate) -> Result<Cents, Error>,
) -> Result<RecoveryOrder, Error> {
    let seen = find(app, actor, id).await?;
    actor.require_of_seen(Right::RunAllocations, seen.owner)?;
    let Begun::Fresh(tx) = app.begin(actor, action).await? else {
        return find(app, actor, id).await;
    };
    statements::lock_numbers(&tx, seen.owner).await?;
    let mut order = rows::lock(&tx, id).await?;
    if version.is_some_and(|version| version != order.version) {
        return Err(Error::Stale);
    }
    let today = today_of(&tx, order.owner).await?;
    let before = order.state;
    let released = rule(&mut order, today)?;
    let is_issued = before == RecoveryState::ToIssue && order.state == RecoveryState::Issued;
    if is_issued {
        check_titre(&tx, &order).await?;
    }
    release(app, &tx, &order, released).await?;
    if is_issued {
        tell_member(app, &tx, &order).await?;
    }
    if !released.is_zero() {
        let grouping = groupings::find(&tx, order.grouping).await?;
        propose(app, &tx, &grouping, &[order.payer()].into(), None).await?;
    }
    let facts = json!({ "number": order.number, "left": order.left() });
    let line = Line::about(Scope::Grouping(order.grouping), "recovery_order", id.0);
    tx.commit(line.saying(facts)).await?;
    order.version += 1;
    Ok(order)
}

/// Saves an order, and books what it asks no more.
pub(super) async fn release(
    app: &App,
    tx: &Tx,
    order: &RecoveryOrder,
    released: Cents,
) -> Result<(), Error> {
    rows::save(tx, order).await?;
    if released.is_zero() {
        return Ok(());
    }
    let grouping = groupings::find(tx, order.grouping).await?;
    let (kind, source) = (EntryKind::Released, EntrySource::RecoveryOrder(order.id));
    let entry = line_of_book(app, tx, &grouping, order.payer(), kind, released, source);
    Ok(entries::append(tx, &[entry]).await?)
}

/// Refuses who may not change an order; to its readers it is forbidden.
pub(in crate::actions) async fn check_splitter(
    view: &View,
    actor: &Actor,
    id: RecoveryOrderId,
) -> Result<(), Error> {
    let order = seen(view, actor, id).await?;
    actor.require_of_seen(Right::RunAllocations, order.owner)
}

/// Refuses a number that another titre of the same year has already.
async fn check_titre(tx: &Tx, order: &RecoveryOrder) -> Result<(), Error> {
    let Some(titre) = &order.titre else {
        return Ok(());
    };
    match rows::with_titre(tx, order.owner, titre, order.id).await? {
        None => Ok(()),
        Some(other) => Err(RecoveryError::TitreTaken {
            number: titre.number.clone(),
            order: other.number,
        }
        .into()),
    }
}

/// Queues the message that a titre exists: only then is anything payable.
async fn tell_member(app: &App, tx: &Tx, order: &RecoveryOrder) -> Result<(), Error> {
    let mut facts = BTreeMap::from([
        ("number", order.number.clone()),
        ("left", order.left().to_string()),
    ]);
    if let Some(titre) = &order.titre {
        facts.insert("titre", titre.number.clone());
        facts.insert("issued_on", titre.issued_on.to_string());
    }
    let notice = Notice {
        kind: NoticeKind::RecoveryOrderIssued,
        recipient: Recipient::Organisation(order.member),
        subject_kind: "recovery_order",
        subject_id: order.id.0,
        subject_version: order.version + 1,
        facts,
    };
    let id = app.clock.new_id();
    Ok(outbox::enqueue(tx, id, order.owner.0, &notice, tx.now()).await?)
}

/// One order that the actor may see: of its coordinator, or asked of its organisation.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn find(app: &App, actor: &Actor, id: RecoveryOrderId) -> Result<RecoveryOrder, Error> {
    let view = app.store.view().await?;
    seen(&view, actor, id).await
}

async fn seen(view: &View, actor: &Actor, id: RecoveryOrderId) -> Result<RecoveryOrder, Error> {
    let order = rows::find(view, id).await?;
    if !actor.may(Right::ReadStatements, order.member) {
        actor.require(Right::See, order.owner)?;
    }
    Ok(order)
}

/// What a list is narrowed to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// One coordinator; all those of the actor when absent.
    pub owner: Option<OrganisationId>,
    pub state: Option<RecoveryState>,
    pub grouping: Option<GroupingId>,
}

/// A numbered page of the orders of the actor's coordinators, and how many there are.
///
/// # Errors
/// Whatever the database says.
pub async fn page(
    app: &App,
    actor: &Actor,
    wanted: Wanted,
    skip: u64,
    limit: u64,
) -> Result<(Vec<Listed>, u64), Error> {
    let view = app.store.view().await?;
    let filter = filter(actor, wanted);
    let orders = rows::page(&view, &filter, skip, limit).await?;
    Ok((
        named(&view, orders).await?,
        rows::count(&view, &filter).await?,
    ))
}

/// The same, newest first, after the last one seen.
///
/// # Errors
/// Whatever the database says.
pub async fn list(
    app: &App,
    actor: &Actor,
    wanted: Wanted,
    after: Option<RecoveryOrderId>,
    limit: u64,
) -> Result<Vec<Listed>, Error> {
    let view = app.store.view().await?;
    let orders = rows::list(&view, &filter(actor, wanted), after, limit).await?;
    named(&view, orders).await
}

/// What each member owes under the floor, in the groupings of the actor.
///
/// What a member is owed is proposed as corrections; it stands here as long as it is not.
///
/// # Errors
/// Whatever the database says.
pub async fn kept(app: &App, actor: &Actor) -> Result<Vec<Kept>, Error> {
    let view = app.store.view().await?;
    let floor = Cents(app.settings.money.collection_floor_cents);
    let mut kept = Vec::new();
    for owner in actor.organisations_with(Right::See) {
        for grouping in groupings::list_of_owner(&view, owner).await? {
            let balances = booking::balances(&view, &grouping).await?;
            let names = payers::names(&view, balances.keys().copied()).await?;
            let proposed = proposed(&view, &grouping).await?;
            for (payer, name) in names.into_iter().filter(|(payer, _)| payer.member != owner) {
                let balance = balances.get(&payer).cloned().unwrap_or_default();
                let waiting = proposed.get(&payer).copied().unwrap_or_default();
                let back = waiting.checked_sub(balance.credit()?)?;
                for settlement in [settle(balance.askable()?, floor), settle(back, floor)] {
                    if settlement != Settlement::Settled {
                        kept.push(Kept {
                            member: name.name.clone(),
                            grouping: grouping.title.clone(),
                            settlement,
                        });
                    }
                }
            }
        }
    }
    Ok(kept)
}

/// What is proposed to be given back to each payer.
async fn proposed(view: &View, grouping: &Grouping) -> Result<BTreeMap<Payer, Cents>, Error> {
    let mut sums: BTreeMap<Payer, Cents> = BTreeMap::new();
    let known = corrections::list_of_grouping(view, grouping.owner, grouping.id).await?;
    for one in known
        .iter()
        .filter(|c| c.state == CorrectionState::Proposed)
    {
        let sum = sums.entry(one.payer()).or_default();
        *sum = sum.checked_add(one.cents)?;
    }
    Ok(sums)
}

fn filter(actor: &Actor, wanted: Wanted) -> rows::Filter {
    let owners = match wanted.owner {
        Some(owner) => Some(owner)
            .into_iter()
            .filter(|owner| actor.may(Right::See, *owner))
            .collect(),
        None => actor.organisations_with(Right::See).collect(),
    };
    rows::Filter {
        owners,
        grouping: wanted.grouping,
        member: None,
        state: wanted.state,
    }
}

async fn named(view: &View, orders: Vec<RecoveryOrder>) -> Result<Vec<Listed>, Error> {
    let members = payers::names(view, orders.iter().map(RecoveryOrder::payer)).await?;
    let titles = groupings::find_all(view, orders.iter().map(|o| o.grouping)).await?;
    let mut numbers: BTreeMap<Uuid, String> = BTreeMap::new();
    let mut listed = Vec::with_capacity(orders.len());
    for order in orders {
        let mut of = Vec::new();
        for id in &order.sources {
            let number = match numbers.get(&id.0) {
                Some(number) => number.clone(),
                None => invoices::find(view, *id).await?.number,
            };
            numbers.insert(id.0, number.clone());
            of.push(number);
        }
        let member = members.iter().find(|(payer, _)| *payer == order.payer());
        let grouping = titles.iter().find(|g| g.id == order.grouping);
        listed.push(Listed {
            member: member.map_or_else(String::new, |(_, name)| name.name.clone()),
            member_siren: member.and_then(|(_, name)| name.siret_or_siren.clone()),
            grouping: grouping.map_or_else(String::new, |g| g.title.clone()),
            invoices: of,
            order,
        });
    }
    Ok(listed)
}

/// One order with the names people read.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn show(app: &App, actor: &Actor, id: RecoveryOrderId) -> Result<Listed, Error> {
    let order = find(app, actor, id).await?;
    let view = app.store.view().await?;
    let listed = named(&view, vec![order]).await?.into_iter().next();
    listed.ok_or(Error::NotFound)
}

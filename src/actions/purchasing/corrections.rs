//! Corrections: what titres asked too much, proposed at once, then recorded with its piece.
use std::collections::BTreeMap;

use domain::{
    identity::{CorrectionId, GroupingId, InvoiceId, OrganisationId},
    money::Cents,
    permission::Right,
    purchasing::{
        correction::{Correction, CorrectionError, CorrectionKind, CorrectionState, Voucher},
        entry::{EntryKind, EntrySource},
        payer::Payer,
        recovery::RecoveryOrder,
    },
};
use serde_json::json;

use super::{booking::line_of_book, payers, recovery};
use crate::{
    actions::{
        Actor, App, Error,
        organisations::{day_at, today_of},
        same_version,
    },
    store::{
        Begun, Line, Scope, Tx, View, entries, organisations,
        purchasing::{
            allocations, corrections as rows, groupings, invoices, recovery as orders, statements,
        },
    },
};

mod proposing;

pub(super) use proposing::propose;

/// One correction of a list, with the names people read.
#[derive(Clone, Debug)]
pub struct Listed {
    pub correction: Correction,
    /// By which piece today: a titre of a closed year is no longer reduced.
    pub kind: CorrectionKind,
    pub member: String,
    /// The SIREN; the SIRET of a budget besides the main one.
    pub member_siren: Option<String>,
    pub grouping: String,
    /// The numbers of the invoices of which money goes back.
    pub invoices: Vec<String>,
    /// The invoice whose split led to it.
    pub source: InvoiceId,
    /// The demand that became the titre.
    pub order: Option<RecoveryOrder>,
}

/// Records the piece that the finance software made.
///
/// # Errors
/// Refused unless it waits, or in another budget year than that of its titre as long as that one
/// is open; [`Error::Stale`] when `version` is not the present one.
pub async fn record(
    app: &App,
    actor: &Actor,
    id: CorrectionId,
    version: Option<i32>,
    voucher: Voucher,
) -> Result<Correction, Error> {
    let change = async |tx: &Tx, one: &mut Correction, order: Option<RecoveryOrder>| {
        let today = today_of(tx, one.owner).await?;
        let issued_on = voucher.issued_on;
        let kind = one.record(voucher, today)?;
        check_voucher(tx, one).await?;
        match (kind, order) {
            (CorrectionKind::Reduction, Some(mut order)) => {
                let released = order.reduce(one.cents, issued_on)?;
                recovery::release(app, tx, &order, released).await
            }
            (CorrectionKind::Cancellation, Some(mut order)) => {
                let released = order.cancel(issued_on)?;
                recovery::release(app, tx, &order, released).await
            }
            (CorrectionKind::Payout, _) => pay_back(app, tx, one, one.cents).await,
            (CorrectionKind::Reduction | CorrectionKind::Cancellation, None) => {
                Err(Error::Internal(anyhow::anyhow!("{id} cites no titre")))
            }
        }
    };
    changed(app, actor, id, version, "correction.record", change).await
}

/// Takes back a payment that was recorded by mistake; it is proposed again.
///
/// # Errors
/// Refused unless it is a recorded payment; [`Error::Stale`] as for [`record`].
pub async fn undo(
    app: &App,
    actor: &Actor,
    id: CorrectionId,
    version: Option<i32>,
) -> Result<Correction, Error> {
    let change = async |tx: &Tx, one: &mut Correction, _: Option<RecoveryOrder>| {
        one.undo()?;
        pay_back(app, tx, one, one.cents.checked_neg()?).await
    };
    changed(app, actor, id, version, "correction.undo", change).await
}

async fn changed(
    app: &App,
    actor: &Actor,
    id: CorrectionId,
    version: Option<i32>,
    action: &'static str,
    rule: impl AsyncFnOnce(&Tx, &mut Correction, Option<RecoveryOrder>) -> Result<(), Error>,
) -> Result<Correction, Error> {
    let seen = find(app, actor, id).await?;
    actor.require_of_seen(Right::RunAllocations, seen.owner)?;
    let Begun::Fresh(tx) = app.begin(actor, action).await? else {
        return find(app, actor, id).await;
    };
    // The numbering first, then the order: as every other change of the book does.
    statements::lock_numbers(&tx, seen.owner).await?;
    let order = match &seen.cited {
        Some(cited) => Some(orders::lock(&tx, cited.order).await?),
        None => None,
    };
    let mut one = rows::lock(&tx, id).await?;
    same_version(version, one.version)?;
    rule(&tx, &mut one, order).await?;
    rows::save(&tx, &one).await?;
    let grouping = groupings::find(&tx, one.grouping).await?;
    propose(app, &tx, &grouping, &[one.payer()].into(), None).await?;
    let facts = json!({
        "number": one.number, "kind": one.kind.code(), "cents": one.cents,
        "voucher": one.voucher.as_ref().map(|voucher| &voucher.number),
    });
    let line = Line::about(Scope::Grouping(one.grouping), "correction", id.0);
    tx.commit(line.saying(facts)).await?;
    one.version += 1;
    Ok(one)
}

/// Books a payment to a member, or that it was not made.
async fn pay_back(app: &App, tx: &Tx, one: &Correction, cents: Cents) -> Result<(), Error> {
    let grouping = groupings::find(tx, one.grouping).await?;
    let (payer, kind) = (one.payer(), EntryKind::PaidBack);
    let source = EntrySource::Correction(one.id);
    let entry = line_of_book(app, tx, &grouping, payer, kind, cents, source);
    Ok(entries::append(tx, &[entry]).await?)
}

/// Refuses a piece that gave money back to another payer already.
async fn check_voucher(tx: &Tx, one: &Correction) -> Result<(), Error> {
    let Some(voucher) = &one.voucher else {
        return Ok(());
    };
    match rows::with_voucher(tx, one, voucher).await? {
        None => Ok(()),
        Some(other) => Err(CorrectionError::VoucherTaken {
            number: voucher.number.clone(),
            correction: other.number,
        }
        .into()),
    }
}

/// Refuses who may not record a correction; to its readers it is forbidden.
pub(in crate::actions) async fn check_splitter(
    view: &View,
    actor: &Actor,
    id: CorrectionId,
) -> Result<(), Error> {
    let one = seen(view, actor, id).await?;
    actor.require_of_seen(Right::RunAllocations, one.owner)
}

/// One correction that the actor may see: of its coordinator, or owed to its organisation.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn find(app: &App, actor: &Actor, id: CorrectionId) -> Result<Correction, Error> {
    let view = app.store.view().await?;
    seen(&view, actor, id).await
}

async fn seen(view: &View, actor: &Actor, id: CorrectionId) -> Result<Correction, Error> {
    let one = rows::find(view, id).await?;
    if !actor.may(Right::ReadStatements, one.member) {
        actor.require(Right::See, one.owner)?;
    }
    Ok(one)
}

/// What a list is narrowed to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// One coordinator; all those of the actor when absent.
    pub owner: Option<OrganisationId>,
    pub state: Option<CorrectionState>,
    pub grouping: Option<GroupingId>,
}

/// A numbered page of the corrections of the actor's coordinators, and how many there are.
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
    let found = rows::page(&view, &filter, skip, limit).await?;
    let count = rows::count(&view, &filter).await?;
    Ok((named(app, &view, found).await?, count))
}

/// The same, newest first, after the last one seen.
///
/// # Errors
/// Whatever the database says.
pub async fn list(
    app: &App,
    actor: &Actor,
    wanted: Wanted,
    after: Option<CorrectionId>,
    limit: u64,
) -> Result<Vec<Listed>, Error> {
    let view = app.store.view().await?;
    let found = rows::list(&view, &filter(actor, wanted), after, limit).await?;
    named(app, &view, found).await
}

/// One correction with the names people read.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn show(app: &App, actor: &Actor, id: CorrectionId) -> Result<Listed, Error> {
    let view = app.store.view().await?;
    let one = seen(&view, actor, id).await?;
    let listed = named(app, &view, vec![one]).await?.into_iter().next();
    listed.ok_or(Error::NotFound)
}

fn filter(actor: &Actor, wanted: Wanted) -> rows::Filter {
    let may_see = |owner: &OrganisationId| actor.may(Right::See, *owner);
    rows::Filter {
        owners: match wanted.owner {
            Some(owner) => Some(owner).into_iter().filter(may_see).collect(),
            None => actor.organisations_with(Right::See).collect(),
        },
        grouping: wanted.grouping,
        state: wanted.state,
    }
}

async fn named(app: &App, view: &View, found: Vec<Correction>) -> Result<Vec<Listed>, Error> {
    let members = payers::names(view, found.iter().map(Correction::payer)).await?;
    let members: BTreeMap<Payer, payers::Name> = members.into_iter().collect();
    let titles = groupings::find_all(view, found.iter().map(|one| one.grouping)).await?;
    let cited = found.iter().filter_map(|one| one.cited.as_ref());
    let cited = orders::find_all(view, cited.map(|cited| cited.order)).await?;
    let runs = allocations::find_all(view, found.iter().map(|one| one.source)).await?;
    let mut numbers: BTreeMap<InvoiceId, String> = BTreeMap::new();
    let owners = organisations::find_all(view, found.iter().map(|one| one.owner)).await?;
    let now = app.clock.now();
    let mut listed = Vec::with_capacity(found.len());
    for one in found {
        let mut of = Vec::new();
        for (id, _) in &one.parts {
            if !numbers.contains_key(id) {
                numbers.insert(*id, invoices::find(view, *id).await?.number);
            }
            of.extend(numbers.get(id).cloned());
        }
        let member = members.get(&one.payer()).cloned().unwrap_or_default();
        let grouping = titles.iter().find(|g| g.id == one.grouping);
        let owner = owners.iter().find(|owner| owner.id == one.owner);
        let order = one.cited.as_ref().map(|cited| cited.order);
        listed.push(Listed {
            kind: owner.map_or(one.kind, |owner| one.kind_on(day_at(now, owner))),
            member: member.name,
            member_siren: member.siret_or_siren,
            grouping: grouping.map_or_else(String::new, |g| g.title.clone()),
            invoices: of,
            source: runs.get(&one.source).ok_or(Error::NotFound)?.invoice,
            order: cited.iter().find(|o| Some(o.id) == order).cloned(),
            correction: one,
        });
    }
    Ok(listed)
}

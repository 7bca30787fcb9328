//! Invoices: recorded as printed, checked, with what each member received.
use chrono::{Days, NaiveDate};
use domain::{
    allocation::{TaxGroup, TaxTotal},
    identity::{
        ContractId, GroupingId, InvoiceId, InvoiceLineId, ItemId, LotId, OrganisationId, SupplierId,
    },
    money::{Cents, UnitPrice},
    permission::Right,
    purchasing::{
        contract::Contract,
        grouping::Grouping,
        invoice::{
            Invoice, InvoiceError, InvoiceKind, InvoiceLine, InvoiceState, LineRule, PrintedTotals,
            ServicePeriod,
        },
        invoice_check::Check,
        run::{AllocationRun, Delivered, Participant},
        supplier::Supplier,
    },
    quantity::Quantity,
};
use serde_json::json;
use uuid::Uuid;

use super::{deliveries, rules};
use crate::{
    actions::{Actor, App, Error, organisations::today_of},
    store::{
        Begun, Line, Scope, Tx, View,
        purchasing::{
            allocations, contracts, delivered, groupings, invoices as rows, items, keys,
            rules as voted, suppliers,
        },
    },
};

mod listing;

pub use listing::{Listed, Wanted, list, page};

/// An invoice as someone copies it from the paper.
#[derive(Clone, Debug)]
pub struct NewInvoice {
    pub grouping: GroupingId,
    pub contract: Option<ContractId>,
    pub supplier: SupplierId,
    pub kind: InvoiceKind,
    pub credited: Option<InvoiceId>,
    pub number: String,
    pub title: String,
    pub issued_on: NaiveDate,
    pub received_on: NaiveDate,
    pub service: Option<ServicePeriod>,
    pub printed: PrintedTotals,
    pub lines: Vec<NewLine>,
    pub taxes: Vec<TaxTotal>,
    /// Why the same number may come twice.
    pub duplicate_motive: Option<String>,
}

/// A line as someone copies it.
#[derive(Clone, Debug)]
pub struct NewLine {
    pub lot: Option<LotId>,
    pub item: Option<ItemId>,
    pub label: String,
    pub quantity: Option<Quantity>,
    pub unit_price: Option<UnitPrice>,
    pub net: Cents,
    pub tax: TaxGroup,
    /// None: what was agreed for its article, its lot or its grouping.
    pub rule: Option<LineRule>,
}

/// An invoice with everything its page shows.
#[derive(Clone, Debug)]
pub struct Overview {
    pub invoice: Invoice,
    pub supplier: Supplier,
    pub grouping: Grouping,
    pub contract: Option<Contract>,
    pub check: Check,
    /// Who may have received something of it, those who left since included.
    pub participants: Vec<Participant>,
    pub delivered: Delivered,
    /// The latest first.
    pub runs: Vec<AllocationRun>,
}

/// Records an invoice; the quantities that members transmitted are what was delivered, for now.
///
/// # Errors
/// Refused when empty, of the wrong sign, or a duplicate without a motive.
pub async fn record(app: &App, actor: &Actor, mut new: NewInvoice) -> Result<Invoice, Error> {
    let owner = {
        let view = app.store.view().await?;
        groupings::find(&view, new.grouping).await?.owner
    };
    actor.require(Right::RunAllocations, owner)?;
    let tx = match app.begin(actor, "invoice.record").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(done) => return again(app, done.subject_id).await,
    };
    let grouping = groupings::hold(&tx, new.grouping).await?;
    let supplier = fitting(&tx, &grouping, &mut new).await?;
    let id = InvoiceId(app.clock.new_id());
    let mut invoice = typed(app, id, &grouping, supplier.id, new, tx.now())?;
    admit(&tx, &mut invoice).await?;
    rows::insert(&tx, &invoice, &supplier.name, || app.clock.new_id()).await?;
    deliveries::prefill(app, &tx, &invoice).await?;
    tx.commit(line(&invoice)).await?;
    tracing::info!(invoice.id = %invoice.id, "Recorded an invoice");
    Ok(invoice)
}

/// Types an invoice again, before it is split.
///
/// # Errors
/// Refused once it is split; [`Error::Stale`] when `version` is not the present one.
pub async fn edit(
    app: &App,
    actor: &Actor,
    id: InvoiceId,
    version: Option<i32>,
    mut new: NewInvoice,
) -> Result<Invoice, Error> {
    owner_of(app, actor, id).await?;
    let tx = match app.begin(actor, "invoice.edit").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(done) => return again(app, done.subject_id).await,
    };
    let mut before = rows::lock(&tx, id).await?;
    if version.is_some_and(|version| version != before.version) {
        return Err(Error::Stale);
    }
    before.edit()?;
    let grouping = groupings::hold(&tx, before.grouping).await?;
    if new.grouping != grouping.id {
        return Err(InvoiceError::NotOfGrouping.into());
    }
    let supplier = fitting(&tx, &grouping, &mut new).await?;
    let mut invoice = typed(app, id, &grouping, supplier.id, new, before.created_at)?;
    invoice.version = before.version;
    admit(&tx, &mut invoice).await?;
    let nothing = Delivered::new();
    let new_id = || app.clock.new_id();
    delivered::replace(&tx, &invoice, &nothing, delivered::TYPED, new_id).await?;
    rows::save(&tx, &invoice, &supplier.name).await?;
    rows::replace_lines(&tx, &invoice, new_id).await?;
    deliveries::prefill(app, &tx, &invoice).await?;
    tx.commit(line(&invoice)).await?;
    find(app, actor, id).await
}

/// Accepts an invoice whose figures agree to the cent.
///
/// # Errors
/// Refused with every gap otherwise.
pub async fn check(app: &App, actor: &Actor, id: InvoiceId) -> Result<Invoice, Error> {
    owner_of(app, actor, id).await?;
    let tx = match app.begin(actor, "invoice.check").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(done) => return again(app, done.subject_id).await,
    };
    let mut invoice = rows::lock(&tx, id).await?;
    let supplier = suppliers::find(&tx, invoice.supplier).await?;
    invoice.accept(tx.now())?;
    rows::save(&tx, &invoice, &supplier.name).await?;
    tx.commit(line(&invoice)).await?;
    invoice.version += 1;
    Ok(invoice)
}

/// One invoice of a coordinator that the actor may see.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn find(app: &App, actor: &Actor, id: InvoiceId) -> Result<Invoice, Error> {
    let view = app.store.view().await?;
    let invoice = rows::find(&view, id).await?;
    actor.require(Right::See, invoice.owner)?;
    Ok(invoice)
}

/// The same with everything its page shows.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn overview(app: &App, actor: &Actor, id: InvoiceId) -> Result<Overview, Error> {
    let view = app.store.view().await?;
    let invoice = rows::find(&view, id).await?;
    actor.require(Right::See, invoice.owner)?;
    let check = invoice.check()?;
    Ok(Overview {
        supplier: suppliers::find(&view, invoice.supplier).await?,
        grouping: groupings::find(&view, invoice.grouping).await?,
        contract: match invoice.contract {
            Some(id) => Some(contracts::find(&view, id).await?),
            None => None,
        },
        participants: deliveries::receivers(&view, &invoice).await?,
        delivered: delivered::of(&view, id).await?,
        runs: allocations::runs_of(&view, id).await?,
        check,
        invoice,
    })
}

/// Refuses who may not change an invoice.
pub(in crate::actions) async fn check_splitter(
    view: &View,
    actor: &Actor,
    id: InvoiceId,
) -> Result<(), Error> {
    let owner = rows::find(view, id).await?.owner;
    actor.require(Right::RunAllocations, owner)
}

/// Whether the actor may change the invoices of its coordinator.
pub(super) async fn owner_of(
    app: &App,
    actor: &Actor,
    id: InvoiceId,
) -> Result<OrganisationId, Error> {
    let view = app.store.view().await?;
    let owner = rows::find(&view, id).await?.owner;
    actor.require(Right::RunAllocations, owner)?;
    Ok(owner)
}

pub(super) async fn again(app: &App, subject: Option<Uuid>) -> Result<Invoice, Error> {
    let view = app.store.view().await?;
    let id = subject.ok_or(Error::NotFound)?;
    Ok(rows::find(&view, InvoiceId(id)).await?)
}

/// The supplier, once all that the invoice names is known to be of the grouping.
///
/// A line that says no rule takes the one that was agreed.
async fn fitting(tx: &Tx, grouping: &Grouping, new: &mut NewInvoice) -> Result<Supplier, Error> {
    let supplier = suppliers::find(tx, new.supplier).await?;
    let mut fits = supplier.owner == grouping.owner;
    if let Some(id) = new.contract {
        let contract = contracts::hold(tx, id).await?;
        fits &= contract.grouping == grouping.id && contract.supplier == supplier.id;
    }
    if let Some(id) = new.credited {
        let credited = rows::find(tx, id).await?;
        fits &= credited.grouping == grouping.id && credited.supplier == supplier.id;
    }
    for (position, line) in (1..).zip(&mut new.lines) {
        if let Some(id) = line.item {
            fits &= items::find(tx, id).await?.owner == grouping.owner;
        }
        let rule = match line.rule.take() {
            Some(rule) => rule,
            None => {
                let of = (line.lot, line.item);
                let rule = rules::agreed(tx, grouping.id, of, new.issued_on).await?;
                LineRule::Rule(rule.ok_or(InvoiceError::RuleMissing { position })?)
            }
        };
        if let Some(id) = rule.key() {
            fits &= keys::find(tx, id).await?.grouping == grouping.id;
        }
        if let Some(id) = rule.voted() {
            let rule = voted::find(tx, id).await?;
            fits &= rule.grouping == grouping.id;
            rule.admit_on(new.issued_on)?;
        }
        line.rule = Some(rule);
    }
    if fits {
        Ok(supplier)
    } else {
        Err(InvoiceError::NotOfGrouping.into())
    }
}

/// Compares an invoice with those already there: its number, and what it credits.
async fn admit(tx: &Tx, invoice: &mut Invoice) -> Result<(), Error> {
    invoice.admit_on(today_of(tx, invoice.owner).await?)?;
    invoice.admit_beside(rows::count_same(tx, invoice).await?)?;
    if let Some(id) = invoice.credited {
        // Locked: two credit notes at once must not give the same money back.
        let credited = rows::lock(tx, id).await?;
        let others = rows::credits_of(tx, id, invoice.id).await?;
        invoice.admit_credit(&credited, others)?;
    }
    Ok(())
}

fn typed(
    app: &App,
    id: InvoiceId,
    grouping: &Grouping,
    supplier: SupplierId,
    new: NewInvoice,
    created_at: chrono::DateTime<chrono::Utc>,
) -> Result<Invoice, Error> {
    let days = u64::try_from(app.settings.money.payment_days).unwrap_or_default();
    let due_on = new.received_on.checked_add_days(Days::new(days));
    let lines = (1..).zip(new.lines).map(|(position, line)| {
        Ok(InvoiceLine {
            id: InvoiceLineId(app.clock.new_id()),
            position,
            lot: line.lot,
            item: line.item,
            label: line.label,
            quantity: line.quantity,
            unit_price: line.unit_price,
            net: line.net,
            tax: line.tax,
            rule: line.rule.ok_or(InvoiceError::RuleMissing { position })?,
        })
    });
    let invoice = Invoice {
        id,
        owner: grouping.owner,
        grouping: grouping.id,
        contract: new.contract,
        supplier,
        kind: new.kind,
        credited: new.credited,
        number: new.number,
        title: new.title,
        issued_on: new.issued_on,
        received_on: new.received_on,
        due_on: due_on.unwrap_or(new.received_on),
        service: new.service,
        paid_on: None,
        printed: new.printed,
        lines: lines.collect::<Result<_, InvoiceError>>()?,
        taxes: new.taxes,
        state: InvoiceState::Received,
        duplicate_rank: 0,
        duplicate_motive: new.duplicate_motive,
        checked_at: None,
        created_at,
        version: 0,
    };
    invoice.admit()?;
    Ok(invoice)
}

pub(super) fn line(invoice: &Invoice) -> Line {
    let facts = json!({ "number": invoice.number, "gross": invoice.printed.gross });
    Line::about(Scope::Grouping(invoice.grouping), "invoice", invoice.id.0).saying(facts)
}

//! Invoices and credit notes as rows, with their lines and taxes.
use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::{
    identity::{ContractId, GroupingId, InvoiceId, OrganisationId, SupplierId},
    money::Cents,
    purchasing::invoice::{
        Invoice, InvoiceKind, InvoiceState, PrintedTotals, ServicePeriod, number_key,
    },
    text,
};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    Select,
};
use uuid::Uuid;

use super::invoice_lines;
use crate::store::{
    StoreError, Tx, View,
    organisations::read,
    rows::{invoice as row, supplier},
};

/// Which invoices a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Invoices of these coordinators.
    pub owners: Vec<OrganisationId>,
    pub grouping: Option<GroupingId>,
    pub contract: Option<ContractId>,
    /// Words that the number, the title or the supplier contain.
    pub words: String,
    pub state: Option<InvoiceState>,
    pub payment: Option<Paying>,
}

/// Where the payment of the invoices of a list stands; credit notes have none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paying {
    /// Not paid, whatever their last day.
    ToPay,
    /// Not paid on their last day.
    Late {
        today: NaiveDate,
    },
    Paid,
}

/// Finds one invoice.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn find(view: &View, id: InvoiceId) -> Result<Invoice, StoreError> {
    let found = row::Entity::find_by_id(id.0).one(&view.0).await?;
    one(view, found).await
}

/// Finds one invoice and keeps others from changing it: a transition follows.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn lock(tx: &Tx, id: InvoiceId) -> Result<Invoice, StoreError> {
    let found = row::Entity::find_by_id(id.0)
        .lock_exclusive()
        .one(&tx.0)
        .await?;
    one(tx, found).await
}

/// From the `skip`th, what a page with numbers shows: newest first; the nearest last day first
/// when they wait to be paid.
///
/// # Errors
/// Whatever the database says.
pub async fn page(
    view: &View,
    filter: &Filter,
    skip: u64,
    limit: u64,
) -> Result<Vec<Invoice>, StoreError> {
    let query = match filter.payment {
        Some(Paying::ToPay | Paying::Late { .. }) => filtered(filter)
            .order_by_asc(row::Column::DueOn)
            .order_by_asc(row::Column::Id),
        Some(Paying::Paid) | None => filtered(filter)
            .order_by_desc(row::Column::ReceivedOn)
            .order_by_desc(row::Column::Id),
    };
    all(view, query.offset(skip).limit(limit)).await
}

/// Newest first, after the last one seen: what the API shows.
///
/// # Errors
/// Whatever the database says.
pub async fn list(
    view: &View,
    filter: &Filter,
    after: Option<InvoiceId>,
    limit: u64,
) -> Result<Vec<Invoice>, StoreError> {
    let mut query = filtered(filter);
    if let Some(last) = after {
        query = query.filter(row::Column::Id.lt(last.0));
    }
    all(view, query.order_by_desc(row::Column::Id).limit(limit)).await
}

/// Invoices and credit notes of a coordinator received by a day, not paid by it, oldest first.
///
/// # Errors
/// Whatever the database says.
pub async fn unpaid_on(
    view: &View,
    owner: OrganisationId,
    day: NaiveDate,
) -> Result<Vec<Invoice>, StoreError> {
    let later = row::Column::PaidOn
        .is_null()
        .or(row::Column::PaidOn.gt(day));
    let query = row::Entity::find()
        .filter(row::Column::OwnerId.eq(owner.0))
        .filter(row::Column::ReceivedOn.lte(day))
        .filter(later)
        .order_by_asc(row::Column::ReceivedOn)
        .order_by_asc(row::Column::Id);
    all(view, query).await
}

/// How many the filter lets through.
///
/// # Errors
/// Whatever the database says.
pub async fn count(view: &View, filter: &Filter) -> Result<u64, StoreError> {
    Ok(filtered(filter).count(&view.0).await?)
}

/// How many invoices of the same supplier, by SIREN, bear this number in this year.
///
/// # Errors
/// Whatever the database says.
pub async fn count_same(view: &View, invoice: &Invoice) -> Result<i32, StoreError> {
    let own = supplier::Entity::find_by_id(invoice.supplier.0)
        .one(&view.0)
        .await?
        .ok_or(StoreError::NotFound)?;
    let suppliers: Vec<Uuid> = supplier::Entity::find()
        .filter(supplier::Column::OwnerId.eq(invoice.owner.0))
        .filter(supplier::Column::Siren.eq(own.siren))
        .select_only()
        .column(supplier::Column::Id)
        .into_tuple()
        .all(&view.0)
        .await?;
    let numbers: Vec<String> = row::Entity::find()
        .select_only()
        .column(row::Column::Number)
        .filter(row::Column::OwnerId.eq(invoice.owner.0))
        .filter(row::Column::SupplierId.is_in(suppliers))
        .filter(row::Column::IssueYear.eq(invoice.issue_year()))
        .filter(row::Column::Id.ne(invoice.id.0))
        .into_tuple()
        .all(&view.0)
        .await?;
    let own = number_key(&invoice.number);
    let same = numbers.iter().filter(|number| number_key(number) == own);
    Ok(i32::try_from(same.count()).unwrap_or(i32::MAX))
}

/// The invoice that each of these credits, for those that credit one.
///
/// # Errors
/// Whatever the database says.
pub async fn credited(
    view: &View,
    ids: impl IntoIterator<Item = InvoiceId>,
) -> Result<BTreeMap<InvoiceId, InvoiceId>, StoreError> {
    let ids: Vec<Uuid> = ids.into_iter().map(|id| id.0).collect();
    let mut found = BTreeMap::new();
    for some in ids.chunks(500) {
        let pairs: Vec<(Uuid, Uuid)> = row::Entity::find()
            .select_only()
            .columns([row::Column::Id, row::Column::CreditedInvoiceId])
            .filter(row::Column::Id.is_in(some.iter().copied()))
            .filter(row::Column::CreditedInvoiceId.is_not_null())
            .into_tuple()
            .all(&view.0)
            .await?;
        let pairs = pairs.into_iter();
        found.extend(pairs.map(|(id, of)| (InvoiceId(id), InvoiceId(of))));
    }
    Ok(found)
}

/// The totals of the credit notes of an invoice, but for one of them.
///
/// # Errors
/// Whatever the database says.
pub async fn credits_of(
    view: &View,
    credited: InvoiceId,
    but: InvoiceId,
) -> Result<Vec<Cents>, StoreError> {
    let totals: Vec<i64> = row::Entity::find()
        .select_only()
        .column(row::Column::GrossCents)
        .filter(row::Column::CreditedInvoiceId.eq(credited.0))
        .filter(row::Column::Id.ne(but.0))
        .into_tuple()
        .all(&view.0)
        .await?;
    Ok(totals.into_iter().map(Cents).collect())
}

/// Adds an invoice with its lines and taxes.
///
/// # Errors
/// [`StoreError::Taken`] when a rival recorded the same number meanwhile.
pub async fn insert(
    tx: &Tx,
    invoice: &Invoice,
    supplier_name: &str,
    new_id: impl FnMut() -> Uuid,
) -> Result<(), StoreError> {
    tx.insert(to_row(invoice, supplier_name)).await?;
    invoice_lines::insert(tx, invoice, new_id).await
}

/// Writes the head over the version that was read; lines stay.
///
/// # Errors
/// [`StoreError::Stale`] if it changed meanwhile.
pub async fn save(tx: &Tx, invoice: &Invoice, supplier_name: &str) -> Result<(), StoreError> {
    let mut row = to_row(invoice, supplier_name);
    row.version += 1;
    tx.update(row).await
}

/// Replaces lines and taxes of an invoice that is typed again.
///
/// # Errors
/// Whatever the database says.
pub async fn replace_lines(
    tx: &Tx,
    invoice: &Invoice,
    new_id: impl FnMut() -> Uuid,
) -> Result<(), StoreError> {
    invoice_lines::remove(tx, invoice.id).await?;
    invoice_lines::insert(tx, invoice, new_id).await
}

async fn one(view: &View, found: Option<row::Model>) -> Result<Invoice, StoreError> {
    let row = found.ok_or(StoreError::NotFound)?;
    let parts = invoice_lines::of(view, &[row.id]).await?;
    from_row(row, parts)
}

async fn all(view: &View, query: Select<row::Entity>) -> Result<Vec<Invoice>, StoreError> {
    let rows = query.all(&view.0).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut parts = invoice_lines::of(view, &ids).await?;
    let with_parts = rows.into_iter().map(|row| {
        let id = InvoiceId(row.id);
        let own = parts.remove(&id).unwrap_or_default();
        from_row(row, [(id, own)].into())
    });
    with_parts.collect()
}

fn filtered(filter: &Filter) -> Select<row::Entity> {
    let owners = filter.owners.iter().map(|id| id.0);
    let mut query = row::Entity::find().filter(row::Column::OwnerId.is_in(owners));
    if let Some(grouping) = filter.grouping {
        query = query.filter(row::Column::GroupingId.eq(grouping.0));
    }
    if let Some(contract) = filter.contract {
        query = query.filter(row::Column::ContractId.eq(contract.0));
    }
    for word in text::search_words(&filter.words) {
        query = query.filter(row::Column::SearchText.contains(word));
    }
    if let Some(state) = filter.state {
        query = query.filter(row::Column::State.eq(state.code()));
    }
    if let Some(payment) = filter.payment {
        query = query.filter(row::Column::Kind.eq(InvoiceKind::Invoice.code()));
        query = match payment {
            Paying::ToPay => query.filter(row::Column::PaidOn.is_null()),
            Paying::Late { today } => query
                .filter(row::Column::PaidOn.is_null())
                .filter(row::Column::DueOn.lt(today)),
            Paying::Paid => query.filter(row::Column::PaidOn.is_not_null()),
        };
    }
    query
}

fn to_row(i: &Invoice, supplier_name: &str) -> row::Model {
    row::Model {
        id: i.id.0,
        owner_id: i.owner.0,
        grouping_id: i.grouping.0,
        contract_id: i.contract.map(|id| id.0),
        supplier_id: i.supplier.0,
        kind: i.kind.code().to_owned(),
        credited_invoice_id: i.credited.map(|id| id.0),
        number: i.number.clone(),
        title: i.title.clone(),
        issued_on: i.issued_on,
        received_on: i.received_on,
        due_on: i.due_on,
        service_from: i.service.map(|period| period.from),
        service_to: i.service.map(|period| period.to),
        paid_on: i.paid_on,
        issue_year: i.issue_year(),
        net_cents: i.printed.net.0,
        tax_cents: i.printed.tax.0,
        gross_cents: i.printed.gross.0,
        state: i.state.code().to_owned(),
        duplicate_rank: i.duplicate_rank,
        duplicate_motive: i.duplicate_motive.clone(),
        checked_at: i.checked_at,
        created_at: i.created_at,
        search_text: i.search_text(supplier_name),
        version: i.version,
    }
}

fn from_row(row: row::Model, mut parts: invoice_lines::Parts) -> Result<Invoice, StoreError> {
    let id = InvoiceId(row.id);
    let (lines, taxes) = parts.remove(&id).unwrap_or_default();
    Ok(Invoice {
        id,
        owner: OrganisationId(row.owner_id),
        grouping: GroupingId(row.grouping_id),
        contract: row.contract_id.map(ContractId),
        supplier: SupplierId(row.supplier_id),
        kind: read("invoice.kind", &row.kind, InvoiceKind::from_code)?,
        credited: row.credited_invoice_id.map(InvoiceId),
        number: row.number,
        title: row.title,
        issued_on: row.issued_on,
        received_on: row.received_on,
        due_on: row.due_on,
        service: row
            .service_from
            .zip(row.service_to)
            .map(|(from, to)| ServicePeriod { from, to }),
        paid_on: row.paid_on,
        printed: PrintedTotals {
            net: Cents(row.net_cents),
            tax: Cents(row.tax_cents),
            gross: Cents(row.gross_cents),
        },
        lines,
        taxes,
        state: read("invoice.state", &row.state, InvoiceState::from_code)?,
        duplicate_rank: row.duplicate_rank,
        duplicate_motive: row.duplicate_motive,
        checked_at: row.checked_at,
        created_at: row.created_at,
        version: row.version,
    })
}

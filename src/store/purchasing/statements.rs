//! Statements as rows: added with their run, never changed.
use chrono::{DateTime, Datelike, NaiveDate, TimeZone, Utc};
use domain::{
    allocation::Totals,
    identity::{
        AllocationId, BudgetId, ContractId, GroupingId, InvoiceId, OrganisationId, ProcedureId,
        RoundId, StatementId,
    },
    money::Cents,
    purchasing::statement::Statement,
};
use sea_orm::{
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, Query, SelectStatement},
};

use crate::store::{
    StoreError, Tx, View, Writes,
    rows::{
        allocation, award, contract, invoice, lot, organisation, recovery_order, statement as row,
    },
};

/// Which statements a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those of these members alone.
    pub members: Vec<OrganisationId>,
    pub grouping: Option<GroupingId>,
    pub round: Option<RoundId>,
    pub procedure: Option<ProcedureId>,
    pub contract: Option<ContractId>,
    pub invoice: Option<InvoiceId>,
    /// The year in which they were made, as their numbers say it.
    pub exercice: Option<i32>,
}

/// Finds one statement.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn find(view: &View, id: StatementId) -> Result<Statement, StoreError> {
    let found = row::Entity::find_by_id(id.0).one(&view.0).await?;
    Ok(from_row(found.ok_or(StoreError::NotFound)?))
}

/// The statements of a run, by number.
///
/// # Errors
/// Whatever the database says.
pub async fn of_run(view: &View, run: AllocationId) -> Result<Vec<Statement>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::AllocationId.eq(run.0))
        .order_by_asc(row::Column::Number)
        .all(&view.0)
        .await?;
    Ok(rows.into_iter().map(from_row).collect())
}

/// The statements of a number; each coordinator numbers its own.
///
/// # Errors
/// Whatever the database says.
pub async fn of_number(view: &View, number: &str) -> Result<Vec<Statement>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::Number.eq(number))
        .order_by_asc(row::Column::Id)
        .all(&view.0)
        .await?;
    Ok(rows.into_iter().map(from_row).collect())
}

/// The statements of some members, newest first, after the last one seen.
///
/// # Errors
/// Whatever the database says.
pub async fn list(
    view: &View,
    filter: &Filter,
    after: Option<StatementId>,
    limit: u64,
) -> Result<Vec<Statement>, StoreError> {
    let mut query = filtered(filter);
    if let Some(last) = after {
        query = query.filter(row::Column::Id.lt(last.0));
    }
    let rows = query.order_by_desc(row::Column::Id).limit(limit);
    Ok(rows.all(&view.0).await?.into_iter().map(from_row).collect())
}

/// Newest first, from the `skip`th: what a page with numbers shows.
///
/// # Errors
/// Whatever the database says.
pub async fn page(
    view: &View,
    filter: &Filter,
    skip: u64,
    limit: u64,
) -> Result<Vec<Statement>, StoreError> {
    let rows = filtered(filter)
        .order_by_desc(row::Column::Id)
        .offset(skip)
        .limit(limit);
    Ok(rows.all(&view.0).await?.into_iter().map(from_row).collect())
}

/// How many the filter lets through.
///
/// # Errors
/// Whatever the database says.
pub async fn count(view: &View, filter: &Filter) -> Result<u64, StoreError> {
    Ok(filtered(filter).count(&view.0).await?)
}

/// Adds statements.
///
/// # Errors
/// Whatever the database says.
pub async fn insert(tx: &Tx, statements: &[Statement]) -> Result<(), StoreError> {
    tx.insert_all(statements.iter().map(to_row).collect()).await
}

/// Makes the numbering of one coordinator wait for its turn: two runs never share a number.
///
/// # Errors
/// [`StoreError::NotFound`] for an unknown organisation.
pub async fn lock_numbers(tx: &Tx, owner: OrganisationId) -> Result<(), StoreError> {
    organisation::Entity::find_by_id(owner.0)
        .lock_exclusive()
        .one(&tx.0)
        .await?
        .map(|_| ())
        .ok_or(StoreError::NotFound)
}

/// How many runs a coordinator made this year, once its numbering is locked.
///
/// # Errors
/// Whatever the database says.
pub async fn runs_this_year(tx: &Tx, owner: OrganisationId) -> Result<u64, StoreError> {
    Ok(allocation::Entity::find()
        .filter(allocation::Column::OwnerId.eq(owner.0))
        .filter(allocation::Column::MadeAt.gte(start_of_year(tx)))
        .count(&tx.0)
        .await?)
}

/// How many recovery orders a coordinator made this year, once its numbering is locked.
///
/// # Errors
/// Whatever the database says.
pub async fn orders_this_year(tx: &Tx, owner: OrganisationId) -> Result<u64, StoreError> {
    Ok(recovery_order::Entity::find()
        .filter(recovery_order::Column::OwnerId.eq(owner.0))
        .filter(recovery_order::Column::CreatedAt.gte(start_of_year(tx)))
        .count(&tx.0)
        .await?)
}

/// The numbers of a year count from its first instant in UTC, as `made_at` is kept.
pub(super) fn start_of_year(tx: &Tx) -> DateTime<Utc> {
    first_instant(Writes::now(tx).year())
}

fn first_instant(year: i32) -> DateTime<Utc> {
    let day = NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default();
    Utc.from_utc_datetime(&day.and_time(chrono::NaiveTime::MIN))
}

fn filtered(filter: &Filter) -> Select<row::Entity> {
    let members = filter.members.iter().map(|id| id.0);
    let mut query = row::Entity::find().filter(row::Column::MemberId.is_in(members));
    if let Some(grouping) = filter.grouping {
        query = query.filter(row::Column::GroupingId.eq(grouping.0));
    }
    if let Some(year) = filter.exercice {
        query = query
            .filter(row::Column::MadeAt.gte(first_instant(year)))
            .filter(row::Column::MadeAt.lt(first_instant(year.saturating_add(1))));
    }
    if let Some(runs) = runs_of(filter) {
        query = query.filter(row::Column::AllocationId.in_subquery(runs));
    }
    query
}

/// The runs over the invoices of what the filter names, if it names any of it.
fn runs_of(filter: &Filter) -> Option<SelectStatement> {
    let mut invoices = Query::select();
    invoices.column(invoice::Column::Id).from(invoice::Entity);
    if let Some(id) = filter.invoice {
        invoices.and_where(invoice::Column::Id.eq(id.0));
    }
    if let Some(id) = filter.contract {
        invoices.and_where(invoice::Column::ContractId.eq(id.0));
    }
    if let Some(id) = filter.procedure {
        let awards = Query::select()
            .column(award::Column::Id)
            .from(award::Entity)
            .and_where(award::Column::ProcedureId.eq(id.0))
            .take();
        let under = contracts(contract::Column::AwardId.in_subquery(awards));
        invoices.and_where(invoice::Column::ContractId.in_subquery(under));
    }
    if let Some(id) = filter.round {
        let lots = Query::select()
            .column(lot::Column::Id)
            .from(lot::Entity)
            .and_where(lot::Column::RoundId.eq(id.0))
            .take();
        let under = contracts(contract::Column::LotId.in_subquery(lots));
        invoices.and_where(invoice::Column::ContractId.in_subquery(under));
    }
    let named = filter.invoice.is_some() || filter.contract.is_some();
    if !named && filter.procedure.is_none() && filter.round.is_none() {
        return None;
    }
    let runs = Query::select()
        .column(allocation::Column::Id)
        .from(allocation::Entity)
        .and_where(allocation::Column::InvoiceId.in_subquery(invoices.take()))
        .take();
    Some(runs)
}

fn contracts(which: Expr) -> SelectStatement {
    Query::select()
        .column(contract::Column::Id)
        .from(contract::Entity)
        .and_where(which)
        .take()
}

fn to_row(statement: &Statement) -> row::Model {
    row::Model {
        id: statement.id.0,
        owner_id: statement.owner.0,
        allocation_id: statement.allocation.0,
        grouping_id: statement.grouping.0,
        member_id: statement.member.0,
        budget_id: statement.budget.map(|id| id.0),
        case_id: statement.case_id.clone(),
        number: statement.number.clone(),
        net_cents: statement.total.net.0,
        tax_cents: statement.total.tax.0,
        gross_cents: statement.total.gross.0,
        made_at: statement.made_at,
    }
}

fn from_row(row: row::Model) -> Statement {
    Statement {
        id: StatementId(row.id),
        owner: OrganisationId(row.owner_id),
        allocation: AllocationId(row.allocation_id),
        grouping: GroupingId(row.grouping_id),
        member: OrganisationId(row.member_id),
        budget: row.budget_id.map(BudgetId),
        case_id: row.case_id,
        number: row.number,
        total: Totals {
            net: Cents(row.net_cents),
            tax: Cents(row.tax_cents),
            gross: Cents(row.gross_cents),
        },
        made_at: row.made_at,
    }
}

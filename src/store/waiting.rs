//! What waits for people (« À faire »): one query for each kind of work, over all organisations.
//!
//! Every query answers in the same columns, so that it can be listed, or counted with the others
//! in one question.
use chrono::{DateTime, NaiveDate, Utc};
use domain::{identity::OrganisationId, money::Cents};
use sea_orm::{
    ColumnTrait, ConnectionTrait, ExprTrait, FromQueryResult, Order,
    sea_query::{Expr, NullOrdering, Query as Sql, SelectStatement, SubQueryStatement},
};
use uuid::Uuid;

use super::{StoreError, View};

pub mod groupings;
pub mod money;
pub mod people;
pub mod procedures;
pub mod rounds;

/// A question that was not asked yet: only this room can read it.
#[derive(Clone, Debug)]
pub struct Query(SelectStatement);

/// One thing that waits, in the columns common to all kinds of work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The row it is about: each query says which.
    pub subject: Uuid,
    /// The row above, when the address of the page needs it.
    pub within: Option<Uuid>,
    /// Whose work it is.
    pub organisation: OrganisationId,
    pub title: String,
    /// A second name: a supplier, a member, a number, a step.
    pub name: Option<String>,
    pub due_on: Option<NaiveDate>,
    pub due_at: Option<DateTime<Utc>>,
    /// How many wait…
    pub many: u64,
    /// … among how many.
    pub among: u64,
    pub amount: Option<Cents>,
}

/// The first of those that wait, and how many there are.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub rows: Vec<Waiting>,
    pub total: u64,
}

/// The figures of the side menu.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Everything that waits.
    pub due: u64,
    /// What the second question counts.
    pub open: u64,
}

/// Asks for the first rows, the nearest date first, those without one last.
///
/// # Errors
/// Whatever the database says.
pub async fn list(view: &View, query: Query, limit: u64) -> Result<Found, StoreError> {
    let mut sql = Sql::select()
        .expr(Expr::cust("waiting.*"))
        .expr_as(Expr::cust("COUNT(*) OVER ()"), "total")
        .from_subquery(query.0, "waiting")
        .take();
    for column in ["due_at", "due_on", "subject"] {
        sql.order_by_with_nulls(("waiting", column), Order::Asc, NullOrdering::Last);
    }
    sql.limit(limit);
    let rows = Row::find_by_statement(view.0.get_database_backend().build(&sql));
    let rows = rows.all(&view.0).await?;
    let total = rows.first().map_or(0, |row| whole(Some(row.total)));
    Ok(Found {
        rows: rows.into_iter().map(from_row).collect(),
        total,
    })
}

/// Counts the rows of all these questions, and of one more, in one question.
///
/// # Errors
/// Whatever the database says.
pub async fn figures(
    view: &View,
    due: impl IntoIterator<Item = Query>,
    open: Option<Query>,
) -> Result<Figures, StoreError> {
    let zero = || Expr::cust("0");
    let due = due
        .into_iter()
        .fold(zero(), |sum, query| sum.add(count(query)));
    let sql = Sql::select()
        .expr_as(due.cast_as("bigint"), "due")
        .expr_as(open.map_or_else(zero, count).cast_as("bigint"), "open")
        .take();
    let found = Counted::find_by_statement(view.0.get_database_backend().build(&sql));
    let found = found.one(&view.0).await?;
    Ok(found.map_or_else(Figures::default, |counted| Figures {
        due: whole(Some(counted.due)),
        open: whole(Some(counted.open)),
    }))
}

#[derive(Debug, FromQueryResult)]
struct Counted {
    due: i64,
    open: i64,
}

#[derive(Debug, FromQueryResult)]
struct Row {
    subject: Uuid,
    within: Option<Uuid>,
    organisation: Uuid,
    title: String,
    name: Option<String>,
    due_on: Option<NaiveDate>,
    due_at: Option<DateTime<Utc>>,
    many: Option<i64>,
    among: Option<i64>,
    cents: Option<i64>,
    total: i64,
}

fn from_row(row: Row) -> Waiting {
    Waiting {
        subject: row.subject,
        within: row.within,
        organisation: OrganisationId(row.organisation),
        title: row.title,
        name: row.name,
        due_on: row.due_on,
        due_at: row.due_at,
        many: whole(row.many),
        among: whole(row.among),
        amount: row.cents.map(Cents),
    }
}

fn whole(count: Option<i64>) -> u64 {
    u64::try_from(count.unwrap_or_default()).unwrap_or_default()
}

fn count(query: Query) -> Expr {
    let counted = Sql::select()
        .expr(how_many())
        .from_subquery(query.0, "counted")
        .take();
    nested(counted)
}

/// A question inside another, read as one value.
fn nested(select: SelectStatement) -> Expr {
    Expr::SubQuery(None, Box::new(SubQueryStatement::SelectStatement(select)))
}

/// What a query answers in each column; nothing where it has nothing to say.
struct Columns {
    subject: Expr,
    within: Expr,
    organisation: Expr,
    title: Expr,
    name: Expr,
    due_on: Expr,
    due_at: Expr,
    many: Expr,
    among: Expr,
    cents: Expr,
}

impl Columns {
    fn new(subject: Expr, organisation: Expr, title: Expr) -> Self {
        Self {
            subject,
            organisation,
            title,
            within: none(),
            name: none(),
            due_on: none(),
            due_at: none(),
            many: none(),
            among: none(),
            cents: none(),
        }
    }

    /// The same columns in the same order, whatever the query.
    fn of(self, mut select: SelectStatement) -> Query {
        for (column, name) in [
            (self.subject, "subject"),
            (self.within, "within"),
            (self.organisation, "organisation"),
            (self.title, "title"),
            (self.name, "name"),
            (self.due_on, "due_on"),
            (self.due_at, "due_at"),
            (self.many, "many"),
            (self.among, "among"),
            (self.cents, "cents"),
        ] {
            select.expr_as(column, name);
        }
        Query(select)
    }
}

fn none() -> Expr {
    Expr::cust("NULL")
}

/// How many rows, as both engines count them.
fn how_many() -> Expr {
    Expr::cust("COUNT(*)")
}

/// Equality of two columns.
fn same(one: impl ColumnTrait, other: impl ColumnTrait) -> Expr {
    one.into_expr().eq(other.into_expr())
}

fn ids(organisations: &[OrganisationId]) -> Vec<Uuid> {
    organisations.iter().map(|id| id.0).collect()
}

//! Invoices to split and to pay, recovery orders to issue, and what members have to read.
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    identity::OrganisationId,
    purchasing::{
        correction::CorrectionState,
        invoice::{InvoiceKind, InvoiceState},
        recovery::RecoveryState,
    },
};
use sea_orm::{
    ColumnTrait, ExprTrait,
    sea_query::{Expr, Query as Sql, SelectStatement},
};

use super::{Columns, Query, how_many, ids, same};
use crate::store::rows::{
    allocation, correction, grouping, invoice, recovery_order, statement, supplier,
};

/// Invoices and credit notes that are not split; the supplier in `name`.
#[must_use]
pub fn unsplit(owners: &[OrganisationId]) -> Query {
    let states = [InvoiceState::Received.code(), InvoiceState::Checked.code()];
    let select = invoices(owners)
        .and_where(invoice::Column::State.is_in(states))
        .take();
    billed(select)
}

/// Invoices that are split and not paid; the supplier in `name`.
#[must_use]
pub fn unpaid(owners: &[OrganisationId]) -> Query {
    let select = invoices(owners)
        .and_where(invoice::Column::Kind.eq(InvoiceKind::Invoice.code()))
        .and_where(invoice::Column::State.eq(InvoiceState::Allocated.code()))
        .and_where(invoice::Column::PaidOn.is_null())
        .take();
    billed(select)
}

/// For each coordinator, `many` recovery orders to issue, and their sum.
#[must_use]
pub fn unissued(owners: &[OrganisationId]) -> Query {
    let select = Sql::select()
        .from(recovery_order::Entity)
        .and_where(recovery_order::Column::OwnerId.is_in(ids(owners)))
        .and_where(recovery_order::Column::State.eq(RecoveryState::ToIssue.code()))
        .group_by_col((recovery_order::Entity, recovery_order::Column::OwnerId))
        .take();
    let sum = Expr::col((recovery_order::Entity, recovery_order::Column::Cents)).sum();
    Columns {
        many: how_many(),
        // PostgreSQL sums 64-bit integers into an arbitrary number: it is brought back.
        cents: sum.cast_as("bigint"),
        ..Columns::new(
            recovery_order::Column::OwnerId.into_expr(),
            recovery_order::Column::OwnerId.into_expr(),
            Expr::cust("''"),
        )
    }
    .of(select)
}

/// For each coordinator, `many` corrections that wait for their piece, and their sum.
#[must_use]
pub fn uncorrected(owners: &[OrganisationId]) -> Query {
    let select = Sql::select()
        .from(correction::Entity)
        .and_where(correction::Column::OwnerId.is_in(ids(owners)))
        .and_where(correction::Column::State.eq(CorrectionState::Proposed.code()))
        .group_by_col((correction::Entity, correction::Column::OwnerId))
        .take();
    let sum = Expr::col((correction::Entity, correction::Column::Cents)).sum();
    Columns {
        many: how_many(),
        cents: sum.cast_as("bigint"),
        ..Columns::new(
            correction::Column::OwnerId.into_expr(),
            correction::Column::OwnerId.into_expr(),
            Expr::cust("''"),
        )
    }
    .of(select)
}

/// Statements of these members made since then by others than `makers`, of the latest split of
/// each invoice; the grouping in `name`.
#[must_use]
pub fn new_statements(
    members: &[OrganisationId],
    makers: &[OrganisationId],
    since: DateTime<Utc>,
) -> Query {
    let later = Sql::select()
        .expr(Expr::cust("1"))
        .from_as(allocation::Entity, "later")
        .and_where(
            Expr::col(("later", allocation::Column::InvoiceId))
                .eq(allocation::Column::InvoiceId.into_expr()),
        )
        .and_where(
            Expr::col(("later", allocation::Column::Run)).gt(allocation::Column::Run.into_expr()),
        )
        .take();
    let select = Sql::select()
        .from(statement::Entity)
        .inner_join(
            allocation::Entity,
            same(statement::Column::AllocationId, allocation::Column::Id),
        )
        .inner_join(
            grouping::Entity,
            same(statement::Column::GroupingId, grouping::Column::Id),
        )
        .and_where(statement::Column::MemberId.is_in(ids(members)))
        .and_where(statement::Column::OwnerId.is_not_in(ids(makers)))
        .and_where(statement::Column::MadeAt.gte(since))
        .and_where(Expr::exists(later).not())
        .take();
    Columns {
        name: grouping::Column::Title.into_expr(),
        cents: statement::Column::GrossCents.into_expr(),
        ..Columns::new(
            statement::Column::Id.into_expr(),
            statement::Column::MemberId.into_expr(),
            statement::Column::Number.into_expr(),
        )
    }
    .of(select)
}

/// Titres issued to these members since that day by others than `makers`; the grouping in `name`.
#[must_use]
pub fn new_titres(
    members: &[OrganisationId],
    makers: &[OrganisationId],
    since: NaiveDate,
) -> Query {
    let states = [RecoveryState::Issued.code(), RecoveryState::Reduced.code()];
    let select = Sql::select()
        .from(recovery_order::Entity)
        .inner_join(
            grouping::Entity,
            same(recovery_order::Column::GroupingId, grouping::Column::Id),
        )
        .and_where(recovery_order::Column::MemberId.is_in(ids(members)))
        .and_where(recovery_order::Column::OwnerId.is_not_in(ids(makers)))
        .and_where(recovery_order::Column::State.is_in(states))
        .and_where(recovery_order::Column::IssuedOn.gte(since))
        .take();
    let left = recovery_order::Column::Cents
        .into_expr()
        .sub(recovery_order::Column::ReducedCents.into_expr());
    Columns {
        name: grouping::Column::Title.into_expr(),
        cents: left,
        ..Columns::new(
            recovery_order::Column::Id.into_expr(),
            recovery_order::Column::MemberId.into_expr(),
            recovery_order::Column::TitreNumber.into_expr(),
        )
    }
    .of(select)
}

fn invoices(owners: &[OrganisationId]) -> SelectStatement {
    Sql::select()
        .from(invoice::Entity)
        .inner_join(
            supplier::Entity,
            same(invoice::Column::SupplierId, supplier::Column::Id),
        )
        .and_where(invoice::Column::OwnerId.is_in(ids(owners)))
        .take()
}

fn billed(select: SelectStatement) -> Query {
    Columns {
        name: supplier::Column::Name.into_expr(),
        due_on: invoice::Column::DueOn.into_expr(),
        cents: invoice::Column::GrossCents.into_expr(),
        ..Columns::new(
            invoice::Column::Id.into_expr(),
            invoice::Column::OwnerId.into_expr(),
            invoice::Column::Number.into_expr(),
        )
    }
    .of(select)
}

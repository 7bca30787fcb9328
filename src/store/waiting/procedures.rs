//! Procedures to launch, lots to decide, contracts to record and to renew.
use chrono::NaiveDate;
use domain::{
    identity::OrganisationId,
    purchasing::{award::LotOutcome, contract::ContractState, procedure::ProcedureState},
};
use sea_orm::{
    ColumnTrait, ExprTrait,
    sea_query::{Expr, Query as Sql, SelectStatement},
};

use super::{Columns, Query, groupings::is_incomplete, how_many, ids, nested, same};
use crate::store::rows::{
    award, contract, lot, membership, procedure, procedure_round, round, set_aside,
};

/// Procedures to launch, before the day planned; `many` members do not bind themselves yet.
#[must_use]
pub fn unlaunched(owners: &[OrganisationId]) -> Query {
    let aside = Sql::select()
        .column(set_aside::Column::Id)
        .from(set_aside::Entity)
        .and_where(same(set_aside::Column::ProcedureId, procedure::Column::Id))
        .and_where(same(
            set_aside::Column::MemberId,
            membership::Column::MemberId,
        ))
        .take();
    let waited = Sql::select()
        .expr(how_many())
        .from(membership::Entity)
        .and_where(same(
            membership::Column::GroupingId,
            procedure::Column::GroupingId,
        ))
        .cond_where(is_incomplete())
        .and_where(Expr::exists(aside).not())
        .take();
    let planned = Sql::select()
        .expr(Expr::col((round::Entity, round::Column::LaunchPlannedOn)).min())
        .from(round::Entity)
        .and_where(round::Column::Id.in_subquery(rounds().take()))
        .take();
    Columns {
        due_on: nested(planned),
        many: nested(waited),
        ..columns()
    }
    .of(of(owners, ProcedureState::Preparing))
}

/// Launched procedures of which `many` lots have no outcome yet.
#[must_use]
pub fn undecided(owners: &[OrganisationId]) -> Query {
    let decided = Sql::select()
        .column(award::Column::Id)
        .from(award::Entity)
        .and_where(same(award::Column::ProcedureId, procedure::Column::Id))
        .and_where(same(award::Column::LotId, lot::Column::Id))
        .take();
    let lots = Sql::select()
        .expr(how_many())
        .from(lot::Entity)
        .and_where(lot::Column::RoundId.in_subquery(rounds().take()))
        .and_where(Expr::exists(decided).not())
        .take();
    Columns {
        due_at: procedure::Column::OffersDueAt.into_expr(),
        many: nested(lots),
        ..columns()
    }
    .of(of(owners, ProcedureState::Published))
}

/// Procedures of which `many` awards have no contract.
#[must_use]
pub fn uncontracted(owners: &[OrganisationId]) -> Query {
    let signed = Sql::select()
        .column(contract::Column::Id)
        .from(contract::Entity)
        .and_where(same(contract::Column::AwardId, award::Column::Id))
        .take();
    let select = Sql::select()
        .from(procedure::Entity)
        .inner_join(
            award::Entity,
            same(award::Column::ProcedureId, procedure::Column::Id),
        )
        .and_where(procedure::Column::OwnerId.is_in(ids(owners)))
        .and_where(award::Column::Outcome.eq(LotOutcome::Awarded.code()))
        .and_where(Expr::exists(signed).not())
        .group_by_columns([
            (procedure::Entity, procedure::Column::Id),
            (procedure::Entity, procedure::Column::OwnerId),
            (procedure::Entity, procedure::Column::Title),
        ])
        .take();
    Columns {
        many: how_many(),
        ..columns()
    }
    .of(select)
}

/// Contracts in force that end before a day, or should have ended; their number in `name`.
#[must_use]
pub fn ending(owners: &[OrganisationId], before: NaiveDate) -> Query {
    let select = Sql::select()
        .from(contract::Entity)
        .and_where(contract::Column::OwnerId.is_in(ids(owners)))
        .and_where(contract::Column::State.ne(ContractState::Ended.code()))
        .and_where(contract::Column::EndsOn.lte(before))
        .take();
    Columns {
        name: contract::Column::Number.into_expr(),
        due_on: contract::Column::EndsOn.into_expr(),
        ..Columns::new(
            contract::Column::Id.into_expr(),
            contract::Column::OwnerId.into_expr(),
            contract::Column::Title.into_expr(),
        )
    }
    .of(select)
}

fn columns() -> Columns {
    Columns::new(
        procedure::Column::Id.into_expr(),
        procedure::Column::OwnerId.into_expr(),
        procedure::Column::Title.into_expr(),
    )
}

/// The rounds that a procedure follows.
fn rounds() -> SelectStatement {
    Sql::select()
        .column((procedure_round::Entity, procedure_round::Column::RoundId))
        .from(procedure_round::Entity)
        .and_where(same(
            procedure_round::Column::ProcedureId,
            procedure::Column::Id,
        ))
        .take()
}

fn of(owners: &[OrganisationId], state: ProcedureState) -> SelectStatement {
    Sql::select()
        .from(procedure::Entity)
        .and_where(procedure::Column::OwnerId.is_in(ids(owners)))
        .and_where(procedure::Column::State.eq(state.code()))
        .take()
}

//! Rounds that wait for answers, for their coordinator, or for what follows them.
use chrono::{DateTime, Utc};
use domain::{
    identity::OrganisationId,
    purchasing::{declaration::DeclarationState, membership::MembershipState, round::RoundState},
};
use sea_orm::{
    ColumnTrait, Condition, ExprTrait,
    sea_query::{Expr, Query as Sql, SelectStatement},
};

use super::{Columns, Query, how_many, ids, nested, same};
use crate::store::rows::{contract, declaration, lot, membership, procedure_round, round};

/// Declarations that answer.
const ANSWERED: [DeclarationState; 2] = [DeclarationState::Submitted, DeclarationState::Nothing];

/// The name of an answer whose conditions changed.
pub const CONFIRM: &str = "confirm";

/// Open rounds that these members have not answered, or must confirm, before the deadline: the
/// round, the member, and in `name` the state of the answer, or [`CONFIRM`].
#[must_use]
pub fn unanswered(members: &[OrganisationId], now: DateTime<Utc>) -> Query {
    let answer = Condition::all()
        .add(same(declaration::Column::RoundId, round::Column::Id))
        .add(same(
            declaration::Column::MemberId,
            membership::Column::MemberId,
        ));
    let waits = Condition::any()
        .add(declaration::Column::Id.is_null())
        .add(declaration::Column::State.is_not_in(ANSWERED.map(DeclarationState::code)))
        .add(declaration::Column::ToReconfirm.eq(true));
    let select = Sql::select()
        .from(membership::Entity)
        .inner_join(
            round::Entity,
            same(round::Column::GroupingId, membership::Column::GroupingId),
        )
        .left_join(declaration::Entity, answer)
        .and_where(membership::Column::MemberId.is_in(ids(members)))
        .and_where(takes_part())
        .and_where(is(RoundState::Open))
        .and_where(round::Column::Deadline.gt(now))
        .cond_where(waits)
        .take();
    let step = Expr::case(declaration::Column::ToReconfirm.eq(true), CONFIRM)
        .finally(declaration::Column::State.into_expr());
    Columns {
        name: step.into(),
        due_at: round::Column::Deadline.into_expr(),
        ..Columns::new(
            round::Column::Id.into_expr(),
            membership::Column::MemberId.into_expr(),
            round::Column::Title.into_expr(),
        )
    }
    .of(select)
}

/// Closed rounds that were opened again for these members alone, until they close for them.
#[must_use]
pub fn reopened(members: &[OrganisationId], now: DateTime<Utc>) -> Query {
    let select = Sql::select()
        .from(declaration::Entity)
        .inner_join(
            round::Entity,
            same(declaration::Column::RoundId, round::Column::Id),
        )
        .and_where(declaration::Column::MemberId.is_in(ids(members)))
        .and_where(declaration::Column::OpenUntil.gt(now))
        .and_where(is(RoundState::Closed))
        .take();
    Columns {
        due_at: declaration::Column::OpenUntil.into_expr(),
        ..Columns::new(
            round::Column::Id.into_expr(),
            declaration::Column::MemberId.into_expr(),
            round::Column::Title.into_expr(),
        )
    }
    .of(select)
}

/// Open rounds of these coordinators: `many` members among all have not answered.
#[must_use]
pub fn open(owners: &[OrganisationId]) -> Query {
    followed(of(owners, RoundState::Open))
}

/// The same, of those that some members have yet to answer before the deadline.
#[must_use]
pub fn to_follow(owners: &[OrganisationId], now: DateTime<Utc>) -> Query {
    let select = of(owners, RoundState::Open)
        .and_where(round::Column::Deadline.gt(now))
        .and_where(Expr::exists(
            missing().column(membership::Column::Id).take(),
        ))
        .take();
    followed(select)
}

/// Open rounds whose deadline has passed: nothing has closed them yet.
#[must_use]
pub fn late(owners: &[OrganisationId], now: DateTime<Utc>) -> Query {
    let select = of(owners, RoundState::Open)
        .and_where(round::Column::Deadline.lte(now))
        .take();
    dated(select)
}

/// Open rounds of which `many` answers must be confirmed, since the conditions changed.
#[must_use]
pub fn to_reconfirm(owners: &[OrganisationId]) -> Query {
    let asked = || {
        Sql::select()
            .from(declaration::Entity)
            .and_where(same(declaration::Column::RoundId, round::Column::Id))
            .and_where(declaration::Column::ToReconfirm.eq(true))
            .take()
    };
    let select = of(owners, RoundState::Open)
        .and_where(Expr::exists(asked().column(declaration::Column::Id).take()))
        .take();
    Columns {
        due_at: round::Column::Deadline.into_expr(),
        many: nested(asked().expr(how_many()).take()),
        ..columns()
    }
    .of(select)
}

/// Closed rounds that no procedure follows, and of which no lot has a contract.
#[must_use]
pub fn unprepared(owners: &[OrganisationId]) -> Query {
    let followed = Sql::select()
        .column(procedure_round::Column::Id)
        .from(procedure_round::Entity)
        .and_where(same(procedure_round::Column::RoundId, round::Column::Id))
        .take();
    let bought = Sql::select()
        .column((contract::Entity, contract::Column::Id))
        .from(contract::Entity)
        .inner_join(lot::Entity, same(contract::Column::LotId, lot::Column::Id))
        .and_where(same(lot::Column::RoundId, round::Column::Id))
        .take();
    let select = of(owners, RoundState::Closed)
        .and_where(Expr::exists(followed).not())
        .and_where(Expr::exists(bought).not())
        .take();
    Columns {
        due_on: round::Column::LaunchPlannedOn.into_expr(),
        ..columns()
    }
    .of(select)
}

/// The open rounds in the list of an organisation: its own and those of its groupings.
#[must_use]
pub fn concerning(organisation: OrganisationId) -> Query {
    let joined = Sql::select()
        .column(membership::Column::GroupingId)
        .from(membership::Entity)
        .and_where(membership::Column::MemberId.eq(organisation.0))
        .and_where(takes_part())
        .take();
    let concerned = Condition::any()
        .add(round::Column::OwnerId.eq(organisation.0))
        .add(round::Column::GroupingId.in_subquery(joined));
    let select = Sql::select()
        .from(round::Entity)
        .and_where(is(RoundState::Open))
        .cond_where(concerned)
        .take();
    columns().of(select)
}

fn columns() -> Columns {
    Columns::new(
        round::Column::Id.into_expr(),
        round::Column::OwnerId.into_expr(),
        round::Column::Title.into_expr(),
    )
}

fn dated(select: SelectStatement) -> Query {
    Columns {
        due_at: round::Column::Deadline.into_expr(),
        ..columns()
    }
    .of(select)
}

fn followed(select: SelectStatement) -> Query {
    let members = Sql::select()
        .expr(how_many())
        .from(membership::Entity)
        .and_where(same(
            membership::Column::GroupingId,
            round::Column::GroupingId,
        ))
        .and_where(takes_part())
        .take();
    Columns {
        due_at: round::Column::Deadline.into_expr(),
        many: nested(missing().expr(how_many()).take()),
        among: nested(members),
        ..columns()
    }
    .of(select)
}

/// The members of the grouping of a round who have not answered it.
fn missing() -> SelectStatement {
    let answer = Sql::select()
        .column(declaration::Column::Id)
        .from(declaration::Entity)
        .and_where(same(declaration::Column::RoundId, round::Column::Id))
        .and_where(same(
            declaration::Column::MemberId,
            membership::Column::MemberId,
        ))
        .and_where(declaration::Column::State.is_in(ANSWERED.map(DeclarationState::code)))
        .take();
    Sql::select()
        .from(membership::Entity)
        .and_where(same(
            membership::Column::GroupingId,
            round::Column::GroupingId,
        ))
        .and_where(takes_part())
        .and_where(Expr::exists(answer).not())
        .take()
}

fn of(owners: &[OrganisationId], state: RoundState) -> SelectStatement {
    Sql::select()
        .from(round::Entity)
        .and_where(round::Column::OwnerId.is_in(ids(owners)))
        .and_where(is(state))
        .take()
}

fn is(state: RoundState) -> Expr {
    round::Column::State.eq(state.code())
}

fn takes_part() -> Expr {
    membership::Column::State.ne(MembershipState::Left.code())
}

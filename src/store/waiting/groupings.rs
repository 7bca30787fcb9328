//! Memberships that wait for a decision, a signature, or an answer to who wants to leave.
use chrono::NaiveDate;
use domain::{
    identity::OrganisationId,
    purchasing::{
        grouping::{GroupingKind, GroupingState},
        membership::MembershipState,
        procedure::ProcedureState,
        round::RoundState,
    },
};
use sea_orm::{
    ColumnTrait, Condition, ExprTrait,
    sea_query::{Expr, Query as Sql, SelectStatement},
};

use super::{Columns, Query, how_many, ids, nested, same};
use crate::store::rows::{grouping, membership, organisation, procedure, round};

/// What a membership lacks first, in `name`.
pub const DECISION: &str = "decision";
pub const TRANSMISSION: &str = "transmission";
pub const SIGNATURE: &str = "signature";

/// Groupings of which `many` members do not bind themselves yet, before their next launch.
#[must_use]
pub fn incomplete(owners: &[OrganisationId], today: NaiveDate) -> Query {
    let next_launch = Sql::select()
        .expr(Expr::col((round::Entity, round::Column::LaunchPlannedOn)).min())
        .from(round::Entity)
        .and_where(same(round::Column::GroupingId, grouping::Column::Id))
        .and_where(round::Column::State.is_in([RoundState::Open.code(), RoundState::Closed.code()]))
        .and_where(round::Column::LaunchPlannedOn.gte(today))
        .take();
    let select = memberships()
        .and_where(grouping::Column::OwnerId.is_in(ids(owners)))
        .and_where(may_still_join())
        .cond_where(is_incomplete())
        .group_by_columns([
            (grouping::Entity, grouping::Column::Id),
            (grouping::Entity, grouping::Column::OwnerId),
            (grouping::Entity, grouping::Column::Title),
        ])
        .take();
    Columns {
        due_on: nested(next_launch),
        many: how_many(),
        ..Columns::new(
            grouping::Column::Id.into_expr(),
            grouping::Column::OwnerId.into_expr(),
            grouping::Column::Title.into_expr(),
        )
    }
    .of(select)
}

/// Members that ask to leave: the membership, its grouping, and the member in `name`.
#[must_use]
pub fn leaving(owners: &[OrganisationId]) -> Query {
    let select = memberships()
        .inner_join(
            organisation::Entity,
            same(membership::Column::MemberId, organisation::Column::Id),
        )
        .and_where(grouping::Column::OwnerId.is_in(ids(owners)))
        .and_where(membership::Column::State.ne(MembershipState::Left.code()))
        .and_where(membership::Column::LeaveAskedOn.is_not_null())
        .take();
    Columns {
        within: grouping::Column::Id.into_expr(),
        name: organisation::Column::Name.into_expr(),
        ..Columns::new(
            membership::Column::Id.into_expr(),
            grouping::Column::OwnerId.into_expr(),
            grouping::Column::Title.into_expr(),
        )
    }
    .of(select)
}

/// What these members have to decide, transmit or sign: the membership, its grouping, and in
/// `name` what lacks first.
#[must_use]
pub fn to_sign(members: &[OrganisationId]) -> Query {
    let lacks = Expr::case(membership::Column::DecisionOn.is_null(), DECISION)
        .case(membership::Column::TransmittedOn.is_null(), TRANSMISSION)
        .finally(SIGNATURE);
    let select = memberships()
        .and_where(membership::Column::MemberId.is_in(ids(members)))
        .and_where(may_still_join())
        .cond_where(is_incomplete())
        .take();
    Columns {
        within: grouping::Column::Id.into_expr(),
        name: lacks.into(),
        ..Columns::new(
            membership::Column::Id.into_expr(),
            membership::Column::MemberId.into_expr(),
            grouping::Column::Title.into_expr(),
        )
    }
    .of(select)
}

/// Takes part, but without a decision sent to the préfecture or without a signature.
pub(super) fn is_incomplete() -> Condition {
    let lacks = Condition::any()
        .add(membership::Column::TransmittedOn.is_null())
        .add(membership::Column::SignedOn.is_null());
    Condition::all()
        .add(membership::Column::State.ne(MembershipState::Left.code()))
        .add(lacks)
}

/// A one-off grouping is frozen at its first launch: who was late stays aside.
fn may_still_join() -> Expr {
    let launched = Sql::select()
        .column(procedure::Column::Id)
        .from(procedure::Entity)
        .and_where(same(procedure::Column::GroupingId, grouping::Column::Id))
        .and_where(procedure::Column::State.ne(ProcedureState::Preparing.code()))
        .take();
    let frozen = grouping::Column::Kind
        .eq(GroupingKind::OneOff.code())
        .and(Expr::exists(launched));
    frozen.not()
}

/// The memberships of groupings in use.
fn memberships() -> SelectStatement {
    Sql::select()
        .from(membership::Entity)
        .inner_join(
            grouping::Entity,
            same(membership::Column::GroupingId, grouping::Column::Id),
        )
        .and_where(grouping::Column::State.eq(GroupingState::Active.code()))
        .take()
}

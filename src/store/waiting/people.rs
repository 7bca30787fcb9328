//! Users who never came, and organisations that nobody can write to.
use domain::{identity::OrganisationId, user::UserState};
use sea_orm::{
    ColumnTrait, ExprTrait,
    sea_query::{Expr, Query as Sql},
};

use super::{Columns, Query, ids, same};
use crate::store::rows::{contact, organisation, user_account, user_role};

/// Organisations of which `many` users were invited and never signed in.
#[must_use]
pub fn invited(organisations: &[OrganisationId]) -> Query {
    let select = Sql::select()
        .from(organisation::Entity)
        .inner_join(
            user_role::Entity,
            same(user_role::Column::OrganisationId, organisation::Column::Id),
        )
        .inner_join(
            user_account::Entity,
            same(user_role::Column::UserId, user_account::Column::Id),
        )
        .and_where(organisation::Column::Id.is_in(ids(organisations)))
        .and_where(user_account::Column::State.eq(UserState::Invited.code()))
        .group_by_columns([
            (organisation::Entity, organisation::Column::Id),
            (organisation::Entity, organisation::Column::Name),
        ])
        .take();
    Columns {
        // One person may hold several roles.
        many: Expr::col((user_account::Entity, user_account::Column::Id)).count_distinct(),
        ..columns()
    }
    .of(select)
}

/// Organisations without an address, nor a contact that has one.
#[must_use]
pub fn unreachable(organisations: &[OrganisationId]) -> Query {
    let reached = Sql::select()
        .column(contact::Column::Id)
        .from(contact::Entity)
        .and_where(same(contact::Column::OwnerId, organisation::Column::Id))
        .and_where(contact::Column::Active.eq(true))
        .and_where(contact::Column::Email.is_not_null())
        .take();
    let select = Sql::select()
        .from(organisation::Entity)
        .and_where(organisation::Column::Id.is_in(ids(organisations)))
        .and_where(organisation::Column::Email.is_null())
        .and_where(Expr::exists(reached).not())
        .take();
    columns().of(select)
}

fn columns() -> Columns {
    Columns::new(
        organisation::Column::Id.into_expr(),
        organisation::Column::Id.into_expr(),
        organisation::Column::Name.into_expr(),
    )
}

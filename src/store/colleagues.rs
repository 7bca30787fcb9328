//! The users of one organisation as rows: looked for, page by page.
use std::collections::{BTreeMap, BTreeSet};

use domain::{
    identity::{OrganisationId, UserId},
    permission::Role,
    text,
    user::{User, UserState},
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, Select, sea_query::Query};
use uuid::Uuid;

use super::{
    StoreError, View,
    organisations::read,
    paging::{Start, by_name},
    rows::{user_account as row, user_role},
    users,
};

/// Which users of an organisation are looked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub organisation: OrganisationId,
    /// Words of a name or an address, folded.
    pub words: String,
    pub role: Option<Role>,
    pub state: Option<UserState>,
}

/// A page of them, by name, with the roles that each has in the organisation.
///
/// # Errors
/// Whatever the database says.
pub async fn page(
    view: &View,
    wanted: &Wanted,
    start: Start<(String, Uuid)>,
    limit: u64,
) -> Result<Vec<(User, BTreeSet<Role>)>, StoreError> {
    let columns = (row::Column::SortKey, row::Column::Id);
    let rows = by_name(select(wanted), columns, start, limit);
    let found = rows.all(&view.0).await?;
    let held = user_role::Entity::find()
        .filter(user_role::Column::OrganisationId.eq(wanted.organisation.0))
        .filter(user_role::Column::UserId.is_in(found.iter().map(|row| row.id)));
    let mut roles: BTreeMap<UserId, BTreeSet<Role>> = BTreeMap::new();
    for row in held.all(&view.0).await? {
        let role = read("user_role.role", &row.role, Role::from_code)?;
        roles.entry(UserId(row.user_id)).or_default().insert(role);
    }
    let users = found.into_iter().map(users::from_row);
    users
        .map(|user| {
            let user = user?;
            let roles = roles.remove(&user.id).unwrap_or_default();
            Ok((user, roles))
        })
        .collect()
}

/// How many are looked for.
///
/// # Errors
/// Whatever the database says.
pub async fn count(view: &View, wanted: &Wanted) -> Result<u64, StoreError> {
    Ok(select(wanted).count(&view.0).await?)
}

fn select(wanted: &Wanted) -> Select<row::Entity> {
    let mut holders = Query::select();
    holders
        .column(user_role::Column::UserId)
        .from(user_role::Entity)
        .and_where(user_role::Column::OrganisationId.eq(wanted.organisation.0));
    if let Some(role) = wanted.role {
        holders.and_where(user_role::Column::Role.eq(role.code()));
    }
    let mut query = row::Entity::find().filter(row::Column::Id.in_subquery(holders.take()));
    if let Some(state) = wanted.state {
        query = query.filter(row::Column::State.eq(state.code()));
    }
    for word in text::search_words(&wanted.words) {
        query = query.filter(row::Column::SearchText.contains(word));
    }
    query
}

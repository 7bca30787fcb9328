//! Users, their roles, secrets and links as rows.
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::{
    identity::{Email, OrganisationId, Phone, UserId},
    permission::Role,
    user::{LinkKind, User, UserState},
};
use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use uuid::Uuid;

use super::{
    StoreError, Tx, View, Writes,
    organisations::{read, read_optional},
    rows::{login_link, user_account as row, user_role, user_secret},
};

/// A link as stored: its secret is known to its bearer only.
#[derive(Clone, Debug)]
pub struct LoginLink {
    pub id: Uuid,
    pub user: UserId,
    pub kind: LinkKind,
    pub secret_hash: String,
    pub expires_at: DateTime<Utc>,
    pub used_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

/// Finds one user.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn find(view: &View, id: UserId) -> Result<User, StoreError> {
    let found = row::Entity::find_by_id(id.0).one(&view.0).await?;
    from_row(found.ok_or(StoreError::NotFound)?)
}

/// Finds by address, whatever the case it was typed in.
///
/// # Errors
/// Whatever the database says.
pub async fn find_by_email(view: &View, email: &Email) -> Result<Option<User>, StoreError> {
    let found = row::Entity::find()
        .filter(row::Column::Email.eq(email.folded()))
        .one(&view.0)
        .await?;
    found.map(from_row).transpose()
}

/// Finds several at once.
///
/// # Errors
/// Whatever the database says.
pub async fn find_all(
    view: &View,
    ids: impl IntoIterator<Item = UserId>,
) -> Result<BTreeMap<UserId, User>, StoreError> {
    let ids: BTreeSet<Uuid> = ids.into_iter().map(|id| id.0).collect();
    let ids: Vec<Uuid> = ids.into_iter().collect();
    let mut found = BTreeMap::new();
    for some in ids.chunks(500) {
        let rows = row::Entity::find().filter(row::Column::Id.is_in(some.iter().copied()));
        for row in rows.all(&view.0).await? {
            let user = from_row(row)?;
            found.insert(user.id, user);
        }
    }
    Ok(found)
}

/// Everyone who may sign in, oldest account first: for a demonstration, which has few.
///
/// # Errors
/// Whatever the database says.
pub async fn list_active(view: &View) -> Result<Vec<User>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::State.eq(UserState::Active.code()))
        .order_by_asc(row::Column::Id)
        .limit(50)
        .all(&view.0)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// The users who have a role in one of the organisations, by name.
///
/// # Errors
/// Whatever the database says.
pub async fn list_of(
    view: &View,
    organisations: impl IntoIterator<Item = OrganisationId>,
) -> Result<Vec<(User, OrganisationId, Role)>, StoreError> {
    let ids: Vec<Uuid> = organisations.into_iter().map(|id| id.0).collect();
    let roles = user_role::Entity::find()
        .filter(user_role::Column::OrganisationId.is_in(ids))
        .all(&view.0)
        .await?;
    let users = find_all(view, roles.iter().map(|r| UserId(r.user_id))).await?;
    let mut list = Vec::with_capacity(roles.len());
    for role in roles {
        let user = users
            .get(&UserId(role.user_id))
            .cloned()
            .ok_or(StoreError::NotFound)?;
        let kind = read("user_role.role", &role.role, Role::from_code)?;
        list.push((user, OrganisationId(role.organisation_id), kind));
    }
    list.sort_by_cached_key(|(user, organisation, role)| {
        (user.sort_key(), user.id, *organisation, *role)
    });
    Ok(list)
}

/// Every account, by name: an installation has thousands of users at most.
///
/// # Errors
/// Whatever the database says.
pub async fn list(view: &View) -> Result<Vec<User>, StoreError> {
    let rows = row::Entity::find()
        .order_by_asc(row::Column::SortKey)
        .order_by_asc(row::Column::Id)
        .all(&view.0)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// How many accounts there are; an empty installation greets its operator.
///
/// # Errors
/// Whatever the database says.
pub async fn count(view: &View) -> Result<u64, StoreError> {
    use sea_orm::PaginatorTrait;
    Ok(row::Entity::find().count(&view.0).await?)
}

/// Reads a user and keeps others from changing it until the transaction ends.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn lock(tx: &Tx, id: UserId) -> Result<User, StoreError> {
    let found = row::Entity::find_by_id(id.0)
        .lock_exclusive()
        .one(&tx.view.0)
        .await?;
    from_row(found.ok_or(StoreError::NotFound)?)
}

/// Adds a user.
///
/// # Errors
/// [`StoreError::Taken`] when the address is.
pub async fn insert(tx: &Tx, user: &User) -> Result<(), StoreError> {
    tx.insert(to_row(user)).await
}

/// Writes changes over the version that was read.
///
/// # Errors
/// [`StoreError::Stale`] if it changed meanwhile.
pub async fn save(tx: &Tx, user: &User) -> Result<(), StoreError> {
    let mut row = to_row(user);
    row.version += 1;
    tx.update(row).await
}

/// The roles of a user by organisation.
///
/// # Errors
/// Whatever the database says.
pub async fn roles(
    view: &View,
    id: UserId,
) -> Result<BTreeMap<OrganisationId, BTreeSet<Role>>, StoreError> {
    let rows = user_role::Entity::find()
        .filter(user_role::Column::UserId.eq(id.0))
        .order_by_asc(user_role::Column::OrganisationId)
        .all(&view.0)
        .await?;
    let mut roles: BTreeMap<OrganisationId, BTreeSet<Role>> = BTreeMap::new();
    for row in rows {
        let role = read("user_role.role", &row.role, Role::from_code)?;
        roles
            .entry(OrganisationId(row.organisation_id))
            .or_default()
            .insert(role);
    }
    Ok(roles)
}

/// Gives a role; giving it twice changes nothing.
///
/// # Errors
/// Whatever the database says.
pub async fn grant(
    tx: &Tx,
    id: Uuid,
    user: UserId,
    organisation: OrganisationId,
    role: Role,
) -> Result<(), StoreError> {
    if find_role(tx, user, organisation, role).await?.is_some() {
        return Ok(());
    }
    tx.insert(user_role::Model {
        id,
        user_id: user.0,
        organisation_id: organisation.0,
        role: role.code().to_owned(),
        granted_at: Writes::now(tx),
    })
    .await
}

/// Takes a role back.
///
/// # Errors
/// [`StoreError::NotFound`] when the user did not have it.
pub async fn revoke(
    tx: &Tx,
    user: UserId,
    organisation: OrganisationId,
    role: Role,
) -> Result<(), StoreError> {
    let row = find_role(tx, user, organisation, role)
        .await?
        .ok_or(StoreError::NotFound)?;
    tx.delete(&row).await
}

async fn find_role(
    view: &View,
    user: UserId,
    organisation: OrganisationId,
    role: Role,
) -> Result<Option<user_role::Model>, StoreError> {
    Ok(user_role::Entity::find()
        .filter(user_role::Column::UserId.eq(user.0))
        .filter(user_role::Column::OrganisationId.eq(organisation.0))
        .filter(user_role::Column::Role.eq(role.code()))
        .one(&view.0)
        .await?)
}

/// The argon2id hash of a user's password, if one was chosen.
///
/// # Errors
/// Whatever the database says.
pub async fn password_hash(view: &View, id: UserId) -> Result<Option<String>, StoreError> {
    let found = user_secret::Entity::find_by_id(id.0).one(&view.0).await?;
    Ok(found.map(|secret| secret.password_hash))
}

/// Sets the argon2id hash of a user's password.
///
/// # Errors
/// Whatever the database says.
pub async fn set_password_hash(tx: &Tx, id: UserId, hash: String) -> Result<(), StoreError> {
    user_secret::Entity::delete_by_id(id.0)
        .exec(&tx.view.0)
        .await?;
    let secret = user_secret::Model {
        user_id: id.0,
        password_hash: hash,
        changed_at: Writes::now(tx),
    };
    user_secret::Entity::insert(secret.into_active_model())
        .exec_without_returning(&tx.view.0)
        .await?;
    Ok(())
}

/// Keeps a link.
///
/// # Errors
/// Whatever the database says.
pub async fn insert_link(tx: &impl Writes, link: &LoginLink) -> Result<(), StoreError> {
    let row = login_link::Model {
        id: link.id,
        user_id: link.user.0,
        kind: link.kind.code().to_owned(),
        secret_hash: link.secret_hash.clone(),
        expires_at: link.expires_at,
        used_at: link.used_at,
        created_at: link.created_at,
    };
    login_link::Entity::insert(row.into_active_model())
        .exec_without_returning(&tx.0)
        .await?;
    Ok(())
}

/// Finds a link by the hash of its secret.
///
/// # Errors
/// Whatever the database says.
pub async fn find_link(view: &View, secret_hash: &str) -> Result<Option<LoginLink>, StoreError> {
    let found = login_link::Entity::find()
        .filter(login_link::Column::SecretHash.eq(secret_hash))
        .one(&view.0)
        .await?;
    let Some(row) = found else { return Ok(None) };
    Ok(Some(LoginLink {
        id: row.id,
        user: UserId(row.user_id),
        kind: read("login_link.kind", &row.kind, LinkKind::from_code)?,
        secret_hash: row.secret_hash,
        expires_at: row.expires_at,
        used_at: row.used_at,
        created_at: row.created_at,
    }))
}

/// Makes every link of a user unusable.
///
/// # Errors
/// Whatever the database says.
pub async fn void_links(tx: &impl Writes, user: UserId) -> Result<(), StoreError> {
    login_link::Entity::update_many()
        .col_expr(login_link::Column::UsedAt, Expr::value(Some(tx.now())))
        .filter(login_link::Column::UserId.eq(user.0))
        .filter(login_link::Column::UsedAt.is_null())
        .exec(&tx.0)
        .await?;
    Ok(())
}

/// Uses a link up; false when someone was faster.
///
/// # Errors
/// Whatever the database says.
pub async fn use_link(tx: &impl Writes, id: Uuid) -> Result<bool, StoreError> {
    let used = login_link::Entity::update_many()
        .col_expr(login_link::Column::UsedAt, Expr::value(Some(tx.now())))
        .filter(login_link::Column::Id.eq(id))
        .filter(login_link::Column::UsedAt.is_null())
        .exec(&tx.0)
        .await?;
    Ok(used.rows_affected == 1)
}

fn to_row(user: &User) -> row::Model {
    row::Model {
        id: user.id.0,
        email: user.email.folded(),
        name: user.name.clone(),
        phone: user.phone.as_ref().map(|p| p.as_str().to_owned()),
        state: user.state.code().to_owned(),
        operator: user.operator,
        sort_key: user.sort_key(),
        search_text: user.search_text(),
        created_at: user.created_at,
        version: user.version,
    }
}

pub(super) fn from_row(row: row::Model) -> Result<User, StoreError> {
    Ok(User {
        id: UserId(row.id),
        email: read("user_account.email", &row.email, |t| Email::parse(t).ok())?,
        name: row.name,
        phone: read_optional("user_account.phone", row.phone, |t| Phone::parse(t).ok())?,
        state: read("user_account.state", &row.state, UserState::from_code)?,
        operator: row.operator,
        created_at: row.created_at,
        version: row.version,
    })
}

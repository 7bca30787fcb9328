//! Signed-in browsers, failed sign-ins and API tokens as rows: none is journalled.
use chrono::{DateTime, Utc};
use domain::identity::{TokenId, UserId};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::{
    StoreError, SystemTx, View, Writes,
    rows::{api_token, api_token_use, login_attempt, session as row},
};

/// A session as stored: `id` is the hash of the cookie, `data` what the web face keeps in it.
#[derive(Clone, Debug)]
pub struct Session {
    pub id: String,
    pub user: Option<UserId>,
    pub data: String,
    pub created_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// A live API token: whose, and what it may do.
#[derive(Clone, Debug)]
pub struct LiveToken {
    pub id: TokenId,
    pub user: UserId,
    pub scopes: String,
    pub expires_at: Option<DateTime<Utc>>,
}

/// Finds a session that has not expired.
///
/// # Errors
/// Whatever the database says.
pub async fn find(
    view: &View,
    id: &str,
    now: DateTime<Utc>,
) -> Result<Option<Session>, StoreError> {
    let found = row::Entity::find_by_id(id)
        .filter(row::Column::ExpiresAt.gt(now))
        .one(&view.0)
        .await?;
    Ok(found.map(from_row))
}

/// Writes what changed in a session; one that was ended meanwhile stays ended.
///
/// # Errors
/// Whatever the database says.
pub async fn save(tx: &SystemTx, session: &Session) -> Result<(), StoreError> {
    row::Entity::update_many()
        .col_expr(row::Column::UserId, Expr::value(session.user.map(|u| u.0)))
        .col_expr(row::Column::Data, Expr::value(session.data.clone()))
        .col_expr(row::Column::CreatedAt, Expr::value(session.created_at))
        .col_expr(row::Column::LastSeenAt, Expr::value(session.last_seen_at))
        .col_expr(row::Column::ExpiresAt, Expr::value(session.expires_at))
        .filter(row::Column::Id.eq(&session.id))
        .exec(&tx.view.0)
        .await?;
    Ok(())
}

/// Writes a new session.
///
/// # Errors
/// Whatever the database says.
pub async fn insert(tx: &SystemTx, session: &Session) -> Result<(), StoreError> {
    let row = row::Model {
        id: session.id.clone(),
        user_id: session.user.map(|u| u.0),
        data: session.data.clone(),
        created_at: session.created_at,
        last_seen_at: session.last_seen_at,
        expires_at: session.expires_at,
    };
    row::Entity::insert(row.into_active_model())
        .exec_without_returning(&tx.view.0)
        .await?;
    Ok(())
}

/// Forgets a session.
///
/// # Errors
/// Whatever the database says.
pub async fn delete(tx: &SystemTx, id: &str) -> Result<(), StoreError> {
    row::Entity::delete_by_id(id).exec(&tx.view.0).await?;
    Ok(())
}

/// The live sessions of a user, latest seen first.
///
/// # Errors
/// Whatever the database says.
pub async fn list_of(
    view: &View,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<Vec<Session>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::UserId.eq(user.0))
        .filter(row::Column::ExpiresAt.gt(now))
        .order_by_desc(row::Column::LastSeenAt)
        .all(&view.0)
        .await?;
    Ok(rows.into_iter().map(from_row).collect())
}

/// Signs a user out everywhere, but for one session to keep.
///
/// # Errors
/// Whatever the database says.
pub async fn delete_of(
    tx: &impl Writes,
    user: UserId,
    keep: Option<&str>,
) -> Result<u64, StoreError> {
    let mut query = row::Entity::delete_many().filter(row::Column::UserId.eq(user.0));
    if let Some(keep) = keep {
        query = query.filter(row::Column::Id.ne(keep));
    }
    Ok(query.exec(&tx.0).await?.rows_affected)
}

/// Forgets what has expired: sessions, and failures older than a day.
///
/// # Errors
/// Whatever the database says.
pub async fn purge(tx: &SystemTx) -> Result<(), StoreError> {
    row::Entity::delete_many()
        .filter(row::Column::ExpiresAt.lte(tx.now()))
        .exec(&tx.view.0)
        .await?;
    let yesterday = tx.now() - chrono::TimeDelta::days(1);
    login_attempt::Entity::delete_many()
        .filter(login_attempt::Column::FirstAt.lt(yesterday))
        .exec(&tx.view.0)
        .await?;
    Ok(())
}

/// Counts one more attempt under a key (account and address), and says how many that makes;
/// a window older than `window` starts anew.
///
/// # Errors
/// Whatever the database says.
pub async fn count_attempt(
    tx: &SystemTx,
    key: &str,
    window: chrono::TimeDelta,
) -> Result<i32, StoreError> {
    // One statement: of two that find nothing, the second must not begin the count again.
    let known = |column| Expr::col((login_attempt::Entity, column));
    let recent = || known(login_attempt::Column::FirstAt).gt(tx.now() - window);
    let failures = Expr::case(recent(), known(login_attempt::Column::Failures).add(1)).finally(1);
    let first_at = Expr::case(recent(), known(login_attempt::Column::FirstAt)).finally(tx.now());
    let again = OnConflict::column(login_attempt::Column::Key)
        .value(login_attempt::Column::Failures, failures)
        .value(login_attempt::Column::FirstAt, first_at)
        .to_owned();
    let first = login_attempt::Model {
        key: key.to_owned(),
        failures: 1,
        first_at: tx.now(),
        blocked_until: None,
    };
    login_attempt::Entity::insert(first.into_active_model())
        .on_conflict(again)
        .exec_without_returning(&tx.view.0)
        .await?;
    let row = login_attempt::Entity::find_by_id(key)
        .one(&tx.view.0)
        .await?;
    Ok(row.map_or(1, |row| row.failures))
}

/// A successful sign-in wipes the slate.
///
/// # Errors
/// Whatever the database says.
pub async fn forget_attempts(tx: &SystemTx, key: &str) -> Result<(), StoreError> {
    login_attempt::Entity::delete_by_id(key)
        .exec(&tx.view.0)
        .await?;
    Ok(())
}

/// Finds the live token with this hash.
///
/// # Errors
/// Whatever the database says.
pub async fn find_token(
    view: &View,
    secret_hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<LiveToken>, StoreError> {
    let found = api_token::Entity::find()
        .filter(api_token::Column::SecretHash.eq(secret_hash))
        .filter(api_token::Column::RevokedAt.is_null())
        .one(&view.0)
        .await?;
    Ok(found
        .filter(|t| t.expires_at.is_none_or(|end| end > now))
        .map(|t| LiveToken {
            id: TokenId(t.id),
            user: UserId(t.user_id),
            scopes: t.scopes,
            expires_at: t.expires_at,
        }))
}

/// Remembers the day a token was used; at most one write a day.
///
/// # Errors
/// Whatever the database says.
pub async fn note_token_use(tx: &SystemTx, token: TokenId) -> Result<(), StoreError> {
    let today = tx.now().date_naive();
    api_token_use::Entity::delete_by_id(token.0)
        .exec(&tx.view.0)
        .await?;
    let row = api_token_use::Model {
        token_id: token.0,
        used_on: today,
    };
    api_token_use::Entity::insert(row.into_active_model())
        .on_conflict_do_nothing()
        .exec(&tx.view.0)
        .await?;
    Ok(())
}

/// The day each token was last used.
///
/// # Errors
/// Whatever the database says.
pub async fn token_used_on(
    view: &View,
    token: TokenId,
) -> Result<Option<chrono::NaiveDate>, StoreError> {
    let id: Uuid = token.0;
    Ok(api_token_use::Entity::find_by_id(id)
        .one(&view.0)
        .await?
        .map(|row| row.used_on))
}

fn from_row(row: row::Model) -> Session {
    Session {
        id: row.id,
        user: row.user_id.map(UserId),
        data: row.data,
        created_at: row.created_at,
        last_seen_at: row.last_seen_at,
        expires_at: row.expires_at,
    }
}

//! API tokens as rows: by the hash of their secret.
use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::{
    identity::{TokenId, UserId},
    token::{Token, TokenScope},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{
    StoreError, Tx, View,
    organisations::read,
    rows::{api_token as row, api_token_use},
};

/// A page of a user's tokens, the latest first, revoked ones included.
///
/// # Errors
/// Whatever the database says.
pub async fn list_of(
    view: &View,
    user: UserId,
    before: Option<TokenId>,
    limit: u64,
) -> Result<Vec<Token>, StoreError> {
    let mut query = row::Entity::find().filter(row::Column::UserId.eq(user.0));
    if let Some(last) = before {
        query = query.filter(row::Column::Id.lt(last.0));
    }
    // Identifiers begin with the instant: their order is that of creation.
    let rows = query.order_by_desc(row::Column::Id).limit(limit);
    let rows = rows.all(&view.0).await?;
    rows.into_iter().map(from_row).collect()
}

/// The day each token was last used, for those that were.
///
/// # Errors
/// Whatever the database says.
pub async fn uses(
    view: &View,
    tokens: impl IntoIterator<Item = TokenId>,
) -> Result<BTreeMap<TokenId, NaiveDate>, StoreError> {
    let ids: Vec<Uuid> = tokens.into_iter().map(|id| id.0).collect();
    let rows = api_token_use::Entity::find()
        .filter(api_token_use::Column::TokenId.is_in(ids))
        .all(&view.0)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| (TokenId(row.token_id), row.used_on))
        .collect())
}

/// Reads a token with the hash of its secret, and keeps others from changing it.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn lock(tx: &Tx, id: TokenId) -> Result<(Token, String), StoreError> {
    let found = row::Entity::find_by_id(id.0)
        .lock_exclusive()
        .one(&tx.view.0)
        .await?;
    let row = found.ok_or(StoreError::NotFound)?;
    let hash = row.secret_hash.clone();
    Ok((from_row(row)?, hash))
}

/// Adds a token under the hash of its secret.
///
/// # Errors
/// Whatever the database says.
pub async fn insert(tx: &Tx, token: &Token, secret_hash: &str) -> Result<(), StoreError> {
    tx.insert(to_row(token, secret_hash)).await
}

/// Writes changes over the version that was read.
///
/// # Errors
/// [`StoreError::Stale`] if it changed meanwhile.
pub async fn save(tx: &Tx, token: &Token, secret_hash: &str) -> Result<(), StoreError> {
    let mut row = to_row(token, secret_hash);
    row.version += 1;
    tx.update(row).await
}

fn to_row(token: &Token, secret_hash: &str) -> row::Model {
    row::Model {
        id: token.id.0,
        user_id: token.user.0,
        name: token.name.clone(),
        secret_hash: secret_hash.to_owned(),
        scopes: token.scope.code().to_owned(),
        created_at: token.created_at,
        expires_at: token.expires_at,
        revoked_at: token.revoked_at,
        version: token.version,
    }
}

fn from_row(row: row::Model) -> Result<Token, StoreError> {
    Ok(Token {
        id: TokenId(row.id),
        user: UserId(row.user_id),
        name: row.name,
        scope: read("api_token.scopes", &row.scopes, TokenScope::from_code)?,
        created_at: row.created_at,
        expires_at: row.expires_at,
        revoked_at: row.revoked_at,
        version: row.version,
    })
}

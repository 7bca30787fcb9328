//! Personal tokens for the API: created, listed, revoked.
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    identity::{TokenId, UserId},
    token::{Token, TokenScope},
};

use super::{Actor, App, Error, sessions::digest};
use crate::store::{Begun, Line, Scope, tokens as rows};

/// What is needed to create a token.
#[derive(Clone, Debug)]
pub struct NewToken {
    pub name: String,
    pub scope: TokenScope,
    pub expires_at: Option<DateTime<Utc>>,
}

/// A new token with its secret, shown once.
#[derive(Clone, Debug)]
pub struct Created {
    pub token: Token,
    pub secret: String,
}

/// A token in a list.
#[derive(Clone, Debug)]
pub struct Listed {
    pub token: Token,
    pub live: bool,
    pub used_on: Option<NaiveDate>,
}

/// Creates a token for the actor.
///
/// # Errors
/// [`Error::Forbidden`] when the actor is not a person, or is a program whose own token may do
/// less or ends earlier: a token never outgrows the one that makes it.
pub async fn create(app: &App, actor: &Actor, new: NewToken) -> Result<Created, Error> {
    let user = actor.user().ok_or(Error::Forbidden)?;
    create_for(app, actor, user, new).await
}

/// Creates a token for a user, from the server's command line.
///
/// # Errors
/// [`Error::Forbidden`] to those who do not run the installation and are not that user.
pub async fn create_for(
    app: &App,
    actor: &Actor,
    user: UserId,
    new: NewToken,
) -> Result<Created, Error> {
    if actor.user() != Some(user) && actor.user().is_some() {
        return Err(Error::Forbidden);
    }
    if outgrows(actor, &new) {
        return Err(Error::Forbidden);
    }
    let Begun::Fresh(tx) = app.begin(actor, "token.create").await? else {
        return Err(Error::OperationReused); // the secret was shown once
    };
    let secret = app.clock.new_secret();
    let token = Token {
        id: TokenId(app.clock.new_id()),
        user,
        name: new.name,
        scope: new.scope,
        created_at: tx.now(),
        expires_at: new.expires_at,
        revoked_at: None,
        version: 0,
    };
    rows::insert(&tx, &token, &digest(&secret)).await?;
    let line = Line::about(Scope::Instance, "token", token.id.0)
        .saying(serde_json::json!({ "user": user.0, "scope": token.scope.code() }));
    tx.commit(line).await?;
    Ok(Created { token, secret })
}

/// Whether a token would do more, or live longer, than the one that the actor carries.
fn outgrows(actor: &Actor, new: &NewToken) -> bool {
    let wider = actor.token_may_write == Some(false) && new.scope == TokenScope::Write;
    let later = actor
        .token_ends_at
        .is_some_and(|end| new.expires_at.is_none_or(|asked| asked > end));
    wider || later
}

/// A page of the actor's tokens, the latest first.
///
/// # Errors
/// [`Error::Forbidden`] when the actor is not a person.
pub async fn list(
    app: &App,
    actor: &Actor,
    before: Option<TokenId>,
    limit: u64,
) -> Result<Vec<Listed>, Error> {
    let user = actor.user().ok_or(Error::Forbidden)?;
    let view = app.store.view().await?;
    let tokens = rows::list_of(&view, user, before, limit).await?;
    let uses = rows::uses(&view, tokens.iter().map(|t| t.id)).await?;
    let now = app.clock.now();
    let listed = tokens.into_iter().map(|token| Listed {
        live: token.is_live(now),
        used_on: uses.get(&token.id).copied(),
        token,
    });
    Ok(listed.collect())
}

/// Revokes one of the actor's tokens; revoking twice changes nothing.
///
/// # Errors
/// [`Error::NotFound`] for somebody else's.
pub async fn revoke(app: &App, actor: &Actor, id: TokenId) -> Result<(), Error> {
    let user = actor.user().ok_or(Error::Forbidden)?;
    let Begun::Fresh(tx) = app.begin(actor, "token.revoke").await? else {
        return Ok(());
    };
    let (mut token, hash) = rows::lock(&tx, id).await?;
    if token.user != user {
        return Err(Error::NotFound);
    }
    if token.revoked_at.is_some() {
        return Ok(());
    }
    token.revoked_at = Some(tx.now());
    rows::save(&tx, &token, &hash).await?;
    Ok(tx
        .commit(Line::about(Scope::Instance, "token", id.0))
        .await?)
}

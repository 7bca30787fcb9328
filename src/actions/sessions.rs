//! Signing in: by password, by link or by token; and what a signed-in browser keeps.
use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use chrono::TimeDelta;
use domain::{
    identity::{Email, OrganisationId, UserId},
    permission::Right,
    text::hex,
    user::{LinkKind, User, UserError, UserState, check_password},
};
use sha2::{Digest, Sha256};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{Actor, App, Error};
pub use crate::store::sessions::Session;
use crate::store::{
    ActorRef, Begun, Line, Scope, StoreError,
    sessions::{self as rows},
    users,
};

/// Verified when there is no such user, so that the answer takes as long as for a real one.
const DUMMY_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$\
                          YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE";

/// Checks an address and a password; `address` is the network address, for throttling.
///
/// # Errors
/// [`UserError::WrongCredentials`] or [`UserError::TooManyFailures`], as a refusal.
pub async fn sign_in(
    app: &App,
    email: &str,
    password: &str,
    address: &str,
) -> Result<UserId, Error> {
    let email = Email::parse(email).ok();
    let folded = email.as_ref().map(Email::folded).unwrap_or_default();
    let login = &app.settings.login;
    let key = digest(&format!("{folded}|{address}"));
    count_attempt(app, &key, login.failures_max).await?;
    // Many addresses must not make many guesses either; one that is refused counts no more.
    let everywhere = digest(&format!("{folded}|everywhere"));
    count_attempt(app, &everywhere, login.failures_account_max).await?;
    let (known, hash) = {
        let view = app.store.view().await?;
        let known = match &email {
            Some(email) => users::find_by_email(&view, email).await?,
            None => None,
        };
        let hash = match &known {
            Some(user) if user.state == UserState::Active => {
                users::password_hash(&view, user.id).await?
            }
            _ => None,
        };
        (known, hash)
    };
    let right = verify(
        hash.unwrap_or_else(|| DUMMY_HASH.to_owned()),
        password.to_owned(),
    )
    .await?;
    let Some(user) = known.filter(|_| right) else {
        tracing::info!("Refused a sign-in");
        return Err(UserError::WrongCredentials.into());
    };
    forget_attempts(app, &key).await?;
    forget_attempts(app, &everywhere).await?;
    Ok(user.id)
}

/// Counts an attempt before it is checked, so that a hundred guesses sent at once are a hundred.
async fn count_attempt(app: &App, key: &str, most: i32) -> Result<(), Error> {
    let minutes = app.settings.login.window_minutes;
    let tx = app.store.system_write(app.clock.now()).await?;
    let attempts = rows::count_attempt(&tx, key, TimeDelta::minutes(minutes)).await?;
    tx.commit().await?;
    if attempts > most {
        return Err(UserError::TooManyFailures { minutes }.into());
    }
    Ok(())
}

/// A success wipes the slate.
async fn forget_attempts(app: &App, key: &str) -> Result<(), Error> {
    let tx = app.store.system_write(app.clock.now()).await?;
    rows::forget_attempts(&tx, key).await?;
    Ok(tx.commit().await?)
}

/// The user behind a link that may still be used; shows who is about to choose a password.
///
/// # Errors
/// [`UserError::LinkUnusable`], as a refusal.
pub async fn read_link(app: &App, secret: &str) -> Result<(User, LinkKind), Error> {
    let view = app.store.view().await?;
    let link = users::find_link(&view, &digest(secret)).await?;
    let live = link.filter(|l| l.used_at.is_none() && l.expires_at > app.clock.now());
    let Some(link) = live else {
        return Err(UserError::LinkUnusable.into());
    };
    let user = users::find(&view, link.user).await?;
    if user.state == UserState::Disabled {
        return Err(UserError::LinkUnusable.into());
    }
    Ok((user, link.kind))
}

/// Uses an invitation or a reset link: sets the password, ends every other session.
///
/// # Errors
/// [`UserError::LinkUnusable`] or a password refused.
pub async fn choose_password(app: &App, secret: &str, password: &str) -> Result<UserId, Error> {
    let (user, kind) = read_link(app, secret).await?;
    if kind == LinkKind::SignIn {
        return Err(UserError::LinkUnusable.into());
    }
    check_password(password, &user, app.settings.login.password_characters_min)?;
    let hash = hash(password.to_owned()).await?;
    let actor = Actor {
        who: ActorRef::User(user.id),
        ..Actor::operator()
    };
    let Begun::Fresh(tx) = app.begin(&actor, "user.choose_password").await? else {
        return Err(Error::OperationReused);
    };
    let link = users::find_link(&tx, &digest(secret)).await?;
    let Some(link) = link else {
        return Err(UserError::LinkUnusable.into());
    };
    if !users::use_link(&tx, link.id).await? {
        return Err(UserError::LinkUnusable.into());
    }
    let mut user = users::lock(&tx, user.id).await?;
    user.state = UserState::Active;
    users::save(&tx, &user).await?;
    users::set_password_hash(&tx, user.id, hash).await?;
    users::void_links(&tx, user.id).await?;
    rows::delete_of(&tx, user.id, None).await?;
    tx.commit(Line::about(Scope::Instance, "user", user.id.0))
        .await?;
    Ok(user.id)
}

/// Changes the actor's own password, knowing the present one; other sessions end.
///
/// `session` is the cookie of the browser that asks and stays signed in.
///
/// # Errors
/// [`UserError::WrongPassword`] or a new password refused.
pub async fn change_password(
    app: &App,
    actor: &Actor,
    present: &str,
    new: &str,
    session: &str,
) -> Result<(), Error> {
    let id = actor.user().ok_or(Error::Forbidden)?;
    let (user, known) = {
        let view = app.store.view().await?;
        let user = users::find(&view, id).await?;
        (user, users::password_hash(&view, id).await?)
    };
    let known = known.unwrap_or_else(|| DUMMY_HASH.to_owned());
    // Who found a browser open must not guess at leisure.
    let key = digest(&format!("present|{id}"));
    count_attempt(app, &key, app.settings.login.failures_max).await?;
    if !verify(known, present.to_owned()).await? {
        return Err(UserError::WrongPassword.into());
    }
    forget_attempts(app, &key).await?;
    check_password(new, &user, app.settings.login.password_characters_min)?;
    let hash = hash(new.to_owned()).await?;
    let Begun::Fresh(tx) = app.begin(actor, "user.change_password").await? else {
        return Ok(());
    };
    users::set_password_hash(&tx, id, hash).await?;
    users::void_links(&tx, id).await?;
    rows::delete_of(&tx, id, Some(&digest(session))).await?;
    tx.commit(Line::about(Scope::Instance, "user", id.0))
        .await?;
    Ok(())
}

/// The actor's live sessions, the latest seen first.
///
/// # Errors
/// Whatever the database says.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<Session>, Error> {
    let id = actor.user().ok_or(Error::Forbidden)?;
    let view = app.store.view().await?;
    Ok(rows::list_of(&view, id, app.clock.now()).await?)
}

/// Ends the actor's sessions, but for the one of this cookie.
///
/// # Errors
/// Whatever the database says.
pub async fn end_others(app: &App, actor: &Actor, session: &str) -> Result<u64, Error> {
    let id = actor.user().ok_or(Error::Forbidden)?;
    let tx = app.store.system_write(app.clock.now()).await?;
    let ended = rows::delete_of(&tx, id, Some(&digest(session))).await?;
    tx.commit().await?;
    Ok(ended)
}

/// Uses a one-time sign-in link.
///
/// # Errors
/// [`UserError::LinkUnusable`], as a refusal.
pub async fn sign_in_by_link(app: &App, secret: &str) -> Result<UserId, Error> {
    let (user, kind) = read_link(app, secret).await?;
    if kind != LinkKind::SignIn || user.state != UserState::Active {
        return Err(UserError::LinkUnusable.into());
    }
    let tx = app.store.system_write(app.clock.now()).await?;
    let link = users::find_link(&tx, &digest(secret)).await?;
    let Some(link) = link else {
        return Err(UserError::LinkUnusable.into());
    };
    if !users::use_link(&tx, link.id).await? {
        return Err(UserError::LinkUnusable.into());
    }
    tx.commit().await?;
    Ok(user.id)
}

/// The actor that a user is now, acting for the organisation chosen if it is still theirs.
///
/// # Errors
/// [`Error::Unauthenticated`] when the account was disabled.
pub async fn actor_of(
    app: &App,
    user: UserId,
    chosen: Option<OrganisationId>,
) -> Result<Actor, Error> {
    let view = app.store.view().await?;
    let found = match users::find(&view, user).await {
        Err(StoreError::NotFound) => return Err(Error::Unauthenticated),
        other => other?,
    };
    if found.state != UserState::Active {
        return Err(Error::Unauthenticated);
    }
    let roles = users::roles(&view, user).await?;
    let mut actor = Actor {
        who: ActorRef::User(user),
        name: found.name,
        email: found.email.as_str().to_owned(),
        roles,
        operator: found.operator,
        acting_for: None,
        operation: None,
        token_may_write: None,
        token_ends_at: None,
    };
    // Someone who coordinates starts there; else the first organisation.
    let first = actor
        .organisations_with(Right::RunGroupings)
        .next()
        .or_else(|| actor.roles.keys().next().copied());
    actor.acting_for = chosen.filter(|id| actor.belongs_to(*id)).or(first);
    Ok(actor)
}

/// The actor behind an API token.
///
/// # Errors
/// [`Error::Unauthenticated`] when the token is unknown, expired or revoked.
pub async fn actor_of_token(app: &App, secret: &str) -> Result<Actor, Error> {
    let now = app.clock.now();
    let token = {
        let view = app.store.view().await?;
        let token = rows::find_token(&view, &digest(secret), now).await?;
        let token = token.ok_or(Error::Unauthenticated)?;
        let used = rows::token_used_on(&view, token.id).await?;
        (token, used)
    };
    let (token, used_on) = token;
    if used_on != Some(now.date_naive()) {
        let tx = app.store.system_write(now).await?;
        rows::note_token_use(&tx, token.id).await?;
        tx.commit().await?;
    }
    let mut actor = actor_of(app, token.user, None).await?;
    actor.token_may_write = Some(token.scopes == "write");
    actor.token_ends_at = token.expires_at;
    Ok(actor)
}

/// Reads the session of a browser.
///
/// # Errors
/// Whatever the database says.
pub async fn find(app: &App, id: &str) -> Result<Option<Session>, Error> {
    let view = app.store.view().await?;
    Ok(rows::find(&view, &digest(id), app.clock.now()).await?)
}

/// Begins the session of a browser; its identifier is kept as a hash.
///
/// # Errors
/// Whatever the database says.
pub async fn create(app: &App, mut session: Session) -> Result<(), Error> {
    session.id = digest(&session.id);
    let tx = app.store.system_write(app.clock.now()).await?;
    rows::insert(&tx, &session).await?;
    Ok(tx.commit().await?)
}

/// Writes what changed in the session of a browser, unless it was ended meanwhile.
///
/// # Errors
/// Whatever the database says.
pub async fn save(app: &App, mut session: Session) -> Result<(), Error> {
    session.id = digest(&session.id);
    let tx = app.store.system_write(app.clock.now()).await?;
    rows::save(&tx, &session).await?;
    Ok(tx.commit().await?)
}

/// Forgets the session of a browser.
///
/// # Errors
/// Whatever the database says.
pub async fn delete(app: &App, id: &str) -> Result<(), Error> {
    let tx = app.store.system_write(app.clock.now()).await?;
    rows::delete(&tx, &digest(id)).await?;
    Ok(tx.commit().await?)
}

/// SHA-256 in hexadecimal: what is stored in place of a secret of high entropy.
#[must_use]
pub fn digest(secret: &str) -> String {
    hex(Sha256::digest(secret))
}

/// Passwords checked at once: each takes 19 MiB and a core, and anyone may send a form.
static HASHING: Semaphore = Semaphore::const_new(4);

async fn turn() -> Result<SemaphorePermit<'static>, Error> {
    HASHING
        .acquire()
        .await
        .map_err(|e| Error::Internal(e.into()))
}

/// Argon2id takes tens of milliseconds: never on a thread that serves others.
pub(super) async fn hash(password: String) -> Result<String, Error> {
    let _turn = turn().await?;
    let hashed = tokio::task::spawn_blocking(move || {
        Argon2::default()
            .hash_password(password.as_bytes())
            .map(|hash| hash.to_string())
    });
    let hashed = hashed.await.map_err(|e| Error::Internal(e.into()))?;
    hashed.map_err(|e| Error::Internal(anyhow::anyhow!("argon2: {e}")))
}

async fn verify(hash: String, password: String) -> Result<bool, Error> {
    let _turn = turn().await?;
    let verified = tokio::task::spawn_blocking(move || {
        PasswordHash::new(&hash).is_ok_and(|h| {
            Argon2::default()
                .verify_password(password.as_bytes(), &h)
                .is_ok()
        })
    });
    verified.await.map_err(|e| Error::Internal(e.into()))
}

/// Forgets expired sessions, old failures and old operation keys.
///
/// # Errors
/// Whatever the database says.
pub async fn purge(app: &App) -> Result<(), Error> {
    let tx = app.store.system_write(app.clock.now()).await?;
    rows::purge(&tx).await?;
    crate::store::operations::purge(&tx).await?;
    Ok(tx.commit().await?)
}

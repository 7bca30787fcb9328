//! Users: created, invited, given roles.
use chrono::TimeDelta;
use domain::{
    identity::{Email, OrganisationId, Phone, UserId},
    permission::{Right, Role},
    user::{LinkKind, User, UserState},
};

use super::{Actor, App, Error, sessions::digest};
use crate::store::{
    Begun, Line, Scope, Tx,
    users::{self, LoginLink},
};

/// What is needed to create a user.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub email: Email,
    pub name: String,
    pub phone: Option<Phone>,
    pub roles: Vec<(OrganisationId, Role)>,
    pub operator: bool,
}

/// A link to hand over: its secret is shown once and never stored.
#[derive(Clone, Debug)]
pub struct Issued {
    pub user: User,
    pub secret: String,
}

/// Invites someone: creates the account if the address is new, gives the roles, makes a link.
///
/// # Errors
/// [`Error::Forbidden`] without [`Right::ManageUsers`] in each organisation.
pub async fn invite(app: &App, actor: &Actor, new: NewUser) -> Result<Issued, Error> {
    for (organisation, _) in &new.roles {
        actor.require(Right::ManageUsers, *organisation)?;
    }
    if (new.operator || new.roles.is_empty()) && !actor.operator {
        return Err(Error::Forbidden);
    }
    let Begun::Fresh(tx) = app.begin(actor, "user.invite").await? else {
        return Err(Error::OperationReused); // the secret was shown once, with the first answer
    };
    let issued = add(app, &tx, new, LinkKind::Invitation).await?;
    tx.commit(Line::about(Scope::Instance, "user", issued.user.id.0))
        .await?;
    tracing::info!(user.id = %issued.user.id, "Invited a user");
    Ok(issued)
}

/// The rows of an invitation, inside any action that makes users.
pub(super) async fn add(app: &App, tx: &Tx, new: NewUser, link: LinkKind) -> Result<Issued, Error> {
    let user = match users::find_by_email(tx, &new.email).await? {
        Some(known) => known,
        None => {
            let user = User {
                id: UserId(app.clock.new_id()),
                email: new.email,
                name: new.name,
                phone: new.phone,
                state: UserState::Invited,
                operator: new.operator,
                created_at: tx.now(),
                version: 0,
            };
            users::insert(tx, &user).await?;
            user
        }
    };
    for (organisation, role) in new.roles {
        users::grant(tx, app.clock.new_id(), user.id, organisation, role).await?;
    }
    let secret = issue_link(app, tx, user.id, link).await?;
    Ok(Issued { user, secret })
}

/// Makes a link of a kind; the secret goes to its bearer only.
pub(super) async fn issue_link(
    app: &App,
    tx: &Tx,
    user: UserId,
    kind: LinkKind,
) -> Result<String, Error> {
    let login = &app.settings.login;
    let life = match kind {
        LinkKind::Invitation => TimeDelta::hours(login.invitation_hours),
        LinkKind::PasswordReset => TimeDelta::minutes(login.reset_minutes),
        LinkKind::SignIn => TimeDelta::minutes(login.sign_in_minutes),
    };
    let secret = app.clock.new_secret();
    let link = LoginLink {
        id: app.clock.new_id(),
        user,
        kind,
        secret_hash: digest(&secret),
        expires_at: tx.now() + life,
        used_at: None,
        created_at: tx.now(),
    };
    users::insert_link(tx, &link).await?;
    Ok(secret)
}

/// Whether anybody has an account yet.
///
/// # Errors
/// Whatever the database says.
pub async fn any(app: &App) -> Result<bool, Error> {
    let view = app.store.view().await?;
    Ok(users::count(&view).await? > 0)
}

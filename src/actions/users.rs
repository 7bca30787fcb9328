//! Users: created, invited, given roles.
use chrono::TimeDelta;
use domain::{
    identity::{Email, OrganisationId, Phone, UserId},
    permission::{Right, Role},
    user::{LinkKind, User, UserError, UserState},
};

use super::{Actor, App, Error, organisations::require_over, sessions::digest};
use crate::store::{
    Begun, Line, Scope, Tx, View,
    users::{self, LoginLink},
};

mod import;
mod people;
mod roles;

pub use import::{Imported, NewPerson, Outcome, import};
pub use people::{People, people};
pub(super) use roles::check_held;
pub use roles::{
    Colleague, account, count, disable, enable, find_by_email, give_role, list, list_everyone,
    make_link, set_roles, take_role, update_profile,
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

/// Someone invited, with the link to hand over if one is needed.
#[derive(Clone, Debug)]
pub struct Invited {
    pub user: User,
    /// None for someone who has an account already, or whose account is not the actor's to open:
    /// whoever holds the link of an account holds all its roles.
    pub secret: Option<String>,
}

/// Invites someone: creates the account if the address is new, gives the roles, makes a link.
///
/// # Errors
/// [`Error::Forbidden`] without [`Right::ManageUsers`] in each organisation;
/// [`UserError::Disabled`], as a refusal.
pub async fn invite(app: &App, actor: &Actor, new: NewUser) -> Result<Invited, Error> {
    let Begun::Fresh(tx) = app.begin(actor, "user.invite").await? else {
        return Err(Error::OperationReused); // the secret was shown once, with the first answer
    };
    require_inviter(&tx, actor, &new).await?;
    let invited = add(app, &tx, actor, new).await?;
    let roles = users::roles(&tx, invited.user.id).await?;
    let held: Vec<_> = roles
        .iter()
        .flat_map(|(organisation, held)| held.iter().map(move |role| (organisation.0, role.code())))
        .collect();
    let line = Line::about(Scope::Instance, "user", invited.user.id.0)
        .saying(serde_json::json!({ "roles": held }));
    tx.commit(line).await?;
    tracing::info!(user.id = %invited.user.id, "Invited a user");
    Ok(invited)
}

pub(super) async fn require_inviter(
    view: &View,
    actor: &Actor,
    new: &NewUser,
) -> Result<(), Error> {
    for (organisation, _) in &new.roles {
        if !actor.operator {
            require_over(view, actor, Right::ManageUsers, *organisation).await?;
        }
    }
    if (new.operator || new.roles.is_empty()) && !actor.operator {
        return Err(Error::Forbidden);
    }
    Ok(())
}

/// The rows of an invitation, inside any action that makes users.
pub(super) async fn add(app: &App, tx: &Tx, actor: &Actor, new: NewUser) -> Result<Invited, Error> {
    let known = users::find_by_email(tx, &new.email).await?;
    let is_known = known.is_some();
    let user = match known {
        Some(known) if known.state == UserState::Disabled => {
            let email = known.email.to_string();
            return Err(UserError::Disabled { email }.into());
        }
        Some(mut known) => {
            if new.operator && !known.operator {
                known.operator = true;
                users::save(tx, &known).await?;
                known.version += 1;
            }
            known
        }
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
    // Before the roles are given: those that the user already holds elsewhere decide.
    let may_open = !is_known || holds_all(tx, actor, &user).await?;
    for (organisation, role) in new.roles {
        users::grant(tx, app.clock.new_id(), user.id, organisation, role).await?;
    }
    let secret = if user.state == UserState::Invited && may_open {
        Some(issue_link(app, tx, user.id, LinkKind::Invitation).await?)
    } else {
        None
    };
    Ok(Invited { user, secret })
}

/// Whether every role of a user is in organisations whose users the actor manages.
///
/// Otherwise a link made by one organisation would open the user's work in another.
pub(super) async fn holds_all(view: &View, actor: &Actor, user: &User) -> Result<bool, Error> {
    if actor.operator {
        return Ok(true);
    }
    if user.operator {
        return Ok(false);
    }
    let roles = users::roles(view, user.id).await?;
    if roles.is_empty() {
        return Ok(false);
    }
    for organisation in roles.into_keys() {
        match require_over(view, actor, Right::ManageUsers, organisation).await {
            Ok(()) => {}
            Err(Error::Forbidden | Error::NotFound) => return Ok(false),
            Err(other) => return Err(other),
        }
    }
    Ok(true)
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
    users::void_links(tx, user).await?; // a link that went astray stops working
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

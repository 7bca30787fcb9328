//! Colleagues: listed, given roles, given a new link, disabled.
use std::collections::BTreeSet;

use domain::{
    identity::{Email, OrganisationId, Phone, UserId},
    permission::{Right, Role},
    user::{LinkKind, User, UserError, UserState, check_administrator_left},
};

use uuid::Uuid;

use super::{Issued, holds_all, issue_link};
use crate::{
    actions::{Actor, App, Error, organisations::require_over},
    store::{
        Begun, Line, Scope, Start, Tx, View,
        colleagues::{self, Wanted},
        organisations, sessions, users,
    },
};

/// Someone with what they are for one organisation (« collègue »).
#[derive(Clone, Debug)]
pub struct Colleague {
    pub user: User,
    pub roles: BTreeSet<Role>,
    /// Whether a link may be made and the account disabled by the actor.
    pub held: bool,
}

/// A page of an organisation's users with their roles, by name.
///
/// # Errors
/// [`Error::Forbidden`] without [`Right::ManageUsers`].
pub async fn list(
    app: &App,
    actor: &Actor,
    wanted: &Wanted,
    start: Start<(String, Uuid)>,
    limit: u64,
) -> Result<Vec<Colleague>, Error> {
    let view = app.store.view().await?;
    require_lister(&view, actor, wanted.organisation).await?;
    let mut list: Vec<Colleague> = Vec::new();
    for (user, roles) in colleagues::page(&view, wanted, start, limit).await? {
        let held = holds_all(&view, actor, &user).await?;
        list.push(Colleague { user, roles, held });
    }
    Ok(list)
}

/// How many of them are looked for.
///
/// # Errors
/// As [`list`].
pub async fn count(app: &App, actor: &Actor, wanted: &Wanted) -> Result<u64, Error> {
    let view = app.store.view().await?;
    require_lister(&view, actor, wanted.organisation).await?;
    Ok(colleagues::count(&view, wanted).await?)
}

async fn require_lister(
    view: &View,
    actor: &Actor,
    organisation: OrganisationId,
) -> Result<(), Error> {
    if actor.operator {
        return Ok(());
    }
    require_over(view, actor, Right::ManageUsers, organisation).await
}

/// Every account of the installation, by name, for who runs it.
///
/// # Errors
/// [`Error::Forbidden`] to others.
pub async fn list_everyone(app: &App, actor: &Actor) -> Result<Vec<User>, Error> {
    if !actor.operator {
        return Err(Error::Forbidden);
    }
    let view = app.store.view().await?;
    Ok(users::list(&view).await?)
}

/// Finds an account by its address, for who runs the installation.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`] to others.
pub async fn find_by_email(app: &App, actor: &Actor, email: &Email) -> Result<User, Error> {
    if !actor.operator {
        return Err(Error::Forbidden);
    }
    let view = app.store.view().await?;
    users::find_by_email(&view, email)
        .await?
        .ok_or(Error::NotFound)
}

/// The account of the actor.
///
/// # Errors
/// [`Error::Forbidden`] when the actor is not a person.
pub async fn account(app: &App, actor: &Actor) -> Result<User, Error> {
    let id = actor.user().ok_or(Error::Forbidden)?;
    let view = app.store.view().await?;
    Ok(users::find(&view, id).await?)
}

/// Changes the actor's own name and telephone.
///
/// # Errors
/// [`Error::Stale`] if they changed since `version` was read.
pub async fn update_profile(
    app: &App,
    actor: &Actor,
    name: String,
    phone: Option<Phone>,
    version: Option<i32>,
) -> Result<User, Error> {
    let id = actor.user().ok_or(Error::Forbidden)?;
    let Begun::Fresh(tx) = app.begin(actor, "user.update").await? else {
        return account(app, actor).await;
    };
    let mut user = users::lock(&tx, id).await?;
    if version.is_some_and(|read| read != user.version) {
        return Err(Error::Stale);
    }
    (user.name, user.phone) = (name, phone);
    users::save(&tx, &user).await?;
    tx.commit(Line::about(Scope::Instance, "user", id.0))
        .await?;
    account(app, actor).await
}

/// Gives a role in an organisation to someone who has one there already.
///
/// # Errors
/// [`Error::NotFound`] for a user who is nobody there.
pub async fn give_role(
    app: &App,
    actor: &Actor,
    user: UserId,
    organisation: OrganisationId,
    role: Role,
) -> Result<(), Error> {
    let Begun::Fresh(tx) = app.begin(actor, "user.give_role").await? else {
        return Ok(());
    };
    require_manager(&tx, actor, user, organisation).await?;
    users::grant(&tx, app.clock.new_id(), user, organisation, role).await?;
    Ok(tx.commit(about(user, organisation, role)).await?)
}

/// Gives the roles wanted in an organisation and takes the others back, in one go.
///
/// # Errors
/// As [`give_role`] and [`take_role`].
pub async fn set_roles(
    app: &App,
    actor: &Actor,
    user: UserId,
    organisation: OrganisationId,
    wanted: &[Role],
) -> Result<(), Error> {
    let Begun::Fresh(tx) = app.begin(actor, "user.set_roles").await? else {
        return Ok(());
    };
    require_manager(&tx, actor, user, organisation).await?;
    let held = users::roles(&tx, user).await?;
    let held = held.get(&organisation).cloned().unwrap_or_default();
    let wanted: BTreeSet<Role> = wanted.iter().copied().collect();
    for role in wanted.difference(&held) {
        users::grant(&tx, app.clock.new_id(), user, organisation, *role).await?;
    }
    for role in held.difference(&wanted) {
        if *role == Role::Administrator {
            keep_an_administrator(&tx, user, organisation).await?;
        }
        users::revoke(&tx, user, organisation, *role).await?;
    }
    let codes: Vec<_> = wanted.iter().map(|role| role.code()).collect();
    let line = Line::about(Scope::Organisation(organisation), "user", user.0)
        .saying(serde_json::json!({ "roles": codes }));
    Ok(tx.commit(line).await?)
}

/// Takes a role back.
///
/// # Errors
/// [`UserError::LastAdministrator`], as a refusal; [`Error::NotFound`] for a role not held.
pub async fn take_role(
    app: &App,
    actor: &Actor,
    user: UserId,
    organisation: OrganisationId,
    role: Role,
) -> Result<(), Error> {
    let Begun::Fresh(tx) = app.begin(actor, "user.take_role").await? else {
        return Ok(());
    };
    require_manager(&tx, actor, user, organisation).await?;
    if role == Role::Administrator {
        keep_an_administrator(&tx, user, organisation).await?;
    }
    users::revoke(&tx, user, organisation, role).await?;
    Ok(tx.commit(about(user, organisation, role)).await?)
}

/// Closes an account: its sessions end, what it did stays under its name.
///
/// # Errors
/// [`Error::Forbidden`] when the user also works elsewhere: take their roles back instead;
/// [`UserError::LastAdministrator`] when an organisation would have none left.
pub async fn disable(app: &App, actor: &Actor, id: UserId) -> Result<User, Error> {
    let Begun::Fresh(tx) = app.begin(actor, "user.disable").await? else {
        let view = app.store.view().await?;
        return Ok(users::find(&view, id).await?);
    };
    let mut user = lock_held(&tx, actor, id).await?;
    for (organisation, roles) in users::roles(&tx, id).await? {
        if roles.contains(&Role::Administrator) && !actor.operator {
            keep_an_administrator(&tx, id, organisation).await?;
        }
    }
    user.state = UserState::Disabled;
    users::save(&tx, &user).await?;
    user.version += 1;
    sessions::delete_of(&tx, id, None).await?;
    users::void_links(&tx, id).await?;
    tx.commit(Line::about(Scope::Instance, "user", id.0))
        .await?;
    Ok(user)
}

/// Opens a closed account again; one that is open already stays as it is.
///
/// Who had a password keeps it; who had none yet is invited again, by a new link.
///
/// # Errors
/// [`Error::Forbidden`] when the user also works elsewhere.
pub async fn enable(app: &App, actor: &Actor, id: UserId) -> Result<User, Error> {
    let Begun::Fresh(tx) = app.begin(actor, "user.enable").await? else {
        let view = app.store.view().await?;
        return Ok(users::find(&view, id).await?);
    };
    let mut user = lock_held(&tx, actor, id).await?;
    if user.state != UserState::Disabled {
        return Ok(user);
    }
    user.state = match users::password_hash(&tx, id).await? {
        Some(_) => UserState::Active,
        None => UserState::Invited,
    };
    users::save(&tx, &user).await?;
    user.version += 1;
    tx.commit(Line::about(Scope::Instance, "user", id.0))
        .await?;
    Ok(user)
}

/// Makes a new link for someone; who is only invited gets an invitation.
///
/// # Errors
/// [`Error::Forbidden`] when the user also works elsewhere; [`UserError::Disabled`].
pub async fn make_link(
    app: &App,
    actor: &Actor,
    id: UserId,
    kind: LinkKind,
) -> Result<Issued, Error> {
    let Begun::Fresh(tx) = app.begin(actor, "user.make_link").await? else {
        return Err(Error::OperationReused); // the secret was shown once
    };
    let user = lock_held(&tx, actor, id).await?;
    let kind = match user.state {
        UserState::Invited => LinkKind::Invitation,
        UserState::Active => kind,
        UserState::Disabled => {
            let email = user.email.to_string();
            return Err(UserError::Disabled { email }.into());
        }
    };
    let secret = issue_link(app, &tx, id, kind).await?;
    let line = Line::about(Scope::Instance, "user", id.0)
        .saying(serde_json::json!({ "kind": kind.code() }));
    tx.commit(line).await?;
    Ok(Issued { user, secret })
}

/// A user whom the actor knows and holds wholly.
async fn lock_held(tx: &Tx, actor: &Actor, id: UserId) -> Result<User, Error> {
    let user = users::lock(tx, id).await?;
    check_held(tx, actor, id).await?;
    Ok(user)
}

/// Refuses a user whom the actor does not hold wholly: one whom it knows is forbidden.
pub(in crate::actions) async fn check_held(
    view: &View,
    actor: &Actor,
    id: UserId,
) -> Result<(), Error> {
    let user = users::find(view, id).await?;
    if holds_all(view, actor, &user).await? {
        return Ok(());
    }
    for organisation in users::roles(view, id).await?.into_keys() {
        match require_over(view, actor, Right::ManageUsers, organisation).await {
            Ok(()) => return Err(Error::Forbidden),
            Err(Error::Forbidden | Error::NotFound) => {}
            Err(other) => return Err(other),
        }
    }
    Err(Error::NotFound)
}

async fn require_manager(
    tx: &Tx,
    actor: &Actor,
    user: UserId,
    organisation: OrganisationId,
) -> Result<(), Error> {
    // Locked first: two administrators must not take each other's last role at once.
    organisations::lock(tx, organisation).await?;
    if !actor.operator {
        require_over(tx, actor, Right::ManageUsers, organisation).await?;
    }
    let roles = users::roles(tx, user).await?;
    if roles.contains_key(&organisation) || actor.operator {
        Ok(())
    } else {
        Err(Error::NotFound)
    }
}

async fn keep_an_administrator(
    tx: &Tx,
    leaving: UserId,
    organisation: OrganisationId,
) -> Result<(), Error> {
    organisations::lock(tx, organisation).await?;
    let people = users::list_of(tx, [organisation]).await?;
    let others = people.iter().filter(|(user, _, role)| {
        *role == Role::Administrator && user.id != leaving && user.state != UserState::Disabled
    });
    Ok(check_administrator_left(others.count())?)
}

fn about(user: UserId, organisation: OrganisationId, role: Role) -> Line {
    Line::about(Scope::Organisation(organisation), "user", user.0)
        .saying(serde_json::json!({ "role": role.code() }))
}

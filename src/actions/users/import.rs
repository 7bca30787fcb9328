//! A whole list of contacts and users, as it opens day one: all good lines in one transaction.
use std::collections::{BTreeMap, BTreeSet};

use domain::{
    contact::Contact,
    identity::{ContactId, Email, OrganisationId, Phone, UserId},
    permission::{Right, Role},
    text::search_text,
    user::{LinkKind, User, UserState},
};

use super::{NewUser, add, issue_link, users};
use crate::{
    actions::{Actor, App, Error, organisations::require_over},
    store::{Begun, Line, Scope, Tx, contacts},
};

/// A line of the list.
#[derive(Clone, Debug)]
pub struct NewPerson {
    pub organisation: OrganisationId,
    pub name: String,
    /// Make a user; without any the person is a contact only.
    pub roles: BTreeSet<Role>,
    pub function: Option<String>,
    pub email: Option<Email>,
    pub phone: Option<Phone>,
}

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// A new account, with its link.
    Invited,
    /// An account that was there has more roles.
    RoleGiven,
    /// A new contact.
    ContactAdded,
    /// A contact that was there has a new telephone, function or name.
    ContactChanged,
    /// Everything was there already.
    Unchanged,
    /// The organisation administers itself: its administrator invites.
    NotYours,
    /// The account was disabled.
    Disabled,
}

impl Outcome {
    /// The name in the API.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::RoleGiven => "role_given",
            Self::ContactAdded => "contact_added",
            Self::ContactChanged => "contact_changed",
            Self::Unchanged => "unchanged",
            Self::NotYours => "forbidden",
            Self::Disabled => "user.disabled",
        }
    }
}

/// What an import did, or would do.
#[derive(Clone, Debug, Default)]
pub struct Imported {
    /// One for each line, in their order.
    pub outcomes: Vec<Outcome>,
    /// The links to hand over: one for each new account, none when dry.
    pub links: Vec<(User, OrganisationId, String)>,
}

/// Invites people and keeps contacts; `dry` only tells what would happen.
///
/// A second import of the same list changes nothing: people are known by their address, contacts
/// by their address or name.
///
/// # Errors
/// Whatever the database says; a line at fault is told by its [`Outcome`].
pub async fn import(
    app: &App,
    actor: &Actor,
    people: Vec<NewPerson>,
    dry: bool,
) -> Result<Imported, Error> {
    let Begun::Fresh(tx) = app.begin(actor, "user.import").await? else {
        return Err(Error::OperationReused); // the links were shown once
    };
    // Once for all, before anyone is written: the first administrator of a commune must not stop
    // the colleagues that come after on the same list.
    let yours = yours(&tx, actor, &people).await?;
    let mut import = Import {
        app,
        tx: &tx,
        actor,
        to_link: BTreeMap::new(),
    };
    let mut outcomes = Vec::with_capacity(people.len());
    for person in people {
        outcomes.push(if yours.contains(&person.organisation) {
            import.take(person).await?
        } else {
            Outcome::NotYours
        });
    }
    let to_link = import.to_link;
    if dry {
        return Ok(Imported {
            outcomes,
            links: Vec::new(),
        });
    }
    let mut links = Vec::with_capacity(to_link.len());
    for (id, organisation) in to_link {
        let secret = issue_link(app, &tx, id, LinkKind::Invitation).await?;
        links.push((users::find(&tx, id).await?, organisation, secret));
    }
    links.sort_by_cached_key(|(user, _, _)| (user.sort_key(), user.id));
    let facts = serde_json::json!({ "lines": outcomes.len(), "invited": links.len() });
    let scope = actor
        .acting_for
        .map_or(Scope::Instance, Scope::Organisation);
    let subject = scope.id();
    let line = Line::about(scope, "organisation", subject).saying(facts);
    tx.commit(line).await?;
    Ok(Imported { outcomes, links })
}

async fn yours(
    tx: &Tx,
    actor: &Actor,
    people: &[NewPerson],
) -> Result<BTreeSet<OrganisationId>, Error> {
    let mut yours = BTreeSet::new();
    let asked: BTreeSet<OrganisationId> = people.iter().map(|p| p.organisation).collect();
    for organisation in asked {
        match require_over(tx, actor, Right::ManageUsers, organisation).await {
            Ok(()) => {
                yours.insert(organisation);
            }
            Err(Error::Forbidden | Error::NotFound) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(yours)
}

struct Import<'a> {
    app: &'a App,
    tx: &'a Tx,
    actor: &'a Actor,
    to_link: BTreeMap<UserId, OrganisationId>,
}

impl Import<'_> {
    async fn take(&mut self, person: NewPerson) -> Result<Outcome, Error> {
        let contact = self.keep_contact(&person).await?;
        let Some(email) = person.email.filter(|_| !person.roles.is_empty()) else {
            return Ok(contact);
        };
        let (organisation, mut roles) = (person.organisation, person.roles);
        let known = users::find_by_email(self.tx, &email).await?;
        if let Some(user) = &known {
            if user.state == UserState::Disabled {
                return Ok(Outcome::Disabled);
            }
            let held = users::roles(self.tx, user.id).await?.remove(&organisation);
            roles.retain(|role| !held.as_ref().is_some_and(|held| held.contains(role)));
            if roles.is_empty() {
                return Ok(contact);
            }
        }
        let new = NewUser {
            email,
            name: person.name,
            phone: person.phone,
            roles: roles.into_iter().map(|role| (organisation, role)).collect(),
            operator: false,
        };
        let invited = add(self.app, self.tx, self.actor, new).await?;
        if invited.secret.is_some() {
            self.to_link.insert(invited.user.id, organisation);
        }
        Ok(match known {
            Some(_) => Outcome::RoleGiven,
            None => Outcome::Invited,
        })
    }

    async fn keep_contact(&self, person: &NewPerson) -> Result<Outcome, Error> {
        let max = self.app.settings.limits.page_rows_max;
        let known = contacts::list(self.tx, person.organisation, max).await?;
        let name = search_text(&person.name);
        let is_same = |c: &&Contact| match (&c.email, &person.email) {
            (Some(a), Some(b)) => a.folded() == b.folded(),
            (_, _) => search_text(&c.name) == name,
        };
        let role = person
            .function
            .clone()
            .or_else(|| known.iter().find(is_same).map(|c| c.role.clone()));
        let wanted = |id, version| Contact {
            id,
            owner: person.organisation,
            name: person.name.clone(),
            role: role.clone().unwrap_or_default(),
            email: person.email.clone(),
            phone: person.phone.clone(),
            active: true,
            version,
        };
        let Some(same) = known.iter().find(is_same) else {
            let contact = wanted(ContactId(self.app.clock.new_id()), 0);
            contacts::insert(self.tx, &[contact]).await?;
            return Ok(Outcome::ContactAdded);
        };
        let mut changed = wanted(same.id, same.version);
        // An empty cell says nothing: it does not erase what is known.
        changed.email = changed.email.or_else(|| same.email.clone());
        changed.phone = changed.phone.or_else(|| same.phone.clone());
        if changed == *same {
            return Ok(Outcome::Unchanged);
        }
        contacts::save(self.tx, &changed).await?;
        Ok(Outcome::ContactChanged)
    }
}

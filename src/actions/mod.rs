//! What people can do. One file per noun, one function per verb, always six beats: right, write,
//! lock, rule, save, commit.
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    Refusal,
    field::Field,
    identity::{OrganisationId, UserId},
    organisation::Organisation,
    permission::{Right, Role},
};

use crate::{
    clock::Clock,
    settings::Settings,
    store::{ActorRef, Begun, OperationKey, Stamp, Store, StoreError},
};

pub mod attachments;
pub mod audit;
pub mod budgets;
pub mod contacts;
pub mod demo;
pub mod jobs;
pub mod journal;
pub mod organisations;
pub mod progress;
pub mod purchasing;
pub mod sessions;
pub mod sites;
pub mod targets;
pub mod todo;
pub mod tokens;
pub mod users;

/// What every action needs: where things are kept, what time it is, how it was set up.
#[derive(Clone, Debug)]
pub struct App {
    pub store: Store,
    pub clock: Clock,
    pub settings: Arc<Settings>,
    /// A demonstration database: personas may sign in with one click.
    pub demo: bool,
}

/// Who acts, with every role read in this request: no cache ever decides a right.
#[derive(Clone, Debug)]
pub struct Actor {
    pub who: ActorRef,
    pub name: String,
    pub email: String,
    /// The roles by organisation.
    pub roles: BTreeMap<OrganisationId, BTreeSet<Role>>,
    /// Runs the installation; not an administrator of any organisation.
    pub operator: bool,
    /// The organisation chosen in the switcher; one of `roles`.
    pub acting_for: Option<OrganisationId>,
    /// The key of this request, when the client sent one.
    pub operation: Option<OperationKey>,
    /// What a token may do; `None` for a person at a keyboard.
    pub token_may_write: Option<bool>,
    /// When the token carried ends; `None` for a person, or a token without end.
    pub token_ends_at: Option<DateTime<Utc>>,
}

impl Actor {
    /// The passing of time: closes rounds, sends reminders.
    #[must_use]
    pub fn clock() -> Self {
        Self::machine(ActorRef::Clock, "Horloge")
    }

    /// Someone at the server's command line, who could write to the file anyway.
    #[must_use]
    pub fn operator() -> Self {
        Self::machine(ActorRef::Operator, "Exploitant")
    }

    fn machine(who: ActorRef, name: &str) -> Self {
        Self {
            who,
            name: name.to_owned(),
            email: String::new(),
            roles: BTreeMap::new(),
            operator: who == ActorRef::Operator,
            acting_for: None,
            operation: None,
            token_may_write: None,
            token_ends_at: None,
        }
    }

    /// The user, when the actor is one.
    #[must_use]
    pub fn user(&self) -> Option<UserId> {
        match self.who {
            ActorRef::User(id) => Some(id),
            ActorRef::Clock | ActorRef::Operator => None,
        }
    }

    /// Whether the actor may do this for the organisation.
    #[must_use]
    pub fn may(&self, right: Right, organisation: OrganisationId) -> bool {
        match self.who {
            ActorRef::Clock | ActorRef::Operator => true,
            ActorRef::User(_) => self
                .roles
                .get(&organisation)
                .is_some_and(|roles| roles.iter().any(|role| right.allows(*role))),
        }
    }

    /// Whether the actor has any role in the organisation.
    #[must_use]
    pub fn belongs_to(&self, organisation: OrganisationId) -> bool {
        self.may(Right::See, organisation)
    }

    /// The organisations for which the actor may do this.
    pub fn organisations_with(&self, right: Right) -> impl Iterator<Item = OrganisationId> + '_ {
        self.roles
            .iter()
            .filter(move |(_, roles)| roles.iter().any(|role| right.allows(*role)))
            .map(|(id, _)| *id)
    }

    /// Refuses who may not: as "not found" to those who have nothing to do with the
    /// organisation, so that what is not theirs stays unknown to them.
    ///
    /// # Errors
    /// [`Error::NotFound`] or [`Error::Forbidden`].
    pub fn require(&self, right: Right, organisation: OrganisationId) -> Result<(), Error> {
        if self.may(right, organisation) {
            Ok(())
        } else if self.belongs_to(organisation) {
            Err(Error::Forbidden)
        } else {
            Err(Error::NotFound)
        }
    }

    /// Refuses who may not, of something that they were shown to see: never as "not found".
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn require_of_seen(&self, right: Right, organisation: OrganisationId) -> Result<(), Error> {
        if self.may(right, organisation) {
            Ok(())
        } else {
            Err(Error::Forbidden)
        }
    }

    /// The same person for something that may be a try: a try does not use the key up.
    #[must_use]
    pub fn trying(&self, dry: bool) -> Self {
        let actor = self.clone();
        if dry {
            actor.with_operation(None)
        } else {
            actor
        }
    }

    /// The same person with the key of this request.
    #[must_use]
    pub fn with_operation(mut self, operation: Option<OperationKey>) -> Self {
        self.operation = operation;
        self
    }
}

impl App {
    /// What day it is where an organisation lives, « 22 mai » at half past midnight.
    #[must_use]
    pub fn today_of(&self, organisation: &Organisation) -> NaiveDate {
        organisations::day_at(self.clock.now(), organisation)
    }

    /// Opens the transaction of an action; says so if its key already acted.
    ///
    /// # Errors
    /// [`Error::OperationReused`], [`Error::Busy`], or [`Error::Forbidden`] for a reading token.
    pub async fn begin(&self, actor: &Actor, action: &'static str) -> Result<Begun, Error> {
        if actor.token_may_write == Some(false) {
            return Err(Error::Forbidden);
        }
        let stamp = Stamp {
            actor: actor.who,
            action,
            now: self.clock.now(),
            operation: actor.operation.clone(),
        };
        Ok(self.store.write(stamp).await?)
    }
}

/// Refuses a change to another version than the one that was read; `None` reads no version.
fn same_version(read: Option<i32>, present: i32) -> Result<(), Error> {
    if read.is_none_or(|read| read == present) {
        Ok(())
    } else {
        Err(Error::Stale)
    }
}

/// Why an action did not happen: one variant per kind of answer a person can receive.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("nobody is signed in")]
    Unauthenticated,
    #[error("not allowed")]
    Forbidden,
    /// Absent, or not theirs to know.
    #[error("not found")]
    NotFound,
    #[error("changed by someone else meanwhile")]
    Stale,
    /// Fields that cannot be read, all of them at once.
    #[error("{} fields cannot be read", .0.len())]
    Invalid(Vec<Field>),
    #[error(transparent)]
    Refused(Refusal),
    #[error("the operation key was used for another request")]
    OperationReused,
    #[error("busy, try again")]
    Busy,
    /// Given up by the face: nobody knows whether it was done.
    #[error("took too long")]
    TimedOut,
    #[error("internal error")]
    Internal(#[source] anyhow::Error),
}

impl<E: Into<Refusal>> From<E> for Error {
    fn from(refusal: E) -> Self {
        Self::Refused(refusal.into())
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            StoreError::Stale => Self::Stale,
            StoreError::OperationReused => Self::OperationReused,
            StoreError::Busy | StoreError::DiskFailed => Self::Busy,
            StoreError::Taken(_) | StoreError::Corrupt { .. } | StoreError::Database(_) => {
                Self::Internal(error.into())
            }
        }
    }
}

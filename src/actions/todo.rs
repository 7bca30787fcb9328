//! « À faire »: what waits for a person, whichever of their organisations it is for.
//!
//! Each kind of work is one question about all the organisations in which the person may do it.
use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::{identity::OrganisationId, money::Cents, permission::Right};
use uuid::Uuid;

use super::{Actor, App, Error, organisations};
use crate::store::waiting::{self, Query, Waiting};

mod groupings;
mod kind;
mod money;
mod people;
mod procedures;
mod rounds;

pub use kind::Kind;

/// How many tasks of one kind are shown; the others are counted.
const SHOWN: u64 = 20;
/// How many open rounds are followed beside the list.
const FOLLOWED: u64 = 5;
/// How long what came to read stays.
const NEW_DAYS: i64 = 30;
/// How long before its end a contract is to be renewed.
const ENDING_DAYS: u64 = 90;

/// One thing that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    pub kind: Kind,
    /// What it is about: the kind says whether it is a round, an invoice…
    pub subject: Uuid,
    /// The grouping of a membership.
    pub within: Option<Uuid>,
    /// Whose work it is.
    pub organisation: OrganisationId,
    pub organisation_name: String,
    /// The name or the number of the subject.
    pub title: String,
    /// A supplier, a member, a grouping, a number: the kind says which; or nothing.
    pub name: String,
    pub due: Option<Due>,
    /// How many wait…
    pub many: u64,
    /// … among how many.
    pub among: u64,
    pub amount: Option<Cents>,
}

/// Until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    On(NaiveDate),
    At(DateTime<Utc>),
}

/// How many more tasks of a kind there are than those shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct More {
    pub kind: Kind,
    pub count: u64,
}

/// An open round and its answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    pub round: Uuid,
    pub title: String,
    pub deadline: Option<DateTime<Utc>>,
    pub answered: u64,
    pub members: u64,
}

/// What waits for a person, and what they follow (« À faire »).
#[derive(Clone, Debug)]
pub struct Desk {
    /// The nearest deadline first, those without one last.
    pub tasks: Vec<Task>,
    /// What is not shown, by kind.
    pub more: Vec<More>,
    /// Everything, shown or not.
    pub total: u64,
    /// The open rounds that the person runs, the nearest deadline first.
    pub rounds: Vec<Followed>,
}

/// The figures of the side menu.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Everything that waits for the person.
    pub due: u64,
    /// The open rounds in the list of the organisation acted for.
    pub open_rounds: u64,
}

/// One question, and what its answers are.
struct Source {
    query: Query,
    kind: fn(&Waiting) -> Kind,
}

/// For whom, and when.
struct Asking<'a> {
    actor: &'a Actor,
    now: DateTime<Utc>,
    today: NaiveDate,
}

impl Asking<'_> {
    fn new<'a>(app: &App, actor: &'a Actor) -> Asking<'a> {
        let now = app.clock.now();
        let today = now.date_naive();
        Asking { actor, now, today }
    }

    /// Asks it of the organisations in which the actor has the right, if there are any.
    fn of(
        &self,
        right: Right,
        kind: fn(&Waiting) -> Kind,
        query: impl FnOnce(&[OrganisationId]) -> Query,
    ) -> Option<Source> {
        let owners = self.with(right);
        (!owners.is_empty()).then(|| Source {
            query: query(&owners),
            kind,
        })
    }

    fn with(&self, right: Right) -> Vec<OrganisationId> {
        self.actor.organisations_with(right).collect()
    }

    fn sources(&self) -> Vec<Source> {
        let all = [
            rounds::sources(self),
            groupings::sources(self),
            procedures::sources(self),
            money::sources(self),
            people::sources(self),
        ];
        all.into_iter().flatten().flatten().collect()
    }
}

/// Everything that waits for the actor.
///
/// # Errors
/// Whatever the database says.
pub async fn desk(app: &App, actor: &Actor) -> Result<Desk, Error> {
    let own = organisations::of_actor(app, actor).await?;
    let names: BTreeMap<_, _> = own.into_iter().map(|o| (o.id, o.name)).collect();
    let view = app.store.view().await?;
    let asking = Asking::new(app, actor);
    let (mut tasks, mut more, mut total) = (Vec::new(), Vec::new(), 0);
    for source in asking.sources() {
        let found = waiting::list(&view, source.query, SHOWN).await?;
        total += found.total;
        let hidden = found.total.saturating_sub(SHOWN);
        if let Some(last) = found.rows.last().filter(|_| hidden > 0) {
            let kind = (source.kind)(last);
            more.push(More {
                kind,
                count: hidden,
            });
        }
        let found = found.rows.into_iter();
        tasks.extend(found.map(|row| task((source.kind)(&row), row, &names)));
    }
    tasks.sort_by_key(Task::instant);
    let runs = asking.with(Right::RunRounds);
    let open = waiting::list(&view, waiting::rounds::open(&runs), FOLLOWED).await?;
    Ok(Desk {
        tasks,
        more,
        total,
        rounds: open.rows.into_iter().map(followed).collect(),
    })
}

/// The figures of the menu, in one question.
///
/// # Errors
/// Whatever the database says.
pub async fn figures(app: &App, actor: &Actor) -> Result<Figures, Error> {
    let view = app.store.view().await?;
    let asking = Asking::new(app, actor);
    let due = asking.sources().into_iter().map(|source| source.query);
    let open = actor.acting_for.map(waiting::rounds::concerning);
    let found = waiting::figures(&view, due, open).await?;
    Ok(Figures {
        due: found.due,
        open_rounds: found.open,
    })
}

impl Task {
    /// When it must be done; what has no date comes last.
    #[must_use]
    pub fn instant(&self) -> DateTime<Utc> {
        match self.due {
            Some(Due::At(instant)) => instant,
            Some(Due::On(day)) => day.and_time(chrono::NaiveTime::MIN).and_utc(),
            None => DateTime::<Utc>::MAX_UTC,
        }
    }
}

fn task(kind: Kind, row: Waiting, names: &BTreeMap<OrganisationId, String>) -> Task {
    let at = row.due_at.map(Due::At);
    Task {
        kind,
        subject: row.subject,
        within: row.within,
        organisation: row.organisation,
        organisation_name: names.get(&row.organisation).cloned().unwrap_or_default(),
        title: row.title,
        name: row.name.unwrap_or_default(),
        due: at.or(row.due_on.map(Due::On)),
        many: row.many,
        among: row.among,
        amount: row.amount,
    }
}

fn followed(row: Waiting) -> Followed {
    Followed {
        round: row.subject,
        title: row.title,
        deadline: row.due_at,
        answered: row.among.saturating_sub(row.many),
        members: row.among,
    }
}

/// The first day of what is new.
fn since(now: DateTime<Utc>) -> DateTime<Utc> {
    now - TimeDelta::days(NEW_DAYS)
}

//! What a round has gathered: who answered, how much it makes, who is behind each figure.
use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::{
    calendar::{self, LocalHolidays},
    identity::{ItemId, OrganisationId, Phone, RoundId},
    money::Cents,
    organisation::Organisation,
    permission::Right,
    purchasing::{
        aggregate::Aggregate,
        declaration::DeclarationState,
        grouping::Grouping,
        lot::Item,
        round::Round,
        thresholds::{Duty, PurchaseNature},
    },
    quantity::Quantity,
};

use super::{
    lots::FullLot,
    rounds::{self, Concern},
};
pub use crate::store::purchasing::answers::Consequences;
use crate::{
    actions::{Actor, App, Error, organisations::zone_of},
    store::{
        journal::{self, Recorded},
        organisations,
        purchasing::{answers, groupings, items},
        users,
    },
};

mod picture;

use picture::Picture;

/// Columns of the chart of answers at most: the latest days.
const DAYS_MAX: usize = 20;
/// Lines of history on one page.
const HISTORY_ROWS: u64 = 100;

/// What one member answered.
#[derive(Clone, Debug)]
pub struct Answer {
    pub member: Organisation,
    pub state: DeclarationState,
    pub to_reconfirm: bool,
    pub answered_at: Option<DateTime<Utc>>,
    /// An officer typed it for the member.
    pub entered_for: bool,
    pub open_until: Option<DateTime<Utc>>,
    pub inhabitants: Option<i64>,
    /// Its own, or that of its first contact.
    pub phone: Option<Phone>,
    pub value: Cents,
    /// What its quantities of the round before make at the prices of this one.
    pub before: Option<Cents>,
}

impl Answer {
    /// Whether nothing was answered yet.
    #[must_use]
    pub fn is_late(&self) -> bool {
        !self.state.is_answered()
    }
}

/// How many members stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub submitted: usize,
    pub nothing: usize,
    pub started: usize,
    pub not_opened: usize,
    pub to_reconfirm: usize,
}

impl Counts {
    #[must_use]
    pub fn answered(self) -> usize {
        self.submitted + self.nothing
    }

    #[must_use]
    pub fn late(self) -> usize {
        self.started + self.not_opened
    }

    #[must_use]
    pub fn members(self) -> usize {
        self.answered() + self.late()
    }
}

/// A limit of procedure, with where the estimate stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    pub duty: Duty,
    pub amount: Cents,
    pub source: String,
}

/// What members ask for, item by item.
#[derive(Clone, Debug)]
pub struct Sums {
    pub round: Round,
    pub concern: Concern,
    pub lots: Vec<FullLot>,
    pub aggregate: Aggregate,
    /// The round compared with, when there is one.
    pub previous: Option<Round>,
    pub members: usize,
    pub answered: usize,
    /// Whether the actor may see who is behind a figure.
    pub shows_members: bool,
}

/// Everything an officer looks at to run a round.
#[derive(Clone, Debug)]
pub struct Overview {
    pub sums: Sums,
    pub grouping: Grouping,
    pub zone: Tz,
    pub today: NaiveDate,
    pub answers: Vec<Answer>,
    pub counts: Counts,
    /// Answers by open day, and on any other day that had some.
    pub days: Vec<(NaiveDate, usize)>,
    /// Declared, and what late members asked for in the round before; nothing without one.
    pub expected: Option<Cents>,
    pub late_before: Option<Cents>,
    /// The limits in force on `limits_on`, the lowest first.
    pub limits: Vec<Limit>,
    pub limits_on: NaiveDate,
}

/// One member behind a figure.
#[derive(Clone, Debug)]
pub struct Behind {
    pub member: Organisation,
    pub quantity: Quantity,
    pub amount: Cents,
}

/// What a round has gathered, for its coordinator.
///
/// # Errors
/// [`Error::NotFound`] to members: they see sums and their own answer.
pub async fn overview(app: &App, actor: &Actor, id: RoundId) -> Result<Overview, Error> {
    let view = app.store.view().await?;
    let picture = Picture::read(&view, actor, id).await?;
    if picture.concern != Concern::Coordinator {
        return Err(Error::NotFound);
    }
    let round = &picture.round;
    let owner = organisations::find(&view, round.owner).await?;
    let grouping = groupings::find(&view, round.grouping).await?;
    let zone = zone_of(&owner);
    let now = app.clock.now();
    let today = now.with_timezone(&zone).date_naive();
    let sums = picture.sums()?;
    let answers = picture.answers(&view, &sums.aggregate).await?;
    let late = answers.iter().filter(|answer| answer.is_late());
    let late_before = match &picture.previous {
        Some(_) => Some(Cents::checked_sum(late.filter_map(|answer| answer.before))?),
        None => None,
    };
    let expected = match late_before {
        Some(late) => Some(sums.aggregate.total.checked_add(late)?),
        None => None,
    };
    let limits_on = picture.round.launch_planned_on.unwrap_or(today);
    Ok(Overview {
        counts: count(&answers),
        days: days(&picture, &owner, zone, now),
        limits: limits(app, limits_on)?,
        limits_on,
        expected,
        late_before,
        answers,
        grouping,
        zone,
        today,
        sums,
    })
}

/// The sums of a round, for its coordinator and its members.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn aggregate(app: &App, actor: &Actor, id: RoundId) -> Result<Sums, Error> {
    let view = app.store.view().await?;
    Picture::read(&view, actor, id).await?.sums()
}

/// The members behind a figure; a member sees itself alone unless the round shows the others.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn behind(
    app: &App,
    actor: &Actor,
    id: ItemId,
) -> Result<(Round, Concern, Item, Vec<Behind>), Error> {
    let view = app.store.view().await?;
    let item = items::find(&view, id).await?;
    let (round, concern) = rounds::concerned(&view, actor, item.round).await?;
    let all = concern == Concern::Coordinator || round.shows_others;
    let asked = answers::asked(&view, round.id).await?;
    let asked: BTreeMap<OrganisationId, Quantity> = asked
        .into_iter()
        .filter(|one| one.item == id && !one.quantity.is_zero())
        .filter(|one| all || actor.belongs_to(one.member))
        .map(|one| (one.member, one.quantity))
        .collect();
    let mut behind = Vec::with_capacity(asked.len());
    for member in organisations::find_all(&view, asked.keys().copied()).await? {
        let quantity = asked.get(&member.id).copied().unwrap_or_default();
        behind.push(Behind {
            amount: item.estimate(quantity)?,
            member,
            quantity,
        });
    }
    Ok((round, concern, item, behind))
}

/// A page of them, by identifier of organisation, after the last one seen.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn behind_page(
    app: &App,
    actor: &Actor,
    id: ItemId,
    after: Option<OrganisationId>,
    limit: u64,
) -> Result<Vec<Behind>, Error> {
    let view = app.store.view().await?;
    let item = items::find(&view, id).await?;
    let (round, concern) = rounds::concerned(&view, actor, item.round).await?;
    let all = concern == Concern::Coordinator || round.shows_others;
    let own: Vec<OrganisationId> = actor.organisations_with(Right::See).collect();
    let among = (!all).then_some(own.as_slice());
    let asked = answers::asking(&view, (round.id, id), among, after, limit).await?;
    let named = organisations::find_all(&view, asked.iter().map(|(member, _)| *member)).await?;
    let mut named: BTreeMap<_, _> = named.into_iter().map(|o| (o.id, o)).collect();
    let mut behind = Vec::with_capacity(asked.len());
    for (member, quantity) in asked {
        let member = named.remove(&member).ok_or(Error::NotFound)?;
        behind.push(Behind {
            amount: item.estimate(quantity)?,
            member,
            quantity,
        });
    }
    Ok(behind)
}

/// What opening a round again would leave behind it.
///
/// # Errors
/// [`Error::NotFound`] or [`Error::Forbidden`].
pub async fn consequences(
    app: &App,
    actor: &Actor,
    id: RoundId,
) -> Result<(Round, Consequences), Error> {
    let view = app.store.view().await?;
    let (round, _) = rounds::concerned(&view, actor, id).await?;
    actor.require(Right::RunRounds, round.owner)?;
    let consequences = answers::consequences(&view, id).await?;
    Ok((round, consequences))
}

/// The history of a round, latest first, with the names of who acted.
///
/// # Errors
/// [`Error::NotFound`] or [`Error::Forbidden`].
pub async fn history(
    app: &App,
    actor: &Actor,
    id: RoundId,
) -> Result<(Round, Vec<(Recorded, String)>), Error> {
    let view = app.store.view().await?;
    let (round, _) = rounds::concerned(&view, actor, id).await?;
    actor.require(Right::ReadJournal, round.owner)?;
    let lines = journal::list_about(&view, "round", id.0, HISTORY_ROWS).await?;
    let ids = lines
        .iter()
        .filter_map(|line| line.actor_id)
        .map(domain::identity::UserId);
    let names = users::find_all(&view, ids).await?;
    let named = lines.into_iter().map(|line| {
        let user = line.actor_id.map(domain::identity::UserId);
        let name = user.and_then(|id| names.get(&id));
        let name = name.map_or_else(String::new, |user| user.name.clone());
        (line, name)
    });
    Ok((round, named.collect()))
}

fn count(answers: &[Answer]) -> Counts {
    let mut counts = Counts::default();
    for answer in answers {
        match answer.state {
            DeclarationState::Submitted => counts.submitted += 1,
            DeclarationState::Nothing => counts.nothing += 1,
            DeclarationState::Started => counts.started += 1,
            DeclarationState::NotStarted => counts.not_opened += 1,
        }
        counts.to_reconfirm += usize::from(answer.to_reconfirm);
    }
    counts
}

fn days(
    picture: &Picture,
    owner: &Organisation,
    zone: Tz,
    now: DateTime<Utc>,
) -> Vec<(NaiveDate, usize)> {
    let day = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
    let Some(first) = picture.round.opened_at.map(day) else {
        return Vec::new();
    };
    let last = picture.round.closed.as_ref().map_or(now, |c| c.at);
    let local = LocalHolidays {
        good_friday: owner.good_friday,
        saint_stephen: owner.local_law,
    };
    let mut days: BTreeMap<NaiveDate, usize> = first
        .iter_days()
        .take_while(|date| *date <= day(last))
        .filter(|date| calendar::is_open(*date, local))
        .map(|date| (date, 0))
        .collect();
    let answered = picture.declarations.values();
    for declaration in answered.filter(|d| d.state.is_answered()) {
        if let Some(at) = declaration.submitted_at {
            *days.entry(day(at)).or_default() += 1;
        }
    }
    let skipped = days.len().saturating_sub(DAYS_MAX);
    days.into_iter().skip(skipped).collect()
}

/// Supplies and services: works are compared operation by operation, not here.
fn limits(app: &App, on: NaiveDate) -> Result<Vec<Limit>, Error> {
    let thresholds = app.settings.thresholds();
    let thresholds = thresholds.map_err(|e| Error::Internal(e.into()))?;
    let in_force = thresholds.in_force(on, PurchaseNature::SuppliesServices);
    Ok(in_force
        .limits
        .into_iter()
        .map(|limit| Limit {
            duty: limit.duty,
            amount: limit.amount,
            source: limit.source.clone(),
        })
        .collect())
}

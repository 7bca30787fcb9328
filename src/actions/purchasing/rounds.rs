//! Rounds: prepared, changed, listed; their life is in `life`.
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use domain::{
    identity::{GroupingId, OrganisationId, RoundId},
    notice::NoticeKind,
    permission::Right,
    purchasing::{
        declaration::Declaration,
        grouping::{Grouping, GroupingState},
        round::{ClosedBy, Columns, Round, RoundError, RoundEvent, RoundState},
    },
    text,
};
use serde_json::json;

mod life;

pub(super) use life::change_conditions;
pub use life::{cancel, close, close_due, extend, open, reopen, reopen_for};

use super::lots;
pub use crate::store::purchasing::rounds::Start;
use crate::{
    actions::{Actor, App, Error, organisations::zone_of},
    store::{
        Begun, Line, Scope, Tx, View, organisations,
        purchasing::{answers, declarations, groupings, rounds as rows},
        users,
    },
};

/// The longest title of a round, a lot or an item.
pub const TITLE_CHARS_MAX: usize = 200;
/// The longest word to members, and motive.
pub const NOTE_CHARS_MAX: usize = 2_000;

/// When answers are due, as it was typed (« échéance »).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deadline {
    /// On the coordinator's wall clock.
    Local(NaiveDateTime),
    Instant(DateTime<Utc>),
}

/// What an officer decides about a round.
#[derive(Clone, Debug)]
pub struct RoundInput {
    pub title: String,
    pub deadline: Deadline,
    pub note: Option<String>,
    pub columns: Columns,
    pub shows_others: bool,
    pub launch_planned_on: Option<NaiveDate>,
}

/// A round to create.
#[derive(Clone, Debug)]
pub struct NewRound {
    pub grouping: GroupingId,
    pub input: RoundInput,
    /// The round whose lots and items are copied, and whose quantities are compared.
    pub previous: Option<RoundId>,
}

/// Which rounds are listed.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// One organisation of the actor alone; else all of them.
    pub organisation: Option<OrganisationId>,
    pub grouping: Option<GroupingId>,
    pub state: Option<RoundState>,
    pub words: String,
}

/// A round in a list.
#[derive(Clone, Debug)]
pub struct Listed {
    pub round: Round,
    pub grouping: String,
    /// Whether the actor sees it as coordinator.
    pub coordinates: bool,
    pub members: usize,
    /// How many members have answered.
    pub answered: usize,
    /// The answer of the organisation that is listed, when it is a member.
    pub own: Option<Declaration>,
    pub is_member: bool,
}

/// How the actor is concerned by a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concern {
    Coordinator,
    Member,
}

/// Finds a round that concerns the actor.
///
/// # Errors
/// [`Error::NotFound`], also for drafts of which members know nothing.
pub async fn find(app: &App, actor: &Actor, id: RoundId) -> Result<(Round, Concern), Error> {
    let view = app.store.view().await?;
    concerned(&view, actor, id).await
}

/// The same inside a picture that goes on.
pub(in crate::actions) async fn concerned(
    view: &View,
    actor: &Actor,
    id: RoundId,
) -> Result<(Round, Concern), Error> {
    let mut round = rows::find(view, id).await?;
    if let Some(closing) = &mut round.closed
        && let ClosedBy::User(user) = closing.by
    {
        closing.name = users::find(view, user).await?.name;
    }
    if actor.belongs_to(round.owner) {
        return Ok((round, Concern::Coordinator));
    }
    let members = answers::members(view, round.grouping).await?;
    let is_member = members.iter().any(|member| actor.belongs_to(*member));
    if is_member && round.state != RoundState::Draft {
        return Ok((round, Concern::Member));
    }
    Err(Error::NotFound)
}

/// A page of the rounds that concern the actor, with how many there are.
///
/// # Errors
/// [`Error::NotFound`] for an organisation that is not theirs.
pub async fn list(
    app: &App,
    actor: &Actor,
    listing: &Listing,
    start: Start,
    limit: u64,
) -> Result<(Vec<Listed>, u64), Error> {
    let organisations: Vec<OrganisationId> = match listing.organisation {
        Some(id) => {
            actor.require(Right::See, id)?;
            vec![id]
        }
        None => actor.organisations_with(Right::See).collect(),
    };
    let view = app.store.view().await?;
    let joined = answers::groupings_of(&view, organisations.iter().copied()).await?;
    let wanted = rows::Wanted {
        owners: organisations.clone(),
        groupings: joined,
        grouping: listing.grouping,
        state: listing.state,
        words: text::search_text(&listing.words),
    };
    let total = rows::count(&view, &wanted).await?;
    let rounds = rows::list(&view, &wanted, start, limit).await?;
    let titles = groupings::find_all(&view, rounds.iter().map(|r| r.grouping)).await?;
    let mut listed = Vec::with_capacity(rounds.len());
    for round in rounds {
        let title = titles.iter().find(|t| t.id == round.grouping);
        let members = answers::members(&view, round.grouping).await?;
        let declarations = declarations::of_round(&view, round.id).await?;
        let answered = declarations
            .iter()
            .filter(|d| d.state.is_answered() && members.contains(&d.member));
        listed.push(Listed {
            grouping: title.map_or_else(String::new, |t| t.title.clone()),
            coordinates: organisations.contains(&round.owner),
            answered: answered.count(),
            own: declarations
                .iter()
                .find(|d| organisations.contains(&d.member))
                .cloned(),
            is_member: members.iter().any(|m| organisations.contains(m)),
            members: members.len(),
            round,
        });
    }
    Ok((listed, total))
}

/// The groupings in which the actor may start a round, with the rounds to take again.
///
/// # Errors
/// Whatever the database says.
pub async fn choices(
    app: &App,
    actor: &Actor,
    owner: OrganisationId,
) -> Result<(Vec<Grouping>, Vec<Round>), Error> {
    actor.require(Right::RunRounds, owner)?;
    let view = app.store.view().await?;
    let mut coordinated = groupings::list_of_owner(&view, owner).await?;
    coordinated.retain(|grouping| grouping.state == GroupingState::Active);
    let wanted = rows::Wanted {
        owners: vec![owner],
        ..rows::Wanted::default()
    };
    let limit = app.settings.limits.page_rows_max;
    let rounds = rows::list(&view, &wanted, Start::Offset(0), limit).await?;
    Ok((coordinated, rounds))
}

/// Prepares a round, with the lots and items of an earlier one if it is told which.
///
/// # Errors
/// A deadline that has passed, or an earlier round of another grouping.
pub async fn create(app: &App, actor: &Actor, new: NewRound) -> Result<Round, Error> {
    let tx = match app.begin(actor, "round.create").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(done) => {
            let id = done.subject_id.ok_or(Error::NotFound)?;
            return Ok(find(app, actor, RoundId(id)).await?.0);
        }
    };
    let grouping = groupings::hold(&tx, new.grouping).await?;
    actor.require(Right::RunRounds, grouping.owner)?;
    grouping.check_active()?;
    let zone = zone_of(&organisations::find(&tx, grouping.owner).await?);
    let deadline = instant(new.input.deadline, zone);
    if deadline <= tx.now() {
        let now = tx.now();
        return Err(RoundError::DeadlineNotFuture { deadline, now }.into());
    }
    let round = Round {
        id: RoundId(app.clock.new_id()),
        owner: grouping.owner,
        grouping: grouping.id,
        title: new.input.title,
        state: RoundState::Draft,
        deadline,
        note: new.input.note,
        columns: new.input.columns,
        shows_others: new.input.shows_others,
        launch_planned_on: new.input.launch_planned_on,
        previous: new.previous,
        opening: 0,
        opened_at: None,
        closed: None,
        reopen_motive: None,
        conditions_version: 0,
        created_at: tx.now(),
        version: 0,
    };
    rows::insert(&tx, &round).await?;
    let mut items = 0;
    if let Some(previous) = new.previous {
        items = lots::copy_into(app, &tx, &round, previous).await?;
    }
    let detail = json!({"title": round.title, "deadline": round.deadline, "items": items});
    tx.commit(line(&round).saying(detail)).await?;
    tracing::info!(round.id = %round.id, "Prepared a round");
    Ok(round)
}

/// Changes what was decided about a round; members answer again when its dates change.
///
/// An open round's deadline is extended, not edited, and its columns stay.
///
/// # Errors
/// [`Error::Stale`] when `version` is not the present one.
pub async fn edit(
    app: &App,
    actor: &Actor,
    id: RoundId,
    version: Option<i32>,
    input: RoundInput,
) -> Result<Round, Error> {
    let Begun::Fresh(tx) = app.begin(actor, "round.edit").await? else {
        return Ok(find(app, actor, id).await?.0);
    };
    let mut round = locked(&tx, actor, id, version).await?;
    with_name(&tx, round.check(RoundEvent::Edit)).await?;
    let zone = zone_of(&organisations::find(&tx, round.owner).await?);
    let deadline = instant(input.deadline, zone);
    let opened = round.opening > 0;
    if opened && round.columns != input.columns {
        return Err(RoundError::ColumnsFixed.into());
    }
    let extended = opened && deadline != round.deadline;
    if extended {
        round.extend(tx.now(), deadline)?;
    }
    round.deadline = deadline;
    let dates_change = round.launch_planned_on != input.launch_planned_on;
    round.title = input.title;
    round.note = input.note;
    round.columns = input.columns;
    round.shows_others = input.shows_others;
    round.launch_planned_on = input.launch_planned_on;
    let mut asked_again = 0;
    if dates_change && round.state == RoundState::Open {
        asked_again = change_conditions(app, &tx, &mut round).await?;
    }
    if extended {
        life::tell_members(app, &tx, &round, NoticeKind::RoundExtended).await?;
    }
    rows::save(&tx, &round).await?;
    let detail = json!({
        "title": round.title,
        "deadline": round.deadline,
        "launch_planned_on": round.launch_planned_on,
        "to_reconfirm": asked_again,
    });
    tx.commit(line(&round).saying(detail)).await?;
    Ok(find(app, actor, id).await?.0)
}

/// Reads a round for a change by someone who runs it.
pub(super) async fn locked(
    tx: &Tx,
    actor: &Actor,
    id: RoundId,
    version: Option<i32>,
) -> Result<Round, Error> {
    check_runner(tx, actor, id).await?;
    let round = rows::lock(tx, id).await?;
    if version.is_some_and(|version| version != round.version) {
        return Err(Error::Stale);
    }
    Ok(round)
}

/// Refuses who may not change a round; to its readers it is forbidden.
pub(in crate::actions) async fn check_runner(
    view: &View,
    actor: &Actor,
    id: RoundId,
) -> Result<(), Error> {
    let (round, _) = concerned(view, actor, id).await?;
    actor.require_of_seen(Right::RunRounds, round.owner)
}

/// Tells in a refusal who closed the round, by name.
pub(super) async fn with_name<T>(view: &View, result: Result<T, RoundError>) -> Result<T, Error> {
    match result {
        Err(RoundError::NotAllowed {
            from,
            event,
            closing: Some(mut closing),
        }) => {
            if let ClosedBy::User(user) = closing.by {
                closing.name = users::find(view, user).await?.name;
            }
            let closing = Some(closing);
            Err(RoundError::NotAllowed {
                from,
                event,
                closing,
            }
            .into())
        }
        other => Ok(other?),
    }
}

/// The journal line of a round, in the chain of its grouping.
pub(super) fn line(round: &Round) -> Line {
    Line::about(Scope::Grouping(round.grouping), "round", round.id.0)
}

/// The instant of a deadline; an hour that the change to summer time skips is one hour later.
fn instant(deadline: Deadline, zone: Tz) -> DateTime<Utc> {
    let local = match deadline {
        Deadline::Instant(instant) => return instant,
        Deadline::Local(local) => local,
    };
    let at = |local: NaiveDateTime| zone.from_local_datetime(&local).earliest();
    let found = at(local).or_else(|| at(local + TimeDelta::hours(1)));
    found.map_or_else(|| local.and_utc(), |at| at.to_utc())
}

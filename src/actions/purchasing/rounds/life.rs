//! The life of a round: opened, extended, closed by hand or by the clock, opened again, given up.
use chrono::{DateTime, Utc};
use domain::{
    identity::{DeclarationId, OrganisationId, RoundId},
    notice::{Notice, NoticeKind, Recipient},
    purchasing::{
        declaration::Declaration,
        round::{ClosedBy, Round, RoundError},
    },
};
use serde_json::json;

use super::{Deadline, find, instant, line, locked, with_name};
use crate::{
    actions::{Actor, App, Error, organisations::zone_of},
    store::{
        ActorRef, Begun, Tx, organisations, outbox,
        purchasing::{answers, declarations, items, rounds as rows},
    },
};

/// Rounds that one look of the clock closes at most; the next look closes the others.
const DUE_ROWS_MAX: u64 = 500;

/// Opens a round to the members of its grouping.
///
/// # Errors
/// A round without item, or whose deadline has passed.
pub async fn open(
    app: &App,
    actor: &Actor,
    id: RoundId,
    version: Option<i32>,
) -> Result<Round, Error> {
    let Begun::Fresh(tx) = app.begin(actor, "round.open").await? else {
        return Ok(find(app, actor, id).await?.0);
    };
    let mut round = locked(&tx, actor, id, version).await?;
    let items = items::list_of_round(&tx, id).await?;
    let asked = items.iter().filter(|item| !item.removed).count();
    let opened = round.open(tx.now(), asked);
    with_name(&tx, opened).await?;
    rows::save(&tx, &round).await?;
    let told = tell_members(app, &tx, &round, NoticeKind::RoundOpened).await?;
    let detail = json!({"deadline": round.deadline, "items": asked, "members": told});
    tx.commit(line(&round).saying(detail)).await?;
    tracing::info!(round.id = %id, "Opened a round");
    Ok(find(app, actor, id).await?.0)
}

/// Moves the deadline later for all.
///
/// # Errors
/// A deadline that is not later than the present one, or already passed.
pub async fn extend(
    app: &App,
    actor: &Actor,
    id: RoundId,
    version: Option<i32>,
    deadline: Deadline,
) -> Result<Round, Error> {
    let Begun::Fresh(tx) = app.begin(actor, "round.extend").await? else {
        return Ok(find(app, actor, id).await?.0);
    };
    let mut round = locked(&tx, actor, id, version).await?;
    let zone = zone_of(&organisations::find(&tx, round.owner).await?);
    let (before, deadline) = (round.deadline, instant(deadline, zone));
    let extended = round.extend(tx.now(), deadline);
    with_name(&tx, extended).await?;
    rows::save(&tx, &round).await?;
    tell_members(app, &tx, &round, NoticeKind::RoundExtended).await?;
    let detail = json!({"deadline": deadline, "before": before});
    tx.commit(line(&round).saying(detail)).await?;
    tracing::info!(round.id = %id, "Extended a round");
    Ok(find(app, actor, id).await?.0)
}

/// Closes a round by hand.
///
/// # Errors
/// [`RoundError::NotAllowed`] with who closed it and when, if someone did.
pub async fn close(
    app: &App,
    actor: &Actor,
    id: RoundId,
    version: Option<i32>,
) -> Result<Round, Error> {
    let Begun::Fresh(tx) = app.begin(actor, "round.close").await? else {
        return Ok(find(app, actor, id).await?.0);
    };
    let mut round = locked(&tx, actor, id, None).await?;
    let closed = round.close(tx.now(), closer(actor));
    with_name(&tx, closed).await?;
    // Asked after the rule: who comes second learns who was first, not only that it changed.
    if version.is_some_and(|version| version != round.version) {
        return Err(Error::Stale);
    }
    finish_closing(app, tx, &round).await?;
    Ok(find(app, actor, id).await?.0)
}

/// Closes every open round whose deadline has passed: a watermark, never a window.
///
/// # Errors
/// The first failure; the next look goes on from there.
pub async fn close_due(app: &App) -> Result<usize, Error> {
    let due = {
        let view = app.store.view().await?;
        rows::due(&view, app.clock.now(), DUE_ROWS_MAX).await?
    };
    let mut closed = 0;
    for id in due {
        if close_if_due(app, id).await? {
            closed += 1;
        }
    }
    Ok(closed)
}

/// Another process may have closed it, or an officer extended it, since it was listed.
async fn close_if_due(app: &App, id: RoundId) -> Result<bool, Error> {
    let Begun::Fresh(tx) = app.begin(&Actor::clock(), "round.close").await? else {
        return Ok(false);
    };
    let mut round = rows::lock(&tx, id).await?;
    if !round.is_due(tx.now()) {
        return Ok(false);
    }
    round.close(tx.now(), ClosedBy::Clock)?;
    finish_closing(app, tx, &round).await?;
    Ok(true)
}

async fn finish_closing(app: &App, tx: Tx, round: &Round) -> Result<(), Error> {
    rows::save(&tx, round).await?;
    let members = tell_members(app, &tx, round, NoticeKind::RoundClosed).await?;
    let declarations = declarations::of_round(&tx, round.id).await?;
    let answered = declarations
        .iter()
        .filter(|d| d.state.is_answered())
        .count();
    let detail = json!({
        "opening": round.opening,
        "deadline": round.deadline,
        "members": members,
        "answered": answered,
    });
    tx.commit(line(round).saying(detail)).await?;
    tracing::info!(round.id = %round.id, "Closed a round");
    Ok(())
}

/// Lets one member answer again until `until`, while the round stays closed for the others.
///
/// # Errors
/// [`RoundError::NotAMember`], or a delay that has passed.
pub async fn reopen_for(
    app: &App,
    actor: &Actor,
    id: RoundId,
    member: OrganisationId,
    until: Deadline,
) -> Result<Round, Error> {
    let Begun::Fresh(tx) = app.begin(actor, "round.reopen_for_member").await? else {
        return Ok(find(app, actor, id).await?.0);
    };
    let round = locked(&tx, actor, id, None).await?;
    let zone = zone_of(&organisations::find(&tx, round.owner).await?);
    let until = instant(until, zone);
    let allowed = round.reopen_for_member(tx.now(), until);
    with_name(&tx, allowed).await?;
    if !answers::members(&tx, round.grouping)
        .await?
        .contains(&member)
    {
        return Err(RoundError::NotAMember.into());
    }
    match declarations::lock(&tx, id, member).await? {
        Some(mut declaration) => {
            declaration.open_until = Some(until);
            declarations::save(&tx, &declaration).await?;
        }
        None => {
            let new = DeclarationId(app.clock.new_id());
            let mut declaration = Declaration::unwritten(new, &round, member);
            declaration.open_until = Some(until);
            declarations::insert(&tx, &declaration).await?;
        }
    }
    // The round's own version counts each delay, so that each is told once.
    rows::save(&tx, &round).await?;
    let notice = notice(&round, NoticeKind::RoundReopened, member, until);
    enqueue(app, &tx, &round, &notice).await?;
    let detail = json!({"member": member.0, "until": until});
    tx.commit(line(&round).saying(detail)).await?;
    tracing::info!(round.id = %id, "Opened a round again for one member");
    Ok(find(app, actor, id).await?.0)
}

/// Opens a closed round again for all, with the reason why.
///
/// # Errors
/// A deadline that has passed, or a round that is not closed.
pub async fn reopen(
    app: &App,
    actor: &Actor,
    id: RoundId,
    version: Option<i32>,
    deadline: Deadline,
    motive: String,
) -> Result<Round, Error> {
    let Begun::Fresh(tx) = app.begin(actor, "round.reopen").await? else {
        return Ok(find(app, actor, id).await?.0);
    };
    let mut round = locked(&tx, actor, id, version).await?;
    let zone = zone_of(&organisations::find(&tx, round.owner).await?);
    let hanging = answers::consequences(&tx, id).await?;
    let deadline = instant(deadline, zone);
    let reopened = round.reopen(tx.now(), deadline, motive);
    with_name(&tx, reopened).await?;
    rows::save(&tx, &round).await?;
    tell_members(app, &tx, &round, NoticeKind::RoundReopened).await?;
    let detail = json!({
        "opening": round.opening,
        "deadline": round.deadline,
        "motive": round.reopen_motive,
        "procedures": hanging.procedures,
        "contracts": hanging.contracts,
    });
    tx.commit(line(&round).saying(detail)).await?;
    tracing::info!(round.id = %id, "Opened a round again");
    Ok(find(app, actor, id).await?.0)
}

/// Gives a round up.
///
/// # Errors
/// A round that is closed or given up already.
pub async fn cancel(
    app: &App,
    actor: &Actor,
    id: RoundId,
    version: Option<i32>,
    motive: Option<String>,
) -> Result<Round, Error> {
    let Begun::Fresh(tx) = app.begin(actor, "round.cancel").await? else {
        return Ok(find(app, actor, id).await?.0);
    };
    let mut round = locked(&tx, actor, id, version).await?;
    let cancelled = round.cancel();
    with_name(&tx, cancelled).await?;
    rows::save(&tx, &round).await?;
    if round.opening > 0 {
        tell_members(app, &tx, &round, NoticeKind::RoundCancelled).await?;
    }
    tx.commit(line(&round).saying(json!({"motive": motive})))
        .await?;
    tracing::info!(round.id = %id, "Gave a round up");
    Ok(find(app, actor, id).await?.0)
}

/// Notes that the conditions changed: answers given on the earlier ones must be confirmed.
pub(in crate::actions::purchasing) async fn change_conditions(
    app: &App,
    tx: &Tx,
    round: &mut Round,
) -> Result<usize, Error> {
    round.change_conditions();
    let mut marked = 0;
    for mut declaration in declarations::of_round(tx, round.id).await? {
        if declaration.state.is_answered() && !declaration.to_reconfirm {
            declaration.to_reconfirm = true;
            declarations::save(tx, &declaration).await?;
            marked += 1;
            let kind = NoticeKind::ConditionsChanged;
            let notice = notice(round, kind, declaration.member, round.deadline);
            enqueue(app, tx, round, &notice).await?;
        }
    }
    Ok(marked)
}

/// Queues one message for each member; returns how many there are.
pub(super) async fn tell_members(
    app: &App,
    tx: &Tx,
    round: &Round,
    kind: NoticeKind,
) -> Result<usize, Error> {
    let members = answers::members(tx, round.grouping).await?;
    for member in &members {
        let notice = notice(round, kind, *member, round.deadline);
        enqueue(app, tx, round, &notice).await?;
    }
    Ok(members.len())
}

async fn enqueue(app: &App, tx: &Tx, round: &Round, notice: &Notice) -> Result<(), Error> {
    let id = app.clock.new_id();
    Ok(outbox::enqueue(tx, id, round.owner.0, notice, tx.now()).await?)
}

/// The version that the change will have makes each notice of its kind a new one.
fn notice(
    round: &Round,
    kind: NoticeKind,
    member: OrganisationId,
    deadline: DateTime<Utc>,
) -> Notice {
    Notice {
        kind,
        recipient: Recipient::Organisation(member),
        subject_kind: "round",
        subject_id: round.id.0,
        subject_version: round.version + 1,
        facts: [
            ("title", round.title.clone()),
            ("deadline", deadline.to_rfc3339()),
        ]
        .into(),
    }
}

fn closer(actor: &Actor) -> ClosedBy {
    match actor.who {
        ActorRef::User(id) => ClosedBy::User(id),
        ActorRef::Clock => ClosedBy::Clock,
        ActorRef::Operator => ClosedBy::Operator,
    }
}

//! Procedures: prepared from closed rounds, launched through a gate, decided lot by lot.
use std::collections::BTreeSet;

use domain::{
    identity::{GroupingId, OrganisationId, ProcedureId, RoundId},
    money::Cents,
    permission::Right,
    purchasing::procedure::{
        Plan, Procedure, ProcedureError, ProcedureState, SetAside, check_rounds,
    },
    text,
};
use serde_json::json;

mod launch;
mod overview;

pub use launch::{launch, refresh_demand};
pub use overview::{ItemOverview, Limit, LotOverview, Overview, Wanting, choices, overview};
pub(super) use overview::{lots_of, totals_of};

use crate::{
    actions::{Actor, App, Error, organisations::today_of},
    store::{
        Begun, Line, Scope, Tx, View,
        purchasing::{demand, memberships, procedures as rows, rounds},
    },
};

/// A procedure to prepare.
#[derive(Clone, Debug)]
pub struct NewProcedure {
    /// Closed rounds of one grouping.
    pub rounds: BTreeSet<RoundId>,
    pub plan: Plan,
}

/// Which procedures are listed.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    pub words: String,
    pub state: Option<ProcedureState>,
}

/// Finds a procedure that concerns the actor.
///
/// # Errors
/// [`Error::NotFound`], also for procedures being prepared, of which members know nothing.
pub async fn find(app: &App, actor: &Actor, id: ProcedureId) -> Result<Procedure, Error> {
    let view = app.store.view().await?;
    seen(&view, actor, id).await
}

/// The same inside a picture that goes on.
pub(in crate::actions) async fn seen(
    view: &View,
    actor: &Actor,
    id: ProcedureId,
) -> Result<Procedure, Error> {
    let procedure = rows::find(view, id).await?;
    check_seen(view, actor, &procedure).await?;
    Ok(procedure)
}

/// The latest procedure that follows a round, if there is one and the actor may see it.
///
/// # Errors
/// Whatever the database says.
pub async fn following(
    app: &App,
    actor: &Actor,
    round: RoundId,
) -> Result<Option<ProcedureId>, Error> {
    let view = app.store.view().await?;
    for procedure in rows::of_rounds(&view, [round]).await?.iter().rev() {
        if check_seen(&view, actor, procedure).await.is_ok() {
            return Ok(Some(procedure.id));
        }
    }
    Ok(None)
}

/// A numbered page of the procedures that concern the actor, with how many there are.
///
/// # Errors
/// Whatever the database says.
pub async fn page(
    app: &App,
    actor: &Actor,
    listing: &Listing,
    skip: u64,
    limit: u64,
) -> Result<(Vec<Procedure>, u64), Error> {
    let view = app.store.view().await?;
    let filter = filter(&view, actor, listing).await?;
    let total = rows::count(&view, &filter).await?;
    Ok((rows::page(&view, &filter, skip, limit).await?, total))
}

/// The procedures that concern the actor, newest first, after the last one seen.
///
/// # Errors
/// Whatever the database says.
pub async fn list(
    app: &App,
    actor: &Actor,
    listing: &Listing,
    after: Option<ProcedureId>,
    limit: u64,
) -> Result<Vec<Procedure>, Error> {
    let view = app.store.view().await?;
    let filter = filter(&view, actor, listing).await?;
    Ok(rows::list(&view, &filter, after, limit).await?)
}

/// Prepares a procedure.
///
/// # Errors
/// A round that is not closed, of another grouping, or that a procedure follows already.
pub async fn create(app: &App, actor: &Actor, new: NewProcedure) -> Result<Procedure, Error> {
    let tx = match app.begin(actor, "procedure.create").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(done) => {
            let id = done.subject_id.ok_or(Error::NotFound)?;
            return find(app, actor, ProcedureId(id)).await;
        }
    };
    let mut followed = Vec::with_capacity(new.rounds.len());
    for id in &new.rounds {
        // In the order of the set, so that two procedures never wait for each other.
        let round = rounds::lock(&tx, *id).await?;
        actor.require(Right::RunProcedures, round.owner)?;
        followed.push(round);
    }
    let (owner, grouping) = check_rounds(&followed)?;
    let earlier = rows::of_rounds(&tx, new.rounds.iter().copied()).await?;
    if earlier.iter().any(|p| p.state != ProcedureState::Done) {
        return Err(ProcedureError::RoundTaken.into());
    }
    new.plan.check(None)?;
    let procedure = Procedure {
        id: ProcedureId(app.clock.new_id()),
        owner,
        grouping,
        rounds: new.rounds.into_iter().collect(),
        state: ProcedureState::Preparing,
        launched_on: None,
        estimate: Cents::ZERO,
        aside: Vec::new(),
        created_at: tx.now(),
        plan: new.plan,
        version: 0,
    };
    rows::insert(&tx, &procedure, || app.clock.new_id()).await?;
    let detail = json!({"title": procedure.plan.title, "rounds": procedure.rounds});
    tx.commit(line(&procedure).saying(detail)).await?;
    tracing::info!(procedure.id = %procedure.id, "Prepared a procedure");
    Ok(procedure)
}

/// Changes its title, form or dates.
///
/// # Errors
/// [`Error::Stale`] when `version` is not the present one; dates that contradict each other.
pub async fn revise(
    app: &App,
    actor: &Actor,
    id: ProcedureId,
    version: Option<i32>,
    plan: Plan,
) -> Result<Procedure, Error> {
    let Begun::Fresh(tx) = app.begin(actor, "procedure.revise").await? else {
        return find(app, actor, id).await;
    };
    let mut procedure = locked(&tx, actor, id, version).await?;
    procedure.revise(plan)?;
    rows::save(&tx, &procedure).await?;
    let plan = &procedure.plan;
    let detail = json!({
        "title": plan.title,
        "form": plan.form.code(),
        "nature": plan.nature.code(),
        "published_on": plan.published_on,
        "offers_due_at": plan.offers_due_at,
        "cao_on": plan.cao_on,
    });
    tx.commit(line(&procedure).saying(detail)).await?;
    find(app, actor, id).await
}

/// Leaves members out before the launch: their needs leave the totals, with the reason.
///
/// # Errors
/// A member without needs here, or a procedure that was launched.
pub async fn set_aside(
    app: &App,
    actor: &Actor,
    id: ProcedureId,
    members: &BTreeSet<OrganisationId>,
    reason: &str,
) -> Result<Procedure, Error> {
    let Begun::Fresh(tx) = app.begin(actor, "procedure.set-aside").await? else {
        return find(app, actor, id).await;
    };
    let mut procedure = locked(&tx, actor, id, None).await?;
    let today = today_of(&tx, procedure.owner).await?;
    let wanted = demand::of_procedure(&tx, &procedure).await?;
    let candidates = overview::candidates(&tx, &procedure, &wanted, today).await?;
    for member in members {
        let aside = SetAside {
            member: *member,
            reason: reason.to_owned(),
            at: tx.now(),
        };
        let known = procedure.sets_aside(*member);
        procedure.set_aside(aside.clone(), &candidates)?;
        if !known {
            rows::insert_aside(&tx, app.clock.new_id(), &procedure, &aside).await?;
        }
    }
    rows::save(&tx, &procedure).await?;
    let detail = json!({"members": members, "reason": reason});
    tx.commit(line(&procedure).saying(detail)).await?;
    find(app, actor, id).await
}

/// Takes a member back before the launch.
///
/// # Errors
/// [`Error::NotFound`] for a member that is not set aside; a procedure that was launched.
pub async fn take_back(
    app: &App,
    actor: &Actor,
    id: ProcedureId,
    member: OrganisationId,
) -> Result<Procedure, Error> {
    let Begun::Fresh(tx) = app.begin(actor, "procedure.take-back").await? else {
        return find(app, actor, id).await;
    };
    let mut procedure = locked(&tx, actor, id, None).await?;
    procedure.take_back(member)?;
    rows::remove_aside(&tx, procedure.id, member).await?;
    rows::save(&tx, &procedure).await?;
    let detail = json!({ "member": member });
    tx.commit(line(&procedure).saying(detail)).await?;
    find(app, actor, id).await
}

/// Reads a procedure for a change by someone who runs it.
pub(super) async fn locked(
    tx: &Tx,
    actor: &Actor,
    id: ProcedureId,
    version: Option<i32>,
) -> Result<Procedure, Error> {
    check_runner(tx, actor, id).await?;
    let procedure = rows::lock(tx, id).await?;
    if version.is_some_and(|version| version != procedure.version) {
        return Err(Error::Stale);
    }
    Ok(procedure)
}

/// Refuses who may not change a procedure; to its readers it is forbidden.
pub(in crate::actions) async fn check_runner(
    view: &View,
    actor: &Actor,
    id: ProcedureId,
) -> Result<(), Error> {
    let procedure = seen(view, actor, id).await?;
    actor.require_of_seen(Right::RunProcedures, procedure.owner)
}

/// The groupings in which some organisation of the actor is, or was, a member.
pub(super) async fn seen_groupings(view: &View, actor: &Actor) -> Result<Vec<GroupingId>, Error> {
    let members = actor.organisations_with(Right::See);
    let memberships = memberships::list_of_members(view, members).await?;
    let seen: BTreeSet<GroupingId> = memberships.iter().map(|m| m.grouping).collect();
    Ok(seen.into_iter().collect())
}

async fn check_seen(view: &View, actor: &Actor, procedure: &Procedure) -> Result<(), Error> {
    if actor.belongs_to(procedure.owner) {
        return Ok(());
    }
    let seen = seen_groupings(view, actor).await?;
    if procedure.launched_on.is_some() && seen.contains(&procedure.grouping) {
        return Ok(());
    }
    Err(Error::NotFound)
}

async fn filter(view: &View, actor: &Actor, listing: &Listing) -> Result<rows::Filter, Error> {
    Ok(rows::Filter {
        owners: actor.organisations_with(Right::See).collect(),
        groupings: seen_groupings(view, actor).await?,
        words: text::search_text(&listing.words),
        state: listing.state,
    })
}

fn line(procedure: &Procedure) -> Line {
    let scope = Scope::Grouping(procedure.grouping);
    Line::about(scope, "procedure", procedure.id.0)
}

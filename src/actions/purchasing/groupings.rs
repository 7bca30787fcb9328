//! Groupings: created, changed, archived, listed, and who coordinates each phase.
use std::collections::BTreeSet;

use domain::{
    identity::{GroupingId, MembershipId, OrganisationId},
    organisation::Organisation,
    permission::Right,
    purchasing::{
        grouping::{
            Grouping, GroupingCoordinator, GroupingError, GroupingEvent, GroupingKind,
            GroupingState, LegalBasis, Regime,
        },
        membership::Membership,
    },
};
use serde_json::json;

mod reading;

pub use reading::{Listed, Listing, Overview, find, list, overview};
pub(in crate::actions) use reading::{is_member, readable};

pub use crate::store::purchasing::groupings::Start;
use crate::{
    actions::{Actor, App, Error, same_version},
    store::{
        Begun, Line, Scope, Tx, View, organisations,
        purchasing::{agreements, groupings as rows, memberships, rounds},
    },
};

/// What an officer decides about a grouping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    pub title: String,
    pub kind: GroupingKind,
    pub family: String,
    pub legal_basis: LegalBasis,
    pub regime: Regime,
}

/// A grouping to create.
#[derive(Clone, Debug)]
pub struct NewGrouping {
    pub owner: OrganisationId,
    pub terms: Terms,
    /// The coordinator buys for itself too, and so is a member.
    pub joins: bool,
}

/// Creates a grouping; its owner coordinates every phase to begin with.
///
/// # Errors
/// A legal basis or a regime that does not fit, as a refusal.
pub async fn create(app: &App, actor: &Actor, new: NewGrouping) -> Result<Grouping, Error> {
    actor.require(Right::RunGroupings, new.owner)?;
    let tx = match app.begin(actor, "grouping.create").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(done) => return again(app, done.subject_id).await,
    };
    let coordinator = organisations::find(&tx, new.owner).await?;
    let grouping = Grouping {
        id: GroupingId(app.clock.new_id()),
        owner: new.owner,
        title: new.terms.title,
        kind: new.terms.kind,
        family: new.terms.family,
        legal_basis: new.terms.legal_basis,
        regime: new.terms.regime,
        state: GroupingState::Active,
        created_at: tx.now(),
        version: 0,
    };
    grouping.check(&coordinator)?;
    rows::insert(&tx, &grouping).await?;
    let coordinators = grouping.first_coordinators();
    rows::save_coordinators(&tx, &grouping, &coordinators, || app.clock.new_id()).await?;
    if new.joins {
        let id = MembershipId(app.clock.new_id());
        let own = Membership::invited(id, &grouping, grouping.owner);
        memberships::insert(&tx, &[own]).await?;
    }
    tx.commit(line(&grouping).saying(terms_said(&grouping)))
        .await?;
    tracing::info!(grouping.id = %grouping.id, "Created a grouping");
    Ok(grouping)
}

/// Changes what an officer decided about a grouping.
///
/// # Errors
/// [`Error::Stale`] when `version` is not the present one.
pub async fn update(
    app: &App,
    actor: &Actor,
    id: GroupingId,
    version: Option<i32>,
    terms: Terms,
) -> Result<Grouping, Error> {
    let tx = match app.begin(actor, "grouping.update").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(_) => return find(app, actor, id).await,
    };
    let mut grouping = locked(&tx, actor, id, version).await?;
    grouping.check_active()?;
    grouping.title = terms.title;
    grouping.kind = terms.kind;
    grouping.family = terms.family;
    grouping.legal_basis = terms.legal_basis;
    grouping.regime = terms.regime;
    let coordinator = organisations::find(&tx, grouping.owner).await?;
    grouping.check(&coordinator)?;
    check_others(&tx, &grouping, &coordinator).await?;
    rows::save(&tx, &grouping).await?;
    grouping.version += 1;
    tx.commit(line(&grouping).saying(terms_said(&grouping)))
        .await?;
    Ok(grouping)
}

/// A change of legal basis holds for the members and the agreement that are there already.
async fn check_others(
    tx: &Tx,
    grouping: &Grouping,
    coordinator: &Organisation,
) -> Result<(), Error> {
    let members = memberships::list(tx, grouping.id).await?;
    let present = members.iter().filter(|m| m.takes_part()).map(|m| m.member);
    for member in organisations::find_all(tx, present).await? {
        grouping.check_member(coordinator, &member)?;
    }
    if let Some(last) = agreements::list(tx, grouping.id).await?.first() {
        last.clauses.check(grouping)?;
    }
    Ok(())
}

/// Takes a grouping out of use; it stays readable.
///
/// # Errors
/// A grouping that is archived already, as a refusal.
pub async fn archive(
    app: &App,
    actor: &Actor,
    id: GroupingId,
    version: Option<i32>,
) -> Result<Grouping, Error> {
    apply(app, actor, id, version, GroupingEvent::Archive).await
}

/// Takes a grouping back into use.
///
/// # Errors
/// A grouping that is in use, as a refusal.
pub async fn restore(
    app: &App,
    actor: &Actor,
    id: GroupingId,
    version: Option<i32>,
) -> Result<Grouping, Error> {
    apply(app, actor, id, version, GroupingEvent::Restore).await
}

async fn apply(
    app: &App,
    actor: &Actor,
    id: GroupingId,
    version: Option<i32>,
    event: GroupingEvent,
) -> Result<Grouping, Error> {
    let action = match event {
        GroupingEvent::Archive => "grouping.archive",
        GroupingEvent::Restore => "grouping.restore",
    };
    let tx = match app.begin(actor, action).await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(_) => return find(app, actor, id).await,
    };
    let mut grouping = locked(&tx, actor, id, version).await?;
    if event == GroupingEvent::Archive {
        let rounds = rounds::open_of(&tx, id).await?.len();
        if rounds > 0 {
            return Err(GroupingError::OpenRounds { rounds }.into());
        }
    }
    grouping.apply(event)?;
    rows::save(&tx, &grouping).await?;
    grouping.version += 1;
    tx.commit(line(&grouping)).await?;
    Ok(grouping)
}

/// Says who runs each phase.
///
/// # Errors
/// A phase left to nobody, or a coordinator from outside, as a refusal.
pub async fn set_coordinators(
    app: &App,
    actor: &Actor,
    id: GroupingId,
    version: Option<i32>,
    coordinators: BTreeSet<GroupingCoordinator>,
) -> Result<Grouping, Error> {
    let tx = match app.begin(actor, "grouping.set_coordinators").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(_) => return find(app, actor, id).await,
    };
    let mut grouping = locked(&tx, actor, id, version).await?;
    grouping.check_active()?;
    let members = memberships::list(&tx, id).await?;
    let present = members.iter().filter(|m| m.takes_part()).map(|m| m.member);
    grouping.check_coordinators(&coordinators, &present.collect())?;
    rows::save_coordinators(&tx, &grouping, &coordinators, || app.clock.new_id()).await?;
    rows::save(&tx, &grouping).await?;
    grouping.version += 1;
    let said: Vec<_> = coordinators
        .iter()
        .map(|c| json!({"phase": c.phase.code(), "organisation": c.organisation.0}))
        .collect();
    tx.commit(line(&grouping).saying(json!({"coordinators": said})))
        .await?;
    Ok(grouping)
}

/// Locks a grouping that the actor may change; to a member it is forbidden, to others absent.
pub(super) async fn locked(
    tx: &Tx,
    actor: &Actor,
    id: GroupingId,
    version: Option<i32>,
) -> Result<Grouping, Error> {
    let grouping = rows::lock(tx, id).await?;
    require_run(tx, actor, &grouping).await?;
    same_version(version, grouping.version)?;
    Ok(grouping)
}

/// Refuses who may not change the grouping of that name.
pub(in crate::actions) async fn check_runner(
    view: &View,
    actor: &Actor,
    id: GroupingId,
) -> Result<(), Error> {
    let grouping = rows::find(view, id).await?;
    require_run(view, actor, &grouping).await
}

/// Refuses who may not change the grouping.
pub(super) async fn require_run(
    view: &View,
    actor: &Actor,
    grouping: &Grouping,
) -> Result<(), Error> {
    match actor.require(Right::RunGroupings, grouping.owner) {
        Err(Error::NotFound) if is_member(view, actor, grouping.id).await? => Err(Error::Forbidden),
        other => other,
    }
}

/// The journal line of a grouping.
pub(super) fn line(grouping: &Grouping) -> Line {
    Line::about(Scope::Grouping(grouping.id), "grouping", grouping.id.0)
}

async fn again(app: &App, id: Option<uuid::Uuid>) -> Result<Grouping, Error> {
    let view = app.store.view().await?;
    Ok(rows::find(&view, GroupingId(id.ok_or(Error::NotFound)?)).await?)
}

fn terms_said(grouping: &Grouping) -> serde_json::Value {
    json!({
        "kind": grouping.kind.code(),
        "legal_basis": grouping.legal_basis.code(),
        "regime": grouping.regime.code(),
    })
}

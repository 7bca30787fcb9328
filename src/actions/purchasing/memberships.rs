//! Memberships: decided, restricted to lots, ended.
use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::{
    identity::{GroupingId, MembershipId, OrganisationId},
    notice::{Notice, NoticeKind, Recipient},
    organisation::Organisation,
    permission::Right,
    purchasing::{
        grouping::Grouping,
        lot::Lot,
        membership::{Decision, JoinedLots, Membership, MembershipError, MembershipState},
        round::{Round, RoundState},
    },
};
use serde_json::json;
use uuid::Uuid;

use super::groupings::{is_member, readable, require_run};
use crate::{
    actions::{Actor, App, Error, organisations::today_of, same_version},
    store::{
        Begun, Line, Scope, Tx, View, organisations, outbox,
        purchasing::{declarations, groupings, lots, memberships as rows, needs, rounds},
    },
};

pub use rows::Wanted;

/// What a member, or the coordinator for it, records about its entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    pub decision: Option<Decision>,
    /// The day the member signed the agreement.
    pub signed_on: Option<NaiveDate>,
}

/// Every membership of a grouping with its organisation, by name.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn list(
    app: &App,
    actor: &Actor,
    grouping: GroupingId,
) -> Result<Vec<(Membership, Organisation)>, Error> {
    let overview = super::groupings::overview(app, actor, grouping).await?;
    Ok(overview.members)
}

/// A page of those wanted, past ones last, after the last one seen.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn page(
    app: &App,
    actor: &Actor,
    wanted: &Wanted,
    after: Option<(bool, String, Uuid)>,
    limit: u64,
) -> Result<Vec<(Membership, Organisation)>, Error> {
    let view = app.store.view().await?;
    readable(&view, actor, wanted.grouping).await?;
    let found = rows::page(&view, wanted, after, limit).await?;
    let named = organisations::find_all(&view, found.iter().map(|m| m.member)).await?;
    let named: BTreeMap<_, _> = named.into_iter().map(|o| (o.id, o)).collect();
    let with_name = |m: Membership| named.get(&m.member).cloned().map(|o| (m, o));
    Ok(found.into_iter().filter_map(with_name).collect())
}

/// Finds a membership of a grouping that the actor may read.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn find(app: &App, actor: &Actor, id: MembershipId) -> Result<Membership, Error> {
    let view = app.store.view().await?;
    let membership = rows::find(&view, id).await?;
    readable(&view, actor, membership.grouping).await?;
    Ok(membership)
}

/// Records the decision and the signature of a member, by itself or by the coordinator for it.
///
/// # Errors
/// Dates that cannot be, as a refusal; [`Error::Stale`].
pub async fn decide(
    app: &App,
    actor: &Actor,
    id: MembershipId,
    version: Option<i32>,
    entry: Entry,
) -> Result<Membership, Error> {
    let tx = match app.begin(actor, "membership.decide").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(_) => return find(app, actor, id).await,
    };
    let (grouping, mut membership) = locked(&tx, actor, id, version).await?;
    require_either(&tx, actor, &grouping, &membership).await?;
    grouping.check_active()?;
    let today = today_of(&tx, membership.member).await?;
    let before = membership.state;
    membership.decide(entry.decision, entry.signed_on, today)?;
    if membership.state == MembershipState::Joined && before != membership.state {
        let by_member = actor.may(Right::DecideMembership, membership.member);
        let told = if by_member {
            grouping.owner
        } else {
            membership.member
        };
        let kind = NoticeKind::MembershipJoined;
        tell(app, &tx, &grouping, &membership, kind, told).await?;
    }
    save(app, tx, &grouping, membership).await
}

/// Says which lots a member joins: all of them, or some.
///
/// # Errors
/// A lot of another grouping, as a refusal; [`Error::Stale`].
pub async fn choose_lots(
    app: &App,
    actor: &Actor,
    id: MembershipId,
    version: Option<i32>,
    lots: JoinedLots,
) -> Result<Membership, Error> {
    let tx = match app.begin(actor, "membership.choose_lots").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(_) => return find(app, actor, id).await,
    };
    let (grouping, mut membership) = locked(&tx, actor, id, version).await?;
    require_either(&tx, actor, &grouping, &membership).await?;
    grouping.check_active()?;
    grouping.check_members_open(groupings::has_launched(&tx, grouping.id).await?)?;
    if let JoinedLots::Some(chosen) = &lots {
        let known = rows::lots_of(&tx, grouping.id).await?;
        if !chosen.is_subset(&known) {
            return Err(MembershipError::UnknownLot.into());
        }
    }
    membership.lots = lots;
    save(app, tx, &grouping, membership).await
}

/// The lots of a grouping that a member may join, by round; drafts are the coordinator's to know.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn lots_offered(
    app: &App,
    actor: &Actor,
    grouping: GroupingId,
) -> Result<Vec<(Round, Vec<Lot>)>, Error> {
    let view = app.store.view().await?;
    let found = readable(&view, actor, grouping).await?;
    let mut wanted = rounds::Wanted {
        groupings: vec![grouping],
        grouping: Some(grouping),
        ..rounds::Wanted::default()
    };
    if actor.belongs_to(found.owner) {
        wanted.owners.push(found.owner);
    }
    let limit = app.settings.limits.page_rows_max;
    let start = rounds::Start::Offset(0);
    let mut offered = Vec::new();
    for round in rounds::list(&view, &wanted, start, limit).await? {
        if round.state != RoundState::Cancelled {
            let lots = lots::list_of_round(&view, round.id).await?;
            offered.push((round, lots));
        }
    }
    offered.retain(|(_, lots)| !lots.is_empty());
    Ok(offered)
}

/// The member asks to leave; the coordinator answers as the agreement says.
///
/// # Errors
/// [`Error::Forbidden`] to anyone but the member.
pub async fn ask_to_leave(
    app: &App,
    actor: &Actor,
    id: MembershipId,
    version: Option<i32>,
) -> Result<Membership, Error> {
    let tx = match app.begin(actor, "membership.ask_to_leave").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(_) => return find(app, actor, id).await,
    };
    let (grouping, mut membership) = locked(&tx, actor, id, version).await?;
    actor.require_of_seen(Right::DecideMembership, membership.member)?;
    let today = today_of(&tx, membership.member).await?;
    membership.ask_to_leave(today)?;
    let (kind, told) = (NoticeKind::LeaveAsked, grouping.owner);
    tell(app, &tx, &grouping, &membership, kind, told).await?;
    save(app, tx, &grouping, membership).await
}

/// The member stays: it changed its mind, or the coordinator declines.
///
/// # Errors
/// A member that left, as a refusal.
pub async fn stay(
    app: &App,
    actor: &Actor,
    id: MembershipId,
    version: Option<i32>,
) -> Result<Membership, Error> {
    let tx = match app.begin(actor, "membership.stay").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(_) => return find(app, actor, id).await,
    };
    let (grouping, mut membership) = locked(&tx, actor, id, version).await?;
    require_either(&tx, actor, &grouping, &membership).await?;
    membership.stay()?;
    save(app, tx, &grouping, membership).await
}

/// Ends a membership; what was declared and decided stays.
///
/// # Errors
/// A frozen grouping, or a member that coordinates, as a refusal.
pub async fn end(
    app: &App,
    actor: &Actor,
    id: MembershipId,
    version: Option<i32>,
) -> Result<Membership, Error> {
    let tx = match app.begin(actor, "membership.end").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(_) => return find(app, actor, id).await,
    };
    let (grouping, mut membership) = locked(&tx, actor, id, version).await?;
    require_run(&tx, actor, &grouping).await?;
    grouping.check_members_open(groupings::has_launched(&tx, grouping.id).await?)?;
    let coordinators = groupings::coordinators(&tx, grouping.id).await?;
    // The owner may stop buying for itself and still coordinate for the others.
    let coordinates = membership.member != grouping.owner
        && coordinators
            .iter()
            .any(|c| c.organisation == membership.member);
    let today = today_of(&tx, membership.member).await?;
    membership.leave(coordinates, today)?;
    take_back(&tx, grouping.id, membership.member).await?;
    let (kind, told) = (NoticeKind::MembershipEnded, membership.member);
    tell(app, &tx, &grouping, &membership, kind, told).await?;
    save(app, tx, &grouping, membership).await
}

/// Takes the answers of who leaves out of the rounds still open; closed ones stand as they closed.
async fn take_back(tx: &Tx, grouping: GroupingId, member: OrganisationId) -> Result<(), Error> {
    for id in rounds::open_of(tx, grouping).await? {
        let round = rounds::hold(tx, id).await?;
        let Some(mut declaration) = declarations::lock(tx, id, member).await? else {
            continue;
        };
        if declaration.withdraw(&round, tx.now()).is_ok() {
            needs::replace_of_member(tx, id, member, &[]).await?;
            declarations::save(tx, &declaration).await?;
        }
    }
    Ok(())
}

/// Refuses who may change a membership neither as the member nor as the coordinator.
pub(in crate::actions) async fn check_either(
    view: &View,
    actor: &Actor,
    id: MembershipId,
) -> Result<(), Error> {
    let membership = rows::find(view, id).await?;
    let grouping = groupings::find(view, membership.grouping).await?;
    require_either(view, actor, &grouping, &membership).await
}

/// Refuses who does not decide for the member.
pub(in crate::actions) async fn check_member(
    view: &View,
    actor: &Actor,
    id: MembershipId,
) -> Result<(), Error> {
    let membership = rows::find(view, id).await?;
    readable(view, actor, membership.grouping).await?;
    actor.require_of_seen(Right::DecideMembership, membership.member)
}

/// Holds the grouping, then locks the membership: always in this order.
async fn locked(
    tx: &Tx,
    actor: &Actor,
    id: MembershipId,
    version: Option<i32>,
) -> Result<(Grouping, Membership), Error> {
    let found = rows::find(tx, id).await?;
    let grouping = groupings::hold(tx, found.grouping).await?;
    if !actor.belongs_to(grouping.owner) && !is_member(tx, actor, grouping.id).await? {
        return Err(Error::NotFound);
    }
    let membership = rows::lock(tx, id).await?;
    same_version(version, membership.version)?;
    Ok((grouping, membership))
}

/// The member itself or the coordinator.
async fn require_either(
    view: &View,
    actor: &Actor,
    grouping: &Grouping,
    membership: &Membership,
) -> Result<(), Error> {
    if actor.may(Right::DecideMembership, membership.member) {
        return Ok(());
    }
    require_run(view, actor, grouping).await
}

/// Queues what the other side must know, once for each version of the membership.
///
/// A coordinator that is its own member needs no letter to itself.
async fn tell(
    app: &App,
    tx: &Tx,
    grouping: &Grouping,
    membership: &Membership,
    kind: NoticeKind,
    told: OrganisationId,
) -> Result<(), Error> {
    if membership.member == grouping.owner {
        return Ok(());
    }
    let notice = Notice {
        kind,
        recipient: Recipient::Organisation(told),
        subject_kind: "membership",
        subject_id: membership.id.0,
        subject_version: membership.version + 1,
        facts: [
            ("grouping", grouping.id.0.to_string()),
            ("member", membership.member.0.to_string()),
        ]
        .into(),
    };
    let id = app.clock.new_id();
    Ok(outbox::enqueue(tx, id, grouping.owner.0, &notice, tx.now()).await?)
}

async fn save(
    app: &App,
    tx: Tx,
    grouping: &Grouping,
    mut membership: Membership,
) -> Result<Membership, Error> {
    rows::save(&tx, &membership, || app.clock.new_id()).await?;
    membership.version += 1;
    let decision = membership.decision.as_ref();
    let detail = json!({
        "member": membership.member.0,
        "state": membership.state.code(),
        "decided_on": decision.map(|d| d.decided_on),
        "transmitted_on": decision.and_then(|d| d.transmitted_on),
        "signed_on": membership.signed_on,
    });
    let line = Line::about(Scope::Grouping(grouping.id), "membership", membership.id.0);
    tx.commit(line.saying(detail)).await?;
    Ok(membership)
}

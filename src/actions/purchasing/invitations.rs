//! Invitations: who may be asked to join, and asking.
use std::collections::{BTreeMap, BTreeSet};

use domain::{
    identity::{GroupingId, MembershipId, OrganisationId},
    notice::{Notice, NoticeKind, Recipient},
    organisation::Organisation,
    purchasing::{grouping::Grouping, membership::Membership},
    text,
};
use serde_json::json;

use super::groupings::{readable, require_run};
use crate::{
    actions::{Actor, App, Error},
    store::{
        Begun, Tx, View, organisations, outbox,
        purchasing::{groupings, memberships as rows},
    },
};

/// An organisation that may be asked to join.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub organisation: Organisation,
    /// Takes part already.
    pub member: bool,
}

/// Organisations whose name, number or department contains the words.
///
/// # Errors
/// [`Error::Forbidden`] to a member, [`Error::NotFound`] to others.
pub async fn candidates(
    app: &App,
    actor: &Actor,
    grouping: GroupingId,
    words: &str,
) -> Result<Vec<Candidate>, Error> {
    let view = app.store.view().await?;
    let grouping = readable(&view, actor, grouping).await?;
    require_run(&view, actor, &grouping).await?;
    let words = text::search_text(words);
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let limit = app.settings.limits.page_rows_max;
    let present = present(&view, grouping.id).await?;
    let found = organisations::search(
        &view,
        &organisations::Reach::Everything,
        &words,
        None,
        limit,
    )
    .await?;
    Ok(found
        .into_iter()
        .map(|organisation| Candidate {
            member: present.contains(&organisation.id),
            organisation,
        })
        .collect())
}

/// Asks organisations to join; those that left are asked again.
///
/// # Errors
/// An organisation that takes part already, or that the legal basis excludes, as a refusal.
pub async fn send(
    app: &App,
    actor: &Actor,
    grouping: GroupingId,
    members: BTreeSet<OrganisationId>,
) -> Result<Vec<Membership>, Error> {
    let tx = match app.begin(actor, "membership.invite").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(done) => return again(app, grouping, &done.outcome).await,
    };
    let grouping = groupings::lock(&tx, grouping).await?;
    let asked = organisations::find_all(&tx, members.iter().copied()).await?;
    if asked.len() != members.len() {
        return Err(Error::NotFound);
    }
    let invited = ask(app, &tx, actor, &grouping, asked).await?;
    commit_invited(tx, &grouping, &invited).await?;
    Ok(invited)
}

/// Asks every commune of the coordinator's EPCI that does not take part yet.
///
/// # Errors
/// [`Error::Forbidden`] to a member, [`Error::NotFound`] to others.
pub async fn send_to_communes(
    app: &App,
    actor: &Actor,
    grouping: GroupingId,
) -> Result<Vec<Membership>, Error> {
    let tx = match app.begin(actor, "membership.invite").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(done) => return again(app, grouping, &done.outcome).await,
    };
    let grouping = groupings::lock(&tx, grouping).await?;
    let coordinator = organisations::find(&tx, grouping.owner).await?;
    let mut asked = communes_around(&tx, &coordinator).await?;
    let present = present(&tx, grouping.id).await?;
    asked.retain(|commune| !present.contains(&commune.id));
    let invited = ask(app, &tx, actor, &grouping, asked).await?;
    commit_invited(tx, &grouping, &invited).await?;
    Ok(invited)
}

/// How many communes of the coordinator's EPCI do not take part yet.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn communes_missing(
    app: &App,
    actor: &Actor,
    grouping: GroupingId,
) -> Result<usize, Error> {
    let view = app.store.view().await?;
    let grouping = readable(&view, actor, grouping).await?;
    let coordinator = organisations::find(&view, grouping.owner).await?;
    let present = present(&view, grouping.id).await?;
    let communes = communes_around(&view, &coordinator).await?;
    Ok(communes.iter().filter(|c| !present.contains(&c.id)).count())
}

async fn communes_around(
    view: &View,
    coordinator: &Organisation,
) -> Result<Vec<Organisation>, Error> {
    let own = coordinator.siren.as_ref();
    match coordinator.epci_siren.as_ref().or(own) {
        Some(epci) => Ok(organisations::of_epci(view, epci).await?),
        None => Ok(Vec::new()),
    }
}

async fn present(view: &View, grouping: GroupingId) -> Result<BTreeSet<OrganisationId>, Error> {
    let known = rows::list(view, grouping).await?.into_iter();
    Ok(known
        .filter(Membership::takes_part)
        .map(|m| m.member)
        .collect())
}

/// The rows and notices of an invitation.
async fn ask(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    grouping: &Grouping,
    asked: Vec<Organisation>,
) -> Result<Vec<Membership>, Error> {
    require_run(tx, actor, grouping).await?;
    grouping.check_active()?;
    grouping.check_members_open(groupings::has_launched(tx, grouping.id).await?)?;
    let coordinator = organisations::find(tx, grouping.owner).await?;
    let known = rows::list(tx, grouping.id).await?;
    let (mut fresh, mut back) = (Vec::new(), Vec::new());
    for organisation in asked {
        grouping.check_member(&coordinator, &organisation)?;
        match known.iter().find(|m| m.member == organisation.id) {
            Some(earlier) => {
                let mut membership = earlier.clone();
                membership.invite_again(&organisation.name)?;
                rows::save(tx, &membership, || app.clock.new_id()).await?;
                membership.version += 1;
                back.push(membership);
            }
            None => {
                let id = MembershipId(app.clock.new_id());
                fresh.push(Membership::invited(id, grouping, organisation.id));
            }
        }
    }
    rows::insert(tx, &fresh).await?;
    fresh.extend(back);
    for membership in &fresh {
        let notice = Notice {
            kind: NoticeKind::MembershipInvited,
            recipient: Recipient::Organisation(membership.member),
            subject_kind: "membership",
            subject_id: membership.id.0,
            subject_version: membership.version,
            facts: BTreeMap::from([("grouping", grouping.id.0.to_string())]),
        };
        let id = app.clock.new_id();
        outbox::enqueue(tx, id, grouping.owner.0, &notice, tx.now()).await?;
    }
    Ok(fresh)
}

async fn commit_invited(tx: Tx, grouping: &Grouping, invited: &[Membership]) -> Result<(), Error> {
    let ids: Vec<_> = invited.iter().map(|m| m.member.0).collect();
    let detail = json!({"members": ids});
    tx.commit(super::groupings::line(grouping).saying(detail))
        .await?;
    tracing::info!(grouping.id = %grouping.id, members = invited.len(), "Invited members");
    Ok(())
}

/// The memberships that the same request made the first time, in the same order.
async fn again(app: &App, grouping: GroupingId, outcome: &str) -> Result<Vec<Membership>, Error> {
    let detail: serde_json::Value = serde_json::from_str(outcome).unwrap_or_default();
    let members = detail.get("members").cloned().unwrap_or_default();
    let members: Vec<OrganisationId> = serde_json::from_value(members).unwrap_or_default();
    let view = app.store.view().await?;
    let mut list = rows::list(&view, grouping).await?;
    list.retain(|m| members.contains(&m.member));
    list.sort_by_key(|m| members.iter().position(|member| *member == m.member));
    Ok(list)
}

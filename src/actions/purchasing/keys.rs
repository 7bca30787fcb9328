//! Allocation keys: created, corrected, listed.
use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::{
    allocation::Weight,
    identity::{GroupingId, KeyId, OrganisationId},
    organisation::Organisation,
    permission::Right,
    purchasing::key::{AllocationKey, KeyError},
};
use uuid::Uuid;

use crate::{
    actions::{Actor, App, Error},
    store::{
        Begun, Line, Scope, Start, Tx, View, organisations,
        purchasing::{allocations, groupings, keys as rows},
    },
};

/// A key as someone types it.
#[derive(Clone, Debug)]
pub struct KeyInput {
    pub name: String,
    pub unit: String,
    pub source: String,
    pub dated_on: NaiveDate,
    pub values: BTreeMap<OrganisationId, Weight>,
}

/// Creates a key for a grouping.
///
/// # Errors
/// Refused when the name is taken or the weights could split nothing.
pub async fn create(
    app: &App,
    actor: &Actor,
    grouping: GroupingId,
    input: KeyInput,
) -> Result<AllocationKey, Error> {
    let owner = owner_of(app, actor, grouping).await?;
    actor.require(Right::RunAllocations, owner)?;
    let tx = match app.begin(actor, "key.create").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(done) => return again(app, done.subject_id).await,
    };
    groupings::hold(&tx, grouping).await?;
    let key = AllocationKey {
        id: KeyId(app.clock.new_id()),
        owner,
        grouping,
        name: input.name,
        unit: input.unit,
        source: input.source,
        dated_on: input.dated_on,
        values: input.values,
        version: 0,
    };
    admit(&tx, &key).await?;
    rows::insert(&tx, &key, || app.clock.new_id()).await?;
    tx.commit(Line::about(Scope::Grouping(grouping), "key", key.id.0))
        .await?;
    Ok(key)
}

/// Corrects a key; runs already made keep the weights they used.
///
/// # Errors
/// [`Error::Stale`] when `version` is not the present one.
pub async fn update(
    app: &App,
    actor: &Actor,
    id: KeyId,
    version: Option<i32>,
    input: KeyInput,
) -> Result<AllocationKey, Error> {
    let before = find(app, actor, id).await?;
    actor.require(Right::RunAllocations, before.owner)?;
    let tx = match app.begin(actor, "key.update").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(done) => return again(app, done.subject_id).await,
    };
    if version.is_some_and(|version| version != before.version) {
        return Err(Error::Stale);
    }
    let mut key = AllocationKey {
        name: input.name,
        unit: input.unit,
        source: input.source,
        dated_on: input.dated_on,
        values: input.values,
        ..before
    };
    admit(&tx, &key).await?;
    rows::save(&tx, &key, || app.clock.new_id()).await?;
    let line = Line::about(Scope::Grouping(key.grouping), "key", key.id.0);
    tx.commit(line).await?;
    key.version += 1;
    Ok(key)
}

/// One key that the actor may see.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn find(app: &App, actor: &Actor, id: KeyId) -> Result<AllocationKey, Error> {
    let view = app.store.view().await?;
    let key = rows::find(&view, id).await?;
    actor.require(Right::See, key.owner)?;
    Ok(key)
}

/// The keys of a grouping, by name.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn list(
    app: &App,
    actor: &Actor,
    grouping: GroupingId,
) -> Result<Vec<AllocationKey>, Error> {
    let owner = owner_of(app, actor, grouping).await?;
    let view = app.store.view().await?;
    Ok(rows::list_of_grouping(&view, owner, grouping).await?)
}

/// A page of them.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn page(
    app: &App,
    actor: &Actor,
    grouping: GroupingId,
    start: Start<(String, Uuid)>,
    limit: u64,
) -> Result<Vec<AllocationKey>, Error> {
    let owner = owner_of(app, actor, grouping).await?;
    let view = app.store.view().await?;
    Ok(rows::page(&view, owner, grouping, start, limit).await?)
}

/// The members that a key of the grouping may weigh, by name, for who may change its keys.
///
/// # Errors
/// [`Error::Forbidden`] without [`Right::RunAllocations`]; [`Error::NotFound`] to others.
pub async fn weighable(
    app: &App,
    actor: &Actor,
    grouping: GroupingId,
) -> Result<Vec<Organisation>, Error> {
    let owner = owner_of(app, actor, grouping).await?;
    actor.require(Right::RunAllocations, owner)?;
    let view = app.store.view().await?;
    let found = allocations::participants(&view, owner, grouping).await?;
    let mut members: Vec<Organisation> = found.into_iter().map(|p| p.organisation).collect();
    members.sort_by_cached_key(|member| (member.sort_key(), member.id));
    Ok(members)
}

/// The weights of a key with whom they weigh, by name; those who left keep theirs.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn weighed(
    app: &App,
    actor: &Actor,
    key: &AllocationKey,
) -> Result<Vec<(Organisation, Weight)>, Error> {
    actor.require(Right::See, key.owner)?;
    let view = app.store.view().await?;
    let members = organisations::find_all(&view, key.values.keys().copied()).await?;
    let mut weighed: Vec<(Organisation, Weight)> = members
        .into_iter()
        .filter_map(|member| key.values.get(&member.id).map(|weight| (member, *weight)))
        .collect();
    weighed.sort_by_cached_key(|(member, _)| (member.sort_key(), member.id));
    Ok(weighed)
}

async fn owner_of(app: &App, actor: &Actor, id: GroupingId) -> Result<OrganisationId, Error> {
    let view = app.store.view().await?;
    let owner = groupings::find(&view, id).await?.owner;
    actor.require(Right::See, owner)?;
    Ok(owner)
}

/// Refuses who may not change the keys of a grouping.
pub(in crate::actions) async fn check_splitter(
    view: &View,
    actor: &Actor,
    grouping: GroupingId,
) -> Result<(), Error> {
    let owner = groupings::find(view, grouping).await?.owner;
    actor.require(Right::RunAllocations, owner)
}

async fn admit(tx: &Tx, key: &AllocationKey) -> Result<(), Error> {
    key.admit()?;
    let members = allocations::participants(tx, key.owner, key.grouping).await?;
    let is_member = |id: &OrganisationId| members.iter().any(|p| p.organisation.id == *id);
    if !key.values.keys().all(is_member) {
        return Err(KeyError::NotAMember.into());
    }
    let others = rows::list_of_grouping(tx, key.owner, key.grouping).await?;
    if others.iter().any(|o| o.id != key.id && o.name == key.name) {
        let name = key.name.clone();
        return Err(KeyError::NameTaken { name }.into());
    }
    Ok(())
}

async fn again(app: &App, subject: Option<Uuid>) -> Result<AllocationKey, Error> {
    let view = app.store.view().await?;
    Ok(rows::find(&view, KeyId(subject.ok_or(Error::NotFound)?)).await?)
}

//! Versions of a grouping's agreement: drafted, changed, signed.
use domain::{
    identity::{AgreementId, GroupingId},
    purchasing::{
        agreement::{Clauses, GroupingAgreement},
        grouping::Grouping,
    },
};
use serde_json::json;

use super::groupings::{check_runner, readable, require_run};
use crate::{
    actions::{Actor, App, Error, same_version},
    store::{
        Begun, Line, Scope, View,
        purchasing::{agreements as rows, groupings},
    },
};

/// A page of the versions of the agreement, newest first, below a number.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn list(
    app: &App,
    actor: &Actor,
    grouping: GroupingId,
    below: Option<i32>,
    limit: u64,
) -> Result<Vec<GroupingAgreement>, Error> {
    let view = app.store.view().await?;
    readable(&view, actor, grouping).await?;
    Ok(rows::page(&view, grouping, below, limit).await?)
}

/// Finds one version.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn find(app: &App, actor: &Actor, id: AgreementId) -> Result<GroupingAgreement, Error> {
    let view = app.store.view().await?;
    let agreement = rows::find(&view, id).await?;
    readable(&view, actor, agreement.grouping).await?;
    Ok(agreement)
}

/// Drafts the next version.
///
/// # Errors
/// A last version that is not signed, or clauses that the law refuses, as a refusal.
pub async fn draft(
    app: &App,
    actor: &Actor,
    grouping: GroupingId,
    clauses: Clauses,
) -> Result<GroupingAgreement, Error> {
    let tx = match app.begin(actor, "agreement.draft").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(done) => {
            let id = done.subject_id.ok_or(Error::NotFound)?;
            return find(app, actor, AgreementId(id)).await;
        }
    };
    let grouping = groupings::lock(&tx, grouping).await?;
    require_run(&tx, actor, &grouping).await?;
    grouping.check_active()?;
    clauses.check(&grouping)?;
    let known = rows::list(&tx, grouping.id).await?;
    let agreement = GroupingAgreement {
        id: AgreementId(app.clock.new_id()),
        owner: grouping.owner,
        grouping: grouping.id,
        number: GroupingAgreement::next_number(known.first())?,
        clauses,
        created_at: tx.now(),
        version: 0,
    };
    rows::insert(&tx, &agreement).await?;
    tx.commit(line(&grouping, &agreement)).await?;
    Ok(agreement)
}

/// Changes a version that is not signed yet; signing it is one of the changes.
///
/// # Errors
/// A version signed already, as a refusal; [`Error::Stale`].
pub async fn update(
    app: &App,
    actor: &Actor,
    id: AgreementId,
    version: Option<i32>,
    clauses: Clauses,
) -> Result<GroupingAgreement, Error> {
    let tx = match app.begin(actor, "agreement.update").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(_) => return find(app, actor, id).await,
    };
    let agreement = rows::find(&tx, id).await?;
    let grouping = groupings::hold(&tx, agreement.grouping).await?;
    require_run(&tx, actor, &grouping).await?;
    let mut agreement = rows::lock(&tx, id).await?;
    same_version(version, agreement.version)?;
    grouping.check_active()?;
    agreement.check_open()?;
    clauses.check(&grouping)?;
    agreement.clauses = clauses;
    rows::save(&tx, &agreement).await?;
    agreement.version += 1;
    tx.commit(line(&grouping, &agreement)).await?;
    Ok(agreement)
}

/// Refuses who may not change an agreement.
pub(in crate::actions) async fn check_writer(
    view: &View,
    actor: &Actor,
    id: AgreementId,
) -> Result<(), Error> {
    let agreement = rows::find(view, id).await?;
    check_runner(view, actor, agreement.grouping).await
}

fn line(grouping: &Grouping, agreement: &GroupingAgreement) -> Line {
    let scope = Scope::Grouping(grouping.id);
    Line::about(scope, "agreement", agreement.id.0).saying(json!({
        "number": agreement.number,
        "starts_on": agreement.clauses.starts_on,
        "ends_on": agreement.clauses.ends_on,
        "signed_on": agreement.clauses.signed_on,
    }))
}

//! The launch of a procedure: from then on it asks suppliers for a copy of the needs.
use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::{
    identity::{OrganisationId, ProcedureId, RoundId},
    notice::{Notice, NoticeKind, Recipient},
    purchasing::{
        demand,
        procedure::{Procedure, ProcedureError, check_rounds},
        round::Round,
    },
};
use serde_json::json;

use super::{find, line, locked, overview};
use crate::{
    actions::{Actor, App, Error},
    store::{
        Begun, Tx, outbox,
        purchasing::{
            awards, declarations, demand as demands, groupings, procedures as rows, rounds,
        },
    },
};

/// Launches the procedure: nobody is waited for any more, quantities and estimate are copied.
///
/// # Errors
/// Members that are neither ready nor set aside, or a round that was opened again.
pub async fn launch(
    app: &App,
    actor: &Actor,
    id: ProcedureId,
    version: Option<i32>,
    on: NaiveDate,
) -> Result<Procedure, Error> {
    let Begun::Fresh(tx) = app.begin(actor, "procedure.launch").await? else {
        return find(app, actor, id).await;
    };
    let mut procedure = locked(&tx, actor, id, version).await?;
    // Memberships change under the lock of their grouping: none does while the gate is read.
    groupings::hold(&tx, procedure.grouping).await?;
    check_rounds(&held(&tx, &procedure).await?)?;
    check_answered(&tx, &procedure).await?;
    let wanted = demands::of_procedure(&tx, &procedure).await?;
    let candidates = overview::candidates(&tx, &procedure, &wanted, on).await?;
    let estimate = overview::estimate(&tx, &procedure, &wanted).await?;
    procedure.launch(on, estimate, &candidates)?;
    rows::save(&tx, &procedure).await?;
    let wanted = demand::gathered(&wanted)?;
    demands::replace(&tx, &procedure, &wanted, || app.clock.new_id()).await?;
    for candidate in &candidates {
        tell(app, &tx, &procedure, candidate.member).await?;
    }
    let detail = json!({
        "launched_on": on,
        "estimate": estimate,
        "members": candidates.len() - procedure.aside.len(),
        "set_aside": procedure.aside.iter().map(|a| a.member).collect::<Vec<_>>(),
    });
    tx.commit(line(&procedure).saying(detail)).await?;
    tracing::info!(procedure.id = %procedure.id, "Launched a procedure");
    find(app, actor, id).await
}

/// Takes the quantities of the rounds again, for the members kept at the launch.
///
/// A round is opened again after a launch because a quantity was wrong; tenders then answer the
/// right one, as long as no lot is decided.
///
/// # Errors
/// A procedure that is not launched, a lot already decided, or a round that is still open.
pub async fn refresh_demand(
    app: &App,
    actor: &Actor,
    id: ProcedureId,
    version: Option<i32>,
) -> Result<Procedure, Error> {
    let Begun::Fresh(tx) = app.begin(actor, "procedure.refresh-demand").await? else {
        return find(app, actor, id).await;
    };
    let mut procedure = locked(&tx, actor, id, version).await?;
    check_rounds(&held(&tx, &procedure).await?)?;
    check_answered(&tx, &procedure).await?;
    let launched = demands::of_procedure(&tx, &procedure).await?;
    let wanted = overview::present(&tx, &procedure, &launched).await?;
    let estimate = overview::estimate(&tx, &procedure, &wanted).await?;
    let decided = awards::of_procedure(&tx, id).await?.len();
    let before = procedure.estimate;
    procedure.refresh_demand(estimate, &wanted, decided)?;
    rows::save(&tx, &procedure).await?;
    demands::replace(&tx, &procedure, &wanted, || app.clock.new_id()).await?;
    let detail = json!({ "estimate": estimate, "estimate_before": before });
    tx.commit(line(&procedure).saying(detail)).await?;
    tracing::info!(procedure.id = %procedure.id, "Took the quantities of a procedure again");
    find(app, actor, id).await
}

/// Its rounds, which nobody opens again meanwhile; in the order of their identifiers, so that
/// two transactions never wait for each other.
async fn held(tx: &Tx, procedure: &Procedure) -> Result<Vec<Round>, Error> {
    let rounds: BTreeSet<RoundId> = procedure.rounds.iter().copied().collect();
    let mut held = Vec::with_capacity(rounds.len());
    for round in rounds {
        held.push(rounds::hold(tx, round).await?);
    }
    Ok(held)
}

/// A member that takes its answer back to correct it must not fall out of the copy unseen.
async fn check_answered(tx: &Tx, procedure: &Procedure) -> Result<(), Error> {
    let rounds = procedure.rounds.iter().copied();
    let members = declarations::awaited(tx, rounds, tx.now()).await?;
    if members > 0 {
        return Err(ProcedureError::MembersAnswering { members }.into());
    }
    Ok(())
}

/// Every member with needs is told, those set aside too: their purchase will not happen.
async fn tell(
    app: &App,
    tx: &Tx,
    procedure: &Procedure,
    member: OrganisationId,
) -> Result<(), Error> {
    let set_aside = procedure.sets_aside(member);
    let notice = Notice {
        kind: NoticeKind::ProcedureLaunched,
        recipient: Recipient::Organisation(member),
        subject_kind: "procedure",
        subject_id: procedure.id.0,
        subject_version: procedure.version,
        facts: [
            ("title", procedure.plan.title.clone()),
            ("set_aside", set_aside.to_string()),
        ]
        .into(),
    };
    let (id, owner) = (app.clock.new_id(), procedure.owner.0);
    Ok(outbox::enqueue(tx, id, owner, &notice, tx.now()).await?)
}

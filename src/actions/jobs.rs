//! Long work: asked for, followed, and done by the worker.
use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use chrono::TimeDelta;
use domain::{
    identity::{JobId, OrganisationId},
    job::{Job, JobKind, JobState},
};

use super::{Actor, App, Error, audit};
use crate::store::{Begun, Line, Scope, jobs as rows};

/// How many jobs a page shows.
const LISTED: u64 = 50;

/// Asks for an audit of the installation; answers at once with the job to follow.
///
/// # Errors
/// [`Error::Forbidden`] but for the operator of the installation.
pub async fn ask_audit(app: &App, actor: &Actor) -> Result<Job, Error> {
    let (true, Some(user)) = (actor.operator, actor.user()) else {
        return Err(Error::Forbidden);
    };
    let tx = match app.begin(actor, "job.ask").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(done) => {
            let id = done.subject_id.ok_or(Error::NotFound)?;
            return find(app, actor, JobId(id)).await;
        }
    };
    let job = Job {
        id: JobId(app.clock.new_id()),
        owner: actor
            .acting_for
            .unwrap_or(OrganisationId(uuid::Uuid::nil())),
        asked_by: user,
        kind: JobKind::Audit,
        state: JobState::Waiting,
        done: 0,
        total: 0,
        attempts: 0,
        result: None,
        created_at: tx.now(),
        finished_at: None,
    };
    rows::insert(&tx, &job).await?;
    let line = Line::about(Scope::Instance, "job", job.id.0);
    tx.commit(line.saying(serde_json::json!({ "kind": job.kind.code() })))
        .await?;
    Ok(job)
}

/// One job, for who asked it and for the operator.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn find(app: &App, actor: &Actor, id: JobId) -> Result<Job, Error> {
    let view = app.store.view().await?;
    let job = rows::find(&view, id).await?;
    if actor.operator || actor.user() == Some(job.asked_by) {
        Ok(job)
    } else {
        Err(Error::NotFound)
    }
}

/// The latest jobs of the organisation acted for.
///
/// # Errors
/// [`Error::Forbidden`] but for the operator of the installation.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<Job>, Error> {
    if !actor.operator {
        return Err(Error::Forbidden);
    }
    let owner = actor
        .acting_for
        .unwrap_or(OrganisationId(uuid::Uuid::nil()));
    let view = app.store.view().await?;
    Ok(rows::list(&view, owner, LISTED).await?)
}

/// Does one job if there is one; `process` names this process in the lease.
///
/// A job that fails goes back to the queue until its attempts are used up.
///
/// # Errors
/// Whatever the database says.
pub async fn do_next(app: &App, process: &str) -> Result<bool, Error> {
    let lease = TimeDelta::seconds(app.settings.worker.lease_s);
    let tx = app.store.system_write(app.clock.now()).await?;
    let Some(job) = rows::claim(&tx, process, lease).await? else {
        return Ok(false);
    };
    tx.commit().await?;
    if job.attempts > app.settings.worker.attempts_max {
        end(app, &job, process, JobState::Failed, None).await?;
        return Ok(true);
    }
    tracing::info!(job.id = %job.id, "Doing `{}`", job.kind.code());
    let progress = Progress::default();
    let done = tokio::select! {
        done = perform(app, &job, &progress) => done,
        lost = keep(app, &job, process, &progress) => {
            lost?;
            tracing::warn!(job.id = %job.id, "Another process took the job over");
            return Ok(true);
        }
    };
    match done {
        Ok(result) => end(app, &job, process, JobState::Done, Some(result)).await?,
        Err(error) => {
            tracing::warn!(job.id = %job.id, error = format!("{error:#}"), "The job failed");
            end(app, &job, process, JobState::Waiting, None).await?;
        }
    }
    Ok(true)
}

/// How far the job in hand is; its holder writes it with each renewal of the lease.
#[derive(Debug, Default)]
struct Progress {
    done: AtomicI64,
    total: AtomicI64,
}

/// Renews the lease while the job is done, and says how far it is; ends when the lease is lost.
async fn keep(app: &App, job: &Job, process: &str, progress: &Progress) -> Result<(), Error> {
    let lease = app.settings.worker.lease_s.max(1);
    let pause = Duration::from_millis(lease.unsigned_abs().saturating_mul(1000) / 3);
    loop {
        tokio::time::sleep(pause).await;
        let far = (
            progress.done.load(Ordering::Relaxed),
            progress.total.load(Ordering::Relaxed),
        );
        let tx = app.store.system_write(app.clock.now()).await?;
        let lease = TimeDelta::seconds(lease);
        let kept = rows::advance(&tx, job.id, process, far, lease).await?;
        tx.commit().await?;
        if !kept {
            return Ok(());
        }
    }
}

async fn perform(app: &App, job: &Job, progress: &Progress) -> Result<String, Error> {
    match job.kind {
        JobKind::Audit => {
            let total = i64::try_from(audit::checks_total()).unwrap_or(i64::MAX);
            progress.total.store(total, Ordering::Relaxed);
            let checks = audit::run(app, |_check| {
                progress.done.fetch_add(1, Ordering::Relaxed);
            });
            let checks = checks.await?;
            let lines = checks.iter().map(|c| {
                serde_json::json!({ "check": c.name, "examined": c.examined, "faults": c.faults })
            });
            Ok(serde_json::Value::from_iter(lines).to_string())
        }
    }
}

async fn end(
    app: &App,
    job: &Job,
    process: &str,
    state: JobState,
    result: Option<String>,
) -> Result<(), Error> {
    let tx = app.store.system_write(app.clock.now()).await?;
    rows::release(&tx, job.id, process, state, result).await?;
    Ok(tx.commit().await?)
}

//! Long work: asked for, followed, and done by the worker.
use std::time::Duration;

use chrono::TimeDelta;
use domain::{
    identity::{JobId, OrganisationId, UserId},
    job::{Job, JobKind, JobState},
};

use super::{Actor, App, Error, audit, progress::Progress};
use crate::store::{Begun, Line, Scope, Tx, jobs as rows};

/// How many jobs a page shows.
const LISTED: u64 = 50;
/// How often the progress of the job in hand is written, for the person who waits for it.
const SHOWN_EVERY: Duration = Duration::from_secs(2);

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
        owner: actor
            .acting_for
            .unwrap_or(OrganisationId(uuid::Uuid::nil())),
        ..fresh(app, &tx, user, JobKind::Audit)
    };
    ask(tx, job, Scope::Instance).await
}

/// A job that nobody has begun; its owner and what it reads are for the caller to say.
pub(super) fn fresh(app: &App, tx: &Tx, user: UserId, kind: JobKind) -> Job {
    Job {
        id: JobId(app.clock.new_id()),
        owner: OrganisationId(uuid::Uuid::nil()),
        asked_by: user,
        kind,
        input: None,
        params: "{}".to_owned(),
        state: JobState::Waiting,
        done: 0,
        total: 0,
        attempts: 0,
        result: None,
        created_at: tx.now(),
        finished_at: None,
    }
}

/// Puts a job in the queue.
pub(super) async fn ask(tx: Tx, job: Job, scope: Scope) -> Result<Job, Error> {
    rows::insert(&tx, &job).await?;
    let line = Line::about(scope, "job", job.id.0);
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

/// Takes the next job, if there is one; `process` names this process in the lease.
///
/// A job whose attempts are used up is given up instead, and the next one taken.
///
/// # Errors
/// Whatever the database says.
pub async fn take(app: &App, process: &str) -> Result<Option<Job>, Error> {
    let lease = TimeDelta::seconds(app.settings.worker.lease_s);
    loop {
        let tx = app.store.system_write(app.clock.now()).await?;
        let Some(job) = rows::claim(&tx, process, lease).await? else {
            return Ok(None);
        };
        tx.commit().await?;
        if job.attempts <= app.settings.worker.attempts_max {
            tracing::info!(job.id = %job.id, "Doing `{}`", job.kind.code());
            return Ok(Some(job));
        }
        end(app, &job, process, JobState::Failed, None).await?;
    }
}

/// What came of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done; what came out, as JSON text.
    Done(String),
    /// It cannot be done, now or later; why, as JSON text.
    Refused(String),
}

/// Keeps the lease of a job while `work` lasts, then ends it.
///
/// Work that fails for a reason that may pass goes back to the queue.
///
/// # Errors
/// Whatever the database says.
pub async fn hold(
    app: &App,
    job: &Job,
    process: &str,
    progress: &Progress,
    work: impl Future<Output = Result<Outcome, Error>>,
) -> Result<(), Error> {
    let done = tokio::select! {
        done = work => done,
        lost = keep(app, job, process, progress) => {
            lost?;
            tracing::warn!(job.id = %job.id, "Another process took the job over");
            return Ok(());
        }
    };
    match done {
        Ok(Outcome::Done(result)) => end(app, job, process, JobState::Done, Some(result)).await,
        Ok(Outcome::Refused(why)) => end(app, job, process, JobState::Failed, Some(why)).await,
        Err(error) => {
            tracing::warn!(job.id = %job.id, error = format!("{error:#}"), "The job failed");
            end(app, job, process, JobState::Waiting, None).await
        }
    }
}

/// Renews the lease while the job is done, and says how far it is; ends when the lease is lost.
async fn keep(app: &App, job: &Job, process: &str, progress: &Progress) -> Result<(), Error> {
    let lease = app.settings.worker.lease_s.max(1);
    let third = Duration::from_millis(lease.unsigned_abs().saturating_mul(1000) / 3);
    let pause = third.min(SHOWN_EVERY);
    loop {
        tokio::time::sleep(pause).await;
        let tx = app.store.system_write(app.clock.now()).await?;
        let lease = TimeDelta::seconds(lease);
        let kept = rows::advance(&tx, job.id, process, progress.far(), lease).await?;
        tx.commit().await?;
        if !kept {
            return Ok(());
        }
    }
}

/// Checks the whole installation; the lines of the checks come out.
///
/// # Errors
/// Whatever the database says.
pub async fn audit(app: &App, progress: &Progress) -> Result<Outcome, Error> {
    progress.expect(audit::checks_total());
    let checks = audit::run(app, |_check| progress.advance()).await?;
    let lines = checks.iter().map(
        |c| serde_json::json!({ "check": c.name, "examined": c.examined, "faults": c.faults }),
    );
    let lines = serde_json::Value::from_iter(lines);
    Ok(Outcome::Done(lines.to_string()))
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

//! Long work, whoever asked for it: done by the worker, told in the words of the faces.
use domain::job::{Job, JobKind};

use super::{needs, report::NeedsReport, spreadsheet::FileError};
use crate::{
    actions::{
        App, Error,
        jobs::{self, Outcome},
        progress::Progress,
        purchasing::imports::later,
    },
    wording,
};

/// Does a job.
///
/// # Errors
/// What may pass: the database is busy, the disk is full. The job is then done again.
pub async fn perform(app: &App, job: &Job, progress: &Progress) -> Result<Outcome, Error> {
    match job.kind {
        JobKind::Audit => jobs::audit(app, progress).await,
        JobKind::ImportNeeds => import(app, job, progress).await,
    }
}

async fn import(app: &App, job: &Job, progress: &Progress) -> Result<Outcome, Error> {
    let done = match later::order(app, job).await {
        Ok(order) => {
            let (actor, round, mode) = (&order.actor, order.round, order.mode);
            needs::import(app, actor, round, order.bytes, mode, progress).await
        }
        Err(error) => Err(error.into()),
    };
    match done {
        Ok(imported) => json(&NeedsReport::from(imported)).map(Outcome::Done),
        Err(FileError::Unreadable { code, sentence, .. }) => refused(code, sentence),
        Err(FileError::Action(error @ (Error::Busy | Error::Stale | Error::Internal(_)))) => {
            Err(error)
        }
        Err(FileError::Action(error)) => {
            let (_, sentence) = wording::error(&error);
            refused("refused", sentence)
        }
    }
}

fn refused(code: &str, detail: String) -> Result<Outcome, Error> {
    json(&serde_json::json!({ "code": code, "detail": detail })).map(Outcome::Refused)
}

fn json(told: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(told).map_err(|error| Error::Internal(error.into()))
}

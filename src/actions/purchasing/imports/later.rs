//! Imports too long to wait for: asked for, done by the worker, in the name of who asked.
use domain::{
    attachment::{MediaType, StoredFile, file_name},
    identity::{FileId, JobId, RoundId},
    job::{Job, JobKind},
    purchasing::round::Round,
};
use serde::{Deserialize, Serialize};

use super::{ImportMode, check_importer};
use crate::{
    actions::{Actor, App, Error, jobs, sessions},
    store::{Begun, OperationKey, Scope, Tx, files, jobs as rows, purchasing::rounds},
};

/// How many of someone's imports are looked through for those of a round.
const LOOKED_AT: u64 = 50;

/// What was asked, as the job keeps it.
#[derive(Debug, Serialize, Deserialize)]
struct Params {
    round: RoundId,
    mode: String,
}

/// Where the rows of an import come from.
#[derive(Debug)]
pub enum Source {
    /// A file just sent, with its name.
    File(String, Vec<u8>),
    /// The file of an earlier job: what was tried is now taken.
    Tried(JobId),
}

/// An import to do, by whom and from what.
#[derive(Debug)]
pub struct Order {
    pub actor: Actor,
    pub round: RoundId,
    pub mode: ImportMode,
    pub bytes: Vec<u8>,
}

/// Asks for an import; answers at once with the job to follow.
///
/// The file is kept as it came: it is what the figures rest upon.
///
/// # Errors
/// [`Error::NotFound`] or [`Error::Forbidden`] as for an import done at once.
pub async fn ask(
    app: &App,
    actor: &Actor,
    round: RoundId,
    mode: ImportMode,
    source: Source,
) -> Result<Job, Error> {
    let view = app.store.view().await?;
    let found = rounds::find(&view, round).await?;
    check_importer(&view, actor, &found).await?;
    drop(view);
    let user = actor.user().ok_or(Error::Forbidden)?;
    let tried = match &source {
        Source::File(..) => None,
        Source::Tried(id) => Some(jobs::find(app, actor, *id).await?),
    };
    let tx = match app.begin(actor, "job.ask").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(done) => {
            let id = done.subject_id.ok_or(Error::NotFound)?;
            return jobs::find(app, actor, JobId(id)).await;
        }
    };
    let input = match (source, tried) {
        (_, Some(job)) => job.input.ok_or(Error::NotFound)?,
        (Source::File(name, bytes), None) => keep(app, &tx, actor, &found, (&name, &bytes)).await?,
        (Source::Tried(_), None) => return Err(Error::NotFound),
    };
    let mode = mode.code().to_owned();
    let params = serde_json::to_string(&Params { round, mode });
    let job = Job {
        owner: actor.acting_for.unwrap_or(found.owner),
        input: Some(input),
        params: params.map_err(|error| Error::Internal(error.into()))?,
        ..jobs::fresh(app, &tx, user, JobKind::ImportNeeds)
    };
    jobs::ask(tx, job, Scope::Grouping(found.grouping)).await
}

async fn keep(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    round: &Round,
    (name, bytes): (&str, &[u8]),
) -> Result<FileId, Error> {
    let file = StoredFile {
        id: FileId(app.clock.new_id()),
        owner: actor.acting_for.unwrap_or(round.owner),
        sha256: files::sha256(bytes),
        media_type: MediaType::of(bytes).unwrap_or(MediaType::Text),
        size_bytes: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
        name: file_name(name),
        created_at: tx.now(),
        created_by: actor.user(),
    };
    files::insert(tx, &file, bytes).await?;
    Ok(file.id)
}

/// The latest imports that someone asked for in a round, those that are not over first.
///
/// # Errors
/// Whatever the database says.
pub async fn list(app: &App, actor: &Actor, round: RoundId) -> Result<Vec<Job>, Error> {
    let Some(user) = actor.user() else {
        return Ok(Vec::new());
    };
    let view = app.store.view().await?;
    let mut asked = rows::list_of_user(&view, user, JobKind::ImportNeeds, LOOKED_AT).await?;
    asked.retain(|job| params(job).is_ok_and(|params| params.round == round));
    asked.sort_by_key(|job| job.state.is_over());
    Ok(asked)
}

/// What a job has to import, in the name of who asked: with the rights they have now.
///
/// Done twice, after a stop in the middle, it changes nothing: the job is the key.
///
/// # Errors
/// [`Error::Unauthenticated`] when the account was closed meanwhile.
pub async fn order(app: &App, job: &Job) -> Result<Order, Error> {
    let params = params(job)?;
    let view = app.store.view().await?;
    let file = files::find(&view, job.input.ok_or(Error::NotFound)?).await?;
    let bytes = files::bytes(&view, &file).await?;
    drop(view);
    let actor = sessions::actor_of(app, job.asked_by, Some(job.owner)).await?;
    let key = OperationKey {
        key: format!("job:{}", job.id),
        request_hash: file.sha256,
    };
    Ok(Order {
        actor: actor.with_operation(Some(key)),
        round: params.round,
        mode: mode(&params)?,
        bytes,
    })
}

/// The round that an import is about, and how it was asked.
///
/// # Errors
/// [`Error::NotFound`] when the job is no import.
pub fn about(job: &Job) -> Result<(RoundId, ImportMode), Error> {
    let params = params(job)?;
    Ok((params.round, mode(&params)?))
}

fn mode(params: &Params) -> Result<ImportMode, Error> {
    ImportMode::from_code(&params.mode).ok_or(Error::NotFound)
}

fn params(job: &Job) -> Result<Params, Error> {
    serde_json::from_str(&job.params)
        .ok()
        .ok_or(Error::NotFound)
}

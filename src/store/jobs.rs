//! Long work as rows: claimed with a lease, so that a dead process never keeps it.
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    identity::{FileId, JobId, OrganisationId, UserId},
    job::{Job, JobKind, JobState},
};
use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Condition, Expr, LockBehavior, LockType},
};

use super::{StoreError, SystemTx, View, Writes, organisations::read, rows::job as row};

/// Finds one job.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn find(view: &View, id: JobId) -> Result<Job, StoreError> {
    let found = row::Entity::find_by_id(id.0).one(&view.0).await?;
    from_row(found.ok_or(StoreError::NotFound)?)
}

/// The latest jobs of an organisation.
///
/// # Errors
/// Whatever the database says.
pub async fn list(view: &View, owner: OrganisationId, limit: u64) -> Result<Vec<Job>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::OwnerId.eq(owner.0))
        .order_by_desc(row::Column::CreatedAt)
        .order_by_desc(row::Column::Id)
        .limit(limit)
        .all(&view.0)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// The latest jobs of this kind that someone asked for.
///
/// # Errors
/// Whatever the database says.
pub async fn list_of_user(
    view: &View,
    user: UserId,
    kind: JobKind,
    limit: u64,
) -> Result<Vec<Job>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::ActorId.eq(user.0))
        .filter(row::Column::Kind.eq(kind.code()))
        .order_by_desc(row::Column::CreatedAt)
        .order_by_desc(row::Column::Id)
        .limit(limit)
        .all(&view.0)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// Queues a job.
///
/// # Errors
/// Whatever the database says.
pub async fn insert(tx: &impl Writes, job: &Job) -> Result<(), StoreError> {
    let row = row::Model {
        id: job.id.0,
        owner_id: job.owner.0,
        actor_id: job.asked_by.0,
        kind: job.kind.code().to_owned(),
        state: job.state.code().to_owned(),
        input_file_id: job.input.map(|file| file.0),
        params: job.params.clone(),
        progress_done: job.done,
        progress_total: job.total,
        attempts: job.attempts,
        lease_until: None,
        leased_by: None,
        result: job.result.clone(),
        created_at: job.created_at,
        finished_at: job.finished_at,
        version: 0,
    };
    row::Entity::insert(row.into_active_model())
        .exec_without_returning(&tx.0)
        .await?;
    Ok(())
}

/// Takes the oldest job that waits, or whose lease ended, for `lease`.
///
/// On PostgreSQL rivals skip each other's rows; on SQLite the transaction is alone.
///
/// # Errors
/// Whatever the database says.
pub async fn claim(
    tx: &SystemTx,
    process: &str,
    lease: TimeDelta,
) -> Result<Option<Job>, StoreError> {
    let free = Condition::any()
        .add(row::Column::State.eq(JobState::Waiting.code()))
        .add(
            Condition::all()
                .add(row::Column::State.eq(JobState::Running.code()))
                .add(row::Column::LeaseUntil.lte(tx.now())),
        );
    let found = row::Entity::find()
        .filter(free)
        .order_by_asc(row::Column::CreatedAt)
        .order_by_asc(row::Column::Id)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .one(&tx.view.0)
        .await?;
    let Some(mut found) = found else {
        return Ok(None);
    };
    found.state = JobState::Running.code().to_owned();
    found.attempts += 1;
    row::Entity::update_many()
        .col_expr(row::Column::State, Expr::value(found.state.clone()))
        .col_expr(row::Column::Attempts, Expr::value(found.attempts))
        .col_expr(row::Column::LeaseUntil, Expr::value(Some(tx.now() + lease)))
        .col_expr(row::Column::LeasedBy, Expr::value(Some(process.to_owned())))
        .filter(row::Column::Id.eq(found.id))
        .exec(&tx.view.0)
        .await?;
    from_row(found).map(Some)
}

/// Says how far a job is, and keeps it for `lease` more; false when another took it over.
///
/// # Errors
/// Whatever the database says.
pub async fn advance(
    tx: &SystemTx,
    job: JobId,
    process: &str,
    (done, total): (i64, i64),
    lease: TimeDelta,
) -> Result<bool, StoreError> {
    let advanced = row::Entity::update_many()
        .col_expr(row::Column::ProgressDone, Expr::value(done))
        .col_expr(row::Column::ProgressTotal, Expr::value(total))
        .col_expr(row::Column::LeaseUntil, Expr::value(Some(tx.now() + lease)))
        .filter(row::Column::Id.eq(job.0))
        .filter(row::Column::LeasedBy.eq(process))
        .filter(row::Column::State.eq(JobState::Running.code()))
        .exec(&tx.view.0)
        .await?;
    Ok(advanced.rows_affected == 1)
}

/// Ends a job with its result, or puts it back in the queue; only its holder may.
///
/// # Errors
/// Whatever the database says.
pub async fn release(
    tx: &SystemTx,
    job: JobId,
    process: &str,
    state: JobState,
    result: Option<String>,
) -> Result<bool, StoreError> {
    let finished_at: Option<DateTime<Utc>> = match state {
        JobState::Done | JobState::Failed => Some(tx.now()),
        JobState::Waiting | JobState::Running => None,
    };
    let released = row::Entity::update_many()
        .col_expr(row::Column::State, Expr::value(state.code()))
        .col_expr(row::Column::Result, Expr::value(result))
        .col_expr(row::Column::FinishedAt, Expr::value(finished_at))
        .col_expr(
            row::Column::LeaseUntil,
            Expr::value(Option::<DateTime<Utc>>::None),
        )
        .filter(row::Column::Id.eq(job.0))
        .filter(row::Column::LeasedBy.eq(process))
        .filter(row::Column::State.eq(JobState::Running.code()))
        .exec(&tx.view.0)
        .await?;
    Ok(released.rows_affected == 1)
}

fn from_row(row: row::Model) -> Result<Job, StoreError> {
    Ok(Job {
        id: JobId(row.id),
        owner: OrganisationId(row.owner_id),
        asked_by: UserId(row.actor_id),
        kind: read("job.kind", &row.kind, JobKind::from_code)?,
        input: row.input_file_id.map(FileId),
        params: row.params,
        state: read("job.state", &row.state, JobState::from_code)?,
        done: row.progress_done,
        total: row.progress_total,
        attempts: row.attempts,
        result: row.result,
        created_at: row.created_at,
        finished_at: row.finished_at,
    })
}

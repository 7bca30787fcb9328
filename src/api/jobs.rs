//! Long work over JSON: asked with 202, then followed.
use axum::{Json, extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use domain::{identity::JobId, job::Job};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    extract::{Bearer, Id, Nothing, Write},
    problem::{Problem, ReadProblems, WriteProblems},
};
use crate::actions::{App, jobs};

/// The operations on jobs.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(ask_audit))
}

/// A piece of long work.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct JobView {
    pub id: Uuid,
    /// `audit` or `import_needs`.
    pub kind: String,
    /// `waiting`, `running`, `done` or `failed`.
    pub state: String,
    pub done: i64,
    /// Zero until it is known.
    pub total: i64,
    /// What came out once done, or why it was refused.
    pub result: Option<serde_json::Value>,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

impl From<Job> for JobView {
    fn from(job: Job) -> Self {
        Self {
            id: job.id.0,
            kind: job.kind.code().to_owned(),
            state: job.state.code().to_owned(),
            done: job.done,
            total: job.total,
            result: job.result.and_then(|text| serde_json::from_str(&text).ok()),
            created_at: job.created_at,
            finished_at: job.finished_at,
        }
    }
}

/// One job.
#[utoipa::path(
    get,
    path = "/jobs/{id}",
    operation_id = "show_job",
    tag = "jobs",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = JobView), ReadProblems)
)]
async fn show(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
) -> Result<Json<JobView>, Problem> {
    Ok(Json(jobs::find(&app, &actor, JobId(id)).await?.into()))
}

/// Asks for an audit of the installation.
#[utoipa::path(
    post,
    path = "/audits",
    operation_id = "ask_audit",
    tag = "jobs",
    responses((status = 202, body = JobView), WriteProblems)
)]
async fn ask_audit(
    State(app): State<App>,
    write: Write<Nothing>,
) -> Result<(StatusCode, Json<JobView>), Problem> {
    let job = jobs::ask_audit(&app, &write.actor).await?;
    Ok((StatusCode::ACCEPTED, Json(job.into())))
}

//! Files of needs over HTTP: imported in parts, exported whole.
use axum::{
    Json,
    extract::{DefaultBodyLimit, Multipart, State, multipart::MultipartRejection},
    http::{HeaderMap, HeaderName, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use domain::identity::{OrganisationId, RoundId};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    actions::{
        App,
        progress::Progress,
        purchasing::imports::{
            self, ImportMode,
            later::{self, Source},
        },
    },
    api::{
        extract::{Bearer, Id, Query},
        files::TableFile,
        jobs::JobView,
        problem::{Problem, ReadProblems, WriteProblems},
        sent::Sent,
    },
    exchange::{
        download::{self, Format},
        needs as needs_file,
        report::NeedsReport,
    },
};

/// The operations on files of needs.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(import))
        // The size is checked part by part, against the setting.
        .layer(DefaultBodyLimit::disable())
        .routes(routes!(export))
}

/// What to send.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only describes the parts of the form")]
struct ImportForm {
    /// CSV, XLSX or ODS, as exported.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// `true`: says what would change and writes nothing.
    #[schema(value_type = bool, required = false)]
    dry_run: Option<bool>,
    /// `true`: transmits the answers that change.
    #[schema(value_type = bool, required = false)]
    submit: Option<bool>,
}

/// Which file, and for whom.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    #[serde(default)]
    #[param(inline, required = false)]
    pub format: Format,
    /// One member; all of them when absent, which only the coordinator may ask.
    pub member: Option<Uuid>,
}

/// Imports needs from a file: good rows are kept, bad cells named; twice changes nothing.
#[utoipa::path(
    post,
    path = "/rounds/{id}/needs/import",
    operation_id = "import_needs",
    tag = "needs",
    params(("id" = Uuid, Path), ("Prefer" = Option<String>, Header, description = "`respond-async`: answers at once with a job.")),
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, body = NeedsReport),
        (
            status = 202,
            body = JobView,
            description = "Asked with `Prefer: respond-async`: the job to follow.",
            headers(("Location" = String, description = "The job."))
        ),
        WriteProblems
    )
)]
async fn import(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
    (method, uri, headers): (Method, Uri, HeaderMap),
    parts: Result<Multipart, MultipartRejection>,
) -> Result<Response, Problem> {
    let round = RoundId(id);
    imports::title(&app, &actor, round).await?;
    let sent = Sent::receive(&app, parts, &["dry_run", "submit"]).await?;
    let mode = match (sent.says("dry_run"), sent.says("submit")) {
        (true, _) => ImportMode::DryRun,
        (false, true) => ImportMode::Submit,
        (false, false) => ImportMode::Type,
    };
    let actor = actor.with_operation(sent.key(&headers, &method, &uri)?);
    if prefers_async(&headers) {
        let name = sent.name.unwrap_or_else(|| "besoins".to_owned());
        let source = Source::File(name, sent.file);
        let job = later::ask(&app, &actor, round, mode, source).await?;
        let place = format!("/api/v1/jobs/{}", job.id);
        let headers = [
            (header::LOCATION, place),
            (
                HeaderName::from_static("preference-applied"),
                RESPOND_ASYNC.to_owned(),
            ),
        ];
        let body = Json(JobView::from(job));
        return Ok((StatusCode::ACCEPTED, headers, body).into_response());
    }
    let progress = Progress::default();
    let imported = needs_file::import(&app, &actor, round, sent.file, mode, &progress).await?;
    Ok(Json(NeedsReport::from(imported)).into_response())
}

/// The preference of RFC 7240 for an answer before the work is done.
const RESPOND_ASYNC: &str = "respond-async";

fn prefers_async(headers: &HeaderMap) -> bool {
    headers
        .get_all("prefer")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|preference| preference.trim().eq_ignore_ascii_case(RESPOND_ASYNC))
}

/// The needs of a member, or of all, as a file that may be imported again.
#[utoipa::path(
    get,
    path = "/rounds/{id}/needs/export",
    operation_id = "export_needs",
    tag = "needs",
    params(("id" = Uuid, Path), Wanted),
    responses(TableFile, ReadProblems)
)]
async fn export(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let member = wanted.member.map(OrganisationId);
    let grids = imports::export(&app, &actor, RoundId(id), member).await?;
    let title = grids.first().map_or("", |grid| grid.round.title.as_str());
    let table = needs_file::table(&grids, title, app.clock.now());
    Ok(download::table(&table, wanted.format, "besoins")?)
}

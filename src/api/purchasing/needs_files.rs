//! Files of needs over HTTP: imported in parts, exported whole.
use axum::{
    Json,
    extract::{DefaultBodyLimit, Multipart, State, multipart::MultipartRejection},
    http::{HeaderMap, HeaderName, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use domain::identity::{OrganisationId, RoundId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    actions::{
        App, Error,
        progress::Progress,
        purchasing::imports::{
            self, ImportMode,
            later::{self, Source},
        },
    },
    api::{
        extract::{Bearer, Id, Query, operation},
        jobs::JobView,
        problem::{Problem, ReadProblems, WriteProblems},
    },
    exchange::{
        needs::{self as needs_file, Imported},
        spreadsheet::FileError,
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

/// What a file changed, or would.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportView {
    pub applied: bool,
    pub members: usize,
    /// Rows that say what stands already.
    pub unchanged: usize,
    pub changes: Vec<ChangeView>,
    pub problems: Vec<CellProblemView>,
}

/// One cell that changes.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeView {
    pub row: u32,
    pub member_name: String,
    pub reference: String,
    /// `quantity`, `most`, `commitment`, `budget` or `comment`.
    pub column: String,
    /// As the page shows it.
    pub before: String,
    pub after: String,
}

/// A cell that is left aside.
#[derive(Debug, Serialize, ToSchema)]
pub struct CellProblemView {
    /// `C14`.
    pub address: String,
    pub code: String,
    pub typed: String,
    pub detail: String,
}

impl From<Imported> for ImportView {
    fn from(imported: Imported) -> Self {
        let report = imported.report;
        let changes = report.changes.into_iter().map(|change| ChangeView {
            row: change.row,
            member_name: change.member,
            reference: change.reference,
            column: change.column.code().to_owned(),
            before: change.before,
            after: change.after,
        });
        let problems = imported
            .problems
            .into_iter()
            .map(|problem| CellProblemView {
                address: problem.address,
                code: problem.code.to_owned(),
                typed: problem.typed,
                detail: problem.sentence,
            });
        Self {
            applied: report.applied,
            members: report.members,
            unchanged: report.unchanged,
            changes: changes.collect(),
            problems: problems.collect(),
        }
    }
}

impl From<FileError> for Problem {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Action(error) => error.into(),
            FileError::Unreadable {
                code,
                sentence,
                too_large,
            } => {
                let status = if too_large {
                    StatusCode::PAYLOAD_TOO_LARGE
                } else {
                    StatusCode::UNPROCESSABLE_ENTITY
                };
                Self::new(status, code, "Fichier refusé", sentence)
            }
        }
    }
}

/// Which file, and for whom.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    #[param(inline)]
    pub format: Option<ExportFormat>,
    /// One member; all of them when absent, which only the coordinator may ask.
    pub member: Option<Uuid>,
}

/// The kind of a file to take away.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    #[default]
    Csv,
    Xlsx,
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
        (status = 200, body = ImportView),
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
    let sent = receive(&app, parts).await?;
    let key = operation(&headers, &method, &uri, &sent.file.clone().into())?;
    let actor = actor.with_operation(key);
    if prefers_async(&headers) {
        let source = Source::File(sent.name, sent.file);
        let job = later::ask(&app, &actor, round, sent.mode, source).await?;
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
    let (file, mode, progress) = (sent.file, sent.mode, Progress::default());
    let imported = needs_file::import(&app, &actor, round, file, mode, &progress).await?;
    Ok(Json(ImportView::from(imported)).into_response())
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

/// The parts of the form.
struct Sent {
    name: String,
    file: Vec<u8>,
    mode: ImportMode,
}

async fn receive(app: &App, parts: Result<Multipart, MultipartRejection>) -> Result<Sent, Problem> {
    let unreadable =
        || Problem::malformed("Le corps n’est pas un formulaire en plusieurs parties.");
    let mut parts = parts.ok().ok_or_else(unreadable)?;
    let max = app.settings.limits.upload_bytes_max;
    let (mut file, mut file_name, mut dry_run, mut submit) = (None, None, false, false);
    while let Some(mut part) = parts.next_field().await.ok().ok_or_else(unreadable)? {
        let name = part.name().unwrap_or("").to_owned();
        let mut bytes = Vec::new();
        while let Some(chunk) = part.chunk().await.ok().ok_or_else(unreadable)? {
            // One byte too many is kept, so that the reader refuses it with its sentence.
            if bytes.len() <= max {
                bytes.extend_from_slice(&chunk);
            }
        }
        match name.as_str() {
            "file" => {
                file_name = part.file_name().map(str::to_owned);
                file = Some(bytes);
            }
            "dry_run" => dry_run = flag(&bytes)?,
            "submit" => submit = flag(&bytes)?,
            _ => {
                let text = format!("La partie «\u{a0}{name}\u{a0}» n’est pas attendue.");
                return Err(Problem::malformed(text));
            }
        }
    }
    let missing = || Problem::malformed("La partie «\u{a0}file\u{a0}» manque.");
    let file = file.ok_or_else(missing)?;
    let mode = match (dry_run, submit) {
        (true, _) => ImportMode::DryRun,
        (false, true) => ImportMode::Submit,
        (false, false) => ImportMode::Type,
    };
    let name = file_name.unwrap_or_else(|| "besoins".to_owned());
    Ok(Sent { name, file, mode })
}

fn flag(bytes: &[u8]) -> Result<bool, Problem> {
    match bytes {
        b"true" => Ok(true),
        b"false" | b"" => Ok(false),
        _ => Err(Problem::malformed(
            "dry_run et submit valent true ou false.",
        )),
    }
}

/// The needs of a member, or of all, as a file that may be imported again.
#[utoipa::path(
    get,
    path = "/rounds/{id}/needs/export",
    operation_id = "export_needs",
    tag = "needs",
    params(("id" = Uuid, Path), Wanted),
    responses(
        (status = 200, content(
            (Vec<u8> = "text/csv"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        )),
        ReadProblems
    )
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
    let (bytes, media) = match wanted.format.unwrap_or_default() {
        ExportFormat::Csv => (table.to_csv(), "text/csv; charset=utf-8"),
        ExportFormat::Xlsx => (
            table.to_xlsx(),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
    };
    let bytes = bytes.map_err(|error| Error::Internal(error.into()))?;
    Ok(([(header::CONTENT_TYPE, media)], bytes).into_response())
}

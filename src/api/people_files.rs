//! Files of contacts and users over HTTP: imported row by row, exported whole.
use axum::{
    Json,
    extract::{DefaultBodyLimit, Multipart, State, multipart::MultipartRejection},
    http::{HeaderMap, Method, Uri},
    response::Response,
};
use domain::permission::Right;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Bearer, Query, keyed},
    problem::{Problem, ReadProblems, WriteProblems},
    sent::Sent,
};
use crate::{
    actions::{
        App, attachments,
        targets::{self, Target},
    },
    exchange::{
        download::{self, Format},
        people,
        report::PeopleReport,
    },
};

/// The operations on files of people.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(import))
        // The size is checked part by part, against the setting.
        .layer(DefaultBodyLimit::disable())
        .routes(routes!(export))
}

/// A table to bring in, as `multipart/form-data`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only describes the parts of the form")]
pub struct TableForm {
    /// CSV, XLSX or ODS.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// `true`: says what would change and writes nothing.
    #[schema(value_type = bool, required = false)]
    dry_run: Option<bool>,
}

/// The kind of the file.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InFormat {
    #[param(inline)]
    pub format: Option<Format>,
}

/// Invites people and keeps contacts from a file: good rows are kept, bad cells named.
///
/// The links of new accounts are shown once, in this answer.
#[utoipa::path(
    post,
    path = "/people/import",
    operation_id = "import_people",
    tag = "people",
    request_body(content = TableForm, content_type = "multipart/form-data"),
    responses((status = 200, body = PeopleReport), WriteProblems)
)]
async fn import(
    State(app): State<App>,
    Bearer(actor): Bearer,
    (method, uri, headers): (Method, Uri, HeaderMap),
    parts: Result<Multipart, MultipartRejection>,
) -> Result<Json<PeopleReport>, Problem> {
    targets::check(&app, &actor, Target::New(Right::ManageUsers)).await?;
    let sent = Sent::receive(&app, parts, &["dry_run"]).await?;
    let print = attachments::fingerprint(&sent.file);
    let actor = actor.with_operation(keyed(&headers, &method, &uri, &print)?);
    let dry = sent.says("dry_run");
    let imported = people::import(&app, &actor, sent.file, dry).await?;
    Ok(Json(imported.into()))
}

/// The contacts and users that you manage, as a file that may be imported again.
#[utoipa::path(
    get,
    path = "/people/export",
    operation_id = "export_people",
    tag = "people",
    params(InFormat),
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
    Query(wanted): Query<InFormat>,
) -> Result<Response, Problem> {
    let table = people::export(&app, &actor).await?;
    let format = wanted.format.unwrap_or_default();
    Ok(download::table(&table, format, "utilisateurs")?)
}

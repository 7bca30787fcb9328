//! Files of contacts and users over HTTP: imported row by row, exported whole.
use axum::{
    Json,
    extract::{DefaultBodyLimit, Multipart, State, multipart::MultipartRejection},
    http::{HeaderMap, Method, Uri},
    response::Response,
};
use domain::permission::Right;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Bearer, Query},
    files::{InFormat, TableFile},
    problem::{Problem, ReadProblems, WriteProblems},
    sent::{Sent, TableForm},
};
use crate::{
    actions::{
        App,
        targets::{self, Target},
    },
    exchange::{download, people, report::PeopleReport},
};

/// The operations on files of people.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(import))
        // The size is checked part by part, against the setting.
        .layer(DefaultBodyLimit::disable())
        .routes(routes!(export))
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
    let actor = actor.with_operation(sent.key(&headers, &method, &uri)?);
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
    responses(TableFile, ReadProblems)
)]
async fn export(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Query(wanted): Query<InFormat>,
) -> Result<Response, Problem> {
    let table = people::export(&app, &actor).await?;
    Ok(download::table(&table, wanted.format, "utilisateurs")?)
}

//! Files of sites over HTTP: imported row by row, exported whole.
use axum::{
    Json,
    extract::{DefaultBodyLimit, Multipart, State, multipart::MultipartRejection},
    http::{HeaderMap, Method, Uri},
    response::Response,
};
use domain::identity::OrganisationId;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    extract::{Bearer, Id, Query},
    files::{InFormat, TableFile},
    problem::{Problem, ReadProblems, WriteProblems},
    sent::{Sent, TableForm},
};
use crate::{
    actions::{
        App,
        targets::{self, Target},
    },
    exchange::{download, report::SitesReport, sites},
};

/// The operations on files of sites.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(import))
        // The size is checked part by part, against the setting.
        .layer(DefaultBodyLimit::disable())
        .routes(routes!(export))
}

/// Adds and changes sites from a file: good rows are kept, bad cells named; twice changes nothing.
#[utoipa::path(
    post,
    path = "/organisations/{organisation}/sites/import",
    operation_id = "import_sites",
    tag = "organisations",
    params(("organisation" = Uuid, Path)),
    request_body(content = TableForm, content_type = "multipart/form-data"),
    responses((status = 200, body = SitesReport), WriteProblems)
)]
async fn import(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(owner): Id<Uuid>,
    (method, uri, headers): (Method, Uri, HeaderMap),
    parts: Result<Multipart, MultipartRejection>,
) -> Result<Json<SitesReport>, Problem> {
    let owner = OrganisationId(owner);
    targets::check(&app, &actor, Target::Organisation(owner)).await?;
    let sent = Sent::receive(&app, parts, &["dry_run"]).await?;
    let actor = actor.with_operation(sent.key(&headers, &method, &uri)?);
    let dry = sent.says("dry_run");
    let imported = sites::import(&app, &actor, owner, sent.file, dry).await?;
    Ok(Json(imported.into()))
}

/// The sites in use of an organisation, as a file that may be imported again.
#[utoipa::path(
    get,
    path = "/organisations/{organisation}/sites/export",
    operation_id = "export_sites",
    tag = "organisations",
    params(("organisation" = Uuid, Path), InFormat),
    responses(TableFile, ReadProblems)
)]
async fn export(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(owner): Id<Uuid>,
    Query(wanted): Query<InFormat>,
) -> Result<Response, Problem> {
    let table = sites::export(&app, &actor, OrganisationId(owner)).await?;
    Ok(download::table(&table, wanted.format, "sites")?)
}

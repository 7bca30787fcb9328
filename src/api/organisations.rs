//! Organisations over JSON.
use axum::{Json, extract::State};
use domain::{
    identity::{InseeCode, OrganisationId, Siren},
    organisation::Organisation,
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    extract::{Bearer, Id},
    problem::{Problem, ReadProblems},
};
use crate::actions::{App, organisations};

/// The operations on organisations.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// A public body.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrganisationView {
    pub id: Uuid,
    /// `commune`, `epci`, `syndicat`, `ccas`, `sdis`, `school`, `association` or `other`.
    pub kind: String,
    pub name: String,
    pub siren: Option<String>,
    pub insee: Option<String>,
    pub department: Option<String>,
    pub version: i32,
}

impl From<Organisation> for OrganisationView {
    fn from(o: Organisation) -> Self {
        Self {
            id: o.id.0,
            kind: o.kind.code().to_owned(),
            name: o.name,
            siren: o.siren.as_ref().map(Siren::to_string),
            insee: o.insee.as_ref().map(InseeCode::to_string),
            department: o.department,
            version: o.version,
        }
    }
}

/// One organisation.
#[utoipa::path(
    get,
    path = "/organisations/{id}",
    tag = "organisations",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = OrganisationView),
        ReadProblems,
    )
)]
async fn show(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
) -> Result<Json<OrganisationView>, Problem> {
    let found = organisations::find(&app, &actor, OrganisationId(id)).await?;
    Ok(Json(found.into()))
}

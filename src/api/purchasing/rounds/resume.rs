//! The lots and items of an earlier round, taken again by a draft.
use axum::{extract::State, http::StatusCode, response::Response};
use domain::identity::RoundId;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{RoundView, tagged};
use crate::{
    actions::{App, purchasing::lots},
    api::{
        extract::{Id, Write},
        problem::{Problem, WriteProblems},
    },
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(resume))
}

/// Which round is taken again.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Resumption {
    /// A round of the same grouping.
    round_id: Uuid,
}

/// Copies the lots and items of an earlier round into a draft that has no item yet.
#[utoipa::path(
    post,
    path = "/rounds/{id}/resume",
    operation_id = "resume_round",
    tag = "rounds",
    params(("id" = Uuid, Path)),
    request_body = Resumption,
    responses((status = 200, body = RoundView), WriteProblems)
)]
async fn resume(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<Resumption>,
) -> Result<Response, Problem> {
    let earlier = RoundId(write.body.round_id);
    let round = lots::resume(&app, &write.actor, RoundId(id), earlier).await?;
    Ok(tagged(StatusCode::OK, round))
}

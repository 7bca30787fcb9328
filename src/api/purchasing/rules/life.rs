//! What happens to a version of a rule: adopted, withdrawn, restored, amended.
use axum::{extract::State, http::StatusCode};
use domain::identity::RuleId;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{RuleBody, RuleView, tagged};
use crate::{
    actions::{App, purchasing::rules},
    api::{
        extract::{Id, Nothing, Tagged, Write},
        problem::{Problem, WriteProblems},
    },
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(adopt))
        .routes(routes!(withdraw))
        .routes(routes!(restore))
        .routes(routes!(amend))
}

/// Puts a draft in force: it never changes afterwards.
#[utoipa::path(
    post,
    path = "/rules/{id}/adopt",
    operation_id = "adopt_rule",
    tag = "rules",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = RuleView), WriteProblems)
)]
async fn adopt(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<Nothing>,
) -> Result<Tagged<RuleView>, Problem> {
    let version = write.if_match.version();
    Ok(tagged(
        rules::adopt(&app, &write.actor, RuleId(id), version).await?,
    ))
}

/// Offers a version no more; what it split stays.
#[utoipa::path(
    post,
    path = "/rules/{id}/withdraw",
    operation_id = "withdraw_rule",
    tag = "rules",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = RuleView), WriteProblems)
)]
async fn withdraw(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<Nothing>,
) -> Result<Tagged<RuleView>, Problem> {
    let version = write.if_match.version();
    Ok(tagged(
        rules::withdraw(&app, &write.actor, RuleId(id), version).await?,
    ))
}

/// Offers again a version that was withdrawn.
#[utoipa::path(
    post,
    path = "/rules/{id}/restore",
    operation_id = "restore_rule",
    tag = "rules",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = RuleView), WriteProblems)
)]
async fn restore(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<Nothing>,
) -> Result<Tagged<RuleView>, Problem> {
    let version = write.if_match.version();
    Ok(tagged(
        rules::restore(&app, &write.actor, RuleId(id), version).await?,
    ))
}

/// Drafts the next version of a rule.
#[utoipa::path(
    post,
    path = "/rules/{id}/amend",
    operation_id = "amend_rule",
    tag = "rules",
    params(("id" = Uuid, Path)),
    request_body = RuleBody,
    responses((status = 201, body = RuleView), WriteProblems)
)]
async fn amend(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<RuleBody>,
) -> Result<(StatusCode, Tagged<RuleView>), Problem> {
    let terms = write.body.parse()?;
    let rule = rules::amend(&app, &write.actor, RuleId(id), terms).await?;
    Ok((StatusCode::CREATED, tagged(rule)))
}

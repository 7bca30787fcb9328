//! The gestures on a round: open, close, extend, open again, give up.
use axum::{extract::State, http::StatusCode, response::Response};
use chrono::{DateTime, Utc};
use domain::{
    field::Gathering,
    identity::{OrganisationId, RoundId},
    text,
};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{RoundView, instant, tagged};
use crate::{
    actions::{
        App, Error,
        purchasing::rounds::{self, NOTE_CHARS_MAX},
    },
    api::{
        extract::{Id, Nothing, Write},
        problem::{Problem, WriteProblems},
    },
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(open))
        .routes(routes!(close))
        .routes(routes!(cancel))
        .routes(routes!(extend))
        .routes(routes!(reopen))
        .routes(routes!(reopen_for))
}

/// Opens a round to the members of its grouping.
#[utoipa::path(
    post,
    path = "/rounds/{id}/open",
    operation_id = "open_round",
    tag = "rounds",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = RoundView), WriteProblems)
)]
async fn open(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<Nothing>,
) -> Result<Response, Problem> {
    let version = write.if_match.version();
    let round = rounds::open(&app, &write.actor, RoundId(id), version).await?;
    Ok(tagged(StatusCode::OK, round))
}

/// Closes a round; the refusal says who closed it and when, if someone did.
#[utoipa::path(
    post,
    path = "/rounds/{id}/close",
    operation_id = "close_round",
    tag = "rounds",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = RoundView), WriteProblems)
)]
async fn close(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<Nothing>,
) -> Result<Response, Problem> {
    let version = write.if_match.version();
    let round = rounds::close(&app, &write.actor, RoundId(id), version).await?;
    Ok(tagged(StatusCode::OK, round))
}

/// Why a round is given up.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Reason {
    #[serde(default)]
    #[schema(max_length = 2000)]
    motive: Option<String>,
}

/// Gives a round up.
#[utoipa::path(
    post,
    path = "/rounds/{id}/cancel",
    operation_id = "cancel_round",
    tag = "rounds",
    params(("id" = Uuid, Path)),
    request_body = Reason,
    responses((status = 200, body = RoundView), WriteProblems)
)]
async fn cancel(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<Reason>,
) -> Result<Response, Problem> {
    let mut fields = Gathering::default();
    let motive = write.body.motive.unwrap_or_default();
    let clean = |typed: &str| text::clean_lines(typed, NOTE_CHARS_MAX);
    let Some(motive) = fields.read_optional("motive", &motive, clean) else {
        return Err(Error::Invalid(fields.problems).into());
    };
    let version = write.if_match.version();
    let round = rounds::cancel(&app, &write.actor, RoundId(id), version, motive).await?;
    Ok(tagged(StatusCode::OK, round))
}

/// A new deadline.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewDeadline {
    deadline: DateTime<Utc>,
}

/// Moves the deadline later for all.
#[utoipa::path(
    post,
    path = "/rounds/{id}/extend",
    operation_id = "extend_round",
    tag = "rounds",
    params(("id" = Uuid, Path)),
    request_body = NewDeadline,
    responses((status = 200, body = RoundView), WriteProblems)
)]
async fn extend(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<NewDeadline>,
) -> Result<Response, Problem> {
    let version = write.if_match.version();
    let deadline = instant(write.body.deadline);
    let round = rounds::extend(&app, &write.actor, RoundId(id), version, deadline).await?;
    Ok(tagged(StatusCode::OK, round))
}

/// Why and until when a round is opened again for all.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Reopening {
    deadline: DateTime<Utc>,
    #[schema(min_length = 1, max_length = 2000)]
    motive: String,
}

/// Opens a closed round again for all.
#[utoipa::path(
    post,
    path = "/rounds/{id}/reopen",
    operation_id = "reopen_round",
    tag = "rounds",
    params(("id" = Uuid, Path)),
    request_body = Reopening,
    responses((status = 200, body = RoundView), WriteProblems)
)]
async fn reopen(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<Reopening>,
) -> Result<Response, Problem> {
    let mut fields = Gathering::default();
    let motive = text::clean_lines(&write.body.motive, NOTE_CHARS_MAX);
    let motive = fields.read("motive", &write.body.motive, motive);
    let motive = motive.ok_or(Error::Invalid(fields.problems))?;
    let deadline = instant(write.body.deadline);
    let version = write.if_match.version();
    let id = RoundId(id);
    let round = rounds::reopen(&app, &write.actor, id, version, deadline, motive).await?;
    Ok(tagged(StatusCode::OK, round))
}

/// Lets one member answer again, while the round stays closed for the others.
#[utoipa::path(
    post,
    path = "/rounds/{id}/members/{member_id}/reopen",
    operation_id = "reopen_round_for_member",
    tag = "rounds",
    params(("id" = Uuid, Path), ("member_id" = Uuid, Path)),
    request_body = NewDeadline,
    responses((status = 200, body = RoundView), WriteProblems)
)]
async fn reopen_for(
    State(app): State<App>,
    Id((id, member)): Id<(Uuid, Uuid)>,
    write: Write<NewDeadline>,
) -> Result<Response, Problem> {
    let (id, member) = (RoundId(id), OrganisationId(member));
    let until = instant(write.body.deadline);
    let round = rounds::reopen_for(&app, &write.actor, id, member, until).await?;
    Ok(tagged(StatusCode::OK, round))
}

//! The caller's own tokens over JSON.
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use domain::{field::Gathering, identity::TokenId, text, token::TokenScope};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    extract::{Bearer, Id, Nothing, Query, Write},
    organisations::one_of,
    paging::{Page, Paging},
    problem::{Problem, ReadProblems, WriteProblems},
};
use crate::actions::{
    App, Error,
    tokens::{self, Listed, NewToken},
};

/// The operations on tokens.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(revoke))
}

/// A token, without its secret.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct TokenView {
    id: Uuid,
    name: String,
    /// `read` or `write`.
    scope: String,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
    /// The day it last served.
    used_on: Option<NaiveDate>,
}

impl From<Listed> for TokenView {
    fn from(listed: Listed) -> Self {
        let token = listed.token;
        Self {
            id: token.id.0,
            name: token.name,
            scope: token.scope.code().to_owned(),
            created_at: token.created_at,
            expires_at: token.expires_at,
            revoked_at: token.revoked_at,
            used_on: listed.used_on,
        }
    }
}

/// The caller's tokens, the latest first.
#[utoipa::path(
    get,
    path = "/tokens",
    tag = "people",
    operation_id = "list_tokens",
    params(Paging),
    responses((status = 200, body = Page<TokenView>), ReadProblems)
)]
async fn list(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<TokenView>>, Problem> {
    let limit = paging.rows(app.settings.limits.page_rows_max)?;
    let before = paging.after::<Uuid>()?.map(TokenId);
    let listed = tokens::list(&app, &actor, before, limit + 1).await?;
    let key = |listed: &Listed| listed.token.id.0;
    Ok(Json(Page::of(listed, limit, key, Into::into)))
}

/// A token to create.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TokenInput {
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// `read` or `write`.
    scope: String,
    /// Never ends when absent.
    expires_at: Option<DateTime<Utc>>,
}

/// A new token with its secret.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct NewTokenView {
    token: TokenView,
    /// Shown once, in this answer.
    secret: String,
}

/// Creates a token for the caller; the secret is shown once.
#[utoipa::path(
    post,
    path = "/tokens",
    tag = "people",
    operation_id = "create_token",
    request_body = TokenInput,
    responses((status = 201, body = NewTokenView), WriteProblems)
)]
async fn create(
    State(app): State<App>,
    request: Write<TokenInput>,
) -> Result<impl IntoResponse, Problem> {
    let new = read(request.body)?;
    let created = tokens::create(&app, &request.actor, new).await?;
    let listed = Listed {
        live: true,
        used_on: None,
        token: created.token,
    };
    let view = NewTokenView {
        token: listed.into(),
        secret: created.secret,
    };
    Ok((StatusCode::CREATED, Json(view)))
}

fn read(body: TokenInput) -> Result<NewToken, Error> {
    let mut gathering = Gathering::default();
    let name = gathering.read("name", &body.name, text::clean(&body.name, 100));
    let scope = one_of(TokenScope::from_code(&body.scope), &body.scope);
    let scope = gathering.read("scope", &body.scope, scope);
    match (name, scope) {
        (Some(name), Some(scope)) => Ok(NewToken {
            name,
            scope,
            expires_at: body.expires_at.map(|at| at.trunc_subsecs(6)),
        }),
        _ => Err(Error::Invalid(gathering.problems)),
    }
}

/// Revokes one of the caller's tokens; revoking twice changes nothing.
#[utoipa::path(
    delete,
    path = "/tokens/{id}",
    tag = "people",
    operation_id = "revoke_token",
    params(("id" = Uuid, Path)),
    responses((status = 204), WriteProblems)
)]
async fn revoke(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    request: Write<Nothing>,
) -> Result<StatusCode, Problem> {
    tokens::revoke(&app, &request.actor, TokenId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

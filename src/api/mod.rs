//! JSON face: `/api/v1` over the same actions as the pages.
use axum::{
    Json, Router,
    http::{HeaderName, HeaderValue, header},
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::get,
};
use tower_http::{catch_panic::CatchPanicLayer, set_header::SetResponseHeaderLayer};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    actions::{App, Error},
    exchange::in_time,
};

pub mod attachments;
mod body;
pub mod budgets;
pub mod contacts;
mod description;
pub mod extract;
pub mod field;
pub mod files;
pub mod jobs;
pub mod journal;
pub mod organisations;
pub mod paging;
mod parameters;
pub mod people_files;
pub mod populations;
pub mod problem;
pub mod purchasing;
mod refusals;
mod sent;
pub mod sites;
pub mod sites_files;
pub mod todo;
pub mod tokens;
pub mod users;

use description::Token;
use problem::Problem;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "EnCommun",
        description = "Grouped purchases and equipment loans of French local authorities. \
            Amounts, quantities, prices and rates are decimal strings. Errors are RFC 9457 \
            problem documents, in French.",
        license(name = "EUPL-1.2", identifier = "EUPL-1.2")
    ),
    components(schemas(Problem)),
    modifiers(&Token),
    security(("token" = []))
)]
struct Description;

fn described() -> (Router<App>, utoipa::openapi::OpenApi) {
    let (router, mut document) = operations().split_for_parts();
    description::complete(&mut document);
    (router, document)
}

fn operations() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Description::openapi()).nest(
        "/api/v1",
        OpenApiRouter::new()
            .merge(attachments::routes())
            .merge(budgets::routes())
            .merge(contacts::routes())
            .merge(jobs::routes())
            .merge(journal::routes())
            .merge(organisations::routes())
            .merge(people_files::routes())
            .merge(populations::routes())
            .merge(purchasing::routes())
            .merge(sites::routes())
            .merge(todo::routes())
            .merge(sites_files::routes())
            .merge(tokens::routes())
            .merge(users::routes()),
    )
}

/// The OpenAPI 3.1 document.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    described().1
}

/// The API with its own 404 and 405.
pub fn router(app: &App) -> Router<App> {
    let (router, document) = described();
    let known = parameters::known(&document);
    router
        .route("/api/openapi.json", get(async move || Json(document)))
        .route("/api/{*rest}", axum::routing::any(not_found))
        .method_not_allowed_fallback(not_allowed)
        .layer(from_fn_with_state(
            (app.clone(), known),
            parameters::known_only,
        ))
        .layer(from_fn_with_state(app.clone(), refusals::rights_first))
        .layer(from_fn_with_state(app.clone(), in_time::<Problem>))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(always(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        // Answers hold secrets and what a role alone may see.
        .layer(always(header::CACHE_CONTROL, "no-store"))
}

fn always(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
}

/// A bug is a problem document too; what it said is in the log.
fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    Problem::from(Error::Internal(anyhow::anyhow!("a handler panicked"))).into_response()
}

async fn not_found() -> Response {
    Problem::from(Error::NotFound).into_response()
}

async fn not_allowed() -> Response {
    Problem::new(
        axum::http::StatusCode::METHOD_NOT_ALLOWED,
        "method-not-allowed",
        "Méthode non admise",
        "Cette adresse n’accepte pas cette méthode.",
    )
    .into_response()
}

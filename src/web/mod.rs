//! HTML face: French pages over the same actions as the API.
use axum::{
    Router,
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
};
use tower_http::{csrf::CsrfLayer, set_header::SetResponseHeaderLayer};

use crate::{
    actions::{App, Error},
    exchange::in_time,
};

pub mod assets;
pub mod attachments;
pub mod components;
pub mod contracts;
pub mod corrections;
pub mod demo;
pub mod form;
pub mod format;
pub mod groupings;
pub mod history;
pub mod home;
pub mod information;
pub mod invoices;
pub mod jobs;
pub mod layout;
pub mod menu;
pub mod needs;
pub mod page;
mod peer;
pub mod people;
pub mod procedures;
pub mod recovery;
pub mod refused;
pub mod rounds;
pub mod routes;
pub mod search;
pub mod session;
pub mod sign_in;
pub mod statements;
pub mod style;
pub mod suppliers;
pub mod upload;
pub mod year_end;

use page::WebError;
use routes::Routes;

/// Nothing from elsewhere, no inline script or style, no frame.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; img-src 'self' data:; \
    object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Every page and form, each noun in its file.
#[must_use]
pub fn routes() -> Routes {
    Routes::default()
        .with(attachments::routes())
        .with(groupings::routes())
        .with(history::routes())
        .with(demo::routes())
        .with(home::routes())
        .with(invoices::routes())
        .with(recovery::routes())
        .with(corrections::routes())
        .with(rounds::routes())
        .with(information::routes())
        .with(jobs::routes())
        .with(people::routes())
        .with(search::routes())
        .with(needs::routes())
        .with(sign_in::routes())
        .with(procedures::routes())
        .with(contracts::routes())
        .with(suppliers::routes())
        .with(statements::routes())
        .with(year_end::routes())
}

/// The list of every page and form, for the tests that walk them all.
#[must_use]
pub fn listed() -> Vec<(Method, &'static str)> {
    routes().finish().1
}

/// The web face with its session, its guard against forged forms and its headers.
pub fn router(app: &App) -> Router<App> {
    let (router, _) = routes().finish();
    router
        .fallback(not_found)
        .layer(from_fn(session::forget_shown))
        .layer(session::layer(app))
        .layer(CsrfLayer::new())
        .merge(style::routes())
        .merge(assets::routes())
        .layer(from_fn_with_state(app.clone(), in_time::<WebError>))
        .layer(set("content-security-policy", CONTENT_SECURITY_POLICY))
        .layer(set("x-content-type-options", "nosniff"))
        .layer(set("referrer-policy", "same-origin"))
        .layer(set("cross-origin-opener-policy", "same-origin"))
        .layer(set(
            "permissions-policy",
            "camera=(), geolocation=(), microphone=()",
        ))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ))
}

fn set(name: &'static str, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(
        HeaderName::from_static(name),
        HeaderValue::from_static(value),
    )
}

async fn not_found() -> Response {
    let mut response = WebError(Error::NotFound).into_response();
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

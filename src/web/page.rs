//! From a template to a response, and the French page of every error.
use askama::Template;
use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};

use crate::{actions::Error, exchange, wording};

/// What a handler of the web face answers.
pub type Answer = Result<Response, WebError>;

/// Renders a page with status 200.
///
/// # Errors
/// A template that cannot be written, which is a bug.
pub fn page(template: &impl Template) -> Answer {
    page_with(StatusCode::OK, template)
}

/// Renders a page with a status: 422 for a form that came back, 409 for a refusal.
///
/// # Errors
/// A template that cannot be written, which is a bug.
pub fn page_with(status: StatusCode, template: &impl Template) -> Answer {
    let html = template.render().map_err(|e| Error::Internal(e.into()))?;
    Ok((status, Html(html)).into_response())
}

/// Only a path of this site: `//elsewhere` and `https://…` lead home.
#[must_use]
pub fn local(back: &str) -> &str {
    let safe = back.starts_with('/') && !back.starts_with("//") && !back.contains('\\');
    if safe { back } else { "/" }
}

/// An error on its way to the person's screen.
#[derive(Debug)]
pub struct WebError(pub Error);

impl<E: Into<Error>> From<E> for WebError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// The page of an error that no form could show beside its field.
#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    title: &'static str,
    detail: String,
    status: u16,
    fields: Vec<String>,
}

impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        let (title, detail) = wording::error(&self.0);
        let status = exchange::status(&self.0);
        let fields = match &self.0 {
            Error::Invalid(fields) => fields
                .iter()
                .map(|f| wording::field::problem(&f.problem))
                .collect(),
            Error::Internal(cause) => {
                tracing::error!(error = format!("{cause:#}"), "Page failed");
                Vec::new()
            }
            Error::Unauthenticated
            | Error::Forbidden
            | Error::NotFound
            | Error::Stale
            | Error::Refused(_)
            | Error::OperationReused
            | Error::Busy
            | Error::TimedOut => Vec::new(),
        };
        let page = ErrorPage {
            title,
            detail,
            status: status.as_u16(),
            fields,
        };
        // A template that fails here would hide the first error: the plain sentence goes out.
        let html = page.render().unwrap_or(page.detail);
        (status, Html(html)).into_response()
    }
}

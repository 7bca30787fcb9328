//! RFC 9457 problem details: what an error looks like to a program.
use std::collections::BTreeMap;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::field::Field;
use serde::Serialize;
use utoipa::{
    IntoResponses, ToSchema,
    openapi::{
        ContentBuilder, Ref, RefOr,
        response::{Response as Described, ResponseBuilder},
    },
};

use crate::{actions::Error, exchange, wording};

/// An RFC 9457 problem, in French for the person behind the program.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// `/problems/<code>`, described in docs/problems.md.
    #[schema(example = "/problems/not-found")]
    pub r#type: String,
    pub title: String,
    pub status: u16,
    pub detail: String,
    /// One entry for each field that cannot be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// A field that cannot be read.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FieldError {
    /// The name of the field, as a path: `lines.2.net`.
    pub field: String,
    /// Stable code of the problem.
    pub code: String,
    /// What was sent, shortened.
    pub typed: String,
    pub detail: String,
}

impl Problem {
    /// A problem without fields.
    #[must_use]
    pub fn new(status: StatusCode, code: &str, title: &str, detail: impl Into<String>) -> Self {
        Self {
            r#type: format!("/problems/{code}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            errors: Vec::new(),
        }
    }

    /// A body, path or query that is not of the documented shape.
    #[must_use]
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "malformed",
            "Demande illisible",
            detail,
        )
    }
}

impl Problem {
    /// Parameters of an address that cannot be read, or that nothing reads.
    #[must_use]
    pub fn parameters(fields: &[Field]) -> Self {
        let errors: Vec<FieldError> = fields.iter().map(FieldError::from).collect();
        let said = errors
            .iter()
            .map(|e| format!("{}\u{a0}: {}", e.field, e.detail));
        let mut problem = Self::malformed(said.collect::<Vec<_>>().join(" "));
        problem.errors = errors;
        problem
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let (title, detail) = wording::error(&error);
        let mut problem = Self::new(exchange::status(&error), code(&error), title, detail);
        match error {
            Error::Invalid(fields) => {
                problem.errors = fields.iter().map(FieldError::from).collect();
            }
            Error::Internal(cause) => {
                tracing::error!(error = format!("{cause:#}"), "Request failed");
            }
            Error::Unauthenticated
            | Error::Forbidden
            | Error::NotFound
            | Error::Stale
            | Error::Refused(_)
            | Error::OperationReused
            | Error::Busy
            | Error::TimedOut => {}
        }
        problem
    }
}

impl From<&Field> for FieldError {
    fn from(field: &Field) -> Self {
        Self {
            field: field.name.clone(),
            code: field.problem.code().to_owned(),
            typed: field.typed.clone(),
            detail: wording::field::problem(&field.problem),
        }
    }
}

/// The stable code of each error.
#[must_use]
pub fn code(error: &Error) -> &'static str {
    match error {
        Error::Unauthenticated => "unauthenticated",
        Error::Forbidden => "forbidden",
        Error::NotFound => "not-found",
        Error::Stale => "stale",
        Error::Invalid(_) => "invalid",
        Error::Refused(refusal) => refusal.code(),
        Error::OperationReused => "operation-reused",
        Error::Busy => "busy",
        Error::TimedOut => "timed-out",
        Error::Internal(_) => "internal",
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        let json = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        if status == StatusCode::UNAUTHORIZED {
            let bearer = HeaderValue::from_static("Bearer");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, bearer);
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        response
    }
}

/// What a reading operation may answer instead: `responses((status = 200, …), ReadProblems)`.
#[derive(Clone, Copy, Debug)]
pub struct ReadProblems;

/// What a writing operation may answer instead: `responses((status = 200, …), WriteProblems)`.
#[derive(Clone, Copy, Debug)]
pub struct WriteProblems;

const READ: [(&str, &str); 6] = [
    ("400", "A path, a query or a header cannot be read"),
    ("401", "No token, or one that is not valid"),
    ("403", "Your role does not carry this right"),
    ("404", "Absent, or not yours to know"),
    (
        "409",
        "A rule refuses, or what is recorded cannot be added up",
    ),
    (
        "503",
        "Busy, and nothing was written; or too long, and it may have been",
    ),
];
const WRITE: [(&str, &str); 5] = [
    ("412", "Changed since the version in If-Match"),
    ("413", "The body is too large"),
    ("415", "The body is not of a media type that is read here"),
    (
        "422",
        "Fields that cannot be read, or an Idempotency-Key used for another request",
    ),
    ("428", "If-Match is missing"),
];

impl IntoResponses for ReadProblems {
    fn responses() -> BTreeMap<String, RefOr<Described>> {
        READ.into_iter().map(named).collect()
    }
}

impl IntoResponses for WriteProblems {
    fn responses() -> BTreeMap<String, RefOr<Described>> {
        READ.into_iter().chain(WRITE).map(named).collect()
    }
}

/// Every answer that is a problem, described once for all operations.
pub(super) fn descriptions() -> impl Iterator<Item = (String, RefOr<Described>)> {
    READ.into_iter().chain(WRITE).map(described)
}

fn name(status: &str) -> String {
    format!("Problem{status}")
}

fn named((status, _): (&str, &str)) -> (String, RefOr<Described>) {
    let named = Ref::from_response_name(name(status));
    (status.to_owned(), RefOr::Ref(named))
}

fn described((status, description): (&str, &str)) -> (String, RefOr<Described>) {
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .build();
    let response = ResponseBuilder::new()
        .description(description)
        .content("application/problem+json", content)
        .build();
    (name(status), RefOr::T(response))
}

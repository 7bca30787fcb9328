//! The HTTP status of each error, fixed once for the API and the pages.
use axum::http::StatusCode;
use domain::{Refusal, user::UserError};

use crate::actions::Error;

/// The status of an error.
#[must_use]
pub fn status(error: &Error) -> StatusCode {
    match error {
        Error::Unauthenticated => StatusCode::UNAUTHORIZED,
        Error::Forbidden => StatusCode::FORBIDDEN,
        Error::NotFound => StatusCode::NOT_FOUND,
        Error::Stale => StatusCode::PRECONDITION_FAILED,
        Error::Invalid(_) | Error::OperationReused => StatusCode::UNPROCESSABLE_ENTITY,
        Error::Refused(Refusal::User(UserError::TooManyFailures { .. })) => {
            StatusCode::TOO_MANY_REQUESTS
        }
        Error::Refused(_) => StatusCode::CONFLICT,
        Error::Busy | Error::TimedOut => StatusCode::SERVICE_UNAVAILABLE,
        Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

//! A form that comes back: what was typed, and why it was refused.
use axum::http::StatusCode;

use super::{components::Typed, form::Fields};
use crate::{actions::Error, exchange, wording};

/// What a page needs to show a form again.
#[derive(Clone, Debug, Default)]
pub struct Refused {
    pub typed: Typed,
    /// The sentence of a refusal that no field explains; empty when there is none.
    pub sentence: String,
    pub status: StatusCode,
}

impl Refused {
    /// A form that was not sent yet.
    #[must_use]
    pub fn fresh(typed: Typed) -> Self {
        Self {
            typed,
            sentence: String::new(),
            status: StatusCode::OK,
        }
    }

    /// The typed text with a sentence at each field, or above all of them.
    ///
    /// # Errors
    /// An error that correcting the form would not solve.
    pub fn of(fields: &Fields, error: Error) -> Result<Self, Error> {
        let mut refused = Self {
            typed: Typed::of(fields.iter()),
            sentence: String::new(),
            status: exchange::status(&error),
        };
        match error {
            Error::Invalid(problems) => {
                for field in problems {
                    let sentence = wording::field::problem(&field.problem);
                    refused.typed.refuse(&field.name, sentence);
                }
            }
            Error::Refused(_) | Error::Stale => refused.sentence = wording::error(&error).1,
            Error::Unauthenticated
            | Error::Forbidden
            | Error::NotFound
            | Error::OperationReused
            | Error::Busy
            | Error::TimedOut
            | Error::Internal(_) => return Err(error),
        }
        Ok(refused)
    }
}

//! How long a face waits for an answer before it says so.
use std::time::Duration;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{
    actions::{App, Error},
    wording::clocks,
};

/// Gives a request up after `http.timeout_s`, in the words of its face.
pub async fn in_time<E: From<Error> + IntoResponse>(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Response {
    let timeout = Duration::from_secs(app.settings.http.timeout_s);
    let answering = clocks::telling(next.run(request));
    let answered = tokio::time::timeout(timeout, answering).await;
    answered.unwrap_or_else(|_| {
        tracing::warn!(timeout_s = timeout.as_secs(), "Gave a request up");
        E::from(Error::TimedOut).into_response()
    })
}

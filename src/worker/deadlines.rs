//! Rounds whose deadline has passed, however long the service slept.
use crate::actions::{App, Error, purchasing::rounds};

/// Closes them all, with the same action as an officer.
pub(super) async fn close(app: &App) -> Result<(), Error> {
    let closed = rounds::close_due(app).await?;
    if closed > 0 {
        tracing::info!(closed, "Closed the rounds that were due");
    }
    Ok(())
}

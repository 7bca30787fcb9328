//! The face of the clock: what happens later or again.
use std::time::Duration;

use crate::actions::{App, Error, audit, sessions};

/// Runs the loops until the process stops.
pub async fn run(app: App) {
    let pause = Duration::from_secs(app.settings.worker.poll_s.max(1));
    loop {
        if let Err(error) = round(&app).await {
            tracing::error!(error = format!("{error:#}"), "The worker's round failed");
        }
        tokio::time::sleep(pause).await;
    }
}

/// One look at everything that is due; tests call it after moving the clock.
///
/// # Errors
/// The first failure; the next round tries again.
pub async fn round(app: &App) -> Result<(), Error> {
    housekeep(app).await
}

/// Forgets what has expired.
async fn housekeep(app: &App) -> Result<(), Error> {
    sessions::purge(app).await?;
    audit::seal_yesterday(app).await?;
    Ok(())
}

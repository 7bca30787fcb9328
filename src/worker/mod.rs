//! The face of the clock: what happens later or again.
use std::time::Duration;

mod deadlines;

use crate::{
    actions::{App, Error, audit, jobs, progress::Progress, sessions},
    exchange,
};

/// Jobs done in one round, so that deadlines are looked at again in between.
const JOBS_A_ROUND: usize = 20;

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
    deadlines::close(app).await?;
    work(app).await?;
    housekeep(app).await
}

/// Does the jobs that wait. Each claim has a name of its own: a process that lost its lease
/// cannot end the job of the one that took over.
async fn work(app: &App) -> Result<(), Error> {
    for _ in 0..JOBS_A_ROUND {
        let process = app.clock.new_id().to_string();
        let Some(job) = jobs::take(app, &process).await? else {
            break;
        };
        let progress = Progress::default();
        let work = exchange::perform(app, &job, &progress);
        jobs::hold(app, &job, &process, &progress, work).await?;
    }
    Ok(())
}

/// Forgets what has expired.
async fn housekeep(app: &App) -> Result<(), Error> {
    sessions::purge(app).await?;
    audit::seal_yesterday(app).await?;
    Ok(())
}

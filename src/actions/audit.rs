//! The audit of the whole installation, and the daily seal.
use chrono::Days;

use super::{App, Error};
pub use crate::store::audit::Check;
use crate::store::{audit, seals};

/// Runs every check on one picture of the database; `told` hears of each as soon as it is done.
///
/// # Errors
/// Whatever the database says.
pub async fn run(app: &App, told: impl FnMut(&Check) + Send) -> Result<Vec<Check>, Error> {
    let view = app.store.view().await?;
    Ok(audit::run(&view, told).await?)
}

/// How many checks `run` makes.
#[must_use]
pub fn checks_total() -> usize {
    audit::checks_total()
}

/// Seals yesterday, if it was not and something happened.
///
/// # Errors
/// Whatever the database says.
pub async fn seal_yesterday(app: &App) -> Result<bool, Error> {
    let today = app.clock.now().date_naive();
    let Some(yesterday) = today.checked_sub_days(Days::new(1)) else {
        return Ok(false);
    };
    let tx = app.store.system_write(app.clock.now()).await?;
    let sealed = seals::seal(&tx, yesterday).await?;
    tx.commit().await?;
    Ok(sealed)
}

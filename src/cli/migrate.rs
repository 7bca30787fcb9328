//! `encommun migrate`.
use std::process::ExitCode;

use super::{open, say};
use crate::settings::Settings;

pub(super) async fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    let app = open(settings).await?;
    let pending = app.store.pending_migrations().await?;
    app.store.migrate(app.clock.now()).await?;
    say(&match pending {
        0 => "La base est déjà à jour.".to_owned(),
        1 => "1 migration appliquée.".to_owned(),
        n => format!("{n} migrations appliquées."),
    });
    Ok(ExitCode::SUCCESS)
}

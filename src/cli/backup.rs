//! `encommun backup` and `encommun restore`, for the embedded database.
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail};

use super::{open, say, say_error};
use crate::{
    actions::{App, audit},
    settings::Settings,
};

const POSTGRES: &str = "La base est PostgreSQL\u{a0}: utilisez pg_dump et pg_restore, dont c’est \
    le rôle. Voir docs/operations.md.";

/// Writes a copy under another name, checks it whole, then gives it its name.
pub(super) async fn backup(settings: Settings, target: PathBuf) -> anyhow::Result<ExitCode> {
    // Said before connecting: a database that is away would hide it.
    if !settings.database_url().starts_with("sqlite:") {
        say_error(POSTGRES);
        return Ok(ExitCode::from(2));
    }
    let app = open(settings).await?;
    if target.exists() {
        say_error(&format!(
            "{} existe déjà\u{a0}: choisissez un autre nom.",
            target.display()
        ));
        return Ok(ExitCode::from(2));
    }
    let partial = target.with_extension("partial");
    if partial.exists() {
        tokio::fs::remove_file(&partial).await?;
    }
    app.store.copy_into(&partial).await.context("copie")?;
    let faults = check(&app.settings, &partial).await?;
    if faults > 0 {
        say_error(&format!(
            "La copie présente {faults} anomalies\u{a0}: lancez encommun audit."
        ));
        return Ok(ExitCode::FAILURE);
    }
    put(&partial, &target).await?;
    say(&format!("Sauvegarde vérifiée\u{a0}: {}", target.display()));
    Ok(ExitCode::SUCCESS)
}

/// Checks a backup, then puts it where the database goes; never over a database.
pub(super) async fn restore(settings: Settings, source: PathBuf) -> anyhow::Result<ExitCode> {
    let url = settings.database_url();
    let Some(target) = url.strip_prefix("sqlite://").map(PathBuf::from) else {
        say_error(POSTGRES);
        return Ok(ExitCode::from(2));
    };
    if target.exists() {
        say_error(&format!(
            "{} existe déjà. Arrêtez le service et déplacez ce fichier d’abord.",
            target.display()
        ));
        return Ok(ExitCode::from(2));
    }
    if !source.exists() {
        bail!("{} n’existe pas", source.display());
    }
    tokio::fs::create_dir_all(&settings.database.data_dir).await?;
    let partial = target.with_extension("partial");
    tokio::fs::copy(&source, &partial).await?;
    let faults = check(&settings, &partial).await?;
    if faults > 0 {
        tokio::fs::remove_file(&partial).await?;
        say_error(&format!(
            "La sauvegarde présente {faults} anomalies\u{a0}: rien n’est restauré."
        ));
        return Ok(ExitCode::from(2));
    }
    put(&partial, &target).await?;
    say(&format!("Base restaurée\u{a0}: {}", target.display()));
    Ok(ExitCode::SUCCESS)
}

/// Gives a checked file its name once its bytes are on the disk: a power cut right after the
/// message must not leave an empty backup.
async fn put(partial: &Path, target: &Path) -> anyhow::Result<()> {
    tokio::fs::File::open(partial).await?.sync_all().await?;
    tokio::fs::rename(partial, target).await?;
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    tokio::fs::File::open(folder).await?.sync_all().await?;
    Ok(())
}

/// Opens a copy and audits it, as an application would find it.
async fn check(settings: &Settings, file: &Path) -> anyhow::Result<usize> {
    let mut settings = settings.clone();
    settings.database.url = format!("sqlite://{}", file.display());
    let app: App = open(settings).await?;
    let checks = audit::run(&app, |_check| {}).await?;
    app.store.close().await?;
    for suffix in ["-wal", "-shm"] {
        let side = PathBuf::from(format!("{}{suffix}", file.display()));
        if side.exists() {
            tokio::fs::remove_file(side).await?;
        }
    }
    Ok(checks.iter().map(|check| check.faults.len()).sum())
}

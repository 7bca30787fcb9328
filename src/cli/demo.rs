//! `encommun demo`: real communes, illustrative figures, and the whole life of four purchases.
//!
//! Every step goes through the same actions as people's. The clock starts three months ago and
//! moves with the story, so that the history reads as one that was lived.
use std::{path::PathBuf, process::ExitCode};

use anyhow::bail;
use chrono::TimeDelta;
use clap::Args;
use domain::identity::Siren;

use super::{open, refused, say, serve};
use crate::{
    actions::{App, Error},
    clock::Clock,
    settings::Settings,
};

mod bills;
mod cast;
mod electricity;
mod extinguishers;
mod insurance;
mod living;
mod proof;
mod steps;
mod sweepers;

use cast::Cast;
use proof::Proof;

/// Joue une démonstration complète sur une base neuve, puis sert l’application.
#[derive(Debug, Args)]
pub(super) struct DemoArguments {
    /// S’arrête après la preuve, sans servir l’application.
    #[arg(long)]
    no_serve: bool,
    /// Dossier de la base de démonstration (embarquée).
    #[arg(long, value_name = "DOSSIER", default_value = "data/demo")]
    data_dir: PathBuf,
    /// SIREN de l’intercommunalité qui sert de scène.
    #[arg(long, value_name = "SIREN", default_value = "200093201")]
    epci: String,
    /// Répond en JSON sur la sortie standard.
    #[arg(long)]
    json: bool,
}

/// How long the story lasts before today.
const STORY_DAYS: i64 = 90;

pub(super) async fn run(
    mut settings: Settings,
    arguments: DemoArguments,
) -> anyhow::Result<ExitCode> {
    let Ok(epci) = Siren::parse(&arguments.epci) else {
        super::say_error(&format!(
            "«\u{a0}{}\u{a0}» n’est pas un SIREN.",
            arguments.epci
        ));
        return Ok(ExitCode::from(2));
    };
    settings.database.data_dir.clone_from(&arguments.data_dir);
    // Before ten seconds of play rather than after.
    let listener = match arguments.no_serve {
        true => None,
        false => Some(serve::listen(&settings).await?),
    };
    let app = fresh(settings).await?;
    let proofs = match play(&app, &epci).await {
        Ok(played) => played,
        Err(Error::Internal(cause)) => return Err(cause),
        Err(error) => return Ok(refused(&error)),
    };
    proof::print(&proofs, arguments.json);
    let Some(listener) = listener else {
        app.store.close().await?;
        return Ok(ExitCode::SUCCESS);
    };
    let app = App {
        clock: Clock::System,
        ..app
    };
    say(&format!(
        "La démonstration répond à l’adresse {}",
        app.settings.http.public_url
    ));
    serve::serve(app, listener).await?;
    Ok(ExitCode::SUCCESS)
}

/// What was played, for the proof.
struct Played {
    epci: String,
    epci_siren: String,
    members: usize,
    proofs: Vec<Proof>,
}

/// A database for this run alone: an old demonstration is thrown away, anything else is kept.
async fn fresh(settings: Settings) -> anyhow::Result<App> {
    let app = open(settings).await?;
    let now = app.clock.now();
    app.store.migrate(now).await?;
    let demo = app.store.is_demo().await?;
    if !demo && !app.store.is_empty().await? {
        bail!(
            "Cette base n’est pas celle d’une démonstration\u{a0}: rien n’a été touché. \
             Choisissez un autre dossier avec --data-dir."
        );
    }
    let app = if demo { start_again(app).await? } else { app };
    app.store.mark_demo(now).await?;
    let clock = Clock::stopped_at(now - TimeDelta::days(STORY_DAYS));
    Ok(App {
        clock,
        demo: true,
        ..app
    })
}

/// Deletes the file of an older demonstration; on PostgreSQL, only an empty database will do.
async fn start_again(app: App) -> anyhow::Result<App> {
    if app.store.is_postgres() {
        bail!("Une démonstration occupe déjà cette base PostgreSQL\u{a0}: donnez-en une vide.");
    }
    let settings = Settings::clone(&app.settings);
    let url = settings.database_url();
    app.store.close().await?;
    if let Some(file) = url.strip_prefix("sqlite://") {
        for suffix in ["", "-wal", "-shm"] {
            let path = format!("{file}{suffix}");
            if tokio::fs::try_exists(&path).await? {
                tokio::fs::remove_file(&path).await?;
            }
        }
    }
    let app = open(settings).await?;
    app.store.migrate(app.clock.now()).await?;
    Ok(app)
}

/// Plays the story on a migrated, empty database, and leaves it to whoever looks at it.
///
/// # Errors
/// Whatever the actions refuse or the database says.
pub async fn stage(app: &App, epci: &Siren) -> Result<(), Error> {
    app.store
        .mark_demo(app.clock.now())
        .await
        .map_err(Error::from)?;
    play(app, epci).await.map(drop)
}

/// The four purchases, then the work that is left for whoever looks at it.
async fn play(app: &App, epci: &Siren) -> Result<Played, Error> {
    let end = app.clock.now() + TimeDelta::days(STORY_DAYS);
    let cast = Cast::gather(app, epci, end).await?;
    let mut proofs = vec![sweepers::play(app, &cast).await?];
    proofs.push(extinguishers::play(app, &cast).await?);
    proofs.push(electricity::play(app, &cast).await?);
    proofs.push(insurance::play(app, &cast).await?);
    living::play(app, &cast).await?;
    bills::pay_late(app, &cast.officer).await?;
    Ok(Played {
        epci: cast.epci.name.clone(),
        epci_siren: epci.to_string(),
        members: cast.communes.len(),
        proofs,
    })
}

//! `encommun import needs` and `encommun export needs`.
use std::{io::Write, path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};
use domain::identity::RoundId;
use serde_json::json;

use super::{bar, open, refused, say, say_error};
use crate::{
    actions::{
        Actor,
        progress::Progress,
        purchasing::imports::{self, ImportMode},
    },
    exchange::{
        needs::{self as needs_file, Imported},
        spreadsheet::FileError,
    },
    settings::Settings,
    web::format,
};

/// What is brought in.
#[derive(Debug, Subcommand)]
pub(super) enum Import {
    /// Importe les besoins d’une campagne depuis un fichier CSV, XLSX ou ODS.
    Needs(ImportNeeds),
}

/// What is taken away.
#[derive(Debug, Subcommand)]
pub(super) enum Export {
    /// Exporte les besoins d’une campagne, dans un fichier qui se réimporte.
    Needs(ExportNeeds),
}

#[derive(Debug, Args)]
pub(super) struct ImportNeeds {
    /// Identifiant de la campagne.
    #[arg(long)]
    round: RoundId,
    /// Le fichier.
    file: PathBuf,
    /// Dit ce qui changerait, sans rien enregistrer.
    #[arg(long)]
    dry_run: bool,
    /// Saisit les quantités sans transmettre les réponses.
    #[arg(long)]
    no_submit: bool,
    /// Écrit le compte rendu en JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct ExportNeeds {
    /// Identifiant de la campagne.
    #[arg(long)]
    round: RoundId,
    /// Format du fichier.
    #[arg(long, value_enum, default_value = "csv")]
    format: Format,
    /// Le fichier à écrire ; la sortie standard sinon.
    #[arg(long)]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Csv,
    Xlsx,
}

pub(super) async fn import(settings: Settings, what: Import) -> anyhow::Result<ExitCode> {
    let Import::Needs(arguments) = what;
    let read = tokio::fs::read(&arguments.file).await;
    let bytes = read.with_context(|| format!("Impossible de lire {}", arguments.file.display()))?;
    let app = open(settings).await?;
    let mode = match (arguments.dry_run, arguments.no_submit) {
        (true, _) => ImportMode::DryRun,
        (false, true) => ImportMode::Type,
        (false, false) => ImportMode::Submit,
    };
    let actor = Actor::operator();
    let progress = Progress::default();
    let work = needs_file::import(&app, &actor, arguments.round, bytes, mode, &progress);
    match bar::follow("Import", &progress, work).await {
        Err(FileError::Action(error)) => Ok(refused(&error)),
        Err(FileError::Unreadable { sentence, .. }) => {
            say_error(&sentence);
            Ok(ExitCode::from(2))
        }
        Ok(imported) => Ok(report(&imported, arguments.json)),
    }
}

/// « 1 case modifiée », « 12 cases modifiées ».
fn counted(number: usize, singular: &str) -> String {
    format::count(i64::try_from(number).unwrap_or(i64::MAX), singular, "")
}

/// Exit code 2 when cells were left aside, so that a script notices.
fn report(imported: &Imported, as_json: bool) -> ExitCode {
    let (report, problems) = (&imported.report, &imported.problems);
    if as_json {
        let cells = problems.iter().map(|problem| {
            json!({
                "address": problem.address,
                "code": problem.code,
                "typed": problem.typed,
                "detail": problem.detail,
            })
        });
        let object = json!({
            "applied": report.applied,
            "changes": report.cells,
            "members": report.members,
            "unchanged": report.unchanged,
            "problems": cells.collect::<Vec<_>>(),
        });
        say(&object.to_string());
    } else {
        let done = if report.applied {
            "Importé"
        } else {
            "Essai, rien n’est enregistré"
        };
        say(&format!(
            "{done}\u{a0}: {}, {}, {} sans changement.",
            counted(report.cells, "case modifiée"),
            counted(report.members, "membre"),
            counted(report.unchanged, "ligne")
        ));
        for problem in problems {
            say_error(&problem.detail);
        }
    }
    if problems.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(2)
    }
}

pub(super) async fn export(settings: Settings, what: Export) -> anyhow::Result<ExitCode> {
    let Export::Needs(arguments) = what;
    let app = open(settings).await?;
    let grids = match imports::export(&app, &Actor::operator(), arguments.round, None).await {
        Ok(grids) => grids,
        Err(error) => return Ok(refused(&error)),
    };
    let title = grids.first().map_or("", |grid| grid.round.title.as_str());
    let table = needs_file::table(&grids, title, app.clock.now());
    let bytes = match arguments.format {
        Format::Csv => table.to_csv()?,
        Format::Xlsx => table.to_xlsx()?,
    };
    match arguments.output {
        Some(path) => tokio::fs::write(path, bytes).await?,
        None => std::io::stdout().write_all(&bytes)?,
    }
    Ok(ExitCode::SUCCESS)
}

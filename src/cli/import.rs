//! `encommun import`: needs, people and sites, from a file.
use std::{path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::{Args, Subcommand};
use domain::identity::RoundId;
use serde::Serialize;

use super::{bar, open, organisation, refused, say, say_error};
use crate::{
    actions::{Actor, progress::Progress, purchasing::imports::ImportMode},
    exchange::{
        needs, people,
        report::{CellReport, NeedsReport, PeopleReport, SitesReport},
        sites,
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
    /// Importe des contacts et des utilisateurs, et affiche les liens d’invitation.
    #[command(visible_alias = "contacts")]
    Users(ImportUsers),
    /// Importe les sites d’un organisme : bâtiments, compteurs et véhicules.
    Sites(ImportSites),
}

/// The file, and what is done with it.
#[derive(Debug, Args)]
struct TableFile {
    /// Le fichier.
    file: PathBuf,
    /// Dit ce qui changerait, sans rien enregistrer.
    #[arg(long)]
    dry_run: bool,
    /// Écrit le compte rendu en JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct ImportNeeds {
    /// Identifiant de la campagne.
    #[arg(long)]
    round: RoundId,
    /// Saisit les quantités sans transmettre les réponses.
    #[arg(long)]
    no_submit: bool,
    #[command(flatten)]
    table: TableFile,
}

#[derive(Debug, Args)]
pub(super) struct ImportUsers {
    #[command(flatten)]
    table: TableFile,
}

#[derive(Debug, Args)]
pub(super) struct ImportSites {
    /// SIREN de l’organisme qui a ces sites.
    #[arg(long, value_name = "SIREN")]
    organisation: String,
    #[command(flatten)]
    table: TableFile,
}

pub(super) async fn run(settings: Settings, what: Import) -> anyhow::Result<ExitCode> {
    let (Import::Needs(ImportNeeds { table, .. })
    | Import::Users(ImportUsers { table })
    | Import::Sites(ImportSites { table, .. })) = &what;
    let read = tokio::fs::read(&table.file).await;
    let bytes = read.with_context(|| format!("Impossible de lire {}", table.file.display()))?;
    let done = match what {
        Import::Needs(arguments) => import_needs(settings, arguments, bytes).await?,
        Import::Users(arguments) => import_users(settings, arguments, bytes).await?,
        Import::Sites(arguments) => import_sites(settings, arguments, bytes).await?,
    };
    match done {
        Ok(code) => Ok(code),
        Err(FileError::Action(error)) => Ok(refused(&error)),
        Err(FileError::Unreadable { sentence, .. }) => {
            say_error(&sentence);
            Ok(ExitCode::from(2))
        }
    }
}

/// What an import answers; the outer error is a failure of the program.
type Done = anyhow::Result<Result<ExitCode, FileError>>;

async fn import_needs(settings: Settings, arguments: ImportNeeds, bytes: Vec<u8>) -> Done {
    let app = open(settings).await?;
    let mode = match (arguments.table.dry_run, arguments.no_submit) {
        (true, _) => ImportMode::DryRun,
        (false, true) => ImportMode::Type,
        (false, false) => ImportMode::Submit,
    };
    let (actor, progress) = (Actor::operator(), Progress::default());
    let work = needs::import(&app, &actor, arguments.round, bytes, mode, &progress);
    let report = match bar::follow("Import", &progress, work).await {
        Ok(imported) => NeedsReport::from(imported),
        Err(error) => return Ok(Err(error)),
    };
    let lines = [format!(
        "{}\u{a0}: {}, {}, {} sans changement.",
        taken(report.applied),
        counted(report.cells, "case modifiée", ""),
        counted(report.members, "membre", ""),
        counted(report.unchanged, "ligne", "")
    )];
    let aside = (report.problems.as_slice(), report.left_aside);
    tell(&report, arguments.table.json, &lines, aside)
}

async fn import_users(settings: Settings, arguments: ImportUsers, bytes: Vec<u8>) -> Done {
    let app = open(settings).await?;
    let dry = arguments.table.dry_run;
    let report = match people::import(&app, &Actor::operator(), bytes, dry).await {
        Ok(imported) => PeopleReport::from(imported),
        Err(error) => return Ok(Err(error)),
    };
    let mut lines = vec![format!(
        "{}\u{a0}: {}, {} sans changement.",
        taken(report.applied),
        counted(
            report.changes.len(),
            "personne ajoutée ou modifiée",
            "personnes ajoutées ou modifiées"
        ),
        counted(report.unchanged, "ligne", "")
    )];
    let links = report.links.iter();
    lines.extend(links.map(|one| format!("{}\t{}\t{}", one.email, one.name, one.link)));
    let aside = (report.problems.as_slice(), report.left_aside);
    tell(&report, arguments.table.json, &lines, aside)
}

async fn import_sites(settings: Settings, arguments: ImportSites, bytes: Vec<u8>) -> Done {
    let app = open(settings).await?;
    let owner = match organisation(&app, &arguments.organisation).await {
        Ok(owner) => owner,
        Err(error) => return Ok(Err(error.into())),
    };
    let dry = arguments.table.dry_run;
    let report = match sites::import(&app, &Actor::operator(), owner, bytes, dry).await {
        Ok(imported) => SitesReport::from(imported),
        Err(error) => return Ok(Err(error)),
    };
    let lines = [format!(
        "{}\u{a0}: {}, {}, {} sans changement.",
        taken(report.applied),
        counted(report.added, "site nouveau", "sites nouveaux"),
        counted(report.changed, "site modifié", "sites modifiés"),
        counted(report.unchanged, "ligne", "")
    )];
    let aside = (report.problems.as_slice(), report.left_aside);
    tell(&report, arguments.table.json, &lines, aside)
}

fn taken(applied: bool) -> &'static str {
    if applied {
        "Importé"
    } else {
        "Essai, rien n’est enregistré"
    }
}

/// « 1 case modifiée », « 12 cases modifiées ».
fn counted(number: usize, singular: &str, plural: &str) -> String {
    format::count(i64::try_from(number).unwrap_or(i64::MAX), singular, plural)
}

/// Exit code 2 when cells were left aside, so that a script notices.
fn tell(
    report: &impl Serialize,
    as_json: bool,
    lines: &[String],
    (problems, left_aside): (&[CellReport], usize),
) -> Done {
    if as_json {
        say(&serde_json::to_string(report)?);
    } else {
        for line in lines {
            say(line);
        }
        for problem in problems {
            say_error(&problem.detail);
        }
        let more = left_aside.saturating_sub(problems.len());
        if more > 0 {
            say_error(&format!(
                "Et {}.",
                counted(more, "autre cellule", "autres cellules")
            ));
        }
    }
    Ok(Ok(if left_aside == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(2)
    }))
}

//! The operator's face: French messages, exit codes that a script can read.
//!
//! 0 done; 1 failed; 2 refused (bad arguments, bad input, an audit that found something).
use std::{io::Write, path::PathBuf, process::ExitCode, sync::Arc};

use clap::{Parser, Subcommand};
use domain::{
    field::{Field, FieldProblem},
    identity::{OrganisationId, Siren},
};

use crate::{
    actions::{Actor, App, Error, organisations},
    clock::Clock,
    settings::Settings,
    store::{Store, engine::Access},
    telemetry,
    wording::{self, clocks},
};

mod allocate;
mod audit;
mod backup;
mod bar;
mod configuration;
pub mod demo;
mod explain;
mod export;
mod import;
mod init;
mod migrate;
mod serve;
mod user;
mod verify;

pub use serve::router;

/// Achats groupés et prêts de matériel des collectivités.
#[derive(Debug, Parser)]
#[command(name = "encommun", version, about, propagate_version = true)]
struct Arguments {
    /// Fichier de réglages, en plus des valeurs par défaut.
    #[arg(long, global = true, env = "ENCOMMUN_CONFIG", value_name = "FICHIER")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Sert l’application (et ses tâches de fond, sauf réglage contraire).
    Serve,
    /// Fait seulement les tâches de fond : échéances, travaux longs, scellés.
    Worker,
    /// Joue une démonstration complète sur une base neuve, puis sert l’application.
    Demo(demo::DemoArguments),
    /// Crée une intercommunalité, ses communes et son administrateur.
    Init(init::InitArguments),
    /// Gère les comptes des utilisateurs.
    #[command(subcommand)]
    User(user::UserCommand),
    /// Met le schéma de la base à jour.
    Migrate,
    /// Vérifie les chaînes de l’historique, chaque ligne et les comptes.
    Audit {
        /// Répond en JSON.
        #[arg(long)]
        json: bool,
    },
    /// Copie la base embarquée dans un fichier, vérifié après écriture.
    Backup {
        /// Le fichier à écrire ; il ne doit pas exister.
        #[arg(value_name = "FICHIER")]
        target: PathBuf,
    },
    /// Remet une sauvegarde en place ; jamais par-dessus une base.
    Restore {
        /// Le fichier écrit par `backup`.
        #[arg(value_name = "FICHIER")]
        source: PathBuf,
    },
    /// Importe un fichier.
    #[command(subcommand)]
    Import(import::Import),
    /// Exporte un fichier.
    #[command(subcommand)]
    Export(export::Export),
    /// Répartit un cas écrit en JSON, sans base ni réseau : un pur filtre.
    Allocate {
        /// Le cas ; `-` ou rien lit l’entrée standard.
        #[arg(value_name = "FICHIER")]
        file: Option<PathBuf>,
        /// Imprime le cas avec ses parts, pour publier le tout et le vérifier.
        #[arg(long)]
        dossier: bool,
        /// Explique en français les montants de ce membre, au lieu des parts.
        #[arg(long, value_name = "MEMBRE", conflicts_with = "dossier")]
        explain: Option<String>,
        /// Une seule ligne.
        #[arg(long, value_name = "LIGNE", requires = "explain")]
        line: Option<String>,
        /// Explique en JSON.
        #[arg(long, requires = "explain")]
        json: bool,
    },
    Explain(explain::ExplainArguments),
    /// Vérifie une répartition publiée, sans base ni réseau.
    Verify {
        /// Le dossier, ou les parts seules ; `-` ou rien lit l’entrée standard.
        #[arg(value_name = "FICHIER")]
        file: Option<PathBuf>,
        /// Le cas, quand le fichier ne contient que les parts.
        #[arg(long, value_name = "FICHIER")]
        case: Option<PathBuf>,
    },
    /// Affiche les réglages en vigueur, mots de passe masqués.
    Config,
}

/// Runs the command of this process.
pub async fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // clap writes help to standard output and mistakes to standard error.
            let code = if error.use_stderr() { 2 } else { 0 };
            return if error.print().is_ok() {
                ExitCode::from(code)
            } else {
                ExitCode::FAILURE
            };
        }
    };
    match clocks::telling(execute(arguments)).await {
        Ok(code) => code,
        Err(failure) => {
            say_error(&format!("{failure:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn execute(arguments: Arguments) -> anyhow::Result<ExitCode> {
    // Pure filters read no settings.
    if let Some(done) = filter(&arguments.command) {
        return done;
    }
    let settings = match Settings::load(arguments.config.as_deref()) {
        Ok(settings) => settings,
        Err(error) => return Ok(configuration::refused(&error)),
    };
    let serves = matches!(arguments.command, Command::Serve | Command::Worker);
    // The answer of the others is what they print: a line of log per action would drown it.
    telemetry::start(&if serves {
        settings.log.clone()
    } else {
        settings.log.quieter()
    });
    match arguments.command {
        Command::Serve => serve::run(settings).await,
        Command::Worker => serve::work(settings).await,
        Command::Init(arguments) => init::run(settings, arguments).await,
        Command::User(command) => user::run(settings, command).await,
        Command::Import(what) => import::run(settings, what).await,
        Command::Export(what) => export::run(settings, what).await,
        Command::Migrate => migrate::run(settings).await,
        Command::Demo(arguments) => demo::run(settings, arguments).await,
        Command::Audit { json } => audit::run(settings, json).await,
        Command::Backup { target } => backup::backup(settings, target).await,
        Command::Restore { source } => backup::restore(settings, source).await,
        Command::Explain(asked) => explain::run(settings, asked).await,
        filter @ (Command::Allocate { .. } | Command::Verify { .. }) => {
            self::filter(&filter).unwrap_or(Ok(ExitCode::FAILURE))
        }
        Command::Config => {
            say(&settings.redacted());
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Runs a command that needs neither settings nor database; none for the others.
fn filter(command: &Command) -> Option<anyhow::Result<ExitCode>> {
    match command {
        Command::Allocate {
            file,
            dossier,
            explain,
            line,
            json,
        } => {
            let explained = explain.clone().map(|member| allocate::Explained {
                member,
                line: line.clone(),
                json: *json,
            });
            Some(allocate::run(file.as_deref(), *dossier, explained.as_ref()))
        }
        Command::Verify { file, case } => Some(verify::run(file.as_deref(), case.as_deref())),
        Command::Serve
        | Command::Worker
        | Command::Demo(_)
        | Command::Init(_)
        | Command::User(_)
        | Command::Migrate
        | Command::Audit { .. }
        | Command::Backup { .. }
        | Command::Restore { .. }
        | Command::Import(_)
        | Command::Export(_)
        | Command::Explain(_)
        | Command::Config => None,
    }
}

/// Connects to the database of the settings; creates the data directory of an embedded one.
async fn open(settings: Settings) -> anyhow::Result<App> {
    let url = settings.database_url();
    if url.starts_with("sqlite:") {
        tokio::fs::create_dir_all(&settings.database.data_dir).await?;
    }
    let access = Access {
        url,
        connections_max: settings.database.connections_max,
        wait_s: settings.database.wait_s,
    };
    let store = Store::connect(&access).await?;
    let app = App {
        store,
        clock: Clock::System,
        settings: Arc::new(settings),
        demo: false,
    };
    // Before the first migration there is nobody, hence no clock but that of Paris.
    if let Ok(zone) = organisations::home_zone(&app).await {
        clocks::tell_on(zone);
    }
    Ok(app)
}

/// A refusal as a sentence, and the exit code that goes with it.
fn refused(error: &Error) -> ExitCode {
    let (title, detail) = wording::error(error);
    say_error(&format!("{title}\u{a0}: {detail}"));
    if let Error::Invalid(fields) = error {
        for field in fields {
            let problem = wording::field::problem(&field.problem);
            say_error(&format!(
                "  --{} {}\u{a0}: {problem}",
                field.name, field.typed
            ));
        }
    }
    ExitCode::from(2)
}

/// Reads the value of an option, or says which option cannot be read.
fn parse<T, E: Into<FieldProblem>>(
    option: &str,
    typed: &str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, Error> {
    parse(typed).map_err(|problem| Error::Invalid(vec![Field::new(option, typed, problem)]))
}

/// The organisation that an option names by its SIREN.
async fn organisation(app: &App, typed: &str) -> Result<OrganisationId, Error> {
    let siren = parse("organisation", typed, Siren::parse)?;
    let found = organisations::find_by_siren(app, &Actor::operator(), &siren).await?;
    Ok(found.id)
}

/// Writes a line on standard output; a closed pipe is not our failure.
fn say(text: &str) {
    let _closed = writeln!(std::io::stdout(), "{text}");
}

/// Writes a line on standard error.
fn say_error(text: &str) {
    let _closed = writeln!(std::io::stderr(), "{text}");
}

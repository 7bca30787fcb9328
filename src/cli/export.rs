//! `encommun export`: the files that the pages and the API give, from the server.
use std::{io::Write, path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand, ValueEnum};
use domain::{
    field::FieldProblem,
    identity::{AllocationId, RoundId, StatementId},
    purchasing::{correction::CorrectionState, recovery::RecoveryState, year_end::YearEnd},
};

use super::{open, organisation, parse, refused};
use crate::{
    actions::{
        Actor, App, Error,
        purchasing::{allocations, corrections, imports, recovery, statements, year_end},
    },
    documents::writing::Table,
    exchange::{self, download},
    settings::Settings,
};

/// What is taken away.
#[derive(Debug, Subcommand)]
pub(super) enum Export {
    /// Exporte les besoins d’une campagne, dans un fichier qui se réimporte.
    Needs {
        /// Identifiant de la campagne.
        #[arg(long)]
        round: RoundId,
        #[command(flatten)]
        to: To,
    },
    /// Exporte les contacts et les utilisateurs, dans un fichier qui se réimporte.
    #[command(visible_alias = "contacts")]
    Users {
        #[command(flatten)]
        to: To,
    },
    /// Exporte les sites d’un organisme, dans un fichier qui se réimporte.
    Sites {
        /// SIREN de l’organisme qui a ces sites.
        #[arg(long, value_name = "SIREN")]
        organisation: String,
        #[command(flatten)]
        to: To,
    },
    /// Exporte le décompte d’un membre.
    Statement {
        /// Identifiant du décompte.
        #[arg(value_name = "DÉCOMPTE")]
        id: StatementId,
        #[command(flatten)]
        to: To,
    },
    /// Exporte le tableau complet d’une répartition.
    Allocation {
        /// Identifiant de la répartition.
        #[arg(value_name = "RÉPARTITION")]
        id: AllocationId,
        #[command(flatten)]
        to: To,
    },
    /// Exporte le dossier de preuve d’une répartition (JSON), que `verify` recontrôle.
    Dossier {
        /// Identifiant de la répartition.
        #[arg(value_name = "RÉPARTITION")]
        id: AllocationId,
        /// Le fichier à écrire ; la sortie standard sinon.
        #[arg(value_name = "FICHIER")]
        file: Option<PathBuf>,
    },
    /// Exporte les demandes de titre d’un coordonnateur, pour le logiciel de finances.
    RecoveryOrders {
        /// SIREN du coordonnateur.
        #[arg(long, value_name = "SIREN")]
        organisation: String,
        /// Un seul état : `to_issue`, `issued`, `reduced` ou `cancelled`.
        #[arg(long, value_name = "ÉTAT")]
        state: Option<String>,
        #[command(flatten)]
        to: To,
    },
    /// Exporte les régularisations d’un coordonnateur : réductions, annulations, mandats.
    Corrections {
        /// SIREN du coordonnateur.
        #[arg(long, value_name = "SIREN")]
        organisation: String,
        /// Un seul état : `proposed`, `done` ou `withdrawn`.
        #[arg(long, value_name = "ÉTAT")]
        state: Option<String>,
        #[command(flatten)]
        to: To,
    },
    /// Exporte les produits à recevoir et les charges à rattacher d’un exercice.
    YearEnd {
        /// SIREN de l’organisme.
        #[arg(long, value_name = "SIREN")]
        organisation: String,
        /// L’exercice, arrêté au 31 décembre.
        #[arg(long, value_name = "ANNÉE", value_parser = clap::value_parser!(i32).range(1900..=2999))]
        exercice: i32,
        #[command(flatten)]
        to: To,
    },
}

/// Where the file goes.
#[derive(Debug, Args)]
pub(super) struct To {
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

impl From<Format> for download::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Csv => Self::Csv,
            Format::Xlsx => Self::Xlsx,
        }
    }
}

pub(super) async fn run(settings: Settings, what: Export) -> anyhow::Result<ExitCode> {
    let app = open(settings).await?;
    let (written, output) = match &what {
        Export::Dossier { id, file } => (dossier(&app, *id).await, file.as_ref()),
        Export::Needs { to, .. }
        | Export::Users { to }
        | Export::Sites { to, .. }
        | Export::Statement { to, .. }
        | Export::Allocation { to, .. }
        | Export::RecoveryOrders { to, .. }
        | Export::Corrections { to, .. }
        | Export::YearEnd { to, .. } => {
            let table = table(&app, &what).await;
            let bytes = table.and_then(|table| download::bytes(&table, to.format.into()));
            (bytes, to.output.as_ref())
        }
    };
    let bytes = match written {
        Ok(bytes) => bytes,
        Err(Error::Internal(cause)) => return Err(cause),
        Err(error) => return Ok(refused(&error)),
    };
    match output {
        Some(path) => tokio::fs::write(path, bytes).await?,
        None => std::io::stdout().write_all(&bytes)?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn dossier(app: &App, id: AllocationId) -> Result<Vec<u8>, Error> {
    let found = allocations::overview(app, &Actor::operator(), id).await?;
    download::json_bytes(&found.dossier()?)
}

async fn table(app: &App, what: &Export) -> Result<Table, Error> {
    let operator = Actor::operator();
    match what {
        Export::Needs { round, .. } => {
            let grids = imports::export(app, &operator, *round, None).await?;
            let title = grids.first().map_or("", |grid| grid.round.title.as_str());
            Ok(exchange::needs::table(&grids, title, app.clock.now()))
        }
        Export::Users { .. } => exchange::people::export(app, &operator).await,
        Export::Sites {
            organisation: siren,
            ..
        } => {
            let owner = organisation(app, siren).await?;
            exchange::sites::export(app, &operator, owner).await
        }
        Export::Statement { id, .. } => {
            let found = statements::find(app, &operator, *id).await?;
            Ok(exchange::statements::table(&found))
        }
        Export::Allocation { id, .. } | Export::Dossier { id, .. } => {
            let found = allocations::overview(app, &operator, *id).await?;
            exchange::allocations::table(&found)
        }
        Export::RecoveryOrders {
            organisation: siren,
            state,
            ..
        } => {
            let known = |typed: &str| {
                let problem = || FieldProblem::not_one_of(typed);
                RecoveryState::from_code(typed).ok_or_else(problem)
            };
            let state = state.as_deref().map(|typed| parse("state", typed, known));
            let wanted = recovery::Wanted {
                owner: Some(organisation(app, siren).await?),
                state: state.transpose()?,
                grouping: None,
            };
            exchange::recovery::export(app, &operator, wanted).await
        }
        Export::Corrections {
            organisation: siren,
            state,
            ..
        } => {
            let known = |typed: &str| {
                let problem = || FieldProblem::not_one_of(typed);
                CorrectionState::from_code(typed).ok_or_else(problem)
            };
            let state = state.as_deref().map(|typed| parse("state", typed, known));
            let wanted = corrections::Wanted {
                owner: Some(organisation(app, siren).await?),
                state: state.transpose()?,
                grouping: None,
            };
            exchange::corrections::export(app, &operator, wanted).await
        }
        Export::YearEnd {
            organisation: siren,
            exercice,
            ..
        } => {
            let wanted = year_end::Wanted {
                year: YearEnd(*exercice),
                organisation: Some(organisation(app, siren).await?),
                grouping: None,
            };
            exchange::year_end::export(app, &operator, wanted).await
        }
    }
}

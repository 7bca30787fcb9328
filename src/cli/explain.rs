//! `encommun explain`: « pourquoi ce centime ? » of a statement, from the server.
use std::process::ExitCode;

use clap::Args;
use domain::{
    french::{self, NBSP},
    identity::StatementId,
};

use super::{open, organisation, refused, say, say_error};
use crate::{
    actions::{
        Actor, App, Error,
        purchasing::{
            allocations::Explained,
            statements::{self, Complete},
        },
    },
    api::purchasing::allocations::ExplanationView,
    exchange::statements::label,
    settings::Settings,
    wording::explanation::{figures, sentences},
};

/// Explique chaque montant d’un décompte, de la règle au centime.
#[derive(Debug, Args)]
pub(super) struct ExplainArguments {
    /// Numéro du décompte (2026-0412-058) ou son identifiant.
    #[arg(value_name = "DÉCOMPTE")]
    statement: String,
    /// SIREN du coordonnateur, quand plusieurs ont un décompte de ce numéro.
    #[arg(long, value_name = "SIREN")]
    organisation: Option<String>,
    /// Un seul montant : sa place sur la facture, lignes puis taxes, à partir de 1.
    #[arg(long, value_name = "PLACE")]
    line: Option<usize>,
    /// Répond en JSON, comme l’API.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(settings: Settings, asked: ExplainArguments) -> anyhow::Result<ExitCode> {
    let app = open(settings).await?;
    let found = match find(&app, &asked).await {
        Ok(Some(found)) => found,
        Ok(None) => {
            say_error(
                "Plusieurs coordonnateurs ont un décompte de ce numéro\u{a0}: précisez le SIREN \
                 de l’un d’eux avec --organisation.",
            );
            return Ok(ExitCode::from(2));
        }
        Err(Error::Internal(cause)) => return Err(cause),
        Err(error) => return Ok(refused(&error)),
    };
    let is_asked = |one: &&Explained| asked.line.is_none_or(|place| place == one.place);
    let parts: Vec<Explained> = found.parts.iter().filter(is_asked).cloned().collect();
    if parts.is_empty() {
        return Ok(refused(&Error::NotFound));
    }
    if asked.json {
        let views: Vec<ExplanationView> = parts.into_iter().map(Into::into).collect();
        say(&serde_json::to_string_pretty(&views)?);
    } else {
        tell(&found, &parts);
    }
    Ok(ExitCode::SUCCESS)
}

/// The statement; none when several coordinators have one of this number.
async fn find(app: &App, asked: &ExplainArguments) -> Result<Option<Complete>, Error> {
    let operator = Actor::operator();
    let id = match asked.statement.parse::<StatementId>() {
        Ok(id) => id,
        Err(_) => {
            let mut all = statements::of_number(app, &operator, &asked.statement).await?;
            if let Some(siren) = &asked.organisation {
                let owner = organisation(app, siren).await?;
                all.retain(|one| one.owner == owner);
            }
            match all.as_slice() {
                [] => return Err(Error::NotFound),
                [one] => one.id,
                [..] => return Ok(None),
            }
        }
    };
    statements::find(app, &operator, id).await.map(Some)
}

fn tell(found: &Complete, parts: &[Explained]) {
    let (statement, run) = (&found.statement, &found.run);
    let debtor = run.debtor(statement.payer());
    let name = debtor.map_or(found.member.name.as_str(), |debtor| &debtor.name);
    say(&format!(
        "Décompte n°{NBSP}{}, {name}{NBSP}: {} TTC.\nFacture {} du {}, {}.",
        statement.number,
        french::euros(statement.total.gross),
        run.invoice.number,
        french::date(run.invoice.issued_on),
        run.supplier.name,
    ));
    let origins = parts.iter().map(|one| &one.why.origin);
    for figure in figures(origins, &run.sources()) {
        say(&format!("{}{NBSP}: {}.", figure.label, figure.sourced()));
    }
    for one in parts {
        say(&format!("\n{}. {}", one.place, label(&one.part)));
        for sentence in sentences(&one.why, one.rank) {
            say(&format!("   {sentence}"));
        }
    }
    say(&format!(
        "\nRépartition {}, données {}, résultat {}.",
        run.run.algorithm, run.run.input_sha256, run.run.output_sha256
    ));
}

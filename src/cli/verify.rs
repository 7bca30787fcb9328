//! `encommun verify`: proves a published allocation again, from its file alone.
use std::{path::Path, process::ExitCode};

use domain::{
    allocation::{Case, Dossier, Json, Outcome, verify_sums},
    french,
};

use super::{
    allocate::{parse, read, refuse},
    say,
};
use crate::wording;

/// Checks a dossier, or shares alone with or without the case that they answer.
///
/// # Errors
/// A file that cannot be opened.
pub(super) fn run(file: Option<&Path>, case: Option<&Path>) -> anyhow::Result<ExitCode> {
    let json = match parse(&read(file)?) {
        Ok(json) => json,
        Err(code) => return Ok(code),
    };
    if let Some(case) = case {
        return match parse(&read(Some(case))?) {
            Ok(case) => Ok(check(&with_case(json, case))),
            Err(code) => Ok(code),
        };
    }
    if json.at("allocation").is_some() {
        return Ok(check(&json));
    }
    Ok(check_sums(&json))
}

/// The shares and the case that they answer, as one dossier.
fn with_case(shares: Json, case: Json) -> Json {
    let shares = shares.at("allocation").cloned().unwrap_or(shares);
    Json::Object(vec![
        ("case".to_owned(), case),
        ("allocation".to_owned(), shares),
    ])
}

fn check(json: &Json) -> ExitCode {
    let dossier = match Dossier::read(json) {
        Ok(dossier) => dossier,
        Err(error) => {
            let detail = wording::rule::file(&error.problem);
            return refuse("malformed", "Dossier illisible", &detail, &error.pointer);
        }
    };
    if let Err(broken) = dossier.verify() {
        return fail(&broken);
    }
    let Case {
        lines,
        charges,
        members,
        ..
    } = &dossier.case;
    say(&format!(
        "Répartition conforme\u{a0}: {} lignes, {} membres, {} TTC, algorithme {}.\n\
         Sommes, arrondis, sous-totaux, empreintes, ordre et avoir sont vérifiés.",
        lines.len() + charges.len(),
        members.len(),
        french::euros(dossier.outcome.total.gross),
        dossier.outcome.algorithm
    ));
    ExitCode::SUCCESS
}

fn check_sums(json: &Json) -> ExitCode {
    let outcome = match Outcome::read(json) {
        Ok(outcome) => outcome,
        Err(error) => {
            let detail = wording::rule::file(&error.problem);
            return refuse(
                "malformed",
                "Répartition illisible",
                &detail,
                &error.pointer,
            );
        }
    };
    if let Err(broken) = verify_sums(&outcome) {
        return fail(&broken);
    }
    say(
        "Sommes et empreinte conformes. Le fichier ne contient pas le cas\u{a0}: les parts exactes \
         n’ont pas pu être recalculées (option --case).",
    );
    ExitCode::SUCCESS
}

fn fail(broken: &domain::allocation::Broken) -> ExitCode {
    let detail = wording::allocation::broken(broken);
    refuse("allocation.broken", "Répartition non conforme", &detail, "")
}

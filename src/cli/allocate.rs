//! `encommun allocate`: a pure filter, one case in, its shares out.
use std::{
    io::{Read, Write},
    path::Path,
    process::ExitCode,
};

use domain::allocation::{self, AllocationError, Case};
use serde_json::json;

use super::{say, say_error};
use crate::wording;

/// Reads a case from a file or from standard input (`-`), and prints its shares.
///
/// # Errors
/// A file that cannot be opened.
pub(super) fn run(file: Option<&Path>) -> anyhow::Result<ExitCode> {
    let mut text = String::new();
    match file.filter(|path| path.as_os_str() != "-") {
        Some(path) => text = std::fs::read_to_string(path)?,
        None => {
            std::io::stdin().read_to_string(&mut text)?;
        }
    }
    let case: Case = match serde_json::from_str(&text) {
        Ok(case) => case,
        Err(error) => {
            let detail = format!("Le cas n’est pas lisible\u{a0}: {error}.");
            let pointer = serde_json::Value::Null;
            return Ok(refuse("malformed", "Cas illisible", &detail, &pointer));
        }
    };
    let done = allocation::allocate(&case);
    let outcome = match done {
        Ok(outcome) => outcome,
        Err(error) => {
            let detail = wording::refusal(&error.clone().into());
            let pointer = pointer(&case, &error).map_or(serde_json::Value::Null, Into::into);
            return Ok(refuse(
                error.code(),
                "Répartition refusée",
                &detail,
                &pointer,
            ));
        }
    };
    // What cannot be proved is a bug, not a result.
    allocation::verify(&case, &outcome)?;
    let printed = serde_json::to_string_pretty(&outcome)?;
    say(&printed);
    std::io::stdout().flush()?;
    Ok(ExitCode::SUCCESS)
}

fn refuse(code: &str, title: &str, detail: &str, pointer: &serde_json::Value) -> ExitCode {
    let mut problem = json!({
        "type": format!("/problems/{code}"),
        "title": title,
        "detail": detail,
    });
    if let (Some(object), false) = (problem.as_object_mut(), pointer.is_null()) {
        object.insert("pointer".to_owned(), pointer.clone());
    }
    say_error(&problem.to_string());
    ExitCode::from(2)
}

/// Where in the case the culprit is, as a JSON pointer.
fn pointer(case: &Case, error: &AllocationError) -> Option<String> {
    let member = |id: &str| case.members.iter().rposition(|m| m.id == id);
    let line = |id: &str| case.lines.iter().rposition(|l| l.id == id);
    match error {
        AllocationError::NoMembers => Some("/members".to_owned()),
        AllocationError::BadId { id } => member(id)
            .map(|at| format!("/members/{at}/id"))
            .or_else(|| line(id).map(|at| format!("/lines/{at}/id"))),
        AllocationError::DuplicateMember { member: id } => {
            member(id).map(|at| format!("/members/{at}/id"))
        }
        AllocationError::DuplicateLine { line: id } => line(id).map(|at| format!("/lines/{at}/id")),
        AllocationError::DuplicateTax { group } | AllocationError::TaxOnZeroBase { group, .. } => {
            let at = case.taxes.iter().rposition(|tax| tax.group == *group)?;
            Some(format!("/vat/{at}"))
        }
        AllocationError::EmptyLine { line: id, .. }
        | AllocationError::UnknownMember { line: id, .. } => {
            line(id).map(|at| format!("/lines/{at}/members"))
        }
        AllocationError::UnknownLine { line: id } | AllocationError::NoWeight { line: id, .. } => {
            line(id).map(|at| format!("/lines/{at}"))
        }
        AllocationError::MissingKey { member: id, .. } => {
            member(id).map(|at| format!("/members/{at}/keys"))
        }
        AllocationError::NegativeWeight {
            member: id,
            line: of,
            ..
        } => {
            let at = member(id)?;
            let of = case.lines.iter().find(|l| l.id == *of)?;
            Some(match of.rule.key() {
                Some(key) => format!(
                    "/members/{at}/keys/{}",
                    key.replace('~', "~0").replace('/', "~1")
                ),
                None => format!("/members/{at}"),
            })
        }
        AllocationError::MissingTax { .. } => Some("/vat".to_owned()),
        AllocationError::Overflow => None,
    }
}

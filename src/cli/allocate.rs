//! `encommun allocate`: a pure filter, one case in, its shares out.
use std::{
    io::{Read, Write},
    path::Path,
    process::ExitCode,
};

use anyhow::Context;
use domain::allocation::{self, ALGORITHM, AllocationError, Case, Dossier, Json, pointer_part};
use serde_json::json;

use super::{say, say_error};
use crate::wording;

mod told;

pub(super) use told::Explained;

/// Reads a case from a file or from standard input (`-`), and prints its shares.
///
/// # Errors
/// A file that cannot be opened, or shares that cannot be proved.
pub(super) fn run(
    file: Option<&Path>,
    dossier: bool,
    explained: Option<&Explained>,
) -> anyhow::Result<ExitCode> {
    let text = read(file)?;
    let json = match parse(&text) {
        Ok(json) => json,
        Err(code) => return Ok(code),
    };
    let case = match Case::read(&json) {
        Ok(case) => case,
        Err(error) => {
            let detail = wording::rule::file(&error.problem);
            return Ok(refuse(
                "malformed",
                "Cas illisible",
                &detail,
                &error.pointer,
            ));
        }
    };
    let made = allocation::allocate_recorded(ALGORITHM, &case);
    let made = made.with_context(|| format!("no algorithm is called {ALGORITHM}"))?;
    let (outcome, record) = match made {
        Ok(made) => made,
        Err(error) => {
            let detail = wording::refusal(&error.clone().into());
            let pointer = pointer(&json, &error);
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
    if let Some(asked) = explained {
        return told::explain(&case, (&outcome, &record), asked);
    }
    let printed = if dossier {
        serde_json::to_string_pretty(&Dossier::new(case, outcome))?
    } else {
        serde_json::to_string_pretty(&outcome)?
    };
    say(&printed);
    std::io::stdout().flush()?;
    Ok(ExitCode::SUCCESS)
}

/// The text of a file, or of standard input.
pub(super) fn read(file: Option<&Path>) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    match file.filter(|path| path.as_os_str() != "-") {
        Some(path) => {
            let read = std::fs::read(path);
            bytes = read.with_context(|| format!("Impossible de lire {}", path.display()))?;
        }
        None => {
            std::io::stdin().read_to_end(&mut bytes)?;
        }
    }
    // What is not UTF-8 is not JSON either: it is refused as such.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The JSON of a text, or the refusal that has been said.
pub(super) fn parse(text: &str) -> Result<Json, ExitCode> {
    serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let detail = format!("Ce n’est pas du JSON\u{a0}: voir ligne {line}, colonne {column}.");
        refuse("malformed", "Cas illisible", &detail, "")
    })
}

/// Says one problem (RFC 9457) on standard error.
pub(super) fn refuse(code: &str, title: &str, detail: &str, pointer: &str) -> ExitCode {
    let problem = json!({
        "type": format!("/problems/{code}"),
        "title": title,
        "detail": detail,
        "pointer": pointer,
    });
    say_error(&problem.to_string());
    ExitCode::from(2)
}

/// Where in the file the culprit is, as a JSON pointer; the whole file when it is nowhere else.
fn pointer(file: &Json, error: &AllocationError) -> String {
    let found = match error {
        AllocationError::NoMembers => Some("/members".to_owned()),
        AllocationError::BadId { id } => entry(file, "members", id)
            .or_else(|| entry(file, "lines", id))
            .map(below("/id")),
        AllocationError::DuplicateMember { member } => {
            entry(file, "members", member).map(below("/id"))
        }
        AllocationError::DuplicateLine { line } => entry(file, "lines", line).map(below("/id")),
        AllocationError::EmptyLine { line, .. } => {
            entry(file, "lines", line).map(below("/members"))
        }
        AllocationError::UnknownMember { line, member } => entry(file, "lines", line).map(|at| {
            let place = taker(file, line, member).map_or(String::new(), |at| format!("/{at}"));
            format!("{at}/members{place}")
        }),
        AllocationError::UnknownLine { line } | AllocationError::NoWeight { line, .. } => {
            entry(file, "lines", line)
        }
        AllocationError::MissingKey { member, .. } => {
            entry(file, "members", member).map(below("/keys"))
        }
        AllocationError::NegativeWeight { member, .. } => {
            entry(file, "members", member).map(|at| match negative_key(file, member) {
                Some(key) => format!("{at}/keys/{}", pointer_part(key)),
                None => at,
            })
        }
        AllocationError::DuplicateTax { group } | AllocationError::TaxOnZeroBase { group, .. } => {
            tax(file, *group)
        }
        AllocationError::MissingTax { .. } => Some("/vat".to_owned()),
        AllocationError::Rule { line, at, .. } => rule(file, line).map(below(at)),
        AllocationError::UnknownDue { member } => Some(format!("/carry/{}", pointer_part(member))),
        AllocationError::Unsupported { .. }
        | AllocationError::Unsettled
        | AllocationError::Unmatched { .. }
        | AllocationError::Overflow => None,
    };
    found.unwrap_or_default()
}

fn below(part: &str) -> impl FnOnce(String) -> String {
    move |at| format!("{at}{part}")
}

fn find<'a>(file: &'a Json, list: &str, id: &str) -> Option<(usize, &'a Json)> {
    let entries = file.at(list)?.as_list()?.iter().enumerate();
    let same = |entry: &Json| entry.at("id").and_then(Json::as_text) == Some(id);
    entries.rev().find(|(_, entry)| same(entry))
}

/// The last entry with an id: of twins, the second is the culprit.
fn entry(file: &Json, list: &str, id: &str) -> Option<String> {
    find(file, list, id).map(|(index, _)| format!("/{list}/{index}"))
}

/// The rule or the tariff of a line: its own, or the default of the case.
fn rule(file: &Json, line: &str) -> Option<String> {
    let (index, own) = find(file, "lines", line)?;
    let named = ["charge", "rule"]
        .into_iter()
        .find(|name| own.at(name).is_some());
    Some(named.map_or("/rule".to_owned(), |name| format!("/lines/{index}/{name}")))
}

/// Where a line names a participant.
fn taker(file: &Json, line: &str, member: &str) -> Option<usize> {
    let takers = find(file, "lines", line)?.1.at("members")?.as_list()?;
    takers.iter().position(|id| id.as_text() == Some(member))
}

fn negative_key<'a>(file: &'a Json, member: &str) -> Option<&'a str> {
    let Json::Object(keys) = find(file, "members", member)?.1.at("keys")? else {
        return None;
    };
    let negative = keys
        .iter()
        .find(|(_, v)| v.as_text().is_some_and(|v| v.starts_with('-')));
    negative.map(|(key, _)| key.as_str())
}

/// The last printed total of a tax group.
fn tax(file: &Json, group: allocation::TaxGroup) -> Option<String> {
    let taxes = file.at("vat")?.as_list()?.iter().enumerate();
    let same = |tax: &Json| {
        let text = |name| tax.at(name).and_then(Json::as_text);
        let rate = text("rate").and_then(|rate| rate.parse().ok());
        rate == Some(group.rate) && text("category").unwrap_or("S") == group.category.code()
    };
    let found = taxes.rev().find(|(_, tax)| same(tax));
    found.map(|(index, _)| format!("/vat/{index}"))
}

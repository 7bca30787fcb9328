//! `encommun allocate --explain`: the amounts of one member of a case, told in French or JSON.
use std::process::ExitCode;

use anyhow::anyhow;
use domain::{
    allocation::{Case, Cell, Outcome, Reckoning, Record, Sources, Why},
    french::NBSP,
};
use serde_json::json;

use super::super::{say, say_error};
use crate::wording::{
    self,
    explanation::{basis, figures, rule, sentences},
};

/// Whose amounts, and how they are told.
#[derive(Clone, Debug)]
pub(crate) struct Explained {
    pub member: String,
    /// One line alone.
    pub line: Option<String>,
    pub json: bool,
}

/// Prints why each amount of the member is what it is.
pub(super) fn explain(
    case: &Case,
    (outcome, record): (&Outcome, &Record),
    asked: &Explained,
) -> anyhow::Result<ExitCode> {
    let reckoning = Reckoning::of(case, outcome, Some(record));
    let reckoning = reckoning.ok_or_else(|| anyhow!("unknown algorithm"))??;
    let mut told = Vec::new();
    for cell in reckoning.cells() {
        let wanted = asked.line.as_ref().is_none_or(|line| match &cell {
            Cell::Line(id) => id == line,
            Cell::Tax(_) => false,
        });
        if !wanted || !case.members.iter().any(|one| one.id == asked.member) {
            continue;
        }
        if let Some(why) = reckoning.why(&cell, &asked.member)? {
            let rank = reckoning.rank(&cell, &asked.member)?;
            told.push((why, rank));
        }
    }
    if told.is_empty() {
        let member = &asked.member;
        say_error(&match &asked.line {
            Some(line) => format!("{member} ne participe à aucune ligne {line}."),
            None => format!("{member} ne participe pas à cette répartition."),
        });
        return Ok(ExitCode::from(2));
    }
    if asked.json {
        let views: Vec<_> = told.iter().map(|(why, rank)| view(why, *rank)).collect();
        say(&serde_json::to_string_pretty(&views)?);
        return Ok(ExitCode::SUCCESS);
    }
    let origins = told.iter().map(|(why, _)| &why.origin);
    for figure in figures(origins, &Sources::new()) {
        say(&format!("{}{NBSP}: {}.", figure.label, figure.sourced()));
    }
    for (why, rank) in &told {
        say(&format!("\n{}", name(case, &why.cell)));
        for sentence in sentences(why, *rank) {
            say(&format!("   {sentence}"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// « Ligne 02, Balayeuse », « TVA 20 % ».
fn name(case: &Case, cell: &Cell) -> String {
    match cell {
        Cell::Tax(group) => wording::allocation::tax(*group),
        Cell::Line(id) => {
            let line = case.lines.iter().find(|line| line.id == *id);
            match line.filter(|line| !line.label.is_empty()) {
                Some(line) => format!("Ligne {id}, {}", line.label),
                None => format!("Ligne {id}"),
            }
        }
    }
}

fn view(why: &Why, rank: Option<usize>) -> serde_json::Value {
    let (line, group) = match &why.cell {
        Cell::Line(id) => (Some(id), None),
        Cell::Tax(group) => (None, Some(group)),
    };
    json!({
        "line": line,
        "category": group.map(|group| group.category.to_string()),
        "rate": group.map(|group| group.rate.to_string()),
        "total": why.total.to_string(),
        "rule": rule(&why.origin),
        "basis": basis(&why.origin),
        "exact": why.exact.as_euros(),
        "base": why.base.to_string(),
        "leftover": why.leftover,
        "candidates": why.candidates,
        "rank": rank,
        "priority_cents": why.priority.as_cents(),
        "reason": why.cause.code(),
        "share": why.share.to_string(),
        "deviation_cents": why.deviation.as_cents(),
        "text": sentences(why, rank).join(" "),
    })
}

//! Weights pasted from a spreadsheet: one member a line, then its figure.
use std::collections::BTreeMap;

use domain::{
    french::{self, NBSP},
    identity::OrganisationId,
    organisation::Organisation,
    text,
};

use crate::wording;

/// What a block gave: figures as typed, and the lines that could not be taken.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub taken: BTreeMap<OrganisationId, String>,
    pub left: Vec<Left>,
}

/// A line that was left, and why.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Left {
    pub line: String,
    pub why: String,
}

/// Reads a block; cells are apart by tabs or semicolons, and the last one is the figure.
///
/// | line                  | member                          |
/// |-----------------------|---------------------------------|
/// | `59013⇥1 643`         | by INSEE code                   |
/// | `215900135;1643`      | by SIREN                        |
/// | `anstaing⇥1 643`      | by name, if only one is so named |
pub(super) fn read(typed: &str, members: &[Organisation]) -> Block {
    let mut block = Block::default();
    for (number, line) in (1..).zip(typed.lines()) {
        if line.trim().is_empty() || is_heading(number, line) {
            continue;
        }
        match one(line, members, &block.taken) {
            Ok((member, figure)) => {
                block.taken.insert(member, figure);
            }
            Err(why) => block.left.push(Left {
                line: line.to_owned(),
                why: format!("Ligne {number}{NBSP}: {why}"),
            }),
        }
    }
    block
}

/// The first line often names the columns: nothing in it is a figure.
fn is_heading(number: usize, line: &str) -> bool {
    number == 1 && !line.chars().any(|c| c.is_ascii_digit())
}

fn one(
    line: &str,
    members: &[Organisation],
    taken: &BTreeMap<OrganisationId, String>,
) -> Result<(OrganisationId, String), String> {
    let by = if line.contains('\t') { '\t' } else { ';' };
    let cells: Vec<&str> = line.split(by).map(str::trim).collect();
    let cells: Vec<&str> = cells.into_iter().filter(|cell| !cell.is_empty()).collect();
    let [names @ .., figure] = cells.as_slice() else {
        return Err("elle est vide.".to_owned());
    };
    if names.is_empty() {
        return Err(format!(
            "«{NBSP}{figure}{NBSP}» est seul. Il faut un membre, puis une valeur dans la cellule suivante."
        ));
    }
    french::parse_weight(figure).map_err(|error| wording::field::number(&error))?;
    let member = find(names, members)?;
    if taken.contains_key(&member) {
        let name = names.join(" ");
        return Err(format!("«{NBSP}{name}{NBSP}» a déjà une valeur plus haut."));
    }
    Ok((member, (*figure).to_owned()))
}

/// The member that one of the cells names without doubt.
fn find(names: &[&str], members: &[Organisation]) -> Result<OrganisationId, String> {
    let mut several = false;
    for name in names {
        let digits: String = name.chars().filter(|c| !c.is_whitespace()).collect();
        let folded = text::search_text(name);
        let mut found = members.iter().filter(|o| {
            o.siren.as_ref().is_some_and(|s| s.as_str() == digits)
                || o.insee.as_ref().is_some_and(|i| i.as_str() == digits)
                || text::search_text(&o.name) == folded
        });
        match (found.next(), found.next()) {
            (Some(one), None) => return Ok(one.id),
            (Some(_), Some(_)) => several = true,
            (None, _) => {}
        }
    }
    let name = names.join(" ");
    Err(if several {
        format!(
            "plusieurs membres s’appellent «{NBSP}{name}{NBSP}». Écrivez leur code INSEE ou leur SIREN."
        )
    } else {
        format!(
            "aucun membre ne correspond à «{NBSP}{name}{NBSP}». Écrivez son nom exact, son code INSEE ou son SIREN."
        )
    })
}

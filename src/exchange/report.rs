//! What an import did or would do, in one shape: the answer of the API, the JSON of the terminal,
//! the result of a job, and what the pages draw.
use domain::french::NBSP;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{needs, people, sites};
use crate::{
    actions::users::Outcome as PersonOutcome,
    documents::{address::Address, cell_problem::CellProblem},
    wording,
};

/// Changes and problems of a file of needs that are told one by one; the others are counted.
const TOLD_MAX: usize = 500;

/// A cell that was left aside.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CellReport {
    /// `C14`.
    pub address: String,
    pub code: String,
    pub typed: String,
    /// The whole sentence, with the address.
    pub detail: String,
}

impl CellReport {
    /// A cell with its sentence.
    #[must_use]
    pub fn new(address: Address, code: &str, typed: &str, sentence: &str) -> Self {
        Self {
            address: address.to_string(),
            code: code.to_owned(),
            typed: typed.to_owned(),
            detail: format!("{address}{NBSP}: {sentence}"),
        }
    }
}

impl From<&CellProblem> for CellReport {
    fn from(bad: &CellProblem) -> Self {
        Self {
            address: bad.address.to_string(),
            code: bad.problem.code().to_owned(),
            typed: bad.typed.clone(),
            detail: wording::sheet::cell(bad),
        }
    }
}

/// What a file of needs changed, or would.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct NeedsReport {
    pub applied: bool,
    pub members: usize,
    /// Cells that change.
    pub cells: usize,
    /// Rows that say what stands already.
    pub unchanged: usize,
    /// Cells that were left aside.
    pub left_aside: usize,
    /// The first 500 of those that change.
    pub changes: Vec<NeedChange>,
    /// The first 500 of those left aside.
    pub problems: Vec<CellReport>,
}

/// A cell that changes.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct NeedChange {
    pub row: u32,
    /// The name of the member.
    pub member: String,
    pub reference: String,
    pub title: String,
    /// `quantity`, `most`, `commitment`, `budget` or `comment`.
    pub column: String,
    /// As the page shows it.
    pub before: String,
    pub after: String,
}

impl From<needs::Imported> for NeedsReport {
    fn from(imported: needs::Imported) -> Self {
        let report = imported.report;
        let changes = report.changes.into_iter().map(|change| NeedChange {
            row: change.row,
            member: change.member,
            reference: change.reference,
            title: change.title,
            column: change.column.code().to_owned(),
            before: change.before,
            after: change.after,
        });
        Self {
            applied: report.applied,
            members: report.members,
            cells: report.cells,
            unchanged: report.unchanged,
            left_aside: imported.problems.len(),
            changes: changes.take(TOLD_MAX).collect(),
            problems: imported.problems.into_iter().take(TOLD_MAX).collect(),
        }
    }
}

/// What a file of contacts and users changed, or would.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PeopleReport {
    pub applied: bool,
    /// Rows that say what stands already.
    pub unchanged: usize,
    /// Cells that were left aside.
    pub left_aside: usize,
    pub changes: Vec<PersonChange>,
    /// One for each new account, shown once; none when dry.
    pub links: Vec<InvitationLink>,
    pub problems: Vec<CellReport>,
}

/// A person who changes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PersonChange {
    pub row: u32,
    /// The name of the organisation.
    pub organisation: String,
    pub name: String,
    /// `invited`, `role_given`, `contact_added` or `contact_changed`.
    pub outcome: String,
}

/// The address where somebody chooses a password.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InvitationLink {
    pub name: String,
    pub email: String,
    /// The name of the organisation.
    pub organisation: String,
    pub link: String,
}

impl From<people::Imported> for PeopleReport {
    fn from(imported: people::Imported) -> Self {
        let mut problems = imported.problems;
        let (mut changes, mut unchanged) = (Vec::new(), 0);
        for line in imported.lines {
            match line.outcome {
                PersonOutcome::Unchanged => unchanged += 1,
                PersonOutcome::NotYours | PersonOutcome::Disabled => {
                    let sentence = wording::import_outcome(line.outcome, !imported.applied);
                    let code = line.outcome.code();
                    problems.push(CellReport::new(line.address, code, &line.name, sentence));
                }
                PersonOutcome::Invited
                | PersonOutcome::RoleGiven
                | PersonOutcome::ContactAdded
                | PersonOutcome::ContactChanged => changes.push(PersonChange {
                    row: line.address.row,
                    organisation: line.organisation,
                    name: line.name,
                    outcome: line.outcome.code().to_owned(),
                }),
            }
        }
        Self {
            applied: imported.applied,
            unchanged,
            left_aside: problems.len(),
            changes,
            links: imported.links,
            problems,
        }
    }
}

/// What a file of sites changed, or would.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SitesReport {
    pub applied: bool,
    pub added: usize,
    pub changed: usize,
    /// Rows that say what stands already.
    pub unchanged: usize,
    /// Cells that were left aside.
    pub left_aside: usize,
    /// Empty when the same request was answered before.
    pub changes: Vec<SiteChange>,
    pub problems: Vec<CellReport>,
}

/// A site that is new or changes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SiteChange {
    pub row: u32,
    pub name: String,
    /// `added` or `changed`.
    pub outcome: String,
}

impl From<sites::Imported> for SitesReport {
    fn from(imported: sites::Imported) -> Self {
        let done = imported.done;
        let outcomes = imported.lines.into_iter().zip(&done.outcomes);
        let changes = outcomes.filter_map(|((address, name), outcome)| {
            let outcome = outcome.code()?.to_owned();
            Some(SiteChange {
                row: address.row,
                name,
                outcome,
            })
        });
        Self {
            applied: imported.applied,
            added: done.added,
            changed: done.changed,
            unchanged: done.unchanged,
            left_aside: imported.problems.len(),
            changes: changes.collect(),
            problems: imported.problems,
        }
    }
}

//! The file of needs, for every face: bytes to rows, needs to a table, problems to sentences.
use domain::{
    identity::RoundId,
    purchasing::need::{CommitmentKind, NeedColumn},
};

use serde::{Deserialize, Serialize};

use super::spreadsheet::{self, FileError};
use crate::{
    actions::{
        Actor, App,
        progress::Progress,
        purchasing::{
            imports::{
                self, ImportCause, ImportColumn, ImportLine, ImportMode, ImportReport, SiteCell,
            },
            needs::Grid,
        },
    },
    documents::{
        address::Address,
        needs_sheet::{NeedsSheet, NeedsSheetLine, NeedsSheetOptions, SheetCommitment},
        reading::Columns,
        writing::Table,
    },
    wording,
};

/// What a file did or would do, each problem with the address of its cell.
#[derive(Debug)]
pub struct Imported {
    pub report: ImportReport,
    /// In the order of the file.
    pub problems: Vec<CellMessage>,
    /// The good rows alone, to send again once tried.
    pub good: Vec<NeedsSheetLine>,
    pub options: NeedsSheetOptions,
}

/// A cell that was left aside.
#[derive(Clone, Debug)]
pub struct CellMessage {
    pub address: String,
    pub code: &'static str,
    pub typed: String,
    /// The whole sentence, with the address.
    pub sentence: String,
    place: Address,
}

/// Changes and problems that are told one by one; the others are counted.
const TOLD_MAX: usize = 500;

/// What a file did or would do, as it is told to whoever waits for it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Told {
    pub applied: bool,
    pub members: usize,
    /// Cells that change.
    pub cells: usize,
    /// Rows that say what stands already.
    pub unchanged: usize,
    /// Cells that were left aside.
    pub left_aside: usize,
    /// The first of them.
    pub changes: Vec<ToldChange>,
    /// The first of those left aside.
    pub problems: Vec<ToldProblem>,
}

/// A cell that changes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ToldChange {
    pub row: u32,
    pub member: String,
    pub reference: String,
    pub title: String,
    /// The code of the column.
    pub column: String,
    pub before: String,
    pub after: String,
}

/// A cell that was left aside.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ToldProblem {
    pub address: String,
    pub code: String,
    pub typed: String,
    pub detail: String,
}

impl From<Imported> for Told {
    fn from(imported: Imported) -> Self {
        let report = imported.report;
        let changes = report.changes.into_iter().map(|change| ToldChange {
            row: change.row,
            member: change.member,
            reference: change.reference,
            title: change.title,
            column: change.column.code().to_owned(),
            before: change.before,
            after: change.after,
        });
        let left_aside = imported.problems.len();
        let problems = imported.problems.into_iter().map(|problem| ToldProblem {
            address: problem.address,
            code: problem.code.to_owned(),
            typed: problem.typed,
            detail: problem.sentence,
        });
        Self {
            applied: report.applied,
            members: report.members,
            cells: report.cells,
            unchanged: report.unchanged,
            left_aside,
            changes: changes.take(TOLD_MAX).collect(),
            problems: problems.take(TOLD_MAX).collect(),
        }
    }
}

/// How many rows a file has, good and bad.
///
/// # Errors
/// [`FileError::Unreadable`].
pub async fn rows(app: &App, bytes: Vec<u8>) -> Result<usize, FileError> {
    let parsed = spreadsheet::read(&app.settings.limits, bytes, NeedsSheet::parse).await?;
    Ok(parsed.good.len() + parsed.bad.len())
}

/// Reads a file and imports its good rows, or tries to.
///
/// # Errors
/// [`FileError`].
pub async fn import(
    app: &App,
    actor: &Actor,
    round: RoundId,
    bytes: Vec<u8>,
    mode: ImportMode,
    progress: &Progress,
) -> Result<Imported, FileError> {
    let parsed = spreadsheet::read(&app.settings.limits, bytes, NeedsSheet::parse).await?;
    let lines: Vec<ImportLine> = parsed
        .good
        .iter()
        .map(|(line, address)| import_line(line, *address, &parsed.columns))
        .collect();
    let report = imports::needs(app, actor, round, &lines, mode, progress).await?;
    let mut problems: Vec<CellMessage> = parsed
        .bad
        .iter()
        .map(|bad| CellMessage {
            address: bad.address.to_string(),
            code: bad.problem.code(),
            typed: bad.typed.clone(),
            sentence: wording::sheet::cell(bad),
            place: bad.address,
        })
        .collect();
    for problem in &report.problems {
        let place = Address::new(problem.row, column_of(&parsed.columns, problem.column));
        problems.push(message(place, &problem.typed, &problem.cause));
    }
    problems.sort_by_key(|message| message.place);
    let options = NeedsSheetOptions {
        site: parsed.columns.of("site_ref").is_some() || parsed.columns.of("site").is_some(),
        most: parsed.columns.of("most").is_some(),
        commitment: parsed.columns.of("commitment").is_some(),
        budget: parsed.columns.of("budget").is_some(),
        comment: parsed.columns.of("comment").is_some(),
    };
    Ok(Imported {
        report,
        problems,
        good: parsed.good.into_iter().map(|(line, _)| line).collect(),
        options,
    })
}

/// The table of these needs, to fill and bring back.
#[must_use]
pub fn table(grids: &[Grid], title: &str, written_at: chrono::DateTime<chrono::Utc>) -> Table {
    let columns = grids
        .first()
        .map(|grid| grid.round.columns)
        .unwrap_or_default();
    NeedsSheet {
        title: title.to_owned(),
        written_at,
        options: NeedsSheetOptions {
            site: columns.site,
            most: columns.most,
            commitment: columns.commitment,
            budget: grids.iter().any(|grid| !grid.budgets.is_empty()),
            comment: columns.comment,
        },
        lines: grids.iter().flat_map(lines_of).collect(),
    }
    .to_table()
}

fn import_line(line: &NeedsSheetLine, address: Address, columns: &Columns) -> ImportLine {
    let has = |key| columns.of(key).is_some();
    ImportLine {
        row: address.row,
        member: line.member_siren.clone(),
        item: line.item_id,
        site: match (line.site_id, line.site.trim()) {
            (Some(id), _) => SiteCell::Known(id),
            (None, "") => SiteCell::Blank,
            (None, typed) => SiteCell::Typed(typed.to_owned()),
        },
        quantity: line.quantity,
        most: has("most").then_some(line.most),
        commitment: line.commitment.map(|commitment| match commitment {
            SheetCommitment::Firm => CommitmentKind::Firm,
            SheetCommitment::UpTo => CommitmentKind::UpTo,
            SheetCommitment::Intention => CommitmentKind::Intention,
        }),
        budget: has("budget").then(|| line.budget.clone()),
        comment: has("comment").then(|| line.comment.clone()),
    }
}

fn lines_of(grid: &Grid) -> impl Iterator<Item = NeedsSheetLine> + '_ {
    grid.lots.iter().flat_map(move |lot| {
        lot.lines.iter().filter_map(move |line| {
            Some(NeedsSheetLine {
                member_siren: grid.member.siren.clone()?,
                member_name: grid.member.name.clone(),
                item_id: line.item.id,
                lot_number: lot.lot.number.to_string(),
                item_number: line.reference.clone(),
                title: line.item.title.clone(),
                unit: line.item.unit.clone(),
                site_id: line.site.as_ref().map(|site| site.id),
                site: line
                    .site
                    .as_ref()
                    .map_or_else(String::new, |site| site.name.clone()),
                quantity: line.draft.quantity.quantity(),
                most: line.draft.most.quantity(),
                commitment: Some(match line.draft.commitment {
                    CommitmentKind::Firm => SheetCommitment::Firm,
                    CommitmentKind::UpTo => SheetCommitment::UpTo,
                    CommitmentKind::Intention => SheetCommitment::Intention,
                }),
                budget: line
                    .draft
                    .budget
                    .and_then(|id| grid.budget(id))
                    .map(|budget| budget.name.clone()),
                comment: line.draft.comment.clone(),
            })
        })
    })
}

fn column_of(columns: &Columns, column: ImportColumn) -> u16 {
    let key = match column {
        ImportColumn::Reference => "ref",
        ImportColumn::Site => "site",
        ImportColumn::Member => "siren",
        ImportColumn::Cell(column) => match column {
            NeedColumn::Quantity => "quantity",
            NeedColumn::Most => "most",
            NeedColumn::Commitment => "commitment",
            NeedColumn::Budget => "budget",
            NeedColumn::Comment => "comment",
        },
    };
    columns.of(key).unwrap_or(0)
}

fn message(place: Address, typed: &str, cause: &ImportCause) -> CellMessage {
    let code = match cause {
        ImportCause::UnknownMember => "cell.unknown-member",
        ImportCause::UnknownItem => "need.unknown-item",
        ImportCause::UnknownSite | ImportCause::SeveralSites => "need.unknown-site",
        ImportCause::UnknownBudget => "need.unknown-budget",
        ImportCause::Cell(_) => "need.cells",
        ImportCause::Refused(refusal) => refusal.code(),
    };
    let sentence = wording::need::left_aside(typed, cause);
    CellMessage {
        address: place.to_string(),
        code,
        typed: typed.to_owned(),
        sentence: format!("{place}\u{a0}: {sentence}"),
        place,
    }
}

//! The file of needs, for every face: bytes to rows, needs to a table, problems to sentences.
use domain::{
    identity::RoundId,
    purchasing::need::{CommitmentKind, NeedColumn},
};

use super::{
    report::CellReport,
    spreadsheet::{self, FileError},
};
use crate::{
    actions::{
        Actor, App, Error,
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
        needs_sheet::{
            NeedsSheet, NeedsSheetLine, NeedsSheetOptions, ParsedNeeds, SheetCommitment,
        },
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
    pub problems: Vec<CellReport>,
    /// The good rows alone, to send again once tried.
    pub good: Vec<NeedsSheetLine>,
    pub options: NeedsSheetOptions,
}

/// Reads a file, which alone says how long its import will be.
///
/// # Errors
/// [`FileError::Unreadable`].
pub async fn read(app: &App, bytes: Vec<u8>) -> Result<ParsedNeeds, FileError> {
    spreadsheet::read(&app.settings.limits, bytes, NeedsSheet::parse).await
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
    let parsed = read(app, bytes).await?;
    Ok(take(app, actor, round, parsed, mode, progress).await?)
}

/// Imports the good rows of a file that was read, or tries to.
///
/// # Errors
/// [`Error`].
pub async fn take(
    app: &App,
    actor: &Actor,
    round: RoundId,
    parsed: ParsedNeeds,
    mode: ImportMode,
    progress: &Progress,
) -> Result<Imported, Error> {
    let lines: Vec<ImportLine> = parsed
        .good
        .iter()
        .map(|(line, address)| import_line(line, *address, &parsed.columns))
        .collect();
    let report = imports::needs(app, actor, round, &lines, mode, progress).await?;
    let bad = parsed.bad.iter();
    let mut problems: Vec<(Address, CellReport)> =
        bad.map(|bad| (bad.address, bad.into())).collect();
    for problem in &report.problems {
        let place = Address::new(problem.row, column_of(&parsed.columns, problem.column));
        problems.push((place, left_aside(place, &problem.typed, &problem.cause)));
    }
    problems.sort_by_key(|(place, _)| *place);
    let options = NeedsSheetOptions {
        site: parsed.columns.of("site_ref").is_some() || parsed.columns.of("site").is_some(),
        most: parsed.columns.of("most").is_some(),
        commitment: parsed.columns.of("commitment").is_some(),
        budget: parsed.columns.of("budget").is_some(),
        comment: parsed.columns.of("comment").is_some(),
    };
    Ok(Imported {
        report,
        problems: problems.into_iter().map(|(_, problem)| problem).collect(),
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

fn left_aside(place: Address, typed: &str, cause: &ImportCause) -> CellReport {
    let code = match cause {
        ImportCause::UnknownMember => "cell.unknown-member",
        ImportCause::UnknownItem => "need.unknown-item",
        ImportCause::UnknownSite | ImportCause::SeveralSites => "need.unknown-site",
        ImportCause::UnknownBudget => "need.unknown-budget",
        ImportCause::Cell(_) => "need.cells",
        ImportCause::Refused(refusal) => refusal.code(),
    };
    let sentence = wording::need::left_aside(typed, cause);
    CellReport::new(place, code, typed, &sentence)
}

//! What the page of a grid prints: finished texts, nothing to compute.
use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use domain::{
    Refusal, french,
    money::Cents,
    purchasing::{
        declaration::DeclarationState,
        need::{CommitmentKind, NeedColumn, NeedError},
    },
};
use uuid::Uuid;

use super::lines::{self, CellView, LotView, cell_name};
use crate::{
    actions::{
        organisations::zone_of,
        purchasing::needs::{Grid, Writer},
    },
    web::{attachments::Panel, components::Choice, format, format::filters, layout::Shell},
    wording,
};

/// What a refused form shows again.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) typed: BTreeMap<String, String>,
    /// Cells at fault: the sentence of the summary, then the one under the cell.
    pub(super) faults: BTreeMap<String, (String, String)>,
    /// A refusal that concerns no cell.
    sentence: Option<String>,
}

impl Kept {
    /// Sorts a refusal by the cells it concerns.
    pub(super) fn refused(typed: BTreeMap<String, String>, refusal: &Refusal) -> Self {
        let mut kept = Self {
            typed,
            ..Self::default()
        };
        if let Refusal::Need(NeedError::Cells(cells)) = refusal {
            for bad in cells {
                let short = wording::need::fault(&bad.typed, &bad.fault);
                let name = cell_name(bad.column, bad.item, &bad.line);
                let whole = wording::need::bad_cell(bad);
                kept.faults.insert(name, (whole, short));
            }
        } else if let Refusal::Need(NeedError::Conflicts(conflicts)) = refusal {
            for conflict in conflicts {
                let sentence = wording::need::conflict(conflict);
                let name = cell_name(conflict.column, conflict.item, &conflict.line);
                kept.faults.insert(name, (sentence.clone(), sentence));
            }
        } else {
            kept.sentence = Some(wording::refusal(refusal));
        }
        kept
    }
}

#[derive(Template)]
#[template(path = "purchasing/needs/grid.html")]
pub(super) struct NeedsPage {
    shell: Shell,
    round: Uuid,
    round_title: String,
    note: Option<String>,
    member: Uuid,
    member_name: String,
    /// The reader's own organisation.
    own: bool,
    operation: Uuid,
    badge: (&'static str, &'static str),
    deadline: String,
    deadline_relative: String,
    deadline_passed: bool,
    is_round_open: bool,
    editable: bool,
    may_withdraw: bool,
    to_reconfirm: bool,
    nothing: bool,
    officer: bool,
    answered: Option<String>,
    entered_note: Option<String>,
    previous_year: Option<String>,
    columns: Vec<ColumnView>,
    span: usize,
    total_span: usize,
    lots: Vec<LotView>,
    total: Option<Cents>,
    saved: String,
    faults: Vec<(String, String)>,
    sentence: Option<String>,
    commitments: Vec<Choice>,
    budgets: Vec<Choice>,
    with_most: bool,
    by_site: bool,
    /// How many sites the reader may answer for.
    sites: usize,
    /// The pieces of an answer that was begun.
    pieces: Option<Panel>,
}

/// A column to fill.
struct ColumnView {
    head: &'static str,
    num: bool,
}

impl NeedsPage {
    pub(super) fn of(
        shell: Shell,
        grid: &Grid,
        own: bool,
        operation: Uuid,
        kept: &Kept,
        pieces: Option<Panel>,
    ) -> Self {
        let answered = grid.declaration.state.is_answered();
        let editable = grid.writer.is_some() && grid.is_open && !answered;
        let columns = lines::columns(grid);
        let deadline = grid.declaration.deadline(&grid.round);
        let previous = grid.previous.as_ref();
        let with_previous = usize::from(previous.is_some());
        let read_only = usize::from(!editable);
        let fixed = 4 + with_previous + read_only;
        let zone = zone_of(&grid.member);
        let today = format::local(grid.now, zone).date();
        let last_day = format::local(deadline, zone).date();
        let lots: Vec<LotView> = grid
            .lots
            .iter()
            .map(|l| lines::lot(grid, l, &columns, kept))
            .collect();
        Self {
            round: grid.round.id.0,
            round_title: grid.round.title.clone(),
            note: grid.round.note.clone(),
            member: grid.member.id.0,
            member_name: grid.member.name.clone(),
            own,
            operation,
            badge: badge(grid),
            deadline: format::moment_in(deadline, zone),
            deadline_relative: french::relative_days(today, last_day),
            deadline_passed: grid.now >= deadline,
            is_round_open: grid.is_open,
            editable,
            may_withdraw: grid.writer.is_some() && grid.is_open && answered,
            to_reconfirm: grid.declaration.to_reconfirm && grid.is_open && grid.writer.is_some(),
            nothing: grid.declaration.state == DeclarationState::Nothing,
            officer: grid.writer == Some(Writer::Officer),
            answered: answered_by(grid),
            entered_note: grid.declaration.entered_note.clone(),
            previous_year: previous.map(|round| year(round.deadline, zone)),
            span: fixed + columns.len(),
            total_span: fixed + columns.len() - 1 - read_only,
            faults: summary(&lots, kept),
            columns: columns
                .iter()
                .map(|column| ColumnView {
                    head: lines::head(grid, *column),
                    num: matches!(column, NeedColumn::Quantity | NeedColumn::Most),
                })
                .collect(),
            lots,
            total: grid.amount(),
            saved: grid
                .saved_at
                .filter(|_| editable)
                .map_or(String::new(), |at| format::clock(at, zone)),
            sentence: kept.sentence.clone(),
            commitments: commitments(),
            budgets: budgets(grid),
            by_site: grid.round.columns.site,
            sites: sites(grid),
            with_most: grid.round.columns.most,
            pieces,
            shell,
        }
    }

    /// What may be chosen in a cell.
    fn choices(&self, cell: &CellView) -> &[Choice] {
        match cell.column {
            NeedColumn::Budget => &self.budgets,
            NeedColumn::Quantity
            | NeedColumn::Most
            | NeedColumn::Commitment
            | NeedColumn::Comment => &self.commitments,
        }
    }

    /// The choices of a cell, the present one marked by the template.
    fn is_chosen(&self, value: &str, choice: &Choice) -> bool {
        choice.is(value)
    }

    /// The reader's own needs, or those of the commune it types for.
    fn submit_label(&self) -> &'static str {
        if self.own {
            "Transmettre mes besoins"
        } else {
            "Transmettre ces besoins"
        }
    }

    fn nothing_label(&self) -> &'static str {
        if self.own {
            "Je n’ai rien à déclarer"
        } else {
            "Rien à déclarer"
        }
    }

    fn members_field(&self) -> String {
        if self.own {
            String::new()
        } else {
            self.member.to_string()
        }
    }

    fn query(&self) -> String {
        format!("?membre={}", self.member)
    }
}

/// Each refused cell, in the order of the page.
fn summary(lots: &[LotView], kept: &Kept) -> Vec<(String, String)> {
    let cells = lots
        .iter()
        .flat_map(|lot| &lot.lines)
        .flat_map(|line| &line.cells);
    cells
        .filter(|cell| !cell.fault.is_empty())
        .map(|cell| {
            let whole = kept.faults.get(&cell.name).map(|(whole, _)| whole.clone());
            let sentence = whole.unwrap_or_else(|| format!("{}\u{a0}: {}", cell.label, cell.fault));
            (cell.name.clone(), sentence)
        })
        .collect()
}

fn badge(grid: &Grid) -> (&'static str, &'static str) {
    match grid.declaration.state {
        _ if grid.declaration.to_reconfirm => ("warn", "À confirmer"),
        DeclarationState::Submitted => ("ok", "Transmis"),
        DeclarationState::Nothing => ("ok", "Rien à déclarer"),
        DeclarationState::NotStarted | DeclarationState::Started if !grid.is_open => {
            ("no", "Sans réponse")
        }
        DeclarationState::NotStarted | DeclarationState::Started => ("warn", "À transmettre"),
    }
}

/// « Transmis le 4 mai à 9 h 12 par Marie Lambert, pour le compte de Anstaing ».
fn answered_by(grid: &Grid) -> Option<String> {
    let at = format::day_time(grid.declaration.submitted_at?, zone_of(&grid.member));
    let by = grid.submitted_by.as_deref().unwrap_or("l’exploitant");
    Some(if grid.declaration.entered_for {
        format!(
            "Saisi le {at} par {by} pour le compte de {}",
            grid.member.name
        )
    } else {
        format!("Transmis le {at} par {by}")
    })
}

fn year(instant: chrono::DateTime<chrono::Utc>, zone: chrono_tz::Tz) -> String {
    use chrono::Datelike;
    format::local(instant, zone).year().to_string()
}

fn commitments() -> Vec<Choice> {
    CommitmentKind::ALL
        .into_iter()
        .map(|kind| {
            Choice::new(
                kind.code(),
                format::capital(wording::need::commitment_code(kind.code())),
            )
        })
        .collect()
}

/// The main budget, named by nothing, then those besides it.
fn budgets(grid: &Grid) -> Vec<Choice> {
    let annexes = grid.budgets.iter();
    std::iter::once(Choice::new("", lines::MAIN_BUDGET))
        .chain(annexes.map(|budget| Choice::new(budget.id.to_string(), budget.name.clone())))
        .collect()
}

fn sites(grid: &Grid) -> usize {
    let sites = grid.lines().filter_map(|line| line.site.as_ref());
    let ids: BTreeSet<_> = sites.map(|site| site.id).collect();
    ids.len()
}

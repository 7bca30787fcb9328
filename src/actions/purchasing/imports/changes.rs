//! What the rows of a file change in one member's grid, cell by cell.
use std::collections::BTreeMap;

use domain::{
    budget, french,
    identity::{BudgetId, ItemId},
    purchasing::need::{Draft, NeedColumn},
    quantity::Quantity,
    text::search_text,
};

use super::{
    super::needs::{Grid, Line},
    ImportCause, ImportChange, ImportColumn, ImportLine, ImportProblem, ImportReport, SiteCell,
};

/// A cell at fault, what stands in it and why.
type Fault = (ImportColumn, String, ImportCause);

fn one(column: ImportColumn, typed: impl Into<String>, cause: ImportCause) -> Vec<Fault> {
    vec![(column, typed.into(), cause)]
}

/// The lines of a member that change, each once as it will stand: the last row about it decides.
pub(super) fn touched(grid: &Grid, lines: &[&ImportLine], report: &mut ImportReport) -> Vec<Draft> {
    let mut touched: BTreeMap<(ItemId, String), Draft> = BTreeMap::new();
    for line in lines {
        match change(grid, line) {
            Ok((_, changes)) if changes.is_empty() => report.unchanged += 1,
            Ok((after, changes)) => {
                report.changes.extend(changes);
                touched.insert((after.item, after.line.clone()), after);
            }
            Err(faults) => {
                let problem = |(column, typed, cause): Fault| ImportProblem {
                    row: line.row,
                    column,
                    typed,
                    cause,
                };
                report.problems.extend(faults.into_iter().map(problem));
            }
        }
    }
    touched.into_values().collect()
}

/// The line as it will stand, and each cell that changes.
fn change(grid: &Grid, line: &ImportLine) -> Result<(Draft, Vec<ImportChange>), Vec<Fault>> {
    let shown = find(grid, line)?;
    let after = after(grid, shown, line)?;
    let changed: Vec<NeedColumn> = NeedColumn::ALL
        .into_iter()
        .filter(|column| after.text(*column) != shown.draft.text(*column))
        .collect();
    let faults = after.faults(&shown.measure);
    if !changed.is_empty() && !faults.is_empty() {
        let fault = |bad: domain::purchasing::need::BadCell| {
            let column = ImportColumn::Cell(bad.column);
            (column, bad.typed, ImportCause::Cell(bad.fault))
        };
        return Err(faults.into_iter().map(fault).collect());
    }
    let changes = changed.into_iter().map(|column| ImportChange {
        row: line.row,
        member: grid.member.name.clone(),
        reference: shown.measure.reference.clone(),
        title: shown.item.title.clone(),
        column,
        before: text(grid, &shown.draft, column),
        after: text(grid, &after, column),
    });
    Ok((after.clone(), changes.collect()))
}

/// The line of the grid that a row is about.
fn find<'g>(grid: &'g Grid, line: &ImportLine) -> Result<&'g Line, Vec<Fault>> {
    let of_item = || grid.lines().filter(|shown| shown.item.id == line.item);
    if of_item().next().is_none() {
        let typed = line.item.to_string();
        return Err(one(
            ImportColumn::Reference,
            typed,
            ImportCause::UnknownItem,
        ));
    }
    let unknown = |typed: String| one(ImportColumn::Site, typed, ImportCause::UnknownSite);
    match &line.site {
        SiteCell::Blank => grid
            .line(line.item, "")
            .ok_or_else(|| unknown(String::new())),
        SiteCell::Known(site) => grid
            .line(line.item, &site.to_string())
            .ok_or_else(|| unknown(site.to_string())),
        SiteCell::Typed(typed) => {
            let mut named = of_item().filter(|shown| answers_to(shown, typed));
            let found = named.next().ok_or_else(|| unknown(typed.clone()))?;
            if named.next().is_some() {
                let several = ImportCause::SeveralSites;
                return Err(one(ImportColumn::Site, typed.as_str(), several));
            }
            Ok(found)
        }
    }
}

/// Whether the site of a line has this name or bears this number.
fn answers_to(line: &Line, typed: &str) -> bool {
    let Some(site) = &line.site else { return false };
    let number = site.kind.read_number(typed).ok();
    let same_number = number.is_some() && site.reference == number;
    same_number || search_text(&site.name) == search_text(typed)
}

fn after(grid: &Grid, shown: &Line, line: &ImportLine) -> Result<Draft, Vec<Fault>> {
    let text = |quantity: Option<Quantity>| quantity.map(french::quantity).unwrap_or_default();
    let mut after = shown.draft.clone();
    let measure = &shown.measure;
    after.set(NeedColumn::Quantity, &text(line.quantity), measure);
    if let Some(most) = line.most {
        after.set(NeedColumn::Most, &text(most), measure);
    }
    if let Some(commitment) = line.commitment {
        after.commitment = commitment;
    }
    if let Some(budget) = &line.budget {
        after.budget = self::budget(grid, budget.as_deref())?;
    }
    if let Some(comment) = &line.comment {
        after.set(
            NeedColumn::Comment,
            comment.as_deref().unwrap_or(""),
            measure,
        );
    }
    Ok(after)
}

/// A budget by its name or its SIRET; none for the main one.
fn budget(grid: &Grid, typed: Option<&str>) -> Result<Option<BudgetId>, Vec<Fault>> {
    let typed = typed.unwrap_or("");
    budget::named(&grid.budgets, typed).ok_or_else(|| {
        let column = ImportColumn::Cell(NeedColumn::Budget);
        one(column, typed, ImportCause::UnknownBudget)
    })
}

/// What a person reads in a cell: a budget by its name.
fn text(grid: &Grid, draft: &Draft, column: NeedColumn) -> String {
    let budget = draft.budget.and_then(|id| grid.budget(id));
    match (column, budget) {
        (NeedColumn::Budget, Some(budget)) => budget.name.clone(),
        (_, _) => draft.text(column),
    }
}

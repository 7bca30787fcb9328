//! The lots, lines and cells of the needs grid, as finished texts.
use domain::{
    identity::ItemId,
    money::{Cents, UnitPrice},
    purchasing::need::NeedColumn,
    quantity::Quantity,
};

use super::view::Kept;
use crate::{
    actions::purchasing::needs::{Grid, Line, LotLines},
    web::format,
    wording,
};

/// What a line without budget is paid by.
pub(super) const MAIN_BUDGET: &str = "Principal";

/// A lot and its lines.
pub(super) struct LotView {
    pub title: String,
    pub lines: Vec<LineView>,
}

/// One line to fill or to read.
pub(super) struct LineView {
    /// The item's number and title, above the first of its sites.
    pub heading: Option<(String, String)>,
    /// The number before the title; none for a site, which stands under its item.
    pub reference: String,
    pub title: String,
    /// The number of the meter or the plate of the vehicle.
    pub hint: String,
    pub unit: String,
    pub price: Option<UnitPrice>,
    /// In millionths of a euro, for the script.
    pub price_micro: i64,
    pub previous: Option<Quantity>,
    pub cells: Vec<CellView>,
    pub amount: Option<Cents>,
    /// What all members ask of the item, once for all its sites.
    pub total: Option<Quantity>,
    pub members: i64,
    pub others: Vec<(String, Quantity)>,
    pub bad: bool,
}

/// One cell of a line.
pub(super) struct CellView {
    pub column: NeedColumn,
    pub name: String,
    pub kind: &'static str,
    pub script: &'static str,
    pub head: &'static str,
    pub label: String,
    /// What stands in the box.
    pub value: String,
    /// What stands in the database.
    pub was: String,
    /// What is read when nothing may be typed.
    pub shown: String,
    pub fault: String,
}

/// The name of a cell in forms: its column, its item and, site by site, its site.
pub(super) fn cell_name(column: NeedColumn, item: ItemId, line: &str) -> String {
    match line {
        "" => format!("{}.{item}", column.code()),
        line => format!("{}.{item}.{line}", column.code()),
    }
}

/// The columns to fill, from left to right.
pub(super) fn columns(grid: &Grid) -> Vec<NeedColumn> {
    let asked = grid.round.columns;
    NeedColumn::ALL
        .into_iter()
        .filter(|column| match column {
            NeedColumn::Quantity => true,
            NeedColumn::Most => asked.most,
            NeedColumn::Commitment => asked.commitment,
            NeedColumn::Budget => !grid.budgets.is_empty(),
            NeedColumn::Comment => asked.comment,
        })
        .collect()
}

/// What stands at the head of a column.
pub(super) fn head(grid: &Grid, column: NeedColumn) -> &'static str {
    match column {
        NeedColumn::Quantity if grid.round.columns.most => "Quantité ferme",
        NeedColumn::Quantity => "Quantité",
        NeedColumn::Most => "Possible, jusqu’à",
        NeedColumn::Commitment => "Engagement",
        NeedColumn::Budget => "Budget",
        NeedColumn::Comment => "Commentaire",
    }
}

/// A lot, ready to print.
pub(super) fn lot(grid: &Grid, lot: &LotLines, columns: &[NeedColumn], kept: &Kept) -> LotView {
    let mut lines = Vec::with_capacity(lot.lines.len());
    let mut above: Option<ItemId> = None;
    for one in &lot.lines {
        let mut shown = line(grid, one, columns, kept);
        let first = above != Some(one.item.id);
        above = Some(one.item.id);
        let count = lot.lines.iter().filter(|l| l.item.id == one.item.id);
        let by_site = one.site.is_some() || count.count() > 1;
        if by_site {
            let heading = (one.reference.clone(), one.item.title.clone());
            shown.heading = first.then_some(heading);
            shown.reference.clear();
            let site = one.site.as_ref();
            shown.title = site.map_or_else(|| "Sans site".to_owned(), |site| site.name.clone());
            shown.hint = site.and_then(|s| s.reference.clone()).unwrap_or_default();
        }
        if !first {
            shown.total = None;
        }
        lines.push(shown);
    }
    LotView {
        title: format!("Lot {} · {}", lot.lot.number, lot.lot.title),
        lines,
    }
}

fn line(grid: &Grid, line: &Line, columns: &[NeedColumn], kept: &Kept) -> LineView {
    let faults = line.draft.faults(&line.measure);
    let cells: Vec<CellView> = columns
        .iter()
        .map(|column| {
            let fault = faults.iter().find(|bad| bad.column == *column);
            let fault = fault.map(|bad| wording::need::fault(&bad.typed, &bad.fault));
            cell(grid, line, *column, (fault, kept))
        })
        .collect();
    let name = |id| grid.names.get(id).cloned().unwrap_or_default();
    LineView {
        heading: None,
        reference: line.reference.clone(),
        title: line.item.title.clone(),
        hint: String::new(),
        unit: line.item.unit.clone(),
        price: line.item.unit_price,
        price_micro: line.item.unit_price.map_or(0, |price| price.0),
        previous: line.previous,
        amount: line.amount(),
        total: Some(line.total.quantity),
        members: line.total.members,
        others: line.others.iter().map(|(id, q)| (name(id), *q)).collect(),
        bad: cells.iter().any(|cell| !cell.fault.is_empty()),
        cells,
    }
}

fn cell(
    grid: &Grid,
    line: &Line,
    column: NeedColumn,
    (fault, kept): (Option<String>, &Kept),
) -> CellView {
    let name = cell_name(column, line.item.id, &line.draft.line);
    let was = line.draft.text(column);
    let refused = kept.faults.get(&name).map(|(_, short)| short.clone());
    let shown = match column {
        NeedColumn::Commitment => format::capital(wording::need::commitment_code(&was)),
        NeedColumn::Budget => {
            let budget = line.draft.budget.and_then(|id| grid.budget(id));
            budget.map_or_else(|| MAIN_BUDGET.to_owned(), |budget| budget.name.clone())
        }
        NeedColumn::Quantity | NeedColumn::Most | NeedColumn::Comment => was.clone(),
    };
    let (kind, script) = match column {
        NeedColumn::Quantity => ("figure", "firm"),
        NeedColumn::Most => ("figure", "max"),
        NeedColumn::Commitment => ("choice", "commitment"),
        NeedColumn::Budget => ("choice", "budget"),
        NeedColumn::Comment => ("text", "comment"),
    };
    let subject = match &line.site {
        Some(site) => format!("{}, {}", line.item.title, site.name),
        None => line.item.title.clone(),
    };
    CellView {
        column,
        value: kept
            .typed
            .get(&name)
            .cloned()
            .unwrap_or_else(|| was.clone()),
        kind,
        script,
        head: head(grid, column),
        label: format!("{subject}, {}", wording::need::column(column)),
        shown,
        fault: refused.or(fault).unwrap_or_default(),
        name,
        was,
    }
}

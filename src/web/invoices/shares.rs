//! The table of a split: who pays how much of what, and how far from the exact part.

use domain::{allocation::Fraction, french, money::Cents, purchasing::payer::Payer};

use super::super::components::{Pages, Sort};
use super::split::payer_query;
use crate::{
    actions::{
        Error,
        purchasing::allocations::{Debtor, Overview},
    },
    exchange::allocations::{Cells, cells, heads, keys, named, weights},
};

/// How many members a page shows.
const ROWS: u32 = 100;
/// More columns of amounts than this are summed as net and taxes, and opened on demand.
const COLUMNS: usize = 4;
/// The same beside an explanation, which takes a third of the width.
const COLUMNS_BESIDE: usize = 3;
/// More keys than this are left to the detailed reading.
const KEYS: usize = 2;
/// The same beside an explanation.
const KEYS_BESIDE: usize = 1;

/// How the table was asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct View {
    /// Whose share is explained beside.
    pub payer: Option<Payer>,
    /// Every line and tax in its column, however many.
    pub detailed: bool,
    /// Largest amounts first, or last, instead of by name.
    pub by_gross: bool,
    pub descending: bool,
    pub page: Option<u32>,
}

/// The table as its page draws it.
pub(super) struct ShareTable {
    pub sort: Sort,
    pub keys: Vec<String>,
    pub heads: Vec<String>,
    pub rows: Vec<Row>,
    pub totals: Vec<Cents>,
    pub gross: Cents,
    /// Whether exact parts are known, which a gap needs.
    pub has_gaps: bool,
    /// The sum of the gaps of everyone, on this page or not: what one pays more, others pay less.
    pub gap: String,
    pub pages: Pages,
    /// Where the other reading is, and what it is called.
    pub other: Option<(String, &'static str)>,
    /// Every column at once: printed on its side.
    pub wide: bool,
}

/// One amount of a payer.
pub(super) struct Cell {
    pub amount: Cents,
    /// Where it is explained; empty for a sum and for nothing.
    pub href: String,
    /// What it is of.
    pub head: String,
}

/// One payer.
pub(super) struct Row {
    pub name: String,
    pub href: String,
    /// The same for one amount, but for its place.
    part: String,
    pub statement: String,
    pub current: bool,
    /// The member's figure in each key, as typed.
    pub weights: Vec<String>,
    pub cells: Vec<Cell>,
    pub gross: Cents,
    pub gap: String,
}

impl ShareTable {
    pub(super) fn new(o: &Overview, href: &str, view: View) -> Result<Self, Error> {
        let cells = cells(o)?;
        let columns = Columns::of(o, view);
        let order = order(o, view);
        let page = page_of(&order, view);
        let exact = o.deviations()?;
        let count = u32::try_from(order.len()).unwrap_or(u32::MAX);
        let skip = usize::try_from((page - 1) * ROWS).unwrap_or(usize::MAX);
        let take = usize::try_from(ROWS).unwrap_or(usize::MAX);
        let heads = columns.heads(o);
        let mut rows = Vec::new();
        for debtor in order.into_iter().skip(skip).take(take) {
            let own = cells.get(&debtor.payer).map(Vec::as_slice);
            let row = row(o, href, view, &columns.keys, debtor);
            rows.push(Row {
                cells: columns.cells(&heads, own.unwrap_or_default(), &row.part)?,
                gap: gap(exact.get(&debtor.case_id)),
                ..row
            });
        }
        let sums = sums(o, &cells)?;
        Ok(Self {
            sort: Sort::new(
                if view.by_gross { "ttc" } else { "membre" },
                view.descending,
                if view.detailed { "detail=oui" } else { "" },
            ),
            keys: columns.keys.iter().map(|key| named(o, key)).collect(),
            heads,
            totals: columns.shown(&sums)?,
            gross: Cents::checked_sum(sums.iter().copied())?,
            has_gaps: !exact.is_empty(),
            gap: gap(exact
                .values()
                .cloned()
                .reduce(|sum, one| sum.plus(&one))
                .as_ref()),
            pages: Pages::new(page, ROWS, count, &kept(view)),
            other: columns.other(href, view),
            wide: view.detailed,
            rows,
        })
    }
}

/// Which columns are shown.
struct Columns {
    /// The lines come before the taxes.
    lines: usize,
    /// There are too many columns for a page.
    many: bool,
    /// They are summed as net and taxes.
    summed: bool,
    keys: Vec<String>,
}

impl Columns {
    fn of(o: &Overview, view: View) -> Self {
        let beside = view.payer.is_some();
        let (columns_max, keys_max) = if beside {
            (COLUMNS_BESIDE, KEYS_BESIDE)
        } else {
            (COLUMNS, KEYS)
        };
        let many = heads(o).len() > columns_max;
        let mut keys = keys(o);
        if !view.detailed && keys.len() > keys_max {
            // They would push the amounts out of sight.
            keys.clear();
        }
        Self {
            lines: o.invoice.lines.len(),
            many,
            summed: many && !view.detailed,
            keys,
        }
    }

    fn heads(&self, o: &Overview) -> Vec<String> {
        if self.summed {
            vec!["HT".to_owned(), "Taxes".to_owned()]
        } else {
            heads(o)
        }
    }

    fn shown(&self, all: &[Cents]) -> Result<Vec<Cents>, Error> {
        if !self.summed {
            return Ok(all.to_vec());
        }
        let (net, taxes) = all.split_at(self.lines.min(all.len()));
        let sum = |part: &[Cents]| Cents::checked_sum(part.iter().copied());
        Ok(vec![sum(net)?, sum(taxes)?])
    }

    /// The amounts of a payer, each with where it is explained.
    fn cells(&self, heads: &[String], own: &[Cents], part: &str) -> Result<Vec<Cell>, Error> {
        let shown = self.shown(own)?;
        let places = (1_usize..).zip(heads.iter().zip(shown));
        let cell = |(place, (head, amount)): (usize, (&String, Cents))| Cell {
            href: match amount.is_zero() || self.summed {
                true => String::new(),
                false => format!("{part}&montant={place}#pourquoi"),
            },
            head: head.clone(),
            amount,
        };
        Ok(places.map(cell).collect())
    }

    fn other(&self, href: &str, view: View) -> Option<(String, &'static str)> {
        if view.detailed {
            return Some((href.to_owned(), "Montrer les totaux seulement"));
        }
        let name = "Montrer chaque ligne et chaque taxe";
        self.many.then(|| (format!("{href}?detail=oui"), name))
    }
}

/// The sum of each column, over every member.
pub(super) fn sums(o: &Overview, cells: &Cells) -> Result<Vec<Cents>, Error> {
    let mut sums = vec![Cents::ZERO; heads(o).len()];
    for row in cells.values() {
        for (sum, cell) in sums.iter_mut().zip(row) {
            *sum = sum.checked_add(*cell)?;
        }
    }
    Ok(sums)
}

fn row(o: &Overview, href: &str, view: View, keys: &[String], debtor: &Debtor) -> Row {
    let kept = kept(view);
    let and = if kept.is_empty() { "" } else { "&" };
    let payer = payer_query(debtor.payer);
    Row {
        name: debtor.name.clone(),
        href: format!("{href}?{kept}{and}{payer}#pourquoi"),
        part: format!("{href}?{kept}{and}{payer}"),
        statement: debtor
            .statement
            .map_or_else(String::new, |id| format!("/decomptes/{id}")),
        current: view.payer == Some(debtor.payer),
        weights: weights(o, keys, &debtor.case_id),
        cells: Vec::new(),
        gross: debtor.total.gross,
        gap: String::new(),
    }
}

/// The payers in the order asked for.
fn order(o: &Overview, view: View) -> Vec<&Debtor> {
    let mut order: Vec<&Debtor> = o.debtors.iter().collect();
    if view.by_gross {
        order.sort_by_key(|debtor| debtor.total.gross);
    }
    if view.descending {
        order.reverse();
    }
    order
}

/// The page asked for; else the one of the payer who is explained.
fn page_of(order: &[&Debtor], view: View) -> u32 {
    let count = u32::try_from(order.len()).unwrap_or(u32::MAX);
    let last = count.div_ceil(ROWS).max(1);
    let place = order.iter().position(|d| Some(d.payer) == view.payer);
    let of_payer = place.and_then(|place| u32::try_from(place).ok());
    let of_payer = of_payer.map_or(1, |place| place / ROWS + 1);
    view.page.unwrap_or(of_payer).clamp(1, last)
}

/// The rest of the query: the reading and the order, not the page.
fn kept(view: View) -> String {
    let mut kept = Vec::new();
    if view.detailed {
        kept.push("detail=oui");
    }
    if view.by_gross {
        kept.push("tri=ttc");
    }
    if view.descending {
        kept.push("ordre=desc");
    }
    kept.join("&")
}

/// « +0,12 » cents.
fn gap(exact: Option<&Fraction>) -> String {
    let Some(exact) = exact else {
        return String::new();
    };
    let text = exact.as_hundredths_of_cent();
    let plus = if text.starts_with('-') || text == "0.00" {
        ""
    } else {
        "+"
    };
    format!("{plus}{}", french::decimal(&text))
}

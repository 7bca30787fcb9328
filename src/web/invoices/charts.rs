//! The charts of a split, each with its table twin.
use std::collections::BTreeMap;

use domain::{allocation::Totals, french, purchasing::payer::Payer};

use crate::actions::purchasing::allocations::Debtor;

use super::super::components::{Bar, BarChart, ColumnChart, Twin};

/// How many members the bars name; the others are in the table.
const BARS: usize = 8;

/// The bands of gross shares, in euros.
const BANDS: [(i64, &str); 6] = [
    (15, "moins de 15 €"),
    (300, "de 15 à 299 €"),
    (600, "de 300 à 599 €"),
    (1_000, "de 600 à 999 €"),
    (3_000, "de 1 000 à 2 999 €"),
    (i64::MAX, "3 000 € et plus"),
];

type Sums = BTreeMap<Payer, Totals>;

/// The members who pay the most, net and tax apart.
pub(super) fn largest(debtors: &[Debtor]) -> BarChart {
    let mut payers: Vec<(&str, Totals)> = debtors
        .iter()
        .filter(|debtor| debtor.statement.is_some())
        .map(|debtor| (debtor.name.as_str(), debtor.total))
        .collect();
    payers.sort_by_key(|(name, total)| (total.gross.0.saturating_abs().saturating_neg(), *name));
    let bars = payers.iter().take(BARS).map(|(name, total)| Bar {
        label: (*name).to_owned(),
        value: french::euros(total.gross),
        parts: vec![total.net.0.saturating_abs(), total.tax.0.saturating_abs()],
    });
    let rows = payers.iter().take(BARS).map(|(name, total)| {
        let figures = [total.net, total.tax, total.gross].map(french::euros);
        let mut row = vec![(*name).to_owned()];
        row.extend(figures);
        row
    });
    let twin = Twin {
        heads: ["Membre", "HT", "Taxes", "TTC"].map(str::to_owned).into(),
        rows: rows.collect(),
    };
    BarChart::new(
        "plus-grandes",
        "Les plus grandes quotes-parts",
        bars.collect(),
        twin,
    )
    .keyed(["HT", "Taxes"])
}

/// How many members pay how much.
pub(super) fn bands(totals: &Sums) -> ColumnChart {
    let mut counted: Vec<(String, i64, i64)> = BANDS
        .iter()
        .map(|(_, label)| ((*label).to_owned(), 0, 0))
        .collect();
    for total in totals.values() {
        let cents = total.gross.0.saturating_abs();
        let place = BANDS
            .iter()
            .position(|(limit, _)| cents < limit.saturating_mul(100));
        if let Some(band) = place.and_then(|place| counted.get_mut(place)) {
            band.1 += 1;
            band.2 = band.2.saturating_add(total.gross.0);
        }
    }
    let rows = counted.iter().map(|(label, count, cents)| {
        let sum = french::euros(domain::money::Cents(*cents));
        vec![label.clone(), french::integer(*count), sum]
    });
    let twin = Twin {
        heads: ["Quote-part TTC", "Membres", "Total TTC"]
            .map(str::to_owned)
            .into(),
        rows: rows.collect(),
    };
    let columns: Vec<(String, i64)> = counted
        .iter()
        .zip(["< 15 €", "< 300", "< 600", "< 1 000", "< 3 000", "≥ 3 000"])
        .map(|((_, count, _), label)| (label.to_owned(), *count))
        .collect();
    ColumnChart::new(
        "tranches",
        "Membres par tranche de quote-part TTC",
        &columns,
        twin,
    )
}

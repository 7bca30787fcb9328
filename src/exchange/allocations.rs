//! The whole table of a split: who pays how much of what, as the page and the files show it.
use std::collections::BTreeMap;

use domain::{
    allocation::TaxGroup,
    french::{self, NBSP},
    identity::InvoiceLineId,
    money::Cents,
    purchasing::payer::Payer,
};

use crate::{
    actions::{Error, purchasing::allocations::Overview},
    documents::writing::{Column, Kind, ProofLine, Table, Value},
    wording,
};

/// A member that has no figure in a key.
const NO_FIGURE: &str = "—";

/// Every payer's shares in the order of the heads.
pub type Cells = BTreeMap<Payer, Vec<Cents>>;

/// The keys that rules read, each once.
#[must_use]
pub fn keys(o: &Overview) -> Vec<String> {
    let mut keys: Vec<String> = o.case.keys().map(str::to_owned).collect();
    keys.sort();
    keys.dedup();
    keys
}

/// A key as people name it; delivered quantities, by the line they were delivered for.
#[must_use]
pub fn named(o: &Overview, key: &str) -> String {
    let delivered = key.strip_prefix("delivered ").and_then(|id| {
        let line = o.invoice.lines.iter().find(|line| line.case_id() == id)?;
        Some(format!("Livré{NBSP}: {}", line.label))
    });
    delivered.unwrap_or_else(|| french::capital(&wording::invoice::case_key(key)))
}

/// One column for each line, one for each tax.
#[must_use]
pub fn heads(o: &Overview) -> Vec<String> {
    let lines = o.invoice.lines.iter().map(|l| format!("{} HT", l.label));
    let taxes = o.invoice.taxes.iter();
    lines
        .chain(taxes.map(|tax| wording::allocation::tax(tax.group)))
        .collect()
}

/// Reads the shares once: a large grouping has hundreds of thousands of them.
///
/// # Errors
/// A sum that does not fit.
pub fn cells(o: &Overview) -> Result<Cells, Error> {
    let invoice = &o.invoice;
    let lines: BTreeMap<InvoiceLineId, usize> =
        invoice.lines.iter().map(|line| line.id).zip(0..).collect();
    let taxes: BTreeMap<TaxGroup, usize> = invoice
        .taxes
        .iter()
        .map(|tax| tax.group)
        .zip(invoice.lines.len()..)
        .collect();
    let empty = vec![Cents::ZERO; lines.len() + taxes.len()];
    let debtors = o.debtors.iter();
    let mut cells: Cells = debtors.map(|d| (d.payer, empty.clone())).collect();
    let shares = o.shares.lines.iter();
    let shares = shares.map(|share| (share.payer(), lines.get(&share.line), share.net));
    let of_tax = o.shares.taxes.iter();
    let of_tax = of_tax.map(|share| (share.payer(), taxes.get(&share.group), share.tax));
    for (payer, place, amount) in shares.chain(of_tax) {
        let row = cells.get_mut(&payer);
        let cell = row.zip(place).and_then(|(row, place)| row.get_mut(*place));
        if let Some(cell) = cell {
            *cell = cell.checked_add(amount)?;
        }
    }
    Ok(cells)
}

/// A member's figure in each key, in French; a dash when it has none.
#[must_use]
pub fn weights(o: &Overview, keys: &[String], id: &str) -> Vec<String> {
    let member = o.case.members.iter().find(|member| member.id == id);
    keys.iter()
        .map(|key| {
            let weight = member.and_then(|member| member.keys.get(key));
            weight.map_or_else(
                || NO_FIGURE.to_owned(),
                |weight| french::decimal(&weight.to_string()),
            )
        })
        .collect()
}

/// What the file of a split is called, without its format.
#[must_use]
pub fn file_name(o: &Overview) -> String {
    format!("repartition-{}", o.invoice.number)
}

/// What the file that proves a split is called, without its format.
#[must_use]
pub fn dossier_name(o: &Overview) -> String {
    format!("dossier-{}-{}", o.invoice.number, o.run.run)
}

/// The whole table of a split, with its control sums.
///
/// # Errors
/// A sum that does not fit.
pub fn table(o: &Overview) -> Result<Table, Error> {
    let keys = keys(o);
    let mut rows = Vec::new();
    let all = cells(o)?;
    let mut sums = vec![Cents::ZERO; heads(o).len() + 1];
    for debtor in &o.debtors {
        let id = debtor.case_id.clone();
        let weights = weights(o, &keys, &id);
        let mut row = vec![Value::Text(id), Value::Text(debtor.name.clone())];
        row.extend(weights.into_iter().map(Value::Text));
        let mut cells = all.get(&debtor.payer).cloned().unwrap_or_default();
        cells.push(Cents::checked_sum(cells.iter().copied())?);
        for (sum, cell) in sums.iter_mut().zip(&cells) {
            *sum = sum.checked_add(*cell)?;
        }
        row.extend(cells.into_iter().map(Value::Amount));
        rows.push(row);
    }
    let mut totals = vec![Value::Text("Total".to_owned()), Value::Empty];
    totals.extend(keys.iter().map(|_| Value::Empty));
    totals.extend(sums.iter().copied().map(Value::Amount));
    Ok(Table {
        title: "Répartition".to_owned(),
        written_at: o.run.made_at,
        columns: columns(o, &keys),
        rows,
        totals: Some(totals),
        proof: proof(o, sums.last().copied().unwrap_or_default())?,
    })
}

fn columns(o: &Overview, keys: &[String]) -> Vec<Column> {
    let fixed = ["SIREN", "Membre"].map(str::to_owned).into_iter();
    let texts = fixed.chain(keys.iter().map(|key| named(o, key)));
    let amounts = heads(o).into_iter().chain(["TTC".to_owned()]);
    texts
        .map(|head| Column::new(head, Kind::Text))
        .chain(amounts.map(|head| Column::new(head, Kind::Amount)))
        .collect()
}

fn proof(o: &Overview, sum: Cents) -> Result<Vec<ProofLine>, Error> {
    let line = |label: &str, value| ProofLine {
        label: label.to_owned(),
        value,
    };
    let text = |text: &str| Value::Text(text.to_owned());
    let gap = o.invoice.printed.gross.checked_sub(sum)?;
    Ok(vec![
        line("Facture TTC", Value::Amount(o.invoice.printed.gross)),
        line("Somme des quotes-parts", Value::Amount(sum)),
        line("Écart", Value::Amount(gap)),
        line("Algorithme", text(&o.run.algorithm)),
        line("Empreinte des données", text(&o.run.input_sha256)),
        line("Empreinte du résultat", text(&o.run.output_sha256)),
    ])
}

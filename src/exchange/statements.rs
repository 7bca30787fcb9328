//! The statement of a member as a table, numbers as numbers, with its proof.
use domain::{french, money::Cents};

use crate::{
    actions::purchasing::{
        allocations::{Explained, Part},
        statements::Complete,
    },
    documents::writing::{Column, Kind, ProofLine, Table, Value},
    wording,
};

/// A share for people: what it is of, its exact part in euros, its cents.
#[derive(Clone, Debug)]
pub struct PartText {
    pub label: String,
    /// Its place among the amounts of the invoice, from 1.
    pub place: usize,
    /// « 30 % à parts égales, 70 % selon la population municipale 2026 ».
    pub rule: String,
    pub basis: String,
    pub total: Cents,
    /// With four decimals.
    pub exact: String,
    pub share: Cents,
    pub is_tax: bool,
}

/// Every share of a member, ready to print.
#[must_use]
pub fn parts_of(parts: &[Explained]) -> Vec<PartText> {
    let text = |explained: &Explained| PartText {
        label: label(&explained.part),
        place: explained.place,
        rule: french::capital(&wording::explanation::rule(&explained.why.origin)),
        basis: wording::explanation::basis(&explained.why.origin),
        total: explained.why.total,
        exact: french::decimal(&explained.why.exact.as_short_euros()),
        share: explained.why.share,
        is_tax: matches!(explained.part, Part::Tax(_)),
    };
    parts.iter().map(text).collect()
}

/// What a share is of.
#[must_use]
pub fn label(part: &Part) -> String {
    match part {
        Part::Line(line) => line.label.clone(),
        Part::Tax(group) => wording::allocation::tax(*group),
    }
}

/// What the file of a statement is called, without its format.
#[must_use]
pub fn file_name(s: &Complete) -> String {
    format!("decompte-{}", s.statement.number)
}

/// The table of a statement.
#[must_use]
pub fn table(s: &Complete) -> Table {
    let payer = s.run.debtor(s.statement.payer());
    let payer = payer.map_or_else(|| s.member.name.clone(), |debtor| debtor.name.clone());
    let mut columns = vec![
        Column::new("SIREN", Kind::Text),
        Column::new("Payeur", Kind::Text),
        Column::new("Ligne", Kind::Text),
        Column::new("Nature", Kind::Text),
        Column::new("Clé", Kind::Text),
        Column::new("Facture", Kind::Amount),
        Column::new("Part exacte", Kind::Exact),
        Column::new("Votre part", Kind::Amount),
    ];
    if s.change.is_some() {
        columns.push(Column::new("Part précédente", Kind::Amount));
        columns.push(Column::new("Écart", Kind::Amount));
    }
    let parts = parts_of(&s.parts).into_iter().zip(&s.parts);
    let rows = parts.map(|(part, explained)| {
        let exact = explained.why.exact.as_ten_thousandths();
        let nature = if part.is_tax { "Taxe" } else { "HT" };
        let mut row = vec![
            Value::Text(s.statement.case_id.clone()),
            Value::Text(payer.clone()),
            Value::Text(part.label),
            Value::Text(nature.to_owned()),
            Value::Text(part.basis),
            Value::Amount(part.total),
            exact.map_or(Value::Empty, Value::Exact),
            Value::Amount(part.share),
        ];
        row.extend(moved(s, &explained.part));
        row
    });
    let (run, own) = (&s.run.run, s.statement.total);
    let mut totals = vec![
        Value::Text("Total TTC".to_owned()),
        Value::Empty,
        Value::Empty,
        Value::Empty,
        Value::Empty,
        Value::Amount(run.total.gross),
        Value::Empty,
        Value::Amount(own.gross),
    ];
    if let Some(change) = &s.change {
        totals.push(Value::Amount(change.previous.gross));
        totals.push(Value::Amount(change.difference.gross));
    }
    let proof = |label: &str, value| ProofLine {
        label: label.to_owned(),
        value,
    };
    let text = |text: &str| Value::Text(text.to_owned());
    Table {
        title: format!("Décompte {}", s.statement.number),
        written_at: run.made_at,
        columns,
        rows: rows.collect(),
        totals: Some(totals),
        proof: vec![
            proof("Total HT", Value::Amount(own.net)),
            proof("Total des taxes", Value::Amount(own.tax)),
            proof("Total TTC", Value::Amount(own.gross)),
            proof("Facture", text(&s.run.invoice.number)),
            proof("Empreinte des données", text(&run.input_sha256)),
            proof("Empreinte du résultat", text(&run.output_sha256)),
        ],
    }
}

/// The share of the run before and the difference, on a correction.
fn moved(s: &Complete, part: &Part) -> Vec<Value> {
    let Some(change) = &s.change else {
        return Vec::new();
    };
    let same = |other: &Part| match (part, other) {
        (Part::Line(one), Part::Line(other)) => one.id == other.id,
        (Part::Tax(one), Part::Tax(other)) => one == other,
        (Part::Line(_), Part::Tax(_)) | (Part::Tax(_), Part::Line(_)) => false,
    };
    match change.rows.iter().find(|row| same(&row.part)) {
        Some(row) => vec![Value::Amount(row.previous), Value::Amount(row.difference)],
        None => vec![Value::Empty, Value::Empty],
    }
}

//! A statement to take away: CSV and XLSX, numbers as numbers, with its proof.
use axum::extract::{Path, State};
use domain::identity::StatementId;

use super::super::{
    invoices::{file, parts_of},
    page::Answer,
    session::Person,
};
use crate::{
    actions::{
        App, Error,
        purchasing::statements::{self, Complete},
    },
    documents::writing::{Column, Kind, ProofLine, Table, Value},
};

pub(super) async fn download(
    State(app): State<App>,
    person: Person,
    Path((id, format)): Path<(String, String)>,
) -> Answer {
    let id: StatementId = id.parse().ok().ok_or(Error::NotFound)?;
    let s = statements::find(&app, &person.actor, id).await?;
    let name = format!("decompte-{}", s.statement.number);
    Ok(file(&table(&s), &format, &name)?)
}

fn table(s: &Complete) -> Table {
    let payer = s.run.debtor(s.statement.payer());
    let payer = payer.map_or_else(|| s.member.name.clone(), |debtor| debtor.name.clone());
    let columns = vec![
        Column::new("SIREN", Kind::Text),
        Column::new("Payeur", Kind::Text),
        Column::new("Ligne", Kind::Text),
        Column::new("Nature", Kind::Text),
        Column::new("Clé", Kind::Text),
        Column::new("Facture", Kind::Amount),
        Column::new("Part exacte", Kind::Text),
        Column::new("Votre part", Kind::Amount),
    ];
    let rows = parts_of(&s.parts).into_iter().map(|part| {
        let nature = if part.is_tax { "Taxe" } else { "HT" };
        vec![
            Value::Text(s.statement.case_id.clone()),
            Value::Text(payer.clone()),
            Value::Text(part.label),
            Value::Text(nature.to_owned()),
            Value::Text(part.basis),
            Value::Amount(part.total),
            Value::Text(part.exact),
            Value::Amount(part.share),
        ]
    });
    let (run, own) = (&s.run.run, s.statement.total);
    let totals = vec![
        Value::Text("Total TTC".to_owned()),
        Value::Empty,
        Value::Empty,
        Value::Empty,
        Value::Empty,
        Value::Amount(run.total.gross),
        Value::Empty,
        Value::Amount(own.gross),
    ];
    let proof = |label: &str, value| ProofLine {
        label: label.to_owned(),
        value,
    };
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
            proof("Facture", Value::Text(s.run.invoice.number.clone())),
            proof(
                "Empreinte des données",
                Value::Text(run.input_sha256.clone()),
            ),
            proof(
                "Empreinte du résultat",
                Value::Text(run.output_sha256.clone()),
            ),
        ],
    }
}

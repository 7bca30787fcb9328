//! The table of a split to take away: CSV and XLSX, numbers as numbers, with control sums.
use axum::{
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use domain::money::Cents;

use super::{super::page::Answer, super::session::Person, parse, shares};
use crate::{
    actions::{
        App, Error,
        purchasing::allocations::{self, Overview},
    },
    documents::writing::{Column, Kind, ProofLine, Table, Value},
};

/// A file to save, by its format.
pub(in crate::web) fn file(table: &Table, format: &str, name: &str) -> Result<Response, Error> {
    let (bytes, media_type) = match format {
        "csv" => (table.to_csv(), "text/csv; charset=utf-8"),
        "xlsx" => (
            table.to_xlsx(),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        _ => return Err(Error::NotFound),
    };
    let bytes = bytes.map_err(|error| Error::Internal(error.into()))?;
    let safe: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let disposition = format!("attachment; filename=\"{safe}.{format}\"");
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, bytes).into_response())
}

pub(super) async fn download(
    State(app): State<App>,
    person: Person,
    Path((id, format)): Path<(String, String)>,
) -> Answer {
    let o = allocations::latest(&app, &person.actor, parse(&id)?).await?;
    let name = format!("repartition-{}", o.invoice.number);
    Ok(file(&table(&o)?, &format, &name)?)
}

fn table(o: &Overview) -> Result<Table, Error> {
    let mut columns = vec![
        Column::new("SIREN", Kind::Text),
        Column::new("Membre", Kind::Text),
    ];
    let keys = shares::keys(o);
    let heads = keys.iter().map(|key| shares::named(o, key));
    columns.extend(heads.map(|head| Column::new(head, Kind::Text)));
    let heads = shares::heads(o).into_iter().chain(["TTC".to_owned()]);
    columns.extend(heads.map(|head| Column::new(head, Kind::Amount)));
    let mut rows = Vec::new();
    let all = shares::cells(o)?;
    let mut sums = vec![Cents::ZERO; shares::heads(o).len() + 1];
    for debtor in &o.debtors {
        let id = debtor.case_id.clone();
        let weights = shares::weights(o, &keys, &id);
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
    let sum = sums.last().copied().unwrap_or_default();
    let proof = |label: &str, value| ProofLine {
        label: label.to_owned(),
        value,
    };
    let gap = o.invoice.printed.gross.checked_sub(sum)?;
    Ok(Table {
        title: "Répartition".to_owned(),
        written_at: o.run.made_at,
        columns,
        rows,
        totals: Some(totals),
        proof: vec![
            proof("Facture TTC", Value::Amount(o.invoice.printed.gross)),
            proof("Somme des quotes-parts", Value::Amount(sum)),
            proof("Écart", Value::Amount(gap)),
            proof("Algorithme", Value::Text(o.run.algorithm.clone())),
            proof(
                "Empreinte des données",
                Value::Text(o.run.input_sha256.clone()),
            ),
            proof(
                "Empreinte du résultat",
                Value::Text(o.run.output_sha256.clone()),
            ),
        ],
    })
}

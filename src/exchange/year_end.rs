//! « Produits à recevoir, charges à rattacher » as a table, for the accountant.
use crate::{
    actions::{
        Actor, App, Error,
        purchasing::year_end::{self, Line, Side, Wanted},
    },
    documents::writing::{Column, Kind, ProofLine, Table, Value},
    wording::year_end::{direction, pending, side},
};

/// What the file is called, without its format.
#[must_use]
pub fn file_name(wanted: &Wanted) -> String {
    format!("cloture-{}", wanted.year.0)
}

/// The list of a year's end, as a table.
///
/// # Errors
/// Whatever the database says; a sum that does not fit.
pub async fn export(app: &App, actor: &Actor, wanted: Wanted) -> Result<Table, Error> {
    let found = year_end::list(app, actor, wanted).await?;
    let columns = vec![
        Column::new("Exercice", Kind::Integer),
        Column::new("Qualité", Kind::Text),
        Column::new("Sens", Kind::Text),
        Column::new("Nature", Kind::Text),
        Column::new("Groupement", Kind::Text),
        Column::new("SIREN du tiers", Kind::Text),
        Column::new("Tiers", Kind::Text),
        Column::new("Facture", Kind::Text),
        Column::new("Objet", Kind::Text),
        Column::new("Décompte", Kind::Text),
        Column::new("Montant TTC", Kind::Amount),
    ];
    let mut proof = Vec::new();
    for side in [Side::Coordinator, Side::Member] {
        let own: Vec<Line> = found
            .iter()
            .filter(|line| line.side == side)
            .cloned()
            .collect();
        let (income, charges) = year_end::totals(&own)?;
        let label = self::side(side);
        for (is_income, sum) in [(true, income), (false, charges)] {
            proof.push(ProofLine {
                label: format!("{label}\u{a0}: {}", direction(is_income)),
                value: Value::Amount(sum),
            });
        }
    }
    Ok(Table {
        title: format!("Clôture {}", wanted.year.0),
        written_at: app.clock.now(),
        columns,
        rows: found.into_iter().map(|line| row(&wanted, line)).collect(),
        totals: None,
        proof,
    })
}

fn row(wanted: &Wanted, line: Line) -> Vec<Value> {
    let statement = line.statement.as_ref().map(|(_, number)| number.as_str());
    vec![
        Value::Integer(wanted.year.0.into()),
        Value::Text(side(line.side).to_owned()),
        Value::Text(direction(line.is_income).to_owned()),
        Value::Text(pending(line.pending, line.side).to_owned()),
        Value::Text(line.grouping_title),
        Value::text(line.party_siren.as_deref()),
        Value::Text(line.party),
        Value::Text(line.invoice_number),
        Value::Text(line.invoice_title),
        Value::text(statement),
        Value::Amount(line.cents),
    ]
}

//! « Régularisations » as a table, for the finance software.
use domain::money::Cents;

use crate::{
    actions::{
        Actor, App, Error,
        purchasing::corrections::{self, Listed, Wanted},
    },
    documents::writing::{Column, Kind, Table, Value},
    wording::correction::{kind_name, state_name},
};

/// How many corrections a file holds.
const ROWS_MAX: u64 = 10_000;

/// What the file is called, without its format.
pub const FILE_NAME: &str = "regularisations";

/// The corrections of the actor's coordinators, as a table.
///
/// # Errors
/// Whatever the database says; a sum that does not fit.
pub async fn export(app: &App, actor: &Actor, wanted: Wanted) -> Result<Table, Error> {
    let (found, _) = corrections::page(app, actor, wanted, 0, ROWS_MAX).await?;
    let columns = vec![
        Column::new("Régularisation", Kind::Text),
        Column::new("SIREN du bénéficiaire", Kind::Text),
        Column::new("Bénéficiaire", Kind::Text),
        Column::new("Groupement", Kind::Text),
        Column::new("Factures", Kind::Text),
        Column::new("Nature", Kind::Text),
        Column::new("Montant", Kind::Amount),
        Column::new("Demande citée", Kind::Text),
        Column::new("Titre cité", Kind::Text),
        Column::new("Exercice du titre", Kind::Integer),
        Column::new("État", Kind::Text),
        Column::new("Pièce", Kind::Text),
        Column::new("Émise le", Kind::Date),
        Column::new("Exercice de la pièce", Kind::Integer),
    ];
    let total = Cents::checked_sum(found.iter().map(|listed| listed.correction.cents))?;
    let mut totals = vec![Value::Empty; columns.len()];
    if let [first, _, _, _, _, _, amount, ..] = totals.as_mut_slice() {
        *first = Value::Text("Total".to_owned());
        *amount = Value::Amount(total);
    }
    Ok(Table {
        title: "Régularisations".to_owned(),
        written_at: app.clock.now(),
        columns,
        rows: found.into_iter().map(row).collect(),
        totals: Some(totals),
        proof: Vec::new(),
    })
}

fn row(listed: Listed) -> Vec<Value> {
    let one = listed.correction;
    let (cited, piece) = (one.cited.as_ref(), one.voucher.as_ref());
    vec![
        Value::Text(one.number.clone()),
        Value::text(listed.member_siren.as_deref()),
        Value::Text(listed.member),
        Value::Text(listed.grouping),
        Value::Text(listed.invoices.join(", ")),
        Value::Text(kind_name(listed.kind).to_owned()),
        Value::Amount(one.cents),
        Value::text(listed.order.as_ref().map(|order| order.number.as_str())),
        Value::text(cited.map(|cited| cited.number.as_str())),
        cited.map_or(Value::Empty, |cited| Value::Integer(cited.exercice.into())),
        Value::Text(state_name(one.state).to_owned()),
        Value::text(piece.map(|piece| piece.number.as_str())),
        piece.map_or(Value::Empty, |piece| Value::Date(piece.issued_on)),
        piece.map_or(Value::Empty, |piece| Value::Integer(piece.exercice.into())),
    ]
}

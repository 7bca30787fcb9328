//! « Demandes de titre » as a table, for the finance software.
use domain::money::Cents;

use crate::{
    actions::{
        Actor, App, Error,
        purchasing::recovery::{self, Listed, Wanted},
    },
    documents::writing::{Column, Kind, Table, Value},
    wording,
};

/// How many orders a file holds: a coordinator has far fewer members.
const ROWS_MAX: u64 = 10_000;

/// What the file is called, without its format.
pub const FILE_NAME: &str = "demandes-de-titre";

/// The recovery orders of the actor's coordinators, as a table.
///
/// # Errors
/// Whatever the database says; a sum that does not fit.
pub async fn export(app: &App, actor: &Actor, wanted: Wanted) -> Result<Table, Error> {
    let (found, _) = recovery::page(app, actor, wanted, 0, ROWS_MAX).await?;
    let columns = vec![
        Column::new("Demande", Kind::Text),
        Column::new("SIREN du débiteur", Kind::Text),
        Column::new("Débiteur", Kind::Text),
        Column::new("Groupement", Kind::Text),
        Column::new("Factures", Kind::Text),
        Column::new("Montant", Kind::Amount),
        Column::new("État", Kind::Text),
        Column::new("Titre", Kind::Text),
        Column::new("Bordereau", Kind::Text),
        Column::new("Émis le", Kind::Date),
        Column::new("Exercice", Kind::Integer),
    ];
    let total = Cents::checked_sum(found.iter().map(|listed| listed.order.left()))?;
    let mut totals = vec![Value::Empty; columns.len()];
    if let [first, _, _, _, _, amount, ..] = totals.as_mut_slice() {
        *first = Value::Text("Total".to_owned());
        *amount = Value::Amount(total);
    }
    Ok(Table {
        title: "Demandes de titre".to_owned(),
        written_at: app.clock.now(),
        columns,
        rows: found.into_iter().map(row).collect(),
        totals: Some(totals),
        proof: Vec::new(),
    })
}

fn row(listed: Listed) -> Vec<Value> {
    let titre = listed.order.titre.as_ref();
    vec![
        Value::Text(listed.order.number.clone()),
        Value::text(listed.member_siren.as_deref()),
        Value::Text(listed.member),
        Value::Text(listed.grouping),
        Value::Text(listed.invoices.join(", ")),
        Value::Amount(listed.order.left()),
        Value::Text(wording::invoice::recovery_state(listed.order.state).to_owned()),
        Value::text(titre.map(|titre| titre.number.as_str())),
        Value::text(titre.map(|titre| titre.bordereau.as_str())),
        titre.map_or(Value::Empty, |titre| Value::Date(titre.issued_on)),
        titre.map_or(Value::Empty, |titre| Value::Integer(titre.exercice.into())),
    ]
}

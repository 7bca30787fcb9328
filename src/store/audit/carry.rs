//! The ledgers of groupings, counted again from the runs that entered them.
use std::collections::BTreeMap;

use domain::allocation::{self, CarryLedger, Case};
use sea_orm::{EntityTrait, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::Check;
use crate::store::{
    StoreError, View,
    rows::{allocation as run, carry},
};

/// The latest run of each invoice is replayed, entered, and the sum compared with the ledger.
pub(super) async fn check(view: &View) -> Result<Check, StoreError> {
    let (mut ledgers, mut faults) = (BTreeMap::<Uuid, CarryLedger>::new(), Vec::new());
    let latest = latest_runs(view).await?;
    for id in latest.values() {
        let found = run::Entity::find_by_id(*id).one(&view.0).await?;
        let Some(found) = found.filter(|run| run.record.is_some()) else {
            continue;
        };
        match entry(&found) {
            Some(entry) => ledgers.entry(found.grouping_id).or_default().add(&entry),
            None => faults.push(format!("allocation {id}: replays to other shares")),
        }
    }
    for row in carry::Entity::find().all(&view.0).await? {
        let expected = ledgers.remove(&row.grouping_id).unwrap_or_default();
        if serde_json::from_str::<CarryLedger>(&row.dues).ok() != Some(expected) {
            let grouping = row.grouping_id;
            faults.push(format!(
                "carry of grouping {grouping}: differs from its runs"
            ));
        }
    }
    let missing = ledgers.into_iter().filter(|(_, l)| !l.dues().is_empty());
    faults.extend(missing.map(|(grouping, _)| format!("carry of grouping {grouping}: missing")));
    Ok(Check {
        name: "books.carry".to_owned(),
        examined: latest.len(),
        faults,
    })
}

/// By invoice.
async fn latest_runs(view: &View) -> Result<BTreeMap<Uuid, Uuid>, StoreError> {
    let runs: Vec<(Uuid, Uuid)> = run::Entity::find()
        .select_only()
        .column(run::Column::InvoiceId)
        .column(run::Column::Id)
        .order_by_asc(run::Column::Run)
        .into_tuple()
        .all(&view.0)
        .await?;
    // A later run takes the place of the one before.
    Ok(runs.into_iter().collect())
}

/// What a run adds; `None` when it does not replay to what it said.
fn entry(found: &run::Model) -> Option<CarryLedger> {
    let case: Case = serde_json::from_str(&found.inputs).ok()?;
    let outcome = allocation::replay(&found.algorithm, &case)?.ok()?;
    let same = outcome.output_sha256 == found.output_sha256;
    let same = same && outcome.input_sha256 == found.input_sha256;
    let entry = CarryLedger::entry(&case, &outcome)?.ok()?;
    same.then_some(entry)
}

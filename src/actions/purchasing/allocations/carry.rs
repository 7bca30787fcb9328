//! What each member is owed goes from one invoice of a grouping to the next.
use anyhow::anyhow;
use domain::{
    allocation::{CarryLedger, Case, Outcome},
    purchasing::{invoice::Invoice, run::AllocationRun},
};

use super::stored;
use crate::{
    actions::{App, Error},
    store::{
        Tx,
        purchasing::{allocations as runs, carry, carry::Carried},
    },
};

/// The ledger of the grouping of an invoice, held; the run that is replaced is out of it.
pub(super) async fn lock(
    app: &App,
    tx: &Tx,
    invoice: &Invoice,
    replaced: Option<&AllocationRun>,
) -> Result<Carried, Error> {
    let new_id = || app.clock.new_id();
    let mut carried = carry::lock(tx, invoice.owner, invoice.grouping, new_id).await?;
    if let Some(old) = replaced.filter(|old| old.record.is_some()) {
        let shares = runs::shares(tx, old.id).await?;
        let case = stored::case(old)?;
        let outcome = stored::outcome(old, &case, &invoice.lines, &shares)?;
        carried.ledger.take_out(&entry(&case, &outcome)?);
    }
    Ok(carried)
}

/// Enters a run; what takes a run of before back is no more in the ledger than that run.
pub(super) async fn enter(
    tx: &Tx,
    mut carried: Carried,
    (run, case, outcome): (&AllocationRun, &Case, &Outcome),
) -> Result<(), Error> {
    if run.record.is_some() {
        carried.ledger.add(&entry(case, outcome)?);
    }
    Ok(carry::save(tx, &carried).await?)
}

fn entry(case: &Case, outcome: &Outcome) -> Result<CarryLedger, Error> {
    let unknown = || Error::Internal(anyhow!("no algorithm is called {}", outcome.algorithm));
    Ok(CarryLedger::entry(case, outcome).ok_or_else(unknown)??)
}

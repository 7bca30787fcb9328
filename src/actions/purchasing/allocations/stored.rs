//! A stored run read back: its case, its shares as they were computed, and its trace.
use std::collections::BTreeMap;

use anyhow::Context;
use domain::{
    allocation::{self, Case, Fraction, Outcome, Record, Totals},
    identity::InvoiceLineId,
    purchasing::{invoice::InvoiceLine, run::AllocationRun, share::Shares},
};

use crate::actions::Error;

/// What was fed to the kernel.
pub(super) fn case(run: &AllocationRun) -> Result<Case, Error> {
    let read = serde_json::from_str(&run.inputs);
    read.with_context(|| format!("allocation {} does not read back", run.id))
        .map_err(Error::Internal)
}

/// What explanations replay from; none for a run of before.
pub(super) fn record(run: &AllocationRun) -> Result<Option<Record>, Error> {
    let read = run.record.as_deref().map(serde_json::from_str).transpose();
    read.with_context(|| format!("the trace of allocation {} does not read back", run.id))
        .map_err(Error::Internal)
}

/// The stored shares as the algorithm answered them, checked against their hash.
///
/// Their largest deviation and the count of repairs are not stored: they stay at zero.
pub(super) fn outcome(
    run: &AllocationRun,
    case: &Case,
    lines: &[InvoiceLine],
    shares: &Shares,
) -> Result<Outcome, Error> {
    let names: BTreeMap<InvoiceLineId, String> =
        lines.iter().map(|line| (line.id, line.case_id())).collect();
    let mut sums: BTreeMap<&str, Totals> = BTreeMap::new();
    let (mut nets, mut taxes) = (BTreeMap::new(), BTreeMap::new());
    for share in &shares.lines {
        let line = names.get(&share.line).cloned().unwrap_or_default();
        nets.insert((line, share.case_id.clone()), share.net);
        let sum = sums.entry(&share.case_id).or_default();
        *sum = Totals::new(sum.net.checked_add(share.net)?, sum.tax)?;
    }
    for share in &shares.taxes {
        taxes.insert((share.group, share.case_id.clone()), share.tax);
        let sum = sums.entry(&share.case_id).or_default();
        *sum = Totals::new(sum.net, sum.tax.checked_add(share.tax)?)?;
    }
    let members = case.members.iter().map(|member| {
        let own = sums.get(member.id.as_str()).copied();
        (member.id.clone(), own.unwrap_or_default())
    });
    let outcome = Outcome {
        algorithm: run.algorithm.clone(),
        members: members.collect(),
        shares: nets.into(),
        tax_shares: taxes.into(),
        total: run.total,
        max_deviation: Fraction::zero(),
        repairs: 0,
        input_sha256: run.input_sha256.clone(),
        output_sha256: run.output_sha256.clone(),
    };
    allocation::verify_sums(&outcome)
        .with_context(|| format!("the shares of allocation {} were changed", run.id))
        .map_err(Error::Internal)?;
    Ok(outcome)
}

/// Runs the stored case again, by its own algorithm.
pub(super) fn replayed(run: &AllocationRun, case: &Case) -> Result<Outcome, Error> {
    let unknown = || anyhow::anyhow!("no algorithm is called {}", run.algorithm);
    let outcome = allocation::replay(&run.algorithm, case);
    let outcome = outcome.ok_or_else(|| Error::Internal(unknown()))??;
    if outcome.output_sha256 != run.output_sha256 {
        let changed = anyhow::anyhow!("allocation {} replays to other shares", run.id);
        return Err(Error::Internal(changed));
    }
    Ok(outcome)
}

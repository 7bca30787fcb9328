//! What is to be given back, proposed again after each change of the book.
use std::collections::{BTreeMap, BTreeSet};

use domain::{
    identity::{AllocationId, CorrectionId, InvoiceId},
    purchasing::{
        correction::{self, Correction, CorrectionState, Proposal, correction_number},
        entry::{Entry, EntrySource, Parts},
        grouping::Grouping,
        payer::Payer,
        recovery::RecoveryOrder,
    },
};

use crate::{
    actions::{App, Error, organisations::today_of, purchasing::booking},
    store::{
        Tx, entries,
        purchasing::{corrections as rows, recovery as orders},
    },
};

/// Proposes what these payers are to be given back; what waited and no longer holds is withdrawn.
///
/// A proposal that says the same stays, unless `run` split its invoice again.
pub(in crate::actions::purchasing) async fn propose(
    app: &App,
    tx: &Tx,
    grouping: &Grouping,
    touched: &BTreeSet<Payer>,
    run: Option<AllocationId>,
) -> Result<(), Error> {
    let today = today_of(tx, grouping.owner).await?;
    let book = entries::list_of_grouping(tx, grouping.owner, grouping.id).await?;
    let balances = booking::balances_of(tx, grouping, &book).await?;
    let runs = Runs::of(tx, &book, run).await?;
    let mut titres = titres(tx, grouping).await?;
    let mut waiting: BTreeMap<Payer, Vec<Correction>> = BTreeMap::new();
    for one in rows::lock_proposed(tx, grouping.owner, grouping.id).await? {
        waiting.entry(one.payer()).or_default().push(one);
    }
    let mut count = rows::count_this_year(tx, grouping.owner).await?;
    let mut new = Vec::new();
    for payer in touched.iter().filter(|p| p.member != grouping.owner) {
        let titres = titres.remove(payer).unwrap_or_default();
        let mut wanted = match balances.get(payer) {
            Some(balance) => correction::propose(balance, &titres, today)?,
            None => Vec::new(),
        };
        for mut one in waiting.remove(payer).unwrap_or_default() {
            let same = wanted.iter().position(|proposal| proposal.is(&one));
            match same.filter(|_| !runs.splits_again(&one.parts)) {
                Some(at) => {
                    wanted.remove(at);
                }
                None => {
                    one.withdraw()?;
                    rows::save(tx, &one).await?;
                }
            }
        }
        for proposal in wanted {
            count = count.saturating_add(1);
            let source = runs.source(*payer, &proposal.parts)?;
            new.push(proposed(app, tx, grouping, *payer, proposal, source, count));
        }
    }
    Ok(rows::insert(tx, &new).await?)
}

fn proposed(
    app: &App,
    tx: &Tx,
    grouping: &Grouping,
    payer: Payer,
    proposal: Proposal,
    source: AllocationId,
    count: u64,
) -> Correction {
    Correction {
        id: CorrectionId(app.clock.new_id()),
        owner: grouping.owner,
        grouping: grouping.id,
        member: payer.member,
        budget: payer.budget,
        number: correction_number(tx.now(), count),
        kind: proposal.kind,
        state: CorrectionState::Proposed,
        cents: proposal.cents,
        cited: proposal.cited,
        parts: proposal.parts,
        source,
        voucher: None,
        created_at: tx.now(),
        version: 0,
    }
}

/// The titres of a grouping by payer.
async fn titres(
    tx: &Tx,
    grouping: &Grouping,
) -> Result<BTreeMap<Payer, Vec<RecoveryOrder>>, Error> {
    let mut titres: BTreeMap<Payer, Vec<RecoveryOrder>> = BTreeMap::new();
    for order in orders::titres_of_grouping(tx, grouping.owner, grouping.id).await? {
        titres.entry(order.payer()).or_default().push(order);
    }
    Ok(titres)
}

/// The last run that moved what a payer owes of each invoice.
struct Runs {
    last: BTreeMap<(Payer, InvoiceId), AllocationId>,
    /// The run that is being booked, and its invoice.
    now: Option<(AllocationId, InvoiceId)>,
}

impl Runs {
    async fn of(tx: &Tx, book: &[Entry], run: Option<AllocationId>) -> Result<Self, Error> {
        let families = booking::families(tx, book, run).await?;
        let mut last = BTreeMap::new();
        for entry in book {
            if let EntrySource::Allocation(run) = entry.source
                && let Some(invoice) = families.get(&run)
            {
                last.insert((entry.payer(), *invoice), run);
            }
        }
        let now = run.and_then(|run| Some((run, *families.get(&run)?)));
        Ok(Self { last, now })
    }

    fn splits_again(&self, parts: &Parts) -> bool {
        let of = |(invoice, _): &(InvoiceId, _)| self.now.is_some_and(|(_, now)| now == *invoice);
        parts.iter().any(of)
    }

    /// The run that led to giving these parts back.
    fn source(&self, payer: Payer, parts: &Parts) -> Result<AllocationId, Error> {
        if let Some((run, _)) = self.now.filter(|_| self.splits_again(parts)) {
            return Ok(run);
        }
        let last = parts
            .iter()
            .filter_map(|(invoice, _)| self.last.get(&(payer, *invoice)));
        let unknown = || Error::Internal(anyhow::anyhow!("money goes back without a split"));
        last.max().copied().ok_or_else(unknown)
    }
}

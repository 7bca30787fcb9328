//! The split of an invoice: run, proved before it is saved, never changed.
use std::collections::BTreeMap;

use chrono::Datelike;
use domain::{
    allocation::{self, ALGORITHM, Case, Outcome, Sources},
    identity::{AllocationId, InvoiceId, StatementId},
    notice::{Notice, NoticeKind, Recipient},
    purchasing::{
        invoice::Invoice,
        payer::Payer,
        run::{AllocationRun, case_of},
        share::{Share, Shares, TaxShare},
        source::sources_of,
        statement::{Statement, statement_number},
    },
    text,
};
use serde_json::json;

use super::{booking, invoices::owner_of, run_data};
use crate::{
    actions::{Actor, App, Error},
    store::{
        Begun, Line, Scope, Tx, outbox,
        purchasing::{allocations as rows, groupings, invoices, statements, suppliers},
    },
};

mod carry;
mod debtors;
mod overview;
mod stored;

pub use debtors::Debtor;
pub(super) use overview::complete;
pub use overview::{Account, Explained, Overview, Part, latest, overview};

/// Splits an invoice between the members of its grouping; again after a correction, with a motive.
///
/// # Errors
/// Refused unless the invoice is checked; [`Error::Internal`] when the proof fails.
pub async fn allocate(
    app: &App,
    actor: &Actor,
    id: InvoiceId,
    motive: Option<String>,
) -> Result<AllocationRun, Error> {
    owner_of(app, actor, id).await?;
    let tx = match app.begin(actor, "invoice.allocate").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(done) => return again(app, id, &done.outcome).await,
    };
    let mut invoice = invoices::lock(&tx, id).await?;
    statements::lock_numbers(&tx, invoice.owner).await?;
    let grouping = groupings::hold(&tx, invoice.grouping).await?;
    let supplier = suppliers::find(&tx, invoice.supplier).await?;
    let runs = rows::runs_of(&tx, id).await?;
    let number = runs.first().map_or(1, |last| last.run.saturating_add(1));
    invoice.allocate(number, motive.as_deref())?;
    let mut asked = case(&tx, &invoice).await?;
    let carried = carry::lock(app, &tx, &invoice, runs.first()).await?;
    if asked.is_new {
        carried.ledger.give_to(&mut asked.case);
    }
    let Asked { case, payers, .. } = &asked;
    let (outcome, record) = recorded(&asked.algorithm, case)?;
    // A share that cannot be proved is never saved.
    allocation::verify(case, &outcome).map_err(|broken| Error::Internal(broken.into()))?;
    let run = AllocationRun {
        id: AllocationId(app.clock.new_id()),
        owner: invoice.owner,
        grouping: invoice.grouping,
        invoice: id,
        run: number,
        algorithm: outcome.algorithm.clone(),
        inputs: case.canonical_json(),
        input_sha256: outcome.input_sha256.clone(),
        output_sha256: outcome.output_sha256.clone(),
        total: outcome.total,
        made_at: tx.now(),
        made_by: actor.user(),
        motive,
        record: asked.is_recorded.then_some(record),
        sources: asked.sources.clone(),
    };
    carry::enter(&tx, carried, (&run, case, &outcome)).await?;
    let made_before = statements::runs_this_year(&tx, run.owner).await?;
    let shares = shares(app, &invoice, &outcome, payers)?;
    rows::insert(&tx, &run, &shares).await?;
    let made = make_statements(app, &run, &outcome, payers, made_before.saturating_add(1));
    statements::insert(&tx, &made).await?;
    tell_members(app, &tx, &invoice, &made).await?;
    booking::book(app, &tx, &grouping, &invoice, &run, runs.first(), &made).await?;
    invoices::save(&tx, &invoice, &supplier.name).await?;
    let facts = json!({
        "allocation": run.id, "run": run.run, "gross": run.total.gross,
        "input": run.input_sha256, "output": run.output_sha256,
    });
    let line = Line::about(Scope::Grouping(run.grouping), "invoice", id.0);
    tx.commit(line.saying(facts)).await?;
    tracing::info!(invoice.id = %id, run = run.run, "Allocated an invoice");
    Ok(run)
}

async fn again(app: &App, id: InvoiceId, outcome: &str) -> Result<AllocationRun, Error> {
    let view = app.store.view().await?;
    let facts: serde_json::Value = serde_json::from_str(outcome).unwrap_or_default();
    let number = facts.get("run").and_then(serde_json::Value::as_i64);
    let runs = rows::runs_of(&view, id).await?;
    let run = runs.into_iter().find(|r| Some(i64::from(r.run)) == number);
    run.ok_or(Error::NotFound)
}

/// Who is behind each name of a case, and how lists sort it.
type Payers = BTreeMap<String, (Payer, String)>;

/// What is split, who the ids are, and by which algorithm.
struct Asked {
    case: Case,
    payers: Payers,
    algorithm: String,
    /// Where the figures of its keys come from.
    sources: Option<Sources>,
    /// Not the opposite of a stored one: what members are owed decides who comes first.
    is_new: bool,
    /// Whether a trace is kept, and the run enters the ledger; what takes a run of before back
    /// does not.
    is_recorded: bool,
}

/// Runs a case by the algorithm of this name, with the trace that its explanations need.
fn recorded(algorithm: &str, case: &Case) -> Result<(Outcome, String), Error> {
    let unknown = || Error::Internal(anyhow::anyhow!("no algorithm is called {algorithm}"));
    let made = allocation::allocate_recorded(algorithm, case).ok_or_else(unknown)?;
    let (outcome, record) = made?;
    let record = serde_json::to_string(&record).map_err(|error| Error::Internal(error.into()))?;
    Ok((outcome, record))
}

/// A full credit note takes the stored split back, by the algorithm that made it.
async fn case(tx: &Tx, invoice: &Invoice) -> Result<Asked, Error> {
    if let Some(id) = invoice.credited {
        let credited = invoices::find(tx, id).await?;
        let runs = rows::runs_of(tx, id).await?;
        if let Some(run) = runs.first().filter(|_| invoice.takes_back(&credited)) {
            return Ok(Asked {
                case: stored::case(run)?.negated()?,
                payers: debtors::payers_of(tx, run.id).await?,
                algorithm: run.algorithm.clone(),
                sources: run.sources.clone(),
                is_new: false,
                is_recorded: run.record.is_some(),
            });
        }
    }
    let data = run_data::of_invoice(tx, invoice).await?;
    let seats = data.seats(invoice).into_iter();
    let payers = seats.map(|seat| (seat.case_id(), (seat.payer(), text::sort_key(&seat.name()))));
    let case = case_of(invoice, &data)?;
    Ok(Asked {
        sources: Some(sources_of(&case, invoice, &data)),
        case,
        payers: payers.collect(),
        algorithm: ALGORITHM.to_owned(),
        is_new: true,
        is_recorded: true,
    })
}

fn shares(
    app: &App,
    invoice: &Invoice,
    outcome: &Outcome,
    payers: &Payers,
) -> Result<Shares, Error> {
    let unknown = || Error::Internal(anyhow::anyhow!("a share is of an unknown line or member"));
    let payer = |id: &str| payers.get(id).map(|(payer, _)| *payer).ok_or_else(unknown);
    let mut shares = Shares::default();
    for ((line, id), net) in &outcome.shares {
        let line = invoice.lines.iter().find(|l| l.case_id() == *line);
        let payer = payer(id)?;
        shares.lines.push(Share {
            id: app.clock.new_id(),
            line: line.ok_or_else(unknown)?.id,
            member: payer.member,
            budget: payer.budget,
            case_id: id.clone(),
            net: *net,
        });
    }
    for ((group, id), tax) in &outcome.tax_shares {
        let payer = payer(id)?;
        shares.taxes.push(TaxShare {
            id: app.clock.new_id(),
            member: payer.member,
            budget: payer.budget,
            case_id: id.clone(),
            group: *group,
            tax: *tax,
        });
    }
    Ok(shares)
}

/// One statement for each payer who owes something, numbered by name.
fn make_statements(
    app: &App,
    run: &AllocationRun,
    outcome: &Outcome,
    known: &Payers,
    rank: u64,
) -> Vec<Statement> {
    let mut payers: Vec<_> = outcome
        .members
        .iter()
        .filter_map(|(id, total)| Some((id, known.get(id)?, *total)))
        .filter(|(_, _, total)| !total.net.is_zero() || !total.tax.is_zero())
        .collect();
    payers.sort_by_key(|(_, (payer, name), _)| (name.clone(), *payer));
    let numbered = (1..).zip(payers);
    let statement =
        |(place, (case_id, (payer, _), total)): (usize, (&String, &(Payer, String), _))| {
            Statement {
                id: StatementId(app.clock.new_id()),
                owner: run.owner,
                allocation: run.id,
                grouping: run.grouping,
                member: payer.member,
                budget: payer.budget,
                case_id: case_id.clone(),
                number: statement_number(run.made_at.year(), rank, place),
                total,
                made_at: run.made_at,
            }
        };
    numbered.map(statement).collect()
}

/// Queues one message for each member that has a statement, but the coordinator itself.
async fn tell_members(
    app: &App,
    tx: &Tx,
    invoice: &Invoice,
    made: &[Statement],
) -> Result<(), Error> {
    for statement in made.iter().filter(|one| one.member != one.owner) {
        let notice = Notice {
            kind: NoticeKind::StatementAvailable,
            recipient: Recipient::Organisation(statement.member),
            subject_kind: "statement",
            subject_id: statement.id.0,
            subject_version: 0,
            facts: [
                ("number", statement.number.clone()),
                ("title", invoice.title.clone()),
                ("gross", statement.total.gross.to_string()),
            ]
            .into(),
        };
        let id = app.clock.new_id();
        outbox::enqueue(tx, id, statement.owner.0, &notice, tx.now()).await?;
    }
    Ok(())
}

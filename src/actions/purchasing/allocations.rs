//! The split of an invoice: run, proved before it is saved, never changed.
use std::collections::BTreeMap;

use anyhow::Context;
use chrono::Datelike;
use domain::{
    allocation::{
        self, ALGORITHM, Case, Cell, Fraction, Outcome, Reckoning, Subtotal, TaxGroup, Why,
    },
    identity::{AllocationId, InvoiceId, StatementId},
    notice::{Notice, NoticeKind, Recipient},
    permission::Right,
    purchasing::{
        grouping::Grouping,
        invoice::{Invoice, InvoiceLine},
        payer::Payer,
        run::{AllocationRun, case_of},
        share::{Share, Shares, TaxShare},
        statement::{Statement, statement_number},
        supplier::Supplier,
    },
    text,
};
use serde_json::json;

use super::{booking, invoices::owner_of, run_data};
use crate::{
    actions::{Actor, App, Error},
    store::{
        Begun, Line, Scope, Tx, View, outbox,
        purchasing::{allocations as rows, groupings, invoices, statements, suppliers},
    },
};

mod debtors;

pub use debtors::Debtor;

/// A run with everything its page shows.
#[derive(Clone, Debug)]
pub struct Overview {
    pub run: AllocationRun,
    pub invoice: Invoice,
    pub supplier: Supplier,
    pub grouping: Grouping,
    pub shares: Shares,
    /// Everyone among whom it was split, by name, those who pay nothing included.
    pub debtors: Vec<Debtor>,
    pub statements: Vec<Statement>,
    /// What was fed to the kernel, read back.
    pub case: Case,
    /// Every run of the invoice, the latest first.
    pub runs: Vec<AllocationRun>,
}

/// One share of a payer, taken apart.
#[derive(Clone, Debug)]
pub struct Explained {
    pub part: Part,
    pub why: Why,
    /// Among those who compete for the cents left on the line; none for a whole part.
    pub rank: Option<usize>,
}

/// Everything that made the amount of a payer (« explication »).
#[derive(Clone, Debug)]
pub struct Account {
    /// Lines first, then taxes.
    pub parts: Vec<Explained>,
    /// How far the gross is from its exact value, in cents.
    pub deviation: Fraction,
}

/// Of what a share is a part.
#[derive(Clone, Debug)]
pub enum Part {
    Line(InvoiceLine),
    Tax(TaxGroup),
}

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
    let Asked {
        case,
        payers,
        algorithm,
    } = case(&tx, &invoice).await?;
    let outcome = replayed(&algorithm, &case)?;
    // A share that cannot be proved is never saved.
    allocation::verify(&case, &outcome).map_err(|broken| Error::Internal(broken.into()))?;
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
    };
    let made_before = statements::runs_this_year(&tx, run.owner).await?;
    let shares = shares(app, &invoice, &outcome, &payers)?;
    rows::insert(&tx, &run, &shares).await?;
    let made = make_statements(app, &run, &outcome, &payers, made_before.saturating_add(1));
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
}

/// Runs a case by the algorithm of this name.
fn replayed(algorithm: &str, case: &Case) -> Result<Outcome, Error> {
    let unknown = || Error::Internal(anyhow::anyhow!("no algorithm is called {algorithm}"));
    let outcome = allocation::replay(algorithm, case).ok_or_else(unknown)?;
    Ok(outcome?)
}

/// A full credit note takes the stored split back, by the algorithm that made it.
async fn case(tx: &Tx, invoice: &Invoice) -> Result<Asked, Error> {
    if let Some(id) = invoice.credited {
        let credited = invoices::find(tx, id).await?;
        let runs = rows::runs_of(tx, id).await?;
        if let Some(run) = runs.first().filter(|_| invoice.takes_back(&credited)) {
            return Ok(Asked {
                case: stored_case(run)?.negated()?,
                payers: debtors::payers_of(tx, run.id).await?,
                algorithm: run.algorithm.clone(),
            });
        }
    }
    let data = run_data::of_invoice(tx, invoice).await?;
    let seats = data.seats(invoice).into_iter();
    let payers = seats.map(|seat| (seat.case_id(), (seat.payer(), text::sort_key(&seat.name()))));
    Ok(Asked {
        case: case_of(invoice, &data)?,
        payers: payers.collect(),
        algorithm: ALGORITHM.to_owned(),
    })
}

fn stored_case(run: &AllocationRun) -> Result<Case, Error> {
    let read = serde_json::from_str(&run.inputs);
    read.with_context(|| format!("allocation {} does not read back", run.id))
        .map_err(Error::Internal)
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

/// A run of a coordinator that the actor may see, with everything its page shows.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn overview(app: &App, actor: &Actor, id: AllocationId) -> Result<Overview, Error> {
    let view = app.store.view().await?;
    let run = rows::find(&view, id).await?;
    actor.require(Right::See, run.owner)?;
    complete(&view, run).await
}

/// The latest run of an invoice.
///
/// # Errors
/// [`Error::NotFound`], also when the invoice was never split.
pub async fn latest(app: &App, actor: &Actor, invoice: InvoiceId) -> Result<Overview, Error> {
    let view = app.store.view().await?;
    let run = rows::runs_of(&view, invoice).await?.into_iter().next();
    let run = run.ok_or(Error::NotFound)?;
    actor.require(Right::See, run.owner)?;
    complete(&view, run).await
}

pub(super) async fn complete(view: &View, run: AllocationRun) -> Result<Overview, Error> {
    let invoice = invoices::find(view, run.invoice).await?;
    let statements = statements::of_run(view, run.id).await?;
    let case = stored_case(&run)?;
    Ok(Overview {
        debtors: debtors::of_run(view, &run, &case, &statements).await?,
        supplier: suppliers::find(view, invoice.supplier).await?,
        grouping: groupings::find(view, run.grouping).await?,
        shares: rows::shares(view, run.id).await?,
        runs: rows::runs_of(view, run.invoice).await?,
        case,
        statements,
        invoice,
        run,
    })
}

impl Overview {
    /// Whether this is the run that counts, not an earlier one.
    #[must_use]
    pub fn is_latest(&self) -> bool {
        self.runs.first().is_none_or(|last| last.id == self.run.id)
    }

    /// One who takes part in this run.
    #[must_use]
    pub fn debtor(&self, payer: Payer) -> Option<&Debtor> {
        self.debtors.iter().find(|debtor| debtor.payer == payer)
    }

    /// How many pay something.
    #[must_use]
    pub fn paying(&self) -> usize {
        self.statements.len()
    }

    /// How far each payer's total is from its exact part, in cents, by the id of the case.
    ///
    /// # Errors
    /// When the stored case no longer holds.
    pub fn deviations(&self) -> Result<BTreeMap<String, Fraction>, Error> {
        let outcome = self.replayed()?;
        Ok(self.reckoning(&outcome)?.deviations()?)
    }

    /// The run again, from its own inputs and by its own algorithm.
    fn replayed(&self) -> Result<Outcome, Error> {
        let outcome = replayed(&self.run.algorithm, &self.case)?;
        if outcome.output_sha256 != self.run.output_sha256 {
            let changed = anyhow::anyhow!("allocation {} replays to other shares", self.run.id);
            return Err(Error::Internal(changed));
        }
        Ok(outcome)
    }

    fn reckoning(&self, outcome: &Outcome) -> Result<Reckoning<'_>, Error> {
        let unknown = || anyhow::anyhow!("no algorithm is called {}", outcome.algorithm);
        let reckoning = Reckoning::of(&self.case, outcome, None);
        Ok(reckoning.ok_or_else(|| Error::Internal(unknown()))??)
    }

    /// Every share of a payer taken apart.
    ///
    /// # Errors
    /// [`Error::NotFound`] for someone who takes no part in this run.
    pub fn explain(&self, payer: Payer) -> Result<Account, Error> {
        let id = self.debtor(payer).ok_or(Error::NotFound)?.case_id.clone();
        let outcome = self.replayed()?;
        let reckoning = self.reckoning(&outcome)?;
        let lines = self.invoice.lines.iter();
        let lines = lines.map(|line| (Cell::Line(line.case_id()), Part::Line(line.clone())));
        let taxes = self.invoice.taxes.iter();
        let taxes = taxes.map(|tax| (Cell::Tax(tax.group), Part::Tax(tax.group)));
        let mut parts = Vec::new();
        for (cell, part) in lines.chain(taxes) {
            if let Some(why) = reckoning.why(&cell, &id)? {
                let rank = reckoning.rank(&cell, &id)?;
                parts.push(Explained { part, why, rank });
            }
        }
        let gross = reckoning.total(&Subtotal::Gross, &id)?;
        Ok(Account {
            parts,
            deviation: gross.map_or_else(Fraction::zero, |total| total.deviation),
        })
    }
}

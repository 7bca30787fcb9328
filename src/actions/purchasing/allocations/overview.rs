//! A run as its page shows it, and why each of its amounts is what it is.
use std::collections::BTreeMap;

use domain::{
    allocation::{
        Case, Cell, Dossier, Fraction, Outcome, Reckoning, Sources, Subtotal, TaxGroup, Why,
    },
    identity::{AllocationId, InvoiceId},
    permission::Right,
    purchasing::{
        grouping::Grouping,
        invoice::{Invoice, InvoiceLine},
        payer::Payer,
        run::AllocationRun,
        share::Shares,
        statement::Statement,
        supplier::Supplier,
    },
};

use super::{
    debtors::{self, Debtor},
    stored,
};
use crate::{
    actions::{Actor, App, Error},
    store::{
        View,
        purchasing::{allocations as rows, groupings, invoices, statements, suppliers},
    },
};

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
    /// Its place among the amounts of the invoice, from 1: lines, then taxes.
    pub place: usize,
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

pub(in crate::actions::purchasing) async fn complete(
    view: &View,
    run: AllocationRun,
) -> Result<Overview, Error> {
    let invoice = invoices::find(view, run.invoice).await?;
    let statements = statements::of_run(view, run.id).await?;
    let case = stored::case(&run)?;
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
        let outcome = self.outcome()?;
        Ok(self.reckoning(&outcome)?.deviations()?)
    }

    /// What the algorithm answered: as it is stored, or run again when no trace was kept.
    fn outcome(&self) -> Result<Outcome, Error> {
        if self.run.record.is_none() {
            return stored::replayed(&self.run, &self.case);
        }
        stored::outcome(&self.run, &self.case, &self.invoice.lines, &self.shares)
    }

    fn reckoning(&self, outcome: &Outcome) -> Result<Reckoning<'_>, Error> {
        let unknown = || anyhow::anyhow!("no algorithm is called {}", outcome.algorithm);
        let record = stored::record(&self.run)?;
        let reckoning = Reckoning::of(&self.case, outcome, record.as_ref());
        Ok(reckoning.ok_or_else(|| Error::Internal(unknown()))??)
    }

    /// Where the figures of each key came from; empty for a run of before.
    #[must_use]
    pub fn sources(&self) -> Sources {
        self.run.sources.clone().unwrap_or_default()
    }

    /// Every share of a payer taken apart.
    ///
    /// # Errors
    /// [`Error::NotFound`] for someone who takes no part in this run.
    pub fn explain(&self, payer: Payer) -> Result<Account, Error> {
        self.account(payer, |_| true)
    }

    /// One share of a payer taken apart, by its place among the amounts of the invoice.
    ///
    /// # Errors
    /// [`Error::NotFound`] also when the payer takes no part in it.
    pub fn explain_one(&self, payer: Payer, place: usize) -> Result<Account, Error> {
        let account = self.account(payer, |at| at == place)?;
        if account.parts.is_empty() {
            return Err(Error::NotFound);
        }
        Ok(account)
    }

    fn account(&self, payer: Payer, is_asked: impl Fn(usize) -> bool) -> Result<Account, Error> {
        let id = self.debtor(payer).ok_or(Error::NotFound)?.case_id.clone();
        let outcome = self.outcome()?;
        let reckoning = self.reckoning(&outcome)?;
        let lines = self.invoice.lines.iter();
        let lines = lines.map(|line| (Cell::Line(line.case_id()), Part::Line(line.clone())));
        let taxes = self.invoice.taxes.iter();
        let taxes = taxes.map(|tax| (Cell::Tax(tax.group), Part::Tax(tax.group)));
        let mut parts = Vec::new();
        let placed = (1..).zip(lines.chain(taxes));
        for (place, (cell, part)) in placed.filter(|(place, _)| is_asked(*place)) {
            if let Some(why) = reckoning.why(&cell, &id)? {
                let rank = reckoning.rank(&cell, &id)?;
                parts.push(Explained {
                    part,
                    place,
                    why,
                    rank,
                });
            }
        }
        let gross = reckoning.total(&Subtotal::Gross, &id)?;
        Ok(Account {
            parts,
            deviation: gross.map_or_else(Fraction::zero, |total| total.deviation),
        })
    }

    /// What anyone needs to check this run again: case, shares, hashes, sources.
    ///
    /// # Errors
    /// When the stored case no longer replays to the same shares.
    pub fn dossier(&self) -> Result<Dossier, Error> {
        let outcome = stored::replayed(&self.run, &self.case)?;
        Ok(Dossier::new(self.case.clone(), outcome).with_sources(self.sources()))
    }
}

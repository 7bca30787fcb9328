//! A run as its page shows it, and why each of its amounts is what it is.
use std::collections::BTreeMap;

use domain::{
    allocation::{Case, Cell, Fraction, Outcome, Reckoning, Subtotal, TaxGroup, Why},
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
    replayed, stored_case,
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

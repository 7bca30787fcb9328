//! Invoices and credit notes (« facture, avoir »): what the supplier printed, line by line.
use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::invoice_check::Check;
use crate::{
    allocation::{AllocationError, TaxGroup, TaxTotal},
    identity::{
        ContractId, GroupingId, InvoiceId, InvoiceLineId, ItemId, LotId, OrganisationId, SupplierId,
    },
    money::{Cents, UnitPrice},
    quantity::Quantity,
    text,
};

mod error;
mod line_rule;
mod service;

pub use error::InvoiceError;
pub use line_rule::LineRule;
pub use service::ServicePeriod;

/// An invoice asks for money, a credit note gives some back (« facture ou avoir »).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvoiceKind {
    Invoice,
    /// A credit note (« avoir »): its amounts are negative.
    CreditNote,
}

impl InvoiceKind {
    pub const ALL: [Self; 2] = [Self::Invoice, Self::CreditNote];

    /// The name in the database and the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::CreditNote => "credit_note",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// Where an invoice is in its life (« état de la facture »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum InvoiceState {
    /// Recorded as printed (« reçue »).
    Received,
    /// Its figures agree with each other (« contrôlée »).
    Checked,
    /// Split between the members (« répartie »).
    Allocated,
}

/// What happens to an invoice (« événement »).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvoiceEvent {
    /// Its lines or totals are typed again.
    Edit,
    /// Its figures are found to agree.
    Check,
    /// It is split; again after a correction.
    Allocate,
}

impl InvoiceState {
    pub const ALL: [Self; 3] = [Self::Received, Self::Checked, Self::Allocated];

    /// The name in the database and the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Checked => "checked",
            Self::Allocated => "allocated",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// The one table of what may happen; what is not written is refused.
    ///
    /// A split is never edited: a correction is a new run, or a credit note.
    #[must_use]
    pub fn after(self, event: InvoiceEvent) -> Option<Self> {
        use InvoiceEvent::{Allocate, Check, Edit};
        use InvoiceState::{Allocated, Checked, Received};
        match (self, event) {
            (Received | Checked, Edit) => Some(Received),
            (Received | Checked, Check) => Some(Checked),
            (Checked | Allocated, Allocate) => Some(Allocated),
            (Received, Allocate) | (Allocated, Edit | Check) => None,
        }
    }
}

impl InvoiceEvent {
    pub const ALL: [Self; 3] = [Self::Edit, Self::Check, Self::Allocate];

    /// The verb of the journal and of the diagram.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Edit => "edit",
            Self::Check => "check",
            Self::Allocate => "allocate",
        }
    }
}

/// A line of an invoice (« ligne de facture »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvoiceLine {
    pub id: InvoiceLineId,
    /// From 1, in the order of the paper.
    pub position: i32,
    pub lot: Option<LotId>,
    pub item: Option<ItemId>,
    pub label: String,
    pub quantity: Option<Quantity>,
    pub unit_price: Option<UnitPrice>,
    pub net: Cents,
    pub tax: TaxGroup,
    pub rule: LineRule,
}

impl InvoiceLine {
    /// The name of the line in the stored case: its place, so that ids sort as on the paper.
    #[must_use]
    pub fn case_id(&self) -> String {
        format!("{:04}", self.position)
    }
}

/// The totals as the supplier printed them (« totaux imprimés »), right or wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PrintedTotals {
    pub net: Cents,
    pub tax: Cents,
    pub gross: Cents,
}

/// An invoice or a credit note (« facture, avoir »), as printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoice {
    pub id: InvoiceId,
    pub owner: OrganisationId,
    pub grouping: GroupingId,
    /// None for a common cost outside a contract: publicity, study, fee.
    pub contract: Option<ContractId>,
    pub supplier: SupplierId,
    pub kind: InvoiceKind,
    /// The invoice that this credit note takes back, wholly or in part.
    pub credited: Option<InvoiceId>,
    pub number: String,
    pub title: String,
    pub issued_on: NaiveDate,
    pub received_on: NaiveDate,
    /// The last day to pay it.
    pub due_on: NaiveDate,
    /// The days of what it bills, where they matter: energy, insurance, subscriptions.
    pub service: Option<ServicePeriod>,
    /// The day it was paid, once told.
    pub paid_on: Option<NaiveDate>,
    pub printed: PrintedTotals,
    pub lines: Vec<InvoiceLine>,
    /// The tax of each group as printed.
    pub taxes: Vec<TaxTotal>,
    pub state: InvoiceState,
    /// 0, or the number of earlier invoices with the same supplier, number and year.
    pub duplicate_rank: i32,
    pub duplicate_motive: Option<String>,
    pub checked_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub version: i32,
}

/// What tells two numbers apart (« numéro de facture »): letters and digits, whatever the case.
///
/// | typed         | key       |
/// |---------------|-----------|
/// | `F-2026/014`  | `F2026014` |
/// | ` f 2026 014` | `F2026014` |
#[must_use]
pub fn number_key(number: &str) -> String {
    let kept = number.chars().filter(|c| c.is_alphanumeric());
    kept.flat_map(char::to_uppercase).collect()
}

impl Invoice {
    /// The year under which a duplicate is looked for.
    #[must_use]
    pub fn issue_year(&self) -> i32 {
        self.issued_on.year()
    }

    /// Everything by which it may be looked for.
    #[must_use]
    pub fn search_text(&self, supplier: &str) -> String {
        text::search_text(&format!("{} {} {supplier}", self.number, self.title))
    }

    /// What no recorded invoice may be: empty, of nothing or of the wrong sign, received too early.
    pub fn admit(&self) -> Result<(), InvoiceError> {
        if self.lines.is_empty() {
            return Err(InvoiceError::NoLines);
        }
        if self.received_on < self.issued_on {
            return Err(InvoiceError::ReceivedBeforeIssued);
        }
        if self.service.is_some_and(|period| period.to < period.from) {
            return Err(InvoiceError::PeriodBackwards);
        }
        let gross = self.printed.gross;
        if gross == Cents::ZERO {
            return Err(InvoiceError::Zero);
        }
        let wrong = match self.kind {
            InvoiceKind::Invoice => gross.is_negative(),
            InvoiceKind::CreditNote => !gross.is_negative(),
        };
        if wrong {
            let kind = self.kind;
            return Err(InvoiceError::WrongSign { kind, gross });
        }
        let cites = self.credited.is_some() || self.contract.is_some();
        if self.kind == InvoiceKind::CreditNote && !cites {
            return Err(InvoiceError::CreditedMissing);
        }
        Ok(())
    }

    /// Refuses what nobody can have received yet: the day to pay it by would be wrong.
    pub fn admit_on(&self, today: NaiveDate) -> Result<(), InvoiceError> {
        let received_on = self.received_on;
        if received_on > today {
            return Err(InvoiceError::ReceivedInFuture { received_on, today });
        }
        Ok(())
    }

    /// Refuses the same number of the same supplier in the same year, unless a motive says why.
    pub fn admit_beside(&mut self, earlier: i32) -> Result<(), InvoiceError> {
        if earlier > 0 && self.duplicate_motive.is_none() {
            return Err(InvoiceError::Duplicate {
                number: self.number.clone(),
                year: self.issue_year(),
            });
        }
        self.duplicate_rank = earlier;
        if earlier == 0 {
            self.duplicate_motive = None;
        }
        Ok(())
    }

    /// Refuses a credit note that gives back more than what is left of its invoice.
    ///
    /// `others` are the totals of the other credit notes of the same invoice.
    pub fn admit_credit(
        &self,
        credited: &Self,
        others: impl IntoIterator<Item = Cents>,
    ) -> Result<(), crate::Refusal> {
        let given = Cents::checked_sum(others)?;
        let left = credited.printed.gross.checked_add(given)?;
        let credit = self.printed.gross.checked_neg()?;
        if credit > left {
            return Err(InvoiceError::CreditTooLarge { credit, left }.into());
        }
        Ok(())
    }

    /// Compares the printed figures with each other.
    pub fn check(&self) -> Result<Check, AllocationError> {
        Check::of(self)
    }

    /// Accepts the invoice when its figures agree to the cent.
    pub fn accept(&mut self, now: DateTime<Utc>) -> Result<Check, crate::Refusal> {
        let state = self.moved(InvoiceEvent::Check)?;
        let check = self.check()?;
        if !check.is_exact() {
            return Err(InvoiceError::Unbalanced(Box::new(check)).into());
        }
        self.state = state;
        self.checked_at = Some(now);
        Ok(check)
    }

    /// Marks the invoice as split; `run` counts from 1, and later runs say why.
    pub fn allocate(&mut self, run: i32, motive: Option<&str>) -> Result<(), InvoiceError> {
        let state = self.moved(InvoiceEvent::Allocate)?;
        if run > 1 && motive.is_none() {
            return Err(InvoiceError::MotiveNeeded);
        }
        self.state = state;
        Ok(())
    }

    /// Opens the invoice to another typing.
    pub fn edit(&mut self) -> Result<(), InvoiceError> {
        self.state = self.moved(InvoiceEvent::Edit)?;
        self.checked_at = None;
        Ok(())
    }

    fn moved(&self, event: InvoiceEvent) -> Result<InvoiceState, InvoiceError> {
        let state = self.state;
        let refused = InvoiceError::NotAllowed { state, event };
        state.after(event).ok_or(refused)
    }

    /// Whether this credit note takes back the whole of an invoice, line by line.
    #[must_use]
    pub fn takes_back(&self, credited: &Self) -> bool {
        let opposite = |a: Cents, b: Cents| a.checked_neg() == Ok(b);
        let same_lines =
            self.lines.len() == credited.lines.len()
                && self.lines.iter().zip(&credited.lines).all(|(a, b)| {
                    a.position == b.position && a.tax == b.tax && opposite(a.net, b.net)
                });
        let tax_of = |taxes: &[TaxTotal], group: TaxGroup| {
            let found = taxes.iter().find(|tax| tax.group == group);
            found.map_or(Cents::ZERO, |tax| tax.amount)
        };
        let same_taxes = self.taxes.iter().chain(&credited.taxes).all(|tax| {
            opposite(
                tax_of(&self.taxes, tax.group),
                tax_of(&credited.taxes, tax.group),
            )
        });
        self.kind == InvoiceKind::CreditNote && same_lines && same_taxes
    }
}

#[cfg(test)]
pub(super) mod tests;

//! What is refused about invoices.
use chrono::NaiveDate;

use super::{InvoiceEvent, InvoiceKind, InvoiceState};
use crate::{money::Cents, purchasing::invoice_check::Check};

/// What is refused about invoices (« facture refusée »).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvoiceError {
    #[error("an invoice in state {} cannot {}", state.code(), event.code())]
    NotAllowed {
        state: InvoiceState,
        event: InvoiceEvent,
    },
    #[error("an invoice has at least one line")]
    NoLines,
    #[error("the same supplier already sent number {number} in {year}")]
    Duplicate { number: String, year: i32 },
    #[error("the printed figures do not agree")]
    Unbalanced(Box<Check>),
    #[error("an invoice is positive, a credit note negative; this one is {gross}")]
    WrongSign { kind: InvoiceKind, gross: Cents },
    #[error("an invoice of 0.00 asks for nothing and gives nothing back")]
    Zero,
    /// A correction cites what it corrects: an invoice, or the contract of a yearly rebate.
    #[error("a credit note names the invoice that it takes back, or its contract")]
    CreditedMissing,
    /// No rule was agreed for its article, its lot or its grouping.
    #[error("line {position} says no rule, and none was agreed")]
    RuleMissing { position: i32 },
    #[error("the period of the invoice ends before it begins")]
    PeriodBackwards,
    #[error("received before it was issued")]
    ReceivedBeforeIssued,
    #[error("received on {received_on}, after today, {today}")]
    ReceivedInFuture {
        received_on: NaiveDate,
        today: NaiveDate,
    },
    #[error("the supplier or the contract is not of this coordinator")]
    NotOfGrouping,
    #[error("of the invoice, {left} is not credited yet; this credit note gives {credit} back")]
    CreditTooLarge { credit: Cents, left: Cents },
    #[error("a correction of the split needs a motive")]
    MotiveNeeded,
    #[error("a population of series {series} for {year} is missing for {missing} members")]
    PopulationMissing {
        series: String,
        year: i32,
        missing: usize,
    },
}

impl InvoiceError {
    /// Stable name used in problem types, logs and the documentation.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAllowed { .. } => "invoice.not-allowed",
            Self::NoLines => "invoice.no-lines",
            Self::Duplicate { .. } => "invoice.duplicate",
            Self::Unbalanced(_) => "invoice.unbalanced",
            Self::WrongSign { .. } => "invoice.wrong-sign",
            Self::Zero => "invoice.zero",
            Self::CreditedMissing => "invoice.credited-missing",
            Self::ReceivedBeforeIssued => "invoice.received-before-issued",
            Self::RuleMissing { .. } => "invoice.rule-missing",
            Self::PeriodBackwards => "invoice.period-backwards",
            Self::ReceivedInFuture { .. } => "invoice.received-in-future",
            Self::NotOfGrouping => "invoice.not-of-grouping",
            Self::CreditTooLarge { .. } => "invoice.credit-too-large",
            Self::MotiveNeeded => "invoice.motive-needed",
            Self::PopulationMissing { .. } => "invoice.population-missing",
        }
    }
}

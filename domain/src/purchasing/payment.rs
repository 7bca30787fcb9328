//! The day an invoice was paid (« paiement »), told by the coordinator.
use chrono::NaiveDate;

use super::invoice::{Invoice, InvoiceKind, InvoiceState};

/// Where the payment of an invoice stands (« paiement »).
///
/// | paid on | due on | today  | payment |
/// |---------|--------|--------|---------|
/// | 20 May  | 21 May | 1 June | paid    |
/// |         | 21 May | 21 May | to pay  |
/// |         | 21 May | 22 May | late    |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payment {
    /// Not paid, and its last day has not passed (« à payer »).
    ToPay,
    /// Not paid on its last day (« en retard »).
    Late,
    /// Its day is known (« payée »).
    Paid,
}

impl Payment {
    pub const ALL: [Self; 3] = [Self::ToPay, Self::Late, Self::Paid];

    /// The name in the API and in the addresses of lists.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::ToPay => "to_pay",
            Self::Late => "late",
            Self::Paid => "paid",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|payment| payment.code() == code)
    }
}

/// What is refused about payments (« paiement refusé »).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PaymentError {
    #[error("a credit note is not paid")]
    CreditNote,
    #[error("an invoice in state {} is not split, hence not paid", state.code())]
    NotSplit { state: InvoiceState },
    #[error("paid on {paid_on}, after today, {today}")]
    InFuture {
        paid_on: NaiveDate,
        today: NaiveDate,
    },
    #[error("paid on {paid_on}, before it was received, on {received_on}")]
    BeforeReceived {
        paid_on: NaiveDate,
        received_on: NaiveDate,
    },
}

impl PaymentError {
    /// Stable name used in problem types, logs and the documentation.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::CreditNote => "payment.credit-note",
            Self::NotSplit { .. } => "payment.not-split",
            Self::InFuture { .. } => "payment.in-future",
            Self::BeforeReceived { .. } => "payment.before-received",
        }
    }
}

impl Invoice {
    /// Where its payment stands; a credit note has none.
    #[must_use]
    pub fn payment(&self, today: NaiveDate) -> Option<Payment> {
        match (self.kind, self.paid_on) {
            (InvoiceKind::CreditNote, _) => None,
            (InvoiceKind::Invoice, Some(_)) => Some(Payment::Paid),
            (InvoiceKind::Invoice, None) if self.due_on < today => Some(Payment::Late),
            (InvoiceKind::Invoice, None) => Some(Payment::ToPay),
        }
    }

    /// Whether its payment may be told: an invoice that is split.
    #[must_use]
    pub fn is_payable(&self) -> bool {
        self.kind == InvoiceKind::Invoice && self.state == InvoiceState::Allocated
    }

    /// Tells the day it was paid, or another day than the one told before.
    pub fn pay(&mut self, paid_on: NaiveDate, today: NaiveDate) -> Result<(), PaymentError> {
        if self.kind == InvoiceKind::CreditNote {
            return Err(PaymentError::CreditNote);
        }
        if self.state != InvoiceState::Allocated {
            return Err(PaymentError::NotSplit { state: self.state });
        }
        if paid_on > today {
            return Err(PaymentError::InFuture { paid_on, today });
        }
        let received_on = self.received_on;
        if paid_on < received_on {
            return Err(PaymentError::BeforeReceived {
                paid_on,
                received_on,
            });
        }
        self.paid_on = Some(paid_on);
        Ok(())
    }

    /// Takes the payment back: it was told by mistake.
    pub fn take_payment_back(&mut self) {
        self.paid_on = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::purchasing::invoice::tests::{invoice, line, vat};

    fn day(month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, month, day).unwrap()
    }

    /// Received on 17 April, to be paid on 21 May, split.
    fn split(gross: i64) -> Invoice {
        let (net, tax) = (gross / 6 * 5, gross / 6);
        let mut invoice = invoice(vec![line(1, net, vat(2_000))], &[(vat(2_000), tax)], gross);
        invoice.due_on = day(5, 21);
        invoice.state = InvoiceState::Allocated;
        invoice
    }

    #[test]
    fn a_payment_stands_as_the_table_says() {
        let mut invoice = split(12_000);
        assert_eq!(invoice.payment(day(5, 21)), Some(Payment::ToPay));
        assert_eq!(invoice.payment(day(5, 22)), Some(Payment::Late));
        invoice.pay(day(5, 20), day(6, 1)).unwrap();
        assert_eq!(invoice.payment(day(6, 1)), Some(Payment::Paid));
        invoice.take_payment_back();
        assert_eq!(invoice.payment(day(6, 1)), Some(Payment::Late));
        assert_eq!(split(-12_000).payment(day(6, 1)), None);
    }

    #[test]
    fn what_cannot_have_been_paid_is_refused() {
        let today = day(5, 20);
        let refusal = |invoice: &mut Invoice, on| invoice.pay(on, today).unwrap_err().code();
        let mut own = split(12_000);
        assert_eq!(refusal(&mut own, day(5, 21)), "payment.in-future");
        assert_eq!(refusal(&mut own, day(4, 16)), "payment.before-received");
        assert_eq!(refusal(&mut split(-12_000), today), "payment.credit-note");
        own.state = InvoiceState::Checked;
        assert_eq!(refusal(&mut own, today), "payment.not-split");
        assert_eq!(own.paid_on, None);
    }

    #[test]
    fn codes_read_back() {
        for payment in Payment::ALL {
            assert_eq!(Payment::from_code(payment.code()), Some(payment));
        }
    }
}

//! The days that an invoice bills.
use chrono::NaiveDate;

/// The days of what an invoice bills (« période facturée »), both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServicePeriod {
    pub from: NaiveDate,
    pub to: NaiveDate,
}

impl ServicePeriod {
    /// The first day after it.
    #[must_use]
    pub fn end(self) -> NaiveDate {
        self.to.succ_opt().unwrap_or(self.to)
    }
}

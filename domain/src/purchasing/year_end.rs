//! The end of a budget year (« clôture de l’exercice »): what still belongs to it.
use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};

use super::{
    correction::Correction,
    entry::{Entry, EntrySource},
    payer::Payer,
    recovery::{RecoveryOrder, bears},
};
use crate::identity::{CorrectionId, InvoiceId, RecoveryOrderId};

/// Why something stands in the list of a year’s end (« nature du rattachement »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pending {
    /// A share that no titre of the year asked (« part à demander »).
    Unasked,
    /// A supplier’s invoice that was not paid (« facture à payer »).
    Unpaid,
    /// What was asked too much and did not go back (« à rendre »).
    GiveBack,
}

impl Pending {
    pub const ALL: [Self; 3] = [Self::Unasked, Self::Unpaid, Self::GiveBack];

    /// The name in the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Unasked => "unasked",
            Self::Unpaid => "unpaid",
            Self::GiveBack => "give_back",
        }
    }
}

/// The end of one budget year (« clôture de l’exercice »).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct YearEnd(pub i32);

impl YearEnd {
    /// The year that is being closed on a day: the one before as long as January bears it.
    #[must_use]
    pub fn nearest(today: NaiveDate) -> Self {
        let before = today.year() - 1;
        Self(if bears(today, before) {
            before
        } else {
            today.year()
        })
    }

    /// The last day of the year.
    #[must_use]
    pub fn day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.0, 12, 31).unwrap_or(NaiveDate::MAX)
    }

    /// Whether a line of the book belongs to the year or to one before.
    ///
    /// `on` is the day of the line, `invoice` that of its run: what titres of the year asked for
    /// counts in the complementary days too.
    ///
    /// | line                              | 2026 | why                                 |
    /// |-----------------------------------|------|-------------------------------------|
    /// | split on 2026-12-31               | yes  | its day                             |
    /// | split on 2027-01-04, no titre     | no   | its day                             |
    /// | split on 2027-01-04, titre 2026   | yes  | the titre took it into its year     |
    /// | asked, titre 2026 of 2027-01-05   | yes  | the year of the titre               |
    /// | asked, titre 2027                 | no   | the same                            |
    /// | paid back by a mandat of 2026     | yes  | the year of the piece               |
    #[must_use]
    pub fn counts(
        self,
        entry: &Entry,
        on: NaiveDate,
        invoice: Option<InvoiceId>,
        facts: &YearFacts,
    ) -> bool {
        match entry.source {
            EntrySource::Allocation(_) => {
                let payer = entry.payer();
                let asked = invoice.is_some_and(|id| facts.asked.contains(&(payer, id)));
                on <= self.day() || (asked && bears(on, self.0))
            }
            EntrySource::RecoveryOrder(id) => facts.titres.contains(&id),
            EntrySource::Correction(id) => facts.pieces.contains(&id),
        }
    }
}

/// The pieces of a year and of those before (« pièces de l’exercice »).
#[derive(Clone, Debug, Default)]
pub struct YearFacts {
    /// The orders that have a titre.
    titres: BTreeSet<RecoveryOrderId>,
    /// Of whom these titres asked, and for which invoices.
    asked: BTreeSet<(Payer, InvoiceId)>,
    /// The corrections that have a piece.
    pieces: BTreeSet<CorrectionId>,
}

impl YearFacts {
    /// Keeps what belongs to the year.
    #[must_use]
    pub fn of(year: YearEnd, orders: &[RecoveryOrder], corrections: &[Correction]) -> Self {
        let of_year = |exercice: Option<i32>| exercice.is_some_and(|of| of <= year.0);
        let titre = |order: &&RecoveryOrder| of_year(order.titre.as_ref().map(|t| t.exercice));
        let piece = |one: &&Correction| of_year(one.voucher.as_ref().map(|v| v.exercice));
        let titres = orders.iter().filter(titre);
        let asks = |order: &RecoveryOrder| {
            let payer = order.payer();
            let sources = order.sources.clone().into_iter();
            sources.map(move |invoice| (payer, invoice))
        };
        Self {
            asked: titres.clone().flat_map(asks).collect(),
            titres: titres.map(|order| order.id).collect(),
            pieces: corrections.iter().filter(piece).map(|one| one.id).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_that_is_closed_is_the_one_before_in_january() {
        for (today, year) in [
            ("2026-12-31", 2026),
            ("2027-01-31", 2026),
            ("2027-02-01", 2027),
        ] {
            assert_eq!(YearEnd::nearest(today.parse().unwrap()), YearEnd(year));
        }
        assert_eq!(YearEnd(2026).day().to_string(), "2026-12-31");
    }
}

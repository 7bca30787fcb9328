//! Invoices, recovery orders, and what members receive to read.
use domain::permission::Right;

use super::{Asking, Kind, Source, since};
use crate::store::waiting::money as rows;

pub(super) fn sources(asking: &Asking<'_>) -> Vec<Option<Source>> {
    let since = since(asking.now);
    // Who splits the invoices knows what they sent.
    let makers = asking.with(Right::RunAllocations);
    let read = Right::ReadStatements;
    vec![
        asking.of(Right::RunAllocations, |_| Kind::Split, rows::unsplit),
        asking.of(Right::FollowPayments, |_| Kind::Pay, rows::unpaid),
        asking.of(Right::FollowPayments, |_| Kind::Issue, rows::unissued),
        asking.of(Right::FollowPayments, |_| Kind::GiveBack, rows::uncorrected),
        asking.of(
            read,
            |_| Kind::ReadStatement,
            |of| rows::new_statements(of, &makers, since),
        ),
        asking.of(
            read,
            |_| Kind::ReadTitre,
            |of| rows::new_titres(of, &makers, since.date_naive()),
        ),
    ]
}

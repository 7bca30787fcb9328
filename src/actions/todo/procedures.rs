//! Procedures to launch and to decide, contracts to record and to renew.
use chrono::Days;
use domain::permission::Right;

use super::{Asking, ENDING_DAYS, Kind, Source};
use crate::store::waiting::procedures as rows;

pub(super) fn sources(asking: &Asking<'_>) -> Vec<Option<Source>> {
    let run = Right::RunProcedures;
    let before = asking.today.checked_add_days(Days::new(ENDING_DAYS));
    let before = before.unwrap_or(asking.today);
    vec![
        asking.of(run, |_| Kind::Launch, rows::unlaunched),
        asking.of(run, |_| Kind::Decide, rows::undecided),
        asking.of(run, |_| Kind::Contract, rows::uncontracted),
        asking.of(run, |_| Kind::Renew, |of| rows::ending(of, before)),
    ]
}

//! Needs to declare, rounds to follow and what comes after them.
use domain::permission::Right;

use super::{Asking, Kind, Source};
use crate::store::waiting::{Waiting, rounds as rows};

pub(super) fn sources(asking: &Asking<'_>) -> Vec<Option<Source>> {
    let now = asking.now;
    let run = Right::RunRounds;
    vec![
        asking.of(Right::DeclareNeeds, step, |of| rows::unanswered(of, now)),
        asking.of(
            Right::DeclareNeeds,
            |_| Kind::Correct,
            |of| rows::reopened(of, now),
        ),
        asking.of(run, |_| Kind::Follow, |of| rows::to_follow(of, now)),
        asking.of(run, |_| Kind::Reconfirm, rows::to_reconfirm),
        asking.of(run, |_| Kind::Close, |of| rows::late(of, now)),
        asking.of(Right::RunProcedures, |_| Kind::Prepare, rows::unprepared),
    ]
}

fn step(row: &Waiting) -> Kind {
    match row.name.as_deref() {
        Some(rows::CONFIRM) => Kind::Confirm,
        Some("started") => Kind::Transmit,
        Some(_) | None => Kind::Declare,
    }
}

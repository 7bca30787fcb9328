//! Memberships: those a coordinator waits for, those a member has to complete.
use domain::permission::Right;

use super::{Asking, Kind, Source};
use crate::store::waiting::{Waiting, groupings as rows};

pub(super) fn sources(asking: &Asking<'_>) -> Vec<Option<Source>> {
    let today = asking.today;
    let run = Right::RunGroupings;
    vec![
        asking.of(run, |_| Kind::Gather, |of| rows::incomplete(of, today)),
        asking.of(run, |_| Kind::Answer, rows::leaving),
        asking.of(Right::DecideMembership, lacking, rows::to_sign),
    ]
}

fn lacking(row: &Waiting) -> Kind {
    match row.name.as_deref() {
        Some(rows::SIGNATURE) => Kind::JoinSign,
        Some(rows::TRANSMISSION) => Kind::JoinTransmit,
        Some(_) | None => Kind::JoinDecide,
    }
}

//! Users who never came, organisations without an address.
use domain::permission::Right;

use super::{Asking, Kind, Source};
use crate::store::waiting::people as rows;

pub(super) fn sources(asking: &Asking<'_>) -> Vec<Option<Source>> {
    vec![
        asking.of(Right::ManageUsers, |_| Kind::Welcome, rows::invited),
        asking.of(Right::ManageUsers, |_| Kind::Reach, rows::unreachable),
    ]
}

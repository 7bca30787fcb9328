//! What a run keeps beside its shares, so that one member is replayed without the others.

use serde::{Deserialize, Serialize};

use super::Fraction;

/// The trace of a rounding (« trace »): for each row who was served last, and each repair.
///
/// Rows and members count from zero in the order of the run: lines by id and then taxes by
/// group, members by id. Its JSON can be stored beside the shares. `line-1` keeps nothing: each
/// of its rows is replayed from the case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Record {
    /// One for a joint rounding; net and then taxes when they are rounded apart.
    pub(super) stages: Vec<Trace>,
}

/// What one rounding keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Trace {
    pub rows: Vec<Given>,
    pub mends: Vec<Mend>,
}

/// What a row gave out, cent by cent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Given {
    pub left: usize,
    /// Members with a part of a cent.
    pub candidates: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Last>,
}

/// The last one served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Last {
    /// How much was owed to it, in cents.
    pub due: Fraction,
    pub member: usize,
    /// Whether as much was owed to someone who was not served.
    pub tied: bool,
}

/// One repair: cents that moved inside rows, around a circle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mend {
    /// How many rows were rounded by then.
    pub after: usize,
    /// The subtotal that strayed, and whose it was.
    pub level: usize,
    pub member: usize,
    pub moves: Vec<Move>,
}

/// One cent that a member gains or gives in a row: `[row, member, gains]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(usize, usize, bool)", into = "(usize, usize, bool)")]
pub(super) struct Move {
    pub row: usize,
    pub member: usize,
    pub gains: bool,
}

impl From<(usize, usize, bool)> for Move {
    fn from((row, member, gains): (usize, usize, bool)) -> Self {
        Self { row, member, gains }
    }
}

impl From<Move> for (usize, usize, bool) {
    fn from(one: Move) -> Self {
        (one.row, one.member, one.gains)
    }
}

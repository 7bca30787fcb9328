//! The book of money (« écriture »): append-only, every balance is a sum of it.
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    identity::{BudgetId, GroupingId, OrganisationId},
    money::Cents,
};

/// Why money moves between a member and its coordinator (« nature de l’écriture »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// A share is owed (« dû »).
    Due,
    /// A share is taken back because the invoice is split again (« annulation d’un dû »).
    Reversal,
    /// A recovery order asks for it (« demandé »).
    Asked,
    /// A recovery order asks less, or nothing any more (« abandonné »).
    Released,
}

impl EntryKind {
    pub const ALL: [Self; 4] = [Self::Due, Self::Reversal, Self::Asked, Self::Released];

    /// The name in the database and the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Reversal => "reversal",
            Self::Asked => "asked",
            Self::Released => "released",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// One line of the book (« écriture »): never changed, corrected by another line.
///
/// A positive amount is owed by the member; the sum of a member’s lines is what is left to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub id: Uuid,
    pub owner: OrganisationId,
    pub grouping: GroupingId,
    pub member: OrganisationId,
    pub budget: Option<BudgetId>,
    pub kind: EntryKind,
    pub cents: Cents,
    pub source: EntrySource,
    pub at: DateTime<Utc>,
}

/// What an entry comes from (« pièce »).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntrySource {
    Allocation(crate::identity::AllocationId),
    RecoveryOrder(crate::identity::RecoveryOrderId),
}

impl EntrySource {
    /// The name of its kind in the database.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Self::Allocation(_) => "allocation",
            Self::RecoveryOrder(_) => "recovery_order",
        }
    }

    /// Its identifier.
    #[must_use]
    pub fn id(self) -> Uuid {
        match self {
            Self::Allocation(id) => id.0,
            Self::RecoveryOrder(id) => id.0,
        }
    }
}

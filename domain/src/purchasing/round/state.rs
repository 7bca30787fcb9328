//! Where a round stands, and what may happen to it there.
use std::fmt;

/// Where a round stands (« état de la campagne »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoundState {
    /// Being prepared (« préparation »): only the coordinator sees it.
    Draft,
    /// Members declare (« ouverte »).
    Open,
    /// No declaration lands any more (« close »).
    Closed,
    /// Given up (« annulée »).
    Cancelled,
}

/// What may happen to a round (« événement »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoundEvent {
    /// Its wording, lots or items are changed.
    Edit,
    /// Members may declare from now on.
    Open,
    /// A member types, submits or withdraws its needs.
    Declare,
    /// The deadline is moved later for all.
    Extend,
    /// By hand, or by the deadline.
    Close,
    /// One member alone may declare again.
    ReopenForMember,
    /// Every member may declare again.
    Reopen,
    /// It is given up.
    Cancel,
}

impl RoundState {
    pub const ALL: [Self; 4] = [Self::Draft, Self::Open, Self::Closed, Self::Cancelled];

    /// The name in the database and the API.
    pub fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Cancelled => "cancelled",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// The whole life of a round; `None` when this state does not allow the event.
    pub fn after(self, event: RoundEvent) -> Option<Self> {
        use RoundEvent as On;
        use RoundState as S;
        match (self, event) {
            (S::Draft, On::Edit) => Some(S::Draft),
            (S::Draft, On::Open) | (S::Closed, On::Reopen) => Some(S::Open),
            (S::Open, On::Edit | On::Declare | On::Extend) => Some(S::Open),
            (S::Open, On::Close) => Some(S::Closed),
            (S::Closed, On::ReopenForMember) => Some(S::Closed),
            (S::Draft | S::Open, On::Cancel) => Some(S::Cancelled),
            (S::Draft | S::Open | S::Closed | S::Cancelled, _) => None,
        }
    }
}

impl RoundEvent {
    pub const ALL: [Self; 8] = [
        Self::Edit,
        Self::Open,
        Self::Declare,
        Self::Extend,
        Self::Close,
        Self::ReopenForMember,
        Self::Reopen,
        Self::Cancel,
    ];
}

impl fmt::Display for RoundState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

//! The life of a procedure: what may happen to it, and when.

use std::fmt;

use super::ProcedureError;

/// Where a procedure stands (« état de la consultation »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProcedureState {
    /// Members are being checked (« en préparation »).
    Preparing,
    /// Suppliers are asked (« lancée »).
    Published,
    /// Every lot has its outcome (« terminée »).
    Done,
}

/// What may happen to a procedure (« événement de la consultation »).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcedureEvent {
    /// A member is set aside, or taken back.
    ChooseMembers,
    Launch,
    /// A lot gets its outcome, others wait.
    DecideLot,
    /// The last lot gets its outcome.
    DecideLastLot,
    /// An outcome was wrong; no contract came of it yet.
    CorrectLot,
    /// The quantities of the rounds are taken again, before any lot is decided.
    RefreshDemand,
    /// Its dates or its title change.
    Edit,
}

impl ProcedureState {
    /// Every state, in the order of a life.
    pub const ALL: [Self; 3] = [Self::Preparing, Self::Published, Self::Done];

    /// The state after an event; what is not written here is refused.
    pub fn after(self, event: ProcedureEvent) -> Result<Self, ProcedureError> {
        use {ProcedureEvent as On, ProcedureState as S};
        match (self, event) {
            (S::Preparing, On::ChooseMembers | On::Edit) => Ok(S::Preparing),
            (S::Preparing, On::Launch) => Ok(S::Published),
            (S::Published, On::DecideLot | On::CorrectLot | On::RefreshDemand | On::Edit) => {
                Ok(S::Published)
            }
            (S::Published, On::DecideLastLot) => Ok(S::Done),
            (S::Done, On::CorrectLot | On::Edit) => Ok(S::Done),
            (from, event) => Err(ProcedureError::NotAllowed { from, event }),
        }
    }

    /// The name in the database and the API.
    pub fn code(self) -> &'static str {
        match self {
            Self::Preparing => "preparing",
            Self::Published => "published",
            Self::Done => "done",
        }
    }

    /// Reads a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

impl ProcedureEvent {
    /// Every event.
    pub const ALL: [Self; 7] = [
        Self::ChooseMembers,
        Self::Launch,
        Self::DecideLot,
        Self::DecideLastLot,
        Self::CorrectLot,
        Self::RefreshDemand,
        Self::Edit,
    ];
}

impl fmt::Display for ProcedureState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for ProcedureEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ChooseMembers => "choose its members",
            Self::Launch => "be launched",
            Self::DecideLot | Self::DecideLastLot => "decide a lot",
            Self::CorrectLot => "correct a lot",
            Self::RefreshDemand => "take quantities again",
            Self::Edit => "be edited",
        })
    }
}

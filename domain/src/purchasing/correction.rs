//! Corrections (« régularisation »): what follows when titres ask more than is owed.
//!
//! A titre of an open budget year is reduced or cancelled; of another year, or without a titre, the
//! money is paid back. Nothing is ever taken off another demand.
use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::{
    entry::{Balance, Parts},
    payer::Payer,
    recovery::{RecoveryOrder, bears},
};
use crate::{
    identity::{AllocationId, BudgetId, CorrectionId, GroupingId, OrganisationId, RecoveryOrderId},
    money::{Cents, MoneyError},
};

/// By which piece money is given back (« nature de la régularisation »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CorrectionKind {
    /// The titre asks less (« réduction de titre »).
    Reduction,
    /// The titre asks nothing any more (« annulation de titre »).
    Cancellation,
    /// The coordinator pays it back (« mandat de remboursement »).
    Payout,
}

impl CorrectionKind {
    pub const ALL: [Self; 3] = [Self::Reduction, Self::Cancellation, Self::Payout];

    /// The name in the database and the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Reduction => "reduction",
            Self::Cancellation => "cancellation",
            Self::Payout => "payout",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// Where a correction is in its life (« état de la régularisation »).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CorrectionState {
    /// Waits for the finance software (« à faire »).
    Proposed,
    /// The piece exists (« faite »).
    Done,
    /// Replaced by later figures, or recorded by mistake (« retirée »).
    Withdrawn,
}

/// What happens to a correction (« événement »).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CorrectionEvent {
    Record,
    Undo,
    Withdraw,
}

impl CorrectionState {
    pub const ALL: [Self; 3] = [Self::Proposed, Self::Done, Self::Withdrawn];

    /// The name in the database and the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Done => "done",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// The one table of what may happen; what is not written is refused.
    #[must_use]
    pub fn after(self, event: CorrectionEvent) -> Option<Self> {
        use CorrectionEvent::{Record, Undo, Withdraw};
        use CorrectionState::{Done, Proposed, Withdrawn};
        match (self, event) {
            (Proposed, Record) => Some(Done),
            (Proposed, Withdraw) | (Done, Undo) => Some(Withdrawn),
            (Proposed, Undo) | (Done, Record | Withdraw) => None,
            (Withdrawn, Record | Undo | Withdraw) => None,
        }
    }
}

impl CorrectionEvent {
    pub const ALL: [Self; 3] = [Self::Record, Self::Undo, Self::Withdraw];

    /// The verb of the journal and of the diagram.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Undo => "undo",
            Self::Withdraw => "withdraw",
        }
    }
}

/// The titre that asked too much (« titre cité »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CitedTitre {
    pub order: RecoveryOrderId,
    /// The number that the finance software gave.
    pub number: String,
    pub exercice: i32,
}

/// The piece that the finance software made (« pièce comptable »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voucher {
    pub number: String,
    pub issued_on: NaiveDate,
    /// The budget year that bears it.
    pub exercice: i32,
}

/// Money that was asked too much, and how it goes back (« régularisation »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    pub id: CorrectionId,
    pub owner: OrganisationId,
    pub grouping: GroupingId,
    pub member: OrganisationId,
    pub budget: Option<BudgetId>,
    pub number: String,
    pub kind: CorrectionKind,
    pub state: CorrectionState,
    pub cents: Cents,
    /// None for revenue that no titre asked for.
    pub cited: Option<CitedTitre>,
    /// What is given back of each invoice.
    pub parts: Parts,
    /// The run that led to it.
    pub source: AllocationId,
    pub voucher: Option<Voucher>,
    pub created_at: DateTime<Utc>,
    pub version: i32,
}

/// What is refused about corrections (« régularisation refusée »).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CorrectionError {
    #[error("a correction in state {} cannot {}", state.code(), event.code())]
    NotAllowed {
        state: CorrectionState,
        event: CorrectionEvent,
    },
    #[error("a piece issued on {issued_on} cannot be of {exercice}")]
    ExerciceMismatch { issued_on: NaiveDate, exercice: i32 },
    /// A titre is reduced by a piece of its own year, as long as that year is open.
    #[error("the titre is of {titre}, and the piece of {piece}")]
    OtherExercice { titre: i32, piece: i32 },
    #[error("a piece cannot be issued on {issued_on}, after {today}")]
    InFuture {
        issued_on: NaiveDate,
        today: NaiveDate,
    },
    /// A titre that was reduced cannot be raised: the invoice is split again.
    #[error("only a payment can be taken back")]
    OnlyPayout,
    /// One piece gives back to one payer.
    #[error("the piece {number} of the same year is that of the correction {correction}")]
    VoucherTaken { number: String, correction: String },
}

impl CorrectionError {
    /// Stable name used in problem types, logs and the documentation.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAllowed { .. } => "correction.not-allowed",
            Self::ExerciceMismatch { .. } => "correction.exercice-mismatch",
            Self::OtherExercice { .. } => "correction.other-exercice",
            Self::InFuture { .. } => "correction.in-future",
            Self::OnlyPayout => "correction.only-payout",
            Self::VoucherTaken { .. } => "correction.voucher-taken",
        }
    }
}

impl Correction {
    /// Who gets it back.
    #[must_use]
    pub fn payer(&self) -> Payer {
        Payer {
            member: self.member,
            budget: self.budget,
        }
    }

    /// By which piece, on this day: once its year is closed, a titre is no longer reduced.
    ///
    /// | proposed as  | titre of | 2026-12-31   | 2027-01-31   | 2027-02-01 |
    /// |--------------|---------:|--------------|--------------|------------|
    /// | reduction    |     2026 | reduction    | reduction    | payout     |
    /// | cancellation |     2026 | cancellation | cancellation | payout     |
    /// | payout       |        – | payout       | payout       | payout     |
    #[must_use]
    pub fn kind_on(&self, day: NaiveDate) -> CorrectionKind {
        let closed = |cited: &CitedTitre| !bears(day, cited.exercice);
        if self.state == CorrectionState::Proposed && self.cited.as_ref().is_some_and(closed) {
            return CorrectionKind::Payout;
        }
        self.kind
    }

    /// Records the piece; gives what it turned out to be.
    pub fn record(
        &mut self,
        voucher: Voucher,
        today: NaiveDate,
    ) -> Result<CorrectionKind, CorrectionError> {
        let state = self.moved(CorrectionEvent::Record)?;
        let (issued_on, exercice) = (voucher.issued_on, voucher.exercice);
        if issued_on > today {
            return Err(CorrectionError::InFuture { issued_on, today });
        }
        if !bears(issued_on, exercice) {
            let mismatch = CorrectionError::ExerciceMismatch {
                issued_on,
                exercice,
            };
            return Err(mismatch);
        }
        if let Some(cited) = self.cited.as_ref().filter(|c| c.exercice != exercice) {
            if self.kind_on(today) != CorrectionKind::Payout {
                return Err(CorrectionError::OtherExercice {
                    titre: cited.exercice,
                    piece: exercice,
                });
            }
            self.kind = CorrectionKind::Payout;
        }
        self.state = state;
        self.voucher = Some(voucher);
        Ok(self.kind)
    }

    /// Takes back a payment that was recorded by mistake.
    pub fn undo(&mut self) -> Result<(), CorrectionError> {
        let state = self.moved(CorrectionEvent::Undo)?;
        if self.kind != CorrectionKind::Payout {
            return Err(CorrectionError::OnlyPayout);
        }
        self.state = state;
        Ok(())
    }

    /// Withdraws a proposal that later figures replace.
    pub fn withdraw(&mut self) -> Result<(), CorrectionError> {
        self.state = self.moved(CorrectionEvent::Withdraw)?;
        Ok(())
    }

    fn moved(&self, event: CorrectionEvent) -> Result<CorrectionState, CorrectionError> {
        let state = self.state;
        let refused = CorrectionError::NotAllowed { state, event };
        state.after(event).ok_or(refused)
    }
}

/// What is to be done for one payer (« régularisation proposée »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    pub kind: CorrectionKind,
    pub cents: Cents,
    pub cited: Option<CitedTitre>,
    pub parts: Parts,
}

impl Proposal {
    /// Whether a correction that waits already says the same.
    #[must_use]
    pub fn is(&self, waiting: &Correction) -> bool {
        self.kind == waiting.kind && self.cited == waiting.cited && self.parts == waiting.parts
    }
}

/// What to do with what a payer was asked too much, titre by titre.
///
/// Titres of an open year come first, the newest first: to reduce one is simpler than to pay.
///
/// | asked too much | titre, still asking | its year | proposed         |
/// |---------------:|--------------------:|----------|------------------|
/// |              5 |                  60 | open     | reduction of 5   |
/// |             60 |                  60 | open     | cancellation     |
/// |              5 |                  60 | closed   | payout of 5      |
/// |              5 |               none  |          | payout of 5      |
pub fn propose(
    balance: &Balance,
    titres: &[RecoveryOrder],
    today: NaiveDate,
) -> Result<Vec<Proposal>, MoneyError> {
    let year = |order: &RecoveryOrder| order.titre.as_ref().map(|titre| titre.exercice);
    let open = |order: &RecoveryOrder| year(order).is_some_and(|year| bears(today, year));
    let mut titres: Vec<&RecoveryOrder> = titres.iter().filter(|o| o.titre.is_some()).collect();
    titres.sort_by_key(|order| (!open(order), std::cmp::Reverse(order.id)));
    let left: Vec<_> = titres
        .iter()
        .map(|order| (order.id, order.left()))
        .collect();
    let mut proposals = Vec::new();
    for excess in balance.excess(&left)? {
        let cents = Cents::checked_sum(excess.parts.iter().map(|(_, part)| *part))?;
        let order = titres.iter().find(|order| Some(order.id) == excess.order);
        let kind = match order {
            Some(order) if open(order) && order.left() == cents => CorrectionKind::Cancellation,
            Some(order) if open(order) => CorrectionKind::Reduction,
            Some(_) | None => CorrectionKind::Payout,
        };
        let cited = order.and_then(|order| {
            let titre = order.titre.as_ref()?;
            Some(CitedTitre {
                order: order.id,
                number: titre.number.clone(),
                exercice: titre.exercice,
            })
        });
        proposals.push(Proposal {
            kind,
            cents,
            cited,
            parts: excess.parts,
        });
    }
    Ok(proposals)
}

/// The number of a correction: `RG-2026-0003`.
#[must_use]
pub fn correction_number(made_at: DateTime<Utc>, count: u64) -> String {
    format!("RG-{}-{count:04}", made_at.year())
}

#[cfg(test)]
mod tests;

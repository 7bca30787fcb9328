//! Recovery orders (« demande de titre »): what the coordinator asks of each member.
//!
//! We never issue titres: an order is what the finance software turns into one.
use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::payer::Payer;
use crate::{
    identity::{BudgetId, GroupingId, InvoiceId, OrganisationId, RecoveryOrderId},
    money::Cents,
};

/// Where a recovery order is in its life (« état de la demande de titre »).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoveryState {
    /// Waits for the finance software (« à émettre »).
    ToIssue,
    /// The titre exists (« émis »).
    Issued,
    /// The titre was reduced (« réduit »).
    Reduced,
    /// Nothing is asked any more (« annulé »).
    Cancelled,
}

/// What happens to a recovery order (« événement »).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoveryEvent {
    Issue,
    Reduce,
    Cancel,
}

impl RecoveryState {
    pub const ALL: [Self; 4] = [Self::ToIssue, Self::Issued, Self::Reduced, Self::Cancelled];

    /// The name in the database and the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::ToIssue => "to_issue",
            Self::Issued => "issued",
            Self::Reduced => "reduced",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// The one table of what may happen; what is not written is refused.
    #[must_use]
    pub fn after(self, event: RecoveryEvent) -> Option<Self> {
        use RecoveryEvent::{Cancel, Issue, Reduce};
        use RecoveryState::{Cancelled, Issued, Reduced, ToIssue};
        match (self, event) {
            (ToIssue, Issue) => Some(Issued),
            (Issued | Reduced, Reduce) => Some(Reduced),
            (ToIssue | Issued | Reduced, Cancel) => Some(Cancelled),
            (ToIssue | Cancelled, Reduce) | (Issued | Reduced | Cancelled, Issue) => None,
            (Cancelled, Cancel) => None,
        }
    }
}

impl RecoveryEvent {
    pub const ALL: [Self; 3] = [Self::Issue, Self::Reduce, Self::Cancel];

    /// The verb of the journal and of the diagram.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Issue => "issue",
            Self::Reduce => "reduce",
            Self::Cancel => "cancel",
        }
    }
}

/// The numbers that the finance software gave (« titre émis »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Titre {
    pub number: String,
    pub bordereau: String,
    pub issued_on: NaiveDate,
    /// The budget year that bears it.
    pub exercice: i32,
}

/// What the coordinator asks of one member (« demande de titre »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecoveryOrder {
    pub id: RecoveryOrderId,
    pub owner: OrganisationId,
    pub grouping: GroupingId,
    pub member: OrganisationId,
    pub budget: Option<BudgetId>,
    pub number: String,
    pub state: RecoveryState,
    pub cents: Cents,
    /// The invoices whose shares are asked, oldest first.
    pub sources: Vec<InvoiceId>,
    pub titre: Option<Titre>,
    pub reduced: Cents,
    pub created_at: DateTime<Utc>,
    pub version: i32,
}

/// What is refused about recovery orders (« demande de titre refusée »).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecoveryError {
    #[error("an order in state {} cannot {}", state.code(), event.code())]
    NotAllowed {
        state: RecoveryState,
        event: RecoveryEvent,
    },
    #[error("{by} is not between nothing and the {left} still asked")]
    TooMuch { by: Cents, left: Cents },
    /// In the next budget year a correction is a payment, not a reduction.
    #[error("the titre is of {exercice}, and this is {year}")]
    OtherExercice { exercice: i32, year: i32 },
    /// The finance software numbers the titres of a year once.
    #[error("the titre {number} of the same year is that of the order {order}")]
    TitreTaken { number: String, order: String },
    #[error("a titre issued on {issued_on} cannot be of {exercice}")]
    ExerciceMismatch { issued_on: NaiveDate, exercice: i32 },
}

impl RecoveryError {
    /// Stable name used in problem types, logs and the documentation.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAllowed { .. } => "recovery.not-allowed",
            Self::TooMuch { .. } => "recovery.too-much",
            Self::OtherExercice { .. } => "recovery.other-exercice",
            Self::TitreTaken { .. } => "recovery.titre-taken",
            Self::ExerciceMismatch { .. } => "recovery.exercice-mismatch",
        }
    }
}

impl RecoveryOrder {
    /// Who pays.
    #[must_use]
    pub fn payer(&self) -> Payer {
        Payer {
            member: self.member,
            budget: self.budget,
        }
    }

    /// What is still asked.
    #[must_use]
    pub fn left(&self) -> Cents {
        match self.state {
            RecoveryState::ToIssue | RecoveryState::Issued | RecoveryState::Reduced => {
                Cents(self.cents.0.saturating_sub(self.reduced.0))
            }
            RecoveryState::Cancelled => Cents::ZERO,
        }
    }

    /// Records the numbers of the titre.
    pub fn issue(&mut self, titre: Titre) -> Result<(), RecoveryError> {
        let state = self.moved(RecoveryEvent::Issue)?;
        if !bears(titre.issued_on, titre.exercice) {
            return Err(RecoveryError::ExerciceMismatch {
                issued_on: titre.issued_on,
                exercice: titre.exercice,
            });
        }
        self.state = state;
        self.titre = Some(titre);
        Ok(())
    }

    /// Asks less, in the same budget year; gives what is no longer asked.
    pub fn reduce(&mut self, by: Cents, today: NaiveDate) -> Result<Cents, RecoveryError> {
        let state = self.moved(RecoveryEvent::Reduce)?;
        self.same_exercice(today)?;
        let left = self.left();
        if by.0 <= 0 || by >= left {
            return Err(RecoveryError::TooMuch { by, left });
        }
        self.state = state;
        self.reduced = Cents(self.reduced.0.saturating_add(by.0));
        Ok(by)
    }

    /// Asks nothing any more; gives what is no longer asked.
    pub fn cancel(&mut self, today: NaiveDate) -> Result<Cents, RecoveryError> {
        let state = self.moved(RecoveryEvent::Cancel)?;
        self.same_exercice(today)?;
        let left = self.left();
        self.state = state;
        Ok(left)
    }

    fn same_exercice(&self, today: NaiveDate) -> Result<(), RecoveryError> {
        let year = today.year();
        match &self.titre {
            Some(titre) if !bears(today, titre.exercice) => Err(RecoveryError::OtherExercice {
                exercice: titre.exercice,
                year,
            }),
            Some(_) | None => Ok(()),
        }
    }

    fn moved(&self, event: RecoveryEvent) -> Result<RecoveryState, RecoveryError> {
        let state = self.state;
        let refused = RecoveryError::NotAllowed { state, event };
        state.after(event).ok_or(refused)
    }
}

/// Whether a piece of this day may be of this budget year (« exercice »).
///
/// | day        | 2026 | 2027 |
/// |------------|------|------|
/// | 2026-12-31 | yes  | no   |
/// | 2027-01-31 | yes  | yes  |
/// | 2027-02-01 | no   | yes  |
///
/// The complementary days of January still belong to the year before.
#[must_use]
pub fn bears(day: NaiveDate, exercice: i32) -> bool {
    let complementary = day.month() == 1 && exercice == day.year() - 1;
    exercice == day.year() || complementary
}

/// What to do with what a member owes (« solde d’un membre »).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// Nothing is owed.
    Settled,
    /// Enough to be asked.
    Ask(Cents),
    /// Under the collection floor: kept for the next time (« reporté »).
    CarryOver(Cents),
    /// More was asked than is owed: an order is to be reduced, or a payment made.
    GiveBack(Cents),
}

/// Decides by the collection floor (« seuil de recouvrement »), 15 €: article D1611-1 CGCT.
///
/// | balance | floor | decision     |
/// |--------:|------:|--------------|
/// |   14.99 | 15.00 | carried over |
/// |   15.00 | 15.00 | asked        |
/// |    0.00 | 15.00 | settled      |
/// |   −3.00 | 15.00 | given back   |
#[must_use]
pub fn settle(balance: Cents, floor: Cents) -> Settlement {
    if balance.is_zero() {
        Settlement::Settled
    } else if balance.is_negative() {
        Settlement::GiveBack(Cents(balance.0.saturating_neg()))
    } else if balance < floor {
        Settlement::CarryOver(balance)
    } else {
        Settlement::Ask(balance)
    }
}

/// The number of a recovery order: `DT-2026-0031`.
#[must_use]
pub fn order_number(year: i32, count: u64) -> String {
    format!("DT-{year}-{count:04}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn order(cents: i64) -> RecoveryOrder {
        RecoveryOrder {
            id: RecoveryOrderId(Uuid::nil()),
            owner: OrganisationId(Uuid::nil()),
            grouping: GroupingId(Uuid::nil()),
            member: OrganisationId(Uuid::nil()),
            budget: None,
            number: order_number(2026, 31),
            state: RecoveryState::ToIssue,
            cents: Cents(cents),
            sources: Vec::new(),
            titre: None,
            reduced: Cents::ZERO,
            created_at: DateTime::UNIX_EPOCH,
            version: 0,
        }
    }

    fn titre(issued_on: &str, exercice: i32) -> Titre {
        Titre {
            number: "1208".into(),
            bordereau: "87".into(),
            issued_on: issued_on.parse().unwrap(),
            exercice,
        }
    }

    #[test]
    fn the_floor_carries_over_and_loses_nothing() {
        let floor = Cents(1_500);
        for (balance, decision) in [
            (1_499, Settlement::CarryOver(Cents(1_499))),
            (1_500, Settlement::Ask(Cents(1_500))),
            (0, Settlement::Settled),
            (-300, Settlement::GiveBack(Cents(300))),
        ] {
            assert_eq!(settle(Cents(balance), floor), decision);
        }
    }

    #[test]
    fn a_reduction_belongs_to_the_year_of_its_titre() {
        let mut asked = order(33_388);
        let today = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert!(asked.reduce(Cents(10), today("2026-06-01")).is_err());
        asked.issue(titre("2026-06-10", 2026)).unwrap();
        asked.reduce(Cents(388), today("2026-07-01")).unwrap();
        assert_eq!(asked.left(), Cents(33_000));
        assert!(matches!(
            asked.reduce(Cents(33_000), today("2026-07-01")),
            Err(RecoveryError::TooMuch { .. })
        ));
        assert_eq!(
            asked.cancel(today("2027-02-01")),
            Err(RecoveryError::OtherExercice {
                exercice: 2026,
                year: 2027
            })
        );
        assert_eq!(asked.cancel(today("2026-12-01")), Ok(Cents(33_000)));
        assert_eq!(asked.left(), Cents::ZERO);
    }

    #[test]
    fn only_january_may_still_bear_the_year_before() {
        assert!(order(2_000).issue(titre("2027-01-15", 2026)).is_ok());
        assert!(order(2_000).issue(titre("2027-02-15", 2026)).is_err());
        assert!(order(2_000).issue(titre("2026-02-15", 2027)).is_err());
    }
}

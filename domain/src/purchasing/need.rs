//! What members ask for, and the figures being typed before they are transmitted.
use chrono::{DateTime, Utc};

use crate::{
    identity::{BudgetId, ItemId, NeedId, OrganisationId, RoundId, SiteId, UserId},
    money::{Cents, MoneyError},
    quantity::Quantity,
};

mod commitment;
mod typed;

pub use commitment::{Commitment, CommitmentKind};
pub use typed::{CellFault, Measure, QUANTITY_MAX, TYPED_CHARS_MAX, Typed, parse};

/// The longest comment on a need.
pub const COMMENT_CHARS_MAX: usize = 1_000;

/// What the needs of one member in one round may be estimated at: a hundred billion euros.
pub const WORTH_MAX: Cents = Cents(10_000_000_000_000);

/// Refuses needs so large that the round could no longer be added up (« besoin démesuré »).
///
/// # Errors
/// [`MoneyError::Overflow`] above [`WORTH_MAX`].
pub fn check_worth(estimate: Cents) -> Result<(), MoneyError> {
    if estimate > WORTH_MAX {
        return Err(MoneyError::Overflow);
    }
    Ok(())
}

/// What a member asks for in a round (« besoin »), once transmitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    pub id: NeedId,
    /// The coordinating organisation.
    pub owner: OrganisationId,
    pub round: RoundId,
    pub member: OrganisationId,
    pub item: ItemId,
    /// Tells apart the lines of one item: a site's identifier, or nothing for the only line.
    pub line: String,
    pub site: Option<SiteId>,
    /// The budget that will pay; the member's main one when absent.
    pub budget: Option<BudgetId>,
    pub quantity: Quantity,
    pub commitment: Commitment,
    pub comment: Option<String>,
    /// The revision of the declaration that brought it.
    pub revision: i32,
    pub version: i32,
}

/// A column of the needs grid (« colonne de saisie »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NeedColumn {
    /// « Quantité » or « Quantité ferme ».
    Quantity,
    /// « Possible, jusqu’à ».
    Most,
    /// « Engagement ».
    Commitment,
    /// « Budget »: who will pay, for a member that has several.
    Budget,
    /// « Commentaire ».
    Comment,
}

impl NeedColumn {
    /// Every column, from left to right.
    pub const ALL: [Self; 5] = [
        Self::Quantity,
        Self::Most,
        Self::Commitment,
        Self::Budget,
        Self::Comment,
    ];

    /// The name in forms and in the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Quantity => "quantity",
            Self::Most => "most",
            Self::Commitment => "commitment",
            Self::Budget => "budget",
            Self::Comment => "comment",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.code() == code)
    }
}

/// A line being typed (« saisie en cours »): kept as typed, even what cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub item: ItemId,
    pub line: String,
    pub quantity: Typed,
    pub most: Typed,
    pub commitment: CommitmentKind,
    /// The budget that will pay; the member's main one when absent.
    pub budget: Option<BudgetId>,
    pub comment: Option<String>,
    pub saved_at: DateTime<Utc>,
    pub saved_by: Option<UserId>,
    pub version: i32,
}

/// A cell that cannot be transmitted (« case à corriger »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadCell {
    pub item: ItemId,
    pub line: String,
    /// The number of the item on the page: `2.1`.
    pub reference: String,
    pub column: NeedColumn,
    pub typed: String,
    pub fault: CellFault,
}

/// Two people typed different things in one cell (« saisies concurrentes »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    pub item: ItemId,
    pub line: String,
    pub reference: String,
    pub column: NeedColumn,
    /// What the other person saved, and stays.
    pub theirs: String,
    /// What was typed now, and is not saved.
    pub yours: String,
    pub saved_at: DateTime<Utc>,
}

/// What needs refuse (« besoin refusé »).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NeedError {
    #[error("{} cells cannot be transmitted", .0.len())]
    Cells(Vec<BadCell>),
    #[error("{} cells were changed by someone else", .0.len())]
    Conflicts(Vec<Conflict>),
    /// The item is not of this round, or the member did not join its lot.
    #[error("this round has no item {item} for this member")]
    UnknownItem { item: ItemId },
    /// The round asks for no sites, or the site is not one of the member's.
    #[error("item {item} has no line for the site {site}")]
    UnknownSite { item: ItemId, site: String },
    #[error("the budget {budget} is not one of the member's")]
    UnknownBudget { budget: String },
}

impl NeedError {
    /// Stable name used in problem types, logs and the documentation.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Cells(_) => "need.cells",
            Self::Conflicts(_) => "need.conflict",
            Self::UnknownItem { .. } => "need.unknown-item",
            Self::UnknownSite { .. } => "need.unknown-site",
            Self::UnknownBudget { .. } => "need.unknown-budget",
        }
    }
}

impl Draft {
    /// A line on which nothing was typed.
    #[must_use]
    pub fn empty(item: ItemId, line: impl Into<String>, now: DateTime<Utc>) -> Self {
        Self {
            item,
            line: line.into(),
            quantity: Typed::Empty,
            most: Typed::Empty,
            commitment: CommitmentKind::Firm,
            budget: None,
            comment: None,
            saved_at: now,
            saved_by: None,
            version: 0,
        }
    }

    /// What stands in a cell, as the page shows it.
    #[must_use]
    pub fn text(&self, column: NeedColumn) -> String {
        match column {
            NeedColumn::Quantity => self.quantity.text(),
            NeedColumn::Most => self.most.text(),
            NeedColumn::Commitment => self.commitment.code().to_owned(),
            NeedColumn::Budget => self.budget.map(|id| id.to_string()).unwrap_or_default(),
            NeedColumn::Comment => self.comment.clone().unwrap_or_default(),
        }
    }

    /// Types in a cell; a commitment that is no choice and an unreadable comment change nothing.
    pub fn set(&mut self, column: NeedColumn, typed: &str, measure: &Measure) {
        match column {
            NeedColumn::Quantity => self.quantity = Typed::read(typed, measure),
            NeedColumn::Most => self.most = Typed::read(typed, measure),
            NeedColumn::Commitment => {
                self.commitment = CommitmentKind::from_code(typed).unwrap_or(self.commitment);
            }
            NeedColumn::Budget => self.budget = typed.parse().ok(),
            NeedColumn::Comment => {
                let comment = crate::text::clean_lines(typed, COMMENT_CHARS_MAX);
                self.comment = comment.ok();
            }
        }
    }

    /// Whether this line asks for something.
    #[must_use]
    pub fn is_answer(&self) -> bool {
        self.quantity != Typed::Empty || self.most != Typed::Empty
    }

    /// Every cell of the line that cannot be transmitted.
    #[must_use]
    pub fn faults(&self, measure: &Measure) -> Vec<BadCell> {
        let bad = |column, fault| BadCell {
            item: self.item,
            line: self.line.clone(),
            reference: measure.reference.clone(),
            column,
            typed: self.text(column),
            fault,
        };
        let quantity = self.quantity.fault(measure);
        let below = || match (self.quantity.quantity(), self.most.quantity()) {
            (Some(quantity), Some(most)) if most < quantity => {
                Some(CellFault::MostBelowQuantity { quantity })
            }
            _ => None,
        };
        let most = self.most.fault(measure).or_else(below);
        let quantity = quantity.map(|fault| bad(NeedColumn::Quantity, fault));
        let most = most.map(|fault| bad(NeedColumn::Most, fault));
        quantity.into_iter().chain(most).collect()
    }

    /// The quantity and commitment to transmit; nothing when the line asks for nothing.
    #[must_use]
    pub fn settled(&self) -> Option<(Quantity, Commitment)> {
        if !self.is_answer() {
            return None;
        }
        // Only « possible jusqu’à » was filled: nothing is firm.
        let quantity = self.quantity.quantity().unwrap_or(Quantity::ZERO);
        let most = self.most.quantity();
        Some((quantity, Commitment::of(self.commitment, quantity, most)))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn measure(step: i64) -> Measure {
        Measure {
            reference: "2.1".into(),
            unit: "appareil".into(),
            step: Quantity(step),
        }
    }

    fn draft(quantity: &str, most: &str) -> Draft {
        let mut draft = Draft::empty(ItemId(Uuid::nil()), "", DateTime::default());
        draft.set(NeedColumn::Quantity, quantity, &measure(1_000));
        draft.set(NeedColumn::Most, most, &measure(1_000));
        draft
    }

    #[test]
    fn a_refused_cell_keeps_what_was_typed_and_says_why() {
        let draft = draft("4,5", "");
        assert_eq!(draft.text(NeedColumn::Quantity), "4,5");
        let faults = draft.faults(&measure(1_000));
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].reference, "2.1");
        assert!(draft.faults(&measure(500)).is_empty(), "the step changed");
    }

    #[test]
    fn the_most_is_not_below_the_quantity() {
        assert!(draft("4", "6").faults(&measure(1_000)).is_empty());
        let faults = draft("4", "3").faults(&measure(1_000));
        assert_eq!(faults[0].column, NeedColumn::Most);
    }

    #[test]
    fn zero_is_an_answer_and_a_blank_is_not() {
        assert_eq!(draft("", "").settled(), None);
        let zero = Some((Quantity::ZERO, Commitment::Firm));
        assert_eq!(draft("0", "").settled(), zero);
        let possible = Commitment::UpTo {
            most: Quantity(2_000),
        };
        assert_eq!(draft("", "2").settled(), Some((Quantity::ZERO, possible)));
    }
}

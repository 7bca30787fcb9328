//! What members ask for, and the figures being typed before they are transmitted.
use chrono::{DateTime, Utc};

use crate::{
    french,
    identity::{ItemId, NeedId, OrganisationId, RoundId, SiteId, UserId},
    number::NumberError,
    quantity::Quantity,
};

/// The longest comment on a need.
pub const COMMENT_CHARS_MAX: usize = 1_000;
/// The longest text kept of a cell that cannot be read.
pub const TYPED_CHARS_MAX: usize = 100;

/// How binding a need is (« engagement »: ferme, possible jusqu’à…, intention).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Commitment {
    /// Will be ordered (« ferme »).
    #[default]
    Firm,
    /// May be ordered up to a quantity (« possible, jusqu’à… »).
    UpTo { most: Quantity },
    /// Only meant (« intention »).
    Intention,
}

/// The kind of commitment a person chooses (« engagement choisi »), before any quantity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CommitmentKind {
    /// « Ferme ».
    #[default]
    Firm,
    /// « Possible, jusqu’à… ».
    UpTo,
    /// « Intention ».
    Intention,
}

impl CommitmentKind {
    /// Every kind, in the order of menus.
    pub const ALL: [Self; 3] = [Self::Firm, Self::UpTo, Self::Intention];

    /// The name in the database, the files and the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Firm => "firm",
            Self::UpTo => "up_to",
            Self::Intention => "intention",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

impl Commitment {
    /// The commitment that a choice and two quantities make.
    ///
    /// | chosen    | quantity | most | commitment |
    /// |-----------|---------:|-----:|------------|
    /// | firm      |        4 |      | firm       |
    /// | firm      |        4 |    6 | up to 6    |
    /// | firm      |        4 |    4 | firm       |
    /// | up to     |        4 |      | up to 4    |
    /// | intention |        4 |    6 | intention  |
    #[must_use]
    pub fn of(kind: CommitmentKind, quantity: Quantity, most: Option<Quantity>) -> Self {
        match (kind, most) {
            (CommitmentKind::Intention, _) => Self::Intention,
            (CommitmentKind::UpTo, most) => Self::UpTo {
                most: most.unwrap_or(quantity),
            },
            (CommitmentKind::Firm, Some(most)) if most > quantity => Self::UpTo { most },
            (CommitmentKind::Firm, _) => Self::Firm,
        }
    }

    /// Its kind alone.
    #[must_use]
    pub fn kind(self) -> CommitmentKind {
        match self {
            Self::Firm => CommitmentKind::Firm,
            Self::UpTo { .. } => CommitmentKind::UpTo,
            Self::Intention => CommitmentKind::Intention,
        }
    }

    /// The largest quantity that may be ordered, when it is more than the quantity itself.
    #[must_use]
    pub fn most(self) -> Option<Quantity> {
        match self {
            Self::UpTo { most } => Some(most),
            Self::Firm | Self::Intention => None,
        }
    }
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
    /// Tells apart the lines of one item; empty when there is only one.
    pub line: String,
    pub site: Option<SiteId>,
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
    /// « Commentaire ».
    Comment,
}

impl NeedColumn {
    /// Every column, from left to right.
    pub const ALL: [Self; 4] = [Self::Quantity, Self::Most, Self::Commitment, Self::Comment];

    /// The name in forms and in the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Quantity => "quantity",
            Self::Most => "most",
            Self::Commitment => "commitment",
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
    pub comment: Option<String>,
    pub saved_at: DateTime<Utc>,
    pub saved_by: Option<UserId>,
    pub version: i32,
}

/// What stands in a cell for a quantity (« quantité saisie »).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Typed {
    #[default]
    Empty,
    Read(Quantity),
    /// A text that is not a quantity of this item; nothing typed is ever lost.
    Refused(String),
}

/// What an item asks of a quantity (« règle de quantité »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measure {
    /// Its number on the page: `2.1`.
    pub reference: String,
    pub unit: String,
    /// Quantities are multiples of it.
    pub step: Quantity,
}

/// Why a cell cannot be taken (« case refusée »).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CellFault {
    #[error(transparent)]
    Number(#[from] NumberError),
    /// The step of the item makes no such quantity; the nearest that it makes are given.
    #[error("not a multiple of {step}")]
    Step {
        unit: String,
        step: Quantity,
        below: Quantity,
        above: Quantity,
    },
    #[error("less than the quantity {quantity}")]
    MostBelowQuantity { quantity: Quantity },
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
}

impl NeedError {
    /// Stable name used in problem types, logs and the documentation.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Cells(_) => "need.cells",
            Self::Conflicts(_) => "need.conflict",
            Self::UnknownItem { .. } => "need.unknown-item",
        }
    }
}

impl Typed {
    /// Reads a cell against its item; what cannot be read is kept.
    #[must_use]
    pub fn read(typed: &str, measure: &Measure) -> Self {
        let typed = typed.trim();
        if typed.is_empty() {
            return Self::Empty;
        }
        match parse(typed, measure) {
            Ok(quantity) => Self::Read(quantity),
            Err(_) => Self::Refused(typed.chars().take(TYPED_CHARS_MAX).collect()),
        }
    }

    /// The text to show in the cell.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Read(quantity) => french::quantity(*quantity),
            Self::Refused(typed) => typed.clone(),
        }
    }

    /// The quantity, when it is one.
    #[must_use]
    pub fn quantity(&self) -> Option<Quantity> {
        match self {
            Self::Read(quantity) => Some(*quantity),
            Self::Empty | Self::Refused(_) => None,
        }
    }

    /// What is wrong with it now: the step of an item may have changed since it was typed.
    fn fault(&self, measure: &Measure) -> Option<CellFault> {
        match self {
            Self::Empty => None,
            Self::Read(quantity) => check_step(*quantity, measure).err(),
            Self::Refused(typed) => parse(typed, measure).err(),
        }
    }
}

/// Reads a quantity the French way and checks it against the item's step.
///
/// | typed | step | result                  |
/// |-------|-----:|-------------------------|
/// | `4`   |    1 | 4                       |
/// | `4,5` |    1 | refused: take 4 or 5    |
/// | `13`  |    6 | refused: take 12 or 18  |
/// | `4,5` |  0,5 | 4.5                     |
///
/// # Errors
/// [`CellFault::Number`] or [`CellFault::Step`].
pub fn parse(typed: &str, measure: &Measure) -> Result<Quantity, CellFault> {
    let quantity = french::parse_quantity(typed)?;
    check_step(quantity, measure)?;
    Ok(quantity)
}

fn check_step(quantity: Quantity, measure: &Measure) -> Result<(), CellFault> {
    let step = measure.step;
    if quantity.is_multiple_of(step) {
        return Ok(());
    }
    let rest = quantity.0.checked_rem(step.0).unwrap_or(0);
    let below = quantity.0.saturating_sub(rest);
    Err(CellFault::Step {
        unit: measure.unit.clone(),
        step,
        below: Quantity(below),
        above: Quantity(below.saturating_add(step.0)),
    })
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
    fn a_quantity_is_a_multiple_of_the_step() {
        assert_eq!(parse("4", &measure(1_000)), Ok(Quantity(4_000)));
        assert_eq!(parse("4,5", &measure(500)), Ok(Quantity(4_500)));
        for (typed, step, below, above) in [
            ("4,5", 1_000, 4_000, 5_000),
            ("13", 6_000, 12_000, 18_000),
            ("0,5", 1_000, 0, 1_000),
        ] {
            let refused = CellFault::Step {
                unit: "appareil".into(),
                step: Quantity(step),
                below: Quantity(below),
                above: Quantity(above),
            };
            assert_eq!(parse(typed, &measure(step)), Err(refused), "{typed}");
        }
    }

    #[test]
    fn a_choice_and_two_quantities_make_a_commitment() {
        use CommitmentKind::{Firm, Intention, UpTo};
        let up_to = |most| Commitment::UpTo {
            most: Quantity(most),
        };
        for (kind, most, commitment) in [
            (Firm, None, Commitment::Firm),
            (Firm, Some(6_000), up_to(6_000)),
            (Firm, Some(4_000), Commitment::Firm),
            (UpTo, None, up_to(4_000)),
            (Intention, Some(6_000), Commitment::Intention),
        ] {
            let made = Commitment::of(kind, Quantity(4_000), most.map(Quantity));
            assert_eq!(made, commitment);
        }
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

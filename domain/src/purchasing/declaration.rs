//! A member's answer to a round as a whole: typed, transmitted, taken back.
use chrono::{DateTime, Utc};

use super::round::{Round, RoundError};
use crate::identity::{DeclarationId, OrganisationId, RoundId, UserId};

/// The longest note on where a figure entered for a commune comes from.
pub const NOTE_CHARS_MAX: usize = 500;

/// Where the answer of a member stands (« état de la déclaration »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeclarationState {
    /// Nobody typed anything (« pas commencée »).
    NotStarted,
    /// Being typed (« commencée »).
    Started,
    /// Transmitted: its quantities count (« transmise »).
    Submitted,
    /// The member needs nothing, and said so (« rien à déclarer »).
    Nothing,
}

/// What may happen to a declaration (« événement »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeclarationEvent {
    /// A quantity is typed (« saisir »).
    Type,
    /// The quantities are transmitted (« transmettre »).
    Submit,
    /// The member says that it needs nothing (« rien à déclarer »).
    SayNothing,
    /// The answer is taken back to be changed (« reprendre »).
    Withdraw,
    /// The conditions changed and the answer stays (« confirmer »).
    Reconfirm,
}

impl DeclarationState {
    /// Every state, in the order of a life.
    pub const ALL: [Self; 4] = [
        Self::NotStarted,
        Self::Started,
        Self::Submitted,
        Self::Nothing,
    ];

    /// The name in the database and the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotStarted => "not_started",
            Self::Started => "started",
            Self::Submitted => "submitted",
            Self::Nothing => "nothing",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether the member answered, with quantities or with none.
    #[must_use]
    pub fn is_answered(self) -> bool {
        matches!(self, Self::Submitted | Self::Nothing)
    }

    /// The life of a declaration; what is not written is refused.
    ///
    /// # Errors
    /// [`DeclarationError::NotAllowed`].
    pub fn after(self, event: DeclarationEvent) -> Result<Self, DeclarationError> {
        use DeclarationEvent as On;
        match (self, event) {
            (Self::NotStarted | Self::Started, On::Type)
            | (Self::Submitted | Self::Nothing, On::Withdraw) => Ok(Self::Started),
            (Self::NotStarted | Self::Started, On::Submit) => Ok(Self::Submitted),
            (Self::NotStarted | Self::Started, On::SayNothing) => Ok(Self::Nothing),
            (Self::Submitted | Self::Nothing, On::Reconfirm) => Ok(self),
            (from, event) => Err(DeclarationError::NotAllowed { from, event }),
        }
    }
}

impl DeclarationEvent {
    /// Every event.
    pub const ALL: [Self; 5] = [
        Self::Type,
        Self::Submit,
        Self::SayNothing,
        Self::Withdraw,
        Self::Reconfirm,
    ];
}

/// A member's answer to a round (« déclaration »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    pub id: DeclarationId,
    /// The coordinating organisation.
    pub owner: OrganisationId,
    pub round: RoundId,
    pub member: OrganisationId,
    pub state: DeclarationState,
    /// How many times it was transmitted.
    pub revision: i32,
    /// The conditions of the round that it answers.
    pub conditions_version: i32,
    /// The conditions changed since (« à confirmer »).
    pub to_reconfirm: bool,
    /// The round is open again for this member alone, until then.
    pub open_until: Option<DateTime<Utc>>,
    pub submitted_at: Option<DateTime<Utc>>,
    pub submitted_by: Option<UserId>,
    /// An officer of the coordinator typed it (« saisi pour le compte de »).
    pub entered_for: bool,
    /// Where those figures come from: a letter, a call.
    pub entered_note: Option<String>,
    pub started_at: Option<DateTime<Utc>>,
    pub version: i32,
}

/// Who answers, when, and in whose name (« saisi par … pour le compte de … »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub at: DateTime<Utc>,
    pub by: Option<UserId>,
    /// Set when an officer of the coordinator enters it for the member.
    pub entered_for: bool,
    pub note: Option<String>,
}

/// What a declaration refuses (« déclaration refusée »).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeclarationError {
    #[error("a {from:?} declaration cannot {event:?}")]
    NotAllowed {
        from: DeclarationState,
        event: DeclarationEvent,
    },
    /// Too early or too late, as the round says it.
    #[error(transparent)]
    Round(#[from] RoundError),
    #[error("no quantity was typed")]
    Empty,
    #[error("there is no earlier round to take quantities from")]
    NoPrevious,
}

impl DeclarationError {
    /// Stable name used in problem types, logs and the documentation.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAllowed { .. } => "declaration.not-allowed",
            Self::Round(error) => error.code(),
            Self::Empty => "declaration.empty",
            Self::NoPrevious => "declaration.no-previous",
        }
    }
}

impl Declaration {
    /// The answer of a member who has not begun.
    #[must_use]
    pub fn unwritten(id: DeclarationId, round: &Round, member: OrganisationId) -> Self {
        Self {
            id,
            owner: round.owner,
            round: round.id,
            member,
            state: DeclarationState::NotStarted,
            revision: 0,
            conditions_version: round.conditions_version,
            to_reconfirm: false,
            open_until: None,
            submitted_at: None,
            submitted_by: None,
            entered_for: false,
            entered_note: None,
            started_at: None,
            version: 0,
        }
    }

    /// Refuses what comes too late, by the server's clock, even if nobody closed the round yet.
    ///
    /// # Errors
    /// [`DeclarationError::Round`].
    pub fn check_open(&self, round: &Round, now: DateTime<Utc>) -> Result<(), DeclarationError> {
        Ok(round.accepts(now, self.open_until)?)
    }

    /// The last instant at which this member may answer.
    #[must_use]
    pub fn deadline(&self, round: &Round) -> DateTime<Utc> {
        self.open_until
            .map_or(round.deadline, |until| until.max(round.deadline))
    }

    /// Begins, or goes on.
    ///
    /// # Errors
    /// Too late, or already answered.
    pub fn start(&mut self, round: &Round, now: DateTime<Utc>) -> Result<(), DeclarationError> {
        self.check_open(round, now)?;
        self.state = self.state.after(DeclarationEvent::Type)?;
        self.started_at.get_or_insert(now);
        Ok(())
    }

    /// Transmits: the quantities count from now on.
    ///
    /// # Errors
    /// Too late, or already answered.
    pub fn submit(&mut self, round: &Round, entry: Entry) -> Result<(), DeclarationError> {
        self.answer(DeclarationEvent::Submit, round, entry)?;
        self.revision = self.revision.saturating_add(1);
        Ok(())
    }

    /// Says that the member needs nothing.
    ///
    /// # Errors
    /// Too late, or already answered.
    pub fn say_nothing(&mut self, round: &Round, entry: Entry) -> Result<(), DeclarationError> {
        self.answer(DeclarationEvent::SayNothing, round, entry)
    }

    /// Takes the answer back: nothing counts until it is transmitted again.
    ///
    /// # Errors
    /// Too late, or nothing to take back.
    pub fn withdraw(&mut self, round: &Round, now: DateTime<Utc>) -> Result<(), DeclarationError> {
        self.check_open(round, now)?;
        self.state = self.state.after(DeclarationEvent::Withdraw)?;
        self.submitted_at = None;
        self.submitted_by = None;
        self.entered_for = false;
        self.entered_note = None;
        self.to_reconfirm = false;
        Ok(())
    }

    /// Keeps the answer under the new conditions.
    ///
    /// # Errors
    /// Too late, or nothing to confirm.
    pub fn reconfirm(&mut self, round: &Round, entry: Entry) -> Result<(), DeclarationError> {
        self.answer(DeclarationEvent::Reconfirm, round, entry)
    }

    fn answer(
        &mut self,
        event: DeclarationEvent,
        round: &Round,
        entry: Entry,
    ) -> Result<(), DeclarationError> {
        self.check_open(round, entry.at)?;
        self.state = self.state.after(event)?;
        self.conditions_version = round.conditions_version;
        self.to_reconfirm = false;
        self.started_at.get_or_insert(entry.at);
        self.submitted_at = Some(entry.at);
        self.submitted_by = entry.by;
        self.entered_for = entry.entered_for;
        self.entered_note = entry.note;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use chrono::TimeDelta;
    use uuid::Uuid;

    use super::{
        super::round::{Columns, RoundState},
        *,
    };

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::<Utc>::default() + TimeDelta::hours(hour)
    }

    fn round(deadline: i64) -> Round {
        let owner = OrganisationId(Uuid::nil());
        Round {
            id: RoundId(Uuid::nil()),
            owner,
            grouping: crate::identity::GroupingId(Uuid::nil()),
            title: "Extincteurs".into(),
            state: RoundState::Open,
            deadline: at(deadline),
            note: None,
            columns: Columns::default(),
            shows_others: false,
            launch_planned_on: None,
            previous: None,
            opening: 1,
            opened_at: None,
            closed: None,
            reopen_motive: None,
            conditions_version: 2,
            created_at: at(0),
            version: 0,
        }
    }

    fn declaration() -> Declaration {
        let member = OrganisationId(Uuid::nil());
        Declaration::unwritten(DeclarationId(Uuid::nil()), &round(10), member)
    }

    fn entry(hour: i64) -> Entry {
        Entry {
            at: at(hour),
            by: None,
            entered_for: false,
            note: None,
        }
    }

    #[test]
    fn a_member_let_in_again_answers_until_its_own_delay() {
        let (mut one, mut closed) = (declaration(), round(10));
        closed.state = RoundState::Closed;
        assert!(one.start(&closed, at(11)).is_err());
        one.open_until = Some(at(20));
        one.start(&closed, at(19)).unwrap();
        assert_eq!(one.deadline(&closed), at(20));
        assert!(one.submit(&closed, entry(20)).is_err());
    }

    #[test]
    fn an_answer_is_transmitted_taken_back_and_transmitted_again() {
        let (mut one, ref open) = (declaration(), round(10));
        one.start(open, at(1)).unwrap();
        one.submit(open, entry(2)).unwrap();
        assert_eq!((one.revision, one.conditions_version), (1, 2));
        assert!(one.submit(open, entry(3)).is_err(), "a double click");
        one.withdraw(open, at(4)).unwrap();
        assert_eq!(
            (one.state, one.submitted_at),
            (DeclarationState::Started, None)
        );
        one.submit(open, entry(5)).unwrap();
        assert_eq!(one.revision, 2);
        assert!(one.withdraw(open, at(10)).is_err(), "after the deadline");
    }

    #[test]
    fn new_conditions_are_confirmed_without_a_new_revision() {
        let (mut one, ref open) = (declaration(), round(10));
        one.say_nothing(open, entry(1)).unwrap();
        one.to_reconfirm = true;
        one.reconfirm(open, entry(2)).unwrap();
        assert!(!one.to_reconfirm && one.state == DeclarationState::Nothing);
        assert_eq!(one.revision, 0);
    }

    #[test]
    fn the_picture_of_its_life_is_the_one_in_the_documentation() {
        let mut picture = String::from(
            "# Life of a declaration\n\nPrinted by a test from `domain/src/purchasing/declaration.rs`; \
             set `UPDATE_STATES=1` to write it again.\n\n```mermaid\nstateDiagram-v2\n    \
             [*] --> NotStarted\n",
        );
        for from in DeclarationState::ALL {
            for event in DeclarationEvent::ALL {
                if let Ok(to) = from.after(event) {
                    writeln!(picture, "    {from:?} --> {to:?}: {event:?}").unwrap();
                }
            }
        }
        picture.push_str("```\n");
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/states/declaration.md");
        if std::env::var("UPDATE_STATES").is_ok() {
            std::fs::create_dir_all(std::path::Path::new(path).parent().unwrap()).unwrap();
            std::fs::write(path, &picture).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap(), picture);
    }
}

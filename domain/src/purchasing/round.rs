//! The life of a round: one collection of needs in a grouping, with a deadline.

use chrono::{DateTime, NaiveDate, Utc};

use crate::identity::{GroupingId, OrganisationId, RoundId, UserId};
use crate::text;

mod state;

pub use state::{RoundEvent, RoundState};

/// Who closed a round (« auteur de la clôture »).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClosedBy {
    User(UserId),
    /// The deadline did.
    Clock,
    /// Someone at the server's command line.
    Operator,
}

/// A closing (« clôture »): who and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    pub by: ClosedBy,
    /// The person's name, when it was looked up for a sentence; else empty.
    pub name: String,
    pub at: DateTime<Utc>,
}

/// What a member may fill beside the quantity (« colonnes »).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    /// A quantity that may rise up to a maximum.
    pub most: bool,
    /// Firm, possible, or an intention.
    pub commitment: bool,
    /// One line per site.
    pub site: bool,
    pub comment: bool,
}

/// One collection of needs in a grouping (« campagne de recensement »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    pub id: RoundId,
    /// The coordinating organisation.
    pub owner: OrganisationId,
    pub grouping: GroupingId,
    pub title: String,
    pub state: RoundState,
    /// The instant from which a declaration is refused.
    pub deadline: DateTime<Utc>,
    /// A word to the members.
    pub note: Option<String>,
    pub columns: Columns,
    /// Whether a member sees the figures of the others, and not only their total.
    pub shows_others: bool,
    /// The day whose thresholds apply.
    pub launch_planned_on: Option<NaiveDate>,
    /// The round it follows, whose quantities can be taken again.
    pub previous: Option<RoundId>,
    /// How many times it was opened to all.
    pub opening: i32,
    pub opened_at: Option<DateTime<Utc>>,
    pub closed: Option<Closing>,
    pub reopen_motive: Option<String>,
    /// Rises when what members were told to answer on changes.
    pub conditions_version: i32,
    pub created_at: DateTime<Utc>,
    pub version: i32,
}

/// What a round refuses (« campagne refusée »).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RoundError {
    /// `closing` tells who closed it and when, if it was.
    #[error("a {from:?} round cannot {event:?}")]
    NotAllowed {
        from: RoundState,
        event: RoundEvent,
        closing: Option<Closing>,
    },
    #[error("the deadline {deadline} has passed")]
    DeadlinePassed { deadline: DateTime<Utc> },
    #[error("the deadline {deadline} is not after {now}")]
    DeadlineNotFuture {
        deadline: DateTime<Utc>,
        now: DateTime<Utc>,
    },
    #[error("the deadline {deadline} is not after the present one, {current}")]
    DeadlineNotLater {
        deadline: DateTime<Utc>,
        current: DateTime<Utc>,
    },
    #[error("no item was described")]
    NoItem,
    /// Items with declared quantities are not removed.
    #[error("item `{title}` has quantities of {members} members")]
    ItemInUse { title: String, members: usize },
    #[error("a round has at most {max} items")]
    TooManyItems { max: usize },
    #[error("the round is in another grouping")]
    OtherGrouping,
    /// What members fill does not change under their hands.
    #[error("the columns are fixed once the round was opened")]
    ColumnsFixed,
    /// Copying would mix two lists of items.
    #[error("the round already has items")]
    HasItems,
    #[error("the organisation is not a member of the grouping")]
    NotAMember,
}

impl RoundError {
    /// Stable name used in problem types, logs and the documentation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAllowed { .. } => "round.not-allowed",
            Self::DeadlinePassed { .. } => "round.deadline-passed",
            Self::DeadlineNotFuture { .. } => "round.deadline-not-future",
            Self::DeadlineNotLater { .. } => "round.deadline-not-later",
            Self::NoItem => "round.no-item",
            Self::ItemInUse { .. } => "round.item-in-use",
            Self::TooManyItems { .. } => "round.too-many-items",
            Self::OtherGrouping => "round.other-grouping",
            Self::ColumnsFixed => "round.columns-fixed",
            Self::HasItems => "round.has-items",
            Self::NotAMember => "round.not-a-member",
        }
    }
}

impl Round {
    pub fn sort_key(&self) -> String {
        text::sort_key(&self.title)
    }

    pub fn search_text(&self) -> String {
        text::search_text(&self.title)
    }

    /// Whether the clock should close it.
    pub fn is_due(&self, now: DateTime<Utc>) -> bool {
        self.state == RoundState::Open && now >= self.deadline
    }

    /// Whether `event` may happen now, with who closed it when not.
    pub fn check(&self, event: RoundEvent) -> Result<RoundState, RoundError> {
        self.state
            .after(event)
            .ok_or_else(|| RoundError::NotAllowed {
                from: self.state,
                event,
                closing: self.closed.clone(),
            })
    }

    /// Whether a member may declare at this instant.
    ///
    /// `open_until` is the member's own delay, given when the round was reopened for it alone.
    ///
    /// | state  | deadline | own delay | may declare |
    /// |--------|----------|-----------|-------------|
    /// | open   | to come  | –         | yes         |
    /// | open   | passed   | –         | no          |
    /// | open   | passed   | to come   | yes         |
    /// | closed | passed   | –         | no          |
    /// | closed | passed   | to come   | yes         |
    /// | draft, cancelled | any | any  | no          |
    pub fn accepts(
        &self,
        now: DateTime<Utc>,
        open_until: Option<DateTime<Utc>>,
    ) -> Result<(), RoundError> {
        let own_delay = open_until.is_some_and(|until| now < until);
        match self.state {
            RoundState::Open if now < self.deadline || own_delay => Ok(()),
            RoundState::Closed if own_delay => Ok(()),
            RoundState::Open => Err(RoundError::DeadlinePassed {
                deadline: self.deadline,
            }),
            RoundState::Draft | RoundState::Closed | RoundState::Cancelled => {
                Err(RoundError::NotAllowed {
                    from: self.state,
                    event: RoundEvent::Declare,
                    closing: self.closed.clone(),
                })
            }
        }
    }

    /// Takes again the lots and items of an earlier round, while nobody was asked anything.
    ///
    /// | state | its own items | the earlier round        | result        |
    /// |-------|--------------:|--------------------------|---------------|
    /// | draft |             0 | of the same grouping     | taken again   |
    /// | draft |             3 | any                      | has items     |
    /// | draft |             0 | of another grouping      | other grouping |
    /// | open  |             0 | any                      | not allowed   |
    ///
    /// Its quantities can then be taken again too, unless another round was chosen for that.
    pub fn resume(&mut self, earlier: &Self, items: usize) -> Result<(), RoundError> {
        if self.state != RoundState::Draft {
            return Err(RoundError::NotAllowed {
                from: self.state,
                event: RoundEvent::Edit,
                closing: self.closed.clone(),
            });
        }
        if items > 0 {
            return Err(RoundError::HasItems);
        }
        let same_house = earlier.grouping == self.grouping && earlier.owner == self.owner;
        if !same_house || earlier.id == self.id {
            return Err(RoundError::OtherGrouping);
        }
        self.previous.get_or_insert(earlier.id);
        Ok(())
    }

    /// Opens it to members; a round without item would ask them nothing.
    pub fn open(&mut self, now: DateTime<Utc>, items: usize) -> Result<(), RoundError> {
        let next = self.check(RoundEvent::Open)?;
        check_future(self.deadline, now)?;
        if items == 0 {
            return Err(RoundError::NoItem);
        }
        self.state = next;
        self.opening += 1;
        self.opened_at = Some(now);
        Ok(())
    }

    /// Moves the deadline later for all.
    pub fn extend(
        &mut self,
        now: DateTime<Utc>,
        deadline: DateTime<Utc>,
    ) -> Result<(), RoundError> {
        self.check(RoundEvent::Extend)?;
        check_future(deadline, now)?;
        if deadline <= self.deadline {
            let current = self.deadline;
            return Err(RoundError::DeadlineNotLater { deadline, current });
        }
        self.deadline = deadline;
        Ok(())
    }

    /// Closes it, by hand or by the clock.
    pub fn close(&mut self, now: DateTime<Utc>, by: ClosedBy) -> Result<(), RoundError> {
        self.state = self.check(RoundEvent::Close)?;
        self.closed = Some(Closing {
            by,
            name: String::new(),
            at: now,
        });
        Ok(())
    }

    /// Checks that one member may be let in again until `until`.
    pub fn reopen_for_member(
        &self,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<(), RoundError> {
        self.check(RoundEvent::ReopenForMember)?;
        check_future(until, now)
    }

    /// Opens it again for all, with a new deadline and the reason why.
    pub fn reopen(
        &mut self,
        now: DateTime<Utc>,
        deadline: DateTime<Utc>,
        motive: String,
    ) -> Result<(), RoundError> {
        let next = self.check(RoundEvent::Reopen)?;
        check_future(deadline, now)?;
        self.state = next;
        self.deadline = deadline;
        self.opening += 1;
        self.opened_at = Some(now);
        self.closed = None;
        self.reopen_motive = Some(motive);
        Ok(())
    }

    /// Gives it up.
    pub fn cancel(&mut self) -> Result<(), RoundError> {
        self.state = self.check(RoundEvent::Cancel)?;
        Ok(())
    }

    /// Notes that what members answer on has changed, and gives the new version.
    pub fn change_conditions(&mut self) -> i32 {
        self.conditions_version += 1;
        self.conditions_version
    }
}

fn check_future(deadline: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), RoundError> {
    if deadline > now {
        Ok(())
    } else {
        Err(RoundError::DeadlineNotFuture { deadline, now })
    }
}

#[cfg(test)]
mod tests;

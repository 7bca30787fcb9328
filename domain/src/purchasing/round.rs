//! The life of a round: one collection of needs in a grouping, with a deadline.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};

use crate::identity::{GroupingId, OrganisationId, RoundId, UserId};
use crate::text;

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
mod tests {
    use chrono::TimeDelta;
    use uuid::Uuid;

    use super::*;

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn round(state: RoundState) -> Round {
        Round {
            id: RoundId(Uuid::from_u128(1)),
            owner: OrganisationId(Uuid::from_u128(2)),
            grouping: GroupingId(Uuid::from_u128(3)),
            title: "Extincteurs 2027".into(),
            state,
            deadline: noon() + TimeDelta::days(3),
            note: None,
            columns: Columns::default(),
            shows_others: false,
            launch_planned_on: None,
            previous: None,
            opening: 0,
            opened_at: None,
            closed: None,
            reopen_motive: None,
            conditions_version: 0,
            created_at: noon(),
            version: 0,
        }
    }

    #[test]
    fn a_round_opens_with_items_and_a_deadline_to_come() {
        let mut draft = round(RoundState::Draft);
        assert_eq!(draft.open(noon(), 0), Err(RoundError::NoItem));
        let late = draft.deadline;
        assert!(matches!(
            draft.open(late, 1),
            Err(RoundError::DeadlineNotFuture { .. })
        ));
        draft.open(noon(), 1).unwrap();
        assert_eq!((draft.state, draft.opening), (RoundState::Open, 1));
    }

    #[test]
    fn a_second_closing_says_who_closed_first_and_when() {
        let mut open = round(RoundState::Open);
        let first = ClosedBy::User(UserId(Uuid::from_u128(9)));
        open.close(noon(), first).unwrap();
        let again = open.close(noon() + TimeDelta::hours(1), ClosedBy::Clock);
        let Err(RoundError::NotAllowed {
            closing: Some(closing),
            ..
        }) = &again
        else {
            panic!("{again:?}")
        };
        assert_eq!((closing.by, closing.at), (first, noon()));
        assert_eq!(
            again.unwrap_err().to_string(),
            "a Closed round cannot Close"
        );
    }

    #[test]
    fn reopening_for_all_counts_an_opening_and_keeps_the_motive() {
        let mut closed = round(RoundState::Open);
        closed.opening = 1;
        closed.close(noon(), ClosedBy::Clock).unwrap();
        let later = noon() + TimeDelta::days(9);
        closed
            .reopen(noon(), later, "Erreur de prix".into())
            .unwrap();
        assert_eq!((closed.opening, closed.deadline), (2, later));
        assert_eq!(closed.closed, None);
        assert_eq!(closed.reopen_motive.as_deref(), Some("Erreur de prix"));
    }

    #[test]
    fn a_deadline_only_moves_later() {
        let mut open = round(RoundState::Open);
        let sooner = open.deadline - TimeDelta::hours(1);
        assert!(matches!(
            open.extend(noon(), sooner),
            Err(RoundError::DeadlineNotLater { .. })
        ));
        open.extend(noon(), open.deadline + TimeDelta::days(1))
            .unwrap();
    }

    #[test]
    fn the_clock_decides_who_may_still_declare() {
        use RoundState as S;
        let deadline = noon() + TimeDelta::days(3);
        let (before, after) = (deadline - TimeDelta::seconds(1), deadline);
        let own = Some(deadline + TimeDelta::days(1));
        for (state, now, own_delay, may) in [
            (S::Open, before, None, true),
            (S::Open, after, None, false),
            (S::Open, after, own, true),
            (S::Closed, after, None, false),
            (S::Closed, after, own, true),
            (S::Draft, before, own, false),
            (S::Cancelled, before, own, false),
        ] {
            let accepted = round(state).accepts(now, own_delay).is_ok();
            assert_eq!(accepted, may, "{state:?} {now} {own_delay:?}");
        }
    }

    #[test]
    fn a_round_is_due_only_while_it_is_open() {
        let deadline = round(RoundState::Open).deadline;
        assert!(round(RoundState::Open).is_due(deadline));
        assert!(!round(RoundState::Open).is_due(noon()));
        assert!(!round(RoundState::Closed).is_due(deadline));
    }
}

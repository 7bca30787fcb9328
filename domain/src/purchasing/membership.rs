//! Memberships (« adhésion »): a member's decision, its signature and the lots it joined.
use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::grouping::{Grouping, GroupingKind};
use crate::{
    identity::{GroupingId, LotId, MembershipId, OrganisationId},
    organisation::{Organisation, OrganisationKind},
};

/// The longest number of a decision.
pub const NUMBER_CHARS_MAX: usize = 80;

/// Where a membership stands (« état de l’adhésion »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MembershipState {
    /// Asked to join; may declare needs already.
    Invited,
    /// Has decided and signed.
    Joined,
    /// No longer a member; its past stays readable to it.
    Left,
}

/// Who decided for the member (« nature de la décision »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecisionKind {
    /// The council itself.
    Deliberation,
    /// The bureau of an EPCI, by delegation.
    BureauDecision,
    /// The mayor or president, by delegation.
    ByDelegation,
    /// The board of a CCAS or another establishment.
    Board,
}

/// The act by which a member joins (« délibération, décision d’adhésion »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub kind: DecisionKind,
    pub number: String,
    pub decided_on: NaiveDate,
    /// The day it was sent to the préfecture: without it the act is not enforceable.
    pub transmitted_on: Option<NaiveDate>,
}

/// The lots that a member joined (« lots »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JoinedLots {
    All,
    Some(BTreeSet<LotId>),
}

/// One organisation's entry into a grouping (« adhésion »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    pub id: MembershipId,
    pub owner: OrganisationId,
    pub grouping: GroupingId,
    pub member: OrganisationId,
    pub state: MembershipState,
    pub decision: Option<Decision>,
    /// The day the member signed the agreement.
    pub signed_on: Option<NaiveDate>,
    pub joined_on: Option<NaiveDate>,
    /// The day the member asked to leave, until the coordinator answers.
    pub leave_asked_on: Option<NaiveDate>,
    pub left_on: Option<NaiveDate>,
    pub lots: JoinedLots,
    pub version: i32,
}

/// What is refused about a membership (« adhésion refusée »).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MembershipError {
    #[error("the organisation is a member already")]
    AlreadyMember { name: String },
    #[error("{name} is not a commune of the EPCI that coordinates")]
    NotOfEpci { name: String },
    #[error("the membership of a one-off grouping is frozen once its procedure is launched")]
    Frozen,
    #[error("the organisation has left the grouping")]
    Left,
    #[error("the organisation coordinates a phase")]
    Coordinates,
    #[error("the decision of {decided_on} was sent to the préfecture before, on {transmitted_on}")]
    TransmittedBeforeDecided {
        decided_on: NaiveDate,
        transmitted_on: NaiveDate,
    },
    #[error("the date {date} is still to come")]
    InTheFuture { date: NaiveDate },
    #[error("a lot does not belong to this grouping")]
    UnknownLot,
}

impl Membership {
    /// A first invitation.
    #[must_use]
    pub fn invited(id: MembershipId, grouping: &Grouping, member: OrganisationId) -> Self {
        Self {
            id,
            owner: grouping.owner,
            grouping: grouping.id,
            member,
            state: MembershipState::Invited,
            decision: None,
            signed_on: None,
            joined_on: None,
            leave_asked_on: None,
            left_on: None,
            lots: JoinedLots::All,
            version: 0,
        }
    }

    /// Asks back an organisation that left; its old decision no longer counts.
    ///
    /// # Errors
    /// [`MembershipError::AlreadyMember`] when it did not leave.
    pub fn invite_again(&mut self, name: &str) -> Result<(), MembershipError> {
        match self.state {
            MembershipState::Left => {
                self.state = MembershipState::Invited;
                self.decision = None;
                self.signed_on = None;
                self.joined_on = None;
                self.left_on = None;
                Ok(())
            }
            MembershipState::Invited | MembershipState::Joined => {
                Err(MembershipError::AlreadyMember {
                    name: name.to_owned(),
                })
            }
        }
    }

    /// Records the decision and the signature; with both, the organisation has joined.
    ///
    /// | decision | signed | state   | joined on              |
    /// |----------|--------|---------|------------------------|
    /// | none     | none   | invited | —                      |
    /// | 3 March  | none   | invited | —                      |
    /// | 3 March  | 9 March| joined  | 9 March                |
    /// | 3 March  | 1 March| joined  | 3 March: the last one  |
    ///
    /// # Errors
    /// [`MembershipError::Left`], a date to come, or one sent before it was decided.
    pub fn decide(
        &mut self,
        decision: Option<Decision>,
        signed_on: Option<NaiveDate>,
        today: NaiveDate,
    ) -> Result<(), MembershipError> {
        if self.state == MembershipState::Left {
            return Err(MembershipError::Left);
        }
        if let Some(decision) = &decision {
            decision.check(today)?;
        }
        if let Some(date) = signed_on.filter(|date| *date > today) {
            return Err(MembershipError::InTheFuture { date });
        }
        self.joined_on = match (&decision, signed_on) {
            (Some(decision), Some(signed)) => Some(decision.decided_on.max(signed)),
            (None, _) | (_, None) => None,
        };
        self.state = if self.joined_on.is_some() {
            MembershipState::Joined
        } else {
            MembershipState::Invited
        };
        self.decision = decision;
        self.signed_on = signed_on;
        Ok(())
    }

    /// The member asks to leave; the coordinator answers as the agreement says.
    ///
    /// # Errors
    /// [`MembershipError::Left`].
    pub fn ask_to_leave(&mut self, today: NaiveDate) -> Result<(), MembershipError> {
        if self.state == MembershipState::Left {
            return Err(MembershipError::Left);
        }
        self.leave_asked_on = Some(today);
        Ok(())
    }

    /// The member stays after all, or the coordinator says that it must.
    ///
    /// # Errors
    /// [`MembershipError::Left`].
    pub fn stay(&mut self) -> Result<(), MembershipError> {
        if self.state == MembershipState::Left {
            return Err(MembershipError::Left);
        }
        self.leave_asked_on = None;
        Ok(())
    }

    /// Ends the membership; refused to who coordinates a phase.
    ///
    /// # Errors
    /// [`MembershipError::Left`] or [`MembershipError::Coordinates`].
    pub fn leave(&mut self, coordinates: bool, today: NaiveDate) -> Result<(), MembershipError> {
        if self.state == MembershipState::Left {
            return Err(MembershipError::Left);
        }
        if coordinates {
            return Err(MembershipError::Coordinates);
        }
        self.state = MembershipState::Left;
        self.leave_asked_on = None;
        self.left_on = Some(today);
        Ok(())
    }

    /// Whether it takes part: asked or joined, not gone.
    #[must_use]
    pub fn takes_part(&self) -> bool {
        self.state != MembershipState::Left
    }

    /// Whether it binds the member: decision sent to the préfecture, agreement signed, not gone.
    ///
    /// The launch of a procedure asks this; declaring needs never does.
    #[must_use]
    pub fn is_enforceable(&self, today: NaiveDate) -> bool {
        let sent = self.decision.as_ref().and_then(|d| d.transmitted_on);
        self.takes_part()
            && sent.is_some_and(|date| date <= today)
            && self.signed_on.is_some_and(|date| date <= today)
    }

    /// Whether the member joined this lot.
    #[must_use]
    pub fn has_joined(&self, lot: LotId) -> bool {
        match &self.lots {
            JoinedLots::All => true,
            JoinedLots::Some(lots) => lots.contains(&lot),
        }
    }
}

impl Decision {
    fn check(&self, today: NaiveDate) -> Result<(), MembershipError> {
        let dates = [Some(self.decided_on), self.transmitted_on];
        if let Some(date) = dates.into_iter().flatten().find(|date| *date > today) {
            return Err(MembershipError::InTheFuture { date });
        }
        match self.transmitted_on {
            Some(transmitted_on) if transmitted_on < self.decided_on => {
                Err(MembershipError::TransmittedBeforeDecided {
                    decided_on: self.decided_on,
                    transmitted_on,
                })
            }
            Some(_) | None => Ok(()),
        }
    }
}

impl Grouping {
    /// Refuses a change of members that the law or the calendar no longer allows.
    ///
    /// # Errors
    /// [`MembershipError::Frozen`] in a one-off grouping whose procedure is launched.
    pub fn check_members_open(&self, launched: bool) -> Result<(), MembershipError> {
        match self.kind {
            GroupingKind::OneOff if launched => Err(MembershipError::Frozen),
            GroupingKind::OneOff | GroupingKind::Permanent => Ok(()),
        }
    }

    /// Refuses an organisation for which the legal basis does not allow to buy.
    ///
    /// # Errors
    /// [`MembershipError::NotOfEpci`] under L5211-4-4.
    pub fn check_member(
        &self,
        coordinator: &Organisation,
        member: &Organisation,
    ) -> Result<(), MembershipError> {
        let itself = member.id == coordinator.id;
        let commune = member.kind == OrganisationKind::Commune
            && member.epci_siren.is_some()
            && member.epci_siren == coordinator.siren;
        if self.is_free_of_charge() && !itself && !commune {
            return Err(MembershipError::NotOfEpci {
                name: member.name.clone(),
            });
        }
        Ok(())
    }
}

impl MembershipState {
    pub const ALL: [Self; 3] = [Self::Invited, Self::Joined, Self::Left];

    /// The name in the database and the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Joined => "joined",
            Self::Left => "left",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

impl DecisionKind {
    pub const ALL: [Self; 4] = [
        Self::Deliberation,
        Self::BureauDecision,
        Self::ByDelegation,
        Self::Board,
    ];

    /// The name in the database and the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Deliberation => "deliberation",
            Self::BureauDecision => "bureau_decision",
            Self::ByDelegation => "by_delegation",
            Self::Board => "board",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

impl MembershipError {
    /// Stable name used in problem types, logs and the documentation.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::AlreadyMember { .. } => "membership.already-member",
            Self::NotOfEpci { .. } => "membership.not-of-epci",
            Self::Frozen => "membership.frozen",
            Self::Left => "membership.left",
            Self::Coordinates => "membership.coordinates",
            Self::TransmittedBeforeDecided { .. } => "membership.transmitted-before-decided",
            Self::InTheFuture { .. } => "membership.in-the-future",
            Self::UnknownLot => "membership.unknown-lot",
        }
    }
}

#[cfg(test)]
#[path = "membership/tests.rs"]
mod tests;

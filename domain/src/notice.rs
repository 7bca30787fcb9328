//! What people must be told (« avis »), decided with the change and sent later.
use std::collections::BTreeMap;

use chrono::TimeDelta;
use uuid::Uuid;

use crate::identity::{OrganisationId, UserId};

/// What a message is about (« nature de l’avis »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoticeKind {
    RoundOpened,
    /// The members who have not answered are asked again.
    RoundReminder,
    RoundExtended,
    /// Unit, price or dates changed: needs must be confirmed again.
    ConditionsChanged,
    RoundClosed,
    RoundReopened,
    RoundCancelled,
    ProcedureLaunched,
    LotDecided,
    StatementAvailable,
    RecoveryOrderIssued,
    MembershipInvited,
    /// The decision is enforceable and the agreement signed.
    MembershipJoined,
    /// A member asks to leave; its coordinator answers.
    LeaveAsked,
    MembershipEnded,
}

impl NoticeKind {
    /// Every kind, in the order of a purchase.
    pub const ALL: [Self; 15] = [
        Self::MembershipInvited,
        Self::MembershipJoined,
        Self::LeaveAsked,
        Self::MembershipEnded,
        Self::RoundOpened,
        Self::RoundReminder,
        Self::RoundExtended,
        Self::ConditionsChanged,
        Self::RoundClosed,
        Self::RoundReopened,
        Self::RoundCancelled,
        Self::ProcedureLaunched,
        Self::LotDecided,
        Self::StatementAvailable,
        Self::RecoveryOrderIssued,
    ];

    /// The name in the database and in dedup keys.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::RoundOpened => "round_opened",
            Self::RoundReminder => "round_reminder",
            Self::RoundExtended => "round_extended",
            Self::ConditionsChanged => "conditions_changed",
            Self::RoundClosed => "round_closed",
            Self::RoundReopened => "round_reopened",
            Self::RoundCancelled => "round_cancelled",
            Self::ProcedureLaunched => "procedure_launched",
            Self::LotDecided => "lot_decided",
            Self::StatementAvailable => "statement_available",
            Self::RecoveryOrderIssued => "recovery_order_issued",
            Self::MembershipInvited => "membership_invited",
            Self::MembershipJoined => "membership_joined",
            Self::LeaveAsked => "leave_asked",
            Self::MembershipEnded => "membership_ended",
        }
    }

    /// How long after its due time the message still makes sense; later it is skipped, visibly.
    #[must_use]
    pub fn life(self) -> TimeDelta {
        match self {
            Self::RoundReminder => TimeDelta::hours(12),
            Self::RoundOpened | Self::RoundExtended | Self::ConditionsChanged => TimeDelta::days(7),
            Self::RoundClosed | Self::RoundReopened | Self::RoundCancelled => TimeDelta::days(7),
            Self::ProcedureLaunched | Self::LotDecided => TimeDelta::days(14),
            Self::MembershipInvited
            | Self::MembershipJoined
            | Self::LeaveAsked
            | Self::MembershipEnded => TimeDelta::days(14),
            Self::StatementAvailable | Self::RecoveryOrderIssued => TimeDelta::days(30),
        }
    }
}

/// To whom a message goes (« destinataire »); addresses are looked up when it leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Recipient {
    Organisation(OrganisationId),
    User(UserId),
}

/// One message to come (« avis »), written in the transaction of the change it tells about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub kind: NoticeKind,
    pub recipient: Recipient,
    /// The object, by the name the journal gives it.
    pub subject_kind: &'static str,
    pub subject_id: Uuid,
    /// Closed, reopened, closed again: each time is told once.
    pub subject_version: i32,
    /// Facts that must not change between now and the sending.
    pub facts: BTreeMap<&'static str, String>,
}

impl Notice {
    /// The same change is never told twice to the same recipient.
    ///
    /// `round:<id>:round_closed:<version>:organisation:<id>`
    #[must_use]
    pub fn dedup_key(&self) -> String {
        let (kind, id) = match self.recipient {
            Recipient::Organisation(id) => ("organisation", id.0),
            Recipient::User(id) => ("user", id.0),
        };
        let (subject, version) = (self.subject_kind, self.subject_version);
        format!(
            "{subject}:{}:{}:{version}:{kind}:{id}",
            self.subject_id,
            self.kind.code()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_twice_is_told_twice_and_each_member_apart() {
        let told = |version, recipient| Notice {
            kind: NoticeKind::RoundClosed,
            recipient,
            subject_kind: "round",
            subject_id: Uuid::nil(),
            subject_version: version,
            facts: BTreeMap::new(),
        };
        let one = Recipient::Organisation(OrganisationId(Uuid::from_u128(1)));
        let two = Recipient::Organisation(OrganisationId(Uuid::from_u128(2)));
        assert_eq!(told(1, one).dedup_key(), told(1, one).dedup_key());
        assert_ne!(told(1, one).dedup_key(), told(2, one).dedup_key());
        assert_ne!(told(1, one).dedup_key(), told(1, two).dedup_key());
    }
}

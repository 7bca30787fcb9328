//! Buying groups (« groupement de commandes »): who buys together, on what ground, who pays.
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    identity::{GroupingId, OrganisationId},
    organisation::{Organisation, OrganisationKind},
    text,
};

/// The longest title or family of a grouping.
pub const TITLE_CHARS_MAX: usize = 200;

/// How long a grouping lives (« permanent ou ponctuel »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupingKind {
    /// Lives on from one purchase to the next; members come and go as its agreement says.
    Permanent,
    /// Made for one purchase; its membership is frozen once the consultation is launched.
    OneOff,
}

/// What allows organisations to buy together (« fondement juridique »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LegalBasis {
    /// L2113-6 of the public procurement code: any buyers, by agreement.
    Grouping,
    /// L5211-4-4 CGCT: an EPCI for its communes, free of charge, if its statutes say so.
    EpciForItsCommunes {
        /// Where in the statutes: article, deliberation, date.
        statutes_reference: String,
    },
    /// L2113-2: a central purchasing body that passes contracts for others.
    CentralPurchasing,
}

/// Who signs and who pays (« régime de paiement »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Regime {
    /// (a) Each member signs its own contract and pays its own invoices.
    EachSigns,
    /// (b) The coordinator signs, each member pays its own invoices.
    CoordinatorSigns,
    /// (c) The coordinator signs and pays everything, then asks each member for its share.
    CoordinatorPays,
    /// A central purchasing body passes the contract, each member pays its own invoices.
    ///
    /// The other kind, which buys and resells (« grossiste »), is not served.
    Intermediary,
}

/// A part of the work that a coordinator does for all (« phase »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Recording needs, writing the documents.
    Preparation,
    /// From publication to notification.
    Procedure,
    /// Orders, amendments, invoices.
    Execution,
}

/// Whether a grouping is in use (« état du groupement »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupingState {
    Active,
    Archived,
}

/// What may happen to a grouping as a whole (« événement »).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupingEvent {
    Archive,
    Restore,
}

/// A buying group (« groupement de commandes »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grouping {
    pub id: GroupingId,
    /// The organisation that coordinates it and answers for it.
    pub owner: OrganisationId,
    pub title: String,
    pub kind: GroupingKind,
    /// The homogeneous family of purchases that thresholds are counted on.
    pub family: String,
    pub legal_basis: LegalBasis,
    pub regime: Regime,
    pub state: GroupingState,
    pub created_at: DateTime<Utc>,
    pub version: i32,
}

/// Who runs one phase for all (« coordonnateur »); a phase may have several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupingCoordinator {
    pub phase: Phase,
    pub organisation: OrganisationId,
}

/// What is refused about a grouping (« groupement refusé »).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GroupingError {
    #[error("a {from:?} grouping cannot {event:?}")]
    NotAllowed {
        from: GroupingState,
        event: GroupingEvent,
    },
    #[error("the grouping is archived")]
    Archived,
    /// Members still answer: the rounds are closed first.
    #[error("{rounds} rounds of the grouping are open")]
    OpenRounds { rounds: usize },
    #[error("only an EPCI may buy for its communes under L5211-4-4")]
    CoordinatorNotEpci,
    #[error("the regime {regime:?} does not go with this legal basis")]
    RegimeMismatch { regime: Regime },
    #[error("nobody coordinates the phase {phase:?}")]
    PhaseWithoutCoordinator { phase: Phase },
    #[error("a coordinator is neither the owner nor a member of the grouping")]
    CoordinatorNotMember,
}

impl Grouping {
    /// Refuses a legal basis that does not fit the coordinator, or a regime that does not fit it.
    ///
    /// | legal basis | coordinator | regime       |                        |
    /// |-------------|-------------|--------------|------------------------|
    /// | L2113-6     | any         | a, b, c      | accepted               |
    /// | L2113-6     | any         | intermediary | the regime is refused  |
    /// | L5211-4-4   | EPCI        | a, b, c      | accepted               |
    /// | L5211-4-4   | commune     | any          | only an EPCI may       |
    /// | L2113-2     | any         | intermediary | accepted               |
    /// | L2113-2     | any         | a, b, c      | the regime is refused  |
    ///
    /// # Errors
    /// [`GroupingError::CoordinatorNotEpci`] or [`GroupingError::RegimeMismatch`].
    pub fn check(&self, coordinator: &Organisation) -> Result<(), GroupingError> {
        let epci = coordinator.kind == OrganisationKind::Epci;
        if matches!(self.legal_basis, LegalBasis::EpciForItsCommunes { .. }) && !epci {
            return Err(GroupingError::CoordinatorNotEpci);
        }
        let central = self.legal_basis == LegalBasis::CentralPurchasing;
        if central != (self.regime == Regime::Intermediary) {
            let regime = self.regime;
            return Err(GroupingError::RegimeMismatch { regime });
        }
        Ok(())
    }

    /// Refuses any change to a grouping that is no longer in use.
    ///
    /// # Errors
    /// [`GroupingError::Archived`].
    pub fn check_active(&self) -> Result<(), GroupingError> {
        match self.state {
            GroupingState::Active => Ok(()),
            GroupingState::Archived => Err(GroupingError::Archived),
        }
    }

    /// Takes the grouping out of use, or back into it.
    ///
    /// # Errors
    /// [`GroupingError::NotAllowed`].
    pub fn apply(&mut self, event: GroupingEvent) -> Result<(), GroupingError> {
        self.state = self.state.after(event)?;
        Ok(())
    }

    /// Refuses coordinators that leave a phase to nobody or come from outside.
    ///
    /// # Errors
    /// [`GroupingError::PhaseWithoutCoordinator`] or [`GroupingError::CoordinatorNotMember`].
    pub fn check_coordinators(
        &self,
        coordinators: &BTreeSet<GroupingCoordinator>,
        members: &BTreeSet<OrganisationId>,
    ) -> Result<(), GroupingError> {
        for phase in Phase::ALL {
            if !coordinators.iter().any(|c| c.phase == phase) {
                return Err(GroupingError::PhaseWithoutCoordinator { phase });
            }
        }
        let inside = |id: OrganisationId| id == self.owner || members.contains(&id);
        if coordinators.iter().all(|c| inside(c.organisation)) {
            Ok(())
        } else {
            Err(GroupingError::CoordinatorNotMember)
        }
    }

    /// The coordinators of a new grouping: its owner does everything.
    #[must_use]
    pub fn first_coordinators(&self) -> BTreeSet<GroupingCoordinator> {
        let coordinator = |phase| GroupingCoordinator {
            phase,
            organisation: self.owner,
        };
        Phase::ALL.map(coordinator).into()
    }

    /// Whether the coordinator must act free of charge.
    #[must_use]
    pub fn is_free_of_charge(&self) -> bool {
        matches!(self.legal_basis, LegalBasis::EpciForItsCommunes { .. })
    }

    /// How lists are sorted.
    #[must_use]
    pub fn sort_key(&self) -> String {
        text::sort_key(&self.title)
    }

    /// Everything by which it may be looked for.
    #[must_use]
    pub fn search_text(&self) -> String {
        text::search_text(&format!("{} {}", self.title, self.family))
    }
}

impl GroupingState {
    pub const ALL: [Self; 2] = [Self::Active, Self::Archived];

    fn after(self, event: GroupingEvent) -> Result<Self, GroupingError> {
        use GroupingEvent as On;
        match (self, event) {
            (Self::Active, On::Archive) => Ok(Self::Archived),
            (Self::Archived, On::Restore) => Ok(Self::Active),
            (from, event) => Err(GroupingError::NotAllowed { from, event }),
        }
    }

    /// The name in the database and the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Archived => "archived",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

impl GroupingKind {
    pub const ALL: [Self; 2] = [Self::Permanent, Self::OneOff];

    /// The name in the database and the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Permanent => "permanent",
            Self::OneOff => "one_off",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

impl LegalBasis {
    /// The codes, in the order of menus.
    pub const CODES: [&'static str; 3] = ["l2113_6", "l5211_4_4", "l2113_2"];

    /// The name in the database and the API.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Grouping => "l2113_6",
            Self::EpciForItsCommunes { .. } => "l5211_4_4",
            Self::CentralPurchasing => "l2113_2",
        }
    }

    /// Reads a code with the reference that one of them needs.
    #[must_use]
    pub fn from_code(code: &str, statutes_reference: Option<String>) -> Option<Self> {
        match code {
            "l2113_6" => Some(Self::Grouping),
            "l5211_4_4" => Some(Self::EpciForItsCommunes {
                statutes_reference: statutes_reference?,
            }),
            "l2113_2" => Some(Self::CentralPurchasing),
            _ => None,
        }
    }

    /// Where the statutes allow it, when the law asks.
    #[must_use]
    pub fn statutes_reference(&self) -> Option<&str> {
        match self {
            Self::EpciForItsCommunes { statutes_reference } => Some(statutes_reference),
            Self::Grouping | Self::CentralPurchasing => None,
        }
    }
}

impl Regime {
    pub const ALL: [Self; 4] = [
        Self::EachSigns,
        Self::CoordinatorSigns,
        Self::CoordinatorPays,
        Self::Intermediary,
    ];

    /// The name in the database and the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::EachSigns => "each_signs",
            Self::CoordinatorSigns => "coordinator_signs",
            Self::CoordinatorPays => "coordinator_pays",
            Self::Intermediary => "intermediary",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|regime| regime.code() == code)
    }

    /// Whether the coordinator receives the invoices of everybody and asks for the shares.
    #[must_use]
    pub fn recovers(self) -> bool {
        self == Self::CoordinatorPays
    }
}

impl Phase {
    pub const ALL: [Self; 3] = [Self::Preparation, Self::Procedure, Self::Execution];

    /// The name in the database and the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Preparation => "preparation",
            Self::Procedure => "procedure",
            Self::Execution => "execution",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.code() == code)
    }
}

impl GroupingError {
    /// Stable name used in problem types, logs and the documentation.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAllowed { .. } => "grouping.not-allowed",
            Self::Archived => "grouping.archived",
            Self::OpenRounds { .. } => "grouping.open-rounds",
            Self::CoordinatorNotEpci => "grouping.coordinator-not-epci",
            Self::RegimeMismatch { .. } => "grouping.regime-mismatch",
            Self::PhaseWithoutCoordinator { .. } => "grouping.phase-without-coordinator",
            Self::CoordinatorNotMember => "grouping.coordinator-not-member",
        }
    }
}

#[cfg(test)]
#[path = "grouping/tests.rs"]
mod tests;

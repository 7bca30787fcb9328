//! Procedures: from closed rounds to the outcome of every lot.
//!
//! Declaring needs never requires a vote. The gate is here, at the launch: every member whose
//! needs are bought has decided and signed, or is set aside, and that is written down.

use chrono::{DateTime, NaiveDate, Utc};

use super::demand::Demand;
use super::thresholds::{Duty, PurchaseNature};
use crate::identity::{GroupingId, OrganisationId, ProcedureId, RoundId};
use crate::money::Cents;
use crate::text;

mod gate;
mod life;

pub use gate::{Candidate, Lack, check_rounds};
pub use life::{ProcedureEvent, ProcedureState};

/// The longest title of a procedure.
pub const TITLE_CHARS_MAX: usize = 200;
/// The longest reason for setting a member aside.
pub const REASON_CHARS_MAX: usize = 500;

/// A procurement procedure that follows one or several rounds (« consultation »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Procedure {
    pub id: ProcedureId,
    pub owner: OrganisationId,
    pub grouping: GroupingId,
    pub rounds: Vec<RoundId>,
    pub state: ProcedureState,
    /// The day whose thresholds apply.
    pub launched_on: Option<NaiveDate>,
    /// What the needs kept were estimated at, net of tax; a copy from the launch on.
    pub estimate: Cents,
    pub aside: Vec<SetAside>,
    pub created_at: DateTime<Utc>,
    pub plan: Plan,
    pub version: i32,
}

/// What the officer says of a procedure (« fiche de la consultation »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub title: String,
    pub form: ProcedureForm,
    pub nature: PurchaseNature,
    /// When the notice appeared.
    pub published_on: Option<NaiveDate>,
    pub offers_due_at: Option<DateTime<Utc>>,
    /// When the board chose (« CAO »).
    pub cao_on: Option<NaiveDate>,
}

/// A member left out of a procedure (« membre mis de côté »): its needs leave the totals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    pub member: OrganisationId,
    pub reason: String,
    pub at: DateTime<Utc>,
}

/// How a procedure is run (« forme de la consultation »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProcedureForm {
    /// Without publicity nor competition (« sans procédure »).
    None,
    /// Adapted to the purchase (« procédure adaptée, MAPA »).
    Adapted,
    /// Anyone may tender (« appel d’offres ouvert »).
    OpenTender,
    /// Those chosen may tender (« appel d’offres restreint »).
    RestrictedTender,
    /// Tenders are discussed (« procédure avec négociation »).
    Negotiated,
    /// Needs are discussed too (« dialogue compétitif »).
    CompetitiveDialogue,
}

/// What a procedure refuses (« consultation refusée »).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProcedureError {
    #[error("a procedure cannot {event} when it is {from}")]
    NotAllowed {
        from: ProcedureState,
        event: ProcedureEvent,
    },
    #[error("a procedure follows at least one round")]
    NoRound,
    #[error("a round of the procedure is not closed")]
    RoundNotClosed,
    #[error("the rounds are of several groupings")]
    SeveralGroupings,
    #[error("a round already has a procedure")]
    RoundTaken,
    #[error("{members} members are not ready")]
    MembersNotReady { members: usize },
    #[error("no member with needs is left")]
    NobodyLeft,
    #[error("this member has no need in the rounds of the procedure")]
    NoNeed,
    #[error("{lots} lots are decided already")]
    LotsDecided { lots: usize },
    #[error("{members} members are answering a round that was opened again for them")]
    MembersAnswering { members: usize },
    #[error("the members kept want nothing any more")]
    NothingLeft,
    #[error("offers are due on {due}, before {from}")]
    OffersDueTooEarly { from: NaiveDate, due: NaiveDate },
    #[error("the board met on {cao}, before the launch on {launched}")]
    BoardBeforeLaunch { launched: NaiveDate, cao: NaiveDate },
}

impl ProcedureError {
    /// Stable name used in problem types, logs and the documentation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAllowed { .. } => "procedure.not-allowed",
            Self::NoRound => "procedure.no-round",
            Self::RoundNotClosed => "procedure.round-not-closed",
            Self::SeveralGroupings => "procedure.several-groupings",
            Self::RoundTaken => "procedure.round-taken",
            Self::MembersNotReady { .. } => "procedure.members-not-ready",
            Self::NobodyLeft => "procedure.nobody-left",
            Self::NoNeed => "procedure.no-need",
            Self::LotsDecided { .. } => "procedure.lots-decided",
            Self::MembersAnswering { .. } => "procedure.members-answering",
            Self::NothingLeft => "procedure.nothing-left",
            Self::OffersDueTooEarly { .. } => "procedure.offers-due-too-early",
            Self::BoardBeforeLaunch { .. } => "procedure.board-before-launch",
        }
    }
}

impl ProcedureForm {
    /// Every form, from the lightest.
    pub const ALL: [Self; 6] = [
        Self::None,
        Self::Adapted,
        Self::OpenTender,
        Self::RestrictedTender,
        Self::Negotiated,
        Self::CompetitiveDialogue,
    ];

    /// The name in the database and the API.
    pub fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Adapted => "adapted",
            Self::OpenTender => "open_tender",
            Self::RestrictedTender => "restricted_tender",
            Self::Negotiated => "negotiated",
            Self::CompetitiveDialogue => "competitive_dialogue",
        }
    }

    /// Reads a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.code() == code)
    }
}

impl PurchaseNature {
    /// Every nature.
    pub const ALL: [Self; 2] = [Self::SuppliesServices, Self::Works];

    /// The name in the database and the API.
    pub fn code(self) -> &'static str {
        match self {
            Self::SuppliesServices => "supplies_services",
            Self::Works => "works",
        }
    }

    /// Reads a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|nature| nature.code() == code)
    }
}

impl Duty {
    /// The name in the API.
    pub fn code(self) -> &'static str {
        match self {
            Self::Adapted => "adapted",
            Self::Publicity => "publicity",
            Self::Formal => "formal",
        }
    }
}

impl Procedure {
    /// Whether a member was set aside.
    pub fn sets_aside(&self, member: OrganisationId) -> bool {
        self.aside.iter().any(|aside| aside.member == member)
    }

    /// The members who are neither ready nor set aside: the launch waits for them.
    pub fn waits_for<'a>(&'a self, candidates: &'a [Candidate]) -> Vec<&'a Candidate> {
        let waited = |c: &&Candidate| !c.lacks.is_empty() && !self.sets_aside(c.member);
        candidates.iter().filter(waited).collect()
    }

    /// Leaves a member out, with the reason; doing it twice keeps the first reason.
    pub fn set_aside(
        &mut self,
        aside: SetAside,
        candidates: &[Candidate],
    ) -> Result<(), ProcedureError> {
        self.state = self.state.after(ProcedureEvent::ChooseMembers)?;
        if !candidates.iter().any(|c| c.member == aside.member) {
            return Err(ProcedureError::NoNeed);
        }
        if !self.sets_aside(aside.member) {
            self.aside.push(aside);
        }
        Ok(())
    }

    /// Takes a member back: it decided in time.
    pub fn take_back(&mut self, member: OrganisationId) -> Result<(), ProcedureError> {
        self.state = self.state.after(ProcedureEvent::ChooseMembers)?;
        self.aside.retain(|aside| aside.member != member);
        Ok(())
    }

    /// Launches it: every member is ready or set aside, and the estimate is copied.
    pub fn launch(
        &mut self,
        on: NaiveDate,
        estimate: Cents,
        candidates: &[Candidate],
    ) -> Result<(), ProcedureError> {
        let next = self.state.after(ProcedureEvent::Launch)?;
        let members = self.waits_for(candidates).len();
        if members > 0 {
            return Err(ProcedureError::MembersNotReady { members });
        }
        if candidates.iter().all(|c| self.sets_aside(c.member)) {
            return Err(ProcedureError::NobodyLeft);
        }
        self.launched_on = Some(on);
        self.plan.check(self.launched_on)?;
        self.estimate = estimate;
        self.state = next;
        Ok(())
    }

    /// Takes the quantities of its rounds again: tenders will answer these. Its members stay.
    pub fn refresh_demand(
        &mut self,
        estimate: Cents,
        demands: &[Demand],
        decided: usize,
    ) -> Result<(), ProcedureError> {
        self.state = self.state.after(ProcedureEvent::RefreshDemand)?;
        if decided > 0 {
            return Err(ProcedureError::LotsDecided { lots: decided });
        }
        if !demands.iter().any(Demand::wants_something) {
            return Err(ProcedureError::NothingLeft);
        }
        self.estimate = estimate;
        Ok(())
    }

    /// Changes what the officer says of it; dates are corrected even when it is done.
    pub fn revise(&mut self, plan: Plan) -> Result<(), ProcedureError> {
        self.state = self.state.after(ProcedureEvent::Edit)?;
        plan.check(self.launched_on)?;
        self.plan = plan;
        Ok(())
    }

    /// A lot gets its outcome; `left` lots still wait after it.
    pub fn decide_lot(&mut self, left: usize) -> Result<(), ProcedureError> {
        let event = if left == 0 {
            ProcedureEvent::DecideLastLot
        } else {
            ProcedureEvent::DecideLot
        };
        self.state = self.state.after(event)?;
        Ok(())
    }

    /// The outcome of a lot is corrected.
    pub fn correct_lot(&mut self) -> Result<(), ProcedureError> {
        self.state = self.state.after(ProcedureEvent::CorrectLot)?;
        Ok(())
    }

    /// What the list sorts by.
    pub fn sort_key(&self) -> String {
        text::sort_key(&self.plan.title)
    }

    /// What a search compares.
    pub fn search_text(&self) -> String {
        text::search_text(&self.plan.title)
    }
}

impl Plan {
    /// Refuses dates that contradict each other.
    pub fn check(&self, launched_on: Option<NaiveDate>) -> Result<(), ProcedureError> {
        let due = self.offers_due_at.map(|at| at.date_naive());
        let from = self.published_on.max(launched_on);
        if let (Some(from), Some(due)) = (from, due)
            && due < from
        {
            return Err(ProcedureError::OffersDueTooEarly { from, due });
        }
        if let (Some(launched), Some(cao)) = (launched_on, self.cao_on)
            && cao < launched
        {
            return Err(ProcedureError::BoardBeforeLaunch { launched, cao });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;

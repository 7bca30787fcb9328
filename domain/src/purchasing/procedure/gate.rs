//! The gate of the launch: which rounds may be followed, and which members are ready.

use chrono::NaiveDate;

use super::ProcedureError;
use crate::identity::{GroupingId, OrganisationId};
use crate::purchasing::{
    membership::Membership,
    round::{Round, RoundState},
};

/// What a member lacks to be bought for (« pièce manquante »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lack {
    /// It is not, or no longer, a member of the grouping.
    Membership,
    /// Its decision is not taken, or not yet enforceable.
    Decision,
    /// It has not signed the agreement.
    Signature,
}

/// A member with needs in the rounds of a procedure (« candidat au lancement »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub member: OrganisationId,
    /// Nothing when it is ready.
    pub lacks: Vec<Lack>,
}

impl Lack {
    /// The name in the API.
    pub fn code(self) -> &'static str {
        match self {
            Self::Membership => "membership",
            Self::Decision => "decision",
            Self::Signature => "signature",
        }
    }
}

impl Candidate {
    /// What a member lacks on a day; the coordinator needs no membership to buy for itself.
    ///
    /// | membership | sent to the préfecture | signed | lacks |
    /// |------------|------------------------|--------|-------|
    /// | none, left |                        |        | membership |
    /// | invited    | no                     | no     | decision, signature |
    /// | invited    | tomorrow               | yes    | decision |
    /// | joined     | yes                    | yes    | nothing |
    pub fn of(
        member: OrganisationId,
        coordinator: OrganisationId,
        membership: Option<&Membership>,
        on: NaiveDate,
    ) -> Self {
        let lacks = match membership.filter(|m| m.takes_part()) {
            None if member == coordinator => Vec::new(),
            None => vec![Lack::Membership],
            Some(membership) => lacks_of(membership, on),
        };
        Self { member, lacks }
    }
}

fn lacks_of(membership: &Membership, on: NaiveDate) -> Vec<Lack> {
    if membership.is_enforceable(on) {
        return Vec::new();
    }
    let past = |date: Option<NaiveDate>| date.is_some_and(|date| date <= on);
    let sent = membership.decision.as_ref().and_then(|d| d.transmitted_on);
    let decision = (!past(sent)).then_some(Lack::Decision);
    let signature = (!past(membership.signed_on)).then_some(Lack::Signature);
    decision.into_iter().chain(signature).collect()
}

/// The coordinator and the grouping of some closed rounds; refuses what cannot be followed.
pub fn check_rounds(rounds: &[Round]) -> Result<(OrganisationId, GroupingId), ProcedureError> {
    let first = rounds.first().ok_or(ProcedureError::NoRound)?;
    if rounds.iter().any(|round| round.grouping != first.grouping) {
        return Err(ProcedureError::SeveralGroupings);
    }
    if rounds.iter().any(|round| round.state != RoundState::Closed) {
        return Err(ProcedureError::RoundNotClosed);
    }
    Ok((first.owner, first.grouping))
}

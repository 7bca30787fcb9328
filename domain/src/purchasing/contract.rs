//! Contracts: what a supplier owes the members of a grouping, lot by lot.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};

use crate::identity::{AwardId, ContractId, GroupingId, LotId, OrganisationId, SupplierId};
use crate::money::Cents;
use crate::text;

/// The longest number of a contract.
pub const NUMBER_CHARS_MAX: usize = 40;
/// The longest title of a contract.
pub const TITLE_CHARS_MAX: usize = 200;
/// The longest text of a revision clause.
pub const CLAUSE_CHARS_MAX: usize = 2_000;
/// The longest duration that is not a slip of the hand: 25 years, as for concessions.
pub const DURATION_MONTHS_MAX: i32 = 300;
/// More renewals than anyone writes.
pub const RENEWALS_MAX: i32 = 20;

/// A contract or framework, one per lot (« marché, accord-cadre »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    pub id: ContractId,
    pub owner: OrganisationId,
    pub grouping: GroupingId,
    /// The award it comes from; none when it is recorded directly.
    pub award: Option<AwardId>,
    pub lot: Option<LotId>,
    pub supplier: SupplierId,
    pub state: ContractState,
    pub created_at: DateTime<Utc>,
    pub terms: Terms,
    pub version: i32,
}

/// What a contract says (« clauses du marché »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Unique among the coordinator's contracts.
    pub number: String,
    pub title: String,
    pub notified_on: NaiveDate,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    /// The first period, renewals apart.
    pub duration_months: Option<i32>,
    pub renewals: i32,
    pub minimum: Option<Cents>,
    /// Mandatory in a framework (R2162-4).
    pub maximum: Option<Cents>,
    pub revision_clause: Option<String>,
}

/// Where a contract is in its life (« état du marché »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContractState {
    /// The supplier has received it (« notifié »).
    Notified,
    /// It is being carried out (« en cours »).
    Running,
    /// It is over (« terminé »).
    Ended,
}

/// What happens to a contract (« événement du marché »).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContractEvent {
    Start,
    End,
}

/// What a contract refuses (« marché refusé »).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContractError {
    #[error("a contract cannot {event} when it is {from}")]
    NotAllowed {
        from: ContractState,
        event: ContractEvent,
    },
    #[error("a contract already has the number {number}")]
    NumberTaken { number: String },
    #[error("the award already led to the contract {number}")]
    AlreadySigned { number: String },
    #[error("the lot was not awarded")]
    NotAwarded,
    #[error("the maximum {maximum} is below the minimum {minimum}")]
    MaximumBelowMinimum { minimum: Cents, maximum: Cents },
    #[error("the contract starts on {starts_on}, before its notification on {notified_on}")]
    StartsBeforeNotification {
        notified_on: NaiveDate,
        starts_on: NaiveDate,
    },
    #[error("the contract ends on {ends_on}, before it starts on {starts_on}")]
    EndsBeforeStart {
        starts_on: NaiveDate,
        ends_on: NaiveDate,
    },
}

impl ContractError {
    /// Stable name used in problem types, logs and the documentation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAllowed { .. } => "contract.not-allowed",
            Self::NumberTaken { .. } => "contract.number-taken",
            Self::AlreadySigned { .. } => "contract.already-signed",
            Self::NotAwarded => "contract.not-awarded",
            Self::MaximumBelowMinimum { .. } => "contract.maximum-below-minimum",
            Self::StartsBeforeNotification { .. } => "contract.starts-before-notification",
            Self::EndsBeforeStart { .. } => "contract.ends-before-start",
        }
    }
}

impl ContractState {
    /// Every state, in the order of a life.
    pub const ALL: [Self; 3] = [Self::Notified, Self::Running, Self::Ended];

    /// The state after an event; what is not written here is refused.
    pub fn after(self, event: ContractEvent) -> Result<Self, ContractError> {
        use {ContractEvent as On, ContractState as S};
        match (self, event) {
            (S::Notified, On::Start) => Ok(S::Running),
            (S::Notified | S::Running, On::End) => Ok(S::Ended),
            (from, event) => Err(ContractError::NotAllowed { from, event }),
        }
    }

    /// The name in the database and the API.
    pub fn code(self) -> &'static str {
        match self {
            Self::Notified => "notified",
            Self::Running => "running",
            Self::Ended => "ended",
        }
    }

    /// Reads a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

impl ContractEvent {
    /// Every event.
    pub const ALL: [Self; 2] = [Self::Start, Self::End];

    /// The verb of the event.
    pub fn code(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::End => "end",
        }
    }
}

impl fmt::Display for ContractState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for ContractEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Terms {
    /// Refuses dates and amounts that contradict each other.
    ///
    /// | notified   | starts     | ends       | minimum | maximum | |
    /// |------------|------------|------------|--------:|--------:|---|
    /// | 2026-09-01 | 2026-09-01 | 2027-08-31 |   1 000 |   1 000 | accepted |
    /// | 2026-09-02 | 2026-09-01 |            |         |         | starts before notification |
    /// | 2026-09-01 | 2026-10-01 | 2026-09-30 |         |         | ends before start |
    /// | 2026-09-01 |            | 2026-08-31 |         |         | ends before start |
    /// | 2026-09-01 |            |            |   1 000 |  999.99 | maximum below minimum |
    pub fn check(&self) -> Result<(), ContractError> {
        let notified_on = self.notified_on;
        if let Some(starts_on) = self.starts_on.filter(|day| *day < notified_on) {
            return Err(ContractError::StartsBeforeNotification {
                notified_on,
                starts_on,
            });
        }
        let starts_on = self.starts_on.unwrap_or(notified_on);
        if let Some(ends_on) = self.ends_on.filter(|day| *day < starts_on) {
            return Err(ContractError::EndsBeforeStart { starts_on, ends_on });
        }
        match (self.minimum, self.maximum) {
            (Some(minimum), Some(maximum)) if maximum < minimum => {
                Err(ContractError::MaximumBelowMinimum { minimum, maximum })
            }
            _ => Ok(()),
        }
    }
}

impl Contract {
    /// Makes something happen to it.
    pub fn on(&mut self, event: ContractEvent) -> Result<(), ContractError> {
        self.state = self.state.after(event)?;
        Ok(())
    }

    /// Replaces its terms, whatever its state: an error found later is corrected, with a trace.
    pub fn revise(&mut self, terms: Terms) -> Result<(), ContractError> {
        terms.check()?;
        self.terms = terms;
        Ok(())
    }

    /// What a search compares, with the name of the supplier.
    pub fn search_text(&self, supplier_name: &str) -> String {
        let words = format!("{} {} {supplier_name}", self.terms.number, self.terms.title);
        text::search_text(&words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Option<NaiveDate> {
        text.parse().ok()
    }

    #[test]
    fn dates_and_amounts_agree() {
        for (notified, starts, ends, minimum, maximum, code) in [
            (
                "2026-09-01",
                "2026-09-01",
                "2027-08-31",
                Some(100_000),
                Some(100_000),
                None,
            ),
            (
                "2026-09-02",
                "2026-09-01",
                "",
                None,
                None,
                Some("contract.starts-before-notification"),
            ),
            (
                "2026-09-01",
                "2026-10-01",
                "2026-09-30",
                None,
                None,
                Some("contract.ends-before-start"),
            ),
            (
                "2026-09-01",
                "",
                "2026-08-31",
                None,
                None,
                Some("contract.ends-before-start"),
            ),
            (
                "2026-09-01",
                "",
                "",
                Some(100_000),
                Some(99_999),
                Some("contract.maximum-below-minimum"),
            ),
        ] {
            let terms = Terms {
                number: "2026-014".into(),
                title: "Extincteurs".into(),
                notified_on: day(notified).unwrap(),
                starts_on: day(starts),
                ends_on: day(ends),
                duration_months: Some(12),
                renewals: 3,
                minimum: minimum.map(Cents),
                maximum: maximum.map(Cents),
                revision_clause: None,
            };
            let refused = terms.check().err().map(|error| error.code());
            assert_eq!(refused, code, "{notified} {starts} {ends}");
        }
    }

    #[test]
    fn a_contract_never_comes_back_to_life() {
        for event in ContractEvent::ALL {
            assert_eq!(
                ContractState::Ended.after(event),
                Err(ContractError::NotAllowed {
                    from: ContractState::Ended,
                    event
                })
            );
        }
    }

    #[test]
    fn codes_read_back() {
        for state in ContractState::ALL {
            assert_eq!(ContractState::from_code(state.code()), Some(state));
        }
    }
}

//! What is refused about sharing rules.
use chrono::NaiveDate;

use super::{RuleEvent, RuleState};
use crate::allocation::TaxPolicy;

/// What is refused about sharing rules (« règle refusée »).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SharingRuleError {
    #[error("a rule in state {} cannot {}", state.code(), event.code())]
    NotAllowed { state: RuleState, event: RuleEvent },
    #[error("neither an agreement nor a deliberation votes this rule")]
    NotVoted,
    #[error("the rule {name} is still a draft")]
    Draft { name: String },
    #[error("the rule {name} applies from {applies_from}, and this is of {issued_on}")]
    TooEarly {
        name: String,
        applies_from: NaiveDate,
        issued_on: NaiveDate,
    },
    #[error("another rule of this grouping is named {name}")]
    NameTaken { name: String },
    #[error("`{typed}` is neither a key, a population nor what was delivered")]
    UnknownSource { typed: String },
    #[error("the rule reads a key of another grouping")]
    UnknownKey,
    #[error("the rule is of another grouping")]
    UnknownRule,
    #[error("the rule names someone who is not a member")]
    NotAMember,
    #[error("the agreement is of another grouping")]
    UnknownAgreement,
    #[error("version {number} of the rule is a draft already")]
    DraftPending { number: i32 },
    /// One invoice, one policy: its taxes are rounded together.
    #[error("the rules of the invoice ask for {} and {}", one.word(), other.word())]
    TaxPolicies { one: TaxPolicy, other: TaxPolicy },
    #[error("the rule {name} counts days, and the invoice has no period")]
    PeriodNeeded { name: String },
}

impl SharingRuleError {
    /// Stable name used in problem types, logs and the documentation.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAllowed { .. } => "sharing-rule.not-allowed",
            Self::NotVoted => "sharing-rule.not-voted",
            Self::Draft { .. } => "sharing-rule.draft",
            Self::TooEarly { .. } => "sharing-rule.too-early",
            Self::NameTaken { .. } => "sharing-rule.name-taken",
            Self::UnknownSource { .. } => "sharing-rule.unknown-source",
            Self::UnknownKey => "sharing-rule.unknown-key",
            Self::UnknownRule => "sharing-rule.unknown-rule",
            Self::NotAMember => "sharing-rule.not-a-member",
            Self::UnknownAgreement => "sharing-rule.unknown-agreement",
            Self::DraftPending { .. } => "sharing-rule.draft-pending",
            Self::TaxPolicies { .. } => "sharing-rule.tax-policies",
            Self::PeriodNeeded { .. } => "sharing-rule.period-needed",
        }
    }
}

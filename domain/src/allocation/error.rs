//! What an allocation refuses, with the gap that helps to put it right.

use super::{RuleError, TaxGroup, Weight};
use crate::money::{Cents, MoneyError};

/// Why an invoice cannot be split as asked (« répartition refusée »).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AllocationError {
    #[error("there is no member to share with")]
    NoMembers,
    #[error("`{id}` is not an identifier of 1 to 64 bytes")]
    BadId { id: String },
    #[error("member {member} is there twice")]
    DuplicateMember { member: String },
    #[error("line {line} is there twice")]
    DuplicateLine { line: String },
    #[error("the tax {group} is printed twice")]
    DuplicateTax { group: TaxGroup },
    #[error("nobody takes part in line {line}, which is {net}")]
    EmptyLine { line: String, net: Cents },
    #[error("no line is named {line}")]
    UnknownLine { line: String },
    #[error("line {line} names {member}, who is not a member")]
    UnknownMember { line: String, member: String },
    #[error("member {member} has no figure in the key {key} that line {line} reads")]
    MissingKey {
        line: String,
        member: String,
        key: String,
    },
    #[error("member {member} has the negative weight {weight} in line {line}")]
    NegativeWeight {
        line: String,
        member: String,
        weight: Weight,
    },
    /// Nobody weighs anything: an equal split would be a silent guess.
    #[error("every weight of line {line} is zero, and {net} remains")]
    NoWeight { line: String, net: Cents },
    #[error("lines of {net} bear the tax {group}, which is not printed")]
    MissingTax { group: TaxGroup, net: Cents },
    #[error("{amount} of tax {group} is printed, and nobody has anything to pay under it")]
    TaxOnZeroBase { group: TaxGroup, amount: Cents },
    /// `at` is the JSON pointer to the culprit inside the rule or the tariff of the line.
    #[error("in line {line}, {error}")]
    Rule {
        line: String,
        at: String,
        error: RuleError,
    },
    #[error("the dues name {member}, who is not a member")]
    UnknownDue { member: String },
    #[error("the algorithm {algorithm} does not know what this case asks for")]
    Unsupported { algorithm: &'static str },
    /// A percentage of allocated amounts moves the very cents that it reads.
    #[error("the tariffs and the cents that they read do not settle")]
    Unsettled,
    #[error("{total} is to be split over months or members that make {parts}")]
    Unmatched { total: Cents, parts: Cents },
    #[error("an amount does not fit in 64 bits")]
    Overflow,
}

impl AllocationError {
    /// Stable name used in problem types, logs and the documentation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoMembers => "allocation.no-members",
            Self::BadId { .. } => "allocation.bad-id",
            Self::DuplicateMember { .. } => "allocation.duplicate-member",
            Self::DuplicateLine { .. } => "allocation.duplicate-line",
            Self::DuplicateTax { .. } => "allocation.duplicate-tax",
            Self::EmptyLine { .. } => "allocation.empty-line",
            Self::UnknownLine { .. } => "allocation.unknown-line",
            Self::UnknownMember { .. } => "allocation.unknown-member",
            Self::MissingKey { .. } => "allocation.missing-key",
            Self::NegativeWeight { .. } => "allocation.negative-weight",
            Self::NoWeight { .. } => "allocation.no-weight",
            Self::MissingTax { .. } => "allocation.missing-tax",
            Self::TaxOnZeroBase { .. } => "allocation.tax-on-zero-base",
            Self::Rule { error, .. } => error.code(),
            Self::UnknownDue { .. } => "allocation.unknown-due",
            Self::Unsupported { .. } => "allocation.unsupported",
            Self::Unsettled => "allocation.unsettled",
            Self::Unmatched { .. } => "allocation.unmatched",
            Self::Overflow => "allocation.overflow",
        }
    }
}

impl From<MoneyError> for AllocationError {
    fn from(error: MoneyError) -> Self {
        match error {
            // A rate was checked when it was read; only sums can fail here.
            MoneyError::Overflow | MoneyError::RateOutOfRange { .. } => Self::Overflow,
        }
    }
}

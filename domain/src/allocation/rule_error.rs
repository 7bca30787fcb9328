//! What a rule or a tariff refuses, with the gap that helps to put it right.

use super::Weight;
use crate::money::Cents;

/// Why a rule cannot split its line (« règle refusée »).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    #[error("the percentages make {sum} and not 100")]
    PercentSum { sum: String },
    #[error("the bands must ascend, and the last one alone be open")]
    BadBands,
    #[error("the key {key} of {member} is zero, and the rule divides by it")]
    ZeroInverse { member: String, key: String },
    #[error("inverses of {members} members cannot be exact, {most} at most")]
    TooManyInverses { members: usize, most: usize },
    #[error("coefficients multiply weights, and this rule gives amounts")]
    NotAWeightRule,
    #[error("the figure {figure} is negative")]
    NegativeFigure { figure: Weight },
    #[error("the amount {amount} is negative")]
    NegativeAmount { amount: Cents },
    #[error("{member} is not a member")]
    NoSuchMember { member: String },
    #[error("{member} has an amount and takes no part in the line")]
    Stranger { member: String },
    #[error("the fixed parts make {fixed}, {over} more than the line")]
    FixedTooHigh { fixed: Cents, over: Cents },
    #[error("the floor of {member} is above its cap")]
    FloorAboveCap { member: String },
    #[error("the least of a tariff is above its most")]
    MinAboveCap,
    #[error("the floors are {over} more than the amount to split")]
    FloorsTooHigh { over: Cents },
    #[error("the caps are {missing} less than the amount to split")]
    CapsTooLow { missing: Cents },
    #[error("the amounts make {sum}, {gap} away from the amount to split")]
    DirectGap { sum: Cents, gap: Cents },
    #[error("no line is named {line}")]
    NoSuchLine { line: String },
    #[error("the tariff depends on its own result")]
    Circular,
}

impl RuleError {
    /// Stable name used in problem types, logs and the documentation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::PercentSum { .. } => "rule.percent-sum",
            Self::BadBands => "rule.bad-bands",
            Self::ZeroInverse { .. } => "rule.zero-inverse",
            Self::TooManyInverses { .. } => "rule.too-many-inverses",
            Self::NotAWeightRule => "rule.not-a-weight-rule",
            Self::NegativeFigure { .. } => "rule.negative-figure",
            Self::NegativeAmount { .. } => "rule.negative-amount",
            Self::NoSuchMember { .. } => "rule.no-such-member",
            Self::Stranger { .. } => "rule.stranger",
            Self::FixedTooHigh { .. } => "rule.fixed-too-high",
            Self::FloorAboveCap { .. } => "rule.floor-above-cap",
            Self::MinAboveCap => "rule.min-above-cap",
            Self::FloorsTooHigh { .. } => "rule.floors-too-high",
            Self::CapsTooLow { .. } => "rule.caps-too-low",
            Self::DirectGap { .. } => "rule.direct-gap",
            Self::NoSuchLine { .. } => "rule.no-such-line",
            Self::Circular => "rule.circular",
        }
    }
}

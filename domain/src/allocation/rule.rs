//! How an amount is split: the rule, and the weight that it gives to a member.

use super::case_file::RuleFile;
use super::{Case, Member, Weight};

/// The formula that splits a line (« règle de répartition »).
///
/// Its JSON is `{"kind": "equal"}` or `{"kind": "proportional", "key": "population"}`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(from = "RuleFile", into = "RuleFile")]
pub enum AllocationRule {
    /// The same for each (« à parts égales »).
    Equal,
    /// In proportion to a key (« au prorata »): population, quantities, surfaces…
    Proportional { key: String },
}

impl AllocationRule {
    pub fn proportional(key: impl Into<String>) -> Self {
        Self::Proportional { key: key.into() }
    }

    /// The key that this rule reads, if any.
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::Equal => None,
            Self::Proportional { key } => Some(key),
        }
    }

    /// The weight of a member; `None` when the member lacks the key.
    pub(super) fn weight(&self, member: &Member) -> Option<Weight> {
        match self {
            Self::Equal => Some(Weight::ONE),
            Self::Proportional { key } => member.keys.get(key).copied(),
        }
    }
}

impl Case {
    /// The keys that the rules of this case read.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().filter_map(|line| line.rule.key())
    }
}

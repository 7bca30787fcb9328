//! How an amount is split: the rules, each giving an exact part to each member.

use std::collections::BTreeMap;

use super::{Bands, Case, Json, Member, Weight};
use crate::money::Cents;

/// The formula that splits a line (« règle de répartition »).
///
/// Its JSON is the one of the case format: `{"kind": "proportional", "key": "population"}`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "Json", into = "Json")]
pub enum AllocationRule {
    /// The same for each (« à parts égales »).
    Equal,
    /// In proportion to a key (« au prorata »): population, quantities, surfaces…
    Proportional { key: String },
    /// In proportion to a product and quotient of keys (« clés combinées »).
    Product { factors: Vec<Factor> },
    /// In proportion to percentages that make 100 (« pourcentages »); unless `normalise`.
    Percent {
        percents: BTreeMap<String, Weight>,
        normalise: bool,
    },
    /// In proportion to a figure read in bands of a key (« tranches »).
    Bands(Bands),
    /// The weights of a rule, each times a coefficient (« coefficients »); 1 when none is said.
    Coefficient {
        rule: Box<AllocationRule>,
        coefficients: BTreeMap<String, Weight>,
    },
    /// A part by one rule, a part by another (« règle composée »).
    Mix { parts: Vec<MixPart> },
    /// Fixed amounts first, the rest by another rule (« part fixe »).
    First {
        fixed: FixedAmounts,
        then: Box<AllocationRule>,
    },
    /// A rule between floors and caps (« plancher et plafond »), by water-filling.
    Clamp {
        rule: Box<AllocationRule>,
        bounds: Bounds,
    },
    /// Amounts that are known already (« montants constatés »); they make the line.
    Direct { amounts: BTreeMap<String, Cents> },
}

/// A key in a product of keys (« facteur »), or its inverse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Factor {
    pub key: String,
    pub inverse: bool,
}

/// A percentage of a line and the rule that splits it (« part d’une règle composée »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MixPart {
    pub percent: Weight,
    pub rule: AllocationRule,
}

/// Amounts that come before the rest (« parts fixes »); they take the sign of the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FixedAmounts {
    Each(Cents),
    Of(BTreeMap<String, Cents>),
}

/// The least and the most that a member pays (« bornes »); they take the sign of the line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    pub floor: Option<Cents>,
    pub cap: Option<Cents>,
    /// For some members, instead of `floor`.
    pub floors: BTreeMap<String, Cents>,
    /// For some members, instead of `cap`.
    pub caps: BTreeMap<String, Cents>,
}

impl AllocationRule {
    pub fn proportional(key: impl Into<String>) -> Self {
        Self::Proportional { key: key.into() }
    }

    /// The key that gives the weights as they are, if any.
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::Proportional { key } => Some(key),
            Self::Equal
            | Self::Product { .. }
            | Self::Percent { .. }
            | Self::Bands(_)
            | Self::Coefficient { .. }
            | Self::Mix { .. }
            | Self::First { .. }
            | Self::Clamp { .. }
            | Self::Direct { .. } => None,
        }
    }

    /// Every key that this rule reads.
    pub fn keys(&self) -> Vec<&str> {
        match self {
            Self::Equal | Self::Percent { .. } | Self::Direct { .. } => Vec::new(),
            Self::Proportional { key } => vec![key],
            Self::Product { factors } => factors.iter().map(|f| f.key.as_str()).collect(),
            Self::Bands(bands) => vec![&bands.key],
            Self::Coefficient { rule, .. } | Self::Clamp { rule, .. } => rule.keys(),
            Self::First { then, .. } => then.keys(),
            Self::Mix { parts } => parts.iter().flat_map(|part| part.rule.keys()).collect(),
        }
    }

    /// Whether `line-1` knows this rule.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self, Self::Equal) || self.key().is_some()
    }

    /// The weight of a member under a plain rule; `None` when the member lacks the key.
    pub(super) fn weight(&self, member: &Member) -> Option<Weight> {
        match self.key() {
            Some(key) => member.keys.get(key).copied(),
            None => Some(Weight::ONE),
        }
    }

    /// The same rule for the opposite of a line: only amounts that are known already change.
    pub(super) fn negated(&self) -> Option<Self> {
        Some(match self {
            Self::Direct { amounts } => {
                let opposite = |(id, amount): (&String, &Cents)| {
                    Some((id.clone(), amount.checked_neg().ok()?))
                };
                let amounts = amounts.iter().map(opposite).collect::<Option<_>>()?;
                Self::Direct { amounts }
            }
            Self::Mix { parts } => {
                let opposite = |part: &MixPart| {
                    let (percent, rule) = (part.percent, part.rule.negated()?);
                    Some(MixPart { percent, rule })
                };
                let parts = parts.iter().map(opposite).collect::<Option<_>>()?;
                Self::Mix { parts }
            }
            Self::First { fixed, then } => Self::First {
                fixed: fixed.clone(),
                then: Box::new(then.negated()?),
            },
            Self::Clamp { rule, bounds } => Self::Clamp {
                rule: Box::new(rule.negated()?),
                bounds: bounds.clone(),
            },
            Self::Equal
            | Self::Proportional { .. }
            | Self::Product { .. }
            | Self::Percent { .. }
            | Self::Bands(_)
            | Self::Coefficient { .. } => self.clone(),
        })
    }
}

impl Case {
    /// The keys that the rules of this case read.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        let rules = self.lines.iter().flat_map(|line| line.rule.keys());
        rules.chain(self.charges.iter().filter_map(|line| line.charge.key()))
    }
}

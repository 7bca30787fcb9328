//! A rule taken from where it is kept to the case where it is applied.

use std::collections::BTreeMap;

use super::{AllocationRule, Bands, Bounds, Factor, FixedAmounts, MixPart, Weight};

/// How a case names what a stored rule names (« désignations »).
///
/// A member that the case does not know is left out of the coefficients, amounts and bounds of
/// the rule; a percentage that is left out makes the others miss 100, which is refused.
pub struct Naming<'a> {
    pub key: &'a dyn Fn(&str) -> String,
    pub member: &'a dyn Fn(&str) -> Option<String>,
}

impl Naming<'_> {
    fn members<T: Clone>(&self, named: &BTreeMap<String, T>) -> BTreeMap<String, T> {
        let known = |(id, figure): (&String, &T)| Some(((self.member)(id)?, figure.clone()));
        named.iter().filter_map(known).collect()
    }
}

impl AllocationRule {
    /// The same rule, with the names of a case.
    #[must_use]
    pub fn named_by(&self, naming: &Naming<'_>) -> Self {
        let inner = |rule: &Self| Box::new(rule.named_by(naming));
        match self {
            Self::Equal => Self::Equal,
            Self::Proportional { key } => Self::Proportional {
                key: (naming.key)(key),
            },
            Self::Product { factors } => Self::Product {
                factors: factors
                    .iter()
                    .map(|factor| Factor {
                        key: (naming.key)(&factor.key),
                        inverse: factor.inverse,
                    })
                    .collect(),
            },
            Self::Percent {
                percents,
                normalise,
            } => Self::Percent {
                percents: naming.members(percents),
                normalise: *normalise,
            },
            Self::Bands(bands) => Self::Bands(Bands {
                key: (naming.key)(&bands.key),
                ..bands.clone()
            }),
            Self::Coefficient { rule, coefficients } => Self::Coefficient {
                rule: inner(rule),
                coefficients: naming.members(coefficients),
            },
            Self::Mix { parts } => Self::Mix {
                parts: parts
                    .iter()
                    .map(|part| MixPart {
                        percent: part.percent,
                        rule: part.rule.named_by(naming),
                    })
                    .collect(),
            },
            Self::First { fixed, then } => Self::First {
                fixed: match fixed {
                    FixedAmounts::Each(amount) => FixedAmounts::Each(*amount),
                    FixedAmounts::Of(amounts) => FixedAmounts::Of(naming.members(amounts)),
                },
                then: inner(then),
            },
            Self::Clamp { rule, bounds } => Self::Clamp {
                rule: inner(rule),
                bounds: Bounds {
                    floor: bounds.floor,
                    cap: bounds.cap,
                    floors: naming.members(&bounds.floors),
                    caps: naming.members(&bounds.caps),
                },
            },
            Self::Direct { amounts } => Self::Direct {
                amounts: naming.members(amounts),
            },
        }
    }

    /// The same rule, every weight in it times a coefficient (« au prorata du temps »).
    ///
    /// Fixed amounts, floors, caps and amounts that are known already stay as they are.
    ///
    /// | rule            | days of A and B | shares of 3.00 |
    /// |-----------------|-----------------|----------------|
    /// | equal           | 30 and 15       | 2.00 and 1.00  |
    /// | 50 % and 50 %   | 30 and 0        | 3.00 and 0.00  |
    #[must_use]
    pub fn weighted_by(self, coefficients: &BTreeMap<String, Weight>) -> Self {
        let inner = |rule: Box<Self>| Box::new(rule.weighted_by(coefficients));
        match self {
            Self::Equal
            | Self::Proportional { .. }
            | Self::Product { .. }
            | Self::Percent { .. }
            | Self::Bands(_)
            | Self::Coefficient { .. } => Self::Coefficient {
                rule: Box::new(self),
                coefficients: coefficients.clone(),
            },
            Self::Mix { parts } => Self::Mix {
                parts: parts
                    .into_iter()
                    .map(|part| MixPart {
                        percent: part.percent,
                        rule: part.rule.weighted_by(coefficients),
                    })
                    .collect(),
            },
            Self::First { fixed, then } => Self::First {
                fixed,
                then: inner(then),
            },
            Self::Clamp { rule, bounds } => Self::Clamp {
                rule: inner(rule),
                bounds,
            },
            Self::Direct { amounts } => Self::Direct { amounts },
        }
    }

    /// Every member that this rule names.
    #[must_use]
    pub fn members(&self) -> Vec<&str> {
        fn ids<T>(named: &BTreeMap<String, T>) -> impl Iterator<Item = &str> {
            named.keys().map(String::as_str)
        }
        match self {
            Self::Equal | Self::Proportional { .. } | Self::Product { .. } | Self::Bands(_) => {
                Vec::new()
            }
            Self::Percent { percents, .. } => ids(percents).collect(),
            Self::Coefficient { rule, coefficients } => rule
                .members()
                .into_iter()
                .chain(ids(coefficients))
                .collect(),
            Self::Mix { parts } => parts.iter().flat_map(|part| part.rule.members()).collect(),
            Self::First { fixed, then } => {
                let mut named = then.members();
                if let FixedAmounts::Of(amounts) = fixed {
                    named.extend(ids(amounts));
                }
                named
            }
            Self::Clamp { rule, bounds } => {
                let mut named = rule.members();
                named.extend(ids(&bounds.floors).chain(ids(&bounds.caps)));
                named
            }
            Self::Direct { amounts } => ids(amounts).collect(),
        }
    }
}

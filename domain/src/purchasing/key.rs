//! Allocation keys (« clé de répartition »): named weights with their source and date.
use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::{
    allocation::Weight,
    identity::{GroupingId, KeyId, OrganisationId},
};

/// The longest name of a key.
pub const NAME_CHARS_MAX: usize = 100;
/// The longest unit of a key.
pub const UNIT_CHARS_MAX: usize = 40;
/// The longest source of a key.
pub const SOURCE_CHARS_MAX: usize = 200;

/// A named set of weights (« clé de répartition »), with where they come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllocationKey {
    pub id: KeyId,
    pub owner: OrganisationId,
    pub grouping: GroupingId,
    pub name: String,
    /// « m² », « véhicules ».
    pub unit: String,
    pub source: String,
    pub dated_on: NaiveDate,
    /// The weight of each member, exact.
    pub values: BTreeMap<OrganisationId, Weight>,
    pub version: i32,
}

/// What is refused about keys (« clé refusée »).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("a key of this grouping is already named {name}")]
    NameTaken { name: String },
    #[error("the weight of a member is negative: {weight}")]
    Negative { weight: Weight },
    #[error("every weight of the key {name} is zero")]
    AllZero { name: String },
    #[error("a weight is given to someone who is not a member")]
    NotAMember,
    /// Meters, plates and numbers of no site of the members.
    #[error("no member has a site with the numbers {numbers:?}")]
    UnknownSites { numbers: Vec<String> },
}

impl KeyError {
    /// Stable name used in problem types, logs and the documentation.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NameTaken { .. } => "key.name-taken",
            Self::Negative { .. } => "key.negative",
            Self::AllZero { .. } => "key.all-zero",
            Self::NotAMember => "key.not-a-member",
            Self::UnknownSites { .. } => "key.unknown-sites",
        }
    }
}

impl AllocationKey {
    /// Refuses weights that could split nothing.
    pub fn admit(&self) -> Result<(), KeyError> {
        if let Some(weight) = self.values.values().find(|weight| weight.is_negative()) {
            return Err(KeyError::Negative { weight: *weight });
        }
        if self.values.values().all(|weight| weight.is_zero()) {
            let name = self.name.clone();
            return Err(KeyError::AllZero { name });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_key_that_could_split_nothing_is_refused() {
        let key = |weights: &[i64]| AllocationKey {
            id: KeyId(Uuid::nil()),
            owner: OrganisationId(Uuid::nil()),
            grouping: GroupingId(Uuid::nil()),
            name: "Surfaces".into(),
            unit: "m²".into(),
            source: "Relevé".into(),
            dated_on: NaiveDate::MIN,
            values: (0..)
                .zip(weights)
                .map(|(n, w)| (OrganisationId(Uuid::from_u128(n)), (*w).into()))
                .collect(),
            version: 0,
        };
        key(&[3, 0]).admit().unwrap();
        assert!(matches!(
            key(&[3, -1]).admit(),
            Err(KeyError::Negative { .. })
        ));
        assert!(matches!(
            key(&[0, 0]).admit(),
            Err(KeyError::AllZero { .. })
        ));
    }
}

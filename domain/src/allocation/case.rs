//! What is split: members and their keys, lines and their rules, taxes as printed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::{AllocationRule, ChargedLine, Fraction, Json, Weight};
use crate::money::{Cents, TaxCategory, TaxRate};

/// One invoice to split (« répartition demandée »), complete: nothing is read elsewhere.
///
/// Its JSON is the case format of `encommun allocate`; unknown fields are refused.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "Json")]
pub struct Case {
    pub members: Vec<Member>,
    pub lines: Vec<Line>,
    /// Lines whose amount is a tariff; `line-1` knows none.
    pub charges: Vec<ChargedLine>,
    pub taxes: Vec<TaxTotal>,
    pub tax_policy: TaxPolicy,
    /// What each member is owed from earlier invoices, in cents: it decides who comes first.
    pub carry: BTreeMap<String, Fraction>,
}

/// From which net a member's tax is computed (« politique de TVA »).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TaxPolicy {
    /// From the exact net: net, tax and gross are each under a cent from their exact value.
    #[default]
    Exact,
    /// From the allocated net, so that a clerk can compute it again from the page.
    Printed,
}

/// One who takes part in the split (« membre »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// A SIREN, or a SIRET where a member has several budgets; compared bytewise.
    pub id: String,
    /// The member's figure in each key that a rule may read.
    pub keys: BTreeMap<String, Weight>,
}

/// One amount to split, by one rule (« ligne de facture »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub id: String,
    pub lot: Option<String>,
    /// For people only: it changes neither the result nor the hashes.
    pub label: String,
    pub net: Cents,
    pub tax: TaxGroup,
    pub rule: AllocationRule,
    /// Those who share this line; all members when absent.
    pub members: Option<BTreeSet<String>>,
}

/// Lines whose tax is printed as one total (« groupe de taxe »): one category, one rate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaxGroup {
    pub category: TaxCategory,
    pub rate: TaxRate,
}

/// The tax of one group as the supplier printed it (« taxe facturée »): the authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaxTotal {
    pub group: TaxGroup,
    pub amount: Cents,
}

impl Member {
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            keys: BTreeMap::new(),
        }
    }

    /// The same member with one more key.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, weight: impl Into<Weight>) -> Self {
        self.keys.insert(key.into(), weight.into());
        self
    }
}

impl TaxPolicy {
    pub const ALL: [Self; 2] = [Self::Exact, Self::Printed];

    /// Reads a word of the case format.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|policy| policy.word() == word)
    }

    /// The word of the case format.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Printed => "printed",
        }
    }
}

impl TaxGroup {
    pub const fn new(category: TaxCategory, rate: TaxRate) -> Self {
        Self { category, rate }
    }
}

impl fmt::Display for TaxGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.category, self.rate)
    }
}

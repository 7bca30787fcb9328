//! Which rule splits what, when a line of an invoice says nothing.
use std::fmt;

use crate::identity::{ItemId, LotId, RuleId};

/// What a rule is chosen for (« champ de la règle »): the more precise wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RuleSubject {
    Grouping,
    Lot(LotId),
    Item(ItemId),
}

/// The rule of a grouping, of a lot or of an article (« règle convenue »), whatever its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleChoice {
    pub subject: RuleSubject,
    pub series: RuleId,
}

impl fmt::Display for RuleSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Grouping => write!(f, "grouping"),
            Self::Lot(id) => write!(f, "lot:{id}"),
            Self::Item(id) => write!(f, "item:{id}"),
        }
    }
}

impl RuleSubject {
    /// Reads the text of the database and of the API.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == "grouping" {
            return Some(Self::Grouping);
        }
        let (kind, id) = text.split_once(':')?;
        let id = id.parse().ok()?;
        match kind {
            "lot" => Some(Self::Lot(LotId(id))),
            "item" => Some(Self::Item(ItemId(id))),
            _ => None,
        }
    }
}

impl RuleChoice {
    /// The rule of a line: that of its article, else of its lot, else of the grouping.
    #[must_use]
    pub fn of(choices: &[Self], lot: Option<LotId>, item: Option<ItemId>) -> Option<RuleId> {
        let subjects = [
            item.map(RuleSubject::Item),
            lot.map(RuleSubject::Lot),
            Some(RuleSubject::Grouping),
        ];
        let mut subjects = subjects.into_iter().flatten();
        subjects.find_map(|subject| {
            let chosen = choices.iter().find(|choice| choice.subject == subject);
            chosen.map(|choice| choice.series)
        })
    }
}

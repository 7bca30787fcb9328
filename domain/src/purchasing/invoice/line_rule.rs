//! By what a line of an invoice is split.
use crate::identity::{KeyId, RuleId};

/// By what a line is split (« clé de la ligne »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineRule {
    /// The same for each (« à parts égales »).
    Equal,
    /// In proportion to what each received (« quantités livrées »).
    Delivered,
    /// In proportion to a population: series and year (« population »).
    Population { series: String, year: i32 },
    /// In proportion to a key of the grouping (« clé du groupement »).
    Key(KeyId),
    /// By a version of a voted rule (« règle de la convention »).
    Rule(RuleId),
}

impl LineRule {
    /// The text of the database, without the identifier of its key or rule.
    #[must_use]
    pub fn code(&self) -> String {
        match self {
            Self::Equal => "equal".to_owned(),
            Self::Delivered => "delivered".to_owned(),
            Self::Population { series, year } => format!("population:{series}:{year}"),
            Self::Key(_) => "key".to_owned(),
            Self::Rule(_) => "rule".to_owned(),
        }
    }

    /// The key that it names, if it is one.
    #[must_use]
    pub fn key(&self) -> Option<KeyId> {
        match self {
            Self::Key(id) => Some(*id),
            Self::Equal | Self::Delivered | Self::Population { .. } | Self::Rule(_) => None,
        }
    }

    /// The voted rule that it names, if it is one.
    #[must_use]
    pub fn voted(&self) -> Option<RuleId> {
        match self {
            Self::Rule(id) => Some(*id),
            Self::Equal | Self::Delivered | Self::Population { .. } | Self::Key(_) => None,
        }
    }

    /// Reads the text of the database, with the identifiers of a key or of a rule beside it.
    #[must_use]
    pub fn from_code(code: &str, key: Option<KeyId>, rule: Option<RuleId>) -> Option<Self> {
        match code {
            "equal" => Some(Self::Equal),
            "delivered" => Some(Self::Delivered),
            "key" => key.map(Self::Key),
            "rule" => rule.map(Self::Rule),
            other => {
                let (series, year) = other.strip_prefix("population:")?.rsplit_once(':')?;
                let year = year.parse().ok()?;
                let fits = !series.is_empty() && series.chars().count() <= 40;
                fits.then(|| Self::Population {
                    series: series.to_owned(),
                    year,
                })
            }
        }
    }
}

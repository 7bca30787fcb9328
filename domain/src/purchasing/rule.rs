//! Sharing rules (« règle de répartition »): voted, dated, in versions that never change.
use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    allocation::{AllocationRule, TaxPolicy},
    identity::{AgreementId, GroupingId, KeyId, OrganisationId, RuleId},
};

mod choice;
mod error;

pub use choice::{RuleChoice, RuleSubject};
pub use error::SharingRuleError;

/// The longest name of a rule.
pub const NAME_CHARS_MAX: usize = 100;
/// The longest reference to an article.
pub const ARTICLE_CHARS_MAX: usize = 100;
/// The longest list of deliberations.
pub const DELIBERATIONS_CHARS_MAX: usize = 2_000;

/// Where a version of a rule stands (« état de la règle »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RuleState {
    /// May still be written again; splits nothing (« projet »).
    Draft,
    /// Voted: it splits invoices and never changes (« en vigueur »).
    Adopted,
    /// Not offered any more; the splits that it made stay (« retirée »).
    Withdrawn,
}

/// What happens to a version of a rule (« événement »).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleEvent {
    Edit,
    Adopt,
    Withdraw,
    /// A withdrawal was a mistake.
    Restore,
}

impl RuleState {
    pub const ALL: [Self; 3] = [Self::Draft, Self::Adopted, Self::Withdrawn];

    /// The name in the database and the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Adopted => "adopted",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// The one table of what may happen; what is not written is refused.
    #[must_use]
    pub fn after(self, event: RuleEvent) -> Option<Self> {
        use RuleEvent::{Adopt, Edit, Restore, Withdraw};
        use RuleState::{Adopted, Draft, Withdrawn};
        match (self, event) {
            (Draft, Edit) => Some(Draft),
            (Draft, Adopt) | (Withdrawn, Restore) => Some(Adopted),
            (Adopted, Withdraw) => Some(Withdrawn),
            (Draft, Withdraw | Restore)
            | (Adopted, Edit | Adopt | Restore)
            | (Withdrawn, Edit | Adopt | Withdraw) => None,
        }
    }
}

impl RuleEvent {
    pub const ALL: [Self; 4] = [Self::Edit, Self::Adopt, Self::Withdraw, Self::Restore];

    /// The verb of the journal and of the diagram.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Edit => "edit",
            Self::Adopt => "adopt",
            Self::Withdraw => "withdraw",
            Self::Restore => "restore",
        }
    }
}

/// From where a rule takes the figure of each member (« donnée de la règle »).
///
/// Its text stands for a key in the formula of a stored rule.
///
/// | text                           | figures                                           |
/// |--------------------------------|---------------------------------------------------|
/// | `delivered`                    | what each received on the line                    |
/// | `population:municipale:2026`   | that population of that year                      |
/// | `population:municipale:latest` | the latest year known on the day of the invoice   |
/// | `key:UUID`                     | the weights of a key, as they are that day        |
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FigureSource {
    Delivered,
    Population {
        series: String,
        /// None: the latest that is known on the day of the invoice.
        year: Option<i32>,
    },
    Key(KeyId),
}

impl fmt::Display for FigureSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delivered => write!(f, "delivered"),
            Self::Population { series, year } => match year {
                Some(year) => write!(f, "population:{series}:{year}"),
                None => write!(f, "population:{series}:latest"),
            },
            Self::Key(id) => write!(f, "key:{id}"),
        }
    }
}

impl FigureSource {
    /// Reads the text of a key in a stored formula.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == "delivered" {
            return Some(Self::Delivered);
        }
        if let Some(id) = text.strip_prefix("key:") {
            return id.parse().ok().map(|id| Self::Key(KeyId(id)));
        }
        let (series, year) = text.strip_prefix("population:")?.rsplit_once(':')?;
        let year = match year {
            "latest" => None,
            year => Some(year.parse().ok()?),
        };
        let fits = !series.is_empty() && series.chars().count() <= 40;
        fits.then(|| Self::Population {
            series: series.to_owned(),
            year,
        })
    }
}

/// What a council votes (« termes de la règle »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleTerms {
    pub name: String,
    /// The first day of the invoices that it may split.
    pub applies_from: NaiveDate,
    /// The version of the agreement where it is written.
    pub agreement: Option<AgreementId>,
    /// « article 7 »
    pub article: Option<String>,
    /// The deliberations that voted it, one a line.
    pub deliberations: Option<String>,
    pub tax_policy: TaxPolicy,
    /// Whether who joined or left during the period of an invoice bears its days alone.
    pub prorata: bool,
    /// Keys are texts of [`FigureSource`], members are identifiers of organisations.
    pub formula: AllocationRule,
}

/// One version of a rule (« règle de répartition »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharingRule {
    pub id: RuleId,
    pub owner: OrganisationId,
    pub grouping: GroupingId,
    /// The first version: what makes several versions one rule.
    pub series: RuleId,
    /// From 1; an amendment is the next one.
    pub number: i32,
    pub state: RuleState,
    pub terms: RuleTerms,
    pub created_at: DateTime<Utc>,
    pub version: i32,
}

impl RuleTerms {
    /// From where its figures come; a key that is no source is refused.
    ///
    /// # Errors
    /// [`SharingRuleError::UnknownSource`].
    pub fn sources(&self) -> Result<Vec<FigureSource>, SharingRuleError> {
        sources(&self.formula)
    }
}

/// From where the figures of a formula come, each once.
///
/// # Errors
/// [`SharingRuleError::UnknownSource`].
pub fn sources(formula: &AllocationRule) -> Result<Vec<FigureSource>, SharingRuleError> {
    let mut found = Vec::new();
    for key in formula.keys() {
        let unknown = || SharingRuleError::UnknownSource {
            typed: key.to_owned(),
        };
        let source = FigureSource::parse(key).ok_or_else(unknown)?;
        if !found.contains(&source) {
            found.push(source);
        }
    }
    Ok(found)
}

impl SharingRule {
    /// Takes other terms, while it is a draft.
    ///
    /// # Errors
    /// [`SharingRuleError::NotAllowed`].
    pub fn edit(&mut self, terms: RuleTerms) -> Result<(), SharingRuleError> {
        self.state = self.moved(RuleEvent::Edit)?;
        self.terms = terms;
        Ok(())
    }

    /// Puts it in force: from now on it never changes.
    ///
    /// # Errors
    /// [`SharingRuleError::NotVoted`] without an agreement nor a deliberation.
    pub fn adopt(&mut self) -> Result<(), SharingRuleError> {
        let state = self.moved(RuleEvent::Adopt)?;
        if self.terms.agreement.is_none() && self.terms.deliberations.is_none() {
            return Err(SharingRuleError::NotVoted);
        }
        self.state = state;
        Ok(())
    }

    /// Offers it no more.
    ///
    /// # Errors
    /// [`SharingRuleError::NotAllowed`].
    pub fn withdraw(&mut self) -> Result<(), SharingRuleError> {
        self.state = self.moved(RuleEvent::Withdraw)?;
        Ok(())
    }

    /// Offers it again.
    ///
    /// # Errors
    /// [`SharingRuleError::NotAllowed`].
    pub fn restore(&mut self) -> Result<(), SharingRuleError> {
        self.state = self.moved(RuleEvent::Restore)?;
        Ok(())
    }

    /// Refuses a draft, and an invoice older than the rule.
    ///
    /// | state     | applies from | issued on  |           |
    /// |-----------|--------------|------------|-----------|
    /// | draft     | any          | any        | not voted |
    /// | adopted   | 2026-01-01   | 2026-03-01 | accepted  |
    /// | adopted   | 2026-01-01   | 2025-12-31 | too early |
    /// | withdrawn | 2026-01-01   | 2026-03-01 | accepted  |
    ///
    /// # Errors
    /// [`SharingRuleError::Draft`] or [`SharingRuleError::TooEarly`].
    pub fn admit_on(&self, issued_on: NaiveDate) -> Result<(), SharingRuleError> {
        let name = self.terms.name.clone();
        if self.state == RuleState::Draft {
            return Err(SharingRuleError::Draft { name });
        }
        let applies_from = self.terms.applies_from;
        if issued_on < applies_from {
            return Err(SharingRuleError::TooEarly {
                name,
                applies_from,
                issued_on,
            });
        }
        Ok(())
    }

    /// Refuses to throw away what is no draft.
    ///
    /// # Errors
    /// [`SharingRuleError::NotAllowed`].
    pub fn check_draft(&self) -> Result<(), SharingRuleError> {
        self.moved(RuleEvent::Edit).map(|_| ())
    }

    /// The number of the next version, among those of one rule, once none is a draft.
    ///
    /// # Errors
    /// [`SharingRuleError::DraftPending`].
    pub fn next_number(versions: &[Self]) -> Result<i32, SharingRuleError> {
        if let Some(draft) = versions.iter().find(|rule| rule.state == RuleState::Draft) {
            let number = draft.number;
            return Err(SharingRuleError::DraftPending { number });
        }
        let last = versions.iter().map(|rule| rule.number).max();
        Ok(last.unwrap_or(0).saturating_add(1))
    }

    /// The version in force on a day, among those of one rule: the latest that applies.
    #[must_use]
    pub fn in_force<'a>(
        versions: impl IntoIterator<Item = &'a Self>,
        day: NaiveDate,
    ) -> Option<&'a Self> {
        let applies =
            |rule: &&Self| rule.state == RuleState::Adopted && rule.terms.applies_from <= day;
        let found = versions.into_iter().filter(applies);
        found.max_by_key(|rule| (rule.terms.applies_from, rule.number))
    }

    fn moved(&self, event: RuleEvent) -> Result<RuleState, SharingRuleError> {
        let state = self.state;
        let refused = SharingRuleError::NotAllowed { state, event };
        state.after(event).ok_or(refused)
    }
}

#[cfg(test)]
mod tests;

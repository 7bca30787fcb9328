//! Who pays (« payeur »): a budget, not an organisation.
use crate::{
    budget::Budget,
    identity::{BudgetId, OrganisationId},
    organisation::Organisation,
};

/// Who pays (« payeur »): a member, by its main budget or by another.
///
/// The main one is named by nothing: most members have no other, and need not register it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Payer {
    pub member: OrganisationId,
    pub budget: Option<BudgetId>,
}

impl Payer {
    /// A member by its main budget.
    #[must_use]
    pub fn main(member: OrganisationId) -> Self {
        Self {
            member,
            budget: None,
        }
    }
}

/// The name of a payer in a case: a SIREN, the SIRET of a budget besides the main one.
///
/// | member              | budget          | name             |
/// |---------------------|-----------------|------------------|
/// | SIREN 215903683     | main            | `215903683`      |
/// | SIREN 215903683     | SIRET …83 00104 | `21590368300104` |
/// | SIREN 215903683     | without SIRET   | our identifier   |
/// | without SIREN       | main            | our identifier   |
#[must_use]
pub fn case_id(organisation: &Organisation, budget: Option<&Budget>) -> String {
    match (budget, &organisation.siren) {
        (Some(budget), _) => match &budget.siret {
            Some(siret) => siret.to_string(),
            None => budget.id.to_string(),
        },
        (None, Some(siren)) => siren.as_str().to_owned(),
        (None, None) => organisation.id.to_string(),
    }
}

/// How people call a payer: « La Madeleine », « La Madeleine · Eau ».
#[must_use]
pub fn payer_name(organisation: &Organisation, budget: Option<&Budget>) -> String {
    match budget {
        Some(budget) => format!("{} · {}", organisation.name, budget.name),
        None => organisation.name.clone(),
    }
}

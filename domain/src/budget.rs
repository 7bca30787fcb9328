//! Payers (« budget »): a payer is a budget, not an organisation.
use crate::{
    identity::{BudgetId, OrganisationId, Siren, Siret},
    text::search_text,
};

/// Whether a budget is the main one (« nature du budget »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BudgetKind {
    /// « Budget principal ».
    Main,
    /// « Budget annexe »: water, a lotissement, a market.
    Annexe,
}

impl BudgetKind {
    /// The name in the database and the API.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Annexe => "annexe",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Main, Self::Annexe]
            .into_iter()
            .find(|kind| kind.code() == code)
    }
}

/// A payer (« budget »): an organisation's main budget or one of its annexes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    pub id: BudgetId,
    pub owner: OrganisationId,
    pub kind: BudgetKind,
    pub name: String,
    pub siret: Option<Siret>,
    /// Deducts its VAT: a cost before tax is then its real cost.
    pub vat_liable: bool,
    /// The « code service » that Chorus Pro asks for.
    pub chorus_service: Option<String>,
    /// The « numéro d’engagement » that Chorus Pro asks for.
    pub chorus_engagement: Option<String>,
    pub active: bool,
    pub version: i32,
}

/// The budget that a table names (« budget d’une ligne »); the main one has no identifier.
///
/// | typed                           | budget                          |
/// |---------------------------------|---------------------------------|
/// | nothing, `Budget principal`     | the main one                    |
/// | `eau`                           | « Eau », an annexe in use       |
/// | `215 900 135 00023`             | the one of this SIRET           |
/// | `Piscine`                       | unknown: `None`                 |
#[must_use]
pub fn named(budgets: &[Budget], typed: &str) -> Option<Option<BudgetId>> {
    let name = search_text(typed);
    if ["", "principal", "budget principal"].contains(&name.as_str()) {
        return Some(None);
    }
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let is_named = |budget: &&Budget| {
        let siret = budget.siret.as_ref().map(ToString::to_string);
        search_text(&budget.name) == name || siret.is_some_and(|siret| siret == digits)
    };
    let found = budgets
        .iter()
        .filter(|budget| budget.active)
        .find(is_named)?;
    Some((found.kind == BudgetKind::Annexe).then_some(found.id))
}

/// What is refused about budgets (« budget refusé »).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BudgetError {
    #[error("the organisation has a budget named {name} already")]
    NameTaken { name: String },
    #[error("the organisation has a main budget already: {name}")]
    SecondMain { name: String },
    #[error("the SIRET {siret} is not an establishment of the SIREN {siren}")]
    OtherSiren { siret: String, siren: String },
}

impl BudgetError {
    /// Stable name used in problem types, logs and the documentation.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NameTaken { .. } => "budget.name-taken",
            Self::SecondMain { .. } => "budget.second-main",
            Self::OtherSiren { .. } => "budget.other-siren",
        }
    }
}

impl Budget {
    /// Accepts a budget beside the others of its organisation, whose SIREN is `siren`.
    ///
    /// | others            | this one               | result        |
    /// |-------------------|------------------------|---------------|
    /// | Budget principal  | annexe « Eau »         | accepted      |
    /// | Budget principal  | a second main          | second main   |
    /// | « Eau »           | « eau »                | name taken    |
    /// | any               | a SIRET of someone else | other SIREN  |
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn check(&self, others: &[Self], siren: Option<&Siren>) -> Result<(), BudgetError> {
        let beside = || others.iter().filter(|other| other.id != self.id);
        let key = search_text(&self.name);
        if beside().any(|other| search_text(&other.name) == key) {
            let name = self.name.clone();
            return Err(BudgetError::NameTaken { name });
        }
        let is_main = |b: &Self| b.active && b.kind == BudgetKind::Main;
        if is_main(self)
            && let Some(main) = beside().find(|other| is_main(other))
        {
            let name = main.name.clone();
            return Err(BudgetError::SecondMain { name });
        }
        match (&self.siret, siren) {
            (Some(siret), Some(siren)) if siret.siren() != *siren => Err(BudgetError::OtherSiren {
                siret: siret.to_string(),
                siren: siren.to_string(),
            }),
            (_, _) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(name: &str, kind: BudgetKind) -> Budget {
        Budget {
            id: BudgetId(uuid::Uuid::from_u128(u128::try_from(name.len()).unwrap())),
            owner: OrganisationId(uuid::Uuid::nil()),
            kind,
            name: name.to_owned(),
            siret: None,
            vat_liable: false,
            chorus_service: None,
            chorus_engagement: None,
            active: true,
            version: 0,
        }
    }

    #[test]
    fn an_organisation_has_one_main_budget_and_distinct_names() {
        let main = budget("Budget principal", BudgetKind::Main);
        let water = budget("Eau", BudgetKind::Annexe);
        let others = [main.clone(), water];
        assert_eq!(
            budget("Camping", BudgetKind::Annexe).check(&others, None),
            Ok(())
        );
        assert_eq!(main.check(&others, None), Ok(()), "itself is no rival");
        let second = budget("Second", BudgetKind::Main).check(&others, None);
        assert_eq!(second.unwrap_err().code(), "budget.second-main");
        let mut same = budget("EAU", BudgetKind::Annexe);
        same.id = BudgetId(uuid::Uuid::from_u128(99));
        assert_eq!(
            same.check(&others, None).unwrap_err().code(),
            "budget.name-taken"
        );
    }

    #[test]
    fn a_siret_is_an_establishment_of_the_organisation() {
        let siren = Siren::parse("215900135").unwrap();
        let mut budget = budget("Budget principal", BudgetKind::Main);
        budget.siret = Some(Siret::parse("73282932000074").unwrap());
        assert_eq!(
            budget.check(&[], Some(&siren)).unwrap_err().code(),
            "budget.other-siren"
        );
        assert_eq!(budget.check(&[], None), Ok(()), "no SIREN to compare with");
    }

    #[test]
    fn a_table_names_a_budget_by_its_name_or_its_siret() {
        let main = budget("Commune", BudgetKind::Main);
        let mut water = budget("Eau", BudgetKind::Annexe);
        water.siret = Some(Siret::parse("732 829 320 00074").unwrap());
        let mut old = budget("Camping", BudgetKind::Annexe);
        old.active = false;
        let all = [main, water.clone(), old];
        for (typed, found) in [
            ("", Some(None)),
            ("Budget principal", Some(None)),
            ("COMMUNE", Some(None)),
            ("eau", Some(Some(water.id))),
            ("73282932000074", Some(Some(water.id))),
            ("732 829 320 00074", Some(Some(water.id))),
            ("Camping", None),
            ("Piscine", None),
        ] {
            assert_eq!(named(&all, typed), found, "{typed}");
        }
    }
}

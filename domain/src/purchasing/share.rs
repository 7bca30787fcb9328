//! Shares as they are kept (« quote-part »): by line, by tax, and in all.
use std::collections::BTreeMap;

use uuid::Uuid;

use crate::{
    allocation::{AllocationError, TaxGroup, Totals},
    identity::{BudgetId, InvoiceLineId, OrganisationId},
    money::Cents,
};

use super::payer::Payer;

/// A member's net part of one line (« quote-part »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    pub id: Uuid,
    pub line: InvoiceLineId,
    pub member: OrganisationId,
    pub budget: Option<BudgetId>,
    /// The payer's name in the case.
    pub case_id: String,
    pub net: Cents,
}

impl Share {
    /// Who pays.
    #[must_use]
    pub fn payer(&self) -> Payer {
        Payer {
            member: self.member,
            budget: self.budget,
        }
    }
}

/// A member's part of one printed tax (« quote-part de taxe »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaxShare {
    pub id: Uuid,
    pub member: OrganisationId,
    pub budget: Option<BudgetId>,
    /// The payer's name in the case.
    pub case_id: String,
    pub group: TaxGroup,
    pub tax: Cents,
}

impl TaxShare {
    /// Who pays.
    #[must_use]
    pub fn payer(&self) -> Payer {
        Payer {
            member: self.member,
            budget: self.budget,
        }
    }
}

/// Every share of one run (« quotes-parts d’une répartition »); zero shares are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shares {
    pub lines: Vec<Share>,
    pub taxes: Vec<TaxShare>,
}

impl Shares {
    /// What each payer owes; one whose shares are all zero is not there.
    pub fn totals(&self) -> Result<BTreeMap<Payer, Totals>, AllocationError> {
        let mut sums: BTreeMap<Payer, (Cents, Cents)> = BTreeMap::new();
        for share in &self.lines {
            let sum = sums.entry(share.payer()).or_default();
            sum.0 = sum.0.checked_add(share.net)?;
        }
        for share in &self.taxes {
            let sum = sums.entry(share.payer()).or_default();
            sum.1 = sum.1.checked_add(share.tax)?;
        }
        sums.into_iter()
            .map(|(payer, (net, tax))| Ok((payer, Totals::new(net, tax)?)))
            .collect()
    }

    /// A payer's part of a line; zero for who takes no part in it.
    #[must_use]
    pub fn of(&self, payer: Payer, line: InvoiceLineId) -> Cents {
        let found = self
            .lines
            .iter()
            .find(|share| share.payer() == payer && share.line == line);
        found.map_or(Cents::ZERO, |share| share.net)
    }

    /// A payer's part of a tax; zero for who takes no part in it.
    #[must_use]
    pub fn tax_of(&self, payer: Payer, group: TaxGroup) -> Cents {
        let found = self
            .taxes
            .iter()
            .find(|share| share.payer() == payer && share.group == group);
        found.map_or(Cents::ZERO, |share| share.tax)
    }
}

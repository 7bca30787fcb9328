//! Shares as they are kept (« quote-part »): by line, by tax, and in all.
use std::collections::BTreeMap;

use uuid::Uuid;

use crate::{
    allocation::{AllocationError, TaxGroup, Totals},
    identity::{BudgetId, InvoiceLineId, OrganisationId},
    money::Cents,
};

/// A member's net part of one line (« quote-part »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    pub id: Uuid,
    pub line: InvoiceLineId,
    pub member: OrganisationId,
    pub budget: Option<BudgetId>,
    pub net: Cents,
}

/// A member's part of one printed tax (« quote-part de taxe »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaxShare {
    pub id: Uuid,
    pub member: OrganisationId,
    pub group: TaxGroup,
    pub tax: Cents,
}

/// Every share of one run (« quotes-parts d’une répartition »); zero shares are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shares {
    pub lines: Vec<Share>,
    pub taxes: Vec<TaxShare>,
}

impl Shares {
    /// What each member pays; a member whose shares are all zero is not there.
    pub fn totals(&self) -> Result<BTreeMap<OrganisationId, Totals>, AllocationError> {
        let mut sums: BTreeMap<OrganisationId, (Cents, Cents)> = BTreeMap::new();
        for share in &self.lines {
            let sum = sums.entry(share.member).or_default();
            sum.0 = sum.0.checked_add(share.net)?;
        }
        for share in &self.taxes {
            let sum = sums.entry(share.member).or_default();
            sum.1 = sum.1.checked_add(share.tax)?;
        }
        sums.into_iter()
            .map(|(member, (net, tax))| Ok((member, Totals::new(net, tax)?)))
            .collect()
    }

    /// A member's part of a line; zero for who takes no part in it.
    #[must_use]
    pub fn of(&self, member: OrganisationId, line: InvoiceLineId) -> Cents {
        let found = self
            .lines
            .iter()
            .find(|share| share.member == member && share.line == line);
        found.map_or(Cents::ZERO, |share| share.net)
    }

    /// A member's part of a tax; zero for who takes no part in it.
    #[must_use]
    pub fn tax_of(&self, member: OrganisationId, group: TaxGroup) -> Cents {
        let found = self
            .taxes
            .iter()
            .find(|share| share.member == member && share.group == group);
        found.map_or(Cents::ZERO, |share| share.tax)
    }
}

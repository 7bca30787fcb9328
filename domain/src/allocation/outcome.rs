//! What comes out: shares in whole cents, their totals and their hashes.

use std::collections::BTreeMap;

use super::{AllocationError, Fraction, Shares, TaxGroup};
use crate::money::Cents;

/// The shares of one invoice (« quotes-parts »), as one algorithm computed them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The name of the frozen algorithm.
    pub algorithm: String,
    /// Net shares by (line, member); a zero share is left out.
    pub shares: Shares<String>,
    /// Tax shares by (tax group, member); a zero share is left out.
    pub tax_shares: Shares<TaxGroup>,
    /// What each member owes; every member of the case is there.
    pub members: BTreeMap<String, Totals>,
    pub total: Totals,
    /// The largest gap between a share and its exact value, in cents: under 1.
    ///
    /// After `line-1`, every controlled subtotal of a member counts too.
    pub max_deviation: Fraction,
    /// Subtotals that were brought back within a cent after the first pass.
    pub repairs: usize,
    /// SHA-256 of the canonical form of the case, in hexadecimal.
    pub input_sha256: String,
    /// SHA-256 of the canonical form of the shares and totals, in hexadecimal.
    pub output_sha256: String,
}

/// Net, tax and gross (« HT, TVA, TTC ») of a member or of the invoice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub net: Cents,
    pub tax: Cents,
    pub gross: Cents,
}

impl Totals {
    /// Gross is what net and tax make.
    pub fn new(net: Cents, tax: Cents) -> Result<Self, AllocationError> {
        Ok(Self {
            net,
            tax,
            gross: net.checked_add(tax)?,
        })
    }
}

impl Outcome {
    /// The net share of a member in a line; zero for who takes no part in it.
    pub fn share(&self, line: &str, member: &str) -> Cents {
        self.shares.get(line, member).unwrap_or_default()
    }

    /// The tax share of a member in a group; zero for who takes no part in it.
    pub fn tax_share(&self, group: TaxGroup, member: &str) -> Cents {
        self.tax_shares.get(&group, member).unwrap_or_default()
    }
}

//! Statements (« état liquidatif, décompte »): what each member receives with its share.
use chrono::{DateTime, Utc};

use crate::{
    allocation::Totals,
    identity::{AllocationId, BudgetId, GroupingId, OrganisationId, StatementId},
};

use super::payer::Payer;

/// The document a member receives with its share (« décompte »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    pub id: StatementId,
    pub owner: OrganisationId,
    pub allocation: AllocationId,
    pub grouping: GroupingId,
    pub member: OrganisationId,
    pub budget: Option<BudgetId>,
    /// The payer's name in the case of the run.
    pub case_id: String,
    pub number: String,
    pub total: Totals,
    pub made_at: DateTime<Utc>,
}

impl Statement {
    /// Who pays.
    #[must_use]
    pub fn payer(&self) -> Payer {
        Payer {
            member: self.member,
            budget: self.budget,
        }
    }
}

/// The number of a statement: the year, the run of the year, the member in the run.
///
/// | year | run | member | number        |
/// |-----:|----:|-------:|---------------|
/// | 2026 | 412 |     58 | 2026-0412-058 |
#[must_use]
pub fn statement_number(year: i32, run: u64, member: usize) -> String {
    format!("{year}-{run:04}-{member:03}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_sorts_as_it_counts() {
        assert_eq!(statement_number(2026, 412, 58), "2026-0412-058");
        assert!(statement_number(2026, 9, 1) < statement_number(2026, 10, 1));
    }
}

//! Splits one invoice between members so that everything adds up exactly (« répartition »).
//!
//! A `Case` says what is split and by which rules; `allocate` answers with an `Outcome`;
//! `verify` proves it again, clause by clause, before it is saved; `Replay` explains a cent.
//!
//! The contract, whatever the algorithm:
//! 1. the shares of a line add up to the line, and the lines to the invoice;
//! 2. net and tax make gross, and the tax printed by the supplier is shared, never recomputed;
//! 3. each share is the floor or the ceiling of its exact value;
//! 4. no weight, no share; and a credit note gives minus the shares of its invoice;
//! 5. the result depends on neither the order of members nor that of lines;
//! 6. what cannot be shared is refused, with the gap.
//!
//! The algorithm `line-1` rounds each line and each tax on its own, ties going to the lower id.
//! A released algorithm is frozen: an old dossier replays for ever. The next one takes its place
//! beside it, behind the same `allocate`.

mod canonical;
mod case;
mod case_file;
mod error;
mod exact;
mod explain;
mod fraction;
mod line1;
mod outcome;
mod outcome_file;
mod rounding;
mod rule;
mod verify;
mod weight;

pub use case::{Case, Line, Member, TaxGroup, TaxTotal};
pub use error::AllocationError;
pub use explain::{Basis, Explanation, Reason, Replay};
pub use fraction::Fraction;
pub use outcome::{Outcome, Totals};
pub use rule::AllocationRule;
pub use verify::{Broken, verify};
pub use weight::{Weight, sum_text};

/// The name of the algorithm that new runs use (« algorithme »).
pub const ALGORITHM: &str = line1::NAME;

/// Shares an invoice between its members.
///
/// | lines           | rule                | tax printed | shares, net                |
/// |-----------------|---------------------|------------:|----------------------------|
/// | 100.00          | equal between 3     |           0 | 33.34, 33.33, 33.33        |
/// | −100.00         | equal between 3     |           0 | −33.34, −33.33, −33.33     |
/// | 100.00          | 98 and 2            |       20.00 | 98.00 and 2.00             |
/// | 100.00          | 0 and 0             |           0 | refused: 100.00 is for nobody |
pub fn allocate(case: &Case) -> Result<Outcome, AllocationError> {
    line1::allocate(case)
}

/// Runs a released algorithm again, by its name; `None` when no such name was released.
pub fn replay(algorithm: &str, case: &Case) -> Option<Result<Outcome, AllocationError>> {
    match algorithm {
        line1::NAME => Some(line1::allocate(case)),
        _ => None,
    }
}

impl Case {
    /// What is hashed, in its canonical form.
    ///
    /// It reads back as a case with the same shares: labels, order and defaults apart.
    pub fn canonical_json(&self) -> String {
        canonical::case_json(self)
    }

    /// SHA-256 of the canonical form, in hexadecimal (« empreinte des données »).
    pub fn sha256(&self) -> String {
        canonical::sha256_hex(&self.canonical_json())
    }

    /// The same invoice as a credit note: every amount negated.
    pub fn negated(&self) -> Result<Self, AllocationError> {
        let mut case = self.clone();
        for line in &mut case.lines {
            line.net = line.net.checked_neg()?;
        }
        for tax in &mut case.taxes {
            tax.amount = tax.amount.checked_neg()?;
        }
        Ok(case)
    }
}

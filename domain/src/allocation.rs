//! Splits one invoice between members so that everything adds up exactly (« répartition »).
//!
//! A `Case` says what is split and by which rules; `allocate` answers with an `Outcome`;
//! `verify` proves it again, clause by clause, before it is saved; `Reckoning` explains a cent.
//!
//! The contract, whatever the algorithm:
//! 1. the shares of a line add up to the line, and the lines to the invoice;
//! 2. net and tax make gross, and the tax printed by the supplier is shared, never recomputed;
//! 3. each share is the floor or the ceiling of its exact value;
//! 4. no weight, no share; and a credit note gives minus the shares of its invoice;
//! 5. the result depends on neither the order of members nor that of lines;
//! 6. what cannot be shared is refused, with the gap.
//!
//! Two algorithms are released, and frozen, so that an old dossier replays for ever:
//! `line-1` rounds each line and each tax on its own; `tree-1` knows every rule and tariff, and
//! holds every subtotal of every member within a cent.

mod bands;
mod canonical;
mod carry;
mod case;
mod case_file;
mod charge;
mod dossier;
mod error;
mod exact;
mod explain;
mod fraction;
mod json;
mod line1;
mod origin;
mod outcome;
mod outcome_file;
mod printed;
mod reader;
mod reckoning;
mod record;
mod rounding;
mod rule;
mod rule_applied;
mod rule_error;
mod rule_file;
mod shares;
mod source;
mod tree1;
mod verify;
mod weight;
mod why;

use std::collections::BTreeMap;

pub use bands::{Band, BandMode, Bands};
pub use carry::CarryLedger;
pub use case::{Case, Line, Member, TaxGroup, TaxPolicy, TaxTotal};
pub use charge::{Charge, ChargedLine, PercentOf};
pub use dossier::Dossier;
pub use error::AllocationError;
pub use explain::{Basis, Explanation, Reason, Replay};
pub use fraction::Fraction;
pub use json::Json;
pub use origin::{
    BandFigure, BandPart, Bound, FactorFigure, MixedStep, Origin, Step, StepBy, TariffBy, Tariffed,
    Taxed, Weighing,
};
pub use outcome::{Outcome, Totals};
pub use reader::{CaseFileError, FileProblem, pointer_part};
pub use reckoning::Reckoning;
pub use record::Record;
pub use rule::{AllocationRule, Bounds, Factor, FixedAmounts, MixPart};
pub use rule_applied::Naming;
pub use rule_error::RuleError;
pub use shares::Shares;
pub use source::{KeySource, Sources};
pub use tree1::{instalments::instalments, share};
pub use verify::{Broken, verify, verify_sums};
pub use weight::{Weight, sum_text};
pub use why::{
    Cause, Cell, Exchange, ExchangeStep, LastServed, LevelDue, Subtotal, Why, WhyPart, WhyTotal,
};

/// The name of the algorithm that new runs use (« algorithme »).
pub const ALGORITHM: &str = tree1::NAME;

/// Shares an invoice between its members by `line-1`, which rounds each line on its own.
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

/// Shares an invoice by the complete algorithm.
pub fn allocate_completely(case: &Case) -> Result<Outcome, AllocationError> {
    tree1::allocate(case)
}

/// What each member would owe by the complete algorithm (« simulation »), without proof nor hash.
///
/// The amounts are those that `allocate_completely` would give.
pub fn totals(case: &Case) -> Result<BTreeMap<String, Totals>, AllocationError> {
    tree1::totals(case)
}

/// Shares an invoice by a released algorithm, with what its explanations replay from.
///
/// `None` when no algorithm has this name.
pub fn allocate_recorded(
    algorithm: &str,
    case: &Case,
) -> Option<Result<(Outcome, Record), AllocationError>> {
    match algorithm {
        line1::NAME => Some(line1::allocate(case).map(|outcome| (outcome, Record::default()))),
        tree1::NAME => Some(tree1::allocate_recorded(case)),
        _ => None,
    }
}

/// Runs a released algorithm, by its name; `None` when no such name was released.
pub fn replay(algorithm: &str, case: &Case) -> Option<Result<Outcome, AllocationError>> {
    match algorithm {
        line1::NAME => Some(line1::allocate(case)),
        tree1::NAME => Some(tree1::allocate(case)),
        _ => None,
    }
}

/// The exact gross of each member less what it was allocated, in cents.
fn exact_gaps(
    case: &Case,
    outcome: &Outcome,
) -> Option<Result<BTreeMap<String, Fraction>, AllocationError>> {
    let deviations = match outcome.algorithm.as_str() {
        line1::NAME => Replay::of(case).and_then(|replay| replay.deviations()),
        tree1::NAME => tree1::deviations(case, outcome),
        _ => return None,
    };
    let opposite = |(member, gap): (String, Fraction)| (member, gap.negated());
    Some(deviations.map(|gaps| gaps.into_iter().map(opposite).collect()))
}

impl Case {
    /// What is hashed, in its canonical form.
    ///
    /// It reads back as a case with the same shares: labels, order and defaults apart.
    pub fn canonical_json(&self) -> String {
        canonical::case_json(self).print()
    }

    fn canonical(&self) -> Json {
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
            line.rule = line.rule.negated().ok_or(AllocationError::Overflow)?;
        }
        for line in &mut case.charges {
            line.charge = line.charge.negated()?;
        }
        for tax in &mut case.taxes {
            tax.amount = tax.amount.checked_neg()?;
        }
        for due in case.carry.values_mut() {
            *due = due.negated();
        }
        Ok(case)
    }
}

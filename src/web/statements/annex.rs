//! The annex of a statement: the sums that prove it, each cent told, and how to check it again.
use super::super::{components::Proof, invoices::proofs};
use crate::{
    actions::{Error, purchasing::statements::Complete},
    exchange::statements::label,
    wording::explanation::{algorithm, sentences},
};

/// What the annex prints.
pub(super) struct Annex {
    pub proofs: Vec<Proof>,
    /// Each amount of the member, from the rule to the cent.
    pub told: Vec<Told>,
    pub algorithm: String,
}

/// One amount told.
pub(super) struct Told {
    pub label: String,
    pub sentences: String,
}

impl Annex {
    pub(super) fn of(s: &Complete) -> Result<Self, Error> {
        let told = s.parts.iter().map(|one| Told {
            label: label(&one.part),
            sentences: sentences(&one.why, one.rank).join(" "),
        });
        Ok(Self {
            proofs: proofs(&s.run)?,
            told: told.collect(),
            algorithm: algorithm(&s.run.run.algorithm),
        })
    }
}

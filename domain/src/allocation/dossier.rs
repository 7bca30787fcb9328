//! A published allocation: what was asked and what was answered, to be checked by anyone.

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::outcome_file::read_outcome;
use super::reader::{CaseFileError, Reader};
use super::source::read_sources;
use super::{Broken, Case, Json, Outcome, Sources, replay, verify};

/// A case and its shares in one file (« dossier de répartition »).
///
/// Its JSON is `{"case": …, "allocation": …}`, the case in its canonical form, so that its hash
/// can be computed from the file alone. Where its figures come from may follow, in `sources`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dossier {
    pub case: Case,
    pub outcome: Outcome,
    /// Of each key, by its name in the case: for people, and in no hash.
    pub sources: Sources,
    /// The largest deviation as it was printed, in cents.
    deviation: String,
}

impl Dossier {
    pub fn new(case: Case, outcome: Outcome) -> Self {
        let deviation = outcome.max_deviation.as_cents();
        Self {
            case,
            outcome,
            sources: Sources::new(),
            deviation,
        }
    }

    /// The same with where its figures come from.
    #[must_use]
    pub fn with_sources(mut self, sources: Sources) -> Self {
        self.sources = sources;
        self
    }

    pub fn read(json: &Json) -> Result<Self, CaseFileError> {
        let file = Reader::root(json).object(&["case", "allocation", "sources"])?;
        let case = file.need("case")?;
        let case = Case::read(case.json()).map_err(|error| error.below("/case"))?;
        let (outcome, deviation) = read_outcome(&file.need("allocation")?)?;
        Ok(Self {
            case,
            outcome,
            sources: file.optional("sources", read_sources)?.unwrap_or_default(),
            deviation,
        })
    }

    /// Proves every clause again, from the file alone.
    pub fn verify(&self) -> Result<(), Broken> {
        let unknown = || Broken::Algorithm {
            name: self.outcome.algorithm.clone(),
        };
        // The file has the largest deviation cut: the whole of it is found again, and checked.
        let again = replay(&self.outcome.algorithm, &self.case).ok_or_else(unknown)??;
        let found = again.max_deviation.as_cents();
        if found != self.deviation {
            let stated = self.deviation.clone();
            return Err(Broken::Deviation { stated, found });
        }
        let mut outcome = self.outcome.clone();
        outcome.max_deviation = again.max_deviation;
        verify(&self.case, &outcome)
    }
}

impl Serialize for Dossier {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut file = serializer.serialize_struct("Dossier", 3)?;
        file.serialize_field("case", &self.case.canonical())?;
        file.serialize_field("allocation", &self.outcome)?;
        if !self.sources.is_empty() {
            file.serialize_field("sources", &self.sources)?;
        }
        file.end()
    }
}

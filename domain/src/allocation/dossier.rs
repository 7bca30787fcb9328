//! A published allocation: what was asked and what was answered, to be checked by anyone.

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::outcome_file::read_outcome;
use super::reader::{CaseFileError, Reader};
use super::{Broken, Case, Json, Outcome, replay, verify};

/// A case and its shares in one file (« dossier de répartition »).
///
/// Its JSON is `{"case": …, "allocation": …}`, the case in its canonical form, so that its hash
/// can be computed from the file alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dossier {
    pub case: Case,
    pub outcome: Outcome,
    /// The largest deviation as it was printed, in cents.
    deviation: String,
}

impl Dossier {
    pub fn new(case: Case, outcome: Outcome) -> Self {
        let deviation = outcome.max_deviation.as_cents();
        Self {
            case,
            outcome,
            deviation,
        }
    }

    pub fn read(json: &Json) -> Result<Self, CaseFileError> {
        let file = Reader::root(json).object(&["case", "allocation"])?;
        let case = file.need("case")?;
        let case = Case::read(case.json()).map_err(|error| error.below("/case"))?;
        let (outcome, deviation) = read_outcome(&file.need("allocation")?)?;
        Ok(Self {
            case,
            outcome,
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
        let mut file = serializer.serialize_struct("Dossier", 2)?;
        file.serialize_field("case", &self.case.canonical())?;
        file.serialize_field("allocation", &self.outcome)?;
        file.end()
    }
}

//! The communes and EPCI of France, embedded.
//!
//! The list changes each 1 January. The one of the release is in the binary; a newer one is read
//! from a folder, without waiting for a release (`scripts/reference.py` makes it). It is a source
//! to copy from, not a register of our users: what an installation relies on is in its database.
mod list;
mod loading;
mod search;

use std::path::Path;
use std::sync::{Arc, OnceLock};

use domain::identity::{InseeCode, Siren};

pub use list::{Commune, Epci, EpciKind};
pub use loading::{LineProblem, ReferenceError};
pub use search::Hit;

/// The year of the embedded list: the boundaries of 1 January.
pub const VINTAGE: i32 = 2026;
/// Who made the embedded list.
pub const SOURCE: &str =
    "INSEE and DGCL, packaged by Etalab as npm @etalab/decoupage-administratif 6.0.0";
/// Under which terms.
pub const LICENCE: &str = "Licence Ouverte 2.0 (data), MIT (package)";

const COMMUNES: &[u8] = include_bytes!("../../assets/reference/communes.tsv.gz");
const EPCIS: &[u8] = include_bytes!("../../assets/reference/epci.tsv.gz");

/// The communes and EPCI of one year (« référentiel des communes »).
///
/// About 9 MB once read, which takes some 40 ms in a release build: ask for it where it is used,
/// not at start-up.
#[derive(Debug)]
pub struct Reference {
    /// The year whose boundaries these are.
    pub vintage: i32,
    /// Who made the list, as shown beside every figure taken from it.
    pub source: String,
    /// Under which terms.
    pub licence: String,
    /// By INSEE code.
    communes: Vec<Commune>,
    /// By SIREN.
    epcis: Vec<Epci>,
    indexes: search::Indexes,
}

impl Reference {
    /// The list of this release, read once per process.
    ///
    /// # Errors
    /// The embedded files are damaged, which a test of this room excludes.
    pub fn embedded() -> Result<Arc<Self>, ReferenceError> {
        static EMBEDDED: OnceLock<Arc<Reference>> = OnceLock::new();
        if let Some(reference) = EMBEDDED.get() {
            return Ok(Arc::clone(reference));
        }
        // Two callers may both read it the first time; one result is kept, they are equal.
        let read = Arc::new(loading::read_packed(COMMUNES, EPCIS)?);
        Ok(Arc::clone(EMBEDDED.get_or_init(|| read)))
    }

    /// The list in a folder: `communes.tsv.gz` and `epci.tsv.gz`, with or without `.gz`.
    ///
    /// # Errors
    /// Names the file and the line at fault.
    pub fn from_path(folder: &Path) -> Result<Self, ReferenceError> {
        loading::read_folder(folder)
    }

    /// The commune of this code (« code INSEE »).
    #[must_use]
    pub fn commune(&self, insee: &InseeCode) -> Option<&Commune> {
        let place = self
            .communes
            .binary_search_by(|commune| commune.insee.cmp(insee))
            .ok()?;
        self.communes.get(place)
    }

    /// The commune of this SIREN.
    #[must_use]
    pub fn commune_by_siren(&self, siren: &Siren) -> Option<&Commune> {
        self.indexes.commune_by_siren(siren, &self.communes)
    }

    /// The EPCI of this SIREN.
    #[must_use]
    pub fn epci(&self, siren: &Siren) -> Option<&Epci> {
        let place = self
            .epcis
            .binary_search_by(|epci| epci.siren.cmp(siren))
            .ok()?;
        self.epcis.get(place)
    }

    /// The communes of an EPCI, by SIREN; empty when there is no such EPCI.
    #[must_use]
    pub fn members_of(&self, epci: &Siren) -> Vec<&Commune> {
        let mut members: Vec<&Commune> = self
            .communes
            .iter()
            .filter(|commune| commune.epci_siren.as_ref() == Some(epci))
            .collect();
        members.sort_by(|left, right| left.siren.cmp(&right.siren));
        members
    }

    /// The communes of this name, whatever its accents, case and hyphens.
    ///
    /// More than one for 1 441 names: a name alone then designates nobody.
    #[must_use]
    pub fn communes_named(&self, name: &str) -> Vec<&Commune> {
        self.indexes
            .communes_named(name)
            .filter_map(|place| self.communes.get(place))
            .collect()
    }

    /// All communes, by INSEE code.
    #[must_use]
    pub fn communes(&self) -> &[Commune] {
        &self.communes
    }

    /// All EPCI, by SIREN.
    #[must_use]
    pub fn epcis(&self) -> &[Epci] {
        &self.epcis
    }
}

#[cfg(test)]
mod tests;

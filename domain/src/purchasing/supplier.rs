//! Suppliers: who sells to a coordinator, known by SIREN.

use crate::identity::{Email, OrganisationId, Phone, Siren, Siret, SupplierId};
use crate::text;

/// The longest name of a supplier.
pub const NAME_CHARS_MAX: usize = 200;

/// A company that sells to one coordinator (« titulaire, fournisseur »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Supplier {
    pub id: SupplierId,
    /// The coordinating organisation that keeps this record.
    pub owner: OrganisationId,
    pub siren: Siren,
    /// The establishment that invoices, when it is known.
    pub siret: Option<Siret>,
    pub name: String,
    pub email: Option<Email>,
    pub phone: Option<Phone>,
    pub version: i32,
}

/// What a supplier refuses (« fournisseur refusé »).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SupplierError {
    #[error("a supplier already has the SIREN {siren}")]
    SirenTaken { siren: Siren },
    #[error("the SIRET {siret} is not of the SIREN {siren}")]
    OtherSiren { siren: Siren, siret: Siret },
}

impl SupplierError {
    /// Stable name used in problem types, logs and the documentation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::SirenTaken { .. } => "supplier.siren-taken",
            Self::OtherSiren { .. } => "supplier.other-siren",
        }
    }
}

impl Supplier {
    /// Refuses a SIRET of another company than the SIREN.
    pub fn check(&self) -> Result<(), SupplierError> {
        match &self.siret {
            Some(siret) if siret.siren() != self.siren => Err(SupplierError::OtherSiren {
                siren: self.siren.clone(),
                siret: siret.clone(),
            }),
            Some(_) | None => Ok(()),
        }
    }

    /// What the list sorts by.
    pub fn sort_key(&self) -> String {
        text::sort_key(&self.name)
    }

    /// What a search compares: name and SIREN.
    pub fn search_text(&self) -> String {
        format!("{} {}", text::search_text(&self.name), self.siren.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn supplier(siren: &str, siret: Option<&str>) -> Supplier {
        Supplier {
            id: SupplierId(uuid::Uuid::nil()),
            owner: OrganisationId(uuid::Uuid::nil()),
            siren: Siren::parse(siren).unwrap(),
            siret: siret.map(|text| Siret::parse(text).unwrap()),
            name: "Éts Œuf & Fils".into(),
            email: None,
            phone: None,
            version: 0,
        }
    }

    #[test]
    fn the_establishment_is_of_the_company() {
        assert_eq!(
            supplier("732829320", Some("73282932000074")).check(),
            Ok(())
        );
        assert_eq!(supplier("732829320", None).check(), Ok(()));
        assert_eq!(
            supplier("200093201", Some("73282932000074"))
                .check()
                .unwrap_err()
                .code(),
            "supplier.other-siren"
        );
    }

    #[test]
    fn a_supplier_is_found_by_name_without_accents_or_by_siren() {
        let text = supplier("732829320", None).search_text();
        assert_eq!(text, "ets oeuf fils 732829320");
    }
}

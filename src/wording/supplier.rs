//! Refusals about suppliers.
use domain::purchasing::supplier::SupplierError;

pub(super) fn supplier(error: &SupplierError) -> String {
    match error {
        SupplierError::SirenTaken { siren } => format!(
            "Un fournisseur porte déjà le SIREN {}. Ouvrez sa fiche plutôt que d’en créer une \
             seconde.",
            siren.grouped()
        ),
        SupplierError::OtherSiren { siren, siret } => format!(
            "Le SIRET {} n’est pas celui d’un établissement de l’entreprise {}. Vérifiez les deux \
             numéros.",
            siret.grouped(),
            siren.grouped()
        ),
    }
}

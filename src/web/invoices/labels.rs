//! What the form of an invoice calls each field, for the sentences of its refusals.

pub(super) fn label(name: &str) -> String {
    let (field, row) = name.rsplit_once('_').unwrap_or((name, ""));
    let of_line = |what: &str| format!("{what}, ligne {row}");
    match field {
        "libelle" => of_line("Libellé"),
        "quantite" => of_line("Quantité"),
        "prix" => of_line("Prix unitaire"),
        "ht" => of_line("Montant HT"),
        "taxe" => of_line("Taxe"),
        "regle" => of_line("Règle de répartition"),
        "article" => of_line("Article"),
        "imprimee" => format!("Taxe imprimée {row}"),
        "montant" => format!("Montant de la taxe {row}"),
        _ => match name {
            "nature" => "Nature",
            "numero" => "Numéro",
            "objet" => "Objet",
            "emise_le" => "Date de la facture",
            "recue_le" => "Reçue le",
            "periode_debut" => "Période facturée, du",
            "periode_fin" => "Période facturée, au",
            "marche" => "Marché ou fournisseur",
            "total_ht" => "Total HT imprimé",
            "total_taxe" => "Total des taxes imprimé",
            "total_ttc" => "Total TTC imprimé",
            "motif_doublon" => "Motif du doublon",
            _ => "Champ",
        }
        .to_owned(),
    }
}

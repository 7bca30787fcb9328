//! What the history says of each action, one phrase per code.

/// The phrase of every action; one that is not here shows its code, and fails a test.
pub const ACTIONS: &[(&str, &str)] = &[
    ("agreement.draft", "Version de la convention rédigée"),
    ("agreement.update", "Version de la convention modifiée"),
    ("attachment.add", "Pièce ajoutée"),
    ("attachment.remove", "Pièce retirée"),
    ("attachment.restore", "Pièce rétablie"),
    ("award.decide", "Lot attribué ou laissé sans suite"),
    ("budget.create", "Budget ajouté"),
    ("budget.update", "Budget modifié"),
    ("contact.create", "Contact ajouté"),
    ("contact.update", "Contact modifié"),
    ("contract.create", "Marché enregistré"),
    ("contract.end", "Marché terminé"),
    ("contract.revise", "Marché modifié"),
    ("contract.start", "Marché en cours d’exécution"),
    ("correction.record", "Régularisation enregistrée"),
    ("correction.undo", "Mandat de remboursement repris"),
    (
        "declaration.nothing",
        "Réponse «\u{a0}rien à déclarer\u{a0}»",
    ),
    ("declaration.reconfirm", "Besoins confirmés"),
    ("declaration.start", "Saisie des besoins commencée"),
    ("declaration.submit", "Besoins transmis"),
    ("declaration.type", "Besoins saisis par un programme"),
    ("declaration.withdraw", "Réponse reprise"),
    ("grouping.archive", "Groupement archivé"),
    ("grouping.create", "Groupement créé"),
    ("grouping.restore", "Groupement remis en service"),
    ("grouping.set_coordinators", "Coordonnateurs désignés"),
    ("grouping.update", "Groupement modifié"),
    ("invoice.allocate", "Facture répartie"),
    ("invoice.check", "Facture contrôlée"),
    ("invoice.edit", "Facture modifiée"),
    ("invoice.pay", "Facture payée"),
    ("invoice.record", "Facture enregistrée"),
    ("invoice.set-delivered", "Quantités livrées saisies"),
    ("invoice.unpay", "Paiement d’une facture repris"),
    ("item.add", "Articles ajoutés"),
    ("item.edit", "Article modifié"),
    ("item.remove", "Article retiré"),
    ("job.ask", "Traitement demandé"),
    ("key.create", "Clé de répartition ajoutée"),
    ("key.update", "Clé de répartition modifiée"),
    ("lot.add", "Lot ajouté"),
    ("lot.remove", "Lot retiré"),
    ("lot.rename", "Lot renommé"),
    ("membership.ask_to_leave", "Départ demandé par un membre"),
    ("membership.choose_lots", "Lots choisis par un membre"),
    ("membership.decide", "Décision d’adhésion enregistrée"),
    ("membership.end", "Fin d’une adhésion"),
    ("membership.invite", "Organismes invités à adhérer"),
    ("membership.stay", "Membre maintenu"),
    ("need.import", "Besoins importés"),
    ("organisation.add_population", "Population ajoutée"),
    ("organisation.create", "Organisme créé"),
    ("organisation.update", "Organisme modifié"),
    ("procedure.create", "Consultation préparée"),
    ("procedure.launch", "Consultation lancée"),
    (
        "procedure.refresh-demand",
        "Quantités de la consultation reprises des campagnes",
    ),
    ("procedure.revise", "Consultation modifiée"),
    ("procedure.set-aside", "Membres mis de côté"),
    ("procedure.take-back", "Membre repris dans la consultation"),
    ("recovery.cancel", "Demande de titre annulée"),
    ("recovery.issue", "Titre émis"),
    ("recovery.reduce", "Demande de titre réduite"),
    ("round.cancel", "Campagne annulée"),
    ("round.close", "Campagne close"),
    ("round.create", "Campagne préparée"),
    ("round.edit", "Campagne modifiée"),
    ("round.extend", "Date limite repoussée"),
    ("round.open", "Campagne ouverte"),
    ("round.reopen", "Campagne rouverte pour tous"),
    (
        "round.reopen_for_member",
        "Campagne rouverte pour un membre",
    ),
    ("round.resume", "Lots et articles repris d’une campagne"),
    ("rule.adopt", "Règle de répartition mise en vigueur"),
    ("rule.amend", "Nouvelle version d’une règle de répartition"),
    ("rule.choose", "Règles attribuées aux lots et aux articles"),
    ("rule.create", "Règle de répartition rédigée"),
    ("rule.discard", "Projet de règle abandonné"),
    ("rule.edit", "Projet de règle modifié"),
    ("rule.restore", "Règle de répartition remise en vigueur"),
    ("rule.withdraw", "Règle de répartition retirée"),
    ("site.create", "Site ajouté"),
    ("site.import", "Sites importés"),
    ("site.update", "Site modifié"),
    ("supplier.create", "Fournisseur ajouté"),
    ("supplier.revise", "Fournisseur modifié"),
    ("token.create", "Jeton d’accès créé"),
    ("token.revoke", "Jeton d’accès révoqué"),
    ("user.change_password", "Mot de passe changé"),
    ("user.choose_password", "Mot de passe choisi"),
    ("user.disable", "Compte désactivé"),
    ("user.enable", "Compte rouvert"),
    ("user.give_role", "Rôle donné"),
    ("user.import", "Utilisateurs importés"),
    ("user.invite", "Utilisateur invité"),
    ("user.make_link", "Lien de connexion créé"),
    ("user.set_roles", "Rôles modifiés"),
    ("user.take_role", "Rôle retiré"),
    ("user.update", "Utilisateur modifié"),
];

/// The phrase of an action, or its code when it has none.
#[must_use]
pub fn action(code: &str) -> &str {
    ACTIONS
        .iter()
        .find(|(known, _)| *known == code)
        .map_or(code, |(_, phrase)| phrase)
}

/// The phrase with the facts that help to recognise the moment.
#[must_use]
pub fn sentence(code: &str, detail: &serde_json::Value) -> String {
    let phrase = action(code);
    let text = |key: &str| detail.get(key).and_then(serde_json::Value::as_str);
    let many = |key: &str| detail.get(key).and_then(serde_json::Value::as_array);
    if let Some(members) = many("members").filter(|_| code == "membership.invite") {
        return format!("{phrase}\u{a0}: {}", members.len());
    }
    if let Some(number) = detail.get("number").filter(|n| n.is_number()) {
        return format!("{phrase}\u{a0}: n°\u{a0}{number}");
    }
    match text("title").or_else(|| text("motive")) {
        Some(more) => format!("{phrase}\u{a0}: {more}"),
        None => phrase.to_owned(),
    }
}

/// Who acted, when it was not a person.
#[must_use]
pub fn actor(kind: &str) -> &'static str {
    match kind {
        "clock" => "Échéance",
        "operator" => "Exploitant",
        _ => "Personne inconnue",
    }
}

/// What an action is about, for the filter of the history.
pub const SUBJECTS: &[(&str, &str)] = &[
    ("grouping", "Groupements"),
    ("agreement", "Conventions"),
    ("membership", "Adhésions"),
    ("round", "Campagnes"),
    ("declaration", "Besoins"),
    ("procedure", "Consultations"),
    ("contract", "Marchés"),
    ("invoice", "Factures"),
    ("allocation", "Répartitions"),
    ("attachment", "Pièces"),
    ("organisation", "Organismes"),
    ("user", "Utilisateurs"),
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn phrases_stand_in_order_and_once() {
        assert!(ACTIONS.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn a_sentence_says_how_many_and_which() {
        let invited = json!({"members": ["a", "b"]});
        assert_eq!(
            sentence("membership.invite", &invited),
            "Organismes invités à adhérer\u{a0}: 2"
        );
        assert_eq!(
            sentence("agreement.draft", &json!({"number": 2})),
            "Version de la convention rédigée\u{a0}: n°\u{a0}2"
        );
        assert_eq!(sentence("no.such", &json!({})), "no.such");
    }
}

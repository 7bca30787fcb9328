//! What is said of invoices, recovery orders and statements.
use super::drawing::{Said, Viewer, many, of, until};
use crate::{actions::todo::Task, web::format::count};

pub(super) fn split(task: &Task, viewer: Viewer) -> Said {
    Said::new(
        format!("Contrôler et répartir la facture {}", task.title),
        format!("{}, à payer avant le {}.", task.name, until(task, viewer)),
        invoice(task),
        "Répartir",
    )
    .noting("TTC")
}

pub(super) fn pay(task: &Task) -> Said {
    Said::new(
        format!("Payer la facture {}", task.title),
        format!("{}. Répartie entre les membres, total exact.", task.name),
        invoice(task),
        "Voir la facture",
    )
    .noting("TTC")
}

pub(super) fn issue(task: &Task, viewer: Viewer) -> Said {
    let orders = count(many(task), "demande de titre", "demandes de titre");
    Said::new(
        format!("Faire émettre {orders}{}", of(task, viewer)),
        "À reprendre dans le logiciel de finances, puis à numéroter ici.".to_owned(),
        "/titres?etat=to_issue".to_owned(),
        "Voir les demandes",
    )
    .noting("à demander")
}

pub(super) fn give_back(task: &Task, viewer: Viewer) -> Said {
    let pieces = count(many(task), "régularisation", "régularisations");
    Said::new(
        format!("Faire émettre {pieces}{}", of(task, viewer)),
        "Réduction ou annulation d’un titre du même exercice, sinon mandat de remboursement."
            .to_owned(),
        "/regularisations?etat=proposed".to_owned(),
        "Voir les régularisations",
    )
    .noting("à rendre")
}

pub(super) fn statement(task: &Task, viewer: Viewer) -> Said {
    Said::new(
        format!("Lire le décompte {}{}", task.title, of(task, viewer)),
        format!("Nouveau, du groupement «\u{a0}{}\u{a0}».", task.name),
        format!("/decomptes/{}", task.subject),
        "Lire",
    )
    .noting("TTC")
}

pub(super) fn titre(task: &Task, viewer: Viewer) -> Said {
    Said::new(
        format!("Titre {} reçu{}", task.title, of(task, viewer)),
        format!(
            "Du groupement «\u{a0}{}\u{a0}». À payer à réception de l’avis des sommes à payer.",
            task.name
        ),
        format!("/titres/{}", task.subject),
        "Voir",
    )
    .noting("demandés")
}

fn invoice(task: &Task) -> String {
    format!("/factures/{}", task.subject)
}

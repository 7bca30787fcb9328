//! What is said of users and of addresses.
use super::drawing::{Said, many};
use crate::{actions::todo::Task, web::format::count};

pub(super) fn welcome(task: &Task) -> Said {
    let people = count(many(task), "personne invitée", "personnes invitées");
    let (verb, why) = if many(task) > 1 {
        (
            "ne se sont jamais connectées",
            "Redonnez-leur un lien, ou retirez leurs rôles.",
        )
    } else {
        (
            "ne s’est jamais connectée",
            "Redonnez-lui un lien, ou retirez ses rôles.",
        )
    };
    Said::new(
        format!("{}\u{a0}: {people} {verb}", task.title),
        why.to_owned(),
        format!("/utilisateurs?organisme={}", task.subject),
        "Voir les comptes",
    )
}

pub(super) fn reach(task: &Task) -> Said {
    Said::new(
        format!("Donner une adresse à {}", task.title),
        "Aucun contact n’a d’adresse électronique\u{a0}: rien ne pourra lui être remis.".to_owned(),
        format!("/collectivites/{}/contacts/nouveau", task.subject),
        "Ajouter un contact",
    )
}

//! What is said of memberships.
use uuid::Uuid;

use super::drawing::{Said, Viewer, many, of};
use crate::{actions::todo::Task, web::format::count};

pub(super) fn gather(task: &Task) -> Said {
    let members = count(many(task), "membre", "membres");
    Said::new(
        format!("{}\u{a0}: obtenir l’engagement de {members}", task.title),
        "Sans décision transmise ni convention signée, ils seront mis de côté au lancement."
            .to_owned(),
        format!("/groupements/{}/membres", task.subject),
        "Voir les adhésions",
    )
}

pub(super) fn answer(task: &Task) -> Said {
    Said::new(
        format!("Répondre à la demande de retrait\u{a0}: {}", task.name),
        format!("Groupement «\u{a0}{}\u{a0}».", task.title),
        membership(task),
        "Répondre",
    )
}

pub(super) fn decide(task: &Task, viewer: Viewer) -> Said {
    let why = "La décision d’adhérer n’est pas enregistrée\u{a0}: délibération ou décision par \
               délégation.";
    join(task, viewer, "Décider d’adhérer", why)
}

pub(super) fn transmit(task: &Task, viewer: Viewer) -> Said {
    let why = "La décision est prise. Indiquez le jour de sa transmission à la préfecture.";
    join(task, viewer, "Transmettre la décision d’adhésion", why)
}

pub(super) fn sign(task: &Task, viewer: Viewer) -> Said {
    let why = "La décision est prise. Indiquez le jour de la signature.";
    join(task, viewer, "Signer la convention", why)
}

fn join(task: &Task, viewer: Viewer, verb: &str, why: &str) -> Said {
    let title = format!("{verb}{}\u{a0}: {}", of(task, viewer), task.title);
    Said::new(title, why.to_owned(), membership(task), "Compléter")
}

fn membership(task: &Task) -> String {
    let grouping: Uuid = task.within.unwrap_or_default();
    format!("/groupements/{grouping}/adhesions/{}", task.subject)
}

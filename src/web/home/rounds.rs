//! What is said of needs to declare and of rounds to run.
use super::drawing::{Said, Viewer, many, of, until};
use crate::{actions::todo::Task, web::format::count};

pub(super) fn declare(task: &Task, viewer: Viewer) -> Said {
    needs(task, viewer, "Déclarer vos besoins", closes(task, viewer))
}

pub(super) fn transmit(task: &Task, viewer: Viewer) -> Said {
    needs(
        task,
        viewer,
        "Transmettre vos besoins",
        closes(task, viewer),
    )
}

pub(super) fn confirm(task: &Task, viewer: Viewer) -> Said {
    let why = "Les conditions ont changé depuis votre réponse.";
    let detail = format!("{why} {}", closes(task, viewer));
    needs(task, viewer, "Confirmer vos besoins", detail)
}

pub(super) fn correct(task: &Task, viewer: Viewer) -> Said {
    let until = until(task, viewer);
    let detail = format!("Campagne rouverte pour vous jusqu’au {until}.");
    needs(task, viewer, "Déclarer ou revoir vos besoins", detail)
}

pub(super) fn follow(task: &Task, viewer: Viewer) -> Said {
    let missing = count(many(task), "membre", "membres");
    Said::new(
        format!(
            "{}\u{a0}: {missing} sur {} sans réponse",
            task.title, task.among
        ),
        closes(task, viewer),
        format!("/campagnes/{}", task.subject),
        "Voir",
    )
}

pub(super) fn reconfirm(task: &Task, viewer: Viewer) -> Said {
    let answers = count(many(task), "réponse", "réponses");
    Said::new(
        format!("{}\u{a0}: faire confirmer {answers}", task.title),
        format!("Les conditions ont changé depuis. {}", closes(task, viewer)),
        format!("/campagnes/{}/communes", task.subject),
        "Voir les réponses",
    )
}

pub(super) fn close(task: &Task, viewer: Viewer) -> Said {
    Said::new(
        format!("Clore la campagne «\u{a0}{}\u{a0}»", task.title),
        format!("Sa date limite, le {}, est passée.", until(task, viewer)),
        format!("/campagnes/{}", task.subject),
        "Ouvrir",
    )
}

pub(super) fn prepare(task: &Task, viewer: Viewer) -> Said {
    let detail = match task.due {
        Some(_) => format!(
            "La campagne est close. Lancement prévu le {}.",
            until(task, viewer)
        ),
        None => "La campagne est close, aucune consultation ne la suit.".to_owned(),
    };
    Said::new(
        format!("Préparer la consultation\u{a0}: {}", task.title),
        detail,
        format!("/consultations/nouvelle?campagne={}", task.subject),
        "Préparer",
    )
}

fn needs(task: &Task, viewer: Viewer, verb: &str, detail: String) -> Said {
    let href = format!(
        "/campagnes/{}/besoins?membre={}",
        task.subject, task.organisation
    );
    let title = format!("{verb}{}\u{a0}: {}", of(task, viewer), task.title);
    Said::new(title, detail, href, "Ouvrir")
}

fn closes(task: &Task, viewer: Viewer) -> String {
    format!("Clôture le {}.", until(task, viewer))
}

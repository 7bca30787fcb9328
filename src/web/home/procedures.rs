//! What is said of procedures and contracts.
use super::drawing::{Said, Viewer, many, until};
use crate::{
    actions::todo::Task,
    web::format::{capital, count},
};

pub(super) fn launch(task: &Task, viewer: Viewer) -> Said {
    let planned = match task.due {
        Some(_) => format!("Lancement prévu le {}.", until(task, viewer)),
        None => "Aucune date de lancement n’est prévue.".to_owned(),
    };
    let waited = match many(task) {
        0 => String::new(),
        1 => " L’engagement d’un membre manque encore.".to_owned(),
        members => format!(" L’engagement de {members} membres manque encore."),
    };
    Said::new(
        format!("Lancer la consultation\u{a0}: {}", task.title),
        format!("{planned}{waited}"),
        page(task),
        "Préparer",
    )
}

pub(super) fn decide(task: &Task, viewer: Viewer) -> Said {
    let lots = count(many(task), "lot sans résultat", "lots sans résultat");
    let due = match task.due {
        Some(_) => format!(" Offres attendues le {}.", until(task, viewer)),
        None => String::new(),
    };
    Said::new(
        format!("Décider les lots\u{a0}: {}", task.title),
        format!("{}.{due}", capital(&lots)),
        page(task),
        "Décider",
    )
}

pub(super) fn contract(task: &Task) -> Said {
    let lots = count(many(task), "lot attribué", "lots attribués");
    Said::new(
        format!("Enregistrer le marché\u{a0}: {}", task.title),
        format!("{lots} sans marché."),
        page(task),
        "Ouvrir",
    )
}

pub(super) fn renew(task: &Task, viewer: Viewer) -> Said {
    let until = until(task, viewer);
    let late = viewer.is_late(task);
    let detail = if late {
        format!(
            "Marché {}, arrivé à son terme le {until}. Clôturez-le.",
            task.name
        )
    } else {
        format!("Marché {}, jusqu’au {until}.", task.name)
    };
    let verb = if late {
        "Clore le marché"
    } else {
        "Préparer la suite du marché"
    };
    Said::new(
        format!("{verb}\u{a0}: {}", task.title),
        detail,
        format!("/marches/{}", task.subject),
        "Ouvrir",
    )
}

fn page(task: &Task) -> String {
    format!("/consultations/{}", task.subject)
}

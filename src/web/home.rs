//! « À faire » : what waits, by deadline.
use askama::Template;
use axum::extract::State;
use chrono::{NaiveDate, TimeDelta};
use chrono_tz::Tz;
use domain::french;

use super::{
    components::{DateBlock, Todo},
    format::{count, day_time_in, local},
    layout::Shell,
    page::{Answer, page},
    routes::Routes,
    session::Person,
};
use crate::actions::{
    App,
    todo::{self, Task},
};

/// The home page.
#[must_use]
pub fn routes() -> Routes {
    Routes::default().get("/", show)
}

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    shell: Shell,
    today: String,
    summary: String,
    groups: Vec<Group>,
}

/// « En retard », « Cette semaine », « Ensuite ».
struct Group {
    id: &'static str,
    title: &'static str,
    todos: Vec<Todo>,
}

async fn show(State(app): State<App>, person: Person) -> Answer {
    let tasks = todo::list(&app, &person.actor).await?;
    let zone = person.zone();
    let today = local(app.clock.now(), zone).date();
    let several = person.actor.roles.len() > 1;
    let mut groups = [
        ("t1", "En retard"),
        ("t2", "Cette semaine"),
        ("t3", "Ensuite"),
    ]
    .map(|(id, title)| Group {
        id,
        title,
        todos: Vec::new(),
    });
    for (rank, task) in tasks.iter().enumerate() {
        let (day, mut shown) = drawn(task, zone, today, several);
        shown.primary = rank == 0;
        let place = match day {
            Some(day) if day < today => 0,
            Some(day) if day <= today + TimeDelta::days(7) => 1,
            Some(_) | None => 2,
        };
        if let Some(group) = groups.get_mut(place) {
            group.todos.push(shown);
        }
    }
    let waiting = i64::try_from(tasks.len()).unwrap_or(i64::MAX);
    page(&Home {
        shell: person.shell("À faire"),
        today: french::long_date_year(today),
        summary: count(waiting, "action", "actions"),
        groups: groups
            .into_iter()
            .filter(|group| !group.todos.is_empty())
            .collect(),
    })
}

/// One task as the page shows it, with its day.
fn drawn(task: &Task, zone: Tz, today: NaiveDate, several: bool) -> (Option<NaiveDate>, Todo) {
    match task {
        Task::Declare {
            round,
            title,
            member,
            member_name,
            until,
            begun,
            reconfirm,
        } => {
            let day = local(*until, zone).date();
            let verb = match (reconfirm, begun) {
                (true, _) => "Confirmer vos besoins",
                (false, true) => "Transmettre vos besoins",
                (false, false) => "Déclarer vos besoins",
            };
            let of = if several {
                format!(" pour {member_name}")
            } else {
                String::new()
            };
            let href = format!("/campagnes/{round}/besoins?membre={member}");
            let detail = format!("Clôture le {}.", day_time_in(*until, zone));
            let text = format!("{verb}{of}\u{a0}: {title}");
            (
                Some(day),
                line(day, today, (text, detail), (href, "Ouvrir")),
            )
        }
        Task::Follow {
            round,
            title,
            until,
            missing,
            members,
        } => {
            let day = local(*until, zone).date();
            let missing = i64::try_from(*missing).unwrap_or(i64::MAX);
            let text = format!(
                "{title}\u{a0}: {} sur {members} sans réponse",
                count(missing, "membre", "membres")
            );
            let detail = format!("Clôture le {}.", day_time_in(*until, zone));
            let href = format!("/campagnes/{round}");
            (Some(day), line(day, today, (text, detail), (href, "Voir")))
        }
        Task::Decide {
            procedure,
            title,
            offers_due_at,
        } => {
            let day = offers_due_at.map(|at| local(at, zone).date());
            let text = format!("Décider les lots\u{a0}: {title}");
            let detail = match offers_due_at {
                Some(at) => format!("Offres attendues le {}.", day_time_in(*at, zone)),
                None => "Consultation lancée, sans date de remise des offres.".to_owned(),
            };
            let href = format!("/consultations/{procedure}");
            let shown = line(
                day.unwrap_or(today),
                today,
                (text, detail),
                (href, "Préparer"),
            );
            (day, shown)
        }
        Task::Split {
            invoice,
            number,
            supplier,
            gross,
            due_on,
        } => {
            let text = format!("Contrôler et répartir la facture {number}");
            let detail = format!(
                "{supplier}, à payer avant le {}.",
                french::day_month(*due_on)
            );
            let href = format!("/factures/{invoice}");
            let mut shown = line(*due_on, today, (text, detail), (href, "Répartir"));
            shown.sum = french::euros(*gross);
            "TTC".clone_into(&mut shown.sum_note);
            (Some(*due_on), shown)
        }
        Task::Pay {
            invoice,
            number,
            supplier,
            gross,
            due_on,
        } => {
            let text = format!("Payer la facture {number}");
            let detail = format!("{supplier}. Répartie entre les membres, total exact.");
            let href = format!("/factures/{invoice}");
            let mut shown = line(*due_on, today, (text, detail), (href, "Voir la facture"));
            shown.sum = french::euros(*gross);
            "TTC".clone_into(&mut shown.sum_note);
            (Some(*due_on), shown)
        }
    }
}

fn line(
    day: NaiveDate,
    today: NaiveDate,
    (title, detail): (String, String),
    (href, action): (String, &str),
) -> Todo {
    Todo {
        date: DateBlock::new(day, today),
        title,
        href,
        detail,
        sum: String::new(),
        sum_note: String::new(),
        action: action.to_owned(),
        primary: false,
    }
}

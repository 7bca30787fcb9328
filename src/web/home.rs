//! « À faire » : what waits, by deadline.
use askama::Template;
use axum::extract::State;
use chrono::{NaiveDate, TimeDelta};
use chrono_tz::Tz;
use domain::{french, money::Cents, permission::Right};

use super::{
    components::{DateBlock, Todo, Track},
    format::{capital, count, day_time_in, filters, local},
    layout::Shell,
    page::{Answer, page},
    routes::Routes,
    session::Person,
};
use crate::actions::{
    App,
    purchasing::rounds::Listed,
    todo::{self, Answering, Bill, Task},
};

/// How many open rounds and invoices are followed beside the list.
const ASIDE: usize = 5;

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
    rounds: Vec<Followed>,
    bills: Vec<Owed>,
    may_open: bool,
}

/// An open round, by how many have answered.
struct Followed {
    title: String,
    href: String,
    figure: String,
    track: Track,
    note: String,
}

/// An invoice and the day it must be paid.
struct Owed {
    number: String,
    href: String,
    day: String,
    gross: Cents,
}

/// « En retard », « Cette semaine », « Ensuite ».
struct Group {
    id: &'static str,
    title: &'static str,
    todos: Vec<Todo>,
}

async fn show(State(app): State<App>, person: Person) -> Answer {
    let desk = todo::desk(&app, &person.actor).await?;
    let tasks = desk.tasks;
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
    let summary = summary(&groups);
    let mut bills: Vec<&Bill> = tasks.iter().filter_map(owed).collect();
    bills.sort_by_key(|bill| bill.due_on);
    page(&Home {
        shell: person.shell("À faire"),
        today: capital(&french::long_date_year(today)),
        summary,
        rounds: desk
            .rounds
            .iter()
            .take(ASIDE)
            .map(|listed| followed(listed, zone))
            .collect(),
        bills: bills
            .into_iter()
            .take(ASIDE)
            .map(|bill| Owed {
                number: bill.number.clone(),
                href: format!("/factures/{}", bill.invoice),
                day: french::day_month(bill.due_on),
                gross: bill.gross,
            })
            .collect(),
        may_open: person
            .actor
            .organisations_with(Right::RunRounds)
            .next()
            .is_some(),
        groups: groups
            .into_iter()
            .filter(|group| !group.todos.is_empty())
            .collect(),
    })
}

/// « 7 actions, dont 1 en retard et 3 cette semaine ».
fn summary(groups: &[Group]) -> String {
    let many = |todos: &[Todo]| i64::try_from(todos.len()).unwrap_or(i64::MAX);
    let all = groups.iter().map(|group| many(&group.todos)).sum();
    let mut parts = Vec::new();
    for (group, when) in groups.iter().zip(["en retard", "cette semaine"]) {
        if !group.todos.is_empty() {
            parts.push(format!("{} {when}", many(&group.todos)));
        }
    }
    let all = count(all, "action", "actions");
    if parts.is_empty() {
        return all;
    }
    format!("{all}, dont {}", parts.join(" et "))
}

fn owed(task: &Task) -> Option<&Bill> {
    match task {
        Task::Split(bill) | Task::Pay(bill) => Some(bill),
        Task::Declare { .. } | Task::Follow { .. } | Task::Decide { .. } => None,
    }
}

fn followed(listed: &Listed, zone: Tz) -> Followed {
    let whole = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let (answered, members) = (listed.answered, listed.members);
    Followed {
        title: listed.round.title.clone(),
        href: format!("/campagnes/{}", listed.round.id),
        figure: format!("{answered} / {members}"),
        track: Track::of(&[whole(answered)], whole(members)),
        note: format!("Clôture le {}", day_time_in(listed.round.deadline, zone)),
    }
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
            step,
        } => {
            let day = local(*until, zone).date();
            let verb = match step {
                Answering::Confirm => "Confirmer vos besoins",
                Answering::Transmit => "Transmettre vos besoins",
                Answering::Declare => "Déclarer vos besoins",
                Answering::Correct => "Déclarer ou revoir vos besoins",
            };
            let of = if several {
                format!(" pour {member_name}")
            } else {
                String::new()
            };
            let href = format!("/campagnes/{round}/besoins?membre={member}");
            let until = day_time_in(*until, zone);
            let detail = match step {
                Answering::Correct => format!("Campagne rouverte pour vous jusqu’au {until}."),
                Answering::Declare | Answering::Transmit | Answering::Confirm => {
                    format!("Clôture le {until}.")
                }
            };
            let text = format!("{verb}{of}\u{a0}: {title}");
            (
                Some(day),
                line(Some(day), today, (text, detail), (href, "Ouvrir")),
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
            let shown = line(Some(day), today, (text, detail), (href, "Voir"));
            (Some(day), shown)
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
            (day, line(day, today, (text, detail), (href, "Préparer")))
        }
        Task::Split(owed) => {
            let text = format!("Contrôler et répartir la facture {}", owed.number);
            let until = french::day_month(owed.due_on);
            let detail = format!("{}, à payer avant le {until}.", owed.supplier);
            bill(owed, today, (text, detail), "Répartir")
        }
        Task::Pay(owed) => {
            let text = format!("Payer la facture {}", owed.number);
            let detail = format!(
                "{}. Répartie entre les membres, total exact.",
                owed.supplier
            );
            bill(owed, today, (text, detail), "Voir la facture")
        }
    }
}

fn bill(
    owed: &Bill,
    today: NaiveDate,
    texts: (String, String),
    action: &str,
) -> (Option<NaiveDate>, Todo) {
    let href = format!("/factures/{}", owed.invoice);
    let shown = line(Some(owed.due_on), today, texts, (href, action));
    let shown = Todo {
        sum: french::euros(owed.gross),
        sum_note: "TTC".to_owned(),
        ..shown
    };
    (Some(owed.due_on), shown)
}

fn line(
    day: Option<NaiveDate>,
    today: NaiveDate,
    (title, detail): (String, String),
    (href, action): (String, &str),
) -> Todo {
    Todo {
        date: day.map(|day| DateBlock::new(day, today)),
        title,
        href,
        detail,
        sum: String::new(),
        sum_note: String::new(),
        action: action.to_owned(),
        primary: false,
    }
}

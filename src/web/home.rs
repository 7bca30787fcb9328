//! « À faire » : what waits, by deadline.
use askama::Template;
use axum::extract::State;
use chrono::TimeDelta;
use domain::{french, money::Cents, permission::Right};

use super::{
    components::{Todo, Track},
    format::{capital, count, day_time_in, filters},
    layout::Shell,
    page::{Answer, page},
    routes::Routes,
    session::Person,
};
use crate::actions::{
    App,
    todo::{self, Due, Kind, More, Task},
};

mod drawing;
mod groupings;
mod money;
mod people;
mod procedures;
mod rounds;

use drawing::{Viewer, drawn, elsewhere, whole};

/// How many invoices stand beside the list.
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
    more: Vec<Others>,
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

/// The tasks of a kind that are not shown, and the list where they are.
struct Others {
    text: String,
    href: &'static str,
}

/// « En retard », « Cette semaine », « Ensuite ».
struct Group {
    id: &'static str,
    title: &'static str,
    todos: Vec<Todo>,
}

async fn show(State(app): State<App>, person: Person) -> Answer {
    let desk = todo::desk(&app, &person.actor).await?;
    let today = person.today(&app);
    let viewer = Viewer {
        zone: person.zone(),
        today,
        several: person.actor.roles.len() > 1,
    };
    let groups = grouped(&desk.tasks, viewer);
    let bills = desk.tasks.iter().filter_map(owed).take(ASIDE);
    page(&Home {
        shell: person.shell("À faire"),
        today: capital(&french::long_date_year(today)),
        summary: summary(desk.total, &groups),
        bills: bills.collect(),
        rounds: desk
            .rounds
            .iter()
            .map(|round| followed(round, viewer))
            .collect(),
        more: desk.more.iter().map(others).collect(),
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

fn grouped(tasks: &[Task], viewer: Viewer) -> [Group; 3] {
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
        let (day, mut shown) = drawn(task, viewer);
        shown.primary = rank == 0;
        let place = match day {
            Some(day) if day < viewer.today => 0,
            Some(day) if day <= viewer.today + TimeDelta::days(7) => 1,
            Some(_) | None => 2,
        };
        if let Some(group) = groups.get_mut(place) {
            group.todos.push(shown);
        }
    }
    groups
}

/// « 7 actions, dont 1 en retard et 3 cette semaine ».
fn summary(total: u64, groups: &[Group]) -> String {
    let mut parts = Vec::new();
    for (group, when) in groups.iter().zip(["en retard", "cette semaine"]) {
        if !group.todos.is_empty() {
            parts.push(format!("{} {when}", group.todos.len()));
        }
    }
    let all = count(whole(total), "action", "actions");
    if parts.is_empty() {
        return all;
    }
    format!("{all}, dont {}", parts.join(" et "))
}

/// « Et 12 autres factures à payer ».
fn others(more: &More) -> Others {
    let (one, several, href) = elsewhere(more.kind);
    let text = match more.count {
        1 => format!("Et 1 autre {one}"),
        many => format!("Et {} autres {several}", french::integer(whole(many))),
    };
    Others { text, href }
}

fn owed(task: &Task) -> Option<Owed> {
    let Some(Due::On(day)) = task.due else {
        return None;
    };
    [Kind::Split, Kind::Pay].contains(&task.kind).then(|| Owed {
        number: task.title.clone(),
        href: format!("/factures/{}", task.subject),
        day: french::day_month(day),
        gross: task.amount.unwrap_or_default(),
    })
}

fn followed(round: &todo::Followed, viewer: Viewer) -> Followed {
    let (answered, members) = (round.answered, round.members);
    let closes = round.deadline.map(|at| day_time_in(at, viewer.zone));
    Followed {
        title: round.title.clone(),
        href: format!("/campagnes/{}", round.round),
        figure: format!("{answered} / {members}"),
        track: Track::of(&[whole(answered)], whole(members)),
        note: closes.map_or_else(String::new, |at| format!("Clôture le {at}")),
    }
}

//! « Campagnes » : the rounds of a coordinator, and those a member answers.
use domain::{
    french::NBSP,
    identity::RoundId,
    permission::Right,
    purchasing::round::{Round, RoundState},
};

use super::{
    components::Typed, form::Fields, format, layout::Shell, routes::Routes, session::Person,
};
use crate::{
    actions::{App, Error, purchasing::rounds},
    wording,
};

mod answers;
mod forms;
mod items;
mod life;
mod list;
mod overview;
mod pieces;

/// The pages of rounds.
#[must_use]
pub fn routes() -> Routes {
    Routes::default()
        .get("/campagnes", list::show)
        .post("/campagnes", forms::create)
        .get("/campagnes/nouvelle", forms::show_new)
        .get("/campagnes/{id}", overview::show)
        .get("/campagnes/{id}/modifier", forms::show_edit)
        .post("/campagnes/{id}/modifier", forms::edit)
        .post("/campagnes/{id}/ouverture", life::open)
        .post("/campagnes/{id}/cloture", life::close)
        .post("/campagnes/{id}/annulation", life::cancel)
        .get("/campagnes/{id}/prolonger", life::show_extend)
        .post("/campagnes/{id}/prolonger", life::extend)
        .get("/campagnes/{id}/rouvrir", life::show_reopen)
        .post("/campagnes/{id}/rouvrir", life::reopen)
        .post("/campagnes/{id}/rouvrir-pour", life::reopen_for)
        .get("/campagnes/{id}/agrege", answers::show_sums)
        .get("/campagnes/{id}/articles/{item}", answers::show_behind)
        .get("/campagnes/{id}/communes", answers::show_members)
        .get("/campagnes/{id}/pieces", pieces::show)
        .get("/campagnes/{id}/historique", answers::show_history)
        .get("/campagnes/{id}/lots", items::show)
        .post("/campagnes/{id}/reprise", items::resume)
        .post("/campagnes/{id}/lots", items::add_lot)
        .post("/campagnes/{id}/lots/{lot}", items::rename_lot)
        .post("/campagnes/{id}/lots/{lot}/retrait", items::remove_lot)
        .post("/campagnes/{id}/articles", items::add)
        .post("/campagnes/{id}/articles/bloc", items::paste)
        .get("/campagnes/{id}/articles/{item}/modifier", items::show_edit)
        .post("/campagnes/{id}/articles/{item}/modifier", items::change)
        .post("/campagnes/{id}/articles/{item}/retrait", items::remove)
}

/// What stands above every page of a round.
#[derive(Clone, Debug)]
struct Head {
    id: RoundId,
    title: String,
    tone: &'static str,
    state: &'static str,
    /// « Clôture vendredi 22 mai à 17 h 00, dans 3 jours ».
    when: String,
    /// Who pays, or who coordinates.
    meta: String,
    /// How many members, for their tab; nothing where it is not known.
    members: Option<usize>,
    tab: &'static str,
    is_draft: bool,
    is_open: bool,
    is_closed: bool,
    /// Whether the viewer runs it.
    runs: bool,
    /// Whether the viewer sees the coordinator's tabs.
    coordinates: bool,
    /// The procedure that follows, or the way to prepare it; on the first tab of a closed round.
    next: Option<Next>,
    /// A fresh key for the forms of the page.
    operation: String,
}

/// Where a closed round leads.
#[derive(Clone, Debug)]
struct Next {
    href: String,
    label: &'static str,
    kind: &'static str,
}

impl Head {
    fn new(app: &App, person: &Person, round: &Round, tab: &'static str) -> Self {
        Self {
            id: round.id,
            title: round.title.clone(),
            tone: tone(round.state),
            state: wording::round::state(round.state),
            when: when(round, app, person.zone()),
            meta: String::new(),
            members: None,
            tab,
            is_draft: round.state == RoundState::Draft,
            is_open: round.state == RoundState::Open,
            is_closed: round.state == RoundState::Closed,
            runs: person.actor.may(Right::RunRounds, round.owner),
            coordinates: person.actor.belongs_to(round.owner),
            next: None,
            operation: operation(app),
        }
    }

    fn href(&self, rest: &str) -> String {
        format!("/campagnes/{}{rest}", self.id)
    }
}

/// The badge of a state.
fn tone(state: RoundState) -> &'static str {
    match state {
        RoundState::Draft => "",
        RoundState::Open => "open",
        RoundState::Closed => "closed",
        RoundState::Cancelled => "no",
    }
}

/// What the deadline means in this state.
fn when(round: &Round, app: &App, zone: chrono_tz::Tz) -> String {
    match (round.state, &round.closed) {
        (RoundState::Draft, _) => {
            format!("Clôture prévue {}", format::moment_in(round.deadline, zone))
        }
        (RoundState::Open, _) => {
            let today = format::local(app.clock.now(), zone).date();
            let day = format::local(round.deadline, zone).date();
            format!(
                "Clôture {}, {}",
                format::moment_in(round.deadline, zone),
                domain::french::relative_days(today, day)
            )
        }
        (RoundState::Closed, Some(closing)) => {
            let by = if closing.name.is_empty() {
                "à la date limite".to_owned()
            } else {
                format!("par {}", closing.name)
            };
            format!("Close le {} {by}", format::day_time_year(closing.at, zone))
        }
        (RoundState::Closed | RoundState::Cancelled, _) => {
            format!(
                "Échéance{NBSP}: {}",
                format::day_time_year(round.deadline, zone)
            )
        }
    }
}

/// The frame of a page about one round.
fn shell(person: &Person, round: &Round, page: &str) -> Shell {
    let shell = person.shell(if page.is_empty() { &round.title } else { page });
    let shell = shell.crumb("Campagnes", "/campagnes");
    if page.is_empty() {
        shell
    } else {
        shell.crumb(round.title.clone(), format!("/campagnes/{}", round.id))
    }
}

/// A round that the viewer runs; to its readers it is forbidden, to others it does not exist.
async fn run(app: &App, person: &Person, id: RoundId) -> Result<Round, Error> {
    let (round, _) = rounds::find(app, &person.actor, id).await?;
    person
        .actor
        .require_of_seen(Right::RunRounds, round.owner)?;
    Ok(round)
}

/// A fresh key: a double click acts once.
fn operation(app: &App) -> String {
    app.clock.new_id().to_string()
}

/// Reads an identifier of a path; one that is none names nothing.
fn parse<T: std::str::FromStr>(text: &str) -> Result<T, Error> {
    text.parse().ok().ok_or(Error::NotFound)
}

/// What was typed, with a sentence for each refused field, and one for the whole.
fn refill(fields: &Fields, error: &Error, label: fn(&str) -> &'static str) -> (Typed, String) {
    let mut typed = Typed::of(fields.iter());
    if let Error::Invalid(problems) = error {
        for field in problems {
            let problem = wording::field::problem(&field.problem);
            typed.refuse(
                &field.name,
                format!("{}{NBSP}: {problem}", label(&field.name)),
            );
        }
        (typed, String::new())
    } else {
        (typed, wording::error(error).1)
    }
}

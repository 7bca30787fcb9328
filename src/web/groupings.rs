//! « Groupements » : who buys together, by which agreement, with which members.
use domain::{
    french::NBSP,
    identity::GroupingId,
    purchasing::grouping::{GroupingState, Regime},
};

use super::{
    components::{Choice, Typed},
    form::Fields,
    layout::Shell,
    routes::Routes,
    session::Person,
};
use crate::{
    actions::{App, Error, purchasing::groupings::Overview},
    wording,
};

mod agreement;
mod entry;
mod entry_lots;
mod forms;
mod keys;
mod list;
mod members;
mod overview;
mod rules;

/// The pages of groupings.
#[must_use]
pub fn routes() -> Routes {
    Routes::default()
        .get("/groupements", list::show)
        .post("/groupements", forms::create)
        .get("/groupements/nouveau", forms::show_new)
        .get("/groupements/{id}", overview::show)
        .get("/groupements/{id}/modifier", forms::show_edit)
        .post("/groupements/{id}/modifier", forms::edit)
        .post("/groupements/{id}/archivage", overview::archive)
        .post("/groupements/{id}/remise-en-service", overview::restore)
        .post(
            "/groupements/{id}/coordonnateurs",
            overview::add_coordinator,
        )
        .post(
            "/groupements/{id}/coordonnateurs/retrait",
            overview::remove_coordinator,
        )
        .get("/groupements/{id}/membres", members::show)
        .post("/groupements/{id}/membres", members::invite)
        .get("/groupements/{id}/membres/ajouter", members::show_add)
        .post(
            "/groupements/{id}/membres/communes",
            members::invite_communes,
        )
        .get("/groupements/{id}/adhesions/{membership}", entry::show)
        .post("/groupements/{id}/adhesions/{membership}", entry::decide)
        .post(
            "/groupements/{id}/adhesions/{membership}/demande-de-depart",
            entry::ask_to_leave,
        )
        .post(
            "/groupements/{id}/adhesions/{membership}/maintien",
            entry::stay,
        )
        .post(
            "/groupements/{id}/adhesions/{membership}/depart",
            entry::end,
        )
        .post(
            "/groupements/{id}/adhesions/{membership}/lots",
            entry_lots::choose,
        )
        .get("/groupements/{id}/convention", agreement::show)
        .post("/groupements/{id}/convention", agreement::draft)
        .get("/groupements/{id}/convention/nouvelle", agreement::show_new)
        .get(
            "/groupements/{id}/convention/{agreement}",
            agreement::show_edit,
        )
        .post("/groupements/{id}/convention/{agreement}", agreement::edit)
        .get("/groupements/{id}/cles", keys::show_all)
        .post("/groupements/{id}/cles", keys::create)
        .get("/groupements/{id}/cles/nouvelle", keys::show_new)
        .get("/groupements/{id}/cles/releves", keys::show_readings)
        .post("/groupements/{id}/cles/releves", keys::sum_readings)
        .get("/groupements/{id}/cles/{key}", keys::show)
        .get("/groupements/{id}/cles/{key}/modifier", keys::show_edit)
        .post("/groupements/{id}/cles/{key}/modifier", keys::edit)
        .get("/groupements/{id}/regles", rules::show_all)
        .post("/groupements/{id}/regles", rules::create)
        .get("/groupements/{id}/regles/nouvelle", rules::show_new)
        .post("/groupements/{id}/regles/essai", rules::try_out)
        .get("/groupements/{id}/regles/champs", rules::show_choices)
        .post("/groupements/{id}/regles/champs", rules::choose)
        .get("/groupements/{id}/regles/{rule}", rules::show)
        .post("/groupements/{id}/regles/{rule}", rules::turn)
        .get("/groupements/{id}/regles/{rule}/modifier", rules::show_edit)
        .post("/groupements/{id}/regles/{rule}/modifier", rules::edit)
        .get("/groupements/{id}/regles/{rule}/version", rules::show_amend)
        .post("/groupements/{id}/regles/{rule}/version", rules::amend)
        .get("/groupements/{id}/pieces", overview::show_pieces)
        .get("/groupements/{id}/historique", overview::show_history)
}

/// What stands above every page of a grouping.
#[derive(Clone, Debug)]
struct Head {
    id: GroupingId,
    title: String,
    archived: bool,
    state: &'static str,
    coordinator: String,
    regime: &'static str,
    members: usize,
    tab: &'static str,
    /// Whether the viewer changes it.
    runs: bool,
    /// Whether the viewer sees the coordinator's tabs.
    coordinates: bool,
    version: i32,
    /// A fresh key for the forms of the page.
    operation: String,
}

impl Head {
    fn new(app: &App, overview: &Overview, tab: &'static str) -> Self {
        let grouping = &overview.grouping;
        let present = overview.members.iter().filter(|(m, _)| m.takes_part());
        Self {
            id: grouping.id,
            title: grouping.title.clone(),
            archived: grouping.state == GroupingState::Archived,
            state: wording::grouping::state(grouping.state),
            coordinator: overview.coordinator.name.clone(),
            regime: regime_short(grouping.regime),
            members: present.count(),
            tab,
            runs: overview.may_run,
            coordinates: overview.coordinates,
            version: grouping.version,
            operation: operation(app),
        }
    }

    fn href(&self, under: &str) -> String {
        format!("/groupements/{}{under}", self.id)
    }

    /// The key of one form among several of the page.
    fn key(&self, form: &str) -> String {
        format!("{}-{form}", self.operation)
    }

    fn tone(&self) -> &'static str {
        if self.archived { "closed" } else { "open" }
    }
}

/// The regime in the few words that fit under a title.
fn regime_short(regime: Regime) -> &'static str {
    match regime {
        Regime::EachSigns => "Chaque membre signe et paie",
        Regime::CoordinatorSigns => "Le coordonnateur signe, chaque membre paie",
        Regime::CoordinatorPays => "Le coordonnateur paie et répartit",
        Regime::Intermediary => "Centrale d’achat intermédiaire",
    }
}

/// The frame of a page of a grouping.
fn shell(person: &Person, overview: &Overview, title: &str) -> Shell {
    let grouping = &overview.grouping;
    let shell = person.shell(title).crumb("Groupements", "/groupements");
    if title == grouping.title {
        shell
    } else {
        shell.crumb(&grouping.title, format!("/groupements/{}", grouping.id))
    }
}

/// A fresh key, so that a form sent twice acts once.
fn operation(app: &App) -> String {
    app.clock.new_id().to_string()
}

/// Reads an identifier of a path; one that is none names nothing.
fn parse<T: std::str::FromStr>(text: &str) -> Result<T, Error> {
    text.parse().ok().ok_or(Error::NotFound)
}

/// The version that the form was opened on.
fn version(fields: &Fields) -> Option<i32> {
    fields.typed("version").parse().ok()
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

/// A list to choose from, by code and words.
fn choices<T: Copy>(
    all: impl IntoIterator<Item = T>,
    code: fn(T) -> &'static str,
    words: fn(T) -> &'static str,
) -> Vec<Choice> {
    all.into_iter()
        .map(|one| Choice::new(code(one), words(one)))
        .collect()
}

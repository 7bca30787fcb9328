//! « Clôture de l’exercice »: income to come and charges to attach, to print or take away.
use askama::Template;
use axum::extract::{Path, Query, State};
use chrono::Datelike;
use domain::{identity::GroupingId, money::Cents, purchasing::year_end::YearEnd};
use serde::Deserialize;

use super::{
    components::Choice,
    format::filters,
    layout::Shell,
    page::{Answer, page},
    routes::Routes,
    session::Person,
};
use crate::{
    actions::{
        App, Error,
        purchasing::year_end::{self, Line, Side, Wanted},
    },
    exchange::{
        self,
        download::{self, Format},
    },
    wording::year_end::pending,
};

/// How many years before this one are offered: a public debt lapses after four.
const YEARS_BACK: i32 = 4;

/// The pages of a year's end.
#[must_use]
pub fn routes() -> Routes {
    Routes::default()
        .get("/cloture", show)
        .get("/cloture/{format}", export)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    exercice: String,
    groupement: String,
}

impl Asked {
    /// The year asked for among those offered; the one that is being closed otherwise.
    fn wanted(&self, app: &App, person: &Person) -> Wanted {
        let asked = years(app, person).find(|year| self.exercice == year.to_string());
        Wanted {
            year: asked.map_or_else(|| YearEnd::nearest(person.today(app)), YearEnd),
            organisation: None,
            grouping: self.groupement.parse().ok(),
        }
    }
}

fn years(app: &App, person: &Person) -> impl Iterator<Item = i32> + use<> {
    let this = person.today(app).year();
    (this - YEARS_BACK..=this).rev()
}

#[derive(Template)]
#[template(path = "year_end/show.html")]
struct Show {
    shell: Shell,
    exercice: String,
    exercices: Vec<Choice>,
    grouping: String,
    groupings: Vec<Choice>,
    /// Kept by the links to files.
    query: String,
    parts: Vec<Part>,
}

/// One list: « Produits à recevoir » of a coordinator, with its total.
struct Part {
    id: &'static str,
    title: &'static str,
    why: &'static str,
    party: &'static str,
    rows: Vec<Row>,
    total: Cents,
}

struct Row {
    party: String,
    pending: &'static str,
    grouping: String,
    invoice: String,
    invoice_href: Option<String>,
    title: String,
    statement: Option<(String, String)>,
    cents: Cents,
}

async fn show(State(app): State<App>, person: Person, Query(asked): Query<Asked>) -> Answer {
    let wanted = asked.wanted(&app, &person);
    let all = Wanted {
        grouping: None,
        ..wanted
    };
    let lines = year_end::list(&app, &person.actor, all).await?;
    let groupings = groupings(&lines, wanted.grouping);
    let is_wanted = |line: &Line| wanted.grouping.is_none_or(|id| id == line.grouping);
    let lines: Vec<Line> = lines.into_iter().filter(is_wanted).collect();
    let exercice = wanted.year.0.to_string();
    let grouping = wanted
        .grouping
        .map_or_else(String::new, |id| id.to_string());
    let pairs = [("exercice", &exercice), ("groupement", &grouping)];
    let shell = person.shell(format!("Clôture de l’exercice {exercice}"));
    page(&Show {
        shell: if person.coordinates() {
            shell.crumb("Factures et répartitions", "/factures")
        } else {
            shell.crumb("Ce que nous payons", "/decomptes")
        },
        query: serde_html_form::to_string(pairs).unwrap_or_default(),
        parts: parts(&lines)?,
        exercice,
        exercices: years(&app, &person)
            .map(|year| Choice::new(year.to_string(), year.to_string()))
            .collect(),
        grouping,
        groupings,
    })
}

/// The groupings of the list, and the one that narrows it.
fn groupings(lines: &[Line], wanted: Option<GroupingId>) -> Vec<Choice> {
    let mut known: Vec<(GroupingId, &str)> = lines
        .iter()
        .map(|line| (line.grouping, line.grouping_title.as_str()))
        .collect();
    known.sort_by_key(|(id, title)| (domain::text::sort_key(title), *id));
    known.dedup();
    let is_known = |id: &GroupingId| known.iter().any(|(known, _)| known == id);
    let other = wanted.filter(|id| !is_known(id));
    let other = other.map(|id| Choice::new(id.to_string(), "Groupement choisi"));
    let known = known
        .iter()
        .map(|(id, title)| Choice::new(id.to_string(), *title));
    known.chain(other).collect()
}

fn parts(lines: &[Line]) -> Result<Vec<Part>, Error> {
    let part = |side: Side, is_income: bool| -> Result<Part, Error> {
        let own = |line: &&Line| line.side == side && line.is_income == is_income;
        let own: Vec<&Line> = lines.iter().filter(own).collect();
        let (id, title, why, party) = heading(side, is_income);
        Ok(Part {
            id,
            title,
            why,
            party,
            total: Cents::checked_sum(own.iter().map(|line| line.cents))?,
            rows: own.into_iter().map(row).collect(),
        })
    };
    let all: Result<Vec<Part>, Error> = [
        part(Side::Coordinator, true),
        part(Side::Coordinator, false),
        part(Side::Member, false),
        part(Side::Member, true),
    ]
    .into_iter()
    .collect();
    Ok(all?
        .into_iter()
        .filter(|part| !part.rows.is_empty())
        .collect())
}

fn heading(
    side: Side,
    is_income: bool,
) -> (&'static str, &'static str, &'static str, &'static str) {
    match (side, is_income) {
        (Side::Coordinator, true) => (
            "produits",
            "Produits à recevoir",
            "Quotes-parts réparties, qu’aucun titre de l’exercice ne demande, seuil de 15\u{a0}€ \
             compris.",
            "Débiteur",
        ),
        (Side::Coordinator, false) => (
            "charges",
            "Charges à rattacher",
            "Factures reçues et non payées, avoirs déduits\u{202f}; sommes à rendre aux membres.",
            "Créancier",
        ),
        (Side::Member, false) => (
            "nos-charges",
            "Nos charges à rattacher",
            "Quotes-parts que nos coordonnateurs n’ont pas encore demandées par un titre de \
             l’exercice.",
            "Coordonnateur",
        ),
        (Side::Member, true) => (
            "nos-produits",
            "Nos produits à recevoir",
            "Sommes que nos coordonnateurs ont à nous rendre.",
            "Coordonnateur",
        ),
    }
}

fn row(line: &Line) -> Row {
    let of_coordinator = line.side == Side::Coordinator;
    let statement = line.statement.clone();
    Row {
        party: line.party.clone(),
        pending: pending(line.pending, line.side),
        grouping: line.grouping_title.clone(),
        invoice: line.invoice_number.clone(),
        invoice_href: of_coordinator.then(|| format!("/factures/{}", line.invoice)),
        title: line.invoice_title.clone(),
        statement: statement.map(|(id, number)| (format!("/decomptes/{id}"), number)),
        cents: line.cents,
    }
}

async fn export(
    State(app): State<App>,
    person: Person,
    Path(format): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let format = Format::of_address(&format)?;
    let wanted = asked.wanted(&app, &person);
    let table = exchange::year_end::export(&app, &person.actor, wanted).await?;
    Ok(download::table(
        &table,
        format,
        &exchange::year_end::file_name(&wanted),
    )?)
}

//! « Régularisations »: what goes back to members, by a titre reduced or a payment.
use askama::Template;
use axum::extract::{Path, Query, State};
use domain::{money::Cents, purchasing::correction::CorrectionState};
use serde::Deserialize;

use super::{
    components::{Choice, Pages, Turn},
    format::filters,
    layout::Shell,
    page::{Answer, page},
    routes::Routes,
    session::Person,
};
use crate::{
    actions::{
        App,
        purchasing::corrections::{self, Listed, Wanted},
    },
    exchange::{
        self,
        corrections::FILE_NAME,
        download::{self, Format},
    },
    wording::{
        self,
        correction::{kind_name, state_name},
    },
};

mod correction;

/// How many corrections a page shows.
const ROWS: u32 = 25;

/// The pages of corrections.
#[must_use]
pub fn routes() -> Routes {
    Routes::default()
        .get("/regularisations", list)
        .get("/regularisations/export/{format}", export)
        .get("/regularisations/{id}", correction::show)
        .post("/regularisations/{id}/enregistrement", correction::record)
        .post("/regularisations/{id}/reprise", correction::undo)
}

#[derive(Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    etat: String,
    page: Option<u32>,
}

impl Asked {
    fn wanted(&self) -> Wanted {
        Wanted {
            state: CorrectionState::from_code(&self.etat),
            ..Wanted::default()
        }
    }
}

#[derive(Template)]
#[template(path = "corrections/list.html")]
struct List {
    shell: Shell,
    states: Vec<Choice>,
    state: String,
    rows: Vec<Row>,
    pages: Pages,
}

struct Row {
    href: String,
    number: String,
    member: String,
    grouping: String,
    kind: &'static str,
    titre: String,
    invoices: String,
    tone: &'static str,
    state: &'static str,
    piece: String,
    cents: Cents,
}

async fn list(State(app): State<App>, person: Person, Query(asked): Query<Asked>) -> Answer {
    let turn = Turn::of(asked.page, ROWS);
    let (skip, rows) = (turn.skip(), turn.rows());
    let found = corrections::page(&app, &person.actor, asked.wanted(), skip, rows).await?;
    let query = serde_html_form::to_string([("etat", &asked.etat)]).unwrap_or_default();
    page(&List {
        shell: person
            .shell("Régularisations")
            .crumb("Factures et répartitions", "/factures")
            .crumb("Demandes de titre", "/titres"),
        states: CorrectionState::ALL
            .into_iter()
            .map(|state| Choice::new(state.code(), state_name(state)))
            .collect(),
        state: asked.etat,
        rows: found.0.into_iter().map(row).collect(),
        pages: turn.pages(found.1, &query),
    })
}

fn row(listed: Listed) -> Row {
    let one = listed.correction;
    let tone = match one.state {
        CorrectionState::Proposed => "warn",
        CorrectionState::Done => "ok",
        CorrectionState::Withdrawn => "closed",
    };
    Row {
        href: format!("/regularisations/{}", one.id),
        kind: kind_name(listed.kind),
        titre: wording::correction::cited(one.cited.as_ref()),
        tone,
        state: state_name(one.state),
        piece: one.voucher.as_ref().map_or_else(String::new, |piece| {
            format!("n°\u{a0}{}, exercice {}", piece.number, piece.exercice)
        }),
        cents: one.cents,
        number: one.number,
        member: listed.member,
        grouping: listed.grouping,
        invoices: listed.invoices.join(", "),
    }
}

async fn export(
    State(app): State<App>,
    person: Person,
    Path(format): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let format = Format::of_address(&format)?;
    let table = exchange::corrections::export(&app, &person.actor, asked.wanted()).await?;
    Ok(download::table(&table, format, FILE_NAME)?)
}

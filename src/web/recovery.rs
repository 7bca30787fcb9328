//! « Demandes de titre »: what the finance software turns into titres.
use askama::Template;
use axum::extract::{Path, Query, State};
use domain::{
    money::Cents,
    purchasing::recovery::{RecoveryState, Settlement},
};
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
        purchasing::recovery::{self, Kept, Listed, Wanted},
    },
    exchange::{
        self,
        download::{self, Format},
        recovery::FILE_NAME,
    },
    wording,
};

mod order;

/// How many orders a page shows.
const ROWS: u32 = 25;

/// The pages of recovery orders.
#[must_use]
pub fn routes() -> Routes {
    Routes::default()
        .get("/titres", list)
        .get("/titres/export/{format}", export)
        .get("/titres/{id}", order::show)
        .post("/titres/{id}/emission", order::issue)
        .post("/titres/{id}/reduction", order::reduce)
        .post("/titres/{id}/annulation", order::cancel)
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
            state: RecoveryState::from_code(&self.etat),
            ..Wanted::default()
        }
    }
}

#[derive(Template)]
#[template(path = "recovery/list.html")]
struct List {
    shell: Shell,
    states: Vec<Choice>,
    state: String,
    rows: Vec<Row>,
    kept: Vec<KeptRow>,
    pages: Pages,
}

struct Row {
    href: String,
    number: String,
    member: String,
    grouping: String,
    invoices: String,
    tone: &'static str,
    state: String,
    titre: String,
    left: Cents,
}

struct KeptRow {
    member: String,
    grouping: String,
    reason: &'static str,
    cents: Cents,
}

async fn list(State(app): State<App>, person: Person, Query(asked): Query<Asked>) -> Answer {
    let wanted = asked.wanted();
    let turn = Turn::of(asked.page, ROWS);
    let (found, total) =
        recovery::page(&app, &person.actor, wanted, turn.skip(), turn.rows()).await?;
    let kept = recovery::kept(&app, &person.actor).await?;
    let query = serde_html_form::to_string([("etat", &asked.etat)]).unwrap_or_default();
    page(&List {
        shell: person
            .shell("Demandes de titre")
            .crumb("Factures et répartitions", "/factures"),
        states: RecoveryState::ALL
            .into_iter()
            .map(|state| Choice::new(state.code(), wording::invoice::recovery_state(state)))
            .collect(),
        state: asked.etat,
        rows: found.into_iter().map(row).collect(),
        kept: kept.into_iter().filter_map(kept_row).collect(),
        pages: turn.pages(total, &query),
    })
}

/// The badge of a state: its tone, and « Titre à émettre ».
pub(super) fn badge(state: RecoveryState) -> (&'static str, String) {
    let tone = match state {
        RecoveryState::ToIssue => "warn",
        RecoveryState::Issued => "ok",
        RecoveryState::Reduced => "open",
        RecoveryState::Cancelled => "no",
    };
    (
        tone,
        format!("Titre {}", wording::invoice::recovery_state(state)),
    )
}

fn row(listed: Listed) -> Row {
    let order = listed.order;
    Row {
        href: format!("/titres/{}", order.id),
        tone: badge(order.state).0,
        state: badge(order.state).1,
        titre: order.titre.as_ref().map_or_else(String::new, |titre| {
            format!("{}, bordereau {}", titre.number, titre.bordereau)
        }),
        left: order.left(),
        number: order.number,
        member: listed.member,
        grouping: listed.grouping,
        invoices: listed.invoices.join(", "),
    }
}

fn kept_row(kept: Kept) -> Option<KeptRow> {
    let (reason, cents) = match kept.settlement {
        Settlement::CarryOver(cents) => ("Sous le seuil, reporté", cents),
        Settlement::GiveBack(cents) => ("Trop demandé, à réduire ou à rendre", cents),
        Settlement::Ask(cents) => ("À demander à la prochaine répartition", cents),
        Settlement::Settled => return None,
    };
    Some(KeptRow {
        member: kept.member,
        grouping: kept.grouping,
        reason,
        cents,
    })
}

async fn export(
    State(app): State<App>,
    person: Person,
    Path(format): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let format = Format::of_address(&format)?;
    let table = exchange::recovery::export(&app, &person.actor, asked.wanted()).await?;
    Ok(download::table(&table, format, FILE_NAME)?)
}

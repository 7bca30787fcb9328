//! The list of contracts.
use askama::Template;
use axum::extract::{Query, State};
use domain::{permission::Right, purchasing::contract::ContractState};
use serde::Deserialize;

use crate::{
    actions::{
        App,
        purchasing::contracts::{self, Listed},
    },
    web::{
        components::{Choice, Pages, Turn},
        format::filters,
        layout::Shell,
        page::{Answer, page},
        session::{Person, form_encode},
    },
    wording,
};

/// Lines of one page.
const ROWS: u32 = 25;

/// What the list is narrowed to.
#[derive(Debug, Deserialize)]
pub(super) struct Narrowed {
    #[serde(default)]
    q: String,
    #[serde(default)]
    etat: String,
    page: Option<u32>,
}

#[derive(Template)]
#[template(path = "contracts/list.html")]
struct List {
    shell: Shell,
    rows: Vec<Listed>,
    words: String,
    state: String,
    states: Vec<Choice>,
    pages: Pages,
    narrowed: bool,
    records: bool,
}

impl List {
    fn state_of(&self, row: &Listed) -> (&'static str, &'static str) {
        let state = row.contract.state;
        (tone(state), wording::contract::state(state))
    }
}

/// The page of all contracts.
pub(super) async fn show(
    State(app): State<App>,
    person: Person,
    Query(narrowed): Query<Narrowed>,
) -> Answer {
    let listing = contracts::Listing {
        words: narrowed.q.clone(),
        state: ContractState::from_code(&narrowed.etat),
        supplier: None,
    };
    let turn = Turn::of(narrowed.page, ROWS);
    let (found, total) =
        contracts::page(&app, &person.actor, &listing, turn.skip(), turn.rows()).await?;
    let kept = format!(
        "q={}&etat={}",
        form_encode(&narrowed.q),
        form_encode(&narrowed.etat)
    );
    let own = person.organisation();
    page(&List {
        shell: person.shell("Marchés"),
        rows: found,
        narrowed: !narrowed.q.trim().is_empty() || listing.state.is_some(),
        words: narrowed.q,
        state: narrowed.etat,
        states: ContractState::ALL
            .into_iter()
            .map(|state| Choice::new(state.code(), wording::contract::state(state)))
            .collect(),
        pages: turn.pages(total, &kept),
        records: own.is_ok_and(|id| person.actor.may(Right::RunProcedures, id)),
    })
}

/// The tone of the badge of a state.
pub(in crate::web) fn tone(state: ContractState) -> &'static str {
    match state {
        ContractState::Notified => "ok",
        ContractState::Running => "open",
        ContractState::Ended => "closed",
    }
}

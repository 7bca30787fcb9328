//! The list of procedures.
use askama::Template;
use axum::extract::{Query, State};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use domain::{
    identity::ProcedureId,
    money::Cents,
    permission::Right,
    purchasing::procedure::{Procedure, ProcedureState},
};
use serde::Deserialize;

use crate::{
    actions::{App, purchasing::procedures},
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

struct Row {
    id: ProcedureId,
    title: String,
    state: &'static str,
    tone: &'static str,
    form: &'static str,
    launched_on: Option<NaiveDate>,
    offers_due_at: Option<DateTime<Utc>>,
    estimate: Option<Cents>,
}

#[derive(Template)]
#[template(path = "procedures/list.html")]
struct List {
    shell: Shell,
    zone: Tz,
    rows: Vec<Row>,
    words: String,
    state: String,
    states: Vec<Choice>,
    pages: Pages,
    narrowed: bool,
    prepares: bool,
}

/// The page of all procedures.
pub(super) async fn show(
    State(app): State<App>,
    person: Person,
    Query(narrowed): Query<Narrowed>,
) -> Answer {
    let listing = procedures::Listing {
        words: narrowed.q.clone(),
        state: ProcedureState::from_code(&narrowed.etat),
    };
    let turn = Turn::of(narrowed.page, ROWS);
    let (found, total) =
        procedures::page(&app, &person.actor, &listing, turn.skip(), turn.rows()).await?;
    let kept = format!(
        "q={}&etat={}",
        form_encode(&narrowed.q),
        form_encode(&narrowed.etat)
    );
    page(&List {
        shell: person.shell("Consultations").crumb("Marchés", "/marches"),
        rows: found.into_iter().map(row).collect(),
        narrowed: !narrowed.q.trim().is_empty() || listing.state.is_some(),
        words: narrowed.q,
        state: narrowed.etat,
        states: ProcedureState::ALL
            .into_iter()
            .map(|state| Choice::new(state.code(), wording::procedure::state(state)))
            .collect(),
        zone: person.zone(),
        pages: turn.pages(total, &kept),
        prepares: person
            .organisation()
            .is_ok_and(|id| person.actor.may(Right::RunProcedures, id)),
    })
}

fn row(procedure: Procedure) -> Row {
    Row {
        id: procedure.id,
        state: wording::procedure::state(procedure.state),
        tone: tone(procedure.state),
        form: wording::procedure::form(procedure.plan.form),
        launched_on: procedure.launched_on,
        offers_due_at: procedure.plan.offers_due_at,
        estimate: procedure.launched_on.map(|_| procedure.estimate),
        title: procedure.plan.title,
    }
}

/// The tone of the badge of a state.
pub(super) fn tone(state: ProcedureState) -> &'static str {
    match state {
        ProcedureState::Preparing => "",
        ProcedureState::Published => "open",
        ProcedureState::Done => "closed",
    }
}

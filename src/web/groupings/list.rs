//! The list of the groupings that concern an organisation.
use askama::Template;
use axum::extract::{Query, State};
use domain::{permission::Right, purchasing::grouping::GroupingState};
use serde::Deserialize;

use super::regime_short;
use crate::{
    actions::{
        App,
        purchasing::groupings::{self, Listed, Listing, Start},
    },
    web::{
        components::{Choice, Pages, Turn},
        format::filters,
        layout::Shell,
        page::{Answer, page},
        session::Person,
    },
    wording,
};

/// Rows of a page of the list.
const ROWS: u32 = 25;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
    etat: String,
    page: Option<u32>,
}

#[derive(Template)]
#[template(path = "groupings/list.html")]
struct List {
    shell: Shell,
    may_create: bool,
    words: String,
    state: String,
    states: Vec<Choice>,
    rows: Vec<Row>,
    pages: Pages,
    /// Whether nothing was asked: an empty list then is a beginning.
    unfiltered: bool,
}

struct Row {
    href: String,
    title: String,
    family: String,
    coordinator: String,
    regime: &'static str,
    members: u64,
    tone: &'static str,
    state: &'static str,
}

pub(super) async fn show(
    State(app): State<App>,
    person: Person,
    Query(asked): Query<Asked>,
) -> Answer {
    let organisation = person.organisation()?;
    let listing = Listing {
        organisation: Some(organisation),
        state: GroupingState::from_code(&asked.etat),
        words: asked.q.clone(),
    };
    let turn = Turn::of(asked.page, ROWS);
    let start = Start::Skip(turn.skip());
    let (listed, total) =
        groupings::list(&app, &person.actor, &listing, start, turn.rows()).await?;
    let kept = serde_html_form::to_string([("q", &asked.q), ("etat", &asked.etat)]);
    let title = if person.coordinates() {
        "Groupements"
    } else {
        "Nos groupements"
    };
    page(&List {
        shell: person.shell(title),
        may_create: person.actor.may(Right::RunGroupings, organisation),
        unfiltered: asked.q.is_empty() && asked.etat.is_empty(),
        states: super::choices(
            GroupingState::ALL,
            GroupingState::code,
            wording::grouping::state,
        ),
        words: asked.q,
        state: asked.etat,
        rows: listed.into_iter().map(row).collect(),
        pages: turn.pages(total, &kept.unwrap_or_default()),
    })
}

fn row(listed: Listed) -> Row {
    let grouping = listed.grouping;
    Row {
        href: format!("/groupements/{}", grouping.id),
        title: grouping.title,
        family: grouping.family,
        coordinator: listed.coordinator,
        regime: regime_short(grouping.regime),
        members: listed.members,
        tone: match grouping.state {
            GroupingState::Active => "open",
            GroupingState::Archived => "closed",
        },
        state: wording::grouping::state(grouping.state),
    }
}

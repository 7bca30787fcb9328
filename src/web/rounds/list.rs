//! The list: a coordinator's rounds with their answers, a member's with its own.
use askama::Template;
use axum::extract::{Query, State};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::{
    permission::Right,
    purchasing::{declaration::DeclarationState, round::RoundState},
};
use serde::Deserialize;

use super::tone;
use crate::{
    actions::{
        App,
        purchasing::rounds::{self, Listed, Listing, Start},
    },
    web::{
        components::{Choice, Pages, Track, Turn},
        format,
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
#[template(path = "rounds/list.html")]
struct List {
    shell: Shell,
    coordinates: bool,
    prepares: bool,
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
    grouping: String,
    tone: &'static str,
    state: &'static str,
    /// « Rouverte pour vous jusqu’au », or nothing before the date.
    deadline_is: &'static str,
    deadline: String,
    figure: String,
    track: Track,
    own_tone: &'static str,
    own: &'static str,
}

pub(super) async fn show(
    State(app): State<App>,
    person: Person,
    Query(asked): Query<Asked>,
) -> Answer {
    let listing = Listing {
        organisation: Some(person.organisation()?),
        grouping: None,
        state: RoundState::from_code(&asked.etat),
        words: asked.q.clone(),
    };
    let turn = Turn::of(asked.page, ROWS);
    let start = Start::Offset(turn.skip());
    let (listed, total) = rounds::list(&app, &person.actor, &listing, start, turn.rows()).await?;
    let kept = serde_html_form::to_string([("q", &asked.q), ("etat", &asked.etat)]);
    let coordinates = person.coordinates();
    let own = person.organisation()?;
    let title = if coordinates {
        "Campagnes"
    } else {
        "Mes besoins"
    };
    page(&List {
        shell: person.shell(title),
        coordinates,
        prepares: person.actor.may(Right::RunRounds, own),
        unfiltered: asked.q.is_empty() && asked.etat.is_empty(),
        states: RoundState::ALL
            .into_iter()
            .filter(|state| coordinates || *state != RoundState::Draft)
            .map(|state| Choice::new(state.code(), wording::round::state(state)))
            .collect(),
        words: asked.q,
        state: asked.etat,
        rows: listed
            .into_iter()
            .map(|one| row(one, person.zone(), app.clock.now()))
            .collect(),
        pages: turn.pages(total, &kept.unwrap_or_default()),
    })
}

fn row(listed: Listed, zone: Tz, now: DateTime<Utc>) -> Row {
    let round = &listed.round;
    let reopened = reopened(&listed, now);
    let (own_tone, own) = own(&listed, reopened.is_some());
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    Row {
        href: if listed.coordinates {
            format!("/campagnes/{}", round.id)
        } else {
            format!("/campagnes/{}/besoins", round.id)
        },
        title: round.title.clone(),
        tone: tone(round.state),
        state: wording::round::state(round.state),
        deadline_is: if reopened.is_some() {
            "Rouverte pour vous jusqu’au "
        } else {
            ""
        },
        deadline: format::day_time_year(reopened.unwrap_or(round.deadline), zone),
        figure: format!("{} / {}", listed.answered, listed.members),
        track: Track::of(&[count(listed.answered)], count(listed.members)),
        own_tone,
        own,
        grouping: listed.grouping,
    }
}

/// Until when a closed round is open again for the member who looks.
fn reopened(listed: &Listed, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let closed = listed.round.state == RoundState::Closed;
    let until = listed.own.as_ref().and_then(|own| own.open_until);
    until.filter(|until| closed && *until > now)
}

/// The member's own answer, as a badge.
fn own(listed: &Listed, reopened: bool) -> (&'static str, &'static str) {
    let open = listed.round.state == RoundState::Open || reopened;
    let state = listed.own.as_ref().map(|own| own.state);
    match state.unwrap_or(DeclarationState::NotStarted) {
        _ if !listed.is_member => ("", ""),
        _ if listed.own.as_ref().is_some_and(|own| own.to_reconfirm) && open => {
            ("warn", "À confirmer")
        }
        DeclarationState::Submitted => ("ok", "Transmise"),
        DeclarationState::Nothing => ("ok", "Rien à déclarer"),
        DeclarationState::Started if open => ("warn", "Commencée"),
        DeclarationState::NotStarted if open => ("warn", "À faire"),
        DeclarationState::Started | DeclarationState::NotStarted => ("closed", "Sans réponse"),
    }
}

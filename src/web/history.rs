//! « Historique » : what was done, by whom, in everything that the viewer may read.
use askama::Template;
use axum::extract::{Query, State};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Deserialize;
use uuid::Uuid;

use super::{
    components::Choice,
    format,
    layout::Shell,
    page::{Answer, page},
    routes::Routes,
    session::Person,
};
use crate::{
    actions::{
        App, Error,
        journal::{self, Entry, Listing, Place},
    },
    wording,
};

/// Rows of a page of the history.
const ROWS: u64 = 50;

/// The history.
#[must_use]
pub fn routes() -> Routes {
    Routes::default().get("/historique", show)
}

/// A line of the history, ready to print.
#[derive(Clone, Debug)]
pub struct Told {
    pub at: String,
    pub who: String,
    pub what: String,
    /// The organisation or the grouping in which it happened; empty where the page says it.
    pub place: String,
}

/// A line in words.
#[must_use]
pub fn told(entry: Entry, zone: Tz) -> Told {
    let kind = wording::journal::actor(&entry.line.actor_kind);
    Told {
        at: format::day_time_year(entry.line.at, zone),
        who: entry.actor.unwrap_or_else(|| kind.to_owned()),
        what: wording::journal::sentence(&entry.line.action, &entry.line.detail),
        place: String::new(),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    ou: String,
    objet: String,
    /// The place of the last line seen.
    avant: String,
}

#[derive(Template)]
#[template(path = "history.html")]
struct History {
    shell: Shell,
    places: Vec<Choice>,
    place: String,
    subjects: Vec<Choice>,
    subject: String,
    rows: Vec<Told>,
    unfiltered: bool,
    /// Where the older lines are.
    older: Option<String>,
    first: String,
}

async fn show(State(app): State<App>, person: Person, Query(asked): Query<Asked>) -> Answer {
    let organisation = person.organisation()?;
    let scopes = journal::scopes(&app, &person.actor, Some(organisation)).await?;
    let scope = match asked.ou.as_str() {
        "" => None,
        text => Some(text.parse::<Uuid>().ok().ok_or(Error::NotFound)?),
    };
    let listing = Listing {
        organisation: Some(organisation),
        scope,
        subject_kind: Some(asked.objet.clone()).filter(|kind| !kind.is_empty()),
        subject_id: None,
    };
    let before = read_place(&asked.avant)?;
    let mut entries = journal::list(&app, &person.actor, &listing, before, ROWS + 1).await?;
    let shown = usize::try_from(ROWS).unwrap_or(usize::MAX);
    let more = entries.len() > shown;
    entries.truncate(shown);
    let kept = serde_html_form::to_string([("ou", &asked.ou), ("objet", &asked.objet)]);
    let kept = kept.unwrap_or_default();
    let older = entries.last().filter(|_| more).map(|last| {
        let place = write_place((last.line.at, last.line.scope_id, last.line.seq));
        format!("?{kept}&avant={place}")
    });
    let rows = entries.into_iter().map(|entry| {
        let scope = scopes.iter().find(|s| s.id == entry.line.scope_id);
        Told {
            place: scope.map_or_else(String::new, |s| s.name.clone()),
            ..told(entry, person.zone())
        }
    });
    page(&History {
        shell: person.shell("Historique"),
        unfiltered: asked.ou.is_empty() && asked.objet.is_empty() && before.is_none(),
        rows: rows.collect(),
        places: scopes
            .iter()
            .map(|s| Choice::new(s.id.to_string(), &s.name))
            .collect(),
        place: asked.ou,
        subjects: wording::journal::SUBJECTS
            .iter()
            .map(|(code, words)| Choice::new(*code, *words))
            .collect(),
        subject: asked.objet,
        older,
        first: format!("?{kept}"),
    })
}

/// `microseconds.scope.number`, which needs no encoding in an address.
fn write_place((at, scope, seq): Place) -> String {
    format!("{}.{scope}.{seq}", at.timestamp_micros())
}

fn read_place(text: &str) -> Result<Option<Place>, Error> {
    if text.is_empty() {
        return Ok(None);
    }
    let mut parts = text.split('.');
    let place = (|| {
        let at = DateTime::<Utc>::from_timestamp_micros(parts.next()?.parse().ok()?)?;
        Some((at, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    })();
    place.map(Some).ok_or(Error::NotFound)
}

//! « Rechercher » : one field for everything; each noun adds its hits here.
use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::{
    layout::Shell,
    page::{Answer, page},
    routes::Routes,
    session::Person,
};
use crate::actions::{App, organisations};

/// The search page.
#[must_use]
pub fn routes() -> Routes {
    Routes::default().get("/recherche", show)
}

#[derive(Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
}

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    shell: Shell,
    words: String,
    groups: Vec<Group>,
}

/// The hits of one noun.
struct Group {
    id: &'static str,
    title: &'static str,
    hits: Vec<Hit>,
    /// The whole list, when there are more.
    more: Option<String>,
}

struct Hit {
    href: String,
    name: String,
    hint: String,
}

/// Hits shown of each noun.
const HITS: u64 = 10;

async fn show(State(app): State<App>, person: Person, Query(asked): Query<Asked>) -> Answer {
    let words = asked.q.trim().to_owned();
    let groups = if words.is_empty() {
        Vec::new()
    } else {
        let groups = vec![organisations(&app, &person, &words).await?];
        groups.into_iter().filter(|g| !g.hits.is_empty()).collect()
    };
    page(&SearchPage {
        shell: person.shell("Recherche"),
        words,
        groups,
    })
}

async fn organisations(
    app: &App,
    person: &Person,
    words: &str,
) -> Result<Group, crate::actions::Error> {
    let (found, total) = organisations::list_numbered(app, &person.actor, words, 0, HITS).await?;
    let more = format!("/collectivites?q={}", super::session::form_encode(words));
    let hits = found.into_iter().map(|o| Hit {
        href: format!("/collectivites/{}", o.id),
        hint: super::people::place(&o),
        name: o.name,
    });
    Ok(Group {
        id: "collectivites",
        title: "Collectivités",
        hits: hits.collect(),
        more: (total > HITS).then_some(more),
    })
}

//! « Rechercher » : one field for everything; each noun adds its hits here.
use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::{
    layout::Shell,
    page::{Answer, page},
    routes::Routes,
    session::{Person, form_encode},
};
use crate::{
    actions::{
        App, Error, organisations,
        purchasing::{
            contracts,
            groupings::{self, Start},
            invoices, rounds, suppliers,
        },
    },
    wording,
};

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
        let groups = vec![
            groupings(&app, &person, &words).await?,
            rounds(&app, &person, &words).await?,
            contracts(&app, &person, &words).await?,
            invoices(&app, &person, &words).await?,
            suppliers(&app, &person, &words).await?,
            organisations(&app, &person, &words).await?,
        ];
        groups.into_iter().filter(|g| !g.hits.is_empty()).collect()
    };
    page(&SearchPage {
        shell: person.shell("Recherche"),
        words,
        groups,
    })
}

impl Group {
    /// The first hits, and the way to the others under `list`.
    fn new(
        (id, title): (&'static str, &'static str),
        hits: impl Iterator<Item = Hit>,
        total: u64,
        list: &str,
        words: &str,
    ) -> Self {
        let more = format!("{list}?q={}", form_encode(words));
        Self {
            id,
            title,
            hits: hits.collect(),
            more: (total > HITS).then_some(more),
        }
    }
}

async fn groupings(app: &App, person: &Person, words: &str) -> Result<Group, Error> {
    let listing = groupings::Listing {
        words: words.to_owned(),
        ..groupings::Listing::default()
    };
    let start = Start::Skip(0);
    let (found, total) = groupings::list(app, &person.actor, &listing, start, HITS).await?;
    let hits = found.into_iter().map(|listed| Hit {
        href: format!("/groupements/{}", listed.grouping.id),
        hint: format!("coordonné par {}", listed.coordinator),
        name: listed.grouping.title,
    });
    let title = ("groupements", "Groupements");
    Ok(Group::new(title, hits, total, "/groupements", words))
}

async fn rounds(app: &App, person: &Person, words: &str) -> Result<Group, Error> {
    let listing = rounds::Listing {
        organisation: None,
        grouping: None,
        state: None,
        words: words.to_owned(),
    };
    let start = rounds::Start::Offset(0);
    let (found, total) = rounds::list(app, &person.actor, &listing, start, HITS).await?;
    let hits = found.into_iter().map(|listed| Hit {
        href: format!("/campagnes/{}", listed.round.id),
        hint: format!(
            "{}, {}",
            wording::round::state(listed.round.state),
            listed.grouping
        ),
        name: listed.round.title,
    });
    let title = ("campagnes", "Campagnes");
    Ok(Group::new(title, hits, total, "/campagnes", words))
}

async fn contracts(app: &App, person: &Person, words: &str) -> Result<Group, Error> {
    let listing = contracts::Listing {
        words: words.to_owned(),
        ..contracts::Listing::default()
    };
    let (found, total) = contracts::page(app, &person.actor, &listing, 0, HITS).await?;
    let hits = found.into_iter().map(|listed| Hit {
        href: format!("/marches/{}", listed.contract.id),
        name: format!(
            "{} · {}",
            listed.contract.terms.number, listed.contract.terms.title
        ),
        hint: listed.supplier.name,
    });
    Ok(Group::new(
        ("marches", "Marchés"),
        hits,
        total,
        "/marches",
        words,
    ))
}

async fn invoices(app: &App, person: &Person, words: &str) -> Result<Group, Error> {
    let wanted = invoices::Wanted {
        words: words.to_owned(),
        ..invoices::Wanted::default()
    };
    let (found, total) = invoices::page(app, &person.actor, &wanted, 0, HITS).await?;
    let hits = found.into_iter().map(|listed| Hit {
        href: format!("/factures/{}", listed.invoice.id),
        name: format!("{} · {}", listed.invoice.number, listed.invoice.title),
        hint: listed.supplier,
    });
    Ok(Group::new(
        ("factures", "Factures"),
        hits,
        total,
        "/factures",
        words,
    ))
}

async fn suppliers(app: &App, person: &Person, words: &str) -> Result<Group, Error> {
    let (found, total) = suppliers::page(app, &person.actor, words, 0, HITS).await?;
    let hits = found.into_iter().map(|supplier| Hit {
        href: format!("/fournisseurs/{}", supplier.id),
        hint: format!("SIREN {}", supplier.siren.grouped()),
        name: supplier.name,
    });
    let title = ("fournisseurs", "Fournisseurs");
    Ok(Group::new(title, hits, total, "/fournisseurs", words))
}

async fn organisations(app: &App, person: &Person, words: &str) -> Result<Group, Error> {
    let (found, total) = organisations::list_numbered(app, &person.actor, words, 0, HITS).await?;
    let hits = found.into_iter().map(|o| Hit {
        href: format!("/collectivites/{}", o.id),
        hint: super::people::place(&o),
        name: o.name,
    });
    let title = ("collectivites", "Collectivités");
    Ok(Group::new(title, hits, total, "/collectivites", words))
}

//! « Pourquoi ce centime ? » from a statement: for its member and for who made it.
use askama::Template;
use axum::extract::{Path, Query, State};
use domain::identity::StatementId;
use serde::Deserialize;

use super::super::{
    components::Explanation,
    format::filters,
    invoices::panel,
    layout::Shell,
    page::{Answer, page},
    session::Person,
};
use crate::{
    actions::{App, Error, purchasing::statements},
    exchange::statements::{PartText, parts_of},
};

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    /// One amount alone, by its place on the invoice.
    montant: Option<usize>,
}

#[derive(Template)]
#[template(path = "statements/why.html")]
struct Why {
    shell: Shell,
    href: String,
    explanation: Explanation,
    parts: Vec<PartText>,
    /// The amount that is explained; none for all of them.
    place: Option<usize>,
    gross: domain::money::Cents,
}

impl Why {
    fn is_current(&self, part: &PartText) -> bool {
        self.place == Some(part.place)
    }
}

pub(super) async fn show(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let id: StatementId = id.parse().ok().ok_or(Error::NotFound)?;
    let s = statements::find(&app, &person.actor, id).await?;
    let number = format!("Décompte n°\u{a0}{}", s.statement.number);
    let explanation = panel(&s.run, s.statement.payer(), asked.montant, String::new())?;
    page(&Why {
        shell: super::crumbs(&person, &s, "Pourquoi ce centime\u{202f}?")
            .crumb(number, format!("/decomptes/{id}")),
        href: format!("/decomptes/{id}"),
        explanation,
        parts: parts_of(&s.parts),
        place: asked.montant,
        gross: s.statement.total.gross,
    })
}

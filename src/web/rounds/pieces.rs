//! The attachments of a round: conditions, annexes, mails that asked for figures.
use askama::Template;
use axum::extract::{Path, State};
use domain::{
    attachment::{Subject, SubjectKind},
    identity::RoundId,
};

use super::{Head, parse, shell};
use crate::{
    actions::{App, purchasing::rounds},
    web::{
        attachments::Panel,
        layout::Shell,
        page::{Answer, page},
        session::Person,
    },
};

#[derive(Template)]
#[template(path = "rounds/pieces.html")]
struct PiecesPage {
    shell: Shell,
    head: Head,
    refusal: String,
    pieces: Panel,
}

pub(super) async fn show(State(app): State<App>, person: Person, Path(id): Path<String>) -> Answer {
    let id: RoundId = parse(&id)?;
    let (round, _) = rounds::find(&app, &person.actor, id).await?;
    let subject = Subject {
        kind: SubjectKind::Round,
        id: id.0,
    };
    let here = format!("/campagnes/{id}/pieces");
    page(&PiecesPage {
        shell: shell(&person, &round, "Pièces"),
        head: Head::new(&app, &person, &round, "pieces"),
        refusal: String::new(),
        pieces: Panel::of(&app, &person, subject, here).await?,
    })
}

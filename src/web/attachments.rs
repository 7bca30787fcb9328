//! « Pièces » : the files of any object, uploaded, downloaded, removed and brought back.
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    Refusal,
    attachment::{AttachmentError, Subject, SubjectKind},
    field::Field,
    identity::AttachmentId,
};
use serde::Deserialize;
use tower_sessions::Session;

use super::{
    components::Typed,
    form::Fields,
    layout::{FlashKind, Shell},
    page::{Answer, WebError, local, page, page_with},
    routes::Routes,
    session::{self, Person},
};
use crate::{
    actions::{App, Error, attachments},
    exchange, wording,
};

mod panel;
mod sent;

use panel::Upload;
pub use panel::{Panel, add_href};
use sent::Sent;

/// The addresses of attachments.
#[must_use]
pub fn routes() -> Routes {
    Routes::default()
        .get("/pieces/nouvelle", show_new)
        .post("/pieces", add)
        .get("/pieces/{id}", download)
        .post("/pieces/{id}/retrait", remove)
        .post("/pieces/{id}/retablissement", restore)
}

#[derive(Template)]
#[template(path = "attachments/new.html")]
struct NewPage {
    shell: Shell,
    upload: Upload,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    sur: String,
    objet: String,
    retour: String,
}

async fn show_new(State(app): State<App>, person: Person, Query(asked): Query<Asked>) -> Answer {
    let subject = subject(&asked.sur, &asked.objet)?;
    attachments::require_writer(&app, &person.actor, subject).await?;
    let back = local(&asked.retour).to_owned();
    page(&NewPage {
        shell: person.shell("Ajouter une pièce"),
        upload: Upload::of(&app, subject, back, Typed::default()),
    })
}

fn subject(kind: &str, id: &str) -> Result<Subject, Error> {
    Ok(Subject {
        kind: SubjectKind::from_code(kind).ok_or(Error::NotFound)?,
        id: id.parse().ok().ok_or(Error::NotFound)?,
    })
}

async fn add(State(app): State<App>, person: Person, session: Session, sent: Sent) -> Answer {
    if let Some(size_bytes) = sent.too_large {
        let size_bytes_max = app.settings.limits.upload_bytes_max;
        let error = AttachmentError::TooLarge {
            size_bytes,
            size_bytes_max,
        };
        return Ok(too_large(error));
    }
    let subject = subject(sent.typed("sur"), sent.typed("objet"))?;
    attachments::require_writer(&app, &person.actor, subject).await?;
    let back = local(sent.typed("retour")).to_owned();
    let actor = person.actor.clone().with_operation(sent.operation());
    let done = match sent.parse(subject) {
        Ok(new) => attachments::add(&app, &actor, new).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(attached) => {
            let said = format!(
                "«\u{a0}{}\u{a0}» est ajoutée aux pièces.",
                attached.attachment.label
            );
            session::tell(&session, FlashKind::Done, said).await?;
            Ok(Redirect::to(&back).into_response())
        }
        Err(error @ (Error::Invalid(_) | Error::Refused(_))) => {
            let page = NewPage {
                shell: person.shell("Ajouter une pièce"),
                upload: Upload::of(&app, subject, back, refill(&sent, &error)),
            };
            page_with(status(&error), &page)
        }
        Err(error) => Err(error.into()),
    }
}

/// Nothing of the form could be read, so nothing of it can be shown again.
fn too_large(refused: AttachmentError) -> Response {
    let mut response = WebError(Error::Refused(refused.into())).into_response();
    *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
    response
}

/// A file over the limit is 413 wherever it is met; other refusals are those of the field.
fn status(error: &Error) -> StatusCode {
    if let Error::Refused(Refusal::Attachment(AttachmentError::TooLarge { .. })) = error {
        return StatusCode::PAYLOAD_TOO_LARGE;
    }
    exchange::status(error)
}

fn refill(sent: &Sent, error: &Error) -> Typed {
    let mut typed = Typed::of(sent.fields.iter().map(|(n, v)| (n.as_str(), v.as_str())));
    if let Error::Invalid(problems) = error {
        for Field { name, problem, .. } in problems {
            let label = if name == "nature" {
                "Nature"
            } else {
                "Libellé"
            };
            let sentence = wording::field::problem(problem);
            typed.refuse(name, format!("{label}\u{a0}: {sentence}"));
        }
    } else {
        typed.refuse("fichier", wording::error(error).1);
    }
    typed
}

async fn download(State(app): State<App>, person: Person, Path(id): Path<String>) -> Answer {
    let (file, bytes) = attachments::read(&app, &person.actor, parse(&id)?).await?;
    Ok(exchange::download::stored(&file, bytes))
}

async fn remove(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    let id = parse(&id)?;
    let back = local(fields.typed("retour")).to_owned();
    let actor = person.actor.clone().with_operation(fields.operation());
    let removed = attachments::remove(&app, &actor, id).await?;
    let said = format!("«\u{a0}{}\u{a0}» est retirée.", removed.label);
    let undo = format!("/pieces/{id}/retablissement");
    let fields = vec![("retour".to_owned(), back.clone())];
    session::tell_undo(&session, said, undo, fields).await?;
    Ok(Redirect::to(&back).into_response())
}

async fn restore(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    let back = local(fields.typed("retour")).to_owned();
    let actor = person.actor.clone().with_operation(fields.operation());
    let restored = attachments::restore(&app, &actor, parse(&id)?).await?;
    let said = format!("«\u{a0}{}\u{a0}» est rétablie.", restored.label);
    session::tell(&session, FlashKind::Done, said).await?;
    Ok(Redirect::to(&back).into_response())
}

fn parse(id: &str) -> Result<AttachmentId, Error> {
    id.parse().ok().ok_or(Error::NotFound)
}

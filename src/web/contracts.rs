//! « Marchés » : made of an award or recorded directly, started and ended.
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect},
};
use domain::{identity::ContractId, purchasing::contract::ContractEvent};
use tower_sessions::Session;
use uuid::Uuid;

use super::{
    form::Fields,
    layout::FlashKind,
    page::Answer,
    refused::Refused,
    routes::Routes,
    session::{self, Person},
};
use crate::actions::{App, purchasing::contracts};

mod list;
mod terms;
mod view;

pub(super) use list::tone;

/// Contracts.
#[must_use]
pub fn routes() -> Routes {
    Routes::default()
        .get("/marches", list::show)
        .get("/marches/nouveau", terms::show_new)
        .post("/marches/nouveau", terms::create)
        .get("/marches/{id}", show)
        .get("/marches/{id}/modifier", terms::show_edit)
        .post("/marches/{id}/modifier", terms::edit)
        .post("/marches/{id}/debut", start)
        .post("/marches/{id}/fin", end)
}

async fn show(State(app): State<App>, person: Person, Path(id): Path<Uuid>) -> Answer {
    view::answer(&app, &person, ContractId(id), Refused::default()).await
}

async fn start(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Answer {
    let text = "Exécution du marché commencée.";
    advance(
        &app,
        &person,
        &session,
        ContractId(id),
        &fields,
        (ContractEvent::Start, text),
    )
    .await
}

async fn end(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Answer {
    let text = "Marché clos.";
    advance(
        &app,
        &person,
        &session,
        ContractId(id),
        &fields,
        (ContractEvent::End, text),
    )
    .await
}

async fn advance(
    app: &App,
    person: &Person,
    session: &Session,
    id: ContractId,
    fields: &Fields,
    (event, text): (ContractEvent, &'static str),
) -> Answer {
    let actor = person.actor.clone().with_operation(fields.operation());
    match contracts::advance(app, &actor, id, event).await {
        Ok(_) => {
            session::tell(session, FlashKind::Done, text).await?;
            Ok(to(id).into_response())
        }
        Err(error) => {
            let refused = Refused::of(fields, error)?;
            view::answer(app, person, id, refused).await
        }
    }
}

/// The page of a contract.
fn to(id: ContractId) -> Redirect {
    Redirect::to(&format!("/marches/{id}"))
}

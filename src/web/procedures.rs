//! « Consultations » : prepared from closed rounds, launched, decided lot by lot.
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect},
};
use domain::{
    french,
    identity::{OrganisationId, ProcedureId},
    purchasing::procedure::REASON_CHARS_MAX,
};
use tower_sessions::Session;
use uuid::Uuid;

use super::{
    form::Fields,
    layout::FlashKind,
    page::{Answer, WebError},
    refused::Refused,
    routes::Routes,
    session::{self, Person},
};
use crate::actions::{App, Error, purchasing::procedures};

mod list;
mod lot;
mod plan;
mod view;

/// Procedures and their lots.
#[must_use]
pub fn routes() -> Routes {
    Routes::default()
        .get("/consultations", list::show)
        .get("/consultations/nouvelle", plan::show_new)
        .post("/consultations/nouvelle", plan::create)
        .get("/consultations/{id}", show)
        .get("/consultations/{id}/modifier", plan::show_edit)
        .post("/consultations/{id}/modifier", plan::edit)
        .post("/consultations/{id}/mise-de-cote", set_aside)
        .post("/consultations/{id}/reprise", take_back)
        .post("/consultations/{id}/lancement", launch)
        .post("/consultations/{id}/quantites", refresh_demand)
        .get("/consultations/{id}/lots/{lot}", lot::show)
        .post("/consultations/{id}/lots/{lot}", lot::decide)
}

async fn show(State(app): State<App>, person: Person, Path(id): Path<Uuid>) -> Answer {
    view::answer(&app, &person, ProcedureId(id), Refused::default()).await
}

async fn set_aside(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<Uuid>,
    mut fields: Fields,
) -> Answer {
    let id = plan::run(&app, &person, ProcedureId(id)).await?.id;
    let ticked: Vec<Uuid> = fields
        .all("membre")
        .filter_map(|typed| Uuid::parse_str(typed).ok())
        .collect();
    let members = ticked.into_iter().map(OrganisationId).collect();
    let reason = fields.text("raison", REASON_CHARS_MAX);
    let Some(reason) = reason else {
        return again(&app, &person, id, &fields, fields.invalid()).await;
    };
    let actor = person.actor.clone().with_operation(fields.operation());
    match procedures::set_aside(&app, &actor, id, &members, &reason).await {
        Ok(procedure) => {
            let count = i64::try_from(procedure.aside.len()).unwrap_or(i64::MAX);
            let aside = super::format::count(count, "membre mis de côté", "membres mis de côté");
            let text = format!("{aside}. Leurs besoins ne sont plus dans les totaux.");
            session::tell(&session, FlashKind::Done, text).await?;
            Ok(to(id).into_response())
        }
        Err(error) => again(&app, &person, id, &fields, error).await,
    }
}

async fn take_back(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Answer {
    let id = ProcedureId(id);
    let Ok(member) = Uuid::parse_str(fields.typed("membre")) else {
        return Err(WebError(Error::NotFound));
    };
    let actor = person.actor.clone().with_operation(fields.operation());
    match procedures::take_back(&app, &actor, id, OrganisationId(member)).await {
        Ok(_) => {
            let text = "Membre repris. Ses besoins sont de nouveau dans les totaux.";
            session::tell(&session, FlashKind::Done, text).await?;
            Ok(to(id).into_response())
        }
        Err(error) => again(&app, &person, id, &fields, error).await,
    }
}

async fn launch(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<Uuid>,
    mut fields: Fields,
) -> Answer {
    let id = plan::run(&app, &person, ProcedureId(id)).await?.id;
    let version = fields.typed("version").parse().ok();
    let Some(on) = fields.date("lancee_le") else {
        return again(&app, &person, id, &fields, fields.invalid()).await;
    };
    let actor = person.actor.clone().with_operation(fields.operation());
    match procedures::launch(&app, &actor, id, version, on).await {
        Ok(_) => {
            let text = format!("Consultation lancée le {}.", french::day_month(on));
            session::tell(&session, FlashKind::Done, text).await?;
            Ok(to(id).into_response())
        }
        Err(error) => again(&app, &person, id, &fields, error).await,
    }
}

async fn refresh_demand(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Answer {
    let id = plan::run(&app, &person, ProcedureId(id)).await?.id;
    let version = fields.typed("version").parse().ok();
    let actor = person.actor.clone().with_operation(fields.operation());
    match procedures::refresh_demand(&app, &actor, id, version).await {
        Ok(_) => {
            let text = "Quantités reprises des campagnes. L’estimation est recalculée.";
            session::tell(&session, FlashKind::Done, text).await?;
            Ok(to(id).into_response())
        }
        Err(error) => again(&app, &person, id, &fields, error).await,
    }
}

async fn again(
    app: &App,
    person: &Person,
    id: ProcedureId,
    fields: &Fields,
    error: Error,
) -> Answer {
    let refused = Refused::of(fields, error)?;
    view::answer(app, person, id, refused).await
}

/// The page of a procedure.
fn to(id: ProcedureId) -> Redirect {
    Redirect::to(&format!("/consultations/{id}"))
}

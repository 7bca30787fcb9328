//! One « demande de titre »: shown, its numbers recorded, reduced, cancelled.
use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect},
};
use chrono::Datelike;
use domain::{
    attachment::{Subject, SubjectKind},
    french,
    identity::RecoveryOrderId,
    money::Cents,
    permission::Right,
    purchasing::recovery::{RecoveryState, Titre},
};
use tower_sessions::Session;

use super::{Row, row};
use crate::{
    actions::{App, Error, purchasing::recovery},
    exchange,
    web::{
        attachments::Panel,
        components::Typed,
        form::Fields,
        format::filters,
        layout::{FlashKind, Shell},
        page::{Answer, page, page_with},
        session::{self, Person},
    },
    wording,
};

#[derive(Template)]
#[template(path = "recovery/show.html")]
struct Show {
    shell: Shell,
    href: String,
    row: Row,
    cents: Cents,
    reduced: Cents,
    may_issue: bool,
    may_reduce: bool,
    may_cancel: bool,
    typed: Typed,
    refusal: String,
    operation: String,
    version: i32,
    pieces: Panel,
}

pub(super) async fn show(State(app): State<App>, person: Person, Path(id): Path<String>) -> Answer {
    let id = parse(&id)?;
    let today = person.today(&app);
    let typed = Typed::default()
        .with("emis_le", french::date(today))
        .with("exercice", today.year().to_string());
    page(&complete(&app, &person, id, typed, String::new()).await?)
}

async fn complete(
    app: &App,
    person: &Person,
    id: RecoveryOrderId,
    typed: Typed,
    refusal: String,
) -> Result<Show, Error> {
    let listed = recovery::show(app, &person.actor, id).await?;
    let order = listed.order.clone();
    let runs = person.actor.may(Right::RunAllocations, order.owner);
    let subject = Subject {
        kind: SubjectKind::RecoveryOrder,
        id: id.0,
    };
    let issued = matches!(order.state, RecoveryState::Issued | RecoveryState::Reduced);
    Ok(Show {
        shell: person
            .shell(format!("Demande {}", order.number))
            .crumb("Factures et répartitions", "/factures")
            .crumb("Demandes de titre", "/titres"),
        pieces: Panel::of(app, person, subject, format!("/titres/{id}")).await?,
        href: format!("/titres/{id}"),
        row: row(listed),
        cents: order.cents,
        reduced: order.reduced,
        may_issue: runs && order.state == RecoveryState::ToIssue,
        may_reduce: runs && issued,
        may_cancel: runs && order.state != RecoveryState::Cancelled,
        typed,
        refusal,
        operation: app.clock.new_id().to_string(),
        version: order.version,
    })
}

pub(super) async fn issue(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<String>,
    mut fields: Fields,
) -> Answer {
    let id = run(&app, &person, parse(&id)?).await?;
    let number = fields.text("titre", 40);
    let bordereau = fields.text("bordereau", 40);
    let issued_on = fields.date("emis_le");
    let exercice = fields.choice("exercice", |typed| {
        let year: i32 = typed.trim().parse().ok()?;
        (2000..=2100).contains(&year).then_some(year)
    });
    let titre = match (number, bordereau, issued_on, exercice) {
        (Some(number), Some(bordereau), Some(issued_on), Some(exercice)) => Ok(Titre {
            number,
            bordereau,
            issued_on,
            exercice,
        }),
        _ => Err(fields.invalid()),
    };
    let actor = person.actor.clone().with_operation(fields.operation());
    let version = fields.typed("version").parse().ok();
    let done = match titre {
        Ok(titre) => recovery::issue(&app, &actor, id, version, titre).await,
        Err(error) => Err(error),
    };
    let text = "Numéro de titre enregistré.";
    answer(&app, &person, &session, id, &fields, done.map(|_| text)).await
}

pub(super) async fn reduce(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<String>,
    mut fields: Fields,
) -> Answer {
    let id = run(&app, &person, parse(&id)?).await?;
    let actor = person.actor.clone().with_operation(fields.operation());
    let version = fields.typed("version").parse().ok();
    let done = match fields.amount("reduction") {
        Some(by) => recovery::reduce(&app, &actor, id, version, by).await,
        None => Err(fields.invalid()),
    };
    let text = "Réduction enregistrée.";
    answer(&app, &person, &session, id, &fields, done.map(|_| text)).await
}

pub(super) async fn cancel(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    let id = parse(&id)?;
    let actor = person.actor.clone().with_operation(fields.operation());
    let version = fields.typed("version").parse().ok();
    let done = recovery::cancel(&app, &actor, id, version).await;
    let text = "Demande de titre annulée.";
    answer(&app, &person, &session, id, &fields, done.map(|_| text)).await
}

/// Back to the order with what was done, or with what is wrong.
async fn answer(
    app: &App,
    person: &Person,
    session: &Session,
    id: RecoveryOrderId,
    fields: &Fields,
    done: Result<&'static str, Error>,
) -> Answer {
    match done {
        Ok(text) => {
            session::tell(session, FlashKind::Done, text).await?;
            Ok(Redirect::to(&format!("/titres/{id}")).into_response())
        }
        Err(error @ (Error::Invalid(_) | Error::Refused(_) | Error::Stale)) => {
            let mut typed = Typed::of(fields.iter());
            let mut refusal = String::new();
            if let Error::Invalid(problems) = &error {
                for field in problems {
                    let sentence = wording::field::problem(&field.problem);
                    typed.refuse(
                        &field.name,
                        format!("{}\u{a0}: {sentence}", label(&field.name)),
                    );
                }
            } else {
                refusal = wording::error(&error).1;
            }
            let shown = complete(app, person, id, typed, refusal).await?;
            page_with(exchange::status(&error), &shown)
        }
        Err(other) => Err(other.into()),
    }
}

fn label(name: &str) -> &'static str {
    match name {
        "titre" => "Numéro du titre",
        "bordereau" => "Numéro du bordereau",
        "emis_le" => "Émis le",
        "exercice" => "Exercice",
        "reduction" => "Réduction",
        _ => "Champ",
    }
}

/// An order that the viewer runs; its readers may not change it.
async fn run(app: &App, person: &Person, id: RecoveryOrderId) -> Result<RecoveryOrderId, Error> {
    let order = recovery::find(app, &person.actor, id).await?;
    person
        .actor
        .require_of_seen(Right::RunAllocations, order.owner)?;
    Ok(id)
}

fn parse(text: &str) -> Result<RecoveryOrderId, Error> {
    text.parse().ok().ok_or(Error::NotFound)
}

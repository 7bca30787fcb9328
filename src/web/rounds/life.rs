//! The gestures on a round: open, close, extend, open again, give up.
use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use domain::{
    french,
    identity::{OrganisationId, RoundId},
    purchasing::round::Round,
};
use tower_sessions::Session;

use super::{
    answers,
    forms::{deadline, label},
    operation, overview, parse, refill, run, shell,
};
use crate::{
    actions::{
        App, Error, organisations,
        purchasing::{
            overviews::{self, Consequences},
            rounds::{self, NOTE_CHARS_MAX},
        },
    },
    exchange,
    web::{
        components::Typed,
        form::Fields,
        format,
        layout::{FlashKind, Shell},
        page::{Answer, page_with},
        session::{self, Person},
    },
};

pub(super) async fn open(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    session: Session,
    fields: Fields,
) -> Answer {
    let id: RoundId = parse(&id)?;
    let actor = person.actor.clone().with_operation(fields.operation());
    let opened = rounds::open(&app, &actor, id, None).await;
    let said = "Campagne ouverte. Les membres peuvent déclarer leurs besoins.";
    done(&app, &person, &session, id, opened, said).await
}

pub(super) async fn close(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    session: Session,
    fields: Fields,
) -> Answer {
    let id: RoundId = parse(&id)?;
    let actor = person.actor.clone().with_operation(fields.operation());
    let closed = rounds::close(&app, &actor, id, None).await;
    let said = "Campagne close. Plus aucun besoin n’est reçu.";
    done(&app, &person, &session, id, closed, said).await
}

pub(super) async fn cancel(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    session: Session,
    fields: Fields,
) -> Answer {
    let id: RoundId = parse(&id)?;
    let actor = person.actor.clone().with_operation(fields.operation());
    let cancelled = rounds::cancel(&app, &actor, id, None, None).await;
    done(&app, &person, &session, id, cancelled, "Campagne annulée.").await
}

/// Back to the round; refused, the same page says why.
async fn done(
    app: &App,
    person: &Person,
    session: &Session,
    id: RoundId,
    result: Result<Round, Error>,
    said: &str,
) -> Answer {
    match result {
        Ok(_) => {
            session::tell(session, FlashKind::Done, said).await?;
            Ok(Redirect::to(&format!("/campagnes/{id}")).into_response())
        }
        Err(error @ Error::Refused(_)) => overview::refused(app, person, id, &error).await,
        Err(other) => Err(other.into()),
    }
}

#[derive(Template)]
#[template(path = "rounds/extend.html")]
struct Extend {
    shell: Shell,
    round: Round,
    deadline: String,
    back: String,
    typed: Typed,
    refusal: String,
    operation: String,
}

pub(super) async fn show_extend(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Answer {
    let round = run(&app, &person, parse(&id)?).await?;
    extend_page(&app, &person, round, None).await
}

async fn extend_page(
    app: &App,
    person: &Person,
    round: Round,
    refused: Option<(&Fields, &Error)>,
) -> Answer {
    let zone = organisations::zone(app, round.owner).await?;
    let local = format::local(round.deadline, zone);
    let (typed, refusal) = match refused {
        Some((fields, error)) => refill(fields, error, label),
        None => {
            let hour = local.time().format("%H:%M").to_string();
            let typed = Typed::default()
                .with("date_limite", french::date(local.date()))
                .with("heure", hour);
            (typed, String::new())
        }
    };
    let page = Extend {
        shell: shell(person, &round, "Prolonger"),
        deadline: format::moment_in(round.deadline, zone),
        back: format!("/campagnes/{}", round.id),
        round,
        typed,
        refusal,
        operation: operation(app),
    };
    page_with(status(refused), &page)
}

fn status(refused: Option<(&Fields, &Error)>) -> StatusCode {
    refused.map_or(StatusCode::OK, |(_, error)| exchange::status(error))
}

pub(super) async fn extend(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    session: Session,
    mut fields: Fields,
) -> Answer {
    let round = run(&app, &person, parse(&id)?).await?;
    let actor = person.actor.clone().with_operation(fields.operation());
    let extended = match deadline(&mut fields) {
        Some(deadline) => rounds::extend(&app, &actor, round.id, None, deadline).await,
        None => Err(fields.invalid()),
    };
    match extended {
        Ok(round) => {
            let said = format!(
                "Campagne prolongée jusqu’au {}.",
                format::moment_in(round.deadline, person.zone())
            );
            session::tell(&session, FlashKind::Done, said).await?;
            Ok(Redirect::to(&format!("/campagnes/{}", round.id)).into_response())
        }
        Err(error @ (Error::Invalid(_) | Error::Refused(_))) => {
            extend_page(&app, &person, round, Some((&fields, &error))).await
        }
        Err(other) => Err(other.into()),
    }
}

#[derive(Template)]
#[template(path = "rounds/reopen.html")]
struct Reopen {
    shell: Shell,
    round: Round,
    back: String,
    consequences: Vec<String>,
    typed: Typed,
    refusal: String,
    operation: String,
}

pub(super) async fn show_reopen(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Answer {
    let round = run(&app, &person, parse(&id)?).await?;
    reopen_page(&app, &person, round.id, None).await
}

async fn reopen_page(
    app: &App,
    person: &Person,
    id: RoundId,
    refused: Option<(&Fields, &Error)>,
) -> Answer {
    let (round, hanging) = overviews::consequences(app, &person.actor, id).await?;
    let (typed, refusal) = match refused {
        Some((fields, error)) => refill(fields, error, label),
        None => (Typed::default().with("heure", "17:00"), String::new()),
    };
    let page = Reopen {
        shell: shell(person, &round, "Rouvrir pour tous"),
        back: format!("/campagnes/{id}"),
        consequences: sentences(hanging),
        round,
        typed,
        refusal,
        operation: operation(app),
    };
    page_with(status(refused), &page)
}

/// What must be known before a round is opened again for all.
fn sentences(hanging: Consequences) -> Vec<String> {
    let count = |number: u64, one: &str, many: &str| {
        format::count(i64::try_from(number).unwrap_or(i64::MAX), one, many)
    };
    let mut list = vec![
        "Les besoins déclarés restent, et chaque membre peut les reprendre.".to_owned(),
        "Tous les membres sont prévenus de la nouvelle date limite et de votre motif.".to_owned(),
    ];
    if hanging.messages > 0 {
        list.push(format!(
            "{} déjà préparés ou envoyés au sujet de cette campagne ne sont pas repris.",
            count(hanging.messages, "message", "")
        ));
    }
    if hanging.procedures > 0 {
        list.push(format!(
            "{} s’appuie déjà sur ces besoins\u{a0}: lancée, elle garde ses quantités, et sa page \
             propose de reprendre les nouvelles.",
            count(hanging.procedures, "consultation", "")
        ));
    }
    if hanging.contracts > 0 {
        list.push(format!(
            "{} en résulte déjà\u{a0}: prix, commandes et demandes de titre émises restent dus.",
            count(hanging.contracts, "marché", "")
        ));
    }
    list
}

pub(super) async fn reopen(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    session: Session,
    mut fields: Fields,
) -> Answer {
    let id = run(&app, &person, parse(&id)?).await?.id;
    let actor = person.actor.clone().with_operation(fields.operation());
    let deadline = deadline(&mut fields);
    let motive = fields.read("motif", |typed| {
        domain::text::clean_lines(typed, NOTE_CHARS_MAX)
    });
    let reopened = match (deadline, motive) {
        (Some(deadline), Some(motive)) => {
            rounds::reopen(&app, &actor, id, None, deadline, motive).await
        }
        _ => Err(fields.invalid()),
    };
    match reopened {
        Ok(_) => {
            session::tell(&session, FlashKind::Done, "Campagne rouverte pour tous.").await?;
            Ok(Redirect::to(&format!("/campagnes/{id}")).into_response())
        }
        Err(error @ (Error::Invalid(_) | Error::Refused(_))) => {
            reopen_page(&app, &person, id, Some((&fields, &error))).await
        }
        Err(other) => Err(other.into()),
    }
}

pub(super) async fn reopen_for(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    session: Session,
    mut fields: Fields,
) -> Answer {
    let id = run(&app, &person, parse(&id)?).await?.id;
    let actor = person.actor.clone().with_operation(fields.operation());
    let member = fields.choice("commune", |typed| typed.parse::<OrganisationId>().ok());
    let until = deadline(&mut fields);
    let reopened = match (member, until) {
        (Some(member), Some(until)) => rounds::reopen_for(&app, &actor, id, member, until).await,
        _ => Err(fields.invalid()),
    };
    match reopened {
        Ok(_) => {
            let said = "Campagne rouverte pour cette collectivité seulement.";
            session::tell(&session, FlashKind::Done, said).await?;
            Ok(Redirect::to(&format!("/campagnes/{id}/communes")).into_response())
        }
        Err(error @ (Error::Invalid(_) | Error::Refused(_))) => {
            answers::members_page(&app, &person, id, Some((&fields, &error))).await
        }
        Err(other) => Err(other.into()),
    }
}

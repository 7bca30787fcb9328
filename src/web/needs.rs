//! « Mes besoins » : the grid that a member fills, or an officer for it.
use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode},
    response::{Html, IntoResponse, Redirect},
};
use domain::{
    attachment::{Subject, SubjectKind},
    identity::{ItemId, OrganisationId, RoundId},
    purchasing::{
        declaration::NOTE_CHARS_MAX,
        need::{Draft, NeedColumn, NeedError},
    },
};
use serde::Deserialize;
use serde_json::json;
use tower_sessions::Session;
use uuid::Uuid;

use super::{
    attachments::Panel,
    form::Fields,
    format,
    layout::FlashKind,
    page::{Answer, WebError, page_with},
    routes::Routes,
    session::{self, Person},
};
use crate::{
    actions::{
        App, Error,
        purchasing::{
            declarations,
            drafts::{self, Basis, Edit},
            needs::{self, Grid},
            rounds,
        },
    },
    wording,
};

mod files;
mod lines;
mod view;

use view::{Kept, NeedsPage};

/// The pages and forms about needs.
#[must_use]
pub fn routes() -> Routes {
    Routes::default()
        .get("/campagnes/{id}/besoins", show)
        .post("/campagnes/{id}/besoins", save)
        .post("/campagnes/{id}/besoins/case", save_cell)
        .post("/campagnes/{id}/besoins/annee-precedente", take_previous)
        .post("/campagnes/{id}/besoins/rien", say_nothing)
        .post("/campagnes/{id}/besoins/reprendre", withdraw)
        .post("/campagnes/{id}/besoins/confirmer", reconfirm)
        .with(files::routes())
}

/// For whom; nobody when the reader's own organisation is meant.
#[derive(Debug, Default, Deserialize)]
struct For {
    membre: Option<Uuid>,
}

async fn show(
    State(app): State<App>,
    person: Person,
    Path(id): Path<Uuid>,
    Query(whose): Query<For>,
) -> Answer {
    let round = RoundId(id);
    let member = match whose.membre {
        Some(member) => OrganisationId(member),
        None => person.organisation()?,
    };
    match needs::find(&app, &person.actor, round, member).await {
        // A coordinator that is no member of its own round chooses a member on the round's page.
        Err(Error::NotFound) if whose.membre.is_none() && person.coordinates() => {
            rounds::find(&app, &person.actor, round).await?;
            Ok(Redirect::to(&format!("/campagnes/{id}")).into_response())
        }
        Err(other) => Err(other.into()),
        Ok(grid) => draw(&app, &person, &grid, StatusCode::OK, &Kept::default()).await,
    }
}

/// The page of a grid, as stored or with what was just typed.
async fn draw(app: &App, person: &Person, grid: &Grid, status: StatusCode, kept: &Kept) -> Answer {
    let shell = person
        .shell(grid.round.title.clone())
        .crumb(person.rounds_name(), "/campagnes");
    let own = person.actor.acting_for == Some(grid.member.id);
    let pieces = if grid.begun {
        let subject = Subject {
            kind: SubjectKind::Declaration,
            id: grid.declaration.id.0,
        };
        let back = format!(
            "/campagnes/{}/besoins?membre={}",
            grid.round.id, grid.member.id
        );
        Some(Panel::of(app, person, subject, back).await?)
    } else {
        None
    };
    let operation = app.clock.new_id();
    page_with(
        status,
        &NeedsPage::of(shell, grid, own, operation, kept, pieces),
    )
}

/// Where the forms of a grid come back to.
fn back(round: Uuid, fields: &Fields) -> String {
    match fields.typed("membre") {
        "" => format!("/campagnes/{round}/besoins"),
        member => format!("/campagnes/{round}/besoins?membre={member}"),
    }
}

fn member_of(person: &Person, fields: &Fields) -> Result<OrganisationId, Error> {
    match fields.typed("membre") {
        "" => person.organisation(),
        typed => typed.parse().or(Err(Error::NotFound)),
    }
}

/// Every cell of a form; `vu.` fields tell what stood in each when the page was opened.
fn edits(fields: &Fields) -> Vec<Edit> {
    fields
        .iter()
        .filter_map(|(name, typed)| edit(fields, name, typed))
        .collect()
}

fn edit(fields: &Fields, name: &str, typed: &str) -> Option<Edit> {
    let (column, place) = name.split_once('.')?;
    let (item, line) = place.split_once('.').unwrap_or((place, ""));
    Some(Edit {
        column: NeedColumn::from_code(column)?,
        item: item.parse().map(ItemId).ok()?,
        line: line.to_owned(),
        typed: typed.to_owned(),
        basis: Basis::Seen(fields.typed(&format!("vu.{name}")).to_owned()),
    })
}

/// Without the script: every cell at once, then « transmettre » if that button was pressed.
async fn save(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<Uuid>,
    mut fields: Fields,
) -> Answer {
    let (round, member) = (RoundId(id), member_of(&person, &fields)?);
    let actor = person.actor.clone().with_operation(fields.operation());
    let note = fields
        .lines_optional("note", NOTE_CHARS_MAX)
        .ok_or_else(|| fields.invalid())?;
    let saved = drafts::save(&app, &actor, round, member, edits(&fields)).await;
    if let Err(error) = saved {
        return refuse(&app, &person, (round, member), &fields, error).await;
    }
    if fields.typed("action") != "transmettre" {
        return Ok(Redirect::to(&back(id, &fields)).into_response());
    }
    match declarations::submit(&app, &actor, round, member, note).await {
        Ok(_) => {
            let text = "Vos besoins sont transmis. Vous pouvez reprendre votre réponse jusqu’à la \
                        date limite.";
            session::tell(&session, FlashKind::Done, text).await?;
            Ok(Redirect::to(&back(id, &fields)).into_response())
        }
        Err(error) => refuse(&app, &person, (round, member), &fields, error).await,
    }
}

/// The same page with what was typed, and each cell at fault.
async fn refuse(
    app: &App,
    person: &Person,
    (round, member): (RoundId, OrganisationId),
    fields: &Fields,
    error: Error,
) -> Answer {
    let Error::Refused(refusal) = &error else {
        return Err(error.into());
    };
    let grid = needs::find(app, &person.actor, round, member).await?;
    let typed = fields
        .iter()
        .map(|(n, v)| (n.to_owned(), v.to_owned()))
        .collect();
    let kept = Kept::refused(typed, refusal);
    draw(app, person, &grid, StatusCode::CONFLICT, &kept).await
}

/// With the script: one cell, as soon as it is left.
async fn save_cell(
    State(app): State<App>,
    person: Person,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Answer {
    let (round, member) = (RoundId(id), member_of(&person, &fields)?);
    let edits = edits(&fields);
    let Some(one) = edits.first().cloned() else {
        return Err(Error::NotFound.into());
    };
    match drafts::save(&app, &person.actor, round, member, edits).await {
        Ok(saved) => {
            let same = |line: &&Draft| line.item == one.item && line.line == one.line;
            let line = saved.lines.iter().find(same);
            let was = line.map_or_else(|| one.typed.clone(), |line| line.text(one.column));
            let fault = saved.bad.iter().find(|bad| bad.column == one.column);
            let fault = fault.map(|bad| wording::need::fault(&bad.typed, &bad.fault));
            let text = format!("Enregistré à {}", format::clock(saved.at, person.zone()));
            told(&text, &was, fault.as_deref())
        }
        Err(Error::Refused(domain::Refusal::Need(NeedError::Conflicts(conflicts)))) => {
            let Some(conflict) = conflicts.first() else {
                return Err(Error::Stale.into());
            };
            let sentence = wording::need::conflict(conflict);
            told("Une case à vérifier", &conflict.theirs, Some(&sentence))
        }
        Err(error @ Error::Refused(_)) => {
            let (_, sentence) = wording::error(&error);
            told(&format!("Pas enregistré. {sentence}"), "", None)
        }
        Err(other) => Err(WebError(other)),
    }
}

/// The status line, and for the script what stands in the cell and what is wrong with it.
fn told(text: &str, was: &str, fault: Option<&str>) -> Answer {
    let event = json!({ "cell": { "was": was, "fault": fault } });
    let header = HeaderValue::from_str(&ascii(&event.to_string()));
    let mut headers = HeaderMap::new();
    let header = header.map_err(|e| Error::Internal(e.into()))?;
    headers.insert("hx-trigger", header);
    let safe = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    Ok((headers, Html(safe)).into_response())
}

/// JSON in a header is ASCII: everything else is escaped.
fn ascii(json: &str) -> String {
    let mut units = [0; 2];
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() {
            text.push(c);
        } else {
            for unit in c.encode_utf16(&mut units) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    text
}

async fn take_previous(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Answer {
    let (round, member) = (RoundId(id), member_of(&person, &fields)?);
    match drafts::take_previous(&app, &person.actor, round, member).await {
        Ok(saved) => {
            let count = i64::try_from(saved.lines.len()).unwrap_or(i64::MAX);
            let taken = format::count(count, "quantité reprise", "quantités reprises");
            let text = format!("{taken}. Vérifiez-les avant de transmettre.");
            session::tell(&session, FlashKind::Done, text).await?;
            Ok(Redirect::to(&back(id, &fields)).into_response())
        }
        Err(error) => refuse(&app, &person, (round, member), &fields, error).await,
    }
}

async fn say_nothing(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Answer {
    let (round, member) = (RoundId(id), member_of(&person, &fields)?);
    let actor = person.actor.clone().with_operation(fields.operation());
    let done = declarations::say_nothing(&app, &actor, round, member, None).await;
    let text = "C’est noté\u{a0}: rien à déclarer pour cette campagne.";
    finish(&app, &person, &session, (id, member), &fields, (done, text)).await
}

async fn withdraw(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Answer {
    let (round, member) = (RoundId(id), member_of(&person, &fields)?);
    let actor = person.actor.clone().with_operation(fields.operation());
    let done = declarations::withdraw(&app, &actor, round, member).await;
    let text = "La réponse est reprise. Elle ne compte plus tant que vous ne la transmettez pas de \
                nouveau.";
    finish(&app, &person, &session, (id, member), &fields, (done, text)).await
}

async fn reconfirm(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Answer {
    let (round, member) = (RoundId(id), member_of(&person, &fields)?);
    let actor = person.actor.clone().with_operation(fields.operation());
    let done = declarations::reconfirm(&app, &actor, round, member).await;
    let text = "Votre réponse est confirmée aux nouvelles conditions.";
    finish(&app, &person, &session, (id, member), &fields, (done, text)).await
}

async fn finish<T>(
    app: &App,
    person: &Person,
    session: &Session,
    (round, member): (Uuid, OrganisationId),
    fields: &Fields,
    (done, text): (Result<T, Error>, &str),
) -> Answer {
    if let Err(error) = done {
        return refuse(app, person, (RoundId(round), member), fields, error).await;
    }
    session::tell(session, FlashKind::Done, text).await?;
    Ok(Redirect::to(&back(round, fields)).into_response())
}

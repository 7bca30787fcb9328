//! « Demandes de titre »: what the finance software turns into titres.
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect},
};
use chrono::Datelike;
use domain::{
    attachment::{Subject, SubjectKind},
    french,
    identity::RecoveryOrderId,
    money::Cents,
    permission::Right,
    purchasing::recovery::{RecoveryState, Settlement, Titre},
};
use serde::Deserialize;
use tower_sessions::Session;

use super::{
    attachments::Panel,
    components::{Choice, Pages, Typed},
    form::Fields,
    format::filters,
    invoices::file,
    layout::{FlashKind, Shell},
    page::{Answer, page, page_with},
    routes::Routes,
    session::{self, Person},
};
use crate::{
    actions::{
        App, Error,
        purchasing::recovery::{self, Kept, Listed, Wanted},
    },
    documents::writing::{Column, Kind, Table, Value},
    exchange, wording,
};

/// How many orders a page shows.
const ROWS: u32 = 25;
/// How many orders an export holds: a coordinator has far fewer members.
const EXPORT_ROWS: u64 = 10_000;

/// The pages of recovery orders.
#[must_use]
pub fn routes() -> Routes {
    Routes::default()
        .get("/titres", list)
        .get("/titres/export/{format}", export)
        .get("/titres/{id}", show)
        .post("/titres/{id}/emission", issue)
        .post("/titres/{id}/reduction", reduce)
        .post("/titres/{id}/annulation", cancel)
}

#[derive(Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    etat: String,
    page: Option<u32>,
}

#[derive(Template)]
#[template(path = "recovery/list.html")]
struct List {
    shell: Shell,
    states: Vec<Choice>,
    state: String,
    rows: Vec<Row>,
    kept: Vec<KeptRow>,
    pages: Pages,
}

struct Row {
    href: String,
    number: String,
    member: String,
    grouping: String,
    invoices: String,
    tone: &'static str,
    state: String,
    titre: String,
    left: Cents,
}

struct KeptRow {
    member: String,
    grouping: String,
    reason: &'static str,
    cents: Cents,
}

async fn list(State(app): State<App>, person: Person, Query(asked): Query<Asked>) -> Answer {
    let wanted = Wanted {
        state: RecoveryState::from_code(&asked.etat),
        grouping: None,
    };
    let number = asked.page.unwrap_or(1).max(1);
    let skip = u64::from(number - 1) * u64::from(ROWS);
    let (found, total) = recovery::page(&app, &person.actor, wanted, skip, u64::from(ROWS)).await?;
    let kept = recovery::kept(&app, &person.actor).await?;
    let query = serde_html_form::to_string([("etat", &asked.etat)]).unwrap_or_default();
    let total = u32::try_from(total).unwrap_or(u32::MAX);
    page(&List {
        shell: person
            .shell("Demandes de titre")
            .crumb("Factures et répartitions", "/factures"),
        states: RecoveryState::ALL
            .into_iter()
            .map(|state| Choice::new(state.code(), wording::invoice::recovery_state(state)))
            .collect(),
        state: asked.etat,
        rows: found.into_iter().map(row).collect(),
        kept: kept.into_iter().filter_map(kept_row).collect(),
        pages: Pages::new(number, ROWS, total, &query),
    })
}

/// The badge of a state: its tone, and « Titre à émettre ».
pub(super) fn badge(state: RecoveryState) -> (&'static str, String) {
    let tone = match state {
        RecoveryState::ToIssue => "warn",
        RecoveryState::Issued => "ok",
        RecoveryState::Reduced => "open",
        RecoveryState::Cancelled => "no",
    };
    (
        tone,
        format!("Titre {}", wording::invoice::recovery_state(state)),
    )
}

fn row(listed: Listed) -> Row {
    let order = listed.order;
    Row {
        href: format!("/titres/{}", order.id),
        tone: badge(order.state).0,
        state: badge(order.state).1,
        titre: order.titre.as_ref().map_or_else(String::new, |titre| {
            format!("{}, bordereau {}", titre.number, titre.bordereau)
        }),
        left: order.left(),
        number: order.number,
        member: listed.member,
        grouping: listed.grouping,
        invoices: listed.invoices.join(", "),
    }
}

fn kept_row(kept: Kept) -> Option<KeptRow> {
    let (reason, cents) = match kept.settlement {
        Settlement::CarryOver(cents) => ("Sous le seuil, reporté", cents),
        Settlement::GiveBack(cents) => ("Trop demandé, à réduire ou à rendre", cents),
        Settlement::Ask(cents) => ("À demander à la prochaine répartition", cents),
        Settlement::Settled => return None,
    };
    Some(KeptRow {
        member: kept.member,
        grouping: kept.grouping,
        reason,
        cents,
    })
}

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

async fn show(State(app): State<App>, person: Person, Path(id): Path<String>) -> Answer {
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

async fn issue(
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

async fn reduce(
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

async fn cancel(
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

async fn export(
    State(app): State<App>,
    person: Person,
    Path(format): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let wanted = Wanted {
        state: RecoveryState::from_code(&asked.etat),
        grouping: None,
    };
    let (found, _) = recovery::page(&app, &person.actor, wanted, 0, EXPORT_ROWS).await?;
    let columns = vec![
        Column::new("Demande", Kind::Text),
        Column::new("SIREN du débiteur", Kind::Text),
        Column::new("Débiteur", Kind::Text),
        Column::new("Groupement", Kind::Text),
        Column::new("Factures", Kind::Text),
        Column::new("Montant", Kind::Amount),
        Column::new("État", Kind::Text),
        Column::new("Titre", Kind::Text),
        Column::new("Bordereau", Kind::Text),
        Column::new("Émis le", Kind::Date),
        Column::new("Exercice", Kind::Integer),
    ];
    let total = Cents::checked_sum(found.iter().map(|listed| listed.order.left()))?;
    let rows = found.into_iter().map(|listed| {
        let titre = listed.order.titre.as_ref();
        vec![
            Value::Text(listed.order.number.clone()),
            Value::text(listed.member_siren.as_deref()),
            Value::Text(listed.member),
            Value::Text(listed.grouping),
            Value::Text(listed.invoices.join(", ")),
            Value::Amount(listed.order.left()),
            Value::Text(wording::invoice::recovery_state(listed.order.state).to_owned()),
            Value::text(titre.map(|titre| titre.number.as_str())),
            Value::text(titre.map(|titre| titre.bordereau.as_str())),
            titre.map_or(Value::Empty, |titre| Value::Date(titre.issued_on)),
            titre.map_or(Value::Empty, |titre| Value::Integer(titre.exercice.into())),
        ]
    });
    let mut totals = vec![Value::Empty; columns.len()];
    if let [first, _, _, _, _, amount, ..] = totals.as_mut_slice() {
        *first = Value::Text("Total".to_owned());
        *amount = Value::Amount(total);
    }
    let table = Table {
        title: "Demandes de titre".to_owned(),
        written_at: app.clock.now(),
        columns,
        rows: rows.collect(),
        totals: Some(totals),
        proof: Vec::new(),
    };
    Ok(file(&table, &format, "demandes-de-titre")?)
}

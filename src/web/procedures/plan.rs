//! The form of a procedure: its rounds, title, form, nature and dates.
use std::collections::BTreeSet;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::IntoResponse,
};
use chrono::{DateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use domain::{
    field::FieldProblem,
    french,
    identity::{OrganisationId, ProcedureId, RoundId},
    permission::Right,
    purchasing::{
        procedure::{Plan, Procedure, ProcedureForm, ProcedureState, TITLE_CHARS_MAX},
        thresholds::PurchaseNature,
    },
};
use serde::Deserialize;
use tower_sessions::Session;
use uuid::Uuid;

use super::to;
use crate::{
    actions::{
        App, Error, organisations,
        purchasing::{
            procedures::{self, NewProcedure},
            rounds,
        },
    },
    web::{
        components::{Choice, Typed},
        form::Fields,
        format,
        layout::{FlashKind, Shell},
        page::{Answer, page_with},
        refused::Refused,
        session::{self, Person},
    },
    wording,
};

/// The round from which the form was opened.
#[derive(Debug, Deserialize)]
pub(super) struct From {
    campagne: Option<String>,
}

#[derive(Template)]
#[template(path = "procedures/plan.html")]
struct PlanPage {
    shell: Shell,
    refused: Refused,
    action: String,
    back: String,
    operation: Uuid,
    /// Whose clocks the hours are on.
    clocks: &'static str,
    /// There is nothing to prepare a procedure from.
    no_round: bool,
    /// Only a new procedure chooses its rounds.
    rounds: Option<Vec<Choice>>,
    /// A launched one may tell when its board met.
    launched: bool,
    forms: Vec<Choice>,
    natures: Vec<Choice>,
    verb: &'static str,
}

/// The form of a new procedure.
pub(super) async fn show_new(
    State(app): State<App>,
    person: Person,
    Query(from): Query<From>,
) -> Answer {
    let mut typed = Typed::default().with("nature", PurchaseNature::SuppliesServices.code());
    if let Some(round) = from.campagne {
        typed = typed.with("campagne", round);
    }
    new_page(&app, &person, Refused::fresh(typed)).await
}

async fn new_page(app: &App, person: &Person, refused: Refused) -> Answer {
    let owner = owner_of(app, person, &refused.typed).await?;
    let rounds = procedures::choices(app, &person.actor, owner).await?;
    let rounds = rounds.into_iter().map(|(round, grouping)| {
        let closed = round
            .closed
            .map(|closing| format::day_time_year(closing.at, person.zone()));
        let closed = closed.map_or_else(String::new, |at| format!(", close le {at}"));
        let hint = format!("{}{closed}", grouping.title);
        Choice::new(round.id.to_string(), round.title).hint(hint)
    });
    let rounds: Vec<Choice> = rounds.collect();
    let status = refused.status;
    let template = PlanPage {
        shell: person
            .shell("Préparer une consultation")
            .crumb("Marchés", "/marches")
            .crumb("Consultations", "/consultations"),
        refused,
        clocks: format::whose(person.zone()),
        action: "/consultations/nouvelle".to_owned(),
        back: "/consultations".to_owned(),
        operation: app.clock.new_id(),
        no_round: rounds.is_empty(),
        rounds: Some(rounds),
        launched: false,
        forms: forms(),
        natures: natures(),
        verb: "Préparer la consultation",
    };
    page_with(status, &template)
}

/// The coordinator of the round from which the form was opened, else the organisation acted for.
async fn owner_of(app: &App, person: &Person, typed: &Typed) -> Result<OrganisationId, Error> {
    let Ok(round) = typed.value("campagne").parse::<RoundId>() else {
        return person.organisation();
    };
    match rounds::find(app, &person.actor, round).await {
        Ok((round, _)) if person.actor.may(Right::RunProcedures, round.owner) => Ok(round.owner),
        Ok(_) | Err(Error::NotFound) => person.organisation(),
        Err(other) => Err(other),
    }
}

/// Prepares a procedure.
pub(super) async fn create(
    State(app): State<App>,
    person: Person,
    session: Session,
    mut fields: Fields,
) -> Answer {
    let rounds: BTreeSet<RoundId> = fields
        .all("campagne")
        .filter_map(|typed| typed.parse().ok())
        .collect();
    if rounds.is_empty() {
        fields.refuse("campagne", FieldProblem::Missing);
    }
    let plan = read(&mut fields, person.zone());
    let new = match plan {
        Some(plan) if !rounds.is_empty() => NewProcedure { rounds, plan },
        Some(_) | None => {
            let refused = Refused::of(&fields, fields.invalid())?;
            return new_page(&app, &person, refused).await;
        }
    };
    let actor = person.actor.clone().with_operation(fields.operation());
    match procedures::create(&app, &actor, new).await {
        Ok(procedure) => {
            let text = "Consultation préparée. Vérifiez ses membres, puis lancez-la.";
            session::tell(&session, FlashKind::Done, text).await?;
            Ok(to(procedure.id).into_response())
        }
        Err(error) => {
            let refused = Refused::of(&fields, error)?;
            new_page(&app, &person, refused).await
        }
    }
}

/// The form of a procedure that exists.
pub(super) async fn show_edit(
    State(app): State<App>,
    person: Person,
    Path(id): Path<Uuid>,
) -> Answer {
    let procedure = run(&app, &person, ProcedureId(id)).await?;
    let zone = organisations::zone(&app, procedure.owner).await?;
    let typed = typed_of(&procedure.plan, zone).with("version", procedure.version.to_string());
    edit_page(&app, &person, ProcedureId(id), Refused::fresh(typed)).await
}

async fn edit_page(app: &App, person: &Person, id: ProcedureId, refused: Refused) -> Answer {
    let procedure = procedures::find(app, &person.actor, id).await?;
    let zone = organisations::zone(app, procedure.owner).await?;
    let title = procedure.plan.title.clone();
    let status = refused.status;
    let here = format!("/consultations/{id}");
    let template = PlanPage {
        shell: person
            .shell("Modifier la consultation")
            .crumb("Consultations", "/consultations")
            .crumb(title, here.clone()),
        refused,
        clocks: format::whose(zone),
        action: format!("{here}/modifier"),
        back: here,
        operation: app.clock.new_id(),
        no_round: false,
        rounds: None,
        launched: procedure.state != ProcedureState::Preparing,
        forms: forms(),
        natures: natures(),
        verb: "Enregistrer",
    };
    page_with(status, &template)
}

/// Changes a procedure.
pub(super) async fn edit(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<Uuid>,
    mut fields: Fields,
) -> Answer {
    let procedure = run(&app, &person, ProcedureId(id)).await?;
    let (id, zone) = (
        procedure.id,
        organisations::zone(&app, procedure.owner).await?,
    );
    let version = fields.typed("version").parse().ok();
    let saved = match read(&mut fields, zone) {
        Some(plan) => {
            let actor = person.actor.clone().with_operation(fields.operation());
            procedures::revise(&app, &actor, id, version, plan).await
        }
        None => Err(fields.invalid()),
    };
    match saved {
        Ok(_) => {
            session::tell(&session, FlashKind::Done, "Consultation modifiée.").await?;
            Ok(to(id).into_response())
        }
        Err(error) => {
            let refused = Refused::of(&fields, error)?;
            edit_page(&app, &person, id, refused).await
        }
    }
}

/// A procedure that the viewer runs; its readers may not change it.
pub(super) async fn run(app: &App, person: &Person, id: ProcedureId) -> Result<Procedure, Error> {
    let procedure = procedures::find(app, &person.actor, id).await?;
    person
        .actor
        .require_of_seen(Right::RunProcedures, procedure.owner)?;
    Ok(procedure)
}

fn read(fields: &mut Fields, zone: Tz) -> Option<Plan> {
    let title = fields.text("titre", TITLE_CHARS_MAX);
    let form = fields.choice("forme", ProcedureForm::from_code);
    let nature = fields.choice("nature", PurchaseNature::from_code);
    let published_on = fields.date_optional("publiee_le");
    let offers_due_at = fields.read_optional("remise_offres", |typed| moment(typed, zone));
    let cao_on = fields.date_optional("cao_le");
    Some(Plan {
        title: title?,
        form: form?,
        nature: nature?,
        published_on: published_on?,
        offers_due_at: offers_due_at?,
        cao_on: cao_on?,
    })
}

/// `22/05/2026 12:00` on the clocks of the coordinator; the first of the two in autumn.
fn moment(typed: &str, zone: Tz) -> Result<DateTime<Utc>, FieldProblem> {
    let unreadable = || FieldProblem::Date {
        typed: typed.to_owned(),
    };
    let (day, time) = typed.trim().split_once(' ').ok_or_else(unreadable)?;
    let day = french::parse_date(day)?;
    let time = time.trim().replace([' ', 'h'], ":");
    let time = NaiveTime::parse_from_str(&time, "%H:%M")
        .ok()
        .ok_or_else(unreadable)?;
    let local = zone.from_local_datetime(&day.and_time(time));
    local
        .earliest()
        .map(|at| at.to_utc())
        .ok_or_else(unreadable)
}

fn typed_of(plan: &Plan, zone: Tz) -> Typed {
    let date = |date: Option<chrono::NaiveDate>| date.map(french::date).unwrap_or_default();
    Typed::default()
        .with("titre", plan.title.clone())
        .with("forme", plan.form.code())
        .with("nature", plan.nature.code())
        .with("publiee_le", date(plan.published_on))
        .with(
            "remise_offres",
            plan.offers_due_at
                .map(|at| format::field_moment(at, zone))
                .unwrap_or_default(),
        )
        .with("cao_le", date(plan.cao_on))
}

fn forms() -> Vec<Choice> {
    let all = ProcedureForm::ALL.into_iter();
    all.map(|form| Choice::new(form.code(), wording::procedure::form(form)))
        .collect()
}

fn natures() -> Vec<Choice> {
    let all = PurchaseNature::ALL.into_iter();
    all.map(|nature| Choice::new(nature.code(), wording::procedure::nature(nature)))
        .collect()
}

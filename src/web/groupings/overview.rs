//! The overview of a grouping, its coordinators, its attachments and its history.
use std::collections::BTreeSet;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use domain::{
    attachment::{Subject, SubjectKind},
    identity::{GroupingId, OrganisationId},
    permission::Right,
    purchasing::grouping::{GroupingCoordinator, Phase},
};
use tower_sessions::Session;

use super::{Head, parse, shell, version};
use crate::{
    actions::{
        App, Error, journal,
        purchasing::groupings::{self, Overview},
    },
    exchange,
    web::{
        attachments::Panel,
        components::{Choice, Typed},
        form::Fields,
        format::filters,
        history::{Told, told},
        layout::{FlashKind, Shell},
        page::{Answer, page, page_with},
        session::{self, Person},
    },
    wording,
};

#[derive(Template)]
#[template(path = "groupings/overview.html")]
struct OverviewPage {
    shell: Shell,
    head: Head,
    refusal: String,
    family: String,
    kind: &'static str,
    legal_basis: &'static str,
    statutes_reference: String,
    regime: &'static str,
    free_of_charge: bool,
    agreement: String,
    joined: usize,
    invited: usize,
    enforceable: usize,
    phases: Vec<PhaseRow>,
    may_coordinate: Vec<Choice>,
    phase_choices: Vec<Choice>,
    typed: Typed,
    /// The viewer's own membership, when it has one.
    own: Option<Own>,
}

struct PhaseRow {
    phase: &'static str,
    code: &'static str,
    name: String,
    organisation: String,
    /// Tells its form from the others of the page.
    key: String,
}

struct Own {
    href: String,
    member: String,
    enforceable: bool,
    may_decide: bool,
}

pub(super) async fn show(State(app): State<App>, person: Person, Path(id): Path<String>) -> Answer {
    let id: GroupingId = parse(&id)?;
    let overview = groupings::overview(&app, &person.actor, id).await?;
    page(&overview_page(&app, &person, &overview, String::new()))
}

fn overview_page(app: &App, person: &Person, seen: &Overview, refusal: String) -> OverviewPage {
    let grouping = &seen.grouping;
    let today = app.today_of(&seen.coordinator);
    let present: Vec<_> = seen
        .members
        .iter()
        .filter(|(m, _)| m.takes_part())
        .collect();
    let joined = present
        .iter()
        .filter(|(m, _)| m.joined_on.is_some())
        .count();
    let mut may_coordinate = vec![choice(seen.coordinator.id, &seen.coordinator.name)];
    for (membership, organisation) in &present {
        if membership.member != seen.coordinator.id {
            may_coordinate.push(choice(organisation.id, &organisation.name));
        }
    }
    OverviewPage {
        shell: shell(person, seen, &grouping.title),
        head: Head::new(app, seen, "overview"),
        refusal,
        family: grouping.family.clone(),
        kind: wording::grouping::kind(grouping.kind),
        legal_basis: wording::grouping::legal_basis(&grouping.legal_basis),
        statutes_reference: grouping
            .legal_basis
            .statutes_reference()
            .unwrap_or_default()
            .to_owned(),
        regime: wording::grouping::regime(grouping.regime),
        free_of_charge: grouping.is_free_of_charge(),
        agreement: super::agreement::summary(seen),
        joined,
        invited: present.len() - joined,
        enforceable: present
            .iter()
            .filter(|(m, _)| m.is_enforceable(today))
            .count(),
        phases: seen
            .coordinators
            .iter()
            .map(|(coordinator, organisation)| PhaseRow {
                phase: wording::grouping::phase(coordinator.phase),
                code: coordinator.phase.code(),
                name: organisation.name.clone(),
                organisation: organisation.id.to_string(),
                key: format!("{}-{}", coordinator.phase.code(), organisation.id),
            })
            .collect(),
        may_coordinate,
        phase_choices: super::choices(Phase::ALL, Phase::code, wording::grouping::phase),
        typed: Typed::default(),
        own: own(person, seen, today),
    }
}

fn choice(id: OrganisationId, name: &str) -> Choice {
    Choice::new(id.to_string(), name)
}

fn own(person: &Person, seen: &Overview, today: chrono::NaiveDate) -> Option<Own> {
    let acting_for = person.organisation().ok()?;
    let (membership, organisation) = seen
        .members
        .iter()
        .find(|(m, _)| m.member == acting_for && m.takes_part())?;
    Some(Own {
        href: format!(
            "/groupements/{}/adhesions/{}",
            seen.grouping.id, membership.id
        ),
        member: organisation.name.clone(),
        enforceable: membership.is_enforceable(today),
        may_decide: person.actor.may(Right::DecideMembership, acting_for),
    })
}

pub(super) async fn archive(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    let id: GroupingId = parse(&id)?;
    let actor = person.actor.clone().with_operation(fields.operation());
    let done = groupings::archive(&app, &actor, id, version(&fields)).await;
    let said = "Le groupement est archivé. Il reste consultable.";
    after(&app, &person, &session, id, done.map(|_| said)).await
}

pub(super) async fn restore(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    let id: GroupingId = parse(&id)?;
    let actor = person.actor.clone().with_operation(fields.operation());
    let done = groupings::restore(&app, &actor, id, version(&fields)).await;
    let said = "Le groupement est de nouveau en service.";
    after(&app, &person, &session, id, done.map(|_| said)).await
}

pub(super) async fn add_coordinator(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    change_coordinators(&app, &person, &session, &id, &fields, true).await
}

pub(super) async fn remove_coordinator(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    change_coordinators(&app, &person, &session, &id, &fields, false).await
}

async fn change_coordinators(
    app: &App,
    person: &Person,
    session: &Session,
    id: &str,
    fields: &Fields,
    adding: bool,
) -> Answer {
    let id: GroupingId = parse(id)?;
    let phase = Phase::from_code(fields.typed("phase")).ok_or(Error::NotFound)?;
    let organisation: OrganisationId = parse(fields.typed("coordonnateur"))?;
    let one = GroupingCoordinator {
        phase,
        organisation,
    };
    let seen = groupings::overview(app, &person.actor, id).await?;
    let mut all: BTreeSet<_> = seen.coordinators.iter().map(|(c, _)| *c).collect();
    if adding {
        all.insert(one);
    } else {
        all.remove(&one);
    }
    let actor = person.actor.clone().with_operation(fields.operation());
    let done = groupings::set_coordinators(app, &actor, id, version(fields), all).await;
    let said = if adding {
        "Le coordonnateur est désigné."
    } else {
        "Le coordonnateur est retiré de cette phase."
    };
    after(app, person, session, id, done.map(|_| said)).await
}

/// Back to the overview, with what was done or why it was not.
async fn after(
    app: &App,
    person: &Person,
    session: &Session,
    id: GroupingId,
    done: Result<&'static str, Error>,
) -> Answer {
    match done {
        Ok(said) => {
            session::tell(session, FlashKind::Done, said).await?;
            Ok(Redirect::to(&format!("/groupements/{id}")).into_response())
        }
        Err(error @ (Error::Refused(_) | Error::Stale)) => {
            let seen = groupings::overview(app, &person.actor, id).await?;
            let status: StatusCode = exchange::status(&error);
            let refusal = wording::error(&error).1;
            page_with(status, &overview_page(app, person, &seen, refusal))
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "groupings/pieces.html")]
struct PiecesPage {
    shell: Shell,
    head: Head,
    refusal: String,
    pieces: Panel,
}

pub(super) async fn show_pieces(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Answer {
    let id: GroupingId = parse(&id)?;
    let seen = groupings::overview(&app, &person.actor, id).await?;
    let subject = Subject {
        kind: SubjectKind::Grouping,
        id: id.0,
    };
    page(&PiecesPage {
        shell: shell(&person, &seen, "Pièces"),
        head: Head::new(&app, &seen, "pieces"),
        refusal: String::new(),
        pieces: Panel::of(&app, &person, subject, format!("/groupements/{id}/pieces")).await?,
    })
}

#[derive(Template)]
#[template(path = "groupings/history.html")]
struct HistoryPage {
    shell: Shell,
    head: Head,
    refusal: String,
    rows: Vec<Told>,
}

pub(super) async fn show_history(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Answer {
    let id: GroupingId = parse(&id)?;
    let seen = groupings::overview(&app, &person.actor, id).await?;
    let lines = journal::of_grouping(&app, &person.actor, id).await?;
    page(&HistoryPage {
        shell: shell(&person, &seen, "Historique"),
        head: Head::new(&app, &seen, "history"),
        refusal: String::new(),
        rows: lines
            .into_iter()
            .map(|entry| told(entry, person.zone()))
            .collect(),
    })
}

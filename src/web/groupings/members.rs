//! The members of a grouping: listed, searched, asked to join.
use std::collections::BTreeSet;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect},
};
use domain::{
    french,
    identity::{GroupingId, LotId, OrganisationId},
    organisation::Organisation,
    purchasing::{
        lot::Lot,
        membership::{Membership, MembershipState},
        round::Round,
    },
    text,
};
use serde::Deserialize;
use tower_sessions::Session;

use super::{Head, parse, shell};
use crate::{
    actions::{
        App, Error,
        purchasing::{groupings, invitations, memberships},
    },
    exchange,
    web::{
        components::{Choice, Pages, Turn},
        form::Fields,
        format::{self, UNKNOWN},
        layout::{FlashKind, Shell},
        page::{Answer, page, page_with},
        session::{self, Person},
    },
    wording,
};

/// Rows of a page of the list.
const ROWS: u32 = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
    etat: String,
    lot: String,
    page: Option<u32>,
}

#[derive(Template)]
#[template(path = "groupings/members.html")]
struct MembersPage {
    shell: Shell,
    head: Head,
    refusal: String,
    words: String,
    state: String,
    states: Vec<Choice>,
    lot: String,
    lots: Vec<Choice>,
    rows: Vec<Row>,
    pages: Pages,
    unfiltered: bool,
    /// « les 93 communes de l’intercommunalité qui manquent »; empty when none does.
    communes: String,
}

struct Row {
    href: String,
    name: String,
    department: String,
    tone: &'static str,
    state: &'static str,
    decision: String,
    transmitted: String,
    signed: String,
    asks_to_leave: bool,
}

pub(super) async fn show(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let id: GroupingId = parse(&id)?;
    let seen = groupings::overview(&app, &person.actor, id).await?;
    let today = app.today_of(&seen.coordinator);
    let state = MembershipState::from_code(&asked.etat);
    let lot: Option<LotId> = asked.lot.parse().ok();
    let folded = text::search_text(&asked.q);
    let fits = |(membership, organisation): &&(Membership, Organisation)| {
        let searched = organisation.search_text();
        state.is_none_or(|state| membership.state == state)
            && lot.is_none_or(|lot| membership.has_joined(lot))
            && folded
                .split_whitespace()
                .all(|word| searched.contains(word))
    };
    let found: Vec<_> = seen.members.iter().filter(fits).collect();
    let turn = Turn::of(asked.page, ROWS);
    let whole = |lines: u64| usize::try_from(lines).unwrap_or(usize::MAX);
    let shown = found
        .iter()
        .skip(whole(turn.skip()))
        .take(whole(turn.rows()));
    let rows = shown.map(|(m, o)| row(m, o, today)).collect();
    let kept = [("q", &asked.q), ("etat", &asked.etat), ("lot", &asked.lot)];
    let kept = serde_html_form::to_string(kept);
    let offered = memberships::lots_offered(&app, &person.actor, id).await?;
    let missing = if seen.may_run {
        invitations::communes_missing(&app, &person.actor, id).await?
    } else {
        0
    };
    let total = u64::try_from(found.len()).unwrap_or(u64::MAX);
    page(&MembersPage {
        shell: shell(&person, &seen, "Membres"),
        head: Head::new(&app, &seen, "members"),
        refusal: String::new(),
        unfiltered: asked.q.is_empty() && asked.etat.is_empty() && lot.is_none(),
        lots: offered.iter().flat_map(lot_choices).collect(),
        lot: asked.lot,
        states: super::choices(
            MembershipState::ALL,
            MembershipState::code,
            wording::grouping::membership_state,
        ),
        words: asked.q,
        state: asked.etat,
        rows,
        pages: turn.pages(total, &kept.unwrap_or_default()),
        communes: communes(missing),
    })
}

fn lot_choices((round, lots): &(Round, Vec<Lot>)) -> Vec<Choice> {
    let label = |lot: &Lot| format!("{} · lot {} {}", round.title, lot.number, lot.title);
    lots.iter()
        .map(|lot| Choice::new(lot.id.to_string(), label(lot)))
        .collect()
}

fn communes(missing: usize) -> String {
    match missing {
        0 => String::new(),
        1 => "Inviter la commune qui manque".to_owned(),
        n => format!("Inviter les {n} communes de l’intercommunalité"),
    }
}

fn row(membership: &Membership, organisation: &Organisation, today: chrono::NaiveDate) -> Row {
    let date =
        |day: Option<chrono::NaiveDate>| day.map_or_else(|| UNKNOWN.to_owned(), french::date);
    let decision = membership.decision.as_ref();
    let (tone, state) = badge(membership, today);
    Row {
        href: format!(
            "/groupements/{}/adhesions/{}",
            membership.grouping, membership.id
        ),
        name: organisation.name.clone(),
        department: organisation.department.clone().unwrap_or_default(),
        tone,
        state,
        decision: decision.map_or_else(
            || UNKNOWN.to_owned(),
            |d| format!("{} du {}", d.number, french::date(d.decided_on)),
        ),
        transmitted: date(decision.and_then(|d| d.transmitted_on)),
        signed: date(membership.signed_on),
        asks_to_leave: membership.leave_asked_on.is_some(),
    }
}

/// Where a membership stands, in a tone and a word.
pub(super) fn badge(
    membership: &Membership,
    today: chrono::NaiveDate,
) -> (&'static str, &'static str) {
    match membership.state {
        MembershipState::Left => ("closed", "Parti"),
        MembershipState::Invited if membership.decision.is_some() => ("warn", "À signer"),
        MembershipState::Invited => ("", "Invité"),
        MembershipState::Joined if membership.is_enforceable(today) => ("ok", "Exécutoire"),
        MembershipState::Joined => ("warn", "À transmettre"),
    }
}

#[derive(Template)]
#[template(path = "groupings/add_members.html")]
struct AddPage {
    shell: Shell,
    head: Head,
    refusal: String,
    words: String,
    candidates: Vec<Candidate>,
    communes: String,
}

struct Candidate {
    id: String,
    name: String,
    about: String,
    member: bool,
}

pub(super) async fn show_add(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    let id: GroupingId = parse(&id)?;
    page(&add_page(&app, &person, id, asked.q, String::new()).await?)
}

async fn add_page(
    app: &App,
    person: &Person,
    id: GroupingId,
    words: String,
    refusal: String,
) -> Result<AddPage, Error> {
    let seen = groupings::overview(app, &person.actor, id).await?;
    let found = invitations::candidates(app, &person.actor, id, &words).await?;
    let missing = invitations::communes_missing(app, &person.actor, id).await?;
    Ok(AddPage {
        shell: shell(person, &seen, "Ajouter des membres"),
        head: Head::new(app, &seen, "members"),
        refusal,
        words,
        candidates: found
            .into_iter()
            .map(|candidate| Candidate {
                id: candidate.organisation.id.to_string(),
                about: about(&candidate.organisation),
                name: candidate.organisation.name,
                member: candidate.member,
            })
            .collect(),
        communes: communes(missing),
    })
}

/// What tells homonyms apart: department, INSEE code or SIREN.
fn about(organisation: &Organisation) -> String {
    let code = organisation.insee.as_ref().map(ToString::to_string);
    let siren = organisation.siren.as_ref().map(ToString::to_string);
    let department = organisation.department.clone();
    let parts = [department, code.or(siren)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

pub(super) async fn invite(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    let id: GroupingId = parse(&id)?;
    let chosen: Result<BTreeSet<OrganisationId>, Error> =
        fields.all("organisme").map(parse).collect();
    let chosen = chosen?;
    let words = fields.typed("q").to_owned();
    if chosen.is_empty() {
        let refusal = "Cochez au moins un organisme à inviter.".to_owned();
        let form = add_page(&app, &person, id, words, refusal).await?;
        return page_with(axum::http::StatusCode::UNPROCESSABLE_ENTITY, &form);
    }
    let actor = person.actor.clone().with_operation(fields.operation());
    match invitations::send(&app, &actor, id, chosen).await {
        Ok(invited) => {
            told_invited(&session, invited.len()).await?;
            Ok(Redirect::to(&format!("/groupements/{id}/membres")).into_response())
        }
        Err(error @ Error::Refused(_)) => {
            let refusal = wording::error(&error).1;
            let form = add_page(&app, &person, id, words, refusal).await?;
            page_with(exchange::status(&error), &form)
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn invite_communes(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    let id: GroupingId = parse(&id)?;
    let actor = person.actor.clone().with_operation(fields.operation());
    match invitations::send_to_communes(&app, &actor, id).await {
        Ok(invited) => {
            told_invited(&session, invited.len()).await?;
            Ok(Redirect::to(&format!("/groupements/{id}/membres")).into_response())
        }
        Err(error @ Error::Refused(_)) => {
            let refusal = wording::error(&error).1;
            let form = add_page(&app, &person, id, String::new(), refusal).await?;
            page_with(exchange::status(&error), &form)
        }
        Err(error) => Err(error.into()),
    }
}

async fn told_invited(session: &Session, invited: usize) -> Result<(), Error> {
    let count = i64::try_from(invited).unwrap_or(i64::MAX);
    let organisations = format::count(count, "organisme invité", "organismes invités");
    let said = format!("{organisations} à adhérer.");
    session::tell(session, FlashKind::Done, said).await
}

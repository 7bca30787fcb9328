//! The list of the users of an organisation: filtered, page by page.
use askama::Template;
use axum::extract::{Query, State};
use domain::{
    identity::{OrganisationId, Phone},
    permission::Role,
    user::UserState,
};
use serde::Deserialize;
use uuid::Uuid;

use super::{chosen, organisation_choice};
use crate::{
    actions::{
        App, Error, organisations,
        users::{self, Colleague},
    },
    store::{Start, colleagues::Wanted},
    web::{
        components::{Choice, Pages, Turn},
        format::filters,
        layout::Shell,
        page::{Answer, page},
        session::Person,
    },
    wording,
};

/// Whose users are asked for.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    pub organisme: Option<Uuid>,
    #[serde(default)]
    q: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    etat: String,
    page: Option<u32>,
}

/// Rows of a page of the list.
const ROWS: u32 = 50;

#[derive(Template)]
#[template(path = "people/users.html")]
pub(super) struct ListPage {
    shell: Shell,
    organisation: String,
    name: String,
    choices: Vec<Choice>,
    words: String,
    role: String,
    roles: Vec<Choice>,
    state: String,
    states: Vec<Choice>,
    unfiltered: bool,
    rows: Vec<Row>,
    pages: Pages,
    operation: String,
    refusal: String,
}

struct Row {
    id: Uuid,
    name: String,
    email: String,
    phone: String,
    tone: &'static str,
    state: &'static str,
    roles: Vec<RoleBox>,
    held: bool,
    /// Closed, and the viewer may open it again.
    closed: bool,
    own: bool,
}

struct RoleBox {
    code: &'static str,
    name: &'static str,
    held: bool,
}

pub(super) async fn list(
    State(app): State<App>,
    person: Person,
    Query(asked): Query<Asked>,
) -> Answer {
    let organisation = chosen(&person, asked.organisme)?;
    page(&list_page(&app, &person, organisation, asked, String::new()).await?)
}

pub(super) async fn list_page(
    app: &App,
    person: &Person,
    organisation: OrganisationId,
    asked: Asked,
    refusal: String,
) -> Result<ListPage, Error> {
    let wanted = Wanted {
        organisation,
        words: domain::text::search_text(&asked.q),
        role: Role::from_code(&asked.role),
        state: UserState::from_code(&asked.etat),
    };
    let turn = Turn::of(asked.page, ROWS);
    let colleagues = users::list(
        app,
        &person.actor,
        &wanted,
        Start::Skip(turn.skip()),
        turn.rows(),
    )
    .await?;
    let total = users::count(app, &person.actor, &wanted).await?;
    let shown = organisations::find(app, &person.actor, organisation).await?;
    let managed = organisations::managed(app, &person.actor).await?;
    let whose = organisation.to_string();
    let kept = serde_html_form::to_string([
        ("organisme", whose.as_str()),
        ("q", asked.q.as_str()),
        ("role", asked.role.as_str()),
        ("etat", asked.etat.as_str()),
    ]);
    Ok(ListPage {
        shell: person.shell("Utilisateurs"),
        organisation: whose,
        name: shown.name,
        choices: managed.iter().map(organisation_choice).collect(),
        unfiltered: asked.q.is_empty() && wanted.role.is_none() && wanted.state.is_none(),
        words: asked.q,
        role: asked.role,
        roles: Role::ALL
            .map(|role| Choice::new(role.code(), wording::role(role)))
            .into(),
        state: asked.etat,
        states: [UserState::Invited, UserState::Active, UserState::Disabled]
            .map(|state| Choice::new(state.code(), standing(state).1))
            .into(),
        pages: turn.pages(total, &kept.unwrap_or_default()),
        rows: colleagues.iter().map(|c| row(person, c)).collect(),
        operation: app.clock.new_id().to_string(),
        refusal,
    })
}

/// Where an account stands, in a tone and a word.
fn standing(state: UserState) -> (&'static str, &'static str) {
    match state {
        UserState::Invited => ("warn", "Invité"),
        UserState::Active => ("ok", "Actif"),
        UserState::Disabled => ("closed", "Désactivé"),
    }
}

fn row(person: &Person, colleague: &Colleague) -> Row {
    let user = &colleague.user;
    let (tone, state) = standing(user.state);
    let boxes = Role::ALL.map(|role| RoleBox {
        code: role.code(),
        name: wording::role(role),
        held: colleague.roles.contains(&role),
    });
    Row {
        id: user.id.0,
        name: user.name.clone(),
        email: user.email.to_string(),
        phone: user.phone.as_ref().map(Phone::grouped).unwrap_or_default(),
        tone,
        state,
        roles: boxes.into(),
        held: colleague.held && user.state != UserState::Disabled,
        closed: colleague.held && user.state == UserState::Disabled,
        own: person.actor.user() == Some(user.id),
    }
}

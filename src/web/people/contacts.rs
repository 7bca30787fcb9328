//! Contacts of an organisation: listed, added and changed.
use askama::Template;
use axum::extract::{Path, Query, State};
use domain::{
    contact::Contact,
    identity::{ContactId, Email, OrganisationId, Phone},
};
use tower_sessions::Session;
use uuid::Uuid;

use super::{
    entry::{Entry, Input, Kind, version},
    organisations::{Asked, edited},
};
use crate::{
    actions::{
        App,
        contacts::{self, Details},
        organisations,
    },
    store::Start,
    web::{
        components::{Pages, Turn, Typed},
        form::Fields,
        format::filters,
        layout::Shell,
        page::{Answer, page},
        routes::Routes,
        session::{self, Person},
    },
};

pub(super) fn routes() -> Routes {
    Routes::default()
        .get("/collectivites/{id}/contacts/nouveau", show_new)
        .post("/collectivites/{id}/contacts/nouveau", create)
        .get("/collectivites/{id}/contacts/{contact}", show_edit)
        .post("/collectivites/{id}/contacts/{contact}", edit)
        .get("/collectivites/{id}/contacts", list)
}

#[derive(Template)]
#[template(path = "people/contacts.html")]
struct ListPage {
    shell: Shell,
    href: String,
    words: String,
    rows: Vec<ContactRow>,
    pages: Pages,
    may_edit: bool,
}

/// A contact in a list.
pub(super) struct ContactRow {
    pub href: String,
    pub name: String,
    pub role: String,
    pub email: String,
    pub phone: String,
    pub active: bool,
}

async fn list(
    State(app): State<App>,
    person: Person,
    Path(id): Path<Uuid>,
    Query(asked): Query<Asked>,
) -> Answer {
    let (owner, actor) = (OrganisationId(id), &person.actor);
    let turn = Turn::of(asked.page, ROWS);
    let found = contacts::list(
        &app,
        actor,
        owner,
        &asked.q,
        Start::Skip(turn.skip()),
        turn.rows(),
    )
    .await?;
    let total = contacts::count(&app, actor, owner, &asked.q).await?;
    let details = organisations::show(&app, actor, owner).await?;
    let href = format!("/collectivites/{id}");
    let kept = if asked.q.is_empty() {
        String::new()
    } else {
        format!("q={}", session::form_encode(&asked.q))
    };
    page(&ListPage {
        shell: person
            .shell("Contacts")
            .crumb("Collectivités", "/collectivites")
            .crumb(details.organisation.name.clone(), href.clone()),
        rows: found.iter().map(|contact| row(&href, contact)).collect(),
        pages: turn.pages(total, &kept),
        may_edit: details.may_edit,
        words: asked.q,
        href,
    })
}

/// Rows of a page of the list.
const ROWS: u32 = 50;

pub(super) fn row(href: &str, c: &Contact) -> ContactRow {
    let email = c.email.as_ref().map(ToString::to_string);
    ContactRow {
        href: format!("{href}/contacts/{}", c.id),
        name: c.name.clone(),
        role: c.role.clone(),
        email: email.unwrap_or_default(),
        phone: c.phone.as_ref().map(Phone::grouped).unwrap_or_default(),
        active: c.active,
    }
}

async fn show_new(State(app): State<App>, person: Person, Path(id): Path<Uuid>) -> Answer {
    let details = edited(&app, &person, id).await?;
    new_form(&app, &person, &details)
        .filled(Typed::default().with("actif", "oui"))
        .show()
}

fn new_form(app: &App, person: &Person, details: &organisations::Details) -> Entry {
    form(
        app,
        person,
        details,
        "Ajouter un contact",
        "Ajouter le contact",
    )
}

fn form(
    app: &App,
    person: &Person,
    details: &organisations::Details,
    title: &str,
    verb: &'static str,
) -> Entry {
    let o = &details.organisation;
    let back = format!("/collectivites/{}", o.id);
    let shell = person
        .shell(title)
        .crumb("Collectivités", "/collectivites")
        .crumb(o.name.clone(), format!("/collectivites/{}", o.id));
    Entry::new(app, shell, verb, back).inputs(vec![
        Input::new(Kind::Text, "nom", "Nom"),
        Input::new(Kind::Text, "fonction", "Fonction").hint("Exemple\u{a0}: secrétaire de mairie."),
        Input::new(Kind::Email, "email", "Adresse électronique").optional(),
        Input::new(Kind::Phone, "telephone", "Téléphone").optional(),
        Input::new(Kind::Tick, "actif", "Encore en fonction"),
    ])
}

async fn create(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<Uuid>,
    mut fields: Fields,
) -> Answer {
    let actor = person.actor.clone().with_operation(fields.operation());
    let owner = OrganisationId(id);
    let done = match read(&mut fields) {
        Some(new) => contacts::create(&app, &actor, owner, new).await,
        None => Err(fields.invalid()),
    };
    let details = edited(&app, &person, id).await?;
    let done = done.map(|new| format!("{} est ajouté.", new.name));
    new_form(&app, &person, &details)
        .end(&session, done, &fields)
        .await
}

async fn show_edit(
    State(app): State<App>,
    person: Person,
    Path((id, contact)): Path<(Uuid, Uuid)>,
) -> Answer {
    let details = edited(&app, &person, id).await?;
    let c = contacts::find(&app, &person.actor, OrganisationId(id), ContactId(contact)).await?;
    let typed = Typed::default()
        .with("nom", c.name.clone())
        .with("fonction", c.role.clone())
        .with(
            "email",
            c.email
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
        )
        .with(
            "telephone",
            c.phone.as_ref().map(Phone::grouped).unwrap_or_default(),
        )
        .with("actif", if c.active { "oui" } else { "" });
    form(&app, &person, &details, &c.name, "Enregistrer")
        .filled(typed)
        .at_version(c.version)
        .show()
}

async fn edit(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path((id, contact)): Path<(Uuid, Uuid)>,
    mut fields: Fields,
) -> Answer {
    edited(&app, &person, id).await?;
    contacts::find(&app, &person.actor, OrganisationId(id), ContactId(contact)).await?;
    let actor = person.actor.clone().with_operation(fields.operation());
    let (owner, active, read_at) = (OrganisationId(id), fields.ticked("actif"), version(&fields));
    let done = match read(&mut fields) {
        Some(new) => {
            contacts::update(
                &app,
                &actor,
                owner,
                ContactId(contact),
                new,
                active,
                read_at,
            )
            .await
        }
        None => Err(fields.invalid()),
    };
    let details = edited(&app, &person, id).await?;
    let done = done.map(|kept| format!("{} est enregistré.", kept.name));
    form(&app, &person, &details, "Modifier", "Enregistrer")
        .end(&session, done, &fields)
        .await
}

fn read(fields: &mut Fields) -> Option<Details> {
    let name = fields.text("nom", 200);
    let role = fields.text("fonction", 200);
    let email = fields.read_optional("email", Email::parse);
    let phone = fields.read_optional("telephone", Phone::parse);
    Some(Details {
        name: name?,
        role: role?,
        email: email?,
        phone: phone?,
    })
}

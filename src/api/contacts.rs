//! Contacts over JSON.
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use domain::{
    contact::Contact,
    field::Gathering,
    identity::{ContactId, Email, OrganisationId, Phone},
    text,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    extract::{Bearer, Id, Query, Tagged, Write},
    organisations::optional,
    paging::{Page, Paging},
    problem::{Problem, ReadProblems, WriteProblems},
};
use crate::{
    actions::{
        App, Error,
        contacts::{self, Details},
    },
    store::Start,
};

/// The operations on contacts.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, update))
}

/// Someone to write to or call, with or without an account.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct ContactView {
    id: Uuid,
    name: String,
    role: String,
    email: Option<String>,
    phone: Option<String>,
    active: bool,
    version: i32,
}

impl From<Contact> for ContactView {
    fn from(c: Contact) -> Self {
        Self {
            id: c.id.0,
            name: c.name,
            role: c.role,
            email: c.email.as_ref().map(Email::to_string),
            phone: c.phone.as_ref().map(|p| p.as_str().to_owned()),
            active: c.active,
            version: c.version,
        }
    }
}

fn tagged(contact: Contact) -> Tagged<ContactView> {
    Tagged {
        version: contact.version,
        body: contact.into(),
    }
}

/// Words to look for in the contacts of an organisation.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Search {
    /// Words of a name or an address.
    q: Option<String>,
}

/// The contacts of an organisation, those put aside last.
#[utoipa::path(
    get,
    path = "/organisations/{organisation}/contacts",
    tag = "organisations",
    operation_id = "list_contacts",
    params(("organisation" = Uuid, Path), Search, Paging),
    responses((status = 200, body = Page<ContactView>), ReadProblems)
)]
async fn list(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(owner): Id<Uuid>,
    Query(search): Query<Search>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<ContactView>>, Problem> {
    let limit = paging.rows(app.settings.limits.page_rows_max)?;
    let start = Start::After(paging.after()?);
    let (owner, words) = (OrganisationId(owner), search.q.unwrap_or_default());
    let found = contacts::list(&app, &actor, owner, &words, start, limit + 1).await?;
    let key = |c: &Contact| (c.active, c.sort_key(), c.id.0);
    Ok(Json(Page::of(found, limit, key, Into::into)))
}

/// One of them.
#[utoipa::path(
    get,
    path = "/organisations/{organisation}/contacts/{id}",
    tag = "organisations",
    operation_id = "show_contact",
    params(("organisation" = Uuid, Path), ("id" = Uuid, Path)),
    responses((status = 200, body = ContactView), ReadProblems)
)]
async fn show(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id((owner, id)): Id<(Uuid, Uuid)>,
) -> Result<Tagged<ContactView>, Problem> {
    let found = contacts::find(&app, &actor, OrganisationId(owner), ContactId(id)).await?;
    Ok(tagged(found))
}

/// What is written of a contact.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ContactInput {
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// What they are there, in their own words.
    #[schema(min_length = 1, max_length = 200)]
    role: String,
    email: Option<String>,
    phone: Option<String>,
    /// False puts it aside; true when absent.
    active: Option<bool>,
}

/// Adds a contact.
#[utoipa::path(
    post,
    path = "/organisations/{organisation}/contacts",
    tag = "organisations",
    operation_id = "create_contact",
    params(("organisation" = Uuid, Path)),
    request_body = ContactInput,
    responses((status = 201, body = ContactView), WriteProblems)
)]
async fn create(
    State(app): State<App>,
    Id(owner): Id<Uuid>,
    request: Write<ContactInput>,
) -> Result<impl IntoResponse, Problem> {
    let details = read(request.body)?;
    let owner = OrganisationId(owner);
    let created = contacts::create(&app, &request.actor, owner, details).await?;
    Ok((StatusCode::CREATED, tagged(created)))
}

/// Changes a contact.
#[utoipa::path(
    put,
    path = "/organisations/{organisation}/contacts/{id}",
    tag = "organisations",
    operation_id = "update_contact",
    params(("organisation" = Uuid, Path), ("id" = Uuid, Path), ("If-Match" = String, Header)),
    request_body = ContactInput,
    responses((status = 200, body = ContactView), WriteProblems)
)]
async fn update(
    State(app): State<App>,
    Id((owner, id)): Id<(Uuid, Uuid)>,
    request: Write<ContactInput>,
) -> Result<Tagged<ContactView>, Problem> {
    let read_at = request.if_match.require()?;
    let active = request.body.active.unwrap_or(true);
    let details = read(request.body)?;
    let (owner, id) = (OrganisationId(owner), ContactId(id));
    let actor = &request.actor;
    let changed = contacts::update(&app, actor, owner, id, details, active, read_at).await?;
    Ok(tagged(changed))
}

fn read(body: ContactInput) -> Result<Details, Error> {
    let mut gathering = Gathering::default();
    let name = gathering.read("name", &body.name, text::clean(&body.name, 200));
    let role = gathering.read("role", &body.role, text::clean(&body.role, 200));
    let email = optional(&mut gathering, "email", body.email, Email::parse);
    let phone = optional(&mut gathering, "phone", body.phone, Phone::parse);
    match (name, role, email, phone) {
        (Some(name), Some(role), Some(email), Some(phone)) => Ok(Details {
            name,
            role,
            email,
            phone,
        }),
        _ => Err(Error::Invalid(gathering.problems)),
    }
}

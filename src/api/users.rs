//! People over JSON: the caller, colleagues, invitations and roles.
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use domain::{
    field::{Field, FieldProblem, Gathering},
    identity::{Email, OrganisationId, Phone, UserId},
    permission::Role,
    text,
    user::{User, UserState},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    extract::{Bearer, Id, Nothing, Query, Write, code_of},
    organisations::{one_of, optional},
    paging::{Page, Paging},
    problem::{Problem, ReadProblems, WriteProblems},
};
use crate::{
    actions::{
        Actor, App, Error,
        users::{self, Colleague, NewUser},
    },
    exchange::people,
    store::{Start, colleagues::Wanted},
};

/// The operations on people.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(me))
        .routes(routes!(list, invite))
        .routes(routes!(set_roles))
        .routes(routes!(disable))
        .routes(routes!(enable))
}

/// Whoever bears the token.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct MeView {
    id: Option<Uuid>,
    name: String,
    email: String,
    /// Runs the installation.
    operator: bool,
    /// Whether the token may write.
    may_write: bool,
    roles: Vec<RolesView>,
}

/// What somebody is for one organisation.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct RolesView {
    organisation_id: Uuid,
    roles: Vec<String>,
}

impl From<Actor> for MeView {
    fn from(actor: Actor) -> Self {
        let roles = actor.roles.iter().map(|(organisation, roles)| RolesView {
            organisation_id: organisation.0,
            roles: roles.iter().map(|role| role.code().to_owned()).collect(),
        });
        Self {
            id: actor.user().map(|id| id.0),
            roles: roles.collect(),
            operator: actor.operator,
            may_write: actor.token_may_write != Some(false),
            name: actor.name,
            email: actor.email,
        }
    }
}

/// Whoever bears the token, with their roles.
#[utoipa::path(
    get,
    path = "/me",
    operation_id = "show_me",
    tag = "people",
    responses((status = 200, body = MeView), ReadProblems)
)]
async fn me(Bearer(actor): Bearer) -> Json<MeView> {
    Json(actor.into())
}

/// A user with what they are for one organisation.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct UserView {
    id: Uuid,
    name: String,
    email: String,
    phone: Option<String>,
    /// `invited`, `active` or `disabled`.
    state: String,
    /// `declaring_agent`, `approver`, `purchasing_officer`, `equipment_manager`, `accountant`,
    /// `administrator`.
    roles: Vec<String>,
}

impl From<Colleague> for UserView {
    fn from(colleague: Colleague) -> Self {
        let roles = colleague.roles.iter();
        Self::of(
            colleague.user,
            roles.map(|role| role.code().to_owned()).collect(),
        )
    }
}

impl UserView {
    fn of(user: User, roles: Vec<String>) -> Self {
        Self {
            id: user.id.0,
            name: user.name,
            email: user.email.to_string(),
            phone: user.phone.as_ref().map(|p| p.as_str().to_owned()),
            state: user.state.code().to_owned(),
            roles,
        }
    }
}

/// Which users are asked for.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct UserFilter {
    /// Words of a name or an address.
    q: Option<String>,
    /// `declaring_agent`, `approver`, `purchasing_officer`, `equipment_manager`, `accountant`,
    /// `administrator`.
    #[param(
        pattern = "^(declaring_agent|approver|purchasing_officer|equipment_manager|accountant|administrator)$"
    )]
    role: Option<String>,
    /// `invited`, `active` or `disabled`.
    #[param(pattern = "^(invited|active|disabled)$")]
    state: Option<String>,
}

impl UserFilter {
    fn read(self, organisation: OrganisationId) -> Result<Wanted, Problem> {
        Ok(Wanted {
            organisation,
            words: text::search_text(&self.q.unwrap_or_default()),
            role: code_of("role", self.role.as_deref(), Role::from_code)?,
            state: code_of("state", self.state.as_deref(), UserState::from_code)?,
        })
    }
}

/// The users of an organisation, by name.
#[utoipa::path(
    get,
    path = "/organisations/{organisation}/users",
    tag = "people",
    operation_id = "list_users",
    params(("organisation" = Uuid, Path), UserFilter, Paging),
    responses((status = 200, body = Page<UserView>), ReadProblems)
)]
async fn list(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(organisation): Id<Uuid>,
    Query(filter): Query<UserFilter>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<UserView>>, Problem> {
    let limit = paging.rows(app.settings.limits.page_rows_max)?;
    let wanted = filter.read(OrganisationId(organisation))?;
    let start = Start::After(paging.after()?);
    let found = users::list(&app, &actor, &wanted, start, limit + 1).await?;
    let key = |c: &Colleague| (c.user.sort_key(), c.user.id.0);
    Ok(Json(Page::of(found, limit, key, Into::into)))
}

/// Somebody to invite.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct InvitationInput {
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    email: String,
    phone: Option<String>,
    #[schema(min_items = 1, max_items = 6)]
    roles: Vec<String>,
}

/// Somebody invited.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct InvitationView {
    user: UserView,
    /// The address where the person chooses a password, shown once; absent for an account that
    /// exists already.
    link: Option<String>,
}

/// Invites somebody: the link is shown once, in this answer.
#[utoipa::path(
    post,
    path = "/organisations/{organisation}/users",
    tag = "people",
    operation_id = "invite_user",
    params(("organisation" = Uuid, Path)),
    request_body = InvitationInput,
    responses((status = 201, body = InvitationView), WriteProblems)
)]
async fn invite(
    State(app): State<App>,
    Id(organisation): Id<Uuid>,
    request: Write<InvitationInput>,
) -> Result<impl IntoResponse, Problem> {
    let new = read(request.body, OrganisationId(organisation))?;
    let roles: Vec<String> = new.roles.iter().map(|(_, r)| r.code().to_owned()).collect();
    let invited = users::invite(&app, &request.actor, new).await?;
    let view = InvitationView {
        user: UserView::of(invited.user, roles),
        link: invited.secret.map(|secret| people::link(&app, &secret)),
    };
    Ok((StatusCode::CREATED, Json(view)))
}

fn read(body: InvitationInput, organisation: OrganisationId) -> Result<NewUser, Error> {
    let mut gathering = Gathering::default();
    let name = gathering.read("name", &body.name, text::clean(&body.name, 200));
    let email = gathering.read("email", &body.email, Email::parse(&body.email));
    let phone = optional(&mut gathering, "phone", body.phone, Phone::parse);
    let roles = read_roles(&mut gathering, &body.roles);
    match (name, email, phone, roles) {
        (Some(name), Some(email), Some(phone), Some(roles)) => Ok(NewUser {
            email,
            name,
            phone,
            roles: roles.into_iter().map(|role| (organisation, role)).collect(),
            operator: false,
        }),
        _ => Err(Error::Invalid(gathering.problems)),
    }
}

/// At least one role, each known.
fn read_roles(gathering: &mut Gathering, typed: &[String]) -> Option<Vec<Role>> {
    if typed.is_empty() {
        let missing = Field::new("roles", "", FieldProblem::Missing);
        gathering.problems.push(missing);
        return None;
    }
    known_roles(gathering, typed)
}

fn known_roles(gathering: &mut Gathering, typed: &[String]) -> Option<Vec<Role>> {
    let mut roles = Vec::with_capacity(typed.len());
    for (place, code) in typed.iter().enumerate() {
        let name = format!("roles.{place}");
        roles.push(gathering.read(&name, code, one_of(Role::from_code(code), code)));
    }
    roles.into_iter().collect()
}

/// The roles that a user shall have in an organisation.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RolesInput {
    /// Replaces those held; none sends the user away.
    #[schema(max_items = 6)]
    roles: Vec<String>,
}

/// Sets the roles of a user in an organisation; the last one is what stays.
#[utoipa::path(
    post,
    path = "/organisations/{organisation}/users/{user}/roles",
    tag = "people",
    operation_id = "set_roles",
    params(("organisation" = Uuid, Path), ("user" = Uuid, Path)),
    request_body = RolesInput,
    responses((status = 204), WriteProblems)
)]
async fn set_roles(
    State(app): State<App>,
    Id((organisation, user)): Id<(Uuid, Uuid)>,
    request: Write<RolesInput>,
) -> Result<StatusCode, Problem> {
    let mut gathering = Gathering::default();
    let roles = known_roles(&mut gathering, &request.body.roles);
    let roles = roles.ok_or(Error::Invalid(gathering.problems))?;
    let organisation = OrganisationId(organisation);
    users::set_roles(&app, &request.actor, UserId(user), organisation, &roles).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// An account, whatever the person is for each organisation.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct AccountView {
    id: Uuid,
    name: String,
    email: String,
    phone: Option<String>,
    /// `invited`, `active` or `disabled`.
    state: String,
}

impl From<User> for AccountView {
    fn from(user: User) -> Self {
        Self {
            id: user.id.0,
            name: user.name,
            email: user.email.to_string(),
            phone: user.phone.as_ref().map(|p| p.as_str().to_owned()),
            state: user.state.code().to_owned(),
        }
    }
}

/// Closes an account: its sessions and tokens open nothing any more.
#[utoipa::path(
    post,
    path = "/users/{id}/disable",
    tag = "people",
    operation_id = "disable_user",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = AccountView), WriteProblems)
)]
async fn disable(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    request: Write<Nothing>,
) -> Result<Json<AccountView>, Problem> {
    let closed = users::disable(&app, &request.actor, UserId(id)).await?;
    Ok(Json(closed.into()))
}

/// Opens a closed account again; who had no password yet is to be invited again.
#[utoipa::path(
    post,
    path = "/users/{id}/enable",
    tag = "people",
    operation_id = "enable_user",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = AccountView), WriteProblems)
)]
async fn enable(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    request: Write<Nothing>,
) -> Result<Json<AccountView>, Problem> {
    let open = users::enable(&app, &request.actor, UserId(id)).await?;
    Ok(Json(open.into()))
}

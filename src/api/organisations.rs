//! Organisations over JSON.
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use domain::{
    field::{Field, FieldProblem, Gathering},
    identity::{Email, InseeCode, OrganisationId, Phone, Siren},
    organisation::{Organisation, OrganisationKind, time_zone},
    text,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    extract::{Bearer, Id, Query, Tagged, Write},
    paging::{Page, Paging},
    problem::{Problem, ReadProblems, WriteProblems},
};
use crate::actions::{
    App, Error,
    organisations::{self, Changes, NewOrganisation, Wanted},
};

/// The operations on organisations.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(create_from_reference))
        .routes(routes!(show, update))
}

/// A public body.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrganisationView {
    pub id: Uuid,
    /// `commune`, `epci`, `syndicat`, `ccas`, `sdis`, `school`, `association` or `other`.
    pub kind: String,
    pub name: String,
    pub siren: Option<String>,
    pub insee: Option<String>,
    pub department: Option<String>,
    pub epci_siren: Option<String>,
    pub time_zone: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub address: Option<String>,
    pub good_friday: bool,
    pub local_law: bool,
    pub active: bool,
    pub version: i32,
}

impl From<Organisation> for OrganisationView {
    fn from(o: Organisation) -> Self {
        Self {
            id: o.id.0,
            kind: o.kind.code().to_owned(),
            name: o.name,
            siren: o.siren.as_ref().map(Siren::to_string),
            insee: o.insee.as_ref().map(InseeCode::to_string),
            department: o.department,
            epci_siren: o.epci_siren.as_ref().map(Siren::to_string),
            time_zone: o.time_zone,
            email: o.email.as_ref().map(Email::to_string),
            phone: o.phone.as_ref().map(|p| p.as_str().to_owned()),
            address: o.address,
            good_friday: o.good_friday,
            local_law: o.local_law,
            active: o.active,
            version: o.version,
        }
    }
}

fn tagged(o: Organisation) -> Tagged<OrganisationView> {
    Tagged {
        version: o.version,
        body: o.into(),
    }
}

/// Words to look for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Words {
    /// Words of a name, a SIREN, an INSEE code.
    pub q: Option<String>,
}

/// The organisations around the caller, by name.
#[utoipa::path(
    get,
    path = "/organisations",
    operation_id = "list_organisations",
    tag = "organisations",
    params(Words, Paging),
    responses((status = 200, body = Page<OrganisationView>), ReadProblems)
)]
async fn list(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Query(words): Query<Words>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<OrganisationView>>, Problem> {
    let limit = paging.rows(app.settings.limits.page_rows_max)?;
    let after: Option<(String, Uuid)> = paging.after()?;
    let after = after.map(|(key, id)| (key, OrganisationId(id)));
    let words = words.q.unwrap_or_default();
    let found = organisations::list(&app, &actor, &words, after, limit + 1).await?;
    let key = |o: &Organisation| (o.sort_key(), o.id.0);
    Ok(Json(Page::of(found, limit, key, Into::into)))
}

/// One organisation.
#[utoipa::path(
    get,
    path = "/organisations/{id}",
    operation_id = "show_organisation",
    tag = "organisations",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = OrganisationView), ReadProblems)
)]
async fn show(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
) -> Result<Tagged<OrganisationView>, Problem> {
    let found = organisations::find(&app, &actor, OrganisationId(id)).await?;
    Ok(tagged(found))
}

/// A body that the reference does not know.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OrganisationInput {
    /// `syndicat`, `ccas`, `sdis`, `school`, `association` or `other`.
    kind: String,
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// 9 digits.
    siren: Option<String>,
    #[schema(max_length = 3)]
    department: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    #[schema(max_length = 400)]
    address: Option<String>,
}

/// Adds a syndicat, a CCAS, a school…; the caller becomes its first administrator.
#[utoipa::path(
    post,
    path = "/organisations",
    operation_id = "create_organisation",
    tag = "organisations",
    request_body = OrganisationInput,
    responses((status = 201, body = OrganisationView), WriteProblems)
)]
async fn create(
    State(app): State<App>,
    request: Write<OrganisationInput>,
) -> Result<impl IntoResponse, Problem> {
    let new = read_new(request.body)?;
    let created = organisations::create(&app, &request.actor, new).await?;
    Ok((StatusCode::CREATED, tagged(created)))
}

fn read_new(body: OrganisationInput) -> Result<NewOrganisation, Error> {
    let mut gathering = Gathering::default();
    let kind = OrganisationKind::from_code(&body.kind).filter(|kind| kind.is_by_hand());
    let kind = gathering.read("kind", &body.kind, one_of(kind, &body.kind));
    let name = gathering.read("name", &body.name, text::clean(&body.name, 200));
    let siren = optional(&mut gathering, "siren", body.siren, Siren::parse);
    let department = optional(&mut gathering, "department", body.department, |t| {
        text::clean(t, 3)
    });
    let email = optional(&mut gathering, "email", body.email, Email::parse);
    let phone = optional(&mut gathering, "phone", body.phone, Phone::parse);
    let address = optional(&mut gathering, "address", body.address, |t| {
        text::clean_lines(t, 400)
    });
    match (kind, name, siren, department, email, phone, address) {
        (
            Some(kind),
            Some(name),
            Some(siren),
            Some(department),
            Some(email),
            Some(phone),
            Some(address),
        ) => Ok(NewOrganisation {
            kind,
            name,
            siren,
            department,
            email,
            phone,
            address,
        }),
        _ => Err(Error::Invalid(gathering.problems)),
    }
}

/// An optional field: absent, null and empty say the same.
pub(super) fn optional<T, E: Into<FieldProblem>>(
    gathering: &mut Gathering,
    name: &str,
    typed: Option<String>,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Option<Option<T>> {
    gathering.read_optional(name, &typed.unwrap_or_default(), parse)
}

/// A code that must be one of a list.
pub(super) fn one_of<T>(found: Option<T>, typed: &str) -> Result<T, FieldProblem> {
    found.ok_or_else(|| FieldProblem::not_one_of(typed))
}

/// What to take from the reference: one of the two.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReferenceInput {
    /// SIREN of an EPCI: it comes with all its communes.
    epci: Option<String>,
    /// INSEE code of a commune.
    commune: Option<String>,
}

/// What a creation from the reference left behind.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct CreatedView {
    organisation: OrganisationView,
    /// How many organisations were not there before.
    added: usize,
    /// The communes of the EPCI.
    members: Vec<OrganisationView>,
}

/// Adds an EPCI with all its communes, or one commune, from the national reference.
#[utoipa::path(
    post,
    path = "/organisations/from-reference",
    operation_id = "create_from_reference",
    tag = "organisations",
    request_body = ReferenceInput,
    responses((status = 200, body = CreatedView), WriteProblems)
)]
async fn create_from_reference(
    State(app): State<App>,
    request: Write<ReferenceInput>,
) -> Result<Json<CreatedView>, Problem> {
    let wanted = read_wanted(&request.body)?;
    let created = organisations::create_from_reference(&app, &request.actor, &wanted).await?;
    Ok(Json(CreatedView {
        organisation: created.main.into(),
        added: created.added,
        members: created.members.into_iter().map(Into::into).collect(),
    }))
}

fn read_wanted(body: &ReferenceInput) -> Result<Wanted, Error> {
    let mut gathering = Gathering::default();
    let wanted = match (&body.epci, &body.commune) {
        (Some(siren), None) => gathering
            .read("epci", siren, Siren::parse(siren))
            .map(Wanted::Epci),
        (None, Some(insee)) => gathering
            .read("commune", insee, InseeCode::parse(insee))
            .map(Wanted::Commune),
        (_, _) => {
            let missing = Field::new("epci", "", FieldProblem::Missing);
            gathering.problems.push(missing);
            None
        }
    };
    wanted.ok_or(Error::Invalid(gathering.problems))
}

/// What may be changed; the codes of communes come from the reference.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangesInput {
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    siren: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    #[schema(max_length = 400)]
    address: Option<String>,
    #[serde(default)]
    good_friday: bool,
    #[serde(default)]
    local_law: bool,
    /// An IANA time zone of the French Republic, `Europe/Paris`; absent, the present one stays.
    /// Deadlines keep their instant.
    time_zone: Option<String>,
}

/// Changes the details of an organisation.
#[utoipa::path(
    put,
    path = "/organisations/{id}",
    operation_id = "update_organisation",
    tag = "organisations",
    params(("id" = Uuid, Path), ("If-Match" = String, Header)),
    request_body = ChangesInput,
    responses((status = 200, body = OrganisationView), WriteProblems)
)]
async fn update(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    request: Write<ChangesInput>,
) -> Result<Tagged<OrganisationView>, Problem> {
    let read_at = request.if_match.require()?;
    let changes = read_changes(request.body)?;
    let id = OrganisationId(id);
    let changed = organisations::update(&app, &request.actor, id, changes, read_at).await?;
    Ok(tagged(changed))
}

fn read_changes(body: ChangesInput) -> Result<Changes, Error> {
    let mut gathering = Gathering::default();
    let name = gathering.read("name", &body.name, text::clean(&body.name, 200));
    let siren = optional(&mut gathering, "siren", body.siren, Siren::parse);
    let email = optional(&mut gathering, "email", body.email, Email::parse);
    let phone = optional(&mut gathering, "phone", body.phone, Phone::parse);
    let address = optional(&mut gathering, "address", body.address, |t| {
        text::clean_lines(t, 400)
    });
    let zone = optional(&mut gathering, "time_zone", body.time_zone, |typed| {
        one_of(time_zone(typed), typed)
    });
    match (name, siren, email, phone, address, zone) {
        (Some(name), Some(siren), Some(email), Some(phone), Some(address), Some(time_zone)) => {
            Ok(Changes {
                name,
                siren,
                email,
                phone,
                address,
                good_friday: body.good_friday,
                local_law: body.local_law,
                time_zone,
            })
        }
        _ => Err(Error::Invalid(gathering.problems)),
    }
}

//! Sites over JSON.
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use domain::{
    field::Gathering,
    identity::{BudgetId, OrganisationId, SiteId},
    quantity::Quantity,
    site::{Site, SiteKind},
    text,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    extract::{Bearer, Id, Query, Tagged, Write},
    organisations::{Words, one_of, optional},
    paging::{Page, Paging},
    problem::{Problem, ReadProblems, WriteProblems},
};
use crate::actions::{
    App, Error,
    sites::{self, Details},
};

/// The operations on sites.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, update))
}

/// A building, a meter or a vehicle.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct SiteView {
    id: Uuid,
    /// `building`, `electricity_meter`, `gas_meter` or `vehicle`.
    kind: String,
    name: String,
    /// PRM, PCE, plate, or a number of its own.
    reference: Option<String>,
    address: Option<String>,
    /// Square metres, as a decimal string.
    area: Option<String>,
    category: Option<String>,
    /// The budget that pays for it; the main one when absent.
    budget_id: Option<Uuid>,
    active: bool,
    version: i32,
}

impl From<Site> for SiteView {
    fn from(s: Site) -> Self {
        Self {
            id: s.id.0,
            kind: s.kind.code().to_owned(),
            name: s.name,
            reference: s.reference,
            address: s.address,
            area: s.area.as_ref().map(Quantity::to_string),
            category: s.category,
            budget_id: s.budget.map(|budget| budget.0),
            active: s.active,
            version: s.version,
        }
    }
}

fn tagged(site: Site) -> Tagged<SiteView> {
    Tagged {
        version: site.version,
        body: site.into(),
    }
}

/// The sites of an organisation, those put aside last.
#[utoipa::path(
    get,
    path = "/organisations/{organisation}/sites",
    tag = "organisations",
    operation_id = "list_sites",
    params(("organisation" = Uuid, Path), Words, Paging),
    responses((status = 200, body = Page<SiteView>), ReadProblems)
)]
async fn list(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(owner): Id<Uuid>,
    Query(words): Query<Words>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<SiteView>>, Problem> {
    let limit = paging.rows(app.settings.limits.page_rows_max)?;
    let offset: u64 = paging.after()?.unwrap_or_default();
    let (owner, words) = (OrganisationId(owner), words.q.unwrap_or_default());
    let (found, total) = sites::search(&app, &actor, owner, &words, offset, limit).await?;
    Ok(Json(Page::at(found, offset + limit, total, Into::into)))
}

/// One of them.
#[utoipa::path(
    get,
    path = "/organisations/{organisation}/sites/{id}",
    tag = "organisations",
    operation_id = "show_site",
    params(("organisation" = Uuid, Path), ("id" = Uuid, Path)),
    responses((status = 200, body = SiteView), ReadProblems)
)]
async fn show(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id((owner, id)): Id<(Uuid, Uuid)>,
) -> Result<Tagged<SiteView>, Problem> {
    let found = sites::find(&app, &actor, OrganisationId(owner), SiteId(id)).await?;
    Ok(tagged(found))
}

/// What is written of a site.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SiteInput {
    /// `building`, `electricity_meter`, `gas_meter` or `vehicle`.
    kind: String,
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    #[schema(max_length = 100)]
    reference: Option<String>,
    #[schema(max_length = 400)]
    address: Option<String>,
    /// Square metres, as a decimal string: `1234.5`.
    area: Option<String>,
    #[schema(max_length = 100)]
    category: Option<String>,
    /// The budget that pays for it; the main one when absent.
    budget_id: Option<Uuid>,
    /// False puts it aside; true when absent.
    active: Option<bool>,
}

/// Adds a site.
#[utoipa::path(
    post,
    path = "/organisations/{organisation}/sites",
    tag = "organisations",
    operation_id = "create_site",
    params(("organisation" = Uuid, Path)),
    request_body = SiteInput,
    responses((status = 201, body = SiteView), WriteProblems)
)]
async fn create(
    State(app): State<App>,
    Id(owner): Id<Uuid>,
    request: Write<SiteInput>,
) -> Result<impl IntoResponse, Problem> {
    let details = read(request.body)?;
    let owner = OrganisationId(owner);
    let created = sites::create(&app, &request.actor, owner, details).await?;
    Ok((StatusCode::CREATED, tagged(created)))
}

/// Changes a site.
#[utoipa::path(
    put,
    path = "/organisations/{organisation}/sites/{id}",
    tag = "organisations",
    operation_id = "update_site",
    params(("organisation" = Uuid, Path), ("id" = Uuid, Path), ("If-Match" = String, Header)),
    request_body = SiteInput,
    responses((status = 200, body = SiteView), WriteProblems)
)]
async fn update(
    State(app): State<App>,
    Id((owner, id)): Id<(Uuid, Uuid)>,
    request: Write<SiteInput>,
) -> Result<Tagged<SiteView>, Problem> {
    let read_at = request.if_match.require()?;
    let active = request.body.active.unwrap_or(true);
    let details = read(request.body)?;
    let (owner, id) = (OrganisationId(owner), SiteId(id));
    let actor = &request.actor;
    let changed = sites::update(&app, actor, owner, id, details, active, read_at).await?;
    Ok(tagged(changed))
}

fn read(body: SiteInput) -> Result<Details, Error> {
    let mut gathering = Gathering::default();
    let kind = one_of(SiteKind::from_code(&body.kind), &body.kind);
    let kind = gathering.read("kind", &body.kind, kind);
    let name = gathering.read("name", &body.name, text::clean(&body.name, 200));
    let reference = match kind {
        Some(kind) => optional(&mut gathering, "reference", body.reference, |t| {
            kind.read_number(t)
        }),
        None => Some(None),
    };
    let address = optional(&mut gathering, "address", body.address, |t| {
        text::clean_lines(t, 400)
    });
    let area = optional(&mut gathering, "area", body.area, Quantity::parse);
    let category = optional(&mut gathering, "category", body.category, |t| {
        text::clean(t, 100)
    });
    match (kind, name, reference, address, area, category) {
        (Some(kind), Some(name), Some(reference), Some(address), Some(area), Some(category)) => {
            Ok(Details {
                kind,
                name,
                reference,
                address,
                area,
                category,
                budget: body.budget_id.map(BudgetId),
            })
        }
        _ => Err(Error::Invalid(gathering.problems)),
    }
}

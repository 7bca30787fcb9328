//! Budgets over JSON.
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use domain::{
    budget::{Budget, BudgetKind},
    field::Gathering,
    identity::{BudgetId, OrganisationId, Siret},
    text,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    extract::{Bearer, Id, Query, Tagged, Write},
    organisations::{one_of, optional},
    paging::{Page, Paging},
    problem::{Problem, ReadProblems, WriteProblems},
};
use crate::{
    actions::{
        App, Error,
        budgets::{self, Details},
    },
    store::Start,
};

/// The operations on budgets.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, update))
}

/// A payer: an organisation's main or annexe budget.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct BudgetView {
    id: Uuid,
    /// `main` or `annexe`.
    kind: String,
    name: String,
    siret: Option<String>,
    vat_liable: bool,
    chorus_service: Option<String>,
    chorus_engagement: Option<String>,
    active: bool,
    version: i32,
}

impl From<Budget> for BudgetView {
    fn from(b: Budget) -> Self {
        Self {
            id: b.id.0,
            kind: b.kind.code().to_owned(),
            name: b.name,
            siret: b.siret.as_ref().map(Siret::to_string),
            vat_liable: b.vat_liable,
            chorus_service: b.chorus_service,
            chorus_engagement: b.chorus_engagement,
            active: b.active,
            version: b.version,
        }
    }
}

fn tagged(budget: Budget) -> Tagged<BudgetView> {
    Tagged {
        version: budget.version,
        body: budget.into(),
    }
}

/// The budgets of an organisation, those put aside last.
#[utoipa::path(
    get,
    path = "/organisations/{organisation}/budgets",
    tag = "organisations",
    operation_id = "list_budgets",
    params(("organisation" = Uuid, Path), Paging),
    responses((status = 200, body = Page<BudgetView>), ReadProblems)
)]
async fn list(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(owner): Id<Uuid>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<BudgetView>>, Problem> {
    let limit = paging.rows(app.settings.limits.page_rows_max)?;
    let (owner, start) = (OrganisationId(owner), Start::After(paging.after()?));
    let found = budgets::list(&app, &actor, owner, start, limit + 1).await?;
    let key = |b: &Budget| (b.active, b.name.clone(), b.id.0);
    Ok(Json(Page::of(found, limit, key, Into::into)))
}

/// One of them.
#[utoipa::path(
    get,
    path = "/organisations/{organisation}/budgets/{id}",
    tag = "organisations",
    operation_id = "show_budget",
    params(("organisation" = Uuid, Path), ("id" = Uuid, Path)),
    responses((status = 200, body = BudgetView), ReadProblems)
)]
async fn show(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id((owner, id)): Id<(Uuid, Uuid)>,
) -> Result<Tagged<BudgetView>, Problem> {
    let found = budgets::find(&app, &actor, OrganisationId(owner), BudgetId(id)).await?;
    Ok(tagged(found))
}

/// What is written of a budget.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BudgetInput {
    /// `main` or `annexe`.
    kind: String,
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// 14 digits.
    siret: Option<String>,
    #[serde(default)]
    vat_liable: bool,
    #[schema(max_length = 100)]
    chorus_service: Option<String>,
    #[schema(max_length = 50)]
    chorus_engagement: Option<String>,
    /// False puts it aside; true when absent.
    active: Option<bool>,
}

/// Adds a budget.
#[utoipa::path(
    post,
    path = "/organisations/{organisation}/budgets",
    tag = "organisations",
    operation_id = "create_budget",
    params(("organisation" = Uuid, Path)),
    request_body = BudgetInput,
    responses((status = 201, body = BudgetView), WriteProblems)
)]
async fn create(
    State(app): State<App>,
    Id(owner): Id<Uuid>,
    request: Write<BudgetInput>,
) -> Result<impl IntoResponse, Problem> {
    let details = read(request.body)?;
    let owner = OrganisationId(owner);
    let created = budgets::create(&app, &request.actor, owner, details).await?;
    Ok((StatusCode::CREATED, tagged(created)))
}

/// Changes a budget.
#[utoipa::path(
    put,
    path = "/organisations/{organisation}/budgets/{id}",
    tag = "organisations",
    operation_id = "update_budget",
    params(("organisation" = Uuid, Path), ("id" = Uuid, Path), ("If-Match" = String, Header)),
    request_body = BudgetInput,
    responses((status = 200, body = BudgetView), WriteProblems)
)]
async fn update(
    State(app): State<App>,
    Id((owner, id)): Id<(Uuid, Uuid)>,
    request: Write<BudgetInput>,
) -> Result<Tagged<BudgetView>, Problem> {
    let read_at = request.if_match.require()?;
    let active = request.body.active.unwrap_or(true);
    let details = read(request.body)?;
    let (owner, id) = (OrganisationId(owner), BudgetId(id));
    let actor = &request.actor;
    let changed = budgets::update(&app, actor, owner, id, details, active, read_at).await?;
    Ok(tagged(changed))
}

fn read(body: BudgetInput) -> Result<Details, Error> {
    let mut gathering = Gathering::default();
    let kind = one_of(BudgetKind::from_code(&body.kind), &body.kind);
    let kind = gathering.read("kind", &body.kind, kind);
    let name = gathering.read("name", &body.name, text::clean(&body.name, 200));
    let siret = optional(&mut gathering, "siret", body.siret, Siret::parse);
    let service = optional(&mut gathering, "chorus_service", body.chorus_service, |t| {
        text::clean(t, 100)
    });
    let engagement = optional(
        &mut gathering,
        "chorus_engagement",
        body.chorus_engagement,
        |t| text::clean(t, 50),
    );
    match (kind, name, siret, service, engagement) {
        (Some(kind), Some(name), Some(siret), Some(chorus_service), Some(chorus_engagement)) => {
            Ok(Details {
                kind,
                name,
                siret,
                vat_liable: body.vat_liable,
                chorus_service,
                chorus_engagement,
            })
        }
        _ => Err(Error::Invalid(gathering.problems)),
    }
}

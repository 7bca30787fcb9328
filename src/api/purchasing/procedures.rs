//! Procedures over JSON.
use axum::{Json, extract::State, http::StatusCode};
use domain::{
    identity::{OrganisationId, ProcedureId, RoundId},
    purchasing::{
        procedure::{
            Plan, Procedure, ProcedureForm, ProcedureState, REASON_CHARS_MAX, TITLE_CHARS_MAX,
        },
        thresholds::PurchaseNature,
    },
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::reading::Reading;
use crate::{
    actions::{
        App,
        purchasing::procedures::{self, Listing, NewProcedure},
    },
    api::{
        extract::{Bearer, Id, Nothing, Query, Tagged, Write},
        paging::{Page, Paging},
        problem::{Problem, ReadProblems, WriteProblems},
    },
};

mod views;

pub use views::{ProcedureOverview, ProcedureView};

/// The operations on procedures.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, revise))
        .routes(routes!(set_aside))
        .routes(routes!(take_back))
        .routes(routes!(launch))
        .routes(routes!(refresh_demand))
}

/// What is said of a procedure.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanBody {
    #[schema(max_length = 200)]
    pub title: String,
    #[schema(example = "adapted")]
    pub form: String,
    #[schema(example = "supplies_services")]
    pub nature: String,
    #[schema(format = Date)]
    pub published_on: Option<String>,
    #[schema(format = DateTime)]
    pub offers_due_at: Option<String>,
    #[schema(format = Date)]
    pub cao_on: Option<String>,
}

/// A procedure to prepare.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProcedureBody {
    /// Closed rounds of one grouping.
    #[schema(max_items = 20)]
    pub rounds: Vec<Uuid>,
    pub plan: PlanBody,
}

/// Members to set aside.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetAsideBody {
    #[schema(min_items = 1, max_items = 5000)]
    pub members: Vec<Uuid>,
    #[schema(max_length = 500)]
    pub reason: String,
}

/// A member to take back.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeBackBody {
    pub member: Uuid,
}

/// A launch.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LaunchBody {
    /// The day whose thresholds apply.
    #[schema(format = Date)]
    pub launched_on: String,
}

/// Which procedures.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Search {
    /// Words of the title.
    pub q: Option<String>,
    /// `preparing`, `published` or `done`.
    #[param(pattern = "^(preparing|published|done)$")]
    pub state: Option<String>,
}

impl PlanBody {
    fn read(&self, reading: &mut Reading, prefix: &str) -> Option<Plan> {
        let name = |field: &str| format!("{prefix}{field}");
        let title = reading.text(&name("title"), &self.title, TITLE_CHARS_MAX);
        let form = reading.choice(&name("form"), &self.form, ProcedureForm::from_code);
        let nature = reading.choice(&name("nature"), &self.nature, PurchaseNature::from_code);
        let published_on = self.published_on.as_deref();
        let published_on = reading.date_optional(&name("published_on"), published_on);
        let offers_due_at = self.offers_due_at.as_deref();
        let offers_due_at = reading.instant(&name("offers_due_at"), offers_due_at);
        let cao_on = reading.date_optional(&name("cao_on"), self.cao_on.as_deref());
        Some(Plan {
            title: title?,
            form: form?,
            nature: nature?,
            published_on: published_on?,
            offers_due_at: offers_due_at?,
            cao_on: cao_on?,
        })
    }
}

/// The procedures that concern your organisations, newest first.
#[utoipa::path(
    get,
    path = "/procedures",
    operation_id = "list_procedures",
    tag = "procedures",
    params(Search, Paging),
    responses((status = 200, body = Page<ProcedureView>), ReadProblems)
)]
async fn list(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Query(search): Query<Search>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<ProcedureView>>, Problem> {
    let limit = paging.rows(app.settings.limits.page_rows_max)?;
    let after = paging.after::<ProcedureId>()?;
    let unknown = || Problem::malformed("Le paramètre state ne prend pas cette valeur.");
    let state = match search.state.as_deref() {
        None => None,
        Some(code) => Some(ProcedureState::from_code(code).ok_or_else(unknown)?),
    };
    let words = search.q.unwrap_or_default();
    let listing = Listing { words, state };
    let found = procedures::list(&app, &actor, &listing, after, limit + 1).await?;
    let key = |procedure: &Procedure| procedure.id;
    Ok(Json(Page::of(found, limit, key, ProcedureView::from)))
}

/// One procedure with its gate, its lots and the thresholds.
#[utoipa::path(
    get,
    path = "/procedures/{id}",
    operation_id = "show_procedure",
    tag = "procedures",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = ProcedureOverview), ReadProblems)
)]
async fn show(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
) -> Result<Tagged<ProcedureOverview>, Problem> {
    let found = procedures::overview(&app, &actor, ProcedureId(id)).await?;
    Ok(Tagged {
        version: found.procedure.version,
        body: found.into(),
    })
}

/// Prepares a procedure from closed rounds.
#[utoipa::path(
    post,
    path = "/procedures",
    operation_id = "create_procedure",
    tag = "procedures",
    request_body = NewProcedureBody,
    responses((status = 201, body = ProcedureView), WriteProblems)
)]
async fn create(
    State(app): State<App>,
    write: Write<NewProcedureBody>,
) -> Result<(StatusCode, Tagged<ProcedureView>), Problem> {
    let mut reading = Reading::default();
    let Some(plan) = write.body.plan.read(&mut reading, "plan.") else {
        return Err(reading.invalid().into());
    };
    let rounds = write.body.rounds.into_iter().map(RoundId).collect();
    let new = NewProcedure { rounds, plan };
    let made = procedures::create(&app, &write.actor, new).await?;
    Ok((StatusCode::CREATED, tagged(made)))
}

/// Changes the title, form, nature or dates of a procedure.
#[utoipa::path(
    put,
    path = "/procedures/{id}",
    operation_id = "revise_procedure",
    tag = "procedures",
    params(("id" = Uuid, Path), ("If-Match" = String, Header)),
    request_body = PlanBody,
    responses((status = 200, body = ProcedureView), WriteProblems)
)]
async fn revise(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<PlanBody>,
) -> Result<Tagged<ProcedureView>, Problem> {
    let version = write.if_match.require()?;
    let mut reading = Reading::default();
    let Some(plan) = write.body.read(&mut reading, "") else {
        return Err(reading.invalid().into());
    };
    let saved = procedures::revise(&app, &write.actor, ProcedureId(id), version, plan).await?;
    Ok(tagged(saved))
}

/// Sets members aside: their needs leave the totals.
#[utoipa::path(
    post,
    path = "/procedures/{id}/set-aside",
    operation_id = "set_members_aside",
    tag = "procedures",
    params(("id" = Uuid, Path)),
    request_body = SetAsideBody,
    responses((status = 200, body = ProcedureView), WriteProblems)
)]
async fn set_aside(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<SetAsideBody>,
) -> Result<Tagged<ProcedureView>, Problem> {
    let mut reading = Reading::default();
    let Some(reason) = reading.text("reason", &write.body.reason, REASON_CHARS_MAX) else {
        return Err(reading.invalid().into());
    };
    let members = write.body.members.iter().copied().map(OrganisationId);
    let (id, members) = (ProcedureId(id), members.collect());
    let saved = procedures::set_aside(&app, &write.actor, id, &members, &reason).await?;
    Ok(tagged(saved))
}

/// Takes a member back before the launch.
#[utoipa::path(
    post,
    path = "/procedures/{id}/take-back",
    operation_id = "take_member_back",
    tag = "procedures",
    params(("id" = Uuid, Path)),
    request_body = TakeBackBody,
    responses((status = 200, body = ProcedureView), WriteProblems)
)]
async fn take_back(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<TakeBackBody>,
) -> Result<Tagged<ProcedureView>, Problem> {
    let (id, member) = (ProcedureId(id), OrganisationId(write.body.member));
    let saved = procedures::take_back(&app, &write.actor, id, member).await?;
    Ok(tagged(saved))
}

/// Launches a procedure once nobody is waited for.
#[utoipa::path(
    post,
    path = "/procedures/{id}/launch",
    operation_id = "launch_procedure",
    tag = "procedures",
    params(("id" = Uuid, Path)),
    request_body = LaunchBody,
    responses((status = 200, body = ProcedureView), WriteProblems)
)]
async fn launch(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<LaunchBody>,
) -> Result<Tagged<ProcedureView>, Problem> {
    let mut reading = Reading::default();
    let Some(on) = reading.date("launched_on", &write.body.launched_on) else {
        return Err(reading.invalid().into());
    };
    let (id, version) = (ProcedureId(id), write.if_match.version());
    let saved = procedures::launch(&app, &write.actor, id, version, on).await?;
    Ok(tagged(saved))
}

/// Takes the quantities of the rounds again, before any lot is decided.
///
/// A launched procedure keeps the quantities of its launch, whatever a round opened again says.
#[utoipa::path(
    post,
    path = "/procedures/{id}/refresh-demand",
    operation_id = "refresh_procedure_demand",
    tag = "procedures",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = ProcedureView), WriteProblems)
)]
async fn refresh_demand(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<Nothing>,
) -> Result<Tagged<ProcedureView>, Problem> {
    let (id, version) = (ProcedureId(id), write.if_match.version());
    let saved = procedures::refresh_demand(&app, &write.actor, id, version).await?;
    Ok(tagged(saved))
}

pub(super) fn tagged(procedure: Procedure) -> Tagged<ProcedureView> {
    Tagged {
        version: procedure.version,
        body: procedure.into(),
    }
}

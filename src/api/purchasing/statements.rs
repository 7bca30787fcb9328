//! Statements over JSON.
use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use domain::identity::StatementId;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::allocations::ExplanationView;
use crate::{
    actions::{App, purchasing::statements},
    api::{
        extract::{Bearer, Id, Query},
        paging::{Page, Paging},
        problem::{Problem, ReadProblems},
    },
};

/// The operations on statements.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
}

/// What a member receives with its share.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StatementView {
    pub id: Uuid,
    pub number: String,
    pub owner: Uuid,
    pub grouping: Uuid,
    pub member: Uuid,
    /// The budget that pays; the member's main one when absent.
    pub budget: Option<Uuid>,
    pub allocation: Uuid,
    pub invoice: Uuid,
    pub invoice_number: String,
    pub net: String,
    pub vat: String,
    pub gross: String,
    /// A later run made another statement in its place.
    pub replaced: bool,
    pub made_at: DateTime<Utc>,
}

/// A statement with the explanation of each share.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StatementDetail {
    #[serde(flatten)]
    pub statement: StatementView,
    pub parts: Vec<ExplanationView>,
}

/// The statements of your organisations, newest first.
#[utoipa::path(
    get,
    path = "/statements",
    operation_id = "list_statements",
    tag = "statements",
    params(Paging),
    responses((status = 200, body = Page<StatementView>), ReadProblems)
)]
async fn list(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<StatementView>>, Problem> {
    let limit = paging.rows(app.settings.limits.page_rows_max)?;
    let after = paging.after::<Uuid>()?.map(StatementId);
    let found = statements::list(&app, &actor, after, limit.saturating_add(1)).await?;
    let show = |listed: statements::Listed| StatementView {
        id: listed.statement.id.0,
        owner: listed.statement.owner.0,
        grouping: listed.statement.grouping.0,
        member: listed.statement.member.0,
        budget: listed.statement.budget.map(|id| id.0),
        allocation: listed.statement.allocation.0,
        invoice: listed.invoice.id.0,
        invoice_number: listed.invoice.number,
        net: listed.statement.total.net.to_string(),
        vat: listed.statement.total.tax.to_string(),
        gross: listed.statement.total.gross.to_string(),
        replaced: listed.replaced,
        made_at: listed.statement.made_at,
        number: listed.statement.number,
    };
    let key = |listed: &statements::Listed| listed.statement.id.0;
    Ok(Json(Page::of(found, limit, key, show)))
}

/// One statement, with where its cents come from.
#[utoipa::path(
    get,
    path = "/statements/{id}",
    operation_id = "show_statement",
    tag = "statements",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = StatementDetail), ReadProblems)
)]
async fn show(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
) -> Result<Json<StatementDetail>, Problem> {
    let found = statements::find(&app, &actor, StatementId(id)).await?;
    let replaced = !found.run.is_latest();
    let statement = found.statement;
    Ok(Json(StatementDetail {
        statement: StatementView {
            id: statement.id.0,
            owner: statement.owner.0,
            grouping: statement.grouping.0,
            member: statement.member.0,
            budget: statement.budget.map(|id| id.0),
            allocation: statement.allocation.0,
            invoice: found.run.invoice.id.0,
            invoice_number: found.run.invoice.number,
            net: statement.total.net.to_string(),
            vat: statement.total.tax.to_string(),
            gross: statement.total.gross.to_string(),
            replaced,
            made_at: statement.made_at,
            number: statement.number,
        },
        parts: found.parts.into_iter().map(Into::into).collect(),
    }))
}

//! Statements over JSON.
use axum::{Json, extract::State, response::Response};
use chrono::{DateTime, Utc};
use domain::{
    allocation::Totals,
    field::{Field, FieldProblem},
    identity::{
        ContractId, GroupingId, InvoiceId, OrganisationId, ProcedureId, RoundId, StatementId,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::allocations::{ExplanationView, Wanted};
use crate::{
    actions::{
        App,
        purchasing::statements::{self, Filter, Moved},
    },
    api::{
        extract::{Bearer, Id, Query},
        files::{InFormat, TableFile},
        paging::{Page, Paging},
        problem::{Problem, ReadProblems},
    },
    exchange::{
        download,
        statements::{file_name, label, table},
    },
    wording,
};

/// The operations on statements.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(explanation))
        .routes(routes!(export))
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
    /// The statement of the run before that this one replaces.
    pub replaces: Option<Uuid>,
    /// The statement of the latest run in its place.
    pub replaced_by: Option<Uuid>,
    /// What the run before asked; absent on the first run of an invoice.
    pub previous: Option<AmountsView>,
    /// New less previous.
    pub difference: Option<AmountsView>,
    /// Previous, new and difference of each line and tax.
    pub changes: Vec<ChangeView>,
    /// What follows, in French, as the page says it.
    pub next: Vec<String>,
}

/// Net, VAT or other taxes, and gross.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AmountsView {
    pub net: String,
    pub vat: String,
    pub gross: String,
}

/// One share before and after a correction.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChangeView {
    /// The line of the invoice, or its tax.
    pub label: String,
    pub previous: String,
    pub new: String,
    pub difference: String,
}

impl From<Totals> for AmountsView {
    fn from(totals: Totals) -> Self {
        Self {
            net: totals.net.to_string(),
            vat: totals.tax.to_string(),
            gross: totals.gross.to_string(),
        }
    }
}

impl From<&Moved> for ChangeView {
    fn from(moved: &Moved) -> Self {
        Self {
            label: label(&moved.part),
            previous: moved.previous.to_string(),
            new: moved.new.to_string(),
            difference: moved.difference.to_string(),
        }
    }
}

/// Which statements of your organisations are asked for.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct StatementFilter {
    /// One of your organisations.
    member: Option<Uuid>,
    grouping: Option<Uuid>,
    /// Those of the contracts of a round, of a procedure, of one contract, of one invoice.
    round: Option<Uuid>,
    procedure: Option<Uuid>,
    contract: Option<Uuid>,
    invoice: Option<Uuid>,
    /// The year in which they were made.
    #[param(minimum = 1900, maximum = 2999)]
    exercice: Option<i32>,
}

impl StatementFilter {
    fn read(self) -> Result<Filter, Problem> {
        if let Some(year) = self.exercice.filter(|year| !(1900..=2999).contains(year)) {
            let (min, max) = ("1900".to_owned(), "2999".to_owned());
            let problem = FieldProblem::OutOfRange { min, max };
            let field = Field::new("exercice", &year.to_string(), problem);
            return Err(Problem::parameters(&[field]));
        }
        Ok(Filter {
            members: self.member.map(OrganisationId).into_iter().collect(),
            grouping: self.grouping.map(GroupingId),
            round: self.round.map(RoundId),
            procedure: self.procedure.map(ProcedureId),
            contract: self.contract.map(ContractId),
            invoice: self.invoice.map(InvoiceId),
            exercice: self.exercice,
        })
    }
}

/// The statements of your organisations, newest first.
#[utoipa::path(
    get,
    path = "/statements",
    operation_id = "list_statements",
    tag = "statements",
    params(StatementFilter, Paging),
    responses((status = 200, body = Page<StatementView>), ReadProblems)
)]
async fn list(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Query(filter): Query<StatementFilter>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<StatementView>>, Problem> {
    let limit = paging.rows(app.settings.limits.page_rows_max)?;
    let after = paging.after::<Uuid>()?.map(StatementId);
    let found = statements::list(&app, &actor, filter.read()?, after, limit + 1).await?;
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
    let change = found.change.as_ref();
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
        replaces: change.and_then(|c| c.replaces.as_ref()).map(|s| s.id.0),
        replaced_by: found.replaced_by.as_ref().map(|s| s.id.0),
        previous: change.map(|change| change.previous.into()),
        difference: change.map(|change| change.difference.into()),
        changes: change.map_or_else(Vec::new, |c| c.rows.iter().map(Into::into).collect()),
        next: found.next.iter().map(wording::correction::next).collect(),
    }))
}

/// Where every cent of a statement comes from: for each line of the invoice, 5000 at most.
#[utoipa::path(
    get,
    path = "/statements/{id}/explanation",
    operation_id = "explain_statement",
    tag = "statements",
    params(("id" = Uuid, Path), Wanted),
    responses((status = 200, body = Vec<ExplanationView>), ReadProblems)
)]
async fn explanation(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Vec<ExplanationView>>, Problem> {
    let found = statements::find(&app, &actor, StatementId(id)).await?;
    Ok(Json(wanted.told(found.parts)?))
}

/// One statement as a file, with what proves it.
#[utoipa::path(
    get,
    path = "/statements/{id}/export",
    operation_id = "export_statement",
    tag = "statements",
    params(("id" = Uuid, Path), InFormat),
    responses(TableFile, ReadProblems)
)]
async fn export(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
    Query(wanted): Query<InFormat>,
) -> Result<Response, Problem> {
    let found = statements::find(&app, &actor, StatementId(id)).await?;
    Ok(download::table(
        &table(&found),
        wanted.format,
        &file_name(&found),
    )?)
}

//! Invoices over JSON: recorded as printed, checked, with what was delivered, split.
use axum::{Json, extract::State, http::StatusCode};
use chrono::NaiveDate;
use domain::{
    field::Gathering,
    identity::{BudgetId, ContractId, GroupingId, InvoiceId, InvoiceLineId, OrganisationId},
    purchasing::{
        invoice::{Invoice, InvoiceState},
        payer::Payer,
        payment::Payment,
        run::Delivered,
    },
    quantity::Quantity,
    text,
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::allocations::AllocationView;
use crate::{
    actions::{
        App, Error,
        purchasing::{
            allocations, deliveries,
            invoices::{self, Wanted},
            payments,
        },
    },
    api::{
        extract::{Bearer, Id, Nothing, Query, Tagged, Write},
        paging::{Page, Paging},
        problem::{Problem, ReadProblems, WriteProblems},
    },
};

mod input;
mod view;

use input::InvoiceInput;
use view::{InvoiceView, view};

/// The operations on invoices.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, replace))
        .routes(routes!(check))
        .routes(routes!(pay))
        .routes(routes!(unpay))
        .routes(routes!(allocate))
        .routes(routes!(deliver))
}

fn tagged(invoice: Invoice) -> Result<Tagged<InvoiceView>, Problem> {
    Ok(Tagged {
        version: invoice.version,
        body: view(invoice)?,
    })
}

/// Which invoices, and which page of them.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct InvoiceQuery {
    /// The `next` of the page before.
    pub cursor: Option<String>,
    /// How many rows, 50 by default.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
    /// Words of the number, the title or the supplier.
    pub q: Option<String>,
    /// `received`, `checked` or `allocated`.
    #[param(pattern = "^(received|checked|allocated)$")]
    pub state: Option<String>,
    /// `to_pay` (late ones included), `late` or `paid`.
    #[param(pattern = "^(to_pay|late|paid)$")]
    pub payment: Option<String>,
    pub grouping: Option<Uuid>,
    pub contract: Option<Uuid>,
}

/// The invoices you may see, newest first.
#[utoipa::path(
    get,
    path = "/invoices",
    operation_id = "list_invoices",
    tag = "invoices",
    params(InvoiceQuery),
    responses((status = 200, body = Page<InvoiceView>), ReadProblems)
)]
async fn list(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Query(query): Query<InvoiceQuery>,
) -> Result<Json<Page<InvoiceView>>, Problem> {
    let paging = Paging {
        cursor: query.cursor,
        limit: query.limit,
    };
    let limit = paging.rows(app.settings.limits.page_rows_max)?;
    let after = paging.after::<Uuid>()?.map(InvoiceId);
    let wanted = Wanted {
        words: query.q.unwrap_or_default(),
        state: match query.state {
            Some(code) => Some(InvoiceState::from_code(&code).ok_or_else(|| {
                Problem::malformed("Le paramètre state est received, checked ou allocated.")
            })?),
            None => None,
        },
        payment: match query.payment {
            Some(code) => Some(Payment::from_code(&code).ok_or_else(|| {
                Problem::malformed("Le paramètre payment est to_pay, late ou paid.")
            })?),
            None => None,
        },
        grouping: query.grouping.map(GroupingId),
        contract: query.contract.map(ContractId),
    };
    let found = invoices::list(&app, &actor, &wanted, after, limit.saturating_add(1)).await?;
    let views = found.into_iter().map(|listed| view(listed.invoice));
    let views = views.collect::<Result<Vec<_>, _>>()?;
    Ok(Json(Page::of(views, limit, |row| row.id, |row| row)))
}

/// Records an invoice as printed.
#[utoipa::path(
    post,
    path = "/invoices",
    operation_id = "create_invoice",
    tag = "invoices",
    request_body = InvoiceInput,
    responses((status = 201, body = InvoiceView), WriteProblems)
)]
async fn create(
    State(app): State<App>,
    write: Write<InvoiceInput>,
) -> Result<(StatusCode, Tagged<InvoiceView>), Problem> {
    let new = write.body.parse()?;
    let invoice = invoices::record(&app, &write.actor, new).await?;
    Ok((StatusCode::CREATED, tagged(invoice)?))
}

/// One invoice, with its check.
#[utoipa::path(
    get,
    path = "/invoices/{id}",
    operation_id = "show_invoice",
    tag = "invoices",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = InvoiceView), ReadProblems)
)]
async fn show(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
) -> Result<Tagged<InvoiceView>, Problem> {
    tagged(invoices::find(&app, &actor, InvoiceId(id)).await?)
}

/// Types an invoice again, before it is split.
#[utoipa::path(
    put,
    path = "/invoices/{id}",
    operation_id = "replace_invoice",
    tag = "invoices",
    params(("id" = Uuid, Path), ("If-Match" = String, Header)),
    request_body = InvoiceInput,
    responses((status = 200, body = InvoiceView), WriteProblems)
)]
async fn replace(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<InvoiceInput>,
) -> Result<Tagged<InvoiceView>, Problem> {
    let version = write.if_match.require()?;
    let new = write.body.parse()?;
    tagged(invoices::edit(&app, &write.actor, InvoiceId(id), version, new).await?)
}

/// Accepts an invoice whose figures agree to the cent.
#[utoipa::path(
    post,
    path = "/invoices/{id}/check",
    operation_id = "check_invoice",
    tag = "invoices",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = InvoiceView), WriteProblems)
)]
async fn check(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<Nothing>,
) -> Result<Tagged<InvoiceView>, Problem> {
    tagged(invoices::check(&app, &write.actor, InvoiceId(id)).await?)
}

/// When an invoice was paid.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PayInput {
    pub paid_on: NaiveDate,
}

/// Tells the day an invoice was paid; the same day again changes nothing.
#[utoipa::path(
    post,
    path = "/invoices/{id}/pay",
    operation_id = "pay_invoice",
    tag = "invoices",
    params(("id" = Uuid, Path)),
    request_body = PayInput,
    responses((status = 200, body = InvoiceView), WriteProblems)
)]
async fn pay(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<PayInput>,
) -> Result<Tagged<InvoiceView>, Problem> {
    let version = write.if_match.version();
    let (id, paid_on) = (InvoiceId(id), write.body.paid_on);
    tagged(payments::pay(&app, &write.actor, id, version, paid_on).await?)
}

/// Takes back the day an invoice was paid, told by mistake.
#[utoipa::path(
    post,
    path = "/invoices/{id}/unpay",
    operation_id = "unpay_invoice",
    tag = "invoices",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = InvoiceView), WriteProblems)
)]
async fn unpay(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<Nothing>,
) -> Result<Tagged<InvoiceView>, Problem> {
    let version = write.if_match.version();
    tagged(payments::unpay(&app, &write.actor, InvoiceId(id), version).await?)
}

/// Why an invoice is split again.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AllocateInput {
    /// Required from the second run on.
    #[schema(max_length = 500)]
    pub motive: Option<String>,
}

/// Splits an invoice between the members of its grouping.
#[utoipa::path(
    post,
    path = "/invoices/{id}/allocations",
    operation_id = "allocate_invoice",
    tag = "invoices",
    params(("id" = Uuid, Path)),
    request_body = AllocateInput,
    responses((status = 201, body = AllocationView), WriteProblems)
)]
async fn allocate(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<AllocateInput>,
) -> Result<(StatusCode, Json<AllocationView>), Problem> {
    let mut gathering = Gathering::default();
    let typed = write.body.motive.as_deref().unwrap_or_default();
    let motive = gathering.read_optional("motive", typed, |t| text::clean(t, 500));
    let motive = motive.ok_or(Error::Invalid(gathering.problems))?;
    let run = allocations::allocate(&app, &write.actor, InvoiceId(id), motive).await?;
    Ok((StatusCode::CREATED, Json(run.into())))
}

/// What each member received.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliveredInput {
    #[schema(max_items = 50000)]
    pub quantities: Vec<DeliveredCell>,
}

/// What one member received of one line.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliveredCell {
    pub line: Uuid,
    pub member: Uuid,
    /// The budget that received it; the member's main one when absent.
    pub budget: Option<Uuid>,
    pub quantity: String,
}

/// Replaces what each member received.
#[utoipa::path(
    post,
    path = "/invoices/{id}/delivered",
    operation_id = "set_delivered",
    tag = "invoices",
    params(("id" = Uuid, Path)),
    request_body = DeliveredInput,
    responses((status = 200, body = InvoiceView), WriteProblems)
)]
async fn deliver(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<DeliveredInput>,
) -> Result<Tagged<InvoiceView>, Problem> {
    let mut gathering = Gathering::default();
    let mut quantities = Delivered::new();
    for (at, cell) in write.body.quantities.iter().enumerate() {
        let name = format!("quantities.{at}.quantity");
        let read = Quantity::parse(&cell.quantity);
        if let Some(quantity) = gathering.read(&name, &cell.quantity, read) {
            let payer = Payer {
                member: OrganisationId(cell.member),
                budget: cell.budget.map(BudgetId),
            };
            quantities.insert((InvoiceLineId(cell.line), payer), quantity);
        }
    }
    if !gathering.problems.is_empty() {
        return Err(Error::Invalid(gathering.problems).into());
    }
    tagged(deliveries::replace(&app, &write.actor, InvoiceId(id), quantities).await?)
}

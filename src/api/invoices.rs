//! Invoices over JSON: recorded as printed, checked, with what was delivered, split.
use axum::{Json, extract::State, http::StatusCode};
use chrono::NaiveDate;
use domain::{
    allocation::{TaxGroup, TaxTotal},
    field::{Field, FieldProblem, Gathering},
    identity::{
        BudgetId, ContractId, GroupingId, InvoiceId, InvoiceLineId, ItemId, KeyId, LotId,
        OrganisationId, SupplierId,
    },
    money::{Cents, TaxCategory, TaxRate, UnitPrice},
    purchasing::{
        invoice::{Invoice, InvoiceKind, InvoiceState, LineRule, PrintedTotals},
        invoice_check::Check,
        payer::Payer,
        run::Delivered,
    },
    quantity::Quantity,
    text,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    allocations::AllocationView,
    extract::{Bearer, Id, Nothing, Query, Tagged, Write},
    paging::Page,
    problem::{Problem, ReadProblems, WriteProblems},
};
use crate::{
    actions::{
        App, Error,
        purchasing::{
            allocations, deliveries,
            invoices::{self, NewInvoice, NewLine, Wanted},
        },
    },
    wording,
};

/// The operations on invoices.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, replace))
        .routes(routes!(check))
        .routes(routes!(allocate))
        .routes(routes!(deliver))
}

/// An invoice or credit note as printed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InvoiceView {
    pub id: Uuid,
    pub owner: Uuid,
    pub grouping: Uuid,
    pub contract: Option<Uuid>,
    pub supplier: Uuid,
    /// `invoice` or `credit_note`.
    pub kind: String,
    pub credited: Option<Uuid>,
    pub number: String,
    pub title: String,
    pub issued_on: NaiveDate,
    pub received_on: NaiveDate,
    /// The last day to pay it.
    pub due_on: NaiveDate,
    pub net: String,
    pub vat: String,
    pub gross: String,
    /// `received`, `checked` or `allocated`.
    pub state: String,
    pub duplicate_motive: Option<String>,
    pub lines: Vec<InvoiceLineView>,
    pub vat_totals: Vec<TaxView>,
    /// Printed less computed, for net, vat and gross.
    pub check: CheckView,
    pub version: i32,
}

/// A line of an invoice.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InvoiceLineView {
    pub id: Uuid,
    pub position: i32,
    pub lot: Option<Uuid>,
    pub item: Option<Uuid>,
    pub label: String,
    pub quantity: Option<String>,
    pub unit_price: Option<String>,
    pub net: String,
    pub vat_category: String,
    pub vat_rate: String,
    /// `equal`, `delivered`, `population:SERIES:YEAR` or `key`.
    pub rule: String,
    pub key: Option<Uuid>,
}

/// A tax as printed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaxView {
    /// `S` (VAT), `TSCA` or `E` (exempt).
    pub category: String,
    /// A percentage.
    #[schema(example = "5.5")]
    pub rate: String,
    pub amount: String,
}

/// The invoice compared with itself.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CheckView {
    pub exact: bool,
    pub net_gap: String,
    pub vat_gap: String,
    pub gross_gap: String,
    /// A sentence for each gap, in French.
    pub gaps: Vec<String>,
    /// What is worth looking at, in French.
    pub warnings: Vec<String>,
}

impl From<&Check> for CheckView {
    fn from(check: &Check) -> Self {
        Self {
            exact: check.is_exact(),
            net_gap: check.net_gap.to_string(),
            vat_gap: check.tax_gap.to_string(),
            gross_gap: check.gross_gap.to_string(),
            gaps: wording::invoice::gaps(check),
            warnings: wording::invoice::warnings(check),
        }
    }
}

fn view(invoice: Invoice) -> Result<InvoiceView, Error> {
    let check = CheckView::from(&invoice.check()?);
    let lines = invoice.lines.iter().map(|line| InvoiceLineView {
        id: line.id.0,
        position: line.position,
        lot: line.lot.map(|id| id.0),
        item: line.item.map(|id| id.0),
        label: line.label.clone(),
        quantity: line.quantity.map(|quantity| quantity.to_string()),
        unit_price: line.unit_price.map(|price| price.to_string()),
        net: line.net.to_string(),
        vat_category: line.tax.category.to_string(),
        vat_rate: line.tax.rate.to_string(),
        rule: line.rule.code(),
        key: match line.rule {
            LineRule::Key(id) => Some(id.0),
            LineRule::Equal | LineRule::Delivered | LineRule::Population { .. } => None,
        },
    });
    let taxes = invoice.taxes.iter().map(|tax| TaxView {
        category: tax.group.category.to_string(),
        rate: tax.group.rate.to_string(),
        amount: tax.amount.to_string(),
    });
    Ok(InvoiceView {
        id: invoice.id.0,
        owner: invoice.owner.0,
        grouping: invoice.grouping.0,
        contract: invoice.contract.map(|id| id.0),
        supplier: invoice.supplier.0,
        kind: invoice.kind.code().to_owned(),
        credited: invoice.credited.map(|id| id.0),
        issued_on: invoice.issued_on,
        received_on: invoice.received_on,
        due_on: invoice.due_on,
        net: invoice.printed.net.to_string(),
        vat: invoice.printed.tax.to_string(),
        gross: invoice.printed.gross.to_string(),
        state: invoice.state.code().to_owned(),
        lines: lines.collect(),
        vat_totals: taxes.collect(),
        version: invoice.version,
        number: invoice.number,
        title: invoice.title,
        duplicate_motive: invoice.duplicate_motive,
        check,
    })
}

fn tagged(invoice: Invoice) -> Result<Tagged<InvoiceView>, Problem> {
    Ok(Tagged {
        version: invoice.version,
        body: view(invoice)?,
    })
}

/// An invoice to record; amounts of a credit note are negative.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvoiceInput {
    pub grouping: Uuid,
    /// Absent for a common cost outside a contract.
    pub contract: Option<Uuid>,
    pub supplier: Uuid,
    /// `invoice` or `credit_note`.
    pub kind: String,
    pub credited: Option<Uuid>,
    #[schema(max_length = 60)]
    pub number: String,
    #[schema(max_length = 200)]
    pub title: String,
    pub issued_on: NaiveDate,
    pub received_on: NaiveDate,
    pub net: String,
    pub vat: String,
    pub gross: String,
    #[schema(max_items = 5000)]
    pub lines: Vec<LineInput>,
    #[serde(default)]
    pub vat_totals: Vec<TaxView>,
    pub duplicate_motive: Option<String>,
}

/// A line to record.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineInput {
    pub lot: Option<Uuid>,
    pub item: Option<Uuid>,
    #[schema(max_length = 200)]
    pub label: String,
    pub quantity: Option<String>,
    pub unit_price: Option<String>,
    pub net: String,
    /// `S`, `TSCA` or `E`; `S` when absent.
    pub vat_category: Option<String>,
    /// A percentage; `0` when absent.
    pub vat_rate: Option<String>,
    /// `equal`, `delivered`, `population:SERIES:YEAR` or `key`.
    pub rule: String,
    pub key: Option<Uuid>,
}

fn not_one_of(typed: &str) -> FieldProblem {
    let typed = typed.to_owned();
    FieldProblem::NotOneOf { typed }
}

fn category(code: &str) -> Result<TaxCategory, FieldProblem> {
    let found = TaxCategory::ALL.into_iter().find(|c| c.code() == code);
    found.ok_or_else(|| not_one_of(code))
}

impl LineInput {
    fn parse(&self, at: usize, gathering: &mut Gathering) -> Option<NewLine> {
        let name = |field: &str| format!("lines.{at}.{field}");
        let label = gathering.read(&name("label"), &self.label, text::clean(&self.label, 200));
        let typed = self.quantity.as_deref().unwrap_or_default();
        let quantity = gathering.read_optional(&name("quantity"), typed, Quantity::parse);
        let typed = self.unit_price.as_deref().unwrap_or_default();
        let price = gathering.read_optional(&name("unit_price"), typed, UnitPrice::parse);
        let net = gathering.read(&name("net"), &self.net, Cents::parse(&self.net));
        let code = self.vat_category.as_deref().unwrap_or("S");
        let category = gathering.read(&name("vat_category"), code, category(code));
        let typed = self.vat_rate.as_deref().unwrap_or("0");
        let rate = gathering.read(&name("vat_rate"), typed, TaxRate::parse(typed));
        let rule = LineRule::from_code(&self.rule, self.key.map(KeyId));
        let rule = rule.ok_or_else(|| not_one_of(&self.rule));
        let rule = gathering.read(&name("rule"), &self.rule, rule);
        Some(NewLine {
            lot: self.lot.map(LotId),
            item: self.item.map(ItemId),
            label: label?,
            quantity: quantity?,
            unit_price: price?,
            net: net?,
            tax: TaxGroup::new(category?, rate?),
            rule: rule?,
        })
    }
}

impl TaxView {
    fn parse(&self, at: usize, gathering: &mut Gathering) -> Option<TaxTotal> {
        let name = |field: &str| format!("vat_totals.{at}.{field}");
        let kind = gathering.read(&name("category"), &self.category, category(&self.category));
        let rate = gathering.read(&name("rate"), &self.rate, TaxRate::parse(&self.rate));
        let amount = gathering.read(&name("amount"), &self.amount, Cents::parse(&self.amount));
        Some(TaxTotal {
            group: TaxGroup::new(kind?, rate?),
            amount: amount?,
        })
    }
}

impl InvoiceInput {
    fn parse(self) -> Result<NewInvoice, Error> {
        let mut gathering = Gathering::default();
        let kind = InvoiceKind::from_code(&self.kind).ok_or_else(|| not_one_of(&self.kind));
        let kind = gathering.read("kind", &self.kind, kind);
        let number = gathering.read("number", &self.number, text::clean(&self.number, 60));
        let title = gathering.read("title", &self.title, text::clean(&self.title, 200));
        let net = gathering.read("net", &self.net, Cents::parse(&self.net));
        let tax = gathering.read("vat", &self.vat, Cents::parse(&self.vat));
        let gross = gathering.read("gross", &self.gross, Cents::parse(&self.gross));
        let typed = self.duplicate_motive.as_deref().unwrap_or_default();
        let motive = gathering.read_optional("duplicate_motive", typed, |t| text::clean(t, 500));
        let lines = (0..).zip(&self.lines);
        let lines: Vec<_> = lines
            .filter_map(|(at, line)| line.parse(at, &mut gathering))
            .collect();
        let taxes = (0..).zip(&self.vat_totals);
        let taxes: Vec<TaxTotal> = taxes
            .filter_map(|(at, tax)| tax.parse(at, &mut gathering))
            .collect();
        for (at, tax) in taxes.iter().enumerate() {
            if taxes.iter().take(at).any(|other| other.group == tax.group) {
                let name = format!("vat_totals.{at}.rate");
                let typed = tax.group.to_string();
                gathering
                    .problems
                    .push(Field::new(name, &typed, not_one_of(&typed)));
            }
        }
        if let (Some(kind), Some(number), Some(title)) = (kind, number, title)
            && let (Some(net), Some(tax), Some(gross), Some(motive)) = (net, tax, gross, motive)
            && gathering.problems.is_empty()
        {
            return Ok(NewInvoice {
                grouping: GroupingId(self.grouping),
                contract: self.contract.map(ContractId),
                supplier: SupplierId(self.supplier),
                kind,
                credited: self.credited.map(InvoiceId),
                number,
                title,
                issued_on: self.issued_on,
                received_on: self.received_on,
                printed: PrintedTotals { net, tax, gross },
                lines,
                taxes,
                duplicate_motive: motive,
            });
        }
        Err(Error::Invalid(gathering.problems))
    }
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
    let paging = super::paging::Paging {
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

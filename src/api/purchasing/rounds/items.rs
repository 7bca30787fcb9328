//! Lots and items of a round over JSON.
use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    field::{FieldProblem, Gathering},
    identity::{ItemId, LotId, RoundId},
    money::{TaxCategory, TaxRate, UnitPrice},
    purchasing::lot::{Item, Lot},
    quantity::Quantity,
    text,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    actions::{
        App, Error,
        purchasing::{
            items::{self, ItemInput, LotRef, NewItem, UNIT_CHARS_MAX},
            lots,
            rounds::TITLE_CHARS_MAX,
        },
    },
    api::{
        extract::{Bearer, Id, Nothing, Query, Write},
        paging::{Page, Paging},
        problem::{Problem, ReadProblems, WriteProblems},
    },
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, add_lot))
        .routes(routes!(rename_lot, remove_lot))
        .routes(routes!(add))
        .routes(routes!(show, replace, remove))
}

/// A part of a purchase that is awarded apart.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct LotView {
    id: Uuid,
    round_id: Uuid,
    number: i32,
    title: String,
    version: i32,
    items: Vec<ItemView>,
}

/// What is counted in a lot.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct ItemView {
    id: Uuid,
    round_id: Uuid,
    lot_id: Uuid,
    number: i32,
    title: String,
    unit: String,
    /// `S` (VAT), `TSCA` (insurance tax) or `E` (exempt).
    tax_category: String,
    /// A percentage.
    #[schema(example = "20")]
    tax_rate: String,
    /// Net of tax, up to six decimals.
    #[schema(example = "54.60")]
    unit_price: Option<String>,
    /// Quantities are multiples of it.
    #[schema(example = "1")]
    step: String,
    version: i32,
}

impl From<Item> for ItemView {
    fn from(item: Item) -> Self {
        Self {
            id: item.id.0,
            round_id: item.round.0,
            lot_id: item.lot.0,
            number: item.number,
            title: item.title,
            unit: item.unit,
            tax_category: item.tax_category.code().to_owned(),
            tax_rate: item.tax_rate.to_string(),
            unit_price: item.unit_price.map(|price| price.to_string()),
            step: item.step.to_string(),
            version: item.version,
        }
    }
}

fn lot_view(lot: Lot, items: Vec<Item>) -> LotView {
    LotView {
        id: lot.id.0,
        round_id: lot.round.0,
        number: lot.number,
        title: lot.title,
        version: lot.version,
        items: items.into_iter().map(Into::into).collect(),
    }
}

/// The lots of a round with their items, by number.
#[utoipa::path(
    get,
    path = "/rounds/{id}/lots",
    operation_id = "list_lots",
    tag = "rounds",
    params(("id" = Uuid, Path), Paging),
    responses((status = 200, body = Page<LotView>), ReadProblems)
)]
async fn list(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<LotView>>, Problem> {
    let limit = paging.rows(app.settings.limits.page_rows_max)?;
    let found = lots::page(&app, &actor, RoundId(id), paging.after()?, limit + 1).await?;
    let view = |full: lots::FullLot| lot_view(full.lot, full.items);
    Ok(Json(Page::of(found, limit, |full| full.lot.number, view)))
}

/// The name of a lot.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LotBody {
    #[schema(min_length = 1, max_length = 200)]
    title: String,
}

impl LotBody {
    fn parse(self) -> Result<String, Error> {
        let mut fields = Gathering::default();
        let title = text::clean(&self.title, TITLE_CHARS_MAX);
        let title = fields.read("title", &self.title, title);
        title.ok_or(Error::Invalid(fields.problems))
    }
}

/// Adds a lot under the next number.
#[utoipa::path(
    post,
    path = "/rounds/{id}/lots",
    operation_id = "add_lot",
    tag = "rounds",
    params(("id" = Uuid, Path)),
    request_body = LotBody,
    responses((status = 201, body = LotView), WriteProblems)
)]
async fn add_lot(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<LotBody>,
) -> Result<Response, Problem> {
    let title = write.body.parse()?;
    let lot = lots::add_lot(&app, &write.actor, RoundId(id), title).await?;
    Ok((StatusCode::CREATED, Json(lot_view(lot, Vec::new()))).into_response())
}

/// Names a lot anew.
#[utoipa::path(
    put,
    path = "/lots/{id}",
    operation_id = "rename_lot",
    tag = "rounds",
    params(("id" = Uuid, Path), ("If-Match" = String, Header, description = "The version read")),
    request_body = LotBody,
    responses((status = 200, body = LotView), WriteProblems)
)]
async fn rename_lot(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<LotBody>,
) -> Result<Json<LotView>, Problem> {
    let version = write.if_match.require()?;
    let title = write.body.parse()?;
    let lot = lots::rename_lot(&app, &write.actor, LotId(id), version, title).await?;
    let (_, _, lots) = lots::list(&app, &write.actor, lot.round).await?;
    let items = lots.into_iter().find(|full| full.lot.id == lot.id);
    Ok(Json(lot_view(
        lot,
        items.map_or_else(Vec::new, |f| f.items),
    )))
}

/// Removes a lot with its items; refused when a member asks for one of them.
#[utoipa::path(
    delete,
    path = "/lots/{id}",
    operation_id = "remove_lot",
    tag = "rounds",
    params(("id" = Uuid, Path)),
    responses((status = 204), WriteProblems)
)]
async fn remove_lot(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<Nothing>,
) -> Result<StatusCode, Problem> {
    lots::remove_lot(&app, &write.actor, LotId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is decided about an item.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ItemBody {
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    #[schema(min_length = 1, max_length = 40)]
    unit: String,
    /// `S` (VAT), `TSCA` (insurance tax) or `E` (exempt).
    #[schema(pattern = "^(S|TSCA|E)$")]
    tax_category: String,
    /// A percentage.
    #[schema(example = "20", pattern = "^(0|[1-9][0-9]?)(\\.[0-9]{1,2})?$")]
    tax_rate: String,
    /// Net of tax, up to six decimals.
    #[serde(default)]
    #[schema(example = "54.60", pattern = "^(0|[1-9][0-9]{0,9})(\\.[0-9]{1,6})?$")]
    unit_price: Option<String>,
    /// Quantities are multiples of it; above zero.
    #[schema(example = "1", pattern = "^[1-9][0-9]{0,9}(\\.[0-9]{1,3})?$")]
    step: String,
}

impl ItemBody {
    fn parse(self, prefix: &str, fields: &mut Gathering) -> Option<ItemInput> {
        let name = |field: &str| format!("{prefix}{field}");
        let title = text::clean(&self.title, TITLE_CHARS_MAX);
        let title = fields.read(&name("title"), &self.title, title);
        let unit = text::clean(&self.unit, UNIT_CHARS_MAX);
        let unit = fields.read(&name("unit"), &self.unit, unit);
        let category = TaxCategory::parse(&self.tax_category);
        let category = fields.read(&name("tax_category"), &self.tax_category, category);
        let rate = TaxRate::parse(&self.tax_rate);
        let rate = fields.read(&name("tax_rate"), &self.tax_rate, rate);
        let price = self.unit_price.unwrap_or_default();
        let price = fields.read_optional(&name("unit_price"), &price, positive);
        let step = fields.read(&name("step"), &self.step, step(&self.step));
        Some(ItemInput {
            title: title?,
            unit: unit?,
            tax_category: category?,
            tax_rate: rate?,
            unit_price: price?,
            step: step?,
        })
    }
}

fn positive(typed: &str) -> Result<UnitPrice, FieldProblem> {
    let price = UnitPrice::parse(typed)?;
    if price < UnitPrice::ZERO {
        return Err(FieldProblem::OutOfRange {
            min: "0".to_owned(),
            max: "9999999999.999999".to_owned(),
        });
    }
    Ok(price)
}

fn step(typed: &str) -> Result<Quantity, FieldProblem> {
    let step = Quantity::parse(typed)?;
    if step.is_zero() {
        return Err(FieldProblem::OutOfRange {
            min: "0.001".to_owned(),
            max: "9999999999".to_owned(),
        });
    }
    Ok(step)
}

/// Items to add.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewItems {
    #[schema(min_items = 1, max_items = 500)]
    items: Vec<NewItemBody>,
}

/// An item to add to a lot.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewItemBody {
    lot_id: Uuid,
    item: ItemBody,
}

/// Adds items to the lots of a round, all of them or none.
#[utoipa::path(
    post,
    path = "/rounds/{id}/items",
    operation_id = "add_items",
    tag = "rounds",
    params(("id" = Uuid, Path)),
    request_body = NewItems,
    responses((status = 201, body = Vec<ItemView>), WriteProblems)
)]
async fn add(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<NewItems>,
) -> Result<Response, Problem> {
    let mut fields = Gathering::default();
    let mut new = Vec::with_capacity(write.body.items.len());
    for (place, body) in write.body.items.into_iter().enumerate() {
        let input = body
            .item
            .parse(&format!("items.{place}.item."), &mut fields);
        let lot = LotRef::Known(LotId(body.lot_id));
        new.extend(input.map(|input| NewItem { lot, input }));
    }
    if !fields.problems.is_empty() {
        return Err(Error::Invalid(fields.problems).into());
    }
    let added = items::add(&app, &write.actor, RoundId(id), new).await?;
    let views: Vec<ItemView> = added.into_iter().map(Into::into).collect();
    Ok((StatusCode::CREATED, Json(views)).into_response())
}

/// One item.
#[utoipa::path(
    get,
    path = "/items/{id}",
    operation_id = "show_item",
    tag = "rounds",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = ItemView), ReadProblems)
)]
async fn show(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
) -> Result<Response, Problem> {
    let (_, item) = items::find(&app, &actor, ItemId(id)).await?;
    Ok(tagged(item))
}

fn tagged(item: Item) -> Response {
    let tag = format!("\"{}\"", item.version);
    ([(header::ETAG, tag)], Json(ItemView::from(item))).into_response()
}

/// Changes an item; members who answered confirm again when its unit, price or tax changed.
#[utoipa::path(
    put,
    path = "/items/{id}",
    operation_id = "replace_item",
    tag = "rounds",
    params(("id" = Uuid, Path), ("If-Match" = String, Header, description = "The ETag read")),
    request_body = ItemBody,
    responses((status = 200, body = ItemView), WriteProblems)
)]
async fn replace(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<ItemBody>,
) -> Result<Response, Problem> {
    let version = write.if_match.require()?;
    let mut fields = Gathering::default();
    let Some(input) = write.body.parse("", &mut fields) else {
        return Err(Error::Invalid(fields.problems).into());
    };
    let item = items::edit(&app, &write.actor, ItemId(id), version, input).await?;
    Ok(tagged(item))
}

/// Removes an item; refused when members ask for some.
#[utoipa::path(
    delete,
    path = "/items/{id}",
    operation_id = "remove_item",
    tag = "rounds",
    params(("id" = Uuid, Path)),
    responses((status = 204), WriteProblems)
)]
async fn remove(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<Nothing>,
) -> Result<StatusCode, Problem> {
    items::remove(&app, &write.actor, ItemId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

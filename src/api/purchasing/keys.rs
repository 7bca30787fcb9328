//! Allocation keys over JSON.
use std::collections::BTreeMap;

use axum::{Json, extract::State, http::StatusCode};
use chrono::NaiveDate;
use domain::{
    allocation::Weight,
    field::Gathering,
    identity::{GroupingId, KeyId, OrganisationId},
    purchasing::key::{AllocationKey, NAME_CHARS_MAX, SOURCE_CHARS_MAX, UNIT_CHARS_MAX},
    text,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    actions::{
        App, Error,
        purchasing::keys::{self, KeyInput as Typed},
    },
    api::{
        extract::{Bearer, Id, Query, Tagged, Write},
        paging::{Page, Paging},
        problem::{Problem, ReadProblems, WriteProblems},
    },
    store::Start,
};

mod from_sites;

/// The operations on keys.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, replace))
        .merge(from_sites::routes())
}

/// A named set of weights.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KeyView {
    pub id: Uuid,
    pub grouping: Uuid,
    pub name: String,
    pub unit: String,
    pub source: String,
    pub dated_on: NaiveDate,
    /// The weight of each member, exact.
    pub values: BTreeMap<Uuid, String>,
    pub version: i32,
}

impl From<AllocationKey> for KeyView {
    fn from(key: AllocationKey) -> Self {
        let values = key.values.iter();
        Self {
            id: key.id.0,
            grouping: key.grouping.0,
            values: values.map(|(id, w)| (id.0, w.to_string())).collect(),
            name: key.name,
            unit: key.unit,
            source: key.source,
            dated_on: key.dated_on,
            version: key.version,
        }
    }
}

/// A key to keep.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyInput {
    #[schema(max_length = 100)]
    pub name: String,
    #[schema(max_length = 40)]
    pub unit: String,
    #[schema(max_length = 200)]
    pub source: String,
    pub dated_on: NaiveDate,
    /// Decimal strings by member.
    pub values: BTreeMap<Uuid, String>,
}

impl KeyInput {
    fn parse(&self) -> Result<Typed, Error> {
        let mut gathering = Gathering::default();
        let name = gathering.read("name", &self.name, text::clean(&self.name, NAME_CHARS_MAX));
        let unit = gathering.read("unit", &self.unit, text::clean(&self.unit, UNIT_CHARS_MAX));
        let source = gathering.read(
            "source",
            &self.source,
            text::clean(&self.source, SOURCE_CHARS_MAX),
        );
        let mut values = BTreeMap::new();
        for (member, typed) in &self.values {
            let field = format!("values.{member}");
            if let Some(weight) = gathering.read(&field, typed, Weight::parse(typed)) {
                values.insert(OrganisationId(*member), weight);
            }
        }
        match (name, unit, source) {
            (Some(name), Some(unit), Some(source)) if gathering.problems.is_empty() => Ok(Typed {
                name,
                unit,
                source,
                dated_on: self.dated_on,
                values,
            }),
            _ => Err(Error::Invalid(gathering.problems)),
        }
    }
}

pub(super) fn tagged(key: AllocationKey) -> Tagged<KeyView> {
    Tagged {
        version: key.version,
        body: key.into(),
    }
}

/// The keys of a grouping, by name.
#[utoipa::path(
    get,
    path = "/groupings/{id}/keys",
    operation_id = "list_keys",
    tag = "keys",
    params(("id" = Uuid, Path), Paging),
    responses((status = 200, body = Page<KeyView>), ReadProblems)
)]
async fn list(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<KeyView>>, Problem> {
    let limit = paging.rows(app.settings.limits.page_rows_max)?;
    let start = Start::After(paging.after()?);
    let found = keys::page(&app, &actor, GroupingId(id), start, limit + 1).await?;
    let key = |k: &AllocationKey| (k.name.clone(), k.id.0);
    Ok(Json(Page::of(found, limit, key, Into::into)))
}

/// Creates a key.
#[utoipa::path(
    post,
    path = "/groupings/{id}/keys",
    operation_id = "create_key",
    tag = "keys",
    params(("id" = Uuid, Path)),
    request_body = KeyInput,
    responses((status = 201, body = KeyView), WriteProblems)
)]
async fn create(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<KeyInput>,
) -> Result<(StatusCode, Tagged<KeyView>), Problem> {
    let input = write.body.parse()?;
    let key = keys::create(&app, &write.actor, GroupingId(id), input).await?;
    Ok((StatusCode::CREATED, tagged(key)))
}

/// One key.
#[utoipa::path(
    get,
    path = "/keys/{id}",
    operation_id = "show_key",
    tag = "keys",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = KeyView), ReadProblems)
)]
async fn show(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
) -> Result<Tagged<KeyView>, Problem> {
    Ok(tagged(keys::find(&app, &actor, KeyId(id)).await?))
}

/// Corrects a key; runs already made keep the weights they used.
#[utoipa::path(
    put,
    path = "/keys/{id}",
    operation_id = "replace_key",
    tag = "keys",
    params(("id" = Uuid, Path), ("If-Match" = String, Header)),
    request_body = KeyInput,
    responses((status = 200, body = KeyView), WriteProblems)
)]
async fn replace(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<KeyInput>,
) -> Result<Tagged<KeyView>, Problem> {
    let version = write.if_match.require()?;
    let input = write.body.parse()?;
    let key = keys::update(&app, &write.actor, KeyId(id), version, input).await?;
    Ok(tagged(key))
}

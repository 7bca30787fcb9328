//! Keys summed from what was read on sites, over JSON.
use std::collections::BTreeMap;

use axum::{extract::State, http::StatusCode};
use chrono::NaiveDate;
use domain::{field::Gathering, identity::GroupingId, quantity::Quantity, text};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{KeyView, tagged};
use crate::{
    actions::{
        App, Error,
        purchasing::readings::{self, SummedKey},
    },
    api::{
        extract::{Id, Tagged, Write},
        problem::{Problem, WriteProblems},
    },
};

/// The operation on readings.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(create))
}

/// A key to sum from what was read on the members' sites.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SummedKeyInput {
    #[schema(max_length = 100)]
    pub name: String,
    #[schema(max_length = 40)]
    pub unit: String,
    #[schema(max_length = 200)]
    pub source: String,
    pub dated_on: NaiveDate,
    /// Decimal strings by the number that a site bears: a PRM, a PCE, a plate.
    pub readings: BTreeMap<String, String>,
}

impl SummedKeyInput {
    fn parse(&self) -> Result<SummedKey, Error> {
        let mut gathering = Gathering::default();
        let name = gathering.read("name", &self.name, text::clean(&self.name, 100));
        let unit = gathering.read("unit", &self.unit, text::clean(&self.unit, 40));
        let source = gathering.read("source", &self.source, text::clean(&self.source, 200));
        let mut readings = BTreeMap::new();
        for (number, typed) in &self.readings {
            let field = format!("readings.{number}");
            if let Some(read) = gathering.read(&field, typed, Quantity::parse(typed)) {
                readings.insert(number.trim().to_owned(), read);
            }
        }
        match (name, unit, source) {
            (Some(name), Some(unit), Some(source)) if gathering.problems.is_empty() => {
                Ok(SummedKey {
                    name,
                    unit,
                    source,
                    dated_on: self.dated_on,
                    readings,
                })
            }
            _ => Err(Error::Invalid(gathering.problems)),
        }
    }
}

/// Creates a key that sums, for each member, what was read on its sites.
#[utoipa::path(
    post,
    path = "/groupings/{id}/keys/from-sites",
    operation_id = "create_key_from_sites",
    tag = "keys",
    params(("id" = Uuid, Path)),
    request_body = SummedKeyInput,
    responses((status = 201, body = KeyView), WriteProblems)
)]
async fn create(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<SummedKeyInput>,
) -> Result<(StatusCode, Tagged<KeyView>), Problem> {
    let summed = write.body.parse()?;
    let key = readings::create_key(&app, &write.actor, GroupingId(id), summed).await?;
    Ok((StatusCode::CREATED, tagged(key)))
}

//! Populations of organisations over JSON.
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use domain::{
    field::{FieldProblem, Gathering},
    identity::OrganisationId,
    organisation::Population,
    text,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    extract::{Bearer, Id, Query, Write},
    organisations::one_of,
    paging::{Page, Paging},
    problem::{Problem, ReadProblems, WriteProblems},
};
use crate::actions::{App, Error, organisations};

/// The operations on populations.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(populations, add_population))
}

/// A dated population.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PopulationView {
    /// `municipale`, `totale` or `dgf`.
    series: String,
    #[schema(minimum = 1790, maximum = 2200)]
    year: i32,
    #[schema(minimum = 0, maximum = 100_000_000)]
    inhabitants: i64,
    #[schema(min_length = 1, max_length = 200)]
    source: String,
}

/// The populations of an organisation, the newest first.
#[utoipa::path(
    get,
    path = "/organisations/{id}/populations",
    operation_id = "list_populations",
    tag = "organisations",
    params(("id" = Uuid, Path), Paging),
    responses((status = 200, body = Page<PopulationView>), ReadProblems)
)]
async fn populations(
    State(app): State<App>,
    _: Bearer,
    Id(id): Id<Uuid>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<PopulationView>>, Problem> {
    let limit = paging.rows(app.settings.limits.page_rows_max)?;
    let (id, after) = (OrganisationId(id), paging.after()?);
    let found = organisations::populations(&app, id, after, limit + 1).await?;
    let show = |p: Population| PopulationView {
        series: p.series,
        year: p.year,
        inhabitants: p.inhabitants,
        source: p.source,
    };
    let key = |p: &Population| (p.year, p.series.clone());
    Ok(Json(Page::of(found, limit, key, show)))
}

/// Adds a population; one that exists is never replaced.
#[utoipa::path(
    post,
    path = "/organisations/{id}/populations",
    operation_id = "add_population",
    tag = "organisations",
    params(("id" = Uuid, Path)),
    request_body = PopulationView,
    responses((status = 201, body = PopulationView), WriteProblems)
)]
async fn add_population(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    request: Write<PopulationView>,
) -> Result<impl IntoResponse, Problem> {
    let view = request.body;
    let population = read_population(&view, OrganisationId(id))?;
    organisations::add_population(&app, &request.actor, population).await?;
    Ok((StatusCode::CREATED, Json(view)))
}

fn read_population(
    view: &PopulationView,
    organisation: OrganisationId,
) -> Result<Population, Error> {
    let mut gathering = Gathering::default();
    let series = ["municipale", "totale", "dgf"]
        .into_iter()
        .find(|known| *known == view.series);
    let series = gathering.read("series", &view.series, one_of(series, &view.series));
    let year = within(i64::from(view.year), 1790, 2200);
    let year = gathering.read("year", &view.year.to_string(), year);
    let inhabitants = within(view.inhabitants, 0, 100_000_000);
    let inhabitants = gathering.read("inhabitants", &view.inhabitants.to_string(), inhabitants);
    let source = gathering.read("source", &view.source, text::clean(&view.source, 200));
    match (series, year, inhabitants, source) {
        (Some(series), Some(_), Some(inhabitants), Some(source)) => Ok(Population {
            organisation,
            series: series.to_owned(),
            year: view.year,
            inhabitants,
            source,
        }),
        _ => Err(Error::Invalid(gathering.problems)),
    }
}

fn within(value: i64, min: i64, max: i64) -> Result<i64, FieldProblem> {
    if (min..=max).contains(&value) {
        return Ok(value);
    }
    Err(FieldProblem::OutOfRange {
        min: min.to_string(),
        max: max.to_string(),
    })
}

//! The list of a year's end over JSON.
use axum::{Json, extract::State, response::Response};
use domain::{
    field::{Field, FieldProblem},
    identity::{GroupingId, OrganisationId},
    purchasing::year_end::YearEnd,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    actions::{
        App,
        purchasing::year_end::{self, Line, Side, Wanted},
    },
    api::{
        extract::{Bearer, Query},
        files::TableFile,
        problem::{Problem, ReadProblems},
    },
    exchange::{
        self,
        download::{self, Format},
    },
};

/// The operations on a year's end.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(export))
}

/// Which year, and of what.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct YearEndQuery {
    /// The budget year, closed on 31 December.
    #[param(minimum = 1900, maximum = 2999)]
    exercice: i32,
    /// One of your organisations.
    organisation: Option<Uuid>,
    grouping: Option<Uuid>,
}

/// Which year, of what, and the kind of the file.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct YearEndFile {
    #[serde(default)]
    #[param(inline, required = false)]
    format: Format,
    /// The budget year, closed on 31 December.
    #[param(minimum = 1900, maximum = 2999)]
    exercice: i32,
    /// One of your organisations.
    organisation: Option<Uuid>,
    grouping: Option<Uuid>,
}

fn read(
    exercice: i32,
    organisation: Option<Uuid>,
    grouping: Option<Uuid>,
) -> Result<Wanted, Problem> {
    if !(1900..=2999).contains(&exercice) {
        let (min, max) = ("1900".to_owned(), "2999".to_owned());
        let problem = FieldProblem::OutOfRange { min, max };
        let field = Field::new("exercice", &exercice.to_string(), problem);
        return Err(Problem::parameters(&[field]));
    }
    Ok(Wanted {
        year: YearEnd(exercice),
        organisation: organisation.map(OrganisationId),
        grouping: grouping.map(GroupingId),
    })
}

/// Income to come and charges to attach, from dated facts.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct YearEndView {
    pub exercice: i32,
    /// What you coordinate.
    pub coordinator: YearEndTotals,
    /// What you are a member of.
    pub member: YearEndTotals,
    pub items: Vec<YearEndLine>,
}

/// The sums of one side.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct YearEndTotals {
    pub income: String,
    pub charges: String,
}

/// One sum that belongs to the year and did not move yet.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct YearEndLine {
    /// `coordinator` or `member`.
    pub side: String,
    /// `income` or `charge`.
    pub direction: String,
    /// `unasked`, `unpaid` or `give_back`.
    pub pending: String,
    /// Whose books.
    pub organisation: Uuid,
    pub grouping: Uuid,
    /// The member, the supplier or the coordinator.
    pub party: String,
    pub party_siren: Option<String>,
    pub invoice: Uuid,
    pub invoice_number: String,
    pub statement: Option<Uuid>,
    pub statement_number: Option<String>,
    /// Taxes included.
    pub amount: String,
}

fn side(side: Side) -> &'static str {
    match side {
        Side::Coordinator => "coordinator",
        Side::Member => "member",
    }
}

impl From<Line> for YearEndLine {
    fn from(line: Line) -> Self {
        let direction = if line.is_income { "income" } else { "charge" };
        Self {
            side: side(line.side).to_owned(),
            direction: direction.to_owned(),
            pending: line.pending.code().to_owned(),
            organisation: line.organisation.0,
            grouping: line.grouping.0,
            party: line.party,
            party_siren: line.party_siren,
            invoice: line.invoice.0,
            invoice_number: line.invoice_number,
            statement: line.statement.as_ref().map(|(id, _)| id.0),
            statement_number: line.statement.map(|(_, number)| number),
            amount: line.cents.to_string(),
        }
    }
}

/// What still belongs to a year on 31 December: income to come, charges to attach.
#[utoipa::path(
    get,
    path = "/year-end",
    operation_id = "show_year_end",
    tag = "recovery",
    params(YearEndQuery),
    responses((status = 200, body = YearEndView), ReadProblems)
)]
async fn show(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Query(query): Query<YearEndQuery>,
) -> Result<Json<YearEndView>, Problem> {
    let wanted = read(query.exercice, query.organisation, query.grouping)?;
    let lines = year_end::list(&app, &actor, wanted).await?;
    let sums = |side: Side| {
        let own: Vec<Line> = lines
            .iter()
            .filter(|line| line.side == side)
            .cloned()
            .collect();
        let (income, charges) = year_end::totals(&own)?;
        Ok::<_, Problem>(YearEndTotals {
            income: income.to_string(),
            charges: charges.to_string(),
        })
    };
    Ok(Json(YearEndView {
        exercice: wanted.year.0,
        coordinator: sums(Side::Coordinator)?,
        member: sums(Side::Member)?,
        items: lines.into_iter().map(Into::into).collect(),
    }))
}

/// The same as a file, for the accountant.
#[utoipa::path(
    get,
    path = "/year-end/export",
    operation_id = "export_year_end",
    tag = "recovery",
    params(YearEndFile),
    responses(TableFile, ReadProblems)
)]
async fn export(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Query(query): Query<YearEndFile>,
) -> Result<Response, Problem> {
    let format = query.format;
    let wanted = read(query.exercice, query.organisation, query.grouping)?;
    let table = exchange::year_end::export(&app, &actor, wanted).await?;
    let name = exchange::year_end::file_name(&wanted);
    Ok(download::table(&table, format, &name)?)
}

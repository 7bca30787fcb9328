//! Recovery orders over JSON.
use axum::{Json, extract::State, response::Response};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    field::{FieldProblem, Gathering},
    identity::{GroupingId, RecoveryOrderId},
    money::Cents,
    purchasing::recovery::{RecoveryOrder, RecoveryState, Titre},
    text,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    actions::{
        App, Error,
        purchasing::recovery::{self, Wanted},
    },
    api::{
        extract::{Bearer, Id, Nothing, Query, Tagged, Write},
        files::TableFile,
        paging::{Page, Paging},
        problem::{Problem, ReadProblems, WriteProblems},
    },
    exchange::{
        self,
        download::{self, Format},
        recovery::FILE_NAME,
    },
};

/// The operations on recovery orders.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(export))
        .routes(routes!(show))
        .routes(routes!(issue))
        .routes(routes!(reduce))
        .routes(routes!(cancel))
}

/// What the coordinator asks of one member.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RecoveryOrderView {
    pub id: Uuid,
    pub number: String,
    pub owner: Uuid,
    pub grouping: Uuid,
    pub member: Uuid,
    /// `to_issue`, `issued`, `reduced` or `cancelled`.
    pub state: String,
    pub amount: String,
    pub reduced: String,
    /// What is still asked.
    pub left: String,
    /// The invoices whose shares are asked.
    pub invoices: Vec<Uuid>,
    pub titre_number: Option<String>,
    pub bordereau_number: Option<String>,
    pub issued_on: Option<NaiveDate>,
    pub exercice: Option<i32>,
    pub created_at: DateTime<Utc>,
    pub version: i32,
}

impl From<RecoveryOrder> for RecoveryOrderView {
    fn from(order: RecoveryOrder) -> Self {
        let left = order.left().to_string();
        let titre = order.titre;
        Self {
            id: order.id.0,
            owner: order.owner.0,
            grouping: order.grouping.0,
            member: order.member.0,
            state: order.state.code().to_owned(),
            amount: order.cents.to_string(),
            reduced: order.reduced.to_string(),
            left,
            invoices: order.sources.iter().map(|id| id.0).collect(),
            bordereau_number: titre.as_ref().map(|t| t.bordereau.clone()),
            issued_on: titre.as_ref().map(|t| t.issued_on),
            exercice: titre.as_ref().map(|t| t.exercice),
            titre_number: titre.map(|t| t.number),
            created_at: order.created_at,
            version: order.version,
            number: order.number,
        }
    }
}

fn tagged(order: RecoveryOrder) -> Tagged<RecoveryOrderView> {
    Tagged {
        version: order.version,
        body: order.into(),
    }
}

/// Which orders, and which page of them.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RecoveryQuery {
    /// The `next` of the page before.
    pub cursor: Option<String>,
    /// How many rows, 50 by default.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
    /// `to_issue`, `issued`, `reduced` or `cancelled`.
    #[param(pattern = "^(to_issue|issued|reduced|cancelled)$")]
    pub state: Option<String>,
    pub grouping: Option<Uuid>,
}

/// The recovery orders of your coordinators, newest first.
#[utoipa::path(
    get,
    path = "/recovery-orders",
    operation_id = "list_recovery_orders",
    tag = "recovery",
    params(RecoveryQuery),
    responses((status = 200, body = Page<RecoveryOrderView>), ReadProblems)
)]
async fn list(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Query(query): Query<RecoveryQuery>,
) -> Result<Json<Page<RecoveryOrderView>>, Problem> {
    let paging = Paging {
        cursor: query.cursor,
        limit: query.limit,
    };
    let limit = paging.rows(app.settings.limits.page_rows_max)?;
    let after = paging.after::<Uuid>()?.map(RecoveryOrderId);
    let wanted = wanted(query.state, query.grouping)?;
    let found = recovery::list(&app, &actor, wanted, after, limit.saturating_add(1)).await?;
    let key = |listed: &recovery::Listed| listed.order.id.0;
    let page = Page::of(found, limit, key, |listed| listed.order.into());
    Ok(Json(page))
}

fn wanted(state: Option<String>, grouping: Option<Uuid>) -> Result<Wanted, Problem> {
    let known = |code: String| {
        RecoveryState::from_code(&code).ok_or_else(|| {
            Problem::malformed("Le paramètre state est to_issue, issued, reduced ou cancelled.")
        })
    };
    Ok(Wanted {
        owner: None,
        state: state.map(known).transpose()?,
        grouping: grouping.map(GroupingId),
    })
}

/// Which orders, and the kind of the file.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RecoveryFile {
    #[serde(default)]
    #[param(inline, required = false)]
    pub format: Format,
    /// `to_issue`, `issued`, `reduced` or `cancelled`.
    #[param(pattern = "^(to_issue|issued|reduced|cancelled)$")]
    pub state: Option<String>,
    pub grouping: Option<Uuid>,
}

/// The recovery orders of your coordinators as a file, for the finance software.
#[utoipa::path(
    get,
    path = "/recovery-orders/export",
    operation_id = "export_recovery_orders",
    tag = "recovery",
    params(RecoveryFile),
    responses(TableFile, ReadProblems)
)]
async fn export(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Query(query): Query<RecoveryFile>,
) -> Result<Response, Problem> {
    let wanted = wanted(query.state, query.grouping)?;
    let table = exchange::recovery::export(&app, &actor, wanted).await?;
    Ok(download::table(&table, query.format, FILE_NAME)?)
}

/// One recovery order.
#[utoipa::path(
    get,
    path = "/recovery-orders/{id}",
    operation_id = "show_recovery_order",
    tag = "recovery",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = RecoveryOrderView), ReadProblems)
)]
async fn show(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
) -> Result<Tagged<RecoveryOrderView>, Problem> {
    Ok(tagged(
        recovery::find(&app, &actor, RecoveryOrderId(id)).await?,
    ))
}

/// The numbers that the finance software gave.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TitreInput {
    #[schema(max_length = 40)]
    pub titre_number: String,
    #[schema(max_length = 40)]
    pub bordereau_number: String,
    pub issued_on: NaiveDate,
    #[schema(minimum = 2000, maximum = 2100)]
    pub exercice: i32,
}

/// Records the numbers of an issued titre.
#[utoipa::path(
    post,
    path = "/recovery-orders/{id}/issue",
    operation_id = "issue_recovery_order",
    tag = "recovery",
    params(("id" = Uuid, Path)),
    request_body = TitreInput,
    responses((status = 200, body = RecoveryOrderView), WriteProblems)
)]
async fn issue(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<TitreInput>,
) -> Result<Tagged<RecoveryOrderView>, Problem> {
    let input = write.body;
    let mut gathering = Gathering::default();
    let clean = |typed: &str| text::clean(typed, 40);
    let typed = &input.titre_number;
    let number = gathering.read("titre_number", typed, clean(typed));
    let typed = &input.bordereau_number;
    let bordereau = gathering.read("bordereau_number", typed, clean(typed));
    let year = input.exercice.to_string();
    let exercice = if (2000..=2100).contains(&input.exercice) {
        Ok(input.exercice)
    } else {
        Err(FieldProblem::OutOfRange {
            min: "2000".to_owned(),
            max: "2100".to_owned(),
        })
    };
    let exercice = gathering.read("exercice", &year, exercice);
    let (Some(number), Some(bordereau), Some(exercice)) = (number, bordereau, exercice) else {
        return Err(Error::Invalid(gathering.problems).into());
    };
    let titre = Titre {
        number,
        bordereau,
        issued_on: input.issued_on,
        exercice,
    };
    let version = write.if_match.version();
    let id = RecoveryOrderId(id);
    Ok(tagged(
        recovery::issue(&app, &write.actor, id, version, titre).await?,
    ))
}

/// How much less is asked.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReduceInput {
    pub by: String,
}

/// Asks less, in the same budget year.
#[utoipa::path(
    post,
    path = "/recovery-orders/{id}/reduce",
    operation_id = "reduce_recovery_order",
    tag = "recovery",
    params(("id" = Uuid, Path)),
    request_body = ReduceInput,
    responses((status = 200, body = RecoveryOrderView), WriteProblems)
)]
async fn reduce(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<ReduceInput>,
) -> Result<Tagged<RecoveryOrderView>, Problem> {
    let mut gathering = Gathering::default();
    let by = gathering.read("by", &write.body.by, Cents::parse(&write.body.by));
    let by = by.ok_or(Error::Invalid(gathering.problems))?;
    let version = write.if_match.version();
    let id = RecoveryOrderId(id);
    Ok(tagged(
        recovery::reduce(&app, &write.actor, id, version, by).await?,
    ))
}

/// Asks nothing any more.
#[utoipa::path(
    post,
    path = "/recovery-orders/{id}/cancel",
    operation_id = "cancel_recovery_order",
    tag = "recovery",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = RecoveryOrderView), WriteProblems)
)]
async fn cancel(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<Nothing>,
) -> Result<Tagged<RecoveryOrderView>, Problem> {
    let version = write.if_match.version();
    let id = RecoveryOrderId(id);
    Ok(tagged(
        recovery::cancel(&app, &write.actor, id, version).await?,
    ))
}

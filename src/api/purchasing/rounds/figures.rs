//! What a round has gathered, over JSON.
use axum::{Json, extract::State};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    identity::{ItemId, OrganisationId, RoundId},
    purchasing::thresholds::Duty,
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::RoundView;
use crate::{
    actions::{
        App,
        purchasing::overviews::{self, Overview, Sums},
    },
    api::{
        extract::{Bearer, Id, Query},
        paging::{Page, Paging},
        problem::{Problem, ReadProblems},
    },
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(aggregate))
        .routes(routes!(overview))
        .routes(routes!(behind))
}

/// What members ask for together, estimated net of tax.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct AggregateView {
    round_id: Uuid,
    members: usize,
    answered: usize,
    /// How many members ask for something.
    asking: usize,
    #[schema(example = "196823.75")]
    total_net: String,
    lines: Vec<AggregateLineView>,
}

/// What members ask of one item.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct AggregateLineView {
    item_id: Uuid,
    lot_id: Uuid,
    members: usize,
    #[schema(example = "527")]
    quantity: String,
    /// What the same members asked for in the round before, when it had the item.
    quantity_before: Option<String>,
    #[schema(example = "28774.20")]
    net: String,
}

impl From<&Sums> for AggregateView {
    fn from(sums: &Sums) -> Self {
        let lines = sums.aggregate.lines.iter().map(|line| AggregateLineView {
            item_id: line.item.0,
            lot_id: line.lot.0,
            members: line.members,
            quantity: line.quantity.to_string(),
            quantity_before: line.before.map(|quantity| quantity.to_string()),
            net: line.amount.to_string(),
        });
        Self {
            round_id: sums.round.id.0,
            members: sums.members,
            answered: sums.answered,
            asking: sums.aggregate.members,
            total_net: sums.aggregate.total.to_string(),
            lines: lines.collect(),
        }
    }
}

/// The sums of a round, for its coordinator and its members.
#[utoipa::path(
    get,
    path = "/rounds/{id}/aggregate",
    operation_id = "show_aggregate",
    tag = "rounds",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = AggregateView), ReadProblems)
)]
async fn aggregate(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
) -> Result<Json<AggregateView>, Problem> {
    let sums = overviews::aggregate(&app, &actor, RoundId(id)).await?;
    Ok(Json(AggregateView::from(&sums)))
}

/// Everything an officer looks at to run a round.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct OverviewView {
    round: RoundView,
    counts: CountsView,
    aggregate: AggregateView,
    answers: Vec<AnswerView>,
    /// Declared, and what late members asked for in the round before; absent without one.
    expected_net: Option<String>,
    /// The procedure thresholds in force on `thresholds_on`, the lowest first.
    thresholds: Vec<ThresholdView>,
    thresholds_on: NaiveDate,
    days: Vec<DayView>,
}

/// How many members stand where.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct CountsView {
    members: usize,
    submitted: usize,
    nothing: usize,
    started: usize,
    not_opened: usize,
    to_reconfirm: usize,
}

/// What one member answered.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct AnswerView {
    member_id: Uuid,
    name: String,
    /// `not_started`, `started`, `submitted` or `nothing`.
    state: String,
    to_reconfirm: bool,
    answered_at: Option<DateTime<Utc>>,
    entered_for: bool,
    open_until: Option<DateTime<Utc>>,
    net: String,
    net_before: Option<String>,
}

/// A limit, net of tax, that an estimate is compared with.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct ThresholdView {
    /// `adapted`, `publicity` or `formal`.
    duty: String,
    amount: String,
    /// Whether what is declared reaches it.
    reached: bool,
    source: String,
}

/// How many answers came on a day.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct DayView {
    day: NaiveDate,
    answers: usize,
}

impl From<Overview> for OverviewView {
    fn from(overview: Overview) -> Self {
        let (counts, total) = (overview.counts, overview.sums.aggregate.total);
        let thresholds = overview.limits.into_iter().map(|limit| ThresholdView {
            duty: match limit.duty {
                Duty::Adapted => "adapted",
                Duty::Publicity => "publicity",
                Duty::Formal => "formal",
            }
            .to_owned(),
            reached: total >= limit.amount,
            amount: limit.amount.to_string(),
            source: limit.source,
        });
        let answers = overview.answers.into_iter().map(|answer| AnswerView {
            member_id: answer.member.id.0,
            name: answer.member.name,
            state: answer.state.code().to_owned(),
            to_reconfirm: answer.to_reconfirm,
            answered_at: answer.answered_at,
            entered_for: answer.entered_for,
            open_until: answer.open_until,
            net: answer.value.to_string(),
            net_before: answer.before.map(|before| before.to_string()),
        });
        let days = overview.days.into_iter();
        Self {
            counts: CountsView {
                members: counts.members(),
                submitted: counts.submitted,
                nothing: counts.nothing,
                started: counts.started,
                not_opened: counts.not_opened,
                to_reconfirm: counts.to_reconfirm,
            },
            aggregate: AggregateView::from(&overview.sums),
            answers: answers.collect(),
            expected_net: overview.expected.map(|cents| cents.to_string()),
            thresholds: thresholds.collect(),
            thresholds_on: overview.limits_on,
            days: days
                .map(|(day, answers)| DayView { day, answers })
                .collect(),
            round: overview.sums.round.into(),
        }
    }
}

/// What a round has gathered, for its coordinator.
#[utoipa::path(
    get,
    path = "/rounds/{id}/overview",
    operation_id = "show_overview",
    tag = "rounds",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = OverviewView), ReadProblems)
)]
async fn overview(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
) -> Result<Json<OverviewView>, Problem> {
    let overview = overviews::overview(&app, &actor, RoundId(id)).await?;
    Ok(Json(overview.into()))
}

/// One member behind a figure.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct BehindView {
    member_id: Uuid,
    name: String,
    quantity: String,
    net: String,
}

/// The members behind the figure of an item; you alone unless the round shows the others.
#[utoipa::path(
    get,
    path = "/items/{id}/members",
    operation_id = "list_item_members",
    tag = "rounds",
    params(("id" = Uuid, Path), Paging),
    responses((status = 200, body = Page<BehindView>), ReadProblems)
)]
async fn behind(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<BehindView>>, Problem> {
    let limit = paging.rows(app.settings.limits.page_rows_max)?;
    let after = paging.after::<Uuid>()?.map(OrganisationId);
    let found = overviews::behind_page(&app, &actor, ItemId(id), after, limit + 1).await?;
    let show = |one: overviews::Behind| BehindView {
        member_id: one.member.id.0,
        name: one.member.name,
        quantity: one.quantity.to_string(),
        net: one.amount.to_string(),
    };
    let key = |one: &overviews::Behind| one.member.id.0;
    Ok(Json(Page::of(found, limit, key, show)))
}

//! Rounds over JSON: prepared, changed, listed; their life, items and figures are beside.
use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use domain::{
    field::Gathering,
    identity::{GroupingId, RoundId},
    purchasing::round::{ClosedBy, Columns, Round, RoundState},
    text,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    actions::{
        App, Error,
        purchasing::rounds::{
            self, Deadline, Listing, NOTE_CHARS_MAX, NewRound, RoundInput, Start, TITLE_CHARS_MAX,
        },
    },
    api::{
        extract::{Bearer, Id, Query, Write},
        paging::{At, Page, Paging},
        problem::{Problem, ReadProblems, WriteProblems},
    },
};

mod figures;
mod items;
mod life;
mod resume;

/// The operations on rounds.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, replace))
        .merge(life::routes())
        .merge(items::routes())
        .merge(resume::routes())
        .merge(figures::routes())
}

/// A round of collecting needs.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RoundView {
    pub id: Uuid,
    /// The coordinating organisation.
    pub owner_id: Uuid,
    pub grouping_id: Uuid,
    pub title: String,
    /// `draft`, `open`, `closed` or `cancelled`.
    pub state: String,
    pub deadline: DateTime<Utc>,
    pub note: Option<String>,
    pub columns: ColumnsView,
    pub shows_others: bool,
    pub launch_planned_on: Option<NaiveDate>,
    pub previous_round_id: Option<Uuid>,
    /// How many times it was opened to all.
    pub opening: i32,
    pub opened_at: Option<DateTime<Utc>>,
    pub closed_at: Option<DateTime<Utc>>,
    /// `user`, `clock` or `operator`.
    pub closed_by: Option<String>,
    pub reopen_motive: Option<String>,
    /// Rises when what members answer on changes.
    pub conditions_version: i32,
    pub version: i32,
}

/// What members fill beside the quantity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ColumnsView {
    pub most: bool,
    pub commitment: bool,
    pub site: bool,
    pub comment: bool,
}

impl From<Round> for RoundView {
    fn from(round: Round) -> Self {
        let closed = round.closed.as_ref();
        Self {
            id: round.id.0,
            owner_id: round.owner.0,
            grouping_id: round.grouping.0,
            state: round.state.code().to_owned(),
            deadline: round.deadline,
            note: round.note,
            columns: ColumnsView {
                most: round.columns.most,
                commitment: round.columns.commitment,
                site: round.columns.site,
                comment: round.columns.comment,
            },
            shows_others: round.shows_others,
            launch_planned_on: round.launch_planned_on,
            previous_round_id: round.previous.map(|id| id.0),
            opening: round.opening,
            opened_at: round.opened_at,
            closed_at: closed.map(|closing| closing.at),
            closed_by: closed.map(|closing| {
                match closing.by {
                    ClosedBy::User(_) => "user",
                    ClosedBy::Clock => "clock",
                    ClosedBy::Operator => "operator",
                }
                .to_owned()
            }),
            reopen_motive: round.reopen_motive,
            conditions_version: round.conditions_version,
            version: round.version,
            title: round.title,
        }
    }
}

/// The answer about one round, with its version as an entity tag.
fn tagged(status: StatusCode, round: Round) -> Response {
    let tag = format!("\"{}\"", round.version);
    (status, [(header::ETAG, tag)], Json(RoundView::from(round))).into_response()
}

/// Which rounds are listed.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// The `next` of the page before.
    cursor: Option<String>,
    /// How many rows, 50 by default.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u64>,
    grouping_id: Option<Uuid>,
    /// `draft`, `open`, `closed` or `cancelled`.
    #[param(pattern = "^(draft|open|closed|cancelled)$")]
    state: Option<String>,
    /// Words of the title.
    q: Option<String>,
}

/// The rounds that concern you, those with the latest deadline first.
#[utoipa::path(
    get,
    path = "/rounds",
    operation_id = "list_rounds",
    tag = "rounds",
    params(Wanted),
    responses((status = 200, body = Page<RoundView>), ReadProblems)
)]
async fn list(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Page<RoundView>>, Problem> {
    let paging = Paging {
        cursor: wanted.cursor,
        limit: wanted.limit,
    };
    let limit = paging.rows(app.settings.limits.page_rows_max)?;
    let after: Option<(At, RoundId)> = paging.after()?;
    let state = match wanted.state.as_deref() {
        Some(code) => Some(RoundState::from_code(code).ok_or_else(|| {
            Problem::malformed("Le paramètre state vaut draft, open, closed ou cancelled.")
        })?),
        None => None,
    };
    let listing = Listing {
        organisation: None,
        grouping: wanted.grouping_id.map(GroupingId),
        state,
        words: wanted.q.unwrap_or_default(),
    };
    let start = after.map_or(Start::Offset(0), |(At(at), id)| Start::After(at, id));
    let (rows, _) = rounds::list(&app, &actor, &listing, start, limit + 1).await?;
    let key = |row: &rounds::Listed| (row.round.deadline, row.round.id);
    Ok(Json(Page::of(rows, limit, key, |row| row.round.into())))
}

/// What is decided about a round.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RoundBody {
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    /// The instant from which a declaration is refused.
    deadline: DateTime<Utc>,
    /// A word to the members.
    #[serde(default)]
    #[schema(max_length = 2000)]
    note: Option<String>,
    #[serde(default)]
    columns: ColumnsView,
    /// Whether a member sees the figures of the others, and not only their total.
    #[serde(default)]
    shows_others: bool,
    /// The day whose procedure thresholds apply.
    #[serde(default)]
    launch_planned_on: Option<NaiveDate>,
}

impl RoundBody {
    fn parse(self) -> Result<RoundInput, Error> {
        let mut fields = Gathering::default();
        let title = text::clean(&self.title, TITLE_CHARS_MAX);
        let title = fields.read("title", &self.title, title);
        let note = self.note.unwrap_or_default();
        let clean = |typed: &str| text::clean_lines(typed, NOTE_CHARS_MAX);
        let note = fields.read_optional("note", &note, clean);
        match (title, note) {
            (Some(title), Some(note)) => Ok(RoundInput {
                title,
                deadline: instant(self.deadline),
                note,
                columns: Columns {
                    most: self.columns.most,
                    commitment: self.columns.commitment,
                    site: self.columns.site,
                    comment: self.columns.comment,
                },
                shows_others: self.shows_others,
                launch_planned_on: self.launch_planned_on,
            }),
            _ => Err(Error::Invalid(fields.problems)),
        }
    }
}

/// A deadline, to the microsecond.
fn instant(deadline: DateTime<Utc>) -> Deadline {
    Deadline::Instant(deadline.trunc_subsecs(6))
}

/// A round to prepare.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRoundBody {
    grouping_id: Uuid,
    /// The round whose lots and items are copied, and whose quantities are compared.
    #[serde(default)]
    previous_round_id: Option<Uuid>,
    round: RoundBody,
}

/// Prepares a round.
#[utoipa::path(
    post,
    path = "/rounds",
    operation_id = "create_round",
    tag = "rounds",
    request_body = NewRoundBody,
    responses((status = 201, body = RoundView), WriteProblems)
)]
async fn create(State(app): State<App>, write: Write<NewRoundBody>) -> Result<Response, Problem> {
    let new = NewRound {
        grouping: GroupingId(write.body.grouping_id),
        input: write.body.round.parse()?,
        previous: write.body.previous_round_id.map(RoundId),
    };
    let round = rounds::create(&app, &write.actor, new).await?;
    Ok(tagged(StatusCode::CREATED, round))
}

/// One round.
#[utoipa::path(
    get,
    path = "/rounds/{id}",
    operation_id = "show_round",
    tag = "rounds",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = RoundView), ReadProblems)
)]
async fn show(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id(id): Id<Uuid>,
) -> Result<Response, Problem> {
    let (round, _) = rounds::find(&app, &actor, RoundId(id)).await?;
    Ok(tagged(StatusCode::OK, round))
}

/// Changes what was decided about a round; an open one's deadline only moves later.
#[utoipa::path(
    put,
    path = "/rounds/{id}",
    operation_id = "replace_round",
    tag = "rounds",
    params(("id" = Uuid, Path), ("If-Match" = String, Header, description = "The ETag read")),
    request_body = RoundBody,
    responses((status = 200, body = RoundView), WriteProblems)
)]
async fn replace(
    State(app): State<App>,
    Id(id): Id<Uuid>,
    write: Write<RoundBody>,
) -> Result<Response, Problem> {
    let version = write.if_match.require()?;
    let input = write.body.parse()?;
    let round = rounds::edit(&app, &write.actor, RoundId(id), version, input).await?;
    Ok(tagged(StatusCode::OK, round))
}

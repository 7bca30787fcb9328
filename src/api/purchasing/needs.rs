//! Declarations and needs over JSON.
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::{
    field::Gathering,
    identity::{OrganisationId, RoundId},
    purchasing::{declaration::NOTE_CHARS_MAX, need::Typed},
    text,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    actions::{
        Actor, App, Error,
        purchasing::{
            declarations, drafts,
            needs::{self, Grid, Line},
        },
    },
    api::{
        extract::{Bearer, Id, Nothing, Tagged, Write},
        problem::{Problem, ReadProblems, WriteProblems},
    },
};

mod cells;

use cells::{Cells, edits};

/// The operations on declarations.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(type_cells))
        .routes(routes!(take_previous))
        .routes(routes!(submit))
        .routes(routes!(say_nothing))
        .routes(routes!(withdraw))
        .routes(routes!(reconfirm))
}

/// A member's answer to a round, with every line it may fill.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeclarationView {
    pub round_id: Uuid,
    pub member_id: Uuid,
    pub member_name: String,
    /// `not_started`, `started`, `submitted` or `nothing`.
    pub state: String,
    /// How many times it was transmitted.
    pub revision: i32,
    /// The conditions changed since: to confirm or to take back.
    pub to_reconfirm: bool,
    /// The last instant at which this member may answer.
    pub deadline: DateTime<Utc>,
    pub is_open: bool,
    pub submitted_at: Option<DateTime<Utc>>,
    /// Entered by the coordinator for the member.
    pub entered_for: bool,
    pub entered_note: Option<String>,
    pub lines: Vec<NeedLineView>,
    /// Counts the changes of the answer and of each of its cells.
    pub version: i32,
}

/// One item, what is typed for it and what all members ask for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NeedLineView {
    pub item_id: Uuid,
    /// Its number on the page: `2.1`.
    pub reference: String,
    /// What the line is for, when the round asks site by site.
    pub site_id: Option<Uuid>,
    pub site_name: Option<String>,
    pub title: String,
    pub unit: String,
    /// Quantities are multiples of it.
    pub step: String,
    pub unit_price: Option<String>,
    pub quantity: Option<String>,
    pub most: Option<String>,
    /// `firm`, `up_to` or `intention`.
    pub commitment: String,
    /// The budget that will pay; the member's main one when absent.
    pub budget_id: Option<Uuid>,
    pub comment: Option<String>,
    /// What was typed on the page and is not a quantity of this item.
    pub refused: Vec<String>,
    pub previous_quantity: Option<String>,
    /// What all members together transmitted.
    pub total_quantity: String,
    /// Counts the changes of this line; send it back with a cell.
    pub version: i32,
}

impl From<&Grid> for DeclarationView {
    fn from(grid: &Grid) -> Self {
        let declaration = &grid.declaration;
        Self {
            round_id: grid.round.id.0,
            member_id: grid.member.id.0,
            member_name: grid.member.name.clone(),
            state: declaration.state.code().to_owned(),
            revision: declaration.revision,
            to_reconfirm: declaration.to_reconfirm,
            deadline: declaration.deadline(&grid.round),
            is_open: grid.is_open,
            submitted_at: declaration.submitted_at,
            entered_for: declaration.entered_for,
            entered_note: declaration.entered_note.clone(),
            lines: grid.lines().map(NeedLineView::from).collect(),
            version: grid.version,
        }
    }
}

impl From<&Line> for NeedLineView {
    fn from(line: &Line) -> Self {
        let draft = &line.draft;
        let text = |typed: &Typed| typed.quantity().map(|q| q.to_string());
        let refused = [&draft.quantity, &draft.most].into_iter();
        Self {
            item_id: line.item.id.0,
            reference: line.reference.clone(),
            site_id: line.site.as_ref().map(|site| site.id.0),
            site_name: line.site.as_ref().map(|site| site.name.clone()),
            title: line.item.title.clone(),
            unit: line.item.unit.clone(),
            step: line.item.step.to_string(),
            unit_price: line.item.unit_price.map(|price| price.to_string()),
            quantity: text(&draft.quantity),
            most: text(&draft.most),
            commitment: draft.commitment.code().to_owned(),
            budget_id: draft.budget.map(|budget| budget.0),
            comment: draft.comment.clone(),
            refused: refused
                .filter(|typed| matches!(typed, Typed::Refused(_)))
                .map(Typed::text)
                .collect(),
            previous_quantity: line.previous.map(|q| q.to_string()),
            total_quantity: line.total.quantity.to_string(),
            version: draft.version,
        }
    }
}

/// Where the figures come from, when the coordinator enters them for the member.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    #[schema(max_length = 500)]
    pub note: Option<String>,
}

/// A declaration as it stands.
#[utoipa::path(
    get,
    path = "/rounds/{id}/declarations/{member}",
    operation_id = "show_declaration",
    tag = "needs",
    params(("id" = Uuid, Path), ("member" = Uuid, Path)),
    responses((status = 200, body = DeclarationView), ReadProblems)
)]
async fn show(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Id((round, member)): Id<(Uuid, Uuid)>,
) -> Result<Tagged<DeclarationView>, Problem> {
    answer(&app, &actor, RoundId(round), OrganisationId(member)).await
}

/// Types cells: all of them, or none when a cell of this answer changed since it was read.
#[utoipa::path(
    put,
    path = "/rounds/{id}/declarations/{member}/cells",
    operation_id = "type_cells",
    tag = "needs",
    params(("id" = Uuid, Path), ("member" = Uuid, Path), ("If-Match" = String, Header)),
    request_body = Cells,
    responses((status = 200, body = DeclarationView), WriteProblems)
)]
async fn type_cells(
    State(app): State<App>,
    Id((round, member)): Id<(Uuid, Uuid)>,
    write: Write<Cells>,
) -> Result<Tagged<DeclarationView>, Problem> {
    let (round, member) = (RoundId(round), OrganisationId(member));
    let version = write.if_match.require()?;
    let edits = edits(&write.body)?;
    drafts::put(&app, &write.actor, round, member, version, edits).await?;
    answer(&app, &write.actor, round, member).await
}

/// Takes again the quantities of the round before, where nothing is typed yet.
#[utoipa::path(
    post,
    path = "/rounds/{id}/declarations/{member}/take-previous",
    operation_id = "take_previous_needs",
    tag = "needs",
    params(("id" = Uuid, Path), ("member" = Uuid, Path)),
    responses((status = 200, body = DeclarationView), WriteProblems)
)]
async fn take_previous(
    State(app): State<App>,
    Id((round, member)): Id<(Uuid, Uuid)>,
    write: Write<Nothing>,
) -> Result<Tagged<DeclarationView>, Problem> {
    let (round, member) = (RoundId(round), OrganisationId(member));
    drafts::take_previous(&app, &write.actor, round, member).await?;
    answer(&app, &write.actor, round, member).await
}

/// Transmits what is typed.
#[utoipa::path(
    post,
    path = "/rounds/{id}/declarations/{member}/submit",
    operation_id = "submit_declaration",
    tag = "needs",
    params(("id" = Uuid, Path), ("member" = Uuid, Path)),
    request_body = Answer,
    responses((status = 200, body = DeclarationView), WriteProblems)
)]
async fn submit(
    State(app): State<App>,
    Id((round, member)): Id<(Uuid, Uuid)>,
    write: Write<Answer>,
) -> Result<Tagged<DeclarationView>, Problem> {
    let (round, member) = (RoundId(round), OrganisationId(member));
    let note = note(&write.body)?;
    declarations::submit(&app, &write.actor, round, member, note).await?;
    answer(&app, &write.actor, round, member).await
}

/// Says that the member needs nothing.
#[utoipa::path(
    post,
    path = "/rounds/{id}/declarations/{member}/nothing",
    operation_id = "declare_nothing",
    tag = "needs",
    params(("id" = Uuid, Path), ("member" = Uuid, Path)),
    request_body = Answer,
    responses((status = 200, body = DeclarationView), WriteProblems)
)]
async fn say_nothing(
    State(app): State<App>,
    Id((round, member)): Id<(Uuid, Uuid)>,
    write: Write<Answer>,
) -> Result<Tagged<DeclarationView>, Problem> {
    let (round, member) = (RoundId(round), OrganisationId(member));
    let note = note(&write.body)?;
    declarations::say_nothing(&app, &write.actor, round, member, note).await?;
    answer(&app, &write.actor, round, member).await
}

/// Takes an answer back: its quantities leave the totals.
#[utoipa::path(
    post,
    path = "/rounds/{id}/declarations/{member}/withdraw",
    operation_id = "withdraw_declaration",
    tag = "needs",
    params(("id" = Uuid, Path), ("member" = Uuid, Path)),
    responses((status = 200, body = DeclarationView), WriteProblems)
)]
async fn withdraw(
    State(app): State<App>,
    Id((round, member)): Id<(Uuid, Uuid)>,
    write: Write<Nothing>,
) -> Result<Tagged<DeclarationView>, Problem> {
    let (round, member) = (RoundId(round), OrganisationId(member));
    declarations::withdraw(&app, &write.actor, round, member).await?;
    answer(&app, &write.actor, round, member).await
}

/// Keeps an answer under conditions that changed.
#[utoipa::path(
    post,
    path = "/rounds/{id}/declarations/{member}/reconfirm",
    operation_id = "reconfirm_declaration",
    tag = "needs",
    params(("id" = Uuid, Path), ("member" = Uuid, Path)),
    responses((status = 200, body = DeclarationView), WriteProblems)
)]
async fn reconfirm(
    State(app): State<App>,
    Id((round, member)): Id<(Uuid, Uuid)>,
    write: Write<Nothing>,
) -> Result<Tagged<DeclarationView>, Problem> {
    let (round, member) = (RoundId(round), OrganisationId(member));
    declarations::reconfirm(&app, &write.actor, round, member).await?;
    answer(&app, &write.actor, round, member).await
}

/// The member's answer as it now stands.
async fn answer(
    app: &App,
    actor: &Actor,
    round: RoundId,
    member: OrganisationId,
) -> Result<Tagged<DeclarationView>, Problem> {
    let grid = needs::find(app, actor, round, member).await?;
    Ok(Tagged {
        version: grid.version,
        body: DeclarationView::from(&grid),
    })
}

fn note(answer: &Answer) -> Result<Option<String>, Error> {
    let mut gathering = Gathering::default();
    let typed = answer.note.as_deref().unwrap_or("");
    let read = |typed: &str| text::clean_lines(typed, NOTE_CHARS_MAX);
    let note = gathering.read_optional("note", typed, read);
    note.ok_or(Error::Invalid(gathering.problems))
}

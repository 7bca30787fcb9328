//! What waits for a person, over JSON.
use axum::{Json, extract::State};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    extract::Bearer,
    problem::{Problem, ReadProblems},
};
use crate::actions::{
    App,
    todo::{self, Due, Task},
};

/// The operations on what waits.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// What waits for you, in all your organisations.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TodoView {
    /// The nearest deadline first; at most 20 of each kind.
    pub items: Vec<TaskView>,
    /// How many there are in all.
    pub total: u64,
    /// How many of each kind are not among the items.
    pub more: Vec<MoreView>,
}

/// One thing that waits.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TaskView {
    /// What is to be done: `needs.declare`, `invoice.pay`, `procedure.launch`…
    pub kind: String,
    /// What it is about.
    pub subject: SubjectView,
    /// Whose work it is.
    pub organisation: Uuid,
    /// The name or the number of the subject.
    pub title: String,
    /// The instant until which it must be done.
    pub due_at: Option<DateTime<Utc>>,
    /// The day until which it must be done.
    pub due_on: Option<NaiveDate>,
    /// How many wait: members, answers, lots, orders or users, as the kind says.
    pub waiting: Option<u64>,
    /// Among how many.
    pub among: Option<u64>,
    /// In euros, when money waits.
    pub amount: Option<String>,
}

/// The thing a task is about.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SubjectView {
    /// `round`, `grouping`, `membership`, `procedure`, `contract`, `invoice`, `statement`,
    /// `recovery_order` or `organisation`.
    pub kind: String,
    pub id: Uuid,
    /// The grouping of a membership.
    pub grouping: Option<Uuid>,
}

/// How many tasks of a kind are left out.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MoreView {
    pub kind: String,
    pub count: u64,
}

impl From<Task> for TaskView {
    fn from(task: Task) -> Self {
        let (due_at, due_on) = match task.due {
            Some(Due::At(instant)) => (Some(instant), None),
            Some(Due::On(day)) => (None, Some(day)),
            None => (None, None),
        };
        Self {
            kind: task.kind.code().to_owned(),
            subject: SubjectView {
                kind: task.kind.subject().to_owned(),
                id: task.subject,
                grouping: task.within,
            },
            organisation: task.organisation.0,
            title: task.title,
            due_at,
            due_on,
            waiting: (task.many > 0).then_some(task.many),
            among: (task.among > 0).then_some(task.among),
            amount: task.amount.map(|amount| amount.to_string()),
        }
    }
}

/// What waits for you: needs to declare, invoices to pay, procedures to launch…
#[utoipa::path(
    get,
    path = "/todo",
    operation_id = "show_todo",
    tag = "todo",
    responses((status = 200, body = TodoView), ReadProblems)
)]
async fn show(State(app): State<App>, Bearer(actor): Bearer) -> Result<Json<TodoView>, Problem> {
    let desk = todo::desk(&app, &actor).await?;
    let more = desk.more.into_iter().map(|more| MoreView {
        kind: more.kind.code().to_owned(),
        count: more.count,
    });
    Ok(Json(TodoView {
        items: desk.tasks.into_iter().map(TaskView::from).collect(),
        total: desk.total,
        more: more.collect(),
    }))
}

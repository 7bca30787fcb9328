//! The history over JSON.
use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    extract::{Bearer, Query},
    paging::{At, Page, Paging},
    problem::{Problem, ReadProblems},
};
use crate::{
    actions::{
        App,
        journal::{self, Entry, Listing},
    },
    wording,
};

/// The operations on the history.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Something that was done.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct JournalLineView {
    /// The organisation or the grouping whose chain holds the line.
    pub scope_id: Uuid,
    pub seq: i64,
    pub at: DateTime<Utc>,
    /// `user`, `clock` or `operator`.
    pub actor_kind: String,
    pub actor_id: Option<Uuid>,
    pub actor_name: Option<String>,
    /// Noun and verb, `round.close`.
    pub action: String,
    /// The action in French.
    pub sentence: String,
    pub subject_kind: String,
    pub subject_id: Option<Uuid>,
    #[schema(value_type = Object)]
    pub detail: serde_json::Value,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// One organisation or grouping alone.
    scope: Option<Uuid>,
    /// `grouping`, `round`, `contract`…
    #[param(pattern = "^[a-z_]{1,60}$")]
    subject_kind: Option<String>,
    subject_id: Option<Uuid>,
    cursor: Option<String>,
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u64>,
}

impl From<Entry> for JournalLineView {
    fn from(entry: Entry) -> Self {
        let line = entry.line;
        Self {
            scope_id: line.scope_id,
            seq: line.seq,
            at: line.at,
            actor_kind: line.actor_kind,
            actor_id: line.actor_id,
            actor_name: entry.actor,
            sentence: wording::journal::sentence(&line.action, &line.detail),
            action: line.action,
            subject_kind: line.subject_kind,
            subject_id: line.subject_id,
            detail: line.detail,
        }
    }
}

/// Whether this may name a kind of object; PostgreSQL refuses a text with a null character.
fn is_kind(typed: &str) -> bool {
    let letters = typed.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    letters && (1..=60).contains(&typed.len())
}

/// What was done in everything that the caller may read, newest first.
#[utoipa::path(
    get,
    path = "/journal",
    operation_id = "list_journal",
    tag = "journal",
    params(Filter),
    responses((status = 200, body = Page<JournalLineView>), ReadProblems)
)]
async fn list(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Query(filter): Query<Filter>,
) -> Result<Json<Page<JournalLineView>>, Problem> {
    let paging = Paging {
        cursor: filter.cursor,
        limit: filter.limit,
    };
    let limit = paging.rows(app.settings.limits.page_rows_max)?;
    if !filter.subject_kind.as_deref().is_none_or(is_kind) {
        return Err(Problem::malformed(
            "Le paramètre subject_kind est un nom en minuscules.",
        ));
    }
    let before: Option<(At, Uuid, i64)> = paging.after()?;
    let before = before.map(|(At(at), scope, seq)| (at, scope, seq));
    let listing = Listing {
        organisation: None,
        scope: filter.scope,
        subject_kind: filter.subject_kind,
        subject_id: filter.subject_id,
    };
    let rows = journal::list(&app, &actor, &listing, before, limit + 1).await?;
    let key = |entry: &Entry| (entry.line.at, entry.line.scope_id, entry.line.seq);
    Ok(Json(Page::of(rows, limit, key, JournalLineView::from)))
}

//! The history over JSON.
use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    extract::{Bearer, Query},
    paging::{Page, Paging},
    problem::{Problem, ReadProblems},
};
use crate::{
    actions::{
        App,
        journal::{self, Entry, Listing, Place},
    },
    wording,
};

/// The operations on the history.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Something that was done.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LineView {
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
    subject_kind: Option<String>,
    subject_id: Option<Uuid>,
    #[param(max_length = 600)]
    cursor: Option<String>,
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u64>,
}

impl From<Entry> for LineView {
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

/// What was done in everything that the caller may read, newest first.
#[utoipa::path(
    get,
    path = "/journal",
    tag = "journal",
    params(Filter),
    responses((status = 200, body = Page<LineView>), ReadProblems)
)]
async fn list(
    State(app): State<App>,
    Bearer(actor): Bearer,
    Query(filter): Query<Filter>,
) -> Result<Json<Page<LineView>>, Problem> {
    let paging = Paging {
        cursor: filter.cursor,
        limit: filter.limit,
    };
    let limit = paging.rows(app.settings.limits.page_rows_max)?;
    let before: Option<Place> = paging.after()?;
    let listing = Listing {
        organisation: None,
        scope: filter.scope,
        subject_kind: filter.subject_kind,
        subject_id: filter.subject_id,
    };
    let rows = journal::list(&app, &actor, &listing, before, limit + 1).await?;
    let key = |entry: &Entry| (entry.line.at, entry.line.scope_id, entry.line.seq);
    Ok(Json(Page::of(rows, limit, key, LineView::from)))
}

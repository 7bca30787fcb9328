//! The journal as people read it: the lines of the scopes they may read, newest first.
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{
    StoreError, View,
    journal::{Recorded, recorded},
    rows::journal_line as row,
};

/// Which lines are read.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Scopes read whole.
    pub scopes: Vec<Uuid>,
    /// Scopes of which only these actions are read.
    pub partly: Vec<Uuid>,
    pub actions: Vec<&'static str>,
    pub subject_kind: Option<String>,
    pub subject_id: Option<Uuid>,
}

/// Where a line stands among those of several scopes.
pub type Place = (DateTime<Utc>, Uuid, i64);

/// A page of lines, newest first, older than `before`.
///
/// # Errors
/// Whatever the database says.
pub async fn list(
    view: &View,
    wanted: &Wanted,
    before: Option<Place>,
    limit: u64,
) -> Result<Vec<Recorded>, StoreError> {
    let whole = row::Column::ScopeId.is_in(wanted.scopes.iter().copied());
    let partly = Condition::all()
        .add(row::Column::ScopeId.is_in(wanted.partly.iter().copied()))
        .add(row::Column::Action.is_in(wanted.actions.iter().copied()));
    let mut query = row::Entity::find().filter(Condition::any().add(whole).add(partly));
    if let Some(kind) = &wanted.subject_kind {
        query = query.filter(row::Column::SubjectKind.eq(kind));
    }
    if let Some(id) = wanted.subject_id {
        query = query.filter(row::Column::SubjectId.eq(id));
    }
    if let Some((at, scope, seq)) = before {
        let same_instant = Condition::all().add(row::Column::At.eq(at)).add(
            Condition::any().add(row::Column::ScopeId.lt(scope)).add(
                Condition::all()
                    .add(row::Column::ScopeId.eq(scope))
                    .add(row::Column::Seq.lt(seq)),
            ),
        );
        query = query.filter(
            Condition::any()
                .add(row::Column::At.lt(at))
                .add(same_instant),
        );
    }
    let rows = query
        .order_by_desc(row::Column::At)
        .order_by_desc(row::Column::ScopeId)
        .order_by_desc(row::Column::Seq)
        .limit(limit)
        .all(&view.0)
        .await?;
    Ok(rows.into_iter().map(recorded).collect())
}

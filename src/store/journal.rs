//! The record of everything that happened: append-only, one hash chain per scope.
//!
//! A line carries the hash of the rows it wrote and the hash of the line before it, so that a
//! changed byte, in a business row or in the journal itself, is found by `encommun audit`. One
//! chain per scope (grouping, organisation, instance) rather than one for all: a single chain
//! would make every write of every process wait for the others.
use std::{collections::BTreeMap, sync::PoisonError};

use chrono::{DateTime, SecondsFormat, Utc};
use domain::{
    identity::{GroupingId, OrganisationId},
    text::hex,
};
use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    ActorRef, StoreError, Tx, View, operations,
    rows::{journal_head, journal_line as line_row, journal_row},
};

/// The chain to which a line belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// What concerns the whole installation: users, reference data.
    Instance,
    Organisation(OrganisationId),
    Grouping(GroupingId),
}

impl Scope {
    /// The identifier of the chain; nil for the instance.
    #[must_use]
    pub fn id(self) -> Uuid {
        match self {
            Self::Instance => Uuid::nil(),
            Self::Organisation(id) => id.0,
            Self::Grouping(id) => id.0,
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Self::Instance => "instance",
            Self::Organisation(_) => "organisation",
            Self::Grouping(_) => "grouping",
        }
    }
}

/// What the journal says of an action.
#[derive(Clone, Debug)]
pub struct Line {
    pub scope: Scope,
    pub subject_kind: &'static str,
    pub subject_id: Option<Uuid>,
    /// Facts a reader needs, as a JSON object; never a name, an address or a secret.
    pub detail: serde_json::Value,
}

impl Line {
    /// A line about one object.
    #[must_use]
    pub fn about(scope: Scope, subject_kind: &'static str, subject_id: impl Into<Uuid>) -> Self {
        let subject_id = Some(subject_id.into());
        Self {
            scope,
            subject_kind,
            subject_id,
            detail: serde_json::json!({}),
        }
    }

    /// Adds the facts.
    #[must_use]
    pub fn saying(mut self, detail: serde_json::Value) -> Self {
        self.detail = detail;
        self
    }
}

/// A row that the current transaction wrote; an empty hash means deleted.
#[derive(Clone, Debug)]
pub(super) struct Written {
    pub table: &'static str,
    pub id: Uuid,
    pub hash: String,
}

/// A line as people read it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    pub scope_id: Uuid,
    pub seq: i64,
    pub at: DateTime<Utc>,
    pub actor_kind: String,
    pub actor_id: Option<Uuid>,
    pub action: String,
    pub subject_kind: String,
    pub subject_id: Option<Uuid>,
    pub detail: serde_json::Value,
}

impl Tx {
    /// Writes the journal line and commits both together.
    ///
    /// # Errors
    /// Whatever the database says; then nothing was written.
    pub async fn commit(self, line: Line) -> Result<(), StoreError> {
        let detail = line.detail.to_string();
        append(&self, &line, &detail).await?;
        operations::record(&self, line.subject_kind, line.subject_id, &detail).await?;
        Ok(self.view.0.commit().await?)
    }

    /// The one instant of this action.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.stamp.now
    }

    /// Who acts.
    #[must_use]
    pub fn actor(&self) -> ActorRef {
        self.stamp.actor
    }
}

async fn append(tx: &Tx, line: &Line, detail: &str) -> Result<(), StoreError> {
    let scope_id = line.scope.id();
    let head = lock_head(tx, line.scope).await?;
    let rows = last_hashes(tx);
    let seq = head.seq + 1;
    let mut row = line_row::Model {
        scope_id,
        seq,
        at: tx.stamp.now,
        actor_kind: tx.stamp.actor.kind().to_owned(),
        actor_id: tx.stamp.actor.id(),
        action: tx.stamp.action.to_owned(),
        subject_kind: line.subject_kind.to_owned(),
        subject_id: line.subject_id,
        detail: detail.to_owned(),
        rows_hash: rows_hash(rows.iter().map(|((t, id), hash)| (*t, *id, hash.as_str()))),
        prev_hash: head.hash,
        hash: String::new(),
    };
    row.hash = line_hash(&row);
    let hash = row.hash.clone();
    line_row::Entity::insert(row.into_active_model())
        .exec_without_returning(&tx.view.0)
        .await?;
    insert_rows(tx, scope_id, seq, rows).await?;
    journal_head::Entity::update_many()
        .col_expr(journal_head::Column::Seq, Expr::value(seq))
        .col_expr(journal_head::Column::Hash, Expr::value(hash))
        .filter(journal_head::Column::ScopeId.eq(scope_id))
        .exec(&tx.view.0)
        .await?;
    Ok(())
}

/// The head is locked last and alone, so that two actions can never wait for each other's.
async fn lock_head(tx: &Tx, scope: Scope) -> Result<journal_head::Model, StoreError> {
    let first = journal_head::Model {
        scope_id: scope.id(),
        kind: scope.kind().to_owned(),
        seq: 0,
        hash: String::new(),
    };
    journal_head::Entity::insert(first.into_active_model())
        .on_conflict_do_nothing()
        .exec(&tx.view.0)
        .await?;
    let head = journal_head::Entity::find_by_id(scope.id())
        .lock_exclusive()
        .one(&tx.view.0)
        .await?;
    head.ok_or(StoreError::NotFound)
}

async fn insert_rows(
    tx: &Tx,
    scope_id: Uuid,
    seq: i64,
    rows: BTreeMap<(&'static str, Uuid), String>,
) -> Result<(), StoreError> {
    let mut waiting = rows.into_iter().peekable();
    while waiting.peek().is_some() {
        let batch = waiting
            .by_ref()
            .take(500)
            .map(|((table, row_id), row_hash)| {
                journal_row::Model {
                    scope_id,
                    seq,
                    table_name: table.to_owned(),
                    row_id,
                    at: tx.stamp.now,
                    row_hash,
                }
                .into_active_model()
            });
        journal_row::Entity::insert_many(batch)
            .exec_without_returning(&tx.view.0)
            .await?;
    }
    Ok(())
}

/// A row written twice in one transaction counts once, as it was left.
fn last_hashes(tx: &Tx) -> BTreeMap<(&'static str, Uuid), String> {
    let written = tx.written.lock().unwrap_or_else(PoisonError::into_inner);
    written
        .iter()
        .map(|w| ((w.table, w.id), w.hash.clone()))
        .collect()
}

/// Hash over the rows of a line, given in order of table and identifier.
pub(super) fn rows_hash<'a>(rows: impl Iterator<Item = (&'a str, Uuid, &'a str)>) -> String {
    let mut digest = Sha256::new();
    for (table, id, hash) in rows {
        digest.update(format!("{table}:{id}:{hash}\n"));
    }
    hex(digest.finalize())
}

/// Hash of a line over all its fields and the hash before it.
pub(super) fn line_hash(row: &line_row::Model) -> String {
    let at = row.at.to_rfc3339_opts(SecondsFormat::Micros, true);
    let fields = serde_json::json!([
        row.scope_id,
        row.seq,
        at,
        row.actor_kind,
        row.actor_id,
        row.action,
        row.subject_kind,
        row.subject_id,
        row.detail,
        row.rows_hash,
        row.prev_hash,
    ]);
    hex(Sha256::digest(fields.to_string()))
}

/// The latest lines of a scope, newest first; `before` is the sequence number to go on from.
///
/// # Errors
/// Whatever the database says.
pub async fn list(
    view: &View,
    scope: Scope,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<Recorded>, StoreError> {
    let mut query = line_row::Entity::find().filter(line_row::Column::ScopeId.eq(scope.id()));
    if let Some(before) = before {
        query = query.filter(line_row::Column::Seq.lt(before));
    }
    let rows = query
        .order_by_desc(line_row::Column::Seq)
        .limit(limit)
        .all(&view.0)
        .await?;
    Ok(rows.into_iter().map(recorded).collect())
}

/// The lines about one object, newest first.
///
/// # Errors
/// Whatever the database says.
pub async fn list_about(
    view: &View,
    subject_kind: &str,
    subject_id: Uuid,
    limit: u64,
) -> Result<Vec<Recorded>, StoreError> {
    let rows = line_row::Entity::find()
        .filter(line_row::Column::SubjectKind.eq(subject_kind))
        .filter(line_row::Column::SubjectId.eq(subject_id))
        .order_by_desc(line_row::Column::At)
        .order_by_desc(line_row::Column::Seq)
        .limit(limit)
        .all(&view.0)
        .await?;
    Ok(rows.into_iter().map(recorded).collect())
}

pub(super) fn recorded(row: line_row::Model) -> Recorded {
    Recorded {
        scope_id: row.scope_id,
        seq: row.seq,
        at: row.at,
        actor_kind: row.actor_kind,
        actor_id: row.actor_id,
        action: row.action,
        subject_kind: row.subject_kind,
        subject_id: row.subject_id,
        detail: serde_json::from_str(&row.detail).unwrap_or(serde_json::Value::Null),
    }
}

/// The hash of one line, if it is there.
pub(super) async fn hash_of(
    view: &View,
    scope_id: Uuid,
    seq: i64,
) -> Result<Option<String>, StoreError> {
    let line = line_row::Entity::find_by_id((scope_id, seq))
        .one(&view.0)
        .await?;
    Ok(line.map(|line| line.hash))
}

//! Messages waiting to leave, written with the change that causes them.
//!
//! Rendering and delivery come with the notifications; what must not be lost, who is told what
//! and until when it makes sense, is kept from the first change on.
use chrono::{DateTime, Utc};
use domain::notice::{Notice, Recipient};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{StoreError, Tx, View, Writes, rows::outbox as row};

/// A message as the queue shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queued {
    pub id: Uuid,
    pub kind: String,
    pub recipient_organisation: Option<Uuid>,
    pub recipient_user: Option<Uuid>,
    pub due_at: DateTime<Utc>,
    pub not_after: DateTime<Utc>,
    pub state: String,
    pub attempts: i32,
}

/// Queues a message for `due_at`; the same notice queued again changes nothing.
///
/// `owner` is the organisation in whose name it will be sent.
///
/// # Errors
/// Whatever the database says.
pub async fn enqueue(
    tx: &Tx,
    id: Uuid,
    owner: Uuid,
    notice: &Notice,
    due_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let (organisation, user) = match notice.recipient {
        Recipient::Organisation(id) => (Some(id.0), None),
        Recipient::User(id) => (None, Some(id.0)),
    };
    let row = row::Model {
        id,
        owner_id: owner,
        dedup_key: notice.dedup_key(),
        kind: notice.kind.code().to_owned(),
        recipient_organisation_id: organisation,
        recipient_user_id: user,
        recipient_email: None,
        subject_kind: notice.subject_kind.to_owned(),
        subject_id: Some(notice.subject_id),
        subject_version: notice.subject_version,
        notice: serde_json::json!(notice.facts).to_string(),
        due_at,
        not_after: due_at + notice.kind.life(),
        state: "waiting".to_owned(),
        attempts: 0,
        lease_until: None,
        leased_by: None,
        message_id: None,
        letter: None,
        sent_at: None,
        last_error: None,
        created_at: Writes::now(tx),
    };
    row::Entity::insert(row.into_active_model())
        .on_conflict_do_nothing()
        .exec(&tx.view.0)
        .await?;
    Ok(())
}

/// The messages about one object, latest first.
///
/// # Errors
/// Whatever the database says.
pub async fn list_about(
    view: &View,
    subject_kind: &str,
    subject_id: Uuid,
    limit: u64,
) -> Result<Vec<Queued>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::SubjectKind.eq(subject_kind))
        .filter(row::Column::SubjectId.eq(subject_id))
        .order_by_desc(row::Column::DueAt)
        .order_by_desc(row::Column::Id)
        .limit(limit)
        .all(&view.0)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| Queued {
            id: row.id,
            kind: row.kind,
            recipient_organisation: row.recipient_organisation_id,
            recipient_user: row.recipient_user_id,
            due_at: row.due_at,
            not_after: row.not_after,
            state: row.state,
            attempts: row.attempts,
        })
        .collect())
}

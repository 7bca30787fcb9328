//! Idempotency: what an operation key already did, in the transaction of the action.
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, TryInsertResult, sea_query::Expr};
use uuid::Uuid;

use super::{ActorRef, StoreError, SystemTx, Tx, Writes, rows::operation as row};

/// A client's key and the hash of the request it came with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationKey {
    pub key: String,
    /// SHA-256 in hexadecimal of method, path and body.
    pub request_hash: String,
}

/// What an earlier request with the same key did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    pub subject_id: Option<Uuid>,
    /// The journal detail of the first time, as JSON text.
    pub outcome: String,
}

/// An action that begins, or one that was done already and must only answer again.
#[derive(Debug)]
pub enum Begun {
    Fresh(Tx),
    Again(Done),
}

/// Inserts the key first: a rival in flight with the same one waits on the unique key.
pub(super) async fn claim(tx: Tx) -> Result<Begun, StoreError> {
    let Some(operation) = tx.stamp.operation.clone() else {
        return Ok(Begun::Fresh(tx));
    };
    let actor_id = actor_key(tx.stamp.actor);
    let claim = row::ActiveModel::from(row::Model {
        actor_id,
        key: operation.key.clone(),
        request_hash: operation.request_hash.clone(),
        action: tx.stamp.action.to_owned(),
        subject_kind: String::new(),
        subject_id: None,
        outcome: String::new(),
        at: tx.stamp.now,
    });
    let inserted = row::Entity::insert(claim)
        .on_conflict_do_nothing()
        .exec(&tx.view.0)
        .await?;
    if matches!(inserted, TryInsertResult::Inserted(_)) {
        return Ok(Begun::Fresh(tx));
    }
    let earlier = row::Entity::find_by_id((actor_id, operation.key))
        .one(&tx.view.0)
        .await?
        .ok_or(StoreError::Busy)?;
    if earlier.request_hash != operation.request_hash || earlier.action != tx.stamp.action {
        return Err(StoreError::OperationReused);
    }
    Ok(Begun::Again(Done {
        subject_id: earlier.subject_id,
        outcome: earlier.outcome,
    }))
}

/// Completes the claim with what was done.
pub(super) async fn record(
    tx: &Tx,
    subject_kind: &str,
    subject_id: Option<Uuid>,
    outcome: &str,
) -> Result<(), StoreError> {
    let Some(operation) = &tx.stamp.operation else {
        return Ok(());
    };
    row::Entity::update_many()
        .col_expr(row::Column::SubjectKind, Expr::value(subject_kind))
        .col_expr(row::Column::SubjectId, Expr::value(subject_id))
        .col_expr(row::Column::Outcome, Expr::value(outcome))
        .filter(row::Column::ActorId.eq(actor_key(tx.stamp.actor)))
        .filter(row::Column::Key.eq(&operation.key))
        .exec(&tx.view.0)
        .await?;
    Ok(())
}

/// Forgets keys older than three days.
///
/// # Errors
/// Whatever the database says.
pub async fn purge(tx: &SystemTx) -> Result<u64, StoreError> {
    let limit = tx.now() - chrono::TimeDelta::hours(72);
    let purged = row::Entity::delete_many()
        .filter(row::Column::At.lt(limit))
        .exec(&tx.view.0)
        .await?;
    Ok(purged.rows_affected)
}

fn actor_key(actor: ActorRef) -> Uuid {
    actor.id().unwrap_or_default()
}

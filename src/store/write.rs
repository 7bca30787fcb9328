//! How business rows are written: every one leaves its hash for the journal.
use domain::text::hex;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, ModelTrait, QueryFilter,
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, sync::PoisonError};
use uuid::Uuid;

use super::{StoreError, Tx, journal::Written, rows};

/// Rows of one insert statement: well under SQLite's limit of 32 766 parameters.
const BATCH_ROWS: usize = 500;

/// A business row: the journal keeps its hash.
pub(super) trait Audited: ModelTrait + Serialize + Clone {
    const TABLE: &'static str;
    fn row_id(&self) -> Uuid;
    fn id_column() -> <Self::Entity as EntityTrait>::Column;
}

/// A row that two people may edit: `version` counts its changes.
pub(super) trait Versioned: Audited {
    /// The version that this row will have once written.
    fn version(&self) -> i32;
    fn version_column() -> <Self::Entity as EntityTrait>::Column;
}

type ActiveOf<M> = <<M as ModelTrait>::Entity as EntityTrait>::ActiveModel;

impl Tx {
    pub(super) async fn insert<M>(&self, model: M) -> Result<(), StoreError>
    where
        M: Audited + IntoActiveModel<ActiveOf<M>>,
        ActiveOf<M>: Send,
    {
        self.insert_all(vec![model]).await
    }

    pub(super) async fn insert_all<M>(&self, models: Vec<M>) -> Result<(), StoreError>
    where
        M: Audited + IntoActiveModel<ActiveOf<M>>,
        ActiveOf<M>: Send,
    {
        for model in &models {
            self.note(M::TABLE, model.row_id(), Some(row_hash(model)?));
        }
        let mut waiting = models.into_iter().peekable();
        while waiting.peek().is_some() {
            let batch = waiting
                .by_ref()
                .take(BATCH_ROWS)
                .map(IntoActiveModel::into_active_model);
            M::Entity::insert_many(batch)
                .exec_without_returning(&self.view.0)
                .await?;
        }
        Ok(())
    }

    /// Writes the whole row over the version it was read at; `Stale` if someone was faster.
    pub(super) async fn update<M>(&self, model: M) -> Result<(), StoreError>
    where
        M: Versioned + IntoActiveModel<ActiveOf<M>>,
        ActiveOf<M>: Send,
    {
        self.note(M::TABLE, model.row_id(), Some(row_hash(&model)?));
        let (id, read_at) = (model.row_id(), model.version().saturating_sub(1));
        let updated = M::Entity::update_many()
            .set(model.into_active_model().reset_all())
            .filter(M::id_column().eq(id))
            .filter(M::version_column().eq(read_at))
            .exec(&self.view.0)
            .await?;
        if updated.rows_affected == 1 {
            Ok(())
        } else {
            Err(StoreError::Stale)
        }
    }

    /// Writes over a row that has no version of its own: its parent is locked.
    pub(super) async fn replace<M>(&self, model: M) -> Result<(), StoreError>
    where
        M: Audited + IntoActiveModel<ActiveOf<M>>,
        ActiveOf<M>: Send,
    {
        self.note(M::TABLE, model.row_id(), Some(row_hash(&model)?));
        let id = model.row_id();
        let updated = M::Entity::update_many()
            .set(model.into_active_model().reset_all())
            .filter(M::id_column().eq(id))
            .exec(&self.view.0)
            .await?;
        if updated.rows_affected == 1 {
            Ok(())
        } else {
            Err(StoreError::NotFound)
        }
    }

    pub(super) async fn delete<M: Audited>(&self, model: &M) -> Result<(), StoreError> {
        self.note(M::TABLE, model.row_id(), None);
        M::Entity::delete_many()
            .filter(M::id_column().eq(model.row_id()))
            .exec(&self.view.0)
            .await?;
        Ok(())
    }

    fn note(&self, table: &'static str, id: Uuid, hash: Option<String>) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.push(Written {
            table,
            id,
            hash: hash.unwrap_or_default(),
        });
    }
}

/// SHA-256 of a row in a canonical form: keys sorted, absent values left out, so that a later
/// migration may add an optional column without changing the hash of older rows.
pub(super) fn row_hash<M: Audited>(model: &M) -> Result<String, StoreError> {
    let unreadable = |_| StoreError::Corrupt {
        column: M::TABLE,
        value: model.row_id().to_string(),
    };
    let value = serde_json::to_value(model).map_err(unreadable)?;
    let fields: BTreeMap<String, serde_json::Value> =
        serde_json::from_value(value).map_err(unreadable)?;
    let kept: BTreeMap<_, _> = fields.into_iter().filter(|(_, v)| !v.is_null()).collect();
    let text = serde_json::to_string(&kept).map_err(unreadable)?;
    Ok(hex(Sha256::new()
        .chain_update(M::TABLE)
        .chain_update([0])
        .chain_update(text)
        .finalize()))
}

macro_rules! audited {
    ($table:ident) => {
        impl Audited for rows::$table::Model {
            const TABLE: &'static str = stringify!($table);
            fn row_id(&self) -> Uuid {
                self.id
            }
            fn id_column() -> rows::$table::Column {
                rows::$table::Column::Id
            }
        }
    };
}
rows::for_each_audited!(audited);

macro_rules! versioned {
    ($($table:ident)*) => {$(
        impl Versioned for rows::$table::Model {
            fn version(&self) -> i32 {
                self.version
            }
            fn version_column() -> rows::$table::Column {
                rows::$table::Column::Version
            }
        }
    )*};
}
versioned! {
    allocation_key api_token attachment award budget carry contact contract correction declaration
    grouping grouping_agreement invoice item lot membership need organisation procedure
    recovery_order round sharing_rule site supplier user_account
}

//! The ledger of a grouping as a row: what each member is owed, from one invoice to the next.
use domain::{
    allocation::CarryLedger,
    identity::{GroupingId, OrganisationId},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::store::{StoreError, Tx, organisations::read, rows::carry as row};

/// The ledger of one grouping.
#[derive(Clone, Debug)]
pub struct Carried {
    id: Uuid,
    owner: OrganisationId,
    grouping: GroupingId,
    pub ledger: CarryLedger,
    /// None until it is written.
    version: Option<i32>,
}

/// The ledger of a grouping, held until the end; an empty one before its first invoice.
///
/// The numbering of the coordinator must be locked: two first runs would make two ledgers.
///
/// # Errors
/// [`StoreError::Corrupt`] when it does not read back.
pub async fn lock(
    tx: &Tx,
    owner: OrganisationId,
    grouping: GroupingId,
    new_id: impl FnOnce() -> Uuid,
) -> Result<Carried, StoreError> {
    let found = row::Entity::find()
        .filter(row::Column::OwnerId.eq(owner.0))
        .filter(row::Column::GroupingId.eq(grouping.0))
        .lock_exclusive()
        .one(&tx.0)
        .await?;
    let Some(found) = found else {
        return Ok(Carried {
            id: new_id(),
            owner,
            grouping,
            ledger: CarryLedger::default(),
            version: None,
        });
    };
    Ok(Carried {
        id: found.id,
        owner,
        grouping,
        ledger: read("carry.dues", &found.dues, |text| {
            serde_json::from_str(text).ok()
        })?,
        version: Some(found.version),
    })
}

/// Writes the ledger.
///
/// # Errors
/// Whatever the database says.
pub async fn save(tx: &Tx, carried: &Carried) -> Result<(), StoreError> {
    let unwritable = |_| StoreError::Corrupt {
        column: "carry.dues",
        value: carried.grouping.to_string(),
    };
    let dues = serde_json::to_string(&carried.ledger).map_err(unwritable)?;
    let row = row::Model {
        id: carried.id,
        owner_id: carried.owner.0,
        grouping_id: carried.grouping.0,
        dues,
        version: carried.version.map_or(0, |version| version + 1),
    };
    match carried.version {
        None => tx.insert(row).await,
        Some(_) => tx.update(row).await,
    }
}

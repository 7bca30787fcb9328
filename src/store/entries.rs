//! The book of money as rows: only ever added to.
use domain::{
    identity::{AllocationId, BudgetId, CorrectionId, GroupingId, OrganisationId, RecoveryOrderId},
    money::Cents,
    purchasing::entry::{Entry, EntryKind, EntrySource},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{StoreError, Tx, View, organisations::read, rows::entry as row};

/// Adds lines to the book.
///
/// # Errors
/// Whatever the database says.
pub async fn append(tx: &Tx, entries: &[Entry]) -> Result<(), StoreError> {
    tx.insert_all(entries.iter().map(to_row).collect()).await
}

/// Every line of a grouping, oldest first.
///
/// # Errors
/// Whatever the database says.
pub async fn list_of_grouping(
    view: &View,
    owner: OrganisationId,
    grouping: GroupingId,
) -> Result<Vec<Entry>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::OwnerId.eq(owner.0))
        .filter(row::Column::GroupingId.eq(grouping.0))
        .order_by_asc(row::Column::Id)
        .all(&view.0)
        .await?;
    rows.into_iter().map(from_row).collect()
}

fn to_row(entry: &Entry) -> row::Model {
    row::Model {
        id: entry.id,
        owner_id: entry.owner.0,
        grouping_id: Some(entry.grouping.0),
        member_id: entry.member.0,
        budget_id: entry.budget.map(|id| id.0),
        kind: entry.kind.code().to_owned(),
        cents: entry.cents.0,
        source_kind: entry.source.kind().to_owned(),
        source_id: entry.source.id(),
        at: entry.at,
    }
}

fn from_row(row: row::Model) -> Result<Entry, StoreError> {
    let source_id = row.source_id;
    Ok(Entry {
        id: row.id,
        owner: OrganisationId(row.owner_id),
        grouping: GroupingId(row.grouping_id.unwrap_or_default()),
        member: OrganisationId(row.member_id),
        budget: row.budget_id.map(BudgetId),
        kind: read("entry.kind", &row.kind, EntryKind::from_code)?,
        cents: Cents(row.cents),
        source: read("entry.source_kind", &row.source_kind, |kind| match kind {
            "allocation" => Some(EntrySource::Allocation(AllocationId(source_id))),
            "recovery_order" => Some(EntrySource::RecoveryOrder(RecoveryOrderId(source_id))),
            "correction" => Some(EntrySource::Correction(CorrectionId(source_id))),
            _ => None,
        })?,
        at: row.at,
    })
}

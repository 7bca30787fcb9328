//! Versions of agreements as rows.
use domain::{
    identity::{AgreementId, GroupingId, OrganisationId},
    purchasing::agreement::{Clauses, GroupingAgreement, VatPolicy},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::store::{StoreError, Tx, View, organisations::read, rows::grouping_agreement as row};

/// Every version of the agreement, newest first.
///
/// # Errors
/// Whatever the database says.
pub async fn list(view: &View, grouping: GroupingId) -> Result<Vec<GroupingAgreement>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::GroupingId.eq(grouping.0))
        .order_by_desc(row::Column::Number)
        .all(&view.0)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// A page of the versions of an agreement, newest first, below a number.
///
/// # Errors
/// Whatever the database says.
pub async fn page(
    view: &View,
    grouping: GroupingId,
    below: Option<i32>,
    limit: u64,
) -> Result<Vec<GroupingAgreement>, StoreError> {
    let mut query = row::Entity::find().filter(row::Column::GroupingId.eq(grouping.0));
    if let Some(number) = below {
        query = query.filter(row::Column::Number.lt(number));
    }
    let rows = query.order_by_desc(row::Column::Number).limit(limit);
    let rows = rows.all(&view.0).await?;
    rows.into_iter().map(from_row).collect()
}

/// Finds one version of an agreement.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn find(view: &View, id: AgreementId) -> Result<GroupingAgreement, StoreError> {
    let found = row::Entity::find_by_id(id.0).one(&view.0).await?;
    from_row(found.ok_or(StoreError::NotFound)?)
}

/// Reads a version and keeps others from changing it until the transaction ends.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn lock(tx: &Tx, id: AgreementId) -> Result<GroupingAgreement, StoreError> {
    let found = row::Entity::find_by_id(id.0)
        .lock_exclusive()
        .one(&tx.view.0)
        .await?;
    from_row(found.ok_or(StoreError::NotFound)?)
}

/// Adds a version of the agreement.
///
/// # Errors
/// [`StoreError::Taken`] when another just took its number.
pub async fn insert(tx: &Tx, agreement: &GroupingAgreement) -> Result<(), StoreError> {
    tx.insert(to_row(agreement)).await
}

/// Writes changes over the version that was read.
///
/// # Errors
/// [`StoreError::Stale`] if it changed meanwhile.
pub async fn save(tx: &Tx, agreement: &GroupingAgreement) -> Result<(), StoreError> {
    let mut row = to_row(agreement);
    row.version += 1;
    tx.update(row).await
}

fn to_row(a: &GroupingAgreement) -> row::Model {
    let clauses = a.clauses.clone();
    row::Model {
        id: a.id.0,
        owner_id: a.owner.0,
        grouping_id: a.grouping.0,
        number: a.number,
        object: clauses.object,
        starts_on: clauses.starts_on,
        ends_on: clauses.ends_on,
        signed_on: clauses.signed_on,
        deliberation: clauses.deliberation,
        rule_text: clauses.rule_text,
        vat_policy: clauses.vat_policy.code().to_owned(),
        fee_text: clauses.fee_text,
        created_at: a.created_at,
        version: a.version,
    }
}

fn from_row(row: row::Model) -> Result<GroupingAgreement, StoreError> {
    Ok(GroupingAgreement {
        id: AgreementId(row.id),
        owner: OrganisationId(row.owner_id),
        grouping: GroupingId(row.grouping_id),
        number: row.number,
        clauses: Clauses {
            object: row.object,
            starts_on: row.starts_on,
            ends_on: row.ends_on,
            signed_on: row.signed_on,
            deliberation: row.deliberation,
            rule_text: row.rule_text,
            vat_policy: read(
                "grouping_agreement.vat_policy",
                &row.vat_policy,
                VatPolicy::from_code,
            )?,
            fee_text: row.fee_text,
        },
        created_at: row.created_at,
        version: row.version,
    })
}

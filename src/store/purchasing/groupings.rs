//! Groupings as rows.
use domain::identity::OrganisationId;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use crate::store::{StoreError, View, rows::grouping as row};

/// Whether an organisation coordinates any grouping.
///
/// # Errors
/// Whatever the database says.
pub async fn any_of(view: &View, owner: OrganisationId) -> Result<bool, StoreError> {
    let count = row::Entity::find()
        .filter(row::Column::OwnerId.eq(owner.0))
        .count(&view.0)
        .await?;
    Ok(count > 0)
}

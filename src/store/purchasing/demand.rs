//! What is wanted of each item by each member: the needs under a procedure.
use domain::{
    identity::{ItemId, OrganisationId, RoundId},
    purchasing::demand::Demand,
    quantity::Quantity,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::store::{
    StoreError, View,
    rows::{declaration, need as row},
};

/// Every transmitted need of some rounds; several lines of one item come apart.
///
/// # Errors
/// Whatever the database says.
pub async fn of_rounds(view: &View, rounds: &[RoundId]) -> Result<Vec<Demand>, StoreError> {
    let mut found = Vec::new();
    for round in rounds {
        let transmitted = declaration::Entity::find()
            .select_only()
            .column(declaration::Column::MemberId)
            .filter(declaration::Column::RoundId.eq(round.0))
            .filter(declaration::Column::State.eq("submitted"))
            .into_query();
        let rows = row::Entity::find()
            .filter(row::Column::RoundId.eq(round.0))
            .filter(row::Column::MemberId.in_subquery(transmitted))
            .order_by_asc(row::Column::Id)
            .all(&view.0)
            .await?;
        found.extend(rows.into_iter().map(|row| Demand {
            member: OrganisationId(row.member_id),
            item: ItemId(row.item_id),
            quantity: Quantity(row.quantity_milli),
            most: row.most_milli.map(Quantity),
        }));
    }
    Ok(found)
}

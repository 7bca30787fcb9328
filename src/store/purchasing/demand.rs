//! What is wanted of each item by each member: live in the rounds, a copy from the launch on.
use std::collections::BTreeSet;

use domain::{
    identity::{ItemId, OrganisationId, ProcedureId, RoundId},
    purchasing::{
        demand::Demand,
        procedure::{Procedure, ProcedureState},
    },
    quantity::Quantity,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

use crate::store::{
    StoreError, Tx, View,
    rows::{declaration, need, procedure_demand as row},
};

/// What a procedure asks for: the rounds as they are, or the copy of its launch.
///
/// # Errors
/// Whatever the database says.
pub async fn of_procedure(view: &View, procedure: &Procedure) -> Result<Vec<Demand>, StoreError> {
    match procedure.state {
        ProcedureState::Preparing => of_rounds(view, &procedure.rounds).await,
        ProcedureState::Published | ProcedureState::Done => copied(view, procedure.id).await,
    }
}

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
        let rows = need::Entity::find()
            .filter(need::Column::RoundId.eq(round.0))
            .filter(need::Column::MemberId.in_subquery(transmitted))
            .order_by_asc(need::Column::Id)
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

/// Keeps these quantities as what the procedure asks for, in place of those it had.
///
/// # Errors
/// Whatever the database says.
pub async fn replace(
    tx: &Tx,
    procedure: &Procedure,
    demands: &[Demand],
    mut new_id: impl FnMut() -> Uuid,
) -> Result<(), StoreError> {
    let before = rows_of(tx, procedure.id).await?;
    let same = |row: &row::Model, demand: &Demand| {
        row.member_id == demand.member.0
            && row.item_id == demand.item.0
            && row.quantity_milli == demand.quantity.0
            && row.most_milli == demand.most.map(|most| most.0)
    };
    let mut kept = BTreeSet::new();
    let mut fresh = Vec::new();
    for demand in demands {
        match before.iter().find(|row| same(row, demand)) {
            Some(row) => {
                kept.insert(row.id);
            }
            None => fresh.push(row::Model {
                id: new_id(),
                owner_id: procedure.owner.0,
                procedure_id: procedure.id.0,
                member_id: demand.member.0,
                item_id: demand.item.0,
                quantity_milli: demand.quantity.0,
                most_milli: demand.most.map(|most| most.0),
            }),
        }
    }
    for row in before.iter().filter(|row| !kept.contains(&row.id)) {
        tx.delete(row).await?;
    }
    tx.insert_all(fresh).await
}

async fn copied(view: &View, procedure: ProcedureId) -> Result<Vec<Demand>, StoreError> {
    let rows = rows_of(view, procedure).await?.into_iter();
    Ok(rows
        .map(|row| Demand {
            member: OrganisationId(row.member_id),
            item: ItemId(row.item_id),
            quantity: Quantity(row.quantity_milli),
            most: row.most_milli.map(Quantity),
        })
        .collect())
}

async fn rows_of(view: &View, procedure: ProcedureId) -> Result<Vec<row::Model>, StoreError> {
    let rows = row::Entity::find().filter(row::Column::ProcedureId.eq(procedure.0));
    Ok(rows.order_by_asc(row::Column::Id).all(&view.0).await?)
}

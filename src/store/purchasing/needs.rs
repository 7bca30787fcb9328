//! Needs as rows: what was transmitted, and nothing else.
use std::collections::BTreeMap;

use domain::{
    identity::{BudgetId, ItemId, NeedId, OrganisationId, RoundId, SiteId},
    purchasing::need::{Commitment, CommitmentKind, Need},
    quantity::Quantity,
};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Alias, Expr, Func, SimpleExpr},
};
use uuid::Uuid;

use crate::store::{StoreError, Tx, View, organisations::read, rows::need as row};

/// What all members together ask of an item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total {
    pub quantity: Quantity,
    /// The sum of the most that may be ordered; the quantity where there is no such limit.
    pub most: Quantity,
    /// How many members ask for it.
    pub members: i64,
}

/// The needs of a member.
///
/// # Errors
/// Whatever the database says.
pub async fn of_member(
    view: &View,
    round: RoundId,
    member: OrganisationId,
) -> Result<Vec<Need>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::RoundId.eq(round.0))
        .filter(row::Column::MemberId.eq(member.0))
        .all(&view.0)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// The needs of all members, by item and member.
///
/// # Errors
/// Whatever the database says.
pub async fn of_round(view: &View, round: RoundId) -> Result<Vec<Need>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::RoundId.eq(round.0))
        .order_by_asc(row::Column::ItemId)
        .order_by_asc(row::Column::MemberId)
        .all(&view.0)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// What a sum comes back as; PostgreSQL's sum of bigint is a numeric until it is cast.
#[derive(Debug, FromQueryResult)]
struct Summed {
    item_id: Uuid,
    quantity: i64,
    most: i64,
    members: i64,
}

/// What all members together ask of each item.
///
/// # Errors
/// Whatever the database says.
pub async fn totals(view: &View, round: RoundId) -> Result<BTreeMap<ItemId, Total>, StoreError> {
    let most = Func::coalesce([
        Expr::col(row::Column::MostMilli),
        Expr::col(row::Column::QuantityMilli),
    ]);
    let members = Expr::col(row::Column::MemberId).count_distinct();
    let sums: Vec<Summed> = row::Entity::find()
        .select_only()
        .column(row::Column::ItemId)
        .column_as(
            whole(Expr::col(row::Column::QuantityMilli).sum()),
            "quantity",
        )
        .column_as(whole(Expr::expr(most).sum()), "most")
        .column_as(whole(members), "members")
        .filter(row::Column::RoundId.eq(round.0))
        .group_by(row::Column::ItemId)
        .into_model()
        .all(&view.0)
        .await?;
    let total = |sum: Summed| {
        let total = Total {
            quantity: Quantity(sum.quantity),
            most: Quantity(sum.most),
            members: sum.members,
        };
        (ItemId(sum.item_id), total)
    };
    Ok(sums.into_iter().map(total).collect())
}

fn whole(sum: SimpleExpr) -> SimpleExpr {
    sum.cast_as(Alias::new("bigint"))
}

/// Puts these needs in the place of all those that the member had in the round.
///
/// # Errors
/// Whatever the database says.
pub async fn replace_of_member(
    tx: &Tx,
    round: RoundId,
    member: OrganisationId,
    needs: &[Need],
) -> Result<(), StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::RoundId.eq(round.0))
        .filter(row::Column::MemberId.eq(member.0))
        .all(&tx.view.0)
        .await?;
    let mut before: BTreeMap<(Uuid, String), row::Model> = rows
        .into_iter()
        .map(|row| ((row.item_id, row.line_key.clone()), row))
        .collect();
    let mut fresh = Vec::new();
    for need in needs {
        let mut row = to_row(need);
        match before.remove(&(row.item_id, row.line_key.clone())) {
            Some(known) => {
                row.id = known.id;
                row.version = known.version + 1;
                tx.update(row).await?;
            }
            None => fresh.push(row),
        }
    }
    for gone in before.into_values() {
        tx.delete(&gone).await?;
    }
    tx.insert_all(fresh).await
}

fn to_row(need: &Need) -> row::Model {
    row::Model {
        id: need.id.0,
        owner_id: need.owner.0,
        round_id: need.round.0,
        member_id: need.member.0,
        item_id: need.item.0,
        line_key: need.line.clone(),
        site_id: need.site.map(|site| site.0),
        budget_id: need.budget.map(|budget| budget.0),
        quantity_milli: need.quantity.0,
        most_milli: need.commitment.most().map(|most| most.0),
        commitment: need.commitment.kind().code().to_owned(),
        comment: need.comment.clone(),
        revision: need.revision,
        version: need.version,
    }
}

fn from_row(row: row::Model) -> Result<Need, StoreError> {
    let kind = read(
        "need.commitment",
        &row.commitment,
        CommitmentKind::from_code,
    )?;
    let quantity = Quantity(row.quantity_milli);
    Ok(Need {
        id: NeedId(row.id),
        owner: OrganisationId(row.owner_id),
        round: RoundId(row.round_id),
        member: OrganisationId(row.member_id),
        item: ItemId(row.item_id),
        line: row.line_key,
        site: row.site_id.map(SiteId),
        budget: row.budget_id.map(BudgetId),
        quantity,
        commitment: Commitment::of(kind, quantity, row.most_milli.map(Quantity)),
        comment: row.comment,
        revision: row.revision,
        version: row.version,
    })
}

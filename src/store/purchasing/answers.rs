//! What members answered to a round, summed for the coordinator.
use std::collections::BTreeMap;

use domain::{
    identity::{GroupingId, ItemId, OrganisationId, Phone, RoundId},
    purchasing::{aggregate::Asked, membership::MembershipState},
    quantity::Quantity,
};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
    sea_query::{Expr, SelectStatement},
};
use uuid::Uuid;

use crate::store::{
    StoreError, View,
    organisations::read,
    rows::{contact, contract, declaration, lot, membership, need, outbox, procedure_round},
};

/// What hangs on a round that would be opened again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Consequences {
    /// Messages already queued or sent about it.
    pub messages: u64,
    pub procedures: u64,
    pub contracts: u64,
}

/// The members of a grouping that did not leave it.
///
/// # Errors
/// Whatever the database says.
pub async fn members(view: &View, grouping: GroupingId) -> Result<Vec<OrganisationId>, StoreError> {
    let rows = membership::Entity::find()
        .filter(membership::Column::GroupingId.eq(grouping.0))
        .filter(membership::Column::State.ne(MembershipState::Left.code()))
        .order_by_asc(membership::Column::MemberId)
        .all(&view.0)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| OrganisationId(row.member_id))
        .collect())
}

/// The groupings of which some organisations are members.
///
/// # Errors
/// Whatever the database says.
pub async fn groupings_of(
    view: &View,
    members: impl IntoIterator<Item = OrganisationId>,
) -> Result<Vec<GroupingId>, StoreError> {
    let members: Vec<Uuid> = members.into_iter().map(|id| id.0).collect();
    let rows = membership::Entity::find()
        .filter(membership::Column::MemberId.is_in(members))
        .filter(membership::Column::State.ne(MembershipState::Left.code()))
        .order_by_asc(membership::Column::GroupingId)
        .all(&view.0)
        .await?;
    let mut found: Vec<GroupingId> = rows.iter().map(|row| GroupingId(row.grouping_id)).collect();
    found.dedup();
    Ok(found)
}

/// The telephone of the first contact of each, for those who must be called.
///
/// # Errors
/// Whatever the database says.
pub async fn phones(
    view: &View,
    members: &[OrganisationId],
) -> Result<BTreeMap<OrganisationId, Phone>, StoreError> {
    let mut phones = BTreeMap::new();
    for some in members.chunks(500) {
        let rows = contact::Entity::find()
            .filter(contact::Column::OwnerId.is_in(some.iter().map(|id| id.0)))
            .filter(contact::Column::Active.eq(true))
            .filter(contact::Column::Phone.is_not_null())
            .order_by_asc(contact::Column::SortKey)
            .order_by_asc(contact::Column::Id)
            .all(&view.0)
            .await?;
        for row in rows {
            let text = row.phone.unwrap_or_default();
            let phone = read("contact.phone", &text, |text| Phone::parse(text).ok())?;
            phones.entry(OrganisationId(row.owner_id)).or_insert(phone);
        }
    }
    Ok(phones)
}

/// What each member asks of each item, in transmitted declarations only.
///
/// # Errors
/// Whatever the database says.
pub async fn asked(view: &View, round: RoundId) -> Result<Vec<Asked>, StoreError> {
    // PostgreSQL sums 64-bit integers into an arbitrary number: it is brought back.
    let total = Expr::col(need::Column::QuantityMilli)
        .sum()
        .cast_as("bigint");
    let rows: Vec<(Uuid, Uuid, i64)> = need::Entity::find()
        .select_only()
        .column(need::Column::MemberId)
        .column(need::Column::ItemId)
        .column_as(total, "total")
        .filter(need::Column::RoundId.eq(round.0))
        .filter(need::Column::MemberId.in_subquery(transmitted(round)))
        .group_by(need::Column::MemberId)
        .group_by(need::Column::ItemId)
        .order_by_asc(need::Column::MemberId)
        .order_by_asc(need::Column::ItemId)
        .into_tuple()
        .all(&view.0)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(member, item, total)| Asked {
            member: OrganisationId(member),
            item: ItemId(item),
            quantity: Quantity(total),
        })
        .collect())
}

/// A page of the members that ask for an item in a transmitted declaration, by identifier.
///
/// `among` keeps to some of them.
///
/// # Errors
/// Whatever the database says.
pub async fn asking(
    view: &View,
    (round, item): (RoundId, ItemId),
    among: Option<&[OrganisationId]>,
    after: Option<OrganisationId>,
    limit: u64,
) -> Result<Vec<(OrganisationId, Quantity)>, StoreError> {
    let total = Expr::col(need::Column::QuantityMilli)
        .sum()
        .cast_as("bigint");
    let mut query = need::Entity::find()
        .select_only()
        .column(need::Column::MemberId)
        .column_as(total, "total")
        .filter(need::Column::ItemId.eq(item.0))
        .filter(need::Column::QuantityMilli.gt(0))
        .filter(need::Column::MemberId.in_subquery(transmitted(round)));
    if let Some(members) = among {
        query = query.filter(need::Column::MemberId.is_in(members.iter().map(|id| id.0)));
    }
    if let Some(last) = after {
        query = query.filter(need::Column::MemberId.gt(last.0));
    }
    let rows: Vec<(Uuid, i64)> = query
        .group_by(need::Column::MemberId)
        .order_by_asc(need::Column::MemberId)
        .limit(limit)
        .into_tuple()
        .all(&view.0)
        .await?;
    let asked = rows.into_iter();
    Ok(asked
        .map(|(member, total)| (OrganisationId(member), Quantity(total)))
        .collect())
}

/// The members whose declaration was transmitted.
fn transmitted(round: RoundId) -> SelectStatement {
    declaration::Entity::find()
        .select_only()
        .column(declaration::Column::MemberId)
        .filter(declaration::Column::RoundId.eq(round.0))
        .filter(declaration::Column::State.eq("submitted"))
        .into_query()
}

/// How many members have transmitted some quantity of an item, now or before.
///
/// # Errors
/// Whatever the database says.
pub async fn members_asking(view: &View, item: ItemId) -> Result<usize, StoreError> {
    let rows: Vec<Uuid> = need::Entity::find()
        .select_only()
        .column(need::Column::MemberId)
        .filter(need::Column::ItemId.eq(item.0))
        .filter(need::Column::QuantityMilli.gt(0))
        .group_by(need::Column::MemberId)
        .into_tuple()
        .all(&view.0)
        .await?;
    Ok(rows.len())
}

/// What hangs on a round.
///
/// # Errors
/// Whatever the database says.
pub async fn consequences(view: &View, round: RoundId) -> Result<Consequences, StoreError> {
    let lots = lot::Entity::find()
        .select_only()
        .column(lot::Column::Id)
        .filter(lot::Column::RoundId.eq(round.0))
        .into_query();
    Ok(Consequences {
        messages: outbox::Entity::find()
            .filter(outbox::Column::SubjectKind.eq("round"))
            .filter(outbox::Column::SubjectId.eq(round.0))
            .count(&view.0)
            .await?,
        procedures: procedure_round::Entity::find()
            .filter(procedure_round::Column::RoundId.eq(round.0))
            .count(&view.0)
            .await?,
        contracts: contract::Entity::find()
            .filter(contract::Column::LotId.in_subquery(lots))
            .count(&view.0)
            .await?,
    })
}

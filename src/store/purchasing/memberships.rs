//! Memberships and the lots they joined as rows.
use std::collections::{BTreeMap, BTreeSet};

use domain::{
    identity::{GroupingId, LotId, MembershipId, OrganisationId},
    purchasing::membership::{Decision, DecisionKind, JoinedLots, Membership, MembershipState},
    text,
};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, Query},
};
use uuid::Uuid;

use crate::store::{
    StoreError, Tx, View,
    organisations::{read, read_optional},
    rows::{lot, membership as row, membership_lot as lot_row, organisation, round},
};

/// Finds one membership.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn find(view: &View, id: MembershipId) -> Result<Membership, StoreError> {
    let found = row::Entity::find_by_id(id.0).one(&view.0).await?;
    with_lots_one(view, found)
        .await?
        .ok_or(StoreError::NotFound)
}

/// The membership of an organisation in a grouping, if it was ever asked.
///
/// # Errors
/// Whatever the database says.
pub async fn find_of(
    view: &View,
    grouping: GroupingId,
    member: OrganisationId,
) -> Result<Option<Membership>, StoreError> {
    let found = row::Entity::find()
        .filter(row::Column::GroupingId.eq(grouping.0))
        .filter(row::Column::MemberId.eq(member.0))
        .one(&view.0)
        .await?;
    with_lots_one(view, found).await
}

/// Every membership of a grouping, past ones included, by member.
///
/// # Errors
/// Whatever the database says.
pub async fn list(view: &View, grouping: GroupingId) -> Result<Vec<Membership>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::GroupingId.eq(grouping.0))
        .all(&view.0)
        .await?;
    let mut list = with_lots(view, rows).await?;
    list.sort_by_key(|m| m.member);
    Ok(list)
}

/// Which memberships of a grouping a page shows.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub grouping: GroupingId,
    pub state: Option<MembershipState>,
    /// Those that join this lot.
    pub lot: Option<LotId>,
    /// Words of the organisation, folded.
    pub words: String,
}

/// A page of the memberships of a grouping, by name of organisation, past ones last.
///
/// `after` is the last one seen: whether it is past, the sort key and the id of its organisation.
///
/// # Errors
/// Whatever the database says.
pub async fn page(
    view: &View,
    wanted: &Wanted,
    after: Option<(bool, String, Uuid)>,
    limit: u64,
) -> Result<Vec<Membership>, StoreError> {
    use organisation::Column::{Id, SortKey};
    let mut query = selected(wanted);
    let is_past = || row::Column::State.eq(MembershipState::Left.code());
    if let Some((past, key, id)) = after {
        let further = SortKey.gt(key.clone()).or(SortKey.eq(key).and(Id.gt(id)));
        query = query.filter(if past {
            is_past().and(further)
        } else {
            is_past().or(further)
        });
    }
    let rows = query
        .order_by_asc(is_past())
        .order_by_asc(SortKey)
        .order_by_asc(Id)
        .limit(limit);
    with_lots(view, rows.all(&view.0).await?).await
}

fn selected(wanted: &Wanted) -> Select<row::Entity> {
    let mut query = row::Entity::find().filter(row::Column::GroupingId.eq(wanted.grouping.0));
    let member = Expr::col((row::Entity, row::Column::MemberId));
    let same = member.equals((organisation::Entity, organisation::Column::Id));
    QuerySelect::query(&mut query).inner_join(organisation::Entity, same);
    if let Some(state) = wanted.state {
        query = query.filter(row::Column::State.eq(state.code()));
    }
    if let Some(lot) = wanted.lot {
        let joined = Query::select()
            .column(lot_row::Column::MembershipId)
            .from(lot_row::Entity)
            .and_where(lot_row::Column::LotId.eq(lot.0))
            .take();
        let all = row::Column::AllLots.eq(true);
        query = query.filter(all.or(row::Column::Id.in_subquery(joined)));
    }
    for word in text::search_words(&wanted.words) {
        query = query.filter(organisation::Column::SearchText.contains(word));
    }
    query
}

/// The memberships of some organisations in any grouping.
///
/// # Errors
/// Whatever the database says.
pub async fn list_of_members(
    view: &View,
    members: impl IntoIterator<Item = OrganisationId>,
) -> Result<Vec<Membership>, StoreError> {
    let ids: Vec<Uuid> = members.into_iter().map(|id| id.0).collect();
    let rows = row::Entity::find()
        .filter(row::Column::MemberId.is_in(ids))
        .all(&view.0)
        .await?;
    with_lots(view, rows).await
}

/// How many organisations take part in each of these groupings.
///
/// # Errors
/// Whatever the database says.
pub async fn counts(
    view: &View,
    groupings: impl IntoIterator<Item = GroupingId>,
) -> Result<BTreeMap<GroupingId, u64>, StoreError> {
    let ids: Vec<Uuid> = groupings.into_iter().map(|id| id.0).collect();
    let members: Vec<Uuid> = row::Entity::find()
        .select_only()
        .column(row::Column::GroupingId)
        .filter(row::Column::GroupingId.is_in(ids))
        .filter(row::Column::State.ne(MembershipState::Left.code()))
        .into_tuple()
        .all(&view.0)
        .await?;
    let mut counts = BTreeMap::new();
    for grouping in members {
        *counts.entry(GroupingId(grouping)).or_default() += 1;
    }
    Ok(counts)
}

/// Reads a membership and keeps others from changing it until the transaction ends.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn lock(tx: &Tx, id: MembershipId) -> Result<Membership, StoreError> {
    let found = row::Entity::find_by_id(id.0)
        .lock_exclusive()
        .one(&tx.view.0)
        .await?;
    with_lots_one(tx, found).await?.ok_or(StoreError::NotFound)
}

/// Adds memberships; their lots are all of them until they say otherwise.
///
/// # Errors
/// [`StoreError::Taken`] when one of the organisations is there already.
pub async fn insert(tx: &Tx, memberships: &[Membership]) -> Result<(), StoreError> {
    tx.insert_all(memberships.iter().map(to_row).collect())
        .await
}

/// Writes changes over the version that was read; new lots take their identifiers from `new_id`.
///
/// # Errors
/// [`StoreError::Stale`] if it changed meanwhile.
pub async fn save(
    tx: &Tx,
    membership: &Membership,
    new_id: impl Fn() -> Uuid,
) -> Result<(), StoreError> {
    let mut row = to_row(membership);
    row.version += 1;
    tx.update(row).await?;
    let wanted = match &membership.lots {
        JoinedLots::All => BTreeSet::new(),
        JoinedLots::Some(lots) => lots.clone(),
    };
    let mut known = BTreeSet::new();
    for row in lot_rows(tx, [membership.id.0]).await? {
        if wanted.contains(&LotId(row.lot_id)) {
            known.insert(LotId(row.lot_id));
        } else {
            tx.delete(&row).await?;
        }
    }
    let rows = wanted.difference(&known).map(|lot| lot_row::Model {
        id: new_id(),
        owner_id: membership.owner.0,
        membership_id: membership.id.0,
        lot_id: lot.0,
    });
    tx.insert_all(rows.collect()).await
}

/// The lots of every round of a grouping.
///
/// # Errors
/// Whatever the database says.
pub async fn lots_of(view: &View, grouping: GroupingId) -> Result<BTreeSet<LotId>, StoreError> {
    let rounds = Query::select()
        .column(round::Column::Id)
        .from(round::Entity)
        .and_where(round::Column::GroupingId.eq(grouping.0))
        .take();
    let lots: Vec<Uuid> = lot::Entity::find()
        .select_only()
        .column(lot::Column::Id)
        .filter(lot::Column::RoundId.in_subquery(rounds))
        .into_tuple()
        .all(&view.0)
        .await?;
    Ok(lots.into_iter().map(LotId).collect())
}

async fn with_lots_one(
    view: &View,
    row: Option<row::Model>,
) -> Result<Option<Membership>, StoreError> {
    let list = with_lots(view, row.into_iter().collect()).await?;
    Ok(list.into_iter().next())
}

/// Only the memberships that do not take all lots need a second query.
async fn with_lots(view: &View, rows: Vec<row::Model>) -> Result<Vec<Membership>, StoreError> {
    let partial = rows.iter().filter(|r| !r.all_lots).map(|r| r.id);
    let mut lots: BTreeMap<Uuid, BTreeSet<LotId>> = BTreeMap::new();
    for lot in lot_rows(view, partial).await? {
        let of = lots.entry(lot.membership_id).or_default();
        of.insert(LotId(lot.lot_id));
    }
    rows.into_iter()
        .map(|row| {
            let lots = lots.remove(&row.id).unwrap_or_default();
            from_row(row, lots)
        })
        .collect()
}

async fn lot_rows(
    view: &View,
    memberships: impl IntoIterator<Item = Uuid>,
) -> Result<Vec<lot_row::Model>, StoreError> {
    let ids: Vec<Uuid> = memberships.into_iter().collect();
    let mut found = Vec::new();
    for some in ids.chunks(500) {
        let rows = lot_row::Entity::find()
            .filter(lot_row::Column::MembershipId.is_in(some.iter().copied()))
            .all(&view.0)
            .await?;
        found.extend(rows);
    }
    Ok(found)
}

fn to_row(m: &Membership) -> row::Model {
    let decision = m.decision.as_ref();
    row::Model {
        id: m.id.0,
        owner_id: m.owner.0,
        grouping_id: m.grouping.0,
        member_id: m.member.0,
        state: m.state.code().to_owned(),
        decision_kind: decision.map(|d| d.kind.code().to_owned()),
        decision_number: decision.map(|d| d.number.clone()),
        decision_on: decision.map(|d| d.decided_on),
        transmitted_on: decision.and_then(|d| d.transmitted_on),
        signed_on: m.signed_on,
        joined_on: m.joined_on,
        leave_asked_on: m.leave_asked_on,
        left_on: m.left_on,
        all_lots: m.lots == JoinedLots::All,
        version: m.version,
    }
}

fn from_row(row: row::Model, lots: BTreeSet<LotId>) -> Result<Membership, StoreError> {
    let kind = read_optional(
        "membership.decision_kind",
        row.decision_kind,
        DecisionKind::from_code,
    )?;
    let decision = match (kind, row.decision_number, row.decision_on) {
        (Some(kind), Some(number), Some(decided_on)) => Some(Decision {
            kind,
            number,
            decided_on,
            transmitted_on: row.transmitted_on,
        }),
        (None, _, _) | (_, None, _) | (_, _, None) => None,
    };
    Ok(Membership {
        id: MembershipId(row.id),
        owner: OrganisationId(row.owner_id),
        grouping: GroupingId(row.grouping_id),
        member: OrganisationId(row.member_id),
        state: read("membership.state", &row.state, MembershipState::from_code)?,
        decision,
        signed_on: row.signed_on,
        joined_on: row.joined_on,
        leave_asked_on: row.leave_asked_on,
        left_on: row.left_on,
        lots: if row.all_lots {
            JoinedLots::All
        } else {
            JoinedLots::Some(lots)
        },
        version: row.version,
    })
}

//! Groupings and their coordinators as rows.
use std::collections::BTreeSet;

use domain::{
    identity::{GroupingId, OrganisationId},
    purchasing::grouping::{
        Grouping, GroupingCoordinator, GroupingKind, GroupingState, LegalBasis, Phase, Regime,
    },
    text,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select, sea_query::Query,
};
use uuid::Uuid;

use crate::store::{
    StoreError, Tx, View,
    organisations::read,
    rows::{
        grouping as row, grouping_coordinator as coordinator_row, membership as membership_row,
        procedure,
    },
};

/// Which groupings are looked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Those that one of these organisations coordinates or has a membership in; `None` for all.
    pub seen_by: Option<Vec<OrganisationId>>,
    /// Folded words, all of which must be found.
    pub words: String,
    pub state: Option<GroupingState>,
}

/// Where a page of a list starts.
#[derive(Clone, Debug)]
pub enum Start {
    /// After the key of the last row seen.
    After(Option<(String, GroupingId)>),
    /// After that many rows.
    Skip(u64),
}

/// Finds one grouping.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn find(view: &View, id: GroupingId) -> Result<Grouping, StoreError> {
    let found = row::Entity::find_by_id(id.0).one(&view.0).await?;
    from_row(found.ok_or(StoreError::NotFound)?)
}

/// Finds several at once, in no particular order.
///
/// # Errors
/// Whatever the database says.
pub async fn find_all(
    view: &View,
    ids: impl IntoIterator<Item = GroupingId>,
) -> Result<Vec<Grouping>, StoreError> {
    let ids: Vec<Uuid> = ids.into_iter().map(|id| id.0).collect();
    let mut found = Vec::with_capacity(ids.len());
    for some in ids.chunks(500) {
        let rows = row::Entity::find().filter(row::Column::Id.is_in(some.iter().copied()));
        for row in rows.all(&view.0).await? {
            found.push(from_row(row)?);
        }
    }
    Ok(found)
}

/// Reads a grouping and keeps others from changing it until the transaction ends.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn lock(tx: &Tx, id: GroupingId) -> Result<Grouping, StoreError> {
    let found = row::Entity::find_by_id(id.0)
        .lock_exclusive()
        .one(&tx.view.0)
        .await?;
    from_row(found.ok_or(StoreError::NotFound)?)
}

/// Reads a grouping and keeps it as it is while a child is written.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn hold(tx: &Tx, id: GroupingId) -> Result<Grouping, StoreError> {
    let found = row::Entity::find_by_id(id.0)
        .lock_shared()
        .one(&tx.view.0)
        .await?;
    from_row(found.ok_or(StoreError::NotFound)?)
}

/// The groupings that an organisation coordinates, by title.
///
/// # Errors
/// Whatever the database says.
pub async fn list_of_owner(
    view: &View,
    owner: OrganisationId,
) -> Result<Vec<Grouping>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::OwnerId.eq(owner.0))
        .order_by_asc(row::Column::SortKey)
        .order_by_asc(row::Column::Id)
        .all(&view.0)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// The groupings in which an organisation has a membership, past ones included, by title.
///
/// # Errors
/// Whatever the database says.
pub async fn list_of_member(
    view: &View,
    member: OrganisationId,
) -> Result<Vec<Grouping>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::Id.in_subquery(groupings_of(vec![member.0])))
        .order_by_asc(row::Column::SortKey)
        .order_by_asc(row::Column::Id)
        .all(&view.0)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// A page of the groupings looked for, by title.
///
/// # Errors
/// Whatever the database says.
pub async fn search(
    view: &View,
    wanted: &Wanted,
    start: Start,
    limit: u64,
) -> Result<Vec<Grouping>, StoreError> {
    let mut query = select(wanted);
    match start {
        Start::After(Some((key, id))) => {
            query = query.filter(
                row::Column::SortKey
                    .gt(key.clone())
                    .or(row::Column::SortKey.eq(key).and(row::Column::Id.gt(id.0))),
            );
        }
        Start::After(None) => {}
        Start::Skip(rows) => query = query.offset(rows),
    }
    let rows = query
        .order_by_asc(row::Column::SortKey)
        .order_by_asc(row::Column::Id)
        .limit(limit)
        .all(&view.0)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// How many groupings are looked for.
///
/// # Errors
/// Whatever the database says.
pub async fn count(view: &View, wanted: &Wanted) -> Result<u64, StoreError> {
    Ok(select(wanted).count(&view.0).await?)
}

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

/// Whether a procedure of the grouping was launched, which freezes a one-off grouping.
///
/// # Errors
/// Whatever the database says.
pub async fn has_launched(view: &View, grouping: GroupingId) -> Result<bool, StoreError> {
    let count = procedure::Entity::find()
        .filter(procedure::Column::GroupingId.eq(grouping.0))
        .filter(procedure::Column::LaunchedOn.is_not_null())
        .count(&view.0)
        .await?;
    Ok(count > 0)
}

/// Adds a grouping.
///
/// # Errors
/// Whatever the database says.
pub async fn insert(tx: &Tx, grouping: &Grouping) -> Result<(), StoreError> {
    tx.insert(to_row(grouping)).await
}

/// Writes changes over the version that was read.
///
/// # Errors
/// [`StoreError::Stale`] if it changed meanwhile.
pub async fn save(tx: &Tx, grouping: &Grouping) -> Result<(), StoreError> {
    let mut row = to_row(grouping);
    row.version += 1;
    tx.update(row).await
}

/// Who runs which phase.
///
/// # Errors
/// Whatever the database says.
pub async fn coordinators(
    view: &View,
    grouping: GroupingId,
) -> Result<BTreeSet<GroupingCoordinator>, StoreError> {
    let rows = coordinator_rows(view, grouping).await?;
    rows.iter().map(read_coordinator).collect()
}

/// Makes these the coordinators; new ones take their identifiers from `new_id`.
///
/// # Errors
/// Whatever the database says.
pub async fn save_coordinators(
    tx: &Tx,
    grouping: &Grouping,
    coordinators: &BTreeSet<GroupingCoordinator>,
    new_id: impl Fn() -> Uuid,
) -> Result<(), StoreError> {
    let mut known = BTreeSet::new();
    for row in coordinator_rows(tx, grouping.id).await? {
        let coordinator = read_coordinator(&row)?;
        if coordinators.contains(&coordinator) {
            known.insert(coordinator);
        } else {
            tx.delete(&row).await?;
        }
    }
    let rows = coordinators
        .difference(&known)
        .map(|new| coordinator_row::Model {
            id: new_id(),
            owner_id: grouping.owner.0,
            grouping_id: grouping.id.0,
            organisation_id: new.organisation.0,
            phase: new.phase.code().to_owned(),
        });
    tx.insert_all(rows.collect()).await
}

fn select(wanted: &Wanted) -> Select<row::Entity> {
    let mut query = row::Entity::find();
    if let Some(seen_by) = &wanted.seen_by {
        let ids: Vec<Uuid> = seen_by.iter().map(|id| id.0).collect();
        let seen = Condition::any()
            .add(row::Column::OwnerId.is_in(ids.clone()))
            .add(row::Column::Id.in_subquery(groupings_of(ids)));
        query = query.filter(seen);
    }
    for word in text::search_words(&wanted.words) {
        query = query.filter(row::Column::SearchText.contains(word));
    }
    if let Some(state) = wanted.state {
        query = query.filter(row::Column::State.eq(state.code()));
    }
    query
}

fn groupings_of(members: Vec<Uuid>) -> sea_orm::sea_query::SelectStatement {
    Query::select()
        .column(membership_row::Column::GroupingId)
        .from(membership_row::Entity)
        .and_where(membership_row::Column::MemberId.is_in(members))
        .take()
}

async fn coordinator_rows(
    view: &View,
    grouping: GroupingId,
) -> Result<Vec<coordinator_row::Model>, StoreError> {
    Ok(coordinator_row::Entity::find()
        .filter(coordinator_row::Column::GroupingId.eq(grouping.0))
        .all(&view.0)
        .await?)
}

fn read_coordinator(row: &coordinator_row::Model) -> Result<GroupingCoordinator, StoreError> {
    Ok(GroupingCoordinator {
        phase: read("grouping_coordinator.phase", &row.phase, Phase::from_code)?,
        organisation: OrganisationId(row.organisation_id),
    })
}

fn to_row(g: &Grouping) -> row::Model {
    row::Model {
        id: g.id.0,
        owner_id: g.owner.0,
        title: g.title.clone(),
        kind: g.kind.code().to_owned(),
        family: g.family.clone(),
        legal_basis: g.legal_basis.code().to_owned(),
        statutes_reference: g.legal_basis.statutes_reference().map(str::to_owned),
        regime: g.regime.code().to_owned(),
        state: g.state.code().to_owned(),
        created_at: g.created_at,
        sort_key: g.sort_key(),
        search_text: g.search_text(),
        version: g.version,
    }
}

fn from_row(row: row::Model) -> Result<Grouping, StoreError> {
    let statutes = row.statutes_reference;
    Ok(Grouping {
        id: GroupingId(row.id),
        owner: OrganisationId(row.owner_id),
        title: row.title,
        kind: read("grouping.kind", &row.kind, GroupingKind::from_code)?,
        family: row.family,
        legal_basis: read("grouping.legal_basis", &row.legal_basis, |code| {
            LegalBasis::from_code(code, statutes)
        })?,
        regime: read("grouping.regime", &row.regime, Regime::from_code)?,
        state: read("grouping.state", &row.state, GroupingState::from_code)?,
        created_at: row.created_at,
        version: row.version,
    })
}

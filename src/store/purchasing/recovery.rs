//! Recovery orders as rows.
use domain::{
    identity::{BudgetId, GroupingId, InvoiceId, OrganisationId, RecoveryOrderId},
    money::Cents,
    purchasing::recovery::{RecoveryOrder, RecoveryState, Titre},
};
use sea_orm::{
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use crate::store::{StoreError, Tx, View, organisations::read, rows::recovery_order as row};

/// Which orders a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Orders of these coordinators.
    pub owners: Vec<OrganisationId>,
    pub grouping: Option<GroupingId>,
    /// Who is asked.
    pub member: Option<OrganisationId>,
    pub state: Option<RecoveryState>,
}

/// Finds one order.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn find(view: &View, id: RecoveryOrderId) -> Result<RecoveryOrder, StoreError> {
    let found = row::Entity::find_by_id(id.0).one(&view.0).await?;
    from_row(found.ok_or(StoreError::NotFound)?)
}

/// Finds several orders at once.
///
/// # Errors
/// Whatever the database says.
pub async fn find_all(
    view: &View,
    ids: impl IntoIterator<Item = RecoveryOrderId>,
) -> Result<Vec<RecoveryOrder>, StoreError> {
    let ids: Vec<_> = ids.into_iter().map(|id| id.0).collect();
    let mut found = Vec::new();
    for some in ids.chunks(500) {
        let rows = row::Entity::find().filter(row::Column::Id.is_in(some.iter().copied()));
        for row in rows.all(&view.0).await? {
            found.push(from_row(row)?);
        }
    }
    Ok(found)
}

/// Finds one order and keeps others from changing it: a transition follows.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn lock(tx: &Tx, id: RecoveryOrderId) -> Result<RecoveryOrder, StoreError> {
    let found = row::Entity::find_by_id(id.0).lock_exclusive();
    from_row(found.one(&tx.0).await?.ok_or(StoreError::NotFound)?)
}

/// Another order of the coordinator with the same titre number in the same year.
///
/// # Errors
/// Whatever the database says.
pub async fn with_titre(
    tx: &Tx,
    owner: OrganisationId,
    titre: &Titre,
    but: RecoveryOrderId,
) -> Result<Option<RecoveryOrder>, StoreError> {
    let found = row::Entity::find()
        .filter(row::Column::OwnerId.eq(owner.0))
        .filter(row::Column::TitreNumber.eq(&titre.number))
        .filter(row::Column::Exercice.eq(titre.exercice))
        .filter(row::Column::Id.ne(but.0))
        .one(&tx.0)
        .await?;
    found.map(from_row).transpose()
}

/// The orders of a grouping that still wait for the finance software, locked.
///
/// # Errors
/// Whatever the database says.
pub async fn lock_to_issue(
    tx: &Tx,
    owner: OrganisationId,
    grouping: GroupingId,
) -> Result<Vec<RecoveryOrder>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::OwnerId.eq(owner.0))
        .filter(row::Column::GroupingId.eq(grouping.0))
        .filter(row::Column::State.eq(RecoveryState::ToIssue.code()))
        .order_by_asc(row::Column::Id)
        .lock_exclusive()
        .all(&tx.0)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// Every order of a grouping, oldest first.
///
/// # Errors
/// Whatever the database says.
pub async fn list_of_grouping(
    view: &View,
    owner: OrganisationId,
    grouping: GroupingId,
) -> Result<Vec<RecoveryOrder>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::OwnerId.eq(owner.0))
        .filter(row::Column::GroupingId.eq(grouping.0))
        .order_by_asc(row::Column::Id)
        .all(&view.0)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// The orders of a grouping whose titre still asks something, oldest first.
///
/// # Errors
/// Whatever the database says.
pub async fn titres_of_grouping(
    view: &View,
    owner: OrganisationId,
    grouping: GroupingId,
) -> Result<Vec<RecoveryOrder>, StoreError> {
    let states = [RecoveryState::Issued.code(), RecoveryState::Reduced.code()];
    let rows = row::Entity::find()
        .filter(row::Column::OwnerId.eq(owner.0))
        .filter(row::Column::GroupingId.eq(grouping.0))
        .filter(row::Column::State.is_in(states))
        .order_by_asc(row::Column::Id)
        .all(&view.0)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// Newest first, from the `skip`th: what a page with numbers shows.
///
/// # Errors
/// Whatever the database says.
pub async fn page(
    view: &View,
    filter: &Filter,
    skip: u64,
    limit: u64,
) -> Result<Vec<RecoveryOrder>, StoreError> {
    let rows = filtered(filter)
        .order_by_desc(row::Column::Number)
        .order_by_desc(row::Column::Id)
        .offset(skip)
        .limit(limit);
    rows.all(&view.0).await?.into_iter().map(from_row).collect()
}

/// Newest first, after the last one seen: what the API shows.
///
/// # Errors
/// Whatever the database says.
pub async fn list(
    view: &View,
    filter: &Filter,
    after: Option<RecoveryOrderId>,
    limit: u64,
) -> Result<Vec<RecoveryOrder>, StoreError> {
    let mut query = filtered(filter);
    if let Some(last) = after {
        query = query.filter(row::Column::Id.lt(last.0));
    }
    let rows = query.order_by_desc(row::Column::Id).limit(limit);
    rows.all(&view.0).await?.into_iter().map(from_row).collect()
}

/// How many the filter lets through.
///
/// # Errors
/// Whatever the database says.
pub async fn count(view: &View, filter: &Filter) -> Result<u64, StoreError> {
    Ok(filtered(filter).count(&view.0).await?)
}

/// Adds orders.
///
/// # Errors
/// Whatever the database says.
pub async fn insert(tx: &Tx, orders: &[RecoveryOrder]) -> Result<(), StoreError> {
    let rows = orders.iter().map(to_row).collect::<Result<_, _>>()?;
    tx.insert_all(rows).await
}

/// Writes changes over the version that was read.
///
/// # Errors
/// [`StoreError::Stale`] if it changed meanwhile.
pub async fn save(tx: &Tx, order: &RecoveryOrder) -> Result<(), StoreError> {
    let mut row = to_row(order)?;
    row.version += 1;
    tx.update(row).await
}

fn filtered(filter: &Filter) -> Select<row::Entity> {
    let owners = filter.owners.iter().map(|id| id.0);
    let mut query = row::Entity::find().filter(row::Column::OwnerId.is_in(owners));
    if let Some(grouping) = filter.grouping {
        query = query.filter(row::Column::GroupingId.eq(grouping.0));
    }
    if let Some(member) = filter.member {
        query = query.filter(row::Column::MemberId.eq(member.0));
    }
    if let Some(state) = filter.state {
        query = query.filter(row::Column::State.eq(state.code()));
    }
    query
}

fn to_row(order: &RecoveryOrder) -> Result<row::Model, StoreError> {
    let titre = order.titre.as_ref();
    Ok(row::Model {
        id: order.id.0,
        owner_id: order.owner.0,
        grouping_id: order.grouping.0,
        member_id: order.member.0,
        budget_id: order.budget.map(|id| id.0),
        number: order.number.clone(),
        state: order.state.code().to_owned(),
        cents: order.cents.0,
        sources: serde_json::to_string(&order.sources).map_err(|e| StoreError::Corrupt {
            column: "recovery_order.sources",
            value: e.to_string(),
        })?,
        titre_number: titre.map(|titre| titre.number.clone()),
        bordereau_number: titre.map(|titre| titre.bordereau.clone()),
        issued_on: titre.map(|titre| titre.issued_on),
        exercice: titre.map(|titre| titre.exercice),
        reduced_cents: order.reduced.0,
        created_at: order.created_at,
        version: order.version,
    })
}

fn from_row(row: row::Model) -> Result<RecoveryOrder, StoreError> {
    let sources: Vec<InvoiceId> = read("recovery_order.sources", &row.sources, |text| {
        serde_json::from_str(text).ok()
    })?;
    let titre = match (row.titre_number, row.issued_on, row.exercice) {
        (Some(number), Some(issued_on), Some(exercice)) => Some(Titre {
            number,
            bordereau: row.bordereau_number.unwrap_or_default(),
            issued_on,
            exercice,
        }),
        _ => None,
    };
    Ok(RecoveryOrder {
        id: RecoveryOrderId(row.id),
        owner: OrganisationId(row.owner_id),
        grouping: GroupingId(row.grouping_id),
        member: OrganisationId(row.member_id),
        budget: row.budget_id.map(BudgetId),
        number: row.number,
        state: read("recovery_order.state", &row.state, RecoveryState::from_code)?,
        cents: Cents(row.cents),
        sources,
        titre,
        reduced: Cents(row.reduced_cents),
        created_at: row.created_at,
        version: row.version,
    })
}

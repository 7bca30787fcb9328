//! Contracts as rows.
use domain::{
    identity::{AwardId, ContractId, GroupingId, LotId, OrganisationId, SupplierId},
    money::Cents,
    purchasing::contract::{Contract, ContractState, Terms},
    text,
};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    Select,
};

use crate::store::{StoreError, Tx, View, organisations::read, rows::contract as row};

/// Which contracts a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Contracts kept by these coordinators…
    pub owners: Vec<OrganisationId>,
    /// … or of these groupings, whose members may see them.
    pub groupings: Vec<GroupingId>,
    /// Words that the number, the title or the supplier contain.
    pub words: String,
    pub state: Option<ContractState>,
    /// Those of one supplier alone.
    pub supplier: Option<SupplierId>,
}

/// Finds one contract.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn find(view: &View, id: ContractId) -> Result<Contract, StoreError> {
    let found = row::Entity::find_by_id(id.0).one(&view.0).await?;
    from_row(found.ok_or(StoreError::NotFound)?)
}

/// Finds one contract and keeps others from changing it: a transition follows.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn lock(tx: &Tx, id: ContractId) -> Result<Contract, StoreError> {
    let found = row::Entity::find_by_id(id.0).lock_exclusive();
    from_row(found.one(&tx.0).await?.ok_or(StoreError::NotFound)?)
}

/// Finds one contract that must not change while a child of it is written.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn hold(tx: &Tx, id: ContractId) -> Result<Contract, StoreError> {
    let found = row::Entity::find_by_id(id.0).lock_shared();
    from_row(found.one(&tx.0).await?.ok_or(StoreError::NotFound)?)
}

/// Finds an owner's contract by its number, if there is one.
///
/// # Errors
/// Whatever the database says.
pub async fn find_by_number(
    view: &View,
    owner: OrganisationId,
    number: &str,
) -> Result<Option<Contract>, StoreError> {
    let found = row::Entity::find()
        .filter(row::Column::OwnerId.eq(owner.0))
        .filter(row::Column::Number.eq(number))
        .one(&view.0)
        .await?;
    found.map(from_row).transpose()
}

/// Finds the contract that an award led to, if there is one.
///
/// # Errors
/// Whatever the database says.
pub async fn find_by_award(view: &View, award: AwardId) -> Result<Option<Contract>, StoreError> {
    let found = row::Entity::find()
        .filter(row::Column::AwardId.eq(award.0))
        .one(&view.0)
        .await?;
    found.map(from_row).transpose()
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
) -> Result<Vec<Contract>, StoreError> {
    let rows = filtered(filter)
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
    after: Option<ContractId>,
    limit: u64,
) -> Result<Vec<Contract>, StoreError> {
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

/// Adds a contract; the supplier's name makes it easier to find.
///
/// # Errors
/// [`StoreError::Taken`] when the owner has that number already.
pub async fn insert(tx: &Tx, contract: &Contract, supplier_name: &str) -> Result<(), StoreError> {
    tx.insert(to_row(contract, supplier_name)).await
}

/// Writes changes over the version that was read.
///
/// # Errors
/// [`StoreError::Stale`] if it changed meanwhile.
pub async fn save(tx: &Tx, contract: &Contract, supplier_name: &str) -> Result<(), StoreError> {
    let mut row = to_row(contract, supplier_name);
    row.version += 1;
    tx.update(row).await
}

fn filtered(filter: &Filter) -> Select<row::Entity> {
    let owners = filter.owners.iter().map(|id| id.0);
    let groupings = filter.groupings.iter().map(|id| id.0);
    let mut query = row::Entity::find().filter(
        row::Column::OwnerId
            .is_in(owners)
            .or(row::Column::GroupingId.is_in(groupings)),
    );
    for word in text::search_words(&filter.words) {
        query = query.filter(row::Column::SearchText.contains(word));
    }
    if let Some(state) = filter.state {
        query = query.filter(row::Column::State.eq(state.code()));
    }
    if let Some(supplier) = filter.supplier {
        query = query.filter(row::Column::SupplierId.eq(supplier.0));
    }
    query
}

fn to_row(c: &Contract, supplier_name: &str) -> row::Model {
    row::Model {
        id: c.id.0,
        owner_id: c.owner.0,
        grouping_id: c.grouping.0,
        award_id: c.award.map(|id| id.0),
        lot_id: c.lot.map(|id| id.0),
        supplier_id: c.supplier.0,
        number: c.terms.number.clone(),
        title: c.terms.title.clone(),
        state: c.state.code().to_owned(),
        notified_on: c.terms.notified_on,
        starts_on: c.terms.starts_on,
        ends_on: c.terms.ends_on,
        duration_months: c.terms.duration_months,
        renewals: c.terms.renewals,
        minimum_cents: c.terms.minimum.map(|amount| amount.0),
        maximum_cents: c.terms.maximum.map(|amount| amount.0),
        revision_clause: c.terms.revision_clause.clone(),
        created_at: c.created_at,
        search_text: c.search_text(supplier_name),
        version: c.version,
    }
}

fn from_row(row: row::Model) -> Result<Contract, StoreError> {
    Ok(Contract {
        id: ContractId(row.id),
        owner: OrganisationId(row.owner_id),
        grouping: GroupingId(row.grouping_id),
        award: row.award_id.map(AwardId),
        lot: row.lot_id.map(LotId),
        supplier: SupplierId(row.supplier_id),
        state: read("contract.state", &row.state, ContractState::from_code)?,
        created_at: row.created_at,
        terms: Terms {
            number: row.number,
            title: row.title,
            notified_on: row.notified_on,
            starts_on: row.starts_on,
            ends_on: row.ends_on,
            duration_months: row.duration_months,
            renewals: row.renewals,
            minimum: row.minimum_cents.map(Cents),
            maximum: row.maximum_cents.map(Cents),
            revision_clause: row.revision_clause,
        },
        version: row.version,
    })
}

//! Corrections as rows: proposed, recorded, withdrawn, never removed.
use domain::{
    identity::{AllocationId, BudgetId, CorrectionId, GroupingId, OrganisationId, RecoveryOrderId},
    money::Cents,
    purchasing::{
        correction::{CitedTitre, Correction, CorrectionKind, CorrectionState, Voucher},
        entry::Parts,
        payer::Payer,
    },
};
use sea_orm::{
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use super::statements::start_of_year;
use crate::store::{StoreError, Tx, View, organisations::read, rows::correction as row};

/// Which corrections a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those of these coordinators.
    pub owners: Vec<OrganisationId>,
    pub grouping: Option<GroupingId>,
    pub state: Option<CorrectionState>,
}

/// Finds one correction.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn find(view: &View, id: CorrectionId) -> Result<Correction, StoreError> {
    let found = row::Entity::find_by_id(id.0).one(&view.0).await?;
    from_row(found.ok_or(StoreError::NotFound)?)
}

/// Finds one correction and keeps others from changing it: a transition follows.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn lock(tx: &Tx, id: CorrectionId) -> Result<Correction, StoreError> {
    let found = row::Entity::find_by_id(id.0).lock_exclusive();
    from_row(found.one(&tx.0).await?.ok_or(StoreError::NotFound)?)
}

/// The corrections of a grouping that wait for their piece, locked.
///
/// # Errors
/// Whatever the database says.
pub async fn lock_proposed(
    tx: &Tx,
    owner: OrganisationId,
    grouping: GroupingId,
) -> Result<Vec<Correction>, StoreError> {
    let rows = of_grouping(owner, grouping)
        .filter(row::Column::State.eq(CorrectionState::Proposed.code()))
        .lock_exclusive()
        .all(&tx.0)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// Every correction of a grouping, oldest first.
///
/// # Errors
/// Whatever the database says.
pub async fn list_of_grouping(
    view: &View,
    owner: OrganisationId,
    grouping: GroupingId,
) -> Result<Vec<Correction>, StoreError> {
    let rows = of_grouping(owner, grouping).all(&view.0).await?;
    rows.into_iter().map(from_row).collect()
}

/// What a run led to for one payer, oldest first, without what was withdrawn.
///
/// # Errors
/// Whatever the database says.
pub async fn of_run(
    view: &View,
    run: AllocationId,
    payer: Payer,
) -> Result<Vec<Correction>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::AllocationId.eq(run.0))
        .filter(row::Column::MemberId.eq(payer.member.0))
        .filter(row::Column::State.ne(CorrectionState::Withdrawn.code()))
        .order_by_asc(row::Column::Id)
        .all(&view.0)
        .await?;
    let found: Vec<Correction> = rows.into_iter().map(from_row).collect::<Result<_, _>>()?;
    let own = found.into_iter().filter(|one| one.payer() == payer);
    Ok(own.collect())
}

/// A correction of another payer, recorded with the same piece of the same year.
///
/// # Errors
/// Whatever the database says.
pub async fn with_voucher(
    tx: &Tx,
    one: &Correction,
    voucher: &Voucher,
) -> Result<Option<Correction>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::OwnerId.eq(one.owner.0))
        .filter(row::Column::State.eq(CorrectionState::Done.code()))
        .filter(row::Column::VoucherNumber.eq(&voucher.number))
        .filter(row::Column::Exercice.eq(voucher.exercice))
        .filter(row::Column::Id.ne(one.id.0))
        .all(&tx.0)
        .await?;
    let found: Vec<Correction> = rows.into_iter().map(from_row).collect::<Result<_, _>>()?;
    let paid = |kind| kind == CorrectionKind::Payout;
    let clashes = |other: &Correction| {
        // A mandat may pay several things back to one payer; mandats and titres count apart.
        paid(other.kind) == paid(one.kind) && (other.payer() != one.payer() || !paid(one.kind))
    };
    Ok(found.into_iter().find(clashes))
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
) -> Result<Vec<Correction>, StoreError> {
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
    after: Option<CorrectionId>,
    limit: u64,
) -> Result<Vec<Correction>, StoreError> {
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

/// How many a coordinator had this year, once its numbering is locked.
///
/// # Errors
/// Whatever the database says.
pub async fn count_this_year(tx: &Tx, owner: OrganisationId) -> Result<u64, StoreError> {
    Ok(row::Entity::find()
        .filter(row::Column::OwnerId.eq(owner.0))
        .filter(row::Column::CreatedAt.gte(start_of_year(tx)))
        .count(&tx.0)
        .await?)
}

/// Adds corrections.
///
/// # Errors
/// Whatever the database says.
pub async fn insert(tx: &Tx, corrections: &[Correction]) -> Result<(), StoreError> {
    let rows = corrections.iter().map(to_row).collect::<Result<_, _>>()?;
    tx.insert_all(rows).await
}

/// Writes changes over the version that was read.
///
/// # Errors
/// [`StoreError::Stale`] if it changed meanwhile.
pub async fn save(tx: &Tx, correction: &Correction) -> Result<(), StoreError> {
    let mut row = to_row(correction)?;
    row.version += 1;
    tx.update(row).await
}

fn of_grouping(owner: OrganisationId, grouping: GroupingId) -> Select<row::Entity> {
    row::Entity::find()
        .filter(row::Column::OwnerId.eq(owner.0))
        .filter(row::Column::GroupingId.eq(grouping.0))
        .order_by_asc(row::Column::Id)
}

fn filtered(filter: &Filter) -> Select<row::Entity> {
    let owners = filter.owners.iter().map(|id| id.0);
    let mut query = row::Entity::find().filter(row::Column::OwnerId.is_in(owners));
    if let Some(grouping) = filter.grouping {
        query = query.filter(row::Column::GroupingId.eq(grouping.0));
    }
    if let Some(state) = filter.state {
        query = query.filter(row::Column::State.eq(state.code()));
    }
    query
}

fn to_row(one: &Correction) -> Result<row::Model, StoreError> {
    let (cited, voucher) = (one.cited.as_ref(), one.voucher.as_ref());
    Ok(row::Model {
        id: one.id.0,
        owner_id: one.owner.0,
        grouping_id: one.grouping.0,
        member_id: one.member.0,
        budget_id: one.budget.map(|id| id.0),
        number: one.number.clone(),
        kind: one.kind.code().to_owned(),
        state: one.state.code().to_owned(),
        cents: one.cents.0,
        order_id: cited.map(|cited| cited.order.0),
        titre_number: cited.map(|cited| cited.number.clone()),
        titre_exercice: cited.map(|cited| cited.exercice),
        parts: serde_json::to_string(&one.parts).map_err(|e| StoreError::Corrupt {
            column: "correction.parts",
            value: e.to_string(),
        })?,
        allocation_id: one.source.0,
        voucher_number: voucher.map(|voucher| voucher.number.clone()),
        issued_on: voucher.map(|voucher| voucher.issued_on),
        exercice: voucher.map(|voucher| voucher.exercice),
        created_at: one.created_at,
        version: one.version,
    })
}

fn from_row(row: row::Model) -> Result<Correction, StoreError> {
    let parts: Parts = read("correction.parts", &row.parts, |text| {
        serde_json::from_str(text).ok()
    })?;
    let cited = match (row.order_id, row.titre_number, row.titre_exercice) {
        (Some(order), Some(number), Some(exercice)) => Some(CitedTitre {
            order: RecoveryOrderId(order),
            number,
            exercice,
        }),
        _ => None,
    };
    let voucher = match (row.voucher_number, row.issued_on, row.exercice) {
        (Some(number), Some(issued_on), Some(exercice)) => Some(Voucher {
            number,
            issued_on,
            exercice,
        }),
        _ => None,
    };
    Ok(Correction {
        id: CorrectionId(row.id),
        owner: OrganisationId(row.owner_id),
        grouping: GroupingId(row.grouping_id),
        member: OrganisationId(row.member_id),
        budget: row.budget_id.map(BudgetId),
        number: row.number,
        kind: read("correction.kind", &row.kind, CorrectionKind::from_code)?,
        state: read("correction.state", &row.state, CorrectionState::from_code)?,
        cents: Cents(row.cents),
        cited,
        parts,
        source: AllocationId(row.allocation_id),
        voucher,
        created_at: row.created_at,
        version: row.version,
    })
}

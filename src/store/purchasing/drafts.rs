//! Cells being typed as rows: saved at once, outside the journal until they are transmitted.
use std::collections::BTreeMap;

use domain::{
    identity::{BudgetId, ItemId, OrganisationId, RoundId, UserId},
    purchasing::need::{CommitmentKind, Draft, Typed},
    quantity::Quantity,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::store::{StoreError, View, Writes, organisations::read, rows::need_draft as row};

/// Texts that are no quantities, kept as typed in one column.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Refused {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quantity: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    most: Option<String>,
}

/// What a member is typing in a round.
///
/// # Errors
/// Whatever the database says.
pub async fn of_member(
    view: &View,
    round: RoundId,
    member: OrganisationId,
) -> Result<Vec<Draft>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::RoundId.eq(round.0))
        .filter(row::Column::MemberId.eq(member.0))
        .all(&view.0)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// What every member is typing in a round.
///
/// # Errors
/// Whatever the database says.
pub async fn of_round(
    view: &View,
    round: RoundId,
) -> Result<Vec<(OrganisationId, Draft)>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::RoundId.eq(round.0))
        .all(&view.0)
        .await?;
    let with_member = |row: row::Model| Ok((OrganisationId(row.member_id), from_row(row)?));
    rows.into_iter().map(with_member).collect()
}

/// Saves a line; the caller holds the member's declaration, so nobody else writes it meanwhile.
///
/// # Errors
/// Whatever the database says.
pub async fn put(
    tx: &impl Writes,
    id: Uuid,
    (owner, round): (OrganisationId, RoundId),
    member: OrganisationId,
    draft: &Draft,
) -> Result<(), StoreError> {
    let known: Option<Uuid> = row::Entity::find()
        .select_only()
        .column(row::Column::Id)
        .filter(row::Column::RoundId.eq(round.0))
        .filter(row::Column::MemberId.eq(member.0))
        .filter(row::Column::ItemId.eq(draft.item.0))
        .filter(row::Column::LineKey.eq(&draft.line))
        .into_tuple()
        .one(&tx.0)
        .await?;
    let row = to_row(tx, known.unwrap_or(id), (owner, round), member, draft)?;
    if known.is_some() {
        let id = row.id;
        row::Entity::update_many()
            .set(row.into_active_model().reset_all())
            .filter(row::Column::Id.eq(id))
            .exec(&tx.0)
            .await?;
    } else {
        row::Entity::insert(row.into_active_model())
            .exec_without_returning(&tx.0)
            .await?;
    }
    Ok(())
}

/// Saves many lines of a member at once; the caller holds its declaration, each line comes once.
///
/// The identifiers serve the lines that are not there yet.
///
/// # Errors
/// Whatever the database says.
pub async fn put_all(
    tx: &impl Writes,
    place: (OrganisationId, RoundId),
    member: OrganisationId,
    drafts: impl IntoIterator<Item = (Uuid, &Draft)>,
) -> Result<(), StoreError> {
    let known: Vec<(Uuid, Uuid, String)> = row::Entity::find()
        .select_only()
        .columns([row::Column::Id, row::Column::ItemId, row::Column::LineKey])
        .filter(row::Column::RoundId.eq(place.1.0))
        .filter(row::Column::MemberId.eq(member.0))
        .into_tuple()
        .all(&tx.0)
        .await?;
    let known: BTreeMap<(Uuid, String), Uuid> = known
        .into_iter()
        .map(|(id, item, line)| ((item, line), id))
        .collect();
    let (mut gone, mut rows) = (Vec::new(), Vec::new());
    for (id, draft) in drafts {
        let before = known.get(&(draft.item.0, draft.line.clone())).copied();
        gone.extend(before);
        rows.push(to_row(tx, before.unwrap_or(id), place, member, draft)?);
    }
    for some in gone.chunks(ROWS_A_STATEMENT) {
        row::Entity::delete_many()
            .filter(row::Column::Id.is_in(some.iter().copied()))
            .exec(&tx.0)
            .await?;
    }
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(ROWS_A_STATEMENT));
        let some = std::mem::replace(&mut rows, rest);
        row::Entity::insert_many(some.into_iter().map(IntoActiveModel::into_active_model))
            .exec_without_returning(&tx.0)
            .await?;
    }
    Ok(())
}

/// How many rows one statement writes: far below what either database takes as parameters.
const ROWS_A_STATEMENT: usize = 500;

fn to_row(
    tx: &impl Writes,
    id: Uuid,
    (owner, round): (OrganisationId, RoundId),
    member: OrganisationId,
    draft: &Draft,
) -> Result<row::Model, StoreError> {
    Ok(row::Model {
        id,
        owner_id: owner.0,
        round_id: round.0,
        member_id: member.0,
        item_id: draft.item.0,
        line_key: draft.line.clone(),
        quantity_milli: draft.quantity.quantity().map(|q| q.0),
        most_milli: draft.most.quantity().map(|q| q.0),
        commitment: draft.commitment.code().to_owned(),
        budget_id: draft.budget.map(|budget| budget.0),
        comment: draft.comment.clone(),
        typed: refused(draft)?,
        saved_at: tx.now(),
        saved_by: draft.saved_by.map(|user| user.0),
        version: draft.version + 1,
    })
}

fn refused(draft: &Draft) -> Result<Option<String>, StoreError> {
    let text = |typed: &Typed| match typed {
        Typed::Refused(text) => Some(text.clone()),
        Typed::Empty | Typed::Read(_) => None,
    };
    let refused = Refused {
        quantity: text(&draft.quantity),
        most: text(&draft.most),
    };
    if refused == Refused::default() {
        return Ok(None);
    }
    let bad = |_| unreadable(&draft.line);
    serde_json::to_string(&refused).map(Some).map_err(bad)
}

fn unreadable(value: &str) -> StoreError {
    StoreError::Corrupt {
        column: "need_draft.typed",
        value: value.to_owned(),
    }
}

fn from_row(row: row::Model) -> Result<Draft, StoreError> {
    let refused: Refused = match &row.typed {
        Some(json) => serde_json::from_str(json)
            .ok()
            .ok_or_else(|| unreadable(json))?,
        None => Refused::default(),
    };
    let typed = |milli: Option<i64>, refused: Option<String>| match (milli, refused) {
        (Some(milli), _) => Typed::Read(Quantity(milli)),
        (None, Some(text)) => Typed::Refused(text),
        (None, None) => Typed::Empty,
    };
    let kind = CommitmentKind::from_code;
    Ok(Draft {
        item: ItemId(row.item_id),
        line: row.line_key,
        quantity: typed(row.quantity_milli, refused.quantity),
        most: typed(row.most_milli, refused.most),
        commitment: read("need_draft.commitment", &row.commitment, kind)?,
        budget: row.budget_id.map(BudgetId),
        comment: row.comment,
        saved_at: row.saved_at,
        saved_by: row.saved_by.map(UserId),
        version: row.version,
    })
}

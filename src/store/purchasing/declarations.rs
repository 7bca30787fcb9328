//! Declarations as rows.
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::{
    identity::{DeclarationId, GroupingId, LotId, OrganisationId, RoundId, UserId},
    purchasing::declaration::{Declaration, DeclarationState},
};
use sea_orm::{
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use crate::store::{
    StoreError, Tx, View, Writes,
    organisations::read,
    rows::{declaration as row, membership, membership_lot},
};

/// How a member takes part in the rounds of a grouping: in every lot, or in some.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participation {
    pub member: OrganisationId,
    pub all_lots: bool,
    pub lots: BTreeSet<LotId>,
}

impl Participation {
    /// Whether the member joined this lot.
    #[must_use]
    pub fn includes(&self, lot: LotId) -> bool {
        self.all_lots || self.lots.contains(&lot)
    }
}

/// The answer of a member, if it began one.
///
/// # Errors
/// Whatever the database says.
pub async fn find(
    view: &View,
    round: RoundId,
    member: OrganisationId,
) -> Result<Option<Declaration>, StoreError> {
    let found = of(round, member).one(&view.0).await?;
    found.map(from_row).transpose()
}

/// Reads an answer and keeps others from changing it until the transaction ends.
///
/// # Errors
/// Whatever the database says.
pub async fn lock(
    tx: &impl Writes,
    round: RoundId,
    member: OrganisationId,
) -> Result<Option<Declaration>, StoreError> {
    let found = of(round, member).lock_exclusive().one(&tx.0).await?;
    found.map(from_row).transpose()
}

/// Every answer to a round; members who have not begun have none.
///
/// # Errors
/// Whatever the database says.
pub async fn of_round(view: &View, round: RoundId) -> Result<Vec<Declaration>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::RoundId.eq(round.0))
        .order_by_asc(row::Column::MemberId)
        .all(&view.0)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// How many answers to some rounds, opened again for one member beyond this instant, are not
/// given yet.
///
/// # Errors
/// Whatever the database says.
pub async fn awaited(
    view: &View,
    rounds: impl IntoIterator<Item = RoundId>,
    instant: DateTime<Utc>,
) -> Result<usize, StoreError> {
    let rounds: Vec<_> = rounds.into_iter().map(|id| id.0).collect();
    let awaited = row::Entity::find()
        .filter(row::Column::RoundId.is_in(rounds))
        .filter(row::Column::OpenUntil.gt(instant))
        .filter(row::Column::State.is_in(["not_started", "started"]))
        .count(&view.0)
        .await?;
    Ok(usize::try_from(awaited).unwrap_or(usize::MAX))
}

/// The answers of a member to some rounds.
///
/// # Errors
/// Whatever the database says.
pub async fn of_member(
    view: &View,
    member: OrganisationId,
    rounds: impl IntoIterator<Item = RoundId>,
) -> Result<Vec<Declaration>, StoreError> {
    let ids: Vec<_> = rounds.into_iter().map(|id| id.0).collect();
    let mut found = Vec::new();
    for some in ids.chunks(500) {
        let rows = row::Entity::find()
            .filter(row::Column::MemberId.eq(member.0))
            .filter(row::Column::RoundId.is_in(some.iter().copied()));
        for row in rows.all(&view.0).await? {
            found.push(from_row(row)?);
        }
    }
    Ok(found)
}

/// Adds an answer.
///
/// # Errors
/// [`StoreError::Taken`] when the member has one already.
pub async fn insert(tx: &Tx, declaration: &Declaration) -> Result<(), StoreError> {
    tx.insert(to_row(declaration)).await
}

/// Writes changes over the version that was read.
///
/// # Errors
/// [`StoreError::Stale`] if it changed meanwhile.
pub async fn save(tx: &Tx, declaration: &Declaration) -> Result<(), StoreError> {
    let mut row = to_row(declaration);
    row.version += 1;
    tx.update(row).await
}

/// How the members of a grouping take part; those who left or were refused do not.
///
/// # Errors
/// Whatever the database says.
pub async fn participations(
    view: &View,
    grouping: GroupingId,
    only: Option<OrganisationId>,
) -> Result<Vec<Participation>, StoreError> {
    let mut query = membership::Entity::find()
        .filter(membership::Column::GroupingId.eq(grouping.0))
        .filter(membership::Column::State.is_not_in(NOT_MEMBERS));
    if let Some(member) = only {
        query = query.filter(membership::Column::MemberId.eq(member.0));
    }
    let members = query.all(&view.0).await?;
    let mut found = Vec::with_capacity(members.len());
    for member in members {
        let joined = membership_lot::Entity::find()
            .filter(membership_lot::Column::MembershipId.eq(member.id));
        let lots = if member.all_lots {
            Vec::new()
        } else {
            joined.all(&view.0).await?
        };
        found.push(Participation {
            member: OrganisationId(member.member_id),
            all_lots: member.all_lots,
            lots: lots.into_iter().map(|lot| LotId(lot.lot_id)).collect(),
        });
    }
    Ok(found)
}

/// Memberships that do not, or no longer, take part.
const NOT_MEMBERS: [&str; 2] = ["refused", "left"];

fn of(round: RoundId, member: OrganisationId) -> Select<row::Entity> {
    row::Entity::find()
        .filter(row::Column::RoundId.eq(round.0))
        .filter(row::Column::MemberId.eq(member.0))
}

fn to_row(d: &Declaration) -> row::Model {
    row::Model {
        id: d.id.0,
        owner_id: d.owner.0,
        round_id: d.round.0,
        member_id: d.member.0,
        state: d.state.code().to_owned(),
        revision: d.revision,
        conditions_version: d.conditions_version,
        to_reconfirm: d.to_reconfirm,
        open_until: d.open_until,
        submitted_at: d.submitted_at,
        submitted_by: d.submitted_by.map(|user| user.0),
        entered_for: d.entered_for,
        entered_note: d.entered_note.clone(),
        started_at: d.started_at,
        version: d.version,
    }
}

fn from_row(row: row::Model) -> Result<Declaration, StoreError> {
    Ok(Declaration {
        id: DeclarationId(row.id),
        owner: OrganisationId(row.owner_id),
        round: RoundId(row.round_id),
        member: OrganisationId(row.member_id),
        state: read("declaration.state", &row.state, DeclarationState::from_code)?,
        revision: row.revision,
        conditions_version: row.conditions_version,
        to_reconfirm: row.to_reconfirm,
        open_until: row.open_until,
        submitted_at: row.submitted_at,
        submitted_by: row.submitted_by.map(UserId),
        entered_for: row.entered_for,
        entered_note: row.entered_note,
        started_at: row.started_at,
        version: row.version,
    })
}

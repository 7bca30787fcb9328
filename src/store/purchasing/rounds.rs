//! Rounds as rows.
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::{
    identity::{GroupingId, OrganisationId, RoundId, UserId},
    purchasing::round::{ClosedBy, Closing, Columns, Round, RoundState},
    text,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
};
use uuid::Uuid;

use crate::store::{StoreError, Tx, View, organisations::read, rows::round as row};

/// Which rounds are looked for: those of some owners, and those in some groupings.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Coordinators, whose drafts are shown too.
    pub owners: Vec<OrganisationId>,
    /// Groupings whose members look: drafts are not theirs to know.
    pub groupings: Vec<GroupingId>,
    /// One grouping alone, within what the above allows.
    pub grouping: Option<GroupingId>,
    pub state: Option<RoundState>,
    /// Words of the title, already folded for searching.
    pub words: String,
}

/// From where a list goes on.
#[derive(Clone, Copy, Debug)]
pub enum Start {
    Offset(u64),
    /// After this row, in the order of the list.
    After(DateTime<Utc>, RoundId),
}

/// Finds one round.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn find(view: &View, id: RoundId) -> Result<Round, StoreError> {
    let found = row::Entity::find_by_id(id.0).one(&view.0).await?;
    from_row(found.ok_or(StoreError::NotFound)?)
}

/// Finds several at once.
///
/// # Errors
/// Whatever the database says.
pub async fn find_all(
    view: &View,
    ids: impl IntoIterator<Item = RoundId>,
) -> Result<BTreeMap<RoundId, Round>, StoreError> {
    let ids: Vec<Uuid> = ids.into_iter().map(|id| id.0).collect();
    let mut found = BTreeMap::new();
    for some in ids.chunks(500) {
        let rows = row::Entity::find().filter(row::Column::Id.is_in(some.iter().copied()));
        for row in rows.all(&view.0).await? {
            let round = from_row(row)?;
            found.insert(round.id, round);
        }
    }
    Ok(found)
}

/// Reads a round for a transition: nobody else changes it nor writes under it meanwhile.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn lock(tx: &Tx, id: RoundId) -> Result<Round, StoreError> {
    let found = row::Entity::find_by_id(id.0)
        .lock_exclusive()
        .one(&tx.view.0)
        .await?;
    from_row(found.ok_or(StoreError::NotFound)?)
}

/// Reads a round for a write under it: it keeps its state until the transaction ends.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn hold(tx: &Tx, id: RoundId) -> Result<Round, StoreError> {
    let found = row::Entity::find_by_id(id.0)
        .lock_shared()
        .one(&tx.view.0)
        .await?;
    from_row(found.ok_or(StoreError::NotFound)?)
}

/// A page of rounds, those with the latest deadline first.
///
/// # Errors
/// Whatever the database says.
pub async fn list(
    view: &View,
    wanted: &Wanted,
    start: Start,
    limit: u64,
) -> Result<Vec<Round>, StoreError> {
    let mut query = select(wanted);
    query = match start {
        Start::Offset(offset) => query.offset(offset),
        Start::After(deadline, id) => query.filter(
            row::Column::Deadline.lt(deadline).or(row::Column::Deadline
                .eq(deadline)
                .and(row::Column::Id.lt(id.0))),
        ),
    };
    let rows = query
        .order_by_desc(row::Column::Deadline)
        .order_by_desc(row::Column::Id)
        .limit(limit)
        .all(&view.0)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// How many rounds a list has in all.
///
/// # Errors
/// Whatever the database says.
pub async fn count(view: &View, wanted: &Wanted) -> Result<u64, StoreError> {
    Ok(select(wanted).count(&view.0).await?)
}

/// Open rounds whose deadline has passed, the oldest first: a watermark, never a window.
///
/// # Errors
/// Whatever the database says.
pub async fn due(view: &View, now: DateTime<Utc>, limit: u64) -> Result<Vec<RoundId>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::State.eq(RoundState::Open.code()))
        .filter(row::Column::Deadline.lte(now))
        .order_by_asc(row::Column::Deadline)
        .order_by_asc(row::Column::Id)
        .limit(limit)
        .all(&view.0)
        .await?;
    Ok(rows.into_iter().map(|row| RoundId(row.id)).collect())
}

/// The rounds of a grouping in which members answer.
///
/// # Errors
/// Whatever the database says.
pub async fn open_of(view: &View, grouping: GroupingId) -> Result<Vec<RoundId>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::GroupingId.eq(grouping.0))
        .filter(row::Column::State.eq(RoundState::Open.code()))
        .order_by_asc(row::Column::Id)
        .all(&view.0)
        .await?;
    Ok(rows.into_iter().map(|row| RoundId(row.id)).collect())
}

/// Adds a round.
///
/// # Errors
/// Whatever the database says.
pub async fn insert(tx: &Tx, round: &Round) -> Result<(), StoreError> {
    tx.insert(to_row(round)).await
}

/// Writes changes over the version that was read.
///
/// # Errors
/// [`StoreError::Stale`] if it changed meanwhile.
pub async fn save(tx: &Tx, round: &Round) -> Result<(), StoreError> {
    let mut row = to_row(round);
    row.version += 1;
    tx.update(row).await
}

fn select(wanted: &Wanted) -> Select<row::Entity> {
    let owners = wanted.owners.iter().map(|id| id.0);
    let groupings = wanted.groupings.iter().map(|id| id.0);
    let as_member = Condition::all()
        .add(row::Column::GroupingId.is_in(groupings))
        .add(row::Column::State.ne(RoundState::Draft.code()));
    let mut query = row::Entity::find().filter(
        Condition::any()
            .add(row::Column::OwnerId.is_in(owners))
            .add(as_member),
    );
    if let Some(grouping) = wanted.grouping {
        query = query.filter(row::Column::GroupingId.eq(grouping.0));
    }
    if let Some(state) = wanted.state {
        query = query.filter(row::Column::State.eq(state.code()));
    }
    for word in text::search_words(&wanted.words) {
        query = query.filter(row::Column::SearchText.contains(word));
    }
    query
}

fn to_row(round: &Round) -> row::Model {
    let by = round.closed.as_ref().map(|closing| closing.by);
    row::Model {
        id: round.id.0,
        owner_id: round.owner.0,
        grouping_id: round.grouping.0,
        title: round.title.clone(),
        state: round.state.code().to_owned(),
        deadline: round.deadline,
        note: round.note.clone(),
        with_most: round.columns.most,
        with_commitment: round.columns.commitment,
        with_site: round.columns.site,
        with_comment: round.columns.comment,
        shows_others: round.shows_others,
        launch_planned_on: round.launch_planned_on,
        previous_round_id: round.previous.map(|id| id.0),
        opening: round.opening,
        opened_at: round.opened_at,
        closed_at: round.closed.as_ref().map(|closing| closing.at),
        closed_by_kind: by.map(|by| kind_of(by).to_owned()),
        closed_by_id: by.and_then(user_of).map(|id| id.0),
        reopen_motive: round.reopen_motive.clone(),
        conditions_version: round.conditions_version,
        created_at: round.created_at,
        sort_key: round.sort_key(),
        search_text: round.search_text(),
        version: round.version,
    }
}

fn from_row(row: row::Model) -> Result<Round, StoreError> {
    let closed = match (&row.closed_by_kind, row.closed_at) {
        (Some(kind), Some(at)) => {
            let user = row.closed_by_id.map(UserId);
            let by = read("round.closed_by_kind", kind, |kind| closed_by(kind, user))?;
            let name = String::new();
            Some(Closing { by, name, at })
        }
        _ => None,
    };
    Ok(Round {
        id: RoundId(row.id),
        owner: OrganisationId(row.owner_id),
        grouping: GroupingId(row.grouping_id),
        title: row.title,
        state: read("round.state", &row.state, RoundState::from_code)?,
        deadline: row.deadline,
        note: row.note,
        columns: Columns {
            most: row.with_most,
            commitment: row.with_commitment,
            site: row.with_site,
            comment: row.with_comment,
        },
        shows_others: row.shows_others,
        launch_planned_on: row.launch_planned_on,
        previous: row.previous_round_id.map(RoundId),
        opening: row.opening,
        opened_at: row.opened_at,
        closed,
        reopen_motive: row.reopen_motive,
        conditions_version: row.conditions_version,
        created_at: row.created_at,
        version: row.version,
    })
}

fn kind_of(by: ClosedBy) -> &'static str {
    match by {
        ClosedBy::User(_) => "user",
        ClosedBy::Clock => "clock",
        ClosedBy::Operator => "operator",
    }
}

fn user_of(by: ClosedBy) -> Option<UserId> {
    match by {
        ClosedBy::User(id) => Some(id),
        ClosedBy::Clock | ClosedBy::Operator => None,
    }
}

fn closed_by(kind: &str, user: Option<UserId>) -> Option<ClosedBy> {
    match (kind, user) {
        ("user", Some(id)) => Some(ClosedBy::User(id)),
        ("clock", None) => Some(ClosedBy::Clock),
        ("operator", None) => Some(ClosedBy::Operator),
        _ => None,
    }
}

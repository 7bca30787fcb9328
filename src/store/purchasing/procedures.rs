//! Procedures as rows, with the rounds they follow and the members they set aside.
use std::collections::{BTreeMap, BTreeSet};

use domain::{
    identity::{GroupingId, OrganisationId, ProcedureId, RoundId},
    money::Cents,
    purchasing::{
        procedure::{Plan, Procedure, ProcedureForm, ProcedureState, SetAside},
        thresholds::PurchaseNature,
    },
    text,
};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    Select,
};
use uuid::Uuid;

use crate::store::{
    StoreError, Tx, View,
    organisations::read,
    rows::{procedure as row, procedure_round, set_aside},
};

/// Which procedures a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Procedures run by these coordinators…
    pub owners: Vec<OrganisationId>,
    /// … or of these groupings, whose members may see them once launched.
    pub groupings: Vec<GroupingId>,
    /// Words that the title contains.
    pub words: String,
    pub state: Option<ProcedureState>,
}

/// Finds one procedure.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn find(view: &View, id: ProcedureId) -> Result<Procedure, StoreError> {
    let found = row::Entity::find_by_id(id.0).one(&view.0).await?;
    complete(view, found.ok_or(StoreError::NotFound)?).await
}

/// Finds one procedure and keeps others from changing it: a transition follows.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn lock(tx: &Tx, id: ProcedureId) -> Result<Procedure, StoreError> {
    let found = row::Entity::find_by_id(id.0).lock_exclusive();
    let found = found.one(&tx.0).await?;
    complete(tx, found.ok_or(StoreError::NotFound)?).await
}

/// Finds one procedure that must not change while a child of it is written.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn hold(tx: &Tx, id: ProcedureId) -> Result<Procedure, StoreError> {
    let found = row::Entity::find_by_id(id.0).lock_shared();
    let found = found.one(&tx.0).await?;
    complete(tx, found.ok_or(StoreError::NotFound)?).await
}

/// The procedures that follow some rounds.
///
/// # Errors
/// Whatever the database says.
pub async fn of_rounds(
    view: &View,
    rounds: impl IntoIterator<Item = RoundId>,
) -> Result<Vec<Procedure>, StoreError> {
    let ids: Vec<Uuid> = rounds.into_iter().map(|id| id.0).collect();
    let mut found = BTreeSet::new();
    for some in ids.chunks(500) {
        let rows = procedure_round::Entity::find()
            .filter(procedure_round::Column::RoundId.is_in(some.iter().copied()))
            .all(&view.0)
            .await?;
        found.extend(rows.into_iter().map(|row| row.procedure_id));
    }
    let rows = row::Entity::find()
        .filter(row::Column::Id.is_in(found))
        .order_by_asc(row::Column::Id);
    complete_all(view, rows.all(&view.0).await?).await
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
) -> Result<Vec<Procedure>, StoreError> {
    let query = filtered(filter).order_by_desc(row::Column::Id).offset(skip);
    complete_all(view, query.limit(limit).all(&view.0).await?).await
}

/// Newest first, after the last one seen: what the API shows.
///
/// # Errors
/// Whatever the database says.
pub async fn list(
    view: &View,
    filter: &Filter,
    after: Option<ProcedureId>,
    limit: u64,
) -> Result<Vec<Procedure>, StoreError> {
    let mut query = filtered(filter);
    if let Some(last) = after {
        query = query.filter(row::Column::Id.lt(last.0));
    }
    let query = query.order_by_desc(row::Column::Id).limit(limit);
    complete_all(view, query.all(&view.0).await?).await
}

/// How many the filter lets through.
///
/// # Errors
/// Whatever the database says.
pub async fn count(view: &View, filter: &Filter) -> Result<u64, StoreError> {
    Ok(filtered(filter).count(&view.0).await?)
}

/// Adds a procedure with a fresh identifier for each of its rounds.
///
/// # Errors
/// Whatever the database says.
pub async fn insert(
    tx: &Tx,
    procedure: &Procedure,
    mut new_id: impl FnMut() -> Uuid,
) -> Result<(), StoreError> {
    tx.insert(to_row(procedure)).await?;
    let rounds = procedure.rounds.iter().map(|round| procedure_round::Model {
        id: new_id(),
        owner_id: procedure.owner.0,
        procedure_id: procedure.id.0,
        round_id: round.0,
    });
    tx.insert_all(rounds.collect()).await
}

/// Writes changes over the version that was read; rounds and members apart.
///
/// # Errors
/// [`StoreError::Stale`] if it changed meanwhile.
pub async fn save(tx: &Tx, procedure: &Procedure) -> Result<(), StoreError> {
    let mut row = to_row(procedure);
    row.version += 1;
    tx.update(row).await
}

/// Writes that a member is set aside.
///
/// # Errors
/// [`StoreError::Taken`] when it is already.
pub async fn insert_aside(
    tx: &Tx,
    id: Uuid,
    procedure: &Procedure,
    aside: &SetAside,
) -> Result<(), StoreError> {
    tx.insert(set_aside::Model {
        id,
        owner_id: procedure.owner.0,
        procedure_id: procedure.id.0,
        member_id: aside.member.0,
        reason: aside.reason.clone(),
        at: aside.at,
    })
    .await
}

/// Forgets that a member is set aside; the journal keeps the trace.
///
/// # Errors
/// [`StoreError::NotFound`] when it is not.
pub async fn remove_aside(
    tx: &Tx,
    procedure: ProcedureId,
    member: OrganisationId,
) -> Result<(), StoreError> {
    let found = set_aside::Entity::find()
        .filter(set_aside::Column::ProcedureId.eq(procedure.0))
        .filter(set_aside::Column::MemberId.eq(member.0))
        .one(&tx.0)
        .await?;
    tx.delete(&found.ok_or(StoreError::NotFound)?).await
}

fn filtered(filter: &Filter) -> Select<row::Entity> {
    let owners = filter.owners.iter().map(|id| id.0);
    let groupings = filter.groupings.iter().map(|id| id.0);
    let shown_to_members = row::Column::GroupingId
        .is_in(groupings)
        .and(row::Column::LaunchedOn.is_not_null());
    let mut query =
        row::Entity::find().filter(row::Column::OwnerId.is_in(owners).or(shown_to_members));
    for word in text::search_words(&filter.words) {
        query = query.filter(row::Column::SearchText.contains(word));
    }
    if let Some(state) = filter.state {
        query = query.filter(row::Column::State.eq(state.code()));
    }
    query
}

async fn complete(view: &View, found: row::Model) -> Result<Procedure, StoreError> {
    let mut all = complete_all(view, vec![found]).await?;
    all.pop().ok_or(StoreError::NotFound)
}

async fn complete_all(view: &View, rows: Vec<row::Model>) -> Result<Vec<Procedure>, StoreError> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut rounds: BTreeMap<Uuid, Vec<RoundId>> = BTreeMap::new();
    let mut aside: BTreeMap<Uuid, Vec<SetAside>> = BTreeMap::new();
    for some in ids.chunks(500) {
        let of_some = procedure_round::Column::ProcedureId.is_in(some.iter().copied());
        let query = procedure_round::Entity::find().filter(of_some);
        for row in query
            .order_by_asc(procedure_round::Column::Id)
            .all(&view.0)
            .await?
        {
            let of_one = rounds.entry(row.procedure_id).or_default();
            of_one.push(RoundId(row.round_id));
        }
        let of_some = set_aside::Column::ProcedureId.is_in(some.iter().copied());
        let query = set_aside::Entity::find().filter(of_some);
        for row in query
            .order_by_asc(set_aside::Column::Id)
            .all(&view.0)
            .await?
        {
            aside.entry(row.procedure_id).or_default().push(SetAside {
                member: OrganisationId(row.member_id),
                reason: row.reason,
                at: row.at,
            });
        }
    }
    rows.into_iter()
        .map(|row| {
            let (rounds, aside) = (rounds.remove(&row.id), aside.remove(&row.id));
            from_row(row, rounds.unwrap_or_default(), aside.unwrap_or_default())
        })
        .collect()
}

fn to_row(p: &Procedure) -> row::Model {
    row::Model {
        id: p.id.0,
        owner_id: p.owner.0,
        grouping_id: p.grouping.0,
        title: p.plan.title.clone(),
        form: p.plan.form.code().to_owned(),
        nature: p.plan.nature.code().to_owned(),
        state: p.state.code().to_owned(),
        launched_on: p.launched_on,
        published_on: p.plan.published_on,
        offers_due_at: p.plan.offers_due_at,
        cao_on: p.plan.cao_on,
        estimate_cents: p.estimate.0,
        created_at: p.created_at,
        sort_key: p.sort_key(),
        search_text: p.search_text(),
        version: p.version,
    }
}

fn from_row(
    row: row::Model,
    rounds: Vec<RoundId>,
    aside: Vec<SetAside>,
) -> Result<Procedure, StoreError> {
    Ok(Procedure {
        id: ProcedureId(row.id),
        owner: OrganisationId(row.owner_id),
        grouping: GroupingId(row.grouping_id),
        rounds,
        state: read("procedure.state", &row.state, ProcedureState::from_code)?,
        launched_on: row.launched_on,
        estimate: Cents(row.estimate_cents),
        aside,
        created_at: row.created_at,
        plan: Plan {
            title: row.title,
            form: read("procedure.form", &row.form, ProcedureForm::from_code)?,
            nature: read("procedure.nature", &row.nature, PurchaseNature::from_code)?,
            published_on: row.published_on,
            offers_due_at: row.offers_due_at,
            cao_on: row.cao_on,
        },
        version: row.version,
    })
}

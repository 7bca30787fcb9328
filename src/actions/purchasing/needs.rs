//! The needs of a member in a round: read as one grid, whoever types in it.
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::{
    identity::{DeclarationId, ItemId, OrganisationId, RoundId},
    money::{self, Cents},
    organisation::Organisation,
    permission::Right,
    purchasing::{
        declaration::Declaration,
        lot::{Item, Lot},
        need::{BadCell, Draft, Measure, Need, Typed},
        round::{Round, RoundState},
    },
    quantity::Quantity,
    text,
};
use uuid::Uuid;

use crate::actions::{Actor, App, Error};
pub use crate::store::purchasing::needs::Total;
use crate::store::{
    View, organisations,
    purchasing::{declarations, drafts, items, lots, needs, rounds},
    users,
};

/// In whose name someone types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    /// An agent of the member.
    Member,
    /// An officer of the coordinator, for the member (« saisi pour le compte de »).
    Officer,
}

/// One line of the grid.
#[derive(Clone, Debug)]
pub struct Line {
    pub item: Item,
    pub measure: Measure,
    /// What stands in its cells.
    pub draft: Draft,
    /// What the member asked for in the round before.
    pub previous: Option<Quantity>,
    /// What all members together ask for.
    pub total: Total,
    /// The quantities of the other members, when the round shows them.
    pub others: Vec<(OrganisationId, Quantity)>,
}

/// A lot and its lines.
#[derive(Clone, Debug)]
pub struct LotLines {
    pub lot: Lot,
    pub lines: Vec<Line>,
}

/// Everything about the needs of one member in one round.
#[derive(Clone, Debug)]
pub struct Grid {
    pub round: Round,
    pub member: Organisation,
    pub declaration: Declaration,
    /// Whether the declaration is in the database yet.
    pub begun: bool,
    pub lots: Vec<LotLines>,
    /// The round whose quantities can be taken again.
    pub previous: Option<Round>,
    /// The names of the members behind the figures, when the round shows them.
    pub names: BTreeMap<OrganisationId, String>,
    /// When a cell was last saved.
    pub saved_at: Option<DateTime<Utc>>,
    /// Who transmitted.
    pub submitted_by: Option<String>,
    /// In whose name the reader may type; nobody's for those who only read.
    pub writer: Option<Writer>,
    /// Whether an answer is still taken, by the clock.
    pub is_open: bool,
    /// The clock of this answer.
    pub now: DateTime<Utc>,
}

impl Line {
    /// The estimated amount of the quantity typed, net of tax.
    #[must_use]
    pub fn amount(&self) -> Option<Cents> {
        let quantity = self.draft.quantity.quantity()?;
        money::amount(quantity, self.item.unit_price?).ok()
    }
}

impl Grid {
    /// Every line, in the order of the page.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.lots.iter().flat_map(|lot| &lot.lines)
    }

    /// Finds a line.
    #[must_use]
    pub fn line(&self, item: ItemId, key: &str) -> Option<&Line> {
        self.lines()
            .find(|line| line.item.id == item && line.draft.line == key)
    }

    /// The estimated amount of all quantities, net of tax.
    #[must_use]
    pub fn amount(&self) -> Option<Cents> {
        Cents::checked_sum(self.lines().filter_map(Line::amount)).ok()
    }

    /// Every cell that cannot be transmitted.
    #[must_use]
    pub fn faults(&self) -> Vec<BadCell> {
        let faults = |line: &Line| line.draft.faults(&line.measure);
        self.lines().flat_map(faults).collect()
    }

    /// Whether something is typed.
    #[must_use]
    pub fn is_filled(&self) -> bool {
        self.lines().any(|line| line.draft.is_answer())
    }
}

/// The needs of a member, for those who may see them: its own people and the coordinator's.
///
/// # Errors
/// [`Error::NotFound`] for anyone else.
pub async fn find(
    app: &App,
    actor: &Actor,
    round: RoundId,
    member: OrganisationId,
) -> Result<Grid, Error> {
    let view = app.store.view().await?;
    let round = rounds::find(&view, round).await?;
    check_reader(actor, &round, member)?;
    let mut grid = load(&view, &round, member, app.clock.now()).await?;
    if !grid.begun {
        check_member(&view, &round, member).await?;
    }
    grid.writer = writer(actor, &round, member).ok();
    Ok(grid)
}

/// The needs of every member in a round, for the coordinator.
///
/// # Errors
/// [`Error::NotFound`] or [`Error::Forbidden`].
pub async fn find_all(app: &App, actor: &Actor, round: RoundId) -> Result<Vec<Grid>, Error> {
    let view = app.store.view().await?;
    let round = rounds::find(&view, round).await?;
    actor.require(Right::See, round.owner)?;
    let members = declarations::participations(&view, round.grouping, None).await?;
    let ids = members.iter().map(|m| m.member);
    let mut grids = Vec::with_capacity(members.len());
    for member in organisations::find_all(&view, ids).await? {
        grids.push(load(&view, &round, member.id, app.clock.now()).await?);
    }
    Ok(grids)
}

/// Refuses those who have nothing to do with the member nor with the coordinator.
pub(super) fn check_reader(
    actor: &Actor,
    round: &Round,
    member: OrganisationId,
) -> Result<(), Error> {
    let hidden = round.state == RoundState::Draft && !actor.may(Right::See, round.owner);
    if hidden || !(actor.may(Right::See, member) || actor.may(Right::See, round.owner)) {
        return Err(Error::NotFound);
    }
    Ok(())
}

/// In whose name the actor may type: the member's agent, else the coordinator's officer.
pub(super) fn writer(
    actor: &Actor,
    round: &Round,
    member: OrganisationId,
) -> Result<Writer, Error> {
    check_reader(actor, round, member)?;
    if actor.may(Right::DeclareNeeds, member) && actor.user().is_some() {
        Ok(Writer::Member)
    } else if actor.may(Right::RunRounds, round.owner) {
        Ok(Writer::Officer)
    } else {
        Err(Error::Forbidden)
    }
}

/// Refuses an organisation that takes no part in the grouping.
pub(super) async fn check_member(
    view: &View,
    round: &Round,
    member: OrganisationId,
) -> Result<(), Error> {
    let found = declarations::participations(view, round.grouping, Some(member)).await?;
    if found.is_empty() {
        Err(Error::NotFound)
    } else {
        Ok(())
    }
}

/// The grid of a member, without asking who looks.
pub(super) async fn load(
    view: &View,
    round: &Round,
    member: OrganisationId,
    now: DateTime<Utc>,
) -> Result<Grid, Error> {
    let found = declarations::find(view, round.id, member).await?;
    let begun = found.is_some();
    let unwritten = || Declaration::unwritten(DeclarationId(Uuid::nil()), round, member);
    let declaration = found.unwrap_or_else(unwritten);
    let submitted_by = match declaration.submitted_by {
        Some(user) => Some(users::find(view, user).await?.name),
        None => None,
    };
    let (lots, saved_at) = lots_of(view, round, member, now).await?;
    let previous = match round.previous {
        Some(id) => Some(rounds::find(view, id).await?),
        None => None,
    };
    let mut grid = Grid {
        member: organisations::find(view, member).await?,
        is_open: declaration.check_open(round, now).is_ok(),
        round: round.clone(),
        declaration,
        begun,
        lots,
        previous,
        names: BTreeMap::new(),
        saved_at,
        submitted_by,
        writer: None,
        now,
    };
    add_previous(view, &mut grid).await?;
    if round.shows_others {
        add_others(view, &mut grid).await?;
    }
    Ok(grid)
}

/// The lots that the member joined, each line with what is typed or was transmitted.
async fn lots_of(
    view: &View,
    round: &Round,
    member: OrganisationId,
    now: DateTime<Utc>,
) -> Result<(Vec<LotLines>, Option<DateTime<Utc>>), Error> {
    let joined = declarations::participations(view, round.grouping, Some(member)).await?;
    let typed = drafts::of_member(view, round.id, member).await?;
    let saved_at = typed.iter().map(|draft| draft.saved_at).max();
    let mut typed: BTreeMap<ItemId, Draft> = typed.into_iter().map(|d| (d.item, d)).collect();
    let own = needs::of_member(view, round.id, member).await?;
    let own: BTreeMap<ItemId, Need> = own.into_iter().map(|need| (need.item, need)).collect();
    let totals = needs::totals(view, round.id).await?;
    let all = items::list_of_round(view, round.id).await?;
    let mut found = Vec::new();
    for lot in lots::list_of_round(view, round.id).await? {
        let takes_part = joined.iter().any(|member| member.includes(lot.id));
        let of_lot = all
            .iter()
            .filter(|item| item.lot == lot.id && !item.removed);
        let mut lines = Vec::new();
        for item in of_lot {
            let need = own.get(&item.id);
            if !takes_part && need.is_none() {
                continue;
            }
            let from_need = || need.map(|need| draft_of(need, now));
            let draft = typed.remove(&item.id).or_else(from_need);
            lines.push(Line {
                measure: measure(&lot, item),
                draft: draft.unwrap_or_else(|| Draft::empty(item.id, "", now)),
                previous: None,
                total: totals.get(&item.id).copied().unwrap_or_default(),
                others: Vec::new(),
                item: item.clone(),
            });
        }
        if !lines.is_empty() {
            found.push(LotLines { lot, lines });
        }
    }
    Ok((found, saved_at))
}

/// How the item of a lot is named and counted.
pub(super) fn measure(lot: &Lot, item: &Item) -> Measure {
    Measure {
        reference: format!("{}.{}", lot.number, item.number),
        unit: item.unit.clone(),
        step: item.step,
    }
}

fn draft_of(need: &Need, now: DateTime<Utc>) -> Draft {
    Draft {
        quantity: Typed::Read(need.quantity),
        most: need.commitment.most().map_or(Typed::Empty, Typed::Read),
        commitment: need.commitment.kind(),
        comment: need.comment.clone(),
        ..Draft::empty(need.item, need.line.clone(), now)
    }
}

/// Items are new rows in each round: the same title and unit tell what is the same thing.
async fn add_previous(view: &View, grid: &mut Grid) -> Result<(), Error> {
    let Some(previous) = &grid.previous else {
        return Ok(());
    };
    let key = |item: &Item| (text::search_text(&item.title), item.unit.clone());
    let names: BTreeMap<ItemId, (String, String)> = items::list_of_round(view, previous.id)
        .await?
        .iter()
        .map(|item| (item.id, key(item)))
        .collect();
    let mut asked: BTreeMap<&(String, String), Quantity> = BTreeMap::new();
    let before = needs::of_member(view, previous.id, grid.member.id).await?;
    for need in &before {
        if let Some(name) = names.get(&need.item) {
            let sum = asked.entry(name).or_default();
            *sum = sum.checked_add(need.quantity)?;
        }
    }
    for line in grid.lots.iter_mut().flat_map(|lot| &mut lot.lines) {
        line.previous = asked.get(&key(&line.item)).copied();
    }
    Ok(())
}

async fn add_others(view: &View, grid: &mut Grid) -> Result<(), Error> {
    let needs = needs::of_round(view, grid.round.id).await?;
    let ids = needs.iter().map(|need| need.member);
    let found = organisations::find_all(view, ids).await?;
    grid.names = found.into_iter().map(|o| (o.id, o.name)).collect();
    let own = grid.member.id;
    for line in grid.lots.iter_mut().flat_map(|lot| &mut lot.lines) {
        let of_item = needs.iter().filter(|need| need.item == line.item.id);
        line.others = of_item
            .filter(|need| need.member != own)
            .map(|need| (need.member, need.quantity))
            .collect();
    }
    Ok(())
}

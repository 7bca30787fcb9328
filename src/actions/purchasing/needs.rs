//! The needs of a member in a round: read as one grid, whoever types in it.
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::{
    budget::{Budget, BudgetKind},
    identity::{BudgetId, DeclarationId, ItemId, OrganisationId, RoundId},
    money::{self, Cents},
    organisation::Organisation,
    permission::Right,
    purchasing::{
        declaration::Declaration,
        lot::{Item, Lot},
        need::{BadCell, Draft, Measure},
        round::{Round, RoundState},
    },
    quantity::Quantity,
    site::Site,
};
use uuid::Uuid;

use crate::actions::{Actor, App, Error};
pub use crate::store::purchasing::needs::Total;
use crate::store::{
    View, budgets, organisations,
    purchasing::{declarations, rounds},
    users,
};

mod lines;

/// The budgets of one member at most.
const BUDGETS_MAX: u64 = 200;

/// In whose name someone types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    /// An agent of the member.
    Member,
    /// An officer of the coordinator, for the member (« saisi pour le compte de »).
    Officer,
}

/// One line of the grid: an item, or an item for one site.
#[derive(Clone, Debug)]
pub struct Line {
    pub item: Item,
    /// Its number on the page, without the site: `2.1`.
    pub reference: String,
    /// What it is for, when the round asks site by site.
    pub site: Option<Site>,
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
    /// Counts the changes of the answer and of each cell, typed by whomever.
    pub version: i32,
    pub lots: Vec<LotLines>,
    /// The round whose quantities can be taken again.
    pub previous: Option<Round>,
    /// The budgets that may pay besides the main one; most members have none.
    pub budgets: Vec<Budget>,
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

    /// What stands in these cells from now on.
    pub(super) fn take(&mut self, drafts: &[Draft]) {
        let mut taken: BTreeMap<(ItemId, String), &Draft> = drafts
            .iter()
            .map(|draft| ((draft.item, draft.line.clone()), draft))
            .collect();
        for line in self.lots.iter_mut().flat_map(|lot| &mut lot.lines) {
            let place = (line.item.id, line.draft.line.clone());
            if let Some(draft) = taken.remove(&place) {
                line.draft = draft.clone();
            }
        }
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

    /// A budget of the member besides the main one.
    #[must_use]
    pub fn budget(&self, id: BudgetId) -> Option<&Budget> {
        self.budgets.iter().find(|budget| budget.id == id)
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

/// The needs of every member in a round, for the coordinator: what each asks for itself.
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
        grids.push(own(&view, &round, member.id, app.clock.now()).await?);
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

/// Refuses who may not type the needs of a member.
pub(in crate::actions) async fn check_writer(
    view: &View,
    actor: &Actor,
    round: RoundId,
    member: OrganisationId,
) -> Result<(), Error> {
    let round = rounds::find(view, round).await?;
    writer(actor, &round, member).map(|_| ())
}

/// Refuses who may type the needs of no member of a round.
pub(in crate::actions) async fn check_typist(
    view: &View,
    actor: &Actor,
    round: RoundId,
) -> Result<(), Error> {
    let round = rounds::find(view, round).await?;
    if declares(view, actor, &round).await {
        return Ok(());
    }
    super::rounds::check_runner(view, actor, round.id).await
}

/// Whether the actor types for a member of the grouping that sees the round.
pub(super) async fn declares(view: &View, actor: &Actor, round: &Round) -> bool {
    for member in actor.organisations_with(Right::DeclareNeeds) {
        let reads = check_reader(actor, round, member).is_ok();
        if reads && check_member(view, round, member).await.is_ok() {
            return true;
        }
    }
    false
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
    let mut grid = own(view, round, member, now).await?;
    lines::add_totals(view, &mut grid).await?;
    lines::add_previous(view, &mut grid).await?;
    if round.shows_others {
        lines::add_others(view, &mut grid).await?;
    }
    Ok(grid)
}

/// The same, without what others ask for nor what was asked before.
pub(super) async fn own(
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
    let laid = lines::lots_of(view, round, member, now).await?;
    let mut payers = budgets::list(view, member, BUDGETS_MAX).await?;
    payers.retain(|budget| budget.active && budget.kind == BudgetKind::Annexe);
    let previous = match round.previous {
        Some(id) => Some(rounds::find(view, id).await?),
        None => None,
    };
    Ok(Grid {
        member: organisations::find(view, member).await?,
        is_open: declaration.check_open(round, now).is_ok(),
        round: round.clone(),
        version: declaration.version.saturating_add(laid.changes),
        declaration,
        begun,
        lots: laid.lots,
        previous,
        budgets: payers,
        names: BTreeMap::new(),
        saved_at: laid.saved_at,
        submitted_by,
        writer: None,
        now,
    })
}

//! Everything about one procedure at once: its gate, its lots, what was saved.
use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::{
    identity::{ItemId, OrganisationId, ProcedureId, RoundId},
    money::{Cents, MoneyError, amount},
    organisation::Organisation,
    permission::Right,
    purchasing::{
        award::{Award, Compared, LotOutcome, Saving, saving_on_estimate, saving_on_individual},
        contract::Contract,
        demand::{self, Demand, Moved, Total},
        grouping::Grouping,
        lot::{Item, Lot},
        procedure::{Candidate, Procedure, ProcedureState, SetAside},
        round::{Round, RoundState},
        supplier::Supplier,
        thresholds::Threshold,
    },
};

use super::check_seen;
use crate::{
    actions::{Actor, App, Error},
    store::{
        View, organisations,
        purchasing::{
            awards, contracts, demand as demands, groupings, items, lots, memberships,
            procedures as rows, rounds, suppliers,
        },
    },
};

/// One procedure with all that hangs on it.
#[derive(Clone, Debug)]
pub struct Overview {
    pub procedure: Procedure,
    pub grouping: Grouping,
    pub rounds: Vec<Round>,
    pub lots: Vec<LotOverview>,
    /// Who has needs here; only for the coordinator.
    pub wanting: Vec<Wanting>,
    /// What thresholds are compared with: of this moment, then of the launch.
    pub estimate: Cents,
    /// The thresholds in force on the launch date, or today.
    pub limits: Vec<Limit>,
    pub limits_on: NaiveDate,
    /// What members declared since the launch, when it differs; only for who may change it.
    pub moved: Vec<Moved>,
    /// Whether the actor may change it.
    pub runs: bool,
}

/// One lot, what is wanted of it, and how it ended.
#[derive(Clone, Debug)]
pub struct LotOverview {
    pub lot: Lot,
    pub items: Vec<ItemOverview>,
    pub estimate: Cents,
    pub award: Option<Award>,
    pub supplier: Option<Supplier>,
    pub contract: Option<Contract>,
    pub on_estimate: Saving,
    pub on_individual: Saving,
}

/// One item with what the members kept want of it.
#[derive(Clone, Debug)]
pub struct ItemOverview {
    pub item: Item,
    pub total: Total,
}

/// A member with needs, ready or not, set aside or not.
#[derive(Clone, Debug)]
pub struct Wanting {
    pub candidate: Candidate,
    pub organisation: Organisation,
    pub aside: Option<SetAside>,
    pub estimate: Cents,
}

/// One threshold, and how far the estimate is from it.
#[derive(Clone, Debug)]
pub struct Limit {
    pub threshold: Threshold,
    pub reached: bool,
    pub excess: Cents,
}

/// Reads everything about a procedure that concerns the actor.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn overview(app: &App, actor: &Actor, id: ProcedureId) -> Result<Overview, Error> {
    let view = app.store.view().await?;
    let procedure = rows::find(&view, id).await?;
    check_seen(&view, actor, &procedure).await?;
    let wanted = demands::of_procedure(&view, &procedure).await?;
    let lots = lots_with_outcomes(&view, &procedure, &wanted).await?;
    let today = app.today_of(&organisations::find(&view, procedure.owner).await?);
    let limits_on = procedure.launched_on.unwrap_or(today);
    let estimate = match procedure.state {
        ProcedureState::Preparing => most_of(&lots)?,
        ProcedureState::Published | ProcedureState::Done => procedure.estimate,
    };
    let wanting = if actor.belongs_to(procedure.owner) {
        wanting(&view, &procedure, &wanted, &lots, limits_on).await?
    } else {
        Vec::new()
    };
    let rounds = rounds::find_all(&view, procedure.rounds.iter().copied()).await?;
    let runs = actor.may(Right::RunProcedures, procedure.owner);
    let moved = if runs {
        moved(&view, &procedure, &wanted).await?
    } else {
        Vec::new()
    };
    Ok(Overview {
        grouping: groupings::find(&view, procedure.grouping).await?,
        rounds: rounds.into_values().collect(),
        lots,
        wanting,
        estimate,
        limits: limits(app, &procedure, estimate, limits_on)?,
        limits_on,
        moved,
        runs,
        procedure,
    })
}

/// The closed rounds of an owner that a new procedure may follow, latest first.
///
/// # Errors
/// [`Error::Forbidden`] without [`Right::RunProcedures`].
pub async fn choices(
    app: &App,
    actor: &Actor,
    owner: OrganisationId,
) -> Result<Vec<(Round, Grouping)>, Error> {
    actor.require(Right::RunProcedures, owner)?;
    let view = app.store.view().await?;
    let wanted = rounds::Wanted {
        owners: vec![owner],
        state: Some(RoundState::Closed),
        ..rounds::Wanted::default()
    };
    let limit = app.settings.limits.page_rows_max;
    let closed = rounds::list(&view, &wanted, rounds::Start::Offset(0), limit).await?;
    let followed = rows::of_rounds(&view, closed.iter().map(|r| r.id)).await?;
    let busy = |round: RoundId| {
        followed
            .iter()
            .any(|p| p.rounds.contains(&round) && p.state != ProcedureState::Done)
    };
    let groupings = groupings::find_all(&view, closed.iter().map(|r| r.grouping)).await?;
    let free = closed.into_iter().filter(|round| !busy(round.id));
    Ok(free
        .filter_map(|round| {
            let grouping = groupings.iter().find(|g| g.id == round.grouping)?;
            Some((round, grouping.clone()))
        })
        .collect())
}

/// What the rounds say now of the members kept at the launch.
pub(super) async fn present(
    view: &View,
    procedure: &Procedure,
    launched: &[Demand],
) -> Result<Vec<Demand>, Error> {
    let kept = demand::members(launched);
    let mut now = demands::of_rounds(view, &procedure.rounds).await?;
    now.retain(|demand| kept.contains(&demand.member));
    Ok(demand::gathered(&now)?)
}

/// Where the rounds part from the copy of the launch, for the members kept.
async fn moved(
    view: &View,
    procedure: &Procedure,
    launched: &[Demand],
) -> Result<Vec<Moved>, Error> {
    if procedure.state == ProcedureState::Preparing {
        return Ok(Vec::new());
    }
    let aside = |member| procedure.sets_aside(member);
    let now = present(view, procedure, launched).await?;
    let now = demand::totals(&now, aside)?;
    Ok(demand::moved(&demand::totals(launched, aside)?, &now))
}

/// Who has needs, and what each lacks on a day.
pub(super) async fn candidates(
    view: &View,
    procedure: &Procedure,
    wanted: &[Demand],
    on: NaiveDate,
) -> Result<Vec<Candidate>, Error> {
    let memberships = memberships::list(view, procedure.grouping).await?;
    let by_member: BTreeMap<_, _> = memberships.iter().map(|m| (m.member, m)).collect();
    let members = demand::members(wanted).into_iter();
    Ok(members
        .map(|member| {
            let membership = by_member.get(&member).copied();
            Candidate::of(member, procedure.owner, membership, on)
        })
        .collect())
}

/// What thresholds are compared with: possible quantities too, members set aside left out.
pub(super) async fn estimate(
    view: &View,
    procedure: &Procedure,
    wanted: &[Demand],
) -> Result<Cents, Error> {
    most_of(&lots_with_outcomes(view, procedure, wanted).await?)
}

fn most_of(lots: &[LotOverview]) -> Result<Cents, Error> {
    let items = lots.iter().flat_map(|lot| &lot.items);
    let amounts = items.map(|line| line.item.estimate(line.total.most));
    Ok(sum(amounts)?)
}

/// The lots that this procedure asks for: those awarded by an earlier one are left out.
pub(in crate::actions::purchasing) async fn lots_of(
    view: &View,
    procedure: &Procedure,
) -> Result<Vec<(Lot, Vec<Item>)>, Error> {
    let mut found = Vec::new();
    for round in &procedure.rounds {
        let asked = items::list_of_round(view, *round).await?;
        for lot in lots::list_of_round(view, *round).await? {
            if awards::awarded_elsewhere(view, lot.id, procedure.id).await? {
                continue;
            }
            let of_lot = asked.iter().filter(|i| i.lot == lot.id && !i.removed);
            let of_lot: Vec<Item> = of_lot.cloned().collect();
            if !of_lot.is_empty() {
                found.push((lot, of_lot));
            }
        }
    }
    Ok(found)
}

/// What the members kept want of each item.
pub(in crate::actions::purchasing) async fn totals_of(
    view: &View,
    procedure: &Procedure,
) -> Result<BTreeMap<ItemId, Total>, Error> {
    let wanted = demands::of_procedure(view, procedure).await?;
    Ok(demand::totals(&wanted, |m| procedure.sets_aside(m))?)
}

async fn lots_with_outcomes(
    view: &View,
    procedure: &Procedure,
    wanted: &[Demand],
) -> Result<Vec<LotOverview>, Error> {
    let totals = demand::totals(wanted, |member| procedure.sets_aside(member))?;
    let mut outcomes = awards::of_procedure(view, procedure.id).await?;
    let chosen = outcomes.values().filter_map(|a| a.decision.supplier());
    let suppliers = suppliers::find_all(view, chosen).await?;
    let mut overviews = Vec::new();
    for (lot, items) in lots_of(view, procedure).await? {
        let award = outcomes.remove(&lot.id);
        let contract = match &award {
            Some(award) if award.decision.outcome() == LotOutcome::Awarded => {
                contracts::find_by_award(view, award.id).await?
            }
            Some(_) | None => None,
        };
        let items: Vec<ItemOverview> = items
            .into_iter()
            .map(|item| ItemOverview {
                total: totals.get(&item.id).copied().unwrap_or_default(),
                item,
            })
            .collect();
        let compared = compared(&items, award.as_ref());
        let supplier = award.as_ref().and_then(|award| award.decision.supplier());
        overviews.push(LotOverview {
            estimate: sum(items.iter().map(|i| i.item.estimate(i.total.quantity)))?,
            on_estimate: saving_on_estimate(&compared)?,
            on_individual: saving_on_individual(&compared)?,
            supplier: supplier.and_then(|id| suppliers.get(&id).cloned()),
            lot,
            items,
            award,
            contract,
        });
    }
    Ok(overviews)
}

/// Each priced item with its quantity and its reference prices.
fn compared(items: &[ItemOverview], award: Option<&Award>) -> Vec<Compared> {
    let prices = award.map_or(&[][..], |award| award.decision.prices());
    prices
        .iter()
        .filter_map(|price| {
            let line = items.iter().find(|line| line.item.id == price.item)?;
            Some(Compared {
                quantity: line.total.quantity,
                awarded: price.unit_price,
                estimated: line.item.unit_price,
                individual: price.individual_price,
            })
        })
        .collect()
}

async fn wanting(
    view: &View,
    procedure: &Procedure,
    wanted: &[Demand],
    lots: &[LotOverview],
    on: NaiveDate,
) -> Result<Vec<Wanting>, Error> {
    let candidates = candidates(view, procedure, wanted, on).await?;
    let prices: BTreeMap<ItemId, &Item> = lots
        .iter()
        .flat_map(|lot| &lot.items)
        .map(|line| (line.item.id, &line.item))
        .collect();
    let members = organisations::find_all(view, candidates.iter().map(|c| c.member)).await?;
    let mut list = Vec::with_capacity(members.len());
    for organisation in members {
        let Some(candidate) = candidates.iter().find(|c| c.member == organisation.id) else {
            continue;
        };
        let own = wanted.iter().filter(|d| d.member == organisation.id);
        let amounts = own.filter_map(|d| {
            let price = prices.get(&d.item)?.unit_price?;
            Some(amount(d.quantity, price))
        });
        let aside = procedure.aside.iter().find(|a| a.member == organisation.id);
        list.push(Wanting {
            candidate: candidate.clone(),
            estimate: sum(amounts)?,
            aside: aside.cloned(),
            organisation,
        });
    }
    Ok(list)
}

fn limits(
    app: &App,
    procedure: &Procedure,
    estimate: Cents,
    on: NaiveDate,
) -> Result<Vec<Limit>, Error> {
    let table = app.settings.thresholds();
    let table = table.map_err(|e| Error::Internal(e.into()))?;
    let in_force = table.in_force(on, procedure.plan.nature);
    let position = in_force.position(estimate);
    let limits = position.limits.into_iter().map(|limit| Limit {
        threshold: limit.threshold.clone(),
        reached: limit.reached,
        excess: limit.excess,
    });
    Ok(limits.collect())
}

fn sum(amounts: impl Iterator<Item = Result<Cents, MoneyError>>) -> Result<Cents, MoneyError> {
    let amounts: Result<Vec<Cents>, MoneyError> = amounts.collect();
    Cents::checked_sum(amounts?)
}

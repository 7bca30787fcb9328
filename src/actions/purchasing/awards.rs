//! Awards: the outcome of each lot of a launched procedure, prices copied.
use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::{
    identity::{AwardId, ItemId, LotId, OrganisationId, ProcedureId},
    money::{Cents, UnitPrice},
    notice::{Notice, NoticeKind, Recipient},
    purchasing::{
        award::{Award, AwardError, AwardPrice, Compared, Decision, awarded_amount},
        demand::Total,
        lot::{Item, Lot},
        procedure::{Procedure, ProcedureError, ProcedureEvent},
        round::RoundState,
    },
};
use serde_json::json;

use super::{
    procedures::{self, lots_of, totals_of},
    suppliers::{self, NamedSupplier},
};
use crate::{
    actions::{Actor, App, Error, organisations::today_of},
    store::{
        Begun, Line, Scope, Tx, outbox,
        purchasing::{awards as rows, contracts, demand, procedures as procedure_rows, rounds},
    },
};

/// What was decided about a lot.
#[derive(Clone, Debug)]
pub struct NewAward {
    pub decided_on: NaiveDate,
    pub outcome: NewOutcome,
}

/// The outcome, as an officer tells it.
#[derive(Clone, Debug)]
pub enum NewOutcome {
    Awarded {
        supplier: NamedSupplier,
        /// Of the tender, net of tax; the quantities at the prices when it is not told.
        amount: Option<Cents>,
        prices: Vec<Price>,
    },
    NoTender {
        note: Option<String>,
    },
    Dropped {
        motive: String,
    },
}

/// The price of one item, net of tax.
#[derive(Clone, Debug)]
pub struct Price {
    pub item: ItemId,
    pub unit_price: UnitPrice,
    /// What a member alone would pay.
    pub individual_price: Option<UnitPrice>,
}

/// Records the outcome of a lot, or corrects it while no contract came of it.
///
/// The last lot ends the procedure.
///
/// # Errors
/// A procedure that is not launched, an item without price, or a contract signed already.
pub async fn decide(
    app: &App,
    actor: &Actor,
    id: ProcedureId,
    lot: LotId,
    new: NewAward,
) -> Result<Procedure, Error> {
    let Begun::Fresh(tx) = app.begin(actor, "award.decide").await? else {
        return procedures::find(app, actor, id).await;
    };
    let mut procedure = procedures::locked(&tx, actor, id, None).await?;
    let lots = lots_of(&tx, &procedure).await?;
    let (lot, items) = lots
        .iter()
        .find(|(known, _)| known.id == lot)
        .ok_or(Error::NotFound)?;
    let known = rows::of_procedure(&tx, id).await?;
    let Some(launched_on) = procedure.launched_on else {
        procedure.state.after(ProcedureEvent::DecideLot)?;
        return Err(Error::NotFound);
    };
    check_closed(&tx, &procedure).await?;
    let totals = totals_of(&tx, &procedure).await?;
    let decided_on = new.decided_on;
    let decision = decision(app, &tx, procedure.owner, items, &totals, new.outcome).await?;
    let old = known.get(&lot.id);
    // What a correction saves: told once more.
    let told = old.map_or(0, |old| old.version + 1);
    let award = Award {
        id: old.map_or_else(|| AwardId(app.clock.new_id()), |old| old.id),
        owner: procedure.owner,
        procedure: id,
        lot: lot.id,
        decided_on,
        estimate: Some(estimate(items, &totals)?),
        decision,
        version: old.map_or(0, |old| old.version),
    };
    award.check_on(today_of(&tx, procedure.owner).await?)?;
    award.check(launched_on, &items.iter().map(|i| i.id).collect::<Vec<_>>())?;
    if let Some(old) = old {
        correct(app, &tx, &mut procedure, old, &award).await?;
    } else {
        let decided = lots.iter().filter(|(l, _)| known.contains_key(&l.id));
        let left = lots.len().saturating_sub(decided.count() + 1);
        procedure.decide_lot(left)?;
        rows::insert(&tx, &award, || app.clock.new_id()).await?;
    }
    procedure_rows::save(&tx, &procedure).await?;
    tell(app, &tx, &procedure, lot, &award, told).await?;
    tx.commit(line(&procedure, &award)).await?;
    tracing::info!(award.id = %award.id, "Recorded the outcome of a lot");
    procedures::find(app, actor, id).await
}

/// A round opened again is closed first: its new quantities may be what tenders answer.
async fn check_closed(tx: &Tx, procedure: &Procedure) -> Result<(), Error> {
    for round in &procedure.rounds {
        if rounds::hold(tx, *round).await?.state == RoundState::Open {
            return Err(ProcedureError::RoundNotClosed.into());
        }
    }
    Ok(())
}

/// A correction waits for the contract that may be made of the award meanwhile.
async fn correct(
    app: &App,
    tx: &Tx,
    procedure: &mut Procedure,
    old: &Award,
    award: &Award,
) -> Result<(), Error> {
    rows::lock(tx, old.id).await?;
    if let Some(contract) = contracts::find_by_award(tx, old.id).await? {
        let number = contract.terms.number;
        return Err(AwardError::ContractSigned { number }.into());
    }
    procedure.correct_lot()?;
    Ok(rows::save(tx, award, || app.clock.new_id()).await?)
}

async fn decision(
    app: &App,
    tx: &Tx,
    owner: OrganisationId,
    items: &[Item],
    totals: &BTreeMap<ItemId, Total>,
    outcome: NewOutcome,
) -> Result<Decision, Error> {
    let (supplier, amount, prices) = match outcome {
        NewOutcome::NoTender { note } => return Ok(Decision::NoTender { note }),
        NewOutcome::Dropped { motive } => return Ok(Decision::Dropped { motive }),
        NewOutcome::Awarded {
            supplier,
            amount,
            prices,
        } => (supplier, amount, prices),
    };
    let prices = with_taxes(items, prices)?;
    let amount = match amount {
        Some(amount) => amount,
        None => awarded_amount(&priced(&prices, totals))?,
    };
    let supplier = suppliers::named(app, tx, owner, supplier).await?.id;
    Ok(Decision::Awarded {
        supplier,
        amount,
        prices,
    })
}

/// The taxes are those of the items on that day: the round may be copied and changed later.
fn with_taxes(items: &[Item], prices: Vec<Price>) -> Result<Vec<AwardPrice>, AwardError> {
    let mut found: BTreeMap<ItemId, AwardPrice> = BTreeMap::new();
    for price in prices {
        let item = items.iter().find(|item| item.id == price.item);
        let item = item.ok_or(AwardError::ForeignItem)?;
        let price = AwardPrice {
            item: item.id,
            unit_price: price.unit_price,
            individual_price: price.individual_price,
            tax_category: item.tax_category,
            tax_rate: item.tax_rate,
        };
        found.insert(item.id, price);
    }
    Ok(found.into_values().collect())
}

fn priced(prices: &[AwardPrice], totals: &BTreeMap<ItemId, Total>) -> Vec<Compared> {
    let compared = prices.iter().map(|price| Compared {
        quantity: totals
            .get(&price.item)
            .map_or_else(Default::default, |t| t.quantity),
        awarded: price.unit_price,
        estimated: None,
        individual: price.individual_price,
    });
    compared.collect()
}

fn estimate(items: &[Item], totals: &BTreeMap<ItemId, Total>) -> Result<Cents, Error> {
    let mut sum = Cents::ZERO;
    for item in items {
        let total = totals.get(&item.id).copied().unwrap_or_default();
        sum = sum.checked_add(item.estimate(total.quantity)?)?;
    }
    Ok(sum)
}

/// The members kept are told; a correction is told again.
async fn tell(
    app: &App,
    tx: &Tx,
    procedure: &Procedure,
    lot: &Lot,
    award: &Award,
    version: i32,
) -> Result<(), Error> {
    let wanted = demand::of_procedure(tx, procedure).await?;
    for member in domain::purchasing::demand::members(&wanted) {
        if procedure.sets_aside(member) {
            continue;
        }
        let notice = Notice {
            kind: NoticeKind::LotDecided,
            recipient: Recipient::Organisation(member),
            subject_kind: "award",
            subject_id: award.id.0,
            subject_version: version,
            facts: [
                ("procedure", procedure.plan.title.clone()),
                ("lot", lot.title.clone()),
                ("outcome", award.decision.outcome().code().to_owned()),
            ]
            .into(),
        };
        let (id, owner) = (app.clock.new_id(), procedure.owner.0);
        outbox::enqueue(tx, id, owner, &notice, tx.now()).await?;
    }
    Ok(())
}

fn line(procedure: &Procedure, award: &Award) -> Line {
    let scope = Scope::Grouping(procedure.grouping);
    Line::about(scope, "award", award.id.0).saying(json!({
        "procedure": procedure.id,
        "lot": award.lot,
        "outcome": award.decision.outcome().code(),
        "supplier": award.decision.supplier(),
        "amount": award.decision.amount(),
        "decided_on": award.decided_on,
        "motive": award.decision.motive(),
    }))
}

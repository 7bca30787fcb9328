//! Contracts: made of an award or recorded directly, started and ended.
use domain::{
    identity::{AwardId, ContractId, GroupingId, LotId, OrganisationId},
    permission::Right,
    purchasing::{
        award::LotOutcome,
        contract::{Contract, ContractError, ContractEvent, ContractState, Terms},
        supplier::Supplier,
    },
};
use serde_json::json;

use super::suppliers::{self, NamedSupplier};
use crate::{
    actions::{Actor, App, Error},
    store::{
        Begun, Line, Scope, Tx, View,
        purchasing::{
            awards, contracts as rows, groupings, procedures, suppliers as supplier_rows,
        },
    },
};

mod overviews;

pub(in crate::actions) use overviews::seen;
pub use overviews::{
    Awarded, Listed, Listing, Overview, awarded, find, groupings_of, list, overview, page,
};

/// A contract to record.
#[derive(Clone, Debug)]
pub struct NewContract {
    pub origin: Origin,
    pub terms: Terms,
}

/// Where a contract comes from.
#[derive(Clone, Debug)]
pub enum Origin {
    /// An awarded lot: grouping, lot and supplier are its own.
    Award(AwardId),
    /// A contract signed before EnCommun, or without procedure.
    Direct {
        grouping: GroupingId,
        supplier: NamedSupplier,
    },
}

/// Records a contract.
///
/// # Errors
/// A number in use, a lot that is not awarded or has its contract, terms that contradict.
pub async fn create(app: &App, actor: &Actor, new: NewContract) -> Result<Contract, Error> {
    let tx = match app.begin(actor, "contract.create").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(done) => {
            let id = done.subject_id.ok_or(Error::NotFound)?;
            return find(app, actor, ContractId(id)).await;
        }
    };
    let source = source(app, &tx, actor, new.origin).await?;
    check_number(&tx, source.owner, None, &new.terms.number).await?;
    new.terms.check()?;
    let contract = Contract {
        id: ContractId(app.clock.new_id()),
        owner: source.owner,
        grouping: source.grouping,
        award: source.award,
        lot: source.lot,
        supplier: source.supplier.id,
        state: ContractState::Notified,
        created_at: tx.now(),
        terms: new.terms,
        version: 0,
    };
    rows::insert(&tx, &contract, &source.supplier.name).await?;
    tx.commit(line(&contract)).await?;
    tracing::info!(contract.id = %contract.id, "Recorded a contract");
    Ok(contract)
}

/// Changes the terms of a contract, with a trace.
///
/// # Errors
/// [`Error::Stale`] when `version` is not the present one; the refusals of [`create`].
pub async fn revise(
    app: &App,
    actor: &Actor,
    id: ContractId,
    version: Option<i32>,
    terms: Terms,
) -> Result<Contract, Error> {
    let Begun::Fresh(tx) = app.begin(actor, "contract.revise").await? else {
        return find(app, actor, id).await;
    };
    let mut contract = locked(&tx, actor, id, version).await?;
    check_number(&tx, contract.owner, Some(id), &terms.number).await?;
    contract.revise(terms)?;
    save(&tx, &contract).await?;
    tx.commit(line(&contract)).await?;
    find(app, actor, id).await
}

/// Starts or ends a contract.
///
/// # Errors
/// What its state does not allow.
pub async fn advance(
    app: &App,
    actor: &Actor,
    id: ContractId,
    event: ContractEvent,
) -> Result<Contract, Error> {
    let action = match event {
        ContractEvent::Start => "contract.start",
        ContractEvent::End => "contract.end",
    };
    let Begun::Fresh(tx) = app.begin(actor, action).await? else {
        return find(app, actor, id).await;
    };
    let mut contract = locked(&tx, actor, id, None).await?;
    contract.on(event)?;
    save(&tx, &contract).await?;
    tx.commit(line(&contract)).await?;
    find(app, actor, id).await
}

/// What a contract takes from where it comes.
struct Source {
    owner: OrganisationId,
    grouping: GroupingId,
    award: Option<AwardId>,
    lot: Option<LotId>,
    supplier: Supplier,
}

async fn source(app: &App, tx: &Tx, actor: &Actor, origin: Origin) -> Result<Source, Error> {
    match origin {
        Origin::Award(id) => {
            let award = awards::lock(tx, id).await?;
            actor.require(Right::RunProcedures, award.owner)?;
            if award.decision.outcome() != LotOutcome::Awarded {
                return Err(ContractError::NotAwarded.into());
            }
            let supplier = award.decision.supplier().ok_or(ContractError::NotAwarded)?;
            if let Some(signed) = rows::find_by_award(tx, id).await? {
                let number = signed.terms.number;
                return Err(ContractError::AlreadySigned { number }.into());
            }
            Ok(Source {
                owner: award.owner,
                grouping: procedures::find(tx, award.procedure).await?.grouping,
                award: Some(id),
                lot: Some(award.lot),
                supplier: supplier_rows::find(tx, supplier).await?,
            })
        }
        Origin::Direct { grouping, supplier } => {
            let grouping = groupings::hold(tx, grouping).await?;
            actor.require(Right::RunProcedures, grouping.owner)?;
            Ok(Source {
                owner: grouping.owner,
                grouping: grouping.id,
                award: None,
                lot: None,
                supplier: suppliers::named(app, tx, grouping.owner, supplier).await?,
            })
        }
    }
}

async fn check_number(
    view: &View,
    owner: OrganisationId,
    own: Option<ContractId>,
    number: &str,
) -> Result<(), Error> {
    let found = rows::find_by_number(view, owner, number).await?;
    if found.is_some_and(|other| Some(other.id) != own) {
        let number = number.to_owned();
        return Err(ContractError::NumberTaken { number }.into());
    }
    Ok(())
}

async fn save(tx: &Tx, contract: &Contract) -> Result<(), Error> {
    let supplier = supplier_rows::find(tx, contract.supplier).await?;
    Ok(rows::save(tx, contract, &supplier.name).await?)
}

async fn locked(
    tx: &Tx,
    actor: &Actor,
    id: ContractId,
    version: Option<i32>,
) -> Result<Contract, Error> {
    check_runner(tx, actor, id).await?;
    let contract = rows::lock(tx, id).await?;
    if version.is_some_and(|version| version != contract.version) {
        return Err(Error::Stale);
    }
    Ok(contract)
}

/// Refuses who may not change a contract; to its readers it is forbidden.
pub(in crate::actions) async fn check_runner(
    view: &View,
    actor: &Actor,
    id: ContractId,
) -> Result<(), Error> {
    let contract = seen(view, actor, id).await?;
    actor.require_of_seen(Right::RunProcedures, contract.owner)
}

fn line(contract: &Contract) -> Line {
    let terms = &contract.terms;
    let scope = Scope::Grouping(contract.grouping);
    Line::about(scope, "contract", contract.id.0).saying(json!({
        "number": terms.number,
        "state": contract.state.code(),
        "award": contract.award,
        "supplier": contract.supplier,
        "notified_on": terms.notified_on,
        "starts_on": terms.starts_on,
        "ends_on": terms.ends_on,
        "minimum": terms.minimum,
        "maximum": terms.maximum,
    }))
}

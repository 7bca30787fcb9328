//! Contracts as people read them: one with all that it comes from, or a list.
use domain::{
    identity::{AwardId, ContractId, OrganisationId, SupplierId},
    permission::Right,
    purchasing::{
        award::Award,
        contract::{Contract, ContractError, ContractState},
        grouping::Grouping,
        lot::{Item, Lot},
        procedure::Procedure,
        supplier::Supplier,
    },
    text,
};

use crate::{
    actions::{Actor, App, Error, purchasing::procedures::seen_groupings},
    store::{
        View,
        purchasing::{
            awards, contracts as rows, groupings, items, lots, procedures,
            suppliers as supplier_rows,
        },
    },
};

/// Which contracts are listed.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    pub words: String,
    pub state: Option<ContractState>,
    /// Those of one supplier alone.
    pub supplier: Option<SupplierId>,
}

/// A contract with the names around it.
#[derive(Clone, Debug)]
pub struct Listed {
    pub contract: Contract,
    pub supplier: Supplier,
    pub grouping: Grouping,
}

/// A contract with all that it comes from.
#[derive(Clone, Debug)]
pub struct Overview {
    pub contract: Contract,
    pub supplier: Supplier,
    pub grouping: Grouping,
    pub lot: Option<Lot>,
    pub award: Option<Award>,
    pub procedure: Option<Procedure>,
    /// The items that the award prices.
    pub items: Vec<Item>,
    /// Whether the actor may change it.
    pub runs: bool,
    /// Whether the actor belongs to the coordinator that keeps it.
    pub keeps: bool,
}

/// An award of which a contract may be made.
#[derive(Clone, Debug)]
pub struct Awarded {
    pub award: Award,
    pub lot: Lot,
    pub supplier: Supplier,
}

/// Finds an award of which the actor may make a contract.
///
/// # Errors
/// A lot that is not awarded.
pub async fn awarded(app: &App, actor: &Actor, id: AwardId) -> Result<Awarded, Error> {
    let view = app.store.view().await?;
    let award = awards::find(&view, id).await?;
    actor.require(Right::RunProcedures, award.owner)?;
    let supplier = award.decision.supplier().ok_or(ContractError::NotAwarded)?;
    Ok(Awarded {
        lot: lots::find(&view, award.lot).await?,
        supplier: supplier_rows::find(&view, supplier).await?,
        award,
    })
}

/// The groupings to which a contract recorded directly may belong.
///
/// # Errors
/// [`Error::Forbidden`] without [`Right::RunProcedures`].
pub async fn groupings_of(
    app: &App,
    actor: &Actor,
    owner: OrganisationId,
) -> Result<Vec<Grouping>, Error> {
    actor.require(Right::RunProcedures, owner)?;
    let view = app.store.view().await?;
    Ok(groupings::list_of_owner(&view, owner).await?)
}

/// Finds a contract that concerns the actor: its coordinator's, or of a grouping joined.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn find(app: &App, actor: &Actor, id: ContractId) -> Result<Contract, Error> {
    let view = app.store.view().await?;
    seen(&view, actor, id).await
}

/// Finds a contract with all that it comes from.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn overview(app: &App, actor: &Actor, id: ContractId) -> Result<Overview, Error> {
    let view = app.store.view().await?;
    let contract = seen(&view, actor, id).await?;
    let award = match contract.award {
        Some(award) => Some(awards::find(&view, award).await?),
        None => None,
    };
    let procedure = match &award {
        Some(award) => Some(procedures::find(&view, award.procedure).await?),
        None => None,
    };
    let lot = match contract.lot {
        Some(lot) => Some(lots::find(&view, lot).await?),
        None => None,
    };
    let items = match &lot {
        Some(lot) => items::list_of_round(&view, lot.round).await?,
        None => Vec::new(),
    };
    Ok(Overview {
        supplier: supplier_rows::find(&view, contract.supplier).await?,
        grouping: groupings::find(&view, contract.grouping).await?,
        runs: actor.may(Right::RunProcedures, contract.owner),
        keeps: actor.belongs_to(contract.owner),
        lot,
        award,
        procedure,
        items,
        contract,
    })
}

/// A numbered page of the contracts that concern the actor, with how many there are.
///
/// # Errors
/// Whatever the database says.
pub async fn page(
    app: &App,
    actor: &Actor,
    listing: &Listing,
    skip: u64,
    limit: u64,
) -> Result<(Vec<Listed>, u64), Error> {
    let view = app.store.view().await?;
    let filter = filter(&view, actor, listing).await?;
    let total = rows::count(&view, &filter).await?;
    let contracts = rows::page(&view, &filter, skip, limit).await?;
    Ok((named(&view, contracts).await?, total))
}

/// The contracts that concern the actor, newest first, after the last one seen.
///
/// # Errors
/// Whatever the database says.
pub async fn list(
    app: &App,
    actor: &Actor,
    listing: &Listing,
    after: Option<ContractId>,
    limit: u64,
) -> Result<Vec<Listed>, Error> {
    let view = app.store.view().await?;
    let filter = filter(&view, actor, listing).await?;
    let contracts = rows::list(&view, &filter, after, limit).await?;
    named(&view, contracts).await
}

/// The same inside a picture that goes on.
pub(in crate::actions) async fn seen(
    view: &View,
    actor: &Actor,
    id: ContractId,
) -> Result<Contract, Error> {
    let contract = rows::find(view, id).await?;
    if actor.belongs_to(contract.owner) {
        return Ok(contract);
    }
    let seen = seen_groupings(view, actor).await?;
    if seen.contains(&contract.grouping) {
        return Ok(contract);
    }
    Err(Error::NotFound)
}

async fn named(view: &View, contracts: Vec<Contract>) -> Result<Vec<Listed>, Error> {
    let suppliers = supplier_rows::find_all(view, contracts.iter().map(|c| c.supplier)).await?;
    let groupings = groupings::find_all(view, contracts.iter().map(|c| c.grouping)).await?;
    let mut listed = Vec::with_capacity(contracts.len());
    for contract in contracts {
        let grouping = groupings.iter().find(|g| g.id == contract.grouping);
        listed.push(Listed {
            supplier: suppliers
                .get(&contract.supplier)
                .cloned()
                .ok_or(Error::NotFound)?,
            grouping: grouping.cloned().ok_or(Error::NotFound)?,
            contract,
        });
    }
    Ok(listed)
}

async fn filter(view: &View, actor: &Actor, listing: &Listing) -> Result<rows::Filter, Error> {
    Ok(rows::Filter {
        owners: actor.organisations_with(Right::See).collect(),
        groupings: seen_groupings(view, actor).await?,
        words: text::search_text(&listing.words),
        state: listing.state,
        supplier: listing.supplier,
    })
}

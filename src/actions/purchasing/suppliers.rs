//! Suppliers: recorded once per coordinator, found by SIREN.
use domain::{
    identity::{Email, OrganisationId, Phone, Siren, Siret, SupplierId},
    permission::Right,
    purchasing::supplier::{Supplier, SupplierError},
    text,
};
use serde_json::json;

use crate::{
    actions::{Actor, App, Error},
    store::{Begun, Line, Scope, Tx, View, purchasing::suppliers as rows},
};

/// What is said of a supplier.
#[derive(Clone, Debug)]
pub struct SupplierInput {
    pub siren: Siren,
    pub siret: Option<Siret>,
    pub name: String,
    pub email: Option<Email>,
    pub phone: Option<Phone>,
}

/// A supplier named on an award or a contract: recorded if the SIREN is new.
#[derive(Clone, Debug)]
pub struct NamedSupplier {
    pub siren: Siren,
    pub siret: Option<Siret>,
    pub name: String,
}

/// Finds a supplier of a coordinator to which the actor belongs.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn find(app: &App, actor: &Actor, id: SupplierId) -> Result<Supplier, Error> {
    let view = app.store.view().await?;
    let supplier = rows::find(&view, id).await?;
    actor.require(Right::See, supplier.owner)?;
    Ok(supplier)
}

/// A page of the suppliers of the actor's organisations, by name.
///
/// # Errors
/// Whatever the database says.
pub async fn list(
    app: &App,
    actor: &Actor,
    words: &str,
    after: Option<(String, SupplierId)>,
    limit: u64,
) -> Result<Vec<Supplier>, Error> {
    let owners: Vec<OrganisationId> = actor.organisations_with(Right::See).collect();
    let view = app.store.view().await?;
    let words = text::search_text(words);
    Ok(rows::list(&view, &owners, &words, after, limit).await?)
}

/// The same with page numbers, and how many there are.
///
/// # Errors
/// Whatever the database says.
pub async fn page(
    app: &App,
    actor: &Actor,
    words: &str,
    skip: u64,
    limit: u64,
) -> Result<(Vec<Supplier>, u64), Error> {
    let owners: Vec<OrganisationId> = actor.organisations_with(Right::See).collect();
    let view = app.store.view().await?;
    let words = text::search_text(words);
    let found = rows::page(&view, &owners, &words, skip, limit).await?;
    Ok((found, rows::count(&view, &owners, &words).await?))
}

/// Records a supplier.
///
/// # Errors
/// A SIREN that the coordinator has already, or a SIRET of another company.
pub async fn create(
    app: &App,
    actor: &Actor,
    owner: OrganisationId,
    input: SupplierInput,
) -> Result<Supplier, Error> {
    actor.require(Right::RunProcedures, owner)?;
    let tx = match app.begin(actor, "supplier.create").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(done) => {
            let id = done.subject_id.ok_or(Error::NotFound)?;
            return find(app, actor, SupplierId(id)).await;
        }
    };
    if rows::find_by_siren(&tx, owner, &input.siren)
        .await?
        .is_some()
    {
        return Err(SupplierError::SirenTaken { siren: input.siren }.into());
    }
    let supplier = Supplier {
        id: SupplierId(app.clock.new_id()),
        owner,
        siren: input.siren,
        siret: input.siret,
        name: input.name,
        email: input.email,
        phone: input.phone,
        version: 0,
    };
    supplier.check()?;
    rows::insert(&tx, &supplier).await?;
    tx.commit(line(&supplier)).await?;
    tracing::info!(supplier.id = %supplier.id, "Recorded a supplier");
    Ok(supplier)
}

/// Changes what is said of a supplier.
///
/// # Errors
/// [`Error::Stale`] when `version` is not the present one; the refusals of [`create`].
pub async fn revise(
    app: &App,
    actor: &Actor,
    id: SupplierId,
    version: Option<i32>,
    input: SupplierInput,
) -> Result<Supplier, Error> {
    let Begun::Fresh(tx) = app.begin(actor, "supplier.revise").await? else {
        return find(app, actor, id).await;
    };
    check_buyer(&tx, actor, id).await?;
    let mut supplier = rows::find(&tx, id).await?;
    if version.is_some_and(|version| version != supplier.version) {
        return Err(Error::Stale);
    }
    let other = rows::find_by_siren(&tx, supplier.owner, &input.siren).await?;
    if other.is_some_and(|other| other.id != id) {
        return Err(SupplierError::SirenTaken { siren: input.siren }.into());
    }
    supplier.siren = input.siren;
    supplier.siret = input.siret;
    supplier.name = input.name;
    supplier.email = input.email;
    supplier.phone = input.phone;
    supplier.check()?;
    rows::save(&tx, &supplier).await?;
    tx.commit(line(&supplier)).await?;
    find(app, actor, id).await
}

/// The coordinator's supplier of that SIREN, recorded now if it is new.
///
/// A name or SIRET typed for a known supplier does not change its record.
pub(super) async fn named(
    app: &App,
    tx: &Tx,
    owner: OrganisationId,
    named: NamedSupplier,
) -> Result<Supplier, Error> {
    if let Some(known) = rows::find_by_siren(tx, owner, &named.siren).await? {
        return Ok(known);
    }
    let supplier = Supplier {
        id: SupplierId(app.clock.new_id()),
        owner,
        siren: named.siren,
        siret: named.siret,
        name: named.name,
        email: None,
        phone: None,
        version: 0,
    };
    supplier.check()?;
    rows::insert(tx, &supplier).await?;
    Ok(supplier)
}

/// Refuses who may not change a supplier.
pub(in crate::actions) async fn check_buyer(
    view: &View,
    actor: &Actor,
    id: SupplierId,
) -> Result<(), Error> {
    let owner = rows::find(view, id).await?.owner;
    actor.require(Right::RunProcedures, owner)
}

fn line(supplier: &Supplier) -> Line {
    let scope = Scope::Organisation(supplier.owner);
    let siren = supplier.siren.as_str();
    Line::about(scope, "supplier", supplier.id.0).saying(json!({ "siren": siren }))
}

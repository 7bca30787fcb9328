//! One organisation: what everybody may know of it, what its people add, and its changes.
use domain::{
    budget::Budget,
    contact::Contact,
    identity::{Email, OrganisationId, Phone, Siren},
    organisation::{Organisation, OrganisationError, Population},
    permission::Right,
};

use super::{reads, require_over};
use crate::{
    actions::{Actor, App, Error},
    store::{
        Begun, Line, Scope, StoreError, View, budgets, contacts, organisations as rows,
        populations, sites,
    },
};

/// How many contacts stand on the page of an organisation; the others have their own.
const CONTACTS_SHOWN: u64 = 20;

/// An organisation with its figures.
#[derive(Clone, Debug)]
pub struct Details {
    pub organisation: Organisation,
    /// The newest year first.
    pub populations: Vec<Population>,
    /// The EPCI to which a commune belongs, if it is in the installation.
    pub epci: Option<Organisation>,
    /// What only those who have to do with it see.
    pub private: Option<Private>,
    pub may_edit: bool,
    pub may_manage_users: bool,
}

/// What an organisation shows to those who have to do with it.
#[derive(Clone, Debug)]
pub struct Private {
    /// The first of them, and how many there are.
    pub contacts: Vec<Contact>,
    pub contacts_total: u64,
    pub budgets: Vec<Budget>,
    pub budgets_total: u64,
    pub sites: u64,
}

/// What may be changed by hand; codes and names of communes come from the reference.
#[derive(Clone, Debug)]
pub struct Changes {
    pub name: String,
    pub siren: Option<Siren>,
    pub email: Option<Email>,
    pub phone: Option<Phone>,
    pub address: Option<String>,
    pub good_friday: bool,
    pub local_law: bool,
    /// One of the zones of the domain; the present one stays without it.
    pub time_zone: Option<&'static str>,
}

/// An organisation as the actor may see it; its public facts are everybody's.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn show(app: &App, actor: &Actor, id: OrganisationId) -> Result<Details, Error> {
    let view = app.store.view().await?;
    let organisation = rows::find(&view, id).await?;
    let epci = match &organisation.epci_siren {
        Some(siren) => rows::find_by_siren(&view, siren).await?,
        None => None,
    };
    let mut populations = rows::populations(&view, [id]).await?;
    populations.sort_by(|a, b| (-a.year, &a.series).cmp(&(-b.year, &b.series)));
    let private = if reads(&view, actor, id).await? {
        Some(Private {
            contacts: contacts::list(&view, id, CONTACTS_SHOWN).await?,
            contacts_total: contacts::count(&view, id, "").await?,
            budgets: budgets::list(&view, id, app.settings.limits.page_rows_max).await?,
            budgets_total: budgets::count(&view, id).await?,
            sites: sites::search(&view, id, "", 0, 1).await?.1,
        })
    } else {
        None
    };
    Ok(Details {
        organisation,
        populations,
        epci,
        private,
        may_edit: is_allowed(&view, actor, Right::EditOrganisation, id).await?,
        may_manage_users: is_allowed(&view, actor, Right::ManageUsers, id).await?,
    })
}

/// A page of the populations of an organisation, newest first: public facts.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn populations(
    app: &App,
    id: OrganisationId,
    after: Option<(i32, String)>,
    limit: u64,
) -> Result<Vec<Population>, Error> {
    let view = app.store.view().await?;
    rows::find(&view, id).await?;
    Ok(populations::page(&view, id, after, limit).await?)
}

/// Changes the details of an organisation.
///
/// # Errors
/// [`Error::Stale`] if they changed since `version` was read;
/// [`OrganisationError::SirenTaken`], as a refusal.
pub async fn update(
    app: &App,
    actor: &Actor,
    id: OrganisationId,
    changes: Changes,
    version: Option<i32>,
) -> Result<Organisation, Error> {
    let tx = match app.begin(actor, "organisation.update").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(_) => return super::find(app, actor, id).await,
    };
    require_over(&tx, actor, Right::EditOrganisation, id).await?;
    let mut organisation = rows::lock(&tx, id).await?;
    if version.is_some_and(|read| read != organisation.version) {
        return Err(Error::Stale);
    }
    let siren = changes.siren.clone();
    organisation.name = changes.name;
    organisation.siren = changes.siren;
    organisation.email = changes.email;
    organisation.phone = changes.phone;
    organisation.address = changes.address;
    organisation.good_friday = changes.good_friday;
    organisation.local_law = changes.local_law;
    let mut line = Line::about(Scope::Organisation(id), "organisation", id.0);
    if let Some(zone) = changes
        .time_zone
        .filter(|zone| *zone != organisation.time_zone)
    {
        // Deadlines keep their instant: only the clocks that tell them change.
        let before = std::mem::replace(&mut organisation.time_zone, zone.to_owned());
        line = line.saying(serde_json::json!({ "time_zone": zone, "time_zone_before": before }));
    }
    match (rows::save(&tx, &organisation).await, siren) {
        (Err(StoreError::Taken(_)), Some(siren)) => {
            let siren = siren.to_string();
            return Err(OrganisationError::SirenTaken { siren }.into());
        }
        (other, _) => other?,
    }
    organisation.version += 1;
    tx.commit(line).await?;
    Ok(organisation)
}

/// Adds a population: another series (DGF), or another year.
///
/// # Errors
/// [`OrganisationError::PopulationTaken`], as a refusal, for a series that has that year.
pub async fn add_population(app: &App, actor: &Actor, population: Population) -> Result<(), Error> {
    let id = population.organisation;
    let tx = match app.begin(actor, "organisation.add_population").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(_) => return Ok(()),
    };
    require_over(&tx, actor, Right::EditOrganisation, id).await?;
    let (series, year) = (population.series.clone(), population.year);
    let line = Line::about(Scope::Organisation(id), "organisation", id.0)
        .saying(serde_json::json!({ "series": series, "year": year }));
    let inserted = rows::insert_populations(&tx, [(app.clock.new_id(), population)]).await;
    if matches!(inserted, Err(StoreError::Taken(_))) {
        return Err(OrganisationError::PopulationTaken { series, year }.into());
    }
    inserted?;
    Ok(tx.commit(line).await?)
}

async fn is_allowed(
    view: &View,
    actor: &Actor,
    right: Right,
    id: OrganisationId,
) -> Result<bool, Error> {
    match require_over(view, actor, right, id).await {
        Ok(()) => Ok(true),
        Err(Error::Forbidden | Error::NotFound) => Ok(false),
        Err(other) => Err(other),
    }
}

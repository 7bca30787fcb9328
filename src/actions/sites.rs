//! Sites of an organisation: listed, added, changed, put aside.
use domain::{
    budget::Budget,
    identity::{BudgetId, OrganisationId, SiteId},
    organisation::Organisation,
    permission::Right,
    quantity::Quantity,
    site::{Site, SiteError, SiteKind},
};

use super::{
    Actor, App, Error,
    organisations::{require_over, require_reader},
};
use crate::store::{Begun, Line, Scope, StoreError, Tx, budgets, organisations, sites as rows};

mod import;

pub use import::{Done, Listed, Outcome, import};

/// What a person types about a site.
#[derive(Clone, Debug)]
pub struct Details {
    pub kind: SiteKind,
    pub name: String,
    pub reference: Option<String>,
    pub address: Option<String>,
    pub area: Option<Quantity>,
    pub category: Option<String>,
    /// The budget that pays for it; the main one when absent.
    pub budget: Option<BudgetId>,
}

/// The sites of an organisation, those no longer used last.
///
/// # Errors
/// [`Error::NotFound`] to those who have nothing to do with the organisation.
pub async fn list(app: &App, actor: &Actor, owner: OrganisationId) -> Result<Vec<Site>, Error> {
    let view = app.store.view().await?;
    require_reader(&view, actor, owner).await?;
    Ok(rows::list(&view, owner, app.settings.limits.page_rows_max * 20).await?)
}

/// All of them that are in use, with the budgets that may pay for them.
///
/// # Errors
/// As [`list`].
pub async fn export(
    app: &App,
    actor: &Actor,
    owner: OrganisationId,
) -> Result<(Vec<Site>, Vec<Budget>), Error> {
    let view = app.store.view().await?;
    require_reader(&view, actor, owner).await?;
    let max = u64::try_from(app.settings.limits.import_rows_max).unwrap_or(u64::MAX);
    let mut found = rows::list(&view, owner, max).await?;
    found.retain(|site| site.active);
    Ok((found, budgets::list(&view, owner, max).await?))
}

/// A page of them whose name, number or address answers the words, and how many answer.
///
/// # Errors
/// As [`list`].
pub async fn search(
    app: &App,
    actor: &Actor,
    owner: OrganisationId,
    words: &str,
    offset: u64,
    limit: u64,
) -> Result<(Vec<Site>, u64), Error> {
    let view = app.store.view().await?;
    require_reader(&view, actor, owner).await?;
    Ok(rows::search(&view, owner, words, offset, limit).await?)
}

/// One of them.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn find(
    app: &App,
    actor: &Actor,
    owner: OrganisationId,
    id: SiteId,
) -> Result<Site, Error> {
    let view = app.store.view().await?;
    require_reader(&view, actor, owner).await?;
    Ok(rows::find(&view, owner, id).await?)
}

/// Adds a site.
///
/// # Errors
/// [`Error::Forbidden`] without [`Right::EditOrganisation`]; what the domain refuses.
pub async fn create(
    app: &App,
    actor: &Actor,
    owner: OrganisationId,
    details: Details,
) -> Result<Site, Error> {
    let tx = match app.begin(actor, "site.create").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(done) => {
            return find(
                app,
                actor,
                owner,
                SiteId(done.subject_id.unwrap_or_default()),
            )
            .await;
        }
    };
    require_over(&tx, actor, Right::EditOrganisation, owner).await?;
    // Locked first: two people adding at once must each see the other's.
    let organisation = organisations::lock(&tx, owner).await?;
    let site = details.fill(SiteId(app.clock.new_id()), owner, true, 0);
    check(&tx, &organisation, &site).await?;
    rows::insert(&tx, std::slice::from_ref(&site)).await?;
    tx.commit(about(&site)).await?;
    Ok(site)
}

/// Changes a site; `active` puts it aside or takes it back.
///
/// # Errors
/// [`Error::Stale`] if it changed since `version` was read; what the domain refuses.
pub async fn update(
    app: &App,
    actor: &Actor,
    owner: OrganisationId,
    id: SiteId,
    details: Details,
    active: bool,
    version: Option<i32>,
) -> Result<Site, Error> {
    let tx = match app.begin(actor, "site.update").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(_) => return find(app, actor, owner, id).await,
    };
    require_over(&tx, actor, Right::EditOrganisation, owner).await?;
    let organisation = organisations::lock(&tx, owner).await?;
    let known = rows::lock(&tx, owner, id).await?;
    if version.is_some_and(|read| read != known.version) {
        return Err(Error::Stale);
    }
    let mut site = details.fill(id, owner, active, known.version);
    check(&tx, &organisation, &site).await?;
    rows::save(&tx, &site).await?;
    site.version += 1;
    tx.commit(about(&site)).await?;
    Ok(site)
}

async fn check(tx: &Tx, organisation: &Organisation, site: &Site) -> Result<(), Error> {
    if let Some(budget) = site.budget {
        match budgets::find(tx, organisation.id, budget).await {
            Err(StoreError::NotFound) => return Err(SiteError::UnknownBudget.into()),
            other => other?,
        };
    }
    let Some(reference) = &site.reference else {
        return Ok(());
    };
    let same = rows::find_by_reference(tx, organisation.id, site.kind, reference).await?;
    match same.filter(|other| other.id != site.id) {
        Some(_) => Err(SiteError::ReferenceTaken {
            reference: reference.clone(),
        }
        .into()),
        None => Ok(()),
    }
}

fn about(site: &Site) -> Line {
    Line::about(Scope::Organisation(site.owner), "site", site.id.0)
        .saying(serde_json::json!({ "active": site.active, "kind": site.kind.code() }))
}

impl Details {
    fn fill(self, id: SiteId, owner: OrganisationId, active: bool, version: i32) -> Site {
        Site {
            id,
            owner,
            kind: self.kind,
            name: self.name,
            reference: self.reference,
            address: self.address,
            area: self.area,
            category: self.category,
            budget: self.budget,
            active,
            version,
        }
    }
}

//! Budgets of an organisation: listed, added, changed, put aside.
use domain::{
    budget::{Budget, BudgetKind},
    identity::{BudgetId, OrganisationId, Siret},
    organisation::Organisation,
    permission::Right,
};

use super::{
    Actor, App, Error,
    organisations::{require_over, require_reader},
};
use crate::store::{Begun, InUseFirst, Line, Scope, Start, Tx, budgets as rows, organisations};

/// What a person types about a budget.
#[derive(Clone, Debug)]
pub struct Details {
    pub kind: BudgetKind,
    pub name: String,
    pub siret: Option<Siret>,
    pub vat_liable: bool,
    pub chorus_service: Option<String>,
    pub chorus_engagement: Option<String>,
}

/// Every budget of an organisation that a file may name, as many as a file has rows.
///
/// # Errors
/// As [`list`].
pub async fn all(app: &App, actor: &Actor, owner: OrganisationId) -> Result<Vec<Budget>, Error> {
    let max = u64::try_from(app.settings.limits.import_rows_max).unwrap_or(u64::MAX);
    list(app, actor, owner, Start::After(None), max).await
}

/// A page of an organisation's budgets, those no longer used last.
///
/// # Errors
/// [`Error::NotFound`] to those who have nothing to do with the organisation.
pub async fn list(
    app: &App,
    actor: &Actor,
    owner: OrganisationId,
    start: Start<InUseFirst>,
    limit: u64,
) -> Result<Vec<Budget>, Error> {
    let view = app.store.view().await?;
    require_reader(&view, actor, owner).await?;
    Ok(rows::page(&view, owner, start, limit).await?)
}

/// One of them.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn find(
    app: &App,
    actor: &Actor,
    owner: OrganisationId,
    id: BudgetId,
) -> Result<Budget, Error> {
    let view = app.store.view().await?;
    require_reader(&view, actor, owner).await?;
    Ok(rows::find(&view, owner, id).await?)
}

/// Adds a budget.
///
/// # Errors
/// [`Error::Forbidden`] without [`Right::EditOrganisation`]; what the domain refuses.
pub async fn create(
    app: &App,
    actor: &Actor,
    owner: OrganisationId,
    details: Details,
) -> Result<Budget, Error> {
    let tx = match app.begin(actor, "budget.create").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(done) => {
            return find(
                app,
                actor,
                owner,
                BudgetId(done.subject_id.unwrap_or_default()),
            )
            .await;
        }
    };
    require_over(&tx, actor, Right::EditOrganisation, owner).await?;
    // Locked first: two people adding at once must each see the other's.
    let organisation = organisations::lock(&tx, owner).await?;
    let budget = details.fill(BudgetId(app.clock.new_id()), owner, true, 0);
    check(&tx, &organisation, &budget).await?;
    rows::insert(&tx, std::slice::from_ref(&budget)).await?;
    tx.commit(about(&budget)).await?;
    Ok(budget)
}

/// Changes a budget; `active` puts it aside or takes it back.
///
/// # Errors
/// [`Error::Stale`] if it changed since `version` was read; what the domain refuses.
pub async fn update(
    app: &App,
    actor: &Actor,
    owner: OrganisationId,
    id: BudgetId,
    details: Details,
    active: bool,
    version: Option<i32>,
) -> Result<Budget, Error> {
    let tx = match app.begin(actor, "budget.update").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(_) => return find(app, actor, owner, id).await,
    };
    require_over(&tx, actor, Right::EditOrganisation, owner).await?;
    let organisation = organisations::lock(&tx, owner).await?;
    let known = rows::lock(&tx, owner, id).await?;
    if version.is_some_and(|read| read != known.version) {
        return Err(Error::Stale);
    }
    let mut budget = details.fill(id, owner, active, known.version);
    check(&tx, &organisation, &budget).await?;
    rows::save(&tx, &budget).await?;
    budget.version += 1;
    tx.commit(about(&budget)).await?;
    Ok(budget)
}

async fn check(tx: &Tx, organisation: &Organisation, budget: &Budget) -> Result<(), Error> {
    let others = rows::list(tx, organisation.id, u64::from(u16::MAX)).await?;
    Ok(budget.check(&others, organisation.siren.as_ref())?)
}

fn about(budget: &Budget) -> Line {
    Line::about(Scope::Organisation(budget.owner), "budget", budget.id.0)
        .saying(serde_json::json!({ "active": budget.active, "kind": budget.kind.code() }))
}

impl Details {
    fn fill(self, id: BudgetId, owner: OrganisationId, active: bool, version: i32) -> Budget {
        Budget {
            id,
            owner,
            kind: self.kind,
            name: self.name,
            siret: self.siret,
            vat_liable: self.vat_liable,
            chorus_service: self.chorus_service,
            chorus_engagement: self.chorus_engagement,
            active,
            version,
        }
    }
}

//! A whole list of sites: new ones added, known ones changed, none doubled.
use domain::{
    identity::{BudgetId, OrganisationId, SiteId},
    permission::Right,
    site::{Site, SiteError},
    text::search_text,
};

use super::Details;
use crate::{
    actions::{Actor, App, Error, organisations::require_over},
    store::{Begun, Line, Scope, budgets, organisations, sites as rows},
};

/// A line of the list.
#[derive(Clone, Debug)]
pub struct Listed {
    pub details: Details,
    /// Whether it says which budget pays: the main one has no identifier.
    pub says_budget: bool,
}

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    Added,
    Changed,
    Unchanged,
}

/// Adds and changes sites in one transaction; `dry` only tells what would happen.
///
/// A site is known by its number, or by its name when the line has none. An empty cell says
/// nothing: it does not erase what is known.
///
/// # Errors
/// [`Error::Forbidden`] without [`Right::EditOrganisation`]; a budget of someone else.
pub async fn import(
    app: &App,
    actor: &Actor,
    owner: OrganisationId,
    lines: Vec<Listed>,
    dry: bool,
) -> Result<Vec<Outcome>, Error> {
    let Begun::Fresh(tx) = app.begin(actor, "site.import").await? else {
        return Ok(Vec::new());
    };
    require_over(&tx, actor, Right::EditOrganisation, owner).await?;
    organisations::lock(&tx, owner).await?;
    let max = u64::try_from(app.settings.limits.import_rows_max).unwrap_or(u64::MAX);
    let known = rows::list(&tx, owner, max).await?;
    let budgets = budgets::list(&tx, owner, max).await?;
    let is_own = |id: BudgetId| budgets.iter().any(|budget| budget.id == id);
    if !lines
        .iter()
        .filter_map(|line| line.details.budget)
        .all(is_own)
    {
        return Err(SiteError::UnknownBudget.into());
    }
    let mut added = Vec::new();
    let mut outcomes = Vec::with_capacity(lines.len());
    for Listed {
        details,
        says_budget,
    } in lines
    {
        let Some(same) = known.iter().find(|site| is_same(site, &details)) else {
            added.push(details.fill(SiteId(app.clock.new_id()), owner, true, 0));
            outcomes.push(Outcome::Added);
            continue;
        };
        let mut changed = details.fill(same.id, owner, true, same.version);
        changed.reference = changed.reference.or_else(|| same.reference.clone());
        changed.address = changed.address.or_else(|| same.address.clone());
        changed.area = changed.area.or(same.area);
        changed.category = changed.category.or_else(|| same.category.clone());
        if !says_budget {
            changed.budget = same.budget;
        }
        if changed == *same {
            outcomes.push(Outcome::Unchanged);
            continue;
        }
        rows::save(&tx, &changed).await?;
        outcomes.push(Outcome::Changed);
    }
    rows::insert(&tx, &added).await?;
    if !dry {
        let line = Line::about(Scope::Organisation(owner), "organisation", owner.0)
            .saying(serde_json::json!({ "lines": outcomes.len(), "added": added.len() }));
        tx.commit(line).await?;
    }
    Ok(outcomes)
}

fn is_same(site: &Site, line: &Details) -> bool {
    let same_number = match (&site.reference, &line.reference) {
        (Some(a), Some(b)) => a == b,
        (_, _) => search_text(&site.name) == search_text(&line.name),
    };
    site.kind == line.kind && same_number
}

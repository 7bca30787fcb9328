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

impl Outcome {
    /// The name in the API; nothing for what stands already.
    #[must_use]
    pub const fn code(self) -> Option<&'static str> {
        match self {
            Self::Added => Some("added"),
            Self::Changed => Some("changed"),
            Self::Unchanged => None,
        }
    }
}

/// What an import did, or would do.
#[derive(Clone, Debug, Default)]
pub struct Done {
    /// One for each line, in their order; none when the same request was answered before.
    pub outcomes: Vec<Outcome>,
    pub added: usize,
    pub changed: usize,
    pub unchanged: usize,
}

impl Done {
    fn of(outcomes: Vec<Outcome>) -> Self {
        let count = |wanted| outcomes.iter().filter(|one| **one == wanted).count();
        Self {
            added: count(Outcome::Added),
            changed: count(Outcome::Changed),
            unchanged: count(Outcome::Unchanged),
            outcomes,
        }
    }

    /// What an earlier request with the same key did, from its line in the journal.
    fn again(outcome: &str) -> Self {
        let said: serde_json::Value = serde_json::from_str(outcome).unwrap_or_default();
        let count = |name: &str| {
            let count = said.get(name).and_then(serde_json::Value::as_u64);
            let count = count.and_then(|count| usize::try_from(count).ok());
            count.unwrap_or_default()
        };
        let (lines, added, changed) = (count("lines"), count("added"), count("changed"));
        Self {
            outcomes: Vec::new(),
            added,
            changed,
            unchanged: lines.saturating_sub(added + changed),
        }
    }
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
) -> Result<Done, Error> {
    let tx = match app.begin(actor, "site.import").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(done) => return Ok(Done::again(&done.outcome)),
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
    for line in lines {
        let Some(same) = known.iter().find(|site| is_same(site, &line.details)) else {
            let id = SiteId(app.clock.new_id());
            added.push(line.details.fill(id, owner, true, 0));
            outcomes.push(Outcome::Added);
            continue;
        };
        let changed = merged(same, line);
        if changed == *same {
            outcomes.push(Outcome::Unchanged);
            continue;
        }
        rows::save(&tx, &changed).await?;
        outcomes.push(Outcome::Changed);
    }
    rows::insert(&tx, &added).await?;
    let done = Done::of(outcomes);
    if !dry {
        let line = Line::about(Scope::Organisation(owner), "organisation", owner.0);
        let facts = serde_json::json!({
            "lines": done.outcomes.len(),
            "added": done.added,
            "changed": done.changed,
        });
        tx.commit(line.saying(facts)).await?;
    }
    Ok(done)
}

/// A known site with what the line says of it: an empty cell says nothing.
fn merged(same: &Site, line: Listed) -> Site {
    let mut merged = line.details.fill(same.id, same.owner, true, same.version);
    merged.reference = merged.reference.or_else(|| same.reference.clone());
    merged.address = merged.address.or_else(|| same.address.clone());
    merged.area = merged.area.or(same.area);
    merged.category = merged.category.or_else(|| same.category.clone());
    if !line.says_budget {
        merged.budget = same.budget;
    }
    merged
}

fn is_same(site: &Site, line: &Details) -> bool {
    let same_number = match (&site.reference, &line.reference) {
        (Some(a), Some(b)) => a == b,
        (_, _) => search_text(&site.name) == search_text(&line.name),
    };
    site.kind == line.kind && same_number
}

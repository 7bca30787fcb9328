//! Statements: what each member pays, and where every cent comes from.
use domain::{
    budget::{Budget, BudgetKind},
    identity::{InvoiceId, OrganisationId, StatementId},
    organisation::Organisation,
    permission::Right,
    purchasing::{
        agreement::GroupingAgreement, invoice::Invoice, membership::Decision,
        recovery::RecoveryOrder, statement::Statement,
    },
};

use super::allocations::{self, Explained, Overview};
use crate::{
    actions::{Actor, App, Error},
    store::{
        View, budgets, organisations,
        purchasing::{
            agreements, allocations as runs, groupings, invoices, memberships, recovery,
            statements as rows,
        },
    },
};

mod change;

pub use change::{Change, Moved, Next};
pub use rows::Filter;

/// How many budgets of an organisation are looked through for the main one.
const BUDGETS: u64 = 100;
/// How many demands of one member in one grouping are looked through.
const DEMANDS: u64 = 100;

/// A statement in a list.
#[derive(Clone, Debug)]
pub struct Listed {
    pub statement: Statement,
    pub invoice: Invoice,
    pub grouping: String,
    pub owner: String,
    pub member: String,
    /// The budget that pays, when it is not the main one.
    pub budget: Option<String>,
    /// A later run made another statement in its place.
    pub replaced: bool,
}

/// A statement with everything its page shows; other members’ figures stay out of it.
#[derive(Clone, Debug)]
pub struct Complete {
    pub statement: Statement,
    pub run: Overview,
    pub owner: Organisation,
    pub member: Organisation,
    /// The main budget of the coordinator, and the budget that pays, for their SIRET.
    pub owner_budget: Option<Budget>,
    pub budget: Option<Budget>,
    pub parts: Vec<Explained>,
    /// What the split rests on: the signed agreement, and the act by which the member joined.
    pub agreement: Option<GroupingAgreement>,
    pub decision: Option<Decision>,
    /// The demand that asks for it, once there is one.
    pub recovery: Option<RecoveryOrder>,
    /// What it changes of an earlier split of the invoice.
    pub change: Option<Change>,
    /// The statement of a later run in its place.
    pub replaced_by: Option<Statement>,
    /// What follows for the member.
    pub next: Vec<Next>,
}

/// A statement, for the member it is for or the coordinator who made it.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn find(app: &App, actor: &Actor, id: StatementId) -> Result<Complete, Error> {
    let view = app.store.view().await?;
    let statement = rows::find(&view, id).await?;
    if !actor.may(Right::See, statement.owner) {
        actor.require(Right::ReadStatements, statement.member)?;
    }
    let run = runs::find(&view, statement.allocation).await?;
    let run = allocations::complete(&view, run).await?;
    let parts = run.explain(statement.payer())?.parts;
    let changed = change::change(&view, &statement, &run).await?;
    let agreements = agreements::list(&view, statement.grouping).await?;
    let membership = memberships::find_of(&view, statement.grouping, statement.member).await?;
    Ok(Complete {
        owner: organisations::find(&view, statement.owner).await?,
        member: organisations::find(&view, statement.member).await?,
        owner_budget: main_budget(&view, statement.owner).await?,
        budget: match statement.budget {
            Some(id) => Some(budgets::find(&view, statement.member, id).await?),
            None => main_budget(&view, statement.member).await?,
        },
        parts,
        agreement: agreements
            .into_iter()
            .filter(|a| a.clauses.signed_on.is_some() && a.created_at <= statement.made_at)
            .max_by_key(|a| a.number),
        decision: membership.and_then(|m| m.decision),
        recovery: orders_of(&view, &statement, run.invoice.id)
            .await?
            .into_iter()
            .next(),
        replaced_by: change::replaced_by(&view, &statement, &run).await?,
        next: change::next(app, &view, &statement, &run, changed.as_ref()).await?,
        change: changed,
        run,
        statement,
    })
}

/// The statements of a number that the actor may read: each coordinator numbers its own.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn of_number(app: &App, actor: &Actor, number: &str) -> Result<Vec<Statement>, Error> {
    let view = app.store.view().await?;
    let mut found = rows::of_number(&view, number).await?;
    found.retain(|one| {
        actor.may(Right::See, one.owner) || actor.may(Right::ReadStatements, one.member)
    });
    if found.is_empty() {
        return Err(Error::NotFound);
    }
    Ok(found)
}

async fn main_budget(view: &View, owner: OrganisationId) -> Result<Option<Budget>, Error> {
    let found = budgets::list(view, owner, BUDGETS).await?.into_iter();
    Ok(found
        .filter(|budget| budget.active)
        .find(|budget| budget.kind == BudgetKind::Main))
}

/// The demands of the member that ask for this invoice, the latest first.
async fn orders_of(
    view: &View,
    statement: &Statement,
    invoice: InvoiceId,
) -> Result<Vec<RecoveryOrder>, Error> {
    let filter = recovery::Filter {
        owners: vec![statement.owner],
        grouping: Some(statement.grouping),
        member: Some(statement.member),
        state: None,
    };
    let found = recovery::list(view, &filter, None, DEMANDS).await?;
    let of_payer = found.into_iter().filter(|o| o.budget == statement.budget);
    Ok(of_payer.filter(|o| o.sources.contains(&invoice)).collect())
}

/// A numbered page of what an organisation pays, and how many such statements it has.
///
/// # Errors
/// [`Error::Forbidden`] without [`Right::ReadStatements`].
pub async fn page(
    app: &App,
    actor: &Actor,
    member: OrganisationId,
    exercice: Option<i32>,
    (skip, limit): (u64, u64),
) -> Result<(Vec<Listed>, u64), Error> {
    actor.require(Right::ReadStatements, member)?;
    let filter = Filter {
        members: vec![member],
        exercice,
        ..Filter::default()
    };
    let view = app.store.view().await?;
    let found = rows::page(&view, &filter, skip, limit).await?;
    let count = rows::count(&view, &filter).await?;
    Ok((named(&view, found).await?, count))
}

/// The statements of the actor's organisations, newest first, after the last one seen.
///
/// The filter names among them those that are wanted; all of them when it names none.
///
/// # Errors
/// Whatever the database says.
pub async fn list(
    app: &App,
    actor: &Actor,
    mut filter: Filter,
    after: Option<StatementId>,
    limit: u64,
) -> Result<Vec<Listed>, Error> {
    let own = actor.organisations_with(Right::ReadStatements);
    let asked = std::mem::take(&mut filter.members);
    let is_asked = |id: &OrganisationId| asked.is_empty() || asked.contains(id);
    filter.members = own.filter(is_asked).collect();
    let view = app.store.view().await?;
    let found = rows::list(&view, &filter, after, limit).await?;
    named(&view, found).await
}

async fn named(view: &View, statements: Vec<Statement>) -> Result<Vec<Listed>, Error> {
    let made = runs::find_all(view, statements.iter().map(|s| s.allocation)).await?;
    let latest = runs::latest_runs(view, made.values().map(|run| run.invoice)).await?;
    let titles = groupings::find_all(view, statements.iter().map(|s| s.grouping)).await?;
    let parties = statements.iter().flat_map(|s| [s.owner, s.member]);
    let parties = organisations::find_all(view, parties.collect::<Vec<_>>()).await?;
    let annexes = budgets::annexes_of(view, statements.iter().map(|s| s.member)).await?;
    let name = |id: OrganisationId| {
        let found = parties.iter().find(|party| party.id == id);
        found.map_or_else(String::new, |party| party.name.clone())
    };
    let mut listed = Vec::with_capacity(statements.len());
    for statement in statements {
        let Some(run) = made.get(&statement.allocation) else {
            continue;
        };
        let title = titles.iter().find(|g| g.id == statement.grouping);
        listed.push(Listed {
            invoice: invoices::find(view, run.invoice).await?,
            grouping: title.map_or_else(String::new, |g| g.title.clone()),
            owner: name(statement.owner),
            member: name(statement.member),
            budget: annexes
                .iter()
                .find(|budget| Some(budget.id) == statement.budget)
                .map(|budget| budget.name.clone()),
            replaced: latest.get(&run.invoice) != Some(&run.run),
            statement,
        });
    }
    Ok(listed)
}

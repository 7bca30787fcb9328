//! Sharing rules: drafted, tried, adopted, amended; and which of them splits what.
use chrono::NaiveDate;
use domain::{
    Refusal,
    allocation::{AllocationError, RuleError},
    identity::{GroupingId, ItemId, LotId, OrganisationId, RuleId},
    money::Cents,
    permission::Right,
    purchasing::rule::{
        FigureSource, RuleChoice, RuleState, RuleSubject, RuleTerms, SharingRule, SharingRuleError,
    },
};
use serde_json::json;
use uuid::Uuid;

use super::{keys::check_splitter, run_data};
use crate::{
    actions::{Actor, App, Error, same_version},
    store::{
        Begun, Line, Scope, Start, Tx, View,
        purchasing::{agreements, allocations, groupings, items, keys, lots, rules as rows},
    },
};

mod subjects;
mod trials;

pub use subjects::{Subject, subjects};
pub use trials::{Trial, TrialShare, try_out};

/// An amount on which a rule is checked before it is kept.
const CHECKED_ON: Cents = Cents(100_000_000);

/// Drafts a new rule.
///
/// # Errors
/// Refused when its name is taken, or when it could split nothing whatever the amount.
pub async fn create(
    app: &App,
    actor: &Actor,
    grouping: GroupingId,
    terms: RuleTerms,
) -> Result<SharingRule, Error> {
    let owner = splitter(app, actor, grouping).await?;
    let tx = match app.begin(actor, "rule.create").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(done) => return again(app, done.subject_id).await,
    };
    groupings::hold(&tx, grouping).await?.check_active()?;
    let id = RuleId(app.clock.new_id());
    let rule = SharingRule {
        id,
        owner,
        grouping,
        series: id,
        number: 1,
        state: RuleState::Draft,
        terms,
        created_at: tx.now(),
        version: 0,
    };
    admit(&tx, &rule).await?;
    rows::insert(&tx, &rule).await?;
    tx.commit(line(&rule)).await?;
    Ok(rule)
}

/// Drafts the next version of a rule, from the terms of the last one.
///
/// # Errors
/// Refused while another version is a draft.
pub async fn amend(
    app: &App,
    actor: &Actor,
    id: RuleId,
    terms: RuleTerms,
) -> Result<SharingRule, Error> {
    let before = find(app, actor, id).await?;
    actor.require(Right::RunAllocations, before.owner)?;
    let tx = match app.begin(actor, "rule.amend").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(done) => return again(app, done.subject_id).await,
    };
    groupings::hold(&tx, before.grouping)
        .await?
        .check_active()?;
    let versions = rows::versions(&tx, before.series).await?;
    let number = SharingRule::next_number(&versions)?;
    let rule = SharingRule {
        id: RuleId(app.clock.new_id()),
        number,
        state: RuleState::Draft,
        terms,
        created_at: tx.now(),
        version: 0,
        ..before
    };
    admit(&tx, &rule).await?;
    rows::insert(&tx, &rule).await?;
    tx.commit(line(&rule)).await?;
    Ok(rule)
}

/// Writes a draft again.
///
/// # Errors
/// Refused once it is adopted; [`Error::Stale`] when `version` is not the present one.
pub async fn edit(
    app: &App,
    actor: &Actor,
    id: RuleId,
    version: Option<i32>,
    terms: RuleTerms,
) -> Result<SharingRule, Error> {
    let change = |rule: &mut SharingRule| Ok(rule.edit(terms)?);
    changed(app, actor, (id, version), "rule.edit", change).await
}

/// Puts a draft in force: it never changes afterwards.
///
/// # Errors
/// Refused without an agreement nor a deliberation.
pub async fn adopt(
    app: &App,
    actor: &Actor,
    id: RuleId,
    version: Option<i32>,
) -> Result<SharingRule, Error> {
    let change = |rule: &mut SharingRule| Ok(rule.adopt()?);
    changed(app, actor, (id, version), "rule.adopt", change).await
}

/// Offers a version no more; what it split stays.
///
/// # Errors
/// Refused for a draft.
pub async fn withdraw(
    app: &App,
    actor: &Actor,
    id: RuleId,
    version: Option<i32>,
) -> Result<SharingRule, Error> {
    let change = |rule: &mut SharingRule| Ok(rule.withdraw()?);
    changed(app, actor, (id, version), "rule.withdraw", change).await
}

/// Offers again a version that was withdrawn.
///
/// # Errors
/// Refused unless it was withdrawn.
pub async fn restore(
    app: &App,
    actor: &Actor,
    id: RuleId,
    version: Option<i32>,
) -> Result<SharingRule, Error> {
    let change = |rule: &mut SharingRule| Ok(rule.restore()?);
    changed(app, actor, (id, version), "rule.restore", change).await
}

/// Throws a draft away.
///
/// # Errors
/// Refused once it is adopted; [`Error::Stale`] when `version` is not the present one.
pub async fn discard(
    app: &App,
    actor: &Actor,
    id: RuleId,
    version: Option<i32>,
) -> Result<(), Error> {
    let tx = match app.begin(actor, "rule.discard").await? {
        Begun::Fresh(tx) => tx,
        // A second press finds nothing left to throw away.
        Begun::Again(_) => return Ok(()),
    };
    let rule = rows::lock(&tx, id).await?;
    actor.require(Right::See, rule.owner)?;
    actor.require(Right::RunAllocations, rule.owner)?;
    same_version(version, rule.version)?;
    rule.check_draft()?;
    rows::remove(&tx, &rule).await?;
    Ok(tx.commit(line(&rule)).await?)
}

/// One version that the actor may see.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn find(app: &App, actor: &Actor, id: RuleId) -> Result<SharingRule, Error> {
    let view = app.store.view().await?;
    let rule = rows::find(&view, id).await?;
    actor.require(Right::See, rule.owner)?;
    Ok(rule)
}

/// The versions of the same rule, the newest first.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn versions(app: &App, actor: &Actor, id: RuleId) -> Result<Vec<SharingRule>, Error> {
    let rule = find(app, actor, id).await?;
    let view = app.store.view().await?;
    Ok(rows::versions(&view, rule.series).await?)
}

/// Every version of every rule of a grouping, by name, the newest first.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn list(
    app: &App,
    actor: &Actor,
    grouping: GroupingId,
) -> Result<Vec<SharingRule>, Error> {
    let view = app.store.view().await?;
    let owner = groupings::find(&view, grouping).await?.owner;
    actor.require(Right::See, owner)?;
    Ok(rows::list_of_grouping(&view, grouping).await?)
}

/// A page of them, by name.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn page(
    app: &App,
    actor: &Actor,
    grouping: GroupingId,
    start: Start<(String, Uuid)>,
    limit: u64,
) -> Result<Vec<SharingRule>, Error> {
    let view = app.store.view().await?;
    let owner = groupings::find(&view, grouping).await?.owner;
    actor.require(Right::See, owner)?;
    Ok(rows::page(&view, grouping, start, limit).await?)
}

/// Which rule each lot and article takes, and the grouping when nothing else is said.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn choices(
    app: &App,
    actor: &Actor,
    grouping: GroupingId,
) -> Result<Vec<RuleChoice>, Error> {
    let view = app.store.view().await?;
    let owner = groupings::find(&view, grouping).await?.owner;
    actor.require(Right::See, owner)?;
    Ok(rows::choices(&view, grouping).await?)
}

/// Says which rule each lot and article takes, over what was said before.
///
/// # Errors
/// Refused for a rule, a lot or an article of another grouping.
pub async fn choose(
    app: &App,
    actor: &Actor,
    grouping: GroupingId,
    choices: Vec<RuleChoice>,
) -> Result<Vec<RuleChoice>, Error> {
    let owner = splitter(app, actor, grouping).await?;
    let tx = match app.begin(actor, "rule.choose").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(_) => return self::choices(app, actor, grouping).await,
    };
    groupings::lock(&tx, grouping).await?;
    let known = rows::list_of_grouping(&tx, grouping).await?;
    for choice in &choices {
        if !known.iter().any(|rule| rule.series == choice.series) {
            return Err(SharingRuleError::UnknownRule.into());
        }
        let its_owner = match choice.subject {
            RuleSubject::Grouping => owner,
            RuleSubject::Lot(id) => lots::find(&tx, id).await?.owner,
            RuleSubject::Item(id) => items::find(&tx, id).await?.owner,
        };
        if its_owner != owner {
            return Err(Error::NotFound);
        }
    }
    rows::replace_choices(&tx, (owner, grouping), &choices, || app.clock.new_id()).await?;
    let facts = json!({ "choices": choices.len() });
    tx.commit(Line::about(Scope::Grouping(grouping), "grouping", grouping.0).saying(facts))
        .await?;
    Ok(choices)
}

/// The version that was agreed for a line and is in force on a day.
pub(super) async fn agreed(
    view: &View,
    grouping: GroupingId,
    (lot, item): (Option<LotId>, Option<ItemId>),
    day: NaiveDate,
) -> Result<Option<RuleId>, Error> {
    let choices = rows::choices(view, grouping).await?;
    let Some(series) = RuleChoice::of(&choices, lot, item) else {
        return Ok(None);
    };
    let versions = rows::versions(view, series).await?;
    Ok(SharingRule::in_force(&versions, day).map(|rule| rule.id))
}

async fn changed(
    app: &App,
    actor: &Actor,
    (id, version): (RuleId, Option<i32>),
    name: &'static str,
    change: impl FnOnce(&mut SharingRule) -> Result<(), Error>,
) -> Result<SharingRule, Error> {
    let before = find(app, actor, id).await?;
    actor.require(Right::RunAllocations, before.owner)?;
    let tx = match app.begin(actor, name).await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(done) => return again(app, done.subject_id).await,
    };
    groupings::hold(&tx, before.grouping).await?;
    let mut rule = rows::lock(&tx, id).await?;
    same_version(version, rule.version)?;
    change(&mut rule)?;
    admit(&tx, &rule).await?;
    rows::save(&tx, &rule).await?;
    rule.version += 1;
    tx.commit(line(&rule)).await?;
    Ok(rule)
}

async fn splitter(app: &App, actor: &Actor, grouping: GroupingId) -> Result<OrganisationId, Error> {
    let view = app.store.view().await?;
    let owner = groupings::find(&view, grouping).await?.owner;
    actor.require(Right::See, owner)?;
    check_splitter(&view, actor, grouping).await?;
    Ok(owner)
}

/// Refuses what names strangers or could split nothing.
async fn admit(tx: &Tx, rule: &SharingRule) -> Result<(), Error> {
    let others = rows::list_of_grouping(tx, rule.grouping).await?;
    let mut others = others.iter().filter(|other| other.series != rule.series);
    if others.any(|other| other.terms.name == rule.terms.name) {
        let name = rule.terms.name.clone();
        return Err(SharingRuleError::NameTaken { name }.into());
    }
    if let Some(id) = rule.terms.agreement
        && agreements::find(tx, id).await?.grouping != rule.grouping
    {
        return Err(SharingRuleError::UnknownAgreement.into());
    }
    for source in rule.terms.sources()? {
        if let FigureSource::Key(id) = source {
            let key = keys::find_all(tx, &[id]).await?.remove(&id);
            if key.is_none_or(|key| key.grouping != rule.grouping) {
                return Err(SharingRuleError::UnknownKey.into());
            }
        }
    }
    let members = allocations::participants_ever(tx, rule.owner, rule.grouping).await?;
    let is_member = |id: &&str| {
        members
            .iter()
            .any(|p| p.organisation.id.to_string() == **id)
    };
    if !rule.terms.formula.members().iter().all(is_member) {
        return Err(SharingRuleError::NotAMember.into());
    }
    let data = run_data::of_grouping(tx, rule.grouping, &rule.terms.formula).await?;
    match trials::totals(
        &rule.terms.formula,
        CHECKED_ON,
        rule.terms.applies_from,
        data,
    ) {
        Err(Error::Refused(refusal)) if is_its_fault(&refusal) => Err(refusal.into()),
        Ok(_) | Err(Error::Refused(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Whether a refusal is of the rule, not of the amount it was tried on nor of missing figures.
fn is_its_fault(refusal: &Refusal) -> bool {
    let Refusal::Allocation(AllocationError::Rule { error, .. }) = refusal else {
        return false;
    };
    match error {
        RuleError::FixedTooHigh { .. }
        | RuleError::FloorsTooHigh { .. }
        | RuleError::CapsTooLow { .. }
        | RuleError::DirectGap { .. } => false,
        RuleError::PercentSum { .. }
        | RuleError::BadBands
        | RuleError::ZeroInverse { .. }
        | RuleError::TooManyInverses { .. }
        | RuleError::NotAWeightRule
        | RuleError::NegativeFigure { .. }
        | RuleError::NegativeAmount { .. }
        | RuleError::NoSuchMember { .. }
        | RuleError::Stranger { .. }
        | RuleError::FloorAboveCap { .. }
        | RuleError::MinAboveCap
        | RuleError::NoSuchLine { .. }
        | RuleError::Circular => true,
    }
}

async fn again(app: &App, subject: Option<Uuid>) -> Result<SharingRule, Error> {
    let view = app.store.view().await?;
    Ok(rows::find(&view, RuleId(subject.ok_or(Error::NotFound)?)).await?)
}

fn line(rule: &SharingRule) -> Line {
    let facts = json!({ "name": rule.terms.name, "number": rule.number });
    Line::about(Scope::Grouping(rule.grouping), "rule", rule.id.0).saying(facts)
}

//! Sharing rules as rows, and which of them a lot or an article takes.
use std::collections::BTreeMap;

use domain::{
    allocation::TaxPolicy,
    identity::{AgreementId, GroupingId, OrganisationId, RuleId},
    purchasing::rule::{RuleChoice, RuleState, RuleSubject, RuleTerms, SharingRule},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::store::{
    Start, StoreError, Tx, View,
    organisations::read,
    paging::by_name,
    rows::{rule_choice, sharing_rule as row},
};

/// Finds one version of a rule.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn find(view: &View, id: RuleId) -> Result<SharingRule, StoreError> {
    let found = row::Entity::find_by_id(id.0).one(&view.0).await?;
    from_row(found.ok_or(StoreError::NotFound)?)
}

/// Reads a version and keeps others from changing it until the transaction ends.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn lock(tx: &Tx, id: RuleId) -> Result<SharingRule, StoreError> {
    let found = row::Entity::find_by_id(id.0)
        .lock_exclusive()
        .one(&tx.view.0)
        .await?;
    from_row(found.ok_or(StoreError::NotFound)?)
}

/// Every version of every rule of a grouping, by name and then the newest first.
///
/// # Errors
/// Whatever the database says.
pub async fn list_of_grouping(
    view: &View,
    grouping: GroupingId,
) -> Result<Vec<SharingRule>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::GroupingId.eq(grouping.0))
        .order_by_asc(row::Column::Id)
        .all(&view.0)
        .await?;
    let rules = rows.into_iter().map(from_row);
    let mut rules = rules.collect::<Result<Vec<_>, _>>()?;
    rules.sort_by(|a, b| {
        let order = |rule: &SharingRule| (rule.series, std::cmp::Reverse(rule.number));
        (&a.terms.name, order(a)).cmp(&(&b.terms.name, order(b)))
    });
    Ok(rules)
}

/// A page of the versions of a grouping, by name.
///
/// # Errors
/// Whatever the database says.
pub async fn page(
    view: &View,
    grouping: GroupingId,
    start: Start<(String, Uuid)>,
    limit: u64,
) -> Result<Vec<SharingRule>, StoreError> {
    let query = row::Entity::find().filter(row::Column::GroupingId.eq(grouping.0));
    let rows = by_name(query, (row::Column::Name, row::Column::Id), start, limit);
    let rows = rows.all(&view.0).await?;
    rows.into_iter().map(from_row).collect()
}

/// The versions of one rule, the newest first.
///
/// # Errors
/// Whatever the database says.
pub async fn versions(view: &View, series: RuleId) -> Result<Vec<SharingRule>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::SeriesId.eq(series.0))
        .order_by_desc(row::Column::Number)
        .all(&view.0)
        .await?;
    rows.into_iter().map(from_row).collect()
}

/// Finds several versions at once.
///
/// # Errors
/// Whatever the database says.
pub async fn find_all(
    view: &View,
    ids: &[RuleId],
) -> Result<BTreeMap<RuleId, SharingRule>, StoreError> {
    let rows = row::Entity::find()
        .filter(row::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .all(&view.0)
        .await?;
    let rules = rows
        .into_iter()
        .map(|row| Ok((RuleId(row.id), from_row(row)?)));
    rules.collect()
}

/// Adds a version.
///
/// # Errors
/// [`StoreError::Taken`] when another just took its number.
pub async fn insert(tx: &Tx, rule: &SharingRule) -> Result<(), StoreError> {
    tx.insert(to_row(rule)?).await
}

/// Writes changes over the version that was read.
///
/// # Errors
/// [`StoreError::Stale`] if it changed meanwhile.
pub async fn save(tx: &Tx, rule: &SharingRule) -> Result<(), StoreError> {
    let mut row = to_row(rule)?;
    row.version += 1;
    tx.update(row).await
}

/// Removes a draft.
///
/// # Errors
/// Whatever the database says.
pub async fn remove(tx: &Tx, rule: &SharingRule) -> Result<(), StoreError> {
    tx.delete(&to_row(rule)?).await
}

/// Which rule each lot and article of a grouping takes, and the grouping itself.
///
/// # Errors
/// Whatever the database says.
pub async fn choices(view: &View, grouping: GroupingId) -> Result<Vec<RuleChoice>, StoreError> {
    let rows = rule_choice::Entity::find()
        .filter(rule_choice::Column::GroupingId.eq(grouping.0))
        .order_by_asc(rule_choice::Column::Subject)
        .all(&view.0)
        .await?;
    let choices = rows.into_iter().map(|row| {
        Ok(RuleChoice {
            subject: read("rule_choice.subject", &row.subject, RuleSubject::parse)?,
            series: RuleId(row.series_id),
        })
    });
    choices.collect()
}

/// Writes the choices of a grouping over those there were.
///
/// # Errors
/// Whatever the database says.
pub async fn replace_choices(
    tx: &Tx,
    (owner, grouping): (OrganisationId, GroupingId),
    choices: &[RuleChoice],
    mut new_id: impl FnMut() -> Uuid,
) -> Result<(), StoreError> {
    let old = rule_choice::Entity::find()
        .filter(rule_choice::Column::GroupingId.eq(grouping.0))
        .all(&tx.0)
        .await?;
    for row in old {
        tx.delete(&row).await?;
    }
    let rows = choices.iter().map(|choice| rule_choice::Model {
        id: new_id(),
        owner_id: owner.0,
        grouping_id: grouping.0,
        subject: choice.subject.to_string(),
        series_id: choice.series.0,
    });
    tx.insert_all(rows.collect()).await
}

fn to_row(rule: &SharingRule) -> Result<row::Model, StoreError> {
    let terms = rule.terms.clone();
    // A formula that was read is one that can be written: its texts are all that it is made of.
    let formula = serde_json::to_string(&terms.formula).map_err(|error| StoreError::Corrupt {
        column: "sharing_rule.formula",
        value: error.to_string(),
    })?;
    Ok(row::Model {
        id: rule.id.0,
        owner_id: rule.owner.0,
        grouping_id: rule.grouping.0,
        series_id: rule.series.0,
        number: rule.number,
        state: rule.state.code().to_owned(),
        name: terms.name,
        applies_from: terms.applies_from,
        agreement_id: terms.agreement.map(|id| id.0),
        article: terms.article,
        deliberations: terms.deliberations,
        tax_policy: terms.tax_policy.word().to_owned(),
        prorata: terms.prorata,
        formula,
        created_at: rule.created_at,
        version: rule.version,
    })
}

fn from_row(row: row::Model) -> Result<SharingRule, StoreError> {
    Ok(SharingRule {
        id: RuleId(row.id),
        owner: OrganisationId(row.owner_id),
        grouping: GroupingId(row.grouping_id),
        series: RuleId(row.series_id),
        number: row.number,
        state: read("sharing_rule.state", &row.state, RuleState::from_code)?,
        terms: RuleTerms {
            name: row.name,
            applies_from: row.applies_from,
            agreement: row.agreement_id.map(AgreementId),
            article: row.article,
            deliberations: row.deliberations,
            tax_policy: read(
                "sharing_rule.tax_policy",
                &row.tax_policy,
                TaxPolicy::from_word,
            )?,
            prorata: row.prorata,
            formula: read("sharing_rule.formula", &row.formula, |text| {
                serde_json::from_str(text).ok()
            })?,
        },
        created_at: row.created_at,
        version: row.version,
    })
}

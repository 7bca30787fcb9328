//! What the rules of an invoice may read: members, keys, rules, populations, deliveries.
use domain::{
    allocation::AllocationRule,
    identity::{GroupingId, KeyId, RuleId},
    purchasing::{
        invoice::Invoice,
        rule::{FigureSource, sources},
        run::RunData,
    },
};

use crate::{
    actions::Error,
    store::{
        View, organisations,
        purchasing::{allocations, delivered, groupings, keys, rules},
    },
};

/// The data of an invoice.
pub(super) async fn of_invoice(view: &View, invoice: &Invoice) -> Result<RunData, Error> {
    let voted: Vec<RuleId> = invoice
        .lines
        .iter()
        .filter_map(|l| l.rule.voted())
        .collect();
    let rules = rules::find_all(view, &voted).await?;
    let mut wanted: Vec<KeyId> = invoice.lines.iter().filter_map(|l| l.rule.key()).collect();
    for rule in rules.values() {
        wanted.extend(keys_of(&rule.terms.formula)?);
    }
    Ok(RunData {
        delivered: delivered::of(view, invoice.id).await?,
        rules,
        ..of_members(view, invoice.grouping, &wanted).await?
    })
}

/// The data that a formula reads in a grouping, without any delivery.
pub(super) async fn of_grouping(
    view: &View,
    grouping: GroupingId,
    formula: &AllocationRule,
) -> Result<RunData, Error> {
    of_members(view, grouping, &keys_of(formula)?).await
}

async fn of_members(view: &View, grouping: GroupingId, wanted: &[KeyId]) -> Result<RunData, Error> {
    let owner = groupings::find(view, grouping).await?.owner;
    let participants = allocations::participants_ever(view, owner, grouping).await?;
    let ids = participants.iter().map(|p| p.organisation.id);
    Ok(RunData {
        keys: keys::find_all(view, wanted).await?,
        populations: organisations::populations(view, ids).await?,
        participants,
        ..RunData::default()
    })
}

fn keys_of(formula: &AllocationRule) -> Result<Vec<KeyId>, Error> {
    let keys = sources(formula)?
        .into_iter()
        .filter_map(|source| match source {
            FigureSource::Key(id) => Some(id),
            FigureSource::Delivered | FigureSource::Population { .. } => None,
        });
    Ok(keys.collect())
}

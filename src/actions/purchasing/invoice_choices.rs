//! What may be chosen while an invoice is copied: contracts, suppliers, articles, keys.
use domain::{
    identity::GroupingId,
    permission::Right,
    purchasing::{
        contract::Contract,
        grouping::Grouping,
        key::AllocationKey,
        lot::Item,
        rule::{RuleState, SharingRule},
        supplier::Supplier,
    },
};

use crate::{
    actions::{Actor, App, Error},
    store::{
        organisations,
        purchasing::{allocations, contracts, groupings, items, keys, rounds, rules, suppliers},
    },
};

/// More choices than a list on a page can hold are not offered.
const CHOICES_MAX: u64 = 500;

/// The choices of one grouping.
#[derive(Clone, Debug)]
pub struct Choices {
    pub grouping: Grouping,
    pub contracts: Vec<Contract>,
    pub suppliers: Vec<Supplier>,
    pub items: Vec<Item>,
    pub keys: Vec<AllocationKey>,
    /// The versions of rules that may split an invoice, by name.
    pub rules: Vec<SharingRule>,
    /// Whether a rule was chosen for the grouping, or for one of its lots or articles.
    pub agreed: bool,
    /// Population series and years that every member has, newest first.
    pub populations: Vec<(String, i32)>,
}

/// The groupings for which the actor may record invoices, by title.
///
/// # Errors
/// Whatever the database says.
pub async fn groupings_of(app: &App, actor: &Actor) -> Result<Vec<Grouping>, Error> {
    let view = app.store.view().await?;
    let mut found = Vec::new();
    for owner in actor.organisations_with(Right::RunAllocations) {
        found.extend(groupings::list_of_owner(&view, owner).await?);
    }
    found.sort_by(|a, b| (&a.title, a.id).cmp(&(&b.title, b.id)));
    Ok(found)
}

/// What an invoice of this grouping may name.
///
/// # Errors
/// [`Error::NotFound`] or [`Error::Forbidden`].
pub async fn of_grouping(app: &App, actor: &Actor, id: GroupingId) -> Result<Choices, Error> {
    let view = app.store.view().await?;
    let grouping = groupings::find(&view, id).await?;
    actor.require(Right::RunAllocations, grouping.owner)?;
    let filter = contracts::Filter {
        owners: vec![grouping.owner],
        ..contracts::Filter::default()
    };
    let mut signed = contracts::list(&view, &filter, None, CHOICES_MAX).await?;
    signed.retain(|contract| contract.grouping == id);
    let wanted = rounds::Wanted {
        owners: vec![grouping.owner],
        groupings: Vec::new(),
        grouping: Some(id),
        state: None,
        words: String::new(),
    };
    let mut articles = Vec::new();
    for round in rounds::list(&view, &wanted, rounds::Start::Offset(0), CHOICES_MAX).await? {
        articles.extend(items::list_of_round(&view, round.id).await?);
    }
    articles.retain(|item| !item.removed);
    let members = allocations::participants(&view, grouping.owner, id).await?;
    let ids = members.iter().map(|p| p.organisation.id);
    let mut series: Vec<(String, i32)> = organisations::populations(&view, ids)
        .await?
        .into_iter()
        .map(|population| (population.series, population.year))
        .collect();
    series.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
    let mut populations = series.clone();
    populations.dedup();
    populations.retain(|one| series.iter().filter(|other| *other == one).count() == members.len());
    Ok(Choices {
        contracts: signed,
        suppliers: suppliers::list(&view, &[grouping.owner], "", None, CHOICES_MAX).await?,
        items: articles,
        keys: keys::list_of_grouping(&view, grouping.owner, id).await?,
        rules: {
            let mut known = rules::list_of_grouping(&view, id).await?;
            known.retain(|rule| rule.state == RuleState::Adopted);
            known
        },
        agreed: !rules::choices(&view, id).await?.is_empty(),
        populations,
        grouping,
    })
}

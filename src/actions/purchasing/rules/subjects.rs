//! What a rule may be chosen for: the grouping, its lots, their articles.
use domain::{identity::GroupingId, permission::Right, purchasing::rule::RuleSubject};

use crate::{
    actions::{Actor, App, Error},
    store::purchasing::{groupings, items, lots, rounds},
};

/// More lots and articles than a page can hold are not offered.
const ROUNDS_MAX: u64 = 100;

/// One subject, with the words that name it.
#[derive(Clone, Debug)]
pub struct Subject {
    pub subject: RuleSubject,
    /// The round, for what is of one.
    pub round: String,
    pub name: String,
}

/// The grouping, then the lots of its rounds with their articles, the newest round first.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn subjects(
    app: &App,
    actor: &Actor,
    grouping: GroupingId,
) -> Result<Vec<Subject>, Error> {
    let view = app.store.view().await?;
    let owner = groupings::find(&view, grouping).await?.owner;
    actor.require(Right::See, owner)?;
    let mut found = vec![Subject {
        subject: RuleSubject::Grouping,
        round: String::new(),
        name: String::new(),
    }];
    let wanted = rounds::Wanted {
        owners: vec![owner],
        groupings: Vec::new(),
        grouping: Some(grouping),
        state: None,
        words: String::new(),
    };
    for round in rounds::list(&view, &wanted, rounds::Start::Offset(0), ROUNDS_MAX).await? {
        let items = items::list_of_round(&view, round.id).await?;
        for lot in lots::list_of_round(&view, round.id).await? {
            found.push(Subject {
                subject: RuleSubject::Lot(lot.id),
                round: round.title.clone(),
                name: lot.title.clone(),
            });
            let of_lot = items
                .iter()
                .filter(|item| item.lot == lot.id && !item.removed);
            found.extend(of_lot.map(|item| Subject {
                subject: RuleSubject::Item(item.id),
                round: round.title.clone(),
                name: item.title.clone(),
            }));
        }
    }
    Ok(found)
}

//! The history: what was done, by whom, to those who may know.
use std::collections::BTreeMap;

use domain::{
    identity::{GroupingId, OrganisationId, UserId},
    permission::Right,
};
use uuid::Uuid;

use super::{Actor, App, Error, purchasing::groupings};
use crate::store::{
    View, history, history::Wanted, organisations, purchasing::groupings as grouping_rows, users,
};
pub use crate::store::{history::Place, journal::Recorded};

/// What a member may know of the history of a grouping: what concerns all of its members.
const TOLD_TO_MEMBERS: [&str; 23] = [
    "agreement.draft",
    "agreement.update",
    "award.decide",
    "contract.create",
    "contract.end",
    "contract.revise",
    "contract.start",
    "grouping.archive",
    "grouping.create",
    "grouping.restore",
    "grouping.set_coordinators",
    "grouping.update",
    "membership.ask_to_leave",
    "membership.choose_lots",
    "membership.decide",
    "membership.end",
    "membership.invite",
    "membership.stay",
    "procedure.launch",
    "round.close",
    "round.extend",
    "round.open",
    "round.reopen",
];

/// A line with the name of who acted, when it was a person.
#[derive(Clone, Debug)]
pub struct Entry {
    pub line: Recorded,
    pub actor: Option<String>,
}

/// A history that the actor may read (« historique »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readable {
    /// Of an organisation or of a grouping.
    pub id: Uuid,
    pub name: String,
    /// Whether all of it is told, or only what concerns every member.
    pub whole: bool,
}

/// What is looked for in the history.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// What one organisation of the actor may read; else all of them.
    pub organisation: Option<OrganisationId>,
    /// One organisation or grouping alone.
    pub scope: Option<Uuid>,
    pub subject_kind: Option<String>,
    pub subject_id: Option<Uuid>,
}

/// The histories that the actor may read: organisations, then groupings, by name.
///
/// # Errors
/// [`Error::Forbidden`] without [`Right::ReadJournal`] anywhere.
pub async fn scopes(
    app: &App,
    actor: &Actor,
    organisation: Option<OrganisationId>,
) -> Result<Vec<Readable>, Error> {
    let view = app.store.view().await?;
    readable(&view, actor, organisation).await
}

async fn readable(
    view: &View,
    actor: &Actor,
    organisation: Option<OrganisationId>,
) -> Result<Vec<Readable>, Error> {
    let own: Vec<OrganisationId> = match organisation {
        Some(id) => {
            actor.require(Right::ReadJournal, id)?;
            vec![id]
        }
        None => actor.organisations_with(Right::ReadJournal).collect(),
    };
    if own.is_empty() {
        return Err(Error::Forbidden);
    }
    let mut groupings: BTreeMap<(String, Uuid), Readable> = BTreeMap::new();
    for id in &own {
        let run = grouping_rows::list_of_owner(view, *id).await?;
        let joined = grouping_rows::list_of_member(view, *id).await?;
        for grouping in run.into_iter().chain(joined) {
            let whole = own.contains(&grouping.owner);
            let key = (grouping.sort_key(), grouping.id.0);
            groupings.entry(key).or_insert(Readable {
                id: grouping.id.0,
                name: grouping.title,
                whole,
            });
        }
    }
    let organisations = organisations::find_all(view, own).await?;
    let mut scopes: Vec<Readable> = organisations
        .into_iter()
        .map(|o| Readable {
            id: o.id.0,
            name: o.name,
            whole: true,
        })
        .collect();
    scopes.extend(groupings.into_values());
    Ok(scopes)
}

/// A page of the history, newest first.
///
/// # Errors
/// [`Error::NotFound`] for a scope that is not theirs to read.
pub async fn list(
    app: &App,
    actor: &Actor,
    listing: &Listing,
    before: Option<Place>,
    limit: u64,
) -> Result<Vec<Entry>, Error> {
    let view = app.store.view().await?;
    let mut scopes = readable(&view, actor, listing.organisation).await?;
    if let Some(scope) = listing.scope {
        scopes.retain(|readable| readable.id == scope);
        if scopes.is_empty() {
            return Err(Error::NotFound);
        }
    }
    let ids = |whole: bool| -> Vec<Uuid> {
        let kept = scopes.iter().filter(|readable| readable.whole == whole);
        kept.map(|readable| readable.id).collect()
    };
    let wanted = Wanted {
        scopes: ids(true),
        partly: ids(false),
        actions: TOLD_TO_MEMBERS.to_vec(),
        subject_kind: listing.subject_kind.clone(),
        subject_id: listing.subject_id,
    };
    let lines = history::list(&view, &wanted, before, limit).await?;
    named(&view, lines).await
}

/// The latest lines of a grouping's history.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn of_grouping(app: &App, actor: &Actor, id: GroupingId) -> Result<Vec<Entry>, Error> {
    let view = app.store.view().await?;
    let grouping = groupings::readable(&view, actor, id).await?;
    let whole = actor.may(Right::ReadJournal, grouping.owner);
    let wanted = Wanted {
        scopes: if whole { vec![id.0] } else { Vec::new() },
        partly: if whole { Vec::new() } else { vec![id.0] },
        actions: TOLD_TO_MEMBERS.to_vec(),
        ..Wanted::default()
    };
    let limit = app.settings.limits.page_rows_max;
    let lines = history::list(&view, &wanted, None, limit).await?;
    named(&view, lines).await
}

async fn named(view: &View, lines: Vec<Recorded>) -> Result<Vec<Entry>, Error> {
    let people = lines.iter().filter_map(|line| line.actor_id).map(UserId);
    let people = users::find_all(view, people).await?;
    Ok(lines
        .into_iter()
        .map(|line| Entry {
            actor: line
                .actor_id
                .and_then(|id| people.get(&UserId(id)))
                .map(|user| user.name.clone()),
            line,
        })
        .collect())
}

//! The allocation keys of a grouping: listed, and each with the weight of every member.
use askama::Template;
use axum::extract::{Path, State};
use chrono::NaiveDate;
use domain::{
    allocation::sum_text,
    french,
    identity::{GroupingId, KeyId},
    purchasing::{key::AllocationKey, membership::MembershipState},
};

use super::{Head, parse, shell};
use crate::{
    actions::{
        App, Error,
        purchasing::{groupings, keys},
    },
    web::{
        format::filters,
        layout::Shell,
        page::{Answer, page},
        session::Person,
    },
};

mod block;
mod form;
mod readings;

pub(super) use form::{create, edit, show_edit, show_new};
pub(super) use readings::{show as show_readings, sum as sum_readings};

#[derive(Template)]
#[template(path = "groupings/keys.html")]
struct KeysPage {
    shell: Shell,
    head: Head,
    refusal: String,
    may_split: bool,
    rows: Vec<KeyRow>,
}

struct KeyRow {
    href: String,
    name: String,
    unit: String,
    source: String,
    dated_on: NaiveDate,
    members: usize,
    total: String,
}

pub(super) async fn show_all(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Answer {
    let id: GroupingId = parse(&id)?;
    let known = keys::list(&app, &person.actor, id).await?;
    let seen = groupings::overview(&app, &person.actor, id).await?;
    let head = Head::new(&app, &seen, "keys");
    let rows = known.into_iter().map(|key| KeyRow {
        href: head.href(&format!("/cles/{}", key.id)),
        members: key.values.values().filter(|w| !w.is_zero()).count(),
        total: total(&key),
        name: key.name,
        unit: key.unit,
        source: key.source,
        dated_on: key.dated_on,
    });
    page(&KeysPage {
        shell: shell(&person, &seen, "Clés de répartition"),
        refusal: String::new(),
        may_split: seen.may_split,
        rows: rows.collect(),
        head,
    })
}

/// The sum of the weights, exact.
fn total(key: &AllocationKey) -> String {
    french::decimal(&sum_text(key.values.values().copied()))
}

#[derive(Template)]
#[template(path = "groupings/key.html")]
struct KeyPage {
    shell: Shell,
    head: Head,
    refusal: String,
    may_split: bool,
    edit: String,
    name: String,
    unit: String,
    source: String,
    dated_on: NaiveDate,
    rows: Vec<WeightRow>,
    /// Members who have joined and that the key says nothing of.
    missing: Vec<String>,
    total: String,
}

struct WeightRow {
    member: String,
    weight: String,
}

pub(super) async fn show(
    State(app): State<App>,
    person: Person,
    Path((grouping, id)): Path<(String, String)>,
) -> Answer {
    let key = of_path(&app, &person, &grouping, &id).await?;
    let seen = groupings::overview(&app, &person.actor, key.grouping).await?;
    let weighed = keys::weighed(&app, &person.actor, &key).await?;
    let missing = seen
        .members
        .iter()
        .filter(|(m, _)| m.state == MembershipState::Joined && !key.values.contains_key(&m.member));
    let head = Head::new(&app, &seen, "keys");
    page(&KeyPage {
        shell: shell(&person, &seen, &key.name).crumb("Clés de répartition", head.href("/cles")),
        refusal: String::new(),
        may_split: seen.may_split,
        edit: head.href(&format!("/cles/{}/modifier", key.id)),
        missing: missing.map(|(_, o)| o.name.clone()).collect(),
        rows: weighed
            .into_iter()
            .map(|(member, weight)| WeightRow {
                member: member.name,
                weight: french::decimal(&weight.to_string()),
            })
            .collect(),
        total: total(&key),
        name: key.name,
        unit: key.unit,
        source: key.source,
        dated_on: key.dated_on,
        head,
    })
}

/// The key of an address, inside the grouping of that address.
async fn of_path(
    app: &App,
    person: &Person,
    grouping: &str,
    id: &str,
) -> Result<AllocationKey, Error> {
    let (grouping, id): (GroupingId, KeyId) = (parse(grouping)?, parse(id)?);
    let key = keys::find(app, &person.actor, id).await?;
    if key.grouping == grouping {
        Ok(key)
    } else {
        Err(Error::NotFound)
    }
}

//! The sharing rules of a grouping: listed, each with its versions and what it says.
use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect},
};
use chrono::NaiveDate;
use domain::{
    french::{self, NBSP},
    identity::{GroupingId, RuleId},
    money::Cents,
    organisation::Organisation,
    purchasing::{
        key::AllocationKey,
        rule::{FigureSource, RuleState, SharingRule},
    },
};
use tower_sessions::Session;

use super::{Head, parse, shell, version};
use crate::{
    actions::{
        Actor, App, Error,
        purchasing::{
            groupings::{self, Overview},
            keys, rules,
        },
    },
    web::{
        components::Typed,
        form::Fields,
        format::filters,
        layout::{FlashKind, Shell},
        page::{Answer, page},
        session::{self, Person},
    },
    wording::sharing_rule::{self, Names},
};

mod choices;
mod form;
mod sent;
mod stored;
mod trial;
mod typed;

pub(super) use choices::{choose, show as show_choices};
pub(super) use form::{show_amend, show_edit, show_new};
pub(super) use sent::{amend, create, edit};
pub(super) use trial::try_out;

#[derive(Template)]
#[template(path = "groupings/rules.html")]
struct RulesPage {
    shell: Shell,
    head: Head,
    refusal: String,
    may_split: bool,
    rows: Vec<RuleRow>,
}

struct RuleRow {
    href: String,
    name: String,
    number: i32,
    tone: &'static str,
    state: &'static str,
    applies_from: NaiveDate,
    sentence: String,
}

/// What a rule says needs the names of keys and members.
struct Named {
    keys: Vec<AllocationKey>,
    members: Vec<Organisation>,
}

impl Named {
    async fn of(app: &App, actor: &Actor, seen: &Overview) -> Result<Self, Error> {
        let members = seen.members.iter().map(|(_, o)| o.clone());
        Ok(Self {
            keys: keys::list(app, actor, seen.grouping.id).await?,
            members: members.collect(),
        })
    }

    fn key(&self, text: &str) -> String {
        let Some(source) = FigureSource::parse(text) else {
            return text.to_owned();
        };
        let key = match &source {
            FigureSource::Key(id) => self.keys.iter().find(|key| key.id == *id),
            FigureSource::Delivered | FigureSource::Population { .. } => None,
        };
        sharing_rule::figure_source(&source, key.map(|key| key.name.as_str()))
    }

    fn sentence(&self, formula: &domain::allocation::AllocationRule) -> String {
        let member = |id: &str| {
            let found = self.members.iter().find(|o| o.id.to_string() == id);
            found.map_or_else(|| "un ancien membre".to_owned(), |o| o.name.clone())
        };
        let names = Names {
            key: &|key| self.key(key),
            member: &member,
        };
        let said = sharing_rule::formula(formula, &names);
        let mut letters = said.chars();
        let first = letters.next().map(|c| c.to_uppercase().to_string());
        first.unwrap_or_default() + letters.as_str()
    }
}

const fn tone(state: RuleState) -> &'static str {
    match state {
        RuleState::Draft => "warn",
        RuleState::Adopted => "ok",
        RuleState::Withdrawn => "closed",
    }
}

fn badge(state: RuleState) -> &'static str {
    match state {
        RuleState::Draft => "Projet",
        RuleState::Adopted => "En vigueur",
        RuleState::Withdrawn => "Retirée",
    }
}

pub(super) async fn show_all(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Answer {
    let id: GroupingId = parse(&id)?;
    let known = rules::list(&app, &person.actor, id).await?;
    let seen = groupings::overview(&app, &person.actor, id).await?;
    let named = Named::of(&app, &person.actor, &seen).await?;
    let head = Head::new(&app, &seen, "rules");
    let rows = known.into_iter().map(|rule| RuleRow {
        href: head.href(&format!("/regles/{}", rule.id)),
        sentence: named.sentence(&rule.terms.formula),
        name: rule.terms.name,
        number: rule.number,
        tone: tone(rule.state),
        state: badge(rule.state),
        applies_from: rule.terms.applies_from,
    });
    page(&RulesPage {
        shell: shell(&person, &seen, "Règles de répartition"),
        refusal: String::new(),
        may_split: seen.may_split,
        rows: rows.collect(),
        head,
    })
}

#[derive(Template)]
#[template(path = "groupings/rule.html")]
struct RulePage {
    shell: Shell,
    head: Head,
    refusal: String,
    may_split: bool,
    here: String,
    name: String,
    number: i32,
    version: i32,
    tone: &'static str,
    state: RuleState,
    badge: &'static str,
    applies_from: NaiveDate,
    sentence: String,
    agreement: String,
    article: String,
    deliberations: String,
    tax_policy: &'static str,
    prorata: bool,
    /// Whether the form can hold it; a rule composed by a program is read here alone.
    editable: bool,
    may_amend: bool,
    versions: Vec<VersionRow>,
    sample: Cents,
    trial: trial::Shown,
}

struct VersionRow {
    href: String,
    number: i32,
    tone: &'static str,
    badge: &'static str,
    applies_from: NaiveDate,
    here: bool,
}

pub(super) async fn show(
    State(app): State<App>,
    person: Person,
    Path((grouping, id)): Path<(String, String)>,
) -> Answer {
    let rule = of_path(&app, &person, &grouping, &id).await?;
    let seen = groupings::overview(&app, &person.actor, rule.grouping).await?;
    let versions = rules::versions(&app, &person.actor, rule.id).await?;
    let named = Named::of(&app, &person.actor, &seen).await?;
    let head = Head::new(&app, &seen, "rules");
    let trial = if seen.may_split {
        let formula = rule.terms.formula.clone();
        trial::shown(&app, &person, rule.grouping, Some(formula), trial::SAMPLE).await?
    } else {
        trial::Shown::default()
    };
    let agreement = seen
        .agreements
        .iter()
        .find(|a| Some(a.id) == rule.terms.agreement);
    let agreement = agreement.map_or_else(String::new, |a| match a.clauses.signed_on {
        Some(day) => format!(
            "Version {}, signée le {}",
            a.number,
            french::long_date_year(day)
        ),
        None => format!("Version {}, à signer", a.number),
    });
    page(&RulePage {
        shell: shell(&person, &seen, &rule.terms.name)
            .crumb("Règles de répartition", head.href("/regles")),
        refusal: String::new(),
        may_split: seen.may_split && !head.archived,
        here: head.href(&format!("/regles/{}", rule.id)),
        sentence: named.sentence(&rule.terms.formula),
        editable: stored::fields(&rule.terms.formula, Typed::default()).is_some(),
        may_amend: !versions.iter().any(|one| one.state == RuleState::Draft),
        versions: versions
            .iter()
            .map(|one| VersionRow {
                href: head.href(&format!("/regles/{}", one.id)),
                number: one.number,
                tone: tone(one.state),
                badge: badge(one.state),
                applies_from: one.terms.applies_from,
                here: one.id == rule.id,
            })
            .collect(),
        number: rule.number,
        version: rule.version,
        tone: tone(rule.state),
        state: rule.state,
        badge: badge(rule.state),
        applies_from: rule.terms.applies_from,
        agreement,
        article: rule.terms.article.unwrap_or_default(),
        deliberations: rule.terms.deliberations.unwrap_or_default(),
        tax_policy: sharing_rule::tax_policy(rule.terms.tax_policy),
        prorata: rule.terms.prorata,
        name: rule.terms.name,
        sample: trial::SAMPLE,
        // The page says it already.
        trial: trial::Shown {
            sentence: String::new(),
            ..trial
        },
        head,
    })
}

/// The rule of an address, inside the grouping of that address.
async fn of_path(
    app: &App,
    person: &Person,
    grouping: &str,
    id: &str,
) -> Result<SharingRule, Error> {
    let (grouping, id): (GroupingId, RuleId) = (parse(grouping)?, parse(id)?);
    let rule = rules::find(app, &person.actor, id).await?;
    if rule.grouping == grouping {
        Ok(rule)
    } else {
        Err(Error::NotFound)
    }
}

/// Adopts, withdraws, restores or throws away, by the name of the button.
pub(super) async fn turn(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path((grouping, id)): Path<(String, String)>,
    fields: Fields,
) -> Answer {
    let rule = of_path(&app, &person, &grouping, &id).await?;
    let actor = person.actor.clone().with_operation(fields.operation());
    let (id, seen) = (rule.id, version(&fields));
    let back = format!("/groupements/{}/regles", rule.grouping);
    let name = format!("«{NBSP}{}{NBSP}»", rule.terms.name);
    let (text, next) = match fields.typed("geste") {
        "adopter" => {
            rules::adopt(&app, &actor, id, seen).await?;
            (format!("Règle {name} en vigueur."), format!("{back}/{id}"))
        }
        "retirer" => {
            rules::withdraw(&app, &actor, id, seen).await?;
            let text = format!("Règle {name} retirée. Vous pouvez la remettre en vigueur.");
            (text, format!("{back}/{id}"))
        }
        "remettre" => {
            rules::restore(&app, &actor, id, seen).await?;
            (
                format!("Règle {name} de nouveau en vigueur."),
                format!("{back}/{id}"),
            )
        }
        "abandonner" => {
            rules::discard(&app, &actor, id, seen).await?;
            (format!("Projet {name} abandonné."), back)
        }
        _ => return Err(Error::NotFound.into()),
    };
    session::tell(&session, FlashKind::Done, text).await?;
    Ok(Redirect::to(&next).into_response())
}

//! Which rule the grouping, a lot or an article takes when an invoice says nothing.
use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect},
};
use domain::{
    identity::{GroupingId, RuleId},
    purchasing::rule::{RuleChoice, RuleState, RuleSubject},
};
use tower_sessions::Session;

use super::super::{Head, parse, shell};
use crate::{
    actions::{
        App, Error,
        purchasing::{groupings, rules},
    },
    web::{
        components::Choice,
        form::Fields,
        layout::{FlashKind, Shell},
        page::{Answer, page},
        session::{self, Person},
    },
};

#[derive(Template)]
#[template(path = "groupings/rule_choices.html")]
struct ChoicesPage {
    shell: Shell,
    head: Head,
    refusal: String,
    may_split: bool,
    rules: Vec<Choice>,
    rows: Vec<SubjectRow>,
}

struct SubjectRow {
    field: String,
    /// A heading before the first lot of a round.
    round: String,
    name: String,
    /// An article stands under its lot.
    under: bool,
    chosen: String,
}

pub(in super::super) async fn show(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Answer {
    let id: GroupingId = parse(&id)?;
    let known = rules::list(&app, &person.actor, id).await?;
    let chosen = rules::choices(&app, &person.actor, id).await?;
    let subjects = rules::subjects(&app, &person.actor, id).await?;
    let seen = groupings::overview(&app, &person.actor, id).await?;
    let head = Head::new(&app, &seen, "rules");
    let mut offered: Vec<Choice> = Vec::new();
    for rule in known.iter().filter(|rule| rule.state == RuleState::Adopted) {
        let series = rule.series.to_string();
        if !offered.iter().any(|choice| choice.is(&series)) {
            offered.push(Choice::new(series, &rule.terms.name));
        }
    }
    let mut round = String::new();
    let rows = subjects.into_iter().map(|one| {
        let heading = if one.round == round {
            String::new()
        } else {
            one.round.clone()
        };
        round = one.round;
        let series = chosen.iter().find(|choice| choice.subject == one.subject);
        SubjectRow {
            field: one.subject.to_string(),
            round: heading,
            name: match one.subject {
                RuleSubject::Grouping => "Tout le groupement".to_owned(),
                RuleSubject::Lot(_) | RuleSubject::Item(_) => one.name,
            },
            under: matches!(one.subject, RuleSubject::Item(_)),
            chosen: series.map(|c| c.series.to_string()).unwrap_or_default(),
        }
    });
    let rows = rows.collect();
    page(&ChoicesPage {
        shell: shell(&person, &seen, "Règles par lot et par article")
            .crumb("Règles de répartition", head.href("/regles")),
        refusal: String::new(),
        may_split: seen.may_split && !head.archived,
        rules: offered,
        rows,
        head,
    })
}

pub(in super::super) async fn choose(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    let id: GroupingId = parse(&id)?;
    let mut chosen = Vec::new();
    for (name, series) in fields.iter() {
        if let (Some(subject), false) = (RuleSubject::parse(name), series.is_empty()) {
            let series: RuleId = series.parse().ok().ok_or(Error::NotFound)?;
            chosen.push(RuleChoice { subject, series });
        }
    }
    let actor = person.actor.clone().with_operation(fields.operation());
    rules::choose(&app, &actor, id, chosen).await?;
    let text = "Les prochaines factures prendront ces règles.";
    session::tell(&session, FlashKind::Done, text.to_owned()).await?;
    Ok(Redirect::to(&format!("/groupements/{id}/regles")).into_response())
}

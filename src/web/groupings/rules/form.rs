//! The editor of a rule: a way to share, its figures, what it gives at once.
use super::{
    super::{Head, parse, shell},
    Named, of_path, stored,
    trial::{self, Shown},
    typed::{BANDS, FACTORS, PARTS, Shape},
};
use crate::{
    actions::{
        App, Error,
        purchasing::{
            groupings::{self, Overview},
            invoice_choices, keys,
        },
    },
    web::{
        components::{Choice, Typed},
        format::filters,
        layout::Shell,
        page::{Answer, page_with},
        session::Person,
    },
    wording::sharing_rule,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use domain::{
    allocation::{AllocationRule, BandMode, TaxPolicy},
    french::{self, NBSP},
    identity::GroupingId,
    organisation::Organisation,
    purchasing::rule::{FigureSource, RuleTerms, SharingRule},
};

#[derive(Template)]
#[template(path = "groupings/rule_form.html")]
struct FormPage {
    shell: Shell,
    head: Head,
    refusal: String,
    heading: String,
    action: String,
    back: String,
    typed: Typed,
    shapes: Vec<Choice>,
    sources: Vec<Choice>,
    parts: Vec<Choice>,
    modes: Vec<Choice>,
    policies: Vec<Choice>,
    agreements: Vec<Choice>,
    members: Vec<MemberRow>,
    factor_rows: Vec<usize>,
    band_rows: Vec<usize>,
    part_rows: Vec<usize>,
    trial: Shown,
}

struct MemberRow {
    id: String,
    name: String,
}

/// For what a form is drawn.
#[derive(Clone, Copy)]
pub(super) enum Of<'a> {
    New,
    Draft(&'a SharingRule),
    Amended(&'a SharingRule),
}

/// A form and all that it may show again.
#[derive(Default)]
pub(super) struct Drawn {
    pub typed: Typed,
    pub refusal: String,
    pub status: StatusCode,
    pub trial: Shown,
}

pub(in super::super) async fn show_new(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Answer {
    let id: GroupingId = parse(&id)?;
    let seen = groupings::overview(&app, &person.actor, id).await?;
    let agreement = seen.agreements.first();
    let agreement = agreement.map_or_else(String::new, |last| last.id.to_string());
    let typed = Typed::default()
        .with("convention", agreement)
        .with("forme", Shape::Equal.code())
        .with("tva", TaxPolicy::Exact.word())
        .with("montant", french::amount(trial::SAMPLE));
    keys::weighable(&app, &person.actor, id).await?;
    let formula = Some(AllocationRule::Equal);
    let drawn = Drawn {
        typed,
        trial: trial::shown(&app, &person, id, formula, trial::SAMPLE).await?,
        ..Drawn::default()
    };
    draw(&app, &person, id, Of::New, drawn).await
}

pub(in super::super) async fn show_edit(
    State(app): State<App>,
    person: Person,
    Path((grouping, id)): Path<(String, String)>,
) -> Answer {
    let rule = of_path(&app, &person, &grouping, &id).await?;
    rule.check_draft()?;
    opened(&app, &person, &rule, Of::Draft(&rule)).await
}

pub(in super::super) async fn show_amend(
    State(app): State<App>,
    person: Person,
    Path((grouping, id)): Path<(String, String)>,
) -> Answer {
    let rule = of_path(&app, &person, &grouping, &id).await?;
    opened(&app, &person, &rule, Of::Amended(&rule)).await
}

async fn opened(app: &App, person: &Person, rule: &SharingRule, of: Of<'_>) -> Answer {
    let typed = of_terms(&rule.terms, matches!(of, Of::Amended(_)));
    let typed = typed.with("version", rule.version.to_string());
    let drawn = Drawn {
        // A rule that no field says is written by a program: there is nothing to type.
        typed: stored::fields(&rule.terms.formula, typed).ok_or(Error::NotFound)?,
        trial: trial::shown(
            app,
            person,
            rule.grouping,
            Some(rule.terms.formula.clone()),
            trial::SAMPLE,
        )
        .await?,
        ..Drawn::default()
    };
    draw(app, person, rule.grouping, of, drawn).await
}

fn of_terms(terms: &RuleTerms, amended: bool) -> Typed {
    let words = |text: &Option<String>| text.clone().unwrap_or_default();
    let typed = Typed::default()
        .with("nom", &terms.name)
        .with("article", words(&terms.article))
        .with("tva", terms.tax_policy.word())
        .with("montant", french::amount(trial::SAMPLE));
    let typed = if terms.prorata {
        typed.with("prorata", "oui")
    } else {
        typed
    };
    // An amendment has its own date and its own acts.
    if amended {
        return typed;
    }
    let agreement = terms.agreement.map(|id| id.to_string());
    typed
        .with("a_partir_du", french::date(terms.applies_from))
        .with("convention", agreement.unwrap_or_default())
        .with("deliberations", words(&terms.deliberations))
}

pub(super) async fn draw(
    app: &App,
    person: &Person,
    grouping: GroupingId,
    of: Of<'_>,
    drawn: Drawn,
) -> Answer {
    let members = keys::weighable(app, &person.actor, grouping).await?;
    let choices = invoice_choices::of_grouping(app, &person.actor, grouping).await?;
    let seen = groupings::overview(app, &person.actor, grouping).await?;
    let named = Named::of(app, &person.actor, &seen).await?;
    let head = Head::new(app, &seen, "rules");
    let rules = head.href("/regles");
    let (heading, action, back) = match of {
        Of::New => ("Rédiger une règle".to_owned(), rules.clone(), rules.clone()),
        Of::Draft(rule) => {
            let here = format!("{rules}/{}", rule.id);
            let heading = format!("Modifier le projet «{NBSP}{}{NBSP}»", rule.terms.name);
            (heading, format!("{here}/modifier"), here)
        }
        Of::Amended(rule) => {
            let here = format!("{rules}/{}", rule.id);
            let heading = format!("Nouvelle version de «{NBSP}{}{NBSP}»", rule.terms.name);
            (heading, format!("{here}/version"), here)
        }
    };
    let sources = sources(&choices, &named);
    let equal = Choice::new(Shape::Equal.code(), "À parts égales");
    let template = FormPage {
        shell: shell(person, &seen, &heading).crumb("Règles de répartition", rules),
        refusal: drawn.refusal,
        heading,
        action,
        back,
        typed: drawn.typed,
        shapes: Shape::ALL
            .into_iter()
            .map(|shape| {
                let (label, hint) = shape.words();
                Choice::new(shape.code(), label).hint(hint)
            })
            .collect(),
        parts: std::iter::once(equal).chain(sources.clone()).collect(),
        sources,
        modes: BandMode::ALL.into_iter().map(mode).collect(),
        policies: super::super::choices(TaxPolicy::ALL, TaxPolicy::word, sharing_rule::tax_policy),
        agreements: agreements(&seen),
        members: members.iter().map(row).collect(),
        factor_rows: (1..=FACTORS).collect(),
        band_rows: (1..=BANDS).collect(),
        part_rows: (1..=PARTS).collect(),
        trial: drawn.trial,
        head,
    };
    page_with(drawn.status, &template)
}

fn row(member: &Organisation) -> MemberRow {
    MemberRow {
        id: member.id.to_string(),
        name: member.name.clone(),
    }
}

fn mode(mode: BandMode) -> Choice {
    let label = match mode {
        BandMode::Flat => "La valeur de la tranche est le poids du membre",
        BandMode::Slab => "Le taux de la tranche multiplie toute la donnée",
        BandMode::Marginal => "Chaque partie de la donnée au taux de sa tranche",
    };
    Choice::new(mode.word(), label)
}

fn agreements(seen: &Overview) -> Vec<Choice> {
    let label = |number: i32, signed: bool| {
        let signed = if signed { "signée" } else { "à signer" };
        format!("Version {number}, {signed}")
    };
    let versions = seen.agreements.iter();
    versions
        .map(|a| {
            let label = label(a.number, a.clauses.signed_on.is_some());
            Choice::new(a.id.to_string(), label)
        })
        .collect()
}

/// From where a figure may come: deliveries, populations that every member has, keys.
fn sources(choices: &invoice_choices::Choices, named: &Named) -> Vec<Choice> {
    let mut found = vec![FigureSource::Delivered];
    for (series, year) in &choices.populations {
        let latest = FigureSource::Population {
            series: series.clone(),
            year: None,
        };
        if !found.contains(&latest) {
            found.push(latest);
        }
        found.push(FigureSource::Population {
            series: series.clone(),
            year: Some(*year),
        });
    }
    found.extend(choices.keys.iter().map(|key| FigureSource::Key(key.id)));
    let choice = |source: FigureSource| {
        let text = source.to_string();
        let label = named.key(&text);
        let mut letters = label.chars();
        let first = letters.next().map(|c| c.to_uppercase().to_string());
        Choice::new(text, first.unwrap_or_default() + letters.as_str())
    };
    found.into_iter().map(choice).collect()
}

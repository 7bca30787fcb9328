//! « Ce que nous payons »: the statements of a member, each on one printed page.
use askama::Template;
use axum::extract::{Path, Query, State};
use chrono::Datelike;
use chrono_tz::Tz;
use domain::{
    attachment::{Subject, SubjectKind},
    budget::Budget,
    french,
    identity::{Siret, StatementId},
    organisation::Organisation,
    purchasing::grouping::Regime,
};
use serde::Deserialize;

use super::{
    attachments::Panel,
    components::{Choice, Pages, Party, Turn},
    format::{self, filters},
    layout::Shell,
    page::{Answer, page},
    routes::Routes,
    session::Person,
};
use crate::{
    actions::{
        App, Error,
        purchasing::statements::{self, Complete, Listed},
    },
    exchange::statements::{PartText, parts_of},
    wording::{
        self,
        explanation::{Figure, figures},
    },
};

mod annex;
mod change;
mod export;
mod why;

use annex::Annex;

/// How many statements a page shows.
const ROWS: u32 = 25;
/// Up to this many amounts, the exact parts are told below the table.
const BELOW_MAX: usize = 4;
/// How many years before this one are offered: a public debt lapses after four.
const YEARS_BACK: i32 = 4;

/// The pages of statements.
#[must_use]
pub fn routes() -> Routes {
    Routes::default()
        .get("/decomptes", list)
        .get("/decomptes/{id}", show)
        .get("/decomptes/{id}/pourquoi", why::show)
        .get("/decomptes/{id}/{format}", export::download)
}

#[derive(Debug, Deserialize)]
struct Asked {
    page: Option<u32>,
    #[serde(default)]
    exercice: String,
}

#[derive(Template)]
#[template(path = "statements/list.html")]
struct List {
    shell: Shell,
    exercice: String,
    exercices: Vec<Choice>,
    rows: Vec<Row>,
    pages: Pages,
}

struct Row {
    href: String,
    number: String,
    title: String,
    grouping: String,
    owner: String,
    made: String,
    replaced: bool,
    gross: domain::money::Cents,
}

async fn list(State(app): State<App>, person: Person, Query(asked): Query<Asked>) -> Answer {
    let member = person.organisation()?;
    let turn = Turn::of(asked.page, ROWS);
    let this_year = app.clock.now().with_timezone(&person.zone()).year();
    let years = (this_year - YEARS_BACK..=this_year).rev();
    let exercice = years
        .clone()
        .find(|year| asked.exercice == year.to_string());
    let rows = (turn.skip(), turn.rows());
    let (found, total) = statements::page(&app, &person.actor, member, exercice, rows).await?;
    let kept = exercice.map_or_else(String::new, |year| format!("exercice={year}"));
    page(&List {
        shell: person.shell("Ce que nous payons"),
        rows: found
            .into_iter()
            .map(|listed| row(listed, person.zone()))
            .collect(),
        pages: turn.pages(total, &kept),
        exercice: exercice.map_or_else(String::new, |year| year.to_string()),
        exercices: years
            .map(|year| Choice::new(year.to_string(), year.to_string()))
            .collect(),
    })
}

fn row(listed: Listed, zone: Tz) -> Row {
    Row {
        href: format!("/decomptes/{}", listed.statement.id),
        number: listed.statement.number,
        title: match &listed.budget {
            Some(budget) => format!("{} · {budget}", listed.invoice.title),
            None => listed.invoice.title,
        },
        grouping: listed.grouping,
        owner: listed.owner,
        made: format::day_time_year(listed.statement.made_at, zone),
        replaced: listed.replaced,
        gross: listed.statement.total.gross,
    }
}

#[derive(Template)]
#[template(path = "statements/show.html")]
struct Show {
    shell: Shell,
    title: String,
    issuer: Party,
    addressee: Party,
    lines: Vec<PartText>,
    taxes: Vec<PartText>,
    /// So many amounts that their exact parts stand beside them, not below.
    many: bool,
    made: String,
    count: usize,
    due: String,
    is_credit: bool,
    /// « Titre à émettre », or that a later run made another statement.
    badge: Option<(&'static str, String)>,
    /// Whether a titre will follow: otherwise each member pays its own invoices.
    recovered: bool,
    /// The agreement and the act that the split rests on; empty when none is recorded.
    basis: String,
    rule: Option<String>,
    input: String,
    output: String,
    href: String,
    /// What the figures rest on, each once.
    figures: Vec<Figure>,
    annex: Annex,
    /// What justifies the figures, with the pieces of the invoice and of the split.
    pieces: Panel,
    /// Previous, new and difference, on a correction.
    correcting: Option<change::Correcting>,
    /// The statement in its place.
    replaced: Option<(String, String)>,
    /// What follows for the member.
    following: Vec<String>,
    s: Complete,
}

async fn show(State(app): State<App>, person: Person, Path(id): Path<String>) -> Answer {
    let id: StatementId = id.parse().ok().ok_or(Error::NotFound)?;
    let s = statements::find(&app, &person.actor, id).await?;
    let (taxes, lines): (Vec<_>, Vec<_>) = parts_of(&s.parts).into_iter().partition(|p| p.is_tax);
    let hash = |text: &str| text.chars().take(16).collect::<String>();
    let title = format!("Décompte n°\u{a0}{}", s.statement.number);
    let regime_c = s.run.grouping.regime == Regime::CoordinatorPays;
    let of = |kind, id| Subject { kind, id };
    let related = [
        (
            of(SubjectKind::Invoice, s.run.invoice.id.0),
            "facture".to_owned(),
        ),
        (
            of(SubjectKind::Allocation, s.run.run.id.0),
            "répartition".to_owned(),
        ),
    ];
    let subject = of(SubjectKind::Statement, id.0);
    let pieces = Panel::of(&app, &person, subject, format!("/decomptes/{id}")).await?;
    let pieces = pieces.with(&app, &person, &related).await?;
    let origins = s.parts.iter().map(|one| &one.why.origin);
    let figures = figures(origins, &s.run.sources());
    page(&Show {
        shell: crumbs(&person, &s, &title),
        href: format!("/decomptes/{id}"),
        annex: Annex::of(&s)?,
        figures,
        issuer: party(
            &s.owner,
            "Coordonnateur du groupement",
            s.owner_budget.as_ref(),
        ),
        addressee: addressee(&s),
        made: format::day_time_year(s.statement.made_at, person.zone()),
        count: s.run.paying(),
        due: french::euros(s.statement.total.gross),
        is_credit: s.statement.total.gross.is_negative(),
        badge: badge(&s),
        recovered: (regime_c || s.run.invoice.contract.is_none())
            && s.statement.member != s.statement.owner,
        basis: basis(&s),
        rule: s
            .agreement
            .as_ref()
            .and_then(|a| a.clauses.rule_text.clone()),
        input: hash(&s.run.run.input_sha256),
        output: hash(&s.run.run.output_sha256),
        pieces,
        many: s.parts.len() > BELOW_MAX,
        correcting: change::correcting(&s),
        replaced: change::replaced(&s),
        following: change::following(&s),
        lines,
        taxes,
        title,
        s,
    })
}

/// Where the page is: under the split of who made it, or what the member pays.
fn crumbs(person: &Person, s: &Complete, title: &str) -> Shell {
    let shell = person.shell(title.to_owned());
    if !person.actor.belongs_to(s.statement.owner) {
        return shell.crumb("Ce que nous payons", "/decomptes");
    }
    let split = format!("/factures/{}/repartition", s.run.invoice.id);
    let number = &s.run.invoice.number;
    shell
        .crumb("Factures et répartitions", "/factures")
        .crumb(format!("Répartition de {number}"), split)
}

/// The member that pays, under the budget that pays.
fn addressee(s: &Complete) -> Party {
    let role = match (&s.statement.budget, &s.budget) {
        (Some(_), Some(budget)) => format!("Budget annexe {}", budget.name),
        (Some(_) | None, _) => "Budget principal".to_owned(),
    };
    party(&s.member, &role, s.budget.as_ref())
}

fn badge(s: &Complete) -> Option<(&'static str, String)> {
    if !s.run.is_latest() {
        let text = "Remplacé par une répartition plus récente";
        return Some(("closed", text.to_owned()));
    }
    s.recovery
        .as_ref()
        .map(|order| super::recovery::badge(order.state))
}

/// « Convention du 12 décembre 2024 ; délibération n° 2024-61 du 3 décembre 2024 ».
fn basis(s: &Complete) -> String {
    let agreement = s.agreement.as_ref().and_then(|a| a.clauses.signed_on);
    let agreement = agreement.map(|day| format!("Convention du {}", format::day_year(day)));
    let deliberation = s.agreement.as_ref();
    let deliberation = deliberation.and_then(|a| a.clauses.deliberation.as_ref());
    let deliberation =
        deliberation.map(|act| format!("délibération du coordonnateur n°\u{a0}{act}"));
    let decision = s.decision.as_ref().map(|decision| {
        format!(
            "{} n°\u{a0}{} du {}",
            wording::grouping::decision_kind(decision.kind).to_lowercase(),
            decision.number,
            format::day_year(decision.decided_on)
        )
    });
    let all = [agreement, deliberation, decision];
    let all: Vec<String> = all.into_iter().flatten().collect();
    format::capital(&all.join("\u{202f}; "))
}

fn party(organisation: &Organisation, role: &str, budget: Option<&Budget>) -> Party {
    let siret = budget.and_then(|budget| budget.siret.as_ref());
    let siren = organisation.siren.as_ref().filter(|_| siret.is_none());
    let lines = [
        Some(role.to_owned()),
        organisation.address.clone(),
        siren.map(|siren| format!("SIREN {}", siren.grouped())),
    ];
    Party {
        name: organisation.name.clone(),
        lines: lines.into_iter().flatten().collect(),
        siret: siret.map(Siret::grouped).unwrap_or_default(),
    }
}

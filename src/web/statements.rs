//! « Ce que nous payons »: the statements of a member, each on one printed page.
use askama::Template;
use axum::extract::{Path, Query, State};
use domain::{
    attachment::{Subject, SubjectKind},
    french,
    identity::StatementId,
    purchasing::grouping::Regime,
};
use serde::Deserialize;

use super::{
    attachments::Panel,
    components::{Pages, Party},
    format::{self, filters},
    invoices::{parts_of, payer_query},
    layout::Shell,
    page::{Answer, page},
    routes::Routes,
    session::Person,
};
use crate::actions::{
    App, Error,
    purchasing::statements::{self, Complete, Listed},
};

mod export;

/// How many statements a page shows.
const ROWS: u32 = 25;

/// The pages of statements.
#[must_use]
pub fn routes() -> Routes {
    Routes::default()
        .get("/decomptes", list)
        .get("/decomptes/{id}", show)
        .get("/decomptes/{id}/{format}", export::download)
}

#[derive(Debug, Deserialize)]
struct Asked {
    page: Option<u32>,
}

#[derive(Template)]
#[template(path = "statements/list.html")]
struct List {
    shell: Shell,
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
    let number = asked.page.unwrap_or(1).max(1);
    let skip = u64::from(number - 1) * u64::from(ROWS);
    let (found, total) =
        statements::page(&app, &person.actor, member, skip, u64::from(ROWS)).await?;
    let total = u32::try_from(total).unwrap_or(u32::MAX);
    page(&List {
        shell: person.shell("Ce que nous payons"),
        rows: found.into_iter().map(row).collect(),
        pages: Pages::new(number, ROWS, total, ""),
    })
}

fn row(listed: Listed) -> Row {
    Row {
        href: format!("/decomptes/{}", listed.statement.id),
        number: listed.statement.number,
        title: match &listed.budget {
            Some(budget) => format!("{} · {budget}", listed.invoice.title),
            None => listed.invoice.title,
        },
        grouping: listed.grouping,
        owner: listed.owner,
        made: format::day_time_year(listed.statement.made_at),
        replaced: listed.replaced,
        gross: listed.statement.total.gross,
    }
}

#[derive(Template)]
#[template(path = "statements/show.html")]
struct Show {
    shell: Shell,
    s: Complete,
    title: String,
    issuer: Party,
    addressee: Party,
    lines: Vec<super::invoices::PartText>,
    taxes: Vec<super::invoices::PartText>,
    made: String,
    count: usize,
    due: String,
    is_credit: bool,
    replaced: bool,
    /// Whether a titre will follow: otherwise each member pays its own invoices.
    recovered: bool,
    input: String,
    output: String,
    split: Option<String>,
    /// What justifies the figures, to read only.
    pieces: Panel,
}

async fn show(State(app): State<App>, person: Person, Path(id): Path<String>) -> Answer {
    let id: StatementId = id.parse().ok().ok_or(Error::NotFound)?;
    let s = statements::find(&app, &person.actor, id).await?;
    let (taxes, lines): (Vec<_>, Vec<_>) = parts_of(&s.parts).into_iter().partition(|p| p.is_tax);
    let hash = |text: &str| text.chars().take(16).collect::<String>();
    let title = format!("Décompte n°\u{a0}{}", s.statement.number);
    let regime_c = s.run.grouping.regime == Regime::CoordinatorPays;
    let own = person.actor.belongs_to(s.statement.owner);
    let invoice = format!("/factures/{}/repartition", s.run.invoice.id);
    let of = |kind, id| Subject { kind, id };
    let subjects = [
        of(SubjectKind::Invoice, s.run.invoice.id.0),
        of(SubjectKind::Allocation, s.run.run.id.0),
    ];
    let pieces = Panel::read_only(&app, &person, &subjects).await?;
    let payer = payer_query(s.statement.payer());
    page(&Show {
        shell: person
            .shell(title.clone())
            .crumb("Ce que nous payons", "/decomptes"),
        issuer: party(&s.owner, "Coordonnateur du groupement"),
        addressee: addressee(&s),
        made: format::day_time_year(s.statement.made_at),
        count: s.run.paying(),
        due: french::euros(s.statement.total.gross),
        is_credit: s.statement.total.gross.is_negative(),
        replaced: !s.run.is_latest(),
        recovered: (regime_c || s.run.invoice.contract.is_none())
            && s.statement.member != s.statement.owner,
        input: hash(&s.run.run.input_sha256),
        output: hash(&s.run.run.output_sha256),
        pieces,
        split: own.then(|| format!("{invoice}?{payer}#pourquoi")),
        lines,
        taxes,
        title,
        s,
    })
}

/// The member that pays, under the budget that pays.
fn addressee(s: &Complete) -> Party {
    let Some(budget) = &s.budget else {
        return party(&s.member, "Budget principal");
    };
    let mut addressee = party(&s.member, &format!("Budget annexe {}", budget.name));
    if let Some(siret) = &budget.siret {
        addressee.siret = siret.grouped();
    }
    addressee
}

fn party(organisation: &domain::organisation::Organisation, role: &str) -> Party {
    let address = organisation.address.clone();
    let siren = organisation.siren.as_ref();
    Party {
        name: organisation.name.clone(),
        lines: [
            Some(role.to_owned()),
            address,
            siren.map(|siren| format!("SIREN {}", siren.grouped())),
        ]
        .into_iter()
        .flatten()
        .collect(),
        siret: String::new(),
    }
}

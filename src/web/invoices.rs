//! « Factures et répartitions »: received, checked, split.
use askama::Template;
use axum::extract::{Query, State};
use domain::{
    identity::InvoiceId,
    permission::Right,
    purchasing::{
        invoice::{Invoice, InvoiceKind, InvoiceState},
        payment::Payment,
    },
};
use serde::Deserialize;

use super::{
    components::{Choice, Pages, Turn},
    format::{self, filters},
    layout::Shell,
    page::{Answer, page},
    routes::Routes,
    session::Person,
};
use crate::{
    actions::{
        App, Error,
        purchasing::invoices::{self, Listed, Wanted},
    },
    wording,
};

mod charts;
mod delivered;
mod export;
mod form;
mod labels;
mod lines;
mod payment;
mod shares;
mod show;
mod split;
mod why;

pub(super) use split::proofs;
pub(super) use why::panel;

/// How many invoices a page shows.
const ROWS: u32 = 25;

/// The pages of invoices.
#[must_use]
pub fn routes() -> Routes {
    Routes::default()
        .get("/factures", list)
        .post("/factures", form::create)
        .get("/factures/nouvelle", form::show_new)
        .get("/factures/{id}", show::show)
        .get("/factures/{id}/modifier", form::show_edit)
        .post("/factures/{id}/modifier", form::edit)
        .post("/factures/{id}/controle", show::check)
        .post("/factures/{id}/paiement", payment::pay)
        .post("/factures/{id}/paiement/annuler", payment::unpay)
        .get("/factures/{id}/livraisons", delivered::show)
        .post("/factures/{id}/livraisons", delivered::save)
        .get("/factures/{id}/repartition", split::show)
        .post("/factures/{id}/repartition", split::allocate)
        .get("/factures/{id}/repartition/dossier", export::dossier)
        .get("/factures/{id}/repartition/{format}", export::download)
}

#[derive(Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    etat: String,
    #[serde(default)]
    paiement: String,
    page: Option<u32>,
}

#[derive(Template)]
#[template(path = "invoices/list.html")]
struct List {
    shell: Shell,
    words: String,
    states: Vec<Choice>,
    state: String,
    payments: Vec<Choice>,
    payment: String,
    /// How the rows are sorted.
    order: &'static str,
    unfiltered: bool,
    may_record: bool,
    rows: Vec<Row>,
    pages: Pages,
}

struct Row {
    href: String,
    number: String,
    title: String,
    supplier: String,
    tone: &'static str,
    state: &'static str,
    paid_on: Option<chrono::NaiveDate>,
    due_on: chrono::NaiveDate,
    relative: String,
    gross: domain::money::Cents,
}

async fn list(State(app): State<App>, person: Person, Query(asked): Query<Asked>) -> Answer {
    let wanted = Wanted {
        words: asked.q.clone(),
        state: InvoiceState::from_code(&asked.etat),
        payment: payment::from_word(&asked.paiement),
        ..Wanted::default()
    };
    let turn = Turn::of(asked.page, ROWS);
    let (found, total) =
        invoices::page(&app, &person.actor, &wanted, turn.skip(), turn.rows()).await?;
    let today = person.today(&app);
    let kept = serde_html_form::to_string([
        ("q", &asked.q),
        ("etat", &asked.etat),
        ("paiement", &asked.paiement),
    ]);
    let may_record = person
        .actor
        .organisations_with(Right::RunAllocations)
        .next()
        .is_some();
    page(&List {
        shell: person.shell("Factures et répartitions"),
        unfiltered: asked.q.is_empty() && asked.etat.is_empty() && asked.paiement.is_empty(),
        order: match wanted.payment {
            Some(Payment::ToPay | Payment::Late) => "Par date limite de paiement",
            Some(Payment::Paid) | None => "Par date de réception",
        },
        words: asked.q,
        state: asked.etat,
        payments: payment::choices(),
        payment: asked.paiement,
        states: InvoiceState::ALL
            .into_iter()
            .map(|state| {
                Choice::new(
                    state.code(),
                    format::capital(wording::invoice::invoice_state(state)),
                )
            })
            .collect(),
        may_record,
        rows: found.into_iter().map(|listed| row(listed, today)).collect(),
        pages: turn.pages(total, &kept.unwrap_or_default()),
    })
}

fn row(listed: Listed, today: chrono::NaiveDate) -> Row {
    let invoice = listed.invoice;
    let (tone, state) = badge(&invoice, today);
    Row {
        href: format!("/factures/{}", invoice.id),
        number: named(invoice.kind, &invoice.number),
        title: invoice.title,
        supplier: listed.supplier,
        tone,
        state,
        relative: domain::french::relative_days(today, invoice.due_on),
        due_on: invoice.due_on,
        paid_on: invoice.paid_on,
        gross: invoice.printed.gross,
    }
}

/// The badge of a state, or of a payment that is done or late.
fn badge(invoice: &Invoice, today: chrono::NaiveDate) -> (&'static str, &'static str) {
    match invoice.payment(today) {
        Some(Payment::Paid) => return ("ok", "Payée"),
        Some(Payment::Late) => return ("late", "En retard"),
        Some(Payment::ToPay) | None => {}
    }
    match invoice.state {
        InvoiceState::Received => ("warn", "Reçue"),
        InvoiceState::Checked => ("open", "Contrôlée"),
        InvoiceState::Allocated => ("ok", "Répartie"),
    }
}

/// « F-26-0412 », « Avoir A-12 ».
fn named(kind: InvoiceKind, number: &str) -> String {
    match kind {
        InvoiceKind::Invoice => number.to_owned(),
        InvoiceKind::CreditNote => format!("Avoir {number}"),
    }
}

/// Reads an identifier of a path; one that is none names nothing.
fn parse(text: &str) -> Result<InvoiceId, Error> {
    text.parse().ok().ok_or(Error::NotFound)
}

/// A fresh key: a double click acts once.
fn operation(app: &App) -> String {
    app.clock.new_id().to_string()
}

//! What each member received, line by line: pre-filled, then corrected by hand.
use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect},
};
use chrono::NaiveDate;
use domain::{
    french::{self, NBSP},
    identity::InvoiceLineId,
    permission::Right,
    purchasing::{
        invoice::{InvoiceLine, LineRule},
        payer::Payer,
        run::{Delivered, Participant},
    },
};
use tower_sessions::Session;

use super::{
    super::{
        components::Typed,
        form::Fields,
        format::filters,
        layout::{FlashKind, Shell},
        page::{Answer, page, page_with},
        session::{self, Person},
    },
    named, operation, parse,
};
use crate::{
    actions::{
        App, Error,
        purchasing::{deliveries, invoices},
    },
    exchange, wording,
};

#[derive(Template)]
#[template(path = "invoices/delivered.html")]
struct Page {
    shell: Shell,
    action: String,
    back: String,
    lines: Vec<String>,
    rows: Vec<Row>,
    typed: Typed,
    operation: String,
}

struct Row {
    member: String,
    /// The day the member left the grouping.
    left: Option<NaiveDate>,
    /// Name of the field and what a screen reader says of it.
    cells: Vec<(String, String)>,
}

pub(super) async fn show(State(app): State<App>, person: Person, Path(id): Path<String>) -> Answer {
    let overview = invoices::overview(&app, &person.actor, parse(&id)?).await?;
    person
        .actor
        .require(Right::RunAllocations, overview.invoice.owner)?;
    let mut typed = Typed::default();
    for ((line, payer), quantity) in &overview.delivered {
        typed = typed.with(&cell_name(*line, *payer), french::quantity(*quantity));
    }
    page(&complete(&app, &person, &overview, typed))
}

pub(super) async fn save(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<String>,
    mut fields: Fields,
) -> Answer {
    let id = parse(&id)?;
    let overview = invoices::overview(&app, &person.actor, id).await?;
    person
        .actor
        .require(Right::RunAllocations, overview.invoice.owner)?;
    let mut quantities = Delivered::new();
    for line in by_delivery(&overview.invoice.lines) {
        for seat in overview.participants.iter().flat_map(Participant::seats) {
            let payer = seat.payer();
            let name = cell_name(line.id, payer);
            let typed = fields.read_optional(&name, french::parse_quantity);
            if let Some(Some(quantity)) = typed {
                quantities.insert((line.id, payer), quantity);
            }
        }
    }
    let refused = fields.invalid();
    let accepted = matches!(&refused, Error::Invalid(problems) if problems.is_empty());
    let done = if accepted {
        let actor = person.actor.clone().with_operation(fields.operation());
        deliveries::replace(&app, &actor, id, quantities).await
    } else {
        Err(refused)
    };
    match done {
        Ok(_) => {
            let text = "Quantités livrées enregistrées.";
            session::tell(&session, FlashKind::Done, text).await?;
            Ok(Redirect::to(&format!("/factures/{id}")).into_response())
        }
        Err(error @ Error::Invalid(_)) => {
            let mut typed = Typed::of(fields.iter());
            if let Error::Invalid(problems) = &error {
                for field in problems {
                    let sentence = wording::field::problem(&field.problem);
                    typed.refuse(&field.name, format!("Quantité{NBSP}: {sentence}"));
                }
            }
            let shown = complete(&app, &person, &overview, typed);
            page_with(exchange::status(&error), &shown)
        }
        Err(other) => Err(other.into()),
    }
}

fn cell_name(line: InvoiceLineId, payer: Payer) -> String {
    match payer.budget {
        Some(budget) => format!("q_{line}_{}_{budget}", payer.member),
        None => format!("q_{line}_{}", payer.member),
    }
}

fn by_delivery(lines: &[InvoiceLine]) -> impl Iterator<Item = &InvoiceLine> {
    lines.iter().filter(|line| line.rule == LineRule::Delivered)
}

fn complete(app: &App, person: &Person, o: &invoices::Overview, typed: Typed) -> Page {
    let href = format!("/factures/{}", o.invoice.id);
    let seats = o.participants.iter().flat_map(Participant::seats);
    // A budget put aside stays as long as something was received for it.
    let received = |payer| o.delivered.keys().any(|(_, known)| *known == payer);
    let shown = seats
        .filter(|seat| seat.budget.is_none_or(|budget| budget.active) || received(seat.payer()));
    let rows = shown.map(|seat| {
        let name = seat.name();
        let cell = |line: &InvoiceLine| {
            let label = format!("{name}, {}", line.label);
            (cell_name(line.id, seat.payer()), label)
        };
        Row {
            left: seat.participant.left_on,
            cells: by_delivery(&o.invoice.lines).map(cell).collect(),
            member: name,
        }
    });
    Page {
        shell: person
            .shell("Quantités livrées")
            .crumb("Factures et répartitions", "/factures")
            .crumb(named(o.invoice.kind, &o.invoice.number), href.clone()),
        action: format!("{href}/livraisons"),
        back: href,
        lines: by_delivery(&o.invoice.lines)
            .map(|line| line.label.clone())
            .collect(),
        rows: rows.collect(),
        typed,
        operation: operation(app),
    }
}

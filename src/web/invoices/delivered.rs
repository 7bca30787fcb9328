//! What each member received, line by line: pre-filled, then corrected by hand.
use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect},
};
use domain::{
    french::{self, NBSP},
    permission::Right,
    purchasing::{
        invoice::{InvoiceLine, LineRule},
        run::Delivered,
    },
};
use tower_sessions::Session;

use super::{
    super::{
        components::Typed,
        form::Fields,
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
    api::problem,
    wording,
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
    /// Name of the field and what a screen reader says of it.
    cells: Vec<(String, String)>,
}

pub(super) async fn show(State(app): State<App>, person: Person, Path(id): Path<String>) -> Answer {
    let overview = invoices::overview(&app, &person.actor, parse(&id)?).await?;
    person
        .actor
        .require(Right::RunAllocations, overview.invoice.owner)?;
    let mut typed = Typed::default();
    for ((line, member), quantity) in &overview.delivered {
        typed = typed.with(&format!("q_{line}_{member}"), french::quantity(*quantity));
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
        for participant in &overview.participants {
            let member = participant.organisation.id;
            let name = format!("q_{}_{member}", line.id);
            let typed = fields.read_optional(&name, french::parse_quantity);
            if let Some(Some(quantity)) = typed {
                quantities.insert((line.id, member), quantity);
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
            page_with(problem::status(&error), &shown)
        }
        Err(other) => Err(other.into()),
    }
}

fn by_delivery(lines: &[InvoiceLine]) -> impl Iterator<Item = &InvoiceLine> {
    lines.iter().filter(|line| line.rule == LineRule::Delivered)
}

fn complete(app: &App, person: &Person, o: &invoices::Overview, typed: Typed) -> Page {
    let href = format!("/factures/{}", o.invoice.id);
    let rows = o.participants.iter().map(|participant| {
        let organisation = &participant.organisation;
        let cell = |line: &InvoiceLine| {
            let name = format!("q_{}_{}", line.id, organisation.id);
            (name, format!("{}, {}", organisation.name, line.label))
        };
        Row {
            member: organisation.name.clone(),
            cells: by_delivery(&o.invoice.lines).map(cell).collect(),
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

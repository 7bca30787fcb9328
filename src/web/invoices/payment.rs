//! The day an invoice was paid: its form, its refusals, and how lists are narrowed by it.
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect},
};
use domain::{french, identity::InvoiceId, purchasing::payment::Payment};
use tower_sessions::Session;

use super::{
    super::{
        components::Choice,
        form::Fields,
        format,
        layout::FlashKind,
        page::{Answer, page_with},
        refused::Refused,
        session::{self, Person},
    },
    parse, show,
};
use crate::{
    actions::{
        App, Error,
        purchasing::{invoices, payments},
    },
    wording,
};

/// Where a payment stands, as the address of the list says it.
const WORDS: [(&str, Payment); 3] = [
    ("a_payer", Payment::ToPay),
    ("en_retard", Payment::Late),
    ("payee", Payment::Paid),
];

/// The choices of the list's filter.
pub(super) fn choices() -> Vec<Choice> {
    let choice = |(word, payment)| {
        let label = format::capital(wording::payment::payment(payment));
        Choice::new(word, label)
    };
    WORDS.into_iter().map(choice).collect()
}

/// Reads a word of the address.
pub(super) fn from_word(word: &str) -> Option<Payment> {
    let found = WORDS.into_iter().find(|(known, _)| *known == word);
    found.map(|(_, payment)| payment)
}

/// Tells the day.
pub(super) async fn pay(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<String>,
    mut fields: Fields,
) -> Answer {
    let id = parse(&id)?;
    // Who may not pay is told so before what was typed is looked at.
    payments::check_payer(&app, &person.actor, id).await?;
    let actor = person.actor.clone().with_operation(fields.operation());
    let version = fields.typed("version").parse().ok();
    let done = match fields.date("payee_le") {
        Some(day) => payments::pay(&app, &actor, id, version, day).await,
        None => Err(fields.invalid()),
    };
    let text = match &done {
        Ok(invoice) => invoice.paid_on.map_or_else(String::new, |day| {
            format!("Facture payée le {}.", french::date(day))
        }),
        Err(_) => String::new(),
    };
    answer(&app, &person, &session, id, &fields, done.map(|_| text)).await
}

/// Takes it back.
pub(super) async fn unpay(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    let id = parse(&id)?;
    let actor = person.actor.clone().with_operation(fields.operation());
    let version = fields.typed("version").parse().ok();
    let done = payments::unpay(&app, &actor, id, version).await;
    let text = "Paiement repris\u{a0}: la facture est de nouveau à payer.".to_owned();
    answer(&app, &person, &session, id, &fields, done.map(|_| text)).await
}

async fn answer(
    app: &App,
    person: &Person,
    session: &Session,
    id: InvoiceId,
    fields: &Fields,
    done: Result<String, Error>,
) -> Answer {
    match done {
        Ok(text) => {
            session::tell(session, FlashKind::Done, text).await?;
            Ok(Redirect::to(&format!("/factures/{id}")).into_response())
        }
        Err(error) => {
            let refused = Refused::of(fields, error)?;
            let overview = invoices::overview(app, &person.actor, id).await?;
            let status = refused.status;
            page_with(
                status,
                &show::complete(app, person, overview, refused).await?,
            )
        }
    }
}

//! The form of a lot's outcome, with a price for each item.
use askama::Template;
use axum::{
    extract::{Path, State},
    response::IntoResponse,
};
use domain::{
    field::FieldProblem,
    french,
    identity::{LotId, ProcedureId, Siren, Siret},
    money::UnitPrice,
    number::{NumberError, not_negative},
    purchasing::{
        award::{Award, LotOutcome, MOTIVE_CHARS_MAX},
        supplier::NAME_CHARS_MAX,
    },
};
use tower_sessions::Session;
use uuid::Uuid;

use super::to;
use crate::{
    actions::{
        App, Error,
        purchasing::{
            awards::{self, NewAward, NewOutcome, Price},
            procedures::{self, ItemOverview, LotOverview, Overview},
            suppliers::NamedSupplier,
        },
    },
    web::{
        components::{Choice, Typed},
        form::Fields,
        format::filters,
        layout::{FlashKind, Shell},
        page::{Answer, page_with},
        refused::Refused,
        session::{self, Person},
    },
    wording,
};

#[derive(Template)]
#[template(path = "procedures/lot.html")]
struct LotPage {
    shell: Shell,
    refused: Refused,
    lot: LotOverview,
    outcomes: Vec<Choice>,
    operation: Uuid,
    here: String,
    back: String,
}

impl LotPage {
    fn typed(&self) -> &Typed {
        &self.refused.typed
    }

    fn value(&self, prefix: &str, line: &ItemOverview) -> &str {
        self.refused.typed.value(&name(prefix, line))
    }

    fn error(&self, prefix: &str, line: &ItemOverview) -> &str {
        self.refused.typed.error(&name(prefix, line))
    }
}

fn name(prefix: &str, line: &ItemOverview) -> String {
    format!("{prefix}_{}", line.item.id)
}

/// The form, filled with the outcome if there is one.
pub(super) async fn show(
    State(app): State<App>,
    person: Person,
    Path((id, lot)): Path<(Uuid, Uuid)>,
) -> Answer {
    let (overview, lot) = read(&app, &person, ProcedureId(id), LotId(lot)).await?;
    let mut typed = Typed::default();
    typed = match &lot.award {
        Some(award) => typed_of(typed, award, &lot),
        None => typed.with("issue", LotOutcome::Awarded.code()),
    };
    answer(&app, &person, overview, lot, Refused::fresh(typed))
}

async fn read(
    app: &App,
    person: &Person,
    id: ProcedureId,
    lot: LotId,
) -> Result<(Overview, LotOverview), Error> {
    let overview = procedures::overview(app, &person.actor, id).await?;
    if !overview.runs {
        return Err(Error::Forbidden);
    }
    let found = overview.lots.iter().find(|known| known.lot.id == lot);
    let lot = found.cloned().ok_or(Error::NotFound)?;
    Ok((overview, lot))
}

fn typed_of(mut typed: Typed, award: &Award, lot: &LotOverview) -> Typed {
    typed = typed
        .with("issue", award.decision.outcome().code())
        .with("decidee_le", french::date(award.decided_on))
        .with("motif", award.decision.motive().unwrap_or_default());
    if let Some(amount) = award.decision.amount() {
        typed = typed.with("montant", french::amount(amount));
    }
    if let Some(supplier) = &lot.supplier {
        typed = typed
            .with("siren", supplier.siren.to_string())
            .with("titulaire", supplier.name.clone());
    }
    for price in award.decision.prices() {
        let unit_price = french::unit_price(price.unit_price);
        typed = typed.with(&format!("prix_{}", price.item), unit_price);
        if let Some(alone) = price.individual_price {
            typed = typed.with(&format!("seul_{}", price.item), french::unit_price(alone));
        }
    }
    typed
}

fn answer(
    app: &App,
    person: &Person,
    overview: Overview,
    lot: LotOverview,
    refused: Refused,
) -> Answer {
    let back = format!("/consultations/{}", overview.procedure.id);
    let outcomes = LotOutcome::ALL.into_iter();
    let status = refused.status;
    let template = LotPage {
        shell: person
            .shell(format!("Issue du lot {}", lot.lot.number))
            .crumb("Consultations", "/consultations")
            .crumb(overview.procedure.plan.title, back.clone()),
        refused,
        outcomes: outcomes
            .map(|outcome| Choice::new(outcome.code(), wording::procedure::outcome(outcome)))
            .collect(),
        operation: app.clock.new_id(),
        here: format!("{back}/lots/{}", lot.lot.id),
        back,
        lot,
    };
    page_with(status, &template)
}

/// Records or corrects the outcome.
pub(super) async fn decide(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path((id, lot)): Path<(Uuid, Uuid)>,
    mut fields: Fields,
) -> Answer {
    let (id, lot) = (ProcedureId(id), LotId(lot));
    let (overview, known) = read(&app, &person, id, lot).await?;
    let saved = match parse(&mut fields, &known) {
        Some(new) => {
            let actor = person.actor.clone().with_operation(fields.operation());
            awards::decide(&app, &actor, id, lot, new).await
        }
        None => Err(fields.invalid()),
    };
    match saved {
        Ok(_) => {
            let text = format!("Issue du lot {} enregistrée.", known.lot.number);
            session::tell(&session, FlashKind::Done, text).await?;
            Ok(to(id).into_response())
        }
        Err(error) => {
            let refused = Refused::of(&fields, error)?;
            answer(&app, &person, overview, known, refused)
        }
    }
}

fn parse(fields: &mut Fields, lot: &LotOverview) -> Option<NewAward> {
    let decided_on = fields.date("decidee_le");
    let outcome = match fields.choice("issue", LotOutcome::from_code)? {
        LotOutcome::Awarded => awarded(fields, lot),
        LotOutcome::NoTender => fields
            .lines_optional("motif", MOTIVE_CHARS_MAX)
            .map(|note| NewOutcome::NoTender { note }),
        LotOutcome::Dropped => match fields.lines_optional("motif", MOTIVE_CHARS_MAX)? {
            Some(motive) => Some(NewOutcome::Dropped { motive }),
            None => {
                fields.refuse("motif", FieldProblem::Missing);
                None
            }
        },
    };
    Some(NewAward {
        decided_on: decided_on?,
        outcome: outcome?,
    })
}

fn awarded(fields: &mut Fields, lot: &LotOverview) -> Option<NewOutcome> {
    let siren = fields.read("siren", Siren::parse);
    let siret = fields.read_optional("siret", Siret::parse);
    let name_read = fields.text("titulaire", NAME_CHARS_MAX);
    let amount = fields.read_optional("montant", |typed| {
        let amount = french::parse_amount(typed)?;
        not_negative(amount, typed)
    });
    let mut prices = Vec::with_capacity(lot.items.len());
    let mut all_read = true;
    for line in &lot.items {
        let unit_price = fields.read(&name("prix", line), price);
        let individual_price = fields.read_optional(&name("seul", line), price);
        match (unit_price, individual_price) {
            (Some(unit_price), Some(individual_price)) => prices.push(Price {
                item: line.item.id,
                unit_price,
                individual_price,
            }),
            _ => all_read = false,
        }
    }
    let supplier = NamedSupplier {
        siren: siren?,
        siret: siret?,
        name: name_read?,
    };
    all_read.then_some(NewOutcome::Awarded {
        supplier,
        amount: amount?,
        prices,
    })
}

fn price(typed: &str) -> Result<UnitPrice, NumberError> {
    let price = french::parse_unit_price(typed)?;
    not_negative(price, typed)
}

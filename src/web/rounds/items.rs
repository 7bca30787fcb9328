//! The editor of lots and items: line by line, or a block pasted from a spreadsheet.
use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use domain::{
    french,
    identity::{ItemId, LotId, RoundId},
    money::TaxCategory,
    purchasing::{lot::Item, round::RoundEvent},
    quantity::Quantity,
    text,
};
use tower_sessions::Session;

use super::{Head, forms::label, parse, refill, run, shell};
use crate::{
    actions::{
        App, Error,
        purchasing::{
            items::{self, LotRef, NewItem},
            lots::{self, FullLot},
            rounds::{Concern, TITLE_CHARS_MAX},
        },
    },
    exchange,
    web::{
        components::{Choice, Typed},
        form::Fields,
        format::{self, filters},
        layout::{FlashKind, Shell},
        page::{Answer, page_with},
        session::{self, Person},
    },
};

mod block;
mod edit;

use edit::item_of;
pub(super) use edit::{change, show_edit};

#[derive(Template)]
#[template(path = "rounds/items.html")]
struct ItemsPage {
    shell: Shell,
    head: Head,
    refusal: String,
    lots: Vec<LotRows>,
    editable: bool,
    taxes: Vec<Choice>,
    lot_choices: Vec<Choice>,
    /// The rounds that may be taken again; none once there are items.
    earlier: Vec<Choice>,
    typed: Typed,
}

struct LotRows {
    id: LotId,
    number: i32,
    title: String,
    rows: Vec<Row>,
}

struct Row {
    id: ItemId,
    reference: String,
    title: String,
    unit: String,
    tax: String,
    price: String,
    step: Quantity,
}

pub(super) async fn show(State(app): State<App>, person: Person, Path(id): Path<String>) -> Answer {
    draw(&app, &person, parse(&id)?, None).await
}

async fn draw(
    app: &App,
    person: &Person,
    id: RoundId,
    refused: Option<(&Fields, &Error)>,
) -> Answer {
    let (round, concern, lots) = lots::list(app, &person.actor, id).await?;
    if concern != Concern::Coordinator {
        return Err(Error::NotFound.into());
    }
    let head = Head::new(app, person, &round, "items");
    let editable = head.runs && round.check(RoundEvent::Edit).is_ok();
    let (typed, refusal) = match refused {
        Some((fields, error)) => refill(fields, error, label),
        None => (fresh(&lots), String::new()),
    };
    let mut lot_choices: Vec<Choice> = lots
        .iter()
        .map(|l| {
            Choice::new(
                l.lot.id.to_string(),
                format!("Lot {} · {}", l.lot.number, l.lot.title),
            )
        })
        .collect();
    lot_choices.push(Choice::new("nouveau", "Un nouveau lot"));
    let earlier = if head.runs {
        lots::resumable(app, &person.actor, &round).await?
    } else {
        Vec::new()
    };
    let page = ItemsPage {
        earlier: earlier
            .into_iter()
            .map(|round| Choice::new(round.id.to_string(), round.title))
            .collect(),
        shell: shell(person, &round, "Lots et articles"),
        head,
        refusal,
        lots: lots.into_iter().map(lot_rows).collect(),
        editable,
        taxes: taxes(),
        lot_choices,
        typed,
    };
    let status = refused.map_or(StatusCode::OK, |(_, error)| exchange::status(error));
    page_with(status, &page)
}

/// The usual values of a new line.
fn fresh(lots: &[FullLot]) -> Typed {
    let last = lots.last().map(|lot| lot.lot.id.to_string());
    Typed::default()
        .with("lot", last.unwrap_or_else(|| "nouveau".to_owned()))
        .with("nature", TaxCategory::Vat.code())
        .with("taux", "20")
        .with("pas", "1")
}

fn lot_rows(full: FullLot) -> LotRows {
    let number = full.lot.number;
    LotRows {
        id: full.lot.id,
        number,
        title: full.lot.title,
        rows: full
            .items
            .into_iter()
            .map(|item| row(number, item))
            .collect(),
    }
}

fn row(lot: i32, item: Item) -> Row {
    let rate = french::rate(item.tax_rate);
    Row {
        id: item.id,
        reference: format!("{lot}.{}", item.number),
        tax: match item.tax_category {
            TaxCategory::Vat => format!("TVA {rate}"),
            TaxCategory::InsuranceTax => format!("TSCA {rate}"),
            TaxCategory::Exempt => "Exonéré".to_owned(),
        },
        price: item.unit_price.map_or_else(
            || format::UNKNOWN.to_owned(),
            |price| format!("{}\u{202f}€", french::unit_price(price)),
        ),
        step: item.step,
        title: item.title,
        unit: item.unit,
    }
}

fn taxes() -> Vec<Choice> {
    TaxCategory::ALL
        .into_iter()
        .map(|category| {
            let label = match category {
                TaxCategory::Vat => "TVA",
                TaxCategory::InsuranceTax => "TSCA (assurances)",
                TaxCategory::Exempt => "Exonéré",
            };
            Choice::new(category.code(), label)
        })
        .collect()
}

pub(super) async fn add_lot(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    session: Session,
    mut fields: Fields,
) -> Answer {
    let id: RoundId = parse(&id)?;
    run(&app, &person, id).await?;
    let actor = person.actor.clone().with_operation(fields.operation());
    let added = match fields.text("titre", TITLE_CHARS_MAX) {
        Some(title) => lots::add_lot(&app, &actor, id, title).await.map(|_| ()),
        None => Err(fields.invalid()),
    };
    back(&app, &person, &session, id, added, "Lot ajouté.", &fields).await
}

pub(super) async fn resume(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    session: Session,
    mut fields: Fields,
) -> Answer {
    let id: RoundId = parse(&id)?;
    run(&app, &person, id).await?;
    let actor = person.actor.clone().with_operation(fields.operation());
    let resumed = match fields.choice("reprise", |typed| typed.parse::<RoundId>().ok()) {
        Some(earlier) => lots::resume(&app, &actor, id, earlier).await.map(|_| ()),
        None => Err(fields.invalid()),
    };
    let said = "Lots et articles repris. Relisez les prix et les taux avant d’ouvrir.";
    back(&app, &person, &session, id, resumed, said, &fields).await
}

pub(super) async fn rename_lot(
    State(app): State<App>,
    person: Person,
    Path((id, lot)): Path<(String, String)>,
    session: Session,
    mut fields: Fields,
) -> Answer {
    let (id, lot): (RoundId, LotId) = (parse(&id)?, parse(&lot)?);
    run(&app, &person, id).await?;
    let actor = person.actor.clone().with_operation(fields.operation());
    let renamed = match fields.text("titre", TITLE_CHARS_MAX) {
        Some(title) => lots::rename_lot(&app, &actor, lot, None, title)
            .await
            .map(|_| ()),
        None => Err(fields.invalid()),
    };
    back(
        &app,
        &person,
        &session,
        id,
        renamed,
        "Lot renommé.",
        &fields,
    )
    .await
}

pub(super) async fn remove_lot(
    State(app): State<App>,
    person: Person,
    Path((id, lot)): Path<(String, String)>,
    session: Session,
    fields: Fields,
) -> Answer {
    let (id, lot): (RoundId, LotId) = (parse(&id)?, parse(&lot)?);
    run(&app, &person, id).await?;
    let actor = person.actor.clone().with_operation(fields.operation());
    let removed = lots::remove_lot(&app, &actor, lot).await.map(|_| ());
    back(&app, &person, &session, id, removed, "Lot retiré.", &fields).await
}

pub(super) async fn add(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    session: Session,
    mut fields: Fields,
) -> Answer {
    let id: RoundId = parse(&id)?;
    run(&app, &person, id).await?;
    let actor = person.actor.clone().with_operation(fields.operation());
    let added = match (lot_of(&mut fields), item_of(&mut fields)) {
        (Some(lot), Some(input)) => items::add(&app, &actor, id, vec![NewItem { lot, input }])
            .await
            .map(|_| ()),
        _ => Err(fields.invalid()),
    };
    back(
        &app,
        &person,
        &session,
        id,
        added,
        "Article ajouté.",
        &fields,
    )
    .await
}

pub(super) async fn paste(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    session: Session,
    mut fields: Fields,
) -> Answer {
    let id: RoundId = parse(&id)?;
    run(&app, &person, id).await?;
    let actor = person.actor.clone().with_operation(fields.operation());
    let (added, said) = match block::read(&mut fields) {
        Some(new) => {
            let count = i64::try_from(new.len()).unwrap_or(i64::MAX);
            let said = format!("{}.", format::count(count, "article ajouté", ""));
            (items::add(&app, &actor, id, new).await.map(|_| ()), said)
        }
        None => (Err(fields.invalid()), String::new()),
    };
    back(&app, &person, &session, id, added, &said, &fields).await
}

pub(super) async fn remove(
    State(app): State<App>,
    person: Person,
    Path((id, item)): Path<(String, String)>,
    session: Session,
    fields: Fields,
) -> Answer {
    let (id, item): (RoundId, ItemId) = (parse(&id)?, parse(&item)?);
    run(&app, &person, id).await?;
    let actor = person.actor.clone().with_operation(fields.operation());
    let removed = items::remove(&app, &actor, item).await.map(|_| ());
    back(
        &app,
        &person,
        &session,
        id,
        removed,
        "Article retiré.",
        &fields,
    )
    .await
}

/// Back to the editor; refused, the same page keeps what was typed.
async fn back(
    app: &App,
    person: &Person,
    session: &Session,
    id: RoundId,
    result: Result<(), Error>,
    said: &str,
    fields: &Fields,
) -> Answer {
    match result {
        Ok(()) => {
            session::tell(session, FlashKind::Done, said).await?;
            Ok(Redirect::to(&format!("/campagnes/{id}/lots")).into_response())
        }
        Err(error @ (Error::Invalid(_) | Error::Refused(_))) => {
            draw(app, person, id, Some((fields, &error))).await
        }
        Err(other) => Err(other.into()),
    }
}

fn lot_of(fields: &mut Fields) -> Option<LotRef> {
    if fields.typed("lot") == "nouveau" {
        let title = fields.text("nouveau_lot", TITLE_CHARS_MAX)?;
        return Some(LotRef::Title(title));
    }
    let lot = fields.choice("lot", |typed| typed.parse::<LotId>().ok())?;
    Some(LotRef::Known(lot))
}

/// A clean line of text of a pasted cell.
fn cell(typed: &str, max: usize) -> Result<String, text::TextError> {
    text::clean(typed, max)
}

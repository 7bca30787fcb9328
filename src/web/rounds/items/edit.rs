//! One item: its wording, its price and its tax, changed on a page of its own.
use askama::Template;
use axum::http::StatusCode;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect},
};
use domain::{
    french,
    identity::{ItemId, RoundId},
    money::{TaxCategory, TaxRate},
    purchasing::lot::Item,
};
use tower_sessions::Session;

use super::{
    super::{forms::label, operation, parse, refill, run, shell},
    block, taxes,
};
use crate::{
    actions::{
        App, Error,
        purchasing::{
            items::{self, ItemInput, UNIT_CHARS_MAX},
            rounds::TITLE_CHARS_MAX,
        },
    },
    exchange,
    web::{
        components::{Choice, Typed},
        form::Fields,
        layout::{FlashKind, Shell},
        page::{Answer, page_with},
        session::{self, Person},
    },
};

/// What was typed about an item; problems are gathered in the fields.
pub(super) fn item_of(fields: &mut Fields) -> Option<ItemInput> {
    let title = fields.text("designation", TITLE_CHARS_MAX);
    let unit = fields.text("unite", UNIT_CHARS_MAX);
    let price = fields.read_optional("prix", french::parse_unit_price);
    let category = fields.choice("nature", |typed| TaxCategory::parse(typed).ok());
    let rate = match category {
        Some(TaxCategory::Exempt) => Some(TaxRate::ZERO),
        Some(TaxCategory::Vat | TaxCategory::InsuranceTax) | None => fields.rate("taux"),
    };
    let step = fields.read("pas", block::step);
    Some(ItemInput {
        title: title?,
        unit: unit?,
        tax_category: category?,
        tax_rate: rate?,
        unit_price: price?,
        step: step?,
    })
}

#[derive(Template)]
#[template(path = "rounds/item.html")]
struct ItemPage {
    shell: Shell,
    refusal: String,
    action: String,
    back: String,
    removal: String,
    title: String,
    is_open: bool,
    taxes: Vec<Choice>,
    typed: Typed,
    operation: String,
}

pub(in super::super) async fn show_edit(
    State(app): State<App>,
    person: Person,
    Path((id, item)): Path<(String, String)>,
) -> Answer {
    let id = run(&app, &person, parse(&id)?).await?.id;
    edit_page(&app, &person, id, parse(&item)?, None).await
}

async fn edit_page(
    app: &App,
    person: &Person,
    id: RoundId,
    item: ItemId,
    refused: Option<(&Fields, &Error)>,
) -> Answer {
    let (round, item) = items::find(app, &person.actor, item).await?;
    if round.id != id || !person.actor.belongs_to(round.owner) {
        return Err(Error::NotFound.into());
    }
    let (typed, refusal) = match refused {
        Some((fields, error)) => refill(fields, error, label),
        None => (stored(&item), String::new()),
    };
    let here = format!("/campagnes/{id}/articles/{}", item.id);
    let page = ItemPage {
        shell: shell(person, &round, &item.title)
            .crumb("Lots et articles", format!("/campagnes/{id}/lots")),
        refusal,
        action: format!("{here}/modifier"),
        back: format!("/campagnes/{id}/lots"),
        removal: format!("{here}/retrait"),
        is_open: round.opening > 0,
        title: item.title,
        taxes: taxes(),
        typed,
        operation: operation(app),
    };
    let status = refused.map_or(StatusCode::OK, |(_, error)| exchange::status(error));
    page_with(status, &page)
}

fn stored(item: &Item) -> Typed {
    let price = item.unit_price.map(french::unit_price);
    Typed::default()
        .with("designation", item.title.clone())
        .with("unite", item.unit.clone())
        .with("prix", price.unwrap_or_default())
        .with("nature", item.tax_category.code())
        .with("taux", item.tax_rate.to_string().replace('.', ","))
        .with("pas", french::quantity(item.step))
        .with("version", item.version.to_string())
}

pub(in super::super) async fn change(
    State(app): State<App>,
    person: Person,
    Path((id, item)): Path<(String, String)>,
    session: Session,
    mut fields: Fields,
) -> Answer {
    let (id, item): (RoundId, ItemId) = (parse(&id)?, parse(&item)?);
    run(&app, &person, id).await?;
    let actor = person.actor.clone().with_operation(fields.operation());
    let version = fields.typed("version").parse().ok();
    let edited = match item_of(&mut fields) {
        Some(input) => items::edit(&app, &actor, item, version, input).await,
        None => Err(fields.invalid()),
    };
    match edited {
        Ok(_) => {
            session::tell(&session, FlashKind::Done, "Article modifié.").await?;
            Ok(Redirect::to(&format!("/campagnes/{id}/lots")).into_response())
        }
        Err(error @ (Error::Invalid(_) | Error::Refused(_) | Error::Stale)) => {
            edit_page(&app, &person, id, item, Some((&fields, &error))).await
        }
        Err(other) => Err(other.into()),
    }
}

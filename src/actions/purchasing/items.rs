//! Items of a round: added one by one or as a block, changed, removed.
use domain::{
    identity::{ItemId, LotId, RoundId},
    money::{TaxCategory, TaxRate, UnitPrice},
    purchasing::{
        lot::{Item, Lot},
        round::{Round, RoundError},
    },
    quantity::Quantity,
    text,
};
use serde_json::json;

use super::{
    lots::{changed, editable, new_lot, next_number, take_out},
    rounds::{self, line},
};
use crate::{
    actions::{Actor, App, Error},
    store::{
        Begun,
        purchasing::{items as rows, lots, rounds as round_rows},
    },
};

/// Items of a round: enough for any real one, few enough for one page.
pub const ITEMS_MAX: usize = 500;
/// The longest name of a unit.
pub const UNIT_CHARS_MAX: usize = 40;

/// What an officer decides about an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemInput {
    pub title: String,
    pub unit: String,
    pub tax_category: TaxCategory,
    pub tax_rate: TaxRate,
    pub unit_price: Option<UnitPrice>,
    pub step: Quantity,
}

/// The lot of a new item, as people point at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LotRef {
    Known(LotId),
    /// A number; the lot is made if there is none.
    Number(i32),
    /// A title; the lot is made if there is none.
    Title(String),
}

/// An item to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewItem {
    pub lot: LotRef,
    pub input: ItemInput,
}

/// Adds items, one typed or a whole block pasted, with the lots that they name.
///
/// # Errors
/// More than [`ITEMS_MAX`] items, or a round that cannot be edited any more.
pub async fn add(
    app: &App,
    actor: &Actor,
    round: RoundId,
    new: Vec<NewItem>,
) -> Result<Vec<Item>, Error> {
    let tx = match app.begin(actor, "item.add").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(done) => return again(app, &done.outcome).await,
    };
    let mut round = editable(&tx, actor, round).await?;
    let known = rows::list_of_round(&tx, round.id).await?;
    if known.len() + new.len() > ITEMS_MAX {
        return Err(RoundError::TooManyItems { max: ITEMS_MAX }.into());
    }
    let mut lots = lots::list_of_round(&tx, round.id).await?;
    let asked_again = changed(app, &tx, &mut round).await?;
    let mut added: Vec<Item> = Vec::with_capacity(new.len());
    for one in new {
        let lot = match find_lot(&lots, &one.lot) {
            Some(lot) => lot,
            None => {
                let lot = make_lot(app, &round, &lots, one.lot)?;
                lots::insert(&tx, std::slice::from_ref(&lot)).await?;
                lots.push(lot.clone());
                lot.id
            }
        };
        let of_lot = known.iter().chain(&added).filter(|item| item.lot == lot);
        let number = of_lot.map(|item| item.number).max().unwrap_or(0) + 1;
        added.push(item_of(app, &round, lot, number, one.input));
    }
    rows::insert(&tx, &added).await?;
    round_rows::save(&tx, &round).await?;
    let ids: Vec<_> = added.iter().map(|item| item.id.0).collect();
    let detail = json!({"items": ids, "to_reconfirm": asked_again});
    tx.commit(line(&round).saying(detail)).await?;
    Ok(added)
}

/// The items that the same request added the first time.
async fn again(app: &App, outcome: &str) -> Result<Vec<Item>, Error> {
    let view = app.store.view().await?;
    let detail: serde_json::Value = serde_json::from_str(outcome).unwrap_or_default();
    let ids = detail.get("items").and_then(|ids| ids.as_array().cloned());
    let mut found = Vec::new();
    for id in ids.unwrap_or_default() {
        let id = id.as_str().and_then(|id| id.parse().ok());
        found.push(rows::find(&view, id.ok_or(Error::NotFound)?).await?);
    }
    Ok(found)
}

/// Finds an item of a round that concerns the actor.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn find(app: &App, actor: &Actor, id: ItemId) -> Result<(Round, Item), Error> {
    let view = app.store.view().await?;
    let item = rows::find(&view, id).await?;
    let (round, _) = rounds::concerned(&view, actor, item.round).await?;
    Ok((round, item))
}

/// Changes an item; members who answered confirm again when its unit, price or tax changed.
///
/// # Errors
/// [`Error::Stale`] when `version` is not the present one.
pub async fn edit(
    app: &App,
    actor: &Actor,
    id: ItemId,
    version: Option<i32>,
    input: ItemInput,
) -> Result<Item, Error> {
    let Begun::Fresh(tx) = app.begin(actor, "item.edit").await? else {
        return Ok(find(app, actor, id).await?.1);
    };
    let before = rows::find(&tx, id).await?;
    let mut round = editable(&tx, actor, before.round).await?;
    if version.is_some_and(|version| version != before.version) || before.removed {
        return Err(Error::Stale);
    }
    let mut item = item_of(app, &round, before.lot, before.number, input);
    (item.id, item.version) = (before.id, before.version);
    item.conditions_version = before.conditions_version;
    let mut asked_again = 0;
    if item.conditions_differ(&before) {
        asked_again = changed(app, &tx, &mut round).await?;
        item.conditions_version = round.conditions_version;
        round_rows::save(&tx, &round).await?;
    }
    rows::save(&tx, &item).await?;
    item.version += 1;
    let detail = json!({
        "item": id.0,
        "unit_price": item.unit_price.map(|price| price.to_string()),
        "before": before.unit_price.map(|price| price.to_string()),
        "to_reconfirm": asked_again,
    });
    tx.commit(line(&round).saying(detail)).await?;
    Ok(item)
}

/// Removes an item.
///
/// # Errors
/// [`RoundError::ItemInUse`] when members ask for some.
pub async fn remove(app: &App, actor: &Actor, id: ItemId) -> Result<RoundId, Error> {
    let tx = match app.begin(actor, "item.remove").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(done) => return done.subject_id.map(RoundId).ok_or(Error::NotFound),
    };
    let item = rows::find(&tx, id).await?;
    let mut round = editable(&tx, actor, item.round).await?;
    take_out(&tx, &round, std::slice::from_ref(&item)).await?;
    let asked_again = changed(app, &tx, &mut round).await?;
    round_rows::save(&tx, &round).await?;
    let detail = json!({"item": id.0, "title": item.title, "to_reconfirm": asked_again});
    tx.commit(line(&round).saying(detail)).await?;
    Ok(round.id)
}

fn find_lot(lots: &[Lot], wanted: &LotRef) -> Option<LotId> {
    let same = |lot: &&Lot| match wanted {
        LotRef::Known(id) => lot.id == *id,
        LotRef::Number(number) => lot.number == *number,
        LotRef::Title(title) => text::search_text(&lot.title) == text::search_text(title),
    };
    lots.iter().find(same).map(|lot| lot.id)
}

fn make_lot(app: &App, round: &Round, lots: &[Lot], wanted: LotRef) -> Result<Lot, Error> {
    match wanted {
        LotRef::Known(_) => Err(Error::NotFound),
        LotRef::Number(number) => Ok(new_lot(app, round, number, format!("Lot {number}"))),
        LotRef::Title(title) => Ok(new_lot(app, round, next_number(lots), title)),
    }
}

fn item_of(app: &App, round: &Round, lot: LotId, number: i32, input: ItemInput) -> Item {
    Item {
        id: ItemId(app.clock.new_id()),
        owner: round.owner,
        round: round.id,
        lot,
        number,
        title: input.title,
        unit: input.unit,
        tax_category: input.tax_category,
        tax_rate: input.tax_rate,
        unit_price: input.unit_price,
        step: input.step,
        conditions_version: round.conditions_version,
        removed: false,
        version: 0,
    }
}

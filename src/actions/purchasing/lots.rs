//! Lots of a round: added, named, removed, taken again from an earlier round.
use std::collections::BTreeMap;

use domain::{
    identity::{ItemId, LotId, RoundId},
    permission::Right,
    purchasing::{
        lot::{Item, Lot},
        round::{Round, RoundError, RoundEvent, RoundState},
    },
};
use serde_json::json;

use super::rounds::{self, Concern, change_conditions, line, locked, with_name};
use crate::{
    actions::{Actor, App, Error},
    store::{
        Begun, Line, Tx, View,
        purchasing::{answers, items, lots as rows, rounds as round_rows},
    },
};

/// A lot with its items, by number.
#[derive(Clone, Debug)]
pub struct FullLot {
    pub lot: Lot,
    pub items: Vec<Item>,
}

/// The lots and items of a round that concerns the actor, without those removed.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn list(
    app: &App,
    actor: &Actor,
    round: RoundId,
) -> Result<(Round, Concern, Vec<FullLot>), Error> {
    let view = app.store.view().await?;
    let (round, concern) = rounds::concerned(&view, actor, round).await?;
    let lots = full(&view, round.id).await?;
    Ok((round, concern, lots))
}

/// A page of them, by number, above one.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn page(
    app: &App,
    actor: &Actor,
    round: RoundId,
    above: Option<i32>,
    limit: u64,
) -> Result<Vec<FullLot>, Error> {
    let view = app.store.view().await?;
    let (round, _) = rounds::concerned(&view, actor, round).await?;
    let lots = rows::page(&view, round.id, above, limit).await?;
    let items = items::list_of_lots(&view, lots.iter().map(|lot| lot.id)).await?;
    Ok(filled(lots, items))
}

/// The same inside a picture that goes on.
pub(super) async fn full(view: &View, round: RoundId) -> Result<Vec<FullLot>, Error> {
    let items = items::list_of_round(view, round).await?;
    let lots = rows::list_of_round(view, round).await?;
    Ok(filled(lots, items))
}

/// Each lot with its items, without those removed.
fn filled(lots: Vec<Lot>, items: Vec<Item>) -> Vec<FullLot> {
    let mut by_lot: BTreeMap<LotId, Vec<Item>> = BTreeMap::new();
    for item in items.into_iter().filter(|item| !item.removed) {
        by_lot.entry(item.lot).or_default().push(item);
    }
    lots.into_iter()
        .map(|lot| FullLot {
            items: by_lot.remove(&lot.id).unwrap_or_default(),
            lot,
        })
        .collect()
}

/// Adds a lot under the next number.
///
/// # Errors
/// A round that cannot be edited any more.
pub async fn add_lot(
    app: &App,
    actor: &Actor,
    round: RoundId,
    title: String,
) -> Result<Lot, Error> {
    let tx = match app.begin(actor, "lot.add").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(done) => {
            let view = app.store.view().await?;
            let id = done.subject_id.ok_or(Error::NotFound)?;
            return Ok(rows::find(&view, LotId(id)).await?);
        }
    };
    let round = editable(&tx, actor, round).await?;
    let known = rows::list_of_round(&tx, round.id).await?;
    let lot = new_lot(app, &round, next_number(&known), title);
    rows::insert(&tx, std::slice::from_ref(&lot)).await?;
    round_rows::save(&tx, &round).await?;
    let detail = json!({"round": round.id.0, "number": lot.number, "title": lot.title});
    let line = Line {
        subject_kind: "lot",
        subject_id: Some(lot.id.0),
        ..line(&round)
    };
    tx.commit(line.saying(detail)).await?;
    Ok(lot)
}

/// Names a lot anew.
///
/// # Errors
/// [`Error::Stale`] when `version` is not the present one.
pub async fn rename_lot(
    app: &App,
    actor: &Actor,
    id: LotId,
    version: Option<i32>,
    title: String,
) -> Result<Lot, Error> {
    let Begun::Fresh(tx) = app.begin(actor, "lot.rename").await? else {
        let view = app.store.view().await?;
        return Ok(rows::find(&view, id).await?);
    };
    let mut lot = rows::find(&tx, id).await?;
    let round = editable(&tx, actor, lot.round).await?;
    if version.is_some_and(|version| version != lot.version) {
        return Err(Error::Stale);
    }
    lot.title = title;
    rows::save(&tx, &lot).await?;
    lot.version += 1;
    let detail = json!({"lot": lot.id.0, "number": lot.number, "title": lot.title});
    tx.commit(line(&round).saying(detail)).await?;
    Ok(lot)
}

/// Removes a lot with its items.
///
/// # Errors
/// [`RoundError::ItemInUse`] when a member asks for one of them.
pub async fn remove_lot(app: &App, actor: &Actor, id: LotId) -> Result<RoundId, Error> {
    let tx = match app.begin(actor, "lot.remove").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(done) => return done.subject_id.map(RoundId).ok_or(Error::NotFound),
    };
    let lot = rows::find(&tx, id).await?;
    let mut round = editable(&tx, actor, lot.round).await?;
    let all = items::list_of_round(&tx, round.id).await?;
    let of_lot: Vec<Item> = all.into_iter().filter(|item| item.lot == id).collect();
    let kept = take_out(&tx, &round, &of_lot).await?;
    if kept == 0 {
        rows::remove(&tx, &lot).await?;
    }
    let asked_again = changed(app, &tx, &mut round).await?;
    round_rows::save(&tx, &round).await?;
    let detail = json!({"lot": id.0, "number": lot.number, "to_reconfirm": asked_again});
    tx.commit(line(&round).saying(detail)).await?;
    Ok(round.id)
}

/// Copies the lots and items of an earlier round of the same grouping into an empty one.
pub(super) async fn copy_into(
    app: &App,
    tx: &Tx,
    round: &Round,
    previous: RoundId,
) -> Result<usize, Error> {
    let earlier = round_rows::find(tx, previous).await?;
    if earlier.grouping != round.grouping || earlier.owner != round.owner {
        return Err(RoundError::OtherGrouping.into());
    }
    let (mut lots, mut copies) = (Vec::new(), Vec::new());
    let known = rows::list_of_round(tx, round.id).await?;
    let after = next_number(&known).saturating_sub(1);
    for full in full(tx, previous).await? {
        let lot = new_lot(
            app,
            round,
            full.lot.number.saturating_add(after),
            full.lot.title,
        );
        for (item, number) in full.items.into_iter().zip(1..) {
            copies.push(Item {
                id: ItemId(app.clock.new_id()),
                round: round.id,
                lot: lot.id,
                number,
                conditions_version: 0,
                version: 0,
                ..item
            });
        }
        lots.push(lot);
    }
    rows::insert(tx, &lots).await?;
    items::insert(tx, &copies).await?;
    Ok(copies.len())
}

/// The rounds whose lots and items a draft may take again, newest first; none once it has items.
///
/// # Errors
/// [`Error::NotFound`] or [`Error::Forbidden`].
pub async fn resumable(app: &App, actor: &Actor, round: &Round) -> Result<Vec<Round>, Error> {
    actor.require(Right::RunRounds, round.owner)?;
    let view = app.store.view().await?;
    let items = items::list_of_round(&view, round.id).await?;
    if round.state != RoundState::Draft || items.iter().any(|item| !item.removed) {
        return Ok(Vec::new());
    }
    let wanted = round_rows::Wanted {
        owners: vec![round.owner],
        grouping: Some(round.grouping),
        ..round_rows::Wanted::default()
    };
    let limit = app.settings.limits.page_rows_max;
    let start = round_rows::Start::Offset(0);
    let mut found = round_rows::list(&view, &wanted, start, limit).await?;
    found.retain(|earlier| earlier.id != round.id && earlier.state != RoundState::Cancelled);
    Ok(found)
}

/// Takes again the lots and items of an earlier round, in a draft that has no item yet.
///
/// # Errors
/// [`RoundError::HasItems`], [`RoundError::OtherGrouping`], or a round that is no draft.
pub async fn resume(
    app: &App,
    actor: &Actor,
    id: RoundId,
    earlier: RoundId,
) -> Result<Round, Error> {
    let Begun::Fresh(tx) = app.begin(actor, "round.resume").await? else {
        return Ok(rounds::find(app, actor, id).await?.0);
    };
    let mut round = locked(&tx, actor, id, None).await?;
    let earlier = round_rows::find(&tx, earlier).await?;
    actor.require(Right::See, earlier.owner)?;
    let own = items::list_of_round(&tx, id).await?;
    let items = own.iter().filter(|item| !item.removed).count();
    with_name(&tx, round.resume(&earlier, items)).await?;
    let copied = copy_into(app, &tx, &round, earlier.id).await?;
    round_rows::save(&tx, &round).await?;
    let detail = json!({"earlier": earlier.id.0, "items": copied});
    tx.commit(line(&round).saying(detail)).await?;
    Ok(rounds::find(app, actor, id).await?.0)
}

pub(super) async fn editable(tx: &Tx, actor: &Actor, id: RoundId) -> Result<Round, Error> {
    let round = locked(tx, actor, id, None).await?;
    with_name(tx, round.check(RoundEvent::Edit)).await?;
    Ok(round)
}

/// In an open round, members who answered must look again.
pub(super) async fn changed(app: &App, tx: &Tx, round: &mut Round) -> Result<usize, Error> {
    if round.state == RoundState::Open {
        change_conditions(app, tx, round).await
    } else {
        Ok(0)
    }
}

/// Removes items nobody asks for; those that were once open are kept aside, drafts refer to them.
pub(super) async fn take_out(tx: &Tx, round: &Round, gone: &[Item]) -> Result<usize, Error> {
    let mut kept = 0;
    for item in gone {
        let members = answers::members_asking(tx, item.id).await?;
        if members > 0 {
            let title = item.title.clone();
            return Err(RoundError::ItemInUse { title, members }.into());
        }
        if round.opening == 0 {
            items::remove(tx, item).await?;
        } else {
            let removed = Item {
                removed: true,
                ..item.clone()
            };
            items::save(tx, &removed).await?;
            kept += 1;
        }
    }
    Ok(kept)
}

pub(super) fn next_number(lots: &[Lot]) -> i32 {
    lots.iter().map(|lot| lot.number).max().unwrap_or(0) + 1
}

pub(super) fn new_lot(app: &App, round: &Round, number: i32, title: String) -> Lot {
    Lot {
        id: LotId(app.clock.new_id()),
        owner: round.owner,
        round: round.id,
        number,
        title,
        version: 0,
    }
}

//! Answering a round: transmit, say nothing is needed, take back, confirm.
use domain::{
    identity::{DeclarationId, NeedId, OrganisationId, RoundId},
    money::{Cents, MoneyError},
    purchasing::{
        declaration::{Declaration, DeclarationError, Entry},
        need::{Need, NeedError, check_worth},
        round::Round,
    },
};

use super::{
    drafts::line,
    needs::{self, Grid, Writer},
};
use crate::actions::{Actor, App, Error};
use crate::store::{
    Begun, StoreError, Tx,
    purchasing::{declarations, needs as rows, rounds},
};

/// What a member answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Submit,
    Nothing,
    Withdraw,
    Reconfirm,
}

/// Transmits what is typed: it counts from now on (« transmettre »).
///
/// `note` tells where the figures come from, when an officer enters them for the member.
///
/// # Errors
/// [`NeedError::Cells`] naming each cell to correct; [`DeclarationError`] when it is too late.
pub async fn submit(
    app: &App,
    actor: &Actor,
    round: RoundId,
    member: OrganisationId,
    note: Option<String>,
) -> Result<Declaration, Error> {
    let act = ("declaration.submit", Answer::Submit);
    answer(app, actor, (round, member), act, note).await
}

/// Says that the member needs nothing (« rien à déclarer »).
///
/// # Errors
/// [`DeclarationError`].
pub async fn say_nothing(
    app: &App,
    actor: &Actor,
    round: RoundId,
    member: OrganisationId,
    note: Option<String>,
) -> Result<Declaration, Error> {
    let act = ("declaration.nothing", Answer::Nothing);
    answer(app, actor, (round, member), act, note).await
}

/// Takes an answer back: its quantities leave the totals and can be typed over (« reprendre »).
///
/// # Errors
/// [`DeclarationError`].
pub async fn withdraw(
    app: &App,
    actor: &Actor,
    round: RoundId,
    member: OrganisationId,
) -> Result<Declaration, Error> {
    let act = ("declaration.withdraw", Answer::Withdraw);
    answer(app, actor, (round, member), act, None).await
}

/// Keeps an answer under the conditions that changed (« confirmer »).
///
/// # Errors
/// [`DeclarationError`].
pub async fn reconfirm(
    app: &App,
    actor: &Actor,
    round: RoundId,
    member: OrganisationId,
) -> Result<Declaration, Error> {
    let act = ("declaration.reconfirm", Answer::Reconfirm);
    answer(app, actor, (round, member), act, None).await
}

async fn answer(
    app: &App,
    actor: &Actor,
    (round, member): (RoundId, OrganisationId),
    (action, answer): (&'static str, Answer),
    note: Option<String>,
) -> Result<Declaration, Error> {
    let grid = needs::find(app, actor, round, member).await?;
    let writer = needs::writer(actor, &grid.round, member)?;
    let tx = match app.begin(actor, action).await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(_) => return Ok(needs::find(app, actor, round, member).await?.declaration),
    };
    // Shared with other members, exclusive of a closing: no need lands after it.
    let round = rounds::hold(&tx, round).await?;
    let known = declarations::lock(&tx, round.id, member).await?;
    let grid = needs::load(&tx, &round, member, tx.now()).await?;
    let mut declaration = grid.declaration.clone();
    let entry = Entry {
        at: tx.now(),
        by: actor.user(),
        entered_for: writer == Writer::Officer,
        note,
    };
    match answer {
        Answer::Submit => {
            declaration.submit(&round, entry)?;
            let needs = settle(app, &grid, &declaration)?;
            rows::replace_of_member(&tx, round.id, member, &needs).await?;
        }
        Answer::Nothing => {
            declaration.say_nothing(&round, entry)?;
            rows::replace_of_member(&tx, round.id, member, &[]).await?;
        }
        Answer::Withdraw => {
            declaration.withdraw(&round, tx.now())?;
            rows::replace_of_member(&tx, round.id, member, &[]).await?;
        }
        Answer::Reconfirm => declaration.reconfirm(&round, entry)?,
    }
    keep(app, &tx, &mut declaration, known.is_some()).await?;
    tx.commit(line(&round, &declaration)).await?;
    tracing::info!(round.id = %round.id, member.id = %member, "Took a declaration: {action}");
    declaration.version += i32::from(known.is_some());
    Ok(declaration)
}

/// Writes a declaration, the first time or again.
pub(super) async fn keep(
    app: &App,
    tx: &Tx,
    declaration: &mut Declaration,
    known: bool,
) -> Result<(), Error> {
    if known {
        return Ok(declarations::save(tx, declaration).await?);
    }
    declaration.id = DeclarationId(app.clock.new_id());
    match declarations::insert(tx, declaration).await {
        Err(StoreError::Taken(_)) => Err(Error::Stale),
        other => Ok(other?),
    }
}

/// The needs that a grid transmits.
pub(super) fn settle(
    app: &App,
    grid: &Grid,
    declaration: &Declaration,
) -> Result<Vec<Need>, Error> {
    let faults = grid.faults();
    if !faults.is_empty() {
        return Err(NeedError::Cells(faults).into());
    }
    let round: &Round = &grid.round;
    let lines = grid.lines().filter_map(|line| {
        let (quantity, commitment) = line.draft.settled()?;
        Some(Need {
            id: NeedId(app.clock.new_id()),
            owner: round.owner,
            round: round.id,
            member: grid.member.id,
            item: line.item.id,
            line: line.draft.line.clone(),
            site: line.site.as_ref().map(|site| site.id),
            budget: line.draft.budget,
            quantity,
            commitment,
            comment: line.draft.comment.clone(),
            revision: declaration.revision,
            version: 0,
        })
    });
    let needs: Vec<Need> = lines.collect();
    if needs.is_empty() {
        return Err(DeclarationError::Empty.into());
    }
    check_worth(worth(grid)?)?;
    Ok(needs)
}

/// What the member may spend at most, at the estimated prices.
fn worth(grid: &Grid) -> Result<Cents, MoneyError> {
    let mut estimates = Vec::new();
    for line in grid.lines() {
        if let Some((quantity, _)) = line.draft.settled() {
            let most = line.draft.most.quantity().unwrap_or(quantity);
            estimates.push(line.item.estimate(most.max(quantity))?);
        }
    }
    Cents::checked_sum(estimates)
}

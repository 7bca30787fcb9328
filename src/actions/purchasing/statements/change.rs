//! What a statement changes of the one that it replaces, and what follows for the member.
use domain::{
    allocation::Totals,
    money::Cents,
    purchasing::{
        correction::{Correction, CorrectionKind},
        recovery::{RecoveryOrder, RecoveryState},
        statement::Statement,
    },
};

use super::orders_of;
use crate::{
    actions::{
        App, Error,
        organisations::day_at,
        purchasing::{
            allocations::{Overview, Part},
            booking,
        },
    },
    store::{
        View, organisations,
        purchasing::{allocations as runs, corrections, statements as rows},
    },
};

/// What a later run of the same invoice changed for a member.
#[derive(Clone, Debug)]
pub struct Change {
    /// The statement that this one replaces; none when the member paid nothing before.
    pub replaces: Option<Statement>,
    pub previous: Totals,
    pub difference: Totals,
    /// Line by line, then tax by tax.
    pub rows: Vec<Moved>,
}

/// One share before and after.
#[derive(Clone, Debug)]
pub struct Moved {
    pub part: Part,
    pub previous: Cents,
    pub new: Cents,
    pub difference: Cents,
}

/// What follows from a statement.
#[derive(Clone, Debug)]
pub enum Next {
    /// A titre is reduced or cancelled, or money is paid back.
    GivenBack(CorrectionKind, Box<Correction>),
    /// More is asked than the titres that exist.
    Complement(Cents),
    /// The demand was not issued yet and is made again.
    AskedAgain(Cents),
    /// What is owed waits for the next demand.
    Later(Cents),
    /// Nothing moves.
    Unchanged,
}

/// What the run of a statement changed; nothing on the first run of an invoice.
pub(super) async fn change(
    view: &View,
    statement: &Statement,
    run: &Overview,
) -> Result<Option<Change>, Error> {
    let Some(before) = run.runs.iter().find(|before| before.run < run.run.run) else {
        return Ok(None);
    };
    let payer = statement.payer();
    let made = rows::of_run(view, before.id).await?;
    let replaces = made.into_iter().find(|one| one.payer() == payer);
    let shares = runs::shares(view, before.id).await?;
    let mut moved = Vec::new();
    for line in &run.invoice.lines {
        let part = Part::Line(line.clone());
        let (previous, new) = (shares.of(payer, line.id), run.shares.of(payer, line.id));
        moved.push(row(part, previous, new)?);
    }
    for tax in &run.invoice.taxes {
        let part = Part::Tax(tax.group);
        let previous = shares.tax_of(payer, tax.group);
        moved.push(row(part, previous, run.shares.tax_of(payer, tax.group))?);
    }
    moved.retain(|row| !row.previous.is_zero() || !row.new.is_zero());
    let previous = replaces.as_ref().map(|one| one.total).unwrap_or_default();
    let total = statement.total;
    Ok(Some(Change {
        difference: Totals {
            net: total.net.checked_sub(previous.net)?,
            tax: total.tax.checked_sub(previous.tax)?,
            gross: total.gross.checked_sub(previous.gross)?,
        },
        replaces,
        previous,
        rows: moved,
    }))
}

fn row(part: Part, previous: Cents, new: Cents) -> Result<Moved, Error> {
    Ok(Moved {
        part,
        previous,
        new,
        difference: new.checked_sub(previous)?,
    })
}

/// The statement of the latest run for the same payer; none when it pays nothing any more.
pub(super) async fn replaced_by(
    view: &View,
    statement: &Statement,
    run: &Overview,
) -> Result<Option<Statement>, Error> {
    let Some(last) = run.runs.first().filter(|_| !run.is_latest()) else {
        return Ok(None);
    };
    let made = rows::of_run(view, last.id).await?;
    Ok(made
        .into_iter()
        .find(|one| one.payer() == statement.payer()))
}

/// What follows, for a statement that counts and that leads to recovery orders.
pub(super) async fn next(
    app: &App,
    view: &View,
    statement: &Statement,
    run: &Overview,
    change: Option<&Change>,
) -> Result<Vec<Next>, Error> {
    let own = statement.member == statement.owner;
    if own || !run.is_latest() || !booking::recovers(&run.grouping, &run.invoice) {
        return Ok(Vec::new());
    }
    let owner = organisations::find(view, statement.owner).await?;
    let today = day_at(app.clock.now(), &owner);
    let found = corrections::of_run(view, run.run.id, statement.payer()).await?;
    let mut next: Vec<Next> = found
        .into_iter()
        .map(|one| Next::GivenBack(one.kind_on(today), Box::new(one)))
        .collect();
    if let Some(change) = change.filter(|_| next.is_empty()) {
        let orders = orders_of(view, statement, run.invoice.id).await?;
        next.push(asked(
            change.difference.gross,
            statement.total.gross,
            &orders,
        ));
    }
    Ok(next)
}

/// What becomes of the demands.
///
/// | difference | titre issued | order to issue | follows             |
/// |-----------:|--------------|----------------|---------------------|
/// |          0 | any          | any            | nothing             |
/// |         +5 | yes          | any            | a complement of 5   |
/// |         ±5 | no           | yes            | the order again     |
/// |         ±5 | no           | no             | the next demand     |
/// |         −5 | yes          | any            | nothing more        |
fn asked(difference: Cents, gross: Cents, orders: &[RecoveryOrder]) -> Next {
    let is_issued = orders
        .iter()
        .any(|order| order.titre.is_some() && order.state != RecoveryState::Cancelled);
    let waiting = orders.iter().find(|o| o.state == RecoveryState::ToIssue);
    match (difference.is_zero(), is_issued, waiting) {
        (true, _, _) => Next::Unchanged,
        (false, true, _) if difference > Cents::ZERO => Next::Complement(difference),
        (false, true, _) => Next::Unchanged,
        (false, false, Some(order)) => Next::AskedAgain(order.cents),
        (false, false, None) => Next::Later(gross),
    }
}

//! Needs brought by a file: tried first, then written; the same file twice changes nothing.
use domain::{
    Refusal,
    identity::{ItemId, OrganisationId, RoundId, Siren, SiteId},
    permission::Right,
    purchasing::{
        declaration::Entry,
        need::{CellFault, CommitmentKind, NeedColumn},
        round::Round,
    },
    quantity::Quantity,
};
use serde_json::json;

use super::{
    declarations::{keep, settle},
    needs::{self, Grid, Writer},
};
use crate::actions::{Actor, App, Error, progress::Progress};
use crate::store::{
    Begun, Line, Scope, Tx, View,
    purchasing::{drafts, needs as rows, rounds},
};

mod changes;
pub mod later;
mod plan;

use plan::{Asked, MemberPlan, Plan};

/// One row of a file, already read; `row` is its number there.
#[derive(Clone, Debug)]
pub struct ImportLine {
    pub row: u32,
    pub member: Siren,
    pub item: ItemId,
    pub site: SiteCell,
    /// A blank cell takes the quantity away.
    pub quantity: Option<Quantity>,
    /// Columns that the file does not have change nothing.
    pub most: Option<Option<Quantity>>,
    pub commitment: Option<CommitmentKind>,
    /// The name or SIRET of a budget; a blank cell means the main one.
    pub budget: Option<Option<String>>,
    pub comment: Option<Option<String>>,
}

/// How a row names the site it is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SiteCell {
    /// None: the item as a whole.
    #[default]
    Blank,
    /// By the reference that our own file carries.
    Known(SiteId),
    /// By its name or number, typed by someone.
    Typed(String),
}

/// What to do with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportMode {
    /// Only says what would change.
    DryRun,
    /// Types the figures, for someone to check and transmit.
    Type,
    /// Types the figures and transmits the answers they change.
    Submit,
}

impl ImportMode {
    /// The name in the database.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::DryRun => "dry_run",
            Self::Type => "type",
            Self::Submit => "submit",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let all = [Self::DryRun, Self::Type, Self::Submit];
        all.into_iter().find(|mode| mode.code() == code)
    }
}

/// What a file changes, or would.
#[derive(Clone, Debug, Default)]
pub struct ImportReport {
    pub changes: Vec<ImportChange>,
    pub problems: Vec<ImportProblem>,
    /// Rows that say what stands already.
    pub unchanged: usize,
    /// Cells that change: as many as `changes`, unless the file was imported before.
    pub cells: usize,
    /// Members with at least one change.
    pub members: usize,
    pub applied: bool,
}

impl ImportReport {
    /// What an earlier request with the same key did, from its line in the journal.
    fn again(outcome: &str) -> Self {
        let said: serde_json::Value = serde_json::from_str(outcome).unwrap_or_default();
        let count = |name: &str| {
            let count = said.get(name).and_then(serde_json::Value::as_u64);
            count.and_then(|count| usize::try_from(count).ok())
        };
        Self {
            cells: count("cells").unwrap_or_default(),
            members: count("members").unwrap_or_default(),
            applied: true,
            ..Self::default()
        }
    }
}

/// One cell that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportChange {
    pub row: u32,
    pub member: String,
    pub reference: String,
    pub title: String,
    pub column: NeedColumn,
    pub before: String,
    pub after: String,
}

/// The column of a file at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportColumn {
    Reference,
    Site,
    Member,
    Cell(NeedColumn),
}

/// A row that is left aside, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportProblem {
    pub row: u32,
    pub column: ImportColumn,
    pub typed: String,
    pub cause: ImportCause,
}

/// Why a row is left aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportCause {
    /// Not a member of the grouping, or not one that the importer may type for.
    UnknownMember,
    /// Not an item of this round, or of a lot that the member did not join.
    UnknownItem,
    /// Not a site of the member, or the round does not ask for sites.
    UnknownSite,
    /// Several sites of the member answer to this name.
    SeveralSites,
    /// Not a budget of the member.
    UnknownBudget,
    Cell(CellFault),
    /// The member's answer cannot be changed now.
    Refused(Refusal),
}

/// Reads a file into the needs of its members.
///
/// What the rows change is worked out on a picture of the database, which keeps nobody from
/// writing; the writing itself is one short transaction, and works it out again if someone
/// wrote meanwhile.
///
/// # Errors
/// [`Error::NotFound`] for those who neither coordinate nor declare.
pub async fn needs(
    app: &App,
    actor: &Actor,
    round: RoundId,
    lines: &[ImportLine],
    mode: ImportMode,
    progress: &Progress,
) -> Result<ImportReport, Error> {
    let view = app.store.view().await?;
    let found = rounds::find(&view, round).await?;
    check_importer(&view, actor, &found).await?;
    // What a real run would say of answers already transmitted is said by the dry run too.
    let submit = mode != ImportMode::Type;
    let asked = Asked {
        actor,
        lines,
        submit,
        progress,
    };
    let plan = Plan::read(app, &view, &found, &asked).await?;
    drop(view);
    if mode == ImportMode::DryRun {
        return Ok(plan.report);
    }
    let tx = match app.begin(actor, "need.import").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(done) => return Ok(ImportReport::again(&done.outcome)),
    };
    let round = rounds::hold(&tx, round).await?;
    let plan = if plan.still_holds(&tx, &round).await? {
        plan
    } else {
        Plan::read(app, &tx, &round, &asked).await?
    };
    for member in plan.members {
        apply(app, &tx, actor, member, submit).await?;
        progress.advance();
    }
    let mut report = plan.report;
    report.applied = true;
    let scope = Scope::Grouping(round.grouping);
    let line = Line::about(scope, "round", round.id.0).saying(json!({
        "members": report.members,
        "cells": report.cells,
        "left_aside": report.problems.len(),
        "submitted": submit,
    }));
    tx.commit(line).await?;
    Ok(report)
}

async fn check_importer(view: &View, actor: &Actor, round: &Round) -> Result<(), Error> {
    if needs::declares(view, actor, round).await {
        return Ok(());
    }
    actor.require(Right::RunRounds, round.owner)
}

/// Writes the changes of one member, and transmits its answer when asked.
async fn apply(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    plan: MemberPlan,
    submit: bool,
) -> Result<(), Error> {
    let MemberPlan {
        mut grid,
        writer,
        mut touched,
    } = plan;
    let (round, member) = (grid.round.clone(), grid.member.id);
    for draft in &mut touched {
        draft.saved_by = actor.user();
    }
    let with_id = touched.iter().map(|draft| (app.clock.new_id(), draft));
    drafts::put_all(tx, (round.owner, round.id), member, with_id).await?;
    grid.take(&touched);
    let mut declaration = grid.declaration.clone();
    let was_answered = declaration.state.is_answered();
    if submit && was_answered {
        declaration.withdraw(&round, tx.now())?;
    }
    declaration.start(&round, tx.now())?;
    // What is left to correct by hand keeps the answer from being transmitted, not from being typed.
    if submit && grid.faults().is_empty() && grid.is_filled() {
        let entry = Entry {
            at: tx.now(),
            by: actor.user(),
            entered_for: writer == Writer::Officer,
            note: None,
        };
        declaration.submit(&round, entry)?;
        grid.declaration = declaration.clone();
        let needs = settle(app, &grid, &declaration)?;
        rows::replace_of_member(tx, round.id, member, &needs).await?;
    } else if was_answered {
        rows::replace_of_member(tx, round.id, member, &[]).await?;
    }
    keep(app, tx, &mut declaration, grid.begun).await
}

/// Whose rows an export holds.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn export(
    app: &App,
    actor: &Actor,
    round: RoundId,
    member: Option<OrganisationId>,
) -> Result<Vec<Grid>, Error> {
    match member {
        Some(member) => Ok(vec![needs::find(app, actor, round, member).await?]),
        None => needs::find_all(app, actor, round).await,
    }
}

/// The title of the round, for those who may import into it.
///
/// # Errors
/// [`Error::NotFound`] or [`Error::Forbidden`].
pub async fn title(app: &App, actor: &Actor, round: RoundId) -> Result<String, Error> {
    let view = app.store.view().await?;
    let round = rounds::find(&view, round).await?;
    check_importer(&view, actor, &round).await?;
    Ok(round.title)
}

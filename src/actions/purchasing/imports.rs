//! Needs brought by a file: tried first, then written; the same file twice changes nothing.
use std::collections::BTreeMap;

use domain::{
    Refusal,
    identity::{ItemId, OrganisationId, RoundId, Siren, SiteId},
    organisation::Organisation,
    permission::Right,
    purchasing::{
        declaration::{Declaration, DeclarationEvent, Entry},
        need::{CellFault, CommitmentKind, Draft, NeedColumn},
        round::Round,
    },
    quantity::Quantity,
};
use serde_json::json;

use super::{
    declarations::{keep, settle},
    needs::{self, Grid, Writer},
};
use crate::actions::{Actor, App, Error};
use crate::store::{
    Begun, Line, Scope, Tx, View, organisations,
    purchasing::{declarations, drafts, needs as rows, rounds},
};

mod changes;

use changes::touched;

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

/// What a file changes, or would.
#[derive(Clone, Debug, Default)]
pub struct ImportReport {
    pub changes: Vec<ImportChange>,
    pub problems: Vec<ImportProblem>,
    /// Rows that say what stands already.
    pub unchanged: usize,
    /// Members with at least one change.
    pub members: usize,
    pub applied: bool,
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

/// The changes of one member.
struct MemberPlan {
    grid: Grid,
    writer: Writer,
    touched: Vec<Draft>,
}

/// Reads a file into the needs of its members.
///
/// # Errors
/// [`Error::NotFound`] for those who neither coordinate nor declare.
pub async fn needs(
    app: &App,
    actor: &Actor,
    round: RoundId,
    lines: &[ImportLine],
    mode: ImportMode,
) -> Result<ImportReport, Error> {
    let view = app.store.view().await?;
    let found = rounds::find(&view, round).await?;
    check_importer(&view, actor, &found).await?;
    if mode == ImportMode::DryRun {
        // What a real run would say of answers already transmitted is said by the dry run too.
        let (report, _) = plan(app, &view, actor, &found, lines, true).await?;
        return Ok(report);
    }
    drop(view);
    let tx = match app.begin(actor, "need.import").await? {
        Begun::Fresh(tx) => tx,
        Begun::Again(_) => {
            return Ok(ImportReport {
                applied: true,
                ..ImportReport::default()
            });
        }
    };
    let round = rounds::hold(&tx, round).await?;
    let submit = mode == ImportMode::Submit;
    let (mut report, plans) = plan(app, &tx, actor, &round, lines, submit).await?;
    for plan in plans {
        apply(app, &tx, actor, plan, submit).await?;
    }
    report.applied = true;
    let scope = Scope::Grouping(round.grouping);
    let line = Line::about(scope, "round", round.id.0).saying(json!({
        "members": report.members,
        "cells": report.changes.len(),
        "left_aside": report.problems.len(),
        "submitted": submit,
    }));
    tx.commit(line).await?;
    Ok(report)
}

async fn check_importer(view: &View, actor: &Actor, round: &Round) -> Result<(), Error> {
    if actor.may(Right::RunRounds, round.owner) {
        return Ok(());
    }
    for member in actor.organisations_with(Right::DeclareNeeds) {
        if needs::check_reader(actor, round, member).is_ok()
            && needs::check_member(view, round, member).await.is_ok()
        {
            return Ok(());
        }
    }
    actor.require(Right::RunRounds, round.owner)
}

/// What the rows change, member by member; bad rows are set aside, good ones kept.
async fn plan(
    app: &App,
    view: &View,
    actor: &Actor,
    round: &Round,
    lines: &[ImportLine],
    submit: bool,
) -> Result<(ImportReport, Vec<MemberPlan>), Error> {
    let mut report = ImportReport::default();
    let mut by_member: BTreeMap<&Siren, Vec<&ImportLine>> = BTreeMap::new();
    for line in lines {
        by_member.entry(&line.member).or_default().push(line);
    }
    let members = members_of(view, round).await?;
    let mut plans = Vec::new();
    for (siren, lines) in by_member {
        let known = members.get(siren);
        let writer = known.and_then(|member| needs::writer(actor, round, member.id).ok());
        let (Some(member), Some(writer)) = (known, writer) else {
            report
                .problems
                .extend(lines.iter().map(|line| ImportProblem {
                    row: line.row,
                    column: ImportColumn::Member,
                    typed: siren.to_string(),
                    cause: ImportCause::UnknownMember,
                }));
            continue;
        };
        let grid = needs::load(view, round, member.id, app.clock.now()).await?;
        let before = report.changes.len();
        let touched = touched(&grid, &lines, &mut report);
        if touched.is_empty() {
            continue;
        }
        if let Err(refused) = check_changeable(&grid, submit) {
            report.changes.truncate(before);
            let row = lines.first().map_or(0, |line| line.row);
            report.problems.push(ImportProblem {
                row,
                column: ImportColumn::Member,
                typed: member.name.clone(),
                cause: ImportCause::Refused(refused),
            });
            continue;
        }
        report.members += 1;
        plans.push(MemberPlan {
            grid,
            writer,
            touched,
        });
    }
    report.problems.sort_by_key(|problem| problem.row);
    report.changes.sort_by_key(|change| change.row);
    Ok((report, plans))
}

async fn members_of(view: &View, round: &Round) -> Result<BTreeMap<Siren, Organisation>, Error> {
    let members = declarations::participations(view, round.grouping, None).await?;
    let found = organisations::find_all(view, members.iter().map(|m| m.member)).await?;
    let by_siren = |o: Organisation| Some((o.siren.clone()?, o));
    Ok(found.into_iter().filter_map(by_siren).collect())
}

/// An answer already transmitted is transmitted again by an import that submits.
fn check_changeable(grid: &Grid, submit: bool) -> Result<(), Refusal> {
    let declaration: &Declaration = &grid.declaration;
    declaration.check_open(&grid.round, grid.now)?;
    if !(submit && declaration.state.is_answered()) {
        declaration.state.after(DeclarationEvent::Type)?;
    }
    Ok(())
}

/// Writes the changes of one member, and transmits its answer when asked.
async fn apply(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    mut plan: MemberPlan,
    submit: bool,
) -> Result<(), Error> {
    let (round, member) = (plan.grid.round.clone(), plan.grid.member.id);
    let known = declarations::lock(tx, round.id, member).await?;
    let place = (round.owner, round.id);
    for draft in &mut plan.touched {
        draft.saved_by = actor.user();
        drafts::put(tx, app.clock.new_id(), place, member, draft).await?;
    }
    let mut grid: Grid = needs::load(tx, &round, member, tx.now()).await?;
    let mut declaration = grid.declaration.clone();
    if submit && declaration.state.is_answered() {
        declaration.withdraw(&round, tx.now())?;
    }
    declaration.start(&round, tx.now())?;
    // What is left to correct by hand keeps the answer from being transmitted, not from being typed.
    if submit && grid.faults().is_empty() && grid.is_filled() {
        let entry = Entry {
            at: tx.now(),
            by: actor.user(),
            entered_for: plan.writer == Writer::Officer,
            note: None,
        };
        declaration.submit(&round, entry)?;
        grid.declaration = declaration.clone();
        let needs = settle(app, &grid, &declaration)?;
        rows::replace_of_member(tx, round.id, member, &needs).await?;
    } else if known.is_some_and(|known| known.state.is_answered()) {
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

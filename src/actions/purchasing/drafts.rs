//! Typing in the needs grid: saved cell by cell, nothing lost when two people type at once.
use chrono::{DateTime, Utc};
use domain::{
    french,
    identity::{DeclarationId, ItemId, OrganisationId, RoundId},
    purchasing::{
        declaration::{Declaration, DeclarationError, DeclarationEvent, DeclarationState},
        need::{BadCell, Conflict, Draft, Measure, NeedColumn, NeedError, Typed},
        round::Round,
    },
};
use serde_json::json;

use super::needs::{self, Grid};
use crate::actions::{Actor, App, Error, same_version};
use crate::store::{
    Begun, Line, Scope, StoreError, Tx, Writes,
    purchasing::{declarations, drafts, rounds},
};

/// One cell typed, and what the typist saw in it before.
#[derive(Clone, Debug)]
pub struct Edit {
    pub item: ItemId,
    pub line: String,
    pub column: NeedColumn,
    pub typed: String,
    pub basis: Basis,
}

/// What a typist relies on: someone else's cell is never overwritten unseen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The text that stood in the cell.
    Seen(String),
    /// The version of the line.
    Version(i32),
    /// Nothing: the typist decides over whatever stands there.
    Any,
}

/// What was saved.
#[derive(Clone, Debug)]
pub struct Saved {
    pub at: DateTime<Utc>,
    /// Every line that changed, as it stands now.
    pub lines: Vec<Draft>,
    /// Cells of these lines that are kept as typed but cannot be transmitted.
    pub bad: Vec<BadCell>,
}

/// Saves what was typed; all of it, or nothing when someone else changed one of the cells.
///
/// # Errors
/// [`NeedError::Conflicts`] with both values; [`DeclarationError`] when it is too late.
pub async fn save(
    app: &App,
    actor: &Actor,
    round: RoundId,
    member: OrganisationId,
    edits: Vec<Edit>,
) -> Result<Saved, Error> {
    if actor.token_may_write == Some(false) {
        return Err(Error::Forbidden);
    }
    let grid = needs::find(app, actor, round, member).await?;
    needs::writer(actor, &grid.round, member)?;
    let changed = changed(&grid, edits)?;
    if changed.is_empty() {
        let at = grid.saved_at.unwrap_or(grid.now);
        return Ok(Saved {
            at,
            lines: Vec::new(),
            bad: Vec::new(),
        });
    }
    start(app, actor, &grid).await?;
    let tx = app.store.system_write(app.clock.now()).await?;
    let saved = write(app, actor, &tx, &grid, &changed).await?;
    tx.commit().await?;
    Ok(saved)
}

/// Types cells over the picture that was read, once for each key: how programs do.
///
/// Unlike cells saved one by one from the page, it leaves its line in the journal.
///
/// # Errors
/// [`Error::Stale`] when anything of the answer changed since `version`; else as [`save`].
pub async fn put(
    app: &App,
    actor: &Actor,
    round: RoundId,
    member: OrganisationId,
    version: Option<i32>,
    edits: Vec<Edit>,
) -> Result<(), Error> {
    let grid = needs::find(app, actor, round, member).await?;
    needs::writer(actor, &grid.round, member)?;
    let Begun::Fresh(tx) = app.begin(actor, "declaration.type").await? else {
        return Ok(());
    };
    let round = rounds::hold(&tx, round).await?;
    declarations::lock(&tx, round.id, member).await?;
    let grid = needs::load(&tx, &round, member, tx.now()).await?;
    same_version(version, grid.version)?;
    let mut declaration = grid.declaration.clone();
    // Even when nothing changes: a program must not believe that it could still type.
    check_typable(&declaration, &round, tx.now())?;
    let changed = changed(&grid, edits)?;
    if changed.is_empty() {
        let scope = Scope::Grouping(round.grouping);
        return Ok(tx.commit(Line::about(scope, "round", round.id.0)).await?);
    }
    if declaration.state == DeclarationState::NotStarted {
        declaration.start(&round, tx.now())?;
        match write_begun(app, &tx, &grid, &mut declaration).await {
            // The first cell of a rival: whoever named no version may come again.
            Err(StoreError::Taken(_)) if version.is_none() => return Err(Error::Busy),
            Err(StoreError::Taken(_)) => return Err(Error::Stale),
            other => other?,
        }
    }
    write(app, actor, &tx, &grid, &changed).await?;
    Ok(tx.commit(line(&round, &declaration)).await?)
}

/// Takes again the quantities of the round before, where nothing is typed yet.
///
/// # Errors
/// [`DeclarationError::NoPrevious`]; else as [`save`].
pub async fn take_previous(
    app: &App,
    actor: &Actor,
    round: RoundId,
    member: OrganisationId,
) -> Result<Saved, Error> {
    let grid = needs::find(app, actor, round, member).await?;
    needs::writer(actor, &grid.round, member)?;
    if grid.previous.is_none() {
        return Err(DeclarationError::NoPrevious.into());
    }
    let empty = grid
        .lines()
        .filter(|line| line.draft.quantity == Typed::Empty);
    let edits = empty.filter_map(|line| {
        Some(Edit {
            item: line.item.id,
            line: line.draft.line.clone(),
            column: NeedColumn::Quantity,
            typed: french::quantity(line.previous?),
            basis: Basis::Seen(String::new()),
        })
    });
    let edits = edits.collect();
    save(app, actor, round, member, edits).await
}

/// The edits that change what stands now; a form sends every cell, touched or not.
fn changed(grid: &Grid, edits: Vec<Edit>) -> Result<Vec<(Edit, Measure)>, Error> {
    let mut changed = Vec::new();
    for edit in edits {
        let line = line_of(grid, &edit)?;
        let edit = named_budget(grid, edit)?;
        let current = line.draft.text(edit.column);
        let untouched =
            matches!(&edit.basis, Basis::Seen(seen) if same(&edit, seen, &line.measure));
        if !untouched && !same(&edit, &current, &line.measure) {
            changed.push((edit, line.measure.clone()));
        }
    }
    Ok(changed)
}

fn line_of<'g>(grid: &'g Grid, edit: &Edit) -> Result<&'g needs::Line, NeedError> {
    let item = edit.item;
    if let Some(line) = grid.line(item, &edit.line) {
        return Ok(line);
    }
    Err(if grid.lines().any(|line| line.item.id == item) {
        let site = edit.line.clone();
        NeedError::UnknownSite { item, site }
    } else {
        NeedError::UnknownItem { item }
    })
}

/// A budget is named by its identifier; the main one, which is the rule, by nothing.
fn named_budget(grid: &Grid, edit: Edit) -> Result<Edit, NeedError> {
    if edit.column != NeedColumn::Budget || edit.typed.is_empty() {
        return Ok(edit);
    }
    let id = edit.typed.parse().ok();
    if id.is_some_and(|id| grid.budget(id).is_some()) {
        return Ok(edit);
    }
    let budget = edit.typed;
    Err(NeedError::UnknownBudget { budget })
}

/// Whether the cell already says what is typed: « 1200 » is « 1 200 ».
fn same(edit: &Edit, text: &str, measure: &Measure) -> bool {
    match edit.column {
        NeedColumn::Quantity | NeedColumn::Most => {
            Typed::read(&edit.typed, measure) == Typed::read(text, measure)
        }
        NeedColumn::Commitment | NeedColumn::Budget => edit.typed == text,
        NeedColumn::Comment => edit.typed.trim().replace("\r\n", "\n") == text,
    }
}

/// The first cell typed begins the declaration, with a line in the journal.
async fn start(app: &App, actor: &Actor, grid: &Grid) -> Result<(), Error> {
    check_typable(&grid.declaration, &grid.round, app.clock.now())?;
    if grid.declaration.state != DeclarationState::NotStarted {
        return Ok(());
    }
    // The form's key belongs to what follows, not to this step.
    let actor = actor.clone().with_operation(None);
    let Begun::Fresh(tx) = app.begin(&actor, "declaration.start").await? else {
        return Err(Error::OperationReused);
    };
    let mut declaration = grid.declaration.clone();
    declaration.start(&grid.round, tx.now())?;
    match write_begun(app, &tx, grid, &mut declaration).await {
        // A colleague typed the first cell at the same instant: it is started all the same.
        Err(StoreError::Taken(_) | StoreError::Stale) => return Ok(()),
        other => other?,
    }
    tx.commit(line(&grid.round, &declaration)).await?;
    Ok(())
}

/// Writes a declaration that begins; what the store says of a rival is for the caller.
async fn write_begun(
    app: &App,
    tx: &Tx,
    grid: &Grid,
    declaration: &mut Declaration,
) -> Result<(), StoreError> {
    if grid.begun {
        return declarations::save(tx, declaration).await;
    }
    declaration.id = DeclarationId(app.clock.new_id());
    declarations::insert(tx, declaration).await
}

fn check_typable(
    declaration: &Declaration,
    round: &Round,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    declaration.check_open(round, now)?;
    declaration.state.after(DeclarationEvent::Type)?;
    Ok(())
}

/// What the journal says of a declaration.
pub(super) fn line(round: &Round, declaration: &Declaration) -> Line {
    let scope = Scope::Grouping(round.grouping);
    Line::about(scope, "declaration", declaration.id.0).saying(json!({
        "round": declaration.round,
        "member": declaration.member,
        "state": declaration.state.code(),
        "revision": declaration.revision,
        "entered_for": declaration.entered_for,
    }))
}

async fn write(
    app: &App,
    actor: &Actor,
    tx: &impl Writes,
    grid: &Grid,
    changed: &[(Edit, Measure)],
) -> Result<Saved, Error> {
    let (round, member) = (grid.round.id, grid.member.id);
    let declaration = declarations::lock(tx, round, member).await?;
    let declaration = declaration.ok_or(Error::NotFound)?;
    let now_round = rounds::find(tx, round).await?;
    check_typable(&declaration, &now_round, tx.now())?;
    let mut lines = drafts::of_member(tx, round, member).await?;
    let (mut touched, mut conflicts): (Vec<usize>, _) = (Vec::new(), Vec::new());
    for (edit, measure) in changed {
        let place = place_of(&mut lines, grid, edit);
        let Some(draft) = lines.get_mut(place) else {
            continue;
        };
        if let Some(conflict) = conflict(grid, draft, edit, measure) {
            conflicts.push(conflict);
            continue;
        }
        draft.set(edit.column, &edit.typed, measure);
        draft.saved_by = actor.user();
        draft.saved_at = tx.now();
        touched.push(place);
    }
    if !conflicts.is_empty() {
        return Err(NeedError::Conflicts(conflicts).into());
    }
    touched.sort_unstable();
    touched.dedup();
    let (mut saved, mut bad) = (Vec::new(), Vec::new());
    for draft in touched.into_iter().filter_map(|place| lines.get(place)) {
        let id = app.clock.new_id();
        drafts::put(tx, id, (grid.round.owner, round), member, draft).await?;
        if let Some(line) = grid.line(draft.item, &draft.line) {
            bad.extend(draft.faults(&line.measure));
        }
        let mut draft = draft.clone();
        draft.version += 1;
        saved.push(draft);
    }
    Ok(Saved {
        at: tx.now(),
        lines: saved,
        bad,
    })
}

/// Where the line of an edit is among the drafts; added when nothing was typed on it yet.
fn place_of(lines: &mut Vec<Draft>, grid: &Grid, edit: &Edit) -> usize {
    let known = lines
        .iter()
        .position(|draft| draft.item == edit.item && draft.line == edit.line);
    known.unwrap_or_else(|| {
        let shown = grid.line(edit.item, &edit.line);
        let empty = || Draft::empty(edit.item, edit.line.clone(), grid.now);
        lines.push(shown.map_or_else(empty, |line| line.draft.clone()));
        lines.len().saturating_sub(1)
    })
}

/// Someone else changed the cell since it was seen, and to something else than what is typed.
fn conflict(grid: &Grid, draft: &Draft, edit: &Edit, measure: &Measure) -> Option<Conflict> {
    let theirs = draft.text(edit.column);
    let expected = match &edit.basis {
        Basis::Seen(seen) => {
            let mut before = edit.clone();
            before.typed.clone_from(seen);
            same(&before, &theirs, measure)
        }
        Basis::Version(version) => draft.version == *version,
        Basis::Any => true,
    };
    if expected || same(edit, &theirs, measure) {
        return None;
    }
    Some(Conflict {
        item: edit.item,
        line: edit.line.clone(),
        reference: measure.reference.clone(),
        column: edit.column,
        theirs: shown(grid, edit.column, &theirs),
        yours: shown(grid, edit.column, edit.typed.trim()),
        saved_at: draft.saved_at,
    })
}

/// What a person reads in a cell: a budget by its name.
fn shown(grid: &Grid, column: NeedColumn, text: &str) -> String {
    let id = match column {
        NeedColumn::Budget => text.parse().ok(),
        NeedColumn::Quantity | NeedColumn::Most | NeedColumn::Commitment | NeedColumn::Comment => {
            None
        }
    };
    let budget = id.and_then(|id| grid.budget(id));
    budget.map_or_else(|| text.to_owned(), |budget| budget.name.clone())
}

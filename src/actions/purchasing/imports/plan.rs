//! What the rows of a file change, member by member, before anything is written.
use std::collections::BTreeMap;

use domain::{
    Refusal,
    identity::{ItemId, Siren},
    organisation::Organisation,
    purchasing::{
        declaration::{Declaration, DeclarationEvent},
        need::Draft,
        round::Round,
    },
};

use super::{ImportCause, ImportColumn, ImportLine, ImportProblem, ImportReport, changes::touched};
use crate::{
    actions::{
        Actor, App, Error,
        progress::Progress,
        purchasing::needs::{self, Grid, Writer},
    },
    store::{
        Tx, View, organisations,
        purchasing::{
            declarations::{self, Participation},
            drafts,
        },
    },
};

/// Who brings what.
pub(super) struct Asked<'a> {
    pub(super) actor: &'a Actor,
    pub(super) lines: &'a [ImportLine],
    pub(super) submit: bool,
    pub(super) progress: &'a Progress,
}

/// What a file changes in a round.
pub(super) struct Plan {
    /// The round as it was read.
    round: Round,
    participations: Vec<Participation>,
    /// Members with at least one change, by SIREN: two imports lock them in the same order.
    pub(super) members: Vec<MemberPlan>,
    pub(super) report: ImportReport,
}

/// The changes of one member.
pub(super) struct MemberPlan {
    pub(super) grid: Grid,
    pub(super) writer: Writer,
    /// Each line once, as it will stand.
    pub(super) touched: Vec<Draft>,
}

impl Plan {
    /// Sets bad rows aside and keeps the good ones.
    pub(super) async fn read(
        app: &App,
        view: &View,
        round: &Round,
        asked: &Asked<'_>,
    ) -> Result<Self, Error> {
        let participations = declarations::participations(view, round.grouping, None).await?;
        let members = by_siren(view, &participations).await?;
        let mut by_member: BTreeMap<&Siren, Vec<&ImportLine>> = BTreeMap::new();
        for line in asked.lines {
            by_member.entry(&line.member).or_default().push(line);
        }
        let mut plan = Self {
            round: round.clone(),
            participations,
            members: Vec::new(),
            report: ImportReport::default(),
        };
        // Each member is read, then written.
        asked.progress.expect(by_member.len() * 2);
        for (siren, lines) in by_member {
            let member = members.get(siren);
            plan.read_member(app, view, asked, (siren, member), &lines)
                .await?;
            asked.progress.advance();
        }
        let report = &mut plan.report;
        report.problems.sort_by_key(|problem| problem.row);
        report.changes.sort_by_key(|change| change.row);
        report.cells = report.changes.len();
        report.members = plan.members.len();
        Ok(plan)
    }

    async fn read_member(
        &mut self,
        app: &App,
        view: &View,
        asked: &Asked<'_>,
        (siren, member): (&Siren, Option<&Organisation>),
        lines: &[&ImportLine],
    ) -> Result<(), Error> {
        let writer =
            member.and_then(|member| needs::writer(asked.actor, &self.round, member.id).ok());
        let (Some(member), Some(writer)) = (member, writer) else {
            let unknown = lines.iter().map(|line| ImportProblem {
                row: line.row,
                column: ImportColumn::Member,
                typed: siren.to_string(),
                cause: ImportCause::UnknownMember,
            });
            self.report.problems.extend(unknown);
            return Ok(());
        };
        let grid = needs::own(view, &self.round, member.id, app.clock.now()).await?;
        let before = self.report.changes.len();
        let touched = touched(&grid, lines, &mut self.report);
        if touched.is_empty() {
            return Ok(());
        }
        if let Err(refused) = check_changeable(&grid, asked.submit) {
            self.report.changes.truncate(before);
            self.report.problems.push(ImportProblem {
                row: lines.first().map_or(0, |line| line.row),
                column: ImportColumn::Member,
                typed: member.name.clone(),
                cause: ImportCause::Refused(refused),
            });
            return Ok(());
        }
        self.members.push(MemberPlan {
            grid,
            writer,
            touched,
        });
        Ok(())
    }

    /// Whether nobody changed what this plan relies on; keeps it so until the transaction ends.
    pub(super) async fn still_holds(&self, tx: &Tx, round: &Round) -> Result<bool, Error> {
        let participations = declarations::participations(tx, round.grouping, None).await?;
        if self.round != *round || self.participations != participations {
            return Ok(false);
        }
        for plan in &self.members {
            let member = plan.grid.member.id;
            let now = declarations::lock(tx, round.id, member).await?;
            let then = plan.grid.begun.then_some(plan.grid.declaration.version);
            let is_open = plan.grid.declaration.check_open(round, tx.now()).is_ok();
            if !is_open || now.map(|declaration| declaration.version) != then {
                return Ok(false);
            }
        }
        for plan in &self.members {
            let drafts = drafts::of_member(tx, round.id, plan.grid.member.id).await?;
            let versions: BTreeMap<(ItemId, &str), i32> = drafts
                .iter()
                .map(|draft| ((draft.item, draft.line.as_str()), draft.version))
                .collect();
            let is_same = |line: &needs::Line| {
                let place = (line.item.id, line.draft.line.as_str());
                versions.get(&place).copied().unwrap_or_default() == line.draft.version
            };
            if !plan.grid.lines().all(is_same) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

async fn by_siren(
    view: &View,
    participations: &[Participation],
) -> Result<BTreeMap<Siren, Organisation>, Error> {
    let members = participations.iter().map(|taking_part| taking_part.member);
    let found = organisations::find_all(view, members).await?;
    let with_siren = |o: Organisation| Some((o.siren.clone()?, o));
    Ok(found.into_iter().filter_map(with_siren).collect())
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

//! « Tâches »: long work that someone asked for, followed until it is over.
use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect},
};
use chrono::{DateTime, Utc};
use domain::{
    french,
    identity::{JobId, RoundId},
    job::{Job, JobKind, JobState},
    purchasing::need::NeedColumn,
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    components::Percent,
    form::Fields,
    format::{self, filters},
    layout::Shell,
    page::{Answer, page},
    routes::Routes,
    session::Person,
};
use crate::{
    actions::{
        App, Error, jobs,
        purchasing::imports::{
            self, ImportMode,
            later::{self, Source},
        },
    },
    exchange::report::{NeedChange, NeedsReport},
    wording,
};

/// The changes shown on a page; the others are counted.
const CHANGES_SHOWN: usize = 100;

/// The pages of jobs.
#[must_use]
pub fn routes() -> Routes {
    Routes::default()
        .get("/taches/{id}", show)
        .post("/taches/{id}/import", take)
}

#[derive(Template)]
#[template(path = "jobs/show.html")]
struct Show {
    shell: Shell,
    href: String,
    title: &'static str,
    tone: &'static str,
    state: &'static str,
    asked_at: String,
    finished_at: Option<String>,
    /// Where the figures go, for an import.
    round: Option<(RoundId, String)>,
    /// What the bar says, while it is not over.
    going: Option<(String, Percent)>,
    /// Why it was refused or given up.
    refused: String,
    report: Option<Report>,
    /// A try that found something to take.
    takes: bool,
    operation: Uuid,
}

/// What an import changed, or would, as a page shows it.
pub(super) struct Report {
    pub(super) changes: Vec<NeedChange>,
    pub(super) changes_more: usize,
    pub(super) cells: usize,
    pub(super) members: usize,
    pub(super) unchanged: usize,
    pub(super) problems: Vec<String>,
    pub(super) problems_more: usize,
    pub(super) left_aside: usize,
}

impl From<NeedsReport> for Report {
    fn from(told: NeedsReport) -> Self {
        let mut changes = told.changes;
        changes.truncate(CHANGES_SHOWN);
        Self {
            changes_more: told.cells.saturating_sub(changes.len()),
            changes,
            cells: told.cells,
            members: told.members,
            unchanged: told.unchanged,
            left_aside: told.left_aside,
            problems_more: told.left_aside.saturating_sub(told.problems.len()),
            problems: told.problems.into_iter().map(|p| p.detail).collect(),
        }
    }
}

impl Report {
    pub(super) fn column(change: &NeedChange) -> &'static str {
        NeedColumn::from_code(&change.column).map_or("", wording::need::column)
    }
}

/// A job in a list.
pub(super) struct Asked {
    pub(super) href: String,
    pub(super) at: String,
    pub(super) tone: &'static str,
    pub(super) state: &'static str,
    is_try: bool,
}

impl Asked {
    pub(super) fn title(&self) -> &'static str {
        if self.is_try { "Essai" } else { "Import" }
    }
}

/// The imports that someone asked for in a round.
pub(super) async fn asked(app: &App, person: &Person, round: RoundId) -> Result<Vec<Asked>, Error> {
    let jobs = later::list(app, &person.actor, round).await?;
    let shown = jobs.iter().take(5).map(|job| {
        let (tone, state) = told(job);
        Ok(Asked {
            href: format!("/taches/{}", job.id),
            at: format::moment_in(job.created_at, person.zone()),
            tone,
            state,
            is_try: later::about(job)?.1 == ImportMode::DryRun,
        })
    });
    shown.collect()
}

/// What an import did, in one sentence.
pub(super) fn taken(told: &NeedsReport) -> String {
    let cells = format::count(count(told.cells), "case modifiée", "");
    let members = format::count(count(told.members), "membre", "");
    let mut text = format!("Import terminé\u{a0}: {cells} pour {members}.");
    if told.left_aside > 0 {
        let aside = format::count(count(told.left_aside), "cellule laissée", "");
        text.push_str(&format!(" {aside} de côté."));
    }
    text
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// The tone and the word of a state.
fn told(job: &Job) -> (&'static str, &'static str) {
    match job.state {
        JobState::Waiting => ("", "En attente"),
        JobState::Running => ("open", "En cours"),
        JobState::Done => ("ok", "Terminée"),
        JobState::Failed => ("no", "Refusée"),
    }
}

async fn show(State(app): State<App>, person: Person, Path(id): Path<Uuid>) -> Answer {
    let job = jobs::find(&app, &person.actor, JobId(id)).await?;
    let (title, round, is_try) = match job.kind {
        JobKind::Audit => ("Vérification de l’installation", None, false),
        JobKind::ImportNeeds => {
            let (round, mode) = later::about(&job)?;
            let name = imports::title(&app, &person.actor, round).await?;
            let is_try = mode == ImportMode::DryRun;
            let title = if is_try {
                "Essai d’import de besoins"
            } else {
                "Import de besoins"
            };
            (title, Some((round, name)), is_try)
        }
    };
    let mut shell = person.shell(title);
    if let Some((round, name)) = &round {
        shell = shell
            .crumb(person.rounds_name(), "/campagnes")
            .crumb(name, format!("/campagnes/{round}/besoins/import"));
    }
    let result = job.result.as_deref().unwrap_or_default();
    let report = match (job.state, job.kind) {
        (JobState::Done, JobKind::ImportNeeds) => serde_json::from_str::<NeedsReport>(result).ok(),
        (_, _) => None,
    };
    let (tone, state) = told(&job);
    let moment = |at: DateTime<Utc>| format::moment_in(at, person.zone());
    page(&Show {
        shell,
        href: format!("/taches/{id}"),
        title,
        tone,
        state,
        asked_at: moment(job.created_at),
        finished_at: job.finished_at.map(moment),
        round,
        going: (!job.state.is_over()).then(|| going(&job)),
        refused: refused(&job),
        takes: is_try && report.as_ref().is_some_and(|told| told.cells > 0),
        report: report.map(Report::from),
        operation: app.clock.new_id(),
    })
}

fn going(job: &Job) -> (String, Percent) {
    let label = match job.state {
        JobState::Waiting => "En attente de traitement".to_owned(),
        JobState::Running | JobState::Done | JobState::Failed if job.total == 0 => {
            "Lecture du fichier".to_owned()
        }
        JobState::Running | JobState::Done | JobState::Failed => format!(
            "Étape {} sur {}",
            french::integer(job.done),
            french::integer(job.total)
        ),
    };
    (label, Percent::of(job.done, job.total))
}

/// Why a job failed, as its result keeps it.
fn refused(job: &Job) -> String {
    #[derive(Deserialize)]
    struct Why {
        detail: String,
    }
    if job.state != JobState::Failed {
        return String::new();
    }
    let why = job.result.as_deref();
    let why = why.and_then(|json| serde_json::from_str::<Why>(json).ok());
    why.map_or_else(
        || {
            "Cette tâche a été abandonnée après plusieurs essais\u{202f}: rien n’a été \
             enregistré. Prévenez votre service informatique."
                .to_owned()
        },
        |why| why.detail,
    )
}

/// Takes what was tried, without choosing the file again.
async fn take(
    State(app): State<App>,
    person: Person,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Answer {
    let tried = jobs::find(&app, &person.actor, JobId(id)).await?;
    let (round, _) = later::about(&tried)?;
    let mode = if fields.ticked("transmettre") {
        ImportMode::Submit
    } else {
        ImportMode::Type
    };
    let actor = person.actor.clone().with_operation(fields.operation());
    let job = later::ask(&app, &actor, round, mode, Source::Tried(tried.id)).await?;
    Ok(Redirect::to(&format!("/taches/{}", job.id)).into_response())
}

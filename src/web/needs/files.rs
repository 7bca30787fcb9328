//! Needs in a spreadsheet: taken away, tried, brought in.
use askama::Template;
use axum::{
    body::Bytes,
    extract::{DefaultBodyLimit, Multipart, Path, Query, State, multipart::MultipartRejection},
    handler::Handler,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::identity::{OrganisationId, RoundId};
use tower_sessions::Session;
use uuid::Uuid;

use super::For;
use crate::{
    actions::{
        App, Error,
        progress::Progress,
        purchasing::imports::{
            self, ImportMode,
            later::{self, Source},
        },
    },
    documents::needs_sheet::NeedsSheet,
    exchange::{
        download::{self, Format},
        needs::{self as needs_file, Imported},
        report::NeedsReport,
        spreadsheet::FileError,
    },
    store::OperationKey,
    web::{
        components::Typed,
        format::filters,
        jobs::{Asked, Report, asked, taken},
        layout::{FlashKind, Shell},
        page::{Answer, WebError, page_with},
        routes::Routes,
        session::{self, Person},
    },
};

/// The largest set of good rows that a page carries from a try to the import itself.
const CARRIED_BYTES_MAX: usize = 400_000;

/// The forms and files.
pub(super) fn routes() -> Routes {
    Routes::default()
        .get("/campagnes/{id}/besoins.csv", csv)
        .get("/campagnes/{id}/besoins.xlsx", xlsx)
        .get("/campagnes/{id}/besoins/import", ask)
        // The size is checked part by part, against the setting.
        .post(
            "/campagnes/{id}/besoins/import",
            import.layer(DefaultBodyLimit::disable()),
        )
}

#[derive(Template)]
#[template(path = "purchasing/needs/import.html")]
struct ImportPage {
    shell: Shell,
    round: Uuid,
    round_title: String,
    member: Option<Uuid>,
    operation: Uuid,
    typed: Typed,
    outcome: Option<Outcome>,
    /// Imports of this person in this round that the worker does or did.
    asked: Vec<Asked>,
}

/// What a try found.
struct Outcome {
    report: Report,
    /// The good rows, to import without choosing the file again.
    carried: Option<String>,
    submit: bool,
}

async fn csv(
    State(app): State<App>,
    person: Person,
    Path(id): Path<Uuid>,
    Query(whose): Query<For>,
) -> Answer {
    download(&app, &person, (id, whose), Format::Csv).await
}

async fn xlsx(
    State(app): State<App>,
    person: Person,
    Path(id): Path<Uuid>,
    Query(whose): Query<For>,
) -> Answer {
    download(&app, &person, (id, whose), Format::Xlsx).await
}

async fn download(app: &App, person: &Person, (id, whose): (Uuid, For), format: Format) -> Answer {
    let member = whose.membre.map(OrganisationId);
    let grids = imports::export(app, &person.actor, RoundId(id), member).await?;
    let title = grids
        .first()
        .map_or_else(String::new, |grid| grid.round.title.clone());
    let table = needs_file::table(&grids, &title, app.clock.now());
    Ok(download::table(&table, format, "besoins")?)
}

async fn ask(
    State(app): State<App>,
    person: Person,
    Path(id): Path<Uuid>,
    Query(whose): Query<For>,
) -> Answer {
    draw(&app, &person, (id, whose.membre), Typed::default(), None).await
}

async fn draw(
    app: &App,
    person: &Person,
    (id, member): (Uuid, Option<Uuid>),
    typed: Typed,
    outcome: Option<Outcome>,
) -> Answer {
    let title = imports::title(app, &person.actor, RoundId(id)).await?;
    let status = if typed.is_accepted() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let query = member.map_or_else(String::new, |member| format!("?membre={member}"));
    let shell = person
        .shell("Importer des besoins")
        .crumb(person.rounds_name(), "/campagnes")
        .crumb(&title, format!("/campagnes/{id}/besoins{query}"));
    let page = ImportPage {
        shell,
        round: id,
        round_title: title,
        member,
        operation: app.clock.new_id(),
        typed,
        outcome,
        asked: asked(app, person, RoundId(id)).await?,
    };
    page_with(status, &page)
}

/// What the form sends: a file, or the good rows of a try.
#[derive(Default)]
struct Sent {
    name: String,
    file: Bytes,
    carried: String,
    operation: String,
    member: Option<Uuid>,
    dry_run: bool,
    submit: bool,
}

async fn import(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<Uuid>,
    parts: Result<Multipart, MultipartRejection>,
) -> Result<Response, WebError> {
    imports::title(&app, &person.actor, RoundId(id)).await?;
    let parts = parts.map_err(|_unreadable| Error::Invalid(Vec::new()))?;
    let sent = receive(&app, parts).await?;
    let bytes = if sent.carried.is_empty() {
        sent.file.as_ref()
    } else {
        sent.carried.as_bytes()
    };
    let mode = match (sent.dry_run, sent.submit) {
        (true, _) => ImportMode::DryRun,
        (false, false) => ImportMode::Type,
        (false, true) => ImportMode::Submit,
    };
    let operation = operation(id, mode, &sent, bytes);
    let actor = person.actor.clone().with_operation(operation);
    let place = (id, sent.member);
    let waited_max = app.settings.limits.import_rows_waited_max;
    let done = match needs_file::read(&app, bytes.to_vec()).await {
        Ok(parsed) if parsed.good.len() + parsed.bad.len() > waited_max => {
            let source = Source::File(sent.name.clone(), bytes.to_vec());
            let job = later::ask(&app, &actor, RoundId(id), mode, source).await?;
            return Ok(Redirect::to(&format!("/taches/{}", job.id)).into_response());
        }
        Ok(parsed) => {
            let progress = Progress::default();
            let done = needs_file::take(&app, &actor, RoundId(id), parsed, mode, &progress).await;
            done.map_err(FileError::from)
        }
        Err(error) => Err(error),
    };
    match done {
        Err(FileError::Unreadable { sentence, .. }) => {
            let mut typed = Typed::default();
            typed.refuse("fichier", sentence);
            draw(&app, &person, place, typed, None).await
        }
        Err(FileError::Action(error)) => Err(error.into()),
        Ok(imported) if mode == ImportMode::DryRun => {
            let outcome = outcome(&app, imported, sent.submit);
            draw(&app, &person, place, Typed::default(), Some(outcome)).await
        }
        Ok(imported) => {
            let told = NeedsReport::from(imported);
            session::tell(&session, FlashKind::Done, taken(&told)).await?;
            let to = match sent.member {
                Some(member) => format!("/campagnes/{id}/besoins?membre={member}"),
                None if person.coordinates() => format!("/campagnes/{id}"),
                None => format!("/campagnes/{id}/besoins"),
            };
            Ok(Redirect::to(&to).into_response())
        }
    }
}

fn operation(round: Uuid, mode: ImportMode, sent: &Sent, bytes: &[u8]) -> Option<OperationKey> {
    if sent.operation.is_empty() || sent.operation.len() > 100 {
        return None;
    }
    let text = String::from_utf8_lossy(bytes);
    let request = format!(
        "POST /campagnes/{round}/besoins/import {} {text}",
        mode.code()
    );
    Some(OperationKey {
        key: sent.operation.clone(),
        request_hash: crate::actions::sessions::digest(&request),
    })
}

fn outcome(app: &App, imported: Imported, submit: bool) -> Outcome {
    let sheet = NeedsSheet {
        title: String::new(),
        written_at: app.clock.now(),
        options: imported.options,
        lines: imported.good.clone(),
    };
    let report = Report::from(NeedsReport::from(imported));
    let carried = sheet.to_table().to_csv().ok();
    let carried = carried.filter(|csv| report.cells > 0 && csv.len() <= CARRIED_BYTES_MAX);
    Outcome {
        report,
        carried: carried.and_then(|csv| String::from_utf8(csv).ok()),
        submit,
    }
}

async fn receive(app: &App, mut parts: Multipart) -> Result<Sent, Error> {
    let max = app.settings.limits.upload_bytes_max;
    let broken = |_| Error::Invalid(Vec::new());
    let mut sent = Sent::default();
    while let Some(mut part) = parts.next_field().await.map_err(broken)? {
        let name = part.name().unwrap_or("").to_owned();
        let mut bytes = Vec::new();
        while let Some(chunk) = part.chunk().await.map_err(broken)? {
            // One byte too many is kept, so that the reader refuses it with its sentence.
            if bytes.len() <= max {
                bytes.extend_from_slice(&chunk);
            }
        }
        let text = || String::from_utf8_lossy(&bytes).into_owned();
        match name.as_str() {
            "operation" => sent.operation = text(),
            "lignes" => sent.carried = text(),
            "membre" => sent.member = text().parse().ok(),
            "essai" => sent.dry_run = true,
            "transmettre" => sent.submit = true,
            "fichier" => {
                sent.name = part.file_name().unwrap_or_default().to_owned();
                sent.file = bytes.into();
            }
            _ => {}
        }
    }
    Ok(sent)
}

//! A table of contacts and users: tried first, then taken.
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use domain::identity::OrganisationId;
use uuid::Uuid;

use super::users::{Asked, chosen};
use crate::{
    actions::{App, Error, organisations, users::Outcome},
    documents::{
        people_sheet,
        writing::{Column, Kind, Table, Value},
    },
    exchange::{
        download::{self, Format},
        people::{self, Imported},
        report::InvitationLink,
        spreadsheet::FileError,
    },
    web::{
        components::Typed,
        format::filters,
        layout::Shell,
        page::{Answer, page, page_with},
        routes::Routes,
        session::Person,
        upload::Upload,
    },
    wording,
};

pub(super) fn routes() -> Routes {
    Routes::default()
        .get("/utilisateurs/import", show)
        .post("/utilisateurs/import", import)
        .get("/utilisateurs/import/modele.csv", template)
        .get("/utilisateurs/export/{format}", export)
}

#[derive(Template)]
#[template(path = "people/import.html")]
struct ImportPage {
    shell: Shell,
    organisation: Uuid,
    typed: Typed,
    operation: String,
    /// What happened, once a file came.
    report: Option<Report>,
}

struct Report {
    dry: bool,
    sums: Vec<(String, usize)>,
    bad: Vec<String>,
    lines: Vec<LineRow>,
    links: Vec<InvitationLink>,
}

struct LineRow {
    address: String,
    name: String,
    organisation: String,
    tone: &'static str,
    outcome: &'static str,
}

async fn show(State(app): State<App>, person: Person, Query(asked): Query<Asked>) -> Answer {
    let organisation = chosen(&person, asked.organisme)?;
    if organisations::managed(&app, &person.actor)
        .await?
        .is_empty()
    {
        return Err(Error::Forbidden.into());
    }
    page(&import_page(
        &app,
        &person,
        organisation,
        Typed::default().with("essai", "oui"),
    ))
}

fn import_page(
    app: &App,
    person: &Person,
    organisation: OrganisationId,
    typed: Typed,
) -> ImportPage {
    ImportPage {
        shell: person
            .shell("Importer des contacts et des utilisateurs")
            .crumb("Utilisateurs", "/utilisateurs"),
        organisation: organisation.0,
        typed,
        operation: app.clock.new_id().to_string(),
        report: None,
    }
}

async fn import(
    State(app): State<App>,
    person: Person,
    upload: Result<Upload, Response>,
) -> Answer {
    // Rights come before what is wrong with the form.
    if organisations::managed(&app, &person.actor)
        .await?
        .is_empty()
    {
        return Err(Error::Forbidden.into());
    }
    let upload = match upload {
        Ok(upload) => upload,
        Err(unreadable) => return Ok(unreadable),
    };
    let fields = upload.fields;
    let organisation = person.organisation()?;
    let dry = fields.ticked("essai");
    let actor = person.actor.clone().with_operation(fields.operation());
    let done = match upload.file {
        Some(file) => people::import(&app, &actor, file.bytes, dry).await,
        None => Err(FileError::missing()),
    };
    let imported = match done {
        Ok(imported) => imported,
        Err(FileError::Action(error)) => return Err(error.into()),
        Err(FileError::Unreadable { sentence, .. }) => {
            let mut typed = Typed::of(fields.iter());
            typed.refuse("fichier", sentence);
            let page = import_page(&app, &person, organisation, typed);
            return page_with(axum::http::StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    };
    if !dry && fields.typed("liens") == "csv" {
        return links_csv(&app, imported.links);
    }
    let mut shown = import_page(&app, &person, organisation, next_typed(dry));
    shown.report = Some(report(imported));
    page(&shown)
}

/// After a dry run the box is unticked: the next step is to take the file.
fn next_typed(dry: bool) -> Typed {
    let typed = Typed::default();
    if dry {
        typed
    } else {
        typed.with("essai", "oui")
    }
}

fn report(imported: Imported) -> Report {
    let dry = !imported.applied;
    let mut sums: Vec<(String, usize)> = Vec::new();
    for outcome in ALL {
        let lines = imported.lines.iter();
        let count = lines.filter(|line| line.outcome == outcome).count();
        if count > 0 {
            sums.push((wording::import_outcome(outcome, dry).to_owned(), count));
        }
    }
    let lines = imported.lines.into_iter().map(|line| LineRow {
        address: line.address.to_string(),
        name: line.name,
        organisation: line.organisation,
        tone: tone(line.outcome),
        outcome: wording::import_outcome(line.outcome, dry),
    });
    Report {
        dry,
        sums,
        bad: imported
            .problems
            .into_iter()
            .map(|bad| bad.detail)
            .collect(),
        lines: lines.collect(),
        links: imported.links,
    }
}

const ALL: [Outcome; 7] = [
    Outcome::Invited,
    Outcome::RoleGiven,
    Outcome::ContactAdded,
    Outcome::ContactChanged,
    Outcome::Unchanged,
    Outcome::NotYours,
    Outcome::Disabled,
];

fn tone(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Invited | Outcome::RoleGiven => "ok",
        Outcome::ContactAdded | Outcome::ContactChanged => "open",
        Outcome::Unchanged => "",
        Outcome::NotYours | Outcome::Disabled => "no",
    }
}

/// The links as a file for a mail merge: they are shown once, here or on the page.
fn links_csv(app: &App, links: Vec<InvitationLink>) -> Answer {
    let columns = ["Organisme", "Nom", "Adresse électronique", "Lien"];
    let rows = links.into_iter().map(|one| {
        let cells = [one.organisation, one.name, one.email, one.link];
        cells.map(Value::Text).into()
    });
    let table = Table {
        title: String::new(),
        written_at: app.clock.now(),
        columns: columns.map(|c| Column::new(c, Kind::Text)).into(),
        rows: rows.collect(),
        totals: None,
        proof: Vec::new(),
    };
    Ok(download::table(&table, Format::Csv, "invitations")?)
}

async fn export(State(app): State<App>, person: Person, Path(format): Path<String>) -> Answer {
    let format = Format::of_address(&format)?;
    let table = people::export(&app, &person.actor).await?;
    Ok(download::table(&table, format, "utilisateurs")?)
}

async fn template(State(app): State<App>, _person: Person) -> Answer {
    let table = Table {
        title: "Contacts et utilisateurs".to_owned(),
        written_at: app.clock.now(),
        columns: people_sheet::template(),
        rows: Vec::new(),
        totals: None,
        proof: Vec::new(),
    };
    Ok(download::table(&table, Format::Csv, "modele-utilisateurs")?)
}

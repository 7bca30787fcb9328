//! A table of contacts and users: tried first, then taken.
use askama::Template;
use axum::{
    extract::{Query, State},
    http::header,
    response::{IntoResponse, Response},
};
use domain::{identity::OrganisationId, organisation::Organisation};
use uuid::Uuid;

use super::users::{Asked, chosen, link};
use crate::{
    actions::{
        App, Error, organisations,
        users::{self, Imported, NewPerson, Outcome},
    },
    documents::{
        directory::{Directory, Known},
        people_sheet::{self, ParsedPeople},
        reading::Sheet,
        writing::{Column, Kind, Table, Value},
    },
    exchange::spreadsheet::{self, FileError},
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
    links: Vec<LinkRow>,
}

struct LineRow {
    address: String,
    name: String,
    organisation: String,
    tone: &'static str,
    outcome: &'static str,
}

struct LinkRow {
    name: String,
    email: String,
    organisation: String,
    link: String,
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
    let managed = organisations::managed(&app, &person.actor).await?;
    if managed.is_empty() {
        return Err(Error::Forbidden.into());
    }
    let upload = match upload {
        Ok(upload) => upload,
        Err(unreadable) => return Ok(unreadable),
    };
    let fields = upload.fields;
    let organisation = person.organisation()?;
    let typed = Typed::of(fields.iter());
    let read = match upload.file {
        Some(file) => read(&app, file.bytes, &managed).await,
        None => Err(FileError::missing()),
    };
    let parsed = match read {
        Ok(parsed) => parsed,
        Err(FileError::Action(error)) => return Err(error.into()),
        Err(FileError::Unreadable { sentence, .. }) => {
            let mut typed = typed;
            typed.refuse("fichier", sentence);
            let page = import_page(&app, &person, organisation, typed);
            return page_with(axum::http::StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    };
    let dry = fields.ticked("essai");
    let people = parsed.good.iter().map(|(line, _)| NewPerson {
        organisation: line.organisation,
        name: line.name.clone(),
        role: line.role,
        function: line.function.clone(),
        email: line.email.clone(),
        phone: line.phone.clone(),
    });
    // A dry run must not use the key up.
    let operation = fields.operation().filter(|_| !dry);
    let actor = person.actor.clone().with_operation(operation);
    let imported = users::import(&app, &actor, people.collect(), dry).await?;
    if !dry && fields.typed("liens") == "csv" {
        return links_csv(&app, &managed, &imported);
    }
    let mut shown = import_page(&app, &person, organisation, next_typed(dry));
    shown.report = Some(report(&app, &managed, &parsed, imported, dry));
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

async fn read(
    app: &App,
    bytes: Vec<u8>,
    managed: &[Organisation],
) -> Result<ParsedPeople, FileError> {
    let known = managed.iter().map(|o| Known {
        id: o.id,
        name: o.name.clone(),
        siren: o.siren.clone(),
        insee: o.insee.clone(),
    });
    let directory = Directory::new(known.collect());
    let parse = move |sheet: &Sheet| people_sheet::parse(sheet, &directory);
    spreadsheet::read(&app.settings.limits, bytes, parse).await
}

fn report(
    app: &App,
    managed: &[Organisation],
    parsed: &ParsedPeople,
    imported: Imported,
    dry: bool,
) -> Report {
    let lines = parsed.good.iter().zip(&imported.outcomes);
    let lines = lines.map(|((line, address), outcome)| LineRow {
        address: address.to_string(),
        name: line.name.clone(),
        organisation: name_of(managed, line.organisation),
        tone: tone(*outcome),
        outcome: told(*outcome, dry),
    });
    let mut sums: Vec<(String, usize)> = Vec::new();
    for outcome in ALL {
        let count = imported.outcomes.iter().filter(|o| **o == outcome).count();
        if count > 0 {
            sums.push((told(outcome, dry).to_owned(), count));
        }
    }
    Report {
        dry,
        sums,
        bad: parsed.bad.iter().map(wording::sheet::cell).collect(),
        lines: lines.collect(),
        links: imported
            .links
            .iter()
            .map(|(user, organisation, secret)| LinkRow {
                name: user.name.clone(),
                email: user.email.to_string(),
                organisation: name_of(managed, *organisation),
                link: link(app, secret),
            })
            .collect(),
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

fn told(outcome: Outcome, dry: bool) -> &'static str {
    match (outcome, dry) {
        (Outcome::Invited, false) => "Compte créé",
        (Outcome::Invited, true) => "Compte à créer",
        (Outcome::RoleGiven, false) => "Rôle ajouté",
        (Outcome::RoleGiven, true) => "Rôle à ajouter",
        (Outcome::ContactAdded, false) => "Contact ajouté",
        (Outcome::ContactAdded, true) => "Contact à ajouter",
        (Outcome::ContactChanged, false) => "Contact mis à jour",
        (Outcome::ContactChanged, true) => "Contact à mettre à jour",
        (Outcome::Unchanged, _) => "Déjà à jour",
        (Outcome::NotYours, _) => "Refusé\u{a0}: l’organisme s’administre lui-même",
        (Outcome::Disabled, _) => "Refusé\u{a0}: compte désactivé",
    }
}

fn tone(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Invited | Outcome::RoleGiven => "ok",
        Outcome::ContactAdded | Outcome::ContactChanged => "open",
        Outcome::Unchanged => "",
        Outcome::NotYours | Outcome::Disabled => "no",
    }
}

fn name_of(managed: &[Organisation], id: OrganisationId) -> String {
    let found = managed.iter().find(|o| o.id == id);
    found.map(|o| o.name.clone()).unwrap_or_default()
}

/// The links as a file for a mail merge: they are shown once, here or on the page.
fn links_csv(app: &App, managed: &[Organisation], imported: &Imported) -> Answer {
    let columns = ["Organisme", "Nom", "Adresse électronique", "Lien"];
    let rows = imported.links.iter().map(|(user, organisation, secret)| {
        let cells = [
            name_of(managed, *organisation),
            user.name.clone(),
            user.email.to_string(),
            link(app, secret),
        ];
        cells.iter().map(|text| Value::text(Some(text))).collect()
    });
    csv("invitations.csv", app, columns, rows.collect())
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
    file("modele-utilisateurs.csv", table)
}

fn csv<const N: usize>(name: &str, app: &App, columns: [&str; N], rows: Vec<Vec<Value>>) -> Answer {
    let table = Table {
        title: String::new(),
        written_at: app.clock.now(),
        columns: columns.map(|c| Column::new(c, Kind::Text)).into(),
        rows,
        totals: None,
        proof: Vec::new(),
    };
    file(name, table)
}

pub(super) fn file(name: &str, table: Table) -> Answer {
    let bytes = table.to_csv().map_err(|e| Error::Internal(e.into()))?;
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    let response: Response = (headers, bytes).into_response();
    Ok(response)
}

//! A table of sites: tried first, then taken.
use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::identity::OrganisationId;
use uuid::Uuid;

use super::organisations::edited;
use crate::{
    actions::App,
    documents::{sites_sheet, writing::Table},
    exchange::{
        download::{self, Format},
        sites,
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
};

pub(super) fn routes() -> Routes {
    Routes::default()
        .get("/collectivites/{id}/sites/import", show)
        .post("/collectivites/{id}/sites/import", import)
        .get("/collectivites/{id}/sites/import/modele.csv", template)
        .get("/collectivites/{id}/sites/export/{format}", export)
}

#[derive(Template)]
#[template(path = "people/site_import.html")]
struct ImportPage {
    shell: Shell,
    href: String,
    typed: Typed,
    operation: String,
    report: Option<Report>,
}

struct Report {
    dry: bool,
    sums: Vec<(&'static str, usize)>,
    bad: Vec<String>,
}

async fn show(State(app): State<App>, person: Person, Path(id): Path<Uuid>) -> Answer {
    let typed = Typed::default().with("essai", "oui");
    page(&import_page(&app, &person, id, typed).await?)
}

async fn import_page(
    app: &App,
    person: &Person,
    id: Uuid,
    typed: Typed,
) -> Result<ImportPage, crate::actions::Error> {
    let details = edited(app, person, id).await?;
    let href = format!("/collectivites/{id}");
    Ok(ImportPage {
        shell: person
            .shell("Importer des sites")
            .crumb("Collectivités", "/collectivites")
            .crumb(details.organisation.name, href.clone())
            .crumb("Sites", format!("{href}/sites")),
        href,
        typed,
        operation: app.clock.new_id().to_string(),
        report: None,
    })
}

async fn import(
    State(app): State<App>,
    person: Person,
    Path(id): Path<Uuid>,
    upload: Result<Upload, Response>,
) -> Answer {
    // Rights come before what is wrong with the form.
    edited(&app, &person, id).await?;
    let upload = match upload {
        Ok(upload) => upload,
        Err(unreadable) => return Ok(unreadable),
    };
    let fields = upload.fields;
    let dry = fields.ticked("essai");
    let actor = person.actor.clone().with_operation(fields.operation());
    let owner = OrganisationId(id);
    let done = match upload.file {
        Some(file) => sites::import(&app, &actor, owner, file.bytes, dry).await,
        None => Err(FileError::missing()),
    };
    let imported = match done {
        Ok(imported) => imported,
        Err(FileError::Action(error)) => return Err(error.into()),
        Err(FileError::Unreadable { sentence, .. }) => {
            let mut typed = Typed::of(fields.iter());
            typed.refuse("fichier", sentence);
            let shown = import_page(&app, &person, id, typed).await?;
            return page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown);
        }
    };
    let typed = if dry {
        Typed::default()
    } else {
        Typed::default().with("essai", "oui")
    };
    let mut shown = import_page(&app, &person, id, typed).await?;
    shown.report = Some(Report {
        dry,
        sums: vec![
            ("Sites nouveaux", imported.done.added),
            ("Sites mis à jour", imported.done.changed),
            ("Déjà à jour", imported.done.unchanged),
        ],
        bad: imported
            .problems
            .into_iter()
            .map(|bad| bad.detail)
            .collect(),
    });
    page(&shown)
}

async fn export(
    State(app): State<App>,
    person: Person,
    Path((id, format)): Path<(Uuid, String)>,
) -> Answer {
    let format = Format::of_address(&format)?;
    let table = sites::export(&app, &person.actor, OrganisationId(id)).await?;
    Ok(download::table(&table, format, "sites")?)
}

async fn template(State(app): State<App>, _person: Person, Path(_id): Path<Uuid>) -> Answer {
    let table = Table {
        title: "Sites".to_owned(),
        written_at: app.clock.now(),
        columns: sites_sheet::template(),
        rows: Vec::new(),
        totals: None,
        proof: Vec::new(),
    };
    Ok(download::table(&table, Format::Csv, "modele-sites")?)
}

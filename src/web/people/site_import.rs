//! A table of sites: tried first, then taken.
use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::identity::OrganisationId;
use uuid::Uuid;

use super::{imports::file, organisations::edited};
use crate::{
    actions::{
        App,
        sites::{self, Details, Listed, Outcome},
    },
    documents::{
        reading::Sheet,
        sites_sheet::{self, SiteLine},
        writing::Table,
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
        .get("/collectivites/{id}/sites/import", show)
        .post("/collectivites/{id}/sites/import", import)
        .get("/collectivites/{id}/sites/import/modele.csv", template)
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
    let details = edited(&app, &person, id).await?;
    let upload = match upload {
        Ok(upload) => upload,
        Err(unreadable) => return Ok(unreadable),
    };
    let fields = upload.fields;
    let mut shown = import_page(&app, &person, id, Typed::of(fields.iter())).await?;
    let budgets = details.private.map(|private| private.budgets);
    let parse = move |sheet: &Sheet| sites_sheet::parse(sheet, &budgets.unwrap_or_default());
    let read = match upload.file {
        Some(file) => spreadsheet::read(&app.settings.limits, file.bytes, parse).await,
        None => Err(FileError::missing()),
    };
    let parsed = match read {
        Ok(parsed) => parsed,
        Err(FileError::Action(error)) => return Err(error.into()),
        Err(FileError::Unreadable { sentence, .. }) => {
            shown.typed.refuse("fichier", sentence);
            return page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown);
        }
    };
    let dry = fields.ticked("essai");
    // A dry run must not use the key up.
    let operation = fields.operation().filter(|_| !dry);
    let actor = person.actor.clone().with_operation(operation);
    let lines = parsed.good.into_iter().map(|(line, _)| listed(line));
    let owner = OrganisationId(id);
    let outcomes = sites::import(&app, &actor, owner, lines.collect(), dry).await?;
    let count = |outcome| outcomes.iter().filter(|o| **o == outcome).count();
    shown.typed = if dry {
        Typed::default()
    } else {
        Typed::default().with("essai", "oui")
    };
    shown.report = Some(Report {
        dry,
        sums: vec![
            ("Sites nouveaux", count(Outcome::Added)),
            ("Sites mis à jour", count(Outcome::Changed)),
            ("Déjà à jour", count(Outcome::Unchanged)),
        ],
        bad: parsed.bad.iter().map(wording::sheet::cell).collect(),
    });
    page(&shown)
}

fn listed(line: SiteLine) -> Listed {
    Listed {
        says_budget: line.budget.is_some(),
        details: Details {
            kind: line.kind,
            name: line.name,
            reference: line.reference,
            address: line.address,
            area: line.area,
            category: line.category,
            budget: line.budget.flatten(),
        },
    }
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
    file("modele-sites.csv", table)
}

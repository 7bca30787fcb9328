//! « Fournisseurs » : whom the contracts and invoices are with, one record for each company.
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect},
};
use domain::{
    attachment::{Subject, SubjectKind},
    identity::{Email, OrganisationId, Phone, Siren, Siret, SupplierId},
    permission::Right,
    purchasing::supplier::{NAME_CHARS_MAX, Supplier},
};
use serde::Deserialize;
use tower_sessions::Session;
use uuid::Uuid;

use super::{
    attachments::Panel,
    components::{Pages, Turn, Typed},
    contracts::tone,
    form::Fields,
    format::filters,
    layout::{FlashKind, Shell},
    page::{Answer, page, page_with},
    refused::Refused,
    routes::Routes,
    session::{self, Person, form_encode},
};
use crate::{
    actions::{
        App, Error,
        purchasing::{
            contracts::{self, Listed},
            suppliers::{self, SupplierInput},
        },
    },
    wording,
};

/// Lines of one page.
const ROWS: u32 = 25;
/// Contracts shown on the page of their supplier.
const CONTRACTS: u64 = 50;

/// The pages of suppliers.
#[must_use]
pub fn routes() -> Routes {
    Routes::default()
        .get("/fournisseurs", list)
        .get("/fournisseurs/nouveau", show_new)
        .post("/fournisseurs/nouveau", create)
        .get("/fournisseurs/{id}", show)
        .get("/fournisseurs/{id}/modifier", show_edit)
        .post("/fournisseurs/{id}/modifier", edit)
}

#[derive(Debug, Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
    page: Option<u32>,
}

#[derive(Template)]
#[template(path = "suppliers/list.html")]
struct List {
    shell: Shell,
    words: String,
    rows: Vec<Row>,
    pages: Pages,
    records: bool,
}

struct Row {
    href: String,
    name: String,
    siren: String,
    contact: String,
}

async fn list(State(app): State<App>, person: Person, Query(asked): Query<Asked>) -> Answer {
    let turn = Turn::of(asked.page, ROWS);
    let (found, total) =
        suppliers::page(&app, &person.actor, &asked.q, turn.skip(), turn.rows()).await?;
    let kept = format!("q={}", form_encode(&asked.q));
    page(&List {
        shell: person.shell("Fournisseurs"),
        rows: found.into_iter().map(row).collect(),
        pages: turn.pages(total, &kept),
        records: owner(&person).is_ok(),
        words: asked.q.trim().to_owned(),
    })
}

fn row(supplier: Supplier) -> Row {
    let email = supplier.email.as_ref().map(Email::to_string);
    let phone = supplier.phone.as_ref().map(Phone::grouped);
    let contact: Vec<String> = phone.into_iter().chain(email).collect();
    Row {
        href: format!("/fournisseurs/{}", supplier.id),
        siren: supplier.siren.grouped(),
        contact: contact.join(", "),
        name: supplier.name,
    }
}

/// The organisation acted for, when the person may record its suppliers.
fn owner(person: &Person) -> Result<OrganisationId, Error> {
    let owner = person.organisation()?;
    person.actor.require(Right::RunProcedures, owner)?;
    Ok(owner)
}

#[derive(Template)]
#[template(path = "suppliers/view.html")]
struct View {
    shell: Shell,
    supplier: Supplier,
    contracts: Vec<Listed>,
    /// How many are not shown.
    more: u64,
    all: String,
    revises: bool,
    pieces: Panel,
}

impl View {
    fn state_of(&self, row: &Listed) -> (&'static str, &'static str) {
        let state = row.contract.state;
        (tone(state), wording::contract::state(state))
    }
}

async fn show(State(app): State<App>, person: Person, Path(id): Path<Uuid>) -> Answer {
    let supplier = suppliers::find(&app, &person.actor, SupplierId(id)).await?;
    let listing = contracts::Listing {
        supplier: Some(supplier.id),
        ..contracts::Listing::default()
    };
    let subject = Subject {
        kind: SubjectKind::Supplier,
        id,
    };
    let (held, total) = contracts::page(&app, &person.actor, &listing, 0, CONTRACTS).await?;
    page(&View {
        shell: person
            .shell(supplier.name.clone())
            .crumb("Fournisseurs", "/fournisseurs"),
        revises: person.actor.may(Right::RunProcedures, supplier.owner),
        all: format!("/marches?q={}", form_encode(&supplier.name)),
        more: total.saturating_sub(CONTRACTS),
        contracts: held,
        pieces: Panel::of(&app, &person, subject, format!("/fournisseurs/{id}")).await?,
        supplier,
    })
}

#[derive(Template)]
#[template(path = "suppliers/form.html")]
struct Form {
    shell: Shell,
    refused: Refused,
    action: String,
    back: String,
    operation: Uuid,
    verb: &'static str,
}

async fn show_new(State(app): State<App>, person: Person) -> Answer {
    owner(&person)?;
    new_page(&app, &person, Refused::fresh(Typed::default()))
}

fn new_page(app: &App, person: &Person, refused: Refused) -> Answer {
    let status = refused.status;
    let template = Form {
        shell: person
            .shell("Enregistrer un fournisseur")
            .crumb("Fournisseurs", "/fournisseurs"),
        refused,
        action: "/fournisseurs/nouveau".to_owned(),
        back: "/fournisseurs".to_owned(),
        operation: app.clock.new_id(),
        verb: "Enregistrer le fournisseur",
    };
    page_with(status, &template)
}

async fn create(
    State(app): State<App>,
    person: Person,
    session: Session,
    mut fields: Fields,
) -> Answer {
    let owner = owner(&person)?;
    let actor = person.actor.clone().with_operation(fields.operation());
    let made = match read(&mut fields) {
        Some(input) => suppliers::create(&app, &actor, owner, input).await,
        None => Err(fields.invalid()),
    };
    match made {
        Ok(supplier) => said(&session, &supplier).await,
        Err(error) => new_page(&app, &person, Refused::of(&fields, error)?),
    }
}

/// A supplier whose record the person may change.
async fn revised(app: &App, person: &Person, id: Uuid) -> Result<Supplier, Error> {
    let supplier = suppliers::find(app, &person.actor, SupplierId(id)).await?;
    person.actor.require(Right::RunProcedures, supplier.owner)?;
    Ok(supplier)
}

async fn show_edit(State(app): State<App>, person: Person, Path(id): Path<Uuid>) -> Answer {
    let supplier = revised(&app, &person, id).await?;
    let refused = Refused::fresh(stored(&supplier));
    edit_page(&app, &person, &supplier, refused)
}

fn stored(supplier: &Supplier) -> Typed {
    let siret = supplier.siret.as_ref().map(Siret::grouped);
    let email = supplier.email.as_ref().map(Email::to_string);
    let phone = supplier.phone.as_ref().map(Phone::grouped);
    Typed::default()
        .with("nom", supplier.name.clone())
        .with("siren", supplier.siren.grouped())
        .with("siret", siret.unwrap_or_default())
        .with("email", email.unwrap_or_default())
        .with("telephone", phone.unwrap_or_default())
        .with("version", supplier.version.to_string())
}

fn edit_page(app: &App, person: &Person, supplier: &Supplier, refused: Refused) -> Answer {
    let here = format!("/fournisseurs/{}", supplier.id);
    let status = refused.status;
    let template = Form {
        shell: person
            .shell("Modifier la fiche")
            .crumb("Fournisseurs", "/fournisseurs")
            .crumb(supplier.name.clone(), here.clone()),
        refused,
        action: format!("{here}/modifier"),
        back: here,
        operation: app.clock.new_id(),
        verb: "Enregistrer la fiche",
    };
    page_with(status, &template)
}

async fn edit(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<Uuid>,
    mut fields: Fields,
) -> Answer {
    let supplier = revised(&app, &person, id).await?;
    let actor = person.actor.clone().with_operation(fields.operation());
    let version = fields.typed("version").parse().ok();
    let saved = match read(&mut fields) {
        Some(input) => suppliers::revise(&app, &actor, supplier.id, version, input).await,
        None => Err(fields.invalid()),
    };
    match saved {
        Ok(supplier) => said(&session, &supplier).await,
        Err(error) => edit_page(&app, &person, &supplier, Refused::of(&fields, error)?),
    }
}

async fn said(session: &Session, supplier: &Supplier) -> Answer {
    let text = format!("La fiche de {} est enregistrée.", supplier.name);
    session::tell(session, FlashKind::Done, text).await?;
    Ok(Redirect::to(&format!("/fournisseurs/{}", supplier.id)).into_response())
}

fn read(fields: &mut Fields) -> Option<SupplierInput> {
    let name = fields.text("nom", NAME_CHARS_MAX);
    let siren = fields.read("siren", Siren::parse);
    let siret = fields.read_optional("siret", Siret::parse);
    let email = fields.read_optional("email", Email::parse);
    let phone = fields.read_optional("telephone", Phone::parse);
    Some(SupplierInput {
        name: name?,
        siren: siren?,
        siret: siret?,
        email: email?,
        phone: phone?,
    })
}

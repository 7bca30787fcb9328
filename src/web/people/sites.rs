//! Sites of an organisation: added and changed.
use askama::Template;
use axum::extract::{Path, Query, State};
use domain::{
    budget::BudgetKind,
    french,
    identity::{BudgetId, OrganisationId, SiteId},
    site::{Site, SiteKind},
};
use tower_sessions::Session;
use uuid::Uuid;

use super::{
    entry::{Entry, Input, Kind, version},
    organisations::{Asked, edited},
};
use crate::{
    actions::{
        App, organisations,
        sites::{self, Details},
    },
    web::{
        components::{Choice, Pages, Turn, Typed},
        form::Fields,
        format::filters,
        layout::Shell,
        page::{Answer, page},
        routes::Routes,
        session::{self, Person},
    },
};

pub(super) fn routes() -> Routes {
    Routes::default()
        .get("/collectivites/{id}/sites/nouveau", show_new)
        .post("/collectivites/{id}/sites/nouveau", create)
        .get("/collectivites/{id}/sites/{site}", show_edit)
        .post("/collectivites/{id}/sites/{site}", edit)
        .get("/collectivites/{id}/sites", list)
}

async fn show_new(State(app): State<App>, person: Person, Path(id): Path<Uuid>) -> Answer {
    let details = edited(&app, &person, id).await?;
    new_form(&app, &person, &details)
        .filled(Typed::default().with("actif", "oui"))
        .show()
}

fn new_form(app: &App, person: &Person, details: &organisations::Details) -> Entry {
    form(app, person, details, "Ajouter un site", "Ajouter le site")
}

fn form(
    app: &App,
    person: &Person,
    details: &organisations::Details,
    title: &str,
    verb: &'static str,
) -> Entry {
    let o = &details.organisation;
    let back = format!("/collectivites/{}/sites", o.id);
    let shell = person
        .shell(title)
        .crumb("Collectivités", "/collectivites")
        .crumb(o.name.clone(), format!("/collectivites/{}", o.id));
    let mut inputs = vec![
        Input::new(Kind::List, "nature", "Nature").among(
            SiteKind::ALL
                .map(|k| Choice::new(k.code(), kind_name(k)))
                .to_vec(),
        ),
        Input::new(Kind::Text, "nom", "Nom").hint("Exemple\u{a0}: École Jules-Ferry."),
        Input::new(Kind::Text, "numero", "Numéro")
            .hint("PRM ou PCE du compteur, plaque du véhicule, ou votre propre numéro.")
            .optional(),
        Input::new(Kind::Area, "adresse", "Adresse").optional(),
        Input::new(Kind::Text, "surface", "Surface en m²").optional(),
        Input::new(Kind::Text, "categorie", "Catégorie")
            .hint("Exemple\u{a0}: école, ERP de type\u{a0}N, utilitaire.")
            .optional(),
    ];
    let payers = payers(details);
    if payers.len() > 1 {
        inputs.push(
            Input::new(Kind::List, "budget", "Budget qui paie")
                .hint("Repris sur les besoins et les factures de ce site.")
                .among(payers),
        );
    }
    inputs.push(Input::new(Kind::Tick, "actif", "Encore utilisé"));
    Entry::new(app, shell, verb, back).inputs(inputs)
}

/// The main budget, named by nothing, then those besides it.
fn payers(details: &organisations::Details) -> Vec<Choice> {
    let budgets = details.private.iter().flat_map(|private| &private.budgets);
    let annexes = budgets.filter(|budget| budget.active && budget.kind == BudgetKind::Annexe);
    std::iter::once(Choice::new("", "Budget principal"))
        .chain(annexes.map(|budget| Choice::new(budget.id.to_string(), budget.name.clone())))
        .collect()
}

async fn create(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<Uuid>,
    mut fields: Fields,
) -> Answer {
    let actor = person.actor.clone().with_operation(fields.operation());
    let owner = OrganisationId(id);
    let done = match read(&mut fields) {
        Some(new) => sites::create(&app, &actor, owner, new).await,
        None => Err(fields.invalid()),
    };
    let details = edited(&app, &person, id).await?;
    let done = done.map(|new| format!("{} est ajouté.", new.name));
    new_form(&app, &person, &details)
        .end(&session, done, &fields)
        .await
}

async fn show_edit(
    State(app): State<App>,
    person: Person,
    Path((id, site)): Path<(Uuid, Uuid)>,
) -> Answer {
    let details = edited(&app, &person, id).await?;
    let s = sites::find(&app, &person.actor, OrganisationId(id), SiteId(site)).await?;
    let typed = Typed::default()
        .with("nature", s.kind.code())
        .with("nom", s.name.clone())
        .with("numero", s.reference.clone().unwrap_or_default())
        .with("adresse", s.address.clone().unwrap_or_default())
        .with("surface", s.area.map(french::quantity).unwrap_or_default())
        .with("categorie", s.category.clone().unwrap_or_default())
        .with(
            "budget",
            s.budget.map(|id| id.to_string()).unwrap_or_default(),
        )
        .with("actif", if s.active { "oui" } else { "" });
    form(&app, &person, &details, &s.name, "Enregistrer")
        .filled(typed)
        .at_version(s.version)
        .show()
}

async fn edit(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path((id, site)): Path<(Uuid, Uuid)>,
    mut fields: Fields,
) -> Answer {
    edited(&app, &person, id).await?;
    sites::find(&app, &person.actor, OrganisationId(id), SiteId(site)).await?;
    let actor = person.actor.clone().with_operation(fields.operation());
    let (owner, active, read_at) = (OrganisationId(id), fields.ticked("actif"), version(&fields));
    let done = match read(&mut fields) {
        Some(new) => sites::update(&app, &actor, owner, SiteId(site), new, active, read_at).await,
        None => Err(fields.invalid()),
    };
    let details = edited(&app, &person, id).await?;
    let done = done.map(|kept| format!("{} est enregistré.", kept.name));
    form(&app, &person, &details, "Modifier", "Enregistrer")
        .end(&session, done, &fields)
        .await
}

fn read(fields: &mut Fields) -> Option<Details> {
    let kind = fields.choice("nature", SiteKind::from_code);
    let name = fields.text("nom", 200);
    let reference = match kind {
        Some(kind) => fields.read_optional("numero", |typed| kind.read_number(typed)),
        None => Some(None),
    };
    let address = fields.lines_optional("adresse", 400);
    let area = fields.read_optional("surface", french::parse_quantity);
    let category = fields.text_optional("categorie", 100);
    let budget = match fields.typed("budget") {
        "" => Some(None),
        _ => fields
            .choice("budget", |typed| typed.parse::<BudgetId>().ok())
            .map(Some),
    };
    Some(Details {
        kind: kind?,
        name: name?,
        reference: reference?,
        address: address?,
        area: area?,
        category: category?,
        budget: budget?,
    })
}

#[derive(Template)]
#[template(path = "people/sites.html")]
struct ListPage {
    shell: Shell,
    href: String,
    words: String,
    rows: Vec<Row>,
    pages: Pages,
    may_edit: bool,
}

struct Row {
    href: String,
    name: String,
    kind: &'static str,
    reference: String,
    address: String,
    area: String,
    active: bool,
}

async fn list(
    State(app): State<App>,
    person: Person,
    Path(id): Path<Uuid>,
    Query(asked): Query<Asked>,
) -> Answer {
    let owner = OrganisationId(id);
    let per_page = u32::try_from(app.settings.limits.page_rows_max).unwrap_or(100);
    let turn = Turn::of(asked.page, per_page);
    let (sites, total) = sites::search(
        &app,
        &person.actor,
        owner,
        &asked.q,
        turn.skip(),
        turn.rows(),
    )
    .await?;
    let details = organisations::show(&app, &person.actor, owner).await?;
    let href = format!("/collectivites/{id}");
    let kept = if asked.q.is_empty() {
        String::new()
    } else {
        format!("q={}", session::form_encode(&asked.q))
    };
    page(&ListPage {
        shell: person
            .shell("Sites")
            .crumb("Collectivités", "/collectivites")
            .crumb(details.organisation.name.clone(), href.clone()),
        rows: sites.into_iter().map(|site| row(&href, site)).collect(),
        pages: turn.pages(total, &kept),
        may_edit: details.may_edit,
        words: asked.q,
        href,
    })
}

fn row(href: &str, site: Site) -> Row {
    Row {
        href: format!("{href}/sites/{}", site.id),
        kind: kind_name(site.kind),
        reference: site.reference.unwrap_or_default(),
        address: site.address.unwrap_or_default(),
        area: site.area.map(french::quantity).unwrap_or_default(),
        name: site.name,
        active: site.active,
    }
}

fn kind_name(kind: SiteKind) -> &'static str {
    match kind {
        SiteKind::Building => "Bâtiment",
        SiteKind::ElectricityMeter => "Compteur électrique",
        SiteKind::GasMeter => "Compteur de gaz",
        SiteKind::Vehicle => "Véhicule",
    }
}

//! Budgets of an organisation: added and changed.
use axum::extract::{Path, State};
use domain::{
    budget::BudgetKind,
    identity::{BudgetId, OrganisationId, Siret},
};
use tower_sessions::Session;
use uuid::Uuid;

use super::{
    entry::{Entry, Input, Kind, version},
    organisations::edited,
};
use crate::{
    actions::{
        App,
        budgets::{self, Details},
        organisations,
    },
    web::{
        components::{Choice, Typed},
        form::Fields,
        page::Answer,
        routes::Routes,
        session::Person,
    },
};

pub(super) fn routes() -> Routes {
    Routes::default()
        .get("/collectivites/{id}/budgets/nouveau", show_new)
        .post("/collectivites/{id}/budgets/nouveau", create)
        .get("/collectivites/{id}/budgets/{budget}", show_edit)
        .post("/collectivites/{id}/budgets/{budget}", edit)
}

async fn show_new(State(app): State<App>, person: Person, Path(id): Path<Uuid>) -> Answer {
    let details = edited(&app, &person, id).await?;
    new_form(&app, &person, &details)
        .filled(Typed::default().with("actif", "oui"))
        .show()
}

fn new_form(app: &App, person: &Person, details: &organisations::Details) -> Entry {
    form(
        app,
        person,
        details,
        "Ajouter un budget",
        "Ajouter le budget",
    )
}

fn form(
    app: &App,
    person: &Person,
    details: &organisations::Details,
    title: &str,
    verb: &'static str,
) -> Entry {
    let o = &details.organisation;
    let back = format!("/collectivites/{}", o.id);
    let shell = person
        .shell(title)
        .crumb("Collectivités", "/collectivites")
        .crumb(o.name.clone(), format!("/collectivites/{}", o.id));
    Entry::new(app, shell, verb, back).inputs(vec![
        Input::new(Kind::Text, "nom", "Nom").hint("Exemple\u{a0}: Budget principal, Eau potable."),
        Input::new(Kind::List, "nature", "Nature").among(vec![
            Choice::new("main", "Budget principal"),
            Choice::new("annexe", "Budget annexe"),
        ]),
        Input::new(Kind::Digits, "siret", "SIRET")
            .hint("14 chiffres, ceux de l’établissement qui paie.")
            .optional(),
        Input::new(Kind::Tick, "tva", "Assujetti à la TVA (la récupère)"),
        Input::new(Kind::Text, "chorus_service", "Code service Chorus Pro").optional(),
        Input::new(
            Kind::Text,
            "chorus_engagement",
            "Numéro d’engagement Chorus Pro",
        )
        .optional(),
        Input::new(Kind::Tick, "actif", "Encore ouvert"),
    ])
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
        Some(new) => budgets::create(&app, &actor, owner, new).await,
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
    Path((id, budget)): Path<(Uuid, Uuid)>,
) -> Answer {
    let details = edited(&app, &person, id).await?;
    let b = budgets::find(&app, &person.actor, OrganisationId(id), BudgetId(budget)).await?;
    let typed = Typed::default()
        .with("nom", b.name.clone())
        .with("nature", b.kind.code())
        .with(
            "siret",
            b.siret.as_ref().map(Siret::grouped).unwrap_or_default(),
        )
        .with("tva", if b.vat_liable { "oui" } else { "" })
        .with(
            "chorus_service",
            b.chorus_service.clone().unwrap_or_default(),
        )
        .with(
            "chorus_engagement",
            b.chorus_engagement.clone().unwrap_or_default(),
        )
        .with("actif", if b.active { "oui" } else { "" });
    form(&app, &person, &details, &b.name, "Enregistrer")
        .filled(typed)
        .at_version(b.version)
        .show()
}

async fn edit(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path((id, budget)): Path<(Uuid, Uuid)>,
    mut fields: Fields,
) -> Answer {
    edited(&app, &person, id).await?;
    budgets::find(&app, &person.actor, OrganisationId(id), BudgetId(budget)).await?;
    let actor = person.actor.clone().with_operation(fields.operation());
    let (owner, active, read_at) = (OrganisationId(id), fields.ticked("actif"), version(&fields));
    let done = match read(&mut fields) {
        Some(new) => {
            budgets::update(&app, &actor, owner, BudgetId(budget), new, active, read_at).await
        }
        None => Err(fields.invalid()),
    };
    let details = edited(&app, &person, id).await?;
    let done = done.map(|kept| format!("{} est enregistré.", kept.name));
    form(&app, &person, &details, "Modifier", "Enregistrer")
        .end(&session, done, &fields)
        .await
}

fn read(fields: &mut Fields) -> Option<Details> {
    let name = fields.text("nom", 200);
    let kind = fields.choice("nature", BudgetKind::from_code);
    let siret = fields.read_optional("siret", Siret::parse);
    let chorus_service = fields.text_optional("chorus_service", 100);
    let chorus_engagement = fields.text_optional("chorus_engagement", 50);
    Some(Details {
        kind: kind?,
        name: name?,
        siret: siret?,
        vat_liable: fields.ticked("tva"),
        chorus_service: chorus_service?,
        chorus_engagement: chorus_engagement?,
    })
}

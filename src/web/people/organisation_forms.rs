//! Organisations typed by hand: added, changed, given a population.
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect},
};
use chrono_tz::Tz;
use domain::{
    field::FieldProblem,
    identity::{Email, OrganisationId, Phone, Siren},
    organisation::{Organisation, OrganisationKind, Population, TIME_ZONES, time_zone},
    text,
};
use tower_sessions::Session;
use uuid::Uuid;

use super::{
    entry::{Entry, Input, Kind, version},
    organisations::{edited, kind_name},
};
use crate::{
    actions::{
        App, Error,
        organisations::{self, Changes, NewOrganisation},
    },
    web::{
        components::{Choice, Typed},
        form::Fields,
        format::whose,
        layout::FlashKind,
        page::Answer,
        session::{self, Person},
    },
};

pub(super) async fn show_new(State(app): State<App>, person: Person) -> Answer {
    if !organisations::may_create(&person.actor) {
        return Err(Error::Forbidden.into());
    }
    new_form(&app, &person).show()
}

fn new_form(app: &App, person: &Person) -> Entry {
    let shell = person
        .shell("Ajouter un organisme")
        .crumb("Collectivités", "/collectivites");
    let kinds = OrganisationKind::ALL
        .into_iter()
        .filter(|kind| kind.is_by_hand())
        .map(|kind| Choice::new(kind.code(), kind_name(kind)));
    Entry::new(app, shell, "Ajouter l’organisme", "/collectivites")
        .intro(
            "Pour un syndicat, un CCAS, un SDIS, une école ou une association. Les communes et \
             les intercommunalités s’ajoutent depuis la recherche.",
        )
        .inputs(vec![
            Input::new(Kind::List, "nature", "Nature").among(kinds.collect()),
            Input::new(Kind::Text, "nom", "Nom"),
            Input::new(Kind::Digits, "siren", "SIREN")
                .hint("9 chiffres.")
                .optional(),
            Input::new(Kind::Text, "departement", "Département")
                .hint("Son numéro\u{a0}: 59, 2A, 974.")
                .optional(),
            Input::new(Kind::Email, "email", "Adresse électronique").optional(),
            Input::new(Kind::Phone, "telephone", "Téléphone").optional(),
            Input::new(Kind::Area, "adresse", "Adresse postale").optional(),
        ])
}

pub(super) async fn create(
    State(app): State<App>,
    person: Person,
    session: Session,
    mut fields: Fields,
) -> Answer {
    if !organisations::may_create(&person.actor) {
        return Err(Error::Forbidden.into());
    }
    let actor = person.actor.clone().with_operation(fields.operation());
    let done = match read_new(&mut fields) {
        Some(new) => organisations::create(&app, &actor, new).await,
        None => Err(fields.invalid()),
    };
    match done {
        Ok(created) => {
            let text = format!(
                "{} est ajouté. Vous en êtes l’administrateur\u{a0}: invitez ses utilisateurs.",
                created.name
            );
            session::tell(&session, FlashKind::Done, text).await?;
            Ok(Redirect::to(&format!("/collectivites/{}", created.id)).into_response())
        }
        Err(error) => new_form(&app, &person).again(&fields, error),
    }
}

fn read_new(fields: &mut Fields) -> Option<NewOrganisation> {
    let kind = fields.choice("nature", |code| {
        OrganisationKind::from_code(code).filter(|kind| kind.is_by_hand())
    });
    let name = fields.text("nom", 200);
    let siren = fields.read_optional("siren", Siren::parse);
    let department = fields.read_optional("departement", department);
    let email = fields.read_optional("email", Email::parse);
    let phone = fields.read_optional("telephone", Phone::parse);
    let address = fields.lines_optional("adresse", 400);
    Some(NewOrganisation {
        kind: kind?,
        name: name?,
        siren: siren?,
        department: department?,
        email: email?,
        phone: phone?,
        address: address?,
    })
}

/// `59`, `2A`, `974`: two or three characters.
fn department(typed: &str) -> Result<String, FieldProblem> {
    let code = text::clean(typed, 3)?.to_ascii_uppercase();
    let is_corsican = code == "2A" || code == "2B";
    let is_number = (2..=3).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_digit());
    if is_corsican || is_number {
        Ok(code)
    } else {
        Err(FieldProblem::not_one_of(typed))
    }
}

pub(super) async fn show_edit(
    State(app): State<App>,
    person: Person,
    Path(id): Path<Uuid>,
) -> Answer {
    let details = edited(&app, &person, id).await?;
    let o = &details.organisation;
    let tick = |yes: bool| if yes { "oui" } else { "" };
    let typed = Typed::default()
        .with("nom", o.name.clone())
        .with(
            "siren",
            o.siren
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
        )
        .with(
            "email",
            o.email
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
        )
        .with(
            "telephone",
            o.phone.as_ref().map(Phone::grouped).unwrap_or_default(),
        )
        .with("adresse", o.address.clone().unwrap_or_default())
        .with("fuseau", o.time_zone.clone())
        .with("vendredi_saint", tick(o.good_friday))
        .with("droit_local", tick(o.local_law));
    edit_form(&app, &person, o)
        .filled(typed)
        .at_version(o.version)
        .show()
}

fn edit_form(app: &App, person: &Person, o: &Organisation) -> Entry {
    let back = format!("/collectivites/{}", o.id);
    let shell = person
        .shell("Modifier les coordonnées")
        .crumb("Collectivités", "/collectivites")
        .crumb(o.name.clone(), back.clone());
    Entry::new(app, shell, "Enregistrer", back).inputs(vec![
        Input::new(Kind::Text, "nom", "Nom"),
        Input::new(Kind::Digits, "siren", "SIREN")
            .hint("9 chiffres.")
            .optional(),
        Input::new(Kind::Email, "email", "Adresse électronique").optional(),
        Input::new(Kind::Phone, "telephone", "Téléphone").optional(),
        Input::new(Kind::Area, "adresse", "Adresse postale").optional(),
        Input::new(Kind::List, "fuseau", "Fuseau horaire")
            .hint(
                "Les heures s’affichent et se saisissent à cette horloge. Les échéances déjà fixées \
                 gardent leur instant\u{a0}: seule leur heure affichée change.",
            )
            .among(TIME_ZONES.map(zone_choice).to_vec()),
        Input::new(
            Kind::Tick,
            "droit_local",
            "Le droit local d’Alsace-Moselle s’applique (26 décembre férié)",
        ),
        Input::new(
            Kind::Tick,
            "vendredi_saint",
            "Le Vendredi saint est férié (commune ayant un temple protestant ou une église mixte)",
        ),
    ])
}

/// « Heure de La Réunion », by the name that the database keeps.
fn zone_choice(name: &'static str) -> Choice {
    let zone: Option<Tz> = name.parse().ok();
    let label = zone.map_or_else(|| name.to_owned(), |zone| format!("Heure {}", whose(zone)));
    Choice::new(name, label)
}

pub(super) async fn edit(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<Uuid>,
    mut fields: Fields,
) -> Answer {
    let actor = person.actor.clone().with_operation(fields.operation());
    let organisation = OrganisationId(id);
    let read_at = version(&fields);
    let done = match read_changes(&mut fields) {
        Some(changes) => organisations::update(&app, &actor, organisation, changes, read_at).await,
        None => Err(fields.invalid()),
    };
    match done {
        Ok(_) => {
            session::tell(&session, FlashKind::Done, "Coordonnées enregistrées.").await?;
            Ok(Redirect::to(&format!("/collectivites/{id}")).into_response())
        }
        Err(error) => {
            let details = edited(&app, &person, id).await?;
            edit_form(&app, &person, &details.organisation).again(&fields, error)
        }
    }
}

fn read_changes(fields: &mut Fields) -> Option<Changes> {
    let name = fields.text("nom", 200);
    let siren = fields.read_optional("siren", Siren::parse);
    let email = fields.read_optional("email", Email::parse);
    let phone = fields.read_optional("telephone", Phone::parse);
    let address = fields.lines_optional("adresse", 400);
    let zone = match fields.typed("fuseau") {
        "" => Some(None),
        _ => fields.choice("fuseau", time_zone).map(Some),
    };
    Some(Changes {
        name: name?,
        siren: siren?,
        email: email?,
        phone: phone?,
        address: address?,
        good_friday: fields.ticked("vendredi_saint"),
        local_law: fields.ticked("droit_local"),
        time_zone: zone?,
    })
}

pub(super) async fn show_population(
    State(app): State<App>,
    person: Person,
    Path(id): Path<Uuid>,
) -> Answer {
    let details = edited(&app, &person, id).await?;
    population_form(&app, &person, &details.organisation).show()
}

fn population_form(app: &App, person: &Person, o: &Organisation) -> Entry {
    let back = format!("/collectivites/{}", o.id);
    let shell = person
        .shell("Ajouter une population")
        .crumb("Collectivités", "/collectivites")
        .crumb(o.name.clone(), back.clone());
    let series = [
        Choice::new("municipale", "Municipale"),
        Choice::new("totale", "Totale"),
        Choice::new("dgf", "DGF"),
    ];
    Entry::new(app, shell, "Ajouter la population", back)
        .intro("Une population enregistrée ne se remplace pas\u{a0}: elle a pu servir à répartir.")
        .inputs(vec![
            Input::new(Kind::List, "serie", "Série").among(series.to_vec()),
            Input::new(Kind::Digits, "annee", "Année"),
            Input::new(Kind::Digits, "habitants", "Nombre d’habitants"),
            Input::new(Kind::Text, "source", "Source").hint("Exemple\u{a0}: fiche DGF 2026."),
        ])
}

pub(super) async fn add_population(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<Uuid>,
    mut fields: Fields,
) -> Answer {
    let actor = person.actor.clone().with_operation(fields.operation());
    let done = match read_population(&mut fields, OrganisationId(id)) {
        Some(population) => organisations::add_population(&app, &actor, population).await,
        None => Err(fields.invalid()),
    };
    match done {
        Ok(()) => {
            session::tell(&session, FlashKind::Done, "Population ajoutée.").await?;
            Ok(Redirect::to(&format!("/collectivites/{id}")).into_response())
        }
        Err(error) => {
            let details = edited(&app, &person, id).await?;
            population_form(&app, &person, &details.organisation).again(&fields, error)
        }
    }
}

fn read_population(fields: &mut Fields, organisation: OrganisationId) -> Option<Population> {
    let series = fields.choice("serie", |code| {
        ["municipale", "totale", "dgf"]
            .contains(&code)
            .then(|| code.to_owned())
    });
    let year = fields.read("annee", |typed| whole(typed, 1790, 2200));
    let inhabitants = fields.read("habitants", |typed| whole(typed, 0, 100_000_000));
    let source = fields.text("source", 200);
    Some(Population {
        organisation,
        series: series?,
        year: i32::try_from(year?).ok()?,
        inhabitants: inhabitants?,
        source: source?,
    })
}

/// A whole number between two limits, with or without spaces.
fn whole(typed: &str, min: i64, max: i64) -> Result<i64, FieldProblem> {
    let bare: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    let number = bare.parse().ok().filter(|n| (min..=max).contains(n));
    number.ok_or_else(|| FieldProblem::OutOfRange {
        min: min.to_string(),
        max: max.to_string(),
    })
}

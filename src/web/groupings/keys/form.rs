//! The form of a key: who it is, and a figure for each member, typed or pasted.
use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use domain::{
    allocation::Weight,
    french::{self, NBSP},
    identity::{GroupingId, OrganisationId},
    organisation::Organisation,
    purchasing::key::{AllocationKey, NAME_CHARS_MAX, SOURCE_CHARS_MAX, UNIT_CHARS_MAX},
};
use tower_sessions::Session;

use super::{
    super::{Head, parse, refill, shell, version},
    block, of_path,
};
use crate::{
    actions::{
        App, Error,
        purchasing::{
            groupings,
            keys::{self, KeyInput},
        },
    },
    exchange,
    web::{
        components::Typed,
        form::Fields,
        format,
        layout::{FlashKind, Shell},
        page::{Answer, page_with},
        session::{self, Person},
    },
};

#[derive(Template)]
#[template(path = "groupings/key_form.html")]
struct FormPage {
    shell: Shell,
    head: Head,
    refusal: String,
    heading: &'static str,
    verb: &'static str,
    action: String,
    back: String,
    typed: Typed,
    rows: Vec<FormRow>,
    /// What a pasted block gave, and what it could not give.
    filled: String,
    tone: &'static str,
    left: Vec<String>,
}

struct FormRow {
    field: String,
    name: String,
    about: String,
}

/// A form and all that it may show again.
#[derive(Default)]
struct Drawn {
    typed: Typed,
    refusal: String,
    filled: String,
    left: Vec<String>,
    status: StatusCode,
}

pub(in super::super) async fn show_new(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Answer {
    let id: GroupingId = parse(&id)?;
    draw(&app, &person, id, None, Drawn::default()).await
}

pub(in super::super) async fn show_edit(
    State(app): State<App>,
    person: Person,
    Path((grouping, id)): Path<(String, String)>,
) -> Answer {
    let key = of_path(&app, &person, &grouping, &id).await?;
    let drawn = Drawn {
        typed: stored(&key),
        ..Drawn::default()
    };
    draw(&app, &person, key.grouping, Some(&key), drawn).await
}

fn stored(key: &AllocationKey) -> Typed {
    let mut typed = Typed::default()
        .with("nom", key.name.clone())
        .with("unite", key.unit.clone())
        .with("source", key.source.clone())
        .with("datee_du", french::date(key.dated_on))
        .with("version", key.version.to_string());
    for (member, weight) in &key.values {
        typed = typed.with(&field(*member), french::decimal(&weight.to_string()));
    }
    typed
}

/// The name of the field of a member.
fn field(member: OrganisationId) -> String {
    format!("poids-{member}")
}

async fn draw(
    app: &App,
    person: &Person,
    grouping: GroupingId,
    key: Option<&AllocationKey>,
    drawn: Drawn,
) -> Answer {
    let members = keys::weighable(app, &person.actor, grouping).await?;
    let seen = groupings::overview(app, &person.actor, grouping).await?;
    let head = Head::new(app, &seen, "keys");
    let (heading, verb, action, back) = match key {
        None => (
            "Créer une clé",
            "Créer la clé",
            head.href("/cles"),
            head.href("/cles"),
        ),
        Some(key) => (
            "Modifier la clé",
            "Enregistrer la clé",
            head.href(&format!("/cles/{}/modifier", key.id)),
            head.href(&format!("/cles/{}", key.id)),
        ),
    };
    let rows = members.iter().map(|o| FormRow {
        field: field(o.id),
        name: o.name.clone(),
        about: crate::web::people::place(o),
    });
    let template = FormPage {
        shell: shell(person, &seen, heading).crumb("Clés de répartition", head.href("/cles")),
        refusal: drawn.refusal,
        heading,
        verb,
        action,
        back,
        typed: drawn.typed,
        rows: rows.collect(),
        filled: drawn.filled,
        tone: if drawn.left.is_empty() { "ok" } else { "warn" },
        left: drawn.left,
        head,
    };
    page_with(drawn.status, &template)
}

pub(in super::super) async fn create(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<String>,
    mut fields: Fields,
) -> Answer {
    let id: GroupingId = parse(&id)?;
    let members = keys::weighable(&app, &person.actor, id).await?;
    if fields.typed("geste") == "remplir" {
        return draw(&app, &person, id, None, fill(&fields, &members)).await;
    }
    let actor = person.actor.clone().with_operation(fields.operation());
    let made = match read(&mut fields, &members) {
        Some(input) => keys::create(&app, &actor, id, input).await,
        None => Err(fields.invalid()),
    };
    match made {
        Ok(key) => said(&session, &key, "créée").await,
        Err(error) => {
            let drawn = refused(&fields, error, &members)?;
            draw(&app, &person, id, None, drawn).await
        }
    }
}

pub(in super::super) async fn edit(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path((grouping, id)): Path<(String, String)>,
    mut fields: Fields,
) -> Answer {
    let key = of_path(&app, &person, &grouping, &id).await?;
    let members = keys::weighable(&app, &person.actor, key.grouping).await?;
    if fields.typed("geste") == "remplir" {
        let drawn = fill(&fields, &members);
        return draw(&app, &person, key.grouping, Some(&key), drawn).await;
    }
    let actor = person.actor.clone().with_operation(fields.operation());
    let saved = match read(&mut fields, &members) {
        Some(input) => keys::update(&app, &actor, key.id, version(&fields), input).await,
        None => Err(fields.invalid()),
    };
    match saved {
        Ok(key) => said(&session, &key, "enregistrée").await,
        Err(error) => {
            let drawn = refused(&fields, error, &members)?;
            draw(&app, &person, key.grouping, Some(&key), drawn).await
        }
    }
}

pub(super) async fn said(session: &Session, key: &AllocationKey, done: &str) -> Answer {
    let text = format!("Clé «{NBSP}{}{NBSP}» {done}.", key.name);
    session::tell(session, FlashKind::Done, text).await?;
    let page = format!("/groupements/{}/cles/{}", key.grouping, key.id);
    Ok(Redirect::to(&page).into_response())
}

fn read(fields: &mut Fields, members: &[Organisation]) -> Option<KeyInput> {
    let name = fields.text("nom", NAME_CHARS_MAX);
    let unit = fields.text("unite", UNIT_CHARS_MAX);
    let source = fields.text("source", SOURCE_CHARS_MAX);
    let dated_on = fields.date("datee_du");
    let mut values: BTreeMap<OrganisationId, Weight> = BTreeMap::new();
    let mut whole = true;
    for member in members {
        match fields.read_optional(&field(member.id), french::parse_weight) {
            Some(Some(weight)) => {
                values.insert(member.id, weight);
            }
            Some(None) => {}
            None => whole = false,
        }
    }
    let input = KeyInput {
        name: name?,
        unit: unit?,
        source: source?,
        dated_on: dated_on?,
        values,
    };
    whole.then_some(input)
}

fn refused(fields: &Fields, error: Error, members: &[Organisation]) -> Result<Drawn, Error> {
    if !matches!(error, Error::Invalid(_) | Error::Refused(_) | Error::Stale) {
        return Err(error);
    }
    let status = exchange::status(&error);
    if let Error::Invalid(problems) = &error {
        let mut typed = Typed::of(fields.iter());
        for problem in problems {
            let member = members.iter().find(|o| field(o.id) == problem.name);
            let label = member.map_or_else(|| label(&problem.name), |o| o.name.as_str());
            let sentence = crate::wording::field::problem(&problem.problem);
            typed.refuse(&problem.name, format!("{label}{NBSP}: {sentence}"));
        }
        return Ok(Drawn {
            typed,
            status,
            ..Drawn::default()
        });
    }
    let (typed, refusal) = refill(fields, &error, label);
    Ok(Drawn {
        typed,
        refusal,
        status,
        ..Drawn::default()
    })
}

/// Puts a pasted block in the fields of the members; nothing is saved.
fn fill(fields: &Fields, members: &[Organisation]) -> Drawn {
    let block = block::read(fields.typed("bloc"), members);
    let names: BTreeMap<String, &String> =
        block.taken.iter().map(|(m, v)| (field(*m), v)).collect();
    let kept = fields
        .iter()
        .filter(|(name, _)| *name != "bloc" && !names.contains_key(*name));
    let mut typed = Typed::of(kept);
    for (name, value) in &names {
        typed = typed.with(name, (*value).clone());
    }
    let lines: Vec<&str> = block.left.iter().map(|left| left.line.as_str()).collect();
    typed = typed.with("bloc", lines.join("\n"));
    let taken = i64::try_from(block.taken.len()).unwrap_or(i64::MAX);
    let filled = match taken {
        0 => "Aucune valeur n’a été reprise.".to_owned(),
        1 => "Une valeur reprise. Vérifiez-la, puis enregistrez la clé.".to_owned(),
        _ => format!(
            "{}. Vérifiez-les, puis enregistrez la clé.",
            format::count(taken, "valeur reprise", "valeurs reprises")
        ),
    };
    Drawn {
        typed,
        filled,
        left: block.left.into_iter().map(|left| left.why).collect(),
        ..Drawn::default()
    }
}

/// The name of a field, in a sentence.
pub(super) fn label(name: &str) -> &'static str {
    match name {
        "nom" => "Nom de la clé",
        "unite" => "Unité",
        "source" => "Source",
        "datee_du" => "Valeurs du",
        "releves" => "Relevés",
        "fichier" => "Fichier",
        _ => "Champ",
    }
}

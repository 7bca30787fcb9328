//! Preparing a round and changing what was decided about it.
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use chrono::NaiveTime;
use chrono_tz::Tz;
use domain::{
    field::FieldProblem,
    french,
    identity::{GroupingId, RoundId},
    permission::Right,
    purchasing::round::{Columns, Round, RoundState},
};
use serde::Deserialize;
use tower_sessions::Session;

use super::{operation, parse, refill, run, shell};
use crate::{
    actions::{
        App, Error, organisations,
        purchasing::{
            overviews,
            rounds::{self, Deadline, NOTE_CHARS_MAX, NewRound, RoundInput, TITLE_CHARS_MAX},
        },
    },
    exchange,
    web::{
        components::{Choice, Typed},
        form::Fields,
        format,
        layout::{FlashKind, Shell},
        page::{Answer, page_with},
        session::{self, Person},
    },
};

#[derive(Template)]
#[template(path = "rounds/form.html")]
struct Form {
    shell: Shell,
    heading: String,
    action: String,
    verb: &'static str,
    back: String,
    /// None while a round is prepared from nothing.
    round: Option<Round>,
    groupings: Vec<Choice>,
    previous: Vec<Choice>,
    columns: Vec<Choice>,
    typed: Typed,
    refusal: String,
    operation: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    groupement: String,
}

pub(super) async fn show_new(
    State(app): State<App>,
    person: Person,
    Query(asked): Query<Asked>,
) -> Answer {
    let typed = Typed::default()
        .with("heure", "17:00")
        .with("groupement", asked.groupement);
    new_page(&app, &person, typed, String::new(), StatusCode::OK).await
}

async fn new_page(
    app: &App,
    person: &Person,
    typed: Typed,
    refusal: String,
    status: StatusCode,
) -> Answer {
    let owner = person.organisation()?;
    let (groupings, earlier) = rounds::choices(app, &person.actor, owner).await?;
    let name = |round: &Round| {
        let grouping = groupings.iter().find(|g| g.id == round.grouping);
        let grouping = grouping.map_or("", |g| g.title.as_str());
        Choice::new(
            round.id.to_string(),
            format!("{} ({grouping})", round.title),
        )
    };
    let taken = earlier.iter().filter(|r| r.state != RoundState::Cancelled);
    page_with(
        status,
        &Form {
            shell: person
                .shell("Préparer une campagne")
                .crumb("Campagnes", "/campagnes"),
            heading: "Préparer une campagne".to_owned(),
            action: "/campagnes".to_owned(),
            verb: "Préparer la campagne",
            back: "/campagnes".to_owned(),
            round: None,
            previous: taken.map(name).collect(),
            groupings: groupings
                .iter()
                .map(|g| Choice::new(g.id.to_string(), g.title.clone()))
                .collect(),
            columns: columns(),
            typed,
            refusal,
            operation: operation(app),
        },
    )
}

pub(super) async fn create(
    State(app): State<App>,
    person: Person,
    session: Session,
    mut fields: Fields,
) -> Answer {
    person
        .actor
        .require(Right::RunRounds, person.organisation()?)?;
    let actor = person.actor.clone().with_operation(fields.operation());
    let created = match new_round(&mut fields) {
        Ok(new) => rounds::create(&app, &actor, new).await,
        Err(error) => Err(error),
    };
    match created {
        Ok(round) => {
            let said = "Campagne préparée. Décrivez ses lots et ses articles, puis ouvrez-la.";
            session::tell(&session, FlashKind::Done, said).await?;
            Ok(Redirect::to(&format!("/campagnes/{}/lots", round.id)).into_response())
        }
        Err(error @ (Error::Invalid(_) | Error::Refused(_))) => {
            let (typed, refusal) = refill(&fields, &error, label);
            new_page(&app, &person, typed, refusal, exchange::status(&error)).await
        }
        Err(other) => Err(other.into()),
    }
}

fn new_round(fields: &mut Fields) -> Result<NewRound, Error> {
    let id = |typed: &str| typed.parse::<GroupingId>().ok();
    let grouping = fields.choice("groupement", id);
    let previous = fields.read_optional("reprise", |typed| {
        let id = typed.parse::<RoundId>().ok();
        id.ok_or_else(|| FieldProblem::not_one_of(typed))
    });
    let input = input(fields);
    match (grouping, previous, input) {
        (Some(grouping), Some(previous), Some(input)) => Ok(NewRound {
            grouping,
            input,
            previous,
        }),
        _ => Err(fields.invalid()),
    }
}

fn input(fields: &mut Fields) -> Option<RoundInput> {
    let title = fields.text("titre", TITLE_CHARS_MAX);
    let deadline = deadline(fields);
    let note = fields.lines_optional("mot", NOTE_CHARS_MAX);
    let launch = fields.date_optional("lancement");
    let ticked = |name: &str| fields.all("colonnes").any(|column| column == name);
    let columns = Columns {
        most: ticked("plafond"),
        commitment: ticked("engagement"),
        site: ticked("site"),
        comment: ticked("commentaire"),
    };
    Some(RoundInput {
        title: title?,
        deadline: deadline?,
        note: note?,
        columns,
        shows_others: fields.ticked("partage"),
        launch_planned_on: launch?,
    })
}

/// A day and an hour, 17:00 when none was typed.
pub(super) fn deadline(fields: &mut Fields) -> Option<Deadline> {
    let day = fields.date("date_limite");
    let hour = fields.read_optional("heure", |typed| {
        let plain = typed.trim().replace([' ', '\u{a0}'], "").replace('h', ":");
        let full = if plain.ends_with(':') {
            format!("{plain}00")
        } else {
            plain
        };
        NaiveTime::parse_from_str(&full, "%H:%M")
            .ok()
            .ok_or_else(|| FieldProblem::not_one_of(typed))
    });
    let hour = hour?.or_else(|| NaiveTime::from_hms_opt(17, 0, 0))?;
    Some(Deadline::Local(day?.and_time(hour)))
}

pub(super) async fn show_edit(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Answer {
    let round = run(&app, &person, parse(&id)?).await?;
    let typed = stored(&round, organisations::zone(&app, round.owner).await?);
    edit_page(&app, &person, round, typed, String::new(), StatusCode::OK)
}

/// What the form holds of a round that exists.
fn stored(round: &Round, zone: Tz) -> Typed {
    let local = format::local(round.deadline, zone);
    let mut typed = Typed::default()
        .with("titre", round.title.clone())
        .with("date_limite", french::date(local.date()))
        .with("heure", local.time().format("%H:%M").to_string())
        .with("mot", round.note.clone().unwrap_or_default())
        .with("version", round.version.to_string());
    if let Some(day) = round.launch_planned_on {
        typed = typed.with("lancement", french::date(day));
    }
    let columns = [
        (round.columns.most, "plafond"),
        (round.columns.commitment, "engagement"),
        (round.columns.site, "site"),
        (round.columns.comment, "commentaire"),
    ];
    for (_, name) in columns.into_iter().filter(|(taken, _)| *taken) {
        typed = typed.with("colonnes", name);
    }
    if round.shows_others {
        typed = typed.with("partage", "oui");
    }
    typed
}

fn edit_page(
    app: &App,
    person: &Person,
    round: Round,
    typed: Typed,
    refusal: String,
    status: StatusCode,
) -> Answer {
    let here = format!("/campagnes/{}", round.id);
    page_with(
        status,
        &Form {
            shell: shell(person, &round, "Modifier"),
            heading: format!("Modifier «\u{a0}{}\u{a0}»", round.title),
            action: format!("{here}/modifier"),
            verb: "Enregistrer",
            back: here,
            groupings: Vec::new(),
            previous: Vec::new(),
            columns: columns(),
            typed,
            refusal,
            operation: operation(app),
            round: Some(round),
        },
    )
}

pub(super) async fn edit(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
    session: Session,
    mut fields: Fields,
) -> Answer {
    let id: RoundId = parse(&id)?;
    let actor = person.actor.clone().with_operation(fields.operation());
    let version = fields.typed("version").parse().ok();
    let round = run(&app, &person, id).await?;
    let edited = match input(&mut fields) {
        Some(mut input) => {
            // Not on the form of an opened round, since they are fixed.
            if round.opening > 0 {
                input.columns = round.columns;
            }
            let zone = organisations::zone(&app, round.owner).await?;
            input.deadline = kept(input.deadline, &round, zone);
            rounds::edit(&app, &actor, id, version, input).await
        }
        None => Err(fields.invalid()),
    };
    match edited {
        Ok(round) => {
            let sums = overviews::aggregate(&app, &actor, id).await?;
            let again = round.conditions_version > 0 && sums.answered > 0;
            let said = if again {
                "Campagne modifiée. Les membres qui ont répondu confirment si leurs conditions ont changé."
            } else {
                "Campagne modifiée."
            };
            session::tell(&session, FlashKind::Done, said).await?;
            Ok(Redirect::to(&format!("/campagnes/{id}")).into_response())
        }
        Err(error @ (Error::Invalid(_) | Error::Refused(_) | Error::Stale)) => {
            let (typed, refusal) = refill(&fields, &error, label);
            edit_page(
                &app,
                &person,
                round,
                typed,
                refusal,
                exchange::status(&error),
            )
        }
        Err(other) => Err(other.into()),
    }
}

/// The form has no seconds: the deadline that it shows, sent back, is the one that stands.
fn kept(deadline: Deadline, round: &Round, zone: Tz) -> Deadline {
    use chrono::Timelike;
    let shown = format::local(round.deadline, zone);
    let shown = shown.with_second(0).and_then(|at| at.with_nanosecond(0));
    match deadline {
        Deadline::Local(local) if Some(local) == shown => Deadline::Instant(round.deadline),
        Deadline::Local(_) | Deadline::Instant(_) => deadline,
    }
}

fn columns() -> Vec<Choice> {
    vec![
        Choice::new("plafond", "Une quantité maximale").hint("«\u{a0}10, et jusqu’à 15\u{a0}»"),
        Choice::new("engagement", "L’engagement").hint("Ferme, possible ou simple intention"),
        Choice::new("site", "Le site").hint("Une quantité par bâtiment, compteur ou véhicule"),
        Choice::new("commentaire", "Un commentaire par article"),
    ]
}

/// What a field is called in its refusal.
pub(super) fn label(name: &str) -> &'static str {
    match name {
        "groupement" => "Groupement",
        "titre" => "Intitulé",
        "date_limite" => "Date limite",
        "heure" => "Heure",
        "mot" => "Mot aux membres",
        "lancement" => "Lancement prévu",
        "reprise" => "Campagne à reprendre",
        "motif" => "Motif",
        "commune" => "Commune",
        "lot" => "Lot",
        "designation" => "Désignation",
        "unite" => "Unité",
        "prix" => "Prix estimé",
        "nature" => "Taxe",
        "taux" => "Taux",
        "pas" => "Pas",
        "bloc" => "Bloc collé",
        _ => "Champ",
    }
}

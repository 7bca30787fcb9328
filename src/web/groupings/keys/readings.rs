//! A key summed from what was read on the members' sites, pasted or in a file.
use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::{
    Refusal,
    french::NBSP,
    identity::GroupingId,
    purchasing::key::{KeyError, NAME_CHARS_MAX, SOURCE_CHARS_MAX, UNIT_CHARS_MAX},
};
use tower_sessions::Session;

use super::{
    super::{Head, parse, refill, shell},
    form::{label, said},
};
use crate::{
    actions::{
        App, Error,
        purchasing::{
            groupings, keys,
            readings::{self, SummedKey},
        },
    },
    documents::readings_sheet::{self, ParsedReadings},
    exchange::{
        self,
        spreadsheet::{self, FileError},
    },
    web::{
        components::Typed,
        form::Fields,
        layout::Shell,
        page::{Answer, page_with},
        session::Person,
        upload::{File, Upload},
    },
    wording,
};

#[derive(Template)]
#[template(path = "groupings/key_readings.html")]
struct ReadingsPage {
    shell: Shell,
    head: Head,
    refusal: String,
    typed: Typed,
    /// There is nobody to weigh.
    nobody: bool,
    /// The lines that could not be taken, and why.
    left: Vec<String>,
}

/// A form and all that it may show again.
#[derive(Default)]
struct Drawn {
    typed: Typed,
    refusal: String,
    left: Vec<String>,
    status: StatusCode,
}

pub(in super::super) async fn show(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Answer {
    draw(&app, &person, parse(&id)?, Drawn::default()).await
}

async fn draw(app: &App, person: &Person, grouping: GroupingId, drawn: Drawn) -> Answer {
    let members = keys::weighable(app, &person.actor, grouping).await?;
    let seen = groupings::overview(app, &person.actor, grouping).await?;
    let head = Head::new(app, &seen, "keys");
    let heading = "Additionner des relevés";
    let template = ReadingsPage {
        shell: shell(person, &seen, heading).crumb("Clés de répartition", head.href("/cles")),
        refusal: drawn.refusal,
        typed: drawn.typed,
        nobody: members.is_empty(),
        left: drawn.left,
        head,
    };
    page_with(drawn.status, &template)
}

pub(in super::super) async fn sum(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<String>,
    upload: Result<Upload, Response>,
) -> Answer {
    let id: GroupingId = parse(&id)?;
    keys::weighable(&app, &person.actor, id).await?;
    let mut upload = match upload {
        Ok(upload) => upload,
        Err(unreadable) => return Ok(unreadable),
    };
    let from = if upload.file.is_some() {
        "fichier"
    } else {
        "releves"
    };
    let read = read(&app, &upload.fields, upload.file.take()).await;
    let fields = &mut upload.fields;
    let (summed, parsed) = match (entry(fields), read) {
        (_, Err(FileError::Action(error))) => return Err(error.into()),
        (_, Err(FileError::Unreadable { sentence, .. })) => {
            let mut drawn = refused(fields, &fields.invalid());
            let sentence = format!("{}{NBSP}: {sentence}", label(from));
            drawn.typed.refuse(from, sentence);
            return draw(&app, &person, id, drawn).await;
        }
        (None, Ok(parsed)) => {
            let mut drawn = refused(fields, &fields.invalid());
            drawn.left = at_fault(&parsed);
            return draw(&app, &person, id, drawn).await;
        }
        (Some(summed), Ok(parsed)) => (summed, parsed),
    };
    if !parsed.bad.is_empty() {
        return draw(&app, &person, id, left(fields, at_fault(&parsed))).await;
    }
    let actor = person.actor.clone().with_operation(fields.operation());
    let figures = parsed.good.iter().map(|(n, (read, _))| (n.clone(), *read));
    let summed = SummedKey {
        readings: figures.collect(),
        ..summed
    };
    match readings::create_key(&app, &actor, id, summed).await {
        Ok(key) => said(&session, &key, "créée").await,
        Err(Error::Refused(Refusal::Key(KeyError::UnknownSites { numbers }))) => {
            let drawn = left(fields, unknown(&parsed, numbers));
            draw(&app, &person, id, drawn).await
        }
        Err(error @ (Error::Invalid(_) | Error::Refused(_))) => {
            draw(&app, &person, id, refused(fields, &error)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// The file if there is one, else what was pasted.
async fn read(app: &App, fields: &Fields, file: Option<File>) -> Result<ParsedReadings, FileError> {
    let pasted = fields.typed("releves");
    let bytes = match file {
        Some(file) => file.bytes,
        None if pasted.trim().is_empty() => return Err(FileError::missing()),
        None => pasted.as_bytes().to_vec(),
    };
    spreadsheet::read(&app.settings.limits, bytes, readings_sheet::parse).await
}

fn entry(fields: &mut Fields) -> Option<SummedKey> {
    let name = fields.text("nom", NAME_CHARS_MAX);
    let unit = fields.text("unite", UNIT_CHARS_MAX);
    let source = fields.text("source", SOURCE_CHARS_MAX);
    let dated_on = fields.date("datee_du");
    Some(SummedKey {
        name: name?,
        unit: unit?,
        source: source?,
        dated_on: dated_on?,
        readings: BTreeMap::new(),
    })
}

fn refused(fields: &Fields, error: &Error) -> Drawn {
    let (typed, refusal) = refill(fields, error, label);
    Drawn {
        typed,
        refusal,
        left: Vec::new(),
        status: exchange::status(error),
    }
}

/// The form with the lines that keep the key from being made.
fn left(fields: &Fields, left: Vec<String>) -> Drawn {
    Drawn {
        typed: Typed::of(fields.iter()),
        left,
        status: StatusCode::UNPROCESSABLE_ENTITY,
        ..Drawn::default()
    }
}

fn at_fault(parsed: &ParsedReadings) -> Vec<String> {
    parsed.bad.iter().map(wording::sheet::cell).collect()
}

/// The numbers that no site bears, in the order of the lines.
fn unknown(parsed: &ParsedReadings, numbers: Vec<String>) -> Vec<String> {
    let place = |number: &String| parsed.good.get(number).map(|(_, address)| *address);
    let mut placed: Vec<_> = numbers.into_iter().map(|n| (place(&n), n)).collect();
    placed.sort();
    let sentences = placed.into_iter().map(|(address, number)| {
        let why = format!("aucun site d’un membre ne porte le numéro «{NBSP}{number}{NBSP}».");
        match address {
            Some(address) => format!("{address}{NBSP}: {why}"),
            None => why,
        }
    });
    sentences.collect()
}

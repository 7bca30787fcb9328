//! One « régularisation »: shown, its piece recorded, a payment taken back.
use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect},
};
use chrono::Datelike;
use domain::{
    french,
    identity::CorrectionId,
    permission::Right,
    purchasing::correction::{CorrectionKind, CorrectionState, Voucher},
};
use tower_sessions::Session;

use super::{Row, row};
use crate::{
    actions::{App, Error, purchasing::corrections},
    exchange,
    web::{
        components::Typed,
        form::Fields,
        format::filters,
        layout::{FlashKind, Shell},
        page::{Answer, page, page_with},
        session::{self, Person},
    },
    wording,
};

#[derive(Template)]
#[template(path = "corrections/show.html")]
struct Show {
    shell: Shell,
    href: String,
    row: Row,
    /// What to do in the finance software.
    to_do: String,
    /// The demand whose titre is cited.
    order: Option<(String, String)>,
    /// The split that led to it; nothing for those who may not open it.
    split: Option<String>,
    /// « Numéro du mandat », « Numéro de la réduction ».
    label: &'static str,
    may_record: bool,
    may_undo: bool,
    typed: Typed,
    refusal: String,
    operation: String,
    version: i32,
}

pub(super) async fn show(State(app): State<App>, person: Person, Path(id): Path<String>) -> Answer {
    page(&complete(&app, &person, parse(&id)?, None, String::new()).await?)
}

async fn complete(
    app: &App,
    person: &Person,
    id: CorrectionId,
    typed: Option<Typed>,
    refusal: String,
) -> Result<Show, Error> {
    let listed = corrections::show(app, &person.actor, id).await?;
    let (one, kind) = (listed.correction.clone(), listed.kind);
    let runs = person.actor.may(Right::RunAllocations, one.owner);
    let today = person.today(app);
    let same_year = one
        .cited
        .as_ref()
        .filter(|_| kind != CorrectionKind::Payout);
    let exercice = same_year.map_or(today.year(), |cited| cited.exercice);
    let suggested = || {
        Typed::default()
            .with("emise_le", french::date(today))
            .with("exercice", exercice.to_string())
    };
    let order = listed.order.as_ref();
    Ok(Show {
        shell: person
            .shell(format!("Régularisation {}", one.number))
            .crumb("Factures et répartitions", "/factures")
            .crumb("Régularisations", "/regularisations"),
        href: format!("/regularisations/{id}"),
        to_do: wording::correction::to_do(kind, &one),
        order: order.map(|order| (format!("/titres/{}", order.id), order.number.clone())),
        split: runs.then(|| format!("/factures/{}/repartition", listed.source)),
        label: number_label(kind),
        may_record: runs && one.state == CorrectionState::Proposed,
        may_undo: runs && one.state == CorrectionState::Done && kind == CorrectionKind::Payout,
        row: row(listed),
        typed: typed.unwrap_or_else(suggested),
        refusal,
        operation: app.clock.new_id().to_string(),
        version: one.version,
    })
}

fn number_label(kind: CorrectionKind) -> &'static str {
    match kind {
        CorrectionKind::Reduction => "Numéro du titre de réduction",
        CorrectionKind::Cancellation => "Numéro du titre d’annulation",
        CorrectionKind::Payout => "Numéro du mandat",
    }
}

pub(super) async fn record(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<String>,
    mut fields: Fields,
) -> Answer {
    let id = run(&app, &person, parse(&id)?).await?;
    let number = fields.text("numero", 40);
    let issued_on = fields.date("emise_le");
    let exercice = fields.choice("exercice", |typed| {
        let year: i32 = typed.trim().parse().ok()?;
        (2000..=2100).contains(&year).then_some(year)
    });
    let voucher = match (number, issued_on, exercice) {
        (Some(number), Some(issued_on), Some(exercice)) => Ok(Voucher {
            number,
            issued_on,
            exercice,
        }),
        _ => Err(fields.invalid()),
    };
    let actor = person.actor.clone().with_operation(fields.operation());
    let version = fields.typed("version").parse().ok();
    let done = match voucher {
        Ok(voucher) => corrections::record(&app, &actor, id, version, voucher).await,
        Err(error) => Err(error),
    };
    let text = "Régularisation enregistrée.";
    answer(&app, &person, &session, id, &fields, done.map(|_| text)).await
}

pub(super) async fn undo(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<String>,
    fields: Fields,
) -> Answer {
    let id = parse(&id)?;
    let actor = person.actor.clone().with_operation(fields.operation());
    let version = fields.typed("version").parse().ok();
    let done = corrections::undo(&app, &actor, id, version).await;
    let text = "Mandat repris\u{a0}: la somme est à nouveau à rendre.";
    answer(&app, &person, &session, id, &fields, done.map(|_| text)).await
}

/// Back to the correction with what was done, or with what is wrong.
async fn answer(
    app: &App,
    person: &Person,
    session: &Session,
    id: CorrectionId,
    fields: &Fields,
    done: Result<&'static str, Error>,
) -> Answer {
    match done {
        Ok(text) => {
            session::tell(session, FlashKind::Done, text).await?;
            Ok(Redirect::to(&format!("/regularisations/{id}")).into_response())
        }
        Err(error @ (Error::Invalid(_) | Error::Refused(_) | Error::Stale)) => {
            let mut typed = Typed::of(fields.iter());
            let mut refusal = String::new();
            if let Error::Invalid(problems) = &error {
                for field in problems {
                    let sentence = wording::field::problem(&field.problem);
                    let label = label(&field.name);
                    typed.refuse(&field.name, format!("{label}\u{a0}: {sentence}"));
                }
            } else {
                refusal = wording::error(&error).1;
            }
            let shown = complete(app, person, id, Some(typed), refusal).await?;
            page_with(exchange::status(&error), &shown)
        }
        Err(other) => Err(other.into()),
    }
}

fn label(name: &str) -> &'static str {
    match name {
        "numero" => "Numéro",
        "emise_le" => "Émise le",
        "exercice" => "Exercice",
        _ => "Champ",
    }
}

/// A correction that the viewer records; its readers may not change it.
async fn run(app: &App, person: &Person, id: CorrectionId) -> Result<CorrectionId, Error> {
    let one = corrections::find(app, &person.actor, id).await?;
    person
        .actor
        .require_of_seen(Right::RunAllocations, one.owner)?;
    Ok(id)
}

fn parse(text: &str) -> Result<CorrectionId, Error> {
    text.parse().ok().ok_or(Error::NotFound)
}

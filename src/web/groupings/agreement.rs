//! The agreement: its versions, drafted, changed and signed.
use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect},
};
use chrono::NaiveDate;
use domain::{
    attachment::{Subject, SubjectKind},
    french,
    identity::{AgreementId, GroupingId},
    purchasing::agreement::{
        Clauses, GroupingAgreement, OBJECT_CHARS_MAX, VatPolicy, WORDS_CHARS_MAX,
    },
};
use tower_sessions::Session;

use super::{Head, parse, refill, shell, version};
use crate::{
    actions::{
        App, Error,
        purchasing::{
            agreements,
            groupings::{self, Overview},
        },
    },
    exchange,
    web::{
        attachments::{Panel, add_href},
        components::{Choice, Typed},
        form::Fields,
        layout::{FlashKind, Shell},
        page::{Answer, page, page_with},
        session::{self, Person},
    },
    wording,
};

#[derive(Template)]
#[template(path = "groupings/agreements.html")]
struct AgreementsPage {
    shell: Shell,
    head: Head,
    refusal: String,
    versions: Vec<Version>,
    may_draft: bool,
    pieces: Panel,
}

struct Version {
    number: i32,
    href: String,
    add_piece: String,
    signed: bool,
    signed_on: String,
    period: String,
    object: String,
    deliberation: String,
    rule_text: String,
    vat_policy: &'static str,
    fee_text: String,
}

/// « Version 2, signée le 3 mars 2026 », or that there is none yet.
pub(super) fn summary(seen: &Overview) -> String {
    match seen.agreements.first() {
        None => "À rédiger".to_owned(),
        Some(last) => match last.clauses.signed_on {
            Some(day) => format!(
                "Version {}, signée le {}",
                last.number,
                french::long_date_year(day)
            ),
            None => format!("Version {}, à signer", last.number),
        },
    }
}

pub(super) async fn show(State(app): State<App>, person: Person, Path(id): Path<String>) -> Answer {
    let id: GroupingId = parse(&id)?;
    let seen = groupings::overview(&app, &person.actor, id).await?;
    let signed = |a: &GroupingAgreement| a.clauses.signed_on.is_some();
    let may_draft = seen.may_run && seen.agreements.first().is_none_or(signed);
    let here = format!("/groupements/{id}/convention");
    let subjects: Vec<_> = seen
        .agreements
        .iter()
        .map(|one| (subject(one), format!("version {}", one.number)))
        .collect();
    let pieces = Panel {
        back: seen.may_run.then_some(here),
        ..Panel::default()
    };
    page(&AgreementsPage {
        pieces: pieces.with(&app, &person, &subjects).await?,
        shell: shell(&person, &seen, "Convention"),
        head: Head::new(&app, &seen, "agreement"),
        refusal: String::new(),
        versions: seen.agreements.iter().map(shown).collect(),
        may_draft,
    })
}

fn subject(agreement: &GroupingAgreement) -> Subject {
    Subject {
        kind: SubjectKind::Agreement,
        id: agreement.id.0,
    }
}

fn shown(agreement: &GroupingAgreement) -> Version {
    let clauses = agreement.clauses.clone();
    let starts = french::date(clauses.starts_on);
    let period = match clauses.ends_on {
        Some(end) => format!("Du {starts} au {}", french::date(end)),
        None => format!("À partir du {starts}, sans terme"),
    };
    let here = format!("/groupements/{}/convention", agreement.grouping);
    Version {
        number: agreement.number,
        add_piece: add_href(subject(agreement), &here),
        href: format!("{here}/{}", agreement.id),
        signed: clauses.signed_on.is_some(),
        signed_on: clauses
            .signed_on
            .map_or_else(String::new, french::long_date_year),
        period,
        object: clauses.object,
        deliberation: clauses.deliberation.unwrap_or_default(),
        rule_text: clauses.rule_text.unwrap_or_default(),
        vat_policy: wording::grouping::vat_policy(clauses.vat_policy),
        fee_text: clauses.fee_text.unwrap_or_default(),
    }
}

#[derive(Template)]
#[template(path = "groupings/agreement_form.html")]
struct AgreementForm {
    shell: Shell,
    head: Head,
    refusal: String,
    heading: String,
    action: String,
    verb: &'static str,
    typed: Typed,
    policies: Vec<Choice>,
}

fn form(
    app: &App,
    person: &Person,
    seen: &Overview,
    changed: Option<&GroupingAgreement>,
    typed: Typed,
    refusal: String,
) -> AgreementForm {
    let base = format!("/groupements/{}/convention", seen.grouping.id);
    let next = seen.agreements.first().map_or(1, |last| last.number + 1);
    let (heading, action, verb) = match changed {
        Some(one) => (
            format!("Version {}", one.number),
            format!("{base}/{}", one.id),
            "Enregistrer les modifications",
        ),
        None => (
            format!("Nouvelle version {next}"),
            base,
            "Enregistrer cette version",
        ),
    };
    AgreementForm {
        shell: shell(person, seen, &heading),
        head: Head::new(app, seen, "agreement"),
        refusal,
        heading,
        action,
        verb,
        typed,
        policies: super::choices(
            VatPolicy::ALL,
            VatPolicy::code,
            wording::grouping::vat_policy,
        ),
    }
}

pub(super) async fn show_new(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Answer {
    let seen = run(&app, &person, parse(&id)?).await?;
    // An amendment starts from what was agreed last; its dates and its act are new.
    let typed = match seen.agreements.first() {
        Some(last) => stored(&Clauses {
            signed_on: None,
            deliberation: None,
            ..last.clauses.clone()
        }),
        None => Typed::default().with("tva", VatPolicy::Gross.code()),
    };
    page(&form(&app, &person, &seen, None, typed, String::new()))
}

pub(super) async fn show_edit(
    State(app): State<App>,
    person: Person,
    Path((id, agreement)): Path<(String, String)>,
) -> Answer {
    let seen = run(&app, &person, parse(&id)?).await?;
    let one = pick(&seen, parse(&agreement)?)?;
    one.check_open()?;
    let typed = stored(&one.clauses).with("version", one.version.to_string());
    page(&form(
        &app,
        &person,
        &seen,
        Some(&one),
        typed,
        String::new(),
    ))
}

/// A grouping that the viewer changes; its readers may not.
async fn run(app: &App, person: &Person, id: GroupingId) -> Result<Overview, Error> {
    let seen = groupings::overview(app, &person.actor, id).await?;
    if seen.may_run {
        Ok(seen)
    } else {
        Err(Error::Forbidden)
    }
}

fn pick(seen: &Overview, id: AgreementId) -> Result<GroupingAgreement, Error> {
    let found = seen.agreements.iter().find(|a| a.id == id);
    found.cloned().ok_or(Error::NotFound)
}

pub(super) async fn draft(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<String>,
    mut fields: Fields,
) -> Answer {
    let id: GroupingId = parse(&id)?;
    run(&app, &person, id).await?;
    let actor = person.actor.clone().with_operation(fields.operation());
    let done = match clauses(&mut fields) {
        Some(clauses) => agreements::draft(&app, &actor, id, clauses).await,
        None => Err(fields.invalid()),
    };
    after(&app, &person, &session, (id, None), &fields, done).await
}

pub(super) async fn edit(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path((id, agreement)): Path<(String, String)>,
    mut fields: Fields,
) -> Answer {
    let (id, agreement): (GroupingId, AgreementId) = (parse(&id)?, parse(&agreement)?);
    pick(&run(&app, &person, id).await?, agreement)?;
    let actor = person.actor.clone().with_operation(fields.operation());
    let done = match clauses(&mut fields) {
        Some(clauses) => {
            agreements::update(&app, &actor, agreement, version(&fields), clauses).await
        }
        None => Err(fields.invalid()),
    };
    after(
        &app,
        &person,
        &session,
        (id, Some(agreement)),
        &fields,
        done,
    )
    .await
}

async fn after(
    app: &App,
    person: &Person,
    session: &Session,
    (id, agreement): (GroupingId, Option<AgreementId>),
    fields: &Fields,
    done: Result<GroupingAgreement, Error>,
) -> Answer {
    match done {
        Ok(saved) => {
            let said = format!(
                "La version {} de la convention est enregistrée.",
                saved.number
            );
            session::tell(session, FlashKind::Done, said).await?;
            let next = format!("/groupements/{id}/convention");
            Ok(Redirect::to(&next).into_response())
        }
        Err(error @ (Error::Invalid(_) | Error::Refused(_) | Error::Stale)) => {
            let seen = groupings::overview(app, &person.actor, id).await?;
            let changed = agreement.map(|one| pick(&seen, one)).transpose()?;
            let (typed, refusal) = refill(fields, &error, label);
            let form = form(app, person, &seen, changed.as_ref(), typed, refusal);
            page_with(exchange::status(&error), &form)
        }
        Err(error) => Err(error.into()),
    }
}

fn clauses(fields: &mut Fields) -> Option<Clauses> {
    let object = fields.read("objet", |typed| {
        domain::text::clean_lines(typed, OBJECT_CHARS_MAX)
    });
    let starts_on = fields.date("debut");
    let ends_on = fields.date_optional("fin");
    let signed_on = fields.date_optional("signee_le");
    let deliberation = fields.text_optional("deliberation", 200);
    let rule_text = fields.lines_optional("regle", WORDS_CHARS_MAX);
    let vat_policy = fields.choice("tva", VatPolicy::from_code);
    let fee_text = fields.lines_optional("frais", WORDS_CHARS_MAX);
    Some(Clauses {
        object: object?,
        starts_on: starts_on?,
        ends_on: ends_on?,
        signed_on: signed_on?,
        deliberation: deliberation?,
        rule_text: rule_text?,
        vat_policy: vat_policy?,
        fee_text: fee_text?,
    })
}

fn stored(clauses: &Clauses) -> Typed {
    let date = |day: Option<NaiveDate>| day.map_or_else(String::new, french::date);
    let words = |text: &Option<String>| text.clone().unwrap_or_default();
    Typed::default()
        .with("objet", &clauses.object)
        .with("debut", french::date(clauses.starts_on))
        .with("fin", date(clauses.ends_on))
        .with("signee_le", date(clauses.signed_on))
        .with("deliberation", words(&clauses.deliberation))
        .with("regle", words(&clauses.rule_text))
        .with("tva", clauses.vat_policy.code())
        .with("frais", words(&clauses.fee_text))
}

fn label(name: &str) -> &'static str {
    match name {
        "objet" => "Objet",
        "debut" => "Début",
        "fin" => "Fin",
        "signee_le" => "Signée le",
        "deliberation" => "Délibération du coordonnateur",
        "regle" => "Règle de répartition",
        "tva" => "TVA",
        "frais" => "Frais du coordonnateur",
        _ => "Champ",
    }
}

//! The form of a contract's terms.
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::IntoResponse,
};
use domain::{
    field::FieldProblem,
    french,
    identity::{AwardId, ContractId, GroupingId, Siren, Siret},
    money::Cents,
    number::{NumberError, not_negative},
    permission::Right,
    purchasing::{
        contract::{
            CLAUSE_CHARS_MAX, Contract, DURATION_MONTHS_MAX, NUMBER_CHARS_MAX, RENEWALS_MAX,
            TITLE_CHARS_MAX, Terms,
        },
        supplier::NAME_CHARS_MAX,
    },
};
use serde::Deserialize;
use tower_sessions::Session;
use uuid::Uuid;

use super::to;
use crate::{
    actions::{
        App, Error,
        purchasing::{
            contracts::{self, Awarded, NewContract, Origin},
            suppliers::NamedSupplier,
        },
    },
    web::{
        components::{Choice, Typed},
        form::Fields,
        format::filters,
        layout::{FlashKind, Shell},
        page::{Answer, page_with},
        refused::Refused,
        session::{self, Person},
    },
};

/// The award from which the form was opened.
#[derive(Debug, Deserialize)]
pub(super) struct From {
    attribution: Option<Uuid>,
}

#[derive(Template)]
#[template(path = "contracts/terms.html")]
struct TermsPage {
    shell: Shell,
    refused: Refused,
    action: String,
    back: String,
    operation: Uuid,
    /// The award of a new contract; grouping and supplier are its own.
    awarded: Option<Awarded>,
    /// There is no grouping to record a contract in.
    nowhere: bool,
    /// The groupings of a contract recorded directly.
    groupings: Option<Vec<Choice>>,
    verb: &'static str,
}

/// The form of a new contract.
pub(super) async fn show_new(
    State(app): State<App>,
    person: Person,
    Query(from): Query<From>,
) -> Answer {
    let award = from.attribution.map(AwardId);
    let mut typed = Typed::default().with("reconductions", "0");
    if let Some(award) = award {
        let awarded = contracts::awarded(&app, &person.actor, award).await?;
        typed = typed
            .with("attribution", award.to_string())
            .with("objet", awarded.lot.title);
    }
    new_page(&app, &person, award, Refused::fresh(typed)).await
}

async fn new_page(app: &App, person: &Person, award: Option<AwardId>, refused: Refused) -> Answer {
    let (awarded, groupings) = match award {
        Some(award) => {
            let awarded = contracts::awarded(app, &person.actor, award).await?;
            (Some(awarded), None)
        }
        None => {
            let owner = person.organisation()?;
            let found = contracts::groupings_of(app, &person.actor, owner).await?;
            let choices = found.into_iter();
            let choices = choices.map(|g| Choice::new(g.id.to_string(), g.title));
            (None, Some(choices.collect::<Vec<Choice>>()))
        }
    };
    let status = refused.status;
    let template = TermsPage {
        shell: person
            .shell("Enregistrer un marché")
            .crumb("Marchés", "/marches"),
        refused,
        action: "/marches/nouveau".to_owned(),
        back: "/marches".to_owned(),
        operation: app.clock.new_id(),
        awarded,
        nowhere: groupings.as_ref().is_some_and(Vec::is_empty),
        groupings,
        verb: "Enregistrer le marché",
    };
    page_with(status, &template)
}

/// Records a contract.
pub(super) async fn create(
    State(app): State<App>,
    person: Person,
    session: Session,
    mut fields: Fields,
) -> Answer {
    let award: Option<AwardId> = fields.typed("attribution").parse().ok();
    let origin = match award {
        Some(award) => Some(Origin::Award(award)),
        None => direct(&mut fields),
    };
    let made = match (origin, read(&mut fields)) {
        (Some(origin), Some(terms)) => {
            let actor = person.actor.clone().with_operation(fields.operation());
            contracts::create(&app, &actor, NewContract { origin, terms }).await
        }
        _ => Err(fields.invalid()),
    };
    match made {
        Ok(contract) => {
            let text = format!("Marché {} enregistré.", contract.terms.number);
            session::tell(&session, FlashKind::Done, text).await?;
            Ok(to(contract.id).into_response())
        }
        Err(error) => {
            let refused = Refused::of(&fields, error)?;
            new_page(&app, &person, award, refused).await
        }
    }
}

fn direct(fields: &mut Fields) -> Option<Origin> {
    let grouping = fields.choice("groupement", |typed| typed.parse::<GroupingId>().ok());
    let siren = fields.read("siren", Siren::parse);
    let siret = fields.read_optional("siret", Siret::parse);
    let name = fields.text("titulaire", NAME_CHARS_MAX);
    Some(Origin::Direct {
        grouping: grouping?,
        supplier: NamedSupplier {
            siren: siren?,
            siret: siret?,
            name: name?,
        },
    })
}

/// The form of a contract that exists.
pub(super) async fn show_edit(
    State(app): State<App>,
    person: Person,
    Path(id): Path<Uuid>,
) -> Answer {
    let contract = run(&app, &person, ContractId(id)).await?;
    let typed = typed_of(&contract.terms).with("version", contract.version.to_string());
    edit_page(&app, &person, ContractId(id), Refused::fresh(typed)).await
}

async fn edit_page(app: &App, person: &Person, id: ContractId, refused: Refused) -> Answer {
    let contract = contracts::find(app, &person.actor, id).await?;
    let here = format!("/marches/{id}");
    let status = refused.status;
    let template = TermsPage {
        shell: person
            .shell("Modifier le marché")
            .crumb("Marchés", "/marches")
            .crumb(contract.terms.number, here.clone()),
        refused,
        action: format!("{here}/modifier"),
        back: here,
        operation: app.clock.new_id(),
        awarded: None,
        nowhere: false,
        groupings: None,
        verb: "Enregistrer",
    };
    page_with(status, &template)
}

/// Changes the terms.
pub(super) async fn edit(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<Uuid>,
    mut fields: Fields,
) -> Answer {
    let id = run(&app, &person, ContractId(id)).await?.id;
    let version = fields.typed("version").parse().ok();
    let saved = match read(&mut fields) {
        Some(terms) => {
            let actor = person.actor.clone().with_operation(fields.operation());
            contracts::revise(&app, &actor, id, version, terms).await
        }
        None => Err(fields.invalid()),
    };
    match saved {
        Ok(_) => {
            session::tell(&session, FlashKind::Done, "Marché modifié.").await?;
            Ok(to(id).into_response())
        }
        Err(error) => {
            let refused = Refused::of(&fields, error)?;
            edit_page(&app, &person, id, refused).await
        }
    }
}

/// A contract that the viewer runs; its readers may not change it.
async fn run(app: &App, person: &Person, id: ContractId) -> Result<Contract, Error> {
    let contract = contracts::find(app, &person.actor, id).await?;
    person
        .actor
        .require_of_seen(Right::RunProcedures, contract.owner)?;
    Ok(contract)
}

fn read(fields: &mut Fields) -> Option<Terms> {
    let number = fields.text("numero", NUMBER_CHARS_MAX);
    let title = fields.text("objet", TITLE_CHARS_MAX);
    let notified_on = fields.date("notifie_le");
    let starts_on = fields.date_optional("debut");
    let ends_on = fields.date_optional("fin");
    let duration_months =
        fields.read_optional("duree", |typed| whole(typed, 1, DURATION_MONTHS_MAX));
    let renewals = fields.read("reconductions", |typed| whole(typed, 0, RENEWALS_MAX));
    let minimum = fields.read_optional("minimum", amount);
    let maximum = fields.read_optional("maximum", amount);
    let revision_clause = fields.lines_optional("revision", CLAUSE_CHARS_MAX);
    Some(Terms {
        number: number?,
        title: title?,
        notified_on: notified_on?,
        starts_on: starts_on?,
        ends_on: ends_on?,
        duration_months: duration_months?,
        renewals: renewals?,
        minimum: minimum?,
        maximum: maximum?,
        revision_clause: revision_clause?,
    })
}

fn whole(typed: &str, min: i32, max: i32) -> Result<i32, FieldProblem> {
    let value = french::parse_decimal(typed, 0)?;
    let value = i32::try_from(value).ok();
    value
        .filter(|value| (min..=max).contains(value))
        .ok_or_else(|| FieldProblem::OutOfRange {
            min: min.to_string(),
            max: max.to_string(),
        })
}

fn amount(typed: &str) -> Result<Cents, NumberError> {
    not_negative(french::parse_amount(typed)?, typed)
}

fn typed_of(terms: &Terms) -> Typed {
    let date = |date: Option<chrono::NaiveDate>| date.map(french::date).unwrap_or_default();
    let amount = |amount: Option<Cents>| amount.map(french::amount).unwrap_or_default();
    let duration = terms.duration_months.map(|months| months.to_string());
    Typed::default()
        .with("numero", terms.number.clone())
        .with("objet", terms.title.clone())
        .with("notifie_le", french::date(terms.notified_on))
        .with("debut", date(terms.starts_on))
        .with("fin", date(terms.ends_on))
        .with("duree", duration.unwrap_or_default())
        .with("reconductions", terms.renewals.to_string())
        .with("minimum", amount(terms.minimum))
        .with("maximum", amount(terms.maximum))
        .with(
            "revision",
            terms.revision_clause.clone().unwrap_or_default(),
        )
}

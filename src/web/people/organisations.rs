//! « Collectivités » : the list, and the page of one.
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect},
};
use domain::{
    budget::{Budget, BudgetKind},
    field::FieldProblem,
    identity::{InseeCode, OrganisationId, Phone, Siren, Siret},
    organisation::{Organisation, OrganisationKind, Population},
};
use serde::Deserialize;
use tower_sessions::Session;
use uuid::Uuid;

use super::contacts::{self, ContactRow};
use crate::{
    actions::{
        App, Error, budgets,
        organisations::{self, Candidate, Wanted, zone_of},
    },
    store::Start,
    web::{
        components::{Pages, Turn},
        form::Fields,
        format::{filters, whose},
        layout::{FlashKind, Shell},
        page::{Answer, page},
        session::{self, Person},
    },
};

/// What a list is asked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    pub q: String,
    pub page: Option<u32>,
}

#[derive(Template)]
#[template(path = "people/organisations.html")]
struct ListPage {
    shell: Shell,
    words: String,
    rows: Vec<Row>,
    pages: Pages,
    candidates: Vec<CandidateRow>,
    may_create: bool,
    operation: String,
}

/// An organisation in a list.
struct Row {
    href: String,
    name: String,
    kind: &'static str,
    place: String,
    siren: String,
    active: bool,
}

struct CandidateRow {
    label: String,
    /// The INSEE code beside the name.
    code: String,
    number: String,
    hint: String,
}

const ROWS: u32 = 50;

pub(super) async fn list(
    State(app): State<App>,
    person: Person,
    Query(asked): Query<Asked>,
) -> Answer {
    let turn = Turn::of(asked.page, ROWS);
    let (found, total) =
        organisations::list_numbered(&app, &person.actor, &asked.q, turn.skip(), turn.rows())
            .await?;
    let candidates = organisations::candidates(&app, &person.actor, &asked.q).await?;
    let kept = if asked.q.is_empty() {
        String::new()
    } else {
        format!("q={}", session::form_encode(&asked.q))
    };
    page(&ListPage {
        shell: person.shell("Collectivités"),
        rows: found.iter().map(row).collect(),
        pages: turn.pages(total, &kept),
        candidates: candidates.into_iter().filter_map(candidate).collect(),
        may_create: organisations::may_create(&person.actor),
        operation: app.clock.new_id().to_string(),
        words: asked.q,
    })
}

fn row(o: &Organisation) -> Row {
    Row {
        href: format!("/collectivites/{}", o.id),
        name: o.name.clone(),
        kind: kind_name(o.kind),
        place: place(o),
        siren: o.siren.as_ref().map(Siren::grouped).unwrap_or_default(),
        active: o.active,
    }
}

fn candidate(candidate: Candidate) -> Option<CandidateRow> {
    let (number, hint) = match (&candidate.insee, &candidate.siren) {
        (Some(insee), _) => (
            insee.to_string(),
            format!("Commune, département {}", insee.department()),
        ),
        (None, Some(siren)) => (
            siren.to_string(),
            "Intercommunalité, avec toutes ses communes".to_owned(),
        ),
        (None, None) => return None,
    };
    // The label of homonyms, and of an EPCI, says it already.
    let told = candidate.label.contains(&number);
    Some(CandidateRow {
        label: candidate.label,
        code: if told { String::new() } else { number.clone() },
        number,
        hint,
    })
}

/// « 59 · 59368 »: what tells a commune from its homonyms.
pub fn place(o: &Organisation) -> String {
    let parts = [
        o.department.as_deref(),
        o.insee.as_ref().map(InseeCode::as_str),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// What an organisation is, in a word.
pub(super) fn kind_name(kind: OrganisationKind) -> &'static str {
    match kind {
        OrganisationKind::Commune => "Commune",
        OrganisationKind::Epci => "Intercommunalité",
        OrganisationKind::Syndicat => "Syndicat",
        OrganisationKind::Ccas => "CCAS",
        OrganisationKind::Sdis => "SDIS",
        OrganisationKind::School => "École",
        OrganisationKind::Association => "Association",
        OrganisationKind::Other => "Autre organisme",
    }
}

/// Adds a commune, or an EPCI with its communes, from the reference.
pub(super) async fn add(
    State(app): State<App>,
    person: Person,
    session: Session,
    mut fields: Fields,
) -> Answer {
    if !organisations::may_create(&person.actor) {
        return Err(Error::Forbidden.into());
    }
    let typed = fields.typed("numero").to_owned();
    let wanted = match (Siren::parse(&typed), InseeCode::parse(&typed)) {
        (Ok(siren), _) => Wanted::Epci(siren),
        (_, Ok(insee)) => Wanted::Commune(insee),
        (Err(_), Err(_)) => {
            fields.refuse("numero", FieldProblem::not_one_of(&typed));
            return Err(fields.invalid().into());
        }
    };
    let actor = person.actor.clone().with_operation(fields.operation());
    let created = organisations::create_from_reference(&app, &actor, &wanted).await?;
    let text = match created.added {
        0 => format!("{} existait déjà.", created.main.name),
        1 => format!("{} est ajoutée.", created.main.name),
        added => format!("{}\u{a0}: {added} organismes ajoutés.", created.main.name),
    };
    session::tell(&session, FlashKind::Done, text).await?;
    Ok(Redirect::to(&format!("/collectivites/{}", created.main.id)).into_response())
}

#[derive(Template)]
#[template(path = "people/organisation.html")]
struct ShowPage {
    shell: Shell,
    href: String,
    kind: &'static str,
    place: String,
    facts: Vec<(&'static str, String)>,
    epci: Option<(String, String)>,
    populations: Vec<Population>,
    private: Option<PrivateView>,
    may_edit: bool,
    may_manage_users: bool,
    active: bool,
}

struct PrivateView {
    contacts: Vec<ContactRow>,
    contacts_total: u64,
    budgets: Vec<BudgetRow>,
    pages: Pages,
    sites: u64,
}

struct BudgetRow {
    href: String,
    name: String,
    kind: &'static str,
    siret: String,
    vat: &'static str,
    chorus: String,
    active: bool,
}

pub(super) async fn show(
    State(app): State<App>,
    person: Person,
    Path(id): Path<Uuid>,
    Query(asked): Query<Asked>,
) -> Answer {
    let details = organisations::show(&app, &person.actor, OrganisationId(id)).await?;
    let o = &details.organisation;
    let turn = Turn::of(asked.page, ROWS);
    let private = match &details.private {
        Some(private) => Some(private_view(&app, &person, o, private, turn).await?),
        None => None,
    };
    let href = format!("/collectivites/{}", o.id);
    let epci = details.epci.as_ref();
    page(&ShowPage {
        shell: person
            .shell(o.name.clone())
            .crumb("Collectivités", "/collectivites"),
        kind: kind_name(o.kind),
        place: place(o),
        facts: facts(o),
        epci: epci.map(|e| (format!("/collectivites/{}", e.id), e.name.clone())),
        private,
        populations: details.populations.clone(),
        may_edit: details.may_edit,
        may_manage_users: details.may_manage_users,
        active: o.active,
        href,
    })
}

/// The first contacts, a page of the budgets, how many sites.
async fn private_view(
    app: &App,
    person: &Person,
    o: &Organisation,
    private: &organisations::Private,
    turn: Turn,
) -> Result<PrivateView, Error> {
    let href = format!("/collectivites/{}", o.id);
    let shown = budgets::list(
        app,
        &person.actor,
        o.id,
        Start::Skip(turn.skip()),
        turn.rows(),
    )
    .await?;
    let contacts = private.contacts.iter();
    Ok(PrivateView {
        contacts: contacts.map(|c| contacts::row(&href, c)).collect(),
        contacts_total: private.contacts_total,
        budgets: shown.iter().map(|b| budget_row(&href, b)).collect(),
        pages: turn.pages(private.budgets_total, ""),
        sites: private.sites,
    })
}

fn facts(o: &Organisation) -> Vec<(&'static str, String)> {
    let calendar = match (o.local_law, o.good_friday) {
        (true, true) => "Droit local, Vendredi saint férié",
        (true, false) => "Droit local d’Alsace-Moselle",
        (false, _) => "",
    };
    let facts = [
        ("SIREN", o.siren.as_ref().map(Siren::grouped)),
        ("Code INSEE", o.insee.as_ref().map(InseeCode::to_string)),
        ("Département", o.department.clone()),
        ("Adresse", o.address.clone()),
        ("Téléphone", o.phone.as_ref().map(Phone::grouped)),
        (
            "Adresse électronique",
            o.email.as_ref().map(ToString::to_string),
        ),
        ("Jours fériés", Some(calendar.to_owned())),
        (
            "Fuseau horaire",
            Some(format!("Heure {}", whose(zone_of(o)))),
        ),
    ];
    facts
        .into_iter()
        .filter_map(|(label, value)| value.filter(|v| !v.is_empty()).map(|v| (label, v)))
        .collect()
}

fn budget_row(href: &str, b: &Budget) -> BudgetRow {
    let chorus = [b.chorus_service.clone(), b.chorus_engagement.clone()];
    BudgetRow {
        href: format!("{href}/budgets/{}", b.id),
        name: b.name.clone(),
        kind: match b.kind {
            BudgetKind::Main => "Principal",
            BudgetKind::Annexe => "Annexe",
        },
        siret: b.siret.as_ref().map(Siret::grouped).unwrap_or_default(),
        vat: if b.vat_liable {
            "Assujetti"
        } else {
            "Non assujetti"
        },
        chorus: chorus.into_iter().flatten().collect::<Vec<_>>().join(" / "),
        active: b.active,
    }
}

/// Only who may change the organisation sees its forms.
pub(super) async fn edited(
    app: &App,
    person: &Person,
    id: Uuid,
) -> Result<organisations::Details, Error> {
    let details = organisations::show(app, &person.actor, OrganisationId(id)).await?;
    match (details.may_edit, &details.private) {
        (true, _) => Ok(details),
        (false, Some(_)) => Err(Error::Forbidden),
        (false, None) => Err(Error::NotFound),
    }
}

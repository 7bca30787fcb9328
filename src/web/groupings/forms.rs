//! Creating a grouping and changing its terms.
use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect},
};
use domain::{
    field::FieldProblem,
    identity::GroupingId,
    permission::Right,
    purchasing::grouping::{Grouping, GroupingKind, LegalBasis, Regime, TITLE_CHARS_MAX},
};
use tower_sessions::Session;

use super::{operation, parse, refill, shell, version};
use crate::{
    actions::{
        App, Error,
        purchasing::groupings::{self, NewGrouping, Terms},
    },
    exchange,
    web::{
        components::{Choice, Typed},
        form::Fields,
        layout::{FlashKind, Shell},
        page::{Answer, page, page_with},
        session::{self, Person},
    },
    wording,
};

/// The longest reference to statutes.
const REFERENCE_CHARS_MAX: usize = 300;

#[derive(Template)]
#[template(path = "groupings/form.html")]
struct Form {
    shell: Shell,
    heading: &'static str,
    action: String,
    back: String,
    verb: &'static str,
    new: bool,
    refusal: String,
    operation: String,
    typed: Typed,
    kinds: Vec<Choice>,
    bases: Vec<Choice>,
    regimes: Vec<Choice>,
}

pub(super) async fn show_new(State(app): State<App>, person: Person) -> Answer {
    person
        .actor
        .require(Right::RunGroupings, person.organisation()?)?;
    let typed = Typed::default()
        .with("genre", GroupingKind::Permanent.code())
        .with("fondement", "l2113_6")
        .with("regime", Regime::CoordinatorSigns.code());
    page(&new_form(&app, &person, typed, String::new()))
}

fn new_form(app: &App, person: &Person, typed: Typed, refusal: String) -> Form {
    Form {
        shell: person
            .shell("Nouveau groupement")
            .crumb("Groupements", "/groupements"),
        heading: "Nouveau groupement",
        action: "/groupements".to_owned(),
        back: "/groupements".to_owned(),
        verb: "Créer le groupement",
        new: true,
        refusal,
        operation: operation(app),
        typed,
        kinds: kinds(),
        bases: bases(),
        regimes: regimes(),
    }
}

pub(super) async fn create(
    State(app): State<App>,
    person: Person,
    session: Session,
    mut fields: Fields,
) -> Answer {
    let owner = person.organisation()?;
    person.actor.require(Right::RunGroupings, owner)?;
    let actor = person.actor.clone().with_operation(fields.operation());
    let joins = fields.ticked("achete");
    let done = match terms(&mut fields) {
        Some(terms) => {
            let new = NewGrouping {
                owner,
                terms,
                joins,
            };
            groupings::create(&app, &actor, new).await
        }
        None => Err(fields.invalid()),
    };
    match done {
        Ok(grouping) => {
            let said = format!(
                "Le groupement «\u{a0}{}\u{a0}» est créé. Ajoutez ses membres.",
                grouping.title
            );
            session::tell(&session, FlashKind::Done, said).await?;
            let next = format!("/groupements/{}/membres", grouping.id);
            Ok(Redirect::to(&next).into_response())
        }
        Err(error @ (Error::Invalid(_) | Error::Refused(_))) => {
            let (typed, refusal) = refill(&fields, &error, label);
            let form = new_form(&app, &person, typed, refusal);
            page_with(exchange::status(&error), &form)
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn show_edit(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Answer {
    let id: GroupingId = parse(&id)?;
    let seen = groupings::overview(&app, &person.actor, id).await?;
    if !seen.may_run {
        return Err(Error::Forbidden.into());
    }
    let typed = stored(&seen.grouping);
    let shell = shell(&person, &seen, "Modifier");
    page(&edit_form(&app, shell, id, typed, String::new()))
}

fn edit_form(app: &App, shell: Shell, id: GroupingId, typed: Typed, refusal: String) -> Form {
    Form {
        shell,
        heading: "Modifier le groupement",
        action: format!("/groupements/{id}/modifier"),
        back: format!("/groupements/{id}"),
        verb: "Enregistrer les modifications",
        new: false,
        refusal,
        operation: operation(app),
        typed,
        kinds: kinds(),
        bases: bases(),
        regimes: regimes(),
    }
}

pub(super) async fn edit(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<String>,
    mut fields: Fields,
) -> Answer {
    let id: GroupingId = parse(&id)?;
    let seen = groupings::overview(&app, &person.actor, id).await?;
    if !seen.may_run {
        return Err(Error::Forbidden.into());
    }
    let actor = person.actor.clone().with_operation(fields.operation());
    let done = match terms(&mut fields) {
        Some(terms) => groupings::update(&app, &actor, id, version(&fields), terms).await,
        None => Err(fields.invalid()),
    };
    match done {
        Ok(_) => {
            session::tell(
                &session,
                FlashKind::Done,
                "Les modifications sont enregistrées.",
            )
            .await?;
            Ok(Redirect::to(&format!("/groupements/{id}")).into_response())
        }
        Err(error @ (Error::Invalid(_) | Error::Refused(_) | Error::Stale)) => {
            let (typed, refusal) = refill(&fields, &error, label);
            let shell = shell(&person, &seen, "Modifier");
            let form = edit_form(&app, shell, id, typed, refusal);
            page_with(exchange::status(&error), &form)
        }
        Err(error) => Err(error.into()),
    }
}

fn terms(fields: &mut Fields) -> Option<Terms> {
    let title = fields.text("titre", TITLE_CHARS_MAX);
    let family = fields.text("famille", TITLE_CHARS_MAX);
    let kind = fields.choice("genre", GroupingKind::from_code);
    let reference = fields.text_optional("statuts", REFERENCE_CHARS_MAX);
    let basis = fields.typed("fondement").to_owned();
    if basis == "l5211_4_4" && reference == Some(None) {
        fields.refuse("statuts", FieldProblem::Missing);
    }
    // A missing reference is told at its own field, so the choice itself is read with a stand-in.
    let stand_in = reference.flatten().unwrap_or_default();
    let legal_basis = fields.choice("fondement", |code| {
        LegalBasis::from_code(code, Some(stand_in))
    });
    let regime = fields.choice("regime", Regime::from_code);
    if !matches!(fields.invalid(), Error::Invalid(problems) if problems.is_empty()) {
        return None;
    }
    Some(Terms {
        title: title?,
        kind: kind?,
        family: family?,
        legal_basis: legal_basis?,
        regime: regime?,
    })
}

fn stored(grouping: &Grouping) -> Typed {
    Typed::default()
        .with("version", grouping.version.to_string())
        .with("titre", &grouping.title)
        .with("famille", &grouping.family)
        .with("genre", grouping.kind.code())
        .with("fondement", grouping.legal_basis.code())
        .with(
            "statuts",
            grouping
                .legal_basis
                .statutes_reference()
                .unwrap_or_default(),
        )
        .with("regime", grouping.regime.code())
}

fn kinds() -> Vec<Choice> {
    vec![
        Choice::new(GroupingKind::Permanent.code(), "Permanent").hint(
            "D’un achat à l’autre\u{202f}; des membres entrent et sortent comme le dit la convention.",
        ),
        Choice::new(GroupingKind::OneOff.code(), "Ponctuel").hint(
            "Pour un seul achat\u{202f}; ses membres ne changent plus une fois la consultation lancée.",
        ),
    ]
}

fn bases() -> Vec<Choice> {
    let words =
        |basis: LegalBasis| Choice::new(basis.code(), wording::grouping::legal_basis(&basis));
    let statutes_reference = String::new();
    vec![
        words(LegalBasis::Grouping)
            .hint("Toutes collectivités et tous établissements, par convention."),
        words(LegalBasis::EpciForItsCommunes { statutes_reference })
            .hint("Si les statuts le prévoient, pour ses seules communes et sans frais."),
        words(LegalBasis::CentralPurchasing).hint("Passe des marchés pour d’autres acheteurs."),
    ]
}

fn regimes() -> Vec<Choice> {
    let words = |regime: Regime| Choice::new(regime.code(), wording::grouping::regime(regime));
    vec![
        words(Regime::EachSigns).hint("La passation est commune\u{202f}; seuls les frais communs se répartissent."),
        words(Regime::CoordinatorSigns)
            .hint("Chacun paie ses propres factures\u{202f}; seuls les frais communs se répartissent."),
        words(Regime::CoordinatorPays)
            .hint("Chaque facture est répartie, puis demandée aux membres par un titre."),
        words(Regime::Intermediary).hint(
            "La centrale passe le marché, chaque acheteur paie. La centrale «\u{a0}grossiste\u{a0}», \
             qui achète et revend, n’est pas proposée pour l’instant.",
        ),
    ]
}

fn label(name: &str) -> &'static str {
    match name {
        "titre" => "Intitulé",
        "famille" => "Famille d’achats",
        "genre" => "Durée de vie",
        "statuts" => "Référence des statuts",
        "fondement" => "Fondement juridique",
        "regime" => "Régime de paiement",
        _ => "Champ",
    }
}

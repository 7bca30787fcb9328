//! The form of a rule sent: tried, or kept as a draft.
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect},
};
use domain::{
    allocation::TaxPolicy,
    field::FieldProblem,
    french::NBSP,
    identity::{AgreementId, GroupingId},
    organisation::Organisation,
    purchasing::rule::{
        ARTICLE_CHARS_MAX, DELIBERATIONS_CHARS_MAX, NAME_CHARS_MAX, RuleTerms, SharingRule,
    },
};
use tower_sessions::Session;

use super::{
    super::{parse, refill, version},
    form::{Drawn, Of, draw},
    of_path, trial,
    typed::{self, field},
};
use crate::{
    actions::{
        App, Error,
        purchasing::{keys, rules},
    },
    exchange,
    web::{
        components::Typed,
        form::Fields,
        layout::FlashKind,
        page::Answer,
        session::{self, Person},
    },
    wording,
};

pub(in super::super) async fn create(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<String>,
    mut fields: Fields,
) -> Answer {
    let id: GroupingId = parse(&id)?;
    keys::weighable(&app, &person.actor, id).await?;
    if fields.typed("geste") == "essayer" {
        return tried(&app, &person, id, Of::New, fields).await;
    }
    let actor = person.actor.clone().with_operation(fields.operation());
    let made = match read(&app, &person, id, &mut fields).await? {
        Some(terms) => rules::create(&app, &actor, id, terms).await,
        None => Err(fields.invalid()),
    };
    after(&app, &person, &session, (id, Of::New), fields, made).await
}

pub(in super::super) async fn edit(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path((grouping, id)): Path<(String, String)>,
    mut fields: Fields,
) -> Answer {
    let rule = of_path(&app, &person, &grouping, &id).await?;
    let (grouping, of) = (rule.grouping, Of::Draft(&rule));
    keys::weighable(&app, &person.actor, grouping).await?;
    if fields.typed("geste") == "essayer" {
        return tried(&app, &person, grouping, of, fields).await;
    }
    let actor = person.actor.clone().with_operation(fields.operation());
    let saved = match read(&app, &person, grouping, &mut fields).await? {
        Some(terms) => rules::edit(&app, &actor, rule.id, version(&fields), terms).await,
        None => Err(fields.invalid()),
    };
    after(&app, &person, &session, (grouping, of), fields, saved).await
}

pub(in super::super) async fn amend(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path((grouping, id)): Path<(String, String)>,
    mut fields: Fields,
) -> Answer {
    let rule = of_path(&app, &person, &grouping, &id).await?;
    let (grouping, of) = (rule.grouping, Of::Amended(&rule));
    keys::weighable(&app, &person.actor, grouping).await?;
    if fields.typed("geste") == "essayer" {
        return tried(&app, &person, grouping, of, fields).await;
    }
    let actor = person.actor.clone().with_operation(fields.operation());
    let made = match read(&app, &person, grouping, &mut fields).await? {
        Some(terms) => rules::amend(&app, &actor, rule.id, terms).await,
        None => Err(fields.invalid()),
    };
    after(&app, &person, &session, (grouping, of), fields, made).await
}

/// The form again with what it would give: nothing is kept.
async fn tried(
    app: &App,
    person: &Person,
    id: GroupingId,
    of: Of<'_>,
    mut fields: Fields,
) -> Answer {
    let trial = trial::of_form(app, person, id, &mut fields).await?;
    let members = keys::weighable(app, &person.actor, id).await?;
    let (typed, _) = refused(&fields, &fields.invalid(), &members);
    let drawn = Drawn {
        typed,
        trial,
        ..Drawn::default()
    };
    draw(app, person, id, of, drawn).await
}

async fn after(
    app: &App,
    person: &Person,
    session: &Session,
    (id, of): (GroupingId, Of<'_>),
    mut fields: Fields,
    done: Result<SharingRule, Error>,
) -> Answer {
    match done {
        Ok(rule) => {
            let text = format!("Projet «{NBSP}{}{NBSP}» enregistré.", rule.terms.name);
            session::tell(session, FlashKind::Done, text).await?;
            let next = format!("/groupements/{id}/regles/{}", rule.id);
            Ok(Redirect::to(&next).into_response())
        }
        Err(error @ (Error::Invalid(_) | Error::Refused(_) | Error::Stale)) => {
            let members = keys::weighable(app, &person.actor, id).await?;
            let (typed, refusal) = refused(&fields, &error, &members);
            let drawn = Drawn {
                typed,
                refusal,
                status: exchange::status(&error),
                trial: trial::of_form(app, person, id, &mut fields).await?,
            };
            draw(app, person, id, of, drawn).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn read(
    app: &App,
    person: &Person,
    id: GroupingId,
    fields: &mut Fields,
) -> Result<Option<RuleTerms>, Error> {
    let members = keys::weighable(app, &person.actor, id).await?;
    let name = fields.text("nom", NAME_CHARS_MAX);
    let applies_from = fields.date("a_partir_du");
    let article = fields.text_optional("article", ARTICLE_CHARS_MAX);
    let deliberations = fields.lines_optional("deliberations", DELIBERATIONS_CHARS_MAX);
    let tax_policy = fields.choice("tva", TaxPolicy::from_word);
    let agreement = fields.read_optional("convention", |typed| {
        let id: Result<AgreementId, _> = typed.parse();
        id.or(Err(FieldProblem::not_one_of(typed)))
    });
    let formula = typed::read(fields, &members);
    let terms = || {
        Some(RuleTerms {
            name: name?,
            applies_from: applies_from?,
            agreement: agreement?,
            article: article?,
            deliberations: deliberations?,
            tax_policy: tax_policy?,
            prorata: fields.ticked("prorata"),
            formula: formula?,
        })
    };
    Ok(terms())
}

fn refused(fields: &Fields, error: &Error, members: &[Organisation]) -> (Typed, String) {
    let Error::Invalid(problems) = error else {
        return refill(fields, error, label);
    };
    let mut typed = Typed::of(fields.iter());
    for problem in problems {
        let sentence = wording::field::problem(&problem.problem);
        let of = |what: &str, o: &Organisation| field(what, o) == problem.name;
        let columns = ["pourcentage", "coefficient", "fixe", "plancher", "plafond"];
        let named = columns.iter().find_map(|what| {
            let member = members.iter().find(|o| of(what, o))?;
            Some(format!("{}, {}", label(what), member.name))
        });
        let label = named.unwrap_or_else(|| label(&problem.name).to_owned());
        typed.refuse(&problem.name, format!("{label}{NBSP}: {sentence}"));
    }
    (typed, String::new())
}

fn label(name: &str) -> &'static str {
    match name.split_once('_').map_or(name, |(what, _)| what) {
        "nom" => "Nom de la règle",
        "a" => "S’applique à partir du",
        "article" => "Article",
        "deliberations" => "Délibérations",
        "convention" => "Convention",
        "tva" => "TVA",
        "forme" => "Façon de répartir",
        "donnee" => "Donnée",
        "part" => "Part",
        "selon" => "Répartie",
        "facteur" => "Donnée combinée",
        "mode" => "Sens des valeurs",
        "borne" => "Jusqu’à",
        "valeur" => "Valeur de la tranche",
        "fixe" => "Montant fixe",
        "plancher" => "Au moins",
        "plafond" => "Au plus",
        "pourcentage" => "Pourcentage",
        "coefficient" => "Coefficient",
        "montant" => "Montant d’essai",
        _ => "Champ",
    }
}

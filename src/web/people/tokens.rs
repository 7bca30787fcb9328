//! « Mes jetons d’accès » : the keys of one's programs.
use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect},
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::{identity::TokenId, token::TokenScope};
use tower_sessions::Session;
use uuid::Uuid;

use super::entry::{Entry, Input, Kind};
use crate::{
    actions::{
        App,
        tokens::{self, Listed, NewToken},
    },
    web::{
        components::Choice,
        form::Fields,
        format::filters,
        layout::{FlashKind, Shell},
        page::{Answer, page},
        routes::Routes,
        session::{self, Person},
    },
};

pub(super) fn routes() -> Routes {
    Routes::default()
        .get("/profil/jetons", list)
        .get("/profil/jetons/nouveau", show_new)
        .post("/profil/jetons/nouveau", create)
        .post("/profil/jetons/{id}/revocation", revoke)
}

#[derive(Template)]
#[template(path = "people/tokens.html")]
struct ListPage {
    shell: Shell,
    zone: Tz,
    rows: Vec<Row>,
    operation: String,
}

struct Row {
    id: Uuid,
    name: String,
    scope: &'static str,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    used_on: Option<NaiveDate>,
    live: bool,
    revoked: bool,
}

async fn list(State(app): State<App>, person: Person) -> Answer {
    let shown = app.settings.limits.page_rows_max;
    let listed = tokens::list(&app, &person.actor, None, shown).await?;
    page(&ListPage {
        shell: person
            .shell("Mes jetons d’accès")
            .crumb("Mon profil", "/profil"),
        zone: person.zone(),
        rows: listed.into_iter().map(row).collect(),
        operation: app.clock.new_id().to_string(),
    })
}

fn row(listed: Listed) -> Row {
    let token = listed.token;
    Row {
        id: token.id.0,
        name: token.name,
        scope: match token.scope {
            TokenScope::Read => "Lecture",
            TokenScope::Write => "Lecture et écriture",
        },
        created_at: token.created_at,
        expires_at: token.expires_at,
        used_on: listed.used_on,
        live: listed.live,
        revoked: token.revoked_at.is_some(),
    }
}

async fn show_new(State(app): State<App>, person: Person) -> Answer {
    form(&app, &person).show()
}

fn form(app: &App, person: &Person) -> Entry {
    let shell = person
        .shell("Créer un jeton d’accès")
        .crumb("Mon profil", "/profil")
        .crumb("Mes jetons d’accès", "/profil/jetons");
    Entry::new(app, shell, "Créer le jeton", "/profil/jetons")
        .intro("Un programme qui porte ce jeton agit en votre nom, avec vos droits.")
        .inputs(vec![
            Input::new(Kind::Text, "nom", "À quoi servira-t-il\u{202f}?")
                .hint("Exemple\u{a0}: logiciel de finances."),
            Input::new(Kind::List, "portee", "Portée").among(vec![
                Choice::new("read", "Lecture seule"),
                Choice::new("write", "Lecture et écriture"),
            ]),
            Input::new(Kind::List, "duree", "Durée").among(vec![
                Choice::new("30", "30\u{a0}jours"),
                Choice::new("90", "90\u{a0}jours"),
                Choice::new("365", "1\u{a0}an"),
                Choice::new("0", "Sans limite"),
            ]),
        ])
}

/// A token, shown once.
#[derive(Template)]
#[template(path = "people/token.html")]
struct TokenPage {
    shell: Shell,
    name: String,
    secret: String,
}

async fn create(State(app): State<App>, person: Person, mut fields: Fields) -> Answer {
    let actor = person.actor.clone().with_operation(fields.operation());
    let done = match read(&app, &mut fields) {
        Some(new) => tokens::create(&app, &actor, new).await,
        None => Err(fields.invalid()),
    };
    match done {
        Ok(created) => page(&TokenPage {
            shell: person
                .shell("Nouveau jeton")
                .crumb("Mes jetons d’accès", "/profil/jetons"),
            name: created.token.name,
            secret: created.secret,
        }),
        Err(error) => form(&app, &person).again(&fields, error),
    }
}

fn read(app: &App, fields: &mut Fields) -> Option<NewToken> {
    let name = fields.text("nom", 100);
    let scope = fields.choice("portee", TokenScope::from_code);
    let days: Option<i64> = fields.choice("duree", |typed| {
        typed
            .parse()
            .ok()
            .filter(|days| [0, 30, 90, 365].contains(days))
    });
    let expires_at = days.map(|days| (days > 0).then(|| app.clock.now() + TimeDelta::days(days)));
    Some(NewToken {
        name: name?,
        scope: scope?,
        expires_at: expires_at?,
    })
}

async fn revoke(
    State(app): State<App>,
    person: Person,
    session: Session,
    Path(id): Path<Uuid>,
    fields: Fields,
) -> Answer {
    let actor = person.actor.clone().with_operation(fields.operation());
    tokens::revoke(&app, &actor, TokenId(id)).await?;
    let text = "Jeton révoqué\u{a0}: il n’ouvre plus rien.";
    session::tell(&session, FlashKind::Done, text).await?;
    Ok(Redirect::to("/profil/jetons").into_response())
}

//! « Mon profil » : one's name, password and sessions.
use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect},
};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::{identity::Phone, user::User};
use tower_sessions::Session;

use super::entry::{Entry, Input, Kind, version};
use crate::{
    actions::{App, Error, sessions, users},
    web::{
        components::Typed,
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
        .get("/profil", show)
        .post("/profil", update)
        .get("/profil/mot-de-passe", show_password)
        .post("/profil/mot-de-passe", change_password)
        .get("/profil/sessions", show_sessions)
        .post("/profil/sessions/fin", end_others)
}

async fn show(State(app): State<App>, person: Person) -> Answer {
    let user = users::account(&app, &person.actor).await?;
    let typed = Typed::default().with("nom", user.name.clone()).with(
        "telephone",
        user.phone.as_ref().map(Phone::grouped).unwrap_or_default(),
    );
    profile_form(&app, &person, &user)
        .filled(typed)
        .at_version(user.version)
        .show()
}

fn profile_form(app: &App, person: &Person, user: &User) -> Entry {
    let email = &user.email;
    Entry::new(app, person.shell("Mon profil"), "Enregistrer", "/")
        .intro(format!(
            "Vous vous connectez avec {email}. Pour changer d’adresse, demandez une nouvelle \
             invitation à l’administrateur."
        ))
        .inputs(vec![
            Input::new(Kind::Text, "nom", "Prénom et nom"),
            Input::new(Kind::Phone, "telephone", "Téléphone").optional(),
        ])
        .beside("/profil/mot-de-passe", "Changer mon mot de passe")
}

async fn update(
    State(app): State<App>,
    person: Person,
    session: Session,
    mut fields: Fields,
) -> Answer {
    let actor = person.actor.clone().with_operation(fields.operation());
    let read_at = version(&fields);
    let name = fields.text("nom", 200);
    let phone = fields.read_optional("telephone", Phone::parse);
    let done = match (name, phone) {
        (Some(name), Some(phone)) => {
            users::update_profile(&app, &actor, name, phone, read_at).await
        }
        (_, _) => Err(fields.invalid()),
    };
    match done {
        Ok(_) => {
            session::tell(&session, FlashKind::Done, "Profil enregistré.").await?;
            Ok(Redirect::to("/profil").into_response())
        }
        Err(error) => {
            let user = users::account(&app, &person.actor).await?;
            profile_form(&app, &person, &user).again(&fields, error)
        }
    }
}

async fn show_password(State(app): State<App>, person: Person) -> Answer {
    password_form(&app, &person).show()
}

fn password_form(app: &App, person: &Person) -> Entry {
    let shell = person
        .shell("Changer mon mot de passe")
        .crumb("Mon profil", "/profil");
    let min = app.settings.login.password_characters_min;
    Entry::new(app, shell, "Changer le mot de passe", "/profil")
        .intro("Vos autres sessions seront closes.")
        .inputs(vec![
            Input::new(Kind::Password, "actuel", "Mot de passe actuel"),
            Input::new(Kind::NewPassword, "nouveau", "Nouveau mot de passe").hint(format!(
                "Au moins {min}\u{a0}caractères. Une phrase de quatre mots convient."
            )),
        ])
}

async fn change_password(
    State(app): State<App>,
    person: Person,
    session: Session,
    fields: Fields,
) -> Answer {
    // The operation key would keep a hash that depends on the passwords: none here.
    let cookie = session.id().map(|id| id.to_string()).unwrap_or_default();
    let (present, new) = (fields.typed("actuel"), fields.typed("nouveau"));
    match sessions::change_password(&app, &person.actor, present, new, &cookie).await {
        Ok(()) => {
            session::tell(&session, FlashKind::Done, "Mot de passe changé.").await?;
            Ok(Redirect::to("/profil").into_response())
        }
        Err(error) => password_form(&app, &person).again(&Fields::empty(), error),
    }
}

#[derive(Template)]
#[template(path = "people/sessions.html")]
struct SessionsPage {
    shell: Shell,
    zone: Tz,
    rows: Vec<SessionRow>,
}

struct SessionRow {
    opened_at: DateTime<Utc>,
    seen_at: DateTime<Utc>,
    current: bool,
}

async fn show_sessions(State(app): State<App>, person: Person, session: Session) -> Answer {
    let cookie = session.id().map(|id| id.to_string()).unwrap_or_default();
    let current = sessions::digest(&cookie);
    let rows = sessions::list(&app, &person.actor).await?;
    page(&SessionsPage {
        shell: person.shell("Mes sessions").crumb("Mon profil", "/profil"),
        zone: person.zone(),
        rows: rows
            .into_iter()
            .map(|s| SessionRow {
                opened_at: s.created_at,
                seen_at: s.last_seen_at,
                current: s.id == current,
            })
            .collect(),
    })
}

async fn end_others(State(app): State<App>, person: Person, session: Session) -> Answer {
    let Some(id) = session.id() else {
        return Err(Error::Unauthenticated.into());
    };
    let ended = sessions::end_others(&app, &person.actor, &id.to_string()).await?;
    let text = match ended {
        0 => "Aucune autre session n’était ouverte.".to_owned(),
        1 => "Une autre session est close.".to_owned(),
        n => format!("{n}\u{a0}autres sessions sont closes."),
    };
    session::tell(&session, FlashKind::Done, text).await?;
    Ok(Redirect::to("/profil/sessions").into_response())
}

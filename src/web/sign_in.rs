//! Signing in and out, choosing a password, and the organisation acted for.
use askama::Template;
use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use domain::{identity::OrganisationId, user::LinkKind};
use tower_sessions::Session;
use uuid::Uuid;

use super::{
    demo::{self, Part},
    form::Fields,
    page::{Answer, local, page, page_with},
    peer::Peer,
    routes::Routes,
    session::{self, Person},
};
use crate::{
    actions::{App, Error, sessions},
    exchange, wording,
};

/// Signing in and out.
#[must_use]
pub fn routes() -> Routes {
    Routes::default()
        .get("/connexion", show)
        .post("/connexion", sign_in)
        .post("/deconnexion", sign_out)
        .get("/lien/{secret}", show_link)
        .post("/lien/{secret}", use_link)
        .post("/organisme", choose_organisation)
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    title: &'static str,
    email: String,
    back: String,
    error: Option<String>,
    parts: Vec<Part>,
}

async fn show(State(app): State<App>, axum::extract::Query(query): Query) -> Answer {
    let back = query.suite.unwrap_or_default();
    page(&SignInPage {
        title: "Connexion",
        email: String::new(),
        back,
        error: None,
        parts: demo::parts(&app).await?,
    })
}

type Query = axum::extract::Query<Back>;

#[derive(Debug, serde::Deserialize)]
struct Back {
    suite: Option<String>,
}

async fn sign_in(
    State(app): State<App>,
    session: Session,
    Peer(address): Peer,
    fields: Fields,
) -> Answer {
    let (email, back) = (
        fields.typed("email").to_owned(),
        fields.typed("suite").to_owned(),
    );
    match sessions::sign_in(&app, &email, fields.typed("password"), &address).await {
        Ok(user) => {
            session::start(&app, &session, user).await?;
            Ok(Redirect::to(local(&back)).into_response())
        }
        Err(error @ Error::Refused(_)) => {
            let waits = exchange::status(&error) == StatusCode::TOO_MANY_REQUESTS;
            let (_, sentence) = wording::error(&error);
            let error = Some(sentence);
            let page = SignInPage {
                title: "Connexion",
                email,
                back,
                error,
                parts: demo::parts(&app).await?,
            };
            if !waits {
                return page_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
            }
            let mut answer = page_with(StatusCode::TOO_MANY_REQUESTS, &page)?;
            let seconds = app.settings.login.window_minutes.saturating_mul(60);
            let headers = answer.headers_mut();
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            Ok(answer)
        }
        Err(other) => Err(other.into()),
    }
}

async fn sign_out(session: Session) -> Answer {
    session
        .flush()
        .await
        .map_err(|e| Error::Internal(e.into()))?;
    Ok(Redirect::to("/connexion").into_response())
}

#[derive(Template)]
#[template(path = "choose_password.html")]
struct ChoosePasswordPage {
    title: &'static str,
    name: String,
    email: String,
    one_time: bool,
    min: usize,
    error: Option<String>,
}

async fn show_link(State(app): State<App>, Path(secret): Path<String>) -> Answer {
    let (user, kind) = sessions::read_link(&app, &secret).await?;
    page(&link_page(&app, user, kind, None))
}

fn link_page(
    app: &App,
    user: domain::user::User,
    kind: LinkKind,
    error: Option<String>,
) -> ChoosePasswordPage {
    ChoosePasswordPage {
        title: match kind {
            LinkKind::Invitation => "Bienvenue",
            LinkKind::PasswordReset => "Nouveau mot de passe",
            LinkKind::SignIn => "Connexion",
        },
        name: user.name,
        email: user.email.to_string(),
        one_time: kind == LinkKind::SignIn,
        min: app.settings.login.password_characters_min,
        error,
    }
}

async fn use_link(
    State(app): State<App>,
    Path(secret): Path<String>,
    session: Session,
    fields: Fields,
) -> Answer {
    let (user, kind) = sessions::read_link(&app, &secret).await?;
    let done = match kind {
        LinkKind::SignIn => sessions::sign_in_by_link(&app, &secret).await,
        LinkKind::Invitation | LinkKind::PasswordReset => {
            sessions::choose_password(&app, &secret, fields.typed("password")).await
        }
    };
    match done {
        Ok(user) => {
            session::start(&app, &session, user).await?;
            Ok(Redirect::to("/").into_response())
        }
        Err(error @ Error::Refused(_)) => {
            let (_, sentence) = wording::error(&error);
            let page = link_page(&app, user, kind, Some(sentence));
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(other) => Err(other.into()),
    }
}

async fn choose_organisation(person: Person, session: Session, fields: Fields) -> Answer {
    let Ok(id) = Uuid::parse_str(fields.typed("organisation")) else {
        return Err(Error::NotFound.into());
    };
    session::act_for(&session, &person.actor, OrganisationId(id)).await?;
    let home: Response = Redirect::to("/").into_response();
    Ok(home)
}

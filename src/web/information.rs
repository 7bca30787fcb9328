//! What a public service must say of itself, and the help: pages without signing in.
use askama::Template;
use axum::extract::State;

use super::{
    page::{Answer, page},
    routes::Routes,
};
use crate::actions::App;

/// Accessibility, personal data, help.
#[must_use]
pub fn routes() -> Routes {
    Routes::default()
        .get("/accessibilite", accessibility)
        .get("/donnees-personnelles", personal_data)
        .get("/aide", help)
}

/// Whom to write to or call, from the settings.
struct Support {
    name: String,
    phone: String,
    email: String,
}

impl Support {
    fn of(app: &App) -> Option<Self> {
        let support = &app.settings.support;
        let said = !support.email.is_empty() || !support.phone.is_empty();
        said.then(|| Self {
            name: support.name.clone(),
            phone: support.phone.clone(),
            email: support.email.clone(),
        })
    }
}

#[derive(Template)]
#[template(path = "information/accessibility.html")]
struct Accessibility {
    title: &'static str,
    support: Option<Support>,
}

async fn accessibility(State(app): State<App>) -> Answer {
    page(&Accessibility {
        title: "Accessibilité",
        support: Support::of(&app),
    })
}

#[derive(Template)]
#[template(path = "information/personal_data.html")]
struct PersonalData {
    title: &'static str,
    support: Option<Support>,
    idle_minutes: i64,
    absolute_hours: i64,
}

async fn personal_data(State(app): State<App>) -> Answer {
    page(&PersonalData {
        title: "Données personnelles",
        support: Support::of(&app),
        idle_minutes: app.settings.sessions.idle_minutes,
        absolute_hours: app.settings.sessions.absolute_hours,
    })
}

#[derive(Template)]
#[template(path = "information/help.html")]
struct Help {
    title: &'static str,
    support: Option<Support>,
}

async fn help(State(app): State<App>) -> Answer {
    page(&Help {
        title: "Aide et lexique",
        support: Support::of(&app),
    })
}

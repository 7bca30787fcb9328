//! « À faire » : what waits, by deadline.
use askama::Template;
use axum::extract::State;

use super::{
    layout::Shell,
    page::{Answer, page},
    routes::Routes,
    session::Person,
};
use crate::actions::App;

/// The home page.
#[must_use]
pub fn routes() -> Routes {
    Routes::default().get("/", show)
}

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    shell: Shell,
}

async fn show(State(_app): State<App>, person: Person) -> Answer {
    page(&Home {
        shell: person.shell("À faire"),
    })
}

//! One click to enter a demonstration as one of its people; refused anywhere else.
use axum::{
    extract::State,
    response::{IntoResponse, Redirect},
};
use domain::{identity::UserId, permission::Role};
use tower_sessions::Session;
use uuid::Uuid;

use super::{form::Fields, page::Answer, routes::Routes, session};
use crate::actions::{App, Error, demo};

/// The door of a demonstration.
#[must_use]
pub fn routes() -> Routes {
    Routes::default().post("/demo/connexion", enter)
}

/// A part that may be taken, as the sign-in page shows it.
#[derive(Clone, Debug)]
pub struct Part {
    pub id: Uuid,
    pub name: String,
    pub what: String,
}

/// The parts of a demonstration; none elsewhere.
///
/// # Errors
/// Whatever the database says.
pub async fn parts(app: &App) -> Result<Vec<Part>, Error> {
    let personas = demo::personas(app).await?;
    Ok(personas
        .into_iter()
        .map(|p| Part {
            id: p.user.id.0,
            what: format!("{}, {}", role(p.role), p.organisation),
            name: p.user.name,
        })
        .collect())
}

fn role(role: Role) -> &'static str {
    match role {
        Role::DeclaringAgent => "déclare les besoins",
        Role::Approver => "approuve",
        Role::PurchasingOfficer => "conduit les achats",
        Role::EquipmentManager => "gère le matériel",
        Role::Accountant => "consulte les comptes",
        Role::Administrator => "administre",
    }
}

async fn enter(State(app): State<App>, session: Session, fields: Fields) -> Answer {
    let Ok(user) = Uuid::parse_str(fields.typed("user")) else {
        return Err(Error::NotFound.into());
    };
    let user = demo::enter(&app, UserId(user)).await?;
    session::start(&app, &session, user).await?;
    Ok(Redirect::to("/").into_response())
}

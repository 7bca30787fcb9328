//! The personas of a demonstration, who sign in with one click; elsewhere there are none.
use domain::{
    identity::UserId,
    permission::Role,
    user::{User, UserState},
};

use super::{App, Error};
use crate::store::{organisations, users};

/// Someone whose part a visitor may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Persona {
    pub user: User,
    pub organisation: String,
    pub role: Role,
}

/// The accounts of a demonstration that may be entered, officers first.
///
/// # Errors
/// Whatever the database says.
pub async fn personas(app: &App) -> Result<Vec<Persona>, Error> {
    if !app.demo {
        return Ok(Vec::new());
    }
    let view = app.store.view().await?;
    let mut personas = Vec::new();
    for user in users::list_active(&view).await? {
        let roles = users::roles(&view, user.id).await?;
        let first = roles.iter().find_map(|(organisation, roles)| {
            let officer = roles.contains(&Role::PurchasingOfficer);
            let role = if officer {
                Some(Role::PurchasingOfficer)
            } else {
                None
            };
            role.or_else(|| roles.first().copied())
                .map(|role| (*organisation, role))
        });
        let Some((organisation, role)) = first else {
            continue;
        };
        let organisation = organisations::find(&view, organisation).await?.name;
        personas.push(Persona {
            user,
            organisation,
            role,
        });
    }
    personas.sort_by_key(|p| {
        (
            p.role != Role::PurchasingOfficer,
            p.user.created_at,
            p.user.id,
        )
    });
    Ok(personas)
}

/// Checks that a visitor may take this part.
///
/// # Errors
/// [`Error::NotFound`] wherever the database is not a demonstration.
pub async fn enter(app: &App, user: UserId) -> Result<UserId, Error> {
    if !app.demo {
        return Err(Error::NotFound);
    }
    let view = app.store.view().await?;
    let found = users::find(&view, user).await?;
    if found.state == UserState::Active {
        Ok(user)
    } else {
        Err(Error::NotFound)
    }
}

//! Organisations and their people: pages and forms.
use super::routes::Routes;

mod budgets;
mod contacts;
mod entry;
mod imports;
mod organisation_forms;
mod organisations;
mod profile;
mod site_import;
mod sites;
mod tokens;
mod users;

pub use organisations::place;

/// The pages of organisations, users and one's own account.
#[must_use]
pub fn routes() -> Routes {
    Routes::default()
        .get("/collectivites", organisations::list)
        .post("/collectivites/ajout", organisations::add)
        .get("/collectivites/nouvelle", organisation_forms::show_new)
        .post("/collectivites/nouvelle", organisation_forms::create)
        .get("/collectivites/{id}", organisations::show)
        .get(
            "/collectivites/{id}/modifier",
            organisation_forms::show_edit,
        )
        .post("/collectivites/{id}/modifier", organisation_forms::edit)
        .get(
            "/collectivites/{id}/populations/nouvelle",
            organisation_forms::show_population,
        )
        .post(
            "/collectivites/{id}/populations/nouvelle",
            organisation_forms::add_population,
        )
        .with(contacts::routes())
        .with(budgets::routes())
        .with(site_import::routes())
        .with(sites::routes())
        .with(imports::routes())
        .with(users::routes())
        .with(profile::routes())
        .with(tokens::routes())
}

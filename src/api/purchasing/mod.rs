//! Grouped purchases over JSON.
use utoipa_axum::router::OpenApiRouter;

use crate::actions::App;

pub mod awards;
pub mod contracts;
pub mod procedures;
mod reading;
pub mod suppliers;

/// The operations on grouped purchases.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(suppliers::routes())
        .merge(procedures::routes())
        .merge(awards::routes())
        .merge(contracts::routes())
}

//! Grouped purchases over JSON.
use utoipa_axum::router::OpenApiRouter;

use crate::actions::App;

pub mod agreements;
pub mod allocations;
pub mod awards;
pub mod contracts;
pub mod corrections;
pub mod groupings;
pub mod invoices;
pub mod keys;
pub mod memberships;
pub mod needs;
pub mod needs_files;
pub mod procedures;
mod reading;
pub mod recovery;
pub mod rounds;
pub mod rules;
pub mod statements;
pub mod suppliers;
pub mod year_end;

/// The operations on grouped purchases.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(agreements::routes())
        .merge(allocations::routes())
        .merge(awards::routes())
        .merge(contracts::routes())
        .merge(corrections::routes())
        .merge(groupings::routes())
        .merge(invoices::routes())
        .merge(keys::routes())
        .merge(memberships::routes())
        .merge(needs::routes())
        .merge(needs_files::routes())
        .merge(procedures::routes())
        .merge(recovery::routes())
        .merge(rounds::routes())
        .merge(rules::routes())
        .merge(statements::routes())
        .merge(suppliers::routes())
        .merge(year_end::routes())
}

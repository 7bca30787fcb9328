//! The table of a split to take away, and the dossier that proves it.
use axum::extract::{Path, State};

use super::{super::page::Answer, super::session::Person, parse};
use crate::{
    actions::{App, purchasing::allocations},
    exchange::{
        allocations::{dossier_name, file_name, table},
        download::{self, Format},
    },
};

pub(super) async fn download(
    State(app): State<App>,
    person: Person,
    Path((id, format)): Path<(String, String)>,
) -> Answer {
    let o = allocations::latest(&app, &person.actor, parse(&id)?).await?;
    let format = Format::of_address(&format)?;
    Ok(download::table(&table(&o)?, format, &file_name(&o))?)
}

pub(super) async fn dossier(
    State(app): State<App>,
    person: Person,
    Path(id): Path<String>,
) -> Answer {
    let o = allocations::latest(&app, &person.actor, parse(&id)?).await?;
    Ok(download::json(&o.dossier()?, &dossier_name(&o))?)
}

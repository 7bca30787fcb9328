//! A statement to take away.
use axum::extract::{Path, State};
use domain::identity::StatementId;

use super::super::{page::Answer, session::Person};
use crate::{
    actions::{App, Error, purchasing::statements},
    exchange::{
        download::{self, Format},
        statements::{file_name, table},
    },
};

pub(super) async fn download(
    State(app): State<App>,
    person: Person,
    Path((id, format)): Path<(String, String)>,
) -> Answer {
    let id: StatementId = id.parse().ok().ok_or(Error::NotFound)?;
    let s = statements::find(&app, &person.actor, id).await?;
    let format = Format::of_address(&format)?;
    Ok(download::table(&table(&s), format, &file_name(&s))?)
}

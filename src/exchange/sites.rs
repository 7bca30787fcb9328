//! The file of a member's sites, for every face: read, tried, taken, and written again.
use domain::identity::OrganisationId;

use super::{
    report::CellReport,
    spreadsheet::{self, FileError},
};
use crate::{
    actions::{
        Actor, App, Error, budgets,
        sites::{self, Details, Done, Listed},
    },
    documents::{
        address::Address,
        reading::Sheet,
        sites_sheet::{self, SiteLine},
        writing::Table,
    },
};

/// What a file did or would do.
#[derive(Debug)]
pub struct Imported {
    pub applied: bool,
    /// The rows without fault, in the order of the file: the cell of the name, and the name.
    pub lines: Vec<(Address, String)>,
    pub done: Done,
    /// The cells at fault, in the order of the file.
    pub problems: Vec<CellReport>,
}

/// Reads a file and takes its good rows; `dry` only tells what would happen.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::NotFound`] to those who may not change the organisation;
/// [`FileError::Unreadable`].
pub async fn import(
    app: &App,
    actor: &Actor,
    owner: OrganisationId,
    bytes: Vec<u8>,
    dry: bool,
) -> Result<Imported, FileError> {
    let budgets = budgets::all(app, actor, owner).await?;
    let parse = move |sheet: &Sheet| sites_sheet::parse(sheet, &budgets);
    let parsed = spreadsheet::read(&app.settings.limits, bytes, parse).await?;
    let (mut lines, mut listed) = (Vec::new(), Vec::new());
    for (line, address) in parsed.good {
        lines.push((address, line.name.clone()));
        listed.push(to_take(line));
    }
    let actor = actor.trying(dry);
    let done = sites::import(app, &actor, owner, listed, dry).await?;
    Ok(Imported {
        applied: !dry,
        lines,
        done,
        problems: parsed.bad.iter().map(CellReport::from).collect(),
    })
}

fn to_take(line: SiteLine) -> Listed {
    Listed {
        says_budget: line.budget.is_some(),
        details: Details {
            kind: line.kind,
            name: line.name,
            reference: line.reference,
            address: line.address,
            area: line.area,
            category: line.category,
            budget: line.budget.flatten(),
        },
    }
}

/// The sites in use of an organisation, as a file that may be imported again.
///
/// # Errors
/// [`Error::NotFound`] to those who have nothing to do with the organisation.
pub async fn export(app: &App, actor: &Actor, owner: OrganisationId) -> Result<Table, Error> {
    let (found, budgets) = sites::export(app, actor, owner).await?;
    Ok(sites_sheet::table(&found, &budgets, app.clock.now()))
}

//! The file of contacts and users, for every face: read, tried, taken, and written again.
use domain::{identity::OrganisationId, organisation::Organisation};

use super::{
    report::{CellReport, InvitationLink},
    spreadsheet::{self, FileError},
};
use crate::{
    actions::{
        Actor, App, Error, organisations,
        users::{self, NewPerson, Outcome, People},
    },
    documents::{
        address::Address,
        directory::{Directory, Known},
        people_sheet::{self, ParsedPeople, PersonLine},
        reading::Sheet,
        writing::Table,
    },
};

/// What a file did or would do, row by row.
#[derive(Debug)]
pub struct Imported {
    pub applied: bool,
    /// The rows without fault, in the order of the file.
    pub lines: Vec<Line>,
    /// Shown once: nothing keeps the secrets.
    pub links: Vec<InvitationLink>,
    /// The cells at fault, in the order of the file.
    pub problems: Vec<CellReport>,
}

/// What became of a row.
#[derive(Debug)]
pub struct Line {
    /// The cell of the name.
    pub address: Address,
    pub name: String,
    pub organisation: String,
    pub outcome: Outcome,
}

/// Reads a file and takes its good rows; `dry` only tells what would happen.
///
/// # Errors
/// [`Error::Forbidden`] to those who manage nobody's users; [`FileError::Unreadable`].
pub async fn import(
    app: &App,
    actor: &Actor,
    bytes: Vec<u8>,
    dry: bool,
) -> Result<Imported, FileError> {
    let managed = organisations::managed(app, actor).await?;
    if managed.is_empty() {
        return Err(Error::Forbidden.into());
    }
    let parsed = read(app, bytes, &managed).await?;
    let people = parsed.good.iter().map(|(line, _)| NewPerson {
        organisation: line.organisation,
        name: line.name.clone(),
        roles: line.roles.clone(),
        function: line.function.clone(),
        email: line.email.clone(),
        phone: line.phone.clone(),
    });
    let actor = actor.trying(dry);
    let done = users::import(app, &actor, people.collect(), dry).await?;
    let lines = parsed.good.into_iter().zip(done.outcomes);
    let lines = lines.map(|((line, address), outcome)| Line {
        address,
        organisation: name_of(&managed, line.organisation),
        name: line.name,
        outcome,
    });
    let links = done
        .links
        .into_iter()
        .map(|(user, organisation, secret)| InvitationLink {
            organisation: name_of(&managed, organisation),
            email: user.email.to_string(),
            link: link(app, &secret),
            name: user.name,
        });
    Ok(Imported {
        applied: !dry,
        lines: lines.collect(),
        links: links.collect(),
        problems: parsed.bad.iter().map(CellReport::from).collect(),
    })
}

async fn read(
    app: &App,
    bytes: Vec<u8>,
    managed: &[Organisation],
) -> Result<ParsedPeople, FileError> {
    let directory = Directory::new(managed.iter().map(known).collect());
    let parse = move |sheet: &Sheet| people_sheet::parse(sheet, &directory);
    spreadsheet::read(&app.settings.limits, bytes, parse).await
}

fn known(organisation: &Organisation) -> Known {
    Known {
        id: organisation.id,
        name: organisation.name.clone(),
        siren: organisation.siren.clone(),
        insee: organisation.insee.clone(),
    }
}

fn name_of(managed: &[Organisation], id: OrganisationId) -> String {
    let found = managed.iter().find(|o| o.id == id);
    found.map(|o| o.name.clone()).unwrap_or_default()
}

/// The address under which a secret is used.
#[must_use]
pub fn link(app: &App, secret: &str) -> String {
    let base = app.settings.http.public_url.trim_end_matches('/');
    format!("{base}/lien/{secret}")
}

/// The contacts and users that the actor manages, as a file that may be imported again.
///
/// # Errors
/// [`Error::Forbidden`] to those who manage nobody's users.
pub async fn export(app: &App, actor: &Actor) -> Result<Table, Error> {
    let found = users::people(app, actor).await?;
    let rows: Vec<(Known, PersonLine)> = found.into_iter().flat_map(rows_of).collect();
    Ok(people_sheet::table(&rows, app.clock.now()))
}

/// One row for each person: somebody may be a contact and have an account.
fn rows_of(people: People) -> Vec<(Known, PersonLine)> {
    let known = known(&people.organisation);
    let organisation = known.id;
    let mut users = people.users;
    let mut lines = Vec::with_capacity(people.contacts.len() + users.len());
    for contact in people.contacts {
        let email = contact.email.as_ref().map(domain::identity::Email::folded);
        let place = users
            .iter()
            .position(|(user, _)| Some(user.email.folded()) == email);
        let roles = place.map(|place| users.remove(place).1);
        lines.push(PersonLine {
            organisation,
            name: contact.name,
            roles: roles.unwrap_or_default(),
            function: Some(contact.role).filter(|role| !role.is_empty()),
            email: contact.email,
            phone: contact.phone,
        });
    }
    lines.extend(users.into_iter().map(|(user, roles)| PersonLine {
        organisation,
        name: user.name,
        roles,
        function: None,
        email: Some(user.email),
        phone: user.phone,
    }));
    let line = |line| (known.clone(), line);
    lines.into_iter().map(line).collect()
}

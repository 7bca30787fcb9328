//! The file of contacts and users that opens day one: one row per person.
//!
//! It comes from elsewhere: a mailing list, last year's table. Columns may have any order and
//! their usual names; a commune may be named, if nobody shares its name, or given by a code.
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::field::FieldProblem;
use domain::identity::{Email, OrganisationId, Phone};
use domain::permission::Role;
use domain::text::{clean, search_text};

use super::address::Address;
use super::cell_problem::{CellProblem, RowReader, SheetProblem};
use super::directory::{Directory, Known};
use super::reading::{Cell, CellKind, Columns, ColumnsError, Heading, Row, Sheet};
use super::writing::{Column, Kind, Table, Value};

/// A name or a function is one line.
const TEXT_CHARS_MAX: usize = 200;

/// A person and the organisation it acts for (« ligne de contact »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonLine {
    /// For whom.
    pub organisation: OrganisationId,
    /// First and last name, as they are to be read.
    pub name: String,
    /// What it may do here; a contact without account has none.
    pub roles: BTreeSet<Role>,
    /// What it does there: « secrétaire de mairie ».
    pub function: Option<String>,
    /// Where to write; no account without it.
    pub email: Option<Email>,
    /// Where to call.
    pub phone: Option<Phone>,
}

/// What was read of a file of people (« lecture du fichier »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedPeople {
    /// The rows without fault, each with the address of its name.
    pub good: Vec<(PersonLine, Address)>,
    /// The cells at fault; their rows are not among the good ones.
    pub bad: Vec<CellProblem>,
    /// Which column is which, for problems found later.
    pub columns: Columns,
}

const HEADINGS: &[Heading] = &[
    heading(
        "organisation",
        &[
            "Commune",
            "collectivité",
            "organisme",
            "mairie",
            "nom de la commune",
        ],
        false,
    ),
    heading("insee", &["Code INSEE", "INSEE", "code commune"], false),
    heading("siren", &["SIREN", "n° SIREN", "SIRET"], false),
    heading(
        "name",
        &[
            "Nom",
            "nom et prénom",
            "nom prénom",
            "prénom et nom",
            "contact",
            "nom de famille",
        ],
        true,
    ),
    heading("first_name", &["Prénom"], false),
    heading("role", &["Rôle", "profil", "droits"], false),
    heading("function", &["Fonction", "qualité", "poste"], false),
    heading(
        "email",
        &[
            "Adresse électronique",
            "courriel",
            "e-mail",
            "email",
            "mail",
            "mél",
            "adresse mail",
            "adresse e-mail",
        ],
        true,
    ),
    heading(
        "phone",
        &["Téléphone", "tél", "portable", "n° de téléphone"],
        false,
    ),
];

/// The words that people use for each role, the one of our own pages first.
const ROLES: &[(Role, &[&str])] = &[
    (
        Role::DeclaringAgent,
        &[
            "agent déclarant",
            "déclarant",
            "agent",
            "secrétaire de mairie",
            "secrétaire",
            "saisie",
        ],
    ),
    (
        Role::Approver,
        &["élu", "approbateur", "élu approbateur", "maire", "adjoint"],
    ),
    (
        Role::PurchasingOfficer,
        &["agent achats", "acheteur", "acheteuse", "achats", "marchés"],
    ),
    (
        Role::EquipmentManager,
        &["gestionnaire du matériel", "matériel", "gestionnaire"],
    ),
    (Role::Accountant, &["comptable", "comptabilité", "finances"]),
    (
        Role::Administrator,
        &["administrateur", "administratrice", "admin"],
    ),
];

const fn heading(key: &'static str, names: &'static [&'static str], required: bool) -> Heading {
    Heading {
        key,
        names,
        required,
    }
}

/// The columns of an empty file to fill in, with the roles to choose from.
#[must_use]
pub fn template() -> Vec<Column> {
    let roles: Vec<&str> = ROLES
        .iter()
        .filter_map(|(_, words)| words.first().copied())
        .collect();
    [
        "Commune",
        "Code INSEE",
        "Nom",
        "Prénom",
        "Rôle",
        "Fonction",
        "Adresse électronique",
        "Téléphone",
    ]
    .into_iter()
    .map(|name| {
        let column = Column::new(name, Kind::Text).to_fill();
        if name == "Rôle" {
            column.among(&roles)
        } else {
            column
        }
    })
    .collect()
}

/// Writes people as [`parse`] reads them back.
#[must_use]
pub fn table(people: &[(Known, PersonLine)], written_at: DateTime<Utc>) -> Table {
    let heads = [
        "Commune",
        "Code INSEE",
        "SIREN",
        "Nom",
        "Rôle",
        "Fonction",
        "Adresse électronique",
        "Téléphone",
    ];
    let text = |text: Option<String>| text.map_or(Value::Empty, Value::Text);
    let rows = people.iter().map(|(known, line)| {
        let roles: Vec<&str> = line.roles.iter().filter_map(|role| word(*role)).collect();
        vec![
            Value::Text(known.name.clone()),
            text(known.insee.as_ref().map(ToString::to_string)),
            text(known.siren.as_ref().map(ToString::to_string)),
            Value::Text(line.name.clone()),
            text(Some(roles.join(", ")).filter(|roles| !roles.is_empty())),
            text(line.function.clone()),
            text(line.email.as_ref().map(ToString::to_string)),
            text(line.phone.as_ref().map(|phone| phone.as_str().to_owned())),
        ]
    });
    Table {
        title: "Contacts et utilisateurs".to_owned(),
        written_at,
        columns: heads
            .map(|head| Column::new(head, Kind::Text).to_fill())
            .into(),
        rows: rows.collect(),
        totals: None,
        proof: Vec::new(),
    }
}

/// The word of our own pages.
fn word(role: Role) -> Option<&'static str> {
    let words = ROLES.iter().find(|(known, _)| *known == role);
    words.and_then(|(_, words)| words.first().copied())
}

/// Reads a file of people, row by row: a bad row does not stop the good ones.
///
/// # Errors
/// The name or the address has no column, or no column says for whom.
pub fn parse(sheet: &Sheet, directory: &Directory) -> Result<ParsedPeople, ColumnsError> {
    let columns = Columns::find(sheet, HEADINGS)?;
    if ["organisation", "insee", "siren"]
        .iter()
        .all(|key| columns.of(key).is_none())
    {
        let row = Some(columns.header_row);
        return Err(ColumnsError::Missing {
            row,
            missing: vec!["Commune"],
        });
    }
    let mut seen: BTreeMap<(OrganisationId, String), Address> = BTreeMap::new();
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for row in columns.data(sheet) {
        if ["name", "first_name", "email", "phone"]
            .iter()
            .all(|key| columns.cell(row, key).is_none())
        {
            continue;
        }
        let line = match PersonLine::read(row, &columns, directory) {
            Ok(line) => line,
            Err(problems) => {
                bad.extend(problems);
                continue;
            }
        };
        let who = line
            .email
            .as_ref()
            .map_or_else(|| search_text(&line.name), Email::folded);
        let key = if line.email.is_some() {
            "email"
        } else {
            "name"
        };
        let address = columns.address(row, key);
        if let Some(first) = seen.get(&(line.organisation, who.clone())) {
            let problem = SheetProblem::Twice { first: *first };
            bad.push(CellProblem::new(address, columns.cell(row, key), problem));
            continue;
        }
        seen.insert((line.organisation, who), address);
        good.push((line, columns.address(row, "name")));
    }
    Ok(ParsedPeople { good, bad, columns })
}

impl PersonLine {
    fn read(row: &Row, columns: &Columns, directory: &Directory) -> Result<Self, Vec<CellProblem>> {
        let mut cells = RowReader::new(row, columns);
        let organisation = match directory.find(row, columns) {
            Ok(known) => Some(known.id),
            Err(problem) => {
                cells.bad.push(problem);
                None
            }
        };
        let name = cells.required("name", read_text);
        let first_name = cells.optional("first_name", read_text);
        let roles = cells.optional("role", read_roles).unwrap_or_default();
        let function = cells.optional("function", read_text);
        let email = cells.optional("email", |cell| {
            Email::parse(&cell.text).map_err(|error| FieldProblem::from(error).into())
        });
        let phone = cells.optional("phone", read_phone);
        let can_be_reached = email.is_some() || phone.is_some();
        if cells.bad.is_empty() && (!can_be_reached || (!roles.is_empty() && email.is_none())) {
            let address = columns.address(row, "email");
            cells
                .bad
                .push(CellProblem::new(address, None, FieldProblem::Missing));
        }
        match (organisation, name) {
            (Some(organisation), Some(name)) if cells.bad.is_empty() => {
                let name = first_name.map_or(name.clone(), |first| format!("{first} {name}"));
                Ok(Self {
                    organisation,
                    name,
                    roles,
                    function,
                    email,
                    phone,
                })
            }
            (_, _) => Err(cells.bad),
        }
    }
}

fn read_text(cell: &Cell) -> Result<String, SheetProblem> {
    clean(&cell.text, TEXT_CHARS_MAX).map_err(|error| FieldProblem::from(error).into())
}

/// One role or several: `élu, comptable`.
fn read_roles(cell: &Cell) -> Result<BTreeSet<Role>, SheetProblem> {
    let typed = cell.text.split([',', ';', '/', '\n']);
    let typed = typed.filter(|word| !word.trim().is_empty());
    typed
        .map(|word| read_role(word).ok_or_else(|| FieldProblem::not_one_of(&cell.text).into()))
        .collect()
}

fn read_role(typed: &str) -> Option<Role> {
    let key = search_text(typed);
    let is_said = |words: &[&str]| words.iter().any(|word| search_text(word) == key);
    let found = ROLES.iter().find(|(_, words)| is_said(words));
    found.map(|(role, _)| *role)
}

fn read_phone(cell: &Cell) -> Result<Phone, SheetProblem> {
    // `03 20 00 00 00` seen as a number loses its zero.
    let is_eaten = cell.kind == CellKind::Number && cell.text.len() == 9;
    let text = if is_eaten {
        format!("0{}", cell.text)
    } else {
        cell.text.clone()
    };
    Phone::parse(&text).map_err(|error| FieldProblem::from(error).into())
}

#[cfg(test)]
mod tests;

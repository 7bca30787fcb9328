//! The file of a member's sites: buildings, meters and vehicles, one row each.
//!
//! It comes from elsewhere: an energy supplier's list of meters, the insurer's list of buildings.
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::{
    budget::{self, Budget},
    field::FieldProblem,
    french,
    identity::BudgetId,
    quantity::Quantity,
    site::{Site, SiteKind, SiteNumberError},
    text::{clean, clean_lines, search_text},
};

use super::{
    address::Address,
    cell_problem::{CellProblem, RowReader, SheetProblem},
    reading::{Cell, Columns, ColumnsError, Heading, Row, Sheet},
    writing::{Column, Kind, Table, Value},
};

/// A site of the list (« ligne de site »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteLine {
    pub kind: SiteKind,
    pub name: String,
    /// PRM, PCE, plate, or the member's own number.
    pub reference: Option<String>,
    pub address: Option<String>,
    pub area: Option<Quantity>,
    pub category: Option<String>,
    /// The budget that pays, where the row says one; the main one has no identifier.
    pub budget: Option<Option<BudgetId>>,
}

/// What was read of a file of sites (« lecture du fichier »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedSites {
    /// The rows without fault, each with the address of its name.
    pub good: Vec<(SiteLine, Address)>,
    /// The cells at fault; their rows are not among the good ones.
    pub bad: Vec<CellProblem>,
}

const HEADINGS: &[Heading] = &[
    Heading {
        key: "kind",
        names: &["Nature", "type", "type de site"],
        required: true,
    },
    Heading {
        key: "name",
        names: &["Nom", "libellé", "désignation", "site", "bâtiment"],
        required: true,
    },
    Heading {
        key: "reference",
        names: &[
            "Numéro",
            "PRM",
            "PDL",
            "PCE",
            "immatriculation",
            "référence",
        ],
        required: false,
    },
    Heading {
        key: "address",
        names: &["Adresse"],
        required: false,
    },
    Heading {
        key: "area",
        names: &["Surface (m²)", "surface", "m²", "m2", "surface en m²"],
        required: false,
    },
    Heading {
        key: "category",
        names: &["Catégorie", "usage", "classement ERP"],
        required: false,
    },
    Heading {
        key: "budget",
        names: &["Budget", "budget payeur"],
        required: false,
    },
];

/// The words that people use for each kind, the one of our own pages first.
const KINDS: &[(SiteKind, &[&str])] = &[
    (SiteKind::Building, &["bâtiment", "batiment", "immeuble"]),
    (
        SiteKind::ElectricityMeter,
        &["compteur électrique", "électricité", "prm", "pdl"],
    ),
    (SiteKind::GasMeter, &["compteur de gaz", "gaz", "pce"]),
    (SiteKind::Vehicle, &["véhicule", "engin"]),
];

/// The columns of an empty file to fill in.
#[must_use]
pub fn template() -> Vec<Column> {
    let kinds: Vec<&str> = KINDS
        .iter()
        .filter_map(|(_, words)| words.first().copied())
        .collect();
    HEADINGS
        .iter()
        .filter_map(|heading| heading.names.first())
        .map(|name| {
            let column = Column::new(*name, Kind::Text).to_fill();
            if *name == "Nature" {
                column.among(&kinds)
            } else {
                column
            }
        })
        .collect()
}

/// Writes sites as [`parse`] reads them back; `budgets` are those of the owner.
#[must_use]
pub fn table(sites: &[Site], budgets: &[Budget], written_at: DateTime<Utc>) -> Table {
    let columns = HEADINGS.iter().filter_map(|heading| {
        let kind = match heading.key {
            "area" => Kind::Quantity,
            _ => Kind::Text,
        };
        let name = *heading.names.first()?;
        Some(Column::new(name, kind).to_fill())
    });
    let rows = sites.iter().map(|site| {
        vec![
            Value::text(word(site.kind)),
            Value::Text(site.name.clone()),
            Value::text(site.reference.as_deref()),
            Value::text(site.address.as_deref()),
            site.area.map_or(Value::Empty, Value::Quantity),
            Value::text(site.category.as_deref()),
            payer(site, budgets),
        ]
    });
    Table {
        title: "Sites".to_owned(),
        written_at,
        columns: columns.collect(),
        rows: rows.collect(),
        totals: None,
        proof: Vec::new(),
    }
}

/// The budget that pays; one that was put aside could not be read back, so nothing is said of it.
fn payer(site: &Site, budgets: &[Budget]) -> Value {
    let Some(id) = site.budget else {
        return Value::Text("Budget principal".to_owned());
    };
    let mut used = budgets.iter().filter(|budget| budget.active);
    let found = used.find(|budget| budget.id == id);
    Value::text(found.map(|budget| budget.name.as_str()))
}

/// The word of our own pages.
fn word(kind: SiteKind) -> Option<&'static str> {
    let words = KINDS.iter().find(|(known, _)| *known == kind);
    words.and_then(|(_, words)| words.first().copied())
}

/// Reads a file of sites, row by row: a bad row does not stop the good ones.
///
/// `budgets` are those of the owner.
///
/// # Errors
/// The nature or the name has no column.
pub fn parse(sheet: &Sheet, budgets: &[Budget]) -> Result<ParsedSites, ColumnsError> {
    let columns = Columns::find(sheet, HEADINGS)?;
    let mut seen: BTreeMap<(SiteKind, String), Address> = BTreeMap::new();
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for row in columns.data(sheet) {
        let line = match SiteLine::read(row, &columns, budgets) {
            Ok(line) => line,
            Err(problems) => {
                bad.extend(problems);
                continue;
            }
        };
        // Without a number, two schools of the same name are the same school.
        let (key, who) = match &line.reference {
            Some(reference) => ("reference", reference.clone()),
            None => ("name", search_text(&line.name)),
        };
        let address = columns.address(row, key);
        if let Some(first) = seen.get(&(line.kind, who.clone())) {
            let problem = SheetProblem::Twice { first: *first };
            bad.push(CellProblem::new(address, columns.cell(row, key), problem));
            continue;
        }
        seen.insert((line.kind, who), address);
        good.push((line, columns.address(row, "name")));
    }
    Ok(ParsedSites { good, bad })
}

impl SiteLine {
    fn read(row: &Row, columns: &Columns, budgets: &[Budget]) -> Result<Self, Vec<CellProblem>> {
        let mut cells = RowReader::new(row, columns);
        let kind = cells.required("kind", read_kind);
        let name = cells.required("name", |cell| read_text(cell, 200));
        let reference = cells.optional("reference", |cell| read_number(kind, cell));
        let address = cells.optional("address", |cell| {
            clean_lines(&cell.text, 400).map_err(|error| FieldProblem::from(error).into())
        });
        let area = cells.optional("area", |cell| {
            french::parse_quantity(&cell.text).map_err(|error| FieldProblem::from(error).into())
        });
        let category = cells.optional("category", |cell| read_text(cell, 100));
        let budget = cells.optional("budget", |cell| {
            budget::named(budgets, &cell.text).ok_or(SheetProblem::UnknownBudget)
        });
        match (kind, name) {
            (Some(kind), Some(name)) if cells.bad.is_empty() => Ok(Self {
                kind,
                name,
                reference,
                address,
                area,
                category,
                budget,
            }),
            (_, _) => Err(cells.bad),
        }
    }
}

fn read_kind(cell: &Cell) -> Result<SiteKind, SheetProblem> {
    let key = search_text(&cell.text);
    let is_said = |words: &[&str]| words.iter().any(|word| search_text(word) == key);
    let found = KINDS
        .iter()
        .find(|(_, words)| is_said(words))
        .map(|(kind, _)| *kind);
    found.ok_or_else(|| FieldProblem::not_one_of(&cell.text).into())
}

fn read_text(cell: &Cell, max: usize) -> Result<String, SheetProblem> {
    clean(&cell.text, max).map_err(|error| FieldProblem::from(error).into())
}

/// A row of an unknown kind is at fault already: its number is not judged.
fn read_number(kind: Option<SiteKind>, cell: &Cell) -> Result<String, SheetProblem> {
    let Some(kind) = kind else {
        return Ok(String::new());
    };
    let read: Result<String, SiteNumberError> = kind.read_number(&cell.text);
    read.map_err(|error| FieldProblem::from(error).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::reading::{self, Limits};

    #[test]
    fn good_rows_are_kept_and_bad_cells_named() {
        let file = "Nature;Nom;Numéro;Surface (m²)\n\
                    bâtiment;École Jules-Ferry;;1 234,5\n\
                    compteur électrique;Mairie;1234 5678 9012 34;\n\
                    compteur électrique;Stade;123;\n\
                    château;Le Louvre;;\n\
                    électricité;Mairie bis;12345678901234;\n";
        let sheet = reading::read(file.as_bytes(), &Limits::default()).unwrap();
        let parsed = parse(&sheet, &[]).unwrap();
        let names: Vec<&str> = parsed.good.iter().map(|(l, _)| l.name.as_str()).collect();
        assert_eq!(names, ["École Jules-Ferry", "Mairie"]);
        assert_eq!(parsed.good[0].0.area, Some(Quantity(1_234_500)));
        let faults: Vec<String> = parsed.bad.iter().map(|b| b.address.to_string()).collect();
        assert_eq!(faults, ["C4", "A5", "C6"]);
    }
}

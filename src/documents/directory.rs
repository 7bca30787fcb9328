//! Tells which organisation a row of an import speaks of.
use std::collections::BTreeMap;

use domain::field::FieldProblem;
use domain::identity::{InseeCode, OrganisationId, Siren, Siret};
use domain::text::search_text;

use super::cell_problem::{CellProblem, SheetProblem};
use super::reading::{Cell, CellKind, Columns, Row};

/// An organisation that an import may speak of (« organisme connu »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its id.
    pub id: OrganisationId,
    /// Its name.
    pub name: String,
    /// Its SIREN, if it has one.
    pub siren: Option<Siren>,
    /// Its code, if it is a commune.
    pub insee: Option<InseeCode>,
}

/// The organisations that an import may speak of (« annuaire »).
#[derive(Clone, Debug, Default)]
pub struct Directory {
    known: Vec<Known>,
    by_siren: BTreeMap<Siren, usize>,
    by_insee: BTreeMap<InseeCode, usize>,
    by_name: BTreeMap<String, Vec<usize>>,
}

/// The columns that name an organisation, by their keys.
const SIREN: &str = "siren";
const INSEE: &str = "insee";
const NAME: &str = "organisation";

impl Known {
    /// What tells it from its homonyms: `Saint-Denis (93, 93066)`.
    #[must_use]
    pub fn label(&self) -> String {
        match (&self.insee, &self.siren) {
            (Some(insee), _) => format!("{} ({}, {insee})", self.name, insee.department()),
            (None, Some(siren)) => format!("{} ({siren})", self.name),
            (None, None) => self.name.clone(),
        }
    }
}

impl Directory {
    /// Makes a directory of these organisations.
    #[must_use]
    pub fn new(known: Vec<Known>) -> Self {
        let mut directory = Self::default();
        for (place, one) in known.iter().enumerate() {
            if let Some(siren) = &one.siren {
                directory.by_siren.insert(siren.clone(), place);
            }
            if let Some(insee) = &one.insee {
                directory.by_insee.insert(insee.clone(), place);
            }
            directory
                .by_name
                .entry(search_text(&one.name))
                .or_default()
                .push(place);
        }
        Self { known, ..directory }
    }

    /// The organisation of this row: by SIREN, else by INSEE code, else by a name nobody shares.
    ///
    /// | SIREN     | INSEE | name        | result                               |
    /// |-----------|-------|-------------|--------------------------------------|
    /// | 215903683 |       | Madeleine   | La Madeleine                         |
    /// |           | 1004  |             | Ambérieu: spreadsheets eat the zero  |
    /// |           |       | Saint-Denis | homonyms, a code is needed           |
    /// | 215903683 |       | Lille       | the code is La Madeleine's           |
    ///
    /// # Errors
    /// The cell at fault.
    pub(super) fn find(&self, row: &Row, columns: &Columns) -> Result<&Known, CellProblem> {
        let named = columns.cell(row, NAME);
        for key in [SIREN, INSEE] {
            let Some(cell) = columns.cell(row, key) else {
                continue;
            };
            let at_fault =
                |problem| CellProblem::new(columns.address(row, key), Some(cell), problem);
            let found = if key == SIREN {
                self.by_siren(cell)
            } else {
                self.by_insee(cell)
            };
            let known = found.map_err(at_fault)?;
            if let Some(name) = named.filter(|name| !agree(&name.text, &known.name)) {
                let owner = known.label();
                let problem = SheetProblem::OtherName { owner };
                return Err(CellProblem::new(
                    columns.address(row, NAME),
                    Some(name),
                    problem,
                ));
            }
            return Ok(known);
        }
        let key = [NAME, INSEE, SIREN]
            .into_iter()
            .find(|key| columns.of(key).is_some());
        let address = columns.address(row, key.unwrap_or(NAME));
        let Some(cell) = named else {
            return Err(CellProblem::new(address, None, FieldProblem::Missing));
        };
        self.by_name(&cell.text)
            .map_err(|problem| CellProblem::new(address, Some(cell), problem))
    }

    fn by_siren(&self, cell: &Cell) -> Result<&Known, SheetProblem> {
        let text = padded(cell, 9);
        // People copy the SIRET of the town hall as readily.
        let is_siret = text.chars().filter(char::is_ascii_digit).count() == 14;
        let siren = if is_siret {
            Siret::parse(&text).map_err(FieldProblem::from)?.siren()
        } else {
            Siren::parse(&text).map_err(FieldProblem::from)?
        };
        self.at(self.by_siren.get(&siren))
    }

    fn by_insee(&self, cell: &Cell) -> Result<&Known, SheetProblem> {
        let insee = InseeCode::parse(&padded(cell, 5)).map_err(FieldProblem::from)?;
        self.at(self.by_insee.get(&insee))
    }

    fn by_name(&self, name: &str) -> Result<&Known, SheetProblem> {
        let key = search_text(name);
        let bare = without_title(&key);
        let places = self.by_name.get(&key).or_else(|| self.by_name.get(bare));
        match places.map(Vec::as_slice) {
            Some([only]) => self.at(Some(only)),
            Some([_, ..]) => {
                let known = places
                    .into_iter()
                    .flatten()
                    .filter_map(|place| self.known.get(*place));
                Err(SheetProblem::Homonyms {
                    choices: known.map(Known::label).collect(),
                })
            }
            Some([]) | None => Err(SheetProblem::UnknownOrganisation),
        }
    }

    fn at(&self, place: Option<&usize>) -> Result<&Known, SheetProblem> {
        place
            .and_then(|place| self.known.get(*place))
            .ok_or(SheetProblem::UnknownOrganisation)
    }
}

/// The code with the zeros in front that a spreadsheet eats when it sees a number.
fn padded(cell: &Cell, width: usize) -> String {
    let text = cell.text.trim();
    let short_by_one = text.len() + 1 == width && text.bytes().all(|byte| byte.is_ascii_digit());
    // A CSV that went through a spreadsheet lost its zero too, and says nothing of numbers.
    let is_eaten = cell.kind == CellKind::Number || short_by_one;
    if is_eaten && text.len() < width {
        format!("{text:0>width$}")
    } else {
        text.to_owned()
    }
}

/// `mairie de lomme` is `lomme`.
fn without_title(key: &str) -> &str {
    // A CCAS is another organisation than its commune: it is not a title.
    let titles = ["mairie", "commune", "ville"];
    let Some((first, rest)) = key.split_once(' ') else {
        return key;
    };
    if !titles.contains(&first) {
        return key;
    }
    ["de ", "d "]
        .iter()
        .find_map(|link| rest.strip_prefix(link))
        .unwrap_or(rest)
}

/// Whether a typed name may be this organisation's: `Madeleine (La)`, `Mairie de Lomme`.
fn agree(typed: &str, name: &str) -> bool {
    let (typed, name) = (search_text(typed), search_text(name));
    let holds = |all: &str, some: &str| {
        some.split(' ')
            .all(|word| all.split(' ').any(|one| one == word))
    };
    typed.is_empty() || holds(&typed, &name) || holds(&name, &typed)
}

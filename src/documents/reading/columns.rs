//! Finds which column is which, whatever the accents, the case and the rows above.
use std::collections::BTreeMap;

use domain::text::search_text;
use thiserror::Error;

use super::sheet::{Cell, Row, Sheet};
use crate::documents::address::Address;

/// The heads of columns are looked for among the first rows; titles and notes may precede them.
const HEADER_ROWS: usize = 10;

/// A column that an import knows (« colonne attendue »).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heading {
    /// What the code calls it.
    pub key: &'static str,
    /// What people write at its head, the usual form first; accents and case do not matter.
    pub names: &'static [&'static str],
    /// Whether the import means nothing without it.
    pub required: bool,
}

/// Where each known column stands in a sheet (« en-têtes »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    /// The number of the last row of heads; data begin under it.
    pub header_row: u32,
    /// Heads that mean nothing to the import, to be able to say that they were left aside.
    pub unknown: Vec<(Address, String)>,
    places: BTreeMap<&'static str, u16>,
}

/// Why the columns were not recognised (« en-têtes illisibles »).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ColumnsError {
    /// No row among the first ten has all the required heads.
    #[error("the columns {missing:?} are missing; the nearest row of heads is {row:?}")]
    Missing {
        /// The row that has most of them, if any has one.
        row: Option<u32>,
        /// The usual names of those it lacks.
        missing: Vec<&'static str>,
    },
    /// Two columns have the same meaning.
    #[error("the columns {first} and {second} are both `{name}`")]
    Twice {
        /// Their usual name.
        name: &'static str,
        /// The one on the left.
        first: Address,
        /// The one on the right.
        second: Address,
    },
}

impl ColumnsError {
    /// The stable name of this refusal, for the API and its documentation.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "file.columns-missing",
            Self::Twice { .. } => "file.column-twice",
        }
    }
}

impl Columns {
    /// Finds the row of heads among the first ten.
    ///
    /// Heads may take two rows, the upper one merged over several columns: a column then has the
    /// meaning of its lower head, or of the upper one where the lower says nothing.
    ///
    /// # Errors
    /// A required column is missing, or one is there twice.
    pub fn find(sheet: &Sheet, headings: &[Heading]) -> Result<Self, ColumnsError> {
        let first: Vec<&Row> = sheet.rows.iter().take(HEADER_ROWS).collect();
        let single = first.iter().map(|row| Candidate::of(&[row], headings));
        let double = first.windows(2).map(|rows| Candidate::of(rows, headings));
        let mut nearest: Option<Candidate> = None;
        // One row is preferred to two, and a row above to a row below.
        for candidate in single.chain(double) {
            if nearest
                .as_ref()
                .is_none_or(|best| candidate.is_better_than(best))
            {
                nearest = Some(candidate);
            }
        }
        let Some(best) = nearest else {
            let missing = headings
                .iter()
                .filter(|heading| heading.required)
                .map(usual_name);
            return Err(ColumnsError::Missing {
                row: None,
                missing: missing.collect(),
            });
        };
        best.into_columns(headings)
    }

    /// The column of this key, from 0.
    #[must_use]
    pub fn of(&self, key: &str) -> Option<u16> {
        self.places.get(key).copied()
    }

    /// The cell of this row in the column of this key, if it holds something.
    #[must_use]
    pub fn cell<'r>(&self, row: &'r Row, key: &str) -> Option<&'r Cell> {
        row.cell(self.of(key)?)
    }

    /// The address of the column of this key in this row; column A when there is none.
    #[must_use]
    pub fn address(&self, row: &Row, key: &str) -> Address {
        row.address(self.of(key).unwrap_or(0))
    }

    /// The rows under the heads.
    pub fn data<'s>(&self, sheet: &'s Sheet) -> impl Iterator<Item = &'s Row> + use<'s> {
        let header_row = self.header_row;
        sheet.rows.iter().filter(move |row| row.number > header_row)
    }
}

/// One or two rows that may be the heads.
struct Candidate {
    last_row: u32,
    places: BTreeMap<&'static str, Vec<Address>>,
    unknown: Vec<(Address, String)>,
    required_missing: usize,
}

impl Candidate {
    fn of(rows: &[&Row], headings: &[Heading]) -> Self {
        // Lower rows come last and replace what stands above them.
        let mut heads: BTreeMap<u16, (Address, &str)> = BTreeMap::new();
        for row in rows {
            for cell in row.cells() {
                heads.insert(cell.column, (row.address(cell.column), &cell.text));
            }
        }
        let mut places: BTreeMap<&'static str, Vec<Address>> = BTreeMap::new();
        let mut unknown = Vec::new();
        for (address, text) in heads.into_values() {
            match headings.iter().find(|heading| matches(heading, text)) {
                Some(heading) => places.entry(heading.key).or_default().push(address),
                None => unknown.push((address, text.to_owned())),
            }
        }
        let lacks = |heading: &&Heading| heading.required && !places.contains_key(heading.key);
        let required_missing = headings.iter().filter(lacks).count();
        let last_row = rows.last().map_or(0, |row| row.number);
        Self {
            last_row,
            places,
            unknown,
            required_missing,
        }
    }

    /// Fewer required columns missing, then more columns known.
    fn is_better_than(&self, other: &Self) -> bool {
        let rank = |candidate: &Self| {
            (
                candidate.required_missing,
                usize::MAX - candidate.places.len(),
            )
        };
        rank(self) < rank(other)
    }

    fn into_columns(self, headings: &[Heading]) -> Result<Columns, ColumnsError> {
        if self.required_missing > 0 {
            let lacks =
                |heading: &&Heading| heading.required && !self.places.contains_key(heading.key);
            let row = (!self.places.is_empty()).then_some(self.last_row);
            let missing = headings.iter().filter(lacks).map(usual_name).collect();
            return Err(ColumnsError::Missing { row, missing });
        }
        let mut places = BTreeMap::new();
        for heading in headings {
            match self.places.get(heading.key).map(Vec::as_slice) {
                Some([first, second, ..]) => {
                    let name = usual_name(heading);
                    return Err(ColumnsError::Twice {
                        name,
                        first: *first,
                        second: *second,
                    });
                }
                Some([only]) => {
                    places.insert(heading.key, only.column);
                }
                Some([]) | None => {}
            }
        }
        Ok(Columns {
            header_row: self.last_row,
            unknown: self.unknown,
            places,
        })
    }
}

fn usual_name(heading: &Heading) -> &'static str {
    heading.names.first().copied().unwrap_or(heading.key)
}

/// `Quantité (nombre) *` is the column `quantite`: what is between brackets only explains.
fn matches(heading: &Heading, text: &str) -> bool {
    let whole = search_text(text);
    let bare = text.split_once('(').map(|(before, _)| search_text(before));
    heading.names.iter().any(|name| {
        let name = search_text(name);
        name == whole || bare.as_ref() == Some(&name)
    })
}

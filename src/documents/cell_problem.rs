//! What is wrong with one cell of an import, and where.
use domain::field::FieldProblem;
use thiserror::Error;

use super::address::Address;
use super::reading::{Cell, CellKind, Columns, Row};

/// The longest part of a cell that is quoted back.
const TYPED_CHARS_MAX: usize = 200;

/// A cell that an import cannot take (« cellule en erreur »): `C14: « 1.234,5 » …`.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{address}: `{typed}`: {problem}")]
pub struct CellProblem {
    /// Where it is.
    pub address: Address,
    /// What stands there, at most 200 characters.
    pub typed: String,
    /// What is wrong.
    pub problem: SheetProblem,
}

/// What is wrong with a cell (« erreur d’import »).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SheetProblem {
    /// The value alone is wrong.
    #[error(transparent)]
    Field(#[from] FieldProblem),
    /// The spreadsheet itself shows an error there: `#REF!`.
    #[error("the spreadsheet shows an error")]
    Fault,
    /// The technical reference is not one of ours: copied by hand, or cut.
    #[error("the reference was altered")]
    Reference,
    /// The same thing is said on two rows.
    #[error("this row says the same thing as {first}")]
    Twice {
        /// The first row that says it.
        first: Address,
    },
    /// No organisation known here has this code or name.
    #[error("no known organisation has this code or name")]
    UnknownOrganisation,
    /// No budget of the organisation has this name or SIRET.
    #[error("no budget has this name or SIRET")]
    UnknownBudget,
    /// Several have this name: a code must tell which.
    #[error("{} organisations have this name", choices.len())]
    Homonyms {
        /// What tells them apart: `Saint-Denis (93, 93066)`.
        choices: Vec<String>,
    },
    /// The code is one organisation's and the name another's.
    #[error("the code of this row belongs to `{owner}`")]
    OtherName {
        /// Whose code it is.
        owner: String,
    },
}

impl SheetProblem {
    /// The stable name of this problem, for the API and its documentation.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Field(problem) => problem.code(),
            Self::Fault => "cell.fault",
            Self::Reference => "cell.reference",
            Self::Twice { .. } => "cell.twice",
            Self::UnknownOrganisation => "cell.unknown-organisation",
            Self::UnknownBudget => "cell.unknown-budget",
            Self::Homonyms { .. } => "cell.homonyms",
            Self::OtherName { .. } => "cell.other-name",
        }
    }
}

impl CellProblem {
    /// A problem with this cell; an absent one is quoted as nothing.
    #[must_use]
    pub fn new(address: Address, cell: Option<&Cell>, problem: impl Into<SheetProblem>) -> Self {
        let typed = cell
            .map_or("", |cell| &cell.text)
            .chars()
            .take(TYPED_CHARS_MAX)
            .collect();
        let is_fault = cell.is_some_and(|cell| cell.kind == CellKind::Fault);
        // Whatever an import would say of `#REF!`, what helps is that it is an error.
        let problem = if is_fault {
            SheetProblem::Fault
        } else {
            problem.into()
        };
        Self {
            address,
            typed,
            problem,
        }
    }
}

/// Reads the cells of one row and keeps their problems.
pub(super) struct RowReader<'r> {
    row: &'r Row,
    columns: &'r Columns,
    /// The cells at fault so far.
    pub(super) bad: Vec<CellProblem>,
}

impl<'r> RowReader<'r> {
    pub(super) fn new(row: &'r Row, columns: &'r Columns) -> Self {
        Self {
            row,
            columns,
            bad: Vec::new(),
        }
    }

    /// The value of a cell that may be blank; `None` also when it is at fault.
    pub(super) fn optional<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&Cell) -> Result<T, SheetProblem>,
    ) -> Option<T> {
        let cell = self.columns.cell(self.row, key)?;
        match read(cell) {
            Ok(value) => Some(value),
            Err(problem) => {
                let address = self.columns.address(self.row, key);
                self.bad
                    .push(CellProblem::new(address, Some(cell), problem));
                None
            }
        }
    }

    /// The value of a cell that must not be blank.
    pub(super) fn required<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&Cell) -> Result<T, SheetProblem>,
    ) -> Option<T> {
        if self.columns.cell(self.row, key).is_none() {
            let address = self.columns.address(self.row, key);
            self.bad
                .push(CellProblem::new(address, None, FieldProblem::Missing));
            return None;
        }
        self.optional(key, read)
    }
}

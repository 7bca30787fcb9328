//! Writes tables for people who work in a spreadsheet: CSV and XLSX.
//!
//! What is written here reads back identical through `reading`: a law tested below, because an
//! export that cannot be imported again is a dead end.
mod delimited;
mod workbook;

use chrono::{DateTime, NaiveDate, Utc};
use domain::money::{Cents, TaxRate, UnitPrice};
use domain::quantity::Quantity;
use thiserror::Error;

use super::address::Address;

/// A table to take away (« tableau »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The name of the sheet and of the printed page; a CSV does not show it.
    pub title: String,
    /// When it was made, as said by the clock of the action; it is in the file's properties.
    pub written_at: DateTime<Utc>,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, each as wide as the columns.
    pub rows: Vec<Vec<Value>>,
    /// The last row, if any: control sums. Formulas in XLSX wherever they are plain sums.
    pub totals: Option<Vec<Value>>,
    /// What proves the figures, on a second sheet « Contrôle »; a CSV does not show it.
    pub proof: Vec<ProofLine>,
}

/// A column of a table (« colonne »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its head.
    pub name: String,
    /// What its cells hold.
    pub kind: Kind,
    /// What people do with it.
    pub purpose: Purpose,
    /// The only values to choose from, if the column has any; a list to unfold in XLSX.
    pub choices: Vec<String>,
}

/// What the cells of a column hold (« nature d’une colonne »).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Names, codes, comments; a SIREN is text, it has no thousands.
    Text,
    /// A whole number.
    Integer,
    /// Euros and cents.
    Amount,
    /// Up to three decimals.
    Quantity,
    /// Two to six decimals.
    UnitPrice,
    /// A percentage: 5,5 is 5.5 %.
    Rate,
    /// An exact part of an amount, cut after four decimals.
    Exact,
    /// A day.
    Date,
}

/// What people do with a column (« usage d’une colonne »).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Read.
    Read,
    /// Fill in: its cells stand out.
    Fill,
    /// Leave alone: it is there for the way back, hidden in XLSX.
    Carry,
}

/// A cell to write (« valeur »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Empty,
    /// A text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// An amount.
    Amount(Cents),
    /// A quantity.
    Quantity(Quantity),
    /// A unit price.
    UnitPrice(UnitPrice),
    /// A tax rate.
    Rate(TaxRate),
    /// An exact part, in ten-thousandths of a euro.
    Exact(i128),
    /// A day.
    Date(NaiveDate),
}

/// A line of the proof (« ligne de contrôle »): `Somme des quotes-parts`, 1 234,56.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofLine {
    /// What is proved.
    pub label: String,
    /// Its figure.
    pub value: Value,
}

/// Why a table was not written (« export refusé »).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WritingError {
    /// A row has more or fewer cells than there are columns.
    #[error("row {row} has {found} cells for {expected} columns")]
    Width {
        /// Its number in the file.
        row: u32,
        /// How many cells it has.
        found: usize,
        /// How many columns there are.
        expected: usize,
    },
    /// A cell holds something else than its column.
    #[error("cell {address} does not hold what its column says")]
    Kind {
        /// Where.
        address: Address,
    },
    /// A spreadsheet has no such day.
    #[error("cell {address} holds a date that a spreadsheet does not know")]
    Date {
        /// Where.
        address: Address,
    },
    /// A cell holds at most 32 767 characters.
    #[error("cell {address} has more characters than a spreadsheet keeps")]
    TextTooLong {
        /// Where.
        address: Address,
    },
    /// What the writer itself refuses.
    #[error("the file cannot be written: {0}")]
    Engine(String),
}

impl Column {
    /// A column to read.
    #[must_use]
    pub fn new(name: impl Into<String>, kind: Kind) -> Self {
        Self {
            name: name.into(),
            kind,
            purpose: Purpose::Read,
            choices: Vec::new(),
        }
    }

    /// The same column, to fill in.
    #[must_use]
    pub fn to_fill(self) -> Self {
        Self {
            purpose: Purpose::Fill,
            ..self
        }
    }

    /// The same column, to leave alone.
    #[must_use]
    pub fn to_carry(self) -> Self {
        Self {
            purpose: Purpose::Carry,
            ..self
        }
    }

    /// The same column, with the only values to choose from.
    #[must_use]
    pub fn among(self, choices: &[&str]) -> Self {
        Self {
            choices: choices.iter().map(|choice| (*choice).to_owned()).collect(),
            ..self
        }
    }
}

impl Value {
    /// A text, or nothing.
    #[must_use]
    pub fn text(text: Option<&str>) -> Self {
        text.map_or(Self::Empty, |text| Self::Text(text.to_owned()))
    }

    const fn kind(&self) -> Option<Kind> {
        match self {
            Self::Empty => None,
            Self::Text(_) => Some(Kind::Text),
            Self::Integer(_) => Some(Kind::Integer),
            Self::Amount(_) => Some(Kind::Amount),
            Self::Quantity(_) => Some(Kind::Quantity),
            Self::UnitPrice(_) => Some(Kind::UnitPrice),
            Self::Rate(_) => Some(Kind::Rate),
            Self::Exact(_) => Some(Kind::Exact),
            Self::Date(_) => Some(Kind::Date),
        }
    }

    /// The number in plain decimal digits with a point; `None` for what is not a number.
    fn decimal(&self) -> Option<String> {
        match self {
            Self::Integer(value) => Some(value.to_string()),
            Self::Amount(value) => Some(value.to_string()),
            Self::Quantity(value) => Some(value.to_string()),
            Self::UnitPrice(value) => Some(value.to_string()),
            Self::Rate(value) => Some(value.to_string()),
            Self::Exact(value) => Some(four_decimals(*value)),
            Self::Empty | Self::Text(_) | Self::Date(_) => None,
        }
    }

    /// The whole number that counts it, for control sums.
    fn counted(&self) -> Option<i64> {
        match self {
            Self::Integer(value) => Some(*value),
            Self::Amount(value) => Some(value.0),
            Self::Quantity(value) => Some(value.0),
            Self::Empty
            | Self::Text(_)
            | Self::UnitPrice(_)
            | Self::Rate(_)
            | Self::Exact(_)
            | Self::Date(_) => None,
        }
    }
}

impl Table {
    /// Writes a CSV for French spreadsheets: `;`, UTF-8 with its mark, CRLF, decimal commas.
    ///
    /// A text that a spreadsheet would run as a formula gets an apostrophe in front.
    ///
    /// # Errors
    /// A row is not as its columns say.
    pub fn to_csv(&self) -> Result<Vec<u8>, WritingError> {
        self.check()?;
        delimited::write(self)
    }

    /// Writes an Excel workbook, numbers as numbers.
    ///
    /// A spreadsheet keeps 15 digits and would silently change the others: a figure with more of
    /// them is written as text, and the second sheet says so.
    ///
    /// The bytes depend on the table alone.
    ///
    /// # Errors
    /// A row is not as its columns say, or a cell holds more than a spreadsheet keeps.
    pub fn to_xlsx(&self) -> Result<Vec<u8>, WritingError> {
        self.check()?;
        workbook::write(self)
    }

    fn check(&self) -> Result<(), WritingError> {
        for (row, values) in (2..).zip(self.rows.iter().chain(&self.totals)) {
            if values.len() != self.columns.len() {
                let (found, expected) = (values.len(), self.columns.len());
                return Err(WritingError::Width {
                    row,
                    found,
                    expected,
                });
            }
            for (column, (value, head)) in (0..).zip(values.iter().zip(&self.columns)) {
                // The word « Total » may stand in any column of the last row.
                let is_label = row_is_totals(row, self) && value.kind() == Some(Kind::Text);
                if !is_label && value.kind().is_some_and(|kind| kind != head.kind) {
                    return Err(WritingError::Kind {
                        address: Address::new(row, column),
                    });
                }
            }
        }
        Ok(())
    }
}

/// −333 333 ten-thousandths are `-33.3333`.
fn four_decimals(value: i128) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let digits = format!("{:05}", value.unsigned_abs());
    let (whole, decimals) = digits.split_at(digits.len().saturating_sub(4));
    format!("{sign}{whole}.{decimals}")
}

fn row_is_totals(row: u32, table: &Table) -> bool {
    // The heads are row 1, so the row after the last one has two more.
    usize::try_from(row).is_ok_and(|row| row == table.rows.len() + 2)
}

#[cfg(test)]
mod tests;

//! A sheet in memory: the filled cells only, row after row.
use std::borrow::Cow;

use super::error::ReadingError;
use super::limits::{Limits, count};
use super::number;
use crate::documents::address::Address;

/// What the file was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Text with separators.
    Csv,
    /// Excel, since 2007.
    Xlsx,
    /// Open Document, as `LibreOffice` writes it.
    Ods,
}

/// The first filled sheet of a file (« feuille »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// What the file was.
    pub format: Format,
    /// The sheet's name; a CSV has none.
    pub name: Option<String>,
    /// The names of the sheets that were not read, to be able to say so.
    pub unread: Vec<String>,
    /// The rows that hold something, in order.
    pub rows: Vec<Row>,
}

/// A row that holds something (« ligne »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The number in the margin, from 1; blank rows count.
    pub number: u32,
    cells: Vec<Cell>,
}

/// A cell that holds something (« cellule »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The column, from 0.
    pub column: u16,
    /// What the spreadsheet says it is; in a CSV everything is text.
    pub kind: CellKind,
    /// The text as typed; a number in plain decimal digits with a point, a date as `2026-11-21`.
    pub text: String,
    /// True where the number had more than the 15 digits that a spreadsheet keeps.
    pub rounded: bool,
}

/// What a spreadsheet says of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellKind {
    /// Typed as text.
    Text,
    /// A number: its text is exact, the decimal separator is a point.
    Number,
    /// A date or an instant, in ISO 8601.
    Date,
    /// `VRAI` or `FAUX`.
    Boolean,
    /// An error of the spreadsheet, such as `#REF!`.
    Fault,
}

impl Row {
    /// The cell in this column, if it holds something.
    #[must_use]
    pub fn cell(&self, column: u16) -> Option<&Cell> {
        let place = self
            .cells
            .binary_search_by_key(&column, |cell| cell.column)
            .ok()?;
        self.cells.get(place)
    }

    /// The filled cells, from left to right.
    #[must_use]
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The address of a column in this row, filled or not.
    #[must_use]
    pub const fn address(&self, column: u16) -> Address {
        Address::new(self.number, column)
    }
}

impl Cell {
    /// The text to read a figure from: as typed, or the number without its binary drift.
    #[must_use]
    pub fn figure(&self) -> Cow<'_, str> {
        match self.kind {
            CellKind::Number => Cow::Owned(number::without_drift(&self.text)),
            CellKind::Text | CellKind::Date | CellKind::Boolean | CellKind::Fault => {
                Cow::Borrowed(&self.text)
            }
        }
    }

    /// A cell of plain text.
    pub(super) fn text(column: u16, text: impl Into<String>) -> Self {
        Self {
            column,
            kind: CellKind::Text,
            text: text.into(),
            rounded: false,
        }
    }
}

/// Gathers cells as a reader meets them, and stops it at the first limit.
pub(super) struct Gatherer<'l> {
    format: Format,
    limits: &'l Limits,
    rows: Vec<Row>,
    cells: u64,
    text_bytes: u64,
}

impl<'l> Gatherer<'l> {
    pub(super) fn new(format: Format, limits: &'l Limits) -> Self {
        Self {
            format,
            limits,
            rows: Vec::new(),
            cells: 0,
            text_bytes: 0,
        }
    }

    /// Takes a cell in, row after row; one that holds only blanks is as good as empty.
    pub(super) fn push(&mut self, row: u32, cell: Cell) -> Result<(), ReadingError> {
        if cell.text.trim().is_empty() {
            return Ok(());
        }
        self.weigh(Address::new(row, cell.column), &cell)?;
        match self.rows.last_mut() {
            Some(last) if last.number == row => last.cells.push(cell),
            // Keeping rows in any order would cost a sort for files that no software writes.
            Some(last) if last.number > row => {
                let detail = format!("row {row} comes after row {}", last.number);
                return Err(ReadingError::Damaged {
                    format: self.format,
                    detail,
                });
            }
            Some(_) | None => {
                if count(self.rows.len()) >= self.limits.rows_max {
                    return Err(ReadingError::TooManyRows {
                        max: self.limits.rows_max,
                    });
                }
                self.rows.push(Row {
                    number: row,
                    cells: vec![cell],
                });
            }
        }
        Ok(())
    }

    /// The rows, their cells from left to right; of two cells in one place the later stays.
    pub(super) fn finish(mut self) -> Vec<Row> {
        for row in &mut self.rows {
            row.cells.reverse();
            row.cells.sort_by_key(|cell| cell.column);
            row.cells.dedup_by_key(|cell| cell.column);
        }
        self.rows
    }

    fn weigh(&mut self, address: Address, cell: &Cell) -> Result<(), ReadingError> {
        let limits = self.limits;
        if u64::from(address.column) >= limits.columns_max {
            return Err(ReadingError::TooManyColumns {
                address,
                max: limits.columns_max,
            });
        }
        let found = count(cell.text.chars().count());
        if found > limits.cell_chars_max {
            return Err(ReadingError::CellTooLong {
                address,
                found,
                max: limits.cell_chars_max,
            });
        }
        self.cells += 1;
        if self.cells > limits.cells_max {
            return Err(ReadingError::TooManyCells {
                max: limits.cells_max,
            });
        }
        self.text_bytes += count(cell.text.len());
        if self.text_bytes > limits.text_bytes_max {
            return Err(ReadingError::TooMuchText {
                max: limits.text_bytes_max,
            });
        }
        Ok(())
    }
}

/// A date without the midnight that spreadsheets add to it.
pub(super) fn whole_day(instant: &str) -> &str {
    match instant.split_once('T') {
        Some((day, time))
            if time
                .trim_end_matches('Z')
                .bytes()
                .all(|b| b":0.".contains(&b)) =>
        {
            day
        }
        Some(_) | None => instant,
    }
}

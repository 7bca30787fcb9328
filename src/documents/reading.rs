//! Reads a CSV, XLSX or ODS file into cells that know their address.
//!
//! The bytes decide what the file is, never its name: agents rename files. Every limit is checked
//! before, or while, the memory it protects would be spent; see [`Limits`].
mod columns;
mod delimited;
mod error;
mod limits;
mod number;
mod ods;
mod packed;
mod sheet;
mod signature;
mod xlsx;
mod xml;

pub use columns::{Columns, ColumnsError, Heading};
pub use error::{Found, ReadingError};
pub use limits::Limits;
pub use sheet::{Cell, CellKind, Format, Row, Sheet};

use signature::Signature;

/// Reads the first filled sheet of the file.
///
/// # Errors
/// Says what the file is instead of a spreadsheet, which limit it breaks, or where it is broken.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Sheet, ReadingError> {
    let found = limits::count(bytes.len());
    if found > limits.bytes_max {
        return Err(ReadingError::TooManyBytes {
            found,
            max: limits.bytes_max,
        });
    }
    let sheet = match signature::recognise(bytes)? {
        Signature::Text => delimited::read(bytes, limits)?,
        Signature::Zip => match packed::inspect(bytes, limits)? {
            packed::Workbook::Xlsx => xlsx::read(bytes, limits)?,
            packed::Workbook::Ods => ods::read(bytes, limits)?,
        },
    };
    if sheet.rows.is_empty() {
        Err(ReadingError::Empty)
    } else {
        Ok(sheet)
    }
}

#[cfg(test)]
mod tests;

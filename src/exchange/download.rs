//! A file to take away: its bytes, its kind and its name, the same through every face.
use std::fmt::Write;

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use domain::attachment::StoredFile;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{actions::Error, documents::writing::Table};

/// The kind of a table to take away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    #[default]
    Csv,
    Xlsx,
}

impl Format {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Csv, Self::Xlsx];

    /// What its file name ends with, which is also its name in addresses.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    /// Reads a code; an address that ends with another one names nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn of_address(code: &str) -> Result<Self, Error> {
        let mut all = Self::ALL.into_iter();
        all.find(|format| format.code() == code)
            .ok_or(Error::NotFound)
    }

    /// The media type of its bytes.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

/// The bytes of a table.
///
/// # Errors
/// A cell that no spreadsheet holds.
pub fn bytes(table: &Table, format: Format) -> Result<Vec<u8>, Error> {
    let bytes = match format {
        Format::Csv => table.to_csv(),
        Format::Xlsx => table.to_xlsx(),
    };
    bytes.map_err(|error| Error::Internal(error.into()))
}

/// A table as a file to save, named so.
///
/// # Errors
/// As [`bytes`].
pub fn table(table: &Table, format: Format, name: &str) -> Result<Response, Error> {
    let name = format!("{name}.{}", format.code());
    Ok(file(format.media_type(), &name, bytes(table, format)?))
}

/// What a program reads, as a file to save, named so.
///
/// # Errors
/// A value that JSON cannot say.
pub fn json(value: &impl Serialize, name: &str) -> Result<Response, Error> {
    let bytes = json_bytes(value)?;
    Ok(file("application/json", &format!("{name}.json"), bytes))
}

/// The bytes of what a program reads, laid out for people too.
///
/// # Errors
/// As [`json`].
pub fn json_bytes(value: &impl Serialize) -> Result<Vec<u8>, Error> {
    let bytes = serde_json::to_vec_pretty(value);
    let mut bytes = bytes.map_err(|error| Error::Internal(error.into()))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// A file that was kept: its own type, and no browser opens it in our pages.
#[must_use]
pub fn stored(stored: &StoredFile, bytes: Vec<u8>) -> Response {
    file(stored.media_type.code(), &stored.name, bytes)
}

fn file(media_type: &str, name: &str, bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_DISPOSITION, disposition(name)),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    (headers, bytes).into_response()
}

/// The name in plain ASCII for old clients, and in full (RFC 6266).
fn disposition(name: &str) -> String {
    // The number of an invoice may hold a slash, which would name a folder.
    let name = name.replace(['/', '\\'], "-");
    let plain: String = name
        .chars()
        .map(|c| {
            let kept = c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ');
            if kept { c } else { '_' }
        })
        .collect();
    let full = name.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            text.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _infallible = write!(text, "%{byte:02X}");
        }
        text
    });
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{full}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_whole_for_new_clients_and_harmless_for_old_ones() {
        assert_eq!(
            disposition("repartition-É/7 \"b\".csv"),
            "attachment; filename=\"repartition-_-7 _b_.csv\"; \
             filename*=UTF-8''repartition-%C3%89-7%20%22b%22.csv"
        );
    }
}

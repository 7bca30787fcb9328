//! Workbooks are ZIP archives: looked at before any reader opens them.
//!
//! The sizes an archive announces are its author's word. Every part is unpacked once into
//! nothing, counting, so that no reader ever meets more than the limits.
use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use super::error::{Found, ReadingError};
use super::limits::{Limits, count};
use super::sheet::Format;

/// Below this size a part may swell as it likes: a blank page is all repetition.
const SWELLING_FROM: u64 = 1 << 20;

/// The bytes of a workbook, as an archive.
pub(super) type Archive<'b> = ZipArchive<Cursor<&'b [u8]>>;

/// The kind of workbook an archive holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Workbook {
    /// Excel, since 2007.
    Xlsx,
    /// Open Document, as `LibreOffice` writes it.
    Ods,
}

/// Opens the archive.
pub(super) fn open(bytes: &[u8]) -> Result<Archive<'_>, ReadingError> {
    ZipArchive::new(Cursor::new(bytes)).map_err(|error| refused(&error))
}

/// Says what the workbook is, once every part has been weighed.
pub(super) fn inspect(bytes: &[u8], limits: &Limits) -> Result<Workbook, ReadingError> {
    check_parts(bytes, limits)?;
    let mut archive = open(bytes)?;
    let workbook = recognise(&mut archive)?;
    let mut unpacked = 0;
    for index in 0..archive.len() {
        unpacked = weigh(&mut archive, index, unpacked, limits)?;
    }
    Ok(workbook)
}

/// Counts the entries of the directory before the archive's reader allocates for them.
fn check_parts(bytes: &[u8], limits: &Limits) -> Result<(), ReadingError> {
    let found = count(
        bytes
            .windows(4)
            .filter(|window| *window == b"PK\x01\x02")
            .count(),
    );
    if found > limits.parts_max {
        return Err(ReadingError::TooManyParts {
            found,
            max: limits.parts_max,
        });
    }
    Ok(())
}

fn recognise(archive: &mut Archive<'_>) -> Result<Workbook, ReadingError> {
    let names: Vec<String> = archive.file_names().flatten().map(plain_name).collect();
    let has = |name: &str| names.iter().any(|other| other == name);
    let other = |found| Err(ReadingError::NotASpreadsheet { found });
    if has("[content_types].xml") {
        if names.iter().any(|name| name.ends_with("workbook.bin")) {
            return other(Found::BinaryWorkbook);
        }
        // Word and PowerPoint files have the same envelope.
        let is_workbook = names.iter().any(|name| name.ends_with("workbook.xml"));
        return if is_workbook {
            Ok(Workbook::Xlsx)
        } else {
            other(Found::Archive)
        };
    }
    if has("mimetype") && has("content.xml") {
        let mut kind = String::new();
        let part = archive
            .by_name("mimetype")
            .map_err(|error| refused(&error))?;
        part.take(128)
            .read_to_string(&mut kind)
            .map_err(|error| unreadable(&error))?;
        let spreadsheet = "application/vnd.oasis.opendocument.spreadsheet";
        let is_ods = kind.trim().strip_suffix("-template").unwrap_or(kind.trim()) == spreadsheet;
        return if is_ods {
            Ok(Workbook::Ods)
        } else {
            other(Found::Archive)
        };
    }
    other(Found::Archive)
}

/// Unpacks one part into nothing and adds its size to the total.
fn weigh(
    archive: &mut Archive<'_>,
    index: usize,
    before: u64,
    limits: &Limits,
) -> Result<u64, ReadingError> {
    let mut part = archive.by_index(index).map_err(|error| refused(&error))?;
    let packed = part.compressed_size();
    let swollen = packed.saturating_mul(limits.ratio_max).max(SWELLING_FROM);
    let mut buffer = vec![0; 64 << 10];
    let mut size = 0;
    loop {
        let read = count(part.read(&mut buffer).map_err(|error| unreadable(&error))?);
        if read == 0 {
            return Ok(before + size);
        }
        size += read;
        if size > swollen {
            let part = part
                .name()
                .map(|name| plain_name(&name))
                .unwrap_or_default();
            return Err(ReadingError::Swells {
                part,
                max: limits.ratio_max,
            });
        }
        if before + size > limits.unpacked_bytes_max {
            return Err(ReadingError::TooManyUnpackedBytes {
                max: limits.unpacked_bytes_max,
            });
        }
    }
}

/// Some software writes `XL\Workbook.xml`.
pub(super) fn plain_name(name: impl AsRef<str>) -> String {
    name.as_ref().replace('\\', "/").to_lowercase()
}

/// An archive that cannot be opened.
pub(super) fn refused(error: &ZipError) -> ReadingError {
    if matches!(error, ZipError::UnsupportedArchive(why) if *why == ZipError::PASSWORD_REQUIRED) {
        return ReadingError::Locked;
    }
    damaged(error)
}

fn unreadable(error: &std::io::Error) -> ReadingError {
    damaged(error)
}

fn damaged(detail: &dyn std::fmt::Display) -> ReadingError {
    ReadingError::Damaged {
        format: Format::Xlsx,
        detail: detail.to_string(),
    }
}

//! What the first bytes of a file say it is.
use super::error::{Found, ReadingError};

/// A file worth opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signature {
    /// Text, hence perhaps a CSV.
    Text,
    /// A ZIP archive, hence perhaps a workbook.
    Zip,
}

/// The formats people send by mistake, by their first bytes.
const OTHERS: &[(&[u8], Found)] = &[
    (b"%PDF", Found::Pdf),
    (b"\x89PNG", Found::Picture),
    (b"\xFF\xD8\xFF", Found::Picture),
    (b"GIF8", Found::Picture),
    (b"RIFF", Found::Picture),
    (b"II*\0", Found::Picture),
    (b"MM\0*", Found::Picture),
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", Found::OldOrLocked),
    (b"\x1F\x8B", Found::Archive),
    (b"7z\xBC\xAF", Found::Archive),
    (b"Rar!", Found::Archive),
    (b"{\\rtf", Found::Archive),
];

/// Tells text and ZIP from all the rest.
pub(super) fn recognise(bytes: &[u8]) -> Result<Signature, ReadingError> {
    if bytes.is_empty() {
        return Err(ReadingError::Empty);
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return Ok(Signature::Zip);
    }
    if let Some((_, found)) = OTHERS.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Err(ReadingError::NotASpreadsheet { found: *found });
    }
    if looks_like_markup(bytes) {
        return Err(ReadingError::NotASpreadsheet {
            found: Found::Markup,
        });
    }
    // UTF-16 text is half zeros, and announces itself; any other text has none.
    let utf16 = bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF");
    if !utf16 && bytes.contains(&0) {
        return Err(ReadingError::NotASpreadsheet {
            found: Found::Unknown,
        });
    }
    Ok(Signature::Text)
}

/// A tag at the very start: no CSV begins so, while many "XLS" exports are web pages.
fn looks_like_markup(bytes: &[u8]) -> bool {
    let bytes = bytes
        .strip_prefix(b"\xEF\xBB\xBF")
        .unwrap_or(bytes)
        .trim_ascii_start();
    let start = bytes
        .get(..bytes.len().min(9))
        .unwrap_or_default()
        .to_ascii_lowercase();
    [
        &b"<?xml"[..],
        b"<!doctype",
        b"<html",
        b"<table",
        b"<meta",
        b"<head",
        b"<style",
    ]
    .iter()
    .any(|tag| start.starts_with(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(bytes: &[u8]) -> Found {
        match recognise(bytes) {
            Err(ReadingError::NotASpreadsheet { found }) => found,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_bytes_decide_not_the_name() {
        assert_eq!(found(b"%PDF-1.7\n"), Found::Pdf);
        assert_eq!(
            found(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1....."),
            Found::OldOrLocked
        );
        assert_eq!(found(b"\n<HTML><table>"), Found::Markup);
        assert_eq!(found(b"abc\0def"), Found::Unknown);
        assert_eq!(recognise(b"Commune;Lille"), Ok(Signature::Text));
        assert_eq!(recognise(b""), Err(ReadingError::Empty));
    }
}

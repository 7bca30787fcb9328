//! CSV as French software writes it: `;`, `,` or tab, in UTF-8 or in Windows-1252.
//!
//! The rows are cut by hand rather than by a CSV crate, because those skip blank lines and count
//! the lines of the file: a message that says `C14` must mean the row 14 that Excel shows.
use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use super::error::{Found, ReadingError};
use super::limits::Limits;
use super::sheet::{Cell, Format, Gatherer, Sheet};
use crate::documents::address::Address;
use crate::documents::formula::unguarded;

/// The separators we know, the most French first.
const SEPARATORS: [char; 3] = [';', '\t', ','];
/// The rows that choose the separator.
const SAMPLE_ROWS: usize = 20;

/// Reads text with separators.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Sheet, ReadingError> {
    let text = decode(bytes)?;
    let (separator, text, first_row) = announced_separator(&text).map_or_else(
        || (sniff(&text), &*text, 1),
        |(separator, rest)| (separator, rest, 2),
    );
    let mut gatherer = Gatherer::new(Format::Csv, limits);
    let mut records = Records::new(text, separator, first_row);
    while let Some(row) = records.next_row(|row, column, value| {
        // Our own exports put an apostrophe before what a spreadsheet would run.
        gatherer.push(row, Cell::text(column, unguarded(&value)))
    })? {
        if let Some(address) = row.open_quote {
            return Err(ReadingError::OpenQuote { address });
        }
    }
    Ok(Sheet {
        format: Format::Csv,
        name: None,
        unread: Vec::new(),
        rows: gatherer.finish(),
    })
}

/// UTF-16 and UTF-8 by their mark, UTF-8 if the bytes allow it, else Windows-1252.
///
/// Windows-1252 gives a meaning to every byte, so it is asked last.
fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, ReadingError> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let body = bytes.get(mark..).unwrap_or_default();
        let (text, broken) = encoding.decode_without_bom_handling(body);
        if broken && encoding == UTF_8 {
            return Err(damaged("the file announces UTF-8 and is not"));
        }
        return Ok(lines_of(text));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(lines_of(Cow::Borrowed(text)));
    }
    let (text, _) = WINDOWS_1252.decode_without_bom_handling(bytes);
    // Windows-1252 text of a person has no control bytes; a binary file is full of them.
    let controls = text
        .chars()
        .take(4_096)
        .filter(|c| c.is_control() && !"\t\r\n".contains(*c));
    if controls.count() > 8 {
        return Err(ReadingError::NotASpreadsheet {
            found: Found::Unknown,
        });
    }
    Ok(lines_of(text))
}

/// Old Macintosh files end their lines with a lone carriage return.
fn lines_of(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains('\r') && !text.contains('\n') {
        Cow::Owned(text.replace('\r', "\n"))
    } else {
        text
    }
}

/// Excel writes and obeys a first line `sep=;`, which is a row of its own.
fn announced_separator(text: &str) -> Option<(char, &str)> {
    let rest = text
        .strip_prefix("sep=")
        .or_else(|| text.strip_prefix("SEP="))?;
    let separator = rest.chars().next().filter(|c| SEPARATORS.contains(c))?;
    let rest = rest.strip_prefix(separator)?;
    let rest = rest.strip_prefix('\r').unwrap_or(rest).strip_prefix('\n')?;
    Some((separator, rest))
}

/// The separator that cuts the largest part of the first rows in the same number of cells.
///
/// A part, not a count: read with the wrong separator, a note of several lines makes more rows.
///
/// | first rows                         | separator |
/// |------------------------------------|-----------|
/// | `Commune;Quantité` · `Lille;1,5`   | `;`       |
/// | `Commune,Quantité` · `Lille,"1,5"` | `,`       |
/// | `Nom, prénom;Note` · `Roy, Zoé;12` | `;`       |
/// | `Commune` · `Lille`                | `;`       |
fn sniff(text: &str) -> char {
    let mut best = (';', 0);
    for separator in SEPARATORS {
        let widths = sample_widths(text, separator);
        let agreeing = |width: usize| widths.iter().filter(|other| **other == width).count();
        let wide = widths.iter().filter(|width| **width > 1);
        let agreement = wide.map(|width| agreeing(*width)).max().unwrap_or(0);
        let share = agreement * 1_000 / widths.len().max(1);
        if share > best.1 {
            best = (separator, share);
        }
    }
    best.0
}

fn sample_widths(text: &str, separator: char) -> Vec<usize> {
    let mut records = Records::new(text, separator, 1);
    let mut widths = Vec::new();
    while widths.len() < SAMPLE_ROWS {
        match records.next_row(|_, _, _| Ok(())) {
            Ok(Some(row)) if row.blank => {}
            Ok(Some(row)) => widths.push(row.cells),
            Ok(None) | Err(_) => break,
        }
    }
    widths
}

/// What was seen of one row.
struct Seen {
    cells: usize,
    blank: bool,
    open_quote: Option<Address>,
}

/// Cuts a text into rows and cells; quotation marks protect separators and line ends.
struct Records<'t> {
    rest: std::iter::Peekable<std::str::Chars<'t>>,
    separator: char,
    row: u32,
}

/// What ended a cell.
#[derive(PartialEq)]
enum End {
    Separator,
    Line,
    Text,
    OpenQuote,
}

impl<'t> Records<'t> {
    fn new(text: &'t str, separator: char, first_row: u32) -> Self {
        Self {
            rest: text.chars().peekable(),
            separator,
            row: first_row,
        }
    }

    /// Hands the cells of the next row to `take`; `None` at the end of the text.
    fn next_row(
        &mut self,
        mut take: impl FnMut(u32, u16, String) -> Result<(), ReadingError>,
    ) -> Result<Option<Seen>, ReadingError> {
        if self.rest.peek().is_none() {
            return Ok(None);
        }
        let row = self.row;
        let mut seen = Seen {
            cells: 0,
            blank: true,
            open_quote: None,
        };
        loop {
            // A row of 65 536 separators has no cell that a limit would let in anyway.
            let column = u16::try_from(seen.cells).unwrap_or(u16::MAX);
            let (value, end) = self.next_cell();
            seen.cells += 1;
            seen.blank &= value.trim().is_empty();
            if end == End::OpenQuote {
                seen.open_quote = Some(Address::new(row, column));
            } else {
                take(row, column, value)?;
            }
            if end != End::Separator {
                self.row = row.saturating_add(1);
                return Ok(Some(seen));
            }
        }
    }

    fn next_cell(&mut self) -> (String, End) {
        let mut value = String::new();
        let mut quoted = self.rest.next_if_eq(&'"').is_some();
        let opened = quoted;
        while let Some(c) = self.rest.next() {
            if quoted {
                if c != '"' {
                    value.push(c);
                } else if self.rest.next_if_eq(&'"').is_some() {
                    value.push('"');
                } else {
                    quoted = false;
                }
            } else if c == self.separator {
                return (value, End::Separator);
            } else if c == '\n' {
                if !opened && value.ends_with('\r') {
                    value.pop();
                }
                return (value, End::Line);
            } else if !(opened && c == '\r') {
                value.push(c);
            }
        }
        (value, if quoted { End::OpenQuote } else { End::Text })
    }
}

fn damaged(detail: &str) -> ReadingError {
    ReadingError::Damaged {
        format: Format::Csv,
        detail: detail.to_owned(),
    }
}

//! ODS, read as a stream of XML.
//!
//! calamine reads XLSX for us, but expands a whole ODS sheet in memory first, up to 100 million
//! cells: a file of 5 kB may repeat one cell that often. Besides, ODS writes numbers in decimal,
//! and calamine makes binary fractions of them.
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};

use quick_xml::events::BytesStart;

use super::error::ReadingError;
use super::limits::Limits;
use super::sheet::{Cell, CellKind, Format, Gatherer, Sheet, whole_day};
use super::xml::{Token, Xml, attribute, repetitions};
use super::{number, packed, xml};

/// Reads the first visible sheet that holds something.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Sheet, ReadingError> {
    let mut archive = packed::open(bytes)?;
    if is_locked(&mut archive) {
        return Err(ReadingError::Locked);
    }
    let content = archive
        .by_name("content.xml")
        .map_err(|error| packed::refused(&error))?;
    let mut xml = Xml::new(BufReader::new(content));
    let mut hidden_styles = BTreeSet::new();
    let mut sheet = Sheet {
        format: Format::Ods,
        name: None,
        unread: Vec::new(),
        rows: Vec::new(),
    };
    while let Some(start) = xml.next_start()? {
        match start.name().as_ref() {
            "style:style" => {
                let style = attribute(&start, "style:name")?.unwrap_or_default();
                if style_hides(&mut xml)? {
                    hidden_styles.insert(style);
                }
            }
            // Former values of a reviewed document, and cached copies of other documents.
            "table:tracked-changes" | "table:dde-link" | "table:shapes" => xml.skip()?,
            "table:table" => {
                let style = attribute(&start, "table:style-name")?.unwrap_or_default();
                let name = attribute(&start, "table:name")?.unwrap_or_default();
                if hidden_styles.contains(&style) {
                    xml.skip()?;
                } else if sheet.rows.is_empty() {
                    sheet.rows = read_table(&mut xml, limits)?;
                    sheet.name = Some(name);
                } else {
                    sheet.unread.push(name);
                    xml.skip()?;
                }
            }
            _ => {}
        }
    }
    Ok(sheet)
}

/// A locked document keeps its parts' names, and says so in its manifest.
fn is_locked(archive: &mut packed::Archive<'_>) -> bool {
    let Ok(manifest) = archive.by_name("META-INF/manifest.xml") else {
        return false;
    };
    let mut text = String::new();
    let read = manifest.take(1 << 20).read_to_string(&mut text);
    read.is_ok() && text.contains("encryption-data")
}

/// Reads rows to the end of the table, groups and header rows included.
fn read_table<R: BufRead>(
    xml: &mut Xml<R>,
    limits: &Limits,
) -> Result<Vec<super::Row>, ReadingError> {
    let mut gatherer = Gatherer::new(Format::Ods, limits);
    let mut row: u32 = 1;
    let depth = xml.depth();
    while let Some(start) = xml.next_start_within(depth)? {
        match start.name().as_ref() {
            "table:shapes" => xml.skip()?,
            "table:table-row" => {
                let repeated = repetitions(&start, "table:number-rows-repeated")?;
                let spans = read_row(xml)?;
                // Blank rows are repeated to the bottom of the sheet: they only move us down.
                if !spans.is_empty() {
                    for number in row..row.saturating_add(repeated) {
                        for span in &spans {
                            span.unfold(number, &mut gatherer)?;
                        }
                    }
                }
                row = row.saturating_add(repeated);
            }
            _ => {}
        }
    }
    Ok(gatherer.finish())
}

/// A cell and how many times it is repeated: unfolded only where the limits are counted.
struct Span {
    first: u32,
    repeated: u32,
    cell: Cell,
}

impl Span {
    fn unfold(&self, row: u32, gatherer: &mut Gatherer<'_>) -> Result<(), ReadingError> {
        for place in self.first..self.first.saturating_add(self.repeated) {
            let column = u16::try_from(place).unwrap_or(u16::MAX);
            gatherer.push(
                row,
                Cell {
                    column,
                    ..self.cell.clone()
                },
            )?;
        }
        Ok(())
    }
}

/// The filled cells of one row.
fn read_row<R: BufRead>(xml: &mut Xml<R>) -> Result<Vec<Span>, ReadingError> {
    let mut spans = Vec::new();
    let mut first: u32 = 0;
    let depth = xml.depth();
    while let Some(start) = xml.next_start_within(depth)? {
        let repeated = repetitions(&start, "table:number-columns-repeated")?;
        if start.name().as_ref() == "table:table-cell" {
            let cell = read_cell(&start, xml)?;
            if !cell.text.trim().is_empty() {
                spans.push(Span {
                    first,
                    repeated,
                    cell,
                });
            }
        } else {
            // A covered cell lies under a merged one: nobody sees what it holds.
            xml.skip()?;
        }
        first = first.saturating_add(repeated);
    }
    Ok(spans)
}

/// Reads a cell to its end; its column is set by the row.
fn read_cell<R: BufRead>(start: &BytesStart<'_>, xml: &mut Xml<R>) -> Result<Cell, ReadingError> {
    let kind = attribute(start, "office:value-type")?.unwrap_or_default();
    let value = attribute(start, "office:value")?;
    let date = attribute(start, "office:date-value")?;
    let truth = attribute(start, "office:boolean-value")?;
    let text = attribute(start, "office:string-value")?;
    let shown = text_of_cell(xml)?;
    let cell = |kind, text, rounded| {
        Ok(Cell {
            column: 0,
            kind,
            text,
            rounded,
        })
    };
    match (kind.as_str(), value, date, truth) {
        ("float" | "percentage" | "currency", Some(value), _, _) => match number::from_text(&value)
        {
            Some(plain) => cell(CellKind::Number, plain.text, plain.rounded),
            None => cell(CellKind::Fault, value, false),
        },
        ("date", _, Some(date), _) => cell(CellKind::Date, whole_day(&date).to_owned(), false),
        ("boolean", _, _, Some(truth)) => {
            let shown = if truth.eq_ignore_ascii_case("true") {
                "VRAI"
            } else {
                "FAUX"
            };
            cell(CellKind::Boolean, shown.to_owned(), false)
        }
        (_, _, _, _) => cell(CellKind::Text, text.unwrap_or(shown), false),
    }
}

/// Whether the style just begun hides its sheets.
fn style_hides<R: BufRead>(xml: &mut Xml<R>) -> Result<bool, ReadingError> {
    let depth = xml.depth();
    let mut hides = false;
    while let Some(start) = xml.next_start_within(depth)? {
        if start.name().as_ref() == "style:table-properties" {
            hides |= attribute(&start, "table:display")?.as_deref() == Some("false");
        }
    }
    Ok(hides)
}

/// The paragraphs of the cell just begun, one per line; notes and drawings are not its text.
fn text_of_cell<R: BufRead>(xml: &mut Xml<R>) -> Result<String, ReadingError> {
    let depth = xml.depth();
    let mut text = String::new();
    let mut paragraphs = 0;
    loop {
        match xml.next_token()? {
            Token::Start(start) => match start.name().as_ref() {
                "text:p" => {
                    if paragraphs > 0 {
                        text.push('\n');
                    }
                    paragraphs += 1;
                }
                "text:span" | "text:a" => {}
                "text:s" => {
                    let spaces = repetitions(&start, "text:c")?.min(1_000);
                    text.extend((0..spaces).map(|_| ' '));
                    xml.skip()?;
                }
                "text:tab" => {
                    text.push('\t');
                    xml.skip()?;
                }
                "text:line-break" => {
                    text.push('\n');
                    xml.skip()?;
                }
                _ => xml.skip()?,
            },
            Token::Text(part) if xml.depth() > depth => text.push_str(&part),
            Token::Text(_) => {}
            Token::End if xml.depth() < depth => return Ok(text),
            Token::End => {}
            Token::Eof => return Err(xml::damaged("it stops in the middle of a cell")),
        }
    }
}

//! XLSX, through calamine's cell stream: one cell at a time, never a whole grid.
use std::io::{BufReader, Cursor};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxError};
use quick_xml::events::Event;

use super::error::ReadingError;
use super::limits::{Limits, count};
use super::sheet::{Cell, CellKind, Format, Gatherer, Sheet};
use super::{number, packed};

/// Reads the first visible sheet that holds something.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Sheet, ReadingError> {
    check_shared_texts(bytes, limits)?;
    // The parser of foreign bytes is not ours: a bug of its own must refuse the file, not take
    // the request down.
    catch_unwind(AssertUnwindSafe(|| first_filled(bytes, limits)))
        .unwrap_or_else(|_| Err(damaged("the reader gave up")))
}

fn first_filled(bytes: &[u8], limits: &Limits) -> Result<Sheet, ReadingError> {
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(|error| refused(&error))?;
    let names: Vec<String> = workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible)
        .map(|sheet| sheet.name.clone())
        .collect();
    let mut sheet = Sheet {
        format: Format::Xlsx,
        name: None,
        unread: Vec::new(),
        rows: Vec::new(),
    };
    for name in names {
        if !sheet.rows.is_empty() {
            sheet.unread.push(name);
            continue;
        }
        sheet.rows = read_sheet(&mut workbook, &name, limits)?;
        sheet.name = Some(name);
    }
    Ok(sheet)
}

fn read_sheet(
    workbook: &mut Xlsx<Cursor<&[u8]>>,
    name: &str,
    limits: &Limits,
) -> Result<Vec<super::Row>, ReadingError> {
    let mut cells = workbook
        .worksheet_cells_reader(name)
        .map_err(|error| refused(&error))?;
    let mut gatherer = Gatherer::new(Format::Xlsx, limits);
    while let Some(cell) = cells.next_cell().map_err(|error| refused(&error))? {
        let (row, column) = cell.get_position();
        let column = u16::try_from(column).unwrap_or(u16::MAX);
        if let Some(value) = as_shown(column, cell.get_value()) {
            gatherer.push(row.saturating_add(1), value)?;
        }
    }
    Ok(gatherer.finish())
}

/// The cell as its reader saw it on the screen; `None` when it is empty.
fn as_shown(column: u16, value: &DataRef<'_>) -> Option<Cell> {
    let cell = |kind, text: String| {
        Some(Cell {
            column,
            kind,
            text,
            rounded: false,
        })
    };
    match value {
        DataRef::Empty => None,
        DataRef::String(text) => cell(CellKind::Text, text.clone()),
        DataRef::SharedString(text) => cell(CellKind::Text, (*text).to_owned()),
        DataRef::Int(value) => cell(CellKind::Number, value.to_string()),
        DataRef::Float(value) => Some(number_cell(column, *value)),
        DataRef::Bool(value) => cell(
            CellKind::Boolean,
            if *value { "VRAI" } else { "FAUX" }.to_owned(),
        ),
        DataRef::DateTimeIso(text) => {
            cell(CellKind::Date, super::sheet::whole_day(text).to_owned())
        }
        DataRef::DurationIso(text) => cell(CellKind::Text, text.clone()),
        // A duration is a number of days for whoever reads the cell.
        DataRef::DateTime(value) if value.is_duration() => {
            Some(number_cell(column, value.as_f64()))
        }
        DataRef::DateTime(value) => {
            let (year, month, day, hour, minute, second, _) = value.to_ymd_hms_milli();
            let time = format!("{hour:02}:{minute:02}:{second:02}");
            if value.as_f64() < 1.0 {
                // An hour of no day, which Excel keeps as one of its day zero.
                return cell(CellKind::Text, time);
            }
            let text = format!("{year:04}-{month:02}-{day:02}T{time}");
            cell(CellKind::Date, super::sheet::whole_day(&text).to_owned())
        }
        DataRef::Error(error) => cell(CellKind::Fault, error.to_string()),
    }
}

fn number_cell(column: u16, value: f64) -> Cell {
    match number::from_binary(value) {
        Some(plain) => Cell {
            column,
            kind: CellKind::Number,
            text: plain.text,
            rounded: plain.rounded,
        },
        None => Cell {
            column,
            kind: CellKind::Fault,
            text: value.to_string(),
            rounded: false,
        },
    }
}

/// Checks the number of shared texts that the workbook announces.
///
/// calamine reserves memory for as many, on the file's word: a file of 2 kB could claim all the
/// memory of the server, which ends the process rather than the request.
fn check_shared_texts(bytes: &[u8], limits: &Limits) -> Result<(), ReadingError> {
    let mut archive = packed::open(bytes)?;
    // A text takes at least the five bytes of `<si/>`, unpacked; other sheets have theirs too.
    let unpacked_max = count(bytes.len()).saturating_mul(limits.ratio_max);
    let max = limits.cells_max.saturating_mul(4).min(unpacked_max / 5);
    for index in 0..archive.len() {
        let part = archive
            .by_index(index)
            .map_err(|error| packed::refused(&error))?;
        let name = part.name().map(packed::plain_name).unwrap_or_default();
        if !name.ends_with("sharedstrings.xml") {
            continue;
        }
        let announced = announced_texts(BufReader::new(part))?;
        if announced > max {
            return Err(damaged(
                "the workbook announces more texts than it can hold",
            ));
        }
    }
    Ok(())
}

fn announced_texts(part: impl std::io::BufRead) -> Result<u64, ReadingError> {
    let mut reader = quick_xml::Reader::from_reader(part);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(start) | Event::Empty(start))
                if start.local_name().as_ref() == "sst" =>
            {
                let mut announced = 0;
                for attribute in start.attributes().with_checks(false).flatten() {
                    if attribute.key.as_ref() == "uniqueCount" {
                        announced = attribute.value.trim().parse().unwrap_or(u64::MAX);
                    }
                }
                return Ok(announced);
            }
            Ok(Event::Eof) => return Ok(0),
            Ok(_) => {}
            Err(error) => return Err(damaged(&error.to_string())),
        }
    }
}

fn refused(error: &XlsxError) -> ReadingError {
    if matches!(error, XlsxError::Password) {
        return ReadingError::Locked;
    }
    damaged(&error.to_string())
}

fn damaged(detail: &str) -> ReadingError {
    ReadingError::Damaged {
        format: Format::Xlsx,
        detail: detail.to_owned(),
    }
}

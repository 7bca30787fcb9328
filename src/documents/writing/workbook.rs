//! XLSX, numbers as numbers.
use chrono::{Datelike, Timelike};
use rust_xlsxwriter::{
    Color, DataValidation, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder,
    Formula, Workbook, Worksheet, XlsxError,
};

use super::{Column, Kind, ProofLine, Purpose, Table, Value, WritingError, delimited};
use crate::documents::address::{Address, column_letters};
use crate::documents::formula::looks_like_formula;

/// A sheet has 1 048 576 rows; one is for the heads, one for the totals.
const ROWS_MAX: usize = 1_048_574;
/// A spreadsheet keeps 15 digits: up to there the shortest decimal of a binary fraction is the
/// number we meant. (2⁵³ has 16, so this also keeps every whole number exact.)
const DIGITS_MAX: usize = 15;
/// A cell holds no more characters.
const TEXT_MAX: usize = 32_767;
/// What the second sheet says of figures with more digits than that.
const AS_TEXT: &str = "Cellules de plus de 15 chiffres, exactes mais écrites en texte";
/// The second sheet, which proves the first.
const PROOF_NAME: &str = "Contrôle";

/// Writes the table, over several sheets if it is long, then its proof.
pub(super) fn write(table: &Table) -> Result<Vec<u8>, WritingError> {
    let mut workbook = Workbook::new();
    workbook.set_properties(&properties(table)?);
    let chunks: Vec<&[Vec<Value>]> = if table.rows.is_empty() {
        vec![&[]]
    } else {
        table.rows.chunks(ROWS_MAX).collect()
    };
    let last = chunks.len();
    for (number, rows) in (1..).zip(&chunks) {
        let sheet = workbook.add_worksheet();
        sheet
            .set_name(sheet_name(&table.title, number))
            .map_err(refused)?;
        lay_out(sheet, table, rows)?;
        write_heads(sheet, table)?;
        for (row, values) in (1..).zip(*rows) {
            write_row(sheet, row, values, &table.columns, false)?;
        }
        if let Some(totals) = table.totals.as_ref().filter(|_| number == last) {
            // A formula can only sum its own sheet.
            let summed = if last == 1 { *rows } else { &[] };
            write_totals(sheet, rows.len(), totals, summed, &table.columns)?;
        }
    }
    let proof = proof(table);
    if !proof.is_empty() {
        write_proof(workbook.add_worksheet(), &proof)?;
    }
    workbook.save_to_buffer().map_err(refused)
}

/// The writer would ask the system's clock; the table has its own instant.
fn properties(table: &Table) -> Result<DocProperties, WritingError> {
    let date = table.written_at.date_naive();
    let time = table.written_at.time();
    let second = |unit: u32| u8::try_from(unit).unwrap_or(0);
    let created = spreadsheet_date(date).and_then(|day| {
        let hour = u16::from(second(time.hour()));
        day.and_hms(hour, second(time.minute()), second(time.second()))
            .ok()
    });
    let created = created.ok_or(WritingError::Date {
        address: Address::new(1, 0),
    })?;
    Ok(DocProperties::new()
        .set_title(&table.title)
        .set_creation_datetime(&created))
}

fn lay_out(sheet: &mut Worksheet, table: &Table, rows: &[Vec<Value>]) -> Result<(), WritingError> {
    sheet.set_freeze_panes(1, 0).map_err(refused)?;
    sheet.set_repeat_rows(0, 0).map_err(refused)?;
    sheet
        .set_landscape()
        .set_paper_size(9)
        .set_print_fit_to_pages(1, 0);
    let title: String = table.title.chars().take(100).collect();
    sheet.set_header(format!("&L{}", title.replace('&', "&&")));
    sheet.set_footer("&R&P / &N");
    for (place, column) in (0..).zip(&table.columns) {
        sheet
            .set_column_width(place, width(place, column, rows))
            .map_err(refused)?;
        if column.purpose == Purpose::Carry {
            sheet.set_column_hidden(place).map_err(refused)?;
        }
        if !column.choices.is_empty() && !rows.is_empty() {
            let list = DataValidation::new()
                .allow_list_strings(&column.choices)
                .map_err(refused)?;
            let bottom = u32::try_from(rows.len()).unwrap_or(u32::MAX);
            sheet
                .add_data_validation(1, place, bottom, place, &list)
                .map_err(refused)?;
        }
    }
    Ok(())
}

/// Wide enough for its longest cell, within what fits on a screen.
fn width(place: u16, column: &Column, rows: &[Vec<Value>]) -> f64 {
    let cells = rows.iter().filter_map(|row| row.get(usize::from(place)));
    // Thousands are separated on the screen and not in the text we measure, hence the margin.
    let longest = cells
        .map(|value| delimited::shown(value).chars().count() + 3)
        .max()
        .unwrap_or(0);
    let head = column.name.chars().count() + 2;
    f64::from(u8::try_from(longest.max(head).clamp(8, 60)).unwrap_or(60))
}

fn write_heads(sheet: &mut Worksheet, table: &Table) -> Result<(), WritingError> {
    let format = Format::new()
        .set_bold()
        .set_text_wrap()
        .set_background_color(Color::RGB(0x00E8_EBF2))
        .set_border_bottom(FormatBorder::Thin);
    for (place, column) in (0..).zip(&table.columns) {
        let format = if looks_like_formula(&column.name) {
            format.clone().set_quote_prefix()
        } else {
            format.clone()
        };
        sheet
            .write_string_with_format(0, place, &column.name, &format)
            .map_err(refused)?;
    }
    Ok(())
}

fn write_row(
    sheet: &mut Worksheet,
    row: u32,
    values: &[Value],
    columns: &[Column],
    is_total: bool,
) -> Result<(), WritingError> {
    for (place, (value, column)) in (0..).zip(values.iter().zip(columns)) {
        let format = format_of(value, column, is_total);
        write_value(sheet, row, place, value, &format)?;
    }
    Ok(())
}

fn write_totals(
    sheet: &mut Worksheet,
    rows: usize,
    totals: &[Value],
    summed: &[Vec<Value>],
    columns: &[Column],
) -> Result<(), WritingError> {
    let row = u32::try_from(rows + 1).unwrap_or(u32::MAX);
    write_row(sheet, row, totals, columns, true)?;
    for (place, (value, column)) in (0..).zip(totals.iter().zip(columns)) {
        if is_plain_sum(place, value, summed) {
            // Whoever opens the file sees where the figure comes from; whoever reads it by
            // program finds our exact figure beside the formula.
            let letters = column_letters(place);
            let formula = Formula::new(format!("=SUM({letters}2:{letters}{row})"))
                .set_result(value.decimal().unwrap_or_default());
            let format = format_of(value, column, true);
            sheet
                .write_formula_with_format(row, place, formula, &format)
                .map_err(refused)?;
        }
    }
    Ok(())
}

/// Whether the figure is the sum of the cells above, exactly.
fn is_plain_sum(place: u16, total: &Value, rows: &[Vec<Value>]) -> bool {
    let known = !rows.is_empty() && !is_written_as_text(total);
    let Some(total) = total.counted().filter(|_| known) else {
        return false;
    };
    let cells = rows.iter().filter_map(|row| row.get(usize::from(place)));
    // A spreadsheet leaves texts out of its sums.
    if cells.clone().any(is_written_as_text) {
        return false;
    }
    let sum: i128 = cells.filter_map(Value::counted).map(i128::from).sum();
    sum == i128::from(total)
}

/// The lines of the second sheet; it admits which figures a sum over the first leaves out.
fn proof(table: &Table) -> Vec<ProofLine> {
    let mut lines = table.proof.clone();
    let cells = table.rows.iter().chain(&table.totals).flatten();
    let texts = cells.filter(|value| is_written_as_text(value)).count();
    if texts > 0 {
        lines.push(ProofLine {
            label: AS_TEXT.to_owned(),
            value: Value::Integer(i64::try_from(texts).unwrap_or(i64::MAX)),
        });
    }
    lines
}

fn write_proof(sheet: &mut Worksheet, lines: &[ProofLine]) -> Result<(), WritingError> {
    sheet.set_name(PROOF_NAME).map_err(refused)?;
    sheet.set_column_width(0, 60).map_err(refused)?;
    sheet.set_column_width(1, 20).map_err(refused)?;
    for (row, line) in (0..).zip(lines) {
        let label = Value::Text(line.label.clone());
        let text = Column::new("", Kind::Text);
        write_value(sheet, row, 0, &label, &format_of(&label, &text, false))?;
        write_value(
            sheet,
            row,
            1,
            &line.value,
            &format_of(&line.value, &text, false),
        )?;
    }
    Ok(())
}

fn write_value(
    sheet: &mut Worksheet,
    row: u32,
    place: u16,
    value: &Value,
    format: &Format,
) -> Result<(), WritingError> {
    let address = Address::new(row + 1, place);
    match value {
        Value::Empty => sheet.write_blank(row, place, format),
        Value::Text(text) if text.encode_utf16().count() > TEXT_MAX => {
            return Err(WritingError::TextTooLong { address });
        }
        Value::Text(text) => sheet.write_string_with_format(row, place, text, format),
        Value::Date(day) => {
            let day = spreadsheet_date(*day).ok_or(WritingError::Date { address })?;
            sheet.write_datetime_with_format(row, place, &day, format)
        }
        Value::Integer(_)
        | Value::Amount(_)
        | Value::Quantity(_)
        | Value::UnitPrice(_)
        | Value::Rate(_)
        | Value::Exact(_) => {
            if let Some(number) = binary(value) {
                sheet.write_number_with_format(row, place, number, format)
            } else {
                let format = format.clone().set_num_format("@");
                let format = format.set_align(FormatAlign::Right);
                sheet.write_string_with_format(row, place, delimited::shown(value), &format)
            }
        }
    }
    .map(drop)
    .map_err(refused)
}

/// Whether a number is written as text: the exact figure matters more than its being a number.
fn is_written_as_text(value: &Value) -> bool {
    value.decimal().is_some() && binary(value).is_none()
}

/// The binary fraction nearest to the number; `None` when a spreadsheet would not give it back.
///
/// Dividing cents by a hundred in floats would round twice. Reading the decimal text rounds once,
/// to the nearest, and up to 15 digits the shortest decimal of the result is the same text.
fn binary(value: &Value) -> Option<f64> {
    let text = value.decimal()?;
    let digits = text
        .bytes()
        .filter(u8::is_ascii_digit)
        .skip_while(|digit| *digit == b'0');
    if digits.count() > DIGITS_MAX {
        None
    } else {
        text.parse().ok()
    }
}

fn spreadsheet_date(day: chrono::NaiveDate) -> Option<ExcelDateTime> {
    let year = u16::try_from(day.year())
        .ok()
        .filter(|year| *year >= 1900)?;
    let (month, day) = (
        u8::try_from(day.month()).ok()?,
        u8::try_from(day.day()).ok()?,
    );
    ExcelDateTime::from_ymd(year, month, day).ok()
}

/// How a cell looks. The codes are the same in every language: Excel in French shows `1 234,50`.
fn format_of(value: &Value, column: &Column, is_total: bool) -> Format {
    let mut format = Format::new();
    if let Some(code) = number_code(value) {
        format = format.set_num_format(code);
    }
    match value {
        // Without it, Excel runs the text as a formula as soon as someone edits the cell.
        Value::Text(text) if looks_like_formula(text) => format = format.set_quote_prefix(),
        Value::Text(_) | Value::Empty => {
            // A SIREN typed in a text column must stay text.
            if column.kind == Kind::Text {
                format = format.set_num_format("@");
            }
        }
        Value::Integer(_)
        | Value::Amount(_)
        | Value::Quantity(_)
        | Value::UnitPrice(_)
        | Value::Rate(_)
        | Value::Exact(_)
        | Value::Date(_) => {}
    }
    if column.purpose == Purpose::Fill && !is_total {
        format = format.set_background_color(Color::RGB(0x00FF_F8E1));
    }
    if is_total {
        format.set_bold().set_border_top(FormatBorder::Thin)
    } else {
        format
    }
}

/// The code of a number's format, with the decimals that this number has.
///
/// A code such as `#,##0.###` would show `12,` for 12.
fn number_code(value: &Value) -> Option<String> {
    let decimals = value
        .decimal()
        .map(|text| text.split_once('.').map_or(0, |(_, after)| after.len()));
    match value {
        Value::Empty | Value::Text(_) => None,
        Value::Date(_) => Some("dd/mm/yyyy".to_owned()),
        Value::Rate(_) => decimals.map(|decimals| with_decimals("0", decimals)),
        Value::Integer(_)
        | Value::Amount(_)
        | Value::Quantity(_)
        | Value::UnitPrice(_)
        | Value::Exact(_) => decimals.map(|decimals| with_decimals("#,##0", decimals)),
    }
}

fn with_decimals(whole: &str, decimals: usize) -> String {
    if decimals == 0 {
        whole.to_owned()
    } else {
        format!("{whole}.{}", "0".repeat(decimals))
    }
}

/// What Excel accepts as the name of a sheet: 31 characters, none of `[]:*?/\`.
fn sheet_name(title: &str, number: usize) -> String {
    let suffix = if number > 1 {
        format!(" ({number})")
    } else {
        String::new()
    };
    let allowed = |c: char| {
        if "[]:*?/\\".contains(c) || c.is_control() {
            ' '
        } else {
            c
        }
    };
    let mut name = String::new();
    for c in title.chars().map(allowed) {
        let length = name.encode_utf16().count() + suffix.encode_utf16().count();
        if length + c.len_utf16() > 31 {
            break;
        }
        name.push(c);
    }
    let name = name.trim().trim_matches('\'').trim();
    let is_taken = name.is_empty() || name.eq_ignore_ascii_case(PROOF_NAME);
    // « History » is a name that Excel keeps for itself.
    if is_taken || name.eq_ignore_ascii_case("history") {
        return format!("Feuille {number}");
    }
    format!("{name}{suffix}")
}

fn refused(error: XlsxError) -> WritingError {
    WritingError::Engine(error.to_string())
}

//! CSV for French spreadsheets.
use super::{Table, Value, WritingError};
use crate::documents::formula::guarded;

/// Writes the heads, the rows and the totals.
pub(super) fn write(table: &Table) -> Result<Vec<u8>, WritingError> {
    // Without the mark, Excel reads UTF-8 as Windows-1252: « CommunautÃ© ».
    let mut writer = csv::WriterBuilder::new()
        .delimiter(b';')
        .terminator(csv::Terminator::CRLF)
        .from_writer(b"\xEF\xBB\xBF".to_vec());
    let heads = table.columns.iter().map(|column| guarded(&column.name));
    writer
        .write_record(heads)
        .map_err(|error| refused(&error))?;
    for row in table.rows.iter().chain(&table.totals) {
        writer
            .write_record(row.iter().map(shown))
            .map_err(|error| refused(&error))?;
    }
    writer.into_inner().map_err(|error| refused(error.error()))
}

/// The value as a French spreadsheet reads it: no thousands, a decimal comma.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Empty => String::new(),
        Value::Text(text) => guarded(text),
        Value::Date(day) => domain::french::date(*day),
        Value::Integer(_)
        | Value::Amount(_)
        | Value::Quantity(_)
        | Value::UnitPrice(_)
        | Value::Rate(_)
        | Value::Exact(_) => value.decimal().unwrap_or_default().replace('.', ","),
    }
}

fn refused(error: &dyn std::error::Error) -> WritingError {
    WritingError::Engine(error.to_string())
}

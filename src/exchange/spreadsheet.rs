//! A spreadsheet that someone brought: read within the limits, away from who serves others.
use domain::field::FieldProblem;

use crate::{
    actions::Error,
    documents::reading::{self, ColumnsError, Limits, ReadingError, Sheet},
    settings::LimitSettings,
    wording,
};

/// Why a file was not taken at all.
#[derive(Debug)]
pub enum FileError {
    /// Not a spreadsheet, too large, damaged, without the columns: the sentence and its code.
    Unreadable {
        code: &'static str,
        sentence: String,
        too_large: bool,
    },
    Action(Error),
}

impl FileError {
    /// No file was chosen.
    #[must_use]
    pub fn missing() -> Self {
        Self::Unreadable {
            code: "missing",
            sentence: wording::field::problem(&FieldProblem::Missing),
            too_large: false,
        }
    }
}

impl From<Error> for FileError {
    fn from(error: Error) -> Self {
        Self::Action(error)
    }
}

impl From<ReadingError> for FileError {
    fn from(error: ReadingError) -> Self {
        Self::Unreadable {
            code: error.code(),
            too_large: matches!(error, ReadingError::TooManyBytes { .. }),
            sentence: wording::sheet::reading(&error),
        }
    }
}

impl From<ColumnsError> for FileError {
    fn from(error: ColumnsError) -> Self {
        Self::Unreadable {
            code: error.code(),
            too_large: false,
            sentence: wording::sheet::columns(&error),
        }
    }
}

/// Unpacks a file and gives its sheet to `parse`, which knows what the columns mean.
///
/// A large file takes seconds: never on a thread that serves others.
///
/// # Errors
/// [`FileError`].
pub async fn read<T: Send + 'static>(
    settings: &LimitSettings,
    bytes: Vec<u8>,
    parse: impl FnOnce(&Sheet) -> Result<T, ColumnsError> + Send + 'static,
) -> Result<T, FileError> {
    let limits = limits(settings);
    let work = tokio::task::spawn_blocking(move || -> Result<T, FileError> {
        Ok(parse(&reading::read(&bytes, &limits)?)?)
    });
    work.await.map_err(|e| Error::Internal(e.into()))?
}

/// What an installation accepts of a file.
fn limits(settings: &LimitSettings) -> Limits {
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    Limits {
        bytes_max: count(settings.upload_bytes_max),
        unpacked_bytes_max: settings.import_unpacked_bytes_max,
        ratio_max: settings.import_ratio_max,
        rows_max: count(settings.import_rows_max),
        cells_max: count(settings.import_cells_max),
        ..Limits::default()
    }
}

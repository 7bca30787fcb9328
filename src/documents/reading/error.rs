//! Why a file was not read.
use thiserror::Error;

use super::sheet::Format;
use crate::documents::address::Address;

/// What a file is, when it is not a spreadsheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A PDF document.
    Pdf,
    /// A picture: PNG, JPEG, GIF, WebP, TIFF.
    Picture,
    /// A web page or an XML file; some software calls its HTML exports `.xls`.
    Markup,
    /// A compressed file that holds no sheet: a text document, a slide show, an archive.
    Archive,
    /// An XLSB workbook, Excel's binary variant.
    BinaryWorkbook,
    /// The format of Excel before 2007, or a workbook locked by a password.
    OldOrLocked,
    /// Bytes that are neither text nor any known format.
    Unknown,
}

/// Why a file is refused (« fichier refusé »). Nothing was read from it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReadingError {
    /// No cell holds anything.
    #[error("the file is empty")]
    Empty,
    /// Another kind of file.
    #[error("the file is not a CSV, XLSX or ODS spreadsheet, it looks like {found:?}")]
    NotASpreadsheet {
        /// What the first bytes say.
        found: Found,
    },
    /// A password protects it.
    #[error("the file is locked by a password")]
    Locked,
    /// Heavier than accepted.
    #[error("the file has {found} bytes, the limit is {max}")]
    TooManyBytes {
        /// Its size.
        found: u64,
        /// The limit.
        max: u64,
    },
    /// Heavier than accepted, once unpacked.
    #[error("the file unpacks to more than {max} bytes")]
    TooManyUnpackedBytes {
        /// The limit.
        max: u64,
    },
    /// A part that swells as no honest sheet does.
    #[error("the part {part} unpacks to more than {max} times its size")]
    Swells {
        /// The part's name in the archive.
        part: String,
        /// The limit, a ratio.
        max: u64,
    },
    /// An archive of too many parts.
    #[error("the workbook has {found} parts, the limit is {max}")]
    TooManyParts {
        /// How many.
        found: u64,
        /// The limit.
        max: u64,
    },
    /// Too long.
    #[error("the sheet has more than {max} filled rows")]
    TooManyRows {
        /// The limit.
        max: u64,
    },
    /// Too wide.
    #[error("cell {address} is beyond the limit of {max} columns")]
    TooManyColumns {
        /// The first cell beyond.
        address: Address,
        /// The limit.
        max: u64,
    },
    /// Too full.
    #[error("the sheet has more than {max} filled cells")]
    TooManyCells {
        /// The limit.
        max: u64,
    },
    /// A cell too long.
    #[error("cell {address} has {found} characters, the limit is {max}")]
    CellTooLong {
        /// Where.
        address: Address,
        /// How many characters.
        found: u64,
        /// The limit.
        max: u64,
    },
    /// Too much text.
    #[error("the cells hold more than {max} bytes of text")]
    TooMuchText {
        /// The limit.
        max: u64,
    },
    /// A quotation mark opens a cell and never closes.
    #[error("the quotation mark that opens cell {address} is never closed")]
    OpenQuote {
        /// The cell it opens.
        address: Address,
    },
    /// Cut short, or written by no spreadsheet.
    #[error("the {format:?} file is damaged: {detail}")]
    Damaged {
        /// What it claims to be.
        format: Format,
        /// The reader's own words, for the log.
        detail: String,
    },
}

impl ReadingError {
    /// The stable name of this refusal, for the API and its documentation.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "file.empty",
            Self::NotASpreadsheet { .. } => "file.not-a-spreadsheet",
            Self::Locked => "file.locked",
            Self::TooManyBytes { .. }
            | Self::TooManyUnpackedBytes { .. }
            | Self::TooManyParts { .. } => "file.too-large",
            Self::Swells { .. } => "file.swells",
            Self::TooManyRows { .. }
            | Self::TooManyColumns { .. }
            | Self::TooManyCells { .. }
            | Self::TooMuchText { .. } => "file.too-many-cells",
            Self::CellTooLong { .. } => "file.cell-too-long",
            Self::OpenQuote { .. } => "file.open-quote",
            Self::Damaged { .. } => "file.damaged",
        }
    }
}

//! How much of a file we accept to look at.

/// The most a file may ask of the machine (« limites d’import »).
///
/// The defaults hold an import of 50 000 metering points × 20 columns and keep the memory of a
/// hostile file under about 300 MB; an installation may lower them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Size of the file as received. 20 MiB: the largest real annex seen has 3.
    pub bytes_max: u64,
    /// Size of all the parts of a workbook once unpacked. 200 MiB.
    pub unpacked_bytes_max: u64,
    /// Unpacked over packed size of one part, looked at above 1 MiB. Real sheets reach 40 (a
    /// column of identical cells), deflate tops at 1 032: 200 tells one from the other.
    pub ratio_max: u64,
    /// Parts in a workbook's archive. 2 000: one per sheet, picture and drawing.
    pub parts_max: u64,
    /// Rows holding something. 100 000.
    pub rows_max: u64,
    /// Columns, counted to the last one holding something. 256: column `IV`.
    pub columns_max: u64,
    /// Cells holding something. 1 000 000.
    pub cells_max: u64,
    /// Characters in one cell. 5 000: a long comment; Excel's own limit is 32 767.
    pub cell_chars_max: u64,
    /// Bytes of text in all the cells. 64 MiB: a workbook may name one long text a million times.
    pub text_bytes_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes_max: 20 << 20,
            unpacked_bytes_max: 200 << 20,
            ratio_max: 200,
            parts_max: 2_000,
            rows_max: 100_000,
            columns_max: 256,
            cells_max: 1_000_000,
            cell_chars_max: 5_000,
            text_bytes_max: 64 << 20,
        }
    }
}

/// A length in memory, as limits are written.
pub(super) fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

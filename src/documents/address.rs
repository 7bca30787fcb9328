//! Where a cell is, as a spreadsheet says it: `C14`.
use std::fmt;

/// The place of a cell (« adresse de cellule »): `C14` is column 2, row 14.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address {
    /// The number shown in the margin, from 1.
    pub row: u32,
    /// The column, from 0 (« A »).
    pub column: u16,
}

impl Address {
    /// The place at this row (from 1) and column (from 0).
    #[must_use]
    pub const fn new(row: u32, column: u16) -> Self {
        Self { row, column }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", column_letters(self.column), self.row)
    }
}

/// The letters of a column: A, B … Z, AA … XFD. There is no digit zero, hence the `- 1`.
#[must_use]
pub fn column_letters(column: u16) -> String {
    let mut letters = Vec::new();
    let mut rest = u32::from(column) + 1;
    while rest > 0 {
        let digit = u8::try_from((rest - 1) % 26).unwrap_or(0);
        letters.push(char::from(b'A' + digit));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_read_as_in_a_spreadsheet() {
        for (column, letters) in [
            (0, "A"),
            (25, "Z"),
            (26, "AA"),
            (51, "AZ"),
            (52, "BA"),
            (701, "ZZ"),
            (16_383, "XFD"),
        ] {
            assert_eq!(column_letters(column), letters);
        }
        assert_eq!(Address::new(14, 2).to_string(), "C14");
    }
}

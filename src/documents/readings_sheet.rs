//! What was read on sites: the number that each bears, and its figure, pasted or in a file.
use std::collections::BTreeMap;

use domain::{field::FieldProblem, french, quantity::Quantity, site::bare_number};

use super::{
    address::Address,
    cell_problem::{CellProblem, SheetProblem},
    reading::{Cell, Columns, ColumnsError, Heading, Row, Sheet},
};

/// What was read of two columns (« relevés »).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParsedReadings {
    /// The figures by number, each with the address of its number.
    pub good: BTreeMap<String, (Quantity, Address)>,
    /// The cells at fault; their rows are not among the good ones.
    pub bad: Vec<CellProblem>,
}

const HEADINGS: &[Heading] = &[
    Heading {
        key: "number",
        names: &[
            "Numéro",
            "PRM",
            "PDL",
            "PCE",
            "point de livraison",
            "numéro de site",
            "immatriculation",
            "référence",
        ],
        required: true,
    },
    Heading {
        key: "quantity",
        names: &[
            "Quantité",
            "consommation",
            "relevé",
            "valeur",
            "surface",
            "kWh",
            "MWh",
            "m²",
        ],
        required: true,
    },
];

/// Reads numbers and figures; without heads, the first column is the numbers.
///
/// # Errors
/// There are neither heads nor two columns.
pub fn parse(sheet: &Sheet) -> Result<ParsedReadings, ColumnsError> {
    let (rows, places): (Vec<&Row>, _) = match Columns::find(sheet, HEADINGS) {
        Ok(columns) => {
            let place = |key| columns.of(key).unwrap_or(0);
            let places = (place("number"), place("quantity"));
            (columns.data(sheet).collect(), places)
        }
        Err(_) if has_no_heads(sheet) => (sheet.rows.iter().collect(), (0, 1)),
        Err(error) => return Err(error),
    };
    let mut seen: BTreeMap<String, Address> = BTreeMap::new();
    let mut parsed = ParsedReadings::default();
    for row in rows {
        let cell = row.cell(places.0);
        let figure = row.cell(places.1);
        let at = row.address(places.0);
        let bad = match (read_number(cell), read_figure(figure)) {
            (Ok(number), Ok(figure)) => match seen.insert(bare_number(&number), at) {
                Some(first) => {
                    seen.insert(bare_number(&number), first);
                    CellProblem::new(at, cell, SheetProblem::Twice { first })
                }
                None => {
                    parsed.good.insert(number, (figure, at));
                    continue;
                }
            },
            (Err(problem), _) => CellProblem::new(at, cell, problem),
            (Ok(_), Err(problem)) => CellProblem::new(row.address(places.1), figure, problem),
        };
        parsed.bad.push(bad);
    }
    Ok(parsed)
}

/// Lines pasted from the middle of a table: a number and a figure from the first one on.
fn has_no_heads(sheet: &Sheet) -> bool {
    let first = sheet.rows.first();
    first.is_some_and(|row| row.cell(0).is_some() && read_figure(row.cell(1)).is_ok())
}

fn read_number(cell: Option<&Cell>) -> Result<String, SheetProblem> {
    let cell = cell.ok_or(FieldProblem::Missing)?;
    // A long number that the spreadsheet took for a quantity has lost its last digits.
    if cell.rounded {
        return Err(SheetProblem::Reference);
    }
    Ok(cell.text.trim().to_owned())
}

fn read_figure(cell: Option<&Cell>) -> Result<Quantity, SheetProblem> {
    let cell = cell.ok_or(FieldProblem::Missing)?;
    french::parse_quantity(&cell.figure()).map_err(|error| FieldProblem::from(error).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::reading::{self, Limits};

    fn parsed(text: &str) -> ParsedReadings {
        parse(&reading::read(text.as_bytes(), &Limits::default()).unwrap()).unwrap()
    }

    #[test]
    fn two_columns_are_read_with_heads_or_without() {
        for text in [
            "12345678901234\t1 250,5\nAB-123-CD\t3\n",
            "Site;PRM;Consommation\nMairie;12345678901234;1250,5\nBenne;AB-123-CD;3\n",
        ] {
            let read = parsed(text);
            assert_eq!(read.bad, []);
            let figures: Vec<_> = read
                .good
                .iter()
                .map(|(n, (q, _))| (n.as_str(), q.0))
                .collect();
            assert_eq!(
                figures,
                [("12345678901234", 1_250_500), ("AB-123-CD", 3_000)]
            );
        }
        let words = reading::read(b"Mairie\tbeaucoup\nStade\tpeu\n", &Limits::default());
        assert!(parse(&words.unwrap()).is_err());
    }

    #[test]
    fn a_line_at_fault_is_named_and_the_others_are_kept() {
        let read = parsed("1\t10\n2\tdix\n\t4\n1 \t5\n3\t6\n");
        let faults: Vec<_> = read.bad.iter().map(|b| b.address.to_string()).collect();
        assert_eq!(faults, ["B2", "A3", "A4"]);
        assert_eq!(read.good.len(), 2);
    }
}

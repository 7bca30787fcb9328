use calamine::Reader;
use proptest::prelude::*;

use super::*;
use crate::documents::reading::{self, CellKind, Limits, Sheet};

fn table(columns: Vec<Column>, rows: Vec<Vec<Value>>) -> Table {
    Table {
        title: "Répartition".to_owned(),
        written_at: DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
        columns,
        rows,
        totals: None,
        proof: Vec::new(),
    }
}

fn amount(text: &str) -> Value {
    Value::Amount(Cents::parse(text).unwrap())
}

fn shares() -> Table {
    let columns = vec![
        Column::new("Commune", Kind::Text),
        Column::new("TTC", Kind::Amount),
    ];
    let row = |name: &str, text: &str| vec![Value::Text(name.to_owned()), amount(text)];
    let rows = vec![row("Lille", "1030.30"), row("Lomme", "-0.07")];
    let totals = Some(vec![Value::Text("Total".to_owned()), amount("1030.23")]);
    let proof = vec![ProofLine {
        label: "Facture".to_owned(),
        value: amount("1030.23"),
    }];
    Table {
        totals,
        proof,
        ..table(columns, rows)
    }
}

fn read(bytes: &[u8]) -> Sheet {
    reading::read(bytes, &Limits::default()).expect("our own file")
}

#[test]
fn a_csv_opens_in_a_french_spreadsheet() {
    let bytes = shares().to_csv().unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!(
        text,
        "\u{feff}Commune;TTC\r\nLille;1030,30\r\nLomme;-0,07\r\nTotal;1030,23\r\n"
    );
}

#[test]
fn an_exact_part_is_a_number_with_four_decimals() {
    let columns = vec![
        Column::new("Ligne", Kind::Text),
        Column::new("Part exacte", Kind::Exact),
    ];
    let parts = [-333_333, 0, 7, 12_345_678_901_234_567].map(Value::Exact);
    let rows = parts.map(|part| vec![Value::Text("x".to_owned()), part]);
    let table = table(columns, rows.into());
    let text = String::from_utf8(table.to_csv().unwrap()).unwrap();
    let cells: Vec<&str> = text.lines().skip(1).collect();
    let expected = ["x;-33,3333", "x;0,0000", "x;0,0007", "x;1234567890123,4567"];
    assert_eq!(cells, expected);
    let sheet = read(&table.to_xlsx().unwrap());
    let kinds: Vec<_> = sheet.rows[1..]
        .iter()
        .map(|row| row.cell(1).unwrap().kind)
        .collect();
    // A spreadsheet would not keep the last one.
    let number = CellKind::Number;
    assert_eq!(kinds, [number, number, number, CellKind::Text]);
}

#[test]
fn a_text_is_never_run_as_a_formula() {
    let evil = [
        "=cmd|' /C calc'!A0",
        "+33 6",
        "-1",
        "@SUM(A1)",
        "\tx",
        "'=1",
    ];
    let rows = evil
        .iter()
        .map(|text| vec![Value::Text((*text).to_owned()), Value::Integer(-1)])
        .collect();
    let columns = vec![
        Column::new("Note", Kind::Text),
        Column::new("N°", Kind::Integer),
    ];
    let table = table(columns, rows);
    let text = String::from_utf8(table.to_csv().unwrap()).unwrap();
    for line in text.lines().skip(1) {
        assert!(line.trim_start_matches('"').starts_with('\''), "{line}");
    }
    for bytes in [table.to_csv().unwrap(), table.to_xlsx().unwrap()] {
        let sheet = read(&bytes);
        let back: Vec<_> = sheet.rows[1..]
            .iter()
            .map(|row| row.cells()[0].text.as_str())
            .collect();
        assert_eq!(back, evil);
    }
}

#[test]
fn a_workbook_has_numbers_sums_and_its_proof() {
    let bytes = shares().to_xlsx().unwrap();
    let sheet = read(&bytes);
    assert_eq!(sheet.name.as_deref(), Some("Répartition"));
    assert_eq!(sheet.unread, ["Contrôle"]);
    let kinds: Vec<_> = sheet
        .rows
        .iter()
        .map(|row| row.cell(1).unwrap().kind)
        .collect();
    use CellKind::{Number, Text};
    assert_eq!(kinds, [Text, Number, Number, Number]);
    assert_eq!(sheet.rows[3].cell(1).unwrap().text, "1030.23");
    let mut workbook = calamine::Xlsx::new(std::io::Cursor::new(&bytes)).unwrap();
    let formulas = workbook.worksheet_formula("Répartition").unwrap();
    assert_eq!(
        formulas.get_value((3, 1)).map(String::as_str),
        Some("SUM(B2:B3)")
    );
}

#[test]
fn a_total_that_is_not_the_sum_stays_a_figure() {
    let mut wrong = shares();
    wrong.totals = Some(vec![Value::Empty, amount("1030.24")]);
    let bytes = wrong.to_xlsx().unwrap();
    let mut workbook = calamine::Xlsx::new(std::io::Cursor::new(&bytes)).unwrap();
    let formulas = workbook.worksheet_formula("Répartition").unwrap();
    assert!(formulas.is_empty());
    assert_eq!(read(&bytes).rows[3].cell(1).unwrap().text, "1030.24");
}

#[test]
fn the_same_table_gives_the_same_bytes() {
    assert_eq!(shares().to_xlsx(), shares().to_xlsx());
    assert_eq!(shares().to_csv(), shares().to_csv());
}

#[test]
fn what_a_spreadsheet_would_change_is_text_or_refused() {
    let one = |value| table(vec![Column::new("TTC", Kind::Amount)], vec![vec![value]]);
    let largest = one(Value::Amount(Cents(999_999_999_999_999)));
    assert_eq!(
        read(&largest.to_xlsx().unwrap()).rows[1].cells()[0].text,
        "9999999999999.99"
    );
    let beyond = one(Value::Amount(Cents(1_000_000_000_000_001)));
    let kept = "10000000000000,01";
    assert_eq!(
        read(&beyond.to_xlsx().unwrap()).rows[1].cells()[0].text,
        kept
    );
    let csv = String::from_utf8(beyond.to_csv().unwrap()).unwrap();
    assert!(csv.contains(kept), "{csv}");
    let misfit = one(Value::Integer(1));
    assert_eq!(
        misfit.to_csv().unwrap_err(),
        WritingError::Kind {
            address: Address::new(2, 0)
        }
    );
    let narrow = table(vec![Column::new("TTC", Kind::Amount)], vec![vec![]]);
    assert_eq!(
        narrow.to_xlsx().unwrap_err().to_string(),
        "row 2 has 0 cells for 1 columns"
    );
    let day = NaiveDate::from_ymd_opt(1789, 7, 14).unwrap();
    let old = table(
        vec![Column::new("Jour", Kind::Date)],
        vec![vec![Value::Date(day)]],
    );
    assert_eq!(
        old.to_xlsx().unwrap_err(),
        WritingError::Date {
            address: Address::new(2, 0)
        }
    );
}

#[test]
fn a_figure_of_sixteen_digits_is_text_that_no_formula_sums_and_the_second_sheet_tells() {
    let mut long = shares();
    long.rows[0][1] = amount("99999999999999.30");
    long.totals = Some(vec![Value::Empty, amount("99999999999999.23")]);
    let bytes = long.to_xlsx().unwrap();
    let sheet = read(&bytes);
    let cells: Vec<_> = sheet.rows[1..]
        .iter()
        .map(|row| row.cell(1).unwrap())
        .collect();
    let texts: Vec<_> = cells.iter().map(|cell| cell.text.as_str()).collect();
    assert_eq!(texts, ["99999999999999,30", "-0.07", "99999999999999,23"]);
    assert_eq!(cells[0].kind, CellKind::Text);
    assert_eq!(cells[1].kind, CellKind::Number);
    let mut workbook = calamine::Xlsx::new(std::io::Cursor::new(&bytes)).unwrap();
    let formulas = workbook.worksheet_formula("Répartition").unwrap();
    assert!(formulas.is_empty(), "SUM would leave the text out");
    let proof = workbook.worksheet_range("Contrôle").unwrap();
    assert!(
        proof
            .get_value((1, 0))
            .unwrap()
            .to_string()
            .contains("écrites en texte")
    );
    assert_eq!(proof.get_value((1, 1)).unwrap().to_string(), "2");
}

#[test]
fn any_title_makes_a_sheet() {
    for title in [
        "",
        "Contrôle",
        "History",
        "Lot 1/2 : [A]*?",
        "'guillemets'",
        &"é".repeat(80),
    ] {
        let mut table = shares();
        table.title = title.to_owned();
        assert!(table.to_xlsx().is_ok(), "{title}");
    }
}

fn value_of(kind: Kind) -> BoxedStrategy<Value> {
    // A figure in four has more digits than a spreadsheet keeps.
    let small = prop_oneof![
        3 => -999_999_999_999_999..=999_999_999_999_999_i64,
        1 => -9_000_000_000_000_000..=9_000_000_000_000_000_i64,
    ];
    let filled = match kind {
        // Line ends within a cell are part of the law, other control characters are not.
        Kind::Text => prop_oneof!["[=+@'\\-\t]{0,3}[ -~éœ€’\u{a0}]{0,12}", "[\\PC\n\";]{0,20}",]
            .prop_map(Value::Text)
            .boxed(),
        Kind::Integer => small.prop_map(Value::Integer).boxed(),
        Kind::Amount => small.prop_map(|cents| Value::Amount(Cents(cents))).boxed(),
        Kind::Quantity => small
            .prop_map(|milli| Value::Quantity(Quantity(milli.abs())))
            .boxed(),
        Kind::UnitPrice => small
            .prop_map(|micro| Value::UnitPrice(UnitPrice(micro)))
            .boxed(),
        Kind::Rate => (0..=10_000)
            .prop_map(|points| Value::Rate(TaxRate::from_basis_points(points).unwrap()))
            .boxed(),
        Kind::Exact => small.prop_map(|part| Value::Exact(part.into())).boxed(),
        Kind::Date => (0..60_000_u64)
            .prop_map(|days| {
                let first = NaiveDate::from_ymd_opt(1901, 1, 1).unwrap();
                Value::Date(first + chrono::Days::new(days))
            })
            .boxed(),
    };
    prop_oneof![1 => Just(Value::Empty), 4 => filled].boxed()
}

fn any_table() -> impl Strategy<Value = Table> {
    let kind = prop::sample::select(vec![
        Kind::Text,
        Kind::Integer,
        Kind::Amount,
        Kind::Quantity,
        Kind::UnitPrice,
        Kind::Rate,
        Kind::Exact,
        Kind::Date,
    ]);
    // A CSV of one column has no separator to recognise: a decimal comma could pass for one.
    prop::collection::vec(kind, 2..6).prop_flat_map(|kinds| {
        let row: Vec<_> = kinds.iter().map(|kind| value_of(*kind)).collect();
        let columns: Vec<_> = (1..)
            .zip(kinds)
            .map(|(n, kind)| Column::new(format!("C{n}"), kind))
            .collect();
        prop::collection::vec(row, 0..12).prop_map(move |rows| table(columns.clone(), rows))
    })
}

/// The value that a cell means, read as an import would.
fn meant(cell: Option<&reading::Cell>, kind: Kind) -> Value {
    use domain::french::{
        parse_amount, parse_date, parse_decimal, parse_quantity, parse_rate, parse_unit_price,
    };
    let Some(cell) = cell else {
        return Value::Empty;
    };
    let text = &cell.text;
    match kind {
        Kind::Text => Value::Text(text.clone()),
        Kind::Integer => Value::Integer(parse_decimal(text, 0).unwrap()),
        Kind::Amount => Value::Amount(parse_amount(text).unwrap()),
        Kind::Quantity => Value::Quantity(parse_quantity(text).unwrap()),
        Kind::UnitPrice => Value::UnitPrice(parse_unit_price(text).unwrap()),
        Kind::Rate => Value::Rate(parse_rate(text).unwrap()),
        Kind::Exact => Value::Exact(parse_decimal(text, 4).unwrap().into()),
        Kind::Date => Value::Date(parse_date(text).unwrap()),
    }
}

/// A text of blanks is as good as empty: nobody sees it.
fn expected(value: &Value) -> Value {
    match value {
        Value::Text(text) if text.trim().is_empty() => Value::Empty,
        Value::Empty
        | Value::Text(_)
        | Value::Integer(_)
        | Value::Amount(_)
        | Value::Quantity(_)
        | Value::UnitPrice(_)
        | Value::Rate(_)
        | Value::Exact(_)
        | Value::Date(_) => value.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_we_write_we_read_back_identical(table in any_table()) {
        for bytes in [table.to_csv().unwrap(), table.to_xlsx().unwrap()] {
            let sheet = read(&bytes);
            for (number, row) in (2..).zip(&table.rows) {
                let found = sheet.rows.iter().find(|found| found.number == number);
                for (place, (value, column)) in (0..).zip(row.iter().zip(&table.columns)) {
                    let cell = found.and_then(|found| found.cell(place));
                    prop_assert!(!cell.is_some_and(|cell| cell.rounded));
                    prop_assert_eq!(meant(cell, column.kind), expected(value));
                }
            }
        }
    }
}

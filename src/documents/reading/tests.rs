use std::io::{Cursor, Write};

use rust_xlsxwriter::{ExcelDateTime, Format as XlsxFormat, Formula, Workbook};
use zip::write::SimpleFileOptions;

use super::*;

mod headings;
mod hostile;

fn read_text(text: &str) -> Sheet {
    read(text.as_bytes(), &Limits::default()).expect("a sheet")
}

/// `A1=Commune B1=… A2=…`: easier to compare than nested lists.
fn cells(sheet: &Sheet) -> Vec<String> {
    let of_row = |row: &Row| {
        let row_number = row.number;
        row.cells()
            .iter()
            .map(move |cell| {
                let place = crate::documents::address::Address::new(row_number, cell.column);
                format!("{place}={}", cell.text)
            })
            .collect::<Vec<_>>()
    };
    sheet.rows.iter().flat_map(of_row).collect()
}

fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn ods(table: &str) -> Vec<u8> {
    let content = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
        <office:document-content><office:automatic-styles>
        <style:style style:name="hid" style:family="table"><style:table-properties table:display="false"/></style:style>
        </office:automatic-styles><office:body><office:spreadsheet>{table}</office:spreadsheet></office:body></office:document-content>"#
    );
    archive(&[
        (
            "mimetype",
            b"application/vnd.oasis.opendocument.spreadsheet",
        ),
        ("content.xml", content.as_bytes()),
        ("META-INF/manifest.xml", b"<manifest/>"),
    ])
}

fn xlsx(write: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    write(workbook.add_worksheet());
    workbook.save_to_buffer().unwrap()
}

#[test]
fn the_three_separators_are_recognised() {
    let expected = ["A1=Commune", "B1=Quantité", "A2=Lille", "B2=1,5"];
    for text in [
        "Commune;Quantité\r\nLille;1,5\r\n",
        "Commune\tQuantité\nLille\t1,5",
        "Commune,Quantité\nLille,\"1,5\"\n",
        "\u{feff}Commune;Quantité\nLille;1,5",
        "Commune;Quantité\rLille;1,5\r",
    ] {
        assert_eq!(cells(&read_text(text)), expected, "{text:?}");
    }
}

#[test]
fn decimals_with_a_comma_do_not_pass_for_a_separator() {
    let rows: String = (1..40)
        .map(|n| format!("Commune {n};{n},5;{n},25\n"))
        .collect();
    let sheet = read_text(&format!("Commune;Quantité;Prix\n{rows}"));
    assert_eq!(sheet.rows[3].cells()[1].text, "3,5");
    assert_eq!(sheet.rows[3].cells().len(), 3);
}

#[test]
fn names_with_a_comma_and_long_notes_do_not_choose_the_separator() {
    let text = "Nom, prénom;Note\nRoy, Zoé;\"0,5\n0,6\n0,7\"\nRoy, Léa;1,5\n";
    let widths: Vec<usize> = read_text(text)
        .rows
        .iter()
        .map(|row| row.cells().len())
        .collect();
    assert_eq!(widths, [2, 2, 2]);
}

#[test]
fn windows_1252_is_read_as_french_not_as_noise() {
    // « Œ », « ’ » and « € » exist in Windows-1252 and not in ISO 8859-1.
    let bytes = b"Commune;Prix\r\n\x8Cuilly-l\x92\xC9glise;1 030,30 \x80\r\n";
    let sheet = read(bytes, &Limits::default()).unwrap();
    assert_eq!(
        cells(&sheet),
        [
            "A1=Commune",
            "B1=Prix",
            "A2=Œuilly-l’Église",
            "B2=1 030,30 €"
        ]
    );
}

#[test]
fn the_unicode_text_of_excel_is_read() {
    let mut bytes = vec![0xFF, 0xFE];
    bytes.extend(
        "Commune\tÉcoles\r\nLille\t3\r\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes),
    );
    let sheet = read(&bytes, &Limits::default()).unwrap();
    assert_eq!(
        cells(&sheet),
        ["A1=Commune", "B1=Écoles", "A2=Lille", "B2=3"]
    );
}

#[test]
fn rows_keep_the_number_that_the_spreadsheet_shows() {
    let text =
        "sep=;\r\nNom;Note\r\n\r\nLille;\"deux\nlignes, et des \"\"guillemets\"\"\"\n;\nLomme;x";
    assert_eq!(
        cells(&read_text(text)),
        [
            "A2=Nom",
            "B2=Note",
            "A4=Lille",
            "B4=deux\nlignes, et des \"guillemets\"",
            "A6=Lomme",
            "B6=x"
        ]
    );
}

#[test]
fn a_quotation_mark_that_never_closes_is_located() {
    let error = read(b"Nom;Note\nLille;\"oups\nLomme;x\n", &Limits::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the quotation mark that opens cell B2 is never closed"
    );
}

#[test]
fn figures_typed_as_text_reach_the_domain_untouched() {
    let sheet = read_text("a;b;c\n1 030,30 €;1,234;1.234,5\n");
    assert_eq!(sheet.rows[1].cell(0).unwrap().text, "1 030,30 €");
    assert_eq!(sheet.rows[1].cell(1).unwrap().text, "1,234");
    assert_eq!(sheet.rows[1].cell(2).unwrap().text, "1.234,5");
    assert_eq!(
        read_text("a,b\n\"1,234\",x\n").rows[1]
            .cell(0)
            .unwrap()
            .text,
        "1,234"
    );
}

#[test]
fn an_empty_file_says_so_in_every_format() {
    for bytes in [
        Vec::new(),
        b"\xEF\xBB\xBF".to_vec(),
        b" ; ;\r\n;;\r\n".to_vec(),
        xlsx(|_| {}),
        ods(r#"<table:table table:name="F"><table:table-row/></table:table>"#),
    ] {
        assert_eq!(read(&bytes, &Limits::default()), Err(ReadingError::Empty));
    }
}

#[test]
fn a_workbook_keeps_its_numbers_dates_and_places() {
    let bytes = xlsx(|sheet| {
        sheet.write_string(0, 0, "Commune").unwrap();
        sheet.write_number(2, 1, 1030.3).unwrap();
        sheet.write_number(2, 2, 0.1 + 0.2).unwrap();
        let date = XlsxFormat::new().set_num_format("dd/mm/yyyy");
        let day = ExcelDateTime::from_ymd(2026, 11, 21).unwrap();
        sheet.write_datetime_with_format(2, 3, &day, &date).unwrap();
        sheet.write_boolean(2, 4, true).unwrap();
        sheet
            .write_formula(2, 5, Formula::new("=1/0").set_result("#DIV/0!"))
            .unwrap();
        sheet.write_string(2, 6, "=1+1").unwrap();
    });
    let sheet = read(&bytes, &Limits::default()).unwrap();
    assert_eq!(
        cells(&sheet),
        [
            "A1=Commune",
            "B3=1030.3",
            "C3=0.3",
            "D3=2026-11-21",
            "E3=VRAI",
            "F3=#DIV/0!",
            "G3==1+1"
        ]
    );
    let kinds: Vec<_> = sheet.rows[1].cells().iter().map(|cell| cell.kind).collect();
    use CellKind::{Boolean, Date, Fault, Number, Text};
    assert_eq!(kinds, [Number, Number, Date, Boolean, Fault, Text]);
    assert!(sheet.rows[1].cell(2).unwrap().rounded);
    assert!(!sheet.rows[1].cell(1).unwrap().rounded);
}

#[test]
fn hidden_and_empty_sheets_are_passed_over() {
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_name("Vide").unwrap();
    let hidden = workbook.add_worksheet().set_name("Listes").unwrap();
    hidden.write_string(0, 0, "caché").unwrap();
    hidden.set_hidden(true);
    workbook
        .add_worksheet()
        .set_name("Besoins")
        .unwrap()
        .write_string(0, 0, "vu")
        .unwrap();
    workbook
        .add_worksheet()
        .set_name("Contrôle")
        .unwrap()
        .write_string(0, 0, "après")
        .unwrap();
    let sheet = read(&workbook.save_to_buffer().unwrap(), &Limits::default()).unwrap();
    assert_eq!(sheet.name.as_deref(), Some("Besoins"));
    assert_eq!(sheet.unread, ["Contrôle"]);
    assert_eq!(cells(&sheet), ["A1=vu"]);
}

#[test]
fn an_open_document_is_read_in_decimal() {
    let bytes = ods(
        r#"<table:table table:name="Listes" table:style-name="hid"><table:table-row><table:table-cell><text:p>non</text:p></table:table-cell></table:table-row></table:table>
        <table:table table:name="Besoins"><table:table-column/><table:table-header-rows>
          <table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>
          <table:table-row>
            <table:table-cell table:number-columns-spanned="2" office:value-type="string"><text:p>Commune &amp; <text:span>code</text:span><text:s text:c="2"/>x</text:p><text:p>suite</text:p><office:annotation><text:p>note</text:p></office:annotation></table:table-cell>
            <table:covered-table-cell><text:p>dessous</text:p></table:covered-table-cell>
            <table:table-cell table:number-columns-repeated="2" office:value-type="float" office:value="1030.30000000000000004"><text:p>1 030,30</text:p></table:table-cell>
          </table:table-row></table:table-header-rows>
          <table:table-row><table:table-cell office:value-type="date" office:date-value="2026-11-21T00:00:00"><text:p>21/11/26</text:p></table:table-cell><table:table-cell office:value-type="percentage" office:value="5.5E-2"/><table:table-cell table:number-columns-repeated="16000"/></table:table-row>
          <table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>
        </table:table>"#,
    );
    let sheet = read(&bytes, &Limits::default()).unwrap();
    assert_eq!(
        cells(&sheet),
        [
            "A3=Commune & code  x\nsuite",
            "C3=1030.3",
            "D3=1030.3",
            "A4=2026-11-21",
            "B4=0.055"
        ]
    );
    assert_eq!(sheet.name.as_deref(), Some("Besoins"));
}

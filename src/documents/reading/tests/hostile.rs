//! Files written to harm, or harmed on their way.
use super::*;

#[test]
fn one_cell_repeated_to_the_end_of_the_world_is_refused() {
    let limits = Limits::default();
    let down = r#"<table:table table:name="F"><table:table-row table:number-rows-repeated="1048576"><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row></table:table>"#;
    assert_eq!(
        read(&ods(down), &limits),
        Err(ReadingError::TooManyRows { max: 100_000 })
    );
    let across = r#"<table:table table:name="F"><table:table-row><table:table-cell table:number-columns-repeated="4000000000"><text:p>x</text:p></table:table-cell></table:table-row></table:table>"#;
    let error = read(&ods(across), &limits).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cell IW1 is beyond the limit of 256 columns"
    );
}

#[test]
fn a_bomb_is_refused_before_it_unpacks() {
    let zeros = vec![b' '; 30 << 20];
    let bytes = archive(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("xl/workbook.xml", b"<workbook/>"),
        ("xl/worksheets/sheet1.xml", &zeros),
    ]);
    assert!(bytes.len() < 100_000, "30 MB in {} bytes", bytes.len());
    assert_eq!(
        read(&bytes, &Limits::default()),
        Err(ReadingError::Swells {
            part: "xl/worksheets/sheet1.xml".to_owned(),
            max: 200
        })
    );
    let patient = Limits {
        ratio_max: 10_000,
        unpacked_bytes_max: 20 << 20,
        ..Limits::default()
    };
    assert_eq!(
        read(&bytes, &patient),
        Err(ReadingError::TooManyUnpackedBytes { max: 20 << 20 })
    );
}

#[test]
fn a_workbook_that_announces_a_billion_texts_is_refused() {
    let good = xlsx(|sheet| {
        sheet.write_string(0, 0, "Commune").unwrap();
    });
    let mut source = zip::ZipArchive::new(Cursor::new(&good)).unwrap();
    let mut parts = Vec::new();
    for index in 0..source.len() {
        let mut part = source.by_index(index).unwrap();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut part, &mut bytes).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let text = text.replace("uniqueCount=\"1\"", "uniqueCount=\"99999999999\"");
        parts.push((part.name().unwrap().into_owned(), text));
    }
    let parts: Vec<(&str, &[u8])> = parts
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_bytes()))
        .collect();
    let error = read(&archive(&parts), &Limits::default()).unwrap_err();
    assert!(
        error.to_string().contains("announces more texts"),
        "{error}"
    );
}

#[test]
fn every_limit_refuses_with_its_figure() {
    let small = Limits {
        bytes_max: 60,
        rows_max: 3,
        columns_max: 4,
        cells_max: 5,
        cell_chars_max: 10,
        text_bytes_max: 20,
        ..Limits::default()
    };
    for (text, refusal) in [
        ("a;b\nc\nd\ne", "the sheet has more than 3 filled rows"),
        ("a;b;c;d;e", "cell E1 is beyond the limit of 4 columns"),
        ("a;b;c\nd;e;f", "the sheet has more than 5 filled cells"),
        (
            "a;bcdefghijkl",
            "cell B1 has 11 characters, the limit is 10",
        ),
        (
            "abcdefgh;abcdefgh\nabcdefgh",
            "the cells hold more than 20 bytes of text",
        ),
        (&"x;".repeat(40), "the file has 80 bytes, the limit is 60"),
    ] {
        assert_eq!(
            read(text.as_bytes(), &small).unwrap_err().to_string(),
            refusal
        );
    }
}

#[test]
fn a_file_of_50_megabytes_is_refused_at_its_size() {
    let error = read(&vec![b'x'; 50 << 20], &Limits::default()).unwrap_err();
    assert_eq!(
        error,
        ReadingError::TooManyBytes {
            found: 50 << 20,
            max: 20 << 20
        }
    );
}

#[test]
fn what_is_not_a_spreadsheet_is_named() {
    let limits = Limits::default();
    let found = |bytes: &[u8]| match read(bytes, &limits) {
        Err(ReadingError::NotASpreadsheet { found }) => found,
        other => panic!("{other:?}"),
    };
    assert_eq!(found(b"%PDF-1.4 besoins.xlsx"), Found::Pdf);
    let word = archive(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("word/document.xml", b"<w/>"),
    ]);
    assert_eq!(found(&word), Found::Archive);
    let text = archive(&[
        ("mimetype", b"application/vnd.oasis.opendocument.text"),
        ("content.xml", b"<x/>"),
    ]);
    assert_eq!(found(&text), Found::Archive);
    let noise: Vec<u8> = (0..4_000_u32)
        .map(|n| u8::try_from(n * 7 % 251 + 1).unwrap())
        .collect();
    assert_eq!(found(&noise), Found::Unknown);
}

#[test]
fn a_truncated_workbook_is_damaged_not_half_read() {
    let mut bytes = xlsx(|sheet| {
        for row in 0..2_000 {
            sheet
                .write_string(row, 0, format!("Commune {row}"))
                .unwrap();
        }
    });
    bytes.truncate(bytes.len() / 2);
    let error = read(&bytes, &Limits::default()).unwrap_err();
    assert_eq!(error.code(), "file.damaged");
}

#[test]
fn no_mangled_workbook_brings_the_process_down() {
    let good = xlsx(|sheet| {
        for row in 0..50 {
            sheet
                .write_string(row, 0, format!("Commune {row}"))
                .unwrap();
            sheet.write_number(row, 1, f64::from(row)).unwrap();
        }
    });
    let bad_ods =
        ods(r#"<table:table table:name="F"><table:table-row><table:table-cell><text:p>x</text:p>"#);
    assert_eq!(
        read(&bad_ods, &Limits::default()).unwrap_err().code(),
        "file.damaged"
    );
    for place in (0..good.len()).step_by(37) {
        let mut bytes = good.clone();
        bytes[place] ^= 0x5A;
        // Either answer will do; a panic or an endless loop would not.
        drop(read(&bytes, &Limits::default()));
    }
}

//! Heads of columns.
use super::*;

const HEADINGS: &[Heading] = &[
    Heading {
        key: "insee",
        names: &["Code INSEE", "insee"],
        required: true,
    },
    Heading {
        key: "quantity",
        names: &["Quantité", "qté"],
        required: true,
    },
    Heading {
        key: "comment",
        names: &["Commentaire"],
        required: false,
    },
];

#[test]
fn heads_are_found_under_titles_without_accents_nor_case() {
    let sheet = read_text("Besoins 2027\n\nCODE INSEE;Divers;quantite (nombre) *\n59350;x;3\n");
    let columns = Columns::find(&sheet, HEADINGS).unwrap();
    assert_eq!(columns.header_row, 3);
    assert_eq!(
        (
            columns.of("insee"),
            columns.of("quantity"),
            columns.of("comment")
        ),
        (Some(0), Some(2), None)
    );
    assert_eq!(columns.unknown.len(), 1);
    assert_eq!(columns.unknown[0].0.to_string(), "B3");
    let rows: Vec<u32> = columns.data(&sheet).map(|row| row.number).collect();
    assert_eq!(rows, [4]);
    assert_eq!(columns.cell(&sheet.rows[2], "quantity").unwrap().text, "3");
}

#[test]
fn heads_merged_over_two_rows_are_read_together() {
    // « Besoin » is merged over B1:C1, « Code INSEE » over A1:A2.
    let sheet = read_text("Code INSEE;Besoin;\n;Quantité;Commentaire\n59350;3;\n");
    let columns = Columns::find(&sheet, HEADINGS).unwrap();
    assert_eq!(columns.header_row, 2);
    assert_eq!(
        (columns.of("insee"), columns.of("comment")),
        (Some(0), Some(2))
    );
}

#[test]
fn what_is_missing_or_twice_there_is_named() {
    let sheet = read_text("Code INSEE;Nom\n59350;Lille\n");
    assert_eq!(
        Columns::find(&sheet, HEADINGS),
        Err(ColumnsError::Missing {
            row: Some(1),
            missing: vec!["Quantité"]
        })
    );
    let sheet = read_text("insee;Qté;Quantité\n59350;1;2\n");
    assert_eq!(
        Columns::find(&sheet, HEADINGS).unwrap_err().to_string(),
        "the columns B1 and C1 are both `Quantité`"
    );
}

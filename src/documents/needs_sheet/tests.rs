use super::*;
use crate::documents::reading::{self, Limits};

fn item(number: u128) -> ItemId {
    ItemId(uuid::Uuid::from_u128(number))
}

fn line(siren: &str, number: u128, quantity: Option<i64>) -> NeedsSheetLine {
    NeedsSheetLine {
        member_siren: Siren::parse(siren).unwrap(),
        member_name: "L’Haÿ-les-Roses".to_owned(),
        item_id: item(number),
        lot_number: "1".to_owned(),
        item_number: "01".to_owned(),
        title: "=Extincteur; 6 l".to_owned(),
        unit: "unité".to_owned(),
        site_id: None,
        site: String::new(),
        quantity: quantity.map(Quantity),
        most: None,
        commitment: None,
        budget: None,
        comment: None,
    }
}

fn sheet(lines: Vec<NeedsSheetLine>) -> NeedsSheet {
    NeedsSheet {
        title: "Extincteurs 2027".to_owned(),
        written_at: DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
        options: NeedsSheetOptions {
            most: true,
            commitment: true,
            comment: true,
            ..NeedsSheetOptions::default()
        },
        lines,
    }
}

fn parse(bytes: &[u8]) -> ParsedNeeds {
    NeedsSheet::parse(&reading::read(bytes, &Limits::default()).unwrap()).unwrap()
}

#[test]
fn an_export_reads_back_and_changes_nothing() {
    let full = NeedsSheetLine {
        most: Some(Quantity(12_500)),
        commitment: Some(SheetCommitment::UpTo),
        comment: Some("à livrer\navant mai".to_owned()),
        ..line("215903683", 2, Some(0))
    };
    let lines = vec![
        line("215903683", 1, Some(1_030_300)),
        full,
        line("200093201", 1, None),
    ];
    let table = sheet(lines.clone()).to_table();
    for bytes in [table.to_csv().unwrap(), table.to_xlsx().unwrap()] {
        let parsed = parse(&bytes);
        assert_eq!(parsed.bad, []);
        let addresses: Vec<String> = parsed.good.iter().map(|(_, at)| at.to_string()).collect();
        assert_eq!(addresses, ["H2", "H3", "H4"]);
        let back: Vec<_> = parsed.good.into_iter().map(|(line, _)| line).collect();
        assert_eq!(back, lines);
    }
}

#[test]
fn rows_of_one_item_are_told_apart_by_their_site() {
    let at = |name: &str, id: Option<u128>, quantity| NeedsSheetLine {
        site_id: id.map(|id| SiteId(uuid::Uuid::from_u128(id))),
        site: name.to_owned(),
        budget: id.map(|_| "Eau".to_owned()),
        ..line("215903683", 1, Some(quantity))
    };
    let lines = vec![
        at("École Pasteur", Some(7), 3_000),
        at("Station de pompage", Some(8), 4_000),
        at("Mairie", None, 5_000),
    ];
    let mut sheet = sheet(lines.clone());
    sheet.options = NeedsSheetOptions {
        site: true,
        budget: true,
        ..NeedsSheetOptions::default()
    };
    let table = sheet.to_table();
    for bytes in [table.to_csv().unwrap(), table.to_xlsx().unwrap()] {
        let parsed = parse(&bytes);
        assert_eq!(parsed.bad, []);
        let back: Vec<_> = parsed.good.into_iter().map(|(line, _)| line).collect();
        assert_eq!(back, lines);
    }
    let item = item(1);
    let text = format!(
        "Réf.;SIREN;Réf. site;Site;Quantité\n{item};215903683;;Mairie;1\n\
         {item};215903683;;mairie;2\n{item};215903683;7;École;2\n"
    );
    let bad = parse(text.as_bytes()).bad;
    let bad: Vec<_> = bad
        .iter()
        .map(|bad| (bad.address.to_string(), bad.problem.code()))
        .collect();
    let expected = [("E3", "cell.twice"), ("C4", "cell.reference")];
    assert_eq!(bad, expected.map(|(at, code)| (at.to_owned(), code)));
}

#[test]
fn a_bad_cell_is_named_and_its_neighbours_kept() {
    let ref_1 = item(1);
    let ref_2 = item(2);
    let text = format!(
        "Besoins\n\nREF;siren;Article;quantite;Engagement\n\
         {ref_1};215903683;Extincteur;1 030,30;ferme\n\
         {ref_2};215903683;Extincteur;1.234,5;peut-être\n\
         {ref_2};21590368;Extincteur;2;\n\
         abc;215903683;Extincteur;-3;\n\
         {ref_1};215903683;Extincteur;4;\n\
         ;;Article ajouté à la main;5;\n\
         ;;Total;;\n"
    );
    let parsed = parse(text.as_bytes());
    let good: Vec<_> = parsed
        .good
        .iter()
        .map(|(line, at)| (line.quantity, at.to_string()))
        .collect();
    assert_eq!(good, [(Some(Quantity(1_030_300)), "D4".to_owned())]);
    let bad: Vec<(String, &str, &str)> = parsed
        .bad
        .iter()
        .map(|bad| {
            (
                bad.address.to_string(),
                bad.typed.as_str(),
                bad.problem.code(),
            )
        })
        .collect();
    let expected = [
        ("D5", "1.234,5", "number.bad-grouping"),
        ("E5", "peut-être", "field.not-one-of"),
        ("B6", "21590368", "field.siren"),
        ("A7", "abc", "cell.reference"),
        ("D7", "-3", "number.negative"),
        ("D8", "4", "cell.twice"),
        ("A9", "", "field.missing"),
        ("B9", "", "field.missing"),
    ];
    let expected: Vec<_> = expected
        .map(|(at, typed, code)| (at.to_owned(), typed, code))
        .into_iter()
        .collect();
    assert_eq!(bad, expected);
}

#[test]
fn numbers_of_a_workbook_are_taken_as_they_are_shown() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let page = workbook.add_worksheet();
    for (place, head) in (0..).zip(["Réf.", "SIREN", "Quantité", "Possible jusqu'à"]) {
        page.write_string(0, place, head).unwrap();
    }
    page.write_string(1, 0, item(1).to_string()).unwrap();
    page.write_number(1, 1, 215_903_683).unwrap();
    // What a spreadsheet holds for a sum that shows 12.5, and for a broken formula.
    page.write_number(1, 2, 12.499_999_999_999_8).unwrap();
    page.write_formula(
        2,
        2,
        rust_xlsxwriter::Formula::new("=A0").set_result("#REF!"),
    )
    .unwrap();
    page.write_string(2, 0, item(2).to_string()).unwrap();
    page.write_number(2, 1, 215_903_683).unwrap();
    let parsed = parse(&workbook.save_to_buffer().unwrap());
    assert_eq!(parsed.good[0].0.quantity, Some(Quantity(12_500)));
    assert_eq!(
        parsed.bad[0].to_string(),
        "C3: `#REF!`: the spreadsheet shows an error"
    );
}

#[test]
fn a_file_without_its_references_says_which_column_is_missing() {
    let text = "SIREN;Article;Quantité\n215903683;Extincteur;3\n";
    let sheet = reading::read(text.as_bytes(), &Limits::default()).unwrap();
    assert_eq!(
        NeedsSheet::parse(&sheet),
        Err(ColumnsError::Missing {
            row: Some(1),
            missing: vec!["Réf."]
        })
    );
}

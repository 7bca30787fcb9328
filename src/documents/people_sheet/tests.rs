use domain::identity::{InseeCode, Siren};

use super::*;
use crate::documents::directory::Known;
use crate::documents::reading::{self, Limits};

fn organisation(number: u128) -> OrganisationId {
    OrganisationId(uuid::Uuid::from_u128(number))
}

fn directory() -> Directory {
    let known = |number, name: &str, insee: &str, siren: Option<&str>| Known {
        id: organisation(number),
        name: name.to_owned(),
        siren: siren.map(|text| Siren::parse(text).unwrap()),
        insee: Some(InseeCode::parse(insee).unwrap()),
    };
    Directory::new(vec![
        known(1, "La Madeleine", "59368", Some("215903683")),
        known(2, "Saint-Denis", "93066", None),
        known(3, "Saint-Denis", "97411", None),
        known(4, "Ambérieu-en-Bugey", "01004", None),
    ])
}

fn parse_text(text: &str) -> ParsedPeople {
    let sheet = reading::read(text.as_bytes(), &Limits::default()).unwrap();
    parse(&sheet, &directory()).unwrap()
}

fn bad(parsed: &ParsedPeople) -> Vec<String> {
    parsed
        .bad
        .iter()
        .map(|bad| format!("{} {}", bad.address, bad.problem.code()))
        .collect()
}

#[test]
fn people_are_read_from_the_table_of_last_year() {
    let parsed = parse_text(
        "MAIRIE;Prénom;NOM;Rôle;Courriel;Tél.;Divers\n\
         Mairie de la Madeleine;Zoé;Petit;Secrétaire de mairie;Zoe@Mairie.FR;03.20.00.00.00;x\n\
         ;;;;;;note\n",
    );
    assert_eq!(parsed.bad, []);
    let (line, address) = &parsed.good[0];
    assert_eq!(address.to_string(), "C2");
    assert_eq!(
        line,
        &PersonLine {
            organisation: organisation(1),
            name: "Zoé Petit".to_owned(),
            roles: [Role::DeclaringAgent].into(),
            function: None,
            email: Some(Email::parse("Zoe@mairie.fr").unwrap()),
            phone: Some(Phone::parse("0320000000").unwrap()),
        }
    );
    assert_eq!(parsed.columns.unknown[0].1, "Divers");
}

#[test]
fn a_commune_is_told_by_its_codes_even_without_their_zero() {
    let parsed = parse_text(
        "SIREN,Code INSEE,Commune,Nom,E-mail\n\
         215 903 683,,,A,a@mairie.fr\n\
         21590368300013,,Madeleine (La),B,b@mairie.fr\n\
         ,1004,Ambérieu-en-Bugey,C,c@mairie.fr\n\
         ,97411,Saint-Denis,D,d@mairie.fr\n",
    );
    assert_eq!(parsed.bad, []);
    let found: Vec<_> = parsed
        .good
        .iter()
        .map(|(line, _)| line.organisation)
        .collect();
    assert_eq!(
        found,
        [
            organisation(1),
            organisation(1),
            organisation(4),
            organisation(3)
        ]
    );
}

#[test]
fn a_code_and_a_name_that_disagree_are_not_arbitrated() {
    let parsed =
        parse_text("INSEE;Commune;Nom;Mail\n59368;Lille;A;a@mairie.fr\n59999;;B;b@mairie.fr\n");
    assert_eq!(
        bad(&parsed),
        ["B2 cell.other-name", "A3 cell.unknown-organisation"]
    );
}

#[test]
fn a_name_that_several_communes_share_needs_a_code() {
    let parsed = parse_text(
        "Commune;Nom;Mail\nSAINT DENIS;A;a@mairie.fr\nLille;B;b@mairie.fr\n;C;c@mairie.fr\n",
    );
    assert_eq!(
        bad(&parsed),
        [
            "A2 cell.homonyms",
            "A3 cell.unknown-organisation",
            "A4 field.missing"
        ]
    );
    assert_eq!(
        parsed.bad[0].problem,
        SheetProblem::Homonyms {
            choices: vec![
                "Saint-Denis (93, 93066)".to_owned(),
                "Saint-Denis (974, 97411)".to_owned()
            ]
        }
    );
}

#[test]
fn every_bad_cell_of_a_row_is_named() {
    let parsed = parse_text(
        "Commune;Nom;Rôle;Mail;Téléphone\n\
         La Madeleine;A;chef;a@;12\n\
         La Madeleine;;;b@mairie.fr;\n\
         La Madeleine;C;élu;;0320000000\n\
         La Madeleine;D;;;\n\
         La Madeleine;E;;E@mairie.fr;\n\
         La Madeleine;E bis;;e@mairie.fr;\n\
         La Madeleine;F;;;0320000000\n",
    );
    assert_eq!(
        bad(&parsed),
        [
            "C2 field.not-one-of",
            "D2 field.email",
            "E2 field.phone",
            "B3 field.missing",
            "D4 field.missing",
            "D5 field.missing",
            "D7 cell.twice",
        ]
    );
    let names: Vec<_> = parsed
        .good
        .iter()
        .map(|(line, _)| line.name.as_str())
        .collect();
    assert_eq!(names, ["E", "F"]);
}

#[test]
fn a_file_that_never_says_for_whom_is_refused() {
    let sheet = reading::read(b"Nom;Mail\nA;a@mairie.fr\n", &Limits::default()).unwrap();
    assert_eq!(
        parse(&sheet, &directory()),
        Err(ColumnsError::Missing {
            row: Some(1),
            missing: vec!["Commune"]
        })
    );
}

#[test]
fn the_model_to_fill_in_reads_back() {
    let head: Vec<String> = template().into_iter().map(|column| column.name).collect();
    let text = format!(
        "{}\nLa Madeleine;;Petit;Zoé;Élu;;z@mairie.fr;\n",
        head.join(";")
    );
    let parsed = parse_text(&text);
    assert_eq!(parsed.good[0].0.roles, [Role::Approver].into());
}

#[test]
fn what_is_taken_away_reads_back_with_every_role() {
    let known = Known {
        id: organisation(3),
        name: "Saint-Denis".to_owned(),
        siren: None,
        insee: Some(InseeCode::parse("97411").unwrap()),
    };
    let line = PersonLine {
        organisation: organisation(3),
        name: "Zoé Petit".to_owned(),
        roles: [Role::Approver, Role::Accountant].into(),
        function: Some("=adjointe".to_owned()),
        email: Some(Email::parse("zoe@mairie.fr").unwrap()),
        phone: Some(Phone::parse("0262000000").unwrap()),
    };
    let contact = PersonLine {
        roles: BTreeSet::new(),
        function: None,
        email: None,
        name: "Paul".to_owned(),
        ..line.clone()
    };
    let written_at = "2026-09-01T08:00:00Z".parse().unwrap();
    let people = [(known.clone(), line.clone()), (known, contact.clone())];
    let table = table(&people, written_at);
    for bytes in [table.to_csv().unwrap(), table.to_xlsx().unwrap()] {
        let sheet = reading::read(&bytes, &Limits::default()).unwrap();
        let parsed = parse(&sheet, &directory()).unwrap();
        assert_eq!(bad(&parsed), Vec::<String>::new());
        let back: Vec<_> = parsed.good.into_iter().map(|(line, _)| line).collect();
        assert_eq!(back, [line.clone(), contact.clone()]);
    }
}

use super::*;

fn reference() -> Arc<Reference> {
    Reference::embedded().expect("the embedded list")
}

fn siren(text: &str) -> Siren {
    Siren::parse(text).unwrap()
}

fn labels(hits: &[Hit<'_>]) -> Vec<String> {
    hits.iter().map(Hit::label).collect()
}

#[test]
fn the_embedded_list_is_whole_and_signed() {
    let reference = reference();
    assert_eq!(reference.communes().len(), 34_969);
    assert_eq!(reference.epcis().len(), 1_255);
    assert_eq!(
        (
            reference.vintage,
            reference.source.as_str(),
            reference.licence.as_str()
        ),
        (VINTAGE, SOURCE, LICENCE)
    );
    assert_eq!(
        reference
            .communes()
            .iter()
            .filter(|commune| commune.siren.is_none())
            .count(),
        94
    );
    assert_eq!(
        reference
            .communes()
            .iter()
            .filter(|c| c.epci_siren.is_none())
            .count(),
        98
    );
}

#[test]
fn a_commune_is_found_by_its_code_and_its_siren() {
    let reference = reference();
    let madeleine = reference
        .commune(&InseeCode::parse("59368").unwrap())
        .unwrap();
    assert_eq!(&*madeleine.name, "La Madeleine");
    assert_eq!(madeleine.department(), "59");
    assert_eq!(madeleine.postcodes().collect::<Vec<_>>(), ["59110"]);
    assert_eq!(madeleine.siren, Some(siren("215903683")));
    assert_eq!(madeleine.epci_siren, Some(siren("200093201")));
    assert_eq!(
        reference.commune_by_siren(&siren("215903683")),
        Some(madeleine)
    );
    assert_eq!(
        reference.commune_by_siren(&siren("200093201")),
        None,
        "an EPCI is no commune"
    );
    let paris = reference
        .commune(&InseeCode::parse("75056").unwrap())
        .unwrap();
    assert_eq!(paris.postcodes().count(), 21);
    let kerguelen = reference
        .commune(&InseeCode::parse("98412").unwrap())
        .unwrap();
    assert_eq!(
        (
            kerguelen.population_municipale,
            kerguelen.postcodes().count()
        ),
        (None, 0)
    );
}

#[test]
fn the_metropole_of_lille_has_its_95_communes_by_siren() {
    let reference = reference();
    let lille = reference.epci(&siren("200093201")).unwrap();
    assert_eq!((lille.members, lille.kind), (95, EpciKind::Metropole));
    let members = reference.members_of(&lille.siren);
    assert_eq!(members.len(), 95);
    assert!(members.is_sorted_by_key(|commune| &commune.siren));
    let sum: u32 = members
        .iter()
        .filter_map(|commune| commune.population_municipale)
        .sum();
    assert_eq!(sum, lille.population_municipale);
    assert!(reference.members_of(&siren("215903683")).is_empty());
}

#[test]
fn every_epci_has_the_population_of_its_members() {
    let reference = reference();
    let mut sums = std::collections::BTreeMap::new();
    for commune in reference.communes() {
        let (municipale, totale) = sums.entry(&commune.epci_siren).or_insert((0, 0));
        *municipale += commune.population_municipale.unwrap_or(0);
        *totale += commune.population_totale.unwrap_or(0);
    }
    for epci in reference.epcis() {
        let expected = (epci.population_municipale, epci.population_totale);
        assert_eq!(sums[&Some(epci.siren.clone())], expected, "{}", epci.name);
    }
}

#[test]
fn homonyms_are_never_confused() {
    let reference = reference();
    assert_eq!(reference.communes_named("SAINTE COLOMBE").len(), 12);
    assert_eq!(reference.communes_named("lille").len(), 1);
    assert!(reference.communes_named("").is_empty());
    let hits = reference.search("st denis", 3);
    assert_eq!(
        labels(&hits),
        [
            "Saint-Denis (974, 97411)",
            "Saint-Denis (93, 93066)",
            "Saint-Denis (11, 11339)"
        ]
    );
    assert_eq!(labels(&reference.search("Lille", 1)), ["Lille"]);
}

#[test]
fn the_beginning_of_a_name_comes_before_its_middle() {
    let reference = reference();
    let hits = labels(&reference.search("marcq", 3));
    assert_eq!(
        hits,
        ["Marcq (78, 78364)", "Marcq (08, 08274)", "Marcq-en-Barœul"]
    );
    assert_eq!(
        labels(&reference.search("marcq-en-b", 1)),
        ["Marcq-en-Barœul"]
    );
    assert_eq!(
        labels(&reference.search("MARCQ EN BAROEUL", 1)),
        ["Marcq-en-Barœul"]
    );
    assert_eq!(labels(&reference.search("madeleine", 1)), ["La Madeleine"]);
    assert_eq!(
        labels(&reference.search("barœul marcq", 1)),
        ["Marcq-en-Barœul"]
    );
    assert_eq!(reference.search("", 10), []);
    assert_eq!(reference.search("zzzz", 10), []);
    assert_eq!(
        reference.search("a", 1_000).len(),
        100,
        "no list of choices is endless"
    );
}

#[test]
fn codes_and_postcodes_are_searched_too() {
    let reference = reference();
    for typed in ["59368", "215903683", "215 903 683"] {
        assert_eq!(
            labels(&reference.search(typed, 5)),
            ["La Madeleine"],
            "{typed}"
        );
    }
    // 59110 is the postcode of one commune and the INSEE code of another.
    assert_eq!(
        labels(&reference.search("59110", 5)),
        ["La Madeleine", "Brouckerque"]
    );
    assert_eq!(labels(&reference.search("2a004", 1)), ["Ajaccio"]);
    assert_eq!(
        labels(&reference.search_epci("lille", 1)),
        ["Métropole Européenne de Lille (200093201)"]
    );
    assert_eq!(reference.search_epci("200093201", 1).len(), 1);
}

mod replaced {
    use super::*;

    const EPCI: &str = "#vintage\t2027\n#source\tINSEE\nsiren\tname\tkind\tmembers\tpopulation_municipale\tpopulation_totale\n200093201\tMétropole Européenne de Lille\tMETRO\t1\t10\t12\n";
    const HEADS: &str = "insee\tsiren\tname\tdepartment\tpostcodes\tpopulation_municipale\tpopulation_totale\tepci_siren";

    fn folder(name: &str, communes: &str) -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("encommun-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("communes.tsv"), communes).unwrap();
        std::fs::write(folder.join("epci.tsv"), EPCI).unwrap();
        folder
    }

    fn refusal(name: &str, communes: &str) -> String {
        let folder = folder(name, communes);
        let error = Reference::from_path(&folder).unwrap_err().to_string();
        std::fs::remove_dir_all(folder).unwrap();
        error
    }

    #[test]
    fn next_years_list_is_read_from_a_folder() {
        let text = format!(
            "#vintage\t2027\n#source\tINSEE\n{HEADS}\n59368\t215903683\tLa Madeleine\t59\t59110\t10\t12\t200093201\n"
        );
        let folder = folder("good", &text);
        let reference = Reference::from_path(&folder).unwrap();
        assert_eq!((reference.vintage, reference.communes().len()), (2027, 1));
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_doubtful_list_is_refused_with_its_line() {
        let signed = format!("#vintage\t2027\n#source\tINSEE\n{HEADS}\n");
        let madeleine = "59368\t215903683\tLa Madeleine\t59\t59110\t10\t12\t200093201";
        for (name, lines, error) in [
            (
                "siren",
                madeleine.replace("215903683", "215903684"),
                "communes.tsv, line 4: `215903684` is not a siren",
            ),
            (
                "cells",
                "59368\tLa Madeleine".to_owned(),
                "communes.tsv, line 4: it has 2 cells",
            ),
            (
                "twice",
                format!("{madeleine}\n{madeleine}"),
                "communes.tsv, line 5: it is not after the line above",
            ),
            (
                "shifted",
                madeleine.replace("\t59\t", "\t62\t"),
                "communes.tsv, line 4: `62` is not a department",
            ),
            (
                "orphan",
                madeleine.replace("200093201", "200000172"),
                "communes.tsv, line 4: the EPCI 200000172 is not in the list",
            ),
            (
                "nobody",
                String::new(),
                "the EPCI 200093201 announces 1 members and has 0",
            ),
        ] {
            assert_eq!(refusal(name, &format!("{signed}{lines}")), error);
        }
        assert_eq!(
            refusal("unsigned", &format!("{HEADS}\n{madeleine}")),
            "communes.tsv does not say its vintage, or not as the other file does"
        );
        assert_eq!(
            refusal("heads", "insee;nom\n"),
            "communes.tsv has not the columns expected"
        );
        let missing = Reference::from_path(Path::new("/nowhere")).unwrap_err();
        assert!(matches!(missing, ReferenceError::Unreadable { .. }));
    }
}

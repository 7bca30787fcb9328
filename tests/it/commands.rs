//! Files in and out at the server's command line.
use std::{fs, path::Path};

use crate::support::{TestApp, process};

/// A table in a file of its own.
fn file(name: &str, table: &[u8]) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, table).unwrap();
    path.display().to_string()
}

/// What a command answers: its exit code, its output, its errors.
async fn run(test: &TestApp, arguments: &[&str]) -> (i32, String, String) {
    let done = process::run(&test.database.url, arguments).await;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let code = done.status.code().unwrap();
    (code, text(&done.stdout), text(&done.stderr))
}

#[tokio::test]
async fn the_operator_imports_sites_and_exports_them_again() {
    let test = TestApp::new().await;
    test.commune("Anstaing", "59013", "215900135").await;
    let owner = ["--organisation", "215900135"];
    let table = "Nature;Nom;Numéro\nbâtiment;École;\nélectricité;Stade;123\n";
    let path = file("operator-sites.csv", table.as_bytes());
    let import = ["import", "sites", owner[0], owner[1], &path];
    let dry = [&import[..], &["--dry-run", "--json"]].concat();
    let (code, told, _) = run(&test, &dry).await;
    let report: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(
        (code, &report["applied"], &report["added"]),
        (2, &false.into(), &1.into())
    );
    let (code, told, aside) = run(&test, &import).await;
    assert_eq!(code, 2, "a cell was left aside");
    assert!(
        told.contains("Importé\u{a0}: 1\u{a0}site nouveau"),
        "{told}"
    );
    assert!(aside.contains("C3"), "{aside}");
    let (code, csv, _) = run(&test, &["export", "sites", owner[0], owner[1]]).await;
    assert!(code == 0 && csv.contains("bâtiment;École"), "{csv}");
    let path = file("operator-sites-again.csv", csv.as_bytes());
    let (code, told, _) = run(&test, &["import", "sites", owner[0], owner[1], &path]).await;
    assert!(
        code == 0 && told.contains("1\u{a0}ligne sans changement"),
        "{told}"
    );
    let (code, _, refused) = run(&test, &["export", "sites", owner[0], "732829320"]).await;
    assert!(code == 2 && !refused.is_empty(), "{refused}");
}

#[tokio::test]
async fn the_operator_imports_people_of_any_organisation() {
    let test = TestApp::new().await;
    test.commune("Anstaing", "59013", "215900135").await;
    test.commune("Lezennes", "59346", "215903469").await;
    let table = "Commune;Nom;Rôle;Courriel\nAnstaing;Zoé;administrateur;zoe@anstaing.example\n\
                 Lezennes;Marc;;marc@lezennes.example\n";
    let path = file("operator-people.csv", table.as_bytes());
    let (code, told, _) = run(&test, &["import", "users", &path, "--dry-run"]).await;
    assert!(
        code == 0 && told.contains("rien n’est enregistré"),
        "{told}"
    );
    assert!(!told.contains("/lien/"), "{told}");
    let (code, told, _) = run(&test, &["import", "users", &path]).await;
    assert_eq!(code, 0, "{told}");
    assert!(told.contains("2\u{a0}personnes ajoutées"), "{told}");
    assert!(told.contains("zoe@anstaing.example\tZoé\thttp"), "{told}");
    let (code, csv, _) = run(&test, &["export", "contacts"]).await;
    assert!(code == 0 && csv.contains("Lezennes;59346"), "{csv}");
    let path = file("operator-people-again.csv", csv.as_bytes());
    let (_, told, _) = run(&test, &["import", "contacts", &path, "--json"]).await;
    let report: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(
        (&report["unchanged"], &report["left_aside"]),
        (&2.into(), &0.into())
    );
}

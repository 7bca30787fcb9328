//! Suppliers by page: found, recorded, corrected; and never shown to others.
use axum::http::Method;
use domain::permission::Role;
use serde_json::json;

use crate::{
    accessibility::assert_accessible,
    browser::serve,
    support::{TestApp, contracts::program},
};

const OFFICER: &str = "achats@mel.example";

fn fields<'a>(siren: &'a str, siret: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("nom", "Éts Œuf & Fils"),
        ("siren", siren),
        ("siret", siret),
        ("email", "contact@oeuf.example"),
        ("telephone", "03 20 21 22 23"),
    ]
}

#[tokio::test]
async fn a_supplier_is_recorded_once_with_numbers_that_exist() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let officer = test.signed_in(OFFICER).await;
    let empty = officer.get("/fournisseurs").await.expect(200).text();
    assert!(empty.contains("Aucun fournisseur"), "{empty}");
    officer.get("/fournisseurs/nouveau").await.expect(200);
    let new = "/fournisseurs/nouveau";
    let wrong = fields("732 829 320", "732 829 320 00075");
    let page = officer.post(new, &wrong).await.expect(422).text();
    assert!(page.contains("sa clé de contrôle est fausse"), "{page}");
    assert!(page.contains("value=\"732 829 320 00075\""), "{page}");
    let other = fields("200 093 201", "732 829 320 00074");
    let page = officer.post(new, &other).await.expect(409).text();
    assert!(
        page.contains("n’est pas celui d’un établissement"),
        "{page}"
    );
    let right = fields("732 829 320", "732 829 320 00074");
    let here = officer
        .post(new, &right)
        .await
        .expect(303)
        .location
        .unwrap();
    let page = officer.get(&here).await.expect(200).text();
    for told in [
        "Éts Œuf &#38; Fils",
        "732\u{a0}829\u{a0}320\u{a0}00074",
        "03\u{a0}20\u{a0}21\u{a0}22\u{a0}23",
        "Aucun marché",
    ] {
        assert!(page.contains(told), "{told} is not in {page}");
    }
    let page = officer.post(new, &right).await.expect(409).text();
    assert!(page.contains("porte déjà le SIREN"), "{page}");

    let edit = format!("{here}/modifier");
    officer.get(&edit).await.expect(200);
    let mut changed = fields("732 829 320", "");
    changed[0].1 = "Œuf et Fils";
    changed.push(("version", "0"));
    officer.post(&edit, &changed).await.expect(303);
    let list = officer.get("/fournisseurs?q=oeuf").await.expect(200).text();
    assert!(list.contains("Œuf et Fils"), "{list}");
    let none = officer.get("/fournisseurs?q=alpha").await.expect(200);
    assert!(none.text().contains("Aucun fournisseur ne correspond"));

    let api = program(&test, &trio.officer).await;
    let contract = json!({"grouping": trio.grouping,
        "supplier": {"siren": "732829320", "name": "Œuf et Fils"},
        "terms": {"number": "2026-M-9", "title": "Extincteurs", "notified_on": "2026-08-01"}});
    api.json(Method::POST, "/api/v1/contracts", &[], &contract)
        .await
        .expect(201);
    let page = officer.get(&here).await.expect(200).text();
    assert!(page.contains("2026-M-9"), "{page}");

    let base = serve(test.router.clone()).await;
    let paths = ["/fournisseurs", here.as_str(), edit.as_str(), new];
    assert_accessible(&base, Some(&officer.cookie_header()), &paths).await;
}

#[tokio::test]
async fn a_supplier_is_its_coordinator_s_and_only_its_officers_change_it() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let id = test.supplied(&trio).await;
    let here = format!("/fournisseurs/{id}");
    let accountant = "comptable@mel.example";
    test.user(accountant, &[(trio.epci, Role::Accountant)])
        .await;
    let reader = test.signed_in(accountant).await;
    let page = reader.get(&here).await.expect(200).text();
    assert!(!page.contains("Modifier la fiche"), "{page}");
    let list = reader.get("/fournisseurs").await.expect(200).text();
    assert!(!list.contains("Enregistrer un fournisseur"), "{list}");
    reader.get(&format!("{here}/modifier")).await.expect(403);
    reader.get("/fournisseurs/nouveau").await.expect(403);
    reader.post("/fournisseurs/nouveau", &[]).await.expect(403);
    reader
        .post(&format!("{here}/modifier"), &[])
        .await
        .expect(403);
    let clerk = test.signed_in("mairie@anstaing.example").await;
    clerk.get(&here).await.expect(404);
    clerk.get(&format!("{here}/modifier")).await.expect(404);
    let list = clerk.get("/fournisseurs").await.expect(200).text();
    assert!(!list.contains("Prestataire Exemple"), "{list}");
}

#[tokio::test]
async fn the_search_finds_everything_one_may_see_and_nothing_else() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let (round, _) = test.drafted_round(&trio).await;
    let lines = vec![crate::support::invoices::line(
        "Étude",
        10_000,
        domain::purchasing::invoice::LineRule::Equal,
    )];
    let mut invoice = test.invoice(&trio, supplier, "F-1", lines);
    invoice.title = "Extincteurs, étude".to_owned();
    test.checked(&trio, invoice).await;
    let hem = test.commune("Hem", "59299", "215902990").await;
    test.user("mairie@hem.example", &[(hem, Role::PurchasingOfficer)])
        .await;
    let officer = test.signed_in(OFFICER).await;
    let found = officer
        .get("/recherche?q=extincteurs")
        .await
        .expect(200)
        .text();
    let draft = format!("/campagnes/{}", round.id);
    assert!(found.contains(&draft), "{found}");
    assert!(found.contains("F-1 · Extincteurs, étude"), "{found}");
    let found = officer
        .get("/recherche?q=prestataire")
        .await
        .expect(200)
        .text();
    assert!(found.contains(&format!("/fournisseurs/{supplier}")));
    let found = officer
        .get("/recherche?q=incendie")
        .await
        .expect(200)
        .text();
    assert!(found.contains(&format!("/groupements/{}", trio.grouping)));

    let clerk = test.signed_in("mairie@anstaing.example").await;
    let seen = clerk
        .get("/recherche?q=extincteurs")
        .await
        .expect(200)
        .text();
    assert!(
        !seen.contains(&draft),
        "a draft is its coordinator's to know"
    );
    assert!(!seen.contains("F-1 ·"), "{seen}");
    let seen = clerk.get("/recherche?q=incendie").await.expect(200).text();
    assert!(seen.contains(&format!("/groupements/{}", trio.grouping)));
    let stranger = test.signed_in("mairie@hem.example").await;
    for words in ["extincteurs", "incendie", "prestataire"] {
        let path = format!("/recherche?q={words}");
        let seen = stranger.get(&path).await.expect(200).text();
        assert!(seen.contains("Aucun résultat"), "{words}: {seen}");
    }
}

//! Allocation keys by page: created, pasted from a spreadsheet, corrected, guarded.
use axum::http::Method;
use domain::permission::Role;
use serde_json::json;

use crate::{
    accessibility::assert_accessible,
    browser::serve,
    support::{TestApp, contracts::program},
};

const OFFICER: &str = "achats@mel.example";

#[tokio::test]
async fn an_officer_pastes_weights_checks_them_then_keeps_the_key() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    test.supplied(&trio).await;
    let officer = test.signed_in(OFFICER).await;
    let keys = format!("/groupements/{}/cles", trio.grouping);
    let empty = officer.get(&keys).await.expect(200).text();
    assert!(empty.contains("Aucune clé de répartition"), "{empty}");
    officer.get(&format!("{keys}/nouvelle")).await.expect(200);

    let block = "Commune\tm²\n59013\t1 234,5\nLa Madeleine\t1.234,5\nLompret\t3";
    let pasted = [("nom", "Surfaces"), ("geste", "remplir"), ("bloc", block)];
    let page = officer.post(&keys, &pasted).await.expect(200).text();
    let anstaing = format!("poids-{}", trio.anstaing);
    let madeleine = format!("poids-{}", trio.madeleine);
    let value = format!("name=\"{anstaing}\" data-col=\"poids\" value=\"1 234,5\"");
    assert!(page.contains(&value), "{page}");
    for told in [
        "Une valeur reprise. Vérifiez-la",
        "Ligne 3\u{a0}: «\u{a0}1.234,5\u{a0}» se lit de deux façons",
        "Ligne 4\u{a0}: aucun membre ne correspond à «\u{a0}Lompret\u{a0}»",
        "value=\"Surfaces\"",
    ] {
        assert!(page.contains(told), "{told} is not in {page}");
    }
    let none = officer.get(&keys).await.expect(200).text();
    assert!(none.contains("Aucune clé"), "nothing is kept by pasting");

    let mut fields = vec![
        ("operation", "une-fois"),
        ("nom", "Surfaces"),
        ("unite", "m²"),
        ("source", "Relevé des services techniques"),
        ("datee_du", "01/01/2026"),
        (anstaing.as_str(), "1 234,5"),
        (madeleine.as_str(), "douze"),
    ];
    let refused = officer.post(&keys, &fields).await.expect(422).text();
    assert!(
        refused.contains("La Madeleine\u{a0}: «\u{a0}douze\u{a0}» n’est pas un nombre"),
        "{refused}"
    );
    fields[6].1 = "2 000";
    fields[0].1 = "autre-fois";
    let made = officer.post(&keys, &fields).await.expect(303);
    let here = made.location.unwrap();
    let page = officer.get(&here).await.expect(200).text();
    for told in ["1\u{202f}234,5", "3\u{202f}234,5", "janvier", "Relevé"] {
        assert!(page.contains(told), "{told} is not in {page}");
    }
    fields[0].1 = "encore";
    let taken = officer.post(&keys, &fields).await.expect(409).text();
    assert!(taken.contains("s’appelle déjà"), "{taken}");

    let edit = format!("{here}/modifier");
    let form = officer.get(&edit).await.expect(200).text();
    assert!(form.contains("name=\"version\" value=\"0\""), "{form}");
    let mut again = fields.clone();
    again[0].1 = "corriger";
    again[6].1 = "";
    again.push(("version", "0"));
    officer.post(&edit, &again).await.expect(303);
    let page = officer.get(&here).await.expect(200).text();
    assert!(page.contains("1 membre n’a"), "{page}");
    again[0].1 = "trop-tard";
    let stale = officer.post(&edit, &again).await;
    assert_eq!(stale.status.as_u16(), 412, "{}", stale.text());
}

#[tokio::test]
async fn keys_are_the_coordinator_s_and_only_those_who_split_change_them() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    test.supplied(&trio).await;
    let accountant = "comptable@mel.example";
    test.user(accountant, &[(trio.epci, Role::Accountant)])
        .await;
    let api = program(&test, &trio.officer).await;
    let path = format!("/api/v1/groupings/{}/keys", trio.grouping);
    let member = trio.anstaing.to_string();
    let body = json!({"name": "Points", "unit": "points", "source": "Enedis",
        "dated_on": "2026-01-01", "values": {member: "12"}});
    let made = api
        .json(Method::POST, &path, &[], &body)
        .await
        .expect(201)
        .json();
    let keys = format!("/groupements/{}/cles", trio.grouping);
    let here = format!("{keys}/{}", made["id"].as_str().unwrap());

    let reader = test.signed_in(accountant).await;
    let page = reader.get(&here).await.expect(200).text();
    assert!(!page.contains("Modifier la clé"), "{page}");
    let page = reader.get(&keys).await.expect(200).text();
    assert!(!page.contains("Créer une clé"), "{page}");
    for path in [format!("{keys}/nouvelle"), format!("{here}/modifier")] {
        reader.get(&path).await.expect(403);
    }
    reader.post(&keys, &[]).await.expect(403);
    reader
        .post(&format!("{here}/modifier"), &[])
        .await
        .expect(403);

    let clerk = test.signed_in("mairie@anstaing.example").await;
    let overview = format!("/groupements/{}", trio.grouping);
    let page = clerk.get(&overview).await.expect(200).text();
    assert!(!page.contains("/cles"), "{page}");
    for path in [keys.clone(), here.clone(), format!("{here}/modifier")] {
        clerk.get(&path).await.expect(404);
    }
    clerk.post(&keys, &[]).await.expect(404);

    let base = serve(test.router.clone()).await;
    let officer = test.signed_in(OFFICER).await;
    let membership = test.membership(trio.grouping, trio.anstaing).await.id;
    test.open_round(&trio).await;
    let paths = [
        format!("{overview}/adhesions/{membership}"),
        overview.clone(),
        keys.clone(),
        here.clone(),
        format!("{here}/modifier"),
        format!("{keys}/nouvelle"),
    ];
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    assert_accessible(&base, Some(&officer.cookie_header()), &paths).await;
}

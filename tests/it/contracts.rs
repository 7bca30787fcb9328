//! Contracts, from an award or recorded directly, by page and JSON.
use axum::http::Method;
use domain::permission::Role;
use serde_json::json;

use crate::support::{
    Client, TestApp,
    contracts::{Purchase, program},
};
use crate::{accessibility::assert_accessible, browser::serve};

/// Awards the first lot and gives the award's identifier.
async fn awarded(officer: &Client, purchase: &Purchase, procedure: &str) -> String {
    let lot = purchase.lots[0];
    let path = format!("/api/v1/procedures/{procedure}/lots/{lot}/award");
    let body = json!({
        "outcome": "awarded", "decided_on": "2026-09-01",
        "supplier": {"siren": "732829320", "name": "Alpha Incendie"},
        "prices": [{"item": purchase.items[0], "unit_price": "9"}],
    });
    officer
        .json(Method::POST, &path, &[], &body)
        .await
        .expect(200);
    let path = format!("/api/v1/procedures/{procedure}");
    let seen = officer.get(&path).await.expect(200).json();
    seen["lots"][0]["award"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_contract_is_made_of_an_award_then_started_and_ended() {
    let test = TestApp::new().await;
    let purchase = test.purchase().await;
    let id = test.launched(&purchase).await.to_string();
    let officer = program(&test, &purchase.officer).await;
    let award = awarded(&officer, &purchase, &id).await;
    let browser = test.signed_in("achats@mel.example").await;

    let form = browser
        .get(&format!("/marches/nouveau?attribution={award}"))
        .await
        .expect(200);
    let form = form.text();
    assert!(
        form.contains("Alpha Incendie") && form.contains("360,00\u{202f}€"),
        "{form}"
    );
    let mut fields = vec![
        ("attribution", award.as_str()),
        ("numero", "2026-M-014"),
        ("objet", "Vérification des extincteurs"),
        ("notifie_le", "01/12/2026"),
        ("debut", "01/01/2027"),
        ("fin", "31/12/2030"),
        ("duree", "12"),
        ("reconductions", "3"),
        ("minimum", "5 000"),
        ("maximum", "4 000"),
        ("revision", "Index EV4, une fois par an."),
    ];
    let refused = browser
        .post("/marches/nouveau", &fields)
        .await
        .expect(409)
        .text();
    assert!(refused.contains("est inférieur au minimum"), "{refused}");
    assert!(
        refused.contains("2026-M-014") && refused.contains("Alpha Incendie"),
        "{refused}"
    );
    fields[9].1 = "40 000,50";
    let made = browser.post("/marches/nouveau", &fields).await.expect(303);
    let page = made.location.unwrap();
    let text = browser.get(&page).await.expect(200).text();
    assert!(
        text.contains("40\u{202f}000,50\u{202f}€") && text.contains("Index EV4"),
        "{text}"
    );
    assert!(
        text.contains("3\u{a0}reconductions") && text.contains("Notifié"),
        "{text}"
    );
    let again = browser
        .post("/marches/nouveau", &fields)
        .await
        .expect(409)
        .text();
    assert!(
        again.contains("a déjà donné le marché 2026-M-014"),
        "{again}"
    );

    browser
        .post(&format!("{page}/debut"), &[])
        .await
        .expect(303);
    browser
        .post(&format!("{page}/debut"), &[])
        .await
        .expect(409);
    browser.post(&format!("{page}/fin"), &[]).await.expect(303);
    let text = browser.get(&page).await.expect(200).text();
    assert!(
        text.contains("Terminé") && text.contains("Marché clos."),
        "{text}"
    );
    let late = browser
        .post(&format!("{page}/debut"), &[])
        .await
        .expect(409)
        .text();
    assert!(
        late.contains("son exécution ne peut pas commencer"),
        "{late}"
    );
}

#[tokio::test]
async fn an_award_no_longer_changes_once_its_contract_is_signed() {
    let test = TestApp::new().await;
    let purchase = test.purchase().await;
    let id = test.launched(&purchase).await.to_string();
    let officer = program(&test, &purchase.officer).await;
    let award = awarded(&officer, &purchase, &id).await;
    assert_eq!(
        awarded(&officer, &purchase, &id).await,
        award,
        "a correction keeps the award"
    );
    let body = json!({"award": award, "terms": {
        "number": "2026-M-014", "title": "Extincteurs", "notified_on": "2026-12-01"}});
    let made = officer
        .json(Method::POST, "/api/v1/contracts", &[], &body)
        .await;
    let made = made.expect(201);
    assert_eq!(made.headers["etag"], "\"0\"");
    let lot = purchase.lots[0];
    let path = format!("/api/v1/procedures/{id}/lots/{lot}/award");
    let body = json!({"outcome": "no_tender", "decided_on": "2026-09-01"});
    let refused = officer
        .json(Method::POST, &path, &[], &body)
        .await
        .expect(409)
        .json();
    assert_eq!(refused["type"], "/problems/award.contract-signed");
    assert!(refused["detail"].as_str().unwrap().contains("2026-M-014"));
}

#[tokio::test]
async fn a_contract_recorded_directly_finds_its_supplier_again_by_siren() {
    let test = TestApp::new().await;
    let purchase = test.purchase().await;
    let browser = test.signed_in("achats@mel.example").await;
    let grouping = purchase.grouping.to_string();
    let mut fields = vec![
        ("groupement", grouping.as_str()),
        ("siren", "732829320"),
        ("titulaire", "Alpha Incendie"),
        ("numero", "2024-M-061"),
        ("objet", "Extincteurs, marché en cours"),
        ("notifie_le", "01/12/2024"),
        ("reconductions", "0"),
    ];
    browser.post("/marches/nouveau", &fields).await.expect(303);
    let taken = browser
        .post("/marches/nouveau", &fields)
        .await
        .expect(409)
        .text();
    assert!(
        taken.contains("porte déjà le numéro «\u{a0}2024-M-061\u{a0}»"),
        "{taken}"
    );
    fields[3].1 = "2024-M-062";
    fields[2].1 = "ALPHA";
    browser.post("/marches/nouveau", &fields).await.expect(303);
    let officer = program(&test, &purchase.officer).await;
    let suppliers = officer
        .get("/api/v1/suppliers?q=alpha")
        .await
        .expect(200)
        .json();
    assert_eq!(suppliers["items"].as_array().unwrap().len(), 1);
    assert_eq!(suppliers["items"][0]["name"], "Alpha Incendie");

    browser.get("/").await.expect(200); // what was just done is told once
    let list = browser.get("/marches?q=alpha+061").await.expect(200).text();
    assert!(
        list.contains("2024-M-061") && !list.contains("2024-M-062"),
        "{list}"
    );
    let none = browser.get("/marches?q=toiture").await.expect(200).text();
    assert!(none.contains("Aucun marché ne correspond"), "{none}");
}

#[tokio::test]
async fn members_of_the_grouping_read_a_contract_and_nobody_else_knows_of_it() {
    let test = TestApp::new().await;
    let purchase = test.purchase().await;
    let officer = program(&test, &purchase.officer).await;
    let body = json!({
        "grouping": purchase.grouping,
        "supplier": {"siren": "732829320", "name": "Alpha Incendie"},
        "terms": {"number": "2024-M-061", "title": "Extincteurs", "notified_on": "2024-12-01"},
    });
    let made = officer
        .json(Method::POST, "/api/v1/contracts", &[], &body)
        .await;
    let made = made.expect(201).json();
    let path = format!("/api/v1/contracts/{}", made["id"].as_str().unwrap());
    let clerk = program(&test, &purchase.clerk).await;
    assert_eq!(
        clerk.get(&path).await.expect(200).json()["number"],
        "2024-M-061"
    );
    clerk
        .json(Method::POST, &format!("{path}/start"), &[], &json!({}))
        .await
        .expect(403);
    let page = test.signed_in("mairie@anstaing.example").await;
    let text = page.get("/marches").await.expect(200).text();
    assert!(
        text.contains("2024-M-061") && !text.contains("Enregistrer un marché"),
        "{text}"
    );

    let elsewhere = test.commune("Wattrelos", "59650", "215906504").await;
    let stranger = test
        .user(
            "mairie@wattrelos.example",
            &[(elsewhere, Role::PurchasingOfficer)],
        )
        .await;
    let stranger = program(&test, &stranger).await;
    stranger.get(&path).await.expect(404);
    stranger
        .json(Method::POST, &format!("{path}/end"), &[], &json!({}))
        .await
        .expect(404);
    let list = stranger.get("/api/v1/contracts").await.expect(200).json();
    assert_eq!(list["items"], json!([]));
}

#[tokio::test]
async fn suppliers_are_recorded_once_and_keep_their_own_establishment() {
    let test = TestApp::new().await;
    let purchase = test.purchase().await;
    let officer = program(&test, &purchase.officer).await;
    let body = json!({"owner": purchase.epci, "siren": "732829320", "name": "Alpha Incendie"});
    let made = officer
        .json(Method::POST, "/api/v1/suppliers", &[], &body)
        .await;
    let made = made.expect(201).json();
    let taken = officer
        .json(Method::POST, "/api/v1/suppliers", &[], &body)
        .await;
    assert_eq!(
        taken.expect(409).json()["type"],
        "/problems/supplier.siren-taken"
    );
    let path = format!("/api/v1/suppliers/{}", made["id"].as_str().unwrap());
    let other = json!({"siren": "200093201", "siret": "73282932000074", "name": "Alpha"});
    let other = officer
        .json(Method::PUT, &path, &[("if-match", "\"0\"")], &other)
        .await;
    assert_eq!(
        other.expect(409).json()["type"],
        "/problems/supplier.other-siren"
    );
    let bad = json!({"siren": "732829321", "name": " "});
    let bad = officer
        .json(Method::PUT, &path, &[("if-match", "\"0\"")], &bad)
        .await
        .expect(422);
    assert_eq!(bad.json()["errors"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_pages_of_procedures_and_contracts_are_accessible() {
    let test = TestApp::new().await;
    let purchase = test.purchase().await;
    let empty = test.signed_in("achats@mel.example").await;
    let base = serve(test.router.clone()).await;
    let cookie = empty.cookie_header();
    let new = format!("/consultations/nouvelle?campagne={}", purchase.round);
    let first = [
        "/consultations",
        "/marches",
        "/marches/nouveau",
        new.as_str(),
    ];
    assert_accessible(&base, Some(&cookie), &first).await;

    let preparing = format!("/consultations/{}", test.procedure(&purchase).await.id);
    assert_accessible(&base, Some(&cookie), &[&preparing]).await;

    let other = TestApp::new().await;
    let purchase = other.purchase().await;
    let id = other.launched(&purchase).await.to_string();
    let officer = program(&other, &purchase.officer).await;
    let award = awarded(&officer, &purchase, &id).await;
    let body = json!({
        "grouping": purchase.grouping,
        "supplier": {"siren": "732829320", "name": "Alpha Incendie"},
        "terms": {"number": "2024-M-061", "title": "Extincteurs", "notified_on": "2024-12-01",
            "maximum": "40000", "revision_clause": "Index EV4, une fois par an."},
    });
    let made = officer
        .json(Method::POST, "/api/v1/contracts", &[], &body)
        .await;
    let contract = made.expect(201).json()["id"].as_str().unwrap().to_owned();
    let cookie = other.signed_in("achats@mel.example").await.cookie_header();
    let paths = [
        format!("/consultations/{id}"),
        format!("/consultations/{id}/modifier"),
        format!("/consultations/{id}/lots/{}", purchase.lots[1]),
        format!("/marches/nouveau?attribution={award}"),
        format!("/marches/{contract}"),
        format!("/marches/{contract}/modifier"),
    ];
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let base = serve(other.router.clone()).await;
    assert_accessible(&base, Some(&cookie), &paths).await;
}

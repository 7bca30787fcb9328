//! Keys summed from what was read on the members' sites.
use axum::http::Method;
use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn a_key_sums_the_meters_of_each_member_and_names_those_that_nobody_has() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    test.supplied(&trio).await;
    for (owner, number) in [
        (trio.anstaing, "12345678901234"),
        (trio.anstaing, "12345678901235"),
    ] {
        test.site(owner, number, Some(number)).await;
    }
    let token = test.token_of(&trio.officer).await;
    let api = test.browser().with_token(&token);
    let path = format!("/api/v1/groupings/{}/keys/from-sites", trio.grouping);
    let body = |readings: serde_json::Value| {
        json!({
            "name": "Consommation de juillet", "unit": "kWh", "source": "Distributeur",
            "dated_on": "2026-07-31", "readings": readings,
        })
    };
    let stray = body(json!({"12345678901234": "10", "99999999999999": "1"}));
    let refused = api.json(Method::POST, &path, &[], &stray).await.expect(409);
    assert!(refused.text().contains("key.unknown-sites"));
    assert!(refused.text().contains("99999999999999"));
    let bad = body(json!({"12345678901234": "1e3"}));
    api.json(Method::POST, &path, &[], &bad).await.expect(422);
    let good = body(json!({"12345678901234": "10.25", "12345678901235": "0.75"}));
    let made = api.json(Method::POST, &path, &[], &good).await.expect(201);
    let values = made.json()["values"].clone();
    assert_eq!(values[trio.anstaing.to_string()], "11");
    assert_eq!(
        values[trio.madeleine.to_string()],
        "0",
        "a member whose sites were not read weighs nothing"
    );
    let clerk = test.token_of(&trio.clerk).await;
    let clerk = test.browser().with_token(&clerk);
    clerk
        .json(Method::POST, &path, &[], &good)
        .await
        .expect(404);
}

#[tokio::test]
async fn an_officer_pastes_readings_and_each_line_at_fault_is_named_before_the_key_is_made() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    test.supplied(&trio).await;
    for number in ["12345678901234", "12345678901235"] {
        test.site(trio.anstaing, number, Some(number)).await;
    }
    let officer = test.signed_in("achats@mel.example").await;
    let keys = format!("/groupements/{}/cles", trio.grouping);
    let path = format!("{keys}/releves");
    let list = officer.get(&keys).await.expect(200).text();
    assert!(list.contains(&path), "{list}");
    officer.get(&path).await.expect(200);
    let clerk = test.signed_in("mairie@anstaing.example").await;
    clerk.get(&path).await.expect(404);
    clerk.upload(&path, &[], None).await.expect(404);

    let with = |readings: &'static str| {
        [
            ("nom", "Consommation de juillet"),
            ("unite", "kWh"),
            ("source", "Distributeur"),
            ("datee_du", "31/07/2026"),
            ("releves", readings),
        ]
    };
    let empty = officer.upload(&path, &[], None).await.expect(422).text();
    assert!(empty.contains("5 champs à corriger"), "{empty}");
    let typed = with("12345678901234\t10,25\n12345678901235\tdix\n");
    let bad = officer.upload(&path, &typed, None).await.expect(422).text();
    assert!(bad.contains("B2") && bad.contains("dix"), "{bad}");
    let typed = with("12345678901234\t10,25\n99999999999999\t1\n");
    let bad = officer.upload(&path, &typed, None).await.expect(422).text();
    let plain = bad.replace(['\u{a0}', '\u{202f}'], " ");
    assert!(
        plain.contains("A2 : aucun site d’un membre ne porte le numéro « 99999999999999 »"),
        "{plain}"
    );
    assert!(
        bad.contains("12345678901234\t10,25"),
        "what was pasted stays"
    );
    assert!(bad.contains("Consommation de juillet"));
    assert!(!officer.get(&keys).await.text().contains("Consommation"));

    // As people write it, then from a file, which says it in its own columns.
    let typed = with("1234 5678 9012 34\t10,25\n12345678901235\t1 000,75\n");
    let made = officer.upload(&path, &typed, None).await.expect(303);
    let shown = officer
        .get(&made.location.unwrap())
        .await
        .expect(200)
        .text();
    let plain = shown.replace(['\u{a0}', '\u{202f}'], " ");
    assert!(plain.contains("1 011"), "{plain}");
    let file = "Site;PRM;Consommation\nMairie;12345678901234;4\nStade;12345678901235;6\n";
    let typed = with("");
    let same = officer
        .upload(&path, &typed, Some(file))
        .await
        .expect(409)
        .text();
    assert!(same.contains("s’appelle déjà"), "{same}");
    let named = typed.map(|(name, value)| (name, if name == "nom" { "Août" } else { value }));
    let made = officer.upload(&path, &named, Some(file)).await.expect(303);
    let shown = officer
        .get(&made.location.unwrap())
        .await
        .expect(200)
        .text();
    assert!(shown.contains("Août") && shown.contains(">10<"), "{shown}");
}

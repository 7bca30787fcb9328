//! Lists that are filtered: the same answer on the page and over JSON.
use axum::http::Method;
use domain::{
    identity::{InvoiceId, SupplierId},
    permission::Role,
    purchasing::invoice::LineRule,
};
use encommun::actions::purchasing::allocations;
use serde_json::json;

use crate::{
    lists::{administrator, names, send, walk},
    support::{TestApp, contracts::program, invoices::line, rounds::Trio},
};

#[tokio::test]
async fn contacts_are_searched_by_name_and_address_on_the_page_and_over_json() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let api = administrator(&test, &trio).await;
    let here = format!("/api/v1/organisations/{}/contacts", trio.anstaing);
    for (name, email) in [
        ("Hélène Caron", "h.caron@anstaing.example"),
        ("Paul Vasseur", "Urbanisme@Anstaing.example"),
        ("Marie Lambert", "m.lambert@anstaing.example"),
    ] {
        let body = json!({"name": name, "role": "Mairie", "email": email});
        send(&api, &here, &body).await;
    }
    let page = test.signed_in("admin@anstaing.example").await;
    let list = format!("/collectivites/{}/contacts", trio.anstaing);
    for (words, expected) in [
        ("helene", "Hélène Caron"),
        ("urbanisme anstaing", "Paul Vasseur"),
        ("LAMBERT marie", "Marie Lambert"),
    ] {
        let asked = words.replace(' ', "+");
        let found = walk(&api, &format!("{here}?q={asked}")).await;
        assert_eq!(names(&found), [expected], "{words}");
        let text = page
            .get(&format!("{list}?q={asked}"))
            .await
            .expect(200)
            .text();
        assert!(text.contains(expected), "{words}: {text}");
        assert!(
            text.contains("1\u{a0}contact<") || text.contains("1 contact<"),
            "{text}"
        );
    }
    let none = page.get(&format!("{list}?q=zzz")).await.expect(200).text();
    assert!(none.contains("Aucun contact ne correspond"), "{none}");
}

#[tokio::test]
async fn users_are_filtered_by_role_and_state_on_the_page_and_over_json() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let api = administrator(&test, &trio).await;
    let here = format!("/api/v1/organisations/{}/users", trio.anstaing);
    for (name, email, roles) in [
        ("Marie Lambert", "marie@anstaing.example", vec!["approver"]),
        (
            "Éloi Denis",
            "eloi@anstaing.example",
            vec!["approver", "accountant"],
        ),
    ] {
        let body = json!({"name": name, "email": email, "roles": roles});
        send(&api, &here, &body).await;
    }
    let all = walk(&api, &here).await;
    assert_eq!(
        names(&all),
        ["admin", "Éloi Denis", "mairie", "Marie Lambert"]
    );
    let both = &all[1]["roles"];
    assert_eq!(both, &json!(["approver", "accountant"]));
    let page = test.signed_in("admin@anstaing.example").await;
    for (query, form, expected) in [
        (
            "role=approver",
            "role=approver",
            vec!["Éloi Denis", "Marie Lambert"],
        ),
        ("state=active", "etat=active", vec!["admin", "mairie"]),
        (
            "state=invited&q=lambert",
            "etat=invited&q=lambert",
            vec!["Marie Lambert"],
        ),
    ] {
        let found = walk(&api, &format!("{here}?{query}")).await;
        assert_eq!(names(&found), expected, "{query}");
        let text = page
            .get(&format!("/utilisateurs?{form}"))
            .await
            .expect(200)
            .text();
        let rows = text.matches("<th scope=\"row\">").count();
        assert_eq!(rows, expected.len(), "{form}: {text}");
    }
    let problem = api
        .get(&format!("{here}?role=king"))
        .await
        .expect(400)
        .json();
    assert_eq!(problem["errors"][0]["field"], "role");
    let problem = api.get(&format!("{here}?state=")).await.expect(400).json();
    assert_eq!(problem["errors"][0]["field"], "state");
}

#[tokio::test]
async fn memberships_are_filtered_by_state_lot_and_words() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    test.joined(trio.grouping, trio.anstaing).await;
    let api = program(&test, &trio.officer).await;
    let (round, _) = test.drafted_round(&trio).await;
    let lots = api.get(&format!("/api/v1/rounds/{}/lots", round.id)).await;
    let lot = lots.expect(200).json()["items"][0]["id"].clone();
    let lot = lot.as_str().unwrap().to_owned();
    let madeleine = test.membership(trio.grouping, trio.madeleine).await;
    let here = format!("/api/v1/memberships/{}/lots", madeleine.id.0);
    let none = json!({"lots": []});
    let any = [("if-match", "*")];
    api.json(Method::PUT, &here, &any, &none).await.expect(200);
    let list = format!("/api/v1/groupings/{}/memberships", trio.grouping);
    let officer = test.signed_in("achats@mel.example").await;
    let page = format!("/groupements/{}/membres", trio.grouping);
    for (query, form, expected) in [
        ("", "", vec![trio.anstaing, trio.madeleine]),
        ("?state=joined", "?etat=joined", vec![trio.anstaing]),
        ("?state=invited", "?etat=invited", vec![trio.madeleine]),
        (
            "?q=madeleine+59368",
            "?q=madeleine+59368",
            vec![trio.madeleine],
        ),
        (
            &format!("?lot={lot}"),
            &format!("?lot={lot}"),
            vec![trio.anstaing],
        ),
    ] {
        let found = walk(&api, &format!("{list}{query}")).await;
        let members: Vec<_> = found.iter().map(|m| m["member_id"].clone()).collect();
        let wanted: Vec<_> = expected.iter().map(|id| json!(id.0)).collect();
        assert_eq!(members, wanted, "{query}");
        let text = officer
            .get(&format!("{page}{form}"))
            .await
            .expect(200)
            .text();
        let rows = text.matches("<th scope=\"row\">").count();
        assert_eq!(rows, expected.len(), "{form}: {text}");
    }
    api.get(&format!("{list}?state=parti")).await.expect(400);
}

/// An invoice of a hundred euros, split equally.
async fn split(test: &TestApp, trio: &Trio, supplier: SupplierId, number: &str) -> InvoiceId {
    let lines = vec![line("Étude", 10_000, LineRule::Equal)];
    let invoice = test.invoice(trio, supplier, number, lines);
    let invoice = test.checked(trio, invoice).await.id;
    allocations::allocate(&test.app, &trio.officer, invoice, None)
        .await
        .unwrap();
    invoice
}

#[tokio::test]
async fn statements_are_filtered_by_what_they_come_from() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let first = split(&test, &trio, supplier, "F-1").await;
    let second = split(&test, &trio, supplier, "F-2").await;
    let accountant = test
        .user(
            "comptable@anstaing.example",
            &[(trio.anstaing, Role::Accountant)],
        )
        .await;
    let api = program(&test, &accountant).await;
    let list = "/api/v1/statements";
    assert_eq!(walk(&api, list).await.len(), 2);
    let nothing = "0190f5d6-0000-7000-8000-000000000001";
    for (query, expected) in [
        (format!("invoice={first}"), vec!["F-1"]),
        (format!("invoice={second}&exercice=2026"), vec!["F-2"]),
        (format!("grouping={}", trio.grouping), vec!["F-2", "F-1"]),
        (format!("member={}", trio.anstaing), vec!["F-2", "F-1"]),
        ("exercice=2026".to_owned(), vec!["F-2", "F-1"]),
    ] {
        let found = walk(&api, &format!("{list}?{query}")).await;
        let numbers = found.iter().map(|s| s["invoice_number"].as_str().unwrap());
        assert_eq!(numbers.collect::<Vec<_>>(), expected, "{query}");
    }
    for query in [
        format!("member={}", trio.madeleine),
        "exercice=2025".to_owned(),
        format!("round={nothing}"),
        format!("procedure={nothing}"),
        format!("contract={nothing}"),
    ] {
        let found = api.get(&format!("{list}?{query}")).await.expect(200).json();
        assert_eq!(found["items"], json!([]), "{query}");
    }
    api.get(&format!("{list}?exercice=12026")).await.expect(400);
    let page = test.signed_in("comptable@anstaing.example").await;
    let text = page
        .get("/decomptes?exercice=2026")
        .await
        .expect(200)
        .text();
    assert_eq!(text.matches("<th scope=\"row\">").count(), 2, "{text}");
    let text = page
        .get("/decomptes?exercice=2025")
        .await
        .expect(200)
        .text();
    assert!(text.contains("Aucun décompte cet exercice"), "{text}");
}

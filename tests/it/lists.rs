//! Lists read page by page: nothing twice, nothing lost, never all at once.
use axum::http::Method;
use domain::{
    identity::{InvoiceId, SupplierId},
    permission::Role,
    purchasing::invoice::LineRule,
};
use encommun::actions::{
    attachments::{self, NewAttachment},
    purchasing::allocations,
};
use serde_json::{Value, json};

use crate::support::{Client, TestApp, contracts::program, invoices::line, rounds::Trio};

/// Reads a list two rows at a time, and compares it with one large page.
async fn walk(client: &Client, path: &str) -> Vec<Value> {
    let sign = if path.contains('?') { '&' } else { '?' };
    let whole = client.get(&format!("{path}{sign}limit=100")).await;
    let whole = whole.expect(200).json();
    assert!(whole["next"].is_null(), "{path}: {whole}");
    let mut rows = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = client.get(&format!("{path}{sign}limit=2{cursor}")).await;
        let page = page.expect(200).json();
        let items = page["items"].as_array().unwrap();
        assert!((1..=2).contains(&items.len()), "{path}: {page}");
        rows.extend(items.iter().cloned());
        let Some(next) = page["next"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(&json!(rows), &whole["items"], "{path}");
    client
        .get(&format!("{path}{sign}cursor=00"))
        .await
        .expect(404);
    rows
}

fn names(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|r| r["name"].as_str().unwrap()).collect()
}

async fn send(api: &Client, path: &str, body: &Value) -> Value {
    let sent = api.json(Method::POST, path, &[], body).await;
    assert!(sent.status.is_success(), "{path}: {}", sent.text());
    sent.json()
}

async fn administrator(test: &TestApp, trio: &Trio) -> Client {
    let admin = test
        .user(
            "admin@anstaing.example",
            &[(trio.anstaing, Role::Administrator)],
        )
        .await;
    program(test, &admin).await
}

#[tokio::test]
async fn what_an_organisation_keeps_is_read_page_by_page() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let api = administrator(&test, &trio).await;
    let here = format!("/api/v1/organisations/{}", trio.anstaing);
    for (name, active) in [
        ("Zoé Petit", true),
        ("Éric Blanc", true),
        ("Adam Noir", false),
        ("Alice Roux", true),
        ("Alice Roux", true),
    ] {
        let body = json!({"name": name, "role": "Mairie", "active": active,
            "email": "accueil@anstaing.example"});
        let made = send(&api, &format!("{here}/contacts"), &body).await;
        if !active {
            let one = format!("{here}/contacts/{}", made["id"].as_str().unwrap());
            let any = [("if-match", "*")];
            api.json(Method::PUT, &one, &any, &body).await.expect(200);
        }
    }
    let contacts = walk(&api, &format!("{here}/contacts")).await;
    let put_aside_last = [
        "Alice Roux",
        "Alice Roux",
        "Éric Blanc",
        "Zoé Petit",
        "Adam Noir",
    ];
    assert_eq!(names(&contacts), put_aside_last);

    for name in ["Eau", "Assainissement", "Forêt", "Lotissement"] {
        let body = json!({"kind": "annexe", "name": name});
        send(&api, &format!("{here}/budgets"), &body).await;
    }
    let budgets = walk(&api, &format!("{here}/budgets")).await;
    assert_eq!(
        names(&budgets),
        ["Assainissement", "Eau", "Forêt", "Lotissement"]
    );

    for (series, year) in [("totale", 2023), ("municipale", 2023), ("dgf", 2024)] {
        let body = json!({"series": series, "year": year, "inhabitants": 1_500,
            "source": "INSEE"});
        send(&api, &format!("{here}/populations"), &body).await;
    }
    let found = walk(&api, &format!("{here}/populations")).await;
    let dated: Vec<_> = found.iter().map(|p| (&p["series"], &p["year"])).collect();
    let newest_first = [
        (&json!("dgf"), &json!(2024)),
        (&json!("municipale"), &json!(2023)),
        (&json!("totale"), &json!(2023)),
    ];
    assert_eq!(dated, newest_first);
}

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
async fn what_a_grouping_keeps_is_read_page_by_page() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    test.supplied(&trio).await;
    let api = program(&test, &trio.officer).await;
    let here = format!("/api/v1/groupings/{}", trio.grouping);
    for name in ["Surfaces", "élèves", "Points", "points bis", "Agents"] {
        let body = json!({"name": name, "unit": "u", "source": "Relevé", "dated_on": "2026-01-01",
            "values": {trio.anstaing.to_string(): "12", trio.madeleine.to_string(): "3"}});
        send(&api, &format!("{here}/keys"), &body).await;
    }
    let keys = walk(&api, &format!("{here}/keys")).await;
    assert_eq!(keys.len(), 5);
    let whole = |key: &Value| key["values"].as_object().unwrap().len() == 2;
    assert!(keys.iter().all(whole), "{keys:?}");

    for number in 1..=3 {
        let body = json!({"object": "Extincteurs", "starts_on": "2026-01-01",
            "signed_on": "2026-01-01", "vat_policy": "gross"});
        let made = send(&api, &format!("{here}/agreements"), &body).await;
        assert_eq!(made["number"], number);
    }
    let versions = walk(&api, &format!("{here}/agreements")).await;
    let numbers: Vec<_> = versions.iter().map(|v| v["number"].as_i64()).collect();
    assert_eq!(numbers, [Some(3), Some(2), Some(1)]);

    for name in ["Un", "Deux", "Trois"] {
        let file = NewAttachment {
            subject: domain::attachment::Subject {
                kind: domain::attachment::SubjectKind::Grouping,
                id: trio.grouping.0,
            },
            kind: domain::attachment::AttachmentKind::Annex,
            label: Some(name.to_owned()),
            file_name: "annexe.pdf".to_owned(),
            bytes: format!("%PDF-1.7 {name}").into_bytes(),
        };
        attachments::add(&test.app, &trio.officer, file)
            .await
            .unwrap();
    }
    let of = format!("subject_kind=grouping&subject_id={}", trio.grouping);
    let files = walk(&api, &format!("/api/v1/attachments?{of}")).await;
    let labels: Vec<_> = files.iter().map(|f| f["label"].as_str().unwrap()).collect();
    assert_eq!(labels, ["Un", "Deux", "Trois"]);
}

#[tokio::test]
async fn what_a_round_keeps_is_read_page_by_page() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let api = program(&test, &trio.officer).await;
    let (round, _) = test.drafted_round(&trio).await;
    let here = format!("/api/v1/rounds/{}", round.id);
    for title in ["Extincteurs", "Alarmes", "Plans"] {
        let lot = send(&api, &format!("{here}/lots"), &json!({"title": title})).await;
        let item = json!({"title": "Un", "unit": "unité", "tax_category": "S",
            "tax_rate": "20", "step": "1"});
        let items = json!({"items": [{"lot_id": lot["id"], "item": item}]});
        send(&api, &format!("{here}/items"), &items).await;
    }
    let lots = walk(&api, &format!("{here}/lots")).await;
    let titles = lots.iter().rev().map(|lot| lot["title"].as_str().unwrap());
    let last: Vec<_> = titles.take(3).collect();
    assert_eq!(last, ["Plans", "Alarmes", "Extincteurs"]);
    let filled = lots
        .iter()
        .filter(|lot| lot["items"].as_array().unwrap().len() == 1);
    assert!(filled.count() >= 3, "{lots:?}");
}

#[tokio::test]
async fn the_members_behind_a_figure_are_read_page_by_page() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let (round, items) = test.open_round(&trio).await;
    for member in [trio.anstaing, trio.madeleine] {
        test.answered(&round, member, &[(items[0].id, 3)]).await;
    }
    let path = format!("/api/v1/items/{}/members", items[0].id);
    let officer = program(&test, &trio.officer).await;
    let behind = walk(&officer, &path).await;
    assert_eq!(names(&behind), ["Anstaing", "La Madeleine"]);
    let one = officer
        .get(&format!("{path}?limit=1"))
        .await
        .expect(200)
        .json();
    assert!(one["next"].is_string(), "{one}");
    let clerk = program(&test, &trio.clerk).await;
    assert_eq!(names(&walk(&clerk, &path).await), ["Anstaing"]);
}

#[tokio::test]
async fn tokens_are_read_page_by_page_the_latest_first() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let api = program(&test, &trio.officer).await;
    for name in ["Un", "Deux", "Trois"] {
        let body = json!({"name": name, "scope": "read"});
        send(&api, "/api/v1/tokens", &body).await;
    }
    let tokens = walk(&api, "/api/v1/tokens").await;
    assert_eq!(names(&tokens)[..3], ["Trois", "Deux", "Un"]);
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

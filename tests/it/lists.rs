//! Lists read page by page: nothing twice, nothing lost, never all at once.
use axum::http::Method;
use domain::permission::Role;
use encommun::actions::attachments::{self, NewAttachment};
use serde_json::{Value, json};

use crate::support::{Client, TestApp, contracts::program, rounds::Trio};

/// Reads a list two rows at a time, and compares it with one large page.
pub async fn walk(client: &Client, path: &str) -> Vec<Value> {
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

pub fn names(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|r| r["name"].as_str().unwrap()).collect()
}

pub async fn send(api: &Client, path: &str, body: &Value) -> Value {
    let sent = api.json(Method::POST, path, &[], body).await;
    assert!(sent.status.is_success(), "{path}: {}", sent.text());
    sent.json()
}

pub async fn administrator(test: &TestApp, trio: &Trio) -> Client {
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

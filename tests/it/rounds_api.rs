//! Rounds over JSON.
use axum::http::Method;
use chrono::TimeDelta;
use domain::token::TokenScope;
use encommun::actions::{Actor, tokens};
use serde_json::{Value, json};

use crate::support::{Client, TestApp};

async fn program(test: &TestApp, actor: &Actor) -> Client {
    let new = tokens::NewToken {
        name: "Programme".to_owned(),
        scope: TokenScope::Write,
        expires_at: None,
    };
    let created = tokens::create(&test.app, actor, new).await.unwrap();
    test.browser().with_token(&created.secret)
}

fn body(grouping: &str) -> Value {
    json!({
        "grouping_id": grouping,
        "round": {"title": "Extincteurs 2027", "deadline": "2026-09-11T15:00:00Z"},
    })
}

#[tokio::test]
async fn a_program_prepares_opens_and_closes_a_round() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let api = program(&test, &trio.officer).await;
    let new = body(&trio.grouping.to_string());
    let key = [("idempotency-key", "k1")];
    let made = api
        .json(Method::POST, "/api/v1/rounds", &key, &new)
        .await
        .expect(201);
    let again = api
        .json(Method::POST, "/api/v1/rounds", &key, &new)
        .await
        .expect(201);
    assert_eq!(made.json(), again.json());
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let here = format!("/api/v1/rounds/{id}");

    let lot = json!({"title": "Fourniture"});
    let lot = api
        .json(Method::POST, &format!("{here}/lots"), &[], &lot)
        .await
        .expect(201)
        .json();
    let item = json!({"title": "Support", "unit": "unité", "tax_category": "S", "tax_rate": "20",
        "unit_price": "4.15", "step": "1"});
    let items = json!({"items": [{"lot_id": lot["id"], "item": item}]});
    let added = api
        .json(Method::POST, &format!("{here}/items"), &[], &items)
        .await
        .expect(201);
    assert_eq!(added.json()[0]["unit_price"], "4.15");

    let nothing = json!({});
    let opened = api
        .json(Method::POST, &format!("{here}/open"), &[], &nothing)
        .await
        .expect(200);
    assert_eq!(opened.json()["state"], "open");
    let close = format!("{here}/close");
    let first = [("idempotency-key", "k2")];
    api.json(Method::POST, &close, &first, &nothing)
        .await
        .expect(200);
    api.json(Method::POST, &close, &first, &nothing)
        .await
        .expect(200);
    let other = [("idempotency-key", "k3")];
    let refused = api
        .json(Method::POST, &close, &other, &nothing)
        .await
        .expect(409)
        .json();
    assert_eq!(refused["type"], "/problems/round.not-allowed");
    assert!(
        refused["detail"]
            .as_str()
            .unwrap()
            .contains("déjà close par achats"),
        "{refused}"
    );
    let overview = api
        .get(&format!("{here}/overview"))
        .await
        .expect(200)
        .json();
    assert_eq!(overview["counts"]["not_opened"], 2);
    assert_eq!(overview["aggregate"]["total_net"], "0.00");
}

#[tokio::test]
async fn a_change_needs_the_version_that_was_read() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let api = program(&test, &trio.officer).await;
    let (round, items) = test.open_round(&trio).await;
    let path = format!("/api/v1/items/{}", items[0].id);
    let tag = api.get(&path).await.expect(200).headers["etag"]
        .to_str()
        .unwrap()
        .to_owned();
    let dearer = json!({"title": "Extincteur à eau", "unit": "unité", "tax_category": "S",
        "tax_rate": "20", "unit_price": "60", "step": "1"});
    api.json(Method::PUT, &path, &[], &dearer).await.expect(428);
    let matching = [("if-match", tag.as_str())];
    api.json(Method::PUT, &path, &matching, &dearer)
        .await
        .expect(200);
    api.json(Method::PUT, &path, &matching, &dearer)
        .await
        .expect(412);
    let shown = api
        .get(&format!("/api/v1/rounds/{}", round.id))
        .await
        .expect(200)
        .json();
    assert_eq!(shown["conditions_version"], 1);
}

#[tokio::test]
async fn every_field_that_cannot_be_read_is_told_at_once() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let api = program(&test, &trio.officer).await;
    let (round, items) = test.open_round(&trio).await;
    let item = json!({"title": " ", "unit": "unité", "tax_category": "VAT", "tax_rate": "20,5",
        "unit_price": "-1", "step": "0"});
    let body = json!({"items": [{"lot_id": items[0].lot.to_string(), "item": item}]});
    let path = format!("/api/v1/rounds/{}/items", round.id);
    let refused = api
        .json(Method::POST, &path, &[], &body)
        .await
        .expect(422)
        .json();
    let fields: Vec<&str> = refused["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["field"].as_str().unwrap())
        .collect();
    let wrong = ["title", "tax_category", "tax_rate", "unit_price", "step"];
    assert_eq!(fields, wrong.map(|name| format!("items.0.item.{name}")));
}

#[tokio::test]
async fn pages_follow_one_another_and_members_see_no_draft() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    for number in 1..=3 {
        let due = test.app.clock.now() + TimeDelta::days(number);
        test.drafted_after(&trio, &format!("Campagne {number}"), due, None)
            .await;
    }
    let api = program(&test, &trio.officer).await;
    let first = api.get("/api/v1/rounds?limit=2").await.expect(200).json();
    assert_eq!(first["items"].as_array().unwrap().len(), 2);
    let next = format!(
        "/api/v1/rounds?limit=2&cursor={}",
        first["next"].as_str().unwrap()
    );
    let second = api.get(&next).await.expect(200).json();
    assert_eq!(second["items"][0]["title"], "Campagne 1");
    assert!(second["next"].is_null());
    let clerk = program(&test, &trio.clerk).await;
    let seen = clerk.get("/api/v1/rounds").await.expect(200).json();
    assert!(seen["items"].as_array().unwrap().is_empty(), "{seen}");
}

#[tokio::test]
async fn typing_nothing_into_a_closed_round_is_refused_as_typing_something() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let (round, items) = test.open_round(&trio).await;
    let clerk = program(&test, &trio.clerk).await;
    let cells = format!(
        "/api/v1/rounds/{}/declarations/{}/cells",
        round.id, trio.anstaing
    );
    let any = [("if-match", "*")];
    let typed =
        |quantity: &str| json!({"lines": [{"item_id": items[0].id.0, "quantity": quantity}]});
    let same = clerk.json(Method::PUT, &cells, &any, &typed("4")).await;
    same.expect(200);
    let nothing = json!({"lines": []});
    clerk
        .json(Method::PUT, &cells, &any, &nothing)
        .await
        .expect(200);
    test.close_round(round.id).await;
    let mut problems = Vec::new();
    for body in [typed("5"), typed("4"), nothing] {
        let refused = clerk.json(Method::PUT, &cells, &any, &body).await;
        problems.push(refused.expect(409).json());
    }
    assert_eq!(problems[0], problems[1]);
    assert_eq!(problems[0], problems[2]);
}

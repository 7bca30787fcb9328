//! What the API meets at its door: methods, headers and values that nobody should send.
use axum::http::Method;
use encommun::actions::audit;
use serde_json::json;

use crate::support::{Client, TestApp};

async fn officer(test: &TestApp) -> Client {
    let token = test.token("achats@mel.example").await;
    test.browser().with_token(&token)
}

#[tokio::test]
async fn an_unknown_method_names_those_that_are_known() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let address = format!("/api/v1/groupings/{}", trio.grouping.0);
    let browser = test.browser();
    let answer = browser.json(Method::PATCH, &address, &[], &json!({})).await;
    let answer = answer.expect(405);
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    assert_eq!(answer.headers["allow"], "GET,HEAD,PUT");
    assert_eq!(answer.json()["type"], "/problems/method-not-allowed");
}

#[tokio::test]
async fn answers_are_kept_by_no_cache_and_read_as_nothing_but_json() {
    let test = TestApp::new().await;
    for path in ["/api/v1/me", "/api/openapi.json", "/api/v1/nowhere"] {
        let answer = test.browser().get(path).await;
        assert_eq!(answer.headers["cache-control"], "no-store", "{path}");
        assert_eq!(
            answer.headers["x-content-type-options"], "nosniff",
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_put_without_a_body_erases_nothing() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let membership = test.joined(trio.grouping, trio.anstaing).await;
    let officer = test
        .browser()
        .with_token(&test.token("achats@mel.example").await);
    let path = format!("/api/v1/memberships/{}/decision", membership.id.0);
    let any = [("if-match", "*")];
    let answer = officer.send(Method::PUT, &path, &any, "".into()).await;
    answer.expect(400);
    let kept = test.membership(trio.grouping, trio.anstaing).await;
    assert!(kept.decision.is_some());
}

#[tokio::test]
async fn a_key_with_spaces_and_a_type_that_only_begins_like_json_are_refused() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let officer = test
        .browser()
        .with_token(&test.token("achats@mel.example").await);
    let path = format!("/api/v1/groupings/{}/archive", trio.grouping.0);
    for key in ["", "deux mots", &"x".repeat(101)] {
        let headers = [("idempotency-key", key)];
        let answer = officer.send(Method::POST, &path, &headers, "".into()).await;
        assert_eq!(answer.expect(400).json()["type"], "/problems/malformed");
    }
    let headers = [("content-type", "application/jsonp")];
    let answer = officer
        .send(Method::POST, &path, &headers, "{}".into())
        .await;
    answer.expect(415);
}

#[tokio::test]
async fn a_flood_of_words_is_a_search_like_another() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let officer = officer(&test).await;
    let organisation = format!("organisations/{}/sites", trio.epci.0);
    for list in [
        "organisations",
        "groupings",
        "rounds",
        "procedures",
        "contracts",
        "suppliers",
        "invoices",
        &organisation,
    ] {
        for words in ["mot+".repeat(5_000), "m".repeat(60_000)] {
            let answer = officer.get(&format!("/api/v1/{list}?q={words}")).await;
            assert_eq!(answer.status.as_u16(), 200, "{list}: {}", answer.text());
        }
    }
}

#[tokio::test]
async fn a_cursor_of_someone_elses_making_names_no_page() {
    let test = TestApp::new().await;
    test.trio().await;
    let officer = officer(&test).await;
    let id = "0190f5d6-0000-7000-8000-000000000001";
    for (list, key) in [
        ("organisations", json!(["\0", id])),
        ("groupings", json!(["\0", id])),
        ("rounds", json!(["-200000-01-01T00:00:00Z", id])),
        ("rounds", json!(["+200000-01-01T00:00:00Z", id])),
        ("journal", json!(["-200000-01-01T00:00:00Z", id, 1])),
        ("invoices", json!("zut")),
    ] {
        let bytes = key.to_string().into_bytes();
        let cursor: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let answer = officer
            .get(&format!("/api/v1/{list}?cursor={cursor}"))
            .await;
        assert_eq!(
            answer.status.as_u16(),
            404,
            "{list} {key}: {}",
            answer.text()
        );
    }
    let answer = officer.get("/api/v1/journal?subject_kind=%00").await;
    answer.expect(400);
}

#[tokio::test]
async fn a_date_of_another_age_is_named_with_its_field() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let officer = officer(&test).await;
    let body = json!({
        "grouping": trio.grouping.0, "supplier": supplier.0, "kind": "invoice",
        "number": "0001-02-03", "title": "Étude", "issued_on": "2026-09-01",
        "received_on": "9999-12-31", "net": "0", "vat": "0", "gross": "0", "lines": [],
    });
    let answer = officer
        .json(Method::POST, "/api/v1/invoices", &[], &body)
        .await;
    let problem = answer.expect(422).json();
    assert_eq!(problem["errors"].as_array().unwrap().len(), 1, "{problem}");
    assert_eq!(problem["errors"][0]["field"], "received_on");
    assert_eq!(problem["errors"][0]["code"], "field.out-of-range");
}

#[tokio::test]
async fn an_instant_finer_than_the_database_leaves_the_books_clean() {
    let test = TestApp::new().await;
    test.trio().await;
    let officer = officer(&test).await;
    let at = "2026-12-31T23:59:59.123456789Z";
    let body = json!({"name": "essai", "scope": "read", "expires_at": at});
    let answer = officer
        .json(Method::POST, "/api/v1/tokens", &[], &body)
        .await;
    answer.expect(201);
    let checks = audit::run(&test.app, |_| {}).await.unwrap();
    let faults: Vec<_> = checks.into_iter().flat_map(|check| check.faults).collect();
    assert_eq!(faults, Vec::<String>::new());
}

#[tokio::test]
async fn inviting_again_under_the_same_key_gets_the_same_answer() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let hem = test.commune("Hem", "59299", "215902990").await;
    let lompret = test.commune("Lompret", "59356", "215903568").await;
    let officer = officer(&test).await;
    let path = format!("/api/v1/groupings/{}/memberships", trio.grouping.0);
    let body = json!({"organisations": [lompret.0, hem.0]});
    let key = [("idempotency-key", "invitation-1")];
    let first = officer
        .json(Method::POST, &path, &key, &body)
        .await
        .expect(201);
    let second = officer
        .json(Method::POST, &path, &key, &body)
        .await
        .expect(201);
    assert_eq!(first.json(), second.json());
    assert_eq!(first.json()["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn no_commune_stops_a_round_with_one_figure() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let (round, items) = test.open_round(&trio).await;
    let clerk = test.token("mairie@anstaing.example").await;
    let clerk = test.browser().with_token(&clerk);
    let officer = officer(&test).await;
    let shown = format!("/api/v1/rounds/{}", round.id.0);
    let own = format!("{shown}/declarations/{}", trio.anstaing.0);
    let any = [("if-match", "*")];
    // The second is a quantity, but worth more than all the budgets of the world.
    for (quantity, code) in [
        ("9223372036854775", "need.cells"),
        ("9999999999", "money.overflow"),
    ] {
        let body = json!({"lines": [{"item_id": items[0].id.0, "quantity": quantity}]});
        let path = format!("{own}/cells");
        clerk
            .json(Method::PUT, &path, &any, &body)
            .await
            .expect(200);
        let path = format!("{own}/submit");
        let refused = clerk.json(Method::POST, &path, &[], &json!({})).await;
        let problem = refused.expect(409).json();
        assert_eq!(problem["type"], format!("/problems/{code}"));
        for page in ["overview", "aggregate", "needs/export?format=xlsx"] {
            officer.get(&format!("{shown}/{page}")).await.expect(200);
        }
        clerk.get(&own).await.expect(200);
    }
}

#[tokio::test]
async fn a_request_given_up_is_told_as_a_problem_and_as_a_page() {
    let test = TestApp::new().await;
    test.trio().await;
    let token = test.token("achats@mel.example").await;
    let browser = test.signed_in("achats@mel.example").await;
    let mut hurried = test.app.clone();
    let mut settings = (*hurried.settings).clone();
    settings.http.timeout_s = 0;
    hurried.settings = std::sync::Arc::new(settings);
    let router = encommun::cli::router(hurried);
    let program = Client::new(router.clone()).with_token(&token);
    let given_up = program.get("/api/v1/groupings").await.expect(503);
    assert_eq!(given_up.headers["content-type"], "application/problem+json");
    assert_eq!(given_up.headers["cache-control"], "no-store");
    assert!(given_up.headers.contains_key("retry-after"));
    assert_eq!(given_up.json()["type"], "/problems/timed-out");
    let cookies = browser.cookie_header();
    let headers = [("cookie", cookies.as_str())];
    let page = Client::new(router)
        .send(Method::GET, "/groupements", &headers, "".into())
        .await
        .expect(503);
    assert!(page.headers.contains_key("content-security-policy"));
    let text = page.text();
    assert!(text.contains("Délai dépassé"), "{text}");
    assert!(text.contains("a pu aboutir"), "{text}");
}

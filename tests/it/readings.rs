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

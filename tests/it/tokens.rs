//! Personal tokens: what they open, until when.
use chrono::TimeDelta;
use domain::{permission::Role, token::TokenScope};
use encommun::actions::{Actor, tokens};

use crate::support::TestApp;

async fn clerk(test: &TestApp, email: &str) -> Actor {
    let commune = match email {
        "a@anstaing.example" => test.commune("Anstaing", "59013", "215900135").await,
        _ => test.commune("La Madeleine", "59368", "215903683").await,
    };
    test.user(email, &[(commune, Role::DeclaringAgent)]).await
}

fn new(scope: TokenScope) -> tokens::NewToken {
    tokens::NewToken {
        name: "Logiciel de finances".to_owned(),
        scope,
        expires_at: None,
    }
}

#[tokio::test]
async fn a_token_opens_the_api_until_it_is_revoked() {
    let test = TestApp::new().await;
    let clerk = clerk(&test, "a@anstaing.example").await;
    let created = tokens::create(&test.app, &clerk, new(TokenScope::Read))
        .await
        .unwrap();
    let program = test.browser().with_token(&created.secret);
    let commune = clerk.acting_for.unwrap();
    let path = format!("/api/v1/organisations/{commune}");
    program.get(&path).await.expect(200);
    let listed = tokens::list(&test.app, &clerk, None, 100).await.unwrap();
    assert!(listed[0].live && listed[0].used_on.is_some());

    tokens::revoke(&test.app, &clerk, created.token.id)
        .await
        .unwrap();
    program.get(&path).await.expect(401);
    assert!(!tokens::list(&test.app, &clerk, None, 100).await.unwrap()[0].live);
}

#[tokio::test]
async fn a_token_ends_on_its_day() {
    let test = TestApp::new().await;
    let clerk = clerk(&test, "a@anstaing.example").await;
    let expires_at = Some(test.app.clock.now() + TimeDelta::days(30));
    let short = tokens::NewToken {
        expires_at,
        ..new(TokenScope::Write)
    };
    let created = tokens::create(&test.app, &clerk, short).await.unwrap();
    let program = test.browser().with_token(&created.secret);
    let path = format!("/api/v1/organisations/{}", clerk.acting_for.unwrap());
    program.get(&path).await.expect(200);
    test.app.clock.advance(TimeDelta::days(30));
    program.get(&path).await.expect(401);
}

#[tokio::test]
async fn a_token_is_its_owner_s_alone() {
    let test = TestApp::new().await;
    let first = clerk(&test, "a@anstaing.example").await;
    let second = clerk(&test, "b@madeleine.example").await;
    let created = tokens::create(&test.app, &first, new(TokenScope::Read))
        .await
        .unwrap();
    let refused = tokens::revoke(&test.app, &second, created.token.id).await;
    assert_eq!(
        encommun::api::problem::code(&refused.unwrap_err()),
        "not-found"
    );
    assert!(
        tokens::list(&test.app, &second, None, 100)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_program_makes_no_token_that_outgrows_its_own() {
    use axum::http::Method;
    use serde_json::json;
    let test = TestApp::new().await;
    let clerk = clerk(&test, "a@anstaing.example").await;
    let end = test.app.clock.now() + TimeDelta::days(30);
    let own = |scope, expires_at| tokens::NewToken {
        expires_at,
        ..new(scope)
    };
    let program = async |scope, expires_at| {
        let made = tokens::create(&test.app, &clerk, own(scope, expires_at)).await;
        test.browser().with_token(&made.unwrap().secret)
    };
    let asked = |scope: &str, end| json!({"name": "suite", "scope": scope, "expires_at": end});
    let post = async |client: &crate::support::Client, body, status| {
        client
            .json(Method::POST, "/api/v1/tokens", &[], &body)
            .await
            .expect(status);
    };
    let short = program(TokenScope::Write, Some(end)).await;
    post(&short, asked("write", Some(end)), 201).await;
    post(&short, asked("read", Some(end - TimeDelta::days(1))), 201).await;
    post(
        &short,
        asked("read", Some(end + TimeDelta::seconds(1))),
        403,
    )
    .await;
    post(&short, asked("read", None), 403).await;
    let reader = program(TokenScope::Read, None).await;
    post(&reader, asked("write", Some(end)), 403).await;
    let endless = program(TokenScope::Write, None).await;
    post(&endless, asked("write", None), 201).await;
}

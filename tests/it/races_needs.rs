//! Declarations racing with a close, and with each other.
use axum::http::Method;
use domain::purchasing::need::NeedColumn;
use encommun::{
    actions::{
        Error,
        purchasing::{
            declarations,
            drafts::{self, Basis, Edit},
        },
    },
    store::purchasing::{declarations as rows, needs, rounds},
};

use serde_json::json;

use crate::support::TestApp;

/// How many rounds are raced for.
const ROUNDS: usize = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_need_lands_after_the_close() {
    let test = TestApp::new().await;
    let all = test.collection().await;
    let (mut in_time, mut late) = (0, 0);
    for number in 0..ROUNDS {
        let owner = (all.epci, all.grouping);
        let (round, items) = test
            .opened_collection(owner, &format!("Course {number}"), None)
            .await;
        for member in [all.anstaing, all.madeleine] {
            let edit = Edit {
                item: items[1].id,
                line: String::new(),
                column: NeedColumn::Quantity,
                typed: "3".to_owned(),
                basis: Basis::Any,
            };
            drafts::save(&test.app, &all.officer, round.id, member, vec![edit])
                .await
                .unwrap();
        }
        let submit = |member| declarations::submit(&test.app, &all.officer, round.id, member, None);
        let (first, (), second) = tokio::join!(
            submit(all.anstaing),
            test.close_round(round.id),
            submit(all.madeleine)
        );
        let view = test.app.store.view().await.unwrap();
        let closed = rounds::find(&view, round.id).await.unwrap().closed.unwrap();
        let landed = needs::of_round(&view, round.id).await.unwrap();
        let answered = rows::of_round(&view, round.id).await.unwrap();
        let mut accepted = 0;
        for outcome in [first, second] {
            match outcome {
                Ok(_) => accepted += 1,
                Err(Error::Refused(refusal)) => assert_eq!(refusal.code(), "round.not-allowed"),
                Err(other) => panic!("{other:?}"),
            }
        }
        // What was acknowledged is there, what was refused is not.
        assert_eq!(landed.len(), accepted, "round {number}");
        assert_eq!(
            answered.iter().filter(|d| d.state.is_answered()).count(),
            accepted
        );
        assert!(
            answered
                .iter()
                .all(|d| d.submitted_at.is_none_or(|at| at <= closed.at))
        );
        in_time += accepted;
        late += 2 - accepted;
    }
    assert_eq!(in_time + late, 2 * ROUNDS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_programs_that_read_the_same_answer_one_types_over_it() {
    let test = TestApp::new().await;
    let all = test.collection().await;
    let program = async || test.browser().with_token(&test.token_of(&all.clerk).await);
    let rivals = [program().await, program().await, program().await];
    let answer = format!(
        "/api/v1/rounds/{}/declarations/{}",
        all.round.id, all.anstaing
    );
    let path = format!("{answer}/cells");
    let body = |quantity| json!({"lines": [{"item_id": all.items[1].id, "quantity": quantity}]});
    for turn in 0..20_i64 {
        let read = rivals[0].get(&answer).await.expect(200);
        let etag = read.headers["etag"].to_str().unwrap();
        let headers = [("if-match", etag)];
        let typed = [1, 2, 3].map(|n| body((turn * 10 + n).to_string()));
        let put = |n: usize| rivals[n].json(Method::PUT, &path, &headers, &typed[n]);
        let (first, second, third) = tokio::join!(put(0), put(1), put(2));
        let mut statuses = [&first, &second, &third].map(|a| a.status.as_u16());
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412, 412], "turn {turn}");
        let passed = [first, second, third];
        let passed = passed.iter().position(|a| a.status.is_success()).unwrap();
        let stands = rivals[0].get(&answer).await.expect(200).json();
        assert_eq!(
            stands["lines"][1]["quantity"], typed[passed]["lines"][0]["quantity"],
            "turn {turn}"
        );
    }
}

#[tokio::test]
async fn cells_typed_under_a_key_are_typed_once_and_over_nobody_else_s() {
    let test = TestApp::new().await;
    let all = test.collection().await;
    let program = test.browser().with_token(&test.token_of(&all.clerk).await);
    let answer = format!(
        "/api/v1/rounds/{}/declarations/{}",
        all.round.id, all.anstaing
    );
    let path = format!("{answer}/cells");
    let read = program.get(&answer).await.expect(200);
    let etag = read.headers["etag"].to_str().unwrap().to_owned();
    let put = async |etag: &str, key: &str, quantity: &str, status: u16| {
        let headers = [("if-match", etag), ("idempotency-key", key)];
        let body = json!({"lines": [{"item_id": all.items[1].id, "quantity": quantity}]});
        let put = program.json(Method::PUT, &path, &headers, &body).await;
        put.expect(status)
    };
    let first = put(&etag, "saisie-1", "4", 200).await;
    let again = put(&etag, "saisie-1", "4", 200).await;
    assert_eq!(again.headers["etag"], first.headers["etag"]);
    assert_eq!(again.json(), first.json());
    let other = put(&etag, "saisie-1", "5", 422).await;
    assert_eq!(other.json()["type"], "/problems/operation-reused");
    put(&etag, "saisie-2", "5", 412).await;

    // A cell typed on the page counts: the program that read before it starts again.
    let before = first.headers["etag"].to_str().unwrap().to_owned();
    let edit = Edit {
        item: all.items[2].id,
        line: String::new(),
        column: NeedColumn::Quantity,
        typed: "6".to_owned(),
        basis: Basis::Any,
    };
    drafts::save(
        &test.app,
        &all.clerk,
        all.round.id,
        all.anstaing,
        vec![edit],
    )
    .await
    .unwrap();
    put(&before, "saisie-3", "5", 412).await;
    let read = program.get(&answer).await.expect(200);
    assert_eq!(read.json()["lines"][1]["quantity"], "4");
    let etag = read.headers["etag"].to_str().unwrap();
    let last = put(etag, "saisie-3", "5", 200).await;
    assert_eq!(last.json()["lines"][1]["quantity"], "5");
}

//! Several processes serve one database: each closes what is due, and a round closes once.
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use domain::{identity::RoundId, purchasing::round::ClosedBy};
use encommun::{
    actions::purchasing::rounds,
    store::{journal, outbox, purchasing::rounds as rows},
};
use serde_json::Value;

use crate::support::{TestApp, process::Process, rounds::input};

/// Longer than any worker sleeps, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_processes_serve_a_round_and_its_deadline_closes_it_once() {
    let test = TestApp::in_the_present().await;
    let trio = test.trio().await;
    let token = test.token("achats@mel.example").await;
    let mut drafts = Vec::new();
    for _ in 0..5 {
        drafts.push(test.drafted_round(&trio).await.0.id);
    }
    let mut processes = Vec::new();
    for _ in 0..3 {
        processes.push(Process::serve(&test.database.url).await);
    }
    // All five are due at the same instant, when the three workers come for them.
    let due = test.app.clock.now() + TimeDelta::seconds(8);
    for id in &drafts {
        let (app, officer) = (&test.app, &trio.officer);
        let soon = input("Extincteurs 2027", due);
        rounds::edit(app, officer, *id, None, soon).await.unwrap();
        rounds::open(app, officer, *id, None).await.unwrap();
    }
    for process in &processes {
        let shown = show(process, &token, drafts[0]).await;
        assert_eq!(shown["state"], "open");
    }
    for id in drafts {
        let mut shown = BTreeSet::new();
        for process in &processes {
            shown.insert(closed(process, &token, id).await);
        }
        assert_eq!(shown.len(), 1, "all three show the same closing");
        assert_closed_once(&test, id).await;
    }
}

async fn show(process: &Process, token: &str, id: RoundId) -> Value {
    let address = format!("{}/api/v1/rounds/{id}", process.base);
    let request = reqwest::Client::new().get(address).bearer_auth(token);
    let answer = request.send().await.unwrap().error_for_status().unwrap();
    answer.json().await.unwrap()
}

/// Waits for the closing, and gives the round as this process shows it.
async fn closed(process: &Process, token: &str, id: RoundId) -> String {
    let since = Instant::now();
    loop {
        let shown = show(process, token, id).await;
        if shown["state"] == "closed" {
            return shown.to_string();
        }
        assert!(since.elapsed() < PATIENCE, "{shown}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// One close by the clock, one line in the journal, one message for each member.
async fn assert_closed_once(test: &TestApp, id: RoundId) {
    let view = test.app.store.view().await.unwrap();
    let round = rows::find(&view, id).await.unwrap();
    assert_eq!(round.closed.unwrap().by, ClosedBy::Clock);
    let lines = journal::list_about(&view, "round", id.0, 100)
        .await
        .unwrap();
    let closings = lines.iter().filter(|line| line.action == "round.close");
    assert_eq!(closings.count(), 1);
    let told = outbox::list_about(&view, "round", id.0, 100).await.unwrap();
    let told = told.iter().filter(|m| m.kind == "round_closed");
    let recipients: Vec<_> = told.map(|m| m.recipient_organisation).collect();
    let once: BTreeSet<_> = recipients.iter().collect();
    assert_eq!(
        (recipients.len(), once.len()),
        (2, 2),
        "one for each member"
    );
}

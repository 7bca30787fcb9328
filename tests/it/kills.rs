//! The server dies at any moment: what it acknowledged is there, what it began is not.
//!
//! Real processes, real SIGKILL. Five clients keep the server busy: three buyers go from a new
//! round to the shares of an invoice, again and again; two communes transmit and take back their
//! needs. Each write carries a key; one that got no answer is sent again after the restart.
use std::time::Duration;

use reqwest::Client;
use serde_json::json;

use crate::support::{
    TestApp, database,
    process::{self, Process},
};

mod buyer;
mod clerk;
mod journey;

use buyer::Buyer;
use clerk::Clerk;
use journey::{Journey, Script, Stage};

/// Deaths on the embedded database, which dies with the server.
const KILLS: u32 = 50;
/// Deaths on PostgreSQL, which survives: fewer are enough.
const KILLS_POSTGRES: u32 = 12;
/// The longest life of a server under load, in milliseconds.
const LIFE_MS_MAX: u64 = 300;
/// The same kills at every run, as far as two clocks agree.
const SEED: u64 = 20_261_121;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_acknowledged_write_is_lost_when_the_server_is_killed() {
    let test = TestApp::in_the_present().await;
    let mut journeys = prepare(&test).await;
    let kills = if database::on_postgres() {
        KILLS_POSTGRES
    } else {
        KILLS
    };
    let http = Client::builder()
        .timeout(Duration::from_secs(30))
        .build()
        .unwrap();
    let mut dice = SEED;
    for _ in 0..kills {
        let mut server = Process::serve(&test.database.url).await;
        check(&test, &http, &server, &mut journeys).await;
        let life = Duration::from_millis(roll(&mut dice) % LIFE_MS_MAX);
        let working: Vec<_> = journeys
            .drain(..)
            .map(|journey| tokio::spawn(journey.work(http.clone(), server.base.clone())))
            .collect();
        tokio::time::sleep(life).await;
        server.kill();
        for work in working {
            journeys.push(work.await.unwrap());
        }
    }
    let server = Process::serve(&test.database.url).await;
    check(&test, &http, &server, &mut journeys).await;
    let (mut acknowledged, mut retried) = (0, 0);
    for journey in &journeys {
        journey.check_all(&http, &server.base).await;
        acknowledged += journey.acknowledged;
        retried += journey.retried;
    }
    eprintln!("{kills} kills, {acknowledged} acknowledged writes, {retried} sent again");
    assert!(acknowledged > u64::from(kills), "the load was too light");
    assert!(retried > 0, "no kill met a request on its way");
}

/// After a restart: the books are clean, what was acknowledged reads the same, and a request
/// sent again has one effect.
async fn check(test: &TestApp, http: &Client, server: &Process, journeys: &mut [Journey]) {
    let url = test.database.url.clone();
    let audit = tokio::spawn(async move { process::audit(&url).await });
    for journey in journeys.iter_mut() {
        journey.check_recent(http, &server.base).await;
        journey.send_again(http, &server.base).await;
    }
    let audit = audit.await.unwrap();
    let said = String::from_utf8_lossy(&audit.stdout);
    assert!(audit.status.success(), "{}: {said}", audit.status);
}

/// The starting book: a coordinator, two communes that joined, a supplier, an open round.
async fn prepare(test: &TestApp) -> Vec<Journey> {
    use domain::permission::Role;
    let trio = test.trio().await;
    test.joined(trio.grouping, trio.anstaing).await;
    test.joined(trio.grouping, trio.madeleine).await;
    let supplier = test.supplied(&trio).await;
    let roles = [(trio.madeleine, Role::DeclaringAgent)];
    test.user("mairie@lamadeleine.example", &roles).await;
    let (round, items) = test.open_round(&trio).await;
    let officer = test.token("achats@mel.example").await;
    let clerk = test.token("mairie@anstaing.example").await;
    let stage = Stage {
        grouping: trio.grouping.0,
        supplier: supplier.0,
        member: trio.anstaing.0,
        today: test.app.clock.now().date_naive(),
        due: json!(test.app.clock.now() + chrono::TimeDelta::days(30)),
        officer,
        clerk: clerk.clone(),
    };
    let mut journeys: Vec<Journey> = (1..=3)
        .map(|number| Journey::new(Script::Buyer(Buyer::new(number, stage.clone()))))
        .collect();
    let other = test.token("mairie@lamadeleine.example").await;
    for (member, token) in [(trio.anstaing, clerk), (trio.madeleine, other)] {
        let clerk = Clerk::new(round.id.0, member.0, items[0].id.0, token);
        journeys.push(Journey::new(Script::Clerk(clerk)));
    }
    journeys
}

/// A linear congruential draw: enough to scatter the kills.
fn roll(state: &mut u64) -> u64 {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

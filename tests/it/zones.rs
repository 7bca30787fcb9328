//! Hours on the clocks of the organisation that one acts for.
use axum::http::Method;
use chrono::{DateTime, FixedOffset, Utc};
use domain::{french, identity::OrganisationId, permission::Role};
use encommun::{actions::purchasing::procedures, store::organisations};
use serde_json::json;

use crate::support::TestApp;

async fn move_to_reunion(test: &TestApp, id: OrganisationId) {
    let tx = test.operator_tx("organisation.update").await;
    let mut organisation = organisations::lock(&tx, id).await.unwrap();
    organisation.time_zone = "Indian/Reunion".to_owned();
    organisations::save(&tx, &organisation).await.unwrap();
    let line = encommun::store::Line::about(
        encommun::store::Scope::Organisation(id),
        "organisation",
        id.0,
    );
    tx.commit(line).await.unwrap();
}

/// « 22 mai 2026 à 17 h 00 », so many hours east of Greenwich.
fn said(at: DateTime<Utc>, hours: i32) -> String {
    let zone = FixedOffset::east_opt(hours * 3600).unwrap();
    let local = at.with_timezone(&zone).naive_local();
    let day = french::day_month(local.date());
    let year = local.format("%Y");
    format!("{day}\u{a0}{year} à {}", french::time(local.time()))
}

#[tokio::test]
async fn a_coordinator_of_la_reunion_reads_its_own_hours_and_a_member_elsewhere_its_own() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    move_to_reunion(&test, trio.epci).await;
    let (round, _) = test.open_round(&trio).await;
    let officer = test.signed_in("achats@mel.example").await;
    let clerk = test.signed_in("mairie@anstaing.example").await;
    let (there, here) = (said(round.deadline, 4), said(round.deadline, 2));
    let list = officer.get("/campagnes").await.expect(200).text();
    assert!(list.contains(&there), "{there}: {list}");
    let list = clerk.get("/campagnes").await.expect(200).text();
    assert!(list.contains(&here), "{here}: {list}");
    let now = test.app.clock.now();
    let history = officer.get("/historique").await.expect(200).text();
    assert!(history.contains(&said(now, 4)), "{history}");
}

#[tokio::test]
async fn offers_are_due_on_the_clocks_of_the_coordinator() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    move_to_reunion(&test, trio.epci).await;
    let (round, _) = test.open_round(&trio).await;
    test.close_round(round.id).await;
    let officer = test.signed_in("achats@mel.example").await;
    let form = officer
        .get("/consultations/nouvelle")
        .await
        .expect(200)
        .text();
    assert!(form.contains("Jour et heure de La Réunion"), "{form}");
    let id = round.id.to_string();
    let fields = [
        ("campagne", id.as_str()),
        ("titre", "Extincteurs"),
        ("forme", "adapted"),
        ("nature", "supplies_services"),
        ("remise_offres", "16/10/2026 12:00"),
    ];
    let made = officer.post("/consultations/nouvelle", &fields).await;
    let page = made.expect(303).location.unwrap();
    let listing = procedures::Listing {
        words: String::new(),
        state: None,
    };
    let found = procedures::page(&test.app, &trio.officer, &listing, 0, 10).await;
    let due = found.unwrap().0[0].plan.offers_due_at.unwrap();
    assert_eq!(due.to_rfc3339(), "2026-10-16T08:00:00+00:00");
    let plain = |text: String| text.replace(['\u{a0}', '\u{202f}'], " ");
    let shown = plain(officer.get(&page).await.expect(200).text());
    assert!(
        shown.contains("16 octobre à 12 h 00 (heure de La Réunion), 10 h 00 à Paris"),
        "{shown}"
    );
    let list = plain(officer.get("/consultations").await.expect(200).text());
    assert!(list.contains("16 octobre 2026 à 12 h 00"), "{list}");
    let edit = officer
        .get(&format!("{page}/modifier"))
        .await
        .expect(200)
        .text();
    assert!(edit.contains("16/10/2026 12:00"), "{edit}");
}

#[tokio::test]
async fn an_administrator_moves_the_clocks_and_no_deadline_moves() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let (round, _) = test.open_round(&trio).await;
    let admin = "admin@mel.example";
    test.user(admin, &[(trio.epci, Role::Administrator)]).await;
    let browser = test.signed_in(admin).await;
    let form = format!("/collectivites/{}/modifier", trio.epci);
    let shown = browser.get(&form).await.expect(200).text();
    assert!(shown.contains("Heure de La Réunion"), "{shown}");
    assert!(shown.contains("gardent leur instant"), "{shown}");
    let fields = [
        ("nom", "Métropole Européenne de Lille"),
        ("fuseau", "Indian/Reunion"),
    ];
    browser.post(&form, &fields).await.expect(303);
    let page = format!("/collectivites/{}", trio.epci);
    let page = browser.get(&page).await.expect(200).text();
    assert!(page.contains("Heure de La Réunion"), "{page}");

    let officer = test.signed_in("achats@mel.example").await;
    let list = officer.get("/campagnes").await.expect(200).text();
    let there = said(round.deadline, 4);
    assert!(list.contains(&there), "{there}: {list}");
    let api = test.browser().with_token(&test.token(admin).await);
    let after = test
        .browser()
        .with_token(&test.token("achats@mel.example").await);
    let path = format!("/api/v1/rounds/{}", round.id);
    let kept = after.get(&path).await.expect(200).json();
    let deadline: DateTime<Utc> = kept["deadline"].as_str().unwrap().parse().unwrap();
    assert_eq!(deadline, round.deadline);

    let scope = format!("/api/v1/journal?scope={}&limit=1", trio.epci);
    let line = api.get(&scope).await.expect(200).json();
    let detail = &line["items"][0]["detail"];
    assert_eq!(detail["time_zone"], "Indian/Reunion");
    assert_eq!(detail["time_zone_before"], "Europe/Paris");
}

#[tokio::test]
async fn a_program_moves_the_clocks_to_a_zone_of_the_republic_only() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let admin = "admin@anstaing.example";
    test.user(admin, &[(trio.anstaing, Role::Administrator)])
        .await;
    let api = test.browser().with_token(&test.token(admin).await);
    let path = format!("/api/v1/organisations/{}", trio.anstaing);
    let any = [("if-match", "*")];
    let body = json!({"name": "Anstaing", "time_zone": "Pacific/Noumea"});
    let moved = api.json(Method::PUT, &path, &any, &body).await.expect(200);
    assert_eq!(moved.json()["time_zone"], "Pacific/Noumea");
    let body = json!({"name": "Anstaing"});
    let kept = api.json(Method::PUT, &path, &any, &body).await.expect(200);
    assert_eq!(kept.json()["time_zone"], "Pacific/Noumea");
    for zone in ["Europe/Berlin", "Paris", "heure d’été"] {
        let body = json!({"name": "Anstaing", "time_zone": zone});
        let refused = api.json(Method::PUT, &path, &any, &body).await.expect(422);
        assert_eq!(refused.json()["errors"][0]["field"], "time_zone", "{zone}");
    }
}

#[tokio::test]
async fn a_refusal_tells_its_hours_on_the_clocks_of_who_reads_it() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    move_to_reunion(&test, trio.epci).await;
    let (round, _) = test.open_round(&trio).await;
    let api = test
        .browser()
        .with_token(&test.token("achats@mel.example").await);
    let close = format!("/api/v1/rounds/{}/close", round.id);
    let nothing = json!({});
    let closed = api.json(Method::POST, &close, &[], &nothing).await;
    closed.expect(200);
    let now = test.app.clock.now();
    let hour = |hours: i32| {
        let zone = FixedOffset::east_opt(hours * 3600).unwrap();
        french::time(now.with_timezone(&zone).time())
    };
    let again = api.json(Method::POST, &close, &[], &nothing).await;
    let told = again.expect(409).json()["detail"].to_string();
    assert!(told.contains(&hour(4)), "{told}");
    let officer = test.signed_in("achats@mel.example").await;
    let page = format!("/campagnes/{}/cloture", round.id);
    let page = officer.post(&page, &[]).await.expect(409).text();
    assert!(page.contains(&hour(4)), "{page}");
    // Anstaing, in the north of France, reads its own.
    let clerk = test
        .browser()
        .with_token(&test.token("mairie@anstaing.example").await);
    let submit = format!(
        "/api/v1/rounds/{}/declarations/{}/submit",
        round.id, trio.anstaing
    );
    let refused = clerk.json(Method::POST, &submit, &[], &nothing).await;
    let told = refused.expect(409).json()["detail"].to_string();
    assert!(told.contains(&hour(2)), "{told}");
}

//! Procedures, from the launch gate to the outcome of each lot, by page and JSON.
use axum::http::Method;
use domain::{permission::Role, purchasing::procedure::ProcedureState};
use encommun::{
    actions::purchasing::procedures,
    store::{self, outbox},
};
use serde_json::json;

use crate::support::{
    TestApp,
    contracts::{Purchase, day, program},
};

async fn overview(test: &TestApp, purchase: &Purchase, procedure: &str) -> serde_json::Value {
    let officer = program(test, &purchase.officer).await;
    let path = format!("/api/v1/procedures/{procedure}");
    officer.get(&path).await.expect(200).json()
}

#[tokio::test]
async fn the_launch_waits_for_members_until_they_are_set_aside_with_a_reason() {
    let test = TestApp::new().await;
    let purchase = test.purchase().await;
    let browser = test.signed_in("achats@mel.example").await;

    let round = purchase.round.to_string();
    let form = browser
        .get(&format!("/consultations/nouvelle?campagne={round}"))
        .await
        .expect(200)
        .text();
    assert!(
        form.contains("Extincteurs 2026") && form.contains("checked"),
        "{form}"
    );
    let fields = [
        ("campagne", round.as_str()),
        ("titre", "Extincteurs 2027"),
        ("forme", "adapted"),
        ("nature", "supplies_services"),
        ("remise_offres", "16/10/2026 12:00"),
    ];
    let made = browser
        .post("/consultations/nouvelle", &fields)
        .await
        .expect(303);
    let page = made.location.unwrap();
    let text = browser.get(&page).await.expect(200).text();
    assert!(
        text.contains("2\u{a0}membres à attendre ou à mettre de côté"),
        "{text}"
    );
    assert!(text.contains("convention non signée"), "{text}");
    // 200 at 10 and 10 at 250: 4 500 euros, all members together.
    assert!(text.contains("4\u{202f}500,00\u{202f}€"), "{text}");

    let launch = format!("{page}/lancement");
    let refused = browser
        .post(&launch, &[("lancee_le", "01/09/2026")])
        .await
        .expect(409);
    assert!(
        refused
            .text()
            .contains("2\u{a0}membres n’ont pas de décision exécutoire")
    );

    let (madeleine, lompret) = (purchase.madeleine.to_string(), purchase.lompret.to_string());
    let aside = format!("{page}/mise-de-cote");
    let members = [("membre", madeleine.as_str()), ("membre", lompret.as_str())];
    browser.post(&aside, &members).await.expect(422);
    let mut reasoned = members.to_vec();
    reasoned.push(("raison", "délibération reportée à novembre"));
    browser.post(&aside, &reasoned).await.expect(303);
    let text = browser.get(&page).await.expect(200).text();
    assert!(text.contains("délibération reportée à novembre"), "{text}");
    // Anstaing alone: 40 at 10 and 4 at 250.
    assert!(text.contains("1\u{202f}400,00\u{202f}€"), "{text}");

    browser
        .post(&launch, &[("lancee_le", "01/09/2026")])
        .await
        .expect(303);
    let text = browser.get(&page).await.expect(200).text();
    assert!(
        text.contains("Lancée") && text.contains("1er\u{a0}septembre\u{a0}2026"),
        "{text}"
    );
    let late = browser.post(&aside, &reasoned).await.expect(409).text();
    assert!(
        late.contains("la liste de ses membres ne change plus"),
        "{late}"
    );
    let list = browser
        .get("/consultations?q=extincteurs")
        .await
        .expect(200)
        .text();
    assert!(list.contains("Extincteurs 2027"), "{list}");
}

#[tokio::test]
async fn a_launch_copies_the_estimate_tells_members_and_freezes_a_one_off_grouping() {
    let test = TestApp::new().await;
    let purchase = test.purchase().await;
    let id = test.launched(&purchase).await;

    let seen = overview(&test, &purchase, &id.to_string()).await;
    assert_eq!(seen["state"], "published");
    assert_eq!(seen["estimate"], "1400.00");
    assert_eq!(seen["set_aside"].as_array().unwrap().len(), 2);
    assert_eq!(seen["lots"][0]["items"][0]["quantity"], "40");

    let view = test.app.store.view().await.unwrap();
    let queued = outbox::list_about(&view, "procedure", id.0, 100)
        .await
        .unwrap();
    assert_eq!(queued.len(), 3, "those set aside are told too");
    let groupings = store::purchasing::groupings::has_launched(&view, purchase.grouping);
    assert!(groupings.await.unwrap());
}

#[tokio::test]
async fn a_round_is_followed_once_and_only_when_it_is_closed() {
    let test = TestApp::new().await;
    let purchase = test.purchase().await;
    test.procedure(&purchase).await;
    let officer = program(&test, &purchase.officer).await;
    let plan = json!({"title": "Encore", "form": "adapted", "nature": "works"});
    let body = json!({"rounds": [purchase.round], "plan": plan});
    let again = officer
        .json(Method::POST, "/api/v1/procedures", &[], &body)
        .await;
    assert_eq!(
        again.expect(409).json()["type"],
        "/problems/procedure.round-taken"
    );
    let none = json!({"rounds": [], "plan": plan});
    let none = officer
        .json(Method::POST, "/api/v1/procedures", &[], &none)
        .await;
    assert_eq!(
        none.expect(409).json()["type"],
        "/problems/procedure.no-round"
    );
    let bad =
        json!({"rounds": [purchase.round], "plan": {"title": "", "form": "x", "nature": "y"}});
    let bad = officer
        .json(Method::POST, "/api/v1/procedures", &[], &bad)
        .await;
    let fields = bad.expect(422).json()["errors"].clone();
    let names: Vec<&str> = fields
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["field"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["plan.title", "plan.form", "plan.nature"]);
}

#[tokio::test]
async fn a_lot_is_awarded_with_a_price_for_each_item_and_shows_what_is_saved() {
    let test = TestApp::new().await;
    let purchase = test.purchase().await;
    let id = test.launched(&purchase).await;
    let browser = test.signed_in("achats@mel.example").await;
    let form = format!("/consultations/{id}/lots/{}", purchase.lots[0]);
    browser.get(&form).await.expect(200);

    let price = format!("prix_{}", purchase.items[0]);
    let alone = format!("seul_{}", purchase.items[0]);
    let mut fields = vec![
        ("issue", "awarded"),
        ("decidee_le", "01/09/2026"),
        ("siren", "732 829 320"),
        ("titulaire", "Alpha Incendie"),
        (price.as_str(), "neuf"),
        (alone.as_str(), "12"),
    ];
    let refused = browser.post(&form, &fields).await.expect(422).text();
    assert!(
        refused.contains("neuf") && refused.contains("732 829 320"),
        "{refused}"
    );
    fields[4].1 = "9";
    browser.post(&form, &fields).await.expect(303);

    let page = browser
        .get(&format!("/consultations/{id}"))
        .await
        .expect(200)
        .text();
    // 40 at 9 instead of 10 estimated, and of 12 alone.
    assert!(
        page.contains("40,00\u{202f}€, soit 10,0\u{202f}%")
            || page.contains("40,00\u{202f}€, soit 10"),
        "{page}"
    );
    assert!(page.contains("120,00\u{202f}€, soit 25"), "{page}");
    assert!(
        page.contains("Alpha Incendie") && page.contains("1 sur 2"),
        "{page}"
    );
    let seen = overview(&test, &purchase, &id.to_string()).await;
    assert_eq!(seen["lots"][0]["award"]["amount"], "360.00");
    assert_eq!(seen["lots"][0]["award"]["prices"][0]["tax_rate"], "20");
    assert_eq!(seen["state"], "published");
}

#[tokio::test]
async fn the_last_lot_ends_the_procedure_and_a_lot_without_tender_may_be_asked_again() {
    let test = TestApp::new().await;
    let purchase = test.purchase().await;
    let id = test.launched(&purchase).await;
    let officer = program(&test, &purchase.officer).await;
    let path = |lot: usize| format!("/api/v1/procedures/{id}/lots/{}/award", purchase.lots[lot]);
    let awarded = json!({
        "outcome": "awarded", "decided_on": "2026-09-01",
        "supplier": {"siren": "732829320", "name": "Alpha Incendie"},
        "prices": [{"item": purchase.items[0], "unit_price": "9"}],
    });
    officer
        .json(Method::POST, &path(0), &[], &awarded)
        .await
        .expect(200);
    let dropped = json!({"outcome": "dropped", "decided_on": "2026-09-01"});
    let refused = officer
        .json(Method::POST, &path(1), &[], &dropped)
        .await
        .expect(422);
    assert_eq!(refused.json()["errors"][0]["field"], "motive");
    let none = json!({"outcome": "no_tender", "decided_on": "2026-09-01"});
    let done = officer
        .json(Method::POST, &path(1), &[], &none)
        .await
        .expect(200)
        .json();
    assert_eq!(done["state"], ProcedureState::Done.code());

    // What was awarded is not asked again; what was not is.
    let again = test.procedure(&purchase).await;
    let seen = overview(&test, &purchase, &again.id.to_string()).await;
    assert_eq!(seen["lots"].as_array().unwrap().len(), 1);
    assert_eq!(seen["lots"][0]["title"], "Formation");
}

#[tokio::test]
async fn an_award_needs_every_price_and_no_foreign_item() {
    let test = TestApp::new().await;
    let purchase = test.purchase().await;
    let id = test.launched(&purchase).await;
    let officer = program(&test, &purchase.officer).await;
    let path = format!("/api/v1/procedures/{id}/lots/{}/award", purchase.lots[0]);
    let with = |prices: serde_json::Value| {
        json!({
            "outcome": "awarded", "decided_on": "2026-09-01", "prices": prices,
            "supplier": {"siren": "732829320", "name": "Alpha Incendie"},
        })
    };
    for (prices, code) in [
        (json!([]), "award.prices-missing"),
        (
            json!([{"item": purchase.items[1], "unit_price": "1"}]),
            "award.foreign-item",
        ),
    ] {
        let refused = officer
            .json(Method::POST, &path, &[], &with(prices))
            .await
            .expect(409);
        assert_eq!(refused.json()["type"], format!("/problems/{code}"));
    }
    let negative = with(json!([{"item": purchase.items[0], "unit_price": "-1"}]));
    officer
        .json(Method::POST, &path, &[], &negative)
        .await
        .expect(422);
}

#[tokio::test]
async fn members_see_a_procedure_once_it_is_launched_and_nobody_else_ever_does() {
    let test = TestApp::new().await;
    let purchase = test.purchase().await;
    let stranger = test.commune("Wattrelos", "59650", "215906504").await;
    let stranger = test
        .user(
            "mairie@wattrelos.example",
            &[(stranger, Role::PurchasingOfficer)],
        )
        .await;
    let prepared = test.procedure(&purchase).await;
    let path = format!("/api/v1/procedures/{}", prepared.id);
    let clerk = program(&test, &purchase.clerk).await;
    clerk.get(&path).await.expect(404);

    let aside = [purchase.madeleine, purchase.lompret].into();
    let (app, officer) = (&test.app, &purchase.officer);
    procedures::set_aside(app, officer, prepared.id, &aside, "en attente")
        .await
        .unwrap();
    procedures::launch(app, officer, prepared.id, None, day("2026-09-01"))
        .await
        .unwrap();
    let seen = clerk.get(&path).await.expect(200).json();
    assert_eq!(seen["members"], json!([]), "the gate is the coordinator's");
    let launch = json!({"launched_on": "2026-09-01"});
    let forbidden = format!("{path}/launch");
    clerk
        .json(Method::POST, &forbidden, &[], &launch)
        .await
        .expect(403);
    let stranger = program(&test, &stranger).await;
    stranger.get(&path).await.expect(404);
    let list = stranger.get("/api/v1/procedures").await.expect(200).json();
    assert_eq!(list["items"], json!([]));
}

#[tokio::test]
async fn a_changed_procedure_says_so_to_who_read_it_before() {
    let test = TestApp::new().await;
    let purchase = test.purchase().await;
    let id = test.procedure(&purchase).await.id;
    let officer = program(&test, &purchase.officer).await;
    let path = format!("/api/v1/procedures/{id}");
    let body =
        json!({"title": "Extincteurs", "form": "open_tender", "nature": "supplies_services"});
    officer
        .json(Method::PUT, &path, &[], &body)
        .await
        .expect(428);
    let saved = officer
        .json(Method::PUT, &path, &[("if-match", "\"0\"")], &body)
        .await;
    assert_eq!(saved.expect(200).json()["form"], "open_tender");
    officer
        .json(Method::PUT, &path, &[("if-match", "\"0\"")], &body)
        .await
        .expect(412);
    let early = json!({"title": "Extincteurs", "form": "adapted", "nature": "works",
        "published_on": "2026-10-01", "offers_due_at": "2026-09-15T10:00:00Z"});
    let early = officer
        .json(Method::PUT, &path, &[("if-match", "*")], &early)
        .await;
    assert_eq!(
        early.expect(409).json()["type"],
        "/problems/procedure.offers-due-too-early"
    );
}

#[tokio::test]
async fn pressing_launch_twice_launches_once() {
    let test = TestApp::new().await;
    let purchase = test.purchase().await;
    let id = test.procedure(&purchase).await.id;
    let aside = [purchase.madeleine, purchase.lompret].into();
    procedures::set_aside(&test.app, &purchase.officer, id, &aside, "x")
        .await
        .unwrap();
    let browser = test.signed_in("achats@mel.example").await;
    let launch = format!("/consultations/{id}/lancement");
    let fields = [("lancee_le", "01/09/2026"), ("operation", "un-seul-clic")];
    browser.post(&launch, &fields).await.expect(303);
    browser.post(&launch, &fields).await.expect(303);
    let other = [("lancee_le", "01/09/2026"), ("operation", "un-autre")];
    browser.post(&launch, &other).await.expect(409);
}

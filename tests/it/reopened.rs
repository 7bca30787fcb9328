//! A round opened again under the procedure, the award or the invoice that followed it.
use axum::http::Method;
use domain::{
    identity::{AwardId, ProcedureId},
    purchasing::{contract::Terms, membership::MembershipState, need::NeedColumn, payer::Payer},
    quantity::Quantity,
};
use encommun::{
    actions::{
        Error,
        purchasing::{
            contracts, declarations,
            drafts::{self, Basis, Edit},
            invoices, procedures, rounds,
        },
    },
    store::{
        Line, Scope,
        purchasing::{awards, memberships},
    },
};
use serde_json::{Value, json};

use crate::support::{
    TestApp,
    contracts::{Purchase, day, program},
    payers::{goods, two_budgets},
    rounds::Trio,
};

async fn overview(test: &TestApp, purchase: &Purchase, id: ProcedureId) -> Value {
    let officer = program(test, &purchase.officer).await;
    let path = format!("/api/v1/procedures/{id}");
    officer.get(&path).await.expect(200).json()
}

async fn reopen(test: &TestApp, purchase: &Purchase) {
    let until = rounds::Deadline::Local(day("2026-09-20").and_hms_opt(17, 0, 0).unwrap());
    let motive = "Un prix était faux.".to_owned();
    rounds::reopen(
        &test.app,
        &purchase.officer,
        purchase.round,
        None,
        until,
        motive,
    )
    .await
    .unwrap();
}

/// Anstaing, which asked for 40, asks for another quantity of the first item.
async fn correct(test: &TestApp, purchase: &Purchase, typed: &str) {
    let (app, clerk) = (&test.app, &purchase.clerk);
    declarations::withdraw(app, clerk, purchase.round, purchase.anstaing)
        .await
        .unwrap();
    retype(test, purchase, typed).await;
}

async fn retype(test: &TestApp, purchase: &Purchase, typed: &str) {
    let (app, clerk) = (&test.app, &purchase.clerk);
    let edits = purchase
        .items
        .iter()
        .zip([typed, "4"])
        .map(|(item, typed)| Edit {
            item: *item,
            line: String::new(),
            column: NeedColumn::Quantity,
            typed: typed.to_owned(),
            basis: Basis::Any,
        });
    drafts::save(
        app,
        clerk,
        purchase.round,
        purchase.anstaing,
        edits.collect(),
    )
    .await
    .unwrap();
    declarations::submit(app, clerk, purchase.round, purchase.anstaing, None)
        .await
        .unwrap();
}

fn code(refused: Result<impl std::fmt::Debug, Error>) -> &'static str {
    match refused {
        Err(Error::Refused(refusal)) => refusal.code(),
        other => panic!("{other:?}"),
    }
}

fn award(purchase: &Purchase) -> Value {
    json!({
        "outcome": "awarded", "decided_on": "2026-09-01",
        "supplier": {"siren": "732829320", "name": "Alpha Incendie"},
        "prices": [{"item": purchase.items[0], "unit_price": "9"}],
    })
}

#[tokio::test]
async fn a_launched_procedure_keeps_its_quantities_until_someone_takes_the_new_ones() {
    let test = TestApp::new().await;
    let purchase = test.purchase().await;
    let id = test.launched(&purchase).await;
    let before = overview(&test, &purchase, id).await;
    reopen(&test, &purchase).await;
    correct(&test, &purchase, "50").await;

    let seen = overview(&test, &purchase, id).await;
    assert_eq!(seen["lots"], before["lots"]);
    assert_eq!(seen["estimate"], before["estimate"]);
    assert_eq!(
        seen["moved"],
        json!([{"item": purchase.items[0], "launched_quantity": "40", "quantity": "50"}])
    );
    let browser = test.signed_in("achats@mel.example").await;
    let page = format!("/consultations/{id}");
    let shown = browser.get(&page).await.expect(200).text();
    assert!(shown.contains("Les besoins ont changé depuis le lancement"));
    assert!(shown.contains("une campagne est encore ouverte"), "{shown}");

    let officer = program(&test, &purchase.officer).await;
    let lot = purchase.lots[0];
    let decide = format!("/api/v1/procedures/{id}/lots/{lot}/award");
    let refused = officer
        .json(Method::POST, &decide, &[], &award(&purchase))
        .await;
    let refused = refused.expect(409).json();
    assert_eq!(refused["type"], "/problems/procedure.round-not-closed");
    let taken = procedures::refresh_demand(&test.app, &purchase.officer, id, None).await;
    assert_eq!(code(taken), "procedure.round-not-closed");

    rounds::close(&test.app, &purchase.officer, purchase.round, None)
        .await
        .unwrap();
    browser
        .post(&format!("{page}/quantites"), &[("operation", "un-clic")])
        .await
        .expect(303);
    let seen = overview(&test, &purchase, id).await;
    assert_eq!(seen["moved"], json!([]));
    // 50 at 10 and 4 at 250.
    assert_eq!(seen["estimate"], "1500.00");
    officer
        .json(Method::POST, &decide, &[], &award(&purchase))
        .await
        .expect(200);
    let path = format!("/api/v1/procedures/{id}/refresh-demand");
    let late = officer.json(Method::POST, &path, &[], &json!({})).await;
    assert_eq!(
        late.expect(409).json()["type"],
        "/problems/procedure.lots-decided"
    );
}

#[tokio::test]
async fn a_launch_waits_for_the_member_that_corrects_its_answer() {
    let test = TestApp::new().await;
    let purchase = test.purchase().await;
    let (app, officer) = (&test.app, &purchase.officer);
    let id = test.procedure(&purchase).await.id;
    let aside = [purchase.madeleine, purchase.lompret].into();
    procedures::set_aside(app, officer, id, &aside, "délibération en attente")
        .await
        .unwrap();
    let until = rounds::Deadline::Local(day("2026-09-20").and_hms_opt(17, 0, 0).unwrap());
    let member = purchase.anstaing;
    rounds::reopen_for(app, officer, purchase.round, member, until)
        .await
        .unwrap();
    declarations::withdraw(app, &purchase.clerk, purchase.round, member)
        .await
        .unwrap();
    let today = day("2026-09-01");
    let early = procedures::launch(app, officer, id, None, today).await;
    assert_eq!(code(early), "procedure.members-answering");
    retype(&test, &purchase, "41").await;
    procedures::launch(app, officer, id, None, today)
        .await
        .unwrap();
}

#[tokio::test]
async fn an_invoice_reads_no_quantity_in_a_round_that_is_open_again() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let (_, items) = two_budgets(&test, &trio).await;
    let (app, officer) = (&test.app, &trio.officer);
    let prefilled = async |number: &str| {
        let new = test.invoice(&trio, supplier, number, vec![goods(items[0], 90_000)]);
        let invoice = test.checked(&trio, new).await;
        let seen = invoices::overview(app, officer, invoice.id).await.unwrap();
        seen.delivered.len()
    };
    assert_eq!(prefilled("F-1").await, 2);
    let round = {
        let view = app.store.view().await.unwrap();
        let item = encommun::store::purchasing::items::find(&view, items[0]).await;
        item.unwrap().round
    };
    let until = rounds::Deadline::Local(day("2026-09-20").and_hms_opt(17, 0, 0).unwrap());
    rounds::reopen_for(app, officer, round, trio.anstaing, until)
        .await
        .unwrap();
    assert_eq!(prefilled("F-2").await, 2, "every answer is given");
    declarations::withdraw(app, &trio.clerk, round, trio.anstaing)
        .await
        .unwrap();
    assert_eq!(prefilled("F-3").await, 0, "one is being corrected");
}

#[tokio::test]
async fn a_member_set_aside_that_joins_later_received_nothing_of_that_contract() {
    let test = TestApp::new().await;
    let purchase = test.purchase().await;
    let (app, buyer) = (&test.app, &purchase.officer);
    let id = test.launched(&purchase).await;
    let officer = program(&test, buyer).await;
    let lot = purchase.lots[0];
    let decide = format!("/api/v1/procedures/{id}/lots/{lot}/award");
    officer
        .json(Method::POST, &decide, &[], &award(&purchase))
        .await
        .expect(200);
    let tx = test.operator_tx("membership.decide").await;
    for mut one in memberships::list(&tx, purchase.grouping).await.unwrap() {
        one.state = MembershipState::Joined;
        one.joined_on = Some(day("2026-09-01"));
        memberships::save(&tx, &one, || app.clock.new_id())
            .await
            .unwrap();
    }
    let line = Line::about(Scope::Grouping(purchase.grouping), "membership", id.0);
    tx.commit(line).await.unwrap();
    let view = app.store.view().await.unwrap();
    let awarded = awards::of_procedure(&view, id).await.unwrap();
    drop(view);
    let contract = contracts::create(app, buyer, signed(awarded[&lot].id))
        .await
        .unwrap();

    let trio = Trio {
        epci: purchase.epci,
        anstaing: purchase.anstaing,
        madeleine: purchase.madeleine,
        grouping: purchase.grouping,
        officer: buyer.clone(),
        clerk: purchase.clerk.clone(),
    };
    let lines = vec![goods(purchase.items[0], 36_000)];
    let mut new = test.invoice(&trio, contract.supplier, "F-1", lines);
    new.contract = Some(contract.id);
    let invoice = test.checked(&trio, new).await;
    let seen = invoices::overview(app, buyer, invoice.id).await.unwrap();
    let received: Vec<_> = seen
        .delivered
        .into_iter()
        .map(|((_, payer), q)| (payer, q))
        .collect();
    assert_eq!(
        received,
        [(Payer::main(purchase.anstaing), Quantity(40_000))]
    );
}

fn signed(award: AwardId) -> contracts::NewContract {
    contracts::NewContract {
        origin: contracts::Origin::Award(award),
        terms: Terms {
            number: "2026-M-014".to_owned(),
            title: "Extincteurs".to_owned(),
            notified_on: day("2026-09-01"),
            starts_on: Some(day("2026-09-01")),
            ends_on: None,
            duration_months: Some(12),
            renewals: 0,
            minimum: None,
            maximum: None,
            revision_clause: None,
        },
    }
}

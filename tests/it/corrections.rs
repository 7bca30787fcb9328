//! What titres asked too much goes back, by its own piece, and never by a set-off.
use axum::http::Method;
use chrono::TimeDelta;
use domain::{
    identity::{InvoiceId, SupplierId},
    money::Cents,
    purchasing::{
        correction::{CorrectionKind, CorrectionState, Voucher},
        invoice::LineRule,
        recovery::{RecoveryState, Titre},
    },
};
use encommun::actions::{
    Error,
    purchasing::{
        allocations,
        corrections::{self, Listed, Wanted},
        keys, recovery,
    },
};
use serde_json::json;

use crate::support::{TestApp, invoices::line, rounds::Trio};

pub async fn proposed(test: &TestApp, trio: &Trio) -> Vec<Listed> {
    let wanted = Wanted {
        state: Some(CorrectionState::Proposed),
        ..Wanted::default()
    };
    let found = corrections::page(&test.app, &trio.officer, wanted, 0, 50).await;
    let mut found = found.unwrap().0;
    found.reverse();
    found
}

fn titre(number: &str, issued_on: &str) -> Titre {
    Titre {
        number: number.to_owned(),
        bordereau: "87".to_owned(),
        issued_on: issued_on.parse().unwrap(),
        exercice: issued_on.split('-').next().unwrap().parse().unwrap(),
    }
}

pub fn voucher(number: &str, issued_on: &str, exercice: i32) -> Voucher {
    Voucher {
        number: number.to_owned(),
        issued_on: issued_on.parse().unwrap(),
        exercice,
    }
}

/// An invoice split between the two members, or a credit note of another.
pub async fn split(
    test: &TestApp,
    trio: &Trio,
    supplier: SupplierId,
    (number, net): (&str, i64),
    credited: Option<InvoiceId>,
) -> InvoiceId {
    let lines = vec![line("Étude", net, LineRule::Equal)];
    let mut new = test.invoice(trio, supplier, number, lines);
    new.credited = credited;
    let invoice = test.checked(trio, new).await;
    allocations::allocate(&test.app, &trio.officer, invoice.id, None)
        .await
        .unwrap();
    invoice.id
}

/// F-1 asks 60.00 € of each member, by the titres 1208 and 1209 of 2026.
pub async fn asked(test: &TestApp, trio: &Trio) -> (SupplierId, InvoiceId) {
    let supplier = test.supplied(trio).await;
    let first = split(test, trio, supplier, ("F-1", 10_000), None).await;
    let (app, officer) = (&test.app, &trio.officer);
    let wanted = recovery::Wanted::default();
    let (mut orders, _) = recovery::page(app, officer, wanted, 0, 9).await.unwrap();
    orders.reverse();
    for (listed, number) in orders.iter().zip(["1208", "1209"]) {
        let titre = titre(number, "2026-09-01");
        recovery::issue(app, officer, listed.order.id, None, titre)
            .await
            .unwrap();
    }
    (supplier, first)
}

async fn assert_clean(test: &TestApp) {
    let checks = encommun::actions::audit::run(&test.app, |_| {})
        .await
        .unwrap();
    for check in checks {
        assert!(check.faults.is_empty(), "{check:?}");
    }
}

#[tokio::test]
async fn a_credit_note_proposes_a_reduction_that_cites_its_titre() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let (supplier, first) = asked(&test, &trio).await;
    let (app, officer) = (&test.app, &trio.officer);
    split(&test, &trio, supplier, ("A-1", -2_000), Some(first)).await;
    let waiting = proposed(&test, &trio).await;
    let said: Vec<_> = waiting
        .iter()
        .map(|one| {
            let cited = one.correction.cited.as_ref().unwrap();
            (one.kind, one.correction.cents, cited.number.as_str())
        })
        .collect();
    let reduction = CorrectionKind::Reduction;
    let expected = [
        (reduction, Cents(1_200), "1208"),
        (reduction, Cents(1_200), "1209"),
    ];
    assert_eq!(said, expected);
    assert_eq!(waiting[0].invoices, ["F-1"]);
    assert!(recovery::kept(app, officer).await.unwrap().is_empty());

    // Another invoice asks its whole: nothing is set off.
    split(&test, &trio, supplier, ("F-2", 5_000), None).await;
    assert_eq!(proposed(&test, &trio).await.len(), 2, "the same ones stay");

    let id = waiting[0].correction.id;
    let wrong_year = voucher("31", "2026-09-01", 2025);
    let refused = corrections::record(app, officer, id, None, wrong_year).await;
    assert!(
        matches!(refused, Err(Error::Refused(r)) if r.code() == "correction.exercice-mismatch")
    );
    let done = corrections::record(app, officer, id, None, voucher("31", "2026-09-01", 2026))
        .await
        .unwrap();
    assert_eq!(done.state, CorrectionState::Done);
    let order = done.cited.unwrap().order;
    let order = recovery::find(app, officer, order).await.unwrap();
    assert_eq!(
        (order.state, order.left()),
        (RecoveryState::Reduced, Cents(4_800))
    );
    let taken = voucher("31", "2026-09-01", 2026);
    let other = proposed(&test, &trio).await.remove(0).correction.id;
    let refused = corrections::record(app, officer, other, None, taken).await;
    assert!(matches!(refused, Err(Error::Refused(r)) if r.code() == "correction.voucher-taken"));
    // Reduced by hand: the proposal goes.
    let cited = waiting[1].correction.cited.clone().unwrap().order;
    recovery::reduce(app, officer, cited, None, Cents(1_200))
        .await
        .unwrap();
    assert!(proposed(&test, &trio).await.is_empty());
    assert_clean(&test).await;
}

#[tokio::test]
async fn a_later_run_withdraws_what_was_proposed_and_proposes_again() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let (app, officer) = (&test.app, &trio.officer);
    let mut input = keys::KeyInput {
        name: "Points".to_owned(),
        unit: "points".to_owned(),
        source: "Enedis".to_owned(),
        dated_on: "2026-01-01".parse().unwrap(),
        values: [(trio.anstaing, 1.into()), (trio.madeleine, 1.into())].into(),
    };
    let key = keys::create(app, officer, trio.grouping, input.clone())
        .await
        .unwrap();
    let lines = vec![line("Étude", 10_000, LineRule::Key(key.id))];
    let invoice = test
        .checked(&trio, test.invoice(&trio, supplier, "F-1", lines))
        .await;
    let again = async |motive: Option<&str>| {
        let motive = motive.map(ToOwned::to_owned);
        allocations::allocate(app, officer, invoice.id, motive)
            .await
            .unwrap()
    };
    again(None).await;
    let wanted = recovery::Wanted::default();
    let (orders, _) = recovery::page(app, officer, wanted, 0, 9).await.unwrap();
    for (listed, number) in orders.iter().zip(["1208", "1209"]) {
        let titre = titre(number, "2026-09-01");
        recovery::issue(app, officer, listed.order.id, None, titre)
            .await
            .unwrap();
    }
    // Anstaing 1 of 4, then nothing.
    input.values = [(trio.anstaing, 1.into()), (trio.madeleine, 3.into())].into();
    keys::update(app, officer, key.id, None, input.clone())
        .await
        .unwrap();
    let second = again(Some("Points corrigés")).await;
    let first = proposed(&test, &trio).await;
    assert_eq!(first.len(), 1);
    let one = &first[0].correction;
    assert_eq!((one.member, one.cents), (trio.anstaing, Cents(3_000)));
    assert_eq!(one.source, second.id);
    input.values = [(trio.anstaing, 0.into()), (trio.madeleine, 3.into())].into();
    keys::update(app, officer, key.id, None, input)
        .await
        .unwrap();
    again(Some("Anstaing n’a pas de point")).await;
    let now = proposed(&test, &trio).await;
    assert_eq!(now.len(), 1);
    assert_eq!(now[0].kind, CorrectionKind::Cancellation);
    assert_eq!(now[0].correction.cents, Cents(6_000));
    let before = corrections::find(app, officer, one.id).await.unwrap();
    assert_eq!(before.state, CorrectionState::Withdrawn);
    let id = now[0].correction.id;
    corrections::record(app, officer, id, None, voucher("32", "2026-09-01", 2026))
        .await
        .unwrap();
    assert!(recovery::kept(app, officer).await.unwrap().is_empty());
    let undone = corrections::undo(app, officer, id, None).await;
    assert!(matches!(undone, Err(Error::Refused(r)) if r.code() == "correction.only-payout"));
    assert_clean(&test).await;
}

#[tokio::test]
async fn a_titre_of_a_closed_year_is_paid_back_by_a_mandat() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let (supplier, first) = asked(&test, &trio).await;
    let (app, officer) = (&test.app, &trio.officer);
    split(&test, &trio, supplier, ("A-1", -2_000), Some(first)).await;
    let id = proposed(&test, &trio).await.remove(0).correction.id;
    let now = app.clock.now().date_naive();
    let february: chrono::NaiveDate = "2027-02-10".parse().unwrap();
    test.later(TimeDelta::days((february - now).num_days()))
        .await;
    // Proposed as a reduction in 2026, not done: a payment since the first of February.
    let listed = corrections::show(app, officer, id).await.unwrap();
    assert_eq!(listed.kind, CorrectionKind::Payout);
    let paid = corrections::record(app, officer, id, None, voucher("501", "2027-02-09", 2027))
        .await
        .unwrap();
    assert_eq!(paid.kind, CorrectionKind::Payout);
    let order = paid.cited.unwrap().order;
    let order = recovery::find(app, officer, order).await.unwrap();
    assert_eq!(order.left(), Cents(6_000), "the titre stays as it was");
    assert!(recovery::kept(app, officer).await.unwrap().is_empty());
    let still = proposed(&test, &trio).await;
    assert_eq!(still.len(), 1, "La Madeleine alone");
    assert_clean(&test).await;
    // Recorded by mistake: it is proposed again.
    corrections::undo(app, officer, id, None).await.unwrap();
    let again = proposed(&test, &trio).await;
    assert_eq!(again.len(), 2);
    assert!(
        again
            .iter()
            .any(|one| one.kind == CorrectionKind::Payout && one.correction.id != id)
    );
    assert_clean(&test).await;
}

#[tokio::test]
async fn revenue_goes_back_by_a_mandat_that_cites_no_titre() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let (app, officer) = (&test.app, &trio.officer);
    let token = test.token_of(officer).await;
    let api = test.browser().with_token(&token);
    let contract = json!({"grouping": trio.grouping,
        "supplier": {"siren": "732829320", "name": "Prestataire Exemple SAS"},
        "terms": {"number": "2026-M-9", "title": "Étude", "notified_on": "2026-08-01"}});
    let made = api
        .json(Method::POST, "/api/v1/contracts", &[], &contract)
        .await;
    let contract = made.expect(201).json()["id"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    // A rebate of the year, of no invoice in particular: 12.00 € for each member.
    let lines = vec![line("Remise de fin d’année", -2_000, LineRule::Equal)];
    let mut rebate = test.invoice(&trio, supplier, "A-9", lines);
    rebate.contract = Some(contract);
    let rebate = test.checked(&trio, rebate).await;
    allocations::allocate(app, officer, rebate.id, None)
        .await
        .unwrap();
    // What is asked besides is asked whole.
    split(&test, &trio, supplier, ("F-1", 10_000), None).await;
    let wanted = recovery::Wanted::default();
    let (orders, _) = recovery::page(app, officer, wanted, 0, 9).await.unwrap();
    assert!(orders.iter().all(|one| one.order.cents == Cents(6_000)));
    let waiting = proposed(&test, &trio).await;
    assert_eq!(waiting.len(), 2);
    for one in &waiting {
        let said = (
            one.kind,
            one.correction.cents,
            one.correction.cited.is_none(),
        );
        assert_eq!(said, (CorrectionKind::Payout, Cents(1_200), true));
        // One mandat for several payers is a slip; each has its own.
        let number = format!("50{}", one.member.len());
        let piece = voucher(&number, "2026-09-01", 2026);
        corrections::record(app, officer, one.correction.id, None, piece)
            .await
            .unwrap();
    }
    assert!(proposed(&test, &trio).await.is_empty());
    assert!(recovery::kept(app, officer).await.unwrap().is_empty());
    assert_clean(&test).await;
}

#[tokio::test]
async fn corrections_are_carried_out_by_page_and_by_programs() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let (supplier, first) = asked(&test, &trio).await;
    split(&test, &trio, supplier, ("A-1", -2_000), Some(first)).await;
    let waiting = proposed(&test, &trio).await;
    let browser = test.signed_in("achats@mel.example").await;
    let home = browser.get("/").await.expect(200).text();
    assert!(
        home.contains("Faire émettre 2\u{a0}régularisations"),
        "{home}"
    );
    let list = browser
        .get("/regularisations?etat=proposed")
        .await
        .expect(200)
        .text();
    for words in ["RG-2026-0001", "Réduction de titre", "Titre n°\u{a0}1208"] {
        assert!(list.contains(words), "{words}\n{list}");
    }
    let csv = browser
        .get("/regularisations/export/csv?etat=proposed")
        .await;
    let csv = csv.expect(200).text();
    assert!(csv.contains("RG-2026-0001;215900135;Anstaing"), "{csv}");
    let here = format!("/regularisations/{}", waiting[0].correction.id);
    let page = browser.get(&here).await.expect(200).text();
    let words = "Réduisez de 12,00\u{202f}€ le titre n°\u{a0}1208, dans son exercice 2026.";
    assert!(page.contains(words), "{page}");
    let record = format!("{here}/enregistrement");
    let typed = |numero, exercice| {
        [
            ("numero", numero),
            ("emise_le", "01/09/2026"),
            ("exercice", exercice),
        ]
    };
    browser.post(&record, &typed("", "2026")).await.expect(422);
    browser
        .post(&record, &typed("31", "2027"))
        .await
        .expect(409);
    browser
        .post(&record, &typed("31", "2026"))
        .await
        .expect(303);
    let page = browser.get(&here).await.expect(200).text();
    assert!(page.contains("n°\u{a0}31, exercice 2026"), "{page}");
    let clerk = test.signed_in("mairie@anstaing.example").await;
    clerk.get(&here).await.expect(200);
    clerk.post(&record, &typed("32", "2026")).await.expect(403);
    let other = format!("/regularisations/{}", waiting[1].correction.id);
    clerk.get(&other).await.expect(404);

    let token = test.token_of(&trio.officer).await;
    let api = test.browser().with_token(&token);
    let list = api.get("/api/v1/corrections?state=proposed").await;
    let list = list.expect(200).json();
    let one = &list["items"][0];
    assert_eq!(one["kind"], "reduction");
    assert_eq!(
        (&one["amount"], &one["titre_number"]),
        (&json!("12.00"), &json!("1209"))
    );
    let path = format!("/api/v1/corrections/{}/record", one["id"].as_str().unwrap());
    let body = json!({"voucher_number": "33", "issued_on": "2026-09-01", "exercice": 2026});
    let done = api
        .json(Method::POST, &path, &[("if-match", "\"0\"")], &body)
        .await;
    let done = done.expect(200).json();
    assert_eq!(
        (&done["state"], &done["voucher_number"]),
        (&json!("done"), &json!("33"))
    );
    let undo = path.replace("/record", "/undo");
    api.json(Method::POST, &undo, &[], &json!({}))
        .await
        .expect(409);
    api.get("/api/v1/corrections/export?format=xlsx")
        .await
        .expect(200);
    let todo = api.get("/api/v1/todo").await.expect(200).text();
    assert!(!todo.contains("correction.record"), "{todo}");
}

//! The day an invoice was paid: told, corrected, taken back, and what lists make of it.
use axum::http::Method;
use chrono::TimeDelta;
use domain::{
    permission::Role,
    purchasing::invoice::{Invoice, LineRule},
};
use encommun::actions::{
    Error,
    purchasing::{allocations, payments},
};
use serde_json::json;

use crate::support::{
    TestApp,
    contracts::{day, program},
    invoices::line,
    rounds::Trio,
};

/// An invoice received on 1 September 2026, to be paid before 1 October, and split.
async fn split(test: &TestApp) -> (Trio, Invoice) {
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let lines = vec![line("Étude", 10_000, LineRule::Equal)];
    let new = test.invoice(&trio, supplier, "F-1", lines);
    let invoice = test.checked(&trio, new).await;
    allocations::allocate(&test.app, &trio.officer, invoice.id, None)
        .await
        .unwrap();
    (trio, invoice)
}

#[tokio::test]
async fn an_invoice_waits_on_the_desk_until_it_is_marked_paid() {
    let test = TestApp::new().await;
    let (_, invoice) = split(&test).await;
    let officer = test.signed_in("achats@mel.example").await;
    let here = format!("/factures/{}", invoice.id);
    let desk = officer.get("/").await.expect(200).text();
    assert!(desk.contains("Payer la facture F-1"), "{desk}");

    test.later(TimeDelta::days(40)).await;
    let officer = test.signed_in("achats@mel.example").await;
    let desk = officer.get("/").await.expect(200).text();
    assert!(
        desk.contains("En retard") && desk.contains("Payer la facture F-1"),
        "{desk}"
    );
    let list = "/factures?paiement=en_retard";
    let late = officer.get(list).await.expect(200).text();
    assert!(late.contains(&here), "{late}");

    let pay = format!("{here}/paiement");
    let page = officer.post(&pay, &[("payee_le", "demain")]).await;
    let page = page.expect(422).text();
    assert!(page.contains("value=\"demain\""), "{page}");
    officer
        .post(&pay, &[("payee_le", "30/09/2026")])
        .await
        .expect(303);
    let page = officer.get(&here).await.expect(200).text();
    assert!(page.contains("Payée le"), "{page}");
    let desk = officer.get("/").await.expect(200).text();
    assert!(!desk.contains("F-1"), "{desk}");
    for (filter, listed) in [("a_payer", false), ("en_retard", false), ("payee", true)] {
        let list = format!("/factures?paiement={filter}");
        let page = officer.get(&list).await.expect(200).text();
        assert_eq!(page.contains(&here), listed, "{filter}: {page}");
    }

    officer
        .post(&format!("{pay}/annuler"), &[])
        .await
        .expect(303);
    let desk = officer.get("/").await.expect(200).text();
    assert!(desk.contains("Payer la facture F-1"), "{desk}");
    let history = officer.get("/historique").await.expect(200).text();
    assert!(
        history.contains("Facture payée") && history.contains("Paiement d’une facture repris"),
        "{history}"
    );
}

#[tokio::test]
async fn a_payment_told_twice_is_one_and_impossible_days_are_refused() {
    let test = TestApp::new().await;
    let (trio, invoice) = split(&test).await;
    let (app, officer, id) = (&test.app, &trio.officer, invoice.id);
    let pay = async |on: &str| payments::pay(app, officer, id, None, day(on)).await;
    let refusal = |refused: Result<Invoice, Error>| match refused {
        Err(Error::Refused(refusal)) => refusal.code(),
        other => panic!("{other:?}"),
    };
    assert_eq!(refusal(pay("2026-09-02").await), "payment.in-future");
    assert_eq!(refusal(pay("2026-08-31").await), "payment.before-received");
    let paid = pay("2026-09-01").await.unwrap();
    assert_eq!(paid.paid_on, Some(day("2026-09-01")));
    let again = pay("2026-09-01").await.unwrap();
    assert_eq!(again.version, paid.version);
    let stale = payments::unpay(app, officer, id, Some(paid.version - 1)).await;
    assert!(matches!(stale, Err(Error::Stale)));
    payments::unpay(app, officer, id, Some(paid.version))
        .await
        .unwrap();

    let supplier = invoice.supplier;
    let lines = vec![line("Étude", 10_000, LineRule::Equal)];
    let unsplit = test.invoice(&trio, supplier, "F-2", lines);
    let unsplit = test.checked(&trio, unsplit).await;
    let refused = payments::pay(app, officer, unsplit.id, None, day("2026-09-01")).await;
    assert_eq!(refusal(refused), "payment.not-split");
}

#[tokio::test]
async fn a_program_pays_and_lists_what_is_left_to_pay() {
    let test = TestApp::new().await;
    let (trio, invoice) = split(&test).await;
    let api = program(&test, &trio.officer).await;
    let here = format!("/api/v1/invoices/{}", invoice.id);
    let listed = async |payment: &str| {
        let path = format!("/api/v1/invoices?payment={payment}");
        let page = api.get(&path).await.expect(200).json();
        page["items"].as_array().unwrap().len()
    };
    assert_eq!((listed("to_pay").await, listed("paid").await), (1, 0));
    let body = json!({"paid_on": "2026-09-01"});
    let paid = api
        .json(Method::POST, &format!("{here}/pay"), &[], &body)
        .await
        .expect(200)
        .json();
    assert_eq!(paid["paid_on"], "2026-09-01");
    assert_eq!((listed("to_pay").await, listed("paid").await), (0, 1));
    let back = api
        .json(Method::POST, &format!("{here}/unpay"), &[], &json!({}))
        .await
        .expect(200)
        .json();
    assert!(back["paid_on"].is_null());
    api.get("/api/v1/invoices?payment=soon").await.expect(400);
}

#[tokio::test]
async fn only_who_splits_invoices_tells_payments() {
    let test = TestApp::new().await;
    let (trio, invoice) = split(&test).await;
    test.user("comptable@mel.example", &[(trio.epci, Role::Accountant)])
        .await;
    let pay = format!("/factures/{}/paiement", invoice.id);
    let accountant = test.signed_in("comptable@mel.example").await;
    accountant.post(&pay, &[]).await.expect(403);
    let clerk = test.signed_in("mairie@anstaing.example").await;
    clerk.post(&pay, &[]).await.expect(404);
}

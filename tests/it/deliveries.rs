//! What each received: filled from the needs, for who was a member, until someone corrects it.
use chrono::{Days, NaiveDate};
use domain::{
    money::Cents,
    purchasing::{contract::Terms, invoice::LineRule, payer::Payer},
    quantity::Quantity,
};
use encommun::actions::purchasing::{allocations, contracts, invoices, suppliers::NamedSupplier};

use crate::support::{
    TestApp,
    invoices::line,
    payers::{goods, leave, recorded, two_budgets},
};

#[tokio::test]
async fn who_left_pays_what_it_received_before_and_nothing_issued_since() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let (_, items) = two_budgets(&test, &trio).await;
    let (app, officer) = (&test.app, &trio.officer);
    let issued = NaiveDate::from_ymd_opt(2026, 9, 1).unwrap();
    leave(&test, &trio, trio.madeleine, issued - Days::new(30)).await;
    let lines = vec![
        goods(items[0], 90_000),
        line("Publicité", 10_000, LineRule::Equal),
    ];
    let invoice = recorded(&test, &trio, supplier, lines).await;
    let seen = invoices::overview(app, officer, invoice.id).await.unwrap();
    let place = (invoice.lines[0].id, Payer::main(trio.madeleine));
    assert_eq!(
        seen.delivered.get(&place),
        Some(&Quantity(6_000)),
        "pre-filled"
    );
    let browser = test.signed_in("achats@mel.example").await;
    let page = format!("/factures/{}/livraisons", invoice.id);
    let page = browser.get(&page).await.expect(200).text();
    assert!(page.contains("sortie le"), "{page}");
    allocations::allocate(app, officer, invoice.id, None)
        .await
        .unwrap();
    let split = allocations::latest(app, officer, invoice.id).await.unwrap();
    let gone = Payer::main(trio.madeleine);
    assert_eq!(split.shares.of(gone, invoice.lines[0].id), Cents(60_000));
    assert_eq!(split.shares.of(gone, invoice.lines[1].id), Cents::ZERO);
    let stays = Payer::main(trio.anstaing);
    assert_eq!(split.shares.of(stays, invoice.lines[1].id), Cents(10_000));
}

#[tokio::test]
async fn deliveries_of_a_contract_are_what_its_members_asked_for_until_corrected() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let (water, items) = two_budgets(&test, &trio).await;
    let (app, officer) = (&test.app, &trio.officer);
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let new = contracts::NewContract {
        origin: contracts::Origin::Direct {
            grouping: trio.grouping,
            supplier: NamedSupplier {
                siren: domain::identity::Siren::parse("732829320").unwrap(),
                siret: None,
                name: "Prestataire Exemple SAS".to_owned(),
            },
        },
        terms: Terms {
            number: "2026-M-014".to_owned(),
            title: "Extincteurs".to_owned(),
            notified_on: day("2026-06-01"),
            starts_on: Some(day("2026-07-01")),
            ends_on: None,
            duration_months: Some(12),
            renewals: 0,
            minimum: None,
            maximum: Some(Cents(10_000_000)),
            revision_clause: None,
        },
    };
    let contract = contracts::create(app, officer, new).await.unwrap();
    // It left before the contract began: it received nothing of it.
    leave(&test, &trio, trio.madeleine, day("2026-06-30")).await;
    let mut new = test.invoice(&trio, supplier, "F-1", vec![goods(items[1], 30_000)]);
    new.contract = Some(contract.id);
    let invoice = test.checked(&trio, new).await;
    let seen = invoices::overview(app, officer, invoice.id).await.unwrap();
    let received: Vec<_> = seen
        .delivered
        .iter()
        .map(|((_, payer), quantity)| (*payer, quantity.0))
        .collect();
    let paying = Payer {
        member: trio.anstaing,
        budget: Some(water.id),
    };
    assert_eq!(received, [(paying, 1_000)]);
    // Typed again, the invoice is filled again from the needs; corrected, it keeps the correction.
    let browser = test.signed_in("achats@mel.example").await;
    let page = format!("/factures/{}/livraisons", invoice.id);
    let shown = browser.get(&page).await.expect(200).text();
    let cell = format!("q_{}_{}_{}", invoice.lines[0].id, trio.anstaing, water.id);
    assert!(
        shown.contains(&cell) && shown.contains("Anstaing · Eau"),
        "{shown}"
    );
    let main = format!("q_{}_{}", invoice.lines[0].id, trio.anstaing);
    let fields = [(cell.as_str(), "1"), (main.as_str(), "2,5")];
    browser.post(&page, &fields).await.expect(303);
    let run = allocations::allocate(app, officer, invoice.id, None)
        .await
        .unwrap();
    let split = allocations::overview(app, officer, run.id).await.unwrap();
    let nets: Vec<_> = split.debtors.iter().map(|d| d.total.net.0).collect();
    assert_eq!(nets, [21_429, 8_571], "2.5 and 1 of 300.00");
}

//! What is asked of each member: nothing lost under the floor, nothing asked twice.
use domain::{
    identity::{InvoiceId, SupplierId},
    money::Cents,
    purchasing::{
        invoice::LineRule,
        recovery::{RecoveryState, Settlement, Titre},
    },
};
use encommun::actions::{
    Error,
    purchasing::{
        allocations, corrections,
        recovery::{self, Listed, Wanted},
    },
};

use crate::support::{TestApp, invoices::line, rounds::Trio};

async fn orders(test: &TestApp, trio: &Trio) -> Vec<Listed> {
    let found = recovery::page(&test.app, &trio.officer, Wanted::default(), 0, 50).await;
    let (mut orders, _) = found.unwrap();
    orders.reverse();
    orders
}

#[tokio::test]
async fn small_dues_wait_and_join_the_next() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    for (number, net) in [("F-1", 2_000), ("F-2", 1_000)] {
        let lines = vec![line("Publicité", net, LineRule::Equal)];
        let invoice = test
            .checked(&trio, test.invoice(&trio, supplier, number, lines))
            .await;
        allocations::allocate(&test.app, &trio.officer, invoice.id, None)
            .await
            .unwrap();
        if number == "F-1" {
            // 12.00 € each: under 15 €, carried over.
            assert!(orders(&test, &trio).await.is_empty());
            let kept = recovery::kept(&test.app, &trio.officer).await.unwrap();
            assert_eq!(kept.len(), 2);
            assert_eq!(kept[0].settlement, Settlement::CarryOver(Cents(1_200)));
        }
    }
    let asked = orders(&test, &trio).await;
    assert_eq!(asked.len(), 2);
    for one in &asked {
        assert_eq!(one.order.cents, Cents(1_800));
        assert_eq!(one.invoices, ["F-1", "F-2"]);
    }
    assert!(
        recovery::kept(&test.app, &trio.officer)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_correction_makes_waiting_orders_again_and_leaves_issued_ones() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let (app, officer) = (&test.app, &trio.officer);
    let lines = vec![line("Étude", 10_000, LineRule::Equal)];
    let invoice = test
        .checked(&trio, test.invoice(&trio, supplier, "F-1", lines))
        .await;
    allocations::allocate(app, officer, invoice.id, None)
        .await
        .unwrap();
    let first = orders(&test, &trio).await;
    let titre = Titre {
        number: "1208".to_owned(),
        bordereau: "87".to_owned(),
        issued_on: "2026-09-01".parse().unwrap(),
        exercice: 2026,
    };
    let issued = recovery::issue(app, officer, first[0].order.id, None, titre)
        .await
        .unwrap();
    let motive = Some("Quantités corrigées".to_owned());
    allocations::allocate(app, officer, invoice.id, motive)
        .await
        .unwrap();
    let after = orders(&test, &trio).await;
    let states: Vec<_> = after.iter().map(|o| o.order.state).collect();
    use RecoveryState::{Cancelled, Issued, ToIssue};
    assert_eq!(states, [Issued, Cancelled, ToIssue]);
    assert_eq!(after[2].order.cents, Cents(6_000));
    assert_eq!(after[2].invoices, ["F-1"]);
    let too_much = recovery::reduce(app, officer, issued.id, None, Cents(6_000)).await;
    assert!(matches!(too_much, Err(Error::Refused(r)) if r.code() == "recovery.too-much"));
    let reduced = recovery::reduce(app, officer, issued.id, None, Cents(100))
        .await
        .unwrap();
    assert_eq!(reduced.left(), Cents(5_900));
}

#[tokio::test]
async fn orders_are_exported_and_numbers_recorded_by_page() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let lines = vec![line("Étude", 10_000, LineRule::Equal)];
    let invoice = test
        .checked(&trio, test.invoice(&trio, supplier, "F-1", lines))
        .await;
    allocations::allocate(&test.app, &trio.officer, invoice.id, None)
        .await
        .unwrap();
    let browser = test.signed_in("achats@mel.example").await;
    let csv = browser
        .get("/titres/export/csv?etat=")
        .await
        .expect(200)
        .text();
    assert!(csv.contains("DT-2026-0001;215900135;Anstaing"), "{csv}");
    let order = orders(&test, &trio).await.remove(0).order;
    let here = format!("/titres/{}", order.id);
    browser.get(&here).await.expect(200);
    let issue = format!("{here}/emission");
    let typed = [
        ("titre", ""),
        ("bordereau", "87"),
        ("emis_le", "01/09/2026"),
        ("exercice", "2026"),
    ];
    browser.post(&issue, &typed).await.expect(422);
    let typed = [
        ("titre", "1208"),
        ("bordereau", "87"),
        ("emis_le", "01/09/2026"),
        ("exercice", "2025"),
    ];
    browser.post(&issue, &typed).await.expect(409);
    let typed = [
        ("titre", "1208"),
        ("bordereau", "87"),
        ("emis_le", "01/09/2026"),
        ("exercice", "2026"),
    ];
    browser.post(&issue, &typed).await.expect(303);
    let page = browser.get(&here).await.expect(200).text();
    assert!(page.contains("1208, bordereau 87"), "{page}");
    browser.post(&issue, &typed).await.expect(409);
    let clerk = test.signed_in("mairie@anstaing.example").await;
    clerk
        .post(&format!("{here}/annulation"), &[])
        .await
        .expect(403);
}

#[tokio::test]
async fn what_is_taken_off_a_titre_is_asked_again_by_its_own_invoice_alone() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let (app, officer) = (&test.app, &trio.officer);
    let split = async |number: &str, net: i64| {
        let lines = vec![line("Étude", net, LineRule::Equal)];
        let invoice = test
            .checked(&trio, test.invoice(&trio, supplier, number, lines))
            .await;
        allocations::allocate(app, officer, invoice.id, None)
            .await
            .unwrap();
        invoice
    };
    let first = split("F-1", 10_000).await;
    let orders = async || {
        let page = recovery::page(app, officer, Wanted::default(), 0, 50).await;
        let mut orders = page.unwrap().0;
        orders.retain(|one| one.order.member == trio.anstaing);
        orders.reverse();
        orders
    };
    let order = orders().await.remove(0).order;
    let titre = Titre {
        number: "1208".to_owned(),
        bordereau: "87".to_owned(),
        issued_on: "2026-09-01".parse().unwrap(),
        exercice: 2026,
    };
    recovery::issue(app, officer, order.id, None, titre)
        .await
        .unwrap();
    recovery::reduce(app, officer, order.id, None, Cents(2_000))
        .await
        .unwrap();
    assert!(recovery::kept(app, officer).await.unwrap().is_empty());
    split("F-2", 5_000).await;
    let asked = orders().await;
    assert_eq!(asked.len(), 2);
    assert_eq!(
        asked[1].order.cents,
        Cents(3_000),
        "the second invoice alone"
    );
    assert_eq!(asked[1].invoices, ["F-2"]);
    recovery::cancel(app, officer, order.id, None)
        .await
        .unwrap();
    split("F-3", 4_000).await;
    assert_eq!(orders().await[2].order.cents, Cents(2_400));
    // Its own invoice split again asks for it, once.
    let motive = Some("Titre refait".to_owned());
    allocations::allocate(app, officer, first.id, motive.clone())
        .await
        .unwrap();
    let asked: i64 = orders().await.iter().map(|one| one.order.left().0).sum();
    assert_eq!(Cents(asked), Cents(6_000 + 3_000 + 2_400));
    allocations::allocate(app, officer, first.id, motive)
        .await
        .unwrap();
    let again: i64 = orders().await.iter().map(|one| one.order.left().0).sum();
    assert_eq!(again, asked, "and never twice");
    let refused = recovery::cancel(app, &trio.clerk, order.id, None).await;
    assert!(matches!(refused, Err(Error::NotFound | Error::Forbidden)));
}

fn titre(number: &str) -> Titre {
    Titre {
        number: number.to_owned(),
        bordereau: "87".to_owned(),
        issued_on: "2026-09-01".parse().unwrap(),
        exercice: 2026,
    }
}

/// An invoice split between the two members, or a credit note of another.
async fn split(
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

#[tokio::test]
async fn a_credit_note_is_never_taken_off_what_another_invoice_asks() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let (app, officer) = (&test.app, &trio.officer);
    // 60.00 € each, then 30.00 € back, then 120.00 € each.
    let first = split(&test, &trio, supplier, ("F-1", 10_000), None).await;
    for (listed, number) in orders(&test, &trio).await.iter().zip(["1", "2"]) {
        recovery::issue(app, officer, listed.order.id, None, titre(number))
            .await
            .unwrap();
    }
    split(&test, &trio, supplier, ("A-1", -5_000), Some(first)).await;
    assert!(recovery::kept(app, officer).await.unwrap().is_empty());
    let back = corrections::page(app, officer, corrections::Wanted::default(), 0, 9).await;
    let back: Vec<_> = back.unwrap().0.iter().map(|c| c.correction.cents).collect();
    assert_eq!(back, [Cents(3_000), Cents(3_000)]);

    split(&test, &trio, supplier, ("F-2", 20_000), None).await;
    let asked = orders(&test, &trio).await;
    assert_eq!(asked.len(), 4);
    for one in &asked[2..] {
        assert_eq!(one.order.cents, Cents(12_000), "the whole of F-2");
        assert_eq!(one.invoices, ["F-2"]);
    }
    // The reduction cites the titre that asked too much: then nothing is left to give back.
    for one in &asked[..2] {
        recovery::reduce(app, officer, one.order.id, None, Cents(3_000))
            .await
            .unwrap();
    }
    assert!(recovery::kept(app, officer).await.unwrap().is_empty());
    let checks = encommun::actions::audit::run(app, |_| {}).await.unwrap();
    assert!(checks.iter().all(|check| check.faults.is_empty()));
}

#[tokio::test]
async fn a_credit_note_before_the_titre_lowers_what_is_asked() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let first = split(&test, &trio, supplier, ("F-1", 10_000), None).await;
    split(&test, &trio, supplier, ("A-1", -5_000), Some(first)).await;
    let waiting: Vec<Listed> = orders(&test, &trio)
        .await
        .into_iter()
        .filter(|one| one.order.state == RecoveryState::ToIssue)
        .collect();
    assert_eq!(waiting.len(), 2);
    for one in waiting {
        assert_eq!(one.order.cents, Cents(3_000));
        assert_eq!(one.invoices, ["F-1", "A-1"]);
    }
}

#[tokio::test]
async fn a_titre_has_one_number_a_year() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let (app, officer) = (&test.app, &trio.officer);
    split(&test, &trio, supplier, ("F-1", 10_000), None).await;
    let both = orders(&test, &trio).await;
    let issue = async |at: usize, number: &str| {
        recovery::issue(app, officer, both[at].order.id, None, titre(number)).await
    };
    issue(0, "1208").await.unwrap();
    let taken = issue(1, "1208").await;
    assert!(matches!(taken, Err(Error::Refused(r)) if r.code() == "recovery.titre-taken"));
    issue(1, "1209").await.unwrap();
}

//! The end of a budget year: what belongs to it, from dated facts, on both sides.
use chrono::TimeDelta;
use domain::{
    identity::{InvoiceId, SupplierId},
    money::Cents,
    purchasing::{
        invoice::LineRule,
        recovery::Titre,
        year_end::{Pending, YearEnd},
    },
};
use encommun::actions::{
    Actor,
    purchasing::{
        allocations, payments, recovery,
        year_end::{self, Line, Side, Wanted},
    },
};

use crate::support::{TestApp, invoices::line, rounds::Trio};

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
    let today = test.app.clock.now().date_naive();
    (new.issued_on, new.received_on) = (today, today);
    let invoice = test.checked(trio, new).await;
    allocations::allocate(&test.app, &trio.officer, invoice.id, None)
        .await
        .unwrap();
    invoice.id
}

async fn list(test: &TestApp, actor: &Actor, year: i32) -> Vec<Line> {
    let wanted = Wanted {
        year: YearEnd(year),
        organisation: None,
        grouping: None,
    };
    year_end::list(&test.app, actor, wanted).await.unwrap()
}

fn said(lines: &[Line]) -> Vec<(Pending, &str, &str, i64)> {
    let said = lines.iter().map(|line| {
        let (party, number) = (line.party.as_str(), line.invoice_number.as_str());
        (line.pending, party, number, line.cents.0)
    });
    said.collect()
}

async fn issue(test: &TestApp, trio: &Trio, number: &str, issued_on: &str, exercice: i32) {
    let wanted = recovery::Wanted::default();
    let (orders, _) = recovery::page(&test.app, &trio.officer, wanted, 0, 50)
        .await
        .unwrap();
    let waiting = orders.iter().filter(|one| one.order.titre.is_none());
    let mut own = waiting.filter(|one| one.order.member == trio.anstaing);
    let titre = Titre {
        number: number.to_owned(),
        bordereau: "1".to_owned(),
        issued_on: issued_on.parse().unwrap(),
        exercice,
    };
    let id = own.next_back().unwrap().order.id;
    recovery::issue(&test.app, &trio.officer, id, None, titre)
        .await
        .unwrap();
}

async fn go_to(test: &TestApp, day: &str) {
    let day: chrono::NaiveDate = day.parse().unwrap();
    let now = test.app.clock.now().date_naive();
    test.later(TimeDelta::days((day - now).num_days())).await;
}

#[tokio::test]
async fn the_list_is_that_of_the_last_day_of_the_year_whenever_it_is_read() {
    use Pending::{GiveBack, Unasked, Unpaid};
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let (app, officer) = (&test.app, &trio.officer);
    // 60.00 € each, asked by a titre; 6.00 € each, under the floor.
    let first = split(&test, &trio, supplier, ("F-1", 10_000), None).await;
    issue(&test, &trio, "1208", "2026-09-01", 2026).await;
    split(&test, &trio, supplier, ("F-2", 1_000), None).await;
    payments::pay(app, officer, first, None, "2026-09-01".parse().unwrap())
        .await
        .unwrap();
    go_to(&test, "2026-12-31").await;
    let madeleine = "La Madeleine";
    let name = "Prestataire Exemple SAS";
    let december = [
        (Unasked, "Anstaing", "F-2", 600),
        (Unasked, madeleine, "F-1", 6_000),
        (Unasked, madeleine, "F-2", 600),
        (Unpaid, name, "F-2", 1_200),
    ];
    let lines = list(&test, officer, 2026).await;
    assert_eq!(said(&lines), december);
    assert!(lines.iter().all(|one| one.side == Side::Coordinator));
    assert_eq!(
        lines[0].statement.as_ref().unwrap().1.get(..5),
        Some("2026-")
    );
    let (income, charges) = year_end::totals(&lines).unwrap();
    assert_eq!((income, charges), (Cents(7_200), Cents(1_200)));
    // The member's own side, and nobody else's.
    let own = list(&test, &trio.clerk, 2026).await;
    let coordinator = "Métropole Européenne de Lille";
    assert_eq!(said(&own), [(Unasked, coordinator, "F-2", 600)]);
    assert!(
        own.iter()
            .all(|one| one.side == Side::Member && !one.is_income)
    );

    // In January: a split and a payment of the new year, a titre for the old one.
    go_to(&test, "2027-01-05").await;
    split(&test, &trio, supplier, ("F-3", 20_000), None).await;
    payments::pay(
        app,
        officer,
        lines[3].invoice,
        None,
        "2027-01-05".parse().unwrap(),
    )
    .await
    .unwrap();
    assert_eq!(said(&list(&test, officer, 2026).await), december);
    issue(&test, &trio, "1390", "2027-01-05", 2026).await;
    let taken = said(&list(&test, officer, 2026).await).len();
    assert_eq!(taken, 3, "what a titre of 2026 asked is of 2026");

    // A credit note of 2027 does not change 2026; what is to be given back stands in 2027.
    go_to(&test, "2027-03-01").await;
    split(&test, &trio, supplier, ("A-1", -2_000), Some(first)).await;
    assert_eq!(list(&test, officer, 2026).await.len(), 3);
    let lines = list(&test, officer, 2027).await;
    assert!(said(&lines).contains(&(GiveBack, "Anstaing", "F-1", 1_200)));
    let own = list(&test, &trio.clerk, 2027).await;
    let back = own.iter().find(|one| one.pending == GiveBack).unwrap();
    assert!(
        back.is_income,
        "what the coordinator gives back is the member's income"
    );
}

#[tokio::test]
async fn the_list_is_printed_exported_and_read_by_programs() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    split(&test, &trio, supplier, ("F-1", 1_000), None).await;
    let browser = test.signed_in("achats@mel.example").await;
    let page = browser
        .get("/cloture?exercice=2026")
        .await
        .expect(200)
        .text();
    for words in [
        "Clôture de l’exercice 2026",
        "Produits à recevoir",
        "Charges à rattacher",
        "12,00\u{202f}€",
    ] {
        assert!(page.contains(words), "{words}\n{page}");
    }
    let here = format!("/cloture?exercice=2026&groupement={}", trio.grouping);
    browser.get(&here).await.expect(200);
    let csv = browser
        .get("/cloture/csv?exercice=2026")
        .await
        .expect(200)
        .text();
    assert!(
        csv.contains("2026;Coordonnateur;Produit à recevoir;"),
        "{csv}"
    );
    browser.get("/cloture/xlsx?exercice=2026").await.expect(200);
    let empty = browser
        .get("/cloture?exercice=2025")
        .await
        .expect(200)
        .text();
    assert!(empty.contains("Rien à rattacher"), "{empty}");
    let clerk = test.signed_in("mairie@anstaing.example").await;
    let page = clerk.get("/cloture?exercice=2026").await.expect(200).text();
    assert!(page.contains("Nos charges à rattacher"), "{page}");
    assert!(!page.contains("La Madeleine"), "{page}");
    let token = test.token_of(&trio.officer).await;
    let api = test.browser().with_token(&token);
    let found = api
        .get("/api/v1/year-end?exercice=2026")
        .await
        .expect(200)
        .json();
    assert_eq!(found["coordinator"]["income"], "12.00");
    assert_eq!(found["coordinator"]["charges"], "12.00");
    assert_eq!(found["items"].as_array().unwrap().len(), 3);
    api.get("/api/v1/year-end?exercice=12").await.expect(400);
    let file = "/api/v1/year-end/export?exercice=2026&format=xlsx";
    api.get(file).await.expect(200);
}

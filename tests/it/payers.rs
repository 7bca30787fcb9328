//! Who pays: members, their other budgets, those who left, and those who pay nothing.
use axum::http::Method;
use domain::{
    french,
    money::Cents,
    purchasing::{invoice::LineRule, payer::Payer, run::Delivered},
    quantity::Quantity,
};
use encommun::actions::purchasing::{
    allocations, deliveries,
    recovery::{self, Wanted},
    statements,
};
use serde_json::json;

use crate::support::{
    TestApp,
    invoices::line,
    payers::{goods, recorded, two_budgets},
};

#[tokio::test]
async fn each_budget_has_its_statement_and_its_order_and_all_add_up() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let (water, items) = two_budgets(&test, &trio).await;
    let lines = vec![
        goods(items[0], 90_001),
        goods(items[1], 30_001),
        line("Publicité", 10_001, LineRule::Equal),
    ];
    let invoice = recorded(&test, &trio, supplier, lines).await;
    let (app, officer) = (&test.app, &trio.officer);
    allocations::allocate(app, officer, invoice.id, None)
        .await
        .unwrap();
    let split = allocations::latest(app, officer, invoice.id).await.unwrap();
    let ids: Vec<_> = split.debtors.iter().map(|d| d.case_id.as_str()).collect();
    assert_eq!(ids, ["215900135", "21590013500108", "215903683"]);
    let names: Vec<_> = split.debtors.iter().map(|d| d.name.as_str()).collect();
    assert_eq!(names, ["Anstaing", "Anstaing · Eau", "La Madeleine"]);
    let sum: i64 = split.debtors.iter().map(|d| d.total.gross.0).sum();
    assert_eq!(Cents(sum), split.run.total.gross, "exact");
    let paying = Payer {
        member: trio.anstaing,
        budget: Some(water.id),
    };
    // One third of the second line; none of what is equal between members.
    let third = split.shares.of(paying, invoice.lines[1].id);
    assert!(
        [Cents(10_000), Cents(10_001)].contains(&third),
        "{third}: 100.00333… to the cent"
    );
    assert_eq!(split.shares.of(paying, invoice.lines[2].id), Cents::ZERO);
    let clerk = test.signed_in("mairie@anstaing.example").await;
    let list = clerk.get("/decomptes").await.expect(200).text();
    assert!(list.contains("· Eau"), "{list}");
    let statement = split.debtors[1].statement.unwrap();
    let page = clerk
        .get(&format!("/decomptes/{statement}"))
        .await
        .expect(200)
        .text();
    let third = french::euros(third);
    for words in ["Budget annexe Eau", &third, "3\u{a0}quotes-parts"] {
        assert!(page.contains(words), "{words}\n{page}");
    }
    let csv = clerk
        .get(&format!("/decomptes/{statement}/csv"))
        .await
        .expect(200)
        .text();
    for words in [
        "21590013500108;Anstaing · Eau;Fournitures;HT;",
        ";100,0033;",
    ] {
        assert!(csv.contains(words), "{words}\n{csv}");
    }
    clerk
        .get(&format!("/decomptes/{statement}/xlsx"))
        .await
        .expect(200);
    let own = statements::find(app, &trio.clerk, statement).await.unwrap();
    assert_eq!(own.budget.unwrap().name, "Eau");
    let browser = test.signed_in("achats@mel.example").await;
    let here = format!("/factures/{}/repartition", invoice.id);
    let why = format!("{here}?membre={}&budget={}", trio.anstaing, water.id);
    let why = browser.get(&why).await.expect(200).text();
    assert!(why.contains("Anstaing · Eau ·"), "{why}");
    let csv = browser.get(&format!("{here}/csv")).await.expect(200).text();
    assert!(csv.contains("21590013500108;Anstaing · Eau"), "{csv}");
    browser.get(&format!("{here}/xlsx")).await.expect(200);
    let (orders, _) = recovery::page(app, officer, Wanted::default(), 0, 50)
        .await
        .unwrap();
    let mut asked: Vec<_> = orders
        .iter()
        .map(|o| {
            (
                o.member.as_str(),
                o.order.cents == split_total(&split, o.order.payer()),
            )
        })
        .collect();
    asked.sort_unstable();
    let expected = [
        ("Anstaing", true),
        ("Anstaing · Eau", true),
        ("La Madeleine", true),
    ];
    assert_eq!(asked, expected);
}

fn split_total(split: &allocations::Overview, payer: Payer) -> Cents {
    split.debtor(payer).unwrap().total.gross
}

#[tokio::test]
async fn a_program_reads_shares_by_budget_and_says_what_each_received() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let (water, items) = two_budgets(&test, &trio).await;
    let invoice = recorded(&test, &trio, supplier, vec![goods(items[1], 30_000)]).await;
    let token = test.token_of(&trio.officer).await;
    let api = test.browser().with_token(&token);
    let here = format!("/api/v1/invoices/{}", invoice.id);
    let cell = |budget: Option<&str>, quantity: &str| {
        json!({
            "line": invoice.lines[0].id, "member": trio.anstaing, "budget": budget,
            "quantity": quantity
        })
    };
    let water_id = water.id.to_string();
    let stranger = test.annexe(trio.madeleine, "Camping", None).await;
    let stolen = stranger.id.to_string();
    let body = json!({"quantities": [cell(Some(&stolen), "3")]});
    let path = format!("{here}/delivered");
    api.json(Method::POST, &path, &[], &body).await.expect(404);
    let body = json!({"quantities": [cell(None, "3"), cell(Some(&water_id), "1")]});
    api.json(Method::POST, &path, &[], &body).await.expect(200);
    let run = api
        .json(
            Method::POST,
            &format!("{here}/allocations"),
            &[],
            &json!({}),
        )
        .await
        .expect(201)
        .json();
    let run = format!("/api/v1/allocations/{}", run["id"].as_str().unwrap());
    let shares = api.get(&format!("{run}/shares")).await.expect(200).json();
    let said: Vec<_> = shares["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| (m["name"].as_str().unwrap(), m["net"].as_str().unwrap()))
        .collect();
    let expected = [
        ("Anstaing", "225.00"),
        ("Anstaing · Eau", "75.00"),
        ("La Madeleine", "0.00"),
    ];
    assert_eq!(said, expected, "who pays nothing is said too");
    assert_eq!(shares["members"][1]["siret"], "21590013500108");
    let why = format!(
        "{run}/members/{}/explanation?budget={water_id}",
        trio.anstaing
    );
    let why = api.get(&why).await.expect(200).json();
    assert_eq!(
        (&why[0]["share"], &why[0]["weight"]),
        (&json!("75.00"), &json!("1"))
    );
    let list = api.get("/api/v1/statements").await.expect(200).json();
    assert!(
        list["items"].as_array().unwrap().is_empty(),
        "not the officer's"
    );
}

#[tokio::test]
async fn a_credit_note_takes_back_what_each_budget_paid() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let (_, items) = two_budgets(&test, &trio).await;
    let (app, officer) = (&test.app, &trio.officer);
    let invoice = recorded(&test, &trio, supplier, vec![goods(items[1], 30_001)]).await;
    allocations::allocate(app, officer, invoice.id, None)
        .await
        .unwrap();
    let paid = allocations::latest(app, officer, invoice.id).await.unwrap();
    let mut credit = test.invoice(&trio, supplier, "A-1", vec![goods(items[1], -30_001)]);
    credit.credited = Some(invoice.id);
    let credit = test.checked(&trio, credit).await;
    allocations::allocate(app, officer, credit.id, None)
        .await
        .unwrap();
    let back = allocations::latest(app, officer, credit.id).await.unwrap();
    let back = back.shares.totals().unwrap();
    for (payer, total) in paid.shares.totals().unwrap() {
        assert_eq!(back[&payer].gross.0, -total.gross.0);
    }
}

#[tokio::test]
async fn who_pays_nothing_stands_in_the_table_with_zero() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let invoice = recorded(
        &test,
        &trio,
        supplier,
        vec![line("Reprise", 10_000, LineRule::Delivered)],
    )
    .await;
    let (app, officer) = (&test.app, &trio.officer);
    let received: Delivered = [(
        (invoice.lines[0].id, Payer::main(trio.anstaing)),
        Quantity(2_000),
    )]
    .into();
    deliveries::replace(app, officer, invoice.id, received)
        .await
        .unwrap();
    allocations::allocate(app, officer, invoice.id, None)
        .await
        .unwrap();
    let split = allocations::latest(app, officer, invoice.id).await.unwrap();
    assert_eq!((split.debtors.len(), split.paying()), (2, 1));
    let browser = test.signed_in("achats@mel.example").await;
    let here = format!("/factures/{}/repartition", invoice.id);
    let page = browser.get(&here).await.expect(200).text();
    assert!(
        page.contains("La Madeleine") && page.contains("0,00"),
        "{page}"
    );
    let csv = browser.get(&format!("{here}/csv")).await.expect(200).text();
    assert!(csv.contains("215903683;La Madeleine;0;0,00"), "{csv}");
    let why = format!("{here}?membre={}", trio.madeleine);
    browser.get(&why).await.expect(200);
    // Nothing to pay, nothing to ask: no statement, no order.
    assert!(split.statements.iter().all(|s| s.member == trio.anstaing));
}

//! « À faire » in figures: the menu, what is not shown, what programs read, lists that agree.
use domain::purchasing::invoice::LineRule;
use encommun::actions::{
    purchasing::{invoices, rounds},
    todo,
};
use serde_json::json;

use crate::{
    desk::{billed, figure, followed},
    support::{TestApp, contracts::program, invoices::line},
};

#[tokio::test]
async fn the_figures_of_the_menu_are_those_of_the_lists() {
    let test = TestApp::new().await;
    let trio = billed(&test).await;
    test.open_round(&trio).await;
    let (closed, _) = test.open_round(&trio).await;
    rounds::close(&test.app, &trio.officer, closed.id, None)
        .await
        .unwrap();
    let api = program(&test, &trio.officer).await;
    let todo = api.get("/api/v1/todo").await.expect(200).json();
    let browser = test.signed_in("achats@mel.example").await;
    for path in ["/", "/factures"] {
        let page = browser.get(path).await.expect(200).text();
        assert_eq!(Some(figure(&page, "À faire")), todo["total"].as_u64());
        assert_eq!(figure(&page, "Campagnes"), 1);
    }
    let clerk = test.signed_in("mairie@anstaing.example").await;
    let page = clerk.get("/campagnes?etat=open").await.expect(200).text();
    assert_eq!(figure(&page, "Mes besoins"), 1);
    assert_eq!(page.matches("<th scope=\"row\">").count(), 1);
    let desk = todo::desk(&test.app, &trio.clerk).await.unwrap();
    assert_eq!(figure(&page, "À faire"), desk.total);
}

#[tokio::test]
async fn many_invoices_are_counted_rather_than_cut_in_silence() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    for number in 1..=22 {
        let lines = vec![line("Étude", 10_000, LineRule::Equal)];
        let new = test.invoice(&trio, supplier, &format!("F-{number}"), lines);
        invoices::record(&test.app, &trio.officer, new)
            .await
            .unwrap();
    }
    let browser = test.signed_in("achats@mel.example").await;
    let page = followed(&browser).await;
    assert!(page.contains("Et 2 autres factures à répartir"), "{page}");
    let desk = todo::desk(&test.app, &trio.officer).await.unwrap();
    assert_eq!(figure(&page, "À faire"), desk.total);
}

#[tokio::test]
async fn a_program_reads_typed_tasks() {
    let test = TestApp::new().await;
    let trio = billed(&test).await;
    let api = program(&test, &trio.officer).await;
    let todo = api.get("/api/v1/todo").await.expect(200).json();
    let items = todo["items"].as_array().unwrap();
    let pay = items.iter().find(|i| i["kind"] == "invoice.pay").unwrap();
    assert_eq!(pay["subject"]["kind"], "invoice");
    assert_eq!(
        (&pay["due_on"], &pay["amount"]),
        (&json!("2026-10-01"), &json!("120.00"))
    );
    let issue = items.iter().find(|i| i["kind"] == "recovery_order.issue");
    assert_eq!(issue.unwrap()["waiting"], 1);
    test.browser().get("/api/v1/todo").await.expect(401);
}

#[tokio::test]
async fn the_list_of_rounds_says_until_when_one_is_open_again() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let (round, _) = test.open_round(&trio).await;
    rounds::close(&test.app, &trio.officer, round.id, None)
        .await
        .unwrap();
    let clerk = test.signed_in("mairie@anstaing.example").await;
    let page = clerk.get("/campagnes").await.expect(200).text();
    assert!(page.contains("Sans réponse"), "{page}");
    let member = trio.anstaing.to_string();
    let typed = [
        ("commune", member.as_str()),
        ("date_limite", "30/09/2026"),
        ("heure", ""),
    ];
    let officer = test.signed_in("achats@mel.example").await;
    officer
        .post(&format!("/campagnes/{}/rouvrir-pour", round.id), &typed)
        .await
        .expect(303);
    let page = clerk.get("/campagnes").await.expect(200).text();
    assert!(
        page.contains("Rouverte pour vous jusqu’au 30\u{a0}septembre"),
        "{page}"
    );
    assert!(!page.contains("Sans réponse"), "{page}");
}

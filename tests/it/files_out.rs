//! Statements, splits and recovery orders as files: the same bytes through every face.
use domain::{identity::InvoiceId, permission::Role, purchasing::invoice::LineRule};
use encommun::actions::purchasing::allocations::{self, Overview};

use crate::support::{TestApp, invoices::line, process, rounds::Trio};

async fn split(test: &TestApp, trio: &Trio) -> (InvoiceId, Overview) {
    let supplier = test.supplied(trio).await;
    let lines = vec![line("Étude", 10_001, LineRule::Equal)];
    let invoice = test.invoice(trio, supplier, "F/1", lines);
    let invoice = test.checked(trio, invoice).await.id;
    let (app, officer) = (&test.app, &trio.officer);
    allocations::allocate(app, officer, invoice, None)
        .await
        .unwrap();
    let split = allocations::latest(app, officer, invoice).await.unwrap();
    (invoice, split)
}

#[tokio::test]
async fn a_program_downloads_the_very_files_of_the_pages() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let (invoice, split) = split(&test, &trio).await;
    let own = split.statements.iter().find(|s| s.member == trio.anstaing);
    let own = own.unwrap().id;
    let officer = "achats@mel.example";
    let browser = test.signed_in(officer).await;
    let program = test.browser().with_token(&test.token(officer).await);
    let faces = [
        (
            format!("/decomptes/{own}"),
            format!("/api/v1/statements/{own}/export"),
        ),
        (
            format!("/factures/{invoice}/repartition"),
            format!("/api/v1/allocations/{}/export", split.run.id),
        ),
        (
            "/titres/export".to_owned(),
            "/api/v1/recovery-orders/export".to_owned(),
        ),
    ];
    for (page, operation) in &faces {
        for format in ["csv", "xlsx"] {
            let shown = browser.get(&format!("{page}/{format}")).await.expect(200);
            let sent = format!("{operation}?format={format}");
            let sent = program.get(&sent).await.expect(200);
            assert!(
                !shown.body.is_empty() && shown.body == sent.body,
                "{operation}"
            );
            for name in [
                "content-type",
                "content-disposition",
                "x-content-type-options",
            ] {
                assert_eq!(shown.headers[name], sent.headers[name], "{operation}");
            }
        }
        browser.get(&format!("{page}/ods")).await.expect(404);
        program
            .get(&format!("{operation}?format=ods"))
            .await
            .expect(400);
    }
    let csv = program.get(&faces[1].1).await.expect(200);
    let name = csv.headers["content-disposition"].to_str().unwrap();
    assert!(name.contains("repartition-F-1.csv"), "{name}");
    // Half of 100.01 €, and what was given of it.
    let csv = program.get(&faces[0].1).await.expect(200).text();
    assert!(csv.contains(";100,01;50,0050;50,0"), "{csv}");
    let orders = format!("{}?state=issued", faces[2].1);
    let orders = program.get(&orders).await.expect(200).text();
    assert_eq!(orders.lines().count(), 2, "no titre is issued: {orders}");
}

#[tokio::test]
async fn a_file_is_for_those_who_may_see_its_page() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let (_, split) = split(&test, &trio).await;
    let hem = test.commune("Hem", "59299", "215902990").await;
    test.user("mairie@hem.example", &[(hem, Role::DeclaringAgent)])
        .await;
    let program = async |email: &str| test.browser().with_token(&test.token(email).await);
    let clerk = program("mairie@anstaing.example").await;
    let stranger = program("mairie@hem.example").await;
    for statement in &split.statements {
        let path = format!("/api/v1/statements/{}/export", statement.id);
        let own = statement.member == trio.anstaing;
        clerk.get(&path).await.expect(if own { 200 } else { 404 });
        stranger.get(&path).await.expect(404);
    }
    let all = format!("/api/v1/allocations/{}/export", split.run.id);
    clerk.get(&all).await.expect(404);
    stranger.get(&all).await.expect(404);
    let orders = "/api/v1/recovery-orders/export";
    let orders = stranger.get(orders).await.expect(200).text();
    assert!(!orders.contains("Anstaing"), "{orders}");
}

#[tokio::test]
async fn the_operator_takes_the_same_files_from_the_server() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let (invoice, split) = split(&test, &trio).await;
    let own = split.statements.iter().find(|s| s.member == trio.anstaing);
    let (own, run) = (own.unwrap().id.to_string(), split.run.id.to_string());
    let browser = test.signed_in("achats@mel.example").await;
    let of_mel = ["--organisation", "200093201"];
    let commands = [
        (
            format!("/decomptes/{own}/csv"),
            vec!["statement", own.as_str()],
        ),
        (
            format!("/factures/{invoice}/repartition/csv"),
            vec!["allocation", run.as_str()],
        ),
        (
            "/titres/export/csv".to_owned(),
            vec!["recovery-orders", of_mel[0], of_mel[1]],
        ),
    ];
    for (page, arguments) in commands {
        let shown = browser.get(&page).await.expect(200).body;
        let arguments = [vec!["export"], arguments].concat();
        let done = process::run(&test.database.url, &arguments).await;
        assert!(done.status.success(), "{done:?}");
        assert_eq!(done.stdout, shown, "{page}");
    }
}

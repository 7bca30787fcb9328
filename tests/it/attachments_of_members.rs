//! Pieces of what is one member's own, and of what the coordinator keeps for itself.
use domain::{permission::Role, purchasing::invoice::LineRule};
use encommun::{actions::purchasing::allocations, store::purchasing::declarations};

use crate::attachments::{assert_file, put, seen, upload_on};
use crate::support::{
    TestApp,
    contracts::program,
    invoices::line,
    payers::{recorded, two_budgets},
};

const OFFICER: &str = "achats@mel.example";
const CLERK: &str = "mairie@anstaing.example";
const OTHER: &str = "mairie@lamadeleine.example";

#[tokio::test]
async fn the_mail_behind_figures_is_for_the_member_and_the_coordinator_alone() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let (_, items) = two_budgets(&test, &trio).await;
    test.user(OTHER, &[(trio.madeleine, Role::DeclaringAgent)])
        .await;
    let view = test.app.store.view().await.unwrap();
    let item = encommun::store::purchasing::items::find(&view, items[0]).await;
    let round = item.unwrap().round;
    let answer = declarations::find(&view, round, trio.anstaing)
        .await
        .unwrap();
    drop(view);
    let id = answer.unwrap().id.to_string();

    let officer = test.signed_in(OFFICER).await;
    let page = format!("/campagnes/{round}/besoins?membre={}", trio.anstaing);
    let mail = put(&officer, ("declaration", &id), &page).await;
    let clerk = test.signed_in(CLERK).await;
    assert_eq!(seen(&clerk, &page).await, mail);
    assert_file(&test, OFFICER, &mail, 200).await;
    assert_file(&test, CLERK, &mail, 200).await;
    assert_file(&test, OTHER, &mail, 404).await;
    upload_on(&clerk, ("declaration", &id), "b.pdf", b"%PDF-1.7 b")
        .await
        .expect(303);
    let other = test.signed_in(OTHER).await;
    upload_on(&other, ("declaration", &id), "c.pdf", b"%PDF-1.7 c")
        .await
        .expect(404);
}

#[tokio::test]
async fn the_pieces_of_a_statement_are_for_who_reads_it() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let (accountant, other) = ("compta@anstaing.example", "compta@lamadeleine.example");
    test.user(accountant, &[(trio.anstaing, Role::Accountant)])
        .await;
    test.user(other, &[(trio.madeleine, Role::Accountant)])
        .await;
    let lines = vec![line("Étude", 10_001, LineRule::Equal)];
    let invoice = recorded(&test, &trio, supplier, lines).await;
    allocations::allocate(&test.app, &trio.officer, invoice.id, None)
        .await
        .unwrap();
    let api = program(&test, &test.actor(accountant).await).await;
    let own = api.get("/api/v1/statements").await.expect(200).json();
    let id = own["items"][0]["id"].as_str().unwrap().to_owned();

    let officer = test.signed_in(OFFICER).await;
    let page = format!("/decomptes/{id}");
    let piece = put(&officer, ("statement", &id), &page).await;
    let browser = test.signed_in(accountant).await;
    assert_eq!(seen(&browser, &page).await, piece);
    assert_file(&test, accountant, &piece, 200).await;
    assert_file(&test, other, &piece, 404).await;
    upload_on(&browser, ("statement", &id), "b.pdf", b"%PDF-1.7 b")
        .await
        .expect(403);

    let id = supplier.to_string();
    let page = format!("/fournisseurs/{id}");
    let piece = put(&officer, ("supplier", &id), &page).await;
    assert_file(&test, OFFICER, &piece, 200).await;
    assert_file(&test, CLERK, &piece, 404).await;
}

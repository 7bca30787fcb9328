//! A changed byte is found and named, in a row as in the journal.
use domain::{permission::Role, purchasing::invoice::LineRule};
use encommun::actions::{audit, purchasing::allocations};
use sea_orm::{ConnectionTrait, Database};

use crate::support::{TestApp, invoices::line};

async fn faults(test: &TestApp) -> Vec<String> {
    let checks = audit::run(&test.app, |_| {}).await.unwrap();
    checks.into_iter().flat_map(|check| check.faults).collect()
}

/// Changes the database behind the application's back.
async fn tamper(test: &TestApp, sql: &str) {
    let db = Database::connect(&test.database.url).await.unwrap();
    assert_eq!(
        db.execute_unprepared(sql).await.unwrap().rows_affected(),
        1,
        "{sql}"
    );
    db.close().await.unwrap();
}

async fn lived_in() -> TestApp {
    let test = TestApp::new().await;
    let commune = test.commune("Anstaing", "59013", "215900135").await;
    test.commune("Hem", "59299", "215902990").await;
    test.user("a@anstaing.example", &[(commune, Role::DeclaringAgent)])
        .await;
    assert_eq!(faults(&test).await, Vec::<String>::new());
    test
}

#[tokio::test]
async fn a_changed_business_row_is_named() {
    let test = lived_in().await;
    tamper(
        &test,
        "UPDATE organisation SET name = 'Anstain' WHERE insee = '59013'",
    )
    .await;
    let found = faults(&test).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("organisation ") && found[0].ends_with("outside the application"));
}

#[tokio::test]
async fn a_role_given_behind_the_back_is_named() {
    let test = lived_in().await;
    tamper(&test, "UPDATE user_role SET role = 'administrator'").await;
    assert_eq!(faults(&test).await.len(), 1);
}

#[tokio::test]
async fn a_deleted_row_is_missed() {
    let test = lived_in().await;
    tamper(&test, "DELETE FROM organisation WHERE insee = '59299'").await;
    let found = faults(&test).await;
    assert!(
        found.len() == 1 && found[0].ends_with("missing"),
        "{found:?}"
    );
}

#[tokio::test]
async fn a_changed_journal_line_is_named() {
    let test = lived_in().await;
    let other = "UPDATE journal_line SET actor_kind = 'clock' WHERE action = 'user.invite'";
    tamper(&test, other).await;
    let found = faults(&test).await;
    let line = "journal_line 00000000-0000-0000-0000-000000000000/1: its hash does not match";
    assert_eq!(found, [line]);
}

#[tokio::test]
async fn a_chain_cut_at_its_end_is_found() {
    let test = lived_in().await;
    let last = "DELETE FROM journal_row WHERE table_name = 'user_account' AND seq = 2";
    tamper(&test, last).await;
    let found = faults(&test).await;
    assert!(
        found
            .iter()
            .any(|f| f.ends_with("the rows it lists do not match")),
        "{found:?}"
    );
}

#[tokio::test]
async fn a_day_is_sealed_once_and_a_chain_rewritten_after_it_is_found() {
    let test = lived_in().await;
    test.app.clock.advance(chrono::TimeDelta::days(1));
    assert!(audit::seal_yesterday(&test.app).await.unwrap());
    assert!(!audit::seal_yesterday(&test.app).await.unwrap());
    assert_eq!(faults(&test).await, Vec::<String>::new());
    let scope = "00000000-0000-0000-0000-000000000000";
    tamper(
        &test,
        "UPDATE journal_seal_head SET hash = 'x' WHERE seq = 2",
    )
    .await;
    let found = faults(&test).await;
    assert!(
        found
            .iter()
            .any(|f| f.contains(scope) && f.contains("sealed")),
        "{found:?}"
    );
}

/// An invoice of 100,00 € net split between two members, each asked for its part.
async fn asked() -> TestApp {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let lines = vec![line("Étude", 10_000, LineRule::Equal)];
    let new = test.invoice(&trio, supplier, "F-1", lines);
    let invoice = test.checked(&trio, new).await;
    allocations::allocate(&test.app, &trio.officer, invoice.id, None)
        .await
        .unwrap();
    assert_eq!(faults(&test).await, Vec::<String>::new());
    test
}

#[tokio::test]
async fn a_changed_entry_no_longer_balances_its_statement() {
    let test = asked().await;
    let first = "SELECT id FROM entry WHERE kind = 'due' ORDER BY id LIMIT 1";
    tamper(
        &test,
        &format!("UPDATE entry SET cents = cents + 1 WHERE id = ({first})"),
    )
    .await;
    let found = faults(&test).await;
    let balance = |fault: &String| fault.ends_with("differ from the entries of their run");
    assert_eq!(found.iter().filter(|f| balance(f)).count(), 1, "{found:?}");
}

#[tokio::test]
async fn a_changed_recovery_order_no_longer_balances_its_entries() {
    let test = asked().await;
    let first = "SELECT id FROM recovery_order ORDER BY id LIMIT 1";
    let less = format!("UPDATE recovery_order SET cents = cents - 1 WHERE id = ({first})");
    tamper(&test, &less).await;
    let found = faults(&test).await;
    let balance = |fault: &String| fault.ends_with("differs from its entries");
    assert_eq!(found.iter().filter(|f| balance(f)).count(), 1, "{found:?}");
}

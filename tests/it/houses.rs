//! The database keeps its promises on this engine.
use chrono::TimeDelta;

use crate::support::TestApp;

#[tokio::test]
async fn the_database_keeps_every_digit() {
    let test = TestApp::new().await;
    test.app
        .store
        .self_test(test.app.clock.now())
        .await
        .unwrap();
    // Twice: the first run left nothing behind.
    test.app
        .store
        .self_test(test.app.clock.now())
        .await
        .unwrap();
}

#[tokio::test]
async fn migrating_again_changes_nothing() {
    let test = TestApp::new().await;
    assert_eq!(test.app.store.pending_migrations().await.unwrap(), 0);
    test.app
        .store
        .migrate(test.app.clock.now() + TimeDelta::days(1))
        .await
        .unwrap();
    test.app.store.check_schema("0.1.0").await.unwrap();
    let older = test.app.store.check_schema("0.0.9").await.unwrap_err();
    assert!(older.to_string().contains("0.1.0"), "{older}");
}

#[tokio::test]
async fn a_dropped_transaction_leaves_no_trace() {
    use encommun::{actions::Actor, store::Begun};
    let test = TestApp::new().await;
    let commune = test.commune("Anstaing", "59013", "215900135").await;
    {
        let begun = test
            .app
            .begin(&Actor::operator(), "organisation.update")
            .await
            .unwrap();
        let Begun::Fresh(tx) = begun else {
            panic!("no key")
        };
        let mut o = encommun::store::organisations::find(&tx, commune)
            .await
            .unwrap();
        o.name = "Lezennes".into();
        encommun::store::organisations::save(&tx, &o).await.unwrap();
    }
    let view = test.app.store.view().await.unwrap();
    let o = encommun::store::organisations::find(&view, commune)
        .await
        .unwrap();
    assert_eq!(o.name, "Anstaing");
}

//! The database keeps its promises on this engine.
use chrono::TimeDelta;
use sea_orm::ConnectionTrait;

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
async fn the_children_of_a_row_are_found_by_an_index() {
    let test = TestApp::new().await;
    let raw = sea_orm::Database::connect(&test.database.url)
        .await
        .unwrap();
    let backend = raw.get_database_backend();
    // Each foreign key, but that no index begins with one of its columns; `owner_id` does not
    // count, since whoever comes from a parent row does not always name the owner.
    let missing = if backend == sea_orm::DatabaseBackend::Postgres {
        "SELECT c.conrelid::regclass::text || '.' || a.attname AS missing FROM pg_constraint c \
         JOIN pg_attribute a ON a.attrelid = c.conrelid \
            AND a.attnum = c.conkey[array_length(c.conkey, 1)] \
         WHERE c.contype = 'f' AND NOT EXISTS (SELECT 1 FROM pg_index i \
            JOIN pg_attribute b ON b.attrelid = i.indrelid AND b.attnum = i.indkey[0] \
            WHERE i.indrelid = c.conrelid AND b.attnum = ANY(c.conkey) \
            AND (b.attname <> 'owner_id' OR a.attname = 'owner_id'))"
    } else {
        "SELECT t.name || '.' || f.\"from\" AS missing FROM sqlite_master t \
         JOIN pragma_foreign_key_list(t.name) f ON t.type = 'table' AND f.seq = ( \
            SELECT MAX(g.seq) FROM pragma_foreign_key_list(t.name) g WHERE g.id = f.id) \
         WHERE NOT EXISTS (SELECT 1 FROM pragma_index_list(t.name) l \
            JOIN pragma_index_info(l.name) i JOIN pragma_foreign_key_list(t.name) g \
            WHERE i.seqno = 0 AND g.id = f.id AND i.name = g.\"from\" \
            AND (g.\"from\" <> 'owner_id' OR f.\"from\" = 'owner_id'))"
    };
    let query = sea_orm::Statement::from_string(backend, missing);
    let rows = raw.query_all_raw(query).await.unwrap();
    raw.close().await.unwrap();
    let missing: Vec<String> = rows
        .iter()
        .map(|row| row.try_get("", "missing").unwrap())
        .collect();
    assert_eq!(missing, Vec::<String>::new());
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

//! What people must be told is queued with the change, once, and not for ever.
use chrono::{DateTime, TimeDelta, Utc};
use domain::purchasing::{
    invoice::LineRule,
    recovery::{RecoveryState, Titre},
};
use encommun::{
    actions::{
        Actor,
        purchasing::{
            allocations, memberships,
            recovery::{self, Wanted},
            statements,
        },
    },
    store::{
        OperationKey,
        outbox::{self, Queued},
    },
};
use uuid::Uuid;

use crate::support::{TestApp, groupings::entry, invoices::line};

async fn queued(test: &TestApp, kind: &str, id: Uuid) -> Vec<Queued> {
    let view = test.app.store.view().await.unwrap();
    outbox::list_about(&view, kind, id, 100).await.unwrap()
}

fn once(actor: &Actor, key: &str) -> Actor {
    actor.clone().with_operation(Some(OperationKey {
        key: key.to_owned(),
        request_hash: key.to_owned(),
    }))
}

fn lives(one: &Queued, days: i64, now: DateTime<Utc>) {
    assert_eq!((one.due_at, one.state.as_str()), (now, "waiting"));
    assert_eq!(one.not_after, now + TimeDelta::days(days));
}

#[tokio::test]
async fn each_payer_is_told_once_of_its_statement_and_of_its_titre() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let lines = vec![line("Étude", 10_001, LineRule::Equal)];
    let invoice = test.invoice(&trio, supplier, "F-1", lines);
    let invoice = test.checked(&trio, invoice).await;
    let twice = once(&trio.officer, "repartir");
    for _ in 0..2 {
        allocations::allocate(&test.app, &twice, invoice.id, None)
            .await
            .unwrap();
    }
    let now = test.app.clock.now();
    let clerk = test.actor("mairie@anstaing.example").await;
    let (own, _) = statements::page(&test.app, &clerk, trio.anstaing, None, (0, 10))
        .await
        .unwrap();
    let first = own[0].statement.id.0;
    let told = queued(&test, "statement", first).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].kind, "statement_available");
    assert_eq!(told[0].recipient_organisation, Some(trio.anstaing.0));
    lives(&told[0], 30, now);

    // A correction makes other statements, told in their turn; the first is not told again.
    let motive = Some("Erreur de clé".to_owned());
    allocations::allocate(&test.app, &trio.officer, invoice.id, motive)
        .await
        .unwrap();
    let (own, _) = statements::page(&test.app, &clerk, trio.anstaing, None, (0, 10))
        .await
        .unwrap();
    assert_eq!(own.len(), 2);
    for one in own {
        let told = queued(&test, "statement", one.statement.id.0).await;
        assert_eq!(told.len(), 1);
    }

    let (orders, _) = recovery::page(&test.app, &trio.officer, Wanted::default(), 0, 10)
        .await
        .unwrap();
    let order = orders
        .iter()
        .find(|o| o.order.state == RecoveryState::ToIssue)
        .unwrap();
    let id = order.order.id;
    assert!(queued(&test, "recovery_order", id.0).await.is_empty());
    let titre = Titre {
        number: "412".to_owned(),
        bordereau: "27".to_owned(),
        issued_on: now.date_naive(),
        exercice: 2026,
    };
    let twice = once(&trio.officer, "emettre");
    for _ in 0..2 {
        recovery::issue(&test.app, &twice, id, None, titre.clone())
            .await
            .unwrap();
    }
    recovery::cancel(&test.app, &trio.officer, id, None)
        .await
        .unwrap();
    let told = queued(&test, "recovery_order", id.0).await;
    assert_eq!(told.len(), 1, "a cancellation is no second titre");
    assert_eq!(told[0].kind, "recovery_order_issued");
    assert_eq!(told[0].recipient_organisation, Some(order.order.member.0));
    lives(&told[0], 30, now);
}

#[tokio::test]
async fn each_change_of_a_membership_is_told_once_to_the_other_side() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let app = &test.app;
    let own = test.membership(trio.grouping, trio.anstaing).await.id;
    let now = app.clock.now();
    let kinds = |told: &[Queued]| -> Vec<(String, Option<Uuid>)> {
        let mut kinds: Vec<_> = told
            .iter()
            .map(|one| (one.kind.clone(), one.recipient_organisation))
            .collect();
        kinds.sort();
        kinds
    };
    let twice = once(&trio.clerk, "decider");
    for _ in 0..2 {
        memberships::decide(app, &twice, own, None, entry())
            .await
            .unwrap();
    }
    // A correction of dates is no second entry.
    memberships::decide(app, &trio.clerk, own, None, entry())
        .await
        .unwrap();
    let told = queued(&test, "membership", own.0).await;
    let joined = ("membership_joined".to_owned(), Some(trio.epci.0));
    assert_eq!(kinds(&told), std::slice::from_ref(&joined));
    lives(&told[0], 14, now);

    memberships::ask_to_leave(app, &trio.clerk, own, None)
        .await
        .unwrap();
    memberships::end(app, &trio.officer, own, None)
        .await
        .unwrap();
    let told = queued(&test, "membership", own.0).await;
    let asked = ("leave_asked".to_owned(), Some(trio.epci.0));
    let ended = ("membership_ended".to_owned(), Some(trio.anstaing.0));
    assert_eq!(kinds(&told), [asked, ended, joined]);

    // Recorded by the coordinator, it is the member that is told.
    let other = test.membership(trio.grouping, trio.madeleine).await.id;
    memberships::decide(app, &trio.officer, other, None, entry())
        .await
        .unwrap();
    let told = queued(&test, "membership", other.0).await;
    assert_eq!(told[0].recipient_organisation, Some(trio.madeleine.0));
}

//! Creating an intercommunalité and its communes from the reference.
use domain::{
    identity::{InseeCode, Siren},
    permission::Role,
};
use encommun::{
    actions::{
        Actor, Error,
        organisations::{self, Wanted},
        users,
    },
    store::{self, Scope},
};

use crate::support::TestApp;

fn lille() -> Wanted {
    Wanted::Epci(Siren::parse("200093201").unwrap())
}

#[tokio::test]
async fn an_epci_comes_with_all_its_communes_and_their_populations() {
    let test = TestApp::new().await;
    let operator = Actor::operator();
    let created = organisations::create_from_reference(&test.app, &operator, &lille())
        .await
        .unwrap();
    assert_eq!(created.added, 96);
    assert_eq!(created.members.len(), 95);
    assert_eq!(created.main.name, "Métropole Européenne de Lille");
    assert!(created.members.iter().all(|commune| commune.siren.is_some()
        && commune.department.as_deref() == Some("59")
        && commune.epci_siren == created.main.siren));

    let view = test.app.store.view().await.unwrap();
    let communes = created.members.iter().map(|c| c.id);
    let populations = store::organisations::populations(&view, communes)
        .await
        .unwrap();
    let sum = |series: &str| -> i64 {
        let of_series = populations.iter().filter(|p| p.series == series);
        of_series.map(|p| p.inhabitants).sum()
    };
    let of_epci = store::organisations::populations(&view, [created.main.id])
        .await
        .unwrap();
    for figure in of_epci {
        assert_eq!(sum(&figure.series), figure.inhabitants, "{}", figure.series);
        assert_eq!(figure.year, 2026);
        assert!(figure.source.contains("INSEE"), "{}", figure.source);
    }
}

#[tokio::test]
async fn a_second_run_adds_nothing_and_writes_no_line() {
    let test = TestApp::new().await;
    let operator = Actor::operator();
    for added in [96, 0] {
        let created = organisations::create_from_reference(&test.app, &operator, &lille())
            .await
            .unwrap();
        assert_eq!((created.added, created.members.len()), (added, 95));
    }
    let view = test.app.store.view().await.unwrap();
    let lines = store::journal::list(&view, Scope::Instance, None, 10)
        .await
        .unwrap();
    let creations = lines.iter().filter(|l| l.action == "organisation.create");
    assert_eq!(creations.count(), 1);
}

#[tokio::test]
async fn a_commune_that_was_there_keeps_its_name_and_gets_its_neighbours() {
    let test = TestApp::new().await;
    let known = test
        .commune("Anstaing-la-Belle", "59013", "215900135")
        .await;
    let operator = Actor::operator();
    let created = organisations::create_from_reference(&test.app, &operator, &lille())
        .await
        .unwrap();
    assert_eq!(created.added, 95);
    let same = created.members.iter().find(|c| c.id == known).unwrap();
    assert_eq!(same.name, "Anstaing-la-Belle");
}

#[tokio::test]
async fn a_single_commune_may_be_created_and_an_unknown_number_is_refused() {
    let test = TestApp::new().await;
    let operator = Actor::operator();
    let commune = Wanted::Commune(InseeCode::parse("97411").unwrap());
    let created = organisations::create_from_reference(&test.app, &operator, &commune)
        .await
        .unwrap();
    assert_eq!(created.main.name, "Saint-Denis");
    assert_eq!(created.main.time_zone, "Indian/Reunion");
    let unknown = Wanted::Epci(Siren::parse("215900135").unwrap());
    let refused = organisations::create_from_reference(&test.app, &operator, &unknown).await;
    let Err(Error::Refused(refusal)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(refusal.code(), "organisation.unknown");
}

#[tokio::test]
async fn a_clerk_creates_no_organisation() {
    let test = TestApp::new().await;
    let commune = test.commune("Anstaing", "59013", "215900135").await;
    let clerk = test
        .user("a@anstaing.example", &[(commune, Role::DeclaringAgent)])
        .await;
    let refused = organisations::create_from_reference(&test.app, &clerk, &lille()).await;
    assert!(matches!(refused, Err(Error::Forbidden)), "{refused:?}");
}

#[tokio::test]
async fn the_epci_invites_for_a_commune_until_the_commune_has_its_own_administrator() {
    let test = TestApp::new().await;
    let operator = Actor::operator();
    let created = organisations::create_from_reference(&test.app, &operator, &lille())
        .await
        .unwrap();
    let metropolis = test
        .user(
            "admin@mel.example",
            &[(created.main.id, Role::Administrator)],
        )
        .await;
    let commune = created.members[0].id;
    let colleague = |email: &str, role| users::NewUser {
        email: domain::identity::Email::parse(email).unwrap(),
        name: "Marie Lambert".to_owned(),
        phone: None,
        roles: vec![(commune, role)],
        operator: false,
    };
    let clerk = colleague("clerk@commune.example", Role::DeclaringAgent);
    users::invite(&test.app, &metropolis, clerk).await.unwrap();
    test.user("admin@commune.example", &[(commune, Role::Administrator)])
        .await;
    let late = colleague("late@commune.example", Role::DeclaringAgent);
    let refused = users::invite(&test.app, &metropolis, late).await;
    assert!(matches!(refused, Err(Error::Forbidden)), "{refused:?}");
}

#[tokio::test]
async fn the_address_of_an_administrator_who_is_known_becomes_an_operator() {
    let test = TestApp::new().await;
    let operator = Actor::operator();
    let commune = test.commune("Anstaing", "59013", "215900135").await;
    let admin = test
        .user("admin@mel.example", &[(commune, Role::Administrator)])
        .await;
    assert!(!admin.operator);
    let created = organisations::create_from_reference(&test.app, &operator, &lille())
        .await
        .unwrap();
    let new = users::NewUser {
        email: domain::identity::Email::parse("admin@mel.example").unwrap(),
        name: "Administrateur".to_owned(),
        phone: None,
        roles: vec![(created.main.id, Role::Administrator)],
        operator: true,
    };
    // Twice, as `encommun init` may be run again.
    for _ in 0..2 {
        let invited = users::invite(&test.app, &operator, new.clone())
            .await
            .unwrap();
        assert!(invited.user.operator && invited.secret.is_none());
    }
    let admin = test.actor("admin@mel.example").await;
    assert!(admin.operator);
    assert!(admin.roles.contains_key(&commune) && admin.roles.contains_key(&created.main.id));
    let plain = users::NewUser {
        email: domain::identity::Email::parse("other@mel.example").unwrap(),
        operator: true,
        ..new
    };
    let clerk = test
        .user("clerk@anstaing.example", &[(commune, Role::Administrator)])
        .await;
    let refused = users::invite(&test.app, &clerk, plain).await;
    assert!(refused.is_err(), "only who runs the installation gives it");
}

//! Signing in, by page.
use domain::permission::Role;
use encommun::actions::{
    Error,
    sessions::{self, Session},
};

use crate::support::{TestApp, builders::PASSWORD};

#[tokio::test]
async fn a_page_asks_to_sign_in_and_comes_back() {
    let test = TestApp::new().await;
    let commune = test.commune("Anstaing", "59013", "215900135").await;
    test.user(
        "marie.lambert@anstaing.example",
        &[(commune, Role::DeclaringAgent)],
    )
    .await;
    let browser = test.browser();

    let asked = browser.get("/?onglet=retard").await.expect(303);
    assert_eq!(
        asked.location.as_deref(),
        Some("/connexion?suite=/%3Fonglet%3Dretard")
    );
    let fields = [
        ("email", "marie.lambert@anstaing.example"),
        ("password", PASSWORD),
        ("suite", "/?a=b"),
    ];
    let inside = browser.post("/connexion", &fields).await.expect(303);
    assert_eq!(inside.location.as_deref(), Some("/?a=b"));
    let home = browser.get("/").await.expect(200).text();
    assert!(
        home.contains("Anstaing") && home.contains("marie lambert"),
        "{home}"
    );
}

#[tokio::test]
async fn signing_in_never_leads_to_another_site() {
    let test = TestApp::new().await;
    let commune = test.commune("Anstaing", "59013", "215900135").await;
    test.user("a@anstaing.example", &[(commune, Role::DeclaringAgent)])
        .await;
    for elsewhere in [
        "//mechant.example",
        "https://mechant.example",
        "/\\mechant.example",
    ] {
        let fields = [
            ("email", "a@anstaing.example"),
            ("password", PASSWORD),
            ("suite", elsewhere),
        ];
        let inside = test.browser().post("/connexion", &fields).await.expect(303);
        assert_eq!(inside.location.as_deref(), Some("/"), "{elsewhere}");
    }
}

#[tokio::test]
async fn a_wrong_password_says_the_same_as_an_unknown_address_and_ends_by_waiting() {
    let test = TestApp::new().await;
    let commune = test.commune("Anstaing", "59013", "215900135").await;
    test.user("a@anstaing.example", &[(commune, Role::DeclaringAgent)])
        .await;
    let browser = test.browser();
    let known = [
        ("email", "a@anstaing.example"),
        ("password", "faux mais assez long"),
    ];
    let unknown = [
        ("email", "b@anstaing.example"),
        ("password", "faux mais assez long"),
    ];
    let wrong = browser.post("/connexion", &known).await.expect(422).text();
    let absent = browser
        .post("/connexion", &unknown)
        .await
        .expect(422)
        .text();
    let sentence = "L’adresse ou le mot de passe ne correspond pas";
    assert!(wrong.contains(sentence) && absent.contains(sentence));
    for _ in 1..8 {
        browser.post("/connexion", &known).await.expect(422);
    }
    let right = [("email", "a@anstaing.example"), ("password", PASSWORD)];
    let blocked = browser.post("/connexion", &right).await.expect(429);
    assert_eq!(blocked.headers["retry-after"], "900");
    let blocked = blocked.text();
    assert!(blocked.contains("Trop d’essais"), "{blocked}");
    test.app.clock.advance(chrono::TimeDelta::minutes(16));
    browser.post("/connexion", &right).await.expect(303);
}

#[tokio::test]
async fn many_addresses_do_not_make_many_guesses() {
    let test = TestApp::tuned(|settings| settings.login.failures_account_max = 20).await;
    let commune = test.commune("Anstaing", "59013", "215900135").await;
    let email = "a@anstaing.example";
    test.user(email, &[(commune, Role::DeclaringAgent)]).await;
    let mut checked = 0;
    for turn in 0..30 {
        let address = turn.to_string();
        let guess = sessions::sign_in(&test.app, email, "faux mais assez long", &address);
        let refused = guess.await.unwrap_err();
        checked += i32::from(matches!(
            &refused,
            Error::Refused(r) if r.code() == "user.wrong-credentials"
        ));
    }
    assert_eq!(checked, 20);
}

#[tokio::test]
async fn guesses_sent_at_once_are_counted_one_by_one() {
    let test = TestApp::new().await;
    let commune = test.commune("Anstaing", "59013", "215900135").await;
    test.user("a@anstaing.example", &[(commune, Role::DeclaringAgent)])
        .await;
    let guesses: Vec<_> = (0..20)
        .map(|_| {
            let app = test.app.clone();
            tokio::spawn(async move {
                let email = "a@anstaing.example";
                sessions::sign_in(&app, email, "faux mais assez long", "").await
            })
        })
        .collect();
    let mut checked = 0;
    for guess in guesses {
        let refused = guess.await.unwrap().unwrap_err();
        let Error::Refused(refusal) = refused else {
            panic!("{refused:?}")
        };
        if refusal.code() == "user.wrong-credentials" {
            checked += 1;
        }
    }
    assert_eq!(checked, test.app.settings.login.failures_max);
}

#[tokio::test]
async fn a_session_that_was_ended_is_not_revived_by_a_late_request() {
    let test = TestApp::new().await;
    let (now, app) = (test.app.clock.now(), &test.app);
    let session = Session {
        id: "cookie".to_owned(),
        user: None,
        data: "{}".to_owned(),
        created_at: now,
        last_seen_at: now,
        expires_at: now + chrono::TimeDelta::hours(1),
    };
    sessions::create(app, session.clone()).await.unwrap();
    let late = sessions::find(app, "cookie").await.unwrap().unwrap();
    assert_eq!(late.data, "{}");

    sessions::delete(app, "cookie").await.unwrap();
    sessions::save(app, session).await.unwrap();

    assert!(sessions::find(app, "cookie").await.unwrap().is_none());
}

#[tokio::test]
async fn a_session_ends_after_two_hours_without_use_and_twelve_in_any_case() {
    let test = TestApp::new().await;
    let commune = test.commune("Anstaing", "59013", "215900135").await;
    test.user("a@anstaing.example", &[(commune, Role::DeclaringAgent)])
        .await;
    let idle = test.signed_in("a@anstaing.example").await;
    test.app.clock.advance(chrono::TimeDelta::minutes(121));
    idle.get("/").await.expect(303);

    let busy = test.signed_in("a@anstaing.example").await;
    for _ in 0..7 {
        busy.get("/").await.expect(200);
        test.app.clock.advance(chrono::TimeDelta::minutes(100));
    }
    busy.get("/").await.expect(200);
    test.app.clock.advance(chrono::TimeDelta::minutes(30));
    busy.get("/").await.expect(303);
}

#[tokio::test]
async fn an_invitation_serves_once() {
    let test = TestApp::new().await;
    let commune = test.commune("Anstaing", "59013", "215900135").await;
    let new = encommun::actions::users::NewUser {
        email: domain::identity::Email::parse("a@anstaing.example").unwrap(),
        name: "Marie Lambert".into(),
        phone: None,
        roles: vec![(commune, Role::DeclaringAgent)],
        operator: false,
    };
    let operator = encommun::actions::Actor::operator();
    let issued = encommun::actions::users::invite(&test.app, &operator, new)
        .await
        .unwrap();
    let path = format!("/lien/{}", issued.secret.unwrap());
    let browser = test.browser();
    assert!(
        browser
            .get(&path)
            .await
            .expect(200)
            .text()
            .contains("Marie Lambert")
    );
    let short = browser
        .post(&path, &[("password", "court")])
        .await
        .expect(422)
        .text();
    assert!(
        short.contains("au moins 12 caractères, celui-ci en a 5"),
        "{short}"
    );
    browser
        .post(&path, &[("password", PASSWORD)])
        .await
        .expect(303);
    browser.get("/").await.expect(200);
    let again = test.browser().get(&path).await.expect(409).text();
    assert!(again.contains("Ce lien a déjà servi"), "{again}");
}

#[tokio::test]
async fn a_sentence_waits_for_a_page_and_is_said_once() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let (round, items) = test.open_round(&trio).await;
    let officer = test.signed_in("achats@mel.example").await;
    let supplier = [("nom", "Alpha Incendie"), ("siren", "732 829 320")];
    let made = officer.post("/fournisseurs/nouveau", &supplier).await;
    let page = made.expect(303).location.unwrap();
    // A file, an icon, a stylesheet, a refused form of a cell: none of them is read by anybody.
    let export = format!("/campagnes/{}/besoins.csv", round.id);
    officer.get(&export).await.expect(200);
    officer
        .get("/utilisateurs/import/modele.csv")
        .await
        .expect(200);
    let cell = format!("/campagnes/{}/besoins/case", round.id);
    let typed = items[0].id.to_string();
    officer.post(&cell, &[("article", typed.as_str())]).await;
    let said = "La fiche de Alpha Incendie est enregistrée.";
    assert!(officer.get(&page).await.expect(200).text().contains(said));
    assert!(!officer.get(&page).await.expect(200).text().contains(said));
}

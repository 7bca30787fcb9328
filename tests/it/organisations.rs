//! Organisations, their budgets, contacts and sites; and who may touch them.
use axum::http::Method;
use domain::{identity::OrganisationId, permission::Role, token::TokenScope};
use encommun::actions::{
    Actor,
    organisations::{self, Wanted},
    tokens,
};
use serde_json::json;

use crate::support::{Client, TestApp};

const OPERATION: (&str, &str) = ("operation", "");

async fn anstaing(test: &TestApp) -> OrganisationId {
    let commune = test.commune("Anstaing", "59013", "215900135").await;
    test.user(
        "admin@anstaing.example",
        &[
            (commune, Role::Administrator),
            (commune, Role::DeclaringAgent),
        ],
    )
    .await;
    commune
}

async fn program(test: &TestApp, actor: &Actor) -> Client {
    let new = tokens::NewToken {
        name: "Essai".to_owned(),
        scope: TokenScope::Write,
        expires_at: None,
    };
    let created = tokens::create(&test.app, actor, new).await.unwrap();
    test.browser().with_token(&created.secret)
}

#[tokio::test]
async fn an_agent_adds_a_contact_a_budget_and_a_site_by_page() {
    let test = TestApp::new().await;
    let commune = anstaing(&test).await;
    let browser = test.signed_in("admin@anstaing.example").await;
    let home = format!("/collectivites/{commune}");
    let added = |path: &str| format!("{home}/{path}");

    let contact = [
        ("nom", "Marie Lambert"),
        ("fonction", "Secrétaire de mairie"),
        ("email", "mairie@anstaing.example"),
        ("telephone", "03 20 00 00 00"),
        ("actif", "oui"),
        OPERATION,
    ];
    browser.get(&added("contacts/nouveau")).await.expect(200);
    browser
        .post(&added("contacts/nouveau"), &contact)
        .await
        .expect(303);
    let budget = [
        ("nom", "Budget principal"),
        ("nature", "main"),
        ("siret", "21590013500012"),
    ];
    let refused = browser
        .post(&added("budgets/nouveau"), &budget)
        .await
        .expect(422)
        .text();
    assert!(refused.contains("Ce SIRET n’existe pas"), "{refused}");
    assert!(refused.contains("21590013500012"), "what was typed is kept");
    let budget = [
        ("nom", "Budget principal"),
        ("nature", "main"),
        ("siret", ""),
    ];
    browser
        .post(&added("budgets/nouveau"), &budget)
        .await
        .expect(303);
    let second = [("nom", "Un autre"), ("nature", "main"), ("siret", "")];
    let refused = browser
        .post(&added("budgets/nouveau"), &second)
        .await
        .expect(409)
        .text();
    assert!(refused.contains("a déjà un budget principal"), "{refused}");
    let site = [
        ("nature", "electricity_meter"),
        ("nom", "École Jules-Ferry"),
        ("numero", "1234 5678 9012 34"),
    ];
    browser
        .post(&added("sites/nouveau"), &site)
        .await
        .expect(303);

    let page = browser.get(&home).await.expect(200).text();
    for shown in [
        "Marie Lambert",
        "Secrétaire de mairie",
        "03\u{a0}20\u{a0}00\u{a0}00\u{a0}00",
        "Budget principal",
        "215 900 135",
    ] {
        let plain = page.replace(['\u{a0}', '\u{202f}'], " ");
        assert!(
            plain.contains(&shown.replace('\u{a0}', " ")),
            "{shown}: {page}"
        );
    }
    let sites = browser
        .get(&added("sites?q=1234567"))
        .await
        .expect(200)
        .text();
    assert!(sites.contains("12345678901234"), "{sites}");
}

#[tokio::test]
async fn a_stranger_sees_public_facts_and_changes_nothing() {
    let test = TestApp::new().await;
    let commune = anstaing(&test).await;
    let madeleine = test.commune("La Madeleine", "59368", "215903683").await;
    let stranger = test
        .user("a@madeleine.example", &[(madeleine, Role::Administrator)])
        .await;
    let browser = test.signed_in("a@madeleine.example").await;
    let page = browser
        .get(&format!("/collectivites/{commune}"))
        .await
        .expect(200)
        .text();
    assert!(
        page.contains("59013") && !page.contains("Budgets"),
        "{page}"
    );
    for path in ["modifier", "contacts/nouveau", "budgets/nouveau", "sites"] {
        let path = format!("/collectivites/{commune}/{path}");
        browser.get(&path).await.expect(404);
    }
    let fields = [("nom", "Anstaing-la-Grande")];
    let path = format!("/collectivites/{commune}/modifier");
    browser.post(&path, &fields).await.expect(404);
    let program = program(&test, &stranger).await;
    for path in ["budgets", "sites", "contacts", "users"] {
        let path = format!("/api/v1/organisations/{commune}/{path}");
        program.get(&path).await.expect(404);
    }
}

#[tokio::test]
async fn two_people_changing_the_same_details_do_not_overwrite_each_other() {
    let test = TestApp::new().await;
    let commune = anstaing(&test).await;
    let browser = test.signed_in("admin@anstaing.example").await;
    let path = format!("/collectivites/{commune}/modifier");
    let first = [
        ("nom", "Anstaing"),
        ("telephone", "0320000000"),
        ("version", "0"),
    ];
    browser.post(&path, &first).await.expect(303);
    let second = [
        ("nom", "Anstaing"),
        ("telephone", "0320000001"),
        ("version", "0"),
    ];
    let stale = browser.post(&path, &second).await.expect(409).text();
    assert!(stale.contains("Quelqu’un d’autre a modifié"), "{stale}");
    assert!(stale.contains("0320000001"), "what was typed is kept");
}

#[tokio::test]
async fn the_api_wants_the_version_read_and_gathers_every_fault() {
    let test = TestApp::new().await;
    let commune = test.commune("Anstaing", "59013", "215900135").await;
    let actor = test
        .user("a@anstaing.example", &[(commune, Role::Administrator)])
        .await;
    let program = program(&test, &actor).await;
    let path = format!("/api/v1/organisations/{commune}");
    let shown = program.get(&path).await.expect(200);
    let tag = shown.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(tag, "\"0\"");
    let body =
        json!({ "name": "Anstaing", "siren": "215900135", "email": "mairie@anstaing.example" });
    program
        .json(Method::PUT, &path, &[], &body)
        .await
        .expect(428);
    let changed = program
        .json(Method::PUT, &path, &[("if-match", &tag)], &body)
        .await
        .expect(200);
    assert_eq!(changed.json()["email"], "mairie@anstaing.example");
    program
        .json(Method::PUT, &path, &[("if-match", &tag)], &body)
        .await
        .expect(412);

    let wrong = json!({ "kind": "castle", "name": "", "siret": "123" });
    let path = format!("{path}/budgets");
    let problem = program
        .json(Method::POST, &path, &[], &wrong)
        .await
        .expect(422)
        .json();
    let fields: Vec<_> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["field"].clone())
        .collect();
    assert_eq!(fields, ["kind", "name", "siret"]);
    let unknown = json!({ "kind": "main", "name": "Budget principal", "colour": "blue" });
    program
        .json(Method::POST, &path, &[], &unknown)
        .await
        .expect(400);
    let key = [("idempotency-key", "once")];
    let right = json!({ "kind": "main", "name": "Budget principal" });
    let first = program
        .json(Method::POST, &path, &key, &right)
        .await
        .expect(201);
    let again = program
        .json(Method::POST, &path, &key, &right)
        .await
        .expect(201);
    assert_eq!(first.json(), again.json());
    let list = program.get(&path).await.expect(200).json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn homonyms_are_told_apart_and_lists_have_pages() {
    let test = TestApp::new().await;
    let operator = Actor::operator();
    let lille = Wanted::Epci(domain::identity::Siren::parse("200093201").unwrap());
    let created = organisations::create_from_reference(&test.app, &operator, &lille)
        .await
        .unwrap();
    let officer = test
        .user(
            "achats@mel.example",
            &[(created.main.id, Role::PurchasingOfficer)],
        )
        .await;
    let browser = test.signed_in("achats@mel.example").await;
    let found = browser
        .get("/collectivites?q=saint-denis")
        .await
        .expect(200)
        .text();
    assert!(found.contains("Saint-Denis (93, 93066)"), "{found}");
    // A name that nothing else bears shows its code too: the INSEE one, not the postal one.
    let found = browser.get("/collectivites?q=dunkerque").await.expect(200);
    let found = found.text();
    let told = "Dunkerque <small class=\"muted\">59183</small>";
    assert!(found.contains(told), "{found}");
    let first = browser.get("/collectivites").await.expect(200).text();
    assert!(
        first.contains("Suivante") && first.contains("Anstaing"),
        "{first}"
    );
    assert!(!first.contains("Wattrelos"));

    let program = program(&test, &officer).await;
    let (mut names, mut path) = (Vec::new(), "/api/v1/organisations?limit=40".to_owned());
    loop {
        let page = program.get(&path).await.expect(200).json();
        let items = page["items"].as_array().unwrap();
        names.extend(items.iter().map(|o| o["name"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else {
            break;
        };
        path = format!("/api/v1/organisations?limit=40&cursor={next}");
    }
    assert_eq!(names.len(), 96);
}

#[tokio::test]
async fn whoever_adds_a_syndicat_administers_it() {
    let test = TestApp::new().await;
    anstaing(&test).await;
    let browser = test.signed_in("admin@anstaing.example").await;
    let fields = [
        ("nature", "syndicat"),
        ("nom", "Syndicat des eaux"),
        ("siren", "215903683"),
    ];
    let added = browser
        .post("/collectivites/nouvelle", &fields)
        .await
        .expect(303);
    let path = added.location.unwrap();
    let id = path.rsplit('/').next().unwrap();
    let users = browser
        .get(&format!("/utilisateurs?organisme={id}"))
        .await
        .expect(200)
        .text();
    assert!(users.contains("admin@anstaing.example"), "{users}");
    let again = browser
        .post("/collectivites/nouvelle", &fields)
        .await
        .expect(409)
        .text();
    assert!(again.contains("porte déjà le SIREN"), "{again}");
}

#[tokio::test]
async fn a_table_of_people_is_tried_then_taken_and_taken_again_without_doubles() {
    let test = TestApp::new().await;
    let operator = Actor::operator();
    let lille = Wanted::Epci(domain::identity::Siren::parse("200093201").unwrap());
    let created = organisations::create_from_reference(&test.app, &operator, &lille)
        .await
        .unwrap();
    test.user(
        "admin@mel.example",
        &[(created.main.id, Role::Administrator)],
    )
    .await;
    let browser = test.signed_in("admin@mel.example").await;
    let table = "Commune;Nom;Rôle;Adresse électronique;Téléphone\n\
                 Anstaing;Marie Lambert;administrateur;marie@anstaing.example;0320000000\n\
                 Anstaing;Jean Petit;déclarant;jean@anstaing.example;\n\
                 La Madeleine;Lise Roy;déclarant;lise@@madeleine;\n\
                 Lompret;Paul Lenoir;;paul@lompret.example;\n";
    let tried = import(&browser, table, true).await;
    assert!(
        tried.contains("Compte à créer") && tried.contains("Contact à ajouter"),
        "{tried}"
    );
    assert!(tried.contains("lise@@madeleine"), "{tried}");
    assert!(!tried.contains("/lien/"));
    let view = test.app.store.view().await.unwrap();
    assert_eq!(encommun::store::users::count(&view).await.unwrap(), 1);
    drop(view);

    let taken = import(&browser, table, false).await;
    assert_eq!(taken.matches("/lien/").count(), 2, "{taken}");
    let again = import(&browser, table, false).await;
    assert_eq!(
        again.matches("Déjà à jour").count(),
        4,
        "one sum and three lines: {again}"
    );
    assert!(!again.contains("/lien/"));
}

async fn import(browser: &Client, table: &str, dry: bool) -> String {
    let trial = [("essai", "oui")];
    let fields = if dry { &trial[..] } else { &[] };
    let answer = browser
        .upload("/utilisateurs/import", fields, Some(table))
        .await;
    answer.expect(200).text()
}

#[tokio::test]
async fn anyone_reads_the_pages_about_the_service() {
    let test = TestApp::new().await;
    for path in ["/accessibilite", "/donnees-personnelles", "/aide"] {
        test.browser().get(path).await.expect(200);
    }
}

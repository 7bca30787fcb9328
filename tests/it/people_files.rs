//! Contacts and users by file, for a program: tried, taken once, taken away and back.
use axum::{body::Body, http::Method};
use domain::{identity::OrganisationId, permission::Role};
use serde_json::Value;

use crate::support::{Client, TestApp};

/// Sends a table to an operation, as a program does.
pub async fn send(client: &Client, path: &str, table: &[u8], dry: bool, key: &str) -> (u16, Value) {
    let mut body = format!(
        "--l\r\ncontent-disposition: form-data; name=\"dry_run\"\r\n\r\n{dry}\r\n--l\r\n\
         content-disposition: form-data; name=\"file\"; filename=\"t.csv\"\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(table);
    body.extend_from_slice(b"\r\n--l--\r\n");
    let mut headers = vec![("content-type", "multipart/form-data; boundary=l")];
    if !key.is_empty() {
        headers.push(("idempotency-key", key));
    }
    let answer = client
        .send(Method::POST, path, &headers, Body::from(body))
        .await;
    (answer.status.as_u16(), answer.json())
}

/// A program of someone new, with this role.
pub async fn program(
    test: &TestApp,
    email: &str,
    organisation: OrganisationId,
    role: Role,
) -> Client {
    test.user(email, &[(organisation, role)]).await;
    test.browser().with_token(&test.token(email).await)
}

const IMPORT: &str = "/api/v1/people/import";
const TABLE: &str = "Commune;Nom;Rôle;Fonction;Courriel;Téléphone\n\
    Anstaing;Zoé Petit;élu, comptable;Maire;zoe@anstaing.example;\n\
    Anstaing;Paul Roux;;Gardien;;03 20 00 00 00\n\
    Anstaing;Lise;élu;;lise@@anstaing;\n\
    Lezennes;Marc;élu;;marc@lezennes.example;\n";

#[tokio::test]
async fn a_program_tries_a_list_of_people_then_takes_it_once() {
    let test = TestApp::new().await;
    let anstaing = test.commune("Anstaing", "59013", "215900135").await;
    let email = "admin@anstaing.example";
    let admin = program(&test, email, anstaing, Role::Administrator).await;
    let (status, tried) = send(&admin, IMPORT, TABLE.as_bytes(), true, "k1").await;
    assert_eq!((status, &tried["applied"]), (200, &false.into()), "{tried}");
    assert_eq!(tried["links"].as_array().unwrap().len(), 0);
    assert_eq!(tried["left_aside"], 2);
    let addresses = |report: &Value| -> Vec<String> {
        let problems = report["problems"].as_array().unwrap().iter();
        problems
            .map(|p| format!("{} {}", p["address"], p["code"]).replace('"', ""))
            .collect()
    };
    let expected = ["E4 field.email", "A5 cell.unknown-organisation"];
    assert_eq!(addresses(&tried), expected);
    let people = format!("/api/v1/organisations/{anstaing}/users");
    let count = async || {
        admin.get(&people).await.json()["items"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(count().await, 1, "a try writes nothing");

    // The try did not use the key up.
    let (status, taken) = send(&admin, IMPORT, TABLE.as_bytes(), false, "k1").await;
    assert_eq!((status, &taken["applied"]), (200, &true.into()), "{taken}");
    assert_eq!(taken["changes"][0]["outcome"], "invited");
    assert_eq!(taken["changes"][0]["row"], 2);
    assert_eq!(taken["changes"][1]["outcome"], "contact_added");
    let link = taken["links"][0]["link"].as_str().unwrap();
    assert!(link.contains("/lien/"), "{taken}");
    assert_eq!(count().await, 2);
    // The links were shown once: the same key does not act again, nor show them again.
    let (status, again) = send(&admin, IMPORT, TABLE.as_bytes(), false, "k1").await;
    assert_eq!(
        (status, &again["type"]),
        (422, &"/problems/operation-reused".into())
    );
    let (_, again) = send(&admin, IMPORT, TABLE.as_bytes(), false, "k2").await;
    assert_eq!(
        (&again["unchanged"], &again["changes"]),
        (&2.into(), &serde_json::json!([]))
    );
}

#[tokio::test]
async fn what_is_exported_of_people_is_imported_without_any_change() {
    let test = TestApp::new().await;
    let anstaing = test.commune("Anstaing", "59013", "215900135").await;
    let email = "admin@anstaing.example";
    let admin = program(&test, email, anstaing, Role::Administrator).await;
    send(&admin, IMPORT, TABLE.as_bytes(), false, "").await;
    let csv = admin.get("/api/v1/people/export").await.expect(200);
    let disposition = csv.headers["content-disposition"].to_str().unwrap();
    assert!(disposition.contains("utilisateurs.csv"), "{disposition}");
    let text = csv.text();
    for words in [
        "Anstaing;59013;215900135;Zoé Petit;élu, comptable;Maire;zoe@anstaing.example;",
        "Paul Roux;;Gardien;;",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    let xlsx = "/api/v1/people/export?format=xlsx";
    let xlsx = admin.get(xlsx).await.expect(200);
    // Whoever has an account becomes a contact too, once.
    send(&admin, IMPORT, &xlsx.body, false, "").await;
    for body in [&csv.body, &xlsx.body] {
        let (status, report) = send(&admin, IMPORT, body, false, "").await;
        assert_eq!(
            (status, &report["changes"]),
            (200, &serde_json::json!([])),
            "{report}"
        );
        assert_eq!(report["problems"], serde_json::json!([]), "{report}");
    }
    let browser = test.signed_in(email).await;
    let page = browser.get("/utilisateurs/export/csv").await.expect(200);
    let program = admin.get("/api/v1/people/export").await.expect(200);
    assert_eq!(page.body, program.body, "the same file through both faces");
    browser.get("/utilisateurs/export/ods").await.expect(404);
}

#[tokio::test]
async fn who_may_not_bring_people_in_is_told_so_whatever_the_file() {
    let test = TestApp::new().await;
    let anstaing = test.commune("Anstaing", "59013", "215900135").await;
    let clerk = program(
        &test,
        "clerk@anstaing.example",
        anstaing,
        Role::DeclaringAgent,
    )
    .await;
    for file in [TABLE.as_bytes(), b"%PDF-1.7"] {
        assert_eq!(send(&clerk, IMPORT, file, false, "").await.0, 403);
    }
    clerk.get("/api/v1/people/export").await.expect(403);
    let email = "admin@anstaing.example";
    let admin = program(&test, email, anstaing, Role::Administrator).await;
    let (status, refused) = send(&admin, IMPORT, b"%PDF-1.7", false, "").await;
    assert_eq!(
        (status, &refused["title"]),
        (422, &"Fichier refusé".into()),
        "{refused}"
    );
}

//! Attachments: kept, read back to the byte, removed, brought back, and guarded.
use axum::{body::Body, http::Method};
use domain::{permission::Role, purchasing::invoice::LineRule};
use encommun::actions::purchasing::allocations;
use serde_json::json;

use crate::support::{Client, TestApp, client::Answer, contracts::program, invoices::line};

const MEL: &str = "mel@mel.example";

/// A grouping page's form, as a browser sends it.
async fn upload(client: &Client, subject: &str, name: &str, bytes: &[u8]) -> Answer {
    upload_on(client, ("grouping", subject), name, bytes).await
}

/// The same form on the page of any object.
pub async fn upload_on(client: &Client, of: (&str, &str), name: &str, bytes: &[u8]) -> Answer {
    let fields = [
        ("sur", of.0),
        ("objet", of.1),
        ("nature", "deliberation"),
        ("libelle", ""),
        ("retour", "/groupements"),
    ];
    let body = multipart(&fields, ("fichier", name, bytes));
    let kind = [("content-type", "multipart/form-data; boundary=limite")];
    client
        .send(Method::POST, "/pieces", &kind, Body::from(body))
        .await
}

fn multipart(fields: &[(&str, &str)], file: (&str, &str, &[u8])) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part = format!(
            "--limite\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
        body.extend_from_slice(part.as_bytes());
    }
    let (name, file_name, bytes) = file;
    let head = format!(
        "--limite\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"{file_name}\"\r\n\
         content-type: application/octet-stream\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(bytes);
    body.extend_from_slice(b"\r\n--limite--\r\n");
    body
}

/// A PDF of 600 kB, hence three chunks, each byte of which matters.
fn pdf() -> Vec<u8> {
    let noise = (0..600_000_u32).map(|i| i.wrapping_mul(2_654_435_761).to_be_bytes()[0]);
    b"%PDF-1.7\n".iter().copied().chain(noise).collect()
}

async fn stage() -> (TestApp, String) {
    let test = TestApp::new().await;
    let mel = test
        .epci("Métropole Européenne de Lille", "200093201")
        .await;
    let anstaing = test.commune("Anstaing", "59013", "215900135").await;
    let lompret = test.commune("Lompret", "59356", "215903568").await;
    test.user(MEL, &[(mel, Role::PurchasingOfficer)]).await;
    test.user("a@anstaing.example", &[(anstaing, Role::DeclaringAgent)])
        .await;
    test.user("l@lompret.example", &[(lompret, Role::DeclaringAgent)])
        .await;
    let grouping = test.grouping(mel, &[anstaing]).await;
    (test, grouping.id.to_string())
}

/// The address of the only attachment on the page.
async fn link(client: &Client, grouping: &str) -> String {
    let page = client
        .get(&format!("/groupements/{grouping}/pieces"))
        .await
        .expect(200)
        .text();
    let (_, rest) = page.split_once("href=\"/pieces/").expect(&page);
    format!("/pieces/{}", rest.split('"').next().unwrap())
}

#[tokio::test]
async fn a_file_comes_back_to_the_byte_with_the_rights_of_its_object() {
    let (test, grouping) = stage().await;
    let officer = test.signed_in(MEL).await;
    upload(&officer, &grouping, "délib 17.pdf", &pdf())
        .await
        .expect(303);
    let path = link(&officer, &grouping).await;
    let sent = officer.get(&path).await.expect(200);
    assert!(sent.body == pdf(), "every byte");
    assert_eq!(sent.headers["x-content-type-options"], "nosniff");
    assert_eq!(sent.headers["content-type"], "application/pdf");
    let disposition = sent.headers["content-disposition"].to_str().unwrap();
    assert!(disposition.starts_with("attachment;"), "{disposition}");
    assert!(disposition.contains("d%C3%A9lib%2017.pdf"), "{disposition}");

    let member = test.signed_in("a@anstaing.example").await;
    member.get(&path).await.expect(200);
    upload(&member, &grouping, "a.pdf", b"%PDF-1.7")
        .await
        .expect(403);
    let outsider = test.signed_in("l@lompret.example").await;
    outsider.get(&path).await.expect(404);
    upload(&outsider, &grouping, "a.pdf", b"%PDF-1.7")
        .await
        .expect(404);
}

#[tokio::test]
async fn a_removed_attachment_is_gone_until_it_is_brought_back() {
    let (test, grouping) = stage().await;
    let officer = test.signed_in(MEL).await;
    upload(&officer, &grouping, "delib.pdf", b"%PDF-1.7 a")
        .await
        .expect(303);
    let path = link(&officer, &grouping).await;
    let back = format!("/groupements/{grouping}/pieces");
    let retour = [("retour", back.as_str())];
    officer
        .post(&format!("{path}/retrait"), &retour)
        .await
        .expect(303);
    let page = officer.get(&back).await.expect(200).text();
    officer.get(&path).await.expect(404);
    let undo = format!("action=\"{path}/retablissement\"");
    assert!(page.contains("Annuler") && page.contains(&undo), "{page}");
    officer
        .post(&format!("{path}/retablissement"), &retour)
        .await
        .expect(303);
    officer.get(&path).await.expect(200);
}

#[tokio::test]
async fn a_refused_file_says_why_and_keeps_what_was_typed() {
    let (test, grouping) = stage().await;
    let officer = test.signed_in(MEL).await;
    let program = upload(&officer, &grouping, "delib.pdf", b"MZ\x90\0 program").await;
    let page = program.expect(409).text();
    assert!(page.contains("n’est pas d’un type accepté"), "{page}");
    assert!(page.contains("value=\"deliberation\" selected"), "{page}");
    upload(&officer, &grouping, "vide.pdf", b"")
        .await
        .expect(409);
    let mut large = b"%PDF-1.7 ".to_vec();
    large.resize(test.app.settings.limits.upload_bytes_max + 1, b'x');
    let page = upload(&officer, &grouping, "gros.pdf", &large)
        .await
        .expect(413)
        .text();
    assert!(page.contains("la limite est de 20,9\u{a0}Mo"), "{page}");
    large.resize(large.len() + 200_000, b'x');
    upload(&officer, &grouping, "gros.pdf", &large)
        .await
        .expect(413);
}

#[tokio::test]
async fn a_changed_byte_is_never_served_and_is_found() {
    use sea_orm::ConnectionTrait;
    let (test, grouping) = stage().await;
    let officer = test.signed_in(MEL).await;
    upload(&officer, &grouping, "delib.pdf", &pdf())
        .await
        .expect(303);
    let path = link(&officer, &grouping).await;
    let raw = sea_orm::Database::connect(&test.database.url)
        .await
        .unwrap();
    let forged = if raw.get_database_backend() == sea_orm::DatabaseBackend::Postgres {
        "UPDATE file_chunk SET bytes = set_byte(bytes, 100, get_byte(bytes, 100) # 1) \
         WHERE position = 1"
    } else {
        "UPDATE file_chunk SET bytes = CAST(substr(bytes, 1, 99) || x'00' || substr(bytes, 101) \
         AS BLOB) WHERE position = 1"
    };
    let done = raw.execute_unprepared(forged).await.unwrap();
    assert_eq!(done.rows_affected(), 1);
    raw.close().await.unwrap();
    officer.get(&path).await.expect(500);
}

#[tokio::test]
async fn the_api_keeps_and_gives_back_a_file_once_per_key() {
    let (test, grouping) = stage().await;
    let token = test.token(MEL).await;
    let api = test.browser().with_token(&token);
    let fields = [
        ("subject_kind", "grouping"),
        ("subject_id", grouping.as_str()),
        ("kind", "annex"),
        ("label", "Annexe 1"),
    ];
    let body = multipart(&fields, ("file", "a.pdf", b"%PDF-1.7 annexe"));
    let headers = [
        ("content-type", "multipart/form-data; boundary=limite"),
        ("idempotency-key", "une-fois"),
    ];
    let send = || {
        api.send(
            Method::POST,
            "/api/v1/attachments",
            &headers,
            body.clone().into(),
        )
    };
    let made = send().await.expect(201).json();
    let again = send().await.expect(201).json();
    assert_eq!(made["id"], again["id"]);
    let path = format!("/api/v1/attachments/{}", made["id"].as_str().unwrap());
    let content = api.get(&format!("{path}/content")).await.expect(200);
    assert_eq!(content.body, b"%PDF-1.7 annexe");
    assert_eq!(content.headers["content-type"], "application/pdf");
    assert_eq!(content.headers["x-content-type-options"], "nosniff");
    let name = content.headers["content-disposition"].to_str().unwrap();
    assert!(name.starts_with("attachment; filename=\"a.pdf\""), "{name}");
    let list = format!("/api/v1/attachments?subject_kind=grouping&subject_id={grouping}");
    let list = api.get(&list).await.expect(200).json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    let nothing = serde_json::json!({});
    let remove = format!("{path}/remove");
    api.json(Method::POST, &remove, &[], &nothing)
        .await
        .expect(204);
    api.get(&path).await.expect(404);
    api.json(Method::POST, &remove, &[], &nothing)
        .await
        .expect(409);
}

#[tokio::test]
async fn who_may_not_attach_is_told_so_whatever_was_sent() {
    let (test, grouping) = stage().await;
    let api = async |email: &str| test.browser().with_token(&test.token(email).await);
    let (officer, member) = (api(MEL).await, api("a@anstaing.example").await);
    let outsider = api("l@lompret.example").await;
    let post = async |client: &Client, kind: &str, body: Vec<u8>| {
        let headers = [("content-type", kind)];
        let path = "/api/v1/attachments";
        let sent = client.send(Method::POST, path, &headers, body.into()).await;
        sent.status.as_u16()
    };
    let fields = |kind| {
        [
            ("subject_kind", "grouping"),
            ("subject_id", grouping.as_str()),
            ("kind", kind),
        ]
    };
    let form = "multipart/form-data; boundary=limite";
    let unknown = multipart(&fields("poem"), ("file", "a.pdf", b"%PDF-1.7"));
    let empty = multipart(&fields("annex"), ("file", "a.pdf", b""));
    for (body, refused) in [(unknown, 422), (empty, 409)] {
        assert_eq!(post(&officer, form, body.clone()).await, refused);
        assert_eq!(post(&member, form, body.clone()).await, 403);
        assert_eq!(post(&outsider, form, body).await, 404);
    }
    assert_eq!(post(&officer, "text/plain", b"x".to_vec()).await, 415);
    let reader = "comptable@mel.example";
    let mel = test.actor(MEL).await.roles.into_keys().next().unwrap();
    test.user(reader, &[(mel, Role::Accountant)]).await;
    assert_eq!(
        post(&api(reader).await, "text/plain", b"x".to_vec()).await,
        403
    );
}

/// Puts a file on an object by its page, and finds it there.
pub async fn put(officer: &Client, of: (&str, &str), page: &str) -> String {
    upload_on(officer, of, "annexe.pdf", b"%PDF-1.7 annexe")
        .await
        .expect(303);
    seen(officer, page).await
}

/// The address of the first attachment that a page shows.
pub async fn seen(client: &Client, page: &str) -> String {
    let text = client.get(page).await.expect(200).text();
    let (_, rest) = text.split_once("href=\"/pieces/").expect(&text);
    format!("/pieces/{}", rest.split('"').next().unwrap())
}

/// A page and the API agree on who may have a file.
pub async fn assert_file(test: &TestApp, email: &str, file: &str, status: u16) {
    let browser = test.signed_in(email).await;
    browser.get(file).await.expect(status);
    let api = program(test, &test.actor(email).await).await;
    let id = file.rsplit('/').next().unwrap();
    let path = format!("/api/v1/attachments/{id}");
    api.get(&path).await.expect(status);
    api.get(&format!("{path}/content")).await.expect(status);
}

#[tokio::test]
async fn the_files_of_rounds_and_invoices_have_the_rights_of_their_object() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let (officer, clerk) = ("achats@mel.example", "mairie@anstaing.example");
    let stranger = "mairie@hem.example";
    let hem = test.commune("Hem", "59299", "215902990").await;
    test.user(stranger, &[(hem, Role::DeclaringAgent)]).await;
    let browser = test.signed_in(officer).await;

    let (draft, _) = test.drafted_round(&trio).await;
    let id = draft.id.to_string();
    let page = format!("/campagnes/{id}/pieces");
    let file = put(&browser, ("round", &id), &page).await;
    assert_file(&test, officer, &file, 200).await;
    assert_file(&test, clerk, &file, 404).await;
    browser
        .post(&format!("/campagnes/{id}/ouverture"), &[])
        .await
        .expect(303);
    let member = test.signed_in(clerk).await;
    assert_eq!(seen(&member, &page).await, file);
    let shown = member.get(&page).await.expect(200).text();
    assert!(!shown.contains("Ajouter une pièce"), "{shown}");
    assert_file(&test, clerk, &file, 200).await;
    assert_file(&test, stranger, &file, 404).await;
    upload_on(&member, ("round", &id), "a.pdf", b"%PDF-1.7")
        .await
        .expect(403);

    let lines = vec![line("Étude", 10_001, LineRule::Equal)];
    let invoice = test.invoice(&trio, supplier, "F-1", lines);
    let invoice = test.checked(&trio, invoice).await;
    let id = invoice.id.to_string();
    let page = format!("/factures/{id}");
    let bill = put(&browser, ("invoice", &id), &page).await;
    assert_file(&test, clerk, &bill, 404).await;
    let run = allocations::allocate(&test.app, &trio.officer, invoice.id, None)
        .await
        .unwrap();
    let page = format!("/factures/{id}/repartition");
    let proof = put(&browser, ("allocation", &run.id.to_string()), &page).await;
    let list = member.get("/decomptes").await.expect(200).text();
    let (_, rest) = list.split_once("href=\"/decomptes/").expect(&list);
    let statement = format!("/decomptes/{}", rest.split('"').next().unwrap());
    let shown = member.get(&statement).await.expect(200).text();
    for file in [&bill, &proof] {
        assert!(shown.contains(&format!("href=\"{file}\"")), "{shown}");
        assert_file(&test, officer, file, 200).await;
        assert_file(&test, clerk, file, 200).await;
        assert_file(&test, stranger, file, 404).await;
    }
}

#[tokio::test]
async fn the_files_of_procedures_and_contracts_have_the_rights_of_their_object() {
    let test = TestApp::new().await;
    let purchase = test.purchase().await;
    let (officer, clerk) = ("achats@mel.example", "mairie@anstaing.example");
    let stranger = "mairie@hem.example";
    let hem = test.commune("Hem", "59299", "215902990").await;
    test.user(stranger, &[(hem, Role::DeclaringAgent)]).await;
    let browser = test.signed_in(officer).await;

    let prepared = test.procedure(&purchase).await.id.to_string();
    let page = format!("/consultations/{prepared}");
    let file = put(&browser, ("procedure", &prepared), &page).await;
    assert_file(&test, officer, &file, 200).await;
    assert_file(&test, clerk, &file, 404).await;

    let api = program(&test, &purchase.officer).await;
    let contract = json!({
        "grouping": purchase.grouping,
        "supplier": {"siren": "732829320", "name": "Alpha Incendie"},
        "terms": {"number": "2026-M-9", "title": "Extincteurs", "notified_on": "2026-12-01",
            "renewals": 0, "maximum": "40000"},
    });
    let made = api
        .json(Method::POST, "/api/v1/contracts", &[], &contract)
        .await
        .expect(201)
        .json();
    let id = made["id"].as_str().unwrap();
    let page = format!("/marches/{id}");
    let file = put(&browser, ("contract", id), &page).await;
    let member = test.signed_in(clerk).await;
    assert_eq!(seen(&member, &page).await, file);
    assert_file(&test, clerk, &file, 200).await;
    assert_file(&test, stranger, &file, 404).await;
    member.get("/pieces/nouvelle").await.expect(404);
    let form = format!("/pieces/nouvelle?sur=contract&objet={id}");
    browser.get(&form).await.expect(200);
    member.get(&form).await.expect(403);
    test.signed_in(stranger).await.get(&form).await.expect(404);
}

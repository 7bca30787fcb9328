//! Who may open what: every route for every kind of person, against a reviewed picture.
//!
//! A new route changes the picture, so that nobody adds one without looking at who may use it.
use std::{collections::BTreeMap, fmt::Write};

use axum::http::Method;
use domain::{
    attachment::{AttachmentKind, Subject, SubjectKind},
    identity::{OrganisationId, SupplierId},
    permission::Role,
    purchasing::{invoice::LineRule, recovery::Titre},
    token::TokenScope,
};
use encommun::{
    actions::{
        attachments,
        purchasing::{
            allocations, corrections,
            imports::{
                ImportMode,
                later::{self, Source},
            },
            keys, procedures, recovery, rounds,
        },
        tokens,
    },
    api, web,
};
use serde_json::json;
use uuid::Uuid;

use crate::support::{Client, TestApp, contracts::plan, invoices::line, rounds::Trio};

/// The cast: the coordinator's people, a member's, another member's, strangers.
const PEOPLE: [&str; 8] = [
    "nobody",
    "officer",
    "comptable",
    "admin",
    "clerk",
    "other-clerk",
    "rival",
    "stranger",
];

/// The objects that paths name, by the segment before the parameter.
type Objects = BTreeMap<&'static str, Uuid>;

struct Stage {
    test: TestApp,
    objects: Objects,
}

async fn stage() -> Stage {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let (round, items) = test.open_round(&trio).await;
    let hem = test.commune("Hem", "59299", "215902990").await;
    let people: [(&str, OrganisationId, Role); 5] = [
        ("comptable@mel.example", trio.epci, Role::Accountant),
        ("admin@mel.example", trio.epci, Role::Administrator),
        (
            "mairie@lamadeleine.example",
            trio.madeleine,
            Role::DeclaringAgent,
        ),
        ("achats@hem.example", hem, Role::PurchasingOfficer),
        ("mairie@hem.example", hem, Role::DeclaringAgent),
    ];
    for (email, organisation, role) in people {
        test.user(email, &[(organisation, role)]).await;
    }
    let mut objects = Objects::from([
        ("campagnes", round.id.0),
        ("rounds", round.id.0),
        ("groupements", trio.grouping.0),
        ("groupings", trio.grouping.0),
        ("collectivites", trio.anstaing.0),
        ("organisations", trio.anstaing.0),
        ("members", trio.anstaing.0),
        ("declarations", trio.anstaing.0),
        ("utilisateurs", trio.clerk.user().unwrap().0),
        ("users", trio.clerk.user().unwrap().0),
        ("fournisseurs", supplier.0),
        ("suppliers", supplier.0),
    ]);
    for item in items.iter().take(1) {
        objects.extend([("articles", item.id.0), ("items", item.id.0)]);
        objects.extend([("lots", item.lot.0)]);
    }
    let source = Source::File("besoins.csv".to_owned(), b"siren;ref".to_vec());
    let job = later::ask(&test.app, &trio.officer, round.id, ImportMode::Type, source);
    let job = job.await.unwrap().id.0;
    objects.extend([("taches", job), ("jobs", job)]);
    buy(&test, &trio, &mut objects).await;
    split(&test, &trio, supplier, &mut objects).await;
    Stage { test, objects }
}

/// A procedure over a closed round, a contract, an agreement with a file.
async fn buy(test: &TestApp, trio: &Trio, objects: &mut Objects) {
    let (app, officer) = (&test.app, &trio.officer);
    let (closed, _) = test.open_round(trio).await;
    rounds::close(app, officer, closed.id, None).await.unwrap();
    let new = procedures::NewProcedure {
        rounds: [closed.id].into(),
        plan: plan("Extincteurs 2027"),
    };
    let procedure = procedures::create(app, officer, new).await.unwrap().id.0;
    objects.extend([("consultations", procedure), ("procedures", procedure)]);
    let api = program(test, "officer").await;
    let contract = json!({"grouping": trio.grouping,
        "supplier": {"siren": "732829320", "name": "Alpha Incendie"},
        "terms": {"number": "2026-M-9", "title": "Extincteurs", "notified_on": "2026-08-01"}});
    let contract = post(&api, "/api/v1/contracts", &contract).await;
    objects.extend([("marches", contract), ("contracts", contract)]);
    let agreements = format!("/api/v1/groupings/{}/agreements", trio.grouping);
    let clauses = json!({"object": "Extincteurs", "starts_on": "2026-01-01",
        "vat_policy": "gross"});
    let agreement = post(&api, &agreements, &clauses).await;
    objects.extend([("convention", agreement), ("agreements", agreement)]);
    let membership = test.membership(trio.grouping, trio.anstaing).await.id.0;
    objects.extend([("adhesions", membership), ("memberships", membership)]);
    let file = attachments::NewAttachment {
        subject: Subject {
            kind: SubjectKind::Grouping,
            id: trio.grouping.0,
        },
        kind: AttachmentKind::Annex,
        label: None,
        file_name: "annexe.pdf".to_owned(),
        bytes: b"%PDF-1.7 annexe".to_vec(),
    };
    let file = attachments::add(app, officer, file).await.unwrap();
    let file = file.attachment.id.0;
    objects.extend([("pieces", file), ("attachments", file)]);
}

/// A key, an invoice that was split, and what follows from it.
async fn split(test: &TestApp, trio: &Trio, supplier: SupplierId, objects: &mut Objects) {
    let (app, officer) = (&test.app, &trio.officer);
    let input = keys::KeyInput {
        name: "Points".to_owned(),
        unit: "points".to_owned(),
        source: "Enedis".to_owned(),
        dated_on: "2026-01-01".parse().unwrap(),
        values: [(trio.anstaing, 12.into())].into(),
    };
    let key = keys::create(app, officer, trio.grouping, input).await;
    let key = key.unwrap().id.0;
    objects.extend([("cles", key), ("keys", key)]);
    let rules = format!("/api/v1/groupings/{}/rules", trio.grouping);
    let rule = json!({"name": "Clé générale", "applies_from": "2026-01-01",
        "vat_policy": "exact", "formula": {"kind": "equal"}});
    let rule = post(&program(test, "officer").await, &rules, &rule).await;
    objects.extend([("regles", rule), ("rules", rule)]);
    let correction = asked_too_much(test, trio, supplier).await;
    let lines = vec![line("Étude", 10_001, LineRule::Equal)];
    let invoice = test.invoice(trio, supplier, "F-1", lines);
    let invoice = test.checked(trio, invoice).await.id;
    let run = allocations::allocate(app, officer, invoice, None)
        .await
        .unwrap();
    let split = allocations::latest(app, officer, invoice).await.unwrap();
    let own = split.statements.iter().find(|s| s.member == trio.anstaing);
    let statement = own.unwrap().id.0;
    let wanted = recovery::Wanted::default();
    let (orders, _) = recovery::page(app, officer, wanted, 0, 10).await.unwrap();
    let own = orders.iter().find(|o| o.order.member == trio.anstaing);
    let order = own.unwrap().order.id.0;
    objects.extend([
        ("regularisations", correction),
        ("corrections", correction),
        ("factures", invoice.0),
        ("invoices", invoice.0),
        ("allocations", run.id.0),
        ("decomptes", statement),
        ("statements", statement),
        ("titres", order),
        ("recovery-orders", order),
    ]);
}

/// An invoice that was asked, then credited whole: what is proposed to Anstaing.
async fn asked_too_much(test: &TestApp, trio: &Trio, supplier: SupplierId) -> Uuid {
    let (app, officer) = (&test.app, &trio.officer);
    let lines = vec![line("Étude", 10_001, LineRule::Equal)];
    let invoice = test.invoice(trio, supplier, "F-2", lines);
    let invoice = test.checked(trio, invoice).await.id;
    allocations::allocate(app, officer, invoice, None)
        .await
        .unwrap();
    let wanted = recovery::Wanted::default();
    let (orders, _) = recovery::page(app, officer, wanted, 0, 10).await.unwrap();
    let asks =
        |o: &&recovery::Listed| o.order.sources == [invoice] && o.order.member == trio.anstaing;
    let titre = Titre {
        number: "1208".to_owned(),
        bordereau: "87".to_owned(),
        issued_on: "2026-09-01".parse().unwrap(),
        exercice: 2026,
    };
    let order = orders.iter().find(asks).unwrap().order.id;
    recovery::issue(app, officer, order, None, titre)
        .await
        .unwrap();
    let lines = vec![line("Étude", -10_001, LineRule::Equal)];
    let mut credit = test.invoice(trio, supplier, "A-2", lines);
    credit.credited = Some(invoice);
    let credit = test.checked(trio, credit).await.id;
    allocations::allocate(app, officer, credit, None)
        .await
        .unwrap();
    let wanted = corrections::Wanted::default();
    let (found, _) = corrections::page(app, officer, wanted, 0, 10)
        .await
        .unwrap();
    found.first().unwrap().correction.id.0
}

/// Sends JSON and gives the identifier of what was made.
async fn post(client: &Client, path: &str, body: &serde_json::Value) -> Uuid {
    let made = client.json(Method::POST, path, &[], body).await.expect(201);
    made.json()["id"].as_str().unwrap().parse().unwrap()
}

fn email(person: &str) -> Option<&'static str> {
    match person {
        "officer" => Some("achats@mel.example"),
        "comptable" => Some("comptable@mel.example"),
        "admin" => Some("admin@mel.example"),
        "clerk" => Some("mairie@anstaing.example"),
        "other-clerk" => Some("mairie@lamadeleine.example"),
        "rival" => Some("achats@hem.example"),
        "stranger" => Some("mairie@hem.example"),
        _ => None,
    }
}

/// `/campagnes/{id}` with the identifiers of the stage; what the stage lacks gets one that
/// nothing has, and its row then reads 404 for everybody.
fn filled(path: &str, objects: &Objects) -> String {
    let mut before = "";
    let parts = path.split('/').map(|part| {
        let shown = if part.starts_with('{') {
            if part == "{format}" {
                before = part;
                return "csv".to_owned();
            }
            let known = objects.get(before).copied();
            known.unwrap_or(Uuid::from_u128(0xabad_cafe)).to_string()
        } else {
            part.to_owned()
        };
        before = part;
        shown
    });
    parts.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn every_page_is_open_to_those_it_concerns_and_to_nobody_else() {
    let mut routes = web::listed();
    // Reading comes first: what is posted may change what is read.
    routes.sort_by_key(|(method, path)| (*method != Method::GET, *path));
    routes.retain(|(_, path)| *path != "/deconnexion");
    let mut columns = Vec::new();
    for person in PEOPLE {
        let stage = stage().await;
        let browser = match email(person) {
            Some(email) => stage.test.signed_in(email).await,
            None => stage.test.browser(),
        };
        let mut column = Vec::new();
        for (method, path) in &routes {
            let path = filled(path, &stage.objects);
            let answer = match *method {
                Method::GET => browser.get(&path).await,
                _ => browser.post(&path, &[]).await,
            };
            column.push(answer.status.as_u16());
        }
        columns.push(column);
    }
    let rows = routes
        .iter()
        .map(|(method, path)| format!("{method} {path}"));
    insta::assert_snapshot!("rights_pages", picture(rows, &columns));
}

#[tokio::test]
async fn every_operation_is_open_to_those_it_concerns_and_to_nobody_else() {
    let document = serde_json::to_value(api::openapi()).unwrap();
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let method: Method = method.to_uppercase().parse().unwrap();
            operations.push((method, path.clone()));
        }
    }
    operations.sort_by_key(|(method, path)| (*method != Method::GET, path.clone()));
    let mut columns = Vec::new();
    for person in PEOPLE {
        let stage = stage().await;
        let client = program(&stage.test, person).await;
        let mut column = Vec::new();
        for (method, path) in &operations {
            let path = filled(path, &stage.objects);
            let anything = [("if-match", "*")];
            let answer = match *method {
                Method::GET => client.get(&path).await,
                _ => {
                    client
                        .json(method.clone(), &path, &anything, &serde_json::json!({}))
                        .await
                }
            };
            column.push(answer.status.as_u16());
        }
        columns.push(column);
    }
    let rows = operations
        .iter()
        .map(|(method, path)| format!("{method} {path}"));
    insta::assert_snapshot!("rights_operations", picture(rows, &columns));
}

#[tokio::test]
async fn an_unreadable_body_is_answered_to_those_alone_who_might_send_another() {
    let document = serde_json::to_value(api::openapi()).unwrap();
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let method: Method = method.to_uppercase().parse().unwrap();
            operations.push((method, path.clone()));
        }
    }
    operations.retain(|(method, _)| *method != Method::GET);
    operations.sort_by_key(|(_, path)| path.clone());
    let stage = stage().await;
    let mut columns = Vec::new();
    for person in PEOPLE {
        let client = program(&stage.test, person).await;
        let mut column = Vec::new();
        for (method, path) in &operations {
            let path = filled(path, &stage.objects);
            let kind = [("content-type", "application/json")];
            let answer = client.send(method.clone(), &path, &kind, "{".into()).await;
            column.push(answer.status.as_u16());
        }
        columns.push(column);
    }
    let rows = operations
        .iter()
        .map(|(method, path)| format!("{method} {path}"));
    insta::assert_snapshot!("rights_unreadable", picture(rows, &columns));
}

async fn program(test: &TestApp, person: &str) -> Client {
    let Some(email) = email(person) else {
        return test.browser();
    };
    let actor = test.actor(email).await;
    let new = tokens::NewToken {
        name: "rights".into(),
        scope: TokenScope::Write,
        expires_at: None,
    };
    let token = tokens::create(&test.app, &actor, new).await.unwrap();
    test.browser().with_token(&token.secret)
}

fn picture(rows: impl Iterator<Item = String>, columns: &[Vec<u16>]) -> String {
    let mut text = format!("{:<62}", "");
    for person in PEOPLE {
        write!(text, "{person:>12}").unwrap();
    }
    for (n, row) in rows.enumerate() {
        write!(text, "\n{row:<62}").unwrap();
        for column in columns {
            write!(text, "{:>12}", column[n]).unwrap();
        }
    }
    text
}

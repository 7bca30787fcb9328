//! Needs by spreadsheet: tried, imported, imported again, exported and back.
use axum::{body::Body, http::Method};
use domain::{
    permission::Role,
    purchasing::need::{CommitmentKind, NeedColumn},
    quantity::Quantity,
};
use encommun::{
    actions::{
        Actor,
        progress::Progress,
        purchasing::imports::{self, ImportMode},
    },
    exchange::needs as needs_file,
    store::purchasing::{declarations, drafts, needs as rows},
};

use crate::support::{
    TestApp,
    client::{Answer, Client},
    needs::Collection,
};

/// The exported file, its quantities written over: (member, item, quantity as typed).
pub async fn filled(test: &TestApp, all: &Collection, figures: &[(&str, usize, &str)]) -> String {
    let grids = imports::export(&test.app, &all.officer, all.round.id, None).await;
    let table = needs_file::table(&grids.unwrap(), "Extincteurs", test.app.clock.now());
    let csv = String::from_utf8(table.to_csv().unwrap()).unwrap();
    let lines = csv.lines().map(|line| {
        let figure = figures.iter().find(|(member, item, _)| {
            line.contains(member) && line.contains(&all.items[*item].id.to_string())
        });
        match figure {
            None => line.to_owned(),
            Some((_, _, typed)) => {
                let mut cells: Vec<&str> = line.split(';').collect();
                cells[7] = typed;
                cells.join(";")
            }
        }
    });
    lines.collect::<Vec<_>>().join("\r\n")
}

pub async fn upload(browser: &Client, all: &Collection, csv: &str, boxes: &[&str]) -> Answer {
    let mut body = String::new();
    for name in boxes {
        body.push_str(&format!(
            "--limite\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\noui\r\n"
        ));
    }
    body.push_str(&format!(
        "--limite\r\ncontent-disposition: form-data; name=\"fichier\"; filename=\"b.csv\"\r\n\r\n{csv}\r\n--limite--\r\n"
    ));
    let path = format!("/campagnes/{}/besoins/import", all.round.id);
    let kind = [("content-type", "multipart/form-data; boundary=limite")];
    browser
        .send(Method::POST, &path, &kind, Body::from(body))
        .await
}

pub async fn total(test: &TestApp, all: &Collection, item: usize) -> Quantity {
    let view = test.app.store.view().await.unwrap();
    let totals = rows::totals(&view, all.round.id).await.unwrap();
    totals
        .get(&all.items[item].id)
        .copied()
        .unwrap_or_default()
        .quantity
}

#[tokio::test]
async fn an_officer_tries_a_file_then_imports_it() {
    let test = TestApp::new().await;
    let all = test.collection().await;
    let figures = [
        ("Anstaing", 0, "38"),
        ("La Madeleine", 0, "1\u{202f}212"),
        ("La Madeleine", 2, "13"),
        ("Anstaing", 1, "1.234,5"),
    ];
    let csv = filled(&test, &all, &figures).await;
    let browser = test.signed_in("achats@mel.example").await;
    let tried = upload(&browser, &all, &csv, &["essai", "transmettre"])
        .await
        .expect(200)
        .text();
    for words in [
        "2\u{a0}cases à modifier pour 2\u{a0}membres",
        "«\u{a0}1.234,5\u{a0}» se lit de deux façons",
        "n’est pas un multiple de 6 appareils. Saisissez 12 ou 18.",
        "Importer ces quantités",
    ] {
        assert!(tried.contains(words), "{words}\n{tried}");
    }
    assert_eq!(
        total(&test, &all, 0).await,
        Quantity::ZERO,
        "a try writes nothing"
    );
    let view = test.app.store.view().await.unwrap();
    assert!(
        drafts::of_round(&view, all.round.id)
            .await
            .unwrap()
            .is_empty()
    );
    drop(view);

    upload(&browser, &all, &csv, &["transmettre"])
        .await
        .expect(303);
    assert_eq!(
        total(&test, &all, 0).await,
        Quantity(1_250_000),
        "good rows are kept"
    );
    let view = test.app.store.view().await.unwrap();
    let answers = declarations::of_round(&view, all.round.id).await.unwrap();
    assert_eq!(answers.len(), 2);
    assert!(answers.iter().all(|d| d.entered_for && d.revision == 1));
}

#[tokio::test]
async fn the_same_file_twice_changes_nothing_and_a_new_figure_updates() {
    let test = TestApp::new().await;
    let all = test.collection().await;
    let csv = filled(&test, &all, &[("Anstaing", 0, "38")]).await;
    let import = async |csv: &str| {
        let mode = ImportMode::Submit;
        let actor = Actor::operator();
        let done = needs_file::import(
            &test.app,
            &actor,
            all.round.id,
            csv.as_bytes().to_vec(),
            mode,
            &Progress::default(),
        )
        .await;
        done.unwrap()
    };
    assert_eq!(import(&csv).await.report.changes.len(), 1);
    let again = import(&csv).await;
    assert_eq!((again.report.changes.len(), again.problems.len()), (0, 0));
    let updated = csv.replace(";38;", ";40;");
    let changed = import(&updated).await;
    let change = &changed.report.changes[0];
    assert_eq!(
        (change.before.as_str(), change.after.as_str()),
        ("38", "40")
    );
    let view = test.app.store.view().await.unwrap();
    let needs = rows::of_round(&view, all.round.id).await.unwrap();
    assert_eq!(needs.len(), 1, "updated, not doubled");
    assert_eq!(
        (needs[0].quantity, needs[0].revision),
        (Quantity(40_000), 2)
    );
}

#[tokio::test]
async fn a_round_trip_changes_nothing_in_csv_and_in_xlsx() {
    let test = TestApp::new().await;
    let all = test.collection().await;
    let csv = filled(
        &test,
        &all,
        &[("Anstaing", 0, "38"), ("La Madeleine", 1, "2")],
    )
    .await;
    let (actor, round) = (Actor::operator(), all.round.id);
    let mode = ImportMode::Submit;
    needs_file::import(
        &test.app,
        &actor,
        round,
        csv.as_bytes().to_vec(),
        mode,
        &Progress::default(),
    )
    .await
    .unwrap();
    let grids = imports::export(&test.app, &actor, round, None)
        .await
        .unwrap();
    let table = needs_file::table(&grids, "Extincteurs", test.app.clock.now());
    for bytes in [table.to_csv().unwrap(), table.to_xlsx().unwrap()] {
        let back = needs_file::import(&test.app, &actor, round, bytes, mode, &Progress::default())
            .await
            .unwrap();
        assert_eq!((back.report.changes.len(), back.problems.len()), (0, 0));
        assert_eq!(back.report.unchanged, 6);
    }
    let view = test.app.store.view().await.unwrap();
    let answers = declarations::of_round(&view, round).await.unwrap();
    assert!(
        answers.iter().all(|d| d.revision == 1),
        "nobody was made to answer again"
    );
}

#[tokio::test]
async fn a_clerk_imports_for_her_commune_alone() {
    let test = TestApp::new().await;
    let all = test.collection().await;
    let csv = filled(
        &test,
        &all,
        &[("Anstaing", 0, "38"), ("La Madeleine", 0, "99")],
    )
    .await;
    let browser = test.signed_in("mairie@anstaing.example").await;
    let tried = upload(&browser, &all, &csv, &["essai"])
        .await
        .expect(200)
        .text();
    assert!(tried.contains("n’est le SIREN d’aucun membre"), "{tried}");
    upload(&browser, &all, &csv, &[]).await.expect(303);
    let view = test.app.store.view().await.unwrap();
    let typed = drafts::of_round(&view, all.round.id).await.unwrap();
    assert_eq!(typed.len(), 1);
    assert_eq!(typed[0].0, all.anstaing);
    assert_eq!(typed[0].1.commitment, CommitmentKind::Firm);
    assert_eq!(typed[0].1.text(NeedColumn::Quantity), "38");
    assert!(
        rows::of_round(&view, all.round.id)
            .await
            .unwrap()
            .is_empty(),
        "she transmits herself"
    );
    drop(view);
    let stranger = [(all.madeleine, Role::Accountant)];
    test.user("compta@lamadeleine.example", &stranger).await;
    let reader = test.signed_in("compta@lamadeleine.example").await;
    upload(&reader, &all, &csv, &["essai"]).await.expect(404);
}

#[tokio::test]
async fn a_file_that_is_no_spreadsheet_is_refused_with_a_sentence() {
    let test = TestApp::new().await;
    let all = test.collection().await;
    let browser = test.signed_in("achats@mel.example").await;
    let refused = upload(&browser, &all, "%PDF-1.7 rien", &["essai"])
        .await
        .expect(422)
        .text();
    assert!(refused.contains("à corriger"), "{refused}");
    let columns = upload(&browser, &all, "Nom;Quantité\nAnstaing;3\n", &["essai"]).await;
    assert!(columns.expect(422).text().contains("manque"));
}

#[tokio::test]
async fn a_program_types_imports_and_transmits() {
    let test = TestApp::new().await;
    let all = test.collection().await;
    let token = test.token_of(&all.clerk).await;
    let program = test.browser().with_token(&token);
    let base = format!(
        "/api/v1/rounds/{}/declarations/{}",
        all.round.id, all.anstaing
    );
    let read = program.get(&base).await.expect(200);
    let etag = read.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(read.json()["state"], "not_started");
    let item = all.items[1].id;
    let cells = serde_json::json!({"lines": [{"item_id": item, "quantity": "4", "version": 0}]});
    let path = format!("{base}/cells");
    let put = |headers: Vec<(&'static str, String)>, body: serde_json::Value| {
        let (program, path) = (&program, &path);
        async move {
            let headers: Vec<(&str, &str)> =
                headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
            program.json(Method::PUT, path, &headers, &body).await
        }
    };
    put(Vec::new(), cells.clone()).await.expect(428);
    let typed = put(vec![("if-match", etag)], cells.clone())
        .await
        .expect(200);
    assert_eq!(typed.json()["lines"][1]["quantity"], "4");
    let any = || vec![("if-match", "*".to_owned())];
    let late = serde_json::json!({"lines": [{"item_id": item, "quantity": "5", "version": 0}]});
    let refused = put(any(), late).await.expect(409).json();
    assert_eq!(refused["type"], "/problems/need.conflict");
    let bad = serde_json::json!({"lines": [{"item_id": item, "quantity": "4,5"}]});
    let refused = put(any(), bad).await.expect(422).json();
    assert_eq!(refused["errors"][0]["field"], "lines.0.quantity");
    let empty = serde_json::json!({});
    let done = program
        .json(Method::POST, &format!("{base}/submit"), &[], &empty)
        .await;
    assert_eq!(done.expect(200).json()["state"], "submitted");
    assert_eq!(total(&test, &all, 1).await, Quantity(4_000));
    let taken = program
        .json(Method::POST, &format!("{base}/withdraw"), &[], &empty)
        .await;
    assert_eq!(taken.expect(200).json()["state"], "started");
    let file = format!(
        "/api/v1/rounds/{}/needs/export?member={}",
        all.round.id, all.anstaing
    );
    let csv = program.get(&file).await.expect(200).text();
    let body = format!(
        "--l\r\ncontent-disposition: form-data; name=\"dry_run\"\r\n\r\ntrue\r\n--l\r\n\
         content-disposition: form-data; name=\"file\"; filename=\"b.csv\"\r\n\r\n{csv}\r\n--l--\r\n"
    );
    let import = format!("/api/v1/rounds/{}/needs/import", all.round.id);
    let kind = [("content-type", "multipart/form-data; boundary=l")];
    let tried = program
        .send(Method::POST, &import, &kind, Body::from(body))
        .await;
    let tried = tried.expect(200).json();
    assert_eq!(
        (&tried["applied"], &tried["unchanged"]),
        (&false.into(), &3.into())
    );
    program
        .get(&format!("/api/v1/rounds/{}/needs/export", all.round.id))
        .await
        .expect(404);
}

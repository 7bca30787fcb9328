//! Imports too long to wait for: asked, followed, done once.
use axum::{body::Body, http::Method};
use chrono::TimeDelta;
use domain::purchasing::need::NeedColumn;
use domain::{job::JobState, quantity::Quantity};
use encommun::{
    actions::{
        Error, audit, jobs,
        progress::Progress,
        purchasing::{
            drafts::{self, Basis, Edit},
            imports::{
                ImportMode,
                later::{self, Source},
            },
            rounds,
        },
    },
    exchange::{self, needs as needs_file},
};

use crate::{
    imports::{filled, total, upload},
    support::{TestApp, contracts::program, needs::Collection},
};

async fn waiting_for_nothing() -> TestApp {
    TestApp::tuned(|settings| settings.limits.import_rows_waited_max = 1).await
}

async fn csv(test: &TestApp, all: &Collection) -> String {
    let figures = [
        ("Anstaing", 0, "38"),
        ("La Madeleine", 0, "1\u{202f}212"),
        ("La Madeleine", 2, "13"),
    ];
    filled(test, all, &figures).await
}

async fn assert_books_are_clean(test: &TestApp) {
    let checks = audit::run(&test.app, |_| {}).await.unwrap();
    for check in checks {
        assert!(
            check.faults.is_empty(),
            "{}: {:?}",
            check.name,
            check.faults
        );
    }
}

#[tokio::test]
async fn a_large_file_is_tried_then_imported_while_the_page_follows() {
    let test = waiting_for_nothing().await;
    let all = test.collection().await;
    let csv = csv(&test, &all).await;
    let browser = test.signed_in("achats@mel.example").await;
    let sent = upload(&browser, &all, &csv, &["essai"]).await.expect(303);
    let task = sent.location.unwrap();
    let waiting = browser.get(&task).await.expect(200).text();
    assert!(waiting.contains("En attente de traitement"), "{waiting}");
    assert!(waiting.contains("progressbar"));

    test.later(TimeDelta::seconds(5)).await;
    let tried = browser.get(&task).await.expect(200).text();
    for words in [
        "Essai\u{a0}: rien n’est encore enregistré",
        "2\u{a0}cases à modifier pour 2\u{a0}membres",
        "n’est pas un multiple de 6 appareils. Saisissez 12 ou 18.",
        "Importer ces quantités",
    ] {
        assert!(tried.contains(words), "{words}\n{tried}");
    }
    assert_eq!(total(&test, &all, 0).await, Quantity::ZERO);

    let form = [("transmettre", "oui"), ("operation", "prise-1")];
    let taken = browser.post(&format!("{task}/import"), &form).await;
    let task = taken.expect(303).location.unwrap();
    test.later(TimeDelta::seconds(5)).await;
    let done = browser.get(&task).await.expect(200).text();
    assert!(
        done.contains("2\u{a0}cases modifiées pour 2\u{a0}membres"),
        "{done}"
    );
    assert_eq!(total(&test, &all, 0).await, Quantity(1_250_000));
    assert_books_are_clean(&test).await;

    let again = format!("/campagnes/{}/besoins/import", all.round.id);
    let listed = browser.get(&again).await.expect(200).text();
    assert!(listed.contains("Vos imports de grands fichiers") && listed.contains(&task));
    let clerk = test.signed_in("mairie@anstaing.example").await;
    clerk.get(&task).await.expect(404);
}

#[tokio::test]
async fn a_program_asks_for_an_import_and_follows_it() {
    let test = TestApp::new().await;
    let all = test.collection().await;
    let csv = csv(&test, &all).await;
    let program = program(&test, &all.officer).await;
    let body = format!(
        "--limite\r\ncontent-disposition: form-data; name=\"submit\"\r\n\r\ntrue\r\n\
         --limite\r\ncontent-disposition: form-data; name=\"file\"; filename=\"b.csv\"\r\n\r\n{csv}\r\n\
         --limite--\r\n"
    );
    let path = format!("/api/v1/rounds/{}/needs/import", all.round.id);
    let headers = [
        ("content-type", "multipart/form-data; boundary=limite"),
        ("prefer", "respond-async"),
    ];
    let asked = program
        .send(Method::POST, &path, &headers, Body::from(body))
        .await
        .expect(202);
    let place = asked.location.clone().unwrap();
    assert_eq!(asked.json()["state"], "waiting");
    test.later(TimeDelta::seconds(5)).await;
    let done = program.get(&place).await.expect(200).json();
    assert_eq!(done["state"], "done");
    assert_eq!(done["result"]["cells"], 2);
    assert_eq!(done["result"]["problems"][0]["code"], "need.cells");
    assert_eq!(total(&test, &all, 0).await, Quantity(1_250_000));
}

#[tokio::test]
async fn a_process_that_dies_after_the_import_does_not_import_twice() {
    let test = TestApp::new().await;
    let all = test.collection().await;
    let file = Source::File("b.csv".to_owned(), csv(&test, &all).await.into_bytes());
    let job = later::ask(
        &test.app,
        &all.officer,
        all.round.id,
        ImportMode::Submit,
        file,
    )
    .await
    .unwrap();
    let taken = jobs::take(&test.app, "dead").await.unwrap().unwrap();
    exchange::perform(&test.app, &taken, &Progress::default())
        .await
        .unwrap();
    // The process stops here, before it ends the job.
    test.later(TimeDelta::minutes(5)).await;
    let done = jobs::find(&test.app, &all.officer, job.id).await.unwrap();
    assert_eq!(done.state, JobState::Done);
    let told: encommun::exchange::report::NeedsReport =
        serde_json::from_str(&done.result.unwrap()).unwrap();
    assert_eq!((told.applied, told.cells, told.members), (true, 2, 2));
    assert_books_are_clean(&test).await;
}

#[tokio::test]
async fn an_import_that_comes_too_late_says_so_and_is_not_tried_again() {
    let test = TestApp::new().await;
    let all = test.collection().await;
    let file = Source::File("b.pdf".to_owned(), b"%PDF-1.7 no table".to_vec());
    let damaged = later::ask(
        &test.app,
        &all.officer,
        all.round.id,
        ImportMode::Submit,
        file,
    )
    .await
    .unwrap();
    let file = Source::File("b.csv".to_owned(), csv(&test, &all).await.into_bytes());
    let late = later::ask(
        &test.app,
        &all.officer,
        all.round.id,
        ImportMode::Submit,
        file,
    )
    .await
    .unwrap();
    rounds::close(&test.app, &all.officer, all.round.id, None)
        .await
        .unwrap();
    test.later(TimeDelta::seconds(5)).await;
    let damaged = jobs::find(&test.app, &all.officer, damaged.id)
        .await
        .unwrap();
    assert_eq!((damaged.state, damaged.attempts), (JobState::Failed, 1));
    let browser = test.signed_in("achats@mel.example").await;
    let page = browser
        .get(&format!("/taches/{}", damaged.id))
        .await
        .expect(200)
        .text();
    assert!(page.contains("Refusée"), "{page}");
    let late = jobs::find(&test.app, &all.officer, late.id).await.unwrap();
    assert_eq!(late.state, JobState::Done);
    let told: encommun::exchange::report::NeedsReport =
        serde_json::from_str(&late.result.unwrap()).unwrap();
    assert_eq!(told.cells, 0, "every member is left aside");
    assert!(told.left_aside >= 2);
    assert_eq!(total(&test, &all, 0).await, Quantity::ZERO);
}

#[tokio::test]
async fn an_import_is_asked_for_by_those_who_may_import() {
    let test = TestApp::new().await;
    let all = test.collection().await;
    let stranger = test.user("a@ailleurs.example", &[]).await;
    let file = Source::File("b.csv".to_owned(), b"siren;ref".to_vec());
    let refused = later::ask(&test.app, &stranger, all.round.id, ImportMode::Type, file).await;
    assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
}

#[tokio::test]
async fn a_figure_typed_during_an_import_is_never_lost() {
    let test = TestApp::new().await;
    let all = test.collection().await;
    for turn in 0..20_i64 {
        let figure = (turn + 1).to_string();
        let csv = filled(&test, &all, &[("La Madeleine", 0, &figure)]).await;
        // One line alone: a line that is in the file with a blank cell takes its figure away.
        let (heads, own) = (csv.lines().next().unwrap(), all.items[0].id.to_string());
        let line = csv
            .lines()
            .find(|l| l.contains("La Madeleine") && l.contains(&own));
        let csv = format!("{heads}\r\n{}\r\n", line.unwrap());
        let (app, actor, round) = (test.app.clone(), all.officer.clone(), all.round.id);
        let importing = tokio::spawn(async move {
            let mode = ImportMode::Type;
            needs_file::import(
                &app,
                &actor,
                round,
                csv.into_bytes(),
                mode,
                &Progress::default(),
            )
            .await
        });
        let edit = Edit {
            item: all.items[1].id,
            line: String::new(),
            column: NeedColumn::Quantity,
            typed: (turn + 100).to_string(),
            basis: Basis::Any,
        };
        let typing = drafts::save(&test.app, &all.officer, round, all.madeleine, vec![edit]);
        let typed = typing.await;
        let imported = importing.await.unwrap();
        // Whichever came second may be asked to try again; what was acknowledged stands.
        let grid = encommun::actions::purchasing::needs::find(
            &test.app,
            &all.officer,
            round,
            all.madeleine,
        )
        .await
        .unwrap();
        let stands = |item: usize| {
            let line = grid.line(all.items[item].id, "").unwrap();
            line.draft.quantity.quantity().unwrap_or(Quantity::ZERO)
        };
        if imported.is_ok() {
            assert_eq!(stands(0), Quantity((turn + 1) * 1_000));
        }
        if typed.is_ok() {
            assert_eq!(stands(1), Quantity((turn + 100) * 1_000));
        }
        assert!(imported.is_ok() || typed.is_ok(), "one of them passed");
    }
}

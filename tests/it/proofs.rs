//! « Pourquoi ce centime ? » for everyone it concerns, and the dossier that proves a split.
use std::{fs, path::Path, process::Command};

use domain::purchasing::invoice::LineRule;
use encommun::actions::purchasing::allocations::{self, Account, Overview};
use sea_orm::{ConnectionTrait, Database};
use serde_json::Value;

use crate::support::{TestApp, invoices::line, process, rounds::Trio};

fn population() -> LineRule {
    LineRule::Population {
        series: "municipale".to_owned(),
        year: 2026,
    }
}

/// Two lines, one by population and one equal, after an invoice that left dues.
async fn split(test: &TestApp, trio: &Trio) -> Overview {
    let supplier = test.supplied(trio).await;
    let (app, officer) = (&test.app, &trio.officer);
    let mut last = None;
    for number in ["F-1", "F-2"] {
        let lines = vec![
            line("Abonnement", 100_003, population()),
            line("Formation", 10_001, LineRule::Equal),
        ];
        let invoice = test.invoice(trio, supplier, number, lines);
        let invoice = test.checked(trio, invoice).await.id;
        allocations::allocate(app, officer, invoice, None)
            .await
            .unwrap();
        last = Some(allocations::latest(app, officer, invoice).await.unwrap());
    }
    last.unwrap()
}

fn python(file: &str) -> bool {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verify/verify.py");
    let mut command = Command::new("python3");
    let done = command.arg("-B").arg(script).arg(file).output();
    done.expect("python3 is needed").status.success()
}

/// A file that no other test writes.
fn file(name: &str, bytes: &[u8]) -> String {
    let engine = std::env::var("TEST_ENGINE").unwrap_or_default();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{engine}-{name}"));
    fs::write(&path, bytes).unwrap();
    path.display().to_string()
}

#[tokio::test]
async fn the_dossier_is_the_same_everywhere_and_both_checkers_accept_its_bytes() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let split = split(&test, &trio).await;
    let (id, invoice) = (split.run.id, split.invoice.id);
    let officer = "achats@mel.example";
    let page = format!("/factures/{invoice}/repartition");
    let browser = test.signed_in(officer).await;
    let shown = browser.get(&page).await.expect(200).text();
    assert!(shown.contains(&format!("{page}/dossier")), "{shown}");
    let shown = browser.get(&format!("{page}/dossier")).await.expect(200);
    let program = test.browser().with_token(&test.token(officer).await);
    let sent = format!("/api/v1/allocations/{id}/dossier");
    let sent = program.get(&sent).await.expect(200);
    assert_eq!(shown.body, sent.body);
    let name = sent.headers["content-disposition"].to_str().unwrap();
    assert!(name.contains("dossier-F-2-1.json"), "{name}");

    let path = file("dossier.json", b"");
    let url = &test.database.url;
    let done = process::run(url, &["export", "dossier", &id.to_string(), &path]).await;
    assert!(done.status.success());
    assert_eq!(fs::read(&path).unwrap(), sent.body);
    let verified = process::run(url, &["verify", &path]).await;
    let said = String::from_utf8_lossy(&verified.stderr);
    assert!(verified.status.success(), "{said}");
    assert!(python(&path), "docs/verify/verify.py");

    let whole: Value = serde_json::from_slice(&sent.body).unwrap();
    let source = &whole["sources"]["population municipale 2026"];
    assert_eq!(source["source"], "INSEE");
    assert!(!whole["case"]["carry"].as_object().unwrap().is_empty());
    let mut changed = whole.clone();
    changed["case"]["members"][0]["keys"]["population municipale 2026"] = "1644".into();
    let path = file("dossier-changed.json", changed.to_string().as_bytes());
    let refused = process::run(url, &["verify", &path]).await;
    assert_eq!(refused.status.code(), Some(2));
    assert!(!python(&path), "a changed weight");
}

#[tokio::test]
async fn a_member_reads_where_its_own_cents_come_from_and_no_one_else_s() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let split = split(&test, &trio).await;
    let of = |member| split.statements.iter().find(|s| s.member == member);
    let (own, other) = (of(trio.anstaing).unwrap(), of(trio.madeleine).unwrap());
    let clerk = test.signed_in("mairie@anstaing.example").await;
    let why = format!("/decomptes/{}/pourquoi", own.id);
    let list = clerk.get("/decomptes").await.expect(200).text();
    assert!(list.contains(&why), "{list}");
    let statement = format!("/decomptes/{}", own.id);
    let statement = clerk.get(&statement).await.expect(200).text();
    assert!(
        statement.contains(&format!("{why}?montant=2#pourquoi")),
        "{statement}"
    );
    let all = clerk.get(&why).await.expect(200).text();
    assert!(all.contains("Abonnement, exact") && all.contains("Formation, exact"));
    let one = clerk.get(&format!("{why}?montant=2")).await.expect(200);
    let one = one.text();
    assert!(!one.contains("Abonnement, exact") && one.contains("Formation, exact"));
    clerk.get(&format!("{why}?montant=9")).await.expect(404);
    let not_its_own = format!("/decomptes/{}/pourquoi", other.id);
    clerk.get(&not_its_own).await.expect(404);
    let dossier = format!("/factures/{}/repartition/dossier", split.invoice.id);
    clerk.get(&dossier).await.expect(404);

    let token = test.token("mairie@anstaing.example").await;
    let program = test.browser().with_token(&token);
    let explained = format!("/api/v1/statements/{}/explanation", own.id);
    let parts = program.get(&explained).await.expect(200).json();
    assert_eq!(parts.as_array().unwrap().len(), 3);
    let text = parts[0]["text"].as_str().unwrap();
    assert!(
        text.contains("selon la population municipale 2026"),
        "{text}"
    );
    let line = parts[1]["line"].as_str().unwrap();
    let one = program.get(&format!("{explained}?line={line}")).await;
    assert_eq!(one.expect(200).json().as_array().unwrap().len(), 1);
    let tax = program.get(&format!("{explained}?rate=20")).await;
    assert_eq!(tax.expect(200).json()[0]["rate"], "20");
    program
        .get(&format!("{explained}?rate=x"))
        .await
        .expect(400);
    let other = format!("/api/v1/statements/{}/explanation", other.id);
    program.get(&other).await.expect(404);
    let run = format!("/api/v1/allocations/{}/dossier", split.run.id);
    program.get(&run).await.expect(404);
}

#[tokio::test]
async fn a_statement_says_its_rule_its_weights_and_its_proofs() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let split = split(&test, &trio).await;
    let own = split.statements.iter().find(|s| s.member == trio.anstaing);
    let clerk = test.signed_in("mairie@anstaing.example").await;
    let page = format!("/decomptes/{}", own.unwrap().id);
    let page = clerk.get(&page).await.expect(200).text();
    let page = page.replace(['\u{a0}', '\u{202f}'], " ");
    for said in [
        "Selon la population municipale 2026",
        "1 643 habitants sur 23 433 (INSEE)",
        "1 part sur 2",
        // 1 000.03 € × 1 643 ÷ 23 433, cut after four decimals.
        "70,1168 € →",
        "Annexe : preuves",
        "encommun verify dossier.json",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(page.contains(&split.run.input_sha256) && page.contains(&split.run.output_sha256));
}

/// Runs of before kept neither trace nor sources: they are run again, and say the same cents.
#[tokio::test]
async fn a_run_of_before_is_explained_from_its_case_alone() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let split = split(&test, &trio).await;
    let own = split.statements.iter().find(|s| s.member == trio.anstaing);
    let payer = own.unwrap().payer();
    let before = split.explain(payer).unwrap();
    let db = Database::connect(&test.database.url).await.unwrap();
    let forget = "UPDATE allocation SET record = NULL, sources = NULL";
    assert_eq!(
        db.execute_unprepared(forget).await.unwrap().rows_affected(),
        2
    );
    db.close().await.unwrap();
    let invoice = split.invoice.id;
    let old = allocations::latest(&test.app, &trio.officer, invoice)
        .await
        .unwrap();
    let after = old.explain(payer).unwrap();
    let told = |account: &Account| -> Vec<_> {
        let parts = account.parts.iter();
        parts.map(|part| (part.why.clone(), part.rank)).collect()
    };
    assert_eq!(told(&before), told(&after));
    assert!(old.sources().is_empty() && !split.sources().is_empty());
}

#[tokio::test]
async fn the_operator_reads_it_by_the_number_of_the_statement() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let split = split(&test, &trio).await;
    let own = split.statements.iter().find(|s| s.member == trio.anstaing);
    let number = own.unwrap().number.clone();
    let url = &test.database.url;
    let done = process::run(url, &["explain", &number]).await;
    let said = String::from_utf8(done.stdout).unwrap();
    assert!(done.status.success(), "{said}");
    let said = said.replace(['\u{a0}', '\u{202f}'], " ");
    for words in [
        "Anstaing",
        "1. Abonnement",
        "Part exacte : 70,116898 € →",
        "TVA 20 %",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let one = ["explain", &number, "--line", "2", "--json"];
    let done = process::run(url, &one).await;
    let parts: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(parts.as_array().unwrap().len(), 1);
    let unknown = process::run(url, &["explain", "2026-9999-001"]).await;
    assert_eq!(unknown.status.code(), Some(2));
}

//! Splits: exact, replayable, corrected by another run, taken back by a credit note.
use axum::http::Method;
use domain::{
    allocation::TaxGroup,
    identity::AllocationId,
    money::{Cents, TaxCategory, TaxRate},
    purchasing::invoice::LineRule,
    token::TokenScope,
};
use encommun::actions::{
    Error, audit,
    purchasing::{allocations, invoices, keys},
    tokens,
};
use sea_orm::{ConnectionTrait, Database};
use serde_json::json;

use crate::support::{TestApp, invoices::line};

#[tokio::test]
async fn shares_add_up_and_a_credit_note_takes_each_back() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let (app, officer) = (&test.app, &trio.officer);
    let lines = || vec![line("Étude", 10_001, LineRule::Equal)];
    let invoice = test
        .checked(&trio, test.invoice(&trio, supplier, "F-1", lines()))
        .await;
    let run = allocations::allocate(app, officer, invoice.id, None)
        .await
        .unwrap();
    assert_eq!((run.run, run.total.gross), (1, Cents(12_001)));
    let split = allocations::latest(app, officer, invoice.id).await.unwrap();
    let totals = split.shares.totals().unwrap();
    let sum: i64 = totals.values().map(|total| total.gross.0).sum();
    assert_eq!(sum, 12_001);

    let mut credit = test.invoice(
        &trio,
        supplier,
        "A-1",
        vec![line("Étude", -10_001, LineRule::Equal)],
    );
    credit.credited = Some(invoice.id);
    let credit = test.checked(&trio, credit).await;
    allocations::allocate(app, officer, credit.id, None)
        .await
        .unwrap();
    let back = allocations::latest(app, officer, credit.id).await.unwrap();
    let back = back.shares.totals().unwrap();
    for (member, total) in totals {
        assert_eq!(back[&member].gross.0, -total.gross.0);
    }
}

#[tokio::test]
async fn a_correction_is_a_new_run_with_a_motive() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let (app, officer) = (&test.app, &trio.officer);
    let new = test.invoice(
        &trio,
        supplier,
        "F-1",
        vec![line("Étude", 10_000, LineRule::Equal)],
    );
    let invoice = invoices::record(app, officer, new).await.unwrap();
    let early = allocations::allocate(app, officer, invoice.id, None).await;
    assert!(matches!(early, Err(Error::Refused(r)) if r.code() == "invoice.not-allowed"));
    invoices::check(app, officer, invoice.id).await.unwrap();
    let first = allocations::allocate(app, officer, invoice.id, None)
        .await
        .unwrap();
    let silent = allocations::allocate(app, officer, invoice.id, None).await;
    assert!(matches!(silent, Err(Error::Refused(r)) if r.code() == "invoice.motive-needed"));
    let motive = Some("Une commune de plus".to_owned());
    let second = allocations::allocate(app, officer, invoice.id, motive)
        .await
        .unwrap();
    assert_eq!(second.run, 2);
    // Nothing that was handed out is mutated: the first run is still there, byte for byte.
    let kept = allocations::overview(app, officer, first.id).await.unwrap();
    assert_eq!(kept.run, first);
    assert!(!kept.is_latest());
    let refused = allocations::allocate(app, &trio.clerk, invoice.id, None).await;
    assert!(matches!(refused, Err(Error::NotFound)));
}

#[tokio::test]
async fn a_program_records_checks_splits_and_reads_the_shares() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let token = tokens::NewToken {
        name: "Programme".to_owned(),
        scope: TokenScope::Write,
        expires_at: None,
    };
    let token = tokens::create(&test.app, &trio.officer, token)
        .await
        .unwrap();
    let api = test.browser().with_token(&token.secret);
    let keys = format!("/api/v1/groupings/{}/keys", trio.grouping);
    let key = json!({"name": "Surfaces", "unit": "m²", "source": "Relevé 2026", "dated_on": "2026-01-01",
        "values": {trio.anstaing.to_string(): "1.5", trio.madeleine.to_string(): "2"}});
    let key = api
        .json(Method::POST, &keys, &[], &key)
        .await
        .expect(201)
        .json();
    let body = json!({
        "grouping": trio.grouping, "supplier": supplier, "kind": "invoice", "number": "F-9", "title": "Nettoyage",
        "issued_on": "2026-08-30", "received_on": "2026-09-01", "net": "100.00", "vat": "20.00", "gross": "120.00",
        "lines": [{"label": "Nettoyage", "net": "100.00", "vat_rate": "20", "rule": "key", "key": key["id"]}],
        "vat_totals": [{"category": "S", "rate": "20", "amount": "20.00"}],
    });
    let made = api
        .json(Method::POST, "/api/v1/invoices", &[], &body)
        .await
        .expect(201)
        .json();
    assert_eq!(
        (&made["due_on"], &made["check"]["exact"]),
        (&json!("2026-10-01"), &json!(true))
    );
    let here = format!("/api/v1/invoices/{}", made["id"].as_str().unwrap());
    let mut wrong = body.clone();
    wrong["lines"][0]["net"] = json!("1e2");
    let refused = api
        .json(Method::POST, "/api/v1/invoices", &[], &wrong)
        .await
        .expect(422);
    assert_eq!(refused.json()["errors"][0]["field"], "lines.0.net");
    api.json(Method::PUT, &here, &[], &body).await.expect(428);
    api.json(Method::POST, &format!("{here}/check"), &[], &json!({}))
        .await
        .expect(200);
    let run = api
        .json(
            Method::POST,
            &format!("{here}/allocations"),
            &[],
            &json!({}),
        )
        .await
        .expect(201)
        .json();
    let id: AllocationId = run["id"].as_str().unwrap().parse().unwrap();
    let shares = api
        .get(&format!("/api/v1/allocations/{id}/shares"))
        .await
        .expect(200)
        .json();
    let nets: Vec<_> = shares["shares"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["net"].clone())
        .collect();
    // 100.00 by 1.5 and 2: 42.857142… and 57.142857….
    assert_eq!(nets, [json!("42.86"), json!("57.14")]);
    let why = format!(
        "/api/v1/allocations/{id}/members/{}/explanation",
        trio.anstaing
    );
    let why = api.get(&why).await.expect(200).json();
    assert_eq!(
        (&why[0]["exact"], &why[0]["reason"]),
        (&json!("42.857142"), &json!("RANK"))
    );
    let list = api
        .get("/api/v1/invoices?state=allocated")
        .await
        .expect(200)
        .json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
}

/// Two equal communes, one cent left each time: it goes to each in turn, from the ledger.
#[tokio::test]
async fn the_cent_left_goes_to_another_member_at_the_next_invoice() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let (app, officer) = (&test.app, &trio.officer);
    let exempt = |number: &str, cents: i64| {
        let mut new = test.invoice(
            &trio,
            supplier,
            number,
            vec![line("Étude", cents, LineRule::Equal)],
        );
        let rate = TaxRate::from_basis_points(0).unwrap();
        let group = TaxGroup::new(TaxCategory::Vat, rate);
        new.lines[0].tax = group;
        new.taxes.clear();
        new.printed.tax = Cents(0);
        new.printed.gross = Cents(cents);
        new
    };
    let mut turns = Vec::new();
    for number in ["F-1", "F-2", "F-3", "F-4"] {
        let invoice = test.checked(&trio, exempt(number, 101)).await;
        let run = allocations::allocate(app, officer, invoice.id, None).await;
        assert!(run.unwrap().record.is_some());
        let split = allocations::latest(app, officer, invoice.id).await.unwrap();
        let one = |member| split.debtors.iter().find(|d| d.payer.member == member);
        turns.push(one(trio.anstaing).unwrap().total.net.0);
        assert_eq!(audited(&test).await, Vec::<String>::new());
    }
    turns.sort_unstable();
    assert_eq!(turns, [50, 50, 51, 51]);

    // What corrects a run starts from where that run started: the same cents.
    let invoice = test.checked(&trio, exempt("F-5", 101)).await;
    let first = allocations::allocate(app, officer, invoice.id, None)
        .await
        .unwrap();
    let motive = Some("Vérification".to_owned());
    let again = allocations::allocate(app, officer, invoice.id, motive)
        .await
        .unwrap();
    assert_eq!(
        (&first.inputs, &first.output_sha256),
        (&again.inputs, &again.output_sha256)
    );
    assert_eq!(audited(&test).await, Vec::<String>::new());

    // Its credit note leaves the ledger as it was before: the next invoice has the same cents.
    let mut credit = exempt("A-5", -101);
    credit.credited = Some(invoice.id);
    let credit = test.checked(&trio, credit).await;
    allocations::allocate(app, officer, credit.id, None)
        .await
        .unwrap();
    assert_eq!(audited(&test).await, Vec::<String>::new());
    let next = test.checked(&trio, exempt("F-6", 101)).await;
    let next = allocations::allocate(app, officer, next.id, None)
        .await
        .unwrap();
    assert_eq!(next.output_sha256, again.output_sha256);
}

async fn audited(test: &TestApp) -> Vec<String> {
    let checks = audit::run(&test.app, |_| {}).await.unwrap();
    checks.into_iter().flat_map(|check| check.faults).collect()
}

#[tokio::test]
async fn a_changed_ledger_is_found_by_the_audit() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let new = test.invoice(
        &trio,
        supplier,
        "F-1",
        vec![line("Étude", 10_001, LineRule::Equal)],
    );
    let invoice = test.checked(&trio, new).await;
    allocations::allocate(&test.app, &trio.officer, invoice.id, None)
        .await
        .unwrap();
    let db = Database::connect(&test.database.url).await.unwrap();
    let emptied = db.execute_unprepared("UPDATE carry SET dues = '{}'").await;
    assert_eq!(emptied.unwrap().rows_affected(), 1);
    db.close().await.unwrap();
    let found = audited(&test).await;
    assert!(
        found.iter().any(|f| f.ends_with("differs from its runs")),
        "{found:?}"
    );
}

/// A key that changes afterwards does not change what an old split says.
#[tokio::test]
async fn a_run_keeps_where_its_figures_came_from() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let (app, officer) = (&test.app, &trio.officer);
    let input = |source: &str| keys::KeyInput {
        name: "Surfaces".to_owned(),
        unit: "m²".to_owned(),
        source: source.to_owned(),
        dated_on: "2026-01-01".parse().unwrap(),
        values: [(trio.anstaing, 12.into()), (trio.madeleine, 30.into())].into(),
    };
    let key = keys::create(app, officer, trio.grouping, input("Relevé"))
        .await
        .unwrap();
    let lines = vec![
        line("Nettoyage", 10_001, LineRule::Key(key.id)),
        line(
            "Étude",
            10_001,
            LineRule::Population {
                series: "municipale".to_owned(),
                year: 2026,
            },
        ),
    ];
    let invoice = test
        .checked(&trio, test.invoice(&trio, supplier, "F-1", lines))
        .await;
    allocations::allocate(app, officer, invoice.id, None)
        .await
        .unwrap();
    keys::update(app, officer, key.id, Some(key.version), input("Cadastre"))
        .await
        .unwrap();
    let split = allocations::latest(app, officer, invoice.id).await.unwrap();
    let sources = split.run.sources.unwrap();
    let known = |name: &str| sources[name].source.clone().unwrap();
    assert_eq!(known("key Surfaces v0"), "Relevé");
    assert_eq!(known("population municipale 2026"), "INSEE");
}

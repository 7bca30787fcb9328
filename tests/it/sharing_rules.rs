//! Sharing rules: drafted by page and API, tried, adopted once, chosen, and used to the cent.
use axum::http::Method;
use domain::{
    identity::{RuleId, SupplierId},
    money::Cents,
    permission::Role,
    purchasing::invoice::LineRule,
};
use encommun::actions::purchasing::{allocations, invoices};
use serde_json::{Value, json};

use crate::{
    accessibility::assert_accessible,
    browser::serve,
    support::{TestApp, contracts::program, invoices::line, rounds::Trio},
};

const OFFICER: &str = "achats@mel.example";

fn mixed() -> Value {
    json!({"kind": "mix", "parts": [
        {"percent": "30", "rule": {"kind": "equal"}},
        {"percent": "70", "rule": {"kind": "proportional", "key": "population:municipale:latest"}}
    ]})
}

fn body(name: &str, formula: Value) -> Value {
    json!({"name": name, "applies_from": "2026-01-01", "article": "article 7",
        "deliberations": "Délibération n° 2026-12 du 3 mars 2026", "vat_policy": "exact",
        "formula": formula})
}

/// What each member of the trio pays of the only line, Anstaing first.
async fn shares(
    test: &TestApp,
    (trio, supplier): (&Trio, SupplierId),
    number: &str,
    rule: Option<LineRule>,
) -> [Cents; 2] {
    let mut one = line("Abonnement", 1_000_000, LineRule::Equal);
    one.rule = rule;
    let new = test.invoice(trio, supplier, number, vec![one]);
    let invoice = test.checked(trio, new).await;
    let run = allocations::allocate(&test.app, &trio.officer, invoice.id, None)
        .await
        .unwrap();
    let seen = allocations::overview(&test.app, &trio.officer, run.id)
        .await
        .unwrap();
    [trio.anstaing, trio.madeleine].map(|member| {
        let share = seen.shares.lines.iter().find(|s| s.member == member);
        share.map_or(Cents::ZERO, |share| share.net)
    })
}

/// 1 990.80 and 28 hundredths of a cent, which come to a whole one every few invoices.
fn is_general([anstaing, madeleine]: [Cents; 2]) -> bool {
    let whole = anstaing.0 + madeleine.0 == 1_000_000;
    whole && (199_080..=199_081).contains(&anstaing.0)
}

#[tokio::test]
async fn a_rule_is_drafted_tried_adopted_chosen_then_it_splits() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    let supplier = test.supplied(&trio).await;
    let api = program(&test, &trio.officer).await;
    let rules = format!("/api/v1/groupings/{}/rules", trio.grouping);
    let post = |path: String, body: Value| {
        let api = &api;
        async move { api.json(Method::POST, &path, &[], &body).await }
    };
    let typed = json!({"formula": mixed(), "amount": "10000.00"});
    let tried = post(format!("{rules}/try"), typed).await.expect(200).json();
    // 1 500 each, then 7 000 × 1 643 / 23 433 = 490.80…
    assert_eq!(tried["shares"][0]["share"], "1990.80");
    assert_eq!(tried["shares"][1]["share"], "8009.20");

    let made = post(rules.clone(), body("Clé générale", mixed())).await;
    let made = made.expect(201).json();
    let here = format!("/api/v1/rules/{}", made["id"].as_str().unwrap());
    assert_eq!(made["state"], "draft");
    let id = made["id"].as_str().unwrap().parse().unwrap();
    let rule = LineRule::Rule(RuleId(id));
    let new = test.invoice(
        &trio,
        supplier,
        "F-0",
        vec![line("Trop tôt", 100, rule.clone())],
    );
    let early = invoices::record(&test.app, &trio.officer, new).await;
    assert!(early.is_err(), "a draft splits nothing");

    post(format!("{here}/adopt"), json!({})).await.expect(200);
    let frozen = api
        .json(
            Method::PUT,
            &here,
            &[("If-Match", "*")],
            &body("Autre", mixed()),
        )
        .await
        .expect(409)
        .json();
    assert_eq!(
        frozen["type"].as_str().unwrap().rsplit('/').next(),
        Some("sharing-rule.not-allowed")
    );
    assert_eq!(
        shares(&test, (&trio, supplier), "F-1", Some(rule)).await,
        [Cents(199_080), Cents(800_920)]
    );

    let choices = format!("/api/v1/groupings/{}/rule-choices", trio.grouping);
    let chosen = json!({"choices": {"grouping": made["series"]}});
    api.json(Method::PUT, &choices, &[], &chosen)
        .await
        .expect(200);
    assert!(is_general(
        shares(&test, (&trio, supplier), "F-2", None).await
    ));

    // An amendment applies from its own day on, to the invoices of that day and after.
    let mut next = body("Clé générale", json!({"kind": "equal"}));
    next["applies_from"] = json!("2026-06-01");
    let amended = post(format!("{here}/amend"), next.clone())
        .await
        .expect(201)
        .json();
    assert_eq!(amended["number"], 2);
    post(format!("{here}/amend"), next).await.expect(409);
    let second = format!("/api/v1/rules/{}", amended["id"].as_str().unwrap());
    assert!(is_general(
        shares(&test, (&trio, supplier), "F-3", None).await
    ));
    post(format!("{second}/adopt"), json!({})).await.expect(200);
    assert_eq!(
        shares(&test, (&trio, supplier), "F-4", None).await,
        [Cents(500_000), Cents(500_000)]
    );
    post(format!("{second}/withdraw"), json!({}))
        .await
        .expect(200);
    assert!(is_general(
        shares(&test, (&trio, supplier), "F-5", None).await
    ));
    post(format!("{second}/restore"), json!({}))
        .await
        .expect(200);
}

#[tokio::test]
async fn a_formula_that_cannot_be_is_refused_at_its_place() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    test.supplied(&trio).await;
    let api = program(&test, &trio.officer).await;
    let rules = format!("/api/v1/groupings/{}/rules", trio.grouping);
    let refused = |formula: Value, status: u16| {
        let (api, rules) = (&api, &rules);
        async move {
            let body = body("Essai", formula);
            let sent = api.json(Method::POST, rules, &[], &body).await;
            sent.expect(status).json()
        }
    };
    let spelt = refused(json!({"kind": "mix", "parts": [{"percent": 30}]}), 422).await;
    assert_eq!(spelt["errors"][0]["field"], "formula.parts.0.percent");
    let source = refused(json!({"kind": "proportional", "key": "habitants"}), 409).await;
    assert!(
        source["detail"]
            .as_str()
            .unwrap()
            .contains("«\u{a0}habitants\u{a0}»"),
        "{source}"
    );
    let parts = json!([{"percent": "30", "rule": {"kind": "equal"}},
        {"percent": "60", "rule": {"kind": "equal"}}]);
    let sum = refused(json!({"kind": "mix", "parts": parts}), 409).await;
    assert!(sum["detail"].as_str().unwrap().contains("90"), "{sum}");
    let stranger = json!({"kind": "percent", "percents": {trio.epci.to_string(): "100"}});
    refused(stranger, 409).await;
    // Too much for the amount that it is checked on, not for a large invoice.
    let floors = json!({"kind": "clamp", "rule": {"kind": "equal"}, "floor": "9000000.00"});
    refused(floors, 201).await;
}

#[tokio::test]
async fn an_officer_writes_a_rule_without_json_and_sees_its_shares() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    test.supplied(&trio).await;
    let officer = test.signed_in(OFFICER).await;
    let rules = format!("/groupements/{}/regles", trio.grouping);
    let empty = officer.get(&rules).await.expect(200).text();
    assert!(empty.contains("Aucune règle de répartition"), "{empty}");
    officer.get(&format!("{rules}/nouvelle")).await.expect(200);
    let mut fields = vec![
        ("operation", "une-fois"),
        ("nom", "Clé générale"),
        ("forme", "mix"),
        ("part_1", "30"),
        ("selon_1", "equal"),
        ("part_2", "60"),
        ("selon_2", "population:municipale:latest"),
        ("a_partir_du", "01/01/2026"),
        ("deliberations", "Délibération n° 2026-12 du 3 mars 2026"),
        ("tva", "exact"),
        ("montant", "10 000"),
    ];
    let essai = format!("{rules}/essai");
    let trial = officer.post(&essai, &fields).await.expect(200).text();
    assert!(trial.contains("les pourcentages font 90"), "{trial}");
    assert!(!trial.contains("<html"), "a fragment");
    fields[5].1 = "soixante-dix";
    let refused = officer.post(&rules, &fields).await.expect(422).text();
    assert!(
        refused.contains("Part\u{a0}: «\u{a0}soixante-dix\u{a0}»"),
        "{refused}"
    );
    fields[5].1 = "70";
    let trial = officer.post(&essai, &fields).await.expect(200).text();
    for told in [
        "30\u{202f}% à parts égales, 70\u{202f}% selon la population municipale la plus récente",
        "1\u{202f}990,80",
        "8\u{202f}009,20",
        "19,91",
        "0,37",
    ] {
        assert!(trial.contains(told), "{told} is not in {trial}");
    }
    let here = officer
        .post(&rules, &fields)
        .await
        .expect(303)
        .location
        .unwrap();
    let page = officer.get(&here).await.expect(200).text();
    assert!(
        page.contains("Projet") && page.contains("Mettre en vigueur"),
        "{page}"
    );
    let form = officer
        .get(&format!("{here}/modifier"))
        .await
        .expect(200)
        .text();
    assert!(form.contains("name=\"part_2\" value=\"70\""), "{form}");

    let mut bounded = fields.clone();
    bounded[0].1 = "borner";
    bounded.extend([
        ("avec_bornes", "oui"),
        ("plancher", "2 500,00"),
        ("version", "0"),
    ]);
    officer
        .post(&format!("{here}/modifier"), &bounded)
        .await
        .expect(303);
    let page = officer.get(&here).await.expect(200).text();
    assert!(page.contains("au moins 2\u{202f}500,00"), "{page}");
    let turn = [
        ("operation", "adopter"),
        ("version", "1"),
        ("geste", "adopter"),
    ];
    officer.post(&here, &turn).await.expect(303);
    officer.get(&format!("{here}/modifier")).await.expect(409);
    let list = officer.get(&rules).await.expect(200).text();
    assert!(list.contains("En vigueur"), "{list}");
    let champs = format!("{rules}/champs");
    officer.get(&champs).await.expect(200);

    let base = serve(test.router.clone()).await;
    let paths = [
        rules.clone(),
        here.clone(),
        champs,
        format!("{here}/version"),
        format!("{rules}/nouvelle"),
    ];
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    assert_accessible(&base, Some(&officer.cookie_header()), &paths).await;
}

#[tokio::test]
async fn rules_are_the_coordinator_s_and_only_those_who_split_change_them() {
    let test = TestApp::new().await;
    let trio = test.trio().await;
    test.supplied(&trio).await;
    let accountant = "comptable@mel.example";
    test.user(accountant, &[(trio.epci, Role::Accountant)])
        .await;
    let api = program(&test, &trio.officer).await;
    let path = format!("/api/v1/groupings/{}/rules", trio.grouping);
    let made = api
        .json(Method::POST, &path, &[], &body("Clé", mixed()))
        .await;
    let id = made.expect(201).json()["id"].as_str().unwrap().to_owned();
    let rules = format!("/groupements/{}/regles", trio.grouping);
    let here = format!("{rules}/{id}");
    let reader = test.signed_in(accountant).await;
    let page = reader.get(&here).await.expect(200).text();
    assert!(!page.contains("Mettre en vigueur"), "{page}");
    reader.get(&format!("{rules}/nouvelle")).await.expect(403);
    reader.post(&rules, &[]).await.expect(403);
    reader
        .post(&here, &[("geste", "adopter")])
        .await
        .expect(403);
    let clerk = test.signed_in("mairie@anstaing.example").await;
    for path in [rules.clone(), here.clone(), format!("{here}/modifier")] {
        clerk.get(&path).await.expect(404);
    }
    clerk.post(&here, &[("geste", "adopter")]).await.expect(404);
}

//! Public cases through `tree-1`, with the exact answer.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what a test needs may panic"
)]

use serde_json::{Value, json};

mod asked;

use asked::{euros, members, one_line, refused, shared, shares};

/// Every public case but V081, whose weights are fractions: it is a test of the kernel.
fn all_vectors() -> Vec<Value> {
    let files = [
        include_str!("vectors/allocation.json"),
        include_str!("vectors/allocation-complete.json"),
    ];
    let mut all = Vec::new();
    for file in files {
        let file: Value = serde_json::from_str(file).unwrap();
        all.extend(file["vectors"].as_array().unwrap().iter().cloned());
    }
    all.retain(|vector| vector["id"] != "V081");
    all
}

fn vectors(kind: &str) -> Vec<Value> {
    let mut all = all_vectors();
    all.retain(|vector| vector["kind"] == kind);
    assert!(!all.is_empty(), "{kind}");
    all
}

fn vector(id: &str) -> Value {
    all_vectors()
        .into_iter()
        .find(|vector| vector["id"] == id)
        .unwrap()
}

#[test]
fn every_public_case_gets_its_exact_answer() {
    for vector in vectors("allocate-1d") {
        let weights: Vec<String> = serde_json::from_value(vector["weights"].clone()).unwrap();
        let rule = json!({"kind": "proportional", "key": "key"});
        let case = one_line(vector["total_minor"].as_i64().unwrap(), &weights, &rule);
        let expected: Vec<i64> =
            serde_json::from_value(vector["hamilton_expected"].clone()).unwrap();
        let found = shares(&shared(&case), "L1", weights.len());
        assert_eq!(found, expected, "{}: {}", vector["id"], vector["source"]);
    }
}

#[test]
fn what_exceeds_the_caps_is_refused_and_never_dropped() {
    for vector in vectors("allocate-caps") {
        let caps: Vec<i64> = serde_json::from_value(vector["caps"].clone()).unwrap();
        let weights: Vec<i64> = serde_json::from_value(vector["weights"].clone()).unwrap();
        let weights: Vec<String> = weights.iter().map(i64::to_string).collect();
        let bounds = caps.iter().enumerate();
        let bounds: Value = bounds
            .map(|(i, cap)| (format!("{i:04}"), euros(*cap)))
            .collect();
        let inner = json!({"kind": "proportional", "key": "key"});
        let rule = json!({"kind": "clamp", "rule": inner, "caps": bounds});
        let case = one_line(vector["total_minor"].as_i64().unwrap(), &weights, &rule);
        match serde_json::from_value::<Vec<i64>>(vector["ours"].clone()) {
            Ok(ours) => assert_eq!(shares(&shared(&case), "L1", ours.len()), ours),
            Err(_) => assert_eq!(refused(&case), "rule.caps-too-low", "{}", vector["id"]),
        }
    }
}

#[test]
fn a_discount_for_one_member_leaves_the_tax_of_the_others_alone() {
    let vector = vectors("mixed-sign").remove(0);
    let line = |id: &str, net: &str, member: &str| json!({"id": id, "net": net, "vat_rate": "20", "members": [member]});
    let outcome = shared(&json!({
        "members": [{"id": "A"}, {"id": "B"}], "rule": {"kind": "equal"},
        "lines": [line("L1", "1000.00", "A"), line("L2", "-1000.00", "B")],
        "vat": [{"rate": "20.00", "amount": "0.00"}],
    }));
    for member in ["A", "B"] {
        let expected = vector["expected_vat"][member].as_str().unwrap();
        assert_eq!(outcome.members[member].tax.to_string(), expected);
    }
}

#[test]
fn a_line_and_its_credit_leave_nothing_behind() {
    let rule = json!({"kind": "equal"});
    let mut case = one_line(100, &["1".into(), "1".into(), "1".into()], &rule);
    case["lines"] = json!([{"id": "L1", "net": "1.00"}, {"id": "L2", "net": "-1.00"}]);
    let outcome = shared(&case);
    assert!(
        outcome
            .members
            .values()
            .all(|totals| totals.gross.is_zero())
    );
}

/// V115: under `printed` no gross can be within a cent; under `exact` each one is.
#[test]
fn ten_equal_communes_are_within_a_cent_or_within_two() {
    let vector = vector("V115");
    let weights = vec!["1".to_owned(); 10];
    let mut case = one_line(55, &weights, &json!({"kind": "equal"}));
    case["lines"][0]["vat_rate"] = json!("20");
    case["vat"] = json!([{"rate": "20", "amount": vector["vat"]}]);
    let exact = shared(&case);
    assert!(
        exact
            .members
            .values()
            .all(|totals| (6..=7).contains(&totals.gross.0))
    );
    case["vat_policy"] = json!("printed");
    let printed = shared(&case);
    assert_eq!(printed.total.tax.0, 11);
}

/// V114: a table whose rows and columns are whole is rounded to those very sums.
#[test]
fn whole_columns_are_kept_to_the_cent() {
    let vector = vector("V114");
    let table: Vec<Vec<String>> = serde_json::from_value(vector["x"].clone()).unwrap();
    let totals: Vec<i64> = serde_json::from_value(vector["row_totals"].clone()).unwrap();
    let member = |index: usize| {
        let keys = table.iter().enumerate();
        let keys: Value = keys
            .map(|(row, x)| (format!("k{row}"), x[index].clone()))
            .collect();
        json!({"id": format!("{index:04}"), "keys": keys})
    };
    let lines = totals.iter().enumerate().map(|(row, total)| {
        let rule = json!({"kind": "proportional", "key": format!("k{row}")});
        json!({"id": format!("L{row}"), "net": euros(*total), "rule": rule})
    });
    let outcome = shared(&json!({
        "members": [member(0), member(1), member(2)], "lines": lines.collect::<Value>(),
    }));
    let columns: Vec<i64> = serde_json::from_value(vector["col_totals"].clone()).unwrap();
    let found: Vec<i64> = outcome
        .members
        .values()
        .map(|totals| totals.net.0)
        .collect();
    assert_eq!(found, columns);
}

/// V109 to V112: what the supplier printed is what is shared, whatever a computation gives.
#[test]
fn the_printed_tax_is_shared_and_never_recomputed() {
    for (net, rate, printed) in [
        ("293.78", "23", "67.57"),
        ("36.00", "5.5", "1.98"),
        ("19935.66", "15", "2990.34"),
        ("-7612.50", "19", "-1446.38"),
    ] {
        for policy in ["exact", "printed"] {
            let case = json!({
                "vat_policy": policy,
                "members": members(&["3".into(), "2".into(), "2".into()]),
                "rule": {"kind": "proportional", "key": "key"},
                "lines": [{"id": "L1", "net": net, "vat_rate": rate}],
                "vat": [{"rate": rate, "amount": printed}],
            });
            assert_eq!(shared(&case).total.tax.to_string(), printed);
        }
    }
}

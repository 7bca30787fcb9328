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

/// A released algorithm is frozen: these very bytes replay for ever.
#[test]
fn the_bytes_of_the_complete_algorithm_are_frozen() {
    let mix = json!({"kind": "mix", "parts": [
        {"percent": "30", "rule": {"kind": "equal"}},
        {"percent": "70", "rule": {"kind": "proportional", "key": "key"}},
    ]});
    let clamp = json!({"kind": "clamp", "floor": "12.00", "cap": "310.50",
                       "rule": {"kind": "proportional", "key": "key"}});
    let fees =
        json!({"kind": "percent_of", "lines": ["L1", "L2"], "percent": "2.5", "min": "1.00"});
    let weights: Vec<String> = (1..=23)
        .map(|n| format!("{}.{}", n * n * 17, n % 7))
        .collect();
    for (policy, input, output) in [
        ("exact", EXACT[0], EXACT[1]),
        ("printed", PRINTED[0], PRINTED[1]),
    ] {
        let outcome = shared(&json!({
            "vat_policy": policy,
            "members": members(&weights),
            "rule": {"kind": "proportional", "key": "key"},
            "lines": [
                {"id": "L1", "lot": "1", "net": "3124.57", "vat_rate": "20", "rule": mix},
                {"id": "L2", "lot": "1", "net": "1000.01", "vat_rate": "20", "rule": clamp},
                {"id": "L3", "lot": "2", "net": "-77.77", "vat_rate": "5.5"},
                {"id": "L4", "lot": "2", "net": "991.13", "vat_rate": "5.5", "members": ["0003", "0004", "0011"]},
                {"id": "L5", "charge": fees},
            ],
            "vat": [{"rate": "20", "amount": "824.92"}, {"rate": "5.5", "amount": "50.23"}],
            "carry": {"0002": "2/7", "0009": "-2/7"},
        }));
        let found = [
            outcome.input_sha256.as_str(),
            outcome.output_sha256.as_str(),
        ];
        assert_eq!(found, [input, output], "{policy}");
    }
}

const EXACT: [&str; 2] = [
    "dbbcf727571f85b4a7af3b0405afc74a96e8f016cbd53e05b190eaa8c3f108be",
    "775412c5dc6a2af5741a4282cd1b172429a3dfb05b30165f6e39eeecc76e6769",
];
const PRINTED: [&str; 2] = [
    "d693643891dc0c0fa99b1b8b42bf64d5048bf080edeecfabc539809fb491cc1e",
    "ef1773e0aa3534d5c6d7bbdc509ebf3e1c6164246a5b83e4d7b71c2a9afb7323",
];

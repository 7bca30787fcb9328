//! What each rule and tariff gives, what they refuse, and the bytes that must never change.
#![expect(clippy::unwrap_used, reason = "what a test needs may panic")]

use serde_json::{Value, json};

mod asked;

use asked::{members, one_line, read, refused, shared, shares};

/// A line of 100.00 between members of keys 1, 2 and 7.
#[test]
fn each_rule_gives_its_shares() {
    let weights = ["1", "2", "7"].map(str::to_owned);
    let key = json!({"kind": "proportional", "key": "key"});
    let bands = |mode: &str| {
        json!({"kind": "bands", "key": "key", "mode": mode, "bands": [
            {"up_to": "2", "value": "1"}, {"value": "2"}]})
    };
    for (rule, expected) in [
        (json!({"kind": "equal"}), [3_334, 3_333, 3_333]),
        (key.clone(), [1_000, 2_000, 7_000]),
        (
            json!({"kind": "product", "factors": [{"key": "key"}, {"key": "key"}]}),
            [185, 741, 9_074],
        ),
        (
            json!({"kind": "product", "factors": [{"key": "key", "inverse": true}]}),
            [6_087, 3_043, 870],
        ),
        (
            json!({"kind": "percent", "percents": {"0000": "33.33", "0001": "66.67"}}),
            [3_333, 6_667, 0],
        ),
        (
            json!({"kind": "percent", "percents": {"0000": "1", "0002": "2"}, "normalise": true}),
            [3_333, 0, 6_667],
        ),
        (bands("flat"), [2_500, 2_500, 5_000]),
        (bands("slab"), [588, 1_177, 8_235]),
        (bands("marginal"), [667, 1_333, 8_000]),
        (
            json!({"kind": "coefficient", "rule": key, "coefficients": {"0001": "1.5"}}),
            [909, 2_727, 6_364],
        ),
        (
            json!({"kind": "mix", "parts": [
            {"percent": "30", "rule": {"kind": "equal"}}, {"percent": "70", "rule": key}]}),
            [1_700, 2_400, 5_900],
        ),
        (
            json!({"kind": "first", "each": "10.00", "then": key}),
            [1_700, 2_400, 5_900],
        ),
        (
            json!({"kind": "first", "amounts": {"0002": "40.00"}, "then": key}),
            [600, 1_200, 8_200],
        ),
        (
            json!({"kind": "clamp", "rule": key, "floor": "15.00", "cap": "60.00"}),
            [1_500, 2_500, 6_000],
        ),
        (
            json!({"kind": "direct", "amounts": {"0000": "120.00", "0001": "-20.00"}}),
            [12_000, -2_000, 0],
        ),
    ] {
        let case = one_line(10_000, &weights, &rule);
        assert_eq!(shares(&shared(&case), "L1", 3), expected, "{rule}");
        assert_eq!(
            serde_json::to_value(&read(&case).lines[0].rule).unwrap()["kind"],
            rule["kind"]
        );
    }
}

#[test]
fn a_rule_that_cannot_be_served_is_refused_by_name() {
    let weights = ["1", "2", "0"].map(str::to_owned);
    let key = json!({"kind": "proportional", "key": "key"});
    let clamp = |bound: &str, amount: &str| {
        let mut rule = json!({"kind": "clamp", "rule": key});
        rule[bound] = json!(amount);
        rule
    };
    for (rule, code) in [
        (
            json!({"kind": "percent", "percents": {"0000": "99.99"}}),
            "rule.percent-sum",
        ),
        (
            json!({"kind": "percent", "percents": {"0000": "100", "X": "0"}}),
            "rule.no-such-member",
        ),
        (
            json!({"kind": "percent", "percents": {"0000": "110", "0001": "-10"}}),
            "rule.negative-figure",
        ),
        (
            json!({"kind": "product", "factors": [{"key": "key", "inverse": true}]}),
            "rule.zero-inverse",
        ),
        (
            json!({"kind": "product", "factors": [{"key": "none"}]}),
            "allocation.missing-key",
        ),
        (
            json!({"kind": "bands", "key": "key", "mode": "flat", "bands": []}),
            "rule.bad-bands",
        ),
        (
            json!({"kind": "mix", "parts": [{"percent": "99", "rule": key}]}),
            "rule.percent-sum",
        ),
        (
            json!({"kind": "coefficient", "coefficients": {}, "rule": {"kind": "direct", "amounts": {}}}),
            "rule.not-a-weight-rule",
        ),
        (
            json!({"kind": "first", "each": "40.00", "then": key}),
            "rule.fixed-too-high",
        ),
        (
            json!({"kind": "first", "each": "-1.00", "then": key}),
            "rule.negative-amount",
        ),
        (clamp("floor", "33.34"), "rule.floors-too-high"),
        (clamp("cap", "10.00"), "rule.caps-too-low"),
        (
            json!({"kind": "clamp", "rule": key, "floor": "5.00", "caps": {"0000": "4.00"}}),
            "rule.floor-above-cap",
        ),
        (
            json!({"kind": "direct", "amounts": {"0000": "99.99"}}),
            "rule.direct-gap",
        ),
        (
            json!({"kind": "proportional", "key": "zero"}),
            "allocation.no-weight",
        ),
    ] {
        let mut case = one_line(10_000, &weights, &rule);
        for member in case["members"].as_array_mut().unwrap() {
            member["keys"]["zero"] = json!("0");
        }
        assert_eq!(refused(&case), code, "{rule}");
    }
    let mut case = one_line(
        10_000,
        &weights,
        &json!({"kind": "direct", "amounts": {"0002": "100.00"}}),
    );
    case["lines"][0]["members"] = json!(["0000", "0001"]);
    assert_eq!(refused(&case), "rule.stranger");
    let mut case = one_line(100, &weights, &key);
    case["carry"] = json!({"X": "1/2"});
    assert_eq!(refused(&case), "allocation.unknown-due");
}

#[test]
fn tariffs_are_computed_by_member_and_make_their_line() {
    let charge = |id: &str, charge: Value| json!({"id": id, "charge": charge});
    let case = json!({
        "members": members(&["10".into(), "25.5".into(), "0".into()]),
        "lines": [
            {"id": "L1", "net": "100.00", "rule": {"kind": "proportional", "key": "key"}},
            charge("A", json!({"kind": "per_unit", "key": "key", "rate": "1.1"})),
            charge("B", json!({"kind": "flat", "amount": "50.00"})),
            charge("C", json!({"kind": "bands", "key": "key", "mode": "slab",
                "bands": [{"up_to": "10", "value": "2"}, {"value": "1.5"}]})),
            charge("D", json!({"kind": "percent_of", "lines": ["L1", "E"], "percent": "2.5", "min": "1.00"})),
            charge("E", json!({"kind": "percent_of", "lines": ["L1"], "percent": "10", "cap": "5.00"})),
        ],
    });
    let outcome = shared(&case);
    for (line, expected) in [
        ("A", [1_100, 2_805, 0]),
        ("B", [5_000, 5_000, 5_000]),
        ("C", [2_000, 3_825, 0]),
        ("E", [282, 500, 0]),
        ("D", [100, 192, 0]),
    ] {
        assert_eq!(shares(&outcome, line, 3), expected, "{line}");
    }
    let mut circular = case.clone();
    circular["lines"][5]["charge"]["lines"] = json!(["D"]);
    assert_eq!(refused(&circular), "rule.circular");
    let mut lost = case;
    lost["lines"][4]["charge"]["lines"] = json!(["L9"]);
    assert_eq!(refused(&lost), "rule.no-such-line");
}

/// `tree-1` is frozen: these bytes were released. If this test fails, undo what made it fail.
#[test]
fn released_bytes_never_change() {
    let member = |id: &str, population: &str| json!({"id": id, "keys": {"population": population}});
    let line = |id: &str, net: &str, lot: &str, rate: &str| json!({"id": id, "net": net, "lot": lot, "vat_rate": rate});
    let outcome = shared(&json!({
        "members": [
            member("215903568", "2300"), member("215903683", "21790"),
            member("215903782", "38000"), member("215900001", "977"),
        ],
        "rule": {"kind": "mix", "parts": [
            {"percent": "30", "rule": {"kind": "equal"}},
            {"percent": "70", "rule": {"kind": "proportional", "key": "population"}},
        ]},
        "lines": [
            line("L1", "100.01", "1", "20"), line("L2", "33.33", "1", "20"),
            line("L3", "-7.77", "2", "20"), line("L4", "250.13", "2", "5.5"),
            {"id": "L5", "vat_rate": "5.5",
             "charge": {"kind": "percent_of", "lines": ["L1", "L4"], "percent": "2"}},
        ],
        "vat": [{"rate": "20", "amount": "25.11"}, {"rate": "5.5", "amount": "14.15"}],
        "carry": {"215903568": "1/3", "215900001": "-1/3"},
    }));
    assert_eq!(outcome.algorithm, "tree-1");
    assert_eq!(
        [
            outcome.input_sha256.as_str(),
            outcome.output_sha256.as_str()
        ],
        [
            "50f87afbe0f53ede833af80177a88826c1d370a7a4a56aedf5526b0da99d7fb6",
            "03d6268489789d7f846a0ac2045ba698260985d96b137a684f5d63f325c3c94b"
        ]
    );
}

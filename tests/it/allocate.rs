//! `encommun allocate`: a filter that needs no database.
use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};

fn run(case: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_encommun"))
        .args(["allocate", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(case.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}

fn case() -> Value {
    json!({
        "members": [
            {"id": "a", "keys": {"population": "1"}},
            {"id": "b", "keys": {"population": "2"}},
        ],
        "rule": {"kind": "proportional", "key": "population"},
        "lines": [{"id": "L1", "net": "100.00", "vat_rate": "20"}],
        "vat": [{"rate": "20", "amount": "20.00"}],
    })
}

#[test]
fn a_case_goes_in_and_exact_shares_come_out() {
    let output = run(&case().to_string());
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(printed["algorithm"], "tree-1");
    assert_eq!(
        printed["members"][0],
        json!({"id": "a", "net": "33.33", "vat": "6.67", "gross": "40.00"})
    );
}

/// Runs the filter with options, on a case in a file.
fn explained(options: &[&str]) -> Output {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let name = format!("explained-{}.json", options.len());
    let path = path.join(name);
    std::fs::write(&path, case().to_string()).unwrap();
    Command::new(env!("CARGO_BIN_EXE_encommun"))
        .arg("allocate")
        .arg(&path)
        .args(options)
        .output()
        .unwrap()
}

#[test]
fn the_cents_of_a_member_are_told_in_french_or_in_json() {
    let output = explained(&["--explain", "a"]);
    assert!(output.status.success());
    let said = String::from_utf8(output.stdout).unwrap();
    let said = said.replace(['\u{a0}', '\u{202f}'], " ");
    for words in [
        "Ligne L1",
        "Part exacte : 33,333333 € → 33,33 €",
        "TVA 20 %",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let output = explained(&["--explain", "b", "--line", "L1", "--json"]);
    let parts: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(parts.as_array().unwrap().len(), 1);
    assert_eq!(parts[0]["exact"], "66.666666");
    let output = explained(&["--explain", "c"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_refusal_is_one_problem_that_points_at_the_culprit() {
    let mut wrong = case();
    wrong["members"][1]["keys"] = json!({});
    let output = run(&wrong.to_string());
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let problem: Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(problem["pointer"], "/members/1/keys");
    assert!(problem["detail"].as_str().unwrap().contains("population"));

    for text in ["", "{", "{\"members\": [], \"lines\": [], \"more\": 1}"] {
        let output = run(text);
        assert_eq!(output.status.code(), Some(2), "{text}");
        let problem: Value = serde_json::from_slice(&output.stderr).unwrap();
        assert_eq!(problem["title"], "Cas illisible");
    }
}

#[test]
fn every_refusal_points_at_its_place_in_the_file() {
    type Change = fn(&mut Value);
    let changes: [(Change, &str); 16] = [
        (|c| c["lines"][0]["net"] = json!(100), "/lines/0/net"),
        (|c| c["lines"][0]["net"] = json!("1.005"), "/lines/0/net"),
        (|c| c["lines"][0]["a/b~"] = json!(""), "/lines/0/a~1b~0"),
        (
            |c| c["members"][1]["keys"]["population"] = json!("1e3"),
            "/members/1/keys/population",
        ),
        (
            |c| c["members"][1]["keys"]["population"] = json!("-2"),
            "/members/1/keys/population",
        ),
        (|c| c["members"][1]["id"] = json!("a"), "/members/1/id"),
        (|c| c["members"] = json!([]), "/members"),
        (|c| c["rule"]["kind"] = json!("guess"), "/rule/kind"),
        (
            |c| c["rule"] = json!({"kind": "percent", "percents": {"a": "99"}}),
            "/rule/percents",
        ),
        (
            |c| c["rule"] = json!({"kind": "first", "each": "90.00", "then": {"kind": "equal"}}),
            "/rule",
        ),
        (
            |c| c["lines"][0]["rule"] = json!({"kind": "direct", "amounts": {"x": "1.00"}}),
            "/lines/0/rule/amounts/x",
        ),
        (
            |c| c["lines"][0]["members"] = json!(["a", "z"]),
            "/lines/0/members/1",
        ),
        (|c| c["vat"] = json!([]), "/vat"),
        (
            |c| c["vat"][1] = json!({"rate": "10", "amount": "1.00"}),
            "/vat/1",
        ),
        (|c| c["carry"] = json!({"z": "1/2"}), "/carry/z"),
        (|c| c["carry"] = json!({"a": "0.5"}), "/carry/a"),
    ];
    for (change, pointer) in changes {
        let mut wrong = case();
        wrong["vat"]
            .as_array_mut()
            .unwrap()
            .push(json!({"rate": "5.5", "amount": "0.00"}));
        change(&mut wrong);
        let output = run(&wrong.to_string());
        assert_eq!(output.status.code(), Some(2), "{pointer}");
        let problem: Value = serde_json::from_slice(&output.stderr).unwrap();
        assert_eq!(problem["pointer"], pointer, "{problem}");
    }
}

#[test]
fn an_amount_said_twice_is_refused() {
    let twice = r#"{"kind": "percent", "percents": {"a": "50", "b": "0", "a": "100"}}"#;
    let text = case()
        .to_string()
        .replace(r#"{"key":"population","kind":"proportional"}"#, twice);
    let output = run(&text);
    assert_eq!(output.status.code(), Some(2));
    let problem: Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(problem["pointer"], "/rule/percents/a");
}

#[test]
fn order_and_labels_change_no_byte() {
    let mut other = case();
    other["members"].as_array_mut().unwrap().reverse();
    other["members"][0]["name"] = json!("Lompret");
    other["lines"][0]["label"] = json!("Balayeuse");
    other["vat"][0]["rate"] = json!("20.00");
    assert_eq!(
        run(&case().to_string()).stdout,
        run(&other.to_string()).stdout
    );
}

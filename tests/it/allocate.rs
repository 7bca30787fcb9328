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
    assert_eq!(printed["algorithm"], "line-1");
    assert_eq!(
        printed["members"][0],
        json!({"id": "a", "net": "33.33", "vat": "6.67", "gross": "40.00"})
    );
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

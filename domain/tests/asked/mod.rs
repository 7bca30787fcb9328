//! Cases written in the case format, and what `tree-1` answers.

use domain::allocation::{Case, Outcome, allocate_completely, verify};
use serde_json::{Value, json};

pub fn euros(cents: i64) -> String {
    domain::money::Cents(cents).to_string()
}

pub fn read(case: &Value) -> Case {
    serde_json::from_value(case.clone()).unwrap()
}

pub fn shared(case: &Value) -> Outcome {
    let case = read(case);
    let outcome = allocate_completely(&case).unwrap();
    verify(&case, &outcome).unwrap();
    outcome
}

pub fn refused(case: &Value) -> &'static str {
    allocate_completely(&read(case)).unwrap_err().code()
}

pub fn members(weights: &[String]) -> Value {
    let members = weights.iter().enumerate();
    members
        .map(|(index, weight)| json!({"id": format!("{index:04}"), "keys": {"key": weight}}))
        .collect()
}

pub fn one_line(net: i64, weights: &[String], rule: &Value) -> Value {
    json!({
        "members": members(weights), "rule": rule, "lines": [{"id": "L1", "net": euros(net)}]
    })
}

pub fn shares(outcome: &Outcome, line: &str, count: usize) -> Vec<i64> {
    (0..count)
        .map(|member| outcome.share(line, &format!("{member:04}")).0)
        .collect()
}

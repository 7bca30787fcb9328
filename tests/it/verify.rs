//! `encommun verify`, and the checker of docs/verify that anyone can read, on the same files.
use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};

/// Runs the program on what comes from standard input.
fn run(arguments: &[&str], input: &Value) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_encommun"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.to_string().as_bytes()).unwrap();
    drop(stdin);
    child.wait_with_output().unwrap()
}

fn dossier(case: &Value) -> Value {
    let output = run(&["allocate", "--dossier", "-"], case);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn is_accepted(dossier: &Value) -> bool {
    run(&["verify"], dossier).status.success()
}

fn python(dossier: &Value) -> Output {
    let file = TemporaryFile::with(&dossier.to_string());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verify/verify.py");
    Command::new("python3")
        .arg("-B")
        .arg(script)
        .arg(&file.0)
        .output()
        .expect("python3 is needed")
}

struct TemporaryFile(PathBuf);

impl TemporaryFile {
    fn with(text: &str) -> Self {
        let thread = std::thread::current();
        let name = thread.name().unwrap_or_default().replace(':', "_");
        let process = std::process::id();
        let path = std::env::temp_dir().join(format!("encommun-{process}-{name}.json"));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).unwrap();
    }
}

fn members() -> Value {
    let member = |id: &str, population: &str, units: &str| json!({"id": id, "name": "Commune", "keys": {"population": population, "units": units}});
    json!([
        member("215903782", "38000", "12.5"),
        member("215903683", "21790", "0"),
        member("215903568", "2300", "7"),
        member("2159003\u{e9}", "411", "3.25"),
    ])
}

/// Every rule, tariff and sign, at three rates.
fn case(policy: &str) -> Value {
    let key = json!({"kind": "proportional", "key": "population"});
    let bands = json!([{"up_to": "2300", "value": "3"}, {"value": "1.5"}]);
    let line = |id: &str, lot: &str, net: &str, rate: &str, rule: Value| json!({"id": id, "lot": lot, "label": "L", "net": net, "vat_rate": rate, "rule": rule});
    let charge = |id: &str, charge: Value| json!({"id": id, "vat_rate": "20", "charge": charge});
    json!({
        "vat_policy": policy,
        "members": members(),
        "rule": {"kind": "equal"},
        "carry": {"215903568": "-2/3", "215903683": "1/7"},
        "lines": [
            {"id": "00", "net": "0.55", "vat_rate": "20"},
            {"id": "01", "net": "10.01", "vat_rate": "5.5", "members": ["215903568", "215903782"]},
            line("02", "1", "312.45", "20", key.clone()),
            line("03", "1", "-12.01", "20", json!({"kind": "product",
                "factors": [{"key": "units"}, {"key": "population", "inverse": true}]})),
            line("04", "1", "77.77", "20", json!({"kind": "percent",
                "percents": {"215903568": "33.33", "215903683": "66.67"}})),
            line("05", "2", "100.00", "5.5", json!({"kind": "bands", "key": "population",
                "mode": "marginal", "bands": bands})),
            line("06", "2", "99.99", "5.5", json!({"kind": "coefficient", "rule": key,
                "coefficients": {"215903782": "0.75"}})),
            line("07", "2", "250.00", "0", json!({"kind": "mix", "parts": [
                {"percent": "30", "rule": {"kind": "equal"}}, {"percent": "70", "rule": key}]})),
            line("08", "2", "-90.10", "20", json!({"kind": "first", "each": "2.50", "then": key})),
            line("09", "3", "400.00", "20", json!({"kind": "clamp", "rule": key,
                "floor": "20.00", "cap": "200.00", "caps": {"215903683": "150.00"}})),
            line("10", "3", "5.00", "20", json!({"kind": "direct",
                "amounts": {"215903782": "7.00", "215903568": "-2.00"}})),
            charge("11", json!({"kind": "per_unit", "key": "units", "rate": "1.10"})),
            charge("12", json!({"kind": "flat", "amount": "3.00"})),
            charge("13", json!({"kind": "bands", "key": "units", "mode": "slab",
                "bands": [{"up_to": "7", "value": "2"}, {"value": "1.999"}]})),
            charge("14", json!({"kind": "percent_of", "lines": ["02", "11"], "percent": "2.5",
                "min": "1.00", "cap": "4.00"})),
        ],
        "vat": [{"rate": "20.0", "amount": "154.10"}, {"rate": "5.5", "amount": "11.56"}],
    })
}

#[test]
fn a_published_allocation_is_accepted_by_both_checkers() {
    for policy in ["exact", "printed"] {
        let dossier = dossier(&case(policy));
        let output = run(&["verify", "-"], &dossier);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("conforme"));
        let output = python(&dossier);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{policy}: {said}");
    }
}

/// One cent more in any share, or moved to another: nothing passes.
#[test]
fn a_changed_cent_is_found_by_both_checkers() {
    let good = dossier(&case("exact"));
    let shares = good["allocation"]["shares"].as_array().unwrap().len();
    for index in (0..shares).step_by(7) {
        let mut changed = good.clone();
        let share = &mut changed["allocation"]["shares"][index]["net"];
        let cents: i64 = share.as_str().unwrap().replace('.', "").parse().unwrap();
        *share = json!(domain::money::Cents(cents + 1).to_string());
        let output = run(&["verify"], &changed);
        assert_eq!(output.status.code(), Some(2), "share {index}");
        let problem: Value = serde_json::from_slice(&output.stderr).unwrap();
        assert_eq!(problem["title"], "Répartition non conforme");
        assert!(!python(&changed).status.success(), "share {index}");
    }
}

#[test]
fn a_changed_case_or_total_is_found_by_both_checkers() {
    let good = dossier(&case("exact"));
    let changes: [fn(&mut Value); 4] = [
        |d| d["case"]["members"][0]["keys"]["units"] = json!("8"),
        |d| d["allocation"]["total"]["net"] = json!("1.00"),
        |d| d["allocation"]["members"][0]["gross"] = json!("1.00"),
        |d| d["allocation"]["output_sha256"] = json!("0"),
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let mut changed = good.clone();
        change(&mut changed);
        assert!(!is_accepted(&changed), "change {index}");
        assert!(!python(&changed).status.success(), "change {index}");
    }
}

#[test]
fn shares_alone_are_checked_as_far_as_they_go_and_wholly_with_their_case() {
    let case = case("exact");
    let shares = dossier(&case)["allocation"].take();
    let output = run(&["verify"], &shares);
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("--case"));

    let file = TemporaryFile::with(&case.to_string());
    let with_case = ["verify", "--case", file.0.to_str().unwrap()];
    let output = run(&with_case, &shares);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(String::from_utf8_lossy(&output.stdout).contains("tree-1"));

    let mut changed = shares;
    changed["members"][0]["net"] = json!("0.00");
    assert_eq!(run(&["verify"], &changed).status.code(), Some(2));
}

#[test]
fn a_file_that_is_no_dossier_is_refused_with_its_place() {
    let mut wrong = dossier(&case("exact"));
    wrong["allocation"]["shares"][0]["net"] = json!(1.5);
    let output = run(&["verify"], &wrong);
    assert_eq!(output.status.code(), Some(2));
    let problem: Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(problem["pointer"], "/allocation/shares/0/net");
}

//! `encommun audit`: a line per check, exit 2 when something was changed or does not balance.
use std::process::ExitCode;

use super::{open, say};
use crate::{actions::audit, settings::Settings};

pub(super) async fn run(settings: Settings, json: bool) -> anyhow::Result<ExitCode> {
    let app = open(settings).await?;
    let checks = audit::run(&app, |check| {
        if !json {
            print(check);
        }
    })
    .await?;
    let faults: usize = checks.iter().map(|check| check.faults.len()).sum();
    if json {
        let lines: Vec<_> = checks
            .iter()
            .map(|c| {
                serde_json::json!({ "check": c.name, "examined": c.examined, "faults": c.faults })
            })
            .collect();
        say(&serde_json::json!({ "ok": faults == 0, "checks": lines }).to_string());
    } else {
        say(&match faults {
            0 => "Aucune anomalie.".to_owned(),
            1 => "1 anomalie.".to_owned(),
            n => format!("{n} anomalies."),
        });
    }
    Ok(if faults == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(2)
    })
}

fn print(check: &audit::Check) {
    let verdict = if check.faults.is_empty() {
        "exact"
    } else {
        "ANOMALIE"
    };
    say(&format!(
        "{:<32} {:>8}  {verdict}",
        check.name, check.examined
    ));
    for fault in &check.faults {
        say(&format!("    {fault}"));
    }
}

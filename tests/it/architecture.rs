//! The promises of ARCHITECTURE.md: who may import whom.
use std::{collections::BTreeMap, fs, path::Path};

/// What each room may use of `crate::…`.
fn arrows() -> BTreeMap<&'static str, &'static [&'static str]> {
    BTreeMap::from([
        ("clock", &[][..]),
        ("settings", &[]),
        ("telemetry", &["settings"]),
        ("reference", &[]),
        ("store", &["clock"]),
        ("actions", &["clock", "settings", "reference", "store"]),
        ("documents", &[]),
        ("wording", &["actions", "documents"]),
        (
            "api",
            &["actions", "documents", "settings", "store", "wording"],
        ),
        (
            "web",
            &[
                "actions",
                "api",
                "documents",
                "settings",
                "store",
                "wording",
            ],
        ),
        ("worker", &["actions", "settings"]),
        (
            "cli",
            &[
                "actions",
                "api",
                "clock",
                "documents",
                "reference",
                "settings",
                "store",
                "telemetry",
                "web",
                "wording",
                "worker",
            ],
        ),
    ])
}

#[test]
fn no_arrow_points_back() {
    let mut wrong = Vec::new();
    for (room, may_use) in arrows() {
        for file in files_of(room) {
            let text = fs::read_to_string(&file).unwrap();
            for used in used_rooms(&text) {
                if used != room && !may_use.contains(&used.as_str()) {
                    wrong.push(format!("{file}: `{room}` uses `{used}`"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_store_speaks_sql() {
    let mut wrong = Vec::new();
    for room in arrows().into_keys().filter(|room| *room != "store") {
        for file in files_of(room) {
            let text = fs::read_to_string(&file).unwrap();
            if text.contains("sea_orm::") {
                wrong.push(file);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_faces_take_only_types_from_the_store() {
    // Faces may name StoreError's friends (OperationKey, health), never a query.
    let queries = [
        "store::organisations",
        "store::users",
        "store::sessions",
        "store::purchasing",
    ];
    for room in ["web", "api", "worker"] {
        for file in files_of(room) {
            let text = fs::read_to_string(&file).unwrap();
            for query in queries {
                assert!(!text.contains(query), "{file} uses {query}");
            }
        }
    }
}

/// `crate::room` at the head of a path, in braces or alone.
fn used_rooms(text: &str) -> Vec<String> {
    let flat: String = text
        .lines()
        .filter(|l| !l.trim_start().starts_with("//"))
        .collect();
    let mut used = Vec::new();
    for part in flat.split("crate::").skip(1) {
        if let Some(group) = part.strip_prefix('{') {
            let mut depth = 0_u32;
            let mut word = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => used.push(std::mem::take(&mut word)),
                    _ if depth == 0 => word.push(c),
                    _ => {}
                }
            }
            used.push(word);
        } else {
            used.push(part.to_owned());
        }
    }
    let head = |path: &String| -> String {
        path.trim()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    used.iter()
        .map(head)
        .filter(|room| arrows().contains_key(room.as_str()))
        .collect()
}

fn files_of(room: &str) -> Vec<String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let file = source.join(format!("{room}.rs"));
    if file.exists() {
        found.push(file.display().to_string());
    }
    walk(&source.join(room), &mut found);
    assert!(
        !found.is_empty(),
        "the room `{room}` of ARCHITECTURE.md has no file"
    );
    found
}

fn walk(folder: &Path, found: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path.display().to_string());
        }
    }
}

//! The promises of ARCHITECTURE.md: who may import whom.
use std::{collections::BTreeMap, fs, path::Path};

/// What each room may use of `crate::…`, as the table of ARCHITECTURE.md says.
fn arrows() -> BTreeMap<String, Vec<String>> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md");
    let text = fs::read_to_string(page).unwrap();
    let (_, table) = text.split_once("| room | may use | never |").unwrap();
    let quoted = |cell: &str| -> Vec<String> {
        let odd = cell.split('`').skip(1).step_by(2);
        odd.map(str::to_owned).collect()
    };
    table
        .lines()
        .skip(2)
        .map_while(|row| row.strip_prefix("| "))
        .map(|row| {
            let mut cells = row.split(" |");
            let room = quoted(cells.next().unwrap()).remove(0);
            (room, quoted(cells.next().unwrap()))
        })
        .collect()
}

#[test]
fn every_room_has_its_row() {
    let lib = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs");
    let text = fs::read_to_string(lib).unwrap();
    let rooms: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod "))
        .filter_map(|line| line.split(';').next())
        .collect();
    assert!(rooms.len() > 10, "{rooms:?}");
    let arrows = arrows();
    for room in &rooms {
        assert!(arrows.contains_key(*room), "`{room}` has no row");
    }
    assert_eq!(arrows.len(), rooms.len(), "a row without its room");
}

#[test]
fn no_arrow_points_back() {
    let mut wrong = Vec::new();
    let rooms: Vec<String> = arrows().into_keys().collect();
    for (room, may_use) in arrows() {
        for file in files_of(&room) {
            let text = fs::read_to_string(&file).unwrap();
            for used in used_rooms(&text, &rooms) {
                if used != room && !may_use.contains(&used) {
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
    for room in arrows().into_keys().filter(|room| room != "store") {
        for file in files_of(&room) {
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
fn used_rooms(text: &str, rooms: &[String]) -> Vec<String> {
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
        .filter(|room| rooms.contains(room))
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

//! What the documents promise is true: problems, glossary, the map of the house.
use std::{collections::BTreeSet, fs, path::Path};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(path)).unwrap()
}

/// Every Rust file of a folder, with its text.
pub fn sources(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut waiting = vec![Path::new(ROOT).join(folder)];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push((
                    path.display().to_string(),
                    fs::read_to_string(&path).unwrap(),
                ));
            }
        }
    }
    found
}

/// Every `=> "noun.what-is-wrong"` of the domain: the codes of refusals and field problems.
fn codes() -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for (_, text) in sources("domain/src") {
        for part in text.split("=> \"").skip(1) {
            let code = part.split('"').next().unwrap();
            let (noun, rest) = code.split_once('.').unwrap_or((code, ""));
            let word = |w: &str| {
                !w.is_empty()
                    && w.chars()
                        .all(|c| c.is_ascii_lowercase() || c == '-' || c == '_')
            };
            if word(noun) && word(rest) {
                codes.insert(code.to_owned());
            }
        }
    }
    codes
}

#[test]
fn every_problem_code_is_listed() {
    let document = read("docs/problems.md");
    let list = document
        .split("<!-- codes: begin -->")
        .nth(1)
        .expect("the list's first mark");
    let list = list.split("<!-- codes: end -->").next().unwrap();
    let listed: BTreeSet<String> = list
        .lines()
        .filter_map(|line| {
            line.strip_prefix("| `")?
                .split('`')
                .next()
                .map(str::to_owned)
        })
        .collect();
    let face = [
        "unauthenticated",
        "forbidden",
        "not-found",
        "stale",
        "invalid",
        "internal",
    ];
    let face = face
        .into_iter()
        .chain(["operation-reused", "busy", "malformed", "too-large"]);
    let mut expected = codes();
    expected.extend(face.map(str::to_owned));
    let missing: Vec<_> = expected.difference(&listed).collect();
    assert!(
        missing.is_empty(),
        "docs/problems.md does not list {missing:?}"
    );
    let gone: Vec<_> = listed.iter().filter(|code| code.contains('.')).collect();
    let gone: Vec<_> = gone
        .into_iter()
        .filter(|code| !expected.contains(*code))
        .collect();
    assert!(
        gone.is_empty(),
        "docs/problems.md lists {gone:?}, which nothing answers"
    );
}

#[test]
fn every_type_of_the_domain_is_in_the_glossary() {
    let glossary = read("docs/glossary.md");
    let mut missing = BTreeSet::new();
    for (file, text) in sources("domain/src") {
        for line in text.lines() {
            let name = line
                .strip_prefix("pub struct ")
                .or_else(|| line.strip_prefix("pub enum "));
            let Some(name) = name else { continue };
            let name: String = name.chars().take_while(|c| c.is_alphanumeric()).collect();
            let common = ["Error", "Id", "Event", "Refusal"]
                .iter()
                .any(|e| name.ends_with(e));
            if !common && !glossary.contains(&format!("`{name}`")) {
                missing.insert(format!("{name} ({})", file.rsplit('/').next().unwrap()));
            }
        }
    }
    assert!(
        missing.is_empty(),
        "docs/glossary.md does not know {missing:#?}"
    );
}

#[test]
fn every_type_of_the_domain_says_its_french_word() {
    let mut silent = Vec::new();
    for (file, text) in sources("domain/src") {
        let lines: Vec<&str> = text.lines().collect();
        for (n, line) in lines.iter().enumerate() {
            if !(line.starts_with("pub struct ") || line.starts_with("pub enum ")) {
                continue;
            }
            let above = lines[..n].iter().rev();
            let doc = above.take_while(|l| {
                l.starts_with("///")
                    || l.starts_with("#[")
                    || l.starts_with(' ')
                    || l.starts_with(')')
            });
            if !doc.clone().any(|l| l.starts_with("///") && l.contains('«')) {
                silent.push(format!("{file}:{}: {line}", n + 1));
            }
        }
    }
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}

#[test]
fn every_place_that_the_map_names_exists() {
    let map = read("ARCHITECTURE.md");
    let tree = map.split("```").nth(1).expect("the tree");
    let mut folder = String::new();
    for line in tree.lines().filter(|l| !l.trim().is_empty()) {
        let path = line.split_whitespace().next().unwrap();
        let looks_like_a_path = path.ends_with('/') || path.contains('.');
        if !looks_like_a_path {
            continue;
        }
        let full = if line.starts_with(' ') {
            format!("{folder}{path}")
        } else {
            path.to_owned()
        };
        assert!(
            Path::new(ROOT).join(&full).exists(),
            "ARCHITECTURE.md names {full}"
        );
        if !line.starts_with(' ') {
            path.clone_into(&mut folder);
        }
    }
}

#[test]
fn every_dependency_has_its_reason() {
    let reasons = read("docs/dependencies.md");
    for manifest in ["Cargo.toml", "domain/Cargo.toml", "migrations/Cargo.toml"] {
        let text = read(manifest);
        let mut inside = false;
        for line in text.lines() {
            if line.starts_with('[') {
                inside = line.ends_with("dependencies]") && !line.contains("workspace");
                continue;
            }
            let Some((name, _)) = line.split_once('=') else {
                continue;
            };
            let name = name.trim().trim_end_matches(".workspace");
            let ours = ["domain", "migrations"].contains(&name);
            if inside && !ours && !name.starts_with('#') {
                let given = reasons
                    .lines()
                    .filter_map(|l| l.strip_prefix('|')?.split('|').next());
                let mut words = given.flat_map(|cell| cell.split([',', ' ', '`']));
                assert!(
                    words.any(|word| word == name),
                    "docs/dependencies.md gives no reason for `{name}` of {manifest}"
                );
            }
        }
    }
}

//! The settings that exist, by their dotted names: one that does not is named with where it stands.
use std::{collections::BTreeSet, path::Path};

use super::{DEFAULTS, Place, SettingsError};

/// What the variables of the program begin with.
pub(super) const PREFIX: &str = "ENCOMMUN";

/// How many letters a slip changes at most.
const SLIP_MAX: usize = 3;

/// Refuses a setting that the defaults do not have.
pub(super) fn check<'v>(
    file: Option<&Path>,
    variables: impl Iterator<Item = &'v String>,
) -> Result<(), SettingsError> {
    let defaults = DEFAULTS.parse().unwrap_or_default();
    let known = names(&defaults);
    if let Some(path) = file {
        let Ok(text) = std::fs::read_to_string(path) else {
            return Err(SettingsError::Missing { path: path.into() });
        };
        let table = text.parse().map_err(|source| SettingsError::Syntax {
            path: path.into(),
            source,
        })?;
        for key in names(&table) {
            look(&known, key, || Place::File(path.into()))?;
        }
    }
    for name in variables {
        let lower = name.to_lowercase();
        let prefix = format!("{}__", PREFIX.to_lowercase());
        if let Some(rest) = lower.strip_prefix(&prefix) {
            let key = rest.replace("__", ".");
            look(&known, key, || Place::Variable(name.clone()))?;
        }
    }
    Ok(())
}

fn look(
    known: &BTreeSet<String>,
    key: String,
    place: impl FnOnce() -> Place,
) -> Result<(), SettingsError> {
    if known.contains(&key) {
        return Ok(());
    }
    Err(SettingsError::Unknown {
        nearest: nearest(known, &key),
        place: place(),
        key,
    })
}

/// `http.listen` for each value that is not a table.
fn names(table: &toml::Table) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![(String::new(), table)];
    while let Some((path, table)) = waiting.pop() {
        for (name, value) in table {
            let path = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}.{name}")
            };
            match value {
                toml::Value::Table(inner) => waiting.push((path, inner)),
                toml::Value::String(_)
                | toml::Value::Integer(_)
                | toml::Value::Float(_)
                | toml::Value::Boolean(_)
                | toml::Value::Datetime(_)
                | toml::Value::Array(_) => {
                    found.insert(path);
                }
            }
        }
    }
    found
}

/// The known name that takes the fewest changes, if it takes few; or the same under another table.
fn nearest(known: &BTreeSet<String>, key: &str) -> Option<String> {
    let last = |name: &str| name.rsplit('.').next().unwrap_or("").to_owned();
    let close = known.iter().map(|name| (distance(name, key), name));
    let close = close.min().filter(|(changes, _)| *changes <= SLIP_MAX);
    let moved = || known.iter().find(|name| last(name) == last(key));
    close.map(|(_, name)| name).or_else(moved).cloned()
}

/// How many letters are changed, added or taken away between two names.
///
/// | one      | other    | changes |
/// |----------|----------|--------:|
/// | `listen` | `listn`  |       1 |
/// | `log`    | `logs`   |       1 |
/// | `url`    | `uri`    |       1 |
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (place, letter) in one.chars().enumerate() {
        let mut left = place + 1;
        let mut next = vec![left];
        for (pair, theirs) in row.windows(2).zip(&other) {
            let [diagonal, above] = pair else { continue };
            let changed = diagonal + usize::from(letter != *theirs);
            left = changed.min(above + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_far_as_their_letters() {
        for (one, other, changes) in [
            ("listen", "listn", 1),
            ("log", "logs", 1),
            ("url", "uri", 1),
        ] {
            assert_eq!(distance(one, other), changes, "{one} {other}");
        }
        assert_eq!(distance("", "abc"), 3);
    }

    #[test]
    fn a_file_is_named_with_the_setting_that_it_should_have() {
        let path = std::env::temp_dir().join(format!("encommun-{}.toml", std::process::id()));
        for (text, key, wanted) in [
            ("[http]\nlistn = \"x\"", "http.listn", Some("http.listen")),
            (
                "[htp]\ntimeout_s = 3",
                "htp.timeout_s",
                Some("http.timeout_s"),
            ),
            (
                "[database]\ntimeout_s = 3",
                "database.timeout_s",
                Some("http.timeout_s"),
            ),
            ("zzzzzzzz = 1", "zzzzzzzz", None),
        ] {
            std::fs::write(&path, text).unwrap();
            let refused = check(Some(&path), [].iter()).unwrap_err();
            let SettingsError::Unknown {
                key: named,
                place,
                nearest,
            } = refused
            else {
                panic!("{refused}");
            };
            assert_eq!((named.as_str(), nearest.as_deref()), (key, wanted));
            assert_eq!(place, Place::File(path.clone()));
        }
        std::fs::write(&path, "[http]\nlisten = \"x\"").unwrap();
        check(Some(&path), [].iter()).unwrap();
        std::fs::write(&path, "[http").unwrap();
        let refused = check(Some(&path), [].iter()).unwrap_err();
        assert!(matches!(refused, SettingsError::Syntax { .. }), "{refused}");
        std::fs::remove_file(&path).unwrap();
        let refused = check(Some(&path), [].iter()).unwrap_err();
        assert!(
            matches!(refused, SettingsError::Missing { .. }),
            "{refused}"
        );
    }
}

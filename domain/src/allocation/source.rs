//! Where the figures of a case come from, for people: neither shares nor hashes depend on it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::reader::{CaseFileError, Reader};

/// The sources of a case, by the name of the key in it (« sources »).
pub type Sources = BTreeMap<String, KeySource>;

/// Where the figures of one key come from (« source de la clé »), as it was at the split.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeySource {
    /// As people named it: « Surfaces », or the line that was delivered.
    pub label: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Of which day the figures are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<NaiveDate>,
}

/// The sources that a dossier may hold.
pub(super) fn read_sources(json: &Reader<'_>) -> Result<Sources, CaseFileError> {
    let mut sources = Sources::new();
    for (key, source) in json.entries()? {
        let fields = source.object(&["label", "unit", "source", "date"])?;
        let text = |text: &Reader<'_>| text.text().map(str::to_owned);
        let date = |text: &Reader<'_>| text.word("AAAA-MM-JJ", |typed| typed.parse().ok());
        let read = KeySource {
            label: text(&fields.need("label")?)?,
            unit: fields.optional("unit", text)?,
            source: fields.optional("source", text)?,
            date: fields.optional("date", date)?,
        };
        sources.insert(key.to_owned(), read);
    }
    Ok(sources)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_left_out_of_the_file() {
        let source = KeySource {
            label: "Surfaces".to_owned(),
            unit: Some("m²".to_owned()),
            source: None,
            date: NaiveDate::from_ymd_opt(2026, 1, 1),
        };
        let text = serde_json::to_string(&source).unwrap();
        assert_eq!(
            text,
            r#"{"label":"Surfaces","unit":"m²","date":"2026-01-01"}"#
        );
        let read: KeySource = serde_json::from_str(&text).unwrap();
        assert_eq!(read, source);
    }
}

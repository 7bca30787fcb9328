//! JSON as a value: read without losing a repeated key, printed by RFC 8785.

use std::fmt::Write as _;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// Any JSON (« valeur JSON »); repeated keys are kept, so that a reader can refuse them.
///
/// A number is only kept when it is whole and not negative: decimals are texts here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    Null,
    Flag(bool),
    Number(Option<u64>),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

pub(super) fn text(value: &str) -> Json {
    Json::Text(value.to_owned())
}

pub(super) fn object<const N: usize>(entries: [(&str, Json); N]) -> Json {
    Json::Object(
        entries
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    )
}

impl Json {
    pub(super) fn put(&mut self, key: &str, value: Self) {
        if let Self::Object(entries) = self {
            entries.push((key.to_owned(), value));
        }
    }

    /// The value at a key of an object; the last one, as most readers would take it.
    pub fn at(&self, key: &str) -> Option<&Self> {
        let Self::Object(entries) = self else {
            return None;
        };
        entries.iter().rev().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null | Self::Flag(_) | Self::Number(_) | Self::List(_) | Self::Object(_) => None,
        }
    }

    pub fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            Self::Null | Self::Flag(_) | Self::Number(_) | Self::Text(_) | Self::Object(_) => None,
        }
    }

    /// The canonical bytes: keys sorted, no white space, the shortest escapes.
    pub(super) fn print(self) -> String {
        let mut out = String::new();
        self.print_to(&mut out);
        out
    }

    fn print_to(self, out: &mut String) {
        match self {
            Self::Null | Self::Number(None) => out.push_str("null"),
            Self::Flag(flag) => out.push_str(if flag { "true" } else { "false" }),
            Self::Number(Some(number)) => out.push_str(&number.to_string()),
            Self::Text(text) => print_text(&text, out),
            Self::List(items) => print_list('[', items, ']', out, Self::print_to),
            Self::Object(mut entries) => {
                entries.sort_by(|a, b| a.0.encode_utf16().cmp(b.0.encode_utf16()));
                print_list('{', entries, '}', out, |(key, value), out| {
                    print_text(&key, out);
                    out.push(':');
                    value.print_to(out);
                });
            }
        }
    }
}

fn print_list<T>(
    open: char,
    items: Vec<T>,
    close: char,
    out: &mut String,
    print: impl Fn(T, &mut String),
) {
    out.push(open);
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        print(item, out);
    }
    out.push(close);
}

fn print_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            // Writing to a string cannot fail.
            c if c < ' ' => write!(out, "\\u{:04x}", u32::from(c)).unwrap_or_default(),
            c => out.push(c),
        }
    }
    out.push('"');
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyJson)
    }
}

struct AnyJson;

impl<'de> Visitor<'de> for AnyJson {
    type Value = Json;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Json, E> {
        Ok(Json::Flag(flag))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Number(Some(number)))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Json, E> {
        Ok(Json::Number(None))
    }

    // A binary fraction is never looked at: no amount is read from it.
    fn visit_f64<E>(self, _: f64) -> Result<Json, E> {
        Ok(Json::Number(None))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Json, E> {
        Ok(Json::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Json::Object(entries))
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null | Self::Number(None) => serializer.serialize_unit(),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Number(Some(number)) => serializer.serialize_u64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => serializer.collect_seq(items),
            Self::Object(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_printed_by_rfc_8785() {
        let json = object([
            ("é", text("a\"b\\c\n\u{1}")),
            ("\u{20ac}", Json::List(vec![])),
            ("b", Json::List(vec![text("€"), object([])])),
            // U+1F600 is D83D DE00 in UTF-16: before U+FB33, though after it in UTF-8.
            ("\u{fb33}", text("")),
            ("\u{1f600}", text("")),
        ]);
        assert_eq!(
            json.print(),
            "{\"b\":[\"€\",{}],\"é\":\"a\\\"b\\\\c\\n\\u0001\",\"€\":[],\"😀\":\"\",\"\u{fb33}\":\"\"}"
        );
    }

    #[test]
    fn a_repeated_key_is_kept_for_the_reader_to_refuse() {
        let json: Json = serde_json::from_str(r#"{"a":1,"a":-0.5,"b":[true,null,"x"]}"#).unwrap();
        assert_eq!(
            json,
            Json::Object(vec![
                ("a".into(), Json::Number(Some(1))),
                ("a".into(), Json::Number(None)),
                (
                    "b".into(),
                    Json::List(vec![Json::Flag(true), Json::Null, text("x")])
                ),
            ])
        );
        assert_eq!(
            serde_json::to_string(&json).unwrap(),
            r#"{"a":1,"a":null,"b":[true,null,"x"]}"#
        );
    }
}

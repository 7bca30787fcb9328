//! The canonical form that is hashed: equal cases give equal bytes, on any machine.
//!
//! JSON by RFC 8785: keys in the order of their UTF-16 units, no white space, the shortest
//! escapes. Arrays are sorted by id, decimals have no useless zero, names and labels are left
//! out, and a default is never written. Frozen with `line-1`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::{AllocationRule, Case, Line, Member, Outcome, TaxGroup, Totals};
use crate::money::Cents;
use crate::number;
use crate::text::hex;

/// JSON as far as it is needed here; decimals are texts.
enum Json {
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

pub(super) fn case_json(case: &Case) -> String {
    let mut members: Vec<&Member> = case.members.iter().collect();
    members.sort_by(|a, b| a.id.cmp(&b.id));
    let mut lines: Vec<&Line> = case.lines.iter().collect();
    lines.sort_by(|a, b| a.id.cmp(&b.id));
    let taxes: BTreeMap<(&str, i32), Json> = case
        .taxes
        .iter()
        // No tax at a zero rate is what silence says.
        .filter(|tax| !(tax.group.rate.is_zero() && tax.amount.is_zero()))
        .map(|tax| {
            (
                group_order(tax.group),
                group_json(tax.group, "amount", tax.amount),
            )
        })
        .collect();
    object([
        (
            "lines",
            Json::List(
                lines
                    .into_iter()
                    .map(|line| line_json(line, case))
                    .collect(),
            ),
        ),
        (
            "members",
            Json::List(members.into_iter().map(member_json).collect()),
        ),
        ("vat", Json::List(taxes.into_values().collect())),
        ("vat_policy", text("exact")),
    ])
    .print()
}

pub(super) fn outcome_json(outcome: &Outcome) -> String {
    let shares = outcome.shares.iter().map(|((line, member), net)| {
        object([
            ("line", text(line)),
            ("member", text(member)),
            ("net", amount(*net)),
        ])
    });
    let taxes: BTreeMap<((&str, i32), &str), Json> = outcome
        .tax_shares
        .iter()
        .map(|((group, member), vat)| {
            let mut share = group_json(*group, "vat", *vat);
            share.put("member", text(member));
            ((group_order(*group), member.as_str()), share)
        })
        .collect();
    let members = outcome.members.iter().map(|(id, totals)| {
        let mut member = totals_json(*totals);
        member.put("id", text(id));
        member
    });
    object([
        ("algorithm", text(&outcome.algorithm)),
        ("members", Json::List(members.collect())),
        ("shares", Json::List(shares.collect())),
        ("total", totals_json(outcome.total)),
        ("vat_shares", Json::List(taxes.into_values().collect())),
    ])
    .print()
}

pub(super) fn sha256_hex(text: &str) -> String {
    hex(Sha256::digest(text.as_bytes()))
}

fn line_json(line: &Line, case: &Case) -> Json {
    let rule = match &line.rule {
        AllocationRule::Equal => object([("kind", text("equal"))]),
        AllocationRule::Proportional { key } => {
            object([("key", text(key)), ("kind", text("proportional"))])
        }
    };
    let mut json = object([
        ("id", text(&line.id)),
        ("net", amount(line.net)),
        ("rule", rule),
        ("vat_category", text(line.tax.category.code())),
        ("vat_rate", text(&line.tax.rate.to_string())),
    ]);
    if let Some(lot) = &line.lot {
        json.put("lot", text(lot));
    }
    // A line shared by all says the same thing with and without their list.
    let everyone = |ids: &std::collections::BTreeSet<String>| {
        case.members.iter().all(|member| ids.contains(&member.id))
    };
    if let Some(ids) = line.members.as_ref().filter(|ids| !everyone(ids)) {
        json.put(
            "members",
            Json::List(ids.iter().map(|id| text(id)).collect()),
        );
    }
    json
}

fn member_json(member: &Member) -> Json {
    let keys = member
        .keys
        .iter()
        .map(|(key, weight)| (key.clone(), text(&weight.to_string())));
    object([
        ("id", text(&member.id)),
        ("keys", Json::Object(keys.collect())),
    ])
}

fn group_json(group: TaxGroup, name: &'static str, cents: Cents) -> Json {
    object([
        (name, amount(cents)),
        ("category", text(group.category.code())),
        ("rate", text(&group.rate.to_string())),
    ])
}

fn group_order(group: TaxGroup) -> (&'static str, i32) {
    (group.category.code(), group.rate.basis_points())
}

fn totals_json(totals: Totals) -> Json {
    object([
        ("gross", amount(totals.gross)),
        ("net", amount(totals.net)),
        ("vat", amount(totals.tax)),
    ])
}

fn amount(cents: Cents) -> Json {
    let mut shortest = String::new();
    // Writing to a string cannot fail.
    number::print_strict(&mut shortest, cents.0, 2, 0).unwrap_or_default();
    Json::Text(shortest)
}

fn text(value: &str) -> Json {
    Json::Text(value.to_owned())
}

fn object<const N: usize>(entries: [(&str, Json); N]) -> Json {
    Json::Object(
        entries
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    )
}

impl Json {
    fn put(&mut self, key: &str, value: Self) {
        if let Self::Object(entries) = self {
            entries.push((key.to_owned(), value));
        }
    }

    fn print(self) -> String {
        let mut out = String::new();
        self.print_to(&mut out);
        out
    }

    fn print_to(self, out: &mut String) {
        match self {
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
    fn a_hash_is_the_standard_one() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(sha256_hex(""), empty);
    }
}

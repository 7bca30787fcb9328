//! The canonical form that is hashed: equal cases give equal bytes, on any machine.
//!
//! JSON by RFC 8785: keys in the order of their UTF-16 units, no white space, the shortest
//! escapes. Arrays are sorted by id, decimals have no useless zero, names and labels are left
//! out, and a default is never written. What `line-1` can be asked is frozen.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::json::{Json, object, text};
use super::rule_file::{amount, charge_json, rule_json};
use super::{Case, ChargedLine, Line, Member, TaxGroup};
use crate::money::Cents;
use crate::text::hex;

pub(super) fn case_json(case: &Case) -> Json {
    let mut members: Vec<&Member> = case.members.iter().collect();
    members.sort_by(|a, b| a.id.cmp(&b.id));
    let mut lines: Vec<(&str, Json)> = Vec::with_capacity(case.lines.len());
    lines.extend(
        case.lines
            .iter()
            .map(|line| (line.id.as_str(), line_json(line, case))),
    );
    let charged = case.charges.iter();
    lines.extend(charged.map(|line| (line.id.as_str(), charged_json(line, case))));
    lines.sort_by(|a, b| a.0.cmp(b.0));
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
    let mut json = object([
        (
            "lines",
            Json::List(lines.into_iter().map(|(_, line)| line).collect()),
        ),
        (
            "members",
            Json::List(members.into_iter().map(member_json).collect()),
        ),
        ("vat", Json::List(taxes.into_values().collect())),
        ("vat_policy", text(case.tax_policy.word())),
    ]);
    let dues = case.carry.iter().filter(|(_, due)| !due.is_zero());
    let dues: Vec<(String, Json)> = dues
        .map(|(id, due)| (id.clone(), text(&due.to_string())))
        .collect();
    if !dues.is_empty() {
        json.put("carry", Json::Object(dues));
    }
    json
}

pub(super) fn sha256_hex(text: &str) -> String {
    hex(Sha256::digest(text.as_bytes()))
}

fn line_json(line: &Line, case: &Case) -> Json {
    let mut json = object([
        ("id", text(&line.id)),
        ("net", amount(line.net)),
        ("rule", rule_json(&line.rule)),
    ]);
    let shown = (&line.lot, line.tax, &line.members);
    put_place(&mut json, shown, case);
    json
}

fn charged_json(line: &ChargedLine, case: &Case) -> Json {
    let mut json = object([
        ("charge", charge_json(&line.charge)),
        ("id", text(&line.id)),
    ]);
    let shown = (&line.lot, line.tax, &line.members);
    put_place(&mut json, shown, case);
    json
}

/// The lot, the tax and the participants of a line.
fn put_place(
    json: &mut Json,
    (lot, tax, members): (&Option<String>, TaxGroup, &Option<BTreeSet<String>>),
    case: &Case,
) {
    json.put("vat_category", text(tax.category.code()));
    json.put("vat_rate", text(&tax.rate.to_string()));
    if let Some(lot) = lot {
        json.put("lot", text(lot));
    }
    // A line shared by all says the same thing with and without their list.
    let everyone =
        |ids: &BTreeSet<String>| case.members.iter().all(|member| ids.contains(&member.id));
    if let Some(ids) = members.as_ref().filter(|ids| !everyone(ids)) {
        let ids = ids.iter().map(|id| text(id)).collect();
        json.put("members", Json::List(ids));
    }
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

pub(super) fn group_json(group: TaxGroup, name: &'static str, cents: Cents) -> Json {
    object([
        (name, amount(cents)),
        ("category", text(group.category.code())),
        ("rate", text(&group.rate.to_string())),
    ])
}

pub(super) fn group_order(group: TaxGroup) -> (&'static str, i32) {
    (group.category.code(), group.rate.basis_points())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_the_standard_one() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(sha256_hex(""), empty);
    }
}

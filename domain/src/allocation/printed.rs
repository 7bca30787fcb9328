//! The canonical bytes of an outcome, hashed as they are printed: millions of shares.

use sha2::{Digest, Sha256};

use super::canonical::group_order;
use super::json::text;
use super::{Outcome, TaxGroup, Totals};
use crate::money::Cents;
use crate::text::hex;

/// Bytes that are hashed at once.
const CHUNK: usize = 1 << 16;

/// Canonical JSON on its way to its hash.
struct Printer {
    out: String,
    hash: Sha256,
}

/// SHA-256 of the canonical form of the shares and totals, in hexadecimal.
pub(super) fn outcome_sha256(outcome: &Outcome) -> String {
    let mut printer = Printer {
        out: String::with_capacity(CHUNK * 2),
        hash: Sha256::new(),
    };
    printer.outcome(outcome);
    printer.hash.update(&printer.out);
    hex(printer.hash.finalize())
}

impl Printer {
    /// Keys in their order, by RFC 8785.
    fn outcome(&mut self, outcome: &Outcome) {
        self.out.push_str("{\"algorithm\":");
        self.out.push_str(&quoted(&outcome.algorithm));
        self.out.push_str(",\"members\":[");
        for (index, (id, totals)) in outcome.members.iter().enumerate() {
            self.comma(index);
            self.gross_first(*totals, Some(id));
        }
        self.out.push_str("],\"shares\":[");
        self.shares(outcome);
        self.out.push_str("],\"total\":");
        self.gross_first(outcome.total, None);
        self.out.push_str(",\"vat_shares\":[");
        self.tax_shares(outcome);
        self.out.push_str("]}");
    }

    fn shares(&mut self, outcome: &Outcome) {
        let shares = &outcome.shares;
        let members: Vec<String> = shares.members().iter().map(|id| quoted(id)).collect();
        let lines: Vec<String> = shares.rows().iter().map(|id| quoted(id)).collect();
        for (index, (line, member, cents)) in shares.cells().enumerate() {
            self.comma(index);
            self.out.push_str("{\"line\":");
            self.out
                .push_str(lines.get(line).map_or("", String::as_str));
            self.out.push_str(",\"member\":");
            self.out
                .push_str(members.get(member).map_or("", String::as_str));
            self.out.push_str(",\"net\":");
            self.amount(cents);
            self.out.push('}');
        }
    }

    /// By the code of the category and then by rate, which is not the order of the groups.
    fn tax_shares(&mut self, outcome: &Outcome) {
        let shares = &outcome.tax_shares;
        let members: Vec<String> = shares.members().iter().map(|id| quoted(id)).collect();
        let mut groups: Vec<(usize, TaxGroup)> =
            shares.rows().iter().copied().enumerate().collect();
        groups.sort_by_key(|(_, group)| group_order(*group));
        let mut printed = 0;
        for (row, group) in groups {
            let category = quoted(group.category.code());
            let rate = quoted(&group.rate.to_string());
            for (_, member, cents) in shares.cells().filter(|(own, _, _)| *own == row) {
                self.comma(printed);
                printed += 1;
                self.out.push_str("{\"category\":");
                self.out.push_str(&category);
                self.out.push_str(",\"member\":");
                self.out
                    .push_str(members.get(member).map_or("", String::as_str));
                self.out.push_str(",\"rate\":");
                self.out.push_str(&rate);
                self.out.push_str(",\"vat\":");
                self.amount(cents);
                self.out.push('}');
            }
        }
    }

    fn gross_first(&mut self, totals: Totals, id: Option<&str>) {
        self.out.push_str("{\"gross\":");
        self.amount(totals.gross);
        if let Some(id) = id {
            self.out.push_str(",\"id\":");
            self.out.push_str(&quoted(id));
        }
        self.out.push_str(",\"net\":");
        self.amount(totals.net);
        self.out.push_str(",\"vat\":");
        self.amount(totals.tax);
        self.out.push('}');
    }

    /// A decimal without useless zeros, in quotes.
    fn amount(&mut self, cents: Cents) {
        let (euros, rest) = (cents.0.unsigned_abs() / 100, cents.0.unsigned_abs() % 100);
        self.out.push('"');
        if cents.is_negative() {
            self.out.push('-');
        }
        self.whole(euros);
        if rest > 0 {
            self.out.push('.');
            self.digit(rest / 10);
            if rest % 10 > 0 {
                self.digit(rest % 10);
            }
        }
        self.out.push('"');
    }

    fn whole(&mut self, number: u64) {
        if number >= 10 {
            self.whole(number / 10);
        }
        self.digit(number % 10);
    }

    fn digit(&mut self, digit: u64) {
        self.out
            .push(char::from(u8::try_from(digit).unwrap_or(0) + b'0'));
    }

    /// Between two items; what is long enough goes to the hash.
    fn comma(&mut self, index: usize) {
        if index > 0 {
            self.out.push(',');
        }
        if self.out.len() >= CHUNK {
            self.hash.update(&self.out);
            self.out.clear();
        }
    }
}

fn quoted(value: &str) -> String {
    text(value).print()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::canonical::{group_json, sha256_hex};
    use super::super::json::{Json, object};
    use super::super::rule_file::amount;
    use super::super::{AllocationRule, Case, Line, Member, TaxTotal, allocate_completely};
    use super::*;
    use crate::money::{TaxCategory, TaxRate};

    fn outcome_json(outcome: &Outcome) -> String {
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

    fn totals_json(totals: Totals) -> Json {
        object([
            ("gross", amount(totals.gross)),
            ("net", amount(totals.net)),
            ("vat", amount(totals.tax)),
        ])
    }

    #[test]
    fn an_amount_has_no_useless_zero() {
        for cents in [
            0,
            1,
            10,
            99,
            100,
            105,
            150,
            -7,
            -1_234_560,
            i64::MAX,
            i64::MIN,
        ] {
            let mut printer = Printer {
                out: String::new(),
                hash: Sha256::new(),
            };
            printer.amount(Cents(cents));
            assert_eq!(printer.out, amount(Cents(cents)).print());
        }
    }

    /// The bytes that are hashed are those of the JSON value.
    #[test]
    fn what_is_hashed_is_the_canonical_json() {
        let group = |category, rate: &str| TaxGroup::new(category, TaxRate::parse(rate).unwrap());
        let groups = [
            group(TaxCategory::Vat, "20"),
            group(TaxCategory::Vat, "5.5"),
            group(TaxCategory::InsuranceTax, "20"),
        ];
        let line = |(index, group): (usize, TaxGroup)| Line {
            id: format!("L\"{index}"),
            lot: None,
            label: String::new(),
            net: Cents(-100_070),
            tax: group,
            rule: AllocationRule::Equal,
            members: None,
        };
        let taxes = groups.iter().map(|group| TaxTotal {
            group: *group,
            amount: group.rate.tax_on(Cents(-100_070)).unwrap(),
        });
        let case = Case {
            members: (0..2_000)
                .map(|n| Member::new(format!("{n:04}é")))
                .collect(),
            taxes: taxes.collect(),
            lines: groups.into_iter().enumerate().map(line).collect(),
            ..Case::default()
        };
        let outcome = allocate_completely(&case).unwrap();
        assert_eq!(outcome.output_sha256, sha256_hex(&outcome_json(&outcome)));
    }
}

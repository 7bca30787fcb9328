//! Cases from other libraries' tests and issue threads, with the exact answer.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what a test needs may panic"
)]

use domain::allocation::{AllocationRule, Case, Line, Member, TaxGroup, TaxTotal, Weight};
use domain::allocation::{allocate, verify};
use domain::money::{Cents, TaxCategory, TaxRate};
use serde_json::Value;

fn vectors(kind: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(include_str!("vectors/allocation.json")).unwrap();
    let all = file["vectors"].as_array().unwrap();
    all.iter()
        .filter(|vector| vector["kind"] == kind)
        .cloned()
        .collect()
}

fn one_line(net: Cents, weights: &[Weight]) -> Case {
    let members = weights.iter().enumerate();
    Case {
        members: members
            .map(|(i, w)| Member::new(format!("{i:04}")).with("key", *w))
            .collect(),
        lines: vec![Line {
            id: "L1".into(),
            lot: None,
            label: String::new(),
            net,
            tax: TaxGroup::default(),
            rule: AllocationRule::proportional("key"),
            members: None,
        }],
        taxes: vec![],
        ..Case::default()
    }
}

#[test]
fn every_public_case_gets_its_exact_answer() {
    let cases = vectors("allocate-1d");
    assert_eq!(cases.len(), 50);
    for vector in cases {
        let weights: Vec<Weight> =
            serde_json::from_value(vector["weights"].clone()).expect("decimal weights");
        let case = one_line(Cents(vector["total_minor"].as_i64().unwrap()), &weights);
        let outcome = allocate(&case).unwrap();
        verify(&case, &outcome).unwrap();
        let shares: Vec<i64> = case
            .members
            .iter()
            .map(|member| outcome.share("L1", &member.id).0)
            .collect();
        let expected: Vec<i64> =
            serde_json::from_value(vector["hamilton_expected"].clone()).unwrap();
        assert_eq!(shares, expected, "{}: {}", vector["id"], vector["source"]);
    }
}

/// A credit note of −7 612.50 at 19 %: −1 446.375 is −1 446.38, as its invoice is 1 446.38.
#[test]
fn nominal_taxes_round_half_away_from_zero_on_both_sides() {
    for vector in vectors("vat") {
        let base = Cents::parse(vector["base"].as_str().unwrap()).unwrap();
        let rate = vector["rate"].as_str().unwrap().trim_start_matches("0.");
        let rate = TaxRate::parse(rate).unwrap();
        let tax = Cents::parse(vector["expected_vat"].as_str().unwrap()).unwrap();
        assert_eq!(rate.tax_on(base), Ok(tax), "{}", vector["id"]);
    }
}

/// The supplier printed one cent less than the nominal tax: what is printed is what is shared.
#[test]
fn the_printed_tax_is_shared_and_never_recomputed() {
    let vector = vectors("vat")
        .into_iter()
        .find(|v| v["id"] == "V111")
        .unwrap();
    let printed = Cents::parse(vector["supplier_vat"].as_str().unwrap()).unwrap();
    let net = Cents::parse(vector["base"].as_str().unwrap()).unwrap();
    let mut case = one_line(net, &[Weight::whole(2), Weight::whole(1), Weight::whole(1)]);
    let group = TaxGroup::new(TaxCategory::Vat, TaxRate::parse("15").unwrap());
    case.lines[0].tax = group;
    case.taxes = vec![TaxTotal {
        group,
        amount: printed,
    }];
    let outcome = allocate(&case).unwrap();
    verify(&case, &outcome).unwrap();
    assert_eq!(outcome.total.tax, printed);
}

#[test]
fn a_discount_for_one_member_leaves_the_tax_of_the_others_alone() {
    let group = TaxGroup::new(TaxCategory::Vat, TaxRate::parse("20").unwrap());
    let line = |id: &str, net: i64, member: &str| Line {
        id: id.into(),
        lot: None,
        label: String::new(),
        net: Cents(net),
        tax: group,
        rule: AllocationRule::Equal,
        members: Some([member.to_owned()].into()),
    };
    let case = Case {
        members: vec![Member::new("A"), Member::new("B")],
        lines: vec![line("L1", 100_000, "A"), line("L2", -100_000, "B")],
        taxes: vec![TaxTotal {
            group,
            amount: Cents(0),
        }],
        ..Case::default()
    };
    let outcome = allocate(&case).unwrap();
    verify(&case, &outcome).unwrap();
    let vector = vectors("mixed-sign").remove(0);
    for member in ["A", "B"] {
        let expected = vector["expected_vat"][member].as_str().unwrap();
        assert_eq!(outcome.tax_share(group, member).to_string(), expected);
    }
}

#[test]
fn a_line_and_its_credit_leave_nothing_behind() {
    let mut case = one_line(Cents(100), &[Weight::ONE, Weight::ONE, Weight::ONE]);
    let mut credit = case.lines[0].clone();
    credit.id = "L2".into();
    credit.net = Cents(-100);
    case.lines.push(credit);
    let outcome = allocate(&case).unwrap();
    verify(&case, &outcome).unwrap();
    for totals in outcome.members.values() {
        assert!(totals.gross.is_zero());
    }
}

//! « Pourquoi ce centime ? »: every explanation says the cents of the outcome, whatever the case.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what a test needs may panic"
)]

use domain::allocation::{
    Bound, Case, Cause, Cell, Fraction, Origin, Outcome, Reckoning, Record, Step, StepBy, Subtotal,
    TariffBy, TaxPolicy, Why, allocate_recorded,
};
use domain::money::Cents;
use proptest::prelude::*;

mod drawn;
mod drawn_tree;

fn recorded(algorithm: &str, case: &Case) -> Option<(Outcome, Record)> {
    allocate_recorded(algorithm, case).unwrap().ok()
}

fn reckoning<'a>(case: &'a Case, outcome: &Outcome, record: Option<&Record>) -> Reckoning<'a> {
    Reckoning::of(case, outcome, record).unwrap().unwrap()
}

fn share(outcome: &Outcome, cell: &Cell, member: &str) -> Cents {
    match cell {
        Cell::Line(line) => outcome.share(line, member),
        Cell::Tax(group) => outcome.tax_share(*group, member),
    }
}

fn whole(cents: Cents) -> Fraction {
    Fraction::parse(&format!("{}/1", cents.0)).unwrap()
}

/// The exact part that the steps of the origin come to.
fn told(origin: &Origin) -> Fraction {
    match origin {
        Origin::Rule(step) => {
            check_step(step);
            step.part.clone()
        }
        Origin::Charge(tariffed) => {
            let bounded = matches!(tariffed.by, TariffBy::PercentOf { held: Some(_), .. });
            let gap = tariffed.computed.plus(&whole(Cents(-tariffed.charged.0)));
            let half = Fraction::parse("1/2").unwrap();
            assert!(bounded || gap <= half, "half away from zero");
            whole(tariffed.charged)
        }
        Origin::Tax(taxed) => taxed.exact(),
    }
}

/// Each step is made of the steps below it.
fn check_step(step: &Step) {
    match &step.by {
        StepBy::Weight { weight, sum, .. } => {
            // total × weight / sum, without a division that the test would have to trust.
            let zero = sum.is_zero();
            assert!(zero || times(&step.part, sum) == times(&step.total, weight));
            assert!(!zero || step.part.is_zero());
        }
        StepBy::Mix { parts } => {
            let zero = Fraction::zero();
            let sum = parts
                .iter()
                .fold(zero, |sum, part| sum.plus(&part.step.part));
            assert_eq!(sum, step.part);
            parts.iter().for_each(|part| check_step(&part.step));
        }
        StepBy::First { fixed, rest } => {
            assert_eq!(rest.part.plus(&whole(*fixed)), step.part);
            check_step(rest);
        }
        StepBy::Clamp {
            free,
            floor,
            cap,
            held,
        } => {
            match held {
                Some(Bound::Floor) => assert_eq!(whole(floor.unwrap()), step.part),
                Some(Bound::Cap) => assert_eq!(whole(cap.unwrap()), step.part),
                None => {}
            }
            check_step(free);
        }
        StepBy::Direct => {}
    }
}

/// The product of two fractions, from their text.
fn times(a: &Fraction, b: &Fraction) -> String {
    use num_bigint::BigInt;
    let parts = |f: &Fraction| {
        let text = f.to_string();
        let (n, d) = text.split_once('/').unwrap();
        (n.parse::<BigInt>().unwrap(), d.parse::<BigInt>().unwrap())
    };
    let ((an, ad), (bn, bd)) = (parts(a), parts(b));
    let product = Fraction::parse(&format!("{}/{}", an * bn, ad * bd)).unwrap();
    product.to_string()
}

/// What an explanation says of itself holds together.
fn check(why: &Why, rank: Option<usize>) {
    assert_eq!(
        told(&why.origin),
        why.exact,
        "the steps come to the exact part"
    );
    assert_eq!(why.exact.plus(&why.deviation), whole(why.share));
    let gained = (why.share.0 - why.base.0).abs();
    assert!(gained <= 1, "floor or ceiling");
    let is_whole = why.exact == whole(why.base);
    assert_eq!(
        rank.is_none(),
        is_whole,
        "who has a part of a cent has a rank"
    );
    match why.cause {
        Cause::Exact | Cause::Floor | Cause::Cap => assert!(is_whole && gained == 0),
        Cause::Ranked => assert!(gained == 1 && rank.unwrap() <= why.leftover),
        Cause::Below => assert!(gained == 0 && rank.unwrap() > why.leftover),
        Cause::Tied => assert_eq!(gained == 1, rank.unwrap() <= why.leftover),
        Cause::Repaired => {
            assert_ne!(gained == 1, rank.unwrap() <= why.leftover);
            assert!(why.exchanges.len() % 2 == 1);
        }
        Cause::Credit => unreachable!("nothing is credited here"),
    }
    if let (Some(rank), Some(last)) = (rank, &why.last_served) {
        let served = rank <= why.leftover;
        assert!(!served || why.priority >= last.priority);
        assert!(served || why.priority <= last.priority);
    }
    for exchange in &why.exchanges {
        for cell in exchange.steps.iter().map(|step| &step.cell) {
            let of = exchange.steps.iter().filter(|step| step.cell == *cell);
            let balance: i32 = of.map(|step| if step.gains { 1 } else { -1 }).sum();
            assert_eq!(balance, 0, "a row gains no cent");
        }
    }
}

fn check_all(case: &Case, outcome: &Outcome, record: &Record) {
    let reckoning = reckoning(case, outcome, Some(record));
    let deviations = reckoning.deviations().unwrap();
    for member in &case.members {
        for cell in reckoning.cells() {
            let share = share(outcome, &cell, &member.id);
            let rank = reckoning.rank(&cell, &member.id).unwrap();
            match reckoning.why(&cell, &member.id).unwrap() {
                Some(why) => {
                    assert_eq!(why.share, share, "{cell:?} {}", member.id);
                    check(&why, rank);
                    let credited = why.clone().credited();
                    assert_eq!(
                        (credited.share.0, credited.cause),
                        (-share.0, Cause::Credit)
                    );
                }
                None => assert!(share.is_zero() && rank.is_none()),
            }
        }
        let totals = outcome.members[&member.id];
        for (subtotal, stated) in [
            (Subtotal::Net, totals.net),
            (Subtotal::Tax, totals.tax),
            (Subtotal::Gross, totals.gross),
        ] {
            let found = reckoning.total(&subtotal, &member.id).unwrap();
            assert_eq!(
                found.as_ref().map_or(Cents::ZERO, |total| total.share),
                stated
            );
            if let (Some(found), Subtotal::Gross) = (found, subtotal) {
                let known = deviations.get(&member.id).cloned();
                assert_eq!(found.deviation, known.unwrap_or_else(Fraction::zero));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, max_global_rejects: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn every_cent_of_the_tree_is_explained(case in drawn_tree::drawn_case()) {
        let Some((outcome, record)) = recorded("tree-1", &case) else {
            return Err(TestCaseError::reject("refused"));
        };
        check_all(&case, &outcome, &record);
    }

    #[test]
    fn every_cent_of_the_lines_is_explained((_, case) in drawn::drawn_case()) {
        let (outcome, record) = recorded("line-1", &case).unwrap();
        check_all(&case, &outcome, &record);
    }

    /// What was stored says the same as a run made again.
    #[test]
    fn a_stored_record_says_the_same(case in drawn_tree::drawn_case()) {
        let Some((outcome, record)) = recorded("tree-1", &case) else {
            return Err(TestCaseError::reject("refused"));
        };
        let stored: Record = serde_json::from_str(&serde_json::to_string(&record).unwrap()).unwrap();
        prop_assert_eq!(&stored, &record);
        let kept = reckoning(&case, &outcome, Some(&stored));
        let again = reckoning(&case, &outcome, None);
        for cell in kept.cells() {
            for member in &case.members {
                prop_assert_eq!(kept.why(&cell, &member.id).unwrap(), again.why(&cell, &member.id).unwrap());
            }
        }
    }

    /// Every controlled subtotal is within a cent, and the dues say by how much.
    #[test]
    fn every_subtotal_is_explained(case in drawn_tree::drawn_case()) {
        let Some((outcome, record)) = recorded("tree-1", &case) else {
            return Err(TestCaseError::reject("refused"));
        };
        let reckoning = reckoning(&case, &outcome, Some(&record));
        let mut subtotals = vec![Subtotal::Gross, Subtotal::Net, Subtotal::Tax];
        for line in &case.lines {
            subtotals.push(Subtotal::Group(line.tax));
            subtotals.extend(line.lot.clone().map(|lot| Subtotal::Lot(line.tax, lot)));
        }
        let one = Fraction::parse("1/1").unwrap();
        for member in &case.members {
            for subtotal in &subtotals {
                let loose = *subtotal == Subtotal::Gross && case.tax_policy == TaxPolicy::Printed;
                if let (Some(total), false) = (reckoning.total(subtotal, &member.id).unwrap(), loose) {
                    prop_assert!(total.deviation < one && total.deviation.plus(&one) > Fraction::zero());
                    prop_assert!(!total.parts.is_empty());
                }
            }
        }
    }
}

use serde_json::{Value, json};

/// One line between members of these weights, in the case format.
fn one_line(net: &str, weights: &[&str], rule: &Value) -> Value {
    let members = weights.iter().enumerate();
    let member = |(index, weight): (usize, &&str)| json!({"id": format!("{index:04}"), "keys": {"key": weight}});
    let members: Value = members.map(member).collect();
    json!({"members": members, "rule": rule, "lines": [{"id": "L1", "net": net}]})
}

fn read(case: Value) -> Case {
    serde_json::from_value(case).unwrap()
}

fn why(case: &Case, line: &str, member: &str) -> Why {
    let (outcome, record) = recorded("tree-1", case).unwrap();
    let found = reckoning(case, &outcome, Some(&record));
    found
        .why(&Cell::Line(line.into()), member)
        .unwrap()
        .unwrap()
}

#[test]
fn the_second_line_goes_to_who_was_owed_half_a_cent() {
    let mut case = one_line("0.01", &["1", "1"], &json!({"kind": "equal"}));
    case["lines"] = json!([{"id": "L1", "net": "0.01"}, {"id": "L2", "net": "0.01"}]);
    let case = read(case);
    let first = why(&case, "L1", "0001");
    assert_eq!((first.cause, first.share), (Cause::Tied, Cents(0)));
    assert_eq!(first.dues[0].after.to_string(), "1/2");
    let second = why(&case, "L2", "0001");
    assert_eq!((second.cause, second.share), (Cause::Ranked, Cents(1)));
    let due = &second.dues[0];
    assert_eq!(due.subtotal, Subtotal::Gross);
    assert_eq!(
        (due.before.to_string(), due.after.to_string()),
        ("1/2".into(), "0/1".into())
    );
    assert_eq!(
        second.priority.to_string(),
        "1/1",
        "half a cent here, and half a cent owed"
    );
    assert_eq!(second.last_served.unwrap().member, "0001");
}

/// A member who is owed much comes first three times, and gives one cent back: the other one
/// is short of a cent and a half.
#[test]
fn a_repair_is_told_with_its_path() {
    let mut case = one_line("0.01", &["1", "1"], &json!({"kind": "equal"}));
    let line = |id: &str| json!({"id": id, "net": "0.01"});
    case["lines"] = json!([line("L1"), line("L2"), line("L3")]);
    case["carry"] = json!({"0001": "100/1"});
    let case = read(case);
    let whys: Vec<Why> = ["L1", "L2", "L3"]
        .map(|line| why(&case, line, "0001"))
        .into();
    let repaired: Vec<&Why> = whys
        .iter()
        .filter(|why| why.cause == Cause::Repaired)
        .collect();
    let [one] = repaired[..] else {
        unreachable!("one cent is given back: {whys:?}")
    };
    assert_eq!(
        (one.share, one.carried.to_string()),
        (Cents(0), "100/1".into())
    );
    let [exchange] = &one.exchanges[..] else {
        unreachable!("by one repair")
    };
    assert_eq!(
        (exchange.subtotal.clone(), exchange.member.as_str()),
        (Subtotal::Gross, "0000")
    );
    let steps: Vec<(&str, bool)> = exchange
        .steps
        .iter()
        .map(|step| (step.member.as_str(), step.gains))
        .collect();
    assert!(steps.contains(&("0001", false)) && steps.contains(&("0000", true)));
}

#[test]
fn a_bound_that_holds_a_member_is_its_reason() {
    let inner = json!({"kind": "proportional", "key": "key"});
    let rule = json!({"kind": "clamp", "rule": inner, "floors": {"0000": "20.00"}, "cap": "60.00"});
    let case = read(one_line("100.00", &["1", "1", "8"], &rule));
    let [floor, free, cap] = ["0000", "0001", "0002"].map(|member| why(&case, "L1", member));
    assert_eq!(
        (floor.cause, cap.cause, free.cause),
        (Cause::Floor, Cause::Cap, Cause::Exact)
    );
    let Origin::Rule(Step {
        by: StepBy::Clamp { free, .. },
        ..
    }) = cap.origin
    else {
        unreachable!("the line is clamped")
    };
    assert_eq!(
        free.part.as_euros(),
        "80.000000",
        "what the cap takes away is told"
    );
}

#[test]
fn a_composed_rule_is_told_step_by_step() {
    let rule = json!({"kind": "mix", "parts": [
        {"percent": "30", "rule": {"kind": "equal"}},
        {"percent": "70", "rule": {"kind": "coefficient", "coefficients": {"0001": "1.5"},
                                   "rule": {"kind": "proportional", "key": "key"}}},
    ]});
    let case = read(one_line("100.00", &["100", "200"], &rule));
    let Origin::Rule(step) = why(&case, "L1", "0001").origin else {
        unreachable!("the line has a rule")
    };
    let StepBy::Mix { parts } = &step.by else {
        unreachable!("the rule is composed")
    };
    assert_eq!(parts[0].step.part.as_euros(), "15.000000");
    let StepBy::Weight { weight, sum, .. } = &parts[1].step.by else {
        unreachable!("the second part weighs")
    };
    assert_eq!(
        (weight.as_decimal(2), sum.as_decimal(2)),
        ("300".into(), "400".into())
    );
    assert_eq!(parts[1].step.part.as_euros(), "52.500000");
}

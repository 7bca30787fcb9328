//! The contract of an allocation, clause by clause, on random invoices and on all small ones.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what a test needs may panic"
)]

use domain::allocation::{
    AllocationRule, Broken, Case, Line, Member, Outcome, Replay, TaxGroup, TaxTotal, allocate,
    verify,
};
use domain::money::Cents;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

mod drawn;

use drawn::{drawn_case, groups};

fn shares(outcome: &Outcome) -> impl PartialEq + std::fmt::Debug + use<> {
    (
        outcome.shares.clone(),
        outcome.tax_shares.clone(),
        outcome.members.clone(),
        outcome.total,
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_clause_is_proved_again((_, case) in drawn_case()) {
        let outcome = allocate(&case).unwrap();
        prop_assert_eq!(verify(&case, &outcome), Ok(()));
        prop_assert!(outcome.max_deviation.as_cents().starts_with("0."));
    }

    /// Clauses 1, 3 and 4, with arithmetic that owes nothing to the crate.
    #[test]
    fn shares_add_up_and_stay_within_a_cent((drawn, case) in drawn_case()) {
        let outcome = allocate(&case).unwrap();
        for (line, drawn_line) in case.lines.iter().zip(&drawn.lines) {
            let sum = drawn.weight_sum(drawn_line).max(1);
            let mut paid = 0;
            for (index, member) in case.members.iter().enumerate() {
                let share = i128::from(outcome.share(&line.id, &member.id).0);
                let weight = if drawn_line.takers.contains(&index) {
                    i128::from(drawn.weight(drawn_line.rule, index))
                } else {
                    0
                };
                let exact = i128::from(drawn_line.net) * weight;
                prop_assert!((share * sum - exact).abs() < sum, "floor or ceiling");
                prop_assert!(weight > 0 || share == 0, "no weight, no share");
                paid += share;
            }
            prop_assert_eq!(paid, i128::from(drawn_line.net));
        }
    }

    /// Clauses 1 and 2: net and tax make gross, for each and for all.
    #[test]
    fn totals_add_up_both_ways((_, case) in drawn_case()) {
        let outcome = allocate(&case).unwrap();
        let mut all = [0; 3];
        for (id, totals) in &outcome.members {
            let net: i64 = outcome.shares.iter().filter(|(k, _)| k.1 == id).map(|(_, s)| s.0).sum();
            let tax: i64 =
                outcome.tax_shares.iter().filter(|(k, _)| k.1 == id).map(|(_, s)| s.0).sum();
            prop_assert_eq!([totals.net.0, totals.tax.0, totals.gross.0], [net, tax, net + tax]);
            all = [all[0] + net, all[1] + tax, all[2] + net + tax];
        }
        let total = outcome.total;
        prop_assert_eq!(all, [total.net.0, total.tax.0, total.gross.0]);
        for printed in &case.taxes {
            let shared: i64 = outcome
                .tax_shares
                .iter()
                .filter(|((group, _), _)| **group == printed.group)
                .map(|(_, share)| share.0)
                .sum();
            prop_assert_eq!(shared, printed.amount.0);
        }
    }

    /// Clause 4: an invoice and its credit note cancel out, cell by cell.
    #[test]
    fn a_credit_note_is_minus_its_invoice((_, case) in drawn_case()) {
        let invoice = allocate(&case).unwrap();
        let credit = allocate(&case.negated().unwrap()).unwrap();
        prop_assert_eq!(invoice.shares.len(), credit.shares.len());
        for (cell, share) in &invoice.shares {
            prop_assert_eq!(credit.share(cell.0, cell.1).0, -share.0);
        }
        prop_assert_eq!(invoice.tax_shares.len(), credit.tax_shares.len());
        for ((group, member), share) in &invoice.tax_shares {
            prop_assert_eq!(credit.tax_share(*group, member).0, -share.0);
        }
    }

    /// Clause 5: neither the order of members nor that of lines changes a byte.
    #[test]
    fn order_changes_nothing((_, case) in drawn_case(), at in any::<(Index, Index, Index)>()) {
        let mut other = case.clone();
        other.members.rotate_left(at.0.index(case.members.len()));
        other.lines.rotate_left(at.1.index(case.lines.len()));
        other.lines.reverse();
        other.taxes.rotate_left(at.2.index(case.taxes.len()));
        prop_assert_eq!(allocate(&other).unwrap(), allocate(&case).unwrap());
    }

    #[test]
    fn scaling_a_key_changes_no_share((drawn, case) in drawn_case(), factor in 2_u32..7) {
        let mut scaled = drawn.clone();
        scaled.weights.iter_mut().flatten().for_each(|weight| *weight *= factor);
        prop_assert_eq!(shares(&allocate(&scaled.case()).unwrap()), shares(&allocate(&case).unwrap()));
        let mut finer = drawn;
        finer.scale = (finer.scale + 1) % 4;
        prop_assert_eq!(shares(&allocate(&finer.case()).unwrap()), shares(&allocate(&case).unwrap()));
    }

    #[test]
    fn labels_change_neither_shares_nor_hashes((_, case) in drawn_case()) {
        let mut renamed = case.clone();
        renamed.lines.iter_mut().for_each(|line| line.label.push('*'));
        prop_assert_eq!(allocate(&renamed).unwrap(), allocate(&case).unwrap());
    }

    #[test]
    fn the_canonical_form_replays_to_the_same_bytes((_, case) in drawn_case()) {
        let read: Case = serde_json::from_str(&case.canonical_json()).unwrap();
        prop_assert_eq!(allocate(&read).unwrap(), allocate(&case).unwrap());
    }

    #[test]
    fn every_explanation_ends_on_the_share((_, case) in drawn_case()) {
        let outcome = allocate(&case).unwrap();
        let replay = Replay::of(&case).unwrap();
        for member in &case.members {
            for line in &case.lines {
                let share = outcome.share(&line.id, &member.id);
                match replay.share(&line.id, &member.id).unwrap() {
                    Some(why) => prop_assert_eq!(why.share, share),
                    None => prop_assert!(share.is_zero()),
                }
            }
            for group in groups() {
                let share = outcome.tax_share(group, &member.id);
                match replay.tax_share(group, &member.id).unwrap() {
                    Some(why) => {
                        prop_assert_eq!(why.share, share);
                        prop_assert!(why.rank.is_none_or(|rank| rank <= why.candidates));
                        prop_assert!(why.leftover <= why.candidates);
                    }
                    None => prop_assert!(share.is_zero()),
                }
            }
        }
    }

    /// With one sign and one line, the tax is shared as the line is.
    #[test]
    fn tax_follows_net(weights in vec(1_i64..5_000, 1..9), net in 1_i64..1_000_000, gap in -3_i64..=3) {
        let group = groups()[0];
        let mut case = one_line(net, &weights);
        case.lines[0].tax = group;
        let printed = Cents((group.rate.tax_on(Cents(net)).unwrap().0 + gap).max(0));
        case.taxes = vec![TaxTotal { group, amount: printed }];
        let outcome = allocate(&case).unwrap();
        let alone = allocate(&one_line(printed.0, &weights)).unwrap();
        for member in &case.members {
            prop_assert_eq!(outcome.tax_share(group, &member.id), alone.share("L1", &member.id));
        }
    }

    #[test]
    fn equal_weights_differ_by_a_cent_at_most(net in -100_000_i64..100_000, n in 1_usize..40) {
        let outcome = allocate(&one_line(net, &vec![7; n])).unwrap();
        let shares: Vec<i64> = outcome.members.values().map(|totals| totals.net.0).collect();
        prop_assert!(shares.iter().max().unwrap() - shares.iter().min().unwrap() <= 1);
        // The lower ids take the leftover.
        prop_assert!(shares.is_sorted_by(|a, b| a.abs() >= b.abs()));
    }

    /// A changed cent never passes, even moved between two members so that sums still agree.
    #[test]
    fn a_moved_cent_is_found((_, case) in drawn_case(), at in any::<Index>(), by in 1_i64..3) {
        let mut outcome = allocate(&case).unwrap();
        prop_assume!(outcome.shares.len() > 1);
        let mut moved = outcome.shares.to_map();
        let cells: Vec<(String, String)> = moved.keys().cloned().collect();
        let from = cells[at.index(cells.len() - 1)].clone();
        let to = cells[at.index(cells.len() - 1) + 1].clone();
        moved.get_mut(&from).unwrap().0 -= by;
        moved.get_mut(&to).unwrap().0 += by;
        outcome.shares = moved.into();
        prop_assert!(verify(&case, &outcome).is_err());
    }
}

fn one_line(net: i64, weights: &[i64]) -> Case {
    let members = weights.iter().enumerate();
    Case {
        members: members
            .map(|(i, w)| Member::new(format!("{i:02}")).with("key", *w))
            .collect(),
        lines: vec![Line {
            id: "L1".into(),
            lot: None,
            label: String::new(),
            net: Cents(net),
            tax: TaxGroup::default(),
            rule: AllocationRule::proportional("key"),
            members: None,
        }],
        taxes: vec![],
        ..Case::default()
    }
}

/// All lines up to 40 cents, all weights up to 6, up to three members, against a plain sort.
///
/// `rounding.rs` does the same for four members, without the weight of whole cases.
#[test]
fn all_small_lines_agree_with_a_plain_sort() {
    for n in 1..=3_u32 {
        for code in 0..7_i64.pow(n) {
            let weights: Vec<i64> = (0..n).map(|i| code / 7_i64.pow(i) % 7).collect();
            if weights.iter().sum::<i64>() == 0 {
                continue;
            }
            // One line for each total: `line-1` rounds each on its own.
            let mut case = one_line(0, &weights);
            let line = case.lines.remove(0);
            case.lines.extend((0..=40).map(|total| Line {
                id: format!("{total}"),
                net: Cents(total),
                ..line.clone()
            }));
            let outcome = allocate(&case).unwrap();
            for total in 0..=40 {
                let share = |member: &Member| outcome.share(&format!("{total}"), &member.id).0;
                let shares: Vec<i64> = case.members.iter().map(share).collect();
                assert_eq!(
                    shares,
                    by_plain_sort(total, &weights),
                    "{total} over {weights:?}"
                );
            }
        }
    }
}

fn by_plain_sort(total: i64, weights: &[i64]) -> Vec<i64> {
    let sum: i64 = weights.iter().sum();
    let mut shares: Vec<i64> = weights.iter().map(|weight| total * weight / sum).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|&i| (std::cmp::Reverse(total * weights[i] % sum), i));
    let left = total - shares.iter().sum::<i64>();
    for &i in order.iter().take(usize::try_from(left).unwrap()) {
        shares[i] += 1;
    }
    shares
}

#[test]
fn a_changed_hash_or_total_is_found() {
    let case = one_line(100, &[1, 1, 1]);
    let good = allocate(&case).unwrap();
    assert_eq!(verify(&case, &good), Ok(()));

    let mut other = good.clone();
    other.input_sha256.replace_range(0..1, "x");
    assert_eq!(verify(&case, &other), Err(Broken::Hash { of: "case" }));

    let mut other = good.clone();
    other.members.get_mut("01").unwrap().gross.0 += 1;
    assert_eq!(
        verify(&case, &other),
        Err(Broken::MemberTotal {
            member: "01".into()
        })
    );

    let mut other = good.clone();
    let mut strange = good.shares.to_map();
    strange.insert(("L9".into(), "01".into()), Cents(0));
    other.shares = strange.into();
    assert_eq!(verify(&case, &other), Err(Broken::StrangeShare));

    let mut other = good;
    other.algorithm = "line-0".into();
    assert!(verify(&case, &other).is_err());
}

//! The contract of `tree-1`, clause by clause, on random invoices of every shape.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what a test needs may panic"
)]

use domain::allocation::{
    AllocationError, AllocationRule, Case, Line, Member, Outcome, TaxGroup, TaxPolicy, TaxTotal,
    allocate_completely, share, verify,
};
use domain::money::Cents;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

mod drawn_tree;

use drawn_tree::{drawn_case, groups, id};

/// The outcome, unless the case drawn is one that must be refused.
fn shared(case: &Case) -> Option<Outcome> {
    match allocate_completely(case) {
        Ok(outcome) => Some(outcome),
        Err(
            AllocationError::NoWeight { .. }
            | AllocationError::TaxOnZeroBase { .. }
            | AllocationError::Rule { .. }
            // Cents so few that a percentage of them moves with each of them.
            | AllocationError::Unsettled,
        ) => None,
        Err(error) => panic!("{error}"),
    }
}

fn plain(net: Vec<i64>, weights: &[Vec<i64>]) -> Case {
    let member = |(index, weights): (usize, &Vec<i64>)| {
        let keys = weights.iter().enumerate();
        keys.fold(Member::new(id(index)), |member, (key, weight)| {
            member.with(format!("k{key}"), *weight)
        })
    };
    let line = |(index, net)| Line {
        id: format!("{index:03}"),
        lot: None,
        label: String::new(),
        net: Cents(net),
        tax: TaxGroup::default(),
        rule: AllocationRule::proportional(format!("k{}", index % weights[0].len())),
        members: None,
    };
    Case {
        members: weights.iter().enumerate().map(member).collect(),
        lines: net.into_iter().enumerate().map(line).collect(),
        ..Case::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, max_global_rejects: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn every_clause_is_proved_again(case in drawn_case()) {
        let Some(outcome) = shared(&case) else { return Err(TestCaseError::reject("refused")) };
        prop_assert_eq!(verify(&case, &outcome), Ok(()));
        prop_assert!(outcome.max_deviation.as_cents().starts_with("0."));
    }

    /// Clauses 1 and 2, with arithmetic that owes nothing to the crate.
    #[test]
    fn totals_add_up_both_ways(case in drawn_case()) {
        let Some(outcome) = shared(&case) else { return Err(TestCaseError::reject("refused")) };
        for line in &case.lines {
            let own = outcome.shares.iter().filter(|((id, _), _)| **id == line.id);
            prop_assert_eq!(own.map(|(_, share)| share.0).sum::<i64>(), line.net.0);
        }
        for tax in &case.taxes {
            let own = outcome.tax_shares.iter().filter(|((group, _), _)| **group == tax.group);
            prop_assert_eq!(own.map(|(_, share)| share.0).sum::<i64>(), tax.amount.0);
        }
        let mut all = [0; 3];
        for (id, totals) in &outcome.members {
            let net: i64 = outcome.shares.iter().filter(|(k, _)| k.1 == id).map(|(_, s)| s.0).sum();
            let tax: i64 = outcome.tax_shares.iter().filter(|(k, _)| k.1 == id).map(|(_, s)| s.0).sum();
            prop_assert_eq!([totals.net.0, totals.tax.0, totals.gross.0], [net, tax, net + tax]);
            all = [all[0] + net, all[1] + tax, all[2] + net + tax];
        }
        let total = outcome.total;
        prop_assert_eq!(all, [total.net.0, total.tax.0, total.gross.0]);
    }

    /// Clause 4: an invoice and its credit note cancel out, cell by cell.
    #[test]
    fn a_credit_note_is_minus_its_invoice(case in drawn_case()) {
        let Some(invoice) = shared(&case) else { return Err(TestCaseError::reject("refused")) };
        let credit = allocate_completely(&case.negated().unwrap()).unwrap();
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
    fn order_changes_nothing(case in drawn_case(), at in any::<(Index, Index, Index)>()) {
        let Some(outcome) = shared(&case) else { return Err(TestCaseError::reject("refused")) };
        let mut other = case.clone();
        other.members.rotate_left(at.0.index(case.members.len()));
        other.lines.rotate_left(at.1.index(case.lines.len()));
        other.charges.reverse();
        other.taxes.rotate_left(at.2.index(case.taxes.len()));
        prop_assert_eq!(allocate_completely(&other).unwrap(), outcome);
    }

    #[test]
    fn the_canonical_form_replays_to_the_same_bytes(case in drawn_case()) {
        let Some(outcome) = shared(&case) else { return Err(TestCaseError::reject("refused")) };
        let read: Case = serde_json::from_str(&case.canonical_json()).unwrap();
        prop_assert_eq!(read.canonical_json(), case.canonical_json());
        prop_assert_eq!(allocate_completely(&read).unwrap(), outcome);
    }

    /// A changed cent never passes: alone, or moved to another member so that sums still agree.
    #[test]
    fn a_changed_cent_is_found(case in drawn_case(), at in any::<(Index, Index)>(), by in prop_oneof![Just(-1_i64), Just(1)]) {
        let Some(good) = shared(&case) else { return Err(TestCaseError::reject("refused")) };
        prop_assume!(!good.shares.is_empty());
        let shares = good.shares.to_map();
        let cells: Vec<(String, String)> = shares.keys().cloned().collect();
        let from = &cells[at.0.index(cells.len())];
        let mut alone = good.clone();
        let mut changed = shares;
        changed.get_mut(from).unwrap().0 += by;
        alone.shares = changed.clone().into();
        prop_assert!(verify(&case, &alone).is_err());
        let mut moved = alone;
        let to = (from.0.clone(), case.members[at.1.index(case.members.len())].id.clone());
        if to != *from {
            changed.entry(to).or_default().0 -= by;
            moved.shares = changed.into();
            prop_assert!(verify(&case, &moved).is_err());
        }
        let mut shares = good.tax_shares.to_map();
        let taxes: Vec<(TaxGroup, String)> = shares.keys().cloned().collect();
        if !taxes.is_empty() {
            let mut taxed = good;
            shares.get_mut(&taxes[at.1.index(taxes.len())]).unwrap().0 += by;
            taxed.tax_shares = shares.into();
            prop_assert!(verify(&case, &taxed).is_err());
        }
    }

    #[test]
    fn one_line_is_split_by_largest_remainder(net in -5_000_i64..5_000, weights in vec(0_i64..50, 1..12)) {
        prop_assume!(weights.iter().sum::<i64>() > 0);
        let rows: Vec<Vec<i64>> = weights.iter().map(|weight| vec![*weight]).collect();
        let outcome = allocate_completely(&plain(vec![net], &rows)).unwrap();
        let weights: Vec<_> = weights.into_iter().map(domain::allocation::Weight::whole).collect();
        for (index, share) in share(Cents(net), &weights).unwrap().into_iter().enumerate() {
            prop_assert_eq!(outcome.share("000", &id(index)), share);
        }
    }

    /// Every cell and every member within a cent, over many lines of several keys.
    #[test]
    fn every_member_is_within_a_cent_over_all_lines(
        net in vec(prop_oneof![4 => 0_i64..40, 1 => -40_i64..0], 1..30),
        weights in (1_usize..4).prop_flat_map(|keys| vec(vec(0_i64..13, keys), 1..9)),
    ) {
        let keys = weights[0].len();
        let sums: Vec<i64> = (0..keys).map(|key| weights.iter().map(|w| w[key]).sum()).collect();
        prop_assume!(sums.iter().all(|sum| *sum > 0));
        let outcome = allocate_completely(&plain(net.clone(), &weights)).unwrap();
        let unit: i64 = sums.iter().product();
        for (index, weights) in weights.iter().enumerate() {
            let mut due = 0;
            for (line, net) in net.iter().enumerate() {
                let share = outcome.share(&format!("{line:03}"), &id(index)).0;
                let key = line % keys;
                let gap = net * weights[key] - share * sums[key];
                prop_assert!(gap.abs() < sums[key], "floor or ceiling");
                due += gap * (unit / sums[key]);
            }
            prop_assert!(due.abs() < unit, "member {} is off by {}/{}", index, due, unit);
        }
    }

    #[test]
    fn equal_weights_differ_by_a_cent_at_most(net in vec(0_i64..1_000, 1..20), n in 1_usize..12) {
        let outcome = allocate_completely(&plain(net.clone(), &vec![vec![7]; n])).unwrap();
        let spread = |shares: Vec<i64>| shares.iter().max().unwrap() - shares.iter().min().unwrap();
        prop_assert!(spread(outcome.members.values().map(|t| t.net.0).collect()) <= 1);
        for line in 0..net.len() {
            let line = format!("{line:03}");
            prop_assert!(spread((0..n).map(|m| outcome.share(&line, &id(m)).0).collect()) <= 1);
        }
    }

    #[test]
    fn who_weighs_more_pays_no_less_but_for_a_cent(
        net in vec(0_i64..1_000, 1..12),
        weights in vec(vec(0_i64..20, 2), 2..8),
    ) {
        let sums = [0, 1].map(|key: usize| weights.iter().map(|w| w[key]).sum::<i64>());
        prop_assume!(sums.iter().all(|sum| *sum > 0));
        let outcome = allocate_completely(&plain(net, &weights)).unwrap();
        let total = |member: usize| outcome.members[&id(member)].net.0;
        for (a, heavy) in weights.iter().enumerate() {
            for (b, light) in weights.iter().enumerate() {
                if heavy.iter().zip(light).all(|(heavy, light)| heavy >= light) {
                    prop_assert!(total(a) >= total(b) - 1);
                }
            }
        }
    }

    #[test]
    fn scaling_a_key_changes_no_share(net in vec(-400_i64..400, 1..8), weights in vec(1_i64..20, 1..8), factor in 2_i64..9) {
        let rows = |factor: i64| weights.iter().map(|w| vec![w * factor]).collect::<Vec<_>>();
        let one = allocate_completely(&plain(net.clone(), &rows(1))).unwrap();
        let other = allocate_completely(&plain(net, &rows(factor))).unwrap();
        prop_assert_eq!(one.shares, other.shares);
    }

    /// With a clerk's policy, the tax is recomputed from the cents of the page.
    #[test]
    fn printed_taxes_follow_the_cents_of_the_page(net in 1_i64..100_000, weights in vec(0_i64..50, 1..9)) {
        prop_assume!(weights.iter().sum::<i64>() > 0);
        let rows: Vec<Vec<i64>> = weights.iter().map(|weight| vec![*weight]).collect();
        let mut case = plain(vec![net], &rows);
        let group = groups()[0];
        case.tax_policy = TaxPolicy::Printed;
        case.lines[0].tax = group;
        let amount = group.rate.tax_on(Cents(net)).unwrap();
        case.taxes = vec![TaxTotal { group, amount }];
        let outcome = allocate_completely(&case).unwrap();
        prop_assert_eq!(verify(&case, &outcome), Ok(()));
        for member in &case.members {
            let own = i128::from(outcome.share("000", &member.id).0);
            let tax = i128::from(outcome.tax_share(group, &member.id).0);
            let gap = tax * i128::from(net) - i128::from(amount.0) * own;
            prop_assert!(gap.abs() < i128::from(net));
        }
    }
}

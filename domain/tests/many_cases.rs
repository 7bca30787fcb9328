//! Random invoices by the million: every clause of the contract is proved again on each.
//!
//! A few hundred with the other tests. `make cases CASES=1000000` draws more, in a release build
//! that checks arithmetic; `FROM=…` goes on where a run has stopped, since each case is drawn from
//! its own number. What it prints at the end is the same for the same numbers and algorithm.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may panic, and this one tells what it did"
)]

use std::collections::BTreeMap;
use std::time::Instant;

use domain::allocation::{
    AllocationError, AllocationRule, Case, Charge, FixedAmounts, Line, allocate_completely, verify,
};
use domain::money::Cents;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

mod drawn_tree;

use drawn_tree::{drawn_case, drawn_case_of, groups};

/// Fewer members and lines than these, in so many cases of a thousand; the others are as elsewhere.
const SIZES: [(usize, usize, u64); 3] = [(4, 4, 900), (40, 12, 9), (300, 20, 1)];

fn number(name: &str, otherwise: u64) -> u64 {
    let given = std::env::var(name).ok().filter(|given| !given.is_empty());
    given.map_or(otherwise, |given| given.parse().unwrap())
}

fn runner(case: u64) -> TestRunner {
    let mut seed = [0; 32];
    let (own, _) = seed.split_first_chunk_mut().unwrap();
    *own = case.to_le_bytes();
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    TestRunner::new_with_rng(Config::default(), rng)
}

fn drawn(number: u64) -> Case {
    let mut place = number % 1_000;
    let size = SIZES.iter().find(|(_, _, share)| {
        let found = place < *share;
        place = place.saturating_sub(*share);
        found
    });
    let case = match size {
        Some((members, lines, _)) => drawn_case_of(*members, *lines).boxed(),
        None => drawn_case().boxed(),
    };
    let case = case.new_tree(&mut runner(number)).unwrap().current();
    with_known_amounts(case, number)
}

/// The rules that no other strategy draws: amounts that are known, for all or before the rest.
fn with_known_amounts(mut case: Case, number: u64) -> Case {
    if !number.is_multiple_of(5) {
        return case;
    }
    let ids = case.members.iter().map(|member| member.id.clone());
    let cents = (0..).map(|at: i64| Cents(at * 7 % 23 + 1));
    let amounts: BTreeMap<String, Cents> = ids.zip(cents).collect();
    let net = Cents::checked_sum(amounts.values().copied()).unwrap();
    let (rule, net) = if number.is_multiple_of(2) {
        (AllocationRule::Direct { amounts }, net)
    } else {
        let fixed = FixedAmounts::Of(amounts);
        let then = Box::new(AllocationRule::Equal);
        (AllocationRule::First { fixed, then }, Cents(net.0 + 101))
    };
    case.lines.push(Line {
        id: "K".to_owned(),
        lot: None,
        label: String::new(),
        net,
        tax: groups()[3],
        rule,
        members: None,
    });
    case
}

/// The kinds of rules and tariffs of a case, each once.
fn kinds(case: &Case) -> Vec<&'static str> {
    let mut kinds: Vec<&str> = Vec::new();
    let mut rules: Vec<&AllocationRule> = case.lines.iter().map(|line| &line.rule).collect();
    while let Some(rule) = rules.pop() {
        kinds.push(match rule {
            AllocationRule::Equal => "equal",
            AllocationRule::Proportional { .. } => "proportional",
            AllocationRule::Product { .. } => "product",
            AllocationRule::Percent { .. } => "percent",
            AllocationRule::Bands(_) => "bands",
            AllocationRule::Coefficient { rule, .. } => {
                rules.push(rule);
                "coefficient"
            }
            AllocationRule::Mix { parts } => {
                rules.extend(parts.iter().map(|part| &part.rule));
                "mix"
            }
            AllocationRule::First { then, .. } => {
                rules.push(then);
                "first"
            }
            AllocationRule::Clamp { rule, .. } => {
                rules.push(rule);
                "clamp"
            }
            AllocationRule::Direct { .. } => "direct",
        });
    }
    kinds.extend(case.charges.iter().map(|line| match line.charge {
        Charge::PerUnit { .. } => "per_unit",
        Charge::Flat { .. } => "flat",
        Charge::Bands(_) => "tariff by bands",
        Charge::PercentOf(_) => "percent_of",
    }));
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// What a run has seen, told at its end.
#[derive(Default)]
struct Tally {
    shared: u64,
    refused: u64,
    repairs: usize,
    kinds: BTreeMap<&'static str, u64>,
    /// Folds the hash of every outcome, so that two runs compare by one number.
    digest: u64,
}

impl Tally {
    fn add(&mut self, number: u64) {
        let case = drawn(number);
        for kind in kinds(&case) {
            *self.kinds.entry(kind).or_default() += 1;
        }
        match allocate_completely(&case) {
            Ok(outcome) => {
                assert_eq!(verify(&case, &outcome), Ok(()), "case {number}: {case:?}");
                self.shared += 1;
                self.repairs += outcome.repairs;
                for byte in outcome.output_sha256.bytes() {
                    self.digest = (self.digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
                }
            }
            Err(
                AllocationError::NoWeight { .. }
                | AllocationError::TaxOnZeroBase { .. }
                | AllocationError::Rule { .. }
                | AllocationError::Unsettled,
            ) => self.refused += 1,
            Err(error) => panic!("case {number}: {error}: {case:?}"),
        }
    }

    fn tell(&self, from: u64, past: u64, since: Instant) {
        println!(
            "cases {from} to {past}: {} shared and proved, {} refused, {} repairs, {} s, digest {:016x}",
            self.shared,
            self.refused,
            self.repairs,
            since.elapsed().as_secs(),
            self.digest
        );
    }
}

#[test]
fn every_clause_holds_on_many_cases() {
    let (from, cases) = (number("FROM", 0), number("CASES", 300));
    let (since, mut tally) = (Instant::now(), Tally::default());
    for case in from..from + cases {
        tally.add(case);
        if (case + 1).is_multiple_of(10_000) {
            tally.tell(from, case, since);
        }
    }
    tally.tell(from, from + cases - 1, since);
    for (kind, count) in &tally.kinds {
        println!("{kind}: {count}");
    }
    assert!(tally.shared > cases / 2, "most cases can be shared");
}

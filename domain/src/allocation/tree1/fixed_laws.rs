//! Fixed point gives what exact numbers give, to the last word of the trace.

use std::sync::Arc;

use num_bigint::BigInt;

use super::fixed;
use super::grid::{Held, Rounded, Row};
use super::levels::{Levels, Place};
use super::parts::Parts;
use super::tier::{common_unit, round, rounded_in};
use super::weights::Weights;
use super::wide::Wide;
use crate::allocation::{Fraction, TaxGroup, Weight};
use crate::money::{TaxCategory, TaxRate};

/// A sequence of numbers that look random, the same each time.
struct Draw(u64);

impl Draw {
    fn below(&mut self, most: u64) -> i64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        i64::try_from((self.0 >> 33) % most).unwrap()
    }

    fn count(&mut self, most: u64) -> usize {
        usize::try_from(self.below(most)).unwrap()
    }
}

/// What is rounded in one case.
struct Drawn {
    rows: Vec<Row>,
    levels: Levels,
    held: Held,
    members: usize,
    carry: Vec<Fraction>,
}

impl Drawn {
    /// Lines of a few keys and rows of other kinds, under lots, groups and taxes.
    fn new(draw: &mut Draw) -> Self {
        let members = 2 + draw.count(9);
        let all: Arc<[usize]> = (0..members).collect();
        let some: Arc<[usize]> = (0..members).filter(|_| draw.below(3) > 0).collect();
        let takers = [all, some];
        let alike = draw.below(3) == 0;
        let keys: Vec<(Arc<[usize]>, Arc<Weights>)> = (0..4)
            .map(|key| {
                let takers = Arc::clone(&takers[usize::from(key == 3)]);
                let weight = |_: &usize| match (alike, key) {
                    (true, _) | (_, 0) => Weight::whole(1),
                    (false, _) => Weight::whole(draw.below(5) * draw.below(1 << (4 * key))),
                };
                let weights: Vec<Weight> = takers.iter().map(weight).collect();
                (takers, Arc::new(Weights::of_decimals(&weights)))
            })
            .filter(|(_, weights)| !weights.is_zero())
            .collect();
        let rows: Vec<Row> = (0..1 + draw.count(14))
            .map(|_| match draw.below(5) {
                0 => fractions(&takers[0], draw),
                _ => {
                    let (takers, weights) = keys[draw.count(4) % keys.len()].clone();
                    let total = draw.below(3_000) - 900;
                    let parts = Parts::Weighed { total, weights };
                    Row {
                        total,
                        takers,
                        parts,
                    }
                }
            })
            .collect();
        let places: Vec<Place<'_>> = rows.iter().map(|_| place(draw)).collect();
        let held = match draw.below(3) {
            0 => Held {
                first: rows.len() / 2,
                rows: (0..rows.len() / 2).map(|_| draw.below(2) > 0).collect(),
            },
            _ => Held::default(),
        };
        let carry = match draw.below(3) {
            0 => (0..members).map(|_| owed(draw)).collect(),
            _ => Vec::new(),
        };
        Self {
            levels: Levels::of(&places),
            rows,
            held,
            members,
            carry,
        }
    }

    fn in_fixed_point(&self, effort_max: usize) -> Option<Rounded> {
        let unit = common_unit(&self.rows, &self.carry);
        let all = (&self.rows[..], &self.levels, &self.held);
        let (members, carry) = (self.members, &self.carry);
        let big = fixed::rounded::<BigInt>(all, members, &unit, carry, effort_max).unwrap();
        if unit.bits() < 200 {
            let wide = fixed::rounded::<Wide>(all, members, &unit, carry, effort_max).unwrap();
            assert_eq!(big, wide);
        }
        big
    }

    fn exactly(&self) -> Rounded {
        let unit = common_unit(&self.rows, &self.carry);
        let (rows, levels, held) = (&self.rows, &self.levels, &self.held);
        rounded_in::<BigInt>(rows, levels, held, self.members, &unit, &self.carry).unwrap()
    }
}

/// Amounts over a denominator of their own, whose sum is whole.
fn fractions(takers: &Arc<[usize]>, draw: &mut Draw) -> Row {
    let denominator = 1 + i128::from(draw.below(60)) * (1 << (draw.below(4) * 20));
    let mut numerators: Vec<i128> = takers
        .iter()
        .map(|_| i128::from(draw.below(900) - 300) * denominator / 7)
        .collect();
    let sum: i128 = numerators.iter().sum();
    numerators[0] += (-sum).rem_euclid(denominator);
    let total = numerators.iter().sum::<i128>() / denominator;
    Row {
        total: i64::try_from(total).unwrap(),
        takers: Arc::clone(takers),
        parts: Parts::Narrow {
            numerators,
            denominator,
        },
    }
}

fn place(draw: &mut Draw) -> Place<'static> {
    let rate = TaxRate::parse(["20", "5.5"][draw.count(2)]).unwrap();
    match draw.below(4) {
        0 => Place::Tax,
        _ => Place::Net {
            group: TaxGroup::new(TaxCategory::Vat, rate),
            lot: [None, Some("1"), Some("2")][draw.count(3)],
        },
    }
}

fn owed(draw: &mut Draw) -> Fraction {
    let text = format!("{}/{}", draw.below(90) - 45, 1 + draw.below(12));
    Fraction::parse(&text).unwrap()
}

#[test]
fn fixed_point_gives_what_exact_numbers_give() {
    let mut draw = Draw(3);
    let (mut repairs, mut tied) = (0, 0);
    for _ in 0..if cfg!(debug_assertions) {
        1_500
    } else {
        60_000
    } {
        let drawn = Drawn::new(&mut draw);
        let exact = drawn.exactly();
        assert_eq!(drawn.in_fixed_point(usize::MAX), Some(exact.clone()));
        repairs += exact.repairs;
        let last = exact.trace.rows.iter().filter_map(|row| row.last.as_ref());
        tied += last.filter(|last| last.tied).count();
    }
    assert!(repairs > 100, "the draw must force repairs: {repairs}");
    assert!(tied > 500, "the draw must make ties: {tied}");
}

/// Too many ties: exact numbers take over, and nobody can tell.
#[test]
fn what_fixed_point_gives_up_is_rounded_exactly() {
    let mut draw = Draw(5);
    let mut given_up = 0;
    for _ in 0..200 {
        let drawn = Drawn::new(&mut draw);
        for effort_max in [0, 5, 40] {
            match drawn.in_fixed_point(effort_max) {
                Some(rounded) => assert_eq!(rounded, drawn.exactly()),
                None => given_up += 1,
            }
        }
        let (rows, levels, held) = (&drawn.rows, &drawn.levels, &drawn.held);
        let rounded = round(rows, levels, drawn.members, &drawn.carry, held).unwrap();
        assert_eq!(rounded, drawn.exactly());
    }
    assert!(given_up > 100, "{given_up}");
}

/// Hundreds of equal members are tied in each row of a first key.
#[test]
fn many_ties_of_several_keys_are_rounded_exactly() {
    let members = 700;
    let takers: Arc<[usize]> = (0..members).collect();
    let key = |weight: &dyn Fn(i64) -> i64| {
        let weights: Vec<Weight> = (1..=700).map(|at| Weight::whole(weight(at))).collect();
        Arc::new(Weights::of_decimals(&weights))
    };
    let (equal, large) = (key(&|_| 1), key(&|at| at * at * 1_000_003 + (1 << 52)));
    let other = key(&|at| (at * 7_919 % 101) * (1 << 47) + at);
    let rows: Vec<Row> = (0..30)
        .map(|at| Row {
            total: 1_000 + at * 37,
            takers: Arc::clone(&takers),
            parts: Parts::Weighed {
                total: 1_000 + at * 37,
                weights: Arc::clone(
                    [&equal, &equal, &large, &other][usize::try_from(at / 9).unwrap()],
                ),
            },
        })
        .collect();
    let (group, lot) = (TaxGroup::default(), None);
    let drawn = Drawn {
        levels: Levels::of(&vec![Place::Net { group, lot }; rows.len()]),
        rows,
        held: Held::default(),
        members,
        carry: Vec::new(),
    };
    let exact = drawn.exactly();
    assert_eq!(drawn.in_fixed_point(usize::MAX), Some(exact.clone()));
    let (rows, levels, held) = (&drawn.rows, &drawn.levels, &drawn.held);
    assert_eq!(round(rows, levels, members, &[], held).unwrap(), exact);
}

/// A double tells neither of them apart: the higher id is owed more, by less than 2⁻⁶⁰ cent.
#[test]
fn dues_that_a_float_confuses_are_told_apart() {
    let denominator = (1_i128 << 100) + 7;
    let takers: Arc<[usize]> = (0..3).collect();
    let half = denominator / 2;
    let numerators = vec![half - 10, half + 5, denominator - 2 * half + 5];
    let row = Row {
        total: 1,
        takers,
        parts: Parts::Narrow {
            numerators,
            denominator,
        },
    };
    let (group, lot) = (TaxGroup::default(), None);
    let drawn = Drawn {
        levels: Levels::of(&[Place::Net { group, lot }]),
        rows: vec![row],
        held: Held::default(),
        members: 3,
        carry: Vec::new(),
    };
    let done = drawn.in_fixed_point(usize::MAX).unwrap();
    assert_eq!(done.cells, [[0, 1, 0]]);
    assert_eq!(drawn.exactly().cells, done.cells);
}

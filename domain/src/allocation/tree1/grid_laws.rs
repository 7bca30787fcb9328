//! The laws of controlled rounding on all small matrices, in every tier.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::ToPrimitive;

use super::fixed;
use super::grid::{Held, Rounded, Row};
use super::levels::{Levels, Place};
use super::parts::Parts;
use super::tax::tax_row;
use super::tier::{common_unit, round, rounded_in};
use super::weights::Weights;
use super::wide::Wide;
use crate::allocation::{Fraction, TaxGroup, Weight};
use crate::money::{TaxCategory, TaxRate};

fn weighed(total: i64, weights: &[i64]) -> Row {
    let weights: Vec<Weight> = weights.iter().copied().map(Weight::whole).collect();
    Row {
        total,
        takers: (0..weights.len()).collect(),
        parts: Parts::Weighed {
            total,
            weights: Weights::of_decimals(&weights).into(),
        },
    }
}

fn flat(rows: &[Row]) -> Levels {
    let (group, lot) = (TaxGroup::default(), None);
    Levels::of(&vec![Place::Net { group, lot }; rows.len()])
}

/// Every tier, which must agree.
fn rounded(rows: &[Row], levels: &Levels, members: usize, carry: &[Fraction]) -> Rounded {
    let held = Held::default();
    let unit = common_unit(rows, carry);
    let done = round(rows, levels, members, carry, &held).unwrap();
    let narrow = rounded_in::<i128>(rows, levels, &held, members, &unit, carry).unwrap();
    let wide = rounded_in::<Wide>(rows, levels, &held, members, &unit, carry).unwrap();
    let big = rounded_in::<BigInt>(rows, levels, &held, members, &unit, carry).unwrap();
    assert_eq!(done, narrow);
    assert_eq!(done, wide);
    assert_eq!(done, big);
    let all = (rows, levels, &held);
    let fixed = fixed::rounded::<i128>(all, members, &unit, carry, usize::MAX).unwrap();
    assert_eq!(fixed.as_ref(), Some(&done));
    let fixed = fixed::rounded::<BigInt>(all, members, &unit, carry, usize::MAX).unwrap();
    assert_eq!(fixed, Some(done.clone()));
    done
}

/// Rows add up, cells are floors or ceilings, members are within a cent; by plain fractions.
fn check(totals: &[i64], weights: &[Vec<i64>], cells: &[Vec<i64>]) {
    let sums: Vec<i64> = weights.iter().map(|row| row.iter().sum()).collect();
    let unit: i64 = sums.iter().product();
    for member in 0..weights[0].len() {
        let mut due = 0;
        for (row, total) in totals.iter().enumerate() {
            let gap = total * weights[row][member] - cells[row][member] * sums[row];
            assert!(gap.abs() < sums[row], "{totals:?} {weights:?} {cells:?}");
            due += gap * (unit / sums[row]);
        }
        assert!(due.abs() < unit, "{totals:?} {weights:?} {cells:?}");
    }
    for (row, total) in totals.iter().enumerate() {
        assert_eq!(cells[row].iter().sum::<i64>(), *total);
    }
}

/// All weights of three members up to 3 that say something new: not all zero, in lowest terms.
fn small_rows() -> Vec<Vec<i64>> {
    let row = |code: i64| vec![code % 4, code / 4 % 4, code / 16];
    let lowest = |row: &Vec<i64>| row.iter().fold(0, |gcd, weight| gcd.gcd(weight)) == 1;
    (1..64).map(row).filter(lowest).collect()
}

/// Every table of floors and ceilings that adds up by row and keeps members within a cent.
fn controlled_tables(totals: &[i64], weights: &[Vec<i64>]) -> Vec<Vec<Vec<i64>>> {
    let mut tables: Vec<Vec<Vec<i64>>> = vec![Vec::new()];
    for (total, row) in totals.iter().zip(weights) {
        let sum: i64 = row.iter().sum();
        let raised = (0..1 << row.len()).filter_map(|bits: i64| {
            let cells: Vec<i64> = (0..row.len())
                .map(|at| (total * row[at]).div_euclid(sum) + (bits >> at & 1))
                .collect();
            let near = |(cell, weight): (&i64, &i64)| (cell * sum - total * weight).abs() < sum;
            let fits = cells.iter().zip(row).all(near) && cells.iter().sum::<i64>() == *total;
            fits.then_some(cells)
        });
        let rows: Vec<Vec<i64>> = raised.collect();
        let longer = |table: Vec<Vec<i64>>| {
            let rows = rows.clone().into_iter();
            rows.map(move |row| table.iter().cloned().chain([row]).collect())
        };
        tables = tables.into_iter().flat_map(longer).collect();
    }
    tables.retain(|table| strays(totals, weights, table).is_none());
    tables
}

/// The first member who is a cent or more away.
fn strays(totals: &[i64], weights: &[Vec<i64>], cells: &[Vec<i64>]) -> Option<usize> {
    let sums: Vec<i64> = weights.iter().map(|row| row.iter().sum()).collect();
    let unit: i64 = sums.iter().product();
    (0..weights[0].len()).find(|member| {
        let rows = totals.iter().enumerate();
        let gap = |(row, total): (usize, &i64)| {
            (total * weights[row][*member] - cells[row][*member] * sums[row]) * (unit / sums[row])
        };
        rows.map(gap).sum::<i64>().abs() >= unit
    })
}

#[test]
fn all_matrices_of_two_rows_and_three_members_are_rounded() {
    let held = Held::default();
    // The first row ascends: members of other orders are the same case by another name.
    for first in small_rows().into_iter().filter(|row| row.is_sorted()) {
        for second in small_rows() {
            let weights = vec![first.clone(), second];
            for code in 0..49 {
                let totals = [code % 7, code / 7];
                let rows = [
                    weighed(totals[0], &weights[0]),
                    weighed(totals[1], &weights[1]),
                ];
                let done = round(&rows, &flat(&rows), 3, &[], &held).unwrap();
                check(&totals, &weights, &done.cells);
                if code % 5 == 0 {
                    let all = controlled_tables(&totals, &weights);
                    assert!(all.contains(&done.cells), "{totals:?} {weights:?}");
                }
            }
        }
    }
}

/// All of them in a release build; one in some hundreds, spread evenly, in a debug build.
#[test]
fn all_matrices_of_three_rows_and_three_members_are_rounded() {
    let (held, step) = (
        Held::default(),
        if cfg!(debug_assertions) { 997 } else { 1 },
    );
    let all = small_rows();
    // The first row ascends: members of other orders are the same case by another name.
    let firsts: Vec<&Vec<i64>> = all.iter().filter(|row| row.is_sorted()).collect();
    let count = firsts.len() * all.len() * all.len() * 216;
    for code in (0..count).step_by(step) {
        let (of_totals, of_rows) = (code % 216, code / 216);
        let totals = [of_totals % 6, of_totals / 6 % 6, of_totals / 36];
        let totals = totals.map(|total| i64::try_from(total).unwrap() + 1);
        let weights = vec![
            firsts[of_rows % firsts.len()].clone(),
            all[of_rows / firsts.len() % all.len()].clone(),
            all[of_rows / firsts.len() / all.len()].clone(),
        ];
        let rows: Vec<Row> = totals
            .iter()
            .zip(&weights)
            .map(|(t, w)| weighed(*t, w))
            .collect();
        let done = round(&rows, &flat(&rows), 3, &[], &held).unwrap();
        check(&totals, &weights, &done.cells);
        if code % 11 == 0 {
            let all = controlled_tables(&totals, &weights);
            assert!(all.contains(&done.cells), "{totals:?} {weights:?}");
        }
    }
}

/// Two rates, their taxes as printed, and mixed signs: net, tax and gross of three members.
#[test]
fn all_small_trees_are_rounded() {
    let group = |rate: &str| TaxGroup::new(TaxCategory::Vat, TaxRate::parse(rate).unwrap());
    let groups = [group("20"), group("10")];
    let places = groups.map(|group| Place::Net { group, lot: None });
    let levels = Levels::of(&[places[0], places[1], Place::Tax, Place::Tax]);
    let all: Vec<Vec<i64>> = small_rows()
        .into_iter()
        .filter(|row| row.iter().all(|w| *w < 3))
        .collect();
    for (first, second) in all.iter().flat_map(|a| all.iter().map(move |b| (a, b))) {
        for code in 0..3 * 3 * 2 * 2 {
            let nets = [
                code % 3 + 1,
                [1, 3, -2][usize::try_from(code / 3 % 3).unwrap()],
            ];
            let mut rows = vec![weighed(nets[0], first), weighed(nets[1], second)];
            for (group, printed) in [(0, code / 9 % 2), (1, code / 18)] {
                let own = [&rows[group]];
                rows.push(tax_row(groups[group], printed, &own, 3).unwrap());
            }
            let done = round(&rows, &levels, 3, &[], &Held::default()).unwrap();
            for member in 0..3 {
                let gap = |row: &usize| {
                    let at = rows[*row].takers.binary_search(&member).ok();
                    at.map_or(Fraction::zero(), |at| {
                        let parts = &rows[*row].parts;
                        let exact =
                            Fraction::new(parts.numerator(at).unwrap(), &parts.denominator());
                        exact.minus(&Fraction::whole(done.cells[*row][at]))
                    })
                };
                for subtotal in [&[0][..], &[1], &[2], &[3], &[0, 1], &[2, 3], &[0, 1, 2, 3]] {
                    let gaps = subtotal.iter().map(gap);
                    let sum = gaps.fold(Fraction::zero(), |sum, gap| sum.plus(&gap));
                    assert!(
                        sum.magnitude() < Fraction::whole(1),
                        "{nets:?} {first:?} {second:?}"
                    );
                }
            }
        }
    }
}

/// Dues from before reach the ranks only: whatever they are, the rounding stays controlled.
#[test]
fn any_start_is_repaired() {
    let mut seed = 7_u64;
    let mut draw = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        i64::try_from((seed >> 33) % below).unwrap()
    };
    let mut repairs = 0;
    for _ in 0..1_500 {
        let (m, n) = (
            usize::try_from(1 + draw(6)).unwrap(),
            usize::try_from(2 + draw(6)).unwrap(),
        );
        let mut weights: Vec<Vec<i64>> = Vec::new();
        let mut totals = Vec::new();
        for _ in 0..m {
            let mut row: Vec<i64> = (0..n).map(|_| draw(3) * draw(5)).collect();
            row[0] += 1;
            weights.push(row);
            totals.push(draw(30) - 8);
        }
        let rows: Vec<Row> = totals
            .iter()
            .zip(&weights)
            .map(|(t, w)| weighed(*t, w))
            .collect();
        let carry: Vec<Fraction> = (0..n)
            .map(|_| Fraction::parse(&format!("{}/7", draw(200) - 100)).unwrap())
            .collect();
        let done = rounded(&rows, &flat(&rows), n, &carry);
        check(&totals, &weights, &done.cells);
        repairs += done.repairs;
    }
    assert!(repairs > 100, "the draw must force repairs: {repairs}");
}

#[test]
fn who_was_owed_comes_first() {
    let rows = [weighed(1, &[1, 1]), weighed(1, &[1, 1])];
    let done = rounded(&rows, &flat(&rows), 2, &[]);
    assert_eq!(done.cells, [[1, 0], [0, 1]]);
    let half = ["0/1", "1/2"].map(|due| Fraction::parse(due).unwrap());
    let done = rounded(&rows[..1], &flat(&rows[..1]), 2, &half);
    assert_eq!(done.cells, [[0, 1]]);
}

/// V113 of the public cases: half a cent in eight cells of three communes and two rates.
#[test]
fn net_tax_and_gross_are_held_at_once() {
    let vat = |rate: &str| TaxGroup::new(TaxCategory::Vat, TaxRate::parse(rate).unwrap());
    let half = |takers: [usize; 2]| Row {
        total: 1,
        takers: takers.into(),
        parts: Parts::Narrow {
            numerators: vec![1, 1],
            denominator: 2,
        },
    };
    let rows = [half([0, 1]), half([0, 2]), half([1, 2]), half([1, 2])];
    let net = |rate| Place::Net {
        group: vat(rate),
        lot: None,
    };
    let levels = Levels::of(&[net("20"), net("10"), Place::Tax, Place::Tax]);
    let done = rounded(&rows, &levels, 3, &[]);
    let half_cents = done.max_deviation.times(&Fraction::whole(2));
    assert!(
        half_cents.numerator().to_i64().unwrap() < 2,
        "under a cent everywhere"
    );
    assert!(done.cells.iter().all(|row| row.iter().sum::<i64>() == 1));
}

//! The laws of controlled rounding on all small matrices, in every tier.

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use super::grid::{Held, Rounded, Row};
use super::levels::{Levels, Place};
use super::parts::Parts;
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

#[test]
fn all_matrices_of_two_rows_and_three_members_are_rounded() {
    let row = |code: i64| vec![code % 4, code / 4 % 4, code / 16 % 4];
    for code in 0..64 * 64 {
        let weights = vec![row(code % 64), row(code / 64)];
        if weights.iter().any(|row| row.iter().sum::<i64>() == 0) {
            continue;
        }
        for totals in [[1, 1], [1, 2], [2, 1], [5, 4], [-1, 2], [1, -4], [6, 5]] {
            let rows = [
                weighed(totals[0], &weights[0]),
                weighed(totals[1], &weights[1]),
            ];
            let held = Held::default();
            let done = round(&rows, &flat(&rows), 3, &[], &held).unwrap();
            check(&totals, &weights, &done.cells);
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

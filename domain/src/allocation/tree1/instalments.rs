//! A split in several payments: months as rows of one matrix, each member's sum kept.

use std::sync::Arc;

use num_bigint::BigInt;

use super::amounts::Amounts;
use super::grid::{Held, Row};
use super::levels::{Levels, Place};
use super::tier::round;
use crate::allocation::{AllocationError, TaxGroup};
use crate::money::Cents;

/// Spreads what each member owes over months (« échéancier »), by month and then by member.
///
/// Every month adds up to its amount and every member to its share, and each payment is within
/// a cent of its exact part. Taking the difference of two cumulated splits would not do: a
/// share may go down when the total goes up.
///
/// | months     | shares     | payments                     |
/// |------------|------------|------------------------------|
/// | 50, 50     | 33, 33, 34 | 17, 16, 17 and 16, 17, 17    |
/// | 100        | 40, 60     | 40, 60                       |
pub fn instalments(months: &[Cents], shares: &[Cents]) -> Result<Vec<Vec<Cents>>, AllocationError> {
    let total = Cents::checked_sum(months.iter().copied())?;
    let parts = Cents::checked_sum(shares.iter().copied())?;
    let nobody = shares.iter().all(|share| share.is_zero());
    let nothing = months.iter().all(|month| month.is_zero());
    // Shares that cancel out say nothing of how a month is split.
    if total != parts || (total.is_zero() && !(nobody && nothing)) {
        return Err(AllocationError::Unmatched { total, parts });
    }
    let orientation = if total.is_negative() { -1 } else { 1 };
    let takers: Arc<[usize]> = (0..shares.len()).collect();
    let sum = if total.is_zero() { 1 } else { total.0 };
    let rows: Vec<Row> = months
        .iter()
        .map(|month| {
            let part = |share: &Cents| BigInt::from(month.0) * share.0;
            let amounts = Amounts {
                numerators: shares.iter().map(part).collect(),
                denominator: BigInt::from(sum) * orientation,
            };
            // Over a denominator of the sign of the total, the values face as a bill does.
            Row {
                total: month.0.saturating_mul(orientation),
                takers: Arc::clone(&takers),
                parts: amounts.into_parts(),
            }
        })
        .collect();
    let place = Place::Net {
        group: TaxGroup::default(),
        lot: None,
    };
    let levels = Levels::of(&vec![place; rows.len()]);
    let rounded = round(&rows, &levels, shares.len(), &[], &Held::default())?;
    let payments = rounded.cells.into_iter().map(|cells| {
        let cents = cells
            .into_iter()
            .map(|cents| Cents(cents.saturating_mul(orientation)));
        cents.collect()
    });
    Ok(payments.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cents(of: &[i64]) -> Vec<Cents> {
        of.iter().copied().map(Cents).collect()
    }

    fn spread(months: &[i64], shares: &[i64]) -> Vec<Vec<i64>> {
        let spread = instalments(&cents(months), &cents(shares)).unwrap();
        let rows = spread.into_iter();
        rows.map(|row| row.into_iter().map(|cents| cents.0).collect())
            .collect()
    }

    #[test]
    fn months_and_members_both_add_up() {
        let months = spread(&[50, 50], &[33, 33, 34]);
        assert_eq!(months, [[17, 16, 17], [16, 17, 17]]);
        assert_eq!(spread(&[100], &[40, 60]), [[40, 60]]);
        assert_eq!(spread(&[0], &[0, 0]), [[0, 0]]);
    }

    #[test]
    fn a_refund_is_minus_a_bill() {
        let bill = spread(&[1_000, 1_000, 1_001], &[7, 993, 2_001]);
        let refund = spread(&[-1_000, -1_000, -1_001], &[-7, -993, -2_001]);
        for (paid, back) in bill.iter().flatten().zip(refund.iter().flatten()) {
            assert_eq!(*paid, -back);
        }
    }

    #[test]
    fn twelve_months_of_odd_shares_lose_no_cent() {
        let shares: Vec<i64> = (0..37).map(|i| 101 * i * i % 7_919).collect();
        let total: i64 = shares.iter().sum();
        let mut months = vec![total / 12; 12];
        months[11] += total % 12;
        let payments = spread(&months, &shares);
        for (month, payments) in months.iter().zip(&payments) {
            assert_eq!(payments.iter().sum::<i64>(), *month);
        }
        for (index, share) in shares.iter().enumerate() {
            assert_eq!(
                payments.iter().map(|month| month[index]).sum::<i64>(),
                *share
            );
        }
    }

    #[test]
    fn sums_that_differ_are_refused() {
        for (months, shares) in [(&[10][..], &[4, 5][..]), (&[5, -5], &[3, -3])] {
            let error = instalments(&cents(months), &cents(shares)).unwrap_err();
            assert_eq!(error.code(), "allocation.unmatched");
        }
    }
}

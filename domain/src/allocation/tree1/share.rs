//! Exact parts of one total, by largest remainder, in time proportional to the parts.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{ToPrimitive, Zero};

use super::divisor::Divisor;
use super::weights::Weights;
use crate::allocation::{AllocationError, RuleError, Weight};
use crate::money::Cents;

/// Splits a total in proportion to weights, by largest remainder.
///
/// Ties go to the earlier weight: the caller puts members in the order of their ids.
///
/// | total | weights | shares        |
/// |------:|---------|---------------|
/// |   100 | 1, 1, 1 | 34, 33, 33    |
/// |  −100 | 1, 1, 1 | −34, −33, −33 |
/// |    48 | 3, 7, 90 | 2, 3, 43     |
pub fn share(total: Cents, weights: &[Weight]) -> Result<Vec<Cents>, AllocationError> {
    if let Some(figure) = weights.iter().copied().find(|weight| weight.is_negative()) {
        let (line, at) = (String::new(), String::new());
        let error = RuleError::NegativeFigure { figure };
        return Err(AllocationError::Rule { line, at, error });
    }
    let weights = Weights::of_decimals(weights);
    if weights.is_zero() && !total.is_zero() {
        let line = String::new();
        return Err(AllocationError::NoWeight { line, net: total });
    }
    Ok(split(total, &weights))
}

/// Splits by weights that are not all zero; a zero total needs none.
pub(in crate::allocation) fn split(total: Cents, weights: &Weights) -> Vec<Cents> {
    let magnitude = total.0.unsigned_abs();
    let parts = match weights {
        Weights::Narrow { of, sum } => narrow(magnitude, of, (*sum).max(1)),
        Weights::Wide { .. } | Weights::Big { .. } => {
            big(magnitude, &weights.integers(), &weights.denominator())
        }
    };
    let signed = |part: u64| {
        let part = i64::try_from(part).unwrap_or(i64::MAX);
        Cents(if total.is_negative() { -part } else { part })
    };
    parts.into_iter().map(signed).collect()
}

/// The top bits of a remainder that tell buckets apart.
const BUCKET_BITS: u32 = 12;

fn narrow(total: u64, weights: &[u64], sum: u64) -> Vec<u64> {
    let mut parts = Vec::with_capacity(weights.len());
    let mut remainders = Vec::with_capacity(weights.len());
    let mut given = 0;
    let divisor = Divisor::new(sum);
    for weight in weights {
        let (part, remainder) = divisor.share(total, *weight);
        given += part;
        parts.push(part);
        remainders.push(remainder);
    }
    let left = usize::try_from(total - given).unwrap_or(usize::MAX);
    raise(&mut parts, &remainders, left, sum);
    parts
}

/// One more for each of the `left` largest remainders, ties to the earlier.
fn raise(parts: &mut [u64], remainders: &[u64], left: usize, sum: u64) {
    if left == 0 {
        return;
    }
    let shift = (u64::BITS - sum.leading_zeros()).saturating_sub(BUCKET_BITS);
    let bucket = |remainder: u64| usize::try_from(remainder >> shift).unwrap_or(0);
    let mut counts = vec![0_usize; 1 << BUCKET_BITS];
    for remainder in remainders {
        if let Some(count) = counts.get_mut(bucket(*remainder)) {
            *count += 1;
        }
    }
    // Whole buckets from the top, then some of the bucket where the last cent falls.
    let mut left = left;
    let mut edge = 0;
    for (index, count) in counts.iter().enumerate().rev() {
        edge = index;
        if *count >= left {
            break;
        }
        left -= count;
    }
    let mut ranked = Vec::new();
    for (index, (part, remainder)) in parts.iter_mut().zip(remainders).enumerate() {
        let own = bucket(*remainder);
        if own > edge {
            *part += 1;
        } else if own == edge {
            ranked.push((!*remainder, index));
        }
    }
    if left < ranked.len() {
        ranked.select_nth_unstable(left);
    }
    for (_, index) in ranked.into_iter().take(left) {
        if let Some(part) = parts.get_mut(index) {
            *part += 1;
        }
    }
}

/// The same in integers of any size.
fn big(total: u64, weights: &[BigInt], sum: &BigInt) -> Vec<u64> {
    let mut ranked = Vec::with_capacity(weights.len());
    let mut parts = Vec::with_capacity(weights.len());
    let mut left = total;
    for (index, weight) in weights.iter().enumerate() {
        let (part, remainder) = (weight * total).div_rem(sum);
        let part = part.to_u64().unwrap_or(0);
        left -= part;
        parts.push(part);
        if !remainder.is_zero() {
            ranked.push((std::cmp::Reverse(remainder), index));
        }
    }
    let left = usize::try_from(left).unwrap_or(usize::MAX);
    if left < ranked.len() {
        ranked.select_nth_unstable(left);
    }
    for (_, index) in ranked.into_iter().take(left) {
        if let Some(part) = parts.get_mut(index) {
            *part += 1;
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocation::Fraction;

    fn weights(texts: &[&str]) -> Vec<Weight> {
        texts
            .iter()
            .map(|text| Weight::parse(text).unwrap())
            .collect()
    }

    #[test]
    fn a_total_is_split_to_the_cent() {
        for (total, of, shares) in [
            (100, &["1", "1", "1"][..], vec![34, 33, 33]),
            (-100, &["1", "1", "1"], vec![-34, -33, -33]),
            (48, &["3", "7", "90"], vec![2, 3, 43]),
            (0, &["0", "0"], vec![0, 0]),
            (
                i64::MAX,
                &["0.5", "0.5"],
                vec![i64::MAX / 2 + 1, i64::MAX / 2],
            ),
        ] {
            let shared: Vec<i64> = share(Cents(total), &weights(of))
                .unwrap()
                .iter()
                .map(|share| share.0)
                .collect();
            assert_eq!(shared, shares);
        }
    }

    #[test]
    fn nothing_is_shared_by_guess() {
        assert!(matches!(
            share(Cents(1), &weights(&["0", "0"])),
            Err(AllocationError::NoWeight { net: Cents(1), .. })
        ));
        let error = share(Cents(1), &weights(&["2", "-1"])).unwrap_err();
        assert_eq!(error.code(), "rule.negative-figure");
    }

    /// V081 of the public cases: 100.00 between 1/3 and 2/7.
    #[test]
    fn weights_may_be_fractions() {
        let fractions = ["1/3", "2/7"].map(|text| Fraction::parse(text).unwrap());
        let shares = split(Cents(10_000), &Weights::of_fractions(&fractions));
        assert_eq!(shares, [Cents(5_385), Cents(4_615)]);
    }

    /// All totals up to 40, all weights up to 6, up to four members, in every tier.
    #[test]
    fn all_small_cases_agree_with_a_plain_sort() {
        for n in 1..=4_u32 {
            for code in 1..7_u64.pow(n) {
                let of: Vec<u64> = (0..n).map(|i| code / 7_u64.pow(i) % 7).collect();
                let sum = of.iter().sum();
                let large: Vec<BigInt> = of.iter().map(|w| BigInt::from(*w) << 200).collect();
                for total in 0..=40 {
                    let expected = by_plain_sort(total, &of);
                    assert_eq!(narrow(total, &of, sum), expected, "{total}: {of:?}");
                    if n == 4 && total % 10 > 0 {
                        continue; // big integers are slow, and three members say as much
                    }
                    let shares = big(total, &large, &(BigInt::from(sum) << 200));
                    assert_eq!(shares, expected, "{total}: {of:?}");
                }
            }
        }
    }

    fn by_plain_sort(total: u64, weights: &[u64]) -> Vec<u64> {
        let sum: u64 = weights.iter().sum();
        let mut shares: Vec<u64> = weights.iter().map(|weight| total * weight / sum).collect();
        let mut order: Vec<usize> = (0..weights.len()).collect();
        order.sort_by_key(|&i| (std::cmp::Reverse(total * weights[i] % sum), i));
        let left = total - shares.iter().sum::<u64>();
        for &i in order.iter().take(usize::try_from(left).unwrap()) {
            shares[i] += 1;
        }
        shares
    }
}

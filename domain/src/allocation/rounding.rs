//! Largest remainder, on exact integers.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::ToPrimitive;

/// One exact value on its way to a whole number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub floor: BigInt,
    /// What the floor leaves, in units of the denominator.
    pub remainder: BigInt,
    /// Whether it received one of the leftover cents.
    pub raised: bool,
}

impl Part {
    pub fn rounded(&self) -> BigInt {
        &self.floor + i32::from(self.raised)
    }
}

/// Rounds `numerators / denominator`, whose sum is whole, to whole numbers of the same sum.
///
/// Each is its floor or its ceiling. The leftover goes to the largest remainders; ties go to
/// the earlier, so the caller sorts by id first.
///
/// | numerators    | over | rounded  |
/// |---------------|-----:|----------|
/// | 100, 100, 100 |    3 | 34, 33, 33 |
/// | 200, 300, 100 |    6 | 33, 50, 17 |
/// | −1, 5, −1     |    3 | 0, 2, −1 |
pub(super) fn round(numerators: &[BigInt], denominator: &BigInt) -> Vec<Part> {
    let mut parts: Vec<Part> = numerators
        .iter()
        .map(|numerator| {
            let (floor, remainder) = numerator.div_mod_floor(denominator);
            Part {
                floor,
                remainder,
                raised: false,
            }
        })
        .collect();
    for index in heirs(&parts, leftover(&parts, denominator)) {
        if let Some(part) = parts.get_mut(index) {
            part.raised = true;
        }
    }
    parts
}

/// How many cents the floors leave: the sum of the remainders is whole.
pub(super) fn leftover(parts: &[Part], denominator: &BigInt) -> usize {
    let sum: BigInt = parts.iter().map(|part| &part.remainder).sum();
    (sum / denominator).to_usize().unwrap_or(0)
}

/// The parts with the `count` largest remainders, in no order; selected, not sorted.
fn heirs(parts: &[Part], count: usize) -> Vec<usize> {
    let mut ranked: Vec<(&BigInt, usize)> = parts
        .iter()
        .enumerate()
        .map(|(index, part)| (&part.remainder, index))
        .collect();
    if (1..ranked.len()).contains(&count) {
        ranked.select_nth_unstable_by(count - 1, |a, b| b.0.cmp(a.0).then(a.1.cmp(&b.1)));
    }
    ranked.truncate(count);
    ranked.into_iter().map(|(_, index)| index).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_leftover_goes_to_the_largest_remainders_then_to_the_earlier() {
        for (numerators, denominator, expected) in [
            (vec![100, 100, 100], 3, vec![34, 33, 33]),
            (vec![200, 300, 100], 6, vec![33, 50, 17]),
            (vec![-1, 5, -1], 3, vec![0, 2, -1]),
            (vec![1, 1, 1, 1], 2, vec![1, 1, 0, 0]),
            (vec![], 1, vec![]),
        ] {
            let numerators: Vec<BigInt> = numerators.into_iter().map(BigInt::from).collect();
            let rounded: Vec<i32> = round(&numerators, &BigInt::from(denominator))
                .iter()
                .filter_map(|part| part.rounded().to_i32())
                .collect();
            assert_eq!(rounded, expected);
        }
    }

    #[test]
    fn remainders_that_a_float_confuses_are_told_apart() {
        let denominator = (BigInt::from(1) << 100) + 7;
        let half: BigInt = &denominator / 2;
        let rest = &denominator - &half * 2 + 5;
        let parts = round(&[&half - 10, &half + 5, rest], &denominator);
        let raised: Vec<bool> = parts.iter().map(|part| part.raised).collect();
        assert_eq!(raised, [false, true, false]);
    }

    /// All totals up to 40, all weights up to 6, up to four members, against a plain sort.
    #[test]
    fn all_small_cases_agree_with_a_plain_sort() {
        for n in 1..=4_u32 {
            for code in 1..7_i64.pow(n) {
                let weights: Vec<i64> = (0..n).map(|i| code / 7_i64.pow(i) % 7).collect();
                let sum = BigInt::from(weights.iter().sum::<i64>());
                for total in 0..=40 {
                    let numerators: Vec<BigInt> = weights
                        .iter()
                        .map(|weight| BigInt::from(total * weight))
                        .collect();
                    let rounded: Vec<i64> = round(&numerators, &sum)
                        .iter()
                        .filter_map(|part| part.rounded().to_i64())
                        .collect();
                    assert_eq!(
                        rounded,
                        by_plain_sort(total, &weights),
                        "{total}: {weights:?}"
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
}

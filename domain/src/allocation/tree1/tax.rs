//! The exact tax of each member in a tax group, from its net and from the printed tax.

use std::sync::Arc;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};

use super::grid::Row;
use super::parts::Parts;
use super::weights::Weights;
use crate::allocation::{AllocationError, Fraction, TaxGroup};
use crate::money::Cents;

/// What rows of a tax group give each member, over one denominator.
#[derive(Clone, Debug)]
enum Net {
    Narrow(Vec<i128>, i128),
    Big(Vec<BigInt>, BigInt),
}

/// The row of a printed tax, from the exact net of the rows of its group.
///
/// With a net h and a rate t: `t·h + (V − t·Σh)·|h| / Σ|h|`, the nominal tax plus a part of
/// the supplier's rounding gap. It is V·h/Σh when all signs agree, and stays sane when a line
/// is a discount for someone.
pub(super) fn tax_row(
    group: TaxGroup,
    printed: i64,
    rows: &[&Row],
    members: usize,
) -> Result<Row, AllocationError> {
    row_of(group, printed, Net::of(rows, members))
}

/// The row of a printed tax, from the net in whole cents that each member was allocated.
pub(super) fn printed_row(
    group: TaxGroup,
    printed: i64,
    net: Vec<i128>,
) -> Result<Row, AllocationError> {
    row_of(group, printed, Net::Narrow(net, 1))
}

/// The sum of the magnitudes of the nets that rows give each member.
pub(super) fn base(rows: &[&Row], members: usize) -> Fraction {
    if rows.iter().all(|row| row.parts.is_positive()) {
        let totals = rows.iter().map(|row| BigInt::from(row.total));
        return Fraction::whole(totals.sum::<BigInt>());
    }
    let (net, denominator) = Net::of(rows, members).into_big();
    Fraction::new(net.iter().map(Signed::abs).sum(), &denominator)
}

fn row_of(group: TaxGroup, printed: i64, net: Net) -> Result<Row, AllocationError> {
    let (takers, net) = net.of_payers();
    if takers.is_empty() && printed != 0 {
        let amount = Cents(printed);
        return Err(AllocationError::TaxOnZeroBase { group, amount });
    }
    let rate = i64::from(group.rate.basis_points());
    let parts = match net {
        Net::Narrow(net, denominator) if fits(&net, denominator, printed) => {
            let (numerators, denominator) = taxed(&net, &denominator, rate, printed);
            Parts::Narrow {
                numerators,
                denominator,
            }
        }
        net @ (Net::Narrow(..) | Net::Big(..)) => match net.agreeing() {
            Some(weights) => Parts::Weighed {
                total: printed,
                weights: Arc::new(weights),
            },
            None => {
                let (net, denominator) = net.into_big();
                let (numerators, denominator) = taxed(&net, &denominator, rate, printed);
                Parts::Big {
                    numerators,
                    denominator,
                }
            }
        },
    };
    Ok(Row {
        total: printed,
        takers: takers.into(),
        parts,
    })
}

impl Net {
    /// Adds the rows up; numbers of 128 bits when they surely fit.
    fn of(rows: &[&Row], members: usize) -> Self {
        let one = BigInt::from(1);
        let denominator = rows.iter().fold(one, |common, row| {
            let own = row.parts.denominator();
            if (&common % &own).is_zero() {
                common
            } else {
                common.lcm(&own)
            }
        });
        let most: BigInt = rows.iter().map(|row| most_of(&row.parts)).sum();
        if (most * &denominator).bits() < 126
            && let Some(common) = denominator.to_i128()
        {
            let mut net = vec![0_i128; members];
            for (row, total) in by_key(rows) {
                add_narrow(&mut net, row, total, common);
            }
            return Self::Narrow(net, common);
        }
        let mut net = vec![BigInt::ZERO; members];
        for row in rows {
            let factor = &denominator / row.parts.denominator();
            for (member, numerator) in row.takers.iter().zip(row.parts.numerators()) {
                if let Some(sum) = net.get_mut(*member) {
                    *sum += numerator * &factor;
                }
            }
        }
        Self::Big(net, denominator)
    }

    /// Those who have something there, and what.
    fn of_payers(self) -> (Vec<usize>, Self) {
        match self {
            Self::Narrow(net, denominator) => {
                let payers = net.into_iter().enumerate().filter(|(_, net)| *net != 0);
                let (takers, net) = payers.unzip();
                (takers, Self::Narrow(net, denominator))
            }
            Self::Big(net, denominator) => {
                let payers = net
                    .into_iter()
                    .enumerate()
                    .filter(|(_, net)| !net.is_zero());
                let (takers, net) = payers.unzip();
                (takers, Self::Big(net, denominator))
            }
        }
    }

    /// The nets as weights, when none is for one and against another and 128 bits hold their sum.
    fn agreeing(&self) -> Option<Weights> {
        let Self::Narrow(net, _) = self else {
            return None;
        };
        if net.iter().any(|h| *h < 0) && net.iter().any(|h| *h > 0) {
            return None;
        }
        Weights::of_whole(net.iter().map(|h| h.unsigned_abs()).collect())
    }

    fn into_big(self) -> (Vec<BigInt>, BigInt) {
        match self {
            Self::Narrow(net, denominator) => {
                let net = net.into_iter().map(BigInt::from).collect();
                (net, BigInt::from(denominator))
            }
            Self::Big(net, denominator) => (net, denominator),
        }
    }
}

/// At least the sum of the magnitudes of a row, in cents.
fn most_of(parts: &Parts) -> BigInt {
    match parts {
        Parts::Weighed { total, .. } => BigInt::from(*total).abs(),
        Parts::Whole(cents) => cents.iter().map(|cents| BigInt::from(*cents).abs()).sum(),
        Parts::Narrow { .. } | Parts::Big { .. } => {
            let sum: BigInt = parts.numerators().iter().map(Signed::abs).sum();
            sum / parts.denominator() + 1
        }
    }
}

/// Rows of the very same weights once, with the sum of their totals.
fn by_key<'r>(rows: &[&'r Row]) -> Vec<(&'r Row, i128)> {
    let mut keys: Vec<(&Row, i128)> = Vec::new();
    for row in rows {
        let total = i128::from(row.total);
        match keys.iter_mut().find(|(own, _)| own.is_like(row)) {
            Some((_, sum)) => *sum += total,
            None => keys.push((row, total)),
        }
    }
    keys
}

/// Adds a row, or those of its weights that come to `total`.
fn add_narrow(net: &mut [i128], row: &Row, total: i128, common: i128) {
    let mut add = |member: usize, part: i128| {
        if let Some(sum) = net.get_mut(member) {
            *sum += part;
        }
    };
    let factor = row
        .parts
        .denominator()
        .to_i128()
        .map_or(0, |own| common / own);
    match &row.parts {
        Parts::Weighed { weights, .. } => {
            let factor = factor * total;
            if let Weights::Narrow { of, .. } = Arc::as_ref(weights) {
                for (member, weight) in row.takers.iter().zip(of) {
                    add(*member, i128::from(*weight) * factor);
                }
                return;
            }
            for (member, weight) in row.takers.iter().zip(weights.integers()) {
                add(*member, weight.to_i128().unwrap_or(0) * factor);
            }
        }
        Parts::Whole(cents) => {
            for (member, cents) in row.takers.iter().zip(cents) {
                add(*member, i128::from(*cents) * factor);
            }
        }
        Parts::Narrow { numerators, .. } => {
            for (member, numerator) in row.takers.iter().zip(numerators) {
                add(*member, numerator * factor);
            }
        }
        Parts::Big { numerators, .. } => {
            for (member, numerator) in row.takers.iter().zip(numerators) {
                add(*member, numerator.to_i128().unwrap_or(0) * factor);
            }
        }
    }
}

/// Whether 128 bits hold every product of `taxed`.
fn fits(net: &[i128], denominator: i128, printed: i64) -> bool {
    let mut magnitudes = net.iter().map(|net| net.unsigned_abs());
    let Some(most) = magnitudes.try_fold(0_u128, u128::checked_add) else {
        return false;
    };
    let bits = |value: u128| u128::BITS - value.leading_zeros();
    let (base, unit) = (bits(most), bits(denominator.unsigned_abs()));
    let printed = bits(printed.unsigned_abs().into());
    let same_sign = !(net.iter().any(|n| *n < 0) && net.iter().any(|n| *n > 0));
    if same_sign {
        return base + printed < 126;
    }
    let gap = (printed + 14 + unit).max(14 + base) + 1;
    gap.max(14 + base) + base < 125 && base + unit + 14 < 125
}

/// `t·h + (V − t·Σh)·|h| / Σ|h|` for each net h, in lowest terms; `rate` in hundredths of a percent.
///
/// It is |h| times one factor for those who pay and another for those who are credited.
fn taxed<N>(net: &[N], denominator: &N, rate: i64, printed: i64) -> (Vec<N>, N)
where
    N: Integer + Signed + Clone + From<i64>,
{
    let signed = net.iter().fold(N::zero(), |sum, h| sum + h.clone());
    let base = net.iter().fold(N::zero(), |sum, h| sum + h.abs());
    if base.is_zero() {
        return (Vec::new(), N::one());
    }
    let (paying, credited, divisor) = if signed.abs() == base {
        (N::from(printed), N::from(printed), base)
    } else {
        let (rate, scale) = (N::from(rate), N::from(10_000));
        let gap = N::from(printed) * scale.clone() * denominator.clone() - rate.clone() * signed;
        let nominal = rate * base.clone();
        let divisor = base * denominator.clone() * scale;
        (nominal.clone() + gap.clone(), gap - nominal, divisor)
    };
    let (plus, minus) = common_divisors(net);
    let common = divisor.gcd(&(plus * paying.clone()));
    let common = common.gcd(&(minus * credited.clone()));
    let numerator = |h: &N| {
        let factor = if h.is_negative() { &credited } else { &paying };
        let product = h.abs() * factor.clone();
        if common.is_one() {
            product
        } else {
            product / common.clone()
        }
    };
    (
        net.iter().map(numerator).collect(),
        divisor / common.clone(),
    )
}

/// What divides all positive nets, and what divides all negative ones; zero when there are none.
fn common_divisors<N: Integer + Signed + Clone>(net: &[N]) -> (N, N) {
    let (mut plus, mut minus) = (N::zero(), N::zero());
    for h in net {
        let own = if h.is_negative() {
            &mut minus
        } else {
            &mut plus
        };
        // Most are divided already: a remainder is cheaper than a new divisor.
        if own.is_zero() || !(h.clone() % own.clone()).is_zero() {
            *own = own.gcd(h);
        }
    }
    (plus, minus)
}

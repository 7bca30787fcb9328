//! Tariffs: what a line charges each member, its total being the sum.

use std::collections::BTreeSet;

use super::{Bands, Fraction, TaxGroup, Weight};
use crate::money::{Cents, MoneyError};

/// A line whose amount is computed member by member (« ligne tarifée »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargedLine {
    pub id: String,
    pub lot: Option<String>,
    /// For people only: it changes neither the result nor the hashes.
    pub label: String,
    pub tax: TaxGroup,
    pub charge: Charge,
    /// Those who are charged; all members when absent.
    pub members: Option<BTreeSet<String>>,
}

/// What each member is charged (« tarif »), to the cent, half away from zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Charge {
    /// A rate in euros for each unit of a key (« prix unitaire »).
    PerUnit { key: String, rate: Weight },
    /// The same amount for each (« forfait »).
    Flat { amount: Cents },
    /// An amount in euros read in bands of a key (« barème »).
    Bands(Bands),
    /// A percentage of what other lines cost the member (« frais proportionnels »).
    PercentOf(PercentOf),
}

/// A percentage of the allocated net of some lines (« frais proportionnels »).
///
/// `min` and `cap` take the sign of what it is a percentage of; who has nothing in those lines
/// is charged nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PercentOf {
    pub lines: BTreeSet<String>,
    pub percent: Weight,
    pub min: Option<Cents>,
    pub cap: Option<Cents>,
}

impl Charge {
    /// The key that this tariff reads, if any.
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::PerUnit { key, .. } => Some(key),
            Self::Bands(bands) => Some(&bands.key),
            Self::Flat { .. } | Self::PercentOf(_) => None,
        }
    }

    /// The same tariff as a credit; a percentage follows the lines that it reads.
    pub(super) fn negated(&self) -> Result<Self, MoneyError> {
        Ok(match self {
            Self::PerUnit { key, rate } => Self::PerUnit {
                key: key.clone(),
                rate: rate.negated(),
            },
            Self::Flat { amount } => Self::Flat {
                amount: amount.checked_neg()?,
            },
            Self::Bands(bands) => {
                let mut bands = bands.clone();
                for band in &mut bands.bands {
                    band.value = band.value.negated();
                }
                Self::Bands(bands)
            }
            Self::PercentOf(percent) => Self::PercentOf(percent.clone()),
        })
    }
}

impl PercentOf {
    /// What a member is charged whose lines cost `base`; `None` when it does not fit.
    ///
    /// | percent | min  | cap   | base    | charged |
    /// |--------:|-----:|------:|--------:|--------:|
    /// |       2 |      |       |  100.25 |    2.01 |
    /// |       2 | 5.00 |       |  100.00 |    5.00 |
    /// |       2 | 5.00 | 15.00 | −1000.00 | −15.00 |
    /// |       2 | 5.00 |       |    0.00 |    0.00 |
    pub(super) fn of(&self, base: i128) -> Option<i64> {
        if base == 0 {
            return Some(0);
        }
        let percent = self.percent.as_fraction();
        let hundredth = Fraction::whole(1).over(&Fraction::whole(100))?;
        let exact = Fraction::whole(base).times(&percent).times(&hundredth);
        let sign = if base < 0 { -1 } else { 1 };
        let mut magnitude = exact.times(&Fraction::whole(sign)).rounded()?;
        if let Some(min) = self.min {
            magnitude = magnitude.max(min.0);
        }
        if let Some(cap) = self.cap {
            magnitude = magnitude.min(cap.0);
        }
        magnitude.checked_mul(sign)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_has_a_least_and_a_most_of_its_own_sign() {
        let of = |min: Option<i64>, cap: Option<i64>, base: i128| {
            let percent = PercentOf {
                lines: BTreeSet::new(),
                percent: Weight::whole(2),
                min: min.map(Cents),
                cap: cap.map(Cents),
            };
            percent.of(base)
        };
        for (min, cap, base, charged) in [
            (None, None, 10_025, 201),
            (Some(500), None, 10_000, 500),
            (Some(500), Some(1_500), -100_000, -1_500),
            (Some(500), None, 0, 0),
            (None, None, -25, -1),
        ] {
            assert_eq!(of(min, cap, base), Some(charged));
        }
        assert_eq!(of(None, None, i128::from(i64::MAX) * 100), None);
    }
}

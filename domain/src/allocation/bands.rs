//! A figure read in bands of a key: strata of populations, brackets of a tariff.

use super::{BandPart, Fraction, Weight};

/// A figure that depends on the band where a key falls (« barème par tranches »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bands {
    pub key: String,
    pub mode: BandMode,
    /// In ascending order; the last one is open.
    pub bands: Vec<Band>,
}

/// What the value of a band means (« mode de barème »).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BandMode {
    /// The value of the band, whatever the key within it (« forfait par tranche »).
    Flat,
    /// The rate of the band times the whole key (« taux de la tranche »).
    Slab,
    /// Each part of the key at the rate of its own band (« taux marginal »).
    Marginal,
}

/// One band (« tranche »): `up_to` belongs to it; an open band has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Band {
    pub up_to: Option<Weight>,
    pub value: Weight,
}

impl BandMode {
    pub const ALL: [Self; 3] = [Self::Flat, Self::Slab, Self::Marginal];

    /// The word of the case format.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Flat => "flat",
            Self::Slab => "slab",
            Self::Marginal => "marginal",
        }
    }
}

impl Bands {
    /// Whether the bands ascend and only the last one is open.
    pub fn is_whole(&self) -> bool {
        let Some((last, closed)) = self.bands.split_last() else {
            return false;
        };
        let ends: Option<Vec<Fraction>> = closed
            .iter()
            .map(|band| Some(band.up_to?.as_fraction()))
            .collect();
        let ascending = |ends: Vec<Fraction>| ends.is_sorted_by(|a, b| a < b);
        last.up_to.is_none() && ends.is_some_and(ascending)
    }

    /// The figure of a key that is not negative.
    ///
    /// | bands             | key | flat | slab | marginal           |
    /// |-------------------|----:|-----:|-----:|-------------------:|
    /// | 2 up to 10, then 3 |  10 |    2 |   20 |                 20 |
    /// | 2 up to 10, then 3 |  12 |    3 |   36 | 10 × 2 + 2 × 3 = 26 |
    pub(super) fn figure(&self, key: Weight) -> Fraction {
        let key = key.as_fraction();
        let reached = |band: &&Band| band.up_to.is_none_or(|end| key <= end.as_fraction());
        let value = self.bands.iter().find(reached).map(|band| band.value);
        let value = value.unwrap_or(Weight::ZERO).as_fraction();
        match self.mode {
            BandMode::Flat => value,
            BandMode::Slab => value.times(&key),
            BandMode::Marginal => self.marginal(&key),
        }
    }

    /// The bands that a key reaches, each with what its value multiplies.
    ///
    /// 12 in the bands of `figure`: the second alone, or 10 of the first and 2 of the second.
    pub(super) fn reached(&self, key: Weight) -> Vec<BandPart> {
        let key = key.as_fraction();
        let mut reached = Vec::new();
        let mut from = Fraction::zero();
        for band in &self.bands {
            let end = band.up_to.map(Weight::as_fraction);
            let last = end.as_ref().is_none_or(|end| key <= *end);
            let times = match (self.mode, &end) {
                (BandMode::Flat, _) => Fraction::whole(1),
                (BandMode::Slab, _) => key.clone(),
                (BandMode::Marginal, Some(end)) if !last => end.minus(&from),
                (BandMode::Marginal, _) => key.minus(&from),
            };
            if last || self.mode == BandMode::Marginal {
                let (up_to, value) = (band.up_to, band.value);
                reached.push(BandPart {
                    from: from.clone(),
                    up_to,
                    value,
                    times,
                });
            }
            if last {
                break;
            }
            from = end.unwrap_or(from);
        }
        reached
    }

    fn marginal(&self, key: &Fraction) -> Fraction {
        let mut sum = Fraction::zero();
        let mut start = Fraction::zero();
        for band in &self.bands {
            let end = match band.up_to {
                Some(end) if end.as_fraction() < *key => end.as_fraction(),
                Some(_) | None => key.clone(),
            };
            if end > start {
                let part = end.minus(&start).times(&band.value.as_fraction());
                sum = sum.plus(&part);
                start = end;
            }
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bands(mode: BandMode) -> Bands {
        let band = |up_to: Option<i64>, value: i64| Band {
            up_to: up_to.map(Weight::whole),
            value: Weight::whole(value),
        };
        Bands {
            key: "population".into(),
            mode,
            bands: vec![band(Some(10), 2), band(None, 3)],
        }
    }

    #[test]
    fn a_figure_depends_on_its_band() {
        for (mode, at_ten, at_twelve) in [
            (BandMode::Flat, "2/1", "3/1"),
            (BandMode::Slab, "20/1", "36/1"),
            (BandMode::Marginal, "20/1", "26/1"),
        ] {
            let bands = bands(mode);
            assert_eq!(bands.figure(Weight::whole(10)).to_string(), at_ten);
            assert_eq!(bands.figure(Weight::whole(12)).to_string(), at_twelve);
            assert!(bands.is_whole());
            for key in [0, 4, 10, 11, 30].map(Weight::whole) {
                let parts = bands.reached(key).into_iter();
                let sum = parts.fold(Fraction::zero(), |sum, part| {
                    sum.plus(&part.times.times(&part.value.as_fraction()))
                });
                assert_eq!(sum, bands.figure(key), "the bands reached make the figure");
            }
        }
    }

    #[test]
    fn bands_ascend_and_the_last_one_is_open() {
        let mut bands = bands(BandMode::Flat);
        bands.bands.swap(0, 1);
        assert!(!bands.is_whole());
        bands.bands.truncate(0);
        assert!(!bands.is_whole());
        bands.bands = vec![
            Band {
                up_to: Some(Weight::ONE),
                value: Weight::ONE
            };
            2
        ];
        bands.bands.push(Band {
            up_to: None,
            value: Weight::ONE,
        });
        assert!(!bands.is_whole(), "twice the same end");
    }
}

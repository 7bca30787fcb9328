//! The dated thresholds of public procurement: what an estimate brings with it.
//!
//! The figures live in the configuration, each with its source. The set that applies is the one
//! in force on the day the consultation is launched; the gauge warns, it never blocks.

use chrono::NaiveDate;

use crate::money::Cents;

/// What is bought, as thresholds tell it apart (« nature d’achat »).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum PurchaseNature {
    /// Supplies and services (« fournitures et services »).
    SuppliesServices,
    /// Works (« travaux »).
    Works,
}

/// What an estimate calls for once it reaches a limit (« obligation »), from the lightest.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Duty {
    /// Publicity and competition, adapted (« procédure adaptée »): the no-procedure limit.
    Adapted,
    /// A notice in the BOAMP or a legal journal (« publicité obligatoire »).
    Publicity,
    /// A formal procedure at the European level (« procédure formalisée »).
    Formal,
}

/// One dated limit (« seuil de procédure »), net of tax, reached when it is equalled.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    pub nature: PurchaseNature,
    pub duty: Duty,
    pub amount: Cents,
    /// The first day of application.
    pub from: NaiveDate,
    /// The last day of application; still in force when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
    /// The text that sets it, to be shown beside it.
    pub source: String,
}

/// The whole table (« table des seuils »): at most one limit for a nature, a duty and a day.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "Vec<Threshold>")]
pub struct Thresholds(Vec<Threshold>);

/// Why a table of thresholds is refused (« table refusée »).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ThresholdsError {
    #[error("the limit {duty:?} for {nature:?} from {from} ends before it begins")]
    Reversed {
        nature: PurchaseNature,
        duty: Duty,
        from: NaiveDate,
    },
    #[error("two limits {duty:?} for {nature:?} are in force on {on}")]
    Overlap {
        nature: PurchaseNature,
        duty: Duty,
        on: NaiveDate,
    },
    #[error("the limit {duty:?} for {nature:?} from {from} is not above zero")]
    NotPositive {
        nature: PurchaseNature,
        duty: Duty,
        from: NaiveDate,
    },
}

/// The limits of one nature on one day (« seuils en vigueur »), the lowest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce<'a> {
    pub limits: Vec<&'a Threshold>,
}

/// Where an estimate stands among the limits (« jauge »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position<'a> {
    pub estimate: Cents,
    pub limits: Vec<LimitPosition<'a>>,
}

/// One limit of the gauge and the estimate’s place (« position par rapport à un seuil »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitPosition<'a> {
    pub threshold: &'a Threshold,
    pub reached: bool,
    /// How far it is passed; negative while it is not reached.
    pub excess: Cents,
}

impl Thresholds {
    pub fn new(table: Vec<Threshold>) -> Result<Self, ThresholdsError> {
        for (index, limit) in table.iter().enumerate() {
            check(limit)?;
            let twin = table
                .iter()
                .skip(index + 1)
                .find(|other| overlap(limit, other));
            if let Some(twin) = twin {
                let (nature, duty) = (limit.nature, limit.duty);
                return Err(ThresholdsError::Overlap {
                    nature,
                    duty,
                    on: limit.from.max(twin.from),
                });
            }
        }
        Ok(Self(table))
    }

    pub fn all(&self) -> &[Threshold] {
        &self.0
    }

    /// The limits that apply to a consultation launched `on` that day.
    ///
    /// | nature            | launched   | adapted | publicity | formal    |
    /// |-------------------|------------|--------:|----------:|----------:|
    /// | supplies-services | 2025-12-31 |  40 000 |    90 000 |   221 000 |
    /// | supplies-services | 2026-03-31 |  40 000 |    90 000 |   216 000 |
    /// | supplies-services | 2026-04-01 |  60 000 |    90 000 |   216 000 |
    /// | works             | 2025-06-01 | 100 000 |    90 000 | 5 538 000 |
    /// | works             | 2026-06-01 | 100 000 |    90 000 | 5 404 000 |
    pub fn in_force(&self, on: NaiveDate, nature: PurchaseNature) -> InForce<'_> {
        let applies = |limit: &&Threshold| {
            limit.nature == nature && limit.from <= on && limit.until.is_none_or(|end| on <= end)
        };
        let mut limits: Vec<&Threshold> = self.0.iter().filter(applies).collect();
        limits.sort_by_key(|limit| (limit.amount, limit.duty));
        InForce { limits }
    }
}

impl<'a> InForce<'a> {
    /// The limit of a duty; none when the table does not reach that day.
    pub fn limit(&self, duty: Duty) -> Option<&'a Threshold> {
        self.limits.iter().find(|limit| limit.duty == duty).copied()
    }

    /// Where an estimate stands; a limit is reached when it is equalled.
    ///
    /// | estimate   | reached in supplies and services, 2026-04-01 |
    /// |-----------:|----------------------------------------------|
    /// |  59 999.99 | nothing                                      |
    /// |  60 000.00 | adapted                                      |
    /// |  90 000.00 | adapted, publicity                           |
    /// | 216 000.00 | adapted, publicity, formal                   |
    pub fn position(&self, estimate: Cents) -> Position<'a> {
        let limits = self.limits.iter().map(|threshold| LimitPosition {
            threshold,
            reached: estimate >= threshold.amount,
            excess: Cents(estimate.0.saturating_sub(threshold.amount.0)),
        });
        Position {
            estimate,
            limits: limits.collect(),
        }
    }
}

impl<'a> Position<'a> {
    /// The limits that the estimate reaches, the lowest first.
    pub fn reached(&self) -> impl Iterator<Item = &LimitPosition<'a>> {
        self.limits.iter().filter(|limit| limit.reached)
    }

    /// The next limit above the estimate.
    pub fn next(&self) -> Option<&LimitPosition<'a>> {
        self.limits.iter().find(|limit| !limit.reached)
    }

    /// Whether the estimate calls for this duty.
    pub fn calls_for(&self, duty: Duty) -> bool {
        self.reached().any(|limit| limit.threshold.duty == duty)
    }
}

impl TryFrom<Vec<Threshold>> for Thresholds {
    type Error = ThresholdsError;

    fn try_from(table: Vec<Threshold>) -> Result<Self, Self::Error> {
        Self::new(table)
    }
}

fn check(limit: &Threshold) -> Result<(), ThresholdsError> {
    let (nature, duty, from) = (limit.nature, limit.duty, limit.from);
    if limit.until.is_some_and(|until| until < from) {
        return Err(ThresholdsError::Reversed { nature, duty, from });
    }
    if limit.amount <= Cents::ZERO {
        return Err(ThresholdsError::NotPositive { nature, duty, from });
    }
    Ok(())
}

fn overlap(a: &Threshold, b: &Threshold) -> bool {
    let ends_before = |a: &Threshold, b: &Threshold| a.until.is_some_and(|end| end < b.from);
    (a.nature, a.duty) == (b.nature, b.duty) && !ends_before(a, b) && !ends_before(b, a)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nature, duty, euros, first day, last day.
    const TABLE: &str = "supplies-services adapted 40000 2020-01-01 2026-03-31
        supplies-services adapted 60000 2026-04-01 -
        supplies-services publicity 90000 2019-04-01 -
        supplies-services formal 221000 2024-01-01 2025-12-31
        supplies-services formal 216000 2026-01-01 2027-12-31
        works adapted 100000 2023-01-01 -
        works publicity 90000 2019-04-01 -
        works formal 5538000 2024-01-01 2025-12-31
        works formal 5404000 2026-01-01 2027-12-31";

    fn table() -> Thresholds {
        let rows = TABLE.lines().map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let read = |text| serde_json::Value::String(String::from(text));
            Threshold {
                nature: serde_json::from_value(read(words[0])).unwrap(),
                duty: serde_json::from_value(read(words[1])).unwrap(),
                amount: Cents::parse(words[2]).unwrap(),
                from: day(words[3]),
                until: words[4].parse().ok(),
                source: "a decree".into(),
            }
        });
        Thresholds::new(rows.collect()).unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_day_of_launch_decides_which_limits_apply() {
        let table = table();
        for (nature, on, adapted, publicity, formal) in [
            (
                PurchaseNature::SuppliesServices,
                "2025-12-31",
                40_000,
                90_000,
                221_000,
            ),
            (
                PurchaseNature::SuppliesServices,
                "2026-03-31",
                40_000,
                90_000,
                216_000,
            ),
            (
                PurchaseNature::SuppliesServices,
                "2026-04-01",
                60_000,
                90_000,
                216_000,
            ),
            (
                PurchaseNature::Works,
                "2025-06-01",
                100_000,
                90_000,
                5_538_000,
            ),
            (
                PurchaseNature::Works,
                "2026-06-01",
                100_000,
                90_000,
                5_404_000,
            ),
        ] {
            let in_force = table.in_force(day(on), nature);
            let euros = |duty| in_force.limit(duty).map(|limit| limit.amount.0 / 100);
            let found = [
                euros(Duty::Adapted),
                euros(Duty::Publicity),
                euros(Duty::Formal),
            ];
            assert_eq!(
                found,
                [Some(adapted), Some(publicity), Some(formal)],
                "{nature:?} {on}"
            );
        }
        let after = table.in_force(day("2028-01-01"), PurchaseNature::SuppliesServices);
        assert_eq!(
            after.limit(Duty::Formal),
            None,
            "the table does not reach 2028"
        );
    }

    #[test]
    fn a_limit_is_reached_when_it_is_equalled() {
        let table = table();
        let in_force = table.in_force(day("2026-04-01"), PurchaseNature::SuppliesServices);
        for (estimate, reached) in [
            ("59999.99", vec![]),
            ("60000.00", vec![Duty::Adapted]),
            ("90000.00", vec![Duty::Adapted, Duty::Publicity]),
            (
                "216000.00",
                vec![Duty::Adapted, Duty::Publicity, Duty::Formal],
            ),
        ] {
            let position = in_force.position(Cents::parse(estimate).unwrap());
            let duties: Vec<Duty> = position
                .reached()
                .map(|limit| limit.threshold.duty)
                .collect();
            assert_eq!(duties, reached, "{estimate}");
        }
    }

    #[test]
    fn the_gauge_says_how_far_the_next_limit_is() {
        let table = table();
        let in_force = table.in_force(day("2026-04-01"), PurchaseNature::SuppliesServices);
        let position = in_force.position(Cents(8_500_000));
        assert!(position.calls_for(Duty::Adapted) && !position.calls_for(Duty::Publicity));
        let next = position.next().unwrap();
        assert_eq!(
            (next.threshold.duty, next.excess),
            (Duty::Publicity, Cents(-500_000))
        );
        assert_eq!(in_force.position(Cents(30_000_000)).next(), None);
    }

    #[test]
    fn a_table_that_contradicts_itself_is_refused() {
        let change = |index: usize, change: fn(&mut Threshold)| {
            let mut rows = table().0;
            change(&mut rows[index]);
            Thresholds::new(rows).unwrap_err()
        };
        let (nature, duty) = (PurchaseNature::SuppliesServices, Duty::Adapted);
        assert_eq!(
            change(0, |limit| limit.until = None),
            ThresholdsError::Overlap {
                nature,
                duty,
                on: day("2026-04-01")
            }
        );
        assert_eq!(
            change(0, |limit| limit.until =
                Some(limit.from.pred_opt().unwrap())),
            ThresholdsError::Reversed {
                nature,
                duty,
                from: day("2020-01-01")
            }
        );
        assert_eq!(
            change(1, |limit| limit.amount = Cents::ZERO),
            ThresholdsError::NotPositive {
                nature,
                duty,
                from: day("2026-04-01")
            }
        );
    }

    #[test]
    fn a_table_is_read_from_configuration() {
        let row = r#"[{"nature": "supplies-services", "duty": "formal", "amount": "216000",
            "from": "2026-01-01", "until": "2027-12-31", "source": "règlement (UE) 2025/2152"}]"#;
        let table: Thresholds = serde_json::from_str(row).unwrap();
        assert_eq!(table.all()[0].amount, Cents(21_600_000));
        assert!(serde_json::from_str::<Thresholds>(&row.replace("until", "untill")).is_err());
    }
}

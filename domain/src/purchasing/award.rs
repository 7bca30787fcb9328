//! Awards: the outcome of each lot of a procedure, and what the group's prices save.

use chrono::NaiveDate;

use crate::identity::{AwardId, ItemId, LotId, OrganisationId, ProcedureId, SupplierId};
use crate::money::{Cents, MoneyError, TaxCategory, TaxRate, UnitPrice, amount};
use crate::quantity::Quantity;

/// The longest motive of a lot dropped.
pub const MOTIVE_CHARS_MAX: usize = 2_000;

/// How a lot ended (« issue du lot »).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LotOutcome {
    /// A supplier was chosen (« attribué »).
    Awarded,
    /// No tender, or none that could be kept (« infructueux »).
    NoTender,
    /// Given up for a reason that is told (« sans suite »).
    Dropped,
}

/// The outcome of one lot of a procedure (« attribution »), prices copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Award {
    pub id: AwardId,
    pub owner: OrganisationId,
    pub procedure: ProcedureId,
    pub lot: LotId,
    pub decided_on: NaiveDate,
    /// What the lot was estimated at when it was decided, net of tax.
    pub estimate: Option<Cents>,
    pub decision: Decision,
    pub version: i32,
}

/// What was decided about a lot (« décision sur le lot »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    Awarded {
        supplier: SupplierId,
        /// Net of tax, as the tender says it.
        amount: Cents,
        prices: Vec<AwardPrice>,
    },
    NoTender {
        note: Option<String>,
    },
    Dropped {
        motive: String,
    },
}

/// The unit price of an item as awarded (« prix attribué »), with the tax of that day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwardPrice {
    pub item: ItemId,
    pub unit_price: UnitPrice,
    /// What a member alone would pay, when somebody asked.
    pub individual_price: Option<UnitPrice>,
    pub tax_category: TaxCategory,
    pub tax_rate: TaxRate,
}

/// What an award refuses (« attribution refusée »).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AwardError {
    #[error("{items} items have no price")]
    PricesMissing { items: usize },
    #[error("a price is of an item that is not in the lot")]
    ForeignItem,
    #[error("decided on {decided_on}, before the launch on {launched_on}")]
    DecidedBeforeLaunch {
        launched_on: NaiveDate,
        decided_on: NaiveDate,
    },
    #[error("decided on {decided_on}, after today, {today}")]
    DecidedInFuture {
        decided_on: NaiveDate,
        today: NaiveDate,
    },
    #[error("the contract {number} was signed on this award")]
    ContractSigned { number: String },
}

impl AwardError {
    /// Stable name used in problem types, logs and the documentation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::PricesMissing { .. } => "award.prices-missing",
            Self::ForeignItem => "award.foreign-item",
            Self::DecidedBeforeLaunch { .. } => "award.decided-before-launch",
            Self::DecidedInFuture { .. } => "award.decided-in-future",
            Self::ContractSigned { .. } => "award.contract-signed",
        }
    }
}

impl LotOutcome {
    /// Every outcome, the usual one first.
    pub const ALL: [Self; 3] = [Self::Awarded, Self::NoTender, Self::Dropped];

    /// The name in the database and the API.
    pub fn code(self) -> &'static str {
        match self {
            Self::Awarded => "awarded",
            Self::NoTender => "no_tender",
            Self::Dropped => "dropped",
        }
    }

    /// Reads a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.code() == code)
    }
}

impl Decision {
    /// Which outcome it is.
    pub fn outcome(&self) -> LotOutcome {
        match self {
            Self::Awarded { .. } => LotOutcome::Awarded,
            Self::NoTender { .. } => LotOutcome::NoTender,
            Self::Dropped { .. } => LotOutcome::Dropped,
        }
    }

    /// The supplier chosen, if one was.
    pub fn supplier(&self) -> Option<SupplierId> {
        match self {
            Self::Awarded { supplier, .. } => Some(*supplier),
            Self::NoTender { .. } | Self::Dropped { .. } => None,
        }
    }

    /// The amount awarded, if it was.
    pub fn amount(&self) -> Option<Cents> {
        match self {
            Self::Awarded { amount, .. } => Some(*amount),
            Self::NoTender { .. } | Self::Dropped { .. } => None,
        }
    }

    /// The prices awarded; none for the other outcomes.
    pub fn prices(&self) -> &[AwardPrice] {
        match self {
            Self::Awarded { prices, .. } => prices,
            Self::NoTender { .. } | Self::Dropped { .. } => &[],
        }
    }

    /// What is said about a lot that was not awarded.
    pub fn motive(&self) -> Option<&str> {
        match self {
            Self::Awarded { .. } => None,
            Self::NoTender { note } => note.as_deref(),
            Self::Dropped { motive } => Some(motive),
        }
    }
}

impl Award {
    /// Refuses a decision that nobody can have taken yet.
    pub fn check_on(&self, today: NaiveDate) -> Result<(), AwardError> {
        let decided_on = self.decided_on;
        if decided_on > today {
            return Err(AwardError::DecidedInFuture { decided_on, today });
        }
        Ok(())
    }

    /// Refuses an award that does not price every item of its lot, or that precedes the launch.
    pub fn check(&self, launched_on: NaiveDate, items: &[ItemId]) -> Result<(), AwardError> {
        let decided_on = self.decided_on;
        if decided_on < launched_on {
            return Err(AwardError::DecidedBeforeLaunch {
                launched_on,
                decided_on,
            });
        }
        if self.decision.outcome() != LotOutcome::Awarded {
            return Ok(());
        }
        let prices = self.decision.prices();
        if prices.iter().any(|price| !items.contains(&price.item)) {
            return Err(AwardError::ForeignItem);
        }
        let priced = |item: &&ItemId| prices.iter().any(|price| price.item == **item);
        match items.iter().filter(|item| !priced(item)).count() {
            0 => Ok(()),
            items => Err(AwardError::PricesMissing { items }),
        }
    }
}

/// One item's quantity with every price it is known by (« article comparé »).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compared {
    pub quantity: Quantity,
    pub awarded: UnitPrice,
    pub estimated: Option<UnitPrice>,
    pub individual: Option<UnitPrice>,
}

/// What the group's prices save (« économie ») against one kind of reference price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Saving {
    /// What the same quantities cost at the reference price, net of tax.
    pub reference: Cents,
    /// What they cost at the awarded price; only items that have a reference.
    pub awarded: Cents,
    /// How many items have a reference.
    pub items: usize,
}

impl Saving {
    /// The amount saved; negative when the group pays more.
    pub fn saved(&self) -> Result<Cents, MoneyError> {
        self.reference.checked_sub(self.awarded)
    }

    /// The part saved in hundredths of a percent, towards zero; none without a reference.
    pub fn hundredths(&self) -> Option<i64> {
        let saved = i128::from(self.reference.0) - i128::from(self.awarded.0);
        let part = (saved * 10_000).checked_div(i128::from(self.reference.0))?;
        i64::try_from(part).ok()
    }
}

/// The quantities at the awarded prices, net of tax.
pub fn awarded_amount(lines: &[Compared]) -> Result<Cents, MoneyError> {
    let amounts: Result<Vec<Cents>, MoneyError> = lines
        .iter()
        .map(|line| amount(line.quantity, line.awarded))
        .collect();
    Cents::checked_sum(amounts?)
}

/// What is saved against the estimated prices, over the items that have one.
///
/// | quantity | awarded | estimated | saved  |        |
/// |---------:|--------:|----------:|-------:|-------:|
/// |      100 |    9.00 |     10.00 | 100.00 |   10 % |
/// |       10 |    5.00 |         – |      – | left out |
/// |       20 |   11.00 |     10.00 | −20.00 | all: 6.66 % |
pub fn saving_on_estimate(lines: &[Compared]) -> Result<Saving, MoneyError> {
    saving(lines, |line| line.estimated)
}

/// What is saved against the prices that members alone would pay, over the items that have one.
pub fn saving_on_individual(lines: &[Compared]) -> Result<Saving, MoneyError> {
    saving(lines, |line| line.individual)
}

fn saving(
    lines: &[Compared],
    reference: impl Fn(&Compared) -> Option<UnitPrice>,
) -> Result<Saving, MoneyError> {
    let mut total = Saving::default();
    for line in lines {
        let Some(price) = reference(line) else {
            continue;
        };
        let (was, is) = (
            amount(line.quantity, price)?,
            amount(line.quantity, line.awarded)?,
        );
        total.reference = total.reference.checked_add(was)?;
        total.awarded = total.awarded.checked_add(is)?;
        total.items += 1;
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn line(quantity: &str, awarded: &str, estimated: Option<&str>) -> Compared {
        Compared {
            quantity: Quantity::parse(quantity).unwrap(),
            awarded: UnitPrice::parse(awarded).unwrap(),
            estimated: estimated.map(|text| UnitPrice::parse(text).unwrap()),
            individual: None,
        }
    }

    #[test]
    fn a_saving_counts_only_what_has_a_reference() {
        let lines = [
            line("100", "9.00", Some("10.00")),
            line("10", "5.00", None),
            line("20", "11.00", Some("10.00")),
        ];
        let first = saving_on_estimate(&lines[..1]).unwrap();
        assert_eq!(
            (first.saved(), first.hundredths()),
            (Ok(Cents(10_000)), Some(1_000))
        );
        let all = saving_on_estimate(&lines).unwrap();
        assert_eq!(
            (all.saved(), all.hundredths()),
            (Ok(Cents(8_000)), Some(666))
        );
        assert_eq!(all.items, 2);
        assert_eq!(awarded_amount(&lines), Ok(Cents(117_000)));
        assert_eq!(saving_on_individual(&lines).unwrap().hundredths(), None);
    }

    #[test]
    fn an_award_prices_every_item_of_its_lot_and_no_other() {
        let items = [1, 2, 3].map(|n| ItemId(Uuid::from_u128(n)));
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let award = |priced: &[ItemId], decided_on: &str| Award {
            id: AwardId(Uuid::nil()),
            owner: OrganisationId(Uuid::nil()),
            procedure: ProcedureId(Uuid::nil()),
            lot: LotId(Uuid::nil()),
            decided_on: day(decided_on),
            estimate: None,
            decision: Decision::Awarded {
                supplier: SupplierId(Uuid::nil()),
                amount: Cents::ZERO,
                prices: priced
                    .iter()
                    .map(|item| AwardPrice {
                        item: *item,
                        unit_price: UnitPrice::ZERO,
                        individual_price: None,
                        tax_category: TaxCategory::Vat,
                        tax_rate: TaxRate::ZERO,
                    })
                    .collect(),
            },
            version: 0,
        };
        let launched = day("2026-09-01");
        for (priced, decided_on, refused) in [
            (&items[..2], "2026-09-01", None),
            (&items[..1], "2026-09-01", Some("award.prices-missing")),
            (&items[..3], "2026-09-01", Some("award.foreign-item")),
            (
                &items[..2],
                "2026-08-31",
                Some("award.decided-before-launch"),
            ),
        ] {
            let found = award(priced, decided_on).check(launched, &items[..2]);
            assert_eq!(found.err().map(|error| error.code()), refused);
        }
    }

    #[test]
    fn codes_read_back() {
        for outcome in LotOutcome::ALL {
            assert_eq!(LotOutcome::from_code(outcome.code()), Some(outcome));
        }
    }
}

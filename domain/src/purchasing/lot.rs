//! What a round asks about: lots, and the items counted in each.

use crate::identity::{ItemId, LotId, OrganisationId, RoundId};
use crate::money::{Cents, MoneyError, TaxCategory, TaxRate, UnitPrice, amount};
use crate::quantity::Quantity;

/// A part of a purchase that is awarded apart (« lot »); members join by lot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lot {
    pub id: LotId,
    /// The coordinating organisation.
    pub owner: OrganisationId,
    pub round: RoundId,
    /// From 1, as people say it.
    pub number: i32,
    pub title: String,
    pub version: i32,
}

/// What is counted in a lot (« article »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub id: ItemId,
    /// The coordinating organisation.
    pub owner: OrganisationId,
    pub round: RoundId,
    pub lot: LotId,
    /// From 1 in its lot.
    pub number: i32,
    pub title: String,
    /// « unité », « kWh », « m² »…
    pub unit: String,
    pub tax_category: TaxCategory,
    pub tax_rate: TaxRate,
    /// The estimated price, net of tax.
    pub unit_price: Option<UnitPrice>,
    /// Quantities are multiples of it; above zero.
    pub step: Quantity,
    /// The conditions of the round when it last changed.
    pub conditions_version: i32,
    /// No longer asked; kept because something refers to it.
    pub removed: bool,
    pub version: i32,
}

impl Item {
    /// Whether what a member answered on is another thing now: unit, price or tax.
    pub fn conditions_differ(&self, other: &Self) -> bool {
        self.unit != other.unit
            || self.unit_price != other.unit_price
            || self.tax_category != other.tax_category
            || self.tax_rate != other.tax_rate
            || self.step != other.step
            || self.removed != other.removed
    }

    /// What this quantity is estimated at, net of tax; nothing without a price.
    pub fn estimate(&self, quantity: Quantity) -> Result<Cents, MoneyError> {
        self.unit_price
            .map_or(Ok(Cents::ZERO), |price| amount(quantity, price))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_new_price_changes_the_conditions_and_a_new_title_does_not() {
        let item = Item {
            id: ItemId(Uuid::from_u128(1)),
            owner: OrganisationId(Uuid::from_u128(2)),
            round: RoundId(Uuid::from_u128(3)),
            lot: LotId(Uuid::from_u128(4)),
            number: 1,
            title: "Extincteur à eau".into(),
            unit: "unité".into(),
            tax_category: TaxCategory::Vat,
            tax_rate: TaxRate::from_basis_points(2_000).unwrap(),
            unit_price: Some(UnitPrice(54_600_000)),
            step: Quantity::ONE,
            conditions_version: 0,
            removed: false,
            version: 0,
        };
        let mut titled = item.clone();
        titled.title = "Extincteur à eau, 6 L".into();
        assert!(!titled.conditions_differ(&item));
        let mut priced = item.clone();
        priced.unit_price = None;
        assert!(priced.conditions_differ(&item));
        assert_eq!(item.estimate(Quantity(527_000)), Ok(Cents(2_877_420)));
        assert_eq!(priced.estimate(Quantity(527_000)), Ok(Cents::ZERO));
    }
}

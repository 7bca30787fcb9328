//! What a procedure asks suppliers for: the needs of the members it keeps.

use std::collections::{BTreeMap, BTreeSet};

use crate::identity::{ItemId, OrganisationId};
use crate::quantity::{Quantity, QuantityError};

/// What one member wants of one item (« demande d’un membre »).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand {
    pub member: OrganisationId,
    pub item: ItemId,
    pub quantity: Quantity,
    /// The most that may be ordered, when it is more.
    pub most: Option<Quantity>,
}

/// What all members want of one item (« quantité totale »).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total {
    pub quantity: Quantity,
    /// With what may be ordered besides: what thresholds are compared with (R2121-8).
    pub most: Quantity,
    pub members: usize,
}

/// The members who want something, in a stable order.
pub fn members(demands: &[Demand]) -> Vec<OrganisationId> {
    let wanting = demands.iter().filter(|demand| demand.wants_something());
    let members: BTreeSet<OrganisationId> = wanting.map(|demand| demand.member).collect();
    members.into_iter().collect()
}

/// The totals by item, without the members set aside.
///
/// | member | quantity | most | set aside | total      |
/// |--------|---------:|-----:|-----------|------------|
/// | A      |        4 |    6 |           |            |
/// | B      |        2 |      |           |            |
/// | C      |       10 |      | yes       | 6, up to 8 |
pub fn totals(
    demands: &[Demand],
    set_aside: impl Fn(OrganisationId) -> bool,
) -> Result<BTreeMap<ItemId, Total>, QuantityError> {
    let mut totals: BTreeMap<ItemId, Total> = BTreeMap::new();
    let mut seen: BTreeSet<(ItemId, OrganisationId)> = BTreeSet::new();
    let kept = demands.iter().filter(|demand| !set_aside(demand.member));
    for demand in kept.filter(|demand| demand.wants_something()) {
        let total = totals.entry(demand.item).or_default();
        total.quantity = total.quantity.checked_add(demand.quantity)?;
        total.most = total.most.checked_add(demand.at_most())?;
        if seen.insert((demand.item, demand.member)) {
            total.members += 1;
        }
    }
    Ok(totals)
}

/// One line by member and item, without what nobody wants: what a launch keeps.
///
/// | lines of A for one item | kept      |
/// |-------------------------|-----------|
/// | 4, at most 6            |           |
/// | 1                       | 5, up to 7 |
/// | 0                       | nothing   |
pub fn gathered(demands: &[Demand]) -> Result<Vec<Demand>, QuantityError> {
    let mut kept: BTreeMap<(ItemId, OrganisationId), (Quantity, Quantity)> = BTreeMap::new();
    for demand in demands.iter().filter(|demand| demand.wants_something()) {
        let (quantity, most) = kept.entry((demand.item, demand.member)).or_default();
        *quantity = quantity.checked_add(demand.quantity)?;
        *most = most.checked_add(demand.at_most())?;
    }
    let line = |((item, member), (quantity, most))| Demand {
        member,
        item,
        quantity,
        most: (most != quantity).then_some(most),
    };
    Ok(kept.into_iter().map(line).collect())
}

/// An item of which the members want another quantity than at the launch (« écart »).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    pub item: ItemId,
    pub launched: Total,
    pub now: Total,
}

/// What changed between two pictures, item by item.
pub fn moved(launched: &BTreeMap<ItemId, Total>, now: &BTreeMap<ItemId, Total>) -> Vec<Moved> {
    let items: BTreeSet<ItemId> = launched.keys().chain(now.keys()).copied().collect();
    let of = |totals: &BTreeMap<ItemId, Total>, item| totals.get(&item).copied();
    let moved = items.into_iter().map(|item| Moved {
        item,
        launched: of(launched, item).unwrap_or_default(),
        now: of(now, item).unwrap_or_default(),
    });
    moved.filter(|moved| moved.launched != moved.now).collect()
}

impl Demand {
    /// The most that may be ordered, never less than the firm quantity.
    fn at_most(&self) -> Quantity {
        self.most.unwrap_or(self.quantity).max(self.quantity)
    }

    /// Whether it asks for anything: zero is an answer, not a need.
    pub fn wants_something(&self) -> bool {
        !self.quantity.is_zero() || self.most.is_some_and(|most| !most.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_member_set_aside_leaves_the_totals() {
        let member = |n| OrganisationId(Uuid::from_u128(n));
        let item = ItemId(Uuid::from_u128(9));
        let demand = |n, quantity: i64, most: Option<i64>| Demand {
            member: member(n),
            item,
            quantity: Quantity(quantity * 1_000),
            most: most.map(|most| Quantity(most * 1_000)),
        };
        let demands = [
            demand(1, 4, Some(6)),
            demand(2, 1, None),
            demand(2, 1, None),
            demand(3, 10, None),
            demand(4, 0, None),
        ];
        assert_eq!(members(&demands), [member(1), member(2), member(3)]);
        let all = totals(&demands, |_| false).unwrap();
        assert_eq!(all[&item].quantity, Quantity(16_000));
        let kept = totals(&demands, |id| id == member(3)).unwrap();
        let expected = Total {
            quantity: Quantity(6_000),
            most: Quantity(8_000),
            members: 2,
        };
        assert_eq!(kept[&item], expected);
        let launched = gathered(&demands).unwrap();
        assert_eq!(launched.len(), 3, "{launched:?}");
        assert_eq!(totals(&launched, |_| false).unwrap(), all);
        assert_eq!(moved(&all, &all), []);
        let now = BTreeMap::new();
        let gone = moved(&all, &now);
        assert_eq!((gone.len(), gone[0].now), (1, Total::default()));
    }
}

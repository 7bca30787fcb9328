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
        let most = demand.most.unwrap_or(demand.quantity).max(demand.quantity);
        total.quantity = total.quantity.checked_add(demand.quantity)?;
        total.most = total.most.checked_add(most)?;
        if seen.insert((demand.item, demand.member)) {
            total.members += 1;
        }
    }
    Ok(totals)
}

impl Demand {
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
    }
}

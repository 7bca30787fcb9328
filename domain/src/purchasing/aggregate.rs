//! What members ask for together: figures that add up, with the members behind each.

use std::collections::{BTreeMap, BTreeSet};

use crate::identity::{ItemId, LotId, OrganisationId};
use crate::money::{Cents, MoneyError};
use crate::quantity::{Quantity, QuantityError};
use crate::text;

use super::lot::Item;

/// One member's whole quantity of one item (« quantité d’un membre »).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    pub member: OrganisationId,
    pub item: ItemId,
    pub quantity: Quantity,
}

/// One item with what all members ask of it (« besoin agrégé »).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub item: ItemId,
    pub lot: LotId,
    /// How many members ask for some.
    pub members: usize,
    pub quantity: Quantity,
    /// What the same members asked for in the round before, when it had the item.
    pub before: Option<Quantity>,
    pub amount: Cents,
}

/// What members ask for together (« besoins agrégés »), estimated net of tax.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aggregate {
    pub lines: Vec<Line>,
    pub total: Cents,
    /// How many members ask for anything at all.
    pub members: usize,
    /// What each member's quantities are estimated at.
    pub by_member: BTreeMap<OrganisationId, Cents>,
}

/// What the round before was about, seen through the items of this one (« campagne précédente »).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Before {
    asked: Vec<Asked>,
    known: BTreeSet<ItemId>,
}

/// Sums that do not fit (« total refusé »).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AggregateError {
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl From<AggregateError> for crate::Refusal {
    fn from(error: AggregateError) -> Self {
        match error {
            AggregateError::Quantity(error) => error.into(),
            AggregateError::Money(error) => error.into(),
        }
    }
}

impl Before {
    /// Renames the quantities of an earlier round to the items of this one that are the same.
    ///
    /// Items are the same when their title and unit read the same, whatever their lot.
    #[must_use]
    pub fn of(items: &[Item], earlier_items: &[Item], earlier: &[Asked]) -> Self {
        let now: BTreeMap<(String, String), ItemId> =
            items.iter().map(|item| (sameness(item), item.id)).collect();
        let names: BTreeMap<ItemId, ItemId> = earlier_items
            .iter()
            .filter_map(|item| now.get(&sameness(item)).map(|now| (item.id, *now)))
            .collect();
        let asked = earlier.iter().filter_map(|asked| {
            let item = *names.get(&asked.item)?;
            Some(Asked { item, ..*asked })
        });
        Self {
            asked: asked.collect(),
            known: names.values().copied().collect(),
        }
    }

    /// What some members asked for.
    pub fn asked_by(&self, member: impl Fn(OrganisationId) -> bool) -> Vec<Asked> {
        let mut asked = self.asked.clone();
        asked.retain(|asked| member(asked.member));
        asked
    }
}

/// What an item is known by from one round to the next.
fn sameness(item: &Item) -> (String, String) {
    (
        text::search_text(&item.title),
        text::search_text(&item.unit),
    )
}

/// Adds up what members ask for, item by item in the order given.
///
/// `answered` are the members whose quantities of the round before are compared.
pub fn aggregate(
    items: &[Item],
    asked: &[Asked],
    before: &Before,
    answered: &BTreeSet<OrganisationId>,
) -> Result<Aggregate, AggregateError> {
    let now = by_item(asked);
    let earlier = before.asked_by(|member| answered.contains(&member));
    let earlier = by_item(&earlier);
    let mut by_member: BTreeMap<OrganisationId, Vec<Cents>> = BTreeMap::new();
    let mut lines = Vec::with_capacity(items.len());
    for item in items {
        let asked = now.get(&item.id).map_or(&[][..], Vec::as_slice);
        for one in asked {
            let amount = item.estimate(one.quantity)?;
            by_member.entry(one.member).or_default().push(amount);
        }
        let quantity = sum(asked)?;
        let before = if before.known.contains(&item.id) {
            Some(sum(earlier.get(&item.id).map_or(&[][..], Vec::as_slice))?)
        } else {
            None
        };
        lines.push(Line {
            item: item.id,
            lot: item.lot,
            members: asked.iter().filter(|one| !one.quantity.is_zero()).count(),
            quantity,
            before,
            amount: item.estimate(quantity)?,
        });
    }
    let by_member: BTreeMap<OrganisationId, Cents> = by_member
        .into_iter()
        .map(|(member, amounts)| Ok((member, Cents::checked_sum(amounts)?)))
        .collect::<Result<_, MoneyError>>()?;
    let asking: BTreeSet<OrganisationId> = asked
        .iter()
        .filter(|one| !one.quantity.is_zero())
        .map(|one| one.member)
        .collect();
    Ok(Aggregate {
        total: Cents::checked_sum(lines.iter().map(|line| line.amount))?,
        lines,
        members: asking.len(),
        by_member,
    })
}

fn by_item(asked: &[Asked]) -> BTreeMap<ItemId, Vec<Asked>> {
    let mut by_item: BTreeMap<ItemId, Vec<Asked>> = BTreeMap::new();
    for one in asked {
        by_item.entry(one.item).or_default().push(*one);
    }
    by_item
}

fn sum(asked: &[Asked]) -> Result<Quantity, QuantityError> {
    Quantity::checked_sum(asked.iter().map(|one| one.quantity))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::identity::RoundId;
    use crate::money::{TaxCategory, TaxRate, UnitPrice};

    fn item(id: u128, title: &str, price: i64) -> Item {
        Item {
            id: ItemId(Uuid::from_u128(id)),
            owner: member(99),
            round: RoundId(Uuid::from_u128(7)),
            lot: LotId(Uuid::from_u128(8)),
            number: 1,
            title: title.into(),
            unit: "unité".into(),
            tax_category: TaxCategory::Vat,
            tax_rate: TaxRate::from_basis_points(2_000).unwrap(),
            unit_price: Some(UnitPrice(price)),
            step: Quantity::ONE,
            conditions_version: 0,
            removed: false,
            version: 0,
        }
    }

    fn member(id: u128) -> OrganisationId {
        OrganisationId(Uuid::from_u128(id))
    }

    fn asked(who: u128, item: u128, quantity: i64) -> Asked {
        Asked {
            member: member(who),
            item: ItemId(Uuid::from_u128(item)),
            quantity: Quantity(quantity * 1_000),
        }
    }

    #[test]
    fn figures_add_up_and_name_who_is_behind() {
        let items = [
            item(1, "Support mural", 4_150_000),
            item(2, "Panneau", 4_700_000),
        ];
        let asked = [asked(10, 1, 3), asked(11, 1, 2), asked(11, 2, 0)];
        let answered = [member(10), member(11)].into();
        let sums = aggregate(&items, &asked, &Before::default(), &answered).unwrap();
        let shown: Vec<_> = sums
            .lines
            .iter()
            .map(|l| (l.members, l.quantity.0, l.amount.0, l.before))
            .collect();
        assert_eq!(shown, [(2, 5_000, 2_075, None), (0, 0, 0, None)]);
        assert_eq!((sums.total, sums.members), (Cents(2_075), 2));
        assert_eq!(sums.by_member.get(&member(11)), Some(&Cents(830)));
    }

    #[test]
    fn the_round_before_is_compared_for_the_same_members_and_the_same_items() {
        let items = [item(1, "Support mural", 4_150_000), item(2, "Nouveau", 1)];
        let earlier_items = [
            item(5, "support  MURAL", 4_000_000),
            item(6, "Abandonné", 1),
        ];
        let earlier = [asked(10, 5, 4), asked(12, 5, 7), asked(10, 6, 9)];
        let before = Before::of(&items, &earlier_items, &earlier);
        let answered = [member(10)].into();
        let sums = aggregate(&items, &[asked(10, 1, 3)], &before, &answered).unwrap();
        let shown: Vec<_> = sums.lines.iter().map(|l| l.before).collect();
        assert_eq!(shown, [Some(Quantity(4_000)), None]);
        let late = before.asked_by(|m| m == member(12));
        assert_eq!(late, [super::tests::asked(12, 1, 7)]);
    }
}

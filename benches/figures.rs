//! How the cost of the two big sums grows with the number of members.
//!
//! `cargo bench` runs every size in one go on one machine, so that the rows compare: each shows
//! how many shares or needs it works out in a second, and that figure stays level as long as the
//! cost grows in proportion. No absolute time is promised.
#![expect(
    clippy::unwrap_used,
    reason = "a bench that meets the unexpected stops"
)]
use std::collections::{BTreeMap, BTreeSet};

use divan::{Bencher, counter::ItemsCount};
use domain::{
    allocation::{self, AllocationRule, Case, Member, TaxGroup, TaxPolicy, TaxTotal},
    identity::{ItemId, LotId, OrganisationId, RoundId},
    money::{Cents, TaxCategory, TaxRate, UnitPrice},
    purchasing::{
        aggregate::{Asked, Before, aggregate},
        lot::Item,
    },
    quantity::Quantity,
};
use uuid::Uuid;

/// A metropolis with its communes, and the largest grouping that we expect.
const MEMBERS: [usize; 2] = [95, 1_000];
/// Lines of an invoice, items of a round.
const LINES: usize = 10;

fn main() {
    divan::main();
}

/// Shares an invoice of ten lines by population: a share for each member and line.
#[divan::bench(args = MEMBERS)]
fn allocate(bencher: Bencher<'_, '_>, members: usize) {
    let case = invoice(members);
    bencher
        .counter(ItemsCount::new(members * LINES))
        .bench(|| allocation::allocate(&case).unwrap());
}

/// Proves the same shares again, clause by clause.
#[divan::bench(args = MEMBERS)]
fn verify(bencher: Bencher<'_, '_>, members: usize) {
    let case = invoice(members);
    let outcome = allocation::allocate(&case).unwrap();
    bencher
        .counter(ItemsCount::new(members * LINES))
        .bench(|| allocation::verify(&case, &outcome).unwrap());
}

/// Adds up the needs of a round of ten items: a need for each member and item.
#[divan::bench(args = MEMBERS)]
fn add_needs_up(bencher: Bencher<'_, '_>, members: usize) {
    let items: Vec<Item> = (0..LINES).map(item).collect();
    let organisations: BTreeSet<OrganisationId> = (0..members).map(member).collect();
    let needs = organisations.iter().flat_map(|member| {
        items.iter().map(|item| Asked {
            member: *member,
            item: item.id,
            quantity: Quantity(12_000),
        })
    });
    let needs: Vec<Asked> = needs.collect();
    bencher
        .counter(ItemsCount::new(needs.len()))
        .bench(|| aggregate(&items, &needs, &Before::default(), &organisations).unwrap());
}

fn invoice(members: usize) -> Case {
    let tax = TaxGroup::new(TaxCategory::Vat, TaxRate::parse("20").unwrap());
    let line = |number: usize| allocation::Line {
        id: format!("L{number}"),
        lot: None,
        label: "Contrôle des extincteurs".to_owned(),
        net: Cents(1_234_567),
        tax,
        rule: AllocationRule::proportional("population"),
        members: None,
    };
    let population = |number: usize| i64::try_from(number * 37 + 101).unwrap();
    Case {
        members: (0..members)
            .map(|n| Member::new(format!("{n:09}")).with("population", population(n)))
            .collect(),
        lines: (0..LINES).map(line).collect(),
        taxes: vec![TaxTotal {
            group: tax,
            amount: Cents(2_469_134),
        }],
        charges: Vec::new(),
        tax_policy: TaxPolicy::default(),
        carry: BTreeMap::new(),
    }
}

fn member(number: usize) -> OrganisationId {
    OrganisationId(id(number))
}

fn item(number: usize) -> Item {
    Item {
        id: ItemId(id(number)),
        owner: member(0),
        round: RoundId(id(0)),
        lot: LotId(id(0)),
        number: 1,
        title: format!("Article {number}"),
        unit: "unité".to_owned(),
        tax_category: TaxCategory::Vat,
        tax_rate: TaxRate::parse("20").unwrap(),
        unit_price: Some(UnitPrice(54_600_000)),
        step: Quantity::ONE,
        conditions_version: 0,
        removed: false,
        version: 0,
    }
}

fn id(number: usize) -> Uuid {
    Uuid::from_u128(u128::try_from(number).unwrap())
}

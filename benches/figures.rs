//! How the cost of the two big sums grows with the number of members.
//!
//! `cargo bench` runs every size in one go on one machine, so that the rows compare: each shows
//! how many shares or needs it works out in a second, and that figure stays level as long as the
//! cost grows in proportion. No absolute time is promised.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a bench that meets the unexpected stops"
)]
use std::collections::{BTreeMap, BTreeSet};

use divan::{Bencher, counter::ItemsCount};
use domain::{
    allocation::{
        self, AllocationRule, Case, Cell, Member, Reckoning, TaxGroup, TaxPolicy, TaxTotal, Weight,
    },
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
/// All communes of France in one invoice, and a region's communes in many lines.
const TABLES: [Table; 3] = [
    Table::of(100, 35_000),
    Table::of(1_000, 1_000),
    Table::of(150, 1_300),
];

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

/// Rows and columns of a table.
#[derive(Clone, Copy)]
struct Table {
    lines: usize,
    members: usize,
}

impl Table {
    const fn of(lines: usize, members: usize) -> Self {
        Self { lines, members }
    }

    fn cells(self) -> ItemsCount {
        ItemsCount::new(self.lines * self.members)
    }
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} x {}", self.lines, self.members)
    }
}

/// Lines rounded one by one, by largest remainder: what holding every level is compared with.
#[divan::bench(args = TABLES)]
fn independent_lines(bencher: Bencher<'_, '_>, table: Table) {
    let weights: Vec<Weight> = (0..table.members).map(weight).collect();
    bencher.counter(table.cells()).bench(|| {
        let lines = (0..table.lines).map(net);
        lines
            .map(|net| allocation::share(net, &weights).unwrap().len())
            .sum::<usize>()
    });
}

/// What each member owes, every line and every member exact at once: one key, no tax.
#[divan::bench(args = TABLES)]
fn table_of_one_key(bencher: Bencher<'_, '_>, table: Table) {
    let case = complete(table, 1, 0);
    bencher
        .counter(table.cells())
        .bench(|| allocation::totals(&case).unwrap());
}

/// The same with three keys, four lots, two rates and their taxes.
#[divan::bench(args = TABLES)]
fn tree_of_three_keys(bencher: Bencher<'_, '_>, table: Table) {
    let case = complete(table, 3, 4);
    bencher
        .counter(table.cells())
        .bench(|| allocation::totals(&case).unwrap());
}

/// The same with its shares by name and its hashes, as it is published.
#[divan::bench(args = TABLES, sample_count = 5)]
fn tree_of_three_keys_published(bencher: Bencher<'_, '_>, table: Table) {
    let case = complete(table, 3, 4);
    bencher
        .counter(table.cells())
        .bench(|| allocation::allocate_completely(&case).unwrap());
}

/// One line of decimals, beside a sort of as many pairs.
#[divan::bench(args = [35_000, 1_000_000])]
fn one_line(bencher: Bencher<'_, '_>, members: usize) {
    let weights: Vec<Weight> = (0..members).map(weight).collect();
    bencher
        .counter(ItemsCount::new(members))
        .bench(|| allocation::share(Cents(12_345_678_901), &weights).unwrap());
}

#[divan::bench(args = [35_000, 1_000_000])]
fn one_sort(bencher: Bencher<'_, '_>, members: usize) {
    let spread = |n: u64| n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let pairs: Vec<(u64, u32)> = (0..u32::try_from(members).unwrap())
        .map(|n| (spread(u64::from(n)), n))
        .collect();
    bencher
        .counter(ItemsCount::new(members))
        .with_inputs(|| pairs.clone())
        .bench_values(|mut pairs| {
            pairs.sort_unstable();
            pairs
        });
}

/// Why one cent, of a run whose record was kept.
#[divan::bench(args = TABLES)]
fn explain_a_cent(bencher: Bencher<'_, '_>, table: Table) {
    let case = complete(table, 3, 4);
    let (outcome, record) = allocation::allocate_recorded(allocation::ALGORITHM, &case)
        .unwrap()
        .unwrap();
    let reckoning = Reckoning::of(&case, &outcome, Some(&record))
        .unwrap()
        .unwrap();
    let (cell, member) = (Cell::Line("L0050".to_owned()), &case.members[7].id);
    bencher.bench(|| reckoning.why(&cell, member).unwrap());
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

/// A weight of four decimals.
fn weight(member: usize) -> Weight {
    let figure = (member * 7_919 + 104_729) % 199_999 + 1;
    Weight::parse(&format!("{}.{:04}", figure / 10, figure % 10_000)).unwrap()
}

/// What a member has in a key: inhabitants, sites, or a length in hundredths.
fn figure(key: usize, member: usize) -> Weight {
    let figure = |most: usize| (member * 7_919 + 104_729) % most + 1;
    match key {
        0 => Weight::whole(i64::try_from(figure(19_997)).unwrap()),
        1 => Weight::whole(i64::try_from(figure(23)).unwrap()),
        _ => Weight::parse(&format!("{}.{:02}", figure(149), figure(97))).unwrap(),
    }
}

fn net(line: usize) -> Cents {
    Cents(i64::try_from((line * 7_368_787 + 1_299_709) % 50_000_000).unwrap())
}

/// An invoice that reads several keys; without lots, it bears no tax.
fn complete(table: Table, keys: usize, lots: usize) -> Case {
    let rates = ["20", "5.5"].map(|rate| TaxRate::parse(rate).unwrap());
    let group = |line: usize| match lots {
        0 => TaxGroup::default(),
        _ => TaxGroup::new(TaxCategory::Vat, rates[line % 2]),
    };
    let line = |number: usize| allocation::Line {
        id: format!("L{number:04}"),
        lot: (lots > 0).then(|| format!("{}", number % lots.max(1))),
        label: String::new(),
        net: net(number),
        tax: group(number),
        rule: AllocationRule::proportional(format!("k{}", number % keys)),
        members: None,
    };
    let member = |number: usize| {
        let member = Member::new(format!("{:09}", number * 31 + 200_000_000));
        (0..keys).fold(member, |member, key| {
            member.with(format!("k{key}"), figure(key, number))
        })
    };
    let lines: Vec<allocation::Line> = (0..table.lines).map(line).collect();
    let groups: BTreeSet<TaxGroup> = lines.iter().map(|line| line.tax).collect();
    let taxes = groups.into_iter().map(|group| {
        let nets = lines.iter().filter(|line| line.tax == group);
        let net = Cents::checked_sum(nets.map(|line| line.net)).unwrap();
        let amount = group.rate.tax_on(net).unwrap();
        TaxTotal { group, amount }
    });
    Case {
        members: (0..table.members).map(member).collect(),
        taxes: taxes.collect(),
        lines,
        ..Case::default()
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

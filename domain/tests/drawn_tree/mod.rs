//! Random invoices with every rule, tariff and policy: the material of the laws of `tree-1`.

use std::collections::BTreeMap;

use domain::allocation::{
    AllocationRule, Band, BandMode, Bands, Bounds, Case, Charge, ChargedLine, Factor, FixedAmounts,
    Fraction, Line, Member, MixPart, PercentOf, TaxGroup, TaxPolicy, TaxTotal, Weight,
};
use domain::money::{Cents, TaxCategory, TaxRate};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

pub fn groups() -> [TaxGroup; 4] {
    let rate = |basis_points| TaxRate::from_basis_points(basis_points).unwrap();
    [
        TaxGroup::new(TaxCategory::Vat, rate(2_000)),
        TaxGroup::new(TaxCategory::Vat, rate(550)),
        TaxGroup::new(TaxCategory::InsuranceTax, rate(2_000)),
        TaxGroup::new(TaxCategory::Exempt, rate(0)),
    ]
}

pub fn id(index: usize) -> String {
    format!("{:09}", index * 7 + 1)
}

fn band(up_to: Option<i64>, value: i64) -> Band {
    Band {
        up_to: up_to.map(Weight::whole),
        value: Weight::whole(value),
    }
}

fn mode() -> impl Strategy<Value = BandMode> {
    prop_oneof![
        Just(BandMode::Flat),
        Just(BandMode::Slab),
        Just(BandMode::Marginal)
    ]
}

fn bands(mode: BandMode, values: [i64; 3]) -> Bands {
    Bands {
        key: "population".into(),
        mode,
        bands: vec![
            band(Some(5), values[0]),
            band(Some(100), values[1]),
            band(None, values[2]),
        ],
    }
}

fn ratios(members: usize) -> impl Strategy<Value = BTreeMap<String, Weight>> {
    vec(1_i64..300, members).prop_map(|values| {
        let weights = values.into_iter().enumerate();
        weights
            .map(|(member, value)| (id(member), Weight::parse(&format!("{value}.25")).unwrap()))
            .collect()
    })
}

fn weighing(members: usize) -> impl Strategy<Value = AllocationRule> {
    let key = |key: &str, inverse| Factor {
        key: key.into(),
        inverse,
    };
    let leaf = prop_oneof![
        2 => Just(AllocationRule::Equal),
        3 => Just(AllocationRule::proportional("population")),
        1 => Just(AllocationRule::proportional("units")),
        1 => Just(AllocationRule::Product {
            factors: vec![key("population", false), key("potential", true)],
        }),
        1 => (mode(), [0..9_i64, 1..9, 1..9])
            .prop_map(|(mode, values)| AllocationRule::Bands(bands(mode, values))),
        1 => ratios(members).prop_map(|percents| AllocationRule::Percent {
            percents,
            normalise: true,
        }),
    ];
    (leaf, option::weighted(0.2, ratios(members))).prop_map(|(rule, coefficients)| {
        match coefficients {
            None => rule,
            Some(coefficients) => AllocationRule::Coefficient {
                rule: Box::new(rule),
                coefficients,
            },
        }
    })
}

/// Rules that any total of a hundred cents or more can bear.
fn rule(members: usize) -> impl Strategy<Value = AllocationRule> {
    weighing(members).prop_recursive(2, 6, 2, move |inner| {
        let percent = (0..=100_i64, inner.clone(), weighing(members));
        prop_oneof![
            percent.prop_map(|(percent, one, other)| AllocationRule::Mix {
                parts: vec![
                    MixPart {
                        percent: Weight::whole(percent),
                        rule: one
                    },
                    MixPart {
                        percent: Weight::whole(100 - percent),
                        rule: other
                    },
                ],
            }),
            (0..4_i64, inner.clone()).prop_map(|(each, then)| AllocationRule::First {
                fixed: FixedAmounts::Each(Cents(each)),
                then: Box::new(then),
            }),
            (0..4_i64, option::of(40_i64..200), inner).prop_map(|(floor, cap, rule)| {
                AllocationRule::Clamp {
                    rule: Box::new(rule),
                    bounds: Bounds {
                        floor: Some(Cents(floor)),
                        floors: cap
                            .map(|cap| (id(0), Cents(cap.min(20))))
                            .into_iter()
                            .collect(),
                        caps: cap.map(|cap| (id(0), Cents(cap))).into_iter().collect(),
                        cap: None,
                    },
                }
            }),
        ]
    })
}

fn net() -> impl Strategy<Value = i64> {
    prop_oneof![1 => Just(0_i64), 5 => 100_i64..3_000, 3 => -3_000_i64..-100, 1 => 100_i64..90_000_000]
}

fn charge(lines: usize) -> impl Strategy<Value = Charge> {
    let lines = (0..lines).map(|line| format!("L{line}")).collect();
    prop_oneof![
        (1..400_i64).prop_map(|amount| Charge::Flat {
            amount: Cents(amount)
        }),
        (1..99_i64).prop_map(|rate| Charge::PerUnit {
            key: "population".into(),
            rate: Weight::parse(&format!("0.{rate:03}")).unwrap(),
        }),
        mode().prop_map(|mode| Charge::Bands(bands(mode, [1, 2, 3]))),
        (0..9_i64, option::of(0..50_i64)).prop_map(move |(percent, min)| {
            Charge::PercentOf(PercentOf {
                lines: std::collections::BTreeSet::clone(&lines),
                percent: Weight::whole(percent),
                min: min.map(Cents),
                cap: min.map(|min| Cents(min + 100)),
            })
        }),
    ]
}

fn place() -> impl Strategy<Value = (TaxGroup, Option<String>)> {
    let lot = option::weighted(0.7, (1..4_u8).prop_map(|lot| lot.to_string()));
    (prop::sample::select(groups().to_vec()), lot)
}

type DrawnLine = (
    i64,
    AllocationRule,
    (TaxGroup, Option<String>),
    Vec<bool>,
    bool,
);

fn lines(members: usize, most: usize) -> impl Strategy<Value = Vec<Line>> {
    let line = (
        net(),
        rule(members),
        place(),
        vec(any::<bool>(), members),
        any::<bool>(),
    );
    vec(line, 1..most).prop_map(move |drawn| {
        let lines = drawn.into_iter().enumerate();
        let line = |(index, drawn): (usize, DrawnLine)| {
            let (net, rule, (tax, lot), taking, all) = drawn;
            let plain = !matches!(rule, AllocationRule::Clamp { .. });
            let takers = (0..members)
                .filter(|member| taking[*member])
                .map(id)
                .collect();
            let some = !all && plain && taking.iter().any(|taking| *taking);
            Line {
                id: format!("L{index}"),
                lot,
                label: String::new(),
                net: Cents(net),
                tax,
                rule,
                members: some.then_some(takers),
            }
        };
        lines.map(line).collect()
    })
}

fn members(most: usize) -> impl Strategy<Value = Vec<Member>> {
    let member = (
        prop_oneof![1 => Just(0_i64), 5 => 1_i64..400],
        0..9_i64,
        1..50_i64,
    );
    vec(member, 1..most).prop_map(|members| {
        let members = members.into_iter().enumerate();
        let member = |(index, (population, units, potential))| {
            Member::new(id(index))
                .with("population", population)
                .with("units", units)
                .with("potential", potential)
        };
        members.map(member).collect()
    })
}

/// A case that may still be refused, for want of weight or of a base for its tax.
pub fn drawn_case() -> impl Strategy<Value = Case> {
    drawn_case_of(8, 8)
}

/// The same with fewer members and lines than these.
pub fn drawn_case_of(most_members: usize, most_lines: usize) -> impl Strategy<Value = Case> {
    members(most_members).prop_flat_map(move |members| {
        let count = members.len();
        let lines = lines(count, most_lines);
        let gaps = [-2..=2_i64, -2..=2, -2..=2, 0..=0];
        let carry = vec((-9..9_i64, 1..12_i64), 0..=count);
        let charges = lines.prop_flat_map(|lines| {
            let charge = (charge(lines.len()), place());
            let none = Just(Vec::new());
            (Just(lines), prop_oneof![2 => none, 1 => vec(charge, 1..3)])
        });
        let policy = prop::sample::select(TaxPolicy::ALL.to_vec());
        (Just(members), charges, gaps, policy, carry).prop_map(case)
    })
}

type Drawn = (
    Vec<Member>,
    (Vec<Line>, Vec<(Charge, (TaxGroup, Option<String>))>),
    [i64; 4],
    TaxPolicy,
    Vec<(i64, i64)>,
);

fn case((members, (lines, charges), gaps, tax_policy, carry): Drawn) -> Case {
    let charges = charges.into_iter().enumerate();
    let taxes = groups().into_iter().zip(gaps).map(|(group, gap)| {
        let net = lines
            .iter()
            .filter(|line| line.tax == group)
            .map(|line| line.net.0);
        let net: i64 = net.sum();
        let nominal = group.rate.tax_on(Cents(net)).unwrap();
        let gap = if net == 0 { 0 } else { gap };
        TaxTotal {
            group,
            amount: Cents(nominal.0 + gap),
        }
    });
    let carry = carry.into_iter().enumerate();
    Case {
        taxes: taxes.collect(),
        members,
        charges: charges
            .map(|(index, (charge, (tax, lot)))| ChargedLine {
                id: format!("T{index}"),
                lot,
                label: String::new(),
                tax,
                charge,
                members: None,
            })
            .collect(),
        lines,
        tax_policy,
        carry: carry
            .map(|(member, (n, d))| (id(member), Fraction::parse(&format!("{n}/{d}")).unwrap()))
            .collect(),
    }
}

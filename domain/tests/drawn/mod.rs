//! Random invoices that can be split: the material of the laws.

use domain::allocation::{AllocationRule, Case, Line, Member, TaxGroup, TaxTotal, Weight};
use domain::money::{Cents, TaxCategory, TaxRate};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::subsequence;

/// Weights are small whole numbers over 10^scale, so that the laws can be checked in i128.
#[derive(Clone, Debug)]
pub struct Drawn {
    pub weights: Vec<[u32; 2]>,
    pub scale: usize,
    pub lines: Vec<DrawnLine>,
    gaps: [i64; 4],
}

#[derive(Clone, Debug)]
pub struct DrawnLine {
    pub net: i64,
    group: usize,
    /// 0 and 1 read a key, 2 is equal.
    pub rule: usize,
    pub takers: Vec<usize>,
}

pub fn groups() -> [TaxGroup; 4] {
    let rate = |basis_points| TaxRate::from_basis_points(basis_points).unwrap();
    [
        TaxGroup::new(TaxCategory::Vat, rate(2_000)),
        TaxGroup::new(TaxCategory::Vat, rate(550)),
        TaxGroup::new(TaxCategory::InsuranceTax, rate(2_000)),
        TaxGroup::new(TaxCategory::Exempt, rate(0)),
    ]
}

fn drawn() -> impl Strategy<Value = Drawn> {
    (1_usize..8).prop_flat_map(|members| {
        let weight = prop_oneof![1 => Just(0_u32), 4 => 1_u32..20, 2 => 1_u32..2_000];
        let net = prop_oneof![1 => Just(0_i64), 4 => 1_i64..2_000, 2 => -2_000_i64..0, 1 => 1_i64..90_000_000];
        let takers = subsequence((0..members).collect::<Vec<_>>(), 1..=members);
        let takers = prop_oneof![Just((0..members).collect::<Vec<_>>()), takers];
        let line = (net, 0..4_usize, 0..3_usize, takers)
            .prop_map(|(net, group, rule, takers)| DrawnLine { net, group, rule, takers });
        let weights = vec([weight.clone(), weight], members);
        (weights, 0..4_usize, vec(line, 1..7), [-2..=2_i64, -2..=2, -2..=2, 0..=0])
            .prop_map(|(weights, scale, lines, gaps)| Drawn { weights, scale, lines, gaps })
    })
}

impl Drawn {
    pub fn weight(&self, rule: usize, member: usize) -> u32 {
        self.weights[member].get(rule).copied().unwrap_or(1)
    }

    pub fn weight_sum(&self, line: &DrawnLine) -> i128 {
        line.takers
            .iter()
            .map(|&member| i128::from(self.weight(line.rule, member)))
            .sum()
    }

    /// A line that nobody could pay becomes zero.
    fn mended(mut self) -> Self {
        for index in 0..self.lines.len() {
            if self.weight_sum(&self.lines[index]) == 0 {
                self.lines[index].net = 0;
            }
        }
        self
    }

    pub fn case(&self) -> Case {
        let id = |member: usize| format!("2159{member:05}");
        let member = |index: usize| {
            let weight = |key: usize| {
                let digits = format!("{:0>5}", self.weights[index][key]);
                let (integer, decimals) = digits.split_at(digits.len() - self.scale);
                let integer = integer.trim_start_matches('0');
                let integer = if integer.is_empty() { "0" } else { integer };
                let point = if decimals.is_empty() { "" } else { "." };
                Weight::parse(&format!("{integer}{point}{decimals}")).unwrap()
            };
            Member::new(id(index))
                .with("population", weight(0))
                .with("units", weight(1))
        };
        let everyone = self.weights.len();
        let lines = self.lines.iter().enumerate().map(|(index, line)| Line {
            id: format!("L{index}"),
            lot: Some(format!("{}", index % 2)),
            label: format!("Ligne {index}"),
            net: Cents(line.net),
            tax: groups()[line.group],
            rule: match line.rule {
                0 => AllocationRule::proportional("population"),
                1 => AllocationRule::proportional("units"),
                _ => AllocationRule::Equal,
            },
            members: (line.takers.len() < everyone)
                .then(|| line.takers.iter().map(|&member| id(member)).collect()),
        });
        let taxes = groups().into_iter().enumerate().map(|(index, group)| {
            let net = self
                .lines
                .iter()
                .filter(|line| line.group == index)
                .map(|line| line.net);
            let nominal = group.rate.tax_on(Cents(net.sum())).unwrap();
            let gap = if self.is_base_zero(index) {
                0
            } else {
                self.gaps[index]
            };
            TaxTotal {
                group,
                amount: Cents(nominal.0 + gap),
            }
        });
        Case {
            members: (0..everyone).map(member).collect(),
            lines: lines.collect(),
            taxes: taxes.collect(),
            ..Case::default()
        }
    }

    /// Whether each member's exact net in the group is zero.
    fn is_base_zero(&self, group: usize) -> bool {
        let lines: Vec<&DrawnLine> = self.lines.iter().filter(|l| l.group == group).collect();
        let product: Vec<i128> = lines
            .iter()
            .map(|line| self.weight_sum(line).max(1))
            .collect();
        (0..self.weights.len()).all(|member| {
            // The sum of fractions over one denominator, in lowest terms at each step.
            let (mut numerator, mut denominator) = (0_i128, 1_i128);
            for (line, sum) in lines.iter().zip(&product) {
                if line.takers.contains(&member) {
                    let part = i128::from(line.net) * i128::from(self.weight(line.rule, member));
                    numerator = numerator * sum + part * denominator;
                    denominator *= sum;
                    let divisor = gcd(numerator.abs(), denominator).max(1);
                    (numerator, denominator) = (numerator / divisor, denominator / divisor);
                }
            }
            numerator == 0
        })
    }
}

fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

pub fn drawn_case() -> impl Strategy<Value = (Drawn, Case)> {
    drawn().prop_map(|drawn| {
        let drawn = drawn.mended();
        let case = drawn.case();
        (drawn, case)
    })
}

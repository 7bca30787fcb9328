//! Which numbers hold the dues of an invoice: chosen once, and all give the same shares.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::Zero;

use super::fixed;
use super::grid::{Desk, Grid, Held, Rounded, Row};
use super::levels::Levels;
use super::parts::Due;
use super::stage::Stage;
use super::wide::{self, Wide};
use crate::allocation::{AllocationError, Fraction};

/// Rounds rows, in their order; `carry` is what each member is owed from before, or empty.
///
/// | rows             | cells                  | why                                    |
/// |------------------|------------------------|----------------------------------------|
/// | 1 between 2      | 1, 0                   | the lower id                           |
/// | 1, then 1        | 1, 0 then 0, 1         | the second is owed half a cent         |
/// | 1, carry 0, ½    | 0, 1                   | the second was owed half a cent before |
pub(super) fn round(
    rows: &[Row],
    levels: &Levels,
    members: usize,
    carry: &[Fraction],
    held: &Held,
) -> Result<Rounded, AllocationError> {
    let unit = common_unit(rows, carry);
    match Tier::of(rows, levels, carry, &unit) {
        Tier::Short => rounded_in::<i64>(rows, levels, held, members, &unit, carry),
        Tier::Narrow => quickly::<i128>(rows, levels, held, members, &unit, carry),
        Tier::Wide => quickly::<Wide>(rows, levels, held, members, &unit, carry),
        Tier::Big => quickly::<BigInt>(rows, levels, held, members, &unit, carry),
    }
}

/// In fixed point, and in exact numbers where that is quicker.
fn quickly<D: Due>(
    rows: &[Row],
    levels: &Levels,
    held: &Held,
    members: usize,
    unit: &BigInt,
    carry: &[Fraction],
) -> Result<Rounded, AllocationError> {
    if fixed::fits(&most_owed(rows, levels, carry)) {
        let cells = rows.iter().map(|row| row.takers.len()).sum();
        let effort_max = fixed::effort_max(cells);
        let all = (rows, levels, held);
        if let Some(rounded) = fixed::rounded::<D>(all, members, unit, carry, effort_max)? {
            return Ok(rounded);
        }
    }
    rounded_in::<D>(rows, levels, held, members, unit, carry)
}

/// More cents than any sum of dues along a chain comes to.
fn most_owed(rows: &[Row], levels: &Levels, carry: &[Fraction]) -> BigInt {
    let deepest = (0..rows.len()).map(|row| levels.chain(row).len()).max();
    let depth = BigInt::from(deepest.unwrap_or(1));
    let owed = carry.iter().map(Fraction::magnitude).max();
    let owed = owed.map_or(BigInt::ZERO, |due| due.numerator() / due.denominator() + 1);
    // A rank adds the dues of a chain: each is under a cent for every row, and what is owed.
    depth * (owed + rows.len() + 2)
}

/// Which numbers hold every sum of dues.
pub(super) enum Tier {
    Short,
    Narrow,
    Wide,
    Big,
}

impl Tier {
    pub fn of(rows: &[Row], levels: &Levels, carry: &[Fraction], unit: &BigInt) -> Self {
        let most = unit * most_owed(rows, levels, carry);
        match most.bits() {
            bits if bits < 62 => Self::Short,
            bits if bits < 126 => Self::Narrow,
            bits if bits < wide::BITS => Self::Wide,
            _ => Self::Big,
        }
    }
}

/// The rounding in one tier, whose numbers hold every sum of dues.
pub(super) fn rounded_in<D: Due>(
    rows: &[Row],
    levels: &Levels,
    held: &Held,
    members: usize,
    unit: &BigInt,
    carry: &[Fraction],
) -> Result<Rounded, AllocationError> {
    Grid::new(rows, levels, held, members, D::of(unit)).rounded(&in_units(carry, unit))
}

fn in_units<D: Due>(cents: &[Fraction], unit: &BigInt) -> Vec<D> {
    let units = |due: &Fraction| D::of(&(due.numerator() * (unit / due.denominator())));
    cents.iter().map(units).collect()
}

/// The least number of parts of a cent in which every value is whole.
pub(super) fn common_unit(rows: &[Row], carry: &[Fraction]) -> BigInt {
    let rows = rows.iter().map(|row| row.parts.denominator());
    let carry = carry.iter().map(|due| due.denominator().clone());
    rows.chain(carry)
        .fold(BigInt::from(1), |unit, denominator| {
            if (&unit % &denominator).is_zero() {
                unit
            } else {
                unit.lcm(&denominator)
            }
        })
}

/// The ranks of those who compete for the leftover of a row, by member.
pub(super) fn ranks(
    stage: &Stage,
    members: usize,
    carry: &[Fraction],
    row: usize,
) -> Result<BTreeMap<usize, usize>, AllocationError> {
    let unit = common_unit(&stage.rows, carry);
    match Tier::of(&stage.rows, &stage.levels, carry, &unit) {
        Tier::Short => ranks_in::<i64>(stage, members, carry, row, &unit),
        Tier::Narrow => ranks_in::<i128>(stage, members, carry, row, &unit),
        Tier::Wide => ranks_in::<Wide>(stage, members, carry, row, &unit),
        Tier::Big => ranks_in::<BigInt>(stage, members, carry, row, &unit),
    }
}

fn ranks_in<D: Due>(
    stage: &Stage,
    members: usize,
    carry: &[Fraction],
    row: usize,
    unit: &BigInt,
) -> Result<BTreeMap<usize, usize>, AllocationError> {
    let carry: Vec<D> = in_units(carry, unit);
    let (rows, levels, held) = (&stage.rows, &stage.levels, &stage.held);
    let mut grid = Grid::new(rows, levels, held, members, D::of(unit));
    let mut desk = Desk::new();
    for (index, own) in rows.iter().enumerate().take(row + 1) {
        grid.open(index, own, &carry, &mut desk)?;
        if index < row {
            grid.serve(index, own, &mut desk)?;
        }
    }
    let ranked = &mut desk.ranked;
    ranked.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let takers = rows.get(row).map_or(&[][..], |row| &row.takers);
    let member = |position: u32| takers.get(usize::try_from(position).ok()?).copied();
    let ranked = ranked.iter().filter_map(|(_, position)| member(*position));
    Ok(ranked.zip(1..).collect())
}

//! The subtotals of a member: gross ⊃ net ⊃ tax group ⊃ lot ⊃ line, and gross ⊃ tax ⊃ group.

use std::collections::BTreeMap;

use crate::allocation::{Subtotal, TaxGroup};

/// The tree of subtotals that every member has, each to be within a cent of its exact value.
///
/// A subtotal of one part is that part: it is not there twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Levels {
    /// The root is the first; a level comes after the one above it.
    levels: Vec<Level>,
    /// The lowest level of each row.
    homes: Vec<usize>,
}

/// One subtotal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Level {
    /// The widest of the subtotals that are the same.
    pub name: Subtotal,
    pub above: Option<usize>,
    pub below: Vec<usize>,
    pub rows: Vec<usize>,
}

/// Where a row belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place<'a> {
    Net {
        group: TaxGroup,
        lot: Option<&'a str>,
    },
    Tax,
}

enum Branch {
    Row(usize),
    Level(Subtotal, Vec<Branch>),
}

impl Levels {
    /// The tree of rows that belong to these places.
    pub fn of(places: &[Place<'_>]) -> Self {
        let mut groups: BTreeMap<TaxGroup, BTreeMap<Option<&str>, Vec<Branch>>> = BTreeMap::new();
        let mut taxes = Vec::new();
        for (row, place) in places.iter().enumerate() {
            match place {
                Place::Tax => taxes.push(Branch::Row(row)),
                Place::Net { group, lot } => {
                    let lots = groups.entry(*group).or_default();
                    lots.entry(*lot).or_default().push(Branch::Row(row));
                }
            }
        }
        let nets = groups.into_iter().map(|(group, lots)| {
            let mut branches = Vec::new();
            for (lot, rows) in lots {
                match lot {
                    Some(lot) => {
                        let lot = Subtotal::Lot(group, lot.to_owned());
                        branches.push(Branch::Level(lot, rows));
                    }
                    // A line without a lot stands directly under its tax group.
                    None => branches.extend(rows),
                }
            }
            Branch::Level(Subtotal::Group(group), branches)
        });
        let net = Branch::Level(Subtotal::Net, nets.collect());
        let tax = Branch::Level(Subtotal::Tax, taxes);
        Self::plant(vec![net, tax], places.len())
    }

    /// The same tree, when the widest subtotal is of one kind of amounts.
    pub fn rooted(mut self, name: Subtotal) -> Self {
        if let Some(root) = self.levels.first_mut() {
            root.name = name;
        }
        self
    }

    fn plant(branches: Vec<Branch>, rows: usize) -> Self {
        let mut tree = Self {
            levels: Vec::new(),
            homes: vec![0; rows],
        };
        let root = match Branch::Level(Subtotal::Gross, branches).pruned() {
            Some(Branch::Level(_, branches)) => branches,
            Some(row @ Branch::Row(_)) => vec![row],
            None => Vec::new(),
        };
        tree.grow(Subtotal::Gross, root, None);
        tree
    }

    fn grow(&mut self, name: Subtotal, branches: Vec<Branch>, above: Option<usize>) -> usize {
        let level = self.levels.len();
        self.levels.push(Level {
            name,
            above,
            below: Vec::new(),
            rows: Vec::new(),
        });
        for branch in branches {
            match branch {
                Branch::Row(row) => {
                    if let Some(home) = self.homes.get_mut(row) {
                        *home = level;
                    }
                    if let Some(own) = self.levels.get_mut(level) {
                        own.rows.push(row);
                    }
                }
                Branch::Level(name, branches) => {
                    let below = self.grow(name, branches, Some(level));
                    if let Some(own) = self.levels.get_mut(level) {
                        own.below.push(below);
                    }
                }
            }
        }
        level
    }

    pub fn count(&self) -> usize {
        self.levels.len()
    }

    pub fn level(&self, index: usize) -> Option<&Level> {
        self.levels.get(index)
    }

    pub fn above(&self, index: usize) -> Option<usize> {
        self.level(index)?.above
    }

    /// The levels that a row counts in, from the lowest up to the root.
    pub fn chain(&self, row: usize) -> Vec<usize> {
        let home = self.homes.get(row).copied().unwrap_or(0);
        std::iter::successors(Some(home), |level| self.above(*level)).collect()
    }

    pub fn home(&self, row: usize) -> usize {
        self.homes.get(row).copied().unwrap_or(0)
    }
}

impl Branch {
    /// Without empty levels, nor levels of one part.
    fn pruned(self) -> Option<Self> {
        let Self::Level(name, branches) = self else {
            return Some(self);
        };
        let mut branches: Vec<Self> = branches.into_iter().filter_map(Self::pruned).collect();
        match branches.len() {
            0 => None,
            // Of two subtotals that are the same, the wider gives its name.
            1 => branches.pop().map(|only| match only {
                Self::Level(_, branches) => Self::Level(name, branches),
                Self::Row(row) => Self::Row(row),
            }),
            _ => Some(Self::Level(name, branches)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::{TaxCategory, TaxRate};

    fn net(percent: &str, lot: Option<&'static str>) -> Place<'static> {
        let group = TaxGroup::new(TaxCategory::Vat, TaxRate::parse(percent).unwrap());
        Place::Net { group, lot }
    }

    #[test]
    fn a_row_counts_in_its_lot_its_group_the_net_and_the_gross() {
        let places = [
            net("20", Some("1")),
            net("20", Some("1")),
            net("20", Some("2")),
            net("20", None),
            net("5.5", Some("1")),
            Place::Tax,
            Place::Tax,
        ];
        let levels = Levels::of(&places);
        // Gross, net, 20 %, its lot 1, tax: lot 2 and 5.5 % are one line each.
        assert_eq!(levels.count(), 5);
        let chains: Vec<usize> = (0..7).map(|row| levels.chain(row).len()).collect();
        assert_eq!(chains, [4, 4, 3, 3, 2, 2, 2]);
        assert_eq!(levels.chain(0), levels.chain(1));
        assert_eq!(levels.chain(0).last(), Some(&0));
    }

    #[test]
    fn lines_alone_have_one_subtotal() {
        let levels = Levels::of(&[net("0", None), net("0", None)]);
        assert_eq!((levels.count(), levels.chain(1)), (1, vec![0]));
        let one = Levels::of(&[net("0", Some("1"))]);
        assert_eq!((one.count(), one.chain(0)), (1, vec![0]));
        assert_eq!(Levels::of(&[]).count(), 1);
    }
}

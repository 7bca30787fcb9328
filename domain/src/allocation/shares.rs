//! Shares by row and member, each name kept once.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::money::Cents;

/// Amounts by row and member (« quotes-parts »), in that order; a zero is left out.
///
/// A large invoice has millions: a cell is two indices and an amount, and a name is written once.
#[derive(Clone, Debug)]
pub struct Shares<K> {
    /// Ascending, each once.
    rows: Vec<K>,
    /// Ascending, each once.
    members: Arc<[String]>,
    /// By row and then by member.
    cells: Vec<Share>,
}

/// One amount, its row and its member as indices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Share {
    row: u32,
    member: u32,
    cents: Cents,
}

impl<K: Ord> Shares<K> {
    /// No share yet, of rows and members that ascend.
    pub(super) fn among(rows: Vec<K>, members: Arc<[String]>) -> Self {
        Self {
            rows,
            members,
            cells: Vec::new(),
        }
    }

    pub(super) fn reserve(&mut self, cells: usize) {
        self.cells.reserve(cells);
    }

    /// Adds the next share, by row and then by member; a zero is left out.
    #[inline]
    pub(super) fn push(&mut self, row: usize, member: usize, cents: Cents) {
        if !cents.is_zero() {
            let index = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
            let (row, member) = (index(row), index(member));
            self.cells.push(Share { row, member, cents });
        }
    }

    /// The share of a member in a row, unless it has none.
    pub fn get<Q: Ord + ?Sized>(&self, row: &Q, member: &str) -> Option<Cents>
    where
        K: Borrow<Q>,
    {
        let row = self
            .rows
            .binary_search_by(|own| own.borrow().cmp(row))
            .ok()?;
        let member = self
            .members
            .binary_search_by(|own| own.as_str().cmp(member));
        let wanted = (u32::try_from(row).ok()?, u32::try_from(member.ok()?).ok()?);
        let found = self
            .cells
            .binary_search_by(|cell| (cell.row, cell.member).cmp(&wanted));
        self.cells.get(found.ok()?).map(|cell| cell.cents)
    }

    pub fn len(&self) -> usize {
        self.cells.len()
    }

    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Each share with the name of its row and of its member, in that order.
    pub fn iter(&self) -> Iter<'_, K> {
        Iter {
            rows: &self.rows,
            members: &self.members,
            cells: self.cells.iter(),
        }
    }

    /// The members by the index that `cells` gives them.
    pub(super) fn members(&self) -> &[String] {
        &self.members
    }

    pub(super) fn rows(&self) -> &[K] {
        &self.rows
    }

    /// Each share as the indices of its row and of its member.
    pub(super) fn cells(&self) -> impl Iterator<Item = (usize, usize, Cents)> {
        let index = |index: u32| usize::try_from(index).unwrap_or(usize::MAX);
        let cells = self.cells.iter();
        cells.map(move |cell| (index(cell.row), index(cell.member), cell.cents))
    }
}

impl<K: Ord + Clone> Shares<K> {
    /// The same by name, for who changes some.
    pub fn to_map(&self) -> BTreeMap<(K, String), Cents> {
        let named = self.iter();
        named
            .map(|((row, member), cents)| ((row.clone(), member.clone()), *cents))
            .collect()
    }
}

impl<K> Default for Shares<K> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            members: Arc::new([]),
            cells: Vec::new(),
        }
    }
}

/// Two are equal that say the same, whatever rows and members have nothing.
impl<K: Ord> PartialEq for Shares<K> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl<K: Ord> Eq for Shares<K> {}

impl<K: Ord + Clone> From<BTreeMap<(K, String), Cents>> for Shares<K> {
    fn from(map: BTreeMap<(K, String), Cents>) -> Self {
        let rows: BTreeSet<&K> = map.keys().map(|(row, _)| row).collect();
        let members: BTreeSet<&String> = map.keys().map(|(_, member)| member).collect();
        let rows: Vec<K> = rows.into_iter().cloned().collect();
        let members: Arc<[String]> = members.into_iter().cloned().collect();
        let mut shares = Self::among(rows, members);
        shares.reserve(map.len());
        for ((row, member), cents) in map {
            let row = shares.rows.binary_search(&row);
            let member = shares.members.binary_search(&member);
            if let (Ok(row), Ok(member)) = (row, member) {
                let index = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
                // What a file says is kept, even a zero: it is for the proof to refuse.
                shares.cells.push(Share {
                    row: index(row),
                    member: index(member),
                    cents,
                });
            }
        }
        shares
    }
}

/// Shares one by one (« parcours des quotes-parts »).
pub struct Iter<'a, K> {
    rows: &'a [K],
    members: &'a [String],
    cells: std::slice::Iter<'a, Share>,
}

impl<'a, K> Iterator for Iter<'a, K> {
    type Item = ((&'a K, &'a String), &'a Cents);

    fn next(&mut self) -> Option<Self::Item> {
        let cell = self.cells.next()?;
        let row = self.rows.get(usize::try_from(cell.row).ok()?)?;
        let member = self.members.get(usize::try_from(cell.member).ok()?)?;
        Some(((row, member), &cell.cents))
    }
}

impl<'a, K: Ord> IntoIterator for &'a Shares<K> {
    type Item = ((&'a K, &'a String), &'a Cents);
    type IntoIter = Iter<'a, K>;

    fn into_iter(self) -> Iter<'a, K> {
        self.iter()
    }
}

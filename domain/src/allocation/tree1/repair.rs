//! Brings every subtotal within a cent of its exact value, moving cents inside rows.
//!
//! Rows, subtotals and a sink above the roots make a network: a cent goes from a row to a
//! member's lowest subtotal and up to the sink. A subtotal may rise where more is owed than
//! allocated and sink where less is; a cell moves between its floor and its ceiling. A
//! subtotal that strays by a cent always lies on a cycle of such moves, because the two
//! families of constraints (rows; subtotals of members) are laminar.

use std::collections::VecDeque;

use super::grid::{Grid, Stand};
use super::network::{Corner, Network, Seen};
use super::parts::Due;
use crate::allocation::AllocationError;
use crate::allocation::record::{Mend, Move};

impl Move {
    /// The cell that a step of a path flips, if any.
    fn between(from: Corner, to: Corner) -> Option<Self> {
        let (row, member, gains) = match (from, to) {
            (Corner::Row(row), Corner::Subtotal { member, .. }) => (row, member, true),
            (Corner::Subtotal { member, .. }, Corner::Row(row)) => (row, member, false),
            (Corner::Row(_), Corner::Row(_) | Corner::Sink)
            | (Corner::Subtotal { .. }, Corner::Subtotal { .. } | Corner::Sink)
            | (Corner::Sink, _) => return None,
        };
        Some(Self { row, member, gains })
    }
}

/// Which way a subtotal strays.
#[derive(Clone, Copy)]
enum Strayed {
    /// A cent or more is owed.
    Short,
    /// A cent or more is allocated too much.
    Over,
}

impl<D: Due> Grid<'_, D> {
    pub(super) fn repair(&mut self) -> Result<(), AllocationError> {
        let mut seen = None;
        for level in 0..self.levels.count() {
            for member in 0..self.members {
                // A repair moves the subtotal by one cent and makes no other stray.
                while let Some(strayed) = self.strayed(level, member) {
                    let network = Network {
                        rows: self.rows.len(),
                        levels: self.levels.count(),
                    };
                    let seen = seen.get_or_insert_with(|| network.seen(self.members));
                    self.mend(level, member, strayed, seen)?;
                }
            }
        }
        Ok(())
    }

    fn strayed(&self, level: usize, member: usize) -> Option<Strayed> {
        let due = self.due(level, member);
        if *due >= self.unit {
            return Some(Strayed::Short);
        }
        let mut margin = due.clone();
        margin += &self.unit;
        (margin <= D::zero()).then_some(Strayed::Over)
    }

    fn mend(
        &mut self,
        level: usize,
        member: usize,
        strayed: Strayed,
        seen: &mut Seen,
    ) -> Result<(), AllocationError> {
        let own = Corner::Subtotal { level, member };
        let above = self.above(level, member);
        let (from, to) = match strayed {
            Strayed::Short => (above, own),
            Strayed::Over => (own, above),
        };
        // What a tariff has read moves only when nothing else can.
        let mut path = Search::new(self, seen, to, member, false).find(from);
        if path.is_none() {
            path = Search::new(self, seen, to, member, true).find(from);
        }
        let path = path.ok_or(AllocationError::Unsettled)?;
        let mut moves = Vec::new();
        for (a, b) in path.iter().zip(path.iter().skip(1)) {
            self.step(*a, *b);
            moves.extend(Move::between(*a, *b));
        }
        self.step(to, from);
        self.mends.push(Mend {
            after: self.rounded_rows(),
            level,
            member,
            moves,
        });
        self.repairs += 1;
        Ok(())
    }

    /// One cent goes from a corner to the next.
    fn step(&mut self, from: Corner, to: Corner) {
        let unit = self.unit.clone();
        match (from, to) {
            (Corner::Row(row), Corner::Subtotal { member, .. })
            | (Corner::Subtotal { member, .. }, Corner::Row(row)) => self.flip(row, member),
            (Corner::Subtotal { level, member }, above) if self.above(level, member) == above => {
                *self.due_mut(level, member) -= &unit;
            }
            (_, Corner::Subtotal { level, member }) => *self.due_mut(level, member) += &unit,
            (_, Corner::Row(_) | Corner::Sink) => {}
        }
    }

    fn above(&self, level: usize, member: usize) -> Corner {
        match self.levels.above(level) {
            Some(level) => Corner::Subtotal { level, member },
            None => Corner::Sink,
        }
    }

    fn may_rise(&self, level: usize, member: usize) -> bool {
        *self.due(level, member) > D::zero()
    }

    fn may_fall(&self, level: usize, member: usize) -> bool {
        *self.due(level, member) < D::zero()
    }
}

/// A path for one cent, looked for from both ends.
///
/// What lies within the member at the end is known first; from the start, members are tried
/// one at a time, so that the search ends at the first who can make the exchange.
struct Search<'g, 'a, D> {
    grid: &'g Grid<'a, D>,
    /// What is known to lead to the end, and what has been reached.
    seen: &'g mut Seen,
    to: Corner,
    /// Whether held rows may move too.
    thawed: bool,
    /// The member where the loops over members begin, so that the same are not always asked.
    first: usize,
    waiting: VecDeque<Corner>,
}

impl<'g, 'a, D: Due> Search<'g, 'a, D> {
    fn new(
        grid: &'g Grid<'a, D>,
        seen: &'g mut Seen,
        to: Corner,
        member: usize,
        thawed: bool,
    ) -> Self {
        seen.forget();
        seen.lead(to, to);
        let mut search = Self {
            grid,
            seen,
            to,
            thawed,
            first: member.saturating_add(1),
            waiting: VecDeque::new(),
        };
        search.look_back();
        search
    }

    fn find(mut self, from: Corner) -> Option<Vec<Corner>> {
        let mut meeting = self.enter(from, from);
        while meeting.is_none() {
            let corner = self.waiting.pop_front()?;
            meeting = self.expand(corner);
        }
        let meeting = meeting?;
        let back = |corner: &Corner| self.seen.before(*corner).filter(|c| c != corner);
        let mut path: Vec<Corner> = std::iter::successors(Some(meeting), back).collect();
        path.reverse();
        let on = |corner: &Corner| self.seen.after(*corner).filter(|c| c != corner);
        path.extend(std::iter::successors(on(&meeting), on));
        Some(path)
    }

    fn stands(&self, row: usize, member: usize, stand: Stand) -> bool {
        let held = self.grid.held.rows.get(row).copied().unwrap_or(false);
        (self.thawed || !held) && self.grid.stand(row, member) == Some(stand)
    }

    /// What leads to the end within its member.
    fn look_back(&mut self) {
        let (mut stack, mut before) = (vec![self.to], Vec::new());
        while let Some(corner) = stack.pop() {
            let Corner::Subtotal { level, member } = corner else {
                continue;
            };
            before.clear();
            if self.grid.may_fall(level, member) {
                before.push(self.grid.above(level, member));
            }
            if let Some(own) = self.grid.levels.level(level) {
                let below = own.below.iter().copied();
                let rising = below.filter(|below| self.grid.may_rise(*below, member));
                before.extend(rising.map(|level| Corner::Subtotal { level, member }));
                let floor = |row: &usize| self.stands(*row, member, Stand::Floor);
                before.extend(own.rows.iter().copied().filter(floor).map(Corner::Row));
            }
            for previous in before.drain(..) {
                if self.seen.after(previous).is_none() {
                    self.seen.lead(previous, corner);
                    stack.push(previous);
                }
            }
        }
    }

    /// Reaches a corner and what lies within its member; gives the corner that leads to the end.
    fn enter(&mut self, corner: Corner, previous: Corner) -> Option<Corner> {
        let mut stack = vec![(corner, previous)];
        while let Some((corner, previous)) = stack.pop() {
            if self.seen.before(corner).is_some() {
                continue;
            }
            self.seen.reach(corner, previous);
            if self.seen.after(corner).is_some() {
                return Some(corner);
            }
            let Corner::Subtotal { level, member } = corner else {
                self.waiting.push_back(corner);
                continue;
            };
            if self.grid.may_rise(level, member) {
                stack.push((self.grid.above(level, member), corner));
            }
            if let Some(own) = self.grid.levels.level(level) {
                let below = own.below.iter().copied();
                let falling = below.filter(|below| self.grid.may_fall(*below, member));
                stack.extend(falling.map(|level| (Corner::Subtotal { level, member }, corner)));
                let raised = |row: &usize| self.stands(*row, member, Stand::Ceiling);
                let rows = own.rows.iter().copied().filter(raised);
                stack.extend(rows.map(|row| (Corner::Row(row), corner)));
            }
        }
        None
    }

    /// Tries the members that a row or the sink leads to.
    fn expand(&mut self, corner: Corner) -> Option<Corner> {
        let grid = self.grid;
        match corner {
            Corner::Row(row) => {
                let takers = &grid.rows.get(row)?.takers;
                let level = grid.levels.home(row);
                let turn = takers.partition_point(|taker| *taker < self.first);
                let all = takers.iter().zip(grid.stands(row));
                let turned = all.clone().skip(turn).chain(all.take(turn));
                for (member, stand) in turned {
                    if *stand == Stand::Floor {
                        let member = *member;
                        let meeting = self.enter(Corner::Subtotal { level, member }, corner);
                        if meeting.is_some() {
                            return meeting;
                        }
                    }
                }
                None
            }
            Corner::Sink => {
                let turn = self.first.min(grid.members);
                for member in (turn..grid.members).chain(0..turn) {
                    if grid.may_fall(0, member) {
                        let level = 0;
                        let meeting = self.enter(Corner::Subtotal { level, member }, corner);
                        if meeting.is_some() {
                            return meeting;
                        }
                    }
                }
                None
            }
            Corner::Subtotal { .. } => None,
        }
    }
}

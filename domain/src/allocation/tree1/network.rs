//! The network that a repair searches, and what a search has seen of it.

/// A corner of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Corner {
    Row(usize),
    Subtotal { level: usize, member: usize },
    Sink,
}

/// How many rows and levels there are.
#[derive(Clone, Copy)]
pub(super) struct Network {
    pub rows: usize,
    pub levels: usize,
}

/// Corners with another that follows or precedes them, forgotten all at once.
///
/// An invoice of all communes takes thousands of searches: each leaves its marks where they
/// are, and the next one counts them as none.
pub(super) struct Seen {
    network: Network,
    turn: usize,
    /// The member at the end: nobody else's subtotals are known to lead there.
    own: usize,
    /// By corner, with the subtotals of that member alone.
    toward: Vec<Mark>,
    /// By corner.
    reached: Vec<Mark>,
}

#[derive(Clone, Copy, Default)]
struct Mark {
    turn: usize,
    corner: usize,
}

impl Network {
    pub fn seen(self, members: usize) -> Seen {
        let reached = self.rows + 1 + self.levels * members;
        Seen {
            network: self,
            turn: 0,
            toward: vec![Mark::default(); self.rows + 1 + self.levels],
            own: 0,
            reached: vec![Mark::default(); reached],
        }
    }

    fn index(self, corner: Corner) -> usize {
        match corner {
            Corner::Row(row) => row,
            Corner::Sink => self.rows,
            Corner::Subtotal { level, member } => self.rows + 1 + member * self.levels + level,
        }
    }

    fn corner(self, index: usize) -> Corner {
        match index.checked_sub(self.rows + 1) {
            None if index == self.rows => Corner::Sink,
            None => Corner::Row(index),
            Some(place) => Corner::Subtotal {
                level: place % self.levels.max(1),
                member: place / self.levels.max(1),
            },
        }
    }
}

impl Seen {
    pub fn forget(&mut self) {
        self.turn += 1;
    }

    /// A corner leads to the end by the next one.
    pub fn lead(&mut self, corner: Corner, next: Corner) {
        if let Corner::Subtotal { member, .. } = corner {
            self.own = member;
        }
        let mark = self.mark(next);
        if let Some(at) = self.place(corner)
            && let Some(own) = self.toward.get_mut(at)
        {
            *own = mark;
        }
    }

    /// A corner is reached from the one before.
    pub fn reach(&mut self, corner: Corner, before: Corner) {
        let (mark, at) = (self.mark(before), self.network.index(corner));
        if let Some(own) = self.reached.get_mut(at) {
            *own = mark;
        }
    }

    /// The next corner towards the end.
    pub fn after(&self, corner: Corner) -> Option<Corner> {
        self.read(self.toward.get(self.place(corner)?)?)
    }

    /// The corner before, for one that has been reached.
    pub fn before(&self, corner: Corner) -> Option<Corner> {
        self.read(self.reached.get(self.network.index(corner))?)
    }

    /// Among the corners of the member at the end.
    fn place(&self, corner: Corner) -> Option<usize> {
        match corner {
            Corner::Row(_) | Corner::Sink => Some(self.network.index(corner)),
            Corner::Subtotal { level, member } => {
                (member == self.own).then_some(self.network.rows + 1 + level)
            }
        }
    }

    fn mark(&self, corner: Corner) -> Mark {
        Mark {
            turn: self.turn,
            corner: self.network.index(corner),
        }
    }

    fn read(&self, mark: &Mark) -> Option<Corner> {
        (mark.turn == self.turn).then(|| self.network.corner(mark.corner))
    }
}

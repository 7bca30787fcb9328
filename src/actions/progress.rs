//! How far a long piece of work is, for whoever waits for it.
use std::sync::atomic::{AtomicI64, Ordering};

/// Steps done of those expected; written by the work, read by a bar or a row.
#[derive(Debug, Default)]
pub struct Progress {
    done: AtomicI64,
    total: AtomicI64,
}

impl Progress {
    /// Says how many steps there are; zero until it is known.
    pub fn expect(&self, total: usize) {
        let total = i64::try_from(total).unwrap_or(i64::MAX);
        self.total.store(total, Ordering::Relaxed);
    }

    /// Says that one more step is done.
    pub fn advance(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    /// Steps done and expected; a step that had to be done again is not counted beyond the end.
    #[must_use]
    pub fn far(&self) -> (i64, i64) {
        let total = self.total.load(Ordering::Relaxed);
        (self.done.load(Ordering::Relaxed).min(total), total)
    }
}

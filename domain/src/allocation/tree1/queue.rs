//! Who is the last to be served: the k-th largest of many ranks, in time proportional to them.

/// The rank of who does not compete.
pub(super) const ABSENT: i64 = i64::MIN;

/// How many buckets tell ranks apart at first, as a power of two.
const BUCKET_BITS: u32 = 11;

/// What ranks are counted in, kept from one row to the next.
#[derive(Default)]
pub(super) struct Queue {
    least: i64,
    /// How far a rank is shifted to give its bucket.
    shift: u32,
    counts: Vec<u32>,
    edge: Vec<i64>,
}

impl Queue {
    /// Looks at the ranks once, and tells how many compete.
    pub fn measure(&mut self, ranks: &[i64]) -> usize {
        let (mut least, mut most, mut absent) = (i64::MAX, ABSENT, 0);
        for rank in ranks {
            let own = if *rank == ABSENT { i64::MAX } else { *rank };
            least = least.min(own);
            most = most.max(*rank);
            absent += usize::from(*rank == ABSENT);
        }
        self.least = least;
        let spread = most.abs_diff(least);
        self.shift = (u64::BITS - spread.leading_zeros()).saturating_sub(BUCKET_BITS);
        ranks.len() - absent
    }

    /// The `left`-th largest of the ranks that were measured; at least as many compete.
    pub fn edge(&mut self, ranks: &[i64], left: usize) -> i64 {
        self.counts.clear();
        self.counts.resize(1 << BUCKET_BITS, 0);
        let bucket = self.buckets();
        for rank in ranks {
            if let Some(count) = self.counts.get_mut(bucket(*rank)) {
                *count += 1;
            }
        }
        // Whole buckets from the top, then some of the bucket where the last cent falls.
        let (mut above, mut at) = (0, 0);
        for (bucket, count) in self.counts.iter().enumerate().rev() {
            let count = usize::try_from(*count).unwrap_or(0);
            at = bucket;
            if above + count >= left {
                break;
            }
            above += count;
        }
        let mut edge = std::mem::take(&mut self.edge);
        edge.clear();
        edge.extend(ranks.iter().filter(|rank| bucket(**rank) == at));
        let within = (left - above)
            .saturating_sub(1)
            .min(edge.len().saturating_sub(1));
        let found = match edge.is_empty() {
            true => self.least,
            false => *edge.select_nth_unstable_by(within, |a, b| b.cmp(a)).1,
        };
        self.edge = edge;
        found
    }

    /// The bucket of a rank; past the last for who does not compete.
    fn buckets(&self) -> impl Fn(i64) -> usize + use<> {
        let (least, shift) = (self.least, self.shift);
        move |rank| {
            if rank == ABSENT {
                return usize::MAX;
            }
            usize::try_from(rank.abs_diff(least) >> shift).unwrap_or(usize::MAX)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_one_served_is_that_of_a_sort() {
        let mut seed = 11_u64;
        let mut draw = |below: i64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            i64::try_from(seed >> 33).unwrap() % below
        };
        let mut queue = Queue::default();
        for below in [1, 2, 3, 40, 1 << 12, 1 << 31] {
            for far in [1, 1 << 29] {
                for _ in 0..40 {
                    let many = usize::try_from(1 + draw(70)).unwrap();
                    let mut rank = || match draw(5) {
                        0 => ABSENT,
                        _ => (draw(below) - below / 2) * far,
                    };
                    let ranks: Vec<i64> = (0..many).map(|_| rank()).collect();
                    let mut sorted: Vec<i64> = ranks
                        .iter()
                        .copied()
                        .filter(|rank| *rank != ABSENT)
                        .collect();
                    sorted.sort_by(|a, b| b.cmp(a));
                    assert_eq!(queue.measure(&ranks), sorted.len());
                    for left in 1..=sorted.len() {
                        assert_eq!(queue.edge(&ranks, left), sorted[left - 1]);
                    }
                }
            }
        }
    }
}

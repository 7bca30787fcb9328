//! Time and identifiers: the only door to the outside world's randomness.
//!
//! Production asks the operating system, tests decide.
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use uuid::Uuid;

/// Where "now" and new identifiers come from.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's clock and random `UUIDv7`.
    #[default]
    System,
    /// A clock that stands still until a test moves it, with counted identifiers.
    Stopped(Arc<Mutex<Stopped>>),
}

/// The state of a stopped clock.
#[derive(Debug)]
pub struct Stopped {
    now: DateTime<Utc>,
    drawn: u64,
}

impl Clock {
    /// A clock for tests, standing at `instant`; its identifiers are the same at every run.
    #[must_use]
    pub fn stopped_at(instant: DateTime<Utc>) -> Self {
        Self::Stopped(Arc::new(Mutex::new(Stopped {
            now: instant.trunc_subsecs(6),
            drawn: 0,
        })))
    }

    /// The current instant, truncated to microseconds: PostgreSQL keeps no more, and a hash of a
    /// row must be the same before and after it was stored.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            #[expect(
                clippy::disallowed_methods,
                reason = "the one place that reads the clock"
            )]
            Self::System => Utc::now().trunc_subsecs(6),
            Self::Stopped(state) => state.lock().unwrap_or_else(PoisonError::into_inner).now,
        }
    }

    /// A new identifier, ordered by time.
    #[must_use]
    pub fn new_id(&self) -> Uuid {
        match self {
            #[expect(
                clippy::disallowed_methods,
                reason = "the one place that draws identifiers"
            )]
            Self::System => Uuid::now_v7(),
            Self::Stopped(state) => {
                let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                state.drawn += 1;
                Uuid::from_u64_pair(0x0190_0000_0000_7000, 0x8000_0000_0000_0000 | state.drawn)
            }
        }
    }

    /// A new secret of 256 bits in hexadecimal, for links and tokens.
    #[must_use]
    pub fn new_secret(&self) -> String {
        match self {
            Self::System => {
                let halves: [u128; 2] = rand::random();
                halves.iter().map(|half| format!("{half:032x}")).collect()
            }
            Self::Stopped(_) => format!("{:064x}", self.new_id().as_u128()),
        }
    }

    /// Moves a stopped clock; the system's cannot be moved.
    pub fn advance(&self, by: TimeDelta) {
        if let Self::Stopped(state) = self {
            state.lock().unwrap_or_else(PoisonError::into_inner).now += by;
        }
    }
}

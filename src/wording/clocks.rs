//! On whose clocks the hours of a refusal are told: those of who reads it.
//!
//! A refusal carries an instant and no zone. A face opens the scope around its work, and says who
//! reads as soon as it knows.
use std::cell::Cell;

use chrono_tz::{Europe::Paris, Tz};

tokio::task_local! {
    static READER: Cell<Tz>;
}

/// Does some work in which hours are told in Paris until somebody is known to read them.
pub async fn telling<F: Future>(work: F) -> F::Output {
    READER.scope(Cell::new(Paris), work).await
}

/// From now on hours are told on these clocks; outside of any scope nobody reads.
pub fn tell_on(zone: Tz) {
    let _nobody = READER.try_with(|reader| reader.set(zone));
}

/// The clocks of who reads.
pub(super) fn of_reader() -> Tz {
    READER.try_with(Cell::get).unwrap_or(Paris)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn hours_are_those_of_the_reader_within_the_scope_alone() {
        let inside = telling(async {
            let before = of_reader();
            tell_on(chrono_tz::Indian::Reunion);
            (before, of_reader())
        });
        assert_eq!(inside.await, (Paris, chrono_tz::Indian::Reunion));
        tell_on(chrono_tz::Indian::Reunion);
        assert_eq!(of_reader(), Paris);
    }
}

//! Grouped purchases, from the round to the recovery of what each member owes.
pub mod agreement;
pub mod grouping;
pub mod lot;
pub mod membership;
pub mod round;
pub mod thresholds;
